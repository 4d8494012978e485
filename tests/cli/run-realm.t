Realm streams: the address space and the memory encryption context of what goes out, T and XT of PCIe packets, and what
the explanation tells of what is fetched. GMECID is 9, and the MECID of the STEs 0x1234.

$ smref run run/realm.json
#0 read   realm sid 0x1 addr 0x1008          -> pa 0x1008 realm mecid 0x1234  untranslated  normal wb-ra-wa-nt nsh
#1 read   realm sid 0x2 addr 0x1008          -> pa 0x40001008 realm mecid 0x1234  page 1G    normal wb-ra-wa-nt ish
#2 read   realm sid 0x2 addr 0x40001008      -> pa 0x40001008                     page 1G    normal wb-ra-wa-nt ish
#3 read   realm sid 0x2 addr 0x40001008 inst -> abort F_PERMISSION stage 1  S1_REALM_EXECUTE: Realm stream, EL2 worlds: stage 1 leads an instruction fetch to Non-secure memory
#4 read   realm sid 0x3 addr 0x80001008      -> pa 0xc0001008                     page 1G    normal wb-ra-wa-nt ish
#5 read   realm sid 0x3 addr 0x80001008      -> abort F_PERMISSION stage 2 ipa 0x80001000  S2_REALM_UNEXPECTED: Realm stream with STE.NSCFG 0b01: stage 2 leads to another space than the access names
#6 read   realm sid 0x3 addr 0x80001008      -> pa 0xc0001008                     page 1G    normal wb-ra-wa-nt ish
#7 read   realm sid 0x4 addr 0x1008          -> pa 0x40001008 realm mecid 0x1234  page 1G    normal wb-ra-wa-nt ish
#8 read   realm sid 0x4 addr 0x80001008      -> abort F_PERMISSION stage 2 ipa 0x84210000 fetching a descriptor  S2_REALM_TABLE: Realm stream: stage 2 leads the fetch of a stage 1 descriptor to Non-secure memory
#9 read   without sid, realm addr 0x1008     -> pa 0x1008 realm mecid 0x77        untranslated  normal wb-ra-wa-nt nsh

10 steps: 7 ok, 3 aborted
  1 abort F_PERMISSION  S1_REALM_EXECUTE     Realm stream, EL2 worlds: stage 1 leads an instruction fetch to Non-secure memory [7.3.16, DDI 0487 D8.4.1]
  1 abort F_PERMISSION  S2_REALM_UNEXPECTED  Realm stream with STE.NSCFG 0b01: stage 2 leads to another space than the access names [3.9.4.3]
  1 abort F_PERMISSION  S2_REALM_TABLE       Realm stream: stage 2 leads the fetch of a stage 1 descriptor to Non-secure memory [7.3.16]
  by stream: realm sid 0x1 1 ok; realm sid 0x2 2 ok, 1 not; realm sid 0x3 2 ok, 1 not;
    realm sid 0x4 1 ok, 1 not
$ smref run run/realm.json --explain --save saved.json | grep -E '^#|MECID|realm|Realm' | sed -n '/^#7/,/^#8/p'
#7 read   realm sid 0x4 addr 0x1008          -> pa 0x40001008 realm mecid 0x1234  page 1G    normal wb-ra-wa-nt ish
    STE [0x4] at realm:0x44000100, MECID 0x9:
        S2SL0 0b01, S2TG 0b00 4K, S2PS 0b101 PS_48, S2AA64 1, S2R 1, S2TTB 0x44300000, MECID 0x1234
        L1 [0x001] IPA[38:30] at realm:0x44300008, MECID 0x1234: 0x00000000400007fd block
    CD [0x0] at realm:0x44100000, MECID 0x1234:
        L1 [0x001] IPA[38:30] at realm:0x44300008, MECID 0x1234: 0x00000000400007fd block
    L1 [0x000] VA[38:30]  at realm:0x44200000, MECID 0x1234: 0x0000000040000741 block -> 0x40000000
    - Realm stream, Realm-EL1: stage 1 gives Realm addresses [S1_REALM_EL1, 3.10.3]
    L1 [0x001] IPA[38:30] at realm:0x44300008, MECID 0x1234: 0x00000000400007fd block -> 0x40000000
    - Realm stream: NS of the stage 2 descriptor is 0, the output is Realm [S2_REALM, 3.10.3]
    - an access of a Realm stream to Realm memory has the MECID of the STE, as far as R_MECIDR has
      bits for it [MECID, 18, 5.2]
    PA realm:0x40001008, MECID 0x1234, page 1G, normal wb-ra-wa-nt ish, privileged data
#8 read   realm sid 0x4 addr 0x80001008      -> abort F_PERMISSION stage 2 ipa 0x84210000 fetching a descriptor  S2_REALM_TABLE: Realm stream: stage 2 leads the fetch of a stage 1 descriptor to Non-secure memory

## The default MECID where there are no memory encryption contexts.
$ sed 's/"SMMU_R_GMECID": "0x9"/"SMMU_R_IDR3": "0x28000", "SMMU_R_MECIDR": "0x0"/' run/realm.json >without.json
$ smref run without.json --json | sed -n '2p;10p' | grep -c mecid
0
[1]

## Mistakes: the bits tell the Security state; XT is an extension.
$ sed 's/"t": true, /"t": true, "sec_sid": "realm", /' run/realm.json >twice.json
$ smref run twice.json
smref: twice.json:99: steps[5].sec_sid: "t" and "xt" tell it
[2]
$ sed 's/"t": true, //' run/realm.json >alone.json
$ smref run alone.json
smref: alone.json:99: steps[5]: no "t"
[2]
$ sed 's/"SMMU_R_GMECID": "0x9"/"SMMU_R_IDR3": "0x18000"/' run/realm.json >before.json
$ smref run before.json --quiet
smref: before.json:99: steps[5].xt: this SMMU has no XT (R_IDR3.XT)
[2]
$ sed 's/"none", "pas": "realm"/"none", "pas": "ns"/' run/realm.json >space.json
$ smref run space.json
smref: space.json:103: steps[9].mecid: belongs to "pas": "realm"
[2]
$ smref run run/formats.json --sec-sid realm --sid 1 --addr 0x1008
smref: run/formats.json: this SMMU has no Realm state (ROOT_IDR0.REALM_IMPL)
[2]
