smref run: the Command queue. A CFGI, a CMD_SYNC with an MSI, and one whose CS is reserved, at which the queue stops
(4.7.3, 7.1); then what is refused by name.

$ cat >commands.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": "0x8", "SMMU_CMDQ_BASE": "0x45000003", "SMMU_CMDQ_PROD": "0x0", "SMMU_CMDQ_CONS": "0x0"},
>  "memory": [{"at": "0x45000000", "struct": "CMD_CFGI_STE", "fields": {"StreamID": 8}}, {"at": "0x45000010", "struct": "CMD_SYNC", "fields": {"CS": 1, "MSIAddress": "0x46000004", "MSIData": "0x2a"}},
>             {"at": "0x45000020", "struct": "CMD_SYNC", "fields": {"CS": 3}}, {"at": "0x46000000", "size": "0x8", "fill": "0x0"}],
>  "steps": [{"op": "mmio_write", "reg": "SMMU_CMDQ_PROD", "value": "0x3"}, {"op": "mmio_read", "reg": "SMMU_CMDQ_CONS"}, {"op": "load", "at": "0x46000000", "size": 8}]}
> END
$ smref run commands.json
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_INVALIDATED, CMDQ_CONSUMED, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
#1 read   0x009c SMMU_CMDQ_CONS     -> 0x1000002 (RD 0x2, ERR CERROR_ILL)  REG_READ, REG_INDEX_RAZ
#2 load   ns:0x46000000 8 bytes     -> 000000002a000000

3 steps: 3 ok
$ smref run commands.json --json --choice WIRED_INTERRUPTS=present | head -1
{"step":0,"op":"mmio_write","outcome":"ok","value":"0x3","events":[],"writes":[{"pas":"ns","at":"0x46000004","u32":"0x2a","bank":"ns","source":"cmd_sync","attrs":{"type":"device-nGnRnE","sh":"osh"}}],"irqs":[{"bank":"ns","name":"cmd_sync"}],"gerror":{"ns":"0x1"},"rules":["REG_WRITTEN","CMD_INVALIDATED","CMDQ_CONSUMED","CMD_SYNC_MSI","CMD_SYNC_WIRED_TOO","CMD_SYNC_CS","CMDQ_STOPPED"]}

## What goes to an endpoint; an opcode that only the implementation knows; an MSI into the command that comes next, which is
## seen there or not.
$ sed 's/"struct": "CMD_CFGI_STE", "fields": {"StreamID": 8}/"u64": ["0x40", 0]/' commands.json | smref run - --set SMMU_CR0=9 --set SMMU_IDR0=0x080e761f | head -1
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; sends atc_inv to StreamID 0x0; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_ATS_SYSTEM, CMD_ATC_INV_SENT, CMDQ_CONSUMED, CMD_SYNC_ATC_INV, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
$ sed 's/"struct": "CMD_CFGI_STE", "fields": {"StreamID": 8}/"u64": ["0x85", 0]/' commands.json | smref run - --choice CMD_OPCODE_IMPDEF=consumed | head -1
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_OPCODE_IMPDEF, CMDQ_CONSUMED, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
$ sed 's/"struct": "CMD_CFGI_STE", "fields": {"StreamID": 8}/"u64": ["0x1046", "0x45000010"]/' commands.json | smref run - | head -1
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; writes 0x0 to 0x45000010 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_SYNC_MSI, CMD_SYNC_MSI_AHEAD, CMD_SYNC_WIRED_TOO, CMDQ_CONSUMED, CMD_OPCODE_RESERVED, CMDQ_STOPPED
$ sed 's/"struct": "CMD_CFGI_STE", "fields": {"StreamID": 8}/"u64": ["0x1046", "0x45000010"]/' commands.json | smref run - --choice CMDQ_ALTERED_COMMAND=cached | head -1
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; writes 0x0 to 0x45000010 (cmd_sync); writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_SYNC_MSI, CMD_SYNC_MSI_AHEAD, CMD_SYNC_WIRED_TOO, CMDQ_CONSUMED, CMD_SYNC_CS, CMDQ_STOPPED

## A queue inside the SMMU is at a fixed address; one that is relative to the registers is not modelled.
$ smref run commands.json --set SMMU_IDR1=0x2e730520 | head -1
#0 write  0x0098 SMMU_CMDQ_PROD 0x3 -> holds 0x3; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_INVALIDATED, CMDQ_CONSUMED, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
$ smref run commands.json --set SMMU_IDR1=0x3e730520
smref: commands.json:5: steps[0]: not modelled: queues at addresses relative to the registers (IDR1.REL)
[2]

## Without IDR0.RME_IMPL the granule protection fault of a prefetch may be reported (3.25.1.2): not with caches, nor of several translations.
$ cat >prefetch.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "rme",
>  "registers": {"SMMU_IDR0": "0x080e721f", "SMMU_CR0": 9, "SMMU_STRTAB_BASE": "0x1000", "SMMU_CMDQ_BASE": "0x2003",
>                "SMMU_ROOT_CR0": 3, "SMMU_ROOT_GPT_BASE": "0x4000", "SMMU_ROOT_GPT_BASE_CFG": "0x3500"},
>  "memory": [{"at": 0, "size": "0x4000", "fill": 0}, {"pas": "root", "at": "0x4000", "u64": ["0x91", "0x1", "0x1", "0x1"]},
>             {"at": "0x1000", "struct": "STE", "fields": {"V": 1, "Config": "BYPASS", "SHCFG": 1}},
>             {"at": "0x2000", "struct": "CMD_PREFETCH_ADDR", "fields": {"Address": "0x40000000"}}],
>  "steps": [{"op": "mmio_write", "reg": "SMMU_CMDQ_PROD", "value": 1}]}
> END
$ smref run prefetch.json --all | sed '/^$/,$d'
#0 write  0x0098 SMMU_CMDQ_PROD 0x1 -> holds 0x1  REG_WRITTEN, GPC_BLOCK_PERMITS, CMD_PREFETCHED, PREFETCH_GPC, CMDQ_CONSUMED
    or holds 0x1; signals gpf_far; ROOT_GPF_FAR 0x4000000040000007  REG_WRITTEN, GPC_BLOCK_PERMITS, CMD_PREFETCHED, PREFETCH_GPC, GPF_FAR_RECORDED, CMDQ_CONSUMED
       with PREFETCH_GPC=reported
$ smref run prefetch.json --caching any --quiet
smref: prefetch.json:7: steps[0]: not modelled: prefetch with caches, of several translations or of those of a Secure stream, under granule protection without IDR0.RME_IMPL (3.25.1.2)
[2]
$ sed 's/"Address": /"Size": 1, &/' prefetch.json | smref run - --quiet
smref: -:7: steps[0]: not modelled: prefetch with caches, of several translations or of those of a Secure stream, under granule protection without IDR0.RME_IMPL (3.25.1.2)
[2]
