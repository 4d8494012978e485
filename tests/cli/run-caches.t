smref run: caching policies. A page moves without an invalidation, then comes one for another address, then the right one
(3.21.1, 4.4.2.4).

$ cat >caches.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": "0x9", "SMMU_STRTAB_BASE": "0x44000000", "SMMU_CMDQ_BASE": "0x44010003"},
>  "memory": [{"at": "0x44000000", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "S1ContextPtr": "0x44020000", "SHCFG": 1}},
>             {"at": "0x44020000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 34, "EPD1": 1, "IPS": 5, "A": 1, "R": 1, "ASID": 7, "TTB0": "0x44030000", "MAIR0": "0xff"}},
>             {"at": "0x44030000", "u64": ["0x44031003"]}, {"at": "0x44031008", "u64": ["0x45000f43"]},
>             {"at": "0x44010000", "struct": "CMD_TLBI_NH_VA", "fields": {"ASID": 7, "Address": "0x2000", "Leaf": 1}},
>             {"at": "0x44010010", "struct": "CMD_TLBI_NH_VA", "fields": {"ASID": 7, "Address": "0x1000", "Leaf": 1}}],
>  "steps": [{"op": "access", "sid": 0, "addr": "0x1008"}, {"op": "store", "at": "0x44031008", "u64": ["0x45001f43"]},
>            {"op": "mmio_write", "reg": "SMMU_CMDQ_PROD", "value": 1}, {"op": "access", "sid": 0, "addr": "0x1008"},
>            {"op": "mmio_write", "reg": "SMMU_CMDQ_PROD", "value": 2}, {"op": "access", "sid": 0, "addr": "0x1008"}]}
> END
$ for policy in none exact any; do smref run caches.json --caching $policy --all | sed -n '/^#[35]/,/^#4\|^$/p' | grep -v '^#4\|^$'; done
#3 read   sid 0x0 addr 0x1008       -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish
#5 read   sid 0x0 addr 0x1008       -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish
#3 read   sid 0x0 addr 0x1008       -> pa 0x45000008  page 4K    normal wb-ra-wa-nt ish
#5 read   sid 0x0 addr 0x1008       -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish
#3 read   sid 0x0 addr 0x1008       -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish
    or pa 0x45000008  page 4K    normal wb-ra-wa-nt ish
       with CACHED_TLB_CONFLICT=undetected CACHED_S1=held
    or abort F_TLB_CONFLICT stage 1 (not recorded: the queue is disabled)  TLB_CONFLICT: the TLB may hold two translations of the address that differ without break-before-make between them
       with CACHED_TLB_CONFLICT=detected
#5 read   sid 0x0 addr 0x1008       -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish

## What came out of a cache, and what a command removed.
$ smref run caches.json --caching exact --explain | grep -n 'cache\|HELD\|held by\|removed'
33:    - the input is cacheable: its hints combine with those of stage 1 [ATTR_S1_HINTS, 13.4.2]
54:    - nothing is left in caches of what the command names [CMD_INVALIDATED, 4.3, 4.4, 4.6]
55:    cached copies removed 0x0
67:    - the STE is held by the configuration cache [HELD_STE, 3.21.3, 16.2]
68:    STE [0x0] out of the configuration cache:
77:    - the CD is held by the configuration cache [HELD_CD, 3.21.3, 16.2]
78:    CD [0x0] out of the configuration cache:
83:    - the stage 1 block or page is held by the TLB [HELD_S1, 3.17, 3.21.1, 16.2]
87:    - the input is cacheable: its hints combine with those of stage 1 [ATTR_S1_HINTS, 13.4.2]
106:    - nothing is left in caches of what the command names [CMD_INVALIDATED, 4.3, 4.4, 4.6]
107:    cached copies removed 0x1
108:    - copies that the command names are removed from the caches [CMD_REMOVED, 4.3, 4.4]
120:    - the STE is held by the configuration cache [HELD_STE, 3.21.3, 16.2]
121:    STE [0x0] out of the configuration cache:
130:    - the CD is held by the configuration cache [HELD_CD, 3.21.3, 16.2]
131:    CD [0x0] out of the configuration cache:
136:    - the place of a stage 1 table is held by the TLB: the walk goes on from there
137:      [HELD_S1_TABLE, 3.21.1, 16.2]
145:    - the input is cacheable: its hints combine with those of stage 1 [ATTR_S1_HINTS, 13.4.2]

## The state goes on where it was cut.
$ smref run caches.json --caching exact --save saved.json --save-at 2 --quiet
6 steps: 6 ok
$ grep -c '"kind"' saved.json
4
$ grep -o '"caching": "[a-z]*"' saved.json
"caching": "exact"
$ smref run saved.json --addr 0x1008
#0 read   sid 0x0 addr 0x1008 -> pa 0x45000008  page 4K    normal wb-ra-wa-nt ish
$ smref fmt saved.json --check && echo canonical
canonical
$ smref run saved.json --addr 0x1008 --caching none
#0 read   sid 0x0 addr 0x1008 -> pa 0x45001008  page 4K    normal wb-ra-wa-nt ish

## What is refused.
$ smref run caches.json --caching some
smref run: --caching some: expected is one of none, exact, any
try: smref run --help
[2]
$ sed 's/"profile": "arch-3.4"/&, "caching": "all"/' caches.json | smref run -
smref: -:1: caching: "all" where one of none, exact, any is expected
[2]
$ sed 's/"profile": "arch-3.4"/&, "caching": "none", "cached": [{"kind": "STE"}]/' caches.json | smref run -
smref: -:1: cached: nothing is cached under the policy none
[2]
$ sed 's/"profile": "arch-3.4"/&, "caching": "any", "cached": [{"kind": "STE", "sib": 1}]/' caches.json | smref run -
smref: -:1: cached[0].sib: unknown key; nearest: sid
[2]

## A TLB may hold PPS, PGS and GPCP until a TLBI by PA of everything (6.3.115); what an older format leads to is not modelled.
$ cat >format.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4-rme", "caching": "any",
>  "registers": {"SMMU_ROOT_CR0": 3, "SMMU_ROOT_GPT_BASE": "0x1000000", "SMMU_ROOT_GPT_BASE_CFG": "0x3501"},
>  "memory": [{"pas": "root", "at": "0x1000000", "size": "0x20000", "fill": 0}],
>  "steps": [
>   {"op": "access", "sec_sid": "none", "pas": "ns", "addr": "0x1000000000"},
>   {"op": "mmio_write", "sec": "root", "reg": "SMMU_ROOT_CR0", "value": 1},
>   {"op": "mmio_write", "sec": "root", "reg": "SMMU_ROOT_GPT_BASE_CFG", "value": "0x3502"},
>   {"op": "mmio_write", "sec": "root", "reg": "SMMU_ROOT_CR0", "value": 3},
>   {"op": "access", "sec_sid": "none", "pas": "ns", "addr": "0x1000000000"}]}
> END
$ smref run format.json --quiet
smref: format.json:9: steps[4]: not modelled: PPS, PGS or GPCP of ROOT_GPT_BASE_CFG as a TLB may hold them, under the caching policy any, until a TLBI by PA of everything (6.3.115)
[2]
$ sed 's|"value": "0x3502"}|&, {"op": "mmio_write", "sec": "root", "reg": "SMMU_ROOT_TLBI", "value": 1}, {"op": "mmio_write", "sec": "root", "reg": "SMMU_ROOT_TLBI_CTRL", "value": 1}|' format.json | smref run - --all | sed -n '/^#6/p'
#6 read   without sid, ns addr 0x1000000000  -> abort without event; signals gpt_cfg_far; ROOT_GPT_CFG_FAR 0x4300001000000007  GPC_OUTPUT: the check of a client's own access fails: aborted, without an event
