smref run: a line a step, and the summary. The snapshots say what their streams are for.

$ smref run run/formats.json
#0  read   sid 0x1 addr 0x40000abc              -> pa 0x80000abc  page 2M    device-nGnRE osh
#1  read   sid 0x1 addr 0x40201abc              -> pa 0x81234abc  page 4K    device-nGnRE osh
#2  write  sid 0x1 addr 0x40201abc         priv -> pa 0x81234abc  page 4K    device-nGnRE osh
#3  read   sid 0x1 addr 0x100000000             -> abort F_TRANSLATION stage 1  S1_LPAE_VA_HIGH: VMSAv8-32: VA[63:32] is not zero
#4  read   sid 0x2 addr 0x20021234              -> pa 0x7000090001234  page 64K   normal wb-ra-wa-nt ish
#5  write  sid 0x2 addr 0xffffffffffff5678 priv -> pa 0x95555678       page 64K   normal wb-ra-wa-nt nsh
#6  read   sid 0x3 addr 0x202345                -> pa 0x99999345       page 4K    normal wb-ra-wa-nt nsh
#7  read   sid 0x4 addr 0x123                   -> pa 0xc0000123       page 1G    normal wb-ra-wa-nt ish
#8  write  sid 0x4 addr 0x123                   -> abort F_PERMISSION stage 2 ipa 0x0  S2_NO_WRITE: no permission to write
#9  read   sid 0x4 addr 0x100000000             -> abort F_TRANSLATION stage 2 ipa 0x100000000  S2_IPA_RANGE: the IPA is outside the range that S2T0SZ gives
#10 read   sid 0x5 addr 0x123                   -> abort F_CD_FETCH at 0x70000000  CD_FETCH_ABORT: external abort on the fetch of a CD
#11 read   sid 0x6 addr 0x123                   -> abort F_TRANSLATION stage 2 ipa 0x80001000 fetching a CD  S2_DESCRIPTOR_INVALID: bit 0 of the descriptor is 0
#12 read   sid 0x7 addr 0x123                   -> pa 0x123            untranslated  device-nGnRE osh
#13 read   sid 0x7 addr 0x100000000000000       -> abort F_ADDR_SIZE stage 1  BYPASS_OAS: STE.Config is 0b100 and the input address exceeds the output address size
#14 read   sid 0x8 addr 0x123                   -> abort without event  STE_CONFIG_ABORT: STE.Config is 0b0xx: abort without an event

15 steps: 8 ok, 7 aborted
  1 abort                STE_CONFIG_ABORT       STE.Config is 0b0xx: abort without an event [5.2]
  1 abort F_ADDR_SIZE    BYPASS_OAS             STE.Config is 0b100 and the input address exceeds the output address size [3.4]
  1 abort F_CD_FETCH     CD_FETCH_ABORT         external abort on the fetch of a CD [7.3.10]
  1 abort F_PERMISSION   S2_NO_WRITE            stage 2: no permission to write [DDI 0487 D8.4.1]
  1 abort F_TRANSLATION  S1_LPAE_VA_HIGH        VMSAv8-32: VA[63:32] is not zero [3.4.1]
  1 abort F_TRANSLATION  S2_IPA_RANGE           the IPA is outside the range that S2T0SZ gives [3.4]
  1 abort F_TRANSLATION  S2_DESCRIPTOR_INVALID  stage 2: bit 0 of the descriptor is 0 [DDI 0487 D8.3.1]
  by stream: sid 0x1 3 ok, 1 not; sid 0x2 2 ok; sid 0x3 1 ok; sid 0x4 1 ok, 2 not; sid 0x5 1 not ok;
    sid 0x6 1 not ok; sid 0x7 1 ok, 1 not; sid 0x8 1 not ok
$ smref run run/nested.json
#0  read   sid 0x1  ssid 0x41 addr 0x123           -> pa 0x80030123  page 4K    normal wb-ra-wa-nt ish
#1  write  sid 0x1  ssid 0x41 addr 0x1123          -> abort F_PERMISSION stage 1  S1_NO_WRITE: no permission to write
#2  read   sid 0x1  ssid 0x41 addr 0x2123          -> abort F_ACCESS stage 1  S1_ACCESS_FLAG: AF is 0 in the leaf descriptor
#3  read   sid 0x1  ssid 0x41 addr 0x3123          -> abort F_TRANSLATION stage 1  S1_DESCRIPTOR_INVALID: bit 0 of the descriptor is 0
#4  read   sid 0x1  ssid 0x41 addr 0x200123        -> abort F_TRANSLATION stage 2 ipa 0x8000000000  S2_DESCRIPTOR_INVALID: bit 0 of the descriptor is 0
#5  read   sid 0x1  ssid 0x41 addr 0x400123        -> abort F_TRANSLATION stage 2 ipa 0xc000000000 fetching a descriptor  S2_DESCRIPTOR_INVALID: bit 0 of the descriptor is 0
#6  read   sid 0x1  ssid 0x41 addr 0x40000123 inst -> pa 0x80030123  page 4K    normal wb-ra-wa-nt ish
#7  read   sid 0x1  ssid 0x1  addr 0x123           -> abort C_BAD_SUBSTREAMID  L1CD_INVALID: L1CD.V is 0
#8  read   sid 0x1            addr 0x123           -> abort C_BAD_SUBSTREAMID  L1CD_INVALID: L1CD.V is 0
#9  read   sid 0x2            addr 0x123           -> abort C_BAD_STE  STE_INVALID: STE.V is 0
#10 read   sid 0x63           addr 0x123           -> abort C_BAD_STREAMID  STRTAB_SID_RANGE: the StreamID is not below 2^LOG2SIZE (LOG2SIZE capped at SIDSIZE)

11 steps: 2 ok, 9 aborted
  2 abort C_BAD_SUBSTREAMID  L1CD_INVALID           L1CD.V is 0 [5.3.1]
  2 abort F_TRANSLATION      S2_DESCRIPTOR_INVALID  stage 2: bit 0 of the descriptor is 0 [DDI 0487 D8.3.1]
  1 abort C_BAD_STE          STE_INVALID            STE.V is 0 [5.2.2]
  1 abort C_BAD_STREAMID     STRTAB_SID_RANGE       the StreamID is not below 2^LOG2SIZE (LOG2SIZE capped at SIDSIZE) [7.3.3]
  1 abort F_ACCESS           S1_ACCESS_FLAG         stage 1: AF is 0 in the leaf descriptor [7.3.15]
  1 abort F_PERMISSION       S1_NO_WRITE            stage 1: no permission to write [DDI 0487 D8.4.1]
  1 abort F_TRANSLATION      S1_DESCRIPTOR_INVALID  stage 1: bit 0 of the descriptor is 0 [DDI 0487 D8.3.1]
  by stream: sid 0x1 2 ok, 7 not; sid 0x2 1 not ok; sid 0x63 1 not ok

## Nothing but the summary, and one access in place of the steps.
$ smref run run/nested.json --quiet
11 steps: 2 ok, 9 aborted
  2 abort C_BAD_SUBSTREAMID  L1CD_INVALID           L1CD.V is 0 [5.3.1]
  2 abort F_TRANSLATION      S2_DESCRIPTOR_INVALID  stage 2: bit 0 of the descriptor is 0 [DDI 0487 D8.3.1]
  1 abort C_BAD_STE          STE_INVALID            STE.V is 0 [5.2.2]
  1 abort C_BAD_STREAMID     STRTAB_SID_RANGE       the StreamID is not below 2^LOG2SIZE (LOG2SIZE capped at SIDSIZE) [7.3.3]
  1 abort F_ACCESS           S1_ACCESS_FLAG         stage 1: AF is 0 in the leaf descriptor [7.3.15]
  1 abort F_PERMISSION       S1_NO_WRITE            stage 1: no permission to write [DDI 0487 D8.4.1]
  1 abort F_TRANSLATION      S1_DESCRIPTOR_INVALID  stage 1: bit 0 of the descriptor is 0 [DDI 0487 D8.3.1]
  by stream: sid 0x1 2 ok, 7 not; sid 0x2 1 not ok; sid 0x63 1 not ok
$ smref run run/nested.json --sid 1 --ssid 0x41 --addr 0x1123 --access write
#0 write  sid 0x1 ssid 0x41 addr 0x1123 -> abort F_PERMISSION stage 1  S1_NO_WRITE: no permission to write

## SMMUEN 0: GBPA decides (3.11, 6.3.14).
$ smref run run/formats.json --sid 1 --addr 0x123 --set SMMU_CR0=0
#0 read   sid 0x1 addr 0x123 -> pa 0x123  untranslated  normal wb-ra-wa-nt nsh
$ smref run run/formats.json --sid 1 --addr 0x123 --set SMMU_CR0=0 --set SMMU_GBPA=0x00100000
#0 read   sid 0x1 addr 0x123 -> abort without event  SMMU_DISABLED_ABORT: SMMUEN is 0 and GBPA.ABORT is 1: the access is aborted and no event is recorded

## The queue is disabled: the record is lost (7.2.1).
$ smref run run/formats.json --sid 1 --addr 0x100000000 --set SMMU_CR0=1
#0 read   sid 0x1 addr 0x100000000 -> abort F_TRANSLATION stage 1 (not recorded: the queue is disabled)  S1_LPAE_VA_HIGH: VMSAv8-32: VA[63:32] is not zero

## Mistakes.
$ smref run run/nested.json --format xml
smref run: --format xml: expected is one of text, json, dot, html
try: smref run --help
[2]
$ smref run run/nested.json --explain=all
smref run: --explain=all: only --explain or --explain=full
try: smref run --help
[2]
$ smref run run/nested.json --access fetch --addr 0
smref run: --access fetch: expected is one of read, write, atomic
try: smref run --help
[2]
