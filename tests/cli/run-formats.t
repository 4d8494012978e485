smref run: other formats of the same explanation.

$ smref run run/formats.json --sid 4 --addr 0x123 --access write --json --explain | tr '{' '\n' | grep '"kind":"\(walk\|grants\)"'
"kind":"walk","phase":"stage2","stage":2,"input":"0x123","format":"VMSAv8-64","granule":"0x1000","base":"S2TTB","address":"0x40007000","input_bits":32,"output_bits":40,"start_level":1,"purpose":"in"},
"kind":"grants","phase":"stage2","stage":2,"name":"stage 2","privileged":"r-x","unprivileged":"r-x"},
$ smref run run/formats.json --json --explain | grep -c '"explanation_version":"1.0"'
15

## Graphs: one a step, with the rule that stopped the access.
$ smref run run/formats.json --sid 5 --addr 0x123 --format dot | sed 's/\bn[0-9][0-9]*/n/g'
digraph step_0 {
  rankdir=TB; fontname=monospace; fontsize=10; labeljust=l; label="step 0";
  node [shape=box, fontname=monospace, fontsize=10]; edge [fontname=monospace, fontsize=9];
  access [shape=cds, label="read   sid 0x5 addr 0x123"];
  n [shape=note, label="SMMU_IDR1 0xe730520\l  SIDSIZE 32\lSMMU_STRTAB_BASE_CFG 0x4\l  LOG2SIZE 4\lSMMU_STRTAB_BASE 0x40000000\l  ADDR 0x40000000\l"];
  access -> n [label="StreamID"];
  n [label="STE [0x5]\nat 0x40000140\nV 1, Config 0b101 S1_TRANS, \lS1ContextPtr 0x70000000, \lSHCFG 0b00 NSH\l"];
  n -> n [label="[0x5]"];
  n [label="CD [0x0]\nat 0x70000000\nexternal abort", color=red, penwidth=2];
  n -> n [label="[0x0]"];
  n [shape=octagon, color=red, fontcolor=red, penwidth=2, label="abort F_CD_FETCH\nexternal abort on the fetch of a CD\n[CD_FETCH_ABORT, 7.3.10]"];
  n -> n [label="", color=red];
}
$ smref run run/formats.json --format dot | grep -c '^digraph step_'
15
$ ! command -v dot >/dev/null || smref run run/nested.json --format dot | dot -Tsvg >nested.svg

## A page: nothing of the input is taken for markup, and it needs nothing else.
$ sed 's|"description": "|"description": "</title><script>alert(1)</script>|' run/formats.json >'<b>.json'
$ smref run '<b>.json' --format html >page.html
$ grep '<title>\|<h1>\|alert' page.html
<title>smref run &lt;b&gt;.json</title>
<body><header><h1>smref run &lt;b&gt;.json</h1>
<p>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;one stream for each format of tables and kind of fault</p>
$ grep -c '<details' page.html
15
$ grep -o 'src=[^ >]*\|href=[^ >]*\|url([^)]*)' page.html
[1]
