smref run --save: the state after the steps, as a snapshot. What was stored lies in the contents that it changed, or
behind the fill in which it is; a terabyte of fill stays one line.

$ cat >steps.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "description": "steps", "profile": "arch-3.4",
>  "memory": [{"at": "0x1000", "size": "0x10000000000", "fill": "0xff"}, {"at": "0x2000", "hex": "010203", "comment": "three"}, {"at": "0x2008", "u64": [1, 2]}],
>  "steps": [{"op": "store", "at": "0x2001", "hex": "aa"}, {"op": "store", "at": "0x2005", "hex": "aabb"}, {"op": "store", "at": "0x3004", "hex": "0102030405060708"},
>            {"op": "mmio_write", "reg": "SMMU_CR2", "value": "0x2"}, {"op": "reset"}, {"op": "mmio_write", "reg": "SMMU_CR0", "value": "0x4"}]}
> END
$ smref run steps.json --save out.json
#0 store  ns:0x2001 1 byte    -> done
#1 store  ns:0x2005 2 bytes   -> done
#2 store  ns:0x3004 8 bytes   -> done
#3 write  0x002c SMMU_CR2 0x2 -> holds 0x2 (RECINVSID)  REG_WRITTEN
#4 reset                      -> done
#5 write  0x0020 SMMU_CR0 0x4 -> holds 0x4 (EVENTQEN)  REG_WRITTEN, REG_ACKNOWLEDGED

6 steps: 6 ok
$ cat out.json
{
  "format": "smref-snapshot",
  "version": "1.0",
  "description": "steps",
  "profile": "arch-3.4",
  "registers": {
    "SMMU_CR0": "0x4"
  },
  "memory": [
    {"at": "0x1000", "size": "0x10000000000", "fill": "0xff"},
    {"comment": "three", "pas": "ns", "at": "0x2000", "hex": "01aa03"},
    {"at": "0x2008", "u64": ["0x1", "0x2"]},
    {"pas": "ns", "at": "0x2005", "hex": "aabb"},
    {"pas": "ns", "at": "0x3000", "u64": ["0x4030201ffffffff", "0xffffffff08070605"]}
  ],
  "unmapped": "abort"
}

$ smref fmt --check out.json
$ smref run out.json --save again.json && cmp out.json again.json

## Earlier, and after an access of the command line.
$ smref run steps.json --quiet --save out.json --save-at 3 && grep -c SMMU_CR2 out.json
6 steps: 6 ok
1
$ smref run steps.json --sid 1 --addr 0x1234 --save out.json && grep hex out.json
#0 read   sid 0x1 addr 0x1234 -> pa 0x1234  untranslated  normal wb-ra-wa-nt nsh
    {"comment": "three", "at": "0x2000", "hex": "010203"},

## Files stay files, and are found from another folder.
$ cat >file.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "memory": [{"at": "0x1000", "file": "steps.json", "offset": "0x1", "size": "0x100"}],
>  "steps": [{"op": "store", "at": "0x1010", "u64": ["0x1234"]}, {"op": "load", "at": "0x1000", "size": 32}]}
> END
$ mkdir other && smref run file.json --save other/out.json --quiet && sed 's|"/.*/|"/.../|' other/out.json
2 steps: 2 ok
{
  "format": "smref-snapshot",
  "version": "1.0",
  "profile": "arch-3.4",
  "memory": [
    {"at": "0x1000", "size": "0x100", "file": "/.../steps.json", "offset": "0x1"},
    {"pas": "ns", "at": "0x1010", "u64": ["0x1234"]}
  ],
  "unmapped": "abort"
}
$ smref run file.json --save out.json --quiet && grep '"file"' out.json
2 steps: 2 ok
    {"at": "0x1000", "size": "0x100", "file": "steps.json", "offset": "0x1"},
$ printf '%s\n' '[{"op":"load","at":"0x1000","size":32}]' | sed 's/^/  "steps": /' >tail && sed '$d' other/out.json | sed '$s/$/,/' | cat - tail >more.json && echo '}' >>more.json && smref run more.json
#0 load   ns:0x1000 32 bytes -> 22666f726d617422 3a2022736d726566 3412000000000000 74222c2022766572

## Mistakes.
$ smref run steps.json --save-at 3
smref run: --save-at tells when, --save tells where: give both
try: smref run --help
[2]
$ smref run steps.json --save out.json --save-at 6
smref run: --save-at 6: there are 6 steps, the first is 0
try: smref run --help
[2]
$ smref run steps.json --save nowhere/out.json --quiet
smref: nowhere/out.json: No such file or directory
[2]
$ smref run steps.json --save out.json --observed x.json
smref run: --observed compares the snapshot's steps, and takes none of the other modes
try: smref run --help
[2]

## A bank that the implementation lacks holds nothing.
$ echo '{"format":"smref-snapshot","version":"1.0","profile":"arch-3.4","registers":{"SMMU_S_CR0":1},"steps":[]}' >s.json; smref run s.json
smref: s.json:1: registers.SMMU_S_CR0: this implementation has no such register: it needs S_IDR1.SECURE_IMPL == 1
[2]
$ echo '{"format":"smref-snapshot","version":"1.0","profile":"arch-3.4","registers":{"SMMU_R_CR0":1},"steps":[]}' >r.json; smref run r.json
smref: r.json:1: registers.SMMU_R_CR0: this implementation has no such register: it needs ROOT_IDR0.REALM_IMPL == 1
[2]
$ echo '{"format":"smref-snapshot","version":"1.0","profile":"arch-3.4","registers":{"SMMU_S_IDR1":"0x80000000","SMMU_S_CR0":1},"steps":[{"op":"mmio_read","reg":"SMMU_S_CR0","sec":"secure"}]}' >s.json; smref run s.json | head -1
#0 read   secure 0x8020 SMMU_S_CR0 -> 0x1 (SMMUEN)  REG_READ

## Elements of arrays count over all pages; those that are not there, or follow element 0, are errors.
$ echo '{"format":"smref-snapshot","version":"1.0","profile":"arch-3.4","registers":{"SMMU_ECMDQ_PROD1":1},"steps":[]}' >e.json; smref run e.json
smref: e.json:1: registers.SMMU_ECMDQ_PROD1: this implementation has no such register: it needs IDR1.ECMDQ == 1
[2]
$ cat >e.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_IDR0": "0x080f761f", "SMMU_IDR1": "0x8e730520", "SMMU_IDR6": "0x01010000", "SMMU_CMDQ_CONTROL_PAGE_BASE0": "0x40003",
>                "SMMU_CR0": 1, "SMMU_ECMDQ_BASE3": "0x45000003", "SMMU_ECMDQ_PROD3": "0x80000000"},
>  "memory": [{"at": "0x45000000", "struct": "CMD_ATC_INV", "fields": {"StreamID": 8}}],
>  "steps": [{"op": "mmio_write", "offset": "0x58008", "value": "0x80000001"}]}
> END
$ smref run e.json --save queue.json; grep -A 20 ECMDQ queue.json
#0 write  0x58008 0x80000001 -> holds 0x80000001; sends atc_inv to StreamID 0x8  REG_WRITTEN, CMD_ATS_SYSTEM, CMD_ATC_INV_SENT, CMDQ_CONSUMED
    "SMMU_ECMDQ_BASE3": "0x45000003",
    "SMMU_ECMDQ_PROD3": "0x80000001",
    "SMMU_ECMDQ_CONS3": "0x80000001"
  },
  "memory": [
    {"at": "0x45000000", "struct": "CMD_ATC_INV", "fields": {"StreamID": 8}}
  ],
  "unmapped": "abort",
  "awaiting": ["SMMU_ECMDQ_PROD3"]
}
$ sed 's/"0x40003"/"0x40003", "SMMU_ECMDQ_PROD4": 1/' e.json | smref run -
smref: -:2: registers.SMMU_ECMDQ_PROD4: this implementation has only 4 of these
[2]
$ sed 's/"0x40003"/"0x40003", "SMMU_CMDQ_CONTROL_PAGE_BASE1": "0x60003"/' e.json | smref run -
smref: -:2: registers: SMMU_CMDQ_CONTROL_PAGE_BASE<n>: element 1 follows element 0: it is 0x50003, not 0x60003
[2]
$ smref run queue.json; sed 's/"awaiting": .*/"awaiting": ["SMMU_CR0"]/' queue.json | smref run -
smref: -:19: awaiting[0]: this is not the write index of a Command queue
[2]

## What a reset leaves UNKNOWN is filled as the snapshot says (6.3.11 and its like), in registers that it does not list, too; a saved state says it again.
$ echo '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "reset_unknown": "0xffffffff00000003", "steps": [{"op": "mmio_read", "reg": "SMMU_STRTAB_BASE"}, {"op": "mmio_write", "reg": "SMMU_CR2", "value": 0}, {"op": "reset"}, {"op": "mmio_read", "reg": "SMMU_CR2"}, {"op": "mmio_read", "reg": "SMMU_CR0"}]}' >unknown.json
$ smref run unknown.json --save after.json
#0 read   0x0080 SMMU_STRTAB_BASE -> 0x400fffff00000000 (ADDR 0xfffff00000000, RA) (bits 0xf0000000000000 UNKNOWN)  REG_READ, REG_MAYBE_STORED
#1 write  0x002c SMMU_CR2 0x0     -> holds 0x0  REG_WRITTEN
#2 reset                          -> done
#3 read   0x002c SMMU_CR2         -> 0x3 (E2H EL2_E2H, RECINVSID)  REG_READ
#4 read   0x0020 SMMU_CR0         -> 0x0  REG_READ

5 steps: 5 ok
$ smref run after.json; grep unknown after.json
  "reset_unknown": "0xffffffff00000003"

## GBPA stored without effect (6.3.14): registers do not tell what is; a reset ends that.
$ echo '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "choices": {"REG_WITHOUT_UPDATE": "stored"}, "registers": {"SMMU_GBPA": "0x1000", "SMMU_AIDR": 1}, "steps": [{"op": "mmio_write", "reg": "SMMU_GBPA", "value": "0x101000"}, {"op": "access", "sid": 1, "addr": "0x1000"}, {"op": "reset"}]}' >gbpa.json
$ smref run gbpa.json --save out.json
#0 write  0x0044 SMMU_GBPA 0x101000 -> holds 0x101000 (SHCFG USE_INCOMING, ABORT)  REG_WRITTEN, REG_WITHOUT_UPDATE
#1 read   sid 0x1 addr 0x1000       -> pa 0x1000  untranslated  normal wb-ra-wa-nt nsh
#2 reset                            -> done

3 steps: 3 ok
$ smref run gbpa.json --save stored.json --save-at 1 --quiet && grep effect stored.json
3 steps: 3 ok
  "in_effect": {"SMMU_GBPA": "0x1000"}
$ smref run stored.json --sid 1 --addr 0x1000
#0 read   sid 0x1 addr 0x1000 -> pa 0x1000  untranslated  normal wb-ra-wa-nt nsh
$ sed 's/"in_effect": {/&"SMMU_CR0": 1, /' stored.json | smref run - --sid 1 --addr 0x1000
smref: -:11: in_effect.SMMU_CR0: only of the 32 bits of SMMU_GBPA and its like others may be in effect
[2]
