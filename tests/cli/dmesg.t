smref decode --dmesg. The messages have the forms that Linux's drivers/iommu/arm/arm-smmu-v3 prints: the record alone
up to 6.12, with its words repeated in prose from 6.13 on; the positions are those of 7.3.

## Linux up to 6.12, with time stamps, and lines of other CPUs and of another SMMU in between.
$ cat >old.log <<'END'
> [    7.100000] usb 1-1: new high-speed USB device number 2
> [    7.471032] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
> [    7.471034] arm-smmu-v3 arm-smmu-v3.1.auto: event 0x02 received:
> [    7.471040] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000010000000010
> [    7.471041] nvme nvme0: I/O 0x0000000000000010 timeout
> [    7.471042] arm-smmu-v3 arm-smmu-v3.1.auto: 	0x0000004200000002
> [    7.471043] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000020800000000
> [    7.471044] arm-smmu-v3 arm-smmu-v3.1.auto: 	0x0000000000000000
> [    7.471045] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x00000000fff00000
> [    7.471046] arm-smmu-v3 arm-smmu-v3.1.auto: 	0x0000000000000000
> [    7.471047] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000000
> [    7.471048] arm-smmu-v3 arm-smmu-v3.1.auto: 	0x0000000000000000
> END
$ smref decode --dmesg old.log | grep -A1 ^line
line 2 arm-smmu-v3.0.auto: F_TRANSLATION: no translation (event 0x10, 7.3.13)
  read by StreamID 0x100 at 0xfff00000, unprivileged data; stage 1, the input of
--
line 3 arm-smmu-v3.1.auto: C_BAD_STREAMID: StreamID out of range (event 0x02, 7.3.3)
  access by StreamID 0x42
$ smref decode --dmesg --json <old.log | jq -c '[.line, .device, .report, .words[0], .decoded[0].name]'
[2,"arm-smmu-v3.0.auto","event","0x10000000010","F_TRANSLATION"]
[3,"arm-smmu-v3.1.auto","event","0x4200000002","C_BAD_STREAMID"]

## From 6.13 on: the client is named. As journalctl and syslog write it.
$ cat >new.log <<'END'
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: event 0x10 received:
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: #0110x0000010000000010
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: #0110x0000020000000000
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: #0110x000000090000f040
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: #0110x0000000000000000
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: event: F_TRANSLATION client: 0000:01:00.0 sid: 0x100 ssid: 0x0 iova: 0x90000f040 ipa: 0x0
> Nov 26 02:18:01 host kernel: arm-smmu-v3 fc900000.iommu: unpriv data write s1 "Input address caused fault" stag: 0x0
> END
$ smref decode --dmesg --json <new.log | jq -c '[.client, .event, .says]'
["0000:01:00.0","F_TRANSLATION","write by StreamID 0x100 at 0x90000f040, unprivileged data; stage 1, the input of the stage"]

## Only the prose is left.
$ tail -2 new.log | smref decode --dmesg
line 1 fc900000.iommu: F_TRANSLATION: no translation (event 0x10, 7.3.13)
  only 0 of its 4 words are in the log
  StreamID 0x100 SubstreamID 0x0 address 0x90000f040

## The headline was filtered out, as in mails; quoted, with carriage returns and colours.
$ printf '> > \033[33marm-smmu-v3 490d0000.iommu\033[0m:      0x0000001100000010\r\n> > arm-smmu-v3 490d0000.iommu:   0x0000020a00000000\r\n> > arm-smmu-v3 490d0000.iommu:   0x000000009b0cc000\r\n> > arm-smmu-v3 490d0000.iommu:   0x0000000000000000\r\n' | smref decode --dmesg --json | jq -r .says
read by StreamID 0x11 at 0x9b0cc000, privileged data; stage 1, the input of the stage

## Xen.
$ printf '(XEN) SMMUv3: /smmuv3@9050000: event 0x04 received:\n(XEN) SMMUv3: /smmuv3@9050000:  0x0000000800000004\n(XEN) SMMUv3: /smmuv3@9050000:  0x0\n' | smref decode --dmesg
line 1 /smmuv3@9050000: event 0x04
  only 1 of its 4 words are in the log
  0x0000000800000004

## A Command queue error: the register, the code (7.1) and the command that was skipped.
$ cat >cmdq.log <<'END'
> arm-smmu-v3 arm-smmu-v3.0.auto: unexpected global error reported (0x00000001), this could be serious
> arm-smmu-v3 arm-smmu-v3.0.auto: CMDQ error (cons 0x01000022): Illegal command
> arm-smmu-v3 arm-smmu-v3.0.auto: skipping command in error state:
> arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000800000003
> arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000001
> arm-smmu-v3 arm-smmu-v3.0.auto: skipping command in error state:
> arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000000
> arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000000
> arm-smmu-v3 arm-smmu-v3.0.auto: CMD_SYNC timeout at 0x00000113 [hwprod 0x00000113, hwcons 0x00000012]
> arm-smmu-v3 arm-smmu-v3.0.auto: EVTQ overflow detected -- events lost
> END
$ smref decode --dmesg cmdq.log --json | jq -c '[.line, .report, (.decoded[] | .name)]'
[1,"gerror","SMMU_GERROR"]
[2,"cmdq-error","SMMU_CMDQ_CONS"]
[3,"command","CMD_CFGI_STE"]
[6,"command"]
[9,"sync-timeout","SMMU_CMDQ_PROD","SMMU_CMDQ_CONS"]
[10,"overflow"]
$ smref decode --dmesg cmdq.log | sed -n '/^line 2/,/^$/p;/^line 6/,/^$/p'
line 2 arm-smmu-v3.0.auto: a command stopped the Command queue (7.1)
  SMMU_CMDQ_CONS 0x01000022
  [19:0]     RD            0x22         Read index; the bit above the index
                                        proper is the wrap flag
  [30:24]    ERR           0x1          CERROR_ILL: illegal command

line 6 arm-smmu-v3.0.auto: command 0x00, which is reserved or IMPLEMENTATION DEFINED
  0x0000000000000000
  0x0000000000000000
  an unknown opcode is a command error, CERROR_ILL (4.1.3)

## A storm of one event.
$ for i in 1 2 3; do cat old.log; done | smref decode --dmesg | grep ^line
line 2 arm-smmu-v3.0.auto: F_TRANSLATION: no translation (event 0x10, 7.3.13)
line 3 arm-smmu-v3.1.auto: C_BAD_STREAMID: StreamID out of range (event 0x02, 7.3.3)
line 14 arm-smmu-v3.0.auto: F_TRANSLATION again, the same as in line 2
line 15 arm-smmu-v3.1.auto: C_BAD_STREAMID again, the same as in line 3
line 26 arm-smmu-v3.0.auto: F_TRANSLATION again, the same as in line 2
line 27 arm-smmu-v3.1.auto: C_BAD_STREAMID again, the same as in line 3

$ echo nothing here | smref decode --dmesg
smref decode: no SMMUv3 event, command or error in the log
[1]
$ smref decode --dmesg missing.log
smref: missing.log: No such file or directory
[2]
$ smref decode --dmesg a b
smref decode: --dmesg takes one log
try: smref decode --help
[2]
