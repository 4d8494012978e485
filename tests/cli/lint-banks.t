smref lint of Secure and Realm tables, of the granule protection table, and of what lies over one another (3.10, 3.25, 5.2, DDI 0487 D9.6).

## Secure streams: StreamID 0 has a StreamWorld that is reserved, 1 a base of its Secure IPA space that is not aligned; 2 has a
## table that NSTable makes Non-secure, where nothing is; the CD of 3 is at a Secure IPA, which nothing translates.
$ cat >secure.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "secure-3.2",
>  "registers": {"SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": 0,
>                "SMMU_S_CR0": 1, "SMMU_S_STRTAB_BASE": "0x44000000", "SMMU_S_STRTAB_BASE_CFG": 2},
>  "memory": [
>   {"pas": "ns", "at": "0x44000000", "size": "0x40", "fill": 0},
>   {"pas": "secure", "at": "0x44000000", "size": "0x300000", "fill": 0},
>   {"pas": "secure", "at": "0x44000000", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "STRW": 3, "S1ContextPtr": "0x44100000", "SHCFG": 1}},
>   {"pas": "secure", "at": "0x44000040", "struct": "STE", "fields": {"V": 1, "SHCFG": 1, "Config": "S2_TRANS", "S2AA64": 1, "S2T0SZ": 25, "S2SL0": 1, "S2PS": 5, "S2R": 1, "S2TTB": "0x44200000", "S_S2T0SZ": 25, "S_S2SL0": 1, "S_S2TTB": "0x44201010"}},
>   {"pas": "secure", "at": "0x44000080", "struct": "STE", "fields": {"V": 1, "SHCFG": 1, "Config": "S1_TRANS", "S1ContextPtr": "0x44100000"}},
>   {"pas": "secure", "at": "0x440000c0", "struct": "STE", "fields": {"V": 1, "SHCFG": 1, "Config": "NESTED", "S1ContextPtr": "0x44100000", "S2AA64": 1, "S2T0SZ": 25, "S2SL0": 1, "S2PS": 5, "S2R": 1, "S2TTB": "0x44204000", "S_S2T0SZ": 25, "S_S2SL0": 1, "S_S2TTB": "0x44200000"}},
>   {"pas": "secure", "at": "0x44100000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 25, "EPD1": 1, "IPS": 5, "A": 1, "R": 1, "TTB0": "0x44202000"}},
>   {"pas": "secure", "at": "0x44202000", "u64": ["0x8000000044203003", "0x44203003"]}]}
> END
$ smref lint secure.json
error    STE Secure StreamID 0x0 at secure:0x44000000
         a reserved Secure StreamWorld; an access that comes this way ends in
           C_BAD_STE [STE_STRW_SECURE_RESERVED, 5.2.2]
warning  STE.S_S2TTB = 0x44201010 Secure StreamID 0x1 at secure:0x44000040
         is not aligned to the first table; the SMMU uses 0x44201000 [5.2]
warning  translation table Secure StreamID 0x2 stage 1 level 2 input
           0x0..0x3fffffff at 0x44203000
         lies outside the declared memory; a walk ends in F_WALK_EABT; the first
           of 512 [S1_WALK_ABORT, 7.3.12]
warning  CD Secure StreamID 0x3
         stage 2 has no translation for its address; an access ends in a stage 2
           fault of class CD [3.3.2]

errors: 1, warnings: 3; looked at 0 L1STDs, 5 STEs (4 valid), 1 CDs, 6 translation tables with 2560 descriptors
[1]
## JSON tells Security state and address space.
$ smref lint secure.json --json | jq -c '.findings[] | [.kind, .place.sec_sid, .place.sid[0], .place.pas, .place.address]'
["illegal","secure","0x0","secure","0x44000000"]
["alignment","secure","0x1","secure","0x44000040"]
["outside-memory","secure","0x2","ns","0x44203000"]
["untranslated","secure","0x3",null,null]

## What is Secure is looked at when somebody says where it is; without that, and disabled, it is not.
$ jq 'del(.registers.SMMU_S_STRTAB_BASE, .registers.SMMU_S_STRTAB_BASE_CFG, .registers.SMMU_S_CR0)' secure.json | smref lint -
errors: 0, warnings: 0; looked at 0 L1STDs, 1 STEs (0 valid), 0 CDs, 0 translation tables with 0 descriptors
$ jq '.registers.SMMU_S_CR0 = 0 | .memory |= .[0:2]' secure.json | smref lint -
S_CR0.SMMUEN is 0: what is Secure is not in use yet
errors: 0, warnings: 0; looked at 0 L1STDs, 5 STEs (0 valid), 0 CDs, 0 translation tables with 0 descriptors

## Granule protection: entries of level 0 with reserved bits, with a table that is not aligned, beyond PPS, and outside memory;
## of level 1 a reserved GPI, and a Contiguous region that does not agree. 0 at level 0 says that nothing is there.
$ cat >gpt.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "rme",
>  "registers": {"SMMU_ROOT_CR0": 3, "SMMU_ROOT_GPT_BASE": "0x80000000", "SMMU_ROOT_GPT_BASE_CFG": "0x3502",
>                "SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": 1},
>  "memory": [
>   {"pas": "ns", "at": "0x44000000", "size": "0x2000", "fill": 0},
>   {"pas": "root", "at": "0x80000000", "size": "0x2000", "fill": 0},
>   {"pas": "root", "at": "0x80000000", "u64": ["0x91", "0x80100003", "0x191", "0x80101003", "0x10000000003", "0x80200003"]},
>   {"pas": "root", "at": "0x80100000", "size": "0x20000", "fill": "0x99"},
>   {"pas": "root", "at": "0x80100010", "u64": ["0x9999999999999299", "0x9999999999999999"]},
>   {"pas": "root", "at": "0x80100200", "u64": ["0x191", "0x1b1", "0x9999999999999999"]}]}
> END
$ smref lint gpt.json
error    GPT_GRANULES input 0x40020000..0x4002ffff at root:0x80100010
         10: the level 1 entry has reserved bits or values, in the GPI of any
           granule: a lookup error; an access to the addresses ends in a lookup
           error [GPC_L1_INVALID, DDI 0487 D9.6, 3.25.4]
warning  GPT_CONTIGUOUS input 0x40400000..0x4040ffff at root:0x80100200
         entries of the region have other GPIs; any of them may count for all of
           the region [GPC_CONTIGUOUS_MIXED, DDI 0487 D9.6.4]
error    GPT_BLOCK input 0x80000000..0xbfffffff at root:0x80000010
         6: the level 0 entry is neither Table nor Block, or has reserved bits
           or values: a lookup error; an access to the addresses ends in a
           lookup error [GPC_L0_INVALID, DDI 0487 D9.6, 3.25.4]
error    GPT_TABLE input 0xc0000000..0xffffffff at root:0x80000018
         6: the level 0 entry is neither Table nor Block, or has reserved bits
           or values: a lookup error; an access to the addresses ends in a
           lookup error [GPC_L0_INVALID, DDI 0487 D9.6, 3.25.4]
error    GPT_TABLE input 0x100000000..0x13fffffff at root:0x80000020
         7: the level 1 table is beyond PPS: a lookup error; an access to the
           addresses ends in a lookup error [GPC_L1_BEYOND_PPS, DDI 0487 D9.4,
           3.25.4]
warning  granule protection table input 0x140000000..0x17fffffff at
           root:0x80200000
         lies outside the declared memory; an access to the addresses ends in a
           lookup error; the first of 16384 [GPC_L1_ABORT, DDI 0487 D9.4,
           3.25.4]

errors: 4, warnings: 2; looked at 0 L1STDs, 2 STEs (0 valid), 0 CDs, 0 translation tables with 0 descriptors, 17408 GPT entries
[1]
## The Stream table lies in a granule of Realm.
$ jq '.memory[2].u64 = ["0x91", "0x80100003"] | .memory[4:] = [{"pas": "root", "at": "0x80102000", "u64": ["0x99999999999999b9"]}] | .registers.SMMU_STRTAB_BASE = "0x44001000" | .memory[0].size = "0x4000"' gpt.json >realm-granule.json
$ smref lint realm-granule.json
warning  STE StreamID 0x0..0x1 at 0x44001000
         lies in a granule that is not of this address space; an access ends in
           F_STE_FETCH; the first of 2 [STE_FETCH_ABORT, 7.3.4]

errors: 0, warnings: 1; looked at 0 L1STDs, 0 STEs (0 valid), 0 CDs, 0 translation tables with 0 descriptors, 17408 GPT entries
[1]
## Without checks (GPCEN 0) it is read as ever.
$ smref lint realm-granule.json --set SMMU_ROOT_CR0=1 | tail -1
errors: 0, warnings: 0; looked at 0 L1STDs, 2 STEs (0 valid), 0 CDs, 0 translation tables with 0 descriptors, 17408 GPT entries

## Tables and queues that lie over one another; the same addresses in another space do not.
$ jq '.registers += {"SMMU_EVENTQ_BASE": "0x44000000", "SMMU_S_EVENTQ_BASE": "0x44300000", "SMMU_S_CMDQ_BASE": "0x44000000"} | .memory += [{"pas": "ns", "at": "0x44000040", "size": "0x1000", "fill": 0}, {"pas": "secure", "at": "0x44300000", "size": "0x1000", "fill": 0}]' secure.json | smref lint - --json | jq -c '.findings[] | select(.kind == "overlap") | [.place.what, .value, .text]'
["SMMU_EVENTQ_BASE","0x44000000","lies over what SMMU_STRTAB_BASE names, 0x44000000..0x4400003f"]
["SMMU_S_CMDQ_BASE","0x44000000","lies over what SMMU_S_STRTAB_BASE names, 0x44000000..0x440000ff"]
## A PRI queue, where there is one (IDR0.PRI), too; registers that nobody set up do not.
$ jq '.registers += {"SMMU_CMDQ_BASE": "0x44100002", "SMMU_PRIQ_BASE": "0x44100020", "SMMU_S_EVENTQ_BASE": 0, "SMMU_S_CMDQ_BASE": 0}' secure.json | smref lint - --set SMMU_IDR0=0x080f721f --json | jq -c '.findings[] | select(.kind == "overlap") | [.place.what, .value, .text]'
["SMMU_PRIQ_BASE","0x44100020","lies over what SMMU_CMDQ_BASE names, 0x44100000..0x4410003f"]

## Realm streams.
$ cat >realm.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "rme-da",
>  "registers": {"SMMU_R_CR0": 1, "SMMU_R_STRTAB_BASE": "0x44000000", "SMMU_R_STRTAB_BASE_CFG": 1, "SMMU_ROOT_CR0": 1},
>  "unmapped": "zero",
>  "memory": [
>   {"pas": "realm", "at": "0x44000000", "size": "0x2000", "fill": 0},
>   {"pas": "realm", "at": "0x44000040", "struct": "STE", "fields": {"V": 1, "SHCFG": 1, "Config": "S1_TRANS", "S1ContextPtr": "0x44001000"}},
>   {"pas": "realm", "at": "0x44001000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 5, "EPD1": 1, "IPS": 5, "A": 1, "R": 1, "TTB0": "0x44002000"}}]}
> END
$ smref lint realm.json
error    CD Realm StreamID 0x1 at realm:0x44001000
         T0SZ is out of range; an access that comes this way ends in C_BAD_CD
           [CD_T0SZ_RANGE, 5.4.2]

CR0.SMMUEN is 0: what is Non-secure is not in use yet
errors: 1, warnings: 0; looked at 0 L1STDs, 3 STEs (1 valid), 1 CDs, 0 translation tables with 0 descriptors
[1]

## A Secure Stream table of two levels: the second array is not aligned, the third is beyond the output size.
$ cat >two.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "secure-3.2", "unmapped": "zero",
>  "registers": {"SMMU_S_CR0": 1, "SMMU_S_STRTAB_BASE": "0x44000000", "SMMU_S_STRTAB_BASE_CFG": "0x10188"},
>  "memory": [
>   {"pas": "secure", "at": "0x44000000", "u64": ["0x44010007", "0x44020047", "0x10000000000007"]},
>   {"pas": "secure", "at": "0x44010040", "struct": "STE", "fields": {"V": 1, "Config": "BYPASS", "SHCFG": 1}}]}
> END
$ smref lint two.json
warning  L1STD.L2Ptr = 0x44020040 Secure StreamID 0x40..0x7f at
           secure:0x44000008
         is not aligned to the size of its array; the SMMU uses 0x44020000 [5.1]
warning  L1STD.L2Ptr = 0x10000000000000 Secure StreamID 0x80..0xbf at
           secure:0x44000010
         exceeds the output address size of 52 bits; F_STE_FETCH, or the address
           is truncated [L1STD_L2PTR_BEYOND_OAS, 3.4.3]

CR0.SMMUEN is 0: what is Non-secure is not in use yet
errors: 0, warnings: 2; looked at 4 L1STDs, 129 STEs (1 valid), 0 CDs, 0 translation tables with 0 descriptors
[1]
