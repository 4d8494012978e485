smref run: address translation operations. The result is part of the write that asks for it; what the architecture leaves
open of it is saved, too.

$ cat >atos.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
>  "registers": {"SMMU_IDR0": "0x80ef21f", "SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0x44000000", "SMMU_STRTAB_BASE_CFG": "0x1"},
>  "memory": [{"at": "0x44000000", "size": "0x300000", "fill": 0},
>   {"at": "0x44000040", "struct": "STE", "fields": {"V": 1, "Config": "S1_TRANS", "S1ContextPtr": "0x44100000", "S1CDMax": 1, "S1DSS": "BYPASS"}},
>   {"at": "0x44100000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 25, "EPD1": 1, "IPS": 2, "A": 1, "R": 1, "ASET": 1, "TTB0": "0x44200000", "MAIR0": "0xff"}},
>   {"at": "0x44200000", "u64": ["0x40000741"]}],
>  "steps": [
>   {"op": "mmio_write", "reg": "SMMU_GATOS_SID", "value": "0x10000000000001"},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_ADDR", "value": "0x1234500"},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_CTRL", "value": 1},
>   {"op": "mmio_read", "reg": "SMMU_GATOS_PAR"},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_ADDR", "value": "0x40000500"},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_CTRL", "value": 1},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_SID", "value": 1},
>   {"op": "mmio_write", "reg": "SMMU_GATOS_CTRL", "value": 1}]}
> END
$ smref run atos.json --all
#0 write  0x0108 SMMU_GATOS_SID 0x10000000000001 -> holds 0x10000000000001 (STREAMID 0x1, SSID_VALID)  REG_WRITTEN
#1 write  0x0110 SMMU_GATOS_ADDR 0x1234500       -> holds 0x1234500 (RnW READ, TYPE STAGE_1, ADDR 0x1234000)  REG_WRITTEN
#2 write  0x0100 SMMU_GATOS_CTRL 0x1             -> holds 0x0; PAR 0xff00000060000b00  REG_WRITTEN, STRTAB_LINEAR, CD_TABLE_LINEAR, ATOS_OVERRIDES_IGNORED, S1_TTB0, S1_BLOCK, ATTR_S1_REPLACE, ATOS_RESULT, ATOS_SIZE_IN_ADDR, ATOS_FROM_CACHE
    or holds 0x0; PAR 0x0 (bits 0xff00001ffffffb00 UNKNOWN)  REG_WRITTEN, STRTAB_LINEAR, CD_TABLE_LINEAR, ATOS_OVERRIDES_IGNORED, S1_TTB0, S1_BLOCK, ATTR_S1_REPLACE, ATOS_RESULT, ATOS_SIZE_IN_ADDR, ATOS_FROM_CACHE
       with ATOS_FROM_CACHE=cached
#3 read   0x0118 SMMU_GATOS_PAR                  -> 0xff00000060000b00 (SH ISH, Size IN_ADDR, ADDR 0x60000000, ATTR 255)  REG_READ
#4 write  0x0110 SMMU_GATOS_ADDR 0x40000500      -> holds 0x40000500 (RnW READ, TYPE STAGE_1, ADDR 0x40000000)  REG_WRITTEN
#5 write  0x0100 SMMU_GATOS_CTRL 0x1             -> holds 0x0; PAR 0x101 (bits 0xf000000000000000 UNKNOWN)  REG_WRITTEN, STRTAB_LINEAR, CD_TABLE_LINEAR, ATOS_OVERRIDES_IGNORED, S1_TTB0, S1_DESCRIPTOR_INVALID, ATOS_FAULT
#6 write  0x0108 SMMU_GATOS_SID 0x1              -> holds 0x1  REG_WRITTEN
#7 write  0x0100 SMMU_GATOS_CTRL 0x1             -> holds 0x0; PAR 0x40000000 (bits 0xff00000000000300 UNKNOWN)  REG_WRITTEN, STRTAB_LINEAR, S1DSS_BYPASS, ATOS_OVERRIDES_IGNORED, ATOS_S1_BYPASS, ATOS_RESULT
    or holds 0x0; PAR 0x8000000000800 (bits 0xff00000000000300 UNKNOWN)  REG_WRITTEN, STRTAB_LINEAR, S1DSS_BYPASS, ATOS_OVERRIDES_IGNORED, ATOS_S1_BYPASS, ATOS_RESULT, ATOS_SIZE_IN_ADDR
       with ATOS_BYPASS_SIZE=largest
    or holds 0x0; PAR 0x0 (bits 0xff0ffffffffffb00 UNKNOWN)  REG_WRITTEN, STRTAB_LINEAR, S1DSS_BYPASS, ATOS_OVERRIDES_IGNORED, ATOS_S1_BYPASS, ATOS_RESULT
       with ATOS_BYPASS_SIZE=between

8 steps: 8 ok; 2 with several permitted outcomes
$ smref run atos.json --save-at 5 --save out.json --quiet && grep PAR out.json
8 steps: 8 ok
    "SMMU_GATOS_PAR": "0x101"
$ smref run atos.json --save out.json --quiet && grep -A1 -e PAR -e open_bits out.json
8 steps: 8 ok
    "SMMU_GATOS_PAR": "0xff00000040000000"
  },
--
  "open_bits": {"SMMU_GATOS_PAR": "0xff00000000000300"}
}
$ smref run out.json --save again.json && cmp out.json again.json
$ sed 's/"open_bits": {/&"SMMU_CR0": 1, /' out.json | smref run -
smref: -:40: open_bits.SMMU_CR0: this is neither the result register of an ATOS interface nor an index of a queue
[2]
