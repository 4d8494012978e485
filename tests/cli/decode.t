smref decode. The words are made by hand from the positions of IHI 0070 G.b (STE 5.2, CD 5.4, events 7.3, commands 4,
SMMU_IDR0 6.3.1) and of DDI 0487 D8.3 for descriptors.

## V 1, Config 0b101, S1ContextPtr 0x44100000; S2T0SZ (165:160) is 16 though stage 2 is off: IGNORED.
$ smref decode STE 0x4410000b 0 0x1000000000 0 0 0 0 0 | grep -E ' (V|Config|S1ContextPtr|S2T0SZ) |legal|ILLEGAL'
  [0]        V             1            valid
  [3:1]      Config        0b101        S1_TRANS: stage 1 translates
  [55:6]     S1ContextPtr  0x44100000   address of the CD or CD table; an IPA
! [165:160]  S2T0SZ        0x10         has no effect here (IGNORED); size of
legal in this configuration
$ smref decode STE 0x4410000b 0 0x1000000000 0 0 0 0 0 --json | jq -c '.fields[] | select(.name == "S1ContextPtr" or .name == "S2T0SZ") | [.name, .bits, .address, .value, .state, .remark]'
["S1ContextPtr",[[55,6]],"0x44100000","0x1104000","active",null]
["S2T0SZ",[[165,160]],null,"0x10","IGNORED","ignored"]

## The same in words of 32 bits, and without 0x.
$ smref decode ste 4410000b 0 0 0 0 10 0 0 0 0 0 0 0 0 0 0 --json | jq -c .words
["0x4410000b","0x0","0x1000000000","0x0","0x0","0x0","0x0","0x0"]

## Bits 58:56 are RES0 (5.2). V 0 is C_BAD_STE (7.3.5).
$ smref decode STE 0x0300000000000001 0 0 0 0 0 0 0 | grep '^!'
! [58:56]    RES0          0b011        must be zero (RES0)
$ smref decode STE 0 0 0 0 0 0 0 0 | grep -A1 ILLEGAL
ILLEGAL: an access that comes this way ends in C_BAD_STE
! STE_INVALID                           STE.V is 0 (5.2.2)

## A CD needs an STE; without one a plain one is assumed.
$ smref decode CD 0 0 0 0 0 0 0 0 --brief
CD: Context Descriptor (5.4)
configuration: arch-3.4, Non-secure stream
through an assumed STE: V 1, Config S1_TRANS, all else 0 (--ste gives another)


ILLEGAL: an access that comes this way ends in C_BAD_CD
! CD_INVALID                            CD.V is 0 (5.4.2)
$ smref decode CD 0 0 0 0 0 0 0 0 --json | jq -c '.illegal | map(.rule, .outcome)'
["CD_INVALID","C_BAD_CD"]

## What is RES0 depends on the ID registers: S2FWB (bit 89) when IDR3.FWB is 0 (5.2).
$ smref decode STE 0xd 0x2000000 0 0 0 0 0 0 --json | jq -r '.fields[] | select(.name == "S2FWB") | .state'
active
$ smref decode STE 0xd 0x2000000 0 0 0 0 0 0 --set SMMU_IDR3=0 --json | jq -r '.fields[] | select(.name == "S2FWB") | .remark'
res0

## Events: the number tells which. StreamID 63:32, SubstreamID 31:12 with SSV 11, RnW 99, CLASS 105:104.
$ smref decode event 0x0000010000002810 0x0000020800000000 0xfff00000 0 | sed -n 1,6p
F_TRANSLATION: no translation (7.3.13)
configuration: arch-3.4

read by StreamID 0x100 SubstreamID 0x2 at 0xfff00000, unprivileged data; stage
  1, the input of the stage
likely: the address is not mapped: used before dma_map or after dma_unmap, past
$ smref decode event 0x81 0 0 0
smref decode: 0x81 is the number of no event: reserved, or IMPLEMENTATION DEFINED from 0xe0 to 0xef (7.3.21)
[2]
$ smref decode C_BAD_STE 0x10 0 0 0 | tail -1
! the words have the number 0x10, C_BAD_STE has 0x04

## Commands: the opcode tells which; CMD_CFGI_ALL is CMD_CFGI_STE_RANGE with Range 31 (4.3.6).
$ smref decode command 0x4 0x1f --json | jq -r .name
CMD_CFGI_ALL
$ smref decode command 0x4 0x1e --json | jq -r .name
CMD_CFGI_STE_RANGE
$ smref decode command 0x0000000800000003 1 --brief
CMD_CFGI_STE: invalidate an STE (4.3.1)
configuration: arch-3.4

  [7:0]      OPCODE        0x3          command opcode
  [63:32]    StreamID      0x8          StreamID
  [64]       Leaf          1            the L1STD on the way may stay
$ smref decode command 0 0
smref decode: 0x00 is the number of no command: CERROR_ILL (4.1.3), or IMPLEMENTATION DEFINED from 0x80 to 0x8f (4.1.1)
[2]

## Registers: by name, without SMMU_, by offset; the reserved codes of TTF and STALL_MODEL (6.3.1).
$ smref decode SMMU_IDR0 0x0d44101b | sed -n 1,6p
SMMU_IDR0: Identification register 0: features (6.3.1)
configuration: arch-3.4

  [0]        S2P           1            Stage 2 translation is supported
  [1]        S1P           1            Stage 1 translation is supported
  [3:2]      TTF           0b10         VMSAv8_64: VMSAv8-64 only
$ smref decode idr0 0x0d44101b --json | jq -c '[.name, .words]'
["SMMU_IDR0",["0xd44101b"]]
$ smref decode 0x8020 1 --json | jq -r .name
SMMU_S_CR0
$ smref decode idr0 0x03000003 | grep '^!'
! [3:2]      TTF           0b00         a reserved value
! [25:24]    STALL_MODEL   0b11         a reserved value

## Descriptors: level and bit 1 tell which; with 52-bit addresses OA[51:50] stand in bits 9:8 (DDI 0487 D8.3.1.2).
$ smref decode pte 0x44ad0f43 | grep -E 'PAGE|output'
VMSAv8_64_S1_PAGE: VMSAv8-64 stage 1 Page descriptor (DDI 0487 D8.3.1.2)
  [5]        NS            0            RES0; output is Non-secure
  [47:12]    OA_47_12      0x44ad0000   output: address bits [47:12]
                                        output
output address 0x44ad0000
$ smref decode pte 0x44ad003 --level 1 | grep -E 'TABLE:|next table at'
VMSAv8_64_S1_TABLE: VMSAv8-64 stage 1 Table descriptor (DDI 0487 D8.3.1.1)
next table at 0x44ad000
$ smref decode pte 0x44ad0f43 --ds | tail -1
output address 0xc000044ad0000
$ smref decode pte 0 | tail -1
invalid: VALID is 0, and no other bit counts (DDI 0487 D8.3.1.2)
$ smref decode pte 0x7fff401 --stage 2 --level 2 --json | jq -r .name
VMSAv8_64_S2_BLOCK

$ smref decode STE 1 2 3
smref decode: 3 words where 8 of 64 bits, or 16 of 32 bits, are expected
try: smref decode --help
[2]
$ smref decode STE 1 2 3 4 5 6 7 12g
smref decode: 12g: a word of up to 16 hexadecimal digits is expected
try: smref decode --help
[2]
$ smref decode SMMU_IDR0 0x100000000
smref decode: SMMU_IDR0 has 32 bits
try: smref decode --help
[2]
$ smref decode STEE 1
smref decode: no kind STEE; nearest: STE
try: smref decode --help
[2]
$ smref decode
smref decode: decode what? smref decode KIND WORD...
try: smref decode --help
[2]
$ smref decode CD 1 --ste 5
smref decode: --ste 5: 1 word where 8 of 64 bits, or 16 of 32 bits, are expected
try: smref decode --help
[2]
$ smref decode STE 0 0 0 0 0 0 0 0 --profile arch-3.5
smref: --profile: no such profile: arch-3.5; nearest: arch-3.4
[2]
