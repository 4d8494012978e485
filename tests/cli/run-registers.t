smref run: accesses of software to registers, and what --explain tells of them: which register, the clause that
decides, what becomes of each field, the commands that follow, what changes. Writes that are ignored are seen in the
lines themselves (6.2, 6.3.9, 6.3.11, 6.3.14, 6.3.24; 7.1; IDR0.PRI is 1 in this profile).

$ smref run run/registers.json
#0  write  0x0020 SMMU_CR0 0x8009                     -> holds 0x9 (SMMUEN, CMDQEN); ignored 0x8000 (RES0)  REG_RES0_WRITTEN, REG_WRITTEN, REG_ACKNOWLEDGED
#1  write  0x0080 SMMU_STRTAB_BASE 0x4000000043000000 -> holds 0x0; ignored 0x4000000043000000 (ADDR, RA)  REG_GUARDED
#2  write  0x0028 SMMU_CR1 0xd75                      -> holds 0x0; ignored 0xd75 (QUEUE_IC, QUEUE_OC, QUEUE_SH, TABLE_IC, TABLE_OC and 1 more)  REG_FIELD_GUARDED, REG_WRITTEN
#3  write  0x8020 SMMU_S_CR0 0x1                      -> holds 0x0; ignored 0x1 (SMMUEN)  REG_SPACE
#4  write  secure 0x8020 SMMU_S_CR0 0x3               -> holds 0x1 (SMMUEN); ignored 0x2 (RES0)  REG_RES0_WRITTEN, REG_WRITTEN, REG_ACKNOWLEDGED
#5  write  0x0044 SMMU_GBPA 0x101000                  -> holds 0x1000 (SHCFG USE_INCOMING); ignored 0x100000 (ABORT)  REG_WRITTEN, REG_WITHOUT_UPDATE
#6  write  0x0044 SMMU_GBPA 0x80101000                -> holds 0x101000 (SHCFG USE_INCOMING, ABORT)  REG_WRITTEN, REG_UPDATED
#7  read   0x0020 SMMU_CR0                            -> 0x900000009  REG_64_BIT_PAIR, REG_READ, REG_READ
#8  read   0x0000 SMMU_IDR0                           -> 0x489ff73b (S2P, S1P, TTF VMSAv8_64, COHACC, BTM and 15 more)  REG_READ
#9  write  0x0098 SMMU_CMDQ_PROD 0x3                  -> holds 0x3; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_INVALIDATED, CMDQ_CONSUMED, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
#10 read   0x009c SMMU_CMDQ_CONS                      -> 0x1000002 (RD 0x2, ERR CERROR_ILL)  REG_READ, REG_INDEX_RAZ
#11 store  ns:0x45000020 16 bytes                     -> done
#12 write  0x0064 SMMU_GERRORN 0x1                    -> holds 0x1 (CMDQ_ERR)  REG_WRITTEN, GERROR_ACKNOWLEDGED, CMD_SYNC_NONE, CMDQ_CONSUMED
#13 write  0x1ffc 0x1                                 -> holds 0x0  REG_IMPDEF_OFFSET

14 steps: 14 ok

## CR0 is acknowledged at once, its reserved bits stay zero. STRTAB_BASE and CR1 are guarded by SMMUEN then.
$ smref run run/registers.json --explain | sed -n '/^#0 /,/^$/p;/^#1 /,/^$/p;/^#2 /,/^$/p'
#0  write  0x0020 SMMU_CR0 0x8009                     -> holds 0x9 (SMMUEN, CMDQEN); ignored 0x8000 (RES0)  REG_RES0_WRITTEN, REG_WRITTEN, REG_ACKNOWLEDGED
  Register
    SMMU_CR0 at 0x20 of NS_PAGE0 [6.3.9], from the ns space: held 0x0, written 0x8009
    - reserved bits that the write would set stay zero [REG_RES0_WRITTEN, 6.2]
        SMMUEN         [0]      taken    0 -> 1
        CMDQEN         [3]      taken    0 -> 1
        RES0           [31:11]  ignored  0x0, written 0x10: RES0
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - the acknowledge register shows the new values [REG_ACKNOWLEDGED, 6.3.9]
  Outcome
    SMMU_CR0 0x0 -> 0x9
    SMMU_CR0ACK 0x0 -> 0x9: SMMUEN 0 -> 1, CMDQEN 0 -> 1
    holds 0x9

#1  write  0x0080 SMMU_STRTAB_BASE 0x4000000043000000 -> holds 0x0; ignored 0x4000000043000000 (ADDR, RA)  REG_GUARDED
  Register
    SMMU_STRTAB_BASE at 0x80 of NS_PAGE0 [6.3.24], from the ns space: held 0x0,
        written 0x4000000043000000
        no:  RO if IDR1.TABLES_PRESET == 1 (IDR1.TABLES_PRESET 0)
        no:  RW if CR0.SMMUEN == 0 && CR0ACK.SMMUEN == 0 (CR0.SMMUEN 1, CR0ACK.SMMUEN 1)
        yes: GUARDED otherwise
    - the guard of the register is closed: the write is ignored, in versions before v3.2 maybe not
      [REG_GUARDED, 6.2]
        ADDR           [55:6]   ignored  0x0, written 0x43000000: the guard is closed
        RA             [62]     ignored  0, written 1: the guard is closed
  Outcome
    holds 0x0

#2  write  0x0028 SMMU_CR1 0xd75                      -> holds 0x0; ignored 0xd75 (QUEUE_IC, QUEUE_OC, QUEUE_SH, TABLE_IC, TABLE_OC and 1 more)  REG_FIELD_GUARDED, REG_WRITTEN
  Register
    SMMU_CR1 at 0x28 of NS_PAGE0 [6.3.11], from the ns space: held 0x0, written 0xd75
    - the guard of a field that the write would change is closed: it keeps its value, in versions
      before v3.2 maybe not [REG_FIELD_GUARDED, 6.3.11]
        QUEUE_IC       [1:0]    ignored  0b00 NC, written 0b01 WB: the guard is closed
            yes: GUARDED if CR0.EVENTQEN == 1 || CR0ACK.EVENTQEN == 1 || CR0.CMDQEN == 1 ||
                 CR0ACK.CMDQEN == 1 || CR0.PRIQEN == 1 || CR0ACK.PRIQEN == 1 || ctx.ecmdq_enabled
                 (CR0.EVENTQEN 0, CR0ACK.EVENTQEN 0, CR0.CMDQEN 1, CR0ACK.CMDQEN 1, CR0.PRIQEN 0,
                 CR0ACK.PRIQEN 0, ctx.ecmdq_enabled 0)
        QUEUE_OC       [3:2]    ignored  0b00 NC, written 0b01 WB: for the same reason
        QUEUE_SH       [5:4]    ignored  0b00 NSH, written 0b11 ISH: for the same reason
        TABLE_IC       [7:6]    ignored  0b00 NC, written 0b01 WB: the guard is closed
            yes: GUARDED if CR0.SMMUEN == 1 || CR0ACK.SMMUEN == 1 (CR0.SMMUEN 1, CR0ACK.SMMUEN 1)
        TABLE_OC       [9:8]    ignored  0b00 NC, written 0b01 WB: for the same reason
        TABLE_SH       [11:10]  ignored  0b00 NSH, written 0b11 ISH: for the same reason
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Outcome
    holds 0x0

## A Secure register from the Non-secure space; one that an implementation without Secure state lacks.
$ smref run run/registers.json --explain | sed -n '/^#3 /,/^$/p'
#3  write  0x8020 SMMU_S_CR0 0x1                      -> holds 0x0; ignored 0x1 (SMMUEN)  REG_SPACE
  Register
    SMMU_S_CR0 at 0x8020 of NS_PAGE0 [6.3.57], from the ns space: held 0x0, written 0x1
        yes: RAZ/WI if !ctx.pas_permitted (ctx.pas_permitted 0: only from secure and root)
    - the register may not be reached from this physical address space: RAZ/WI [REG_SPACE, 6.2]
  Outcome
    holds 0x0
$ sed '/ROOT_CR0/d;/"op"/!b;/S_CR0", "value": "0x1"/!d;s/,$//' run/registers.json | smref run - --profile arch-3.4 --explain
#0 write  0x8020 SMMU_S_CR0 0x1 -> holds 0x0; ignored 0x1 (SMMUEN)  REG_ABSENT
  Register
    SMMU_S_CR0 at 0x8020 of NS_PAGE0 [6.3.57], from the ns space: held 0x0, written 0x1
        no:  present if S_IDR1.SECURE_IMPL == 1 (S_IDR1.SECURE_IMPL 0)
    - the register is not present in this implementation: it is RES0 [REG_ABSENT, 6.2]
  Outcome
    holds 0x0

## A field that this implementation reserves: PRIQEN without PRI.
$ sed '/ROOT_CR0/d;/"op"/!b;/SMMU_CR0", "value": "0x8009"/!d;s/0x8009/0x2/;s/,$//' run/registers.json | smref run - --profile arch-3.4 --explain
#0 write  0x0020 SMMU_CR0 0x2 -> holds 0x0; ignored 0x2 (PRIQEN)  REG_RES0_WRITTEN, REG_WRITTEN
  Register
    SMMU_CR0 at 0x20 of NS_PAGE0 [6.3.9], from the ns space: held 0x0, written 0x2
    - reserved bits that the write would set stay zero [REG_RES0_WRITTEN, 6.2]
        PRIQEN         [1]      ignored  0, written 1: RES0 if IDR0.PRI == 0 (IDR0.PRI 0)
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Outcome
    holds 0x0

## GBPA without Update and with it.
$ smref run run/registers.json --explain | sed -n '/^#5 /,/^$/p;/^#6 /,/^$/p'
#5  write  0x0044 SMMU_GBPA 0x101000                  -> holds 0x1000 (SHCFG USE_INCOMING); ignored 0x100000 (ABORT)  REG_WRITTEN, REG_WITHOUT_UPDATE
  Register
    SMMU_GBPA at 0x44 of NS_PAGE0 [6.3.14], from the ns space: held 0x1000, written 0x101000
        yes: RW if GBPA.Update == 0 (GBPA.Update 0)
        ABORT          [20]     not kept 0, written 1: by the protocol of the register
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - a write that does not set Update is ignored, in versions before v3.2 maybe not
      [REG_WITHOUT_UPDATE, 6.3.14]
  Outcome
    holds 0x1000

#6  write  0x0044 SMMU_GBPA 0x80101000                -> holds 0x101000 (SHCFG USE_INCOMING, ABORT)  REG_WRITTEN, REG_UPDATED
  Register
    SMMU_GBPA at 0x44 of NS_PAGE0 [6.3.14], from the ns space: held 0x1000, written 0x80101000
        yes: RW if GBPA.Update == 0 (GBPA.Update 0)
        ABORT          [20]     taken    0 -> 1
        Update         [31]     not kept 0, written 1: by the protocol of the register
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - the update is made, and Update is 0 again [REG_UPDATED, 6.3.14]
  Outcome
    SMMU_GBPA 0x1000 -> 0x101000
    holds 0x101000

## Two registers at once. A write of both: the lower one is taken, the upper one is read-only.
$ smref run run/registers.json --explain | sed -n '/^#7 /,/^$/p'
#7  read   0x0020 SMMU_CR0                            -> 0x900000009  REG_64_BIT_PAIR, REG_READ, REG_READ
  Register
    - a 64-bit access to two 32-bit registers [REG_64_BIT_PAIR, 6.2]
    ? what a 64-bit access to two 32-bit registers does [REG_64_BIT_PAIR, 6.2]: both = two accesses
      are made, of the register at the lower address first (also permitted: both_upper_first or
      lower or upper or raz_wi or abort)
    SMMU_CR0 at 0x20 of NS_PAGE0 [6.3.9], from the ns space: holds 0x9
    - the register is read; what is reserved in this configuration reads as zero [REG_READ, 6.2]
        SMMUEN 1, CMDQEN 1, the rest is 0
    SMMU_CR0ACK at 0x24 of NS_PAGE0 [6.3.10], from the ns space: holds 0x9
    - the register is read; what is reserved in this configuration reads as zero [REG_READ, 6.2]
        SMMUEN 1, CMDQEN 1, the rest is 0
  Outcome
    read 0x900000009
$ sed '/ROOT_CR0/d;/"op"/!b;/SMMU_CR0", "value": "0x8009"/!d;s/"reg": "SMMU_CR0", "value": "0x8009"/"offset": "0x20", "size": 8, "value": "0x900000001"/;s/,$//' run/registers.json | smref run - --explain
#0 write  0x0020 SMMU_CR0 0x900000001 -> holds 0x100000001; ignored 0x800000000  REG_64_BIT_PAIR, REG_WRITTEN, REG_ACKNOWLEDGED, REG_READ_ONLY
  Register
    - a 64-bit access to two 32-bit registers [REG_64_BIT_PAIR, 6.2]
    ? what a 64-bit access to two 32-bit registers does [REG_64_BIT_PAIR, 6.2]: both = two accesses
      are made, of the register at the lower address first (also permitted: both_upper_first or
      lower or upper or raz_wi or abort)
    SMMU_CR0 at 0x20 of NS_PAGE0 [6.3.9], from the ns space: held 0x0, written 0x1
        SMMUEN         [0]      taken    0 -> 1
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - the acknowledge register shows the new values [REG_ACKNOWLEDGED, 6.3.9]
  Outcome
    SMMU_CR0 0x0 -> 0x1
    SMMU_CR0ACK 0x0 -> 0x1: SMMUEN 0 -> 1
  Register
    SMMU_CR0ACK at 0x24 of NS_PAGE0 [6.3.10], from the ns space: held 0x1, written 0x9
    - the register is read-only: the write is ignored [REG_READ_ONLY, 6.2]
        CMDQEN         [3]      ignored  0, written 1: the register is read-only
  Outcome
    holds 0x100000001

## Commands: one invalidates, one sends an MSI, one is illegal. The error stops the queue until it is acknowledged.
$ smref run run/registers.json --explain | sed -n '/^#9 /,/^$/p;/^#10 /,/^$/p;/^#12 /,/^$/p'
#9  write  0x0098 SMMU_CMDQ_PROD 0x3                  -> holds 0x3; writes 0x2a to 0x46000004 (cmd_sync); GERROR 0x1  REG_WRITTEN, CMD_INVALIDATED, CMDQ_CONSUMED, CMD_SYNC_MSI, CMD_SYNC_WIRED_TOO, CMD_SYNC_CS, CMDQ_STOPPED
  Register
    SMMU_CMDQ_PROD at 0x98 of NS_PAGE0 [6.3.27], from the ns space: held 0x0, written 0x3
        WR             [19:0]   taken    0x0 -> 0x3
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Commands
    SMMU_CR0ACK 0x9: CMDQEN 1
    SMMU_CMDQ_BASE 0x45000003: LOG2SIZE 3, ADDR 0x45000000
    SMMU_CMDQ_PROD 0x3: WR 0x3
    SMMU_CMDQ_CONS 0x0: RD 0x0
    CMD_TLBI_NH_VA [0x0] at 0x45000000: 0x0002000100000012 0x0000000012345001
        VMID 0x1, ASID 0x2, Leaf 1, TG 0b00 ANY, Address 0x12345000
    - nothing is left in caches of what the command names [CMD_INVALIDATED, 4.3, 4.4, 4.6]
    - RD goes past the command [CMDQ_CONSUMED, 4.1.4]
    CMD_SYNC [0x1] at 0x45000010: 0x0000002a00001046 0x0000000046000004
        CS 0b01 SIG_IRQ, MSIAttr 0b0000, MSIData 0x2a, MSIAddress 0x46000004
    - MSIData is written to MSIAddress [CMD_SYNC_MSI, 4.7.3]
    - SIG_IRQ with MSIs: a wired interrupt is asserted as well if there is one, whatever MSIAddress
      is [CMD_SYNC_WIRED_TOO, 4.7.3, 3.18]
    ? whether an implementation with MSIs has wired interrupts too [WIRED_INTERRUPTS, 3.18]: absent
      = it has not (also permitted: present)
    CMD_SYNC [0x2] at 0x45000020: 0x0000000000003046 and 1 more, zero
        CS 0b11 (CERROR_ILL)
    ! CS is reserved => CERROR_ILL [CMD_SYNC_CS, 4.7.3]
      when CS == 3
    - RD stays at the command, ERR tells why, and CMDQ_ERR becomes active [CMDQ_STOPPED, 7.1]
    SMMU_IRQ_CTRLACK 0x0: GERROR_IRQEN 0
  Outcome
    SMMU_GERROR 0x0 -> 0x1: CMDQ_ERR 0 -> 1
    SMMU_CMDQ_PROD 0x0 -> 0x3
    SMMU_CMDQ_CONS 0x0 -> 0x1000002: RD 0x0 -> 0x2, ERR 0 CERROR_NONE -> 1 CERROR_ILL
    MSI of cmd_sync: 0x2a to ns:0x46000004, device-nGnRnE osh
    holds 0x3

#10 read   0x009c SMMU_CMDQ_CONS                      -> 0x1000002 (RD 0x2, ERR CERROR_ILL)  REG_READ, REG_INDEX_RAZ
  Register
    SMMU_CMDQ_CONS at 0x9c of NS_PAGE0 [6.3.28], from the ns space: holds 0x1000002
    - the register is read; what is reserved in this configuration reads as zero [REG_READ, 6.2]
    - bits above the wrap flag of an index that the SMMU writes read as zero [REG_INDEX_RAZ, 6.3.28]
        RD 0x2, ERR 1 CERROR_ILL, the rest is 0
  Outcome
    read 0x1000002

#12 write  0x0064 SMMU_GERRORN 0x1                    -> holds 0x1 (CMDQ_ERR)  REG_WRITTEN, GERROR_ACKNOWLEDGED, CMD_SYNC_NONE, CMDQ_CONSUMED
  Register
    SMMU_GERRORN at 0x64 of NS_PAGE0 [6.3.20], from the ns space: held 0x0, written 0x1
        CMDQ_ERR       [0]      taken    0 -> 1
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - an active error is acknowledged [GERROR_ACKNOWLEDGED, 6.3.20]
  Commands
    SMMU_CR0ACK 0x9: CMDQEN 1
    SMMU_CMDQ_BASE 0x45000003: LOG2SIZE 3, ADDR 0x45000000
    SMMU_CMDQ_PROD 0x3: WR 0x3
    SMMU_CMDQ_CONS 0x1000002: RD 0x2, ERR 1 CERROR_ILL
    CMD_SYNC [0x2] at 0x45000020: 0x0000000000000046 and 1 more, zero
        CS 0b00 SIG_NONE
    - the command completes without a signal [CMD_SYNC_NONE, 4.7.3]
    - RD goes past the command [CMDQ_CONSUMED, 4.1.4]
  Outcome
    SMMU_GERRORN 0x0 -> 0x1
    SMMU_CMDQ_CONS 0x1000002 -> 0x1000003: RD 0x2 -> 0x3
    holds 0x1

## An opcode that does not exist, and one that cannot be read.
$ sed 's/"struct": "CMD_TLBI_NH_VA", "fields": {[^}]*}/"u64": ["0x9d", "0x0"]/' run/registers.json | smref run - --explain | sed -n '/^#9 /,/^  Outcome/{/command/,/^  Outcome/p;}'
    command [0x0] at 0x45000000: 0x000000000000009d and 1 more, zero
    ! the opcode is reserved => CERROR_ILL [CMD_OPCODE_RESERVED, 4.1.1, 4.1.3]
    - RD stays at the command, ERR tells why, and CMDQ_ERR becomes active [CMDQ_STOPPED, 7.1]
    SMMU_IRQ_CTRLACK 0x0: GERROR_IRQEN 0
  Outcome
$ sed '/CMD_TLBI/d' run/registers.json | smref run - --explain | sed -n '/^#9 /,/^  Outcome/{/command/,/^  Outcome/p;}'
    command [0x0] at 0x45000000: external abort
    ! the fetch of a command is aborted => CERROR_ABT [CMDQ_FETCH_ABORT, 4.1.3, 7.1]
    - RD stays at the command, ERR tells why, and CMDQ_ERR becomes active [CMDQ_STOPPED, 7.1]
    SMMU_IRQ_CTRLACK 0x0: GERROR_IRQEN 0
  Outcome

## A guard that is closed, before v3.2: the write may be taken.
$ smref run run/registers.json --set SMMU_AIDR=1 --choice REG_GUARDED_WRITE=taken --explain | sed -n '/^#1 /,/^$/p'
#1  write  0x0080 SMMU_STRTAB_BASE 0x4000000043000000 -> holds 0x4000000043000000 (ADDR 0x43000000, RA)  REG_GUARDED, REG_WRITTEN
  Register
    SMMU_STRTAB_BASE at 0x80 of NS_PAGE0 [6.3.24], from the ns space: held 0x0,
        written 0x4000000043000000
        no:  RO if IDR1.TABLES_PRESET == 1 (IDR1.TABLES_PRESET 0)
        no:  RW if CR0.SMMUEN == 0 && CR0ACK.SMMUEN == 0 (CR0.SMMUEN 1, CR0ACK.SMMUEN 1)
        yes: GUARDED otherwise
    - the guard of the register is closed: the write is ignored, in versions before v3.2 maybe not
      [REG_GUARDED, 6.2]
    ? what a write to a register does whose guard is closed; from v3.2 on it is ignored
      [REG_GUARDED_WRITE, 6.3.26]: taken = the register takes any value; here the written one (also
      permitted: ignored)
        ADDR           [55:6]   taken    0x0 -> 0x43000000
        RA             [62]     taken    0 -> 1
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Outcome
    SMMU_STRTAB_BASE 0x0 -> 0x4000000043000000
    holds 0x4000000043000000

## Other banks: a guard of the Secure one looks at its own CR0. Enhanced Command queue 6 is the third of page 1.
$ cat >banks.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4-rme",
>  "registers": {"SMMU_ROOT_CR0": "0x1", "SMMU_S_CR0": "0x8"},
>  "memory": [{"at": "0x45000000", "struct": "CMD_CFGI_ALL", "fields": {}}, {"at": "0x45000010", "u64": ["0x99", 0]}],
>  "steps": [{"op": "mmio_write", "reg": "SMMU_S_CMDQ_BASE", "value": "0x46000003", "sec": "secure"},
>            {"op": "mmio_write", "reg": "SMMU_ECMDQ_BASE6", "value": "0x45000003"},
>            {"op": "mmio_write", "reg": "SMMU_ECMDQ_PROD6", "value": "0x80000000"},
>            {"op": "mmio_write", "reg": "SMMU_ECMDQ_PROD6", "value": "0x80000002"},
>            {"op": "mmio_read", "reg": "SMMU_ECMDQ_CONS6"}]}
> END
$ smref run banks.json --explain
#0 write  secure 0x8090 SMMU_S_CMDQ_BASE 0x46000003 -> holds 0x0; ignored 0x46000003 (LOG2SIZE, ADDR)  REG_GUARDED
  Register
    SMMU_S_CMDQ_BASE at 0x8090 of NS_PAGE0 [6.3.74], from the secure space: held 0x0,
        written 0x46000003
        no:  RO if IDR1.QUEUES_PRESET == 1 (IDR1.QUEUES_PRESET 0)
        no:  RW if S_CR0.CMDQEN == 0 && S_CR0ACK.CMDQEN == 0 (S_CR0.CMDQEN 1, S_CR0ACK.CMDQEN 1)
        yes: GUARDED otherwise
    - the guard of the register is closed: the write is ignored, in versions before v3.2 maybe not
      [REG_GUARDED, 6.2]
        LOG2SIZE       [4:0]    ignored  0, written 3: the guard is closed
        ADDR           [55:5]   ignored  0x0, written 0x46000000: the guard is closed
  Outcome
    holds 0x0

#1 write  SMMU_ECMDQ_BASE6 0x45000003               -> holds 0x45000003 (LOG2SIZE 3, ADDR 0x45000000)  REG_WRITTEN
  Register
    SMMU_ECMDQ_BASE6 at 0x8000 of CMDQCP (page 1) [6.3.107], from the ns space: held 0x0,
        written 0x45000003
        yes: RW if ECMDQ_PROD.EN == 0 && ECMDQ_CONS.ENACK == 0 (ECMDQ_PROD.EN 0, ECMDQ_CONS.ENACK 0)
        LOG2SIZE       [4:0]    taken    0 -> 3
        ADDR           [55:5]   taken    0x0 -> 0x45000000
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Outcome
    SMMU_ECMDQ_BASE6 0x0 -> 0x45000003
    holds 0x45000003

#2 write  SMMU_ECMDQ_PROD6 0x80000000               -> holds 0x80000000 (EN)  REG_WRITTEN, ECMDQ_ENABLED
  Register
    SMMU_ECMDQ_PROD6 at 0x8008 of CMDQCP (page 1) [6.3.108], from the ns space: held 0x0,
        written 0x80000000
        yes: RW if ECMDQ_PROD.EN == 0 && ECMDQ_CONS.ENACK == 0 (ECMDQ_PROD.EN 0, ECMDQ_CONS.ENACK 0)
        EN             [31]     taken    0 -> 1
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - EN becomes 1, and ENACK with it: the queue is enabled [ECMDQ_ENABLED, 3.5.6.2]
  Outcome
    SMMU_ECMDQ_PROD6 0x0 -> 0x80000000
    SMMU_ECMDQ_CONS6 0x0 -> 0x80000000: ENACK 0 -> 1
    holds 0x80000000

#3 write  SMMU_ECMDQ_PROD6 0x80000002               -> holds 0x80000002 (WR 0x2, EN); GERROR 0x200  REG_WRITTEN, CMD_INVALIDATED, CMDQ_CONSUMED, CMD_OPCODE_RESERVED, ECMDQ_STOPPED
  Register
    SMMU_ECMDQ_PROD6 at 0x8008 of CMDQCP (page 1) [6.3.108], from the ns space: held 0x80000000,
        written 0x80000002
        no:  RW if ECMDQ_PROD.EN == 0 && ECMDQ_CONS.ENACK == 0 (ECMDQ_PROD.EN 1, ECMDQ_CONS.ENACK 1)
        yes: RW if ECMDQ_PROD.EN == 1 && ECMDQ_CONS.ENACK == 1 (ECMDQ_PROD.EN 1, ECMDQ_CONS.ENACK 1)
        WR             [19:0]   taken    0x0 -> 0x2
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Commands
    SMMU_ECMDQ_BASE6 0x45000003: LOG2SIZE 3, ADDR 0x45000000
    SMMU_ECMDQ_PROD6 0x80000002: WR 0x2, EN 1
    SMMU_ECMDQ_CONS6 0x80000000: RD 0x0, ENACK 1
    CMD_CFGI_ALL [0x0] at 0x45000000: 0x0000000000000004 0x000000000000001f
        Range 31 ALL
    - nothing is left in caches of what the command names [CMD_INVALIDATED, 4.3, 4.4, 4.6]
    - RD goes past the command [CMDQ_CONSUMED, 4.1.4]
    command [0x1] at 0x45000010: 0x0000000000000099 and 1 more, zero
    ! the opcode is reserved => CERROR_ILL [CMD_OPCODE_RESERVED, 4.1.1, 4.1.3]
    - RD stays at the command, ERR_REASON tells why, ERR toggles, and CMDQP_ERR becomes active
      unless it is [ECMDQ_STOPPED, 3.5.6.3]
    SMMU_IRQ_CTRLACK 0x0: GERROR_IRQEN 0
  Outcome
    SMMU_GERROR 0x0 -> 0x200: CMDQP_ERR 0 -> 1
    SMMU_ECMDQ_PROD6 0x80000000 -> 0x80000002
    SMMU_ECMDQ_CONS6 0x80000000 -> 0x81800001: RD 0x0 -> 0x1, ERR 0 -> 1,
        ERR_REASON 0b000 CERROR_NONE -> 0b001 CERROR_ILL
    holds 0x80000002

#4 read   SMMU_ECMDQ_CONS6                          -> 0x81800001 (RD 0x1, ERR, ERR_REASON CERROR_ILL, ENACK)  REG_READ, REG_INDEX_RAZ
  Register
    SMMU_ECMDQ_CONS6 at 0x800c of CMDQCP (page 1) [6.3.109], from the ns space: holds 0x81800001
    - the register is read; what is reserved in this configuration reads as zero [REG_READ, 6.2]
    - bits above the wrap flag of an index that the SMMU writes read as zero [REG_INDEX_RAZ, 6.3.28]
        RD 0x1, ERR 1, ERR_REASON 0b001 CERROR_ILL, ENACK 1, the rest is 0
  Outcome
    read 0x81800001

5 steps: 5 ok

## What is not modelled: how far the explanation goes.
$ sed '/ROOT_CR0/d;/"op"/!b;/GERRORN/!d;s/0x1"/0x100"/;s/,$//' run/registers.json | smref run - --set SMMU_GERROR=0x100 --explain
#0 write  0x0064 SMMU_GERRORN 0x100 -> unknown: this far it is modelled
  Register
    SMMU_GERRORN at 0x64 of NS_PAGE0 [6.3.20], from the ns space: held 0x0, written 0x100
        SFM_ERR        [8]      taken    0 -> 1
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - an active error is acknowledged [GERROR_ACKNOWLEDGED, 6.3.20]

smref: -:15: steps[0]: not modelled: what comes after Service failure mode, which is IMPLEMENTATION DEFINED (12.3)
[2]

## Every field, with its title.
$ smref run run/registers.json --explain=full | sed -n '/^#0 /,/^$/p'
#0  write  0x0020 SMMU_CR0 0x8009                     -> holds 0x9 (SMMUEN, CMDQEN); ignored 0x8000 (RES0)  REG_RES0_WRITTEN, REG_WRITTEN, REG_ACKNOWLEDGED
  Register
    SMMU_CR0 at 0x20 of NS_PAGE0 [6.3.9], from the ns space: held 0x0, written 0x8009 - Control
        register 0: enables
        no:  RAZ/WI if !ctx.pas_permitted (ctx.pas_permitted 1)
        yes: RW otherwise
    - reserved bits that the write would set stay zero [REG_RES0_WRITTEN, 6.2]
        SMMUEN         [0]      taken    0 -> 1 - Streams of the bank are translated, else GBPA
            rules them
        PRIQEN         [1]               0 - Writes to the PRI queue are enabled
        EVENTQEN       [2]               0 - Writes to the Event queue are enabled
        CMDQEN         [3]      taken    0 -> 1 - Commands of the Command queue are processed
        ATSCHK         [4]               0 FAST - Treatment of ATS Translated transactions
        VMW            [8:6]             0b000 EXACT - Low VMID bits that TLB invalidation ignores
        DPT_WALK_EN    [10]              0 - Walks of the device permission table are enabled
        RES0           [31:11]  ignored  0x0, written 0x10: RES0
    - the register takes the written value in the fields that are writable [REG_WRITTEN, 6.2]
  Protocol
    - the acknowledge register shows the new values [REG_ACKNOWLEDGED, 6.3.9]
  Outcome
    SMMU_CR0 0x0 -> 0x9
    SMMU_CR0ACK 0x0 -> 0x9: SMMUEN 0 -> 1, CMDQEN 0 -> 1
    holds 0x9

## As data, and as HTML.
$ smref run run/registers.json --json --explain | sed -n 2p
{"step":1,"op":"mmio_write","outcome":"ok","value":"0x0","events":[],"rules":["REG_GUARDED"],"ignored":"0x4000000043000000","explanation_version":"1.0","explanation":[{"kind":"reach","phase":"register","offset":"0x80","block":"NS_PAGE0","register":"SMMU_STRTAB_BASE","section":"6.3.24","pas":"ns","spaces":["ns","secure","realm","root"],"held":"0x0","written":"0x4000000043000000","access":[{"is":"RAZ/WI","when":"!ctx.pas_permitted","holds":false,"terms":[{"name":"ctx.pas_permitted","value":"0x1"}]},{"is":"RO","when":"IDR1.TABLES_PRESET == 1","holds":false,"terms":[{"name":"IDR1.TABLES_PRESET","value":"0x0"}]},{"is":"RW","when":"CR0.SMMUEN == 0 && CR0ACK.SMMUEN == 0","holds":false,"terms":[{"name":"CR0.SMMUEN","value":"0x1"},{"name":"CR0ACK.SMMUEN","value":"0x1"}]},{"is":"GUARDED","holds":true}]},{"kind":"rule","phase":"register","rule":"REG_GUARDED","section":"6.2","title":"the guard of the register is closed: the write is ignored, in versions before v3.2 maybe not"},{"kind":"field","phase":"register","register":"SMMU_STRTAB_BASE","field":"ADDR","bits":"[55:6]","fate":"ignored","held":{"value":"0x0"},"written":{"value":"0x43000000"},"now":{"value":"0x0"}},{"kind":"field","phase":"register","register":"SMMU_STRTAB_BASE","field":"RA","bits":"[62]","fate":"ignored","held":{"value":"0x0"},"written":{"value":"0x1"},"now":{"value":"0x0"}}]}
$ smref run run/registers.json --json | sed -n 2,3p
{"step":1,"op":"mmio_write","outcome":"ok","value":"0x0","events":[],"rules":["REG_GUARDED"],"ignored":"0x4000000043000000"}
{"step":2,"op":"mmio_write","outcome":"ok","value":"0x0","events":[],"rules":["REG_FIELD_GUARDED","REG_WRITTEN"],"ignored":"0xd75"}
$ smref run run/registers.json --format html | sed -n '/id=s1 /,/details>/p'
<details id=s1 data-o=mmio_write><summary>#1  write  0x0080 SMMU_STRTAB_BASE 0x4000000043000000 -&gt; holds 0x0; ignored 0x4000000043000000 (ADDR, RA)  REG_GUARDED</summary><div>
<h4>Register</h4>
<p class=f>SMMU_STRTAB_BASE at 0x80 of NS_PAGE0 [6.3.24], from the ns space: held 0x0, written 0x4000000043000000
<p class=d>no:  RO if IDR1.TABLES_PRESET == 1 (IDR1.TABLES_PRESET 0)
<p class=d>no:  RW if CR0.SMMUEN == 0 &amp;&amp; CR0ACK.SMMUEN == 0 (CR0.SMMUEN 1, CR0ACK.SMMUEN 1)
<p class=d>yes: GUARDED otherwise
<p class=r>- the guard of the register is closed: the write is ignored, in versions before v3.2 maybe not [REG_GUARDED, 6.2]
<p class=d>ADDR           [55:6]   ignored  0x0, written 0x43000000: the guard is closed
<p class=d>RA             [62]     ignored  0, written 1: the guard is closed
<h4>Outcome</h4>
<p class=o>holds 0x0
</div></details>
