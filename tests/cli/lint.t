smref lint. The tables are made by hand from IHI 0070 G.b (3.3.1, 5.1 to 5.4, 6.3.24 to 6.3.26) and DDI 0487 D8.3, D8.7.

## A linear table of 2^32 StreamIDs over 256 GB of fill: its two STEs are looked at, the rest at once.
$ cat >big.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x4000000000", "SMMU_STRTAB_BASE_CFG": "0x20"},
>  "memory": [
>   {"pas": "ns", "at": "0x4000000000", "size": "0x4000000000", "fill": 0},
>   {"pas": "ns", "at": "0x4000000200", "struct": "STE", "fields": {"V": 1, "Config": "BYPASS", "SHCFG": "USE_INCOMING"}},
>   {"pas": "ns", "at": "0x4000004000", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "STRW": 3}}]}
> END
$ smref lint big.json
error    STE StreamID 0x100 at 0x4000004000
         a reserved StreamWorld; an access that comes this way ends in C_BAD_STE
           [STE_STRW_RESERVED, 5.2.2]

errors: 1, warnings: 0; looked at 0 L1STDs, 4294967296 STEs (2 valid), 0 CDs, 0 translation tables with 0 descriptors
[1]
## The same full of ones: one finding for each rule, whatever the number of STEs.
$ sed 's/"fill": 0/"fill": 255/' big.json >ones.json
$ smref lint ones.json --json | jq -c '.findings[0].place.sid, (.findings[0].count == 4294967294), .looked_at.valid_stes'
["0x0","0xffffffff"]
true
4294967296

## Nothing to find.
$ jq '.memory |= .[0:2]' big.json >clean.json
$ smref lint clean.json
errors: 0, warnings: 0; looked at 0 L1STDs, 4294967296 STEs (1 valid), 0 CDs, 0 translation tables with 0 descriptors

## Pointers that are not aligned to what they point at, queues larger than IDR1 permits, bits that must be zero.
$ cat >pointers.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": 13, "SMMU_STRTAB_BASE": "0x44000040", "SMMU_STRTAB_BASE_CFG": "0x1020d",
>                "SMMU_CMDQ_BASE": "0x4500003f", "SMMU_EVENTQ_BASE": "0x46000001"},
>  "memory": [
>   {"pas": "ns", "at": "0x44000000", "size": "0x100", "fill": 0},
>   {"pas": "ns", "at": "0x45000000", "size": "0x1000000", "fill": 0},
>   {"pas": "ns", "at": "0x44000000", "u64": ["0x44010049", "0x4401000a", "0x47000001", "0x80000000001001", "0x0100000044010009"]},
>   {"pas": "ns", "at": "0x44010000", "size": "0x4000", "fill": 0}]}
> END
$ smref lint pointers.json --json | jq -r '.findings[] | [.severity, .kind, .place.what, .field, .value, .rule // .section] | map(. // "-") | join(" ")'
warning alignment SMMU_STRTAB_BASE ADDR 0x44000040 6.3.24
warning size SMMU_CMDQ_BASE LOG2SIZE 0x1f 6.3.26
warning alignment SMMU_CMDQ_BASE ADDR 0x45000020 6.3.26
warning outside-memory SMMU_EVENTQ_BASE ADDR 0x46000000 6.3.29
warning alignment L1STD L2Ptr 0x44010040 5.1
error illegal L1STD Span - L1STD_SPAN_ABOVE_SPLIT
warning outside-memory STE - - STE_FETCH_ABORT
warning address-size L1STD L2Ptr 0x80000000001000 L1STD_L2PTR_BEYOND_OAS
warning res0 L1STD - 0x1 5.1

## Stage 1 tables: a reserved descriptor, a table that leads to itself, one outside memory, a Contiguous run that does not
## agree, reserved Shareability, an address that is too large for CD.IPS.
$ cat >tables.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": 0},
>  "memory": [
>   {"pas": "ns", "at": "0x44000000", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "S1ContextPtr": "0x44100000", "SHCFG": "USE_INCOMING"}},
>   {"pas": "ns", "at": "0x44100000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 25, "EPD1": 1, "IPS": 0, "A": 1, "R": 1, "TTB0": "0x44200000"}},
>   {"pas": "ns", "at": "0x44200000", "size": "0x3000", "fill": 0},
>   {"pas": "ns", "at": "0x44200000", "u64": ["0x44200003", "0x44201003", "0x55500003"]},
>   {"pas": "ns", "at": "0x44201000", "u64": ["0x44202003"]},
>   {"pas": "ns", "at": "0x44202000", "u64": ["0x10000044300f43", "0x10000044301f43", "0x10000044303f43"]},
>   {"pas": "ns", "at": "0x44202100", "u64": ["0x1", "0x44304143", "0x100000743"]}]}
> END
$ smref lint tables.json --errors-only
error    VMSAv8_64_S1_PAGE StreamID 0x0 stage 1 level 3 input
           0x40020000..0x40020fff at 0x44202100
         stage 1: a block where the level and granule have none, or 0b01 at
           level 3; a walk ends in F_TRANSLATION [S1_DESCRIPTOR_RESERVED, DDI
           0487 D8.3.1]
error    VMSAv8_64_S1_PAGE StreamID 0x0 stage 1 level 3 input
           0x40022000..0x40022fff at 0x44202110
         stage 1: the output address lies beyond the effective output size; a
           walk ends in F_ADDR_SIZE [S1_LEAF_ADDR_SIZE, 7.3.14]

errors: 2, warnings: 0; looked at 0 L1STDs, 1 STEs (1 valid), 1 CDs, 8 translation tables with 3072 descriptors
[1]
$ smref lint tables.json --json | jq -r '.findings[] | [.severity, .kind, .place.what, .place.level, .field, .place.input[0]] | map(. // "-" | tostring) | join(" ")'
warning outside-memory translation table 3 - 0x400000
warning contiguous VMSAv8_64_S1_PAGE 3 Contiguous 0x40000000
error reserved VMSAv8_64_S1_PAGE 3 - 0x40020000
warning reserved VMSAv8_64_S1_PAGE 3 SH 0x40021000
error address-size VMSAv8_64_S1_PAGE 3 - 0x40022000
warning outside-memory translation table 2 - 0x80000000

## CDs: the pointer to a table of four is aligned to its 256 bytes; the CD of accesses without SubstreamID is not valid.
$ cat >cds.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": 0},
>  "memory": [
>   {"pas": "ns", "at": "0x44000000", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "S1CDMax": 2, "S1DSS": "SSID0", "S1ContextPtr": "0x44100040", "SHCFG": "USE_INCOMING"}},
>   {"pas": "ns", "at": "0x44100000", "size": "0x100", "fill": 0},
>   {"pas": "ns", "at": "0x441000c0", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 25, "EPD1": 1, "T1SZ": 5, "IPS": 5, "A": 1, "R": 1, "EPD0": 1}}]}
> END
$ smref lint cds.json
warning  STE.S1ContextPtr = 0x44100040 StreamID 0x0 at 0x44000000
         is not aligned to its table, which starts at 0x44100000; which entry is
           fetched is CONSTRAINED UNPREDICTABLE [S1CONTEXTPTR_LOW_BITS, 5.2]
error    CD StreamID 0x0 SubstreamID 0x0 at 0x44100000
         CD.V is 0; an access that comes this way ends in C_BAD_CD [CD_INVALID,
           5.4.2]
warning  CD.T0SZ = 0x19 StreamID 0x0 SubstreamID 0x3 at 0x441000c0
         has no effect here (IGNORED) [5.4]
warning  CD.T1SZ = 0x5 StreamID 0x0 SubstreamID 0x3 at 0x441000c0
         has no effect here (IGNORED) [5.4]

errors: 1, warnings: 3; looked at 0 L1STDs, 1 STEs (1 valid), 4 CDs, 0 translation tables with 0 descriptors
[1]

## ID registers that no implementation can have (6.3.1: PRI needs ATS), and what is not modelled.
$ smref lint clean.json --set SMMU_IDR0=0x080f721f | grep -A2 'ID registers' | head -3
error    ID registers
         PRI without ATS; no implementation can have such ID registers
           [ID_PRI_NEEDS_ATS, 6.3.1]
$ smref lint clean.json --set SMMU_IDR0=0x080e729f >out; echo $?; grep 'not looked at' out
2
translation tables were not looked at; not modelled: hardware update of Access flag and dirty state (IDR0.HTTU)

$ smref lint
smref lint: which snapshot?
try: smref lint --help
[2]
$ smref lint missing.json
smref: missing.json: No such file or directory
[2]
$ smref lint big.json --max x
smref lint: --max x: a number is expected
try: smref lint --help
[2]
