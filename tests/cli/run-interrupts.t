smref run: interrupts. The MSI of the Event queue is aborted, and GERROR tells of it (3.18, 7.5); what is permitted; by
wire; Service failure mode, whose end is not modelled (12.3).

$ cat >interrupts.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_CR0": 5, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": "0x4", "SMMU_EVENTQ_BASE": "0x44080002", "SMMU_IRQ_CTRL": 5,
>                "SMMU_EVENTQ_IRQ_CFG0": "0x4a000000", "SMMU_GERROR_IRQ_CFG0": "0x46000020", "SMMU_GERROR_IRQ_CFG1": "0x2a", "SMMU_GERROR_IRQ_CFG2": "0x3f"},
>  "memory": [{"at": "0x44000000", "size": "0x1000", "fill": 0}, {"at": "0x44080000", "size": "0x80", "fill": 0}, {"at": "0x46000000", "size": "0x1000", "fill": 0}],
>  "steps": [{"op": "access", "sid": 1, "addr": "0x1000"}, {"op": "mmio_write", "reg": "SMMU_GERRORN", "value": "0x20"}]}
> END
$ smref run interrupts.json
#0 read   sid 0x1 addr 0x1000      -> abort C_BAD_STE; writes 0x2a to 0x46000020 (gerror); GERROR 0x20  STE_INVALID: STE.V is 0
#1 write  0x0064 SMMU_GERRORN 0x20 -> holds 0x20 (MSI_EVENTQ_ABT_ERR)  REG_WRITTEN, GERROR_ACKNOWLEDGED

2 steps: 1 ok, 1 aborted
  1 abort C_BAD_STE  STE_INVALID  STE.V is 0 [5.2.2]
$ smref run interrupts.json --all | head -7
#0 read   sid 0x1 addr 0x1000      -> abort C_BAD_STE; writes 0x2a to 0x46000020 (gerror); GERROR 0x20  STE_INVALID: STE.V is 0
    or abort C_BAD_STE  STE_INVALID: STE.V is 0
       with WIRED_INTERRUPTS=absent MSI_ABORT=unreported
    or abort C_BAD_STE; signals eventq; signals gerror; writes 0x2a to 0x46000020 (gerror); GERROR 0x20  STE_INVALID: STE.V is 0
       with WIRED_INTERRUPTS=present MSI_ABORT=reported
    or abort C_BAD_STE; signals eventq  STE_INVALID: STE.V is 0
       with WIRED_INTERRUPTS=present MSI_ABORT=unreported
$ smref run interrupts.json --json | head -1
{"step":0,"op":"access","outcome":"abort","events":[{"bank":"ns","name":"C_BAD_STE","words":["0x100000004","0x0","0x0","0x0"],"ignore":["0xfffff000","0x0","0x0","0x0"]}],"writes":[{"pas":"ns","at":"0x46000020","u32":"0x2a","bank":"ns","source":"gerror","attrs":{"type":"normal","inner":"wb","outer":"wb","sh":"ish"}}],"gerror":{"ns":"0x20"},"rules":["STRTAB_LINEAR","STE_INVALID","CONFIGURATION_FAULT_ABORTS","EVENTQ_WRITTEN","IRQ_EVENTQ","IRQ_WIRED_TOO","IRQ_MSI","IRQ_MSI_ABORT","IRQ_GERROR"]}
$ smref run interrupts.json --explain | sed -n '/IRQ_CTRLACK/,/^    event/p'
    SMMU_IRQ_CTRLACK 0x5: EVENTQ_IRQEN 1
    - the Event queue was empty and is no longer, and its interrupt is enabled
      [IRQ_EVENTQ, 3.18.2, 6.3.16]
    - there are MSIs: a wired interrupt is asserted as well if there is one, whatever ADDR is
      [IRQ_WIRED_TOO, 3.18, 3.18.2]
    ? whether an implementation with MSIs has wired interrupts too [WIRED_INTERRUPTS, 3.18]: absent
      = it has not (also permitted: present)
    SMMU_EVENTQ_IRQ_CFG0 0x4a000000: ADDR 0x4a000000
    - the MSI: DATA is written to ADDR, with the attributes of CFG2 [IRQ_MSI, 3.18, 6.3.21, 6.3.30]
    - the write of the MSI is aborted: MSI_EVENTQ_ABT_ERR or MSI_GERROR_ABT_ERR, if the abort is
      reported [IRQ_MSI_ABORT, 7.5, 6.3.19]
    ? whether the SMMU hears of it when the write of an MSI is aborted [MSI_ABORT, 7.5]: reported =
      it does: the error becomes active (also permitted: unreported)
    SMMU_IRQ_CTRLACK 0x5: GERROR_IRQEN 1
    - a global error became active, and the GERROR interrupt is enabled [IRQ_GERROR, 7.5.1, 3.18.2]
    - there are MSIs: a wired interrupt is asserted as well if there is one, whatever ADDR is
      [IRQ_WIRED_TOO, 3.18, 3.18.2]
    ? whether an implementation with MSIs has wired interrupts too [WIRED_INTERRUPTS, 3.18]: absent
      = it has not (also permitted: present)
    SMMU_GERROR_IRQ_CFG0 0x46000020: ADDR 0x46000020
    - the MSI: DATA is written to ADDR, with the attributes of CFG2 [IRQ_MSI, 3.18, 6.3.21, 6.3.30]
    event C_BAD_STE
$ smref run interrupts.json --set SMMU_IDR0=0x080e521f | head -1
#0 read   sid 0x1 addr 0x1000      -> abort C_BAD_STE; signals eventq  STE_INVALID: STE.V is 0

## In Service failure mode nothing passes, and nothing is recorded; an acknowledgement does not end it.
$ smref run interrupts.json --set SMMU_GERROR=0x100 | head -1
#0 read   sid 0x1 addr 0x1000      -> abort without event  SFM_ABORT: SFM_ERR is active: in Service failure mode accesses are aborted, and not recorded
$ sed 's/"value": "0x20"/"value": "0x100"/' interrupts.json | smref run - --set SMMU_GERROR=0x100 2>&1 | tail -1
smref: -:5: steps[1]: not modelled: what comes after Service failure mode, which is IMPLEMENTATION DEFINED (12.3)
