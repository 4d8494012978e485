smref spec: the specification as data. Positions are those of IHI 0070 G.b: STE 5.2, SMMU_CR0 6.3.9, registers 6.2,
CMD_SYNC 4.7.3, F_TRANSLATION 7.3.13.

$ smref spec export --format tsv | grep -E '	(SMMU_CR0|SMMU_EVENTQ_PROD|SMMU_S_CR0|SMMU_R_CR0)	.*NS_PAGE|	CMD_SYNC	0|	F_TRANSLATION	0'
command	CMD_SYNC	0x46
event	F_TRANSLATION	0x10
reg	SMMU_CR0	0x20	32	NS_PAGE0
reg	SMMU_EVENTQ_PROD	0x100a8	32	NS_PAGE1
reg	SMMU_S_CR0	0x8020	32	NS_PAGE0

$ smref spec export --format tsv | grep -E '^field	STE	(V|Config|S1ContextPtr|S2TTB)	'
field	STE	Config	3	1
field	STE	S1ContextPtr	55	6
field	STE	S2TTB	247	196
field	STE	V	0	0

## Sorted, each line once, each with the words that its first one promises.
$ smref spec export --format tsv >all; LC_ALL=C sort -c all && sort all | uniq -d
$ awk -F'\t' '{ print $1, NF }' all | sort -u
command 3
event 3
field 5
reg 5

## The most significant bit comes first.
$ awk -F'\t' '$1 == "field" && $4 < $5 { print }' all

$ smref spec export --format tsv --only events | cut -f1 | sort -u
event
field

$ smref spec show STE.S1ContextPtr
STE.S1ContextPtr  (address field, section 5.2)
  [55:6]     S1ContextPtr  address of the CD or CD table; an IPA when stage 2 is
                           enabled
                             holds an address from its bit 6 up
                             IGNORED if STE.V == 0 || STE.Config[2] == 0
                             IGNORED if !derived.s1_enabled
                             note: bits below the table's alignment are RES0;
                               non-zero they are CONSTRAINED UNPREDICTABLE
  rules
  STE_S1CONTEXTPTR_OAS            stage 1 only: S1ContextPtr exceeds the output
                                  address size (3.4.3, 5.2.2)
  STE_S1CONTEXTPTR_IAS            both stages: S1ContextPtr exceeds the
                                  intermediate address size (3.4.3, 5.2.2)

$ smref spec show cr0 --brief | sed -n '1,3p;/SMMUEN/p'
SMMU_CR0  (register of 32 bits, section 6.3.9)
Control register 0: enables

  [0]        SMMUEN        Streams of the bank are translated, else GBPA rules
$ smref spec show 0x20 --json | grep -o '"name":"SMMU_CR0".*"offset":"0x20","width":32' | cut -c1-17
"name":"SMMU_CR0"

$ smref spec show SMMU_CR9
smref spec: nothing is called SMMU_CR9; nearest: SMMU_CR0
try: smref spec --help
[2]
$ smref spec show S1ContextPtrr
smref spec: nothing is called S1ContextPtrr; nearest: S1ContextPtr
try: smref spec --help
[2]
$ smref spec list foo
smref spec: no kind foo; see smref spec list
try: smref spec --help
[2]
$ smref spec list rule | grep STE_S1_UNS
STE_S1_UNSUPPORTED                stage 1 is enabled but not implemented (5.2.2)
$ smref spec export
smref spec: export needs --format tsv, json, c, svh or md
try: smref spec --help
[2]
$ smref spec export --format jsn
smref spec: no format jsn; nearest: json
try: smref spec --help
[2]
$ smref spec
smref spec: list, show or export?
try: smref spec --help
[2]
$ smref spec export --format json >/dev/full
smref: cannot write the output: No space left on device
[2]

## The C header compiles without a word, and its masks are as wide as what they are meant for.
$ smref spec export --format c >smmu.h
$ printf '#include <stdint.h>\n#include "smmu.h"\nint main(void) { uint64_t w = ~0ull; w &= ~SMMU_STE_V_MASK; return w != ~1ull || SMMU_STE_Config_S1_TRANS != 5 || SMMU_CMD_SYNC != 0x46 || SMMU_CR0_OFFSET != 0x20; }\n' >t.c
$ ${CC:-cc} -Wall -Wextra -Werror t.c -o t && ./t

## So does the SystemVerilog package, where there is a compiler; a structure has as many bits as the specification says.
$ smref spec export --format svh >smmu.svh
$ cat >t.sv <<'END'
> `include "smmu.svh"
> module t;
>   import smmu_export_pkg::*;
>   STE_t ste;
>   initial begin
>     ste = '0; ste.V = 1; ste.Config = STE_Config_S1_TRANS; ste.S1ContextPtr = 50'h1104000;
>     if (ste[63:0] != 64'h4410000b || $bits(STE_t) != 512 || $bits(F_TRANSLATION_t) != 256) $display("bad");
>   end
> endmodule
> END
$ ! command -v iverilog >/dev/null || { iverilog -g2012 -o t.vvp t.sv && vvp t.vvp; }
