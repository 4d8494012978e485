smref run --explain: every fetch and decision.

## Nested: CD table of two levels, each fetch of stage 1 through stage 2. AP 0b11 is read-only (DDI 0487 D8.4.1).
$ smref run run/nested.json --sid 1 --ssid 0x41 --addr 0x1123 --access write --explain
#0 write  sid 0x1 ssid 0x41 addr 0x1123 -> abort F_PERMISSION stage 1  S1_NO_WRITE: no permission to write
  Control
    SMMU_IDR5 0x1004f6: OAS 0b110 OAS_52
    SMMU_CR0ACK 0xd: SMMUEN 1
  Stream table
    SMMU_IDR1 0xe730520: SIDSIZE 32
    SMMU_STRTAB_BASE_CFG 0x4: LOG2SIZE 4
    SMMU_STRTAB_BASE 0x40000000: ADDR 0x40000000
    - the Stream table is linear: the StreamID indexes STEs [STRTAB_LINEAR, 3.3.1.1]
    STE [0x1] at 0x40000040:
        0x400000008001001f 0x0000000000000002 0x040a005800000007 0x0000000040010000 and 4 more, zero
        V 1, Config 0b111 NESTED, S1Fmt 0b01 TWO_LEVEL_4K, S1ContextPtr 0x80010000, S1CDMax 8,
        S1DSS 0b10 SSID0, SHCFG 0b00 NSH, S2VMID 0x7, S2T0SZ 24, S2SL0 0b01, S2TG 0b00 4K,
        S2PS 0b010 PS_40, S2AA64 1, S2R 1, S2TTB 0x40010000
    - STE.Config is 0b111: both stages translate [STE_CONFIG_NESTED, 5.2]
  Attributes in
    - the client supplied no attributes [ATTR_DEFAULT, 13.1.3]
    attributes from the client: normal wb-ra-wa-nt nsh, unprivileged data
    - SHCFG replaces the Shareability [ATTR_SHCFG, 5.2]
    attributes after overrides: unchanged
  Context descriptor
    - S1ContextPtr points at L1CDs with 4 KB leaf tables [CD_TABLE_4K, 5.2]
    L1CD [0x1] SubstreamID[19:6] at IPA 0x80010008, through stage 2:
        IPA 0x80010008: VMSAv8-64, 4K granule, S2TTB 0x40010000, 40-bit input, 40-bit output,
            from level 1, concatenated tables
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x002] IPA[39:30] at 0x40010010: 0x00000000800007fd block -> 0x80000000
            MemAttr 0b1111, S2AP 0b11 (read and write), SH 0b11 (Inner Shareable), AF 1
        - stage 2: the walk ends at a block descriptor [S2_BLOCK, DDI 0487 D8.3.1]
        stage 2 output 0x80010008
    L1CD [0x1] SubstreamID[19:6] at 0x80010008: 0x0000000080011001
        V 1, L2Ptr 0x80011000
    CD [0x1] SubstreamID[5:0] at IPA 0x80011040, through stage 2:
        IPA 0x80011040
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x002] IPA[39:30] at 0x40010010: 0x00000000800007fd block -> 0x80000000
            MemAttr 0b1111, S2AP 0b11 (read and write), SH 0b11 (Inner Shareable), AF 1
        - stage 2: the walk ends at a block descriptor [S2_BLOCK, DDI 0487 D8.3.1]
        stage 2 output 0x80011040
    CD [0x1] SubstreamID[5:0] at 0x80011040:
        0x00056202c0000019 0x0000000080020000 0x0000000000000000 0x00000000000044ff and 4 more, zero
        T0SZ 25, TG0 0b00 4K, EPD0 0, EPD1 1, V 1, IPS 0b010 PS_40, AA64 1, R 1, A 1, ASID 0x5,
        TTB0 0x80020000
  Stage 1
    VA 0x1123: VMSAv8-64, 4K granule, TTB0 0x80020000, 39-bit input, 40-bit output, from level 1
    - the address is translated by TTB0 [S1_TTB0, 3.4.1]
    L1 [0x000] VA[38:30] at IPA 0x80020000, through stage 2:
        IPA 0x80020000
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x002] IPA[39:30] at 0x40010010: 0x00000000800007fd block -> 0x80000000
            MemAttr 0b1111, S2AP 0b11 (read and write), SH 0b11 (Inner Shareable), AF 1
        - stage 2: the walk ends at a block descriptor [S2_BLOCK, DDI 0487 D8.3.1]
        stage 2 output 0x80020000
    L1 [0x000] VA[38:30]  at 0x80020000: 0x0000000080021003 table -> 0x80021000
    L2 [0x000] VA[29:21] at IPA 0x80021000, through stage 2:
        IPA 0x80021000
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x002] IPA[39:30] at 0x40010010: 0x00000000800007fd block -> 0x80000000
            MemAttr 0b1111, S2AP 0b11 (read and write), SH 0b11 (Inner Shareable), AF 1
        - stage 2: the walk ends at a block descriptor [S2_BLOCK, DDI 0487 D8.3.1]
        stage 2 output 0x80021000
    L2 [0x000] VA[29:21]  at 0x80021000: 0x0000000080022003 table -> 0x80022000
    L3 [0x001] VA[20:12] at IPA 0x80022008, through stage 2:
        IPA 0x80022008
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x002] IPA[39:30] at 0x40010010: 0x00000000800007fd block -> 0x80000000
            MemAttr 0b1111, S2AP 0b11 (read and write), SH 0b11 (Inner Shareable), AF 1
        - stage 2: the walk ends at a block descriptor [S2_BLOCK, DDI 0487 D8.3.1]
        stage 2 output 0x80022008
    L3 [0x001] VA[20:12]  at 0x80022008: 0x00000000800307c3 page -> 0x80030000
        AttrIndx 0b000, AP 0b11 (read), SH 0b11 (Inner Shareable), AF 1
    stage 1 permits: privileged r-x, unprivileged r-x; wanted: unprivileged write
    ! stage 1: no permission to write => F_PERMISSION [S1_NO_WRITE, DDI 0487 D8.4.1]
  Outcome
    - a stage 1 fault with CD.A 1 aborts [S1_FAULT_ABORT, 5.5]
    SMMU_CR0ACK 0xd: EVENTQEN 1
    SMMU_EVENTQ_BASE 0x40100004: LOG2SIZE 4, ADDR 0x40100000
    SMMU_EVENTQ_PROD 0x0: WR 0x0
    SMMU_EVENTQ_CONS 0x0: RD 0x0
    event record written to 0x40100000:
        0x0000000100041813 0x0000020000000000 0x0000000000001123 and 1 more, zero
    - the record was written and PROD advanced [EVENTQ_WRITTEN, 7.2.1]
    SMMU_IRQ_CTRLACK 0x0: EVENTQ_IRQEN 0
    event F_PERMISSION
        TYPE 19, SSV 1, SubstreamID 0x41, StreamID 0x1, STAG 0x0 UNKNOWN, Stall 0, PnU 0, InD 0,
        RnW 0, NSIPA 0, S2 0, CLASS 0b10 IN, DirtyBit 0, AssuredOnly 0, TTRnW 0 UNKNOWN, Overlay 0,
        InputAddr 0x1123, IPA 0x0 UNKNOWN
    outcome: abort

## A stage 1 table at an IPA that stage 2 does not map: CLASS TT (7.3.13).
$ smref run run/nested.json --sid 1 --ssid 0x41 --addr 0x400123 --explain | sed -n '/L2 .* at 0x/,$p'
    L2 [0x002] VA[29:21]  at 0x80021010: 0x000000c000000003 table -> 0xc000000000
    L3 [0x000] VA[20:12] at IPA 0xc000000000, through stage 2:
        IPA 0xc000000000
        - stage 2 starts in concatenated tables [S2_CONCATENATED, DDI 0487 D8.2.2]
        L1 [0x300] IPA[39:30] at 0x40011800: 0x0000000000000000 invalid
        ! stage 2: bit 0 of the descriptor is 0 => F_TRANSLATION
          [S2_DESCRIPTOR_INVALID, DDI 0487 D8.3.1]
  Outcome
    - a stage 2 fault aborts [S2_FAULT_ABORT, 5.5]
    SMMU_CR0ACK 0xd: EVENTQEN 1
    SMMU_EVENTQ_BASE 0x40100004: LOG2SIZE 4, ADDR 0x40100000
    SMMU_EVENTQ_PROD 0x0: WR 0x0
    SMMU_EVENTQ_CONS 0x0: RD 0x0
    event record written to 0x40100000:
        0x0000000100041810 0x0000018800000000 0x0000000000400123 0x000000c000000000
    - the record was written and PROD advanced [EVENTQ_WRITTEN, 7.2.1]
    SMMU_IRQ_CTRLACK 0x0: EVENTQ_IRQEN 0
    event F_TRANSLATION
        TYPE 16, SSV 1, SubstreamID 0x41, StreamID 0x1, STAG 0x0 UNKNOWN, Stall 0, PnU 0, InD 0,
        RnW 1, NSIPA 0, S2 1, CLASS 0b01 TT, InputAddr 0x400123, IPA 0xc000000000
    outcome: abort

## A CD at such an IPA: CLASS CD.
$ smref run run/formats.json --sid 6 --addr 0x123 --explain | sed -n '/^  Context/,$p'
  Context descriptor
    - S1ContextPtr points at one CD [CD_SINGLE, 5.2]
    CD [0x0] at IPA 0x80001000, through stage 2:
        IPA 0x80001000: VMSAv8-64, 4K granule, S2TTB 0x40007000, 32-bit input, 40-bit output,
            from level 1
        L1 [0x002] IPA[31:30] at 0x40007010: 0x0000000000000000 invalid
        ! stage 2: bit 0 of the descriptor is 0 => F_TRANSLATION
          [S2_DESCRIPTOR_INVALID, DDI 0487 D8.3.1]
  Outcome
    - a stage 2 fault aborts [S2_FAULT_ABORT, 5.5]
    SMMU_CR0ACK 0xd: EVENTQEN 1
    SMMU_EVENTQ_BASE 0x40100004: LOG2SIZE 4, ADDR 0x40100000
    SMMU_EVENTQ_PROD 0x0: WR 0x0
    SMMU_EVENTQ_CONS 0x0: RD 0x0
    event record written to 0x40100000:
        0x0000000600000010 0x0000008800000000 0x0000000000000123 0x0000000080001000
    - the record was written and PROD advanced [EVENTQ_WRITTEN, 7.2.1]
    SMMU_IRQ_CTRLACK 0x0: EVENTQ_IRQEN 0
    event F_TRANSLATION
        TYPE 16, SSV 0, SubstreamID 0x0 UNKNOWN, StreamID 0x6, STAG 0x0 UNKNOWN, Stall 0, PnU 0,
        InD 0, RnW 1, NSIPA 0, S2 1, CLASS 0b00 CD, InputAddr 0x123, IPA 0x80001000
    outcome: abort

## A 64 KB granule with OA[51:48] in descriptor bits [15:12], and TTB1.
$ smref run run/formats.json --sid 2 --addr 0x20021234 --explain | sed -n '/^  Stage 1/,$p'
  Stage 1
    VA 0x20021234: VMSAv8-64, 64K granule, TTB0 0x40010000, 42-bit input, 52-bit output,
        from level 2
    - the address is translated by TTB0 [S1_TTB0, 3.4.1]
    L2 [0x001] VA[41:29]  at 0x40010008: 0x0000000040030003 table -> 0x40030000
    L3 [0x002] VA[28:16]  at 0x40030010: 0x0000000090007743 page -> 0x7000090000000
        AttrIndx 0b000, AP 0b01 (read and write), SH 0b11 (Inner Shareable), AF 1
    stage 1 permits: privileged rw-, unprivileged rwx; wanted: unprivileged read
    - stage 1 replaces memory type and Shareability [ATTR_S1_REPLACE, 13.4.2]
    attributes of stage 1: normal wb-ra-wa-nt ish
    - the input is cacheable: its hints combine with those of stage 1 [ATTR_S1_HINTS, 13.4.2]
    attributes after stage 1: normal wb-ra-wa-nt ish
    stage 1 output 0x7000090001234
  Outcome
    attributes output: unchanged
    PA 0x7000090001234, page 64K, normal wb-ra-wa-nt ish, privileged data
$ smref run run/formats.json --sid 2 --addr 0xffffffffffff5678 --explain | sed -n '/^  Stage 1/,/L3/p'
  Stage 1
    VA 0xffffffffffff5678: VMSAv8-64, 64K granule, TTB1 0x40020000, 42-bit input, 52-bit output,
        from level 2
    - the address is translated by TTB1 [S1_TTB1, 3.4.1]
    L2 [0x1fff] VA[41:29] at 0x4002fff8: 0x0000000040040003 table -> 0x40040000
    L3 [0x1fff] VA[28:16] at 0x4004fff8: 0x0000000095550543 page -> 0x95550000

## VMSAv8-32, and a big-endian table, whose words are shown in their meaning.
$ smref run run/formats.json --sid 1 --addr 0x40201abc --explain | sed -n '/^  Stage 1/,/L3/p'
  Stage 1
    VA 0x40201abc: VMSAv8-32, 4K granule, TTB0 0x40002000, 32-bit input, 40-bit output, from level 1
    - the address is translated by TTB0 [S1_TTB0, 3.4.1]
    L1 [0x001] VA[31:30]  at 0x40002008: 0x0000000040003003 table -> 0x40003000
    L2 [0x001] VA[29:21]  at 0x40003008: 0x0000000040004003 table -> 0x40004000
    L3 [0x001] VA[20:12]  at 0x40004008: 0x0000000081234447 page -> 0x81234000
$ smref run run/formats.json --sid 3 --addr 0x202345 --explain | sed -n '/^  Stage 1/,/L3/p'
  Stage 1
    VA 0x202345: VMSAv8-64, 4K granule, TTB0 0x40005000, 25-bit input, 40-bit output, from level 2,
        big-endian
    - the address is translated by TTB0 [S1_TTB0, 3.4.1]
    L2 [0x001] VA[24:21]  at 0x40005008: 0x0000000040006003 table -> 0x40006000
    L3 [0x002] VA[20:12]  at 0x40006010: 0x0000000099999543 page -> 0x99999000

## Permissions before and after: APTable[0] of the level 1 table takes unprivileged access away (DDI 0487 D8.4.1.2).
$ smref run run/nested.json --sid 1 --ssid 0x41 --addr 0x40000123 --explain | grep -A1 'APTable\|permits\|!'
        APTable 0b01 (no unprivileged access)
    L2 [0x000] VA[29:21] at IPA 0x80021000, through stage 2:
--
    stage 1 permits: privileged rw-, unprivileged rwx; wanted: unprivileged read
    stage 1 below its table descriptors permits: privileged rwx, unprivileged --x;
        wanted: unprivileged read
    ! stage 1: a table descriptor took away the permission => F_PERMISSION
      [S1_HIERARCHICAL, DDI 0487 D8.4.1]

## A choice: the option taken, the others that are permitted, and where they lead.
$ smref run run/formats.json --sid 3 --addr 0x202345 --explain --all | grep -A2 '^  *or \|^  *[?]'
    or pa 0x99999345  page 4K    normal wb-ra-wa-nt osh
       with DESCRIPTOR_SH_RESERVED=osh
    or pa 0x99999345  page 4K    normal wb-ra-wa-nt ish
       with DESCRIPTOR_SH_RESERVED=ish
  Control
--
    ? Shareability that a descriptor's reserved 0b01 stands for
      [DESCRIPTOR_SH_RESERVED, DDI 0487 D8.6.2]: nsh = Non-shareable (also permitted: osh or ish)
    attributes of stage 1: normal wb-ra-wa-nt nsh

## All fields of a structure, with their state.
$ smref run run/formats.json --sid 7 --addr 0x123 --explain=full | grep -A12 '^    STE'
    STE [0x7] at 0x400001c0:
        0x0000000000000009 0x0000000000000000 0x0000000000000000 0x0000000000000000
        0x0000000000000000 0x0000000000000000 0x0000000000000000 0x0000000000000000
        V              [0]       1                    valid
        Config         [3:1]     0b100 BYPASS         which stages the stream uses = both stages
                                                       bypassed
        S1Fmt          [5:4]     0b00 LINEAR          (IGNORED) format of the CD table = linear
                                                       table of CDs
        S1ContextPtr   [55:6]    0x0                  (IGNORED) address of the CD or CD table; an
                                                       IPA when stage 2 is enabled
        S1CDMax        [63:59]   0                    (IGNORED) log2 of the number of CDs
        S1DSS          [65:64]   0b00 TERMINATE       (IGNORED) what an access without SubstreamID
                                                       does = abort and F_STREAM_DISABLED

## An STE that is not valid: the condition that it meets.
$ smref run run/nested.json --sid 2 --addr 0 --explain | sed -n '/STE/,$p'
#0 read   sid 0x2 addr 0x0 -> abort C_BAD_STE  STE_INVALID: STE.V is 0
  Control
    SMMU_IDR5 0x1004f6: OAS 0b110 OAS_52
    SMMU_CR0ACK 0xd: SMMUEN 1
  Stream table
    SMMU_IDR1 0xe730520: SIDSIZE 32
    SMMU_STRTAB_BASE_CFG 0x4: LOG2SIZE 4
    SMMU_STRTAB_BASE 0x40000000: ADDR 0x40000000
    - the Stream table is linear: the StreamID indexes STEs [STRTAB_LINEAR, 3.3.1.1]
    STE [0x2] at 0x40000080:
        0x0000000000000000 and 7 more, zero
        V 0
    ! STE.V is 0 => C_BAD_STE [STE_INVALID, 5.2.2]
      when STE.V == 0
  Outcome
    - a configuration error or a failed fetch aborts whatever A, R and S say
      [CONFIGURATION_FAULT_ABORTS, 7.3.21]
    SMMU_CR0ACK 0xd: EVENTQEN 1
    SMMU_EVENTQ_BASE 0x40100004: LOG2SIZE 4, ADDR 0x40100000
    SMMU_EVENTQ_PROD 0x0: WR 0x0
    SMMU_EVENTQ_CONS 0x0: RD 0x0
    event record written to 0x40100000:
        0x0000000200000004 and 3 more, zero
    - the record was written and PROD advanced [EVENTQ_WRITTEN, 7.2.1]
    SMMU_IRQ_CTRLACK 0x0: EVENTQ_IRQEN 0
    event C_BAD_STE
        TYPE 4, SSV 0, SubstreamID 0x0 UNKNOWN, StreamID 0x2
    outcome: abort

## An ILLEGAL STE: the rule that comes first, and the others that it breaks (5.2.2).
$ sed 's/"Config": "S2_TRANS", "S2T0SZ": 32/"Config": "S2_TRANS", "S1CDMax": 31, "S2T0SZ": 5/; s/"S2TG": 0/"S2TG": 3/' run/formats.json >illegal.json
$ smref run illegal.json --sid 4 --addr 0 --explain | sed -n '/!/,/Outcome/p'
    ! the stage 2 granule is reserved or not implemented => C_BAD_STE [STE_S2TG_UNSUPPORTED, 5.2.2]
      when derived.ste_checked && derived.s2_enabled && derived.s2fmt != VMSAv8_32 &&
        !derived.s2tg_supported
      it also breaks: S2T0SZ is out of range => C_BAD_STE [STE_S2T0SZ_RANGE, 5.2.2]
      it also breaks: the stage 2 start level does not fit size and granule => C_BAD_STE
        [STE_S2_START_LEVEL, 5.2.2]
  Outcome

## ID registers that contradict each other.
$ echo '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "registers": {"SMMU_IDR0": "0x081e5203"}, "steps": [{"op": "identify"}]}' >identify.json
$ smref run identify.json --explain
#0 identify -> inconsistent: ID_TTF_RESERVED, ID_VATOS_NEEDS_ATOS
    - TTF is reserved [ID_TTF_RESERVED, 6.3.1]
      when IDR0.TTF == 0
    - VATOS without ATOS [ID_VATOS_NEEDS_ATOS, 6.3.1]
      when IDR0.VATOS == 1 && IDR0.ATOS == 0

## No STE.
$ smref run run/nested.json --sid 99 --addr 0 --explain | sed -n '/STRTAB_BASE /,$p'
    SMMU_STRTAB_BASE 0x40000000: ADDR 0x40000000
    ! the StreamID is not below 2^LOG2SIZE (LOG2SIZE capped at SIDSIZE) => C_BAD_STREAMID
      [STRTAB_SID_RANGE, 7.3.3]
    SMMU_CR2 0x2: RECINVSID 1
    ! CR2.RECINVSID is 1: a StreamID without an STE is recorded => C_BAD_STREAMID
      [C_BAD_STREAMID_RECORDED, 7.3.3]
  Outcome
    - a configuration error or a failed fetch aborts whatever A, R and S say
      [CONFIGURATION_FAULT_ABORTS, 7.3.21]
    SMMU_CR0ACK 0xd: EVENTQEN 1
    SMMU_EVENTQ_BASE 0x40100004: LOG2SIZE 4, ADDR 0x40100000
    SMMU_EVENTQ_PROD 0x0: WR 0x0
    SMMU_EVENTQ_CONS 0x0: RD 0x0
    event record written to 0x40100000:
        0x0000006300000002 and 3 more, zero
    - the record was written and PROD advanced [EVENTQ_WRITTEN, 7.2.1]
    SMMU_IRQ_CTRLACK 0x0: EVENTQ_IRQEN 0
    event C_BAD_STREAMID
        TYPE 2, SSV 0, SubstreamID 0x0 UNKNOWN, StreamID 0x63
    outcome: abort
