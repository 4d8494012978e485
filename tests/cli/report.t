smref report. The results in campaign/ are those of a target that is the model with four wrong answers: writes are let through
(DDI 0487 D8.4.1), RnW is 1 in every record (7.3.16), SMMU_CR0.EVENTQEN cannot be set (6.3.9), and it ends when a device
writes above the first 256 bytes.

$ smref report campaign
deviant 1.0: 20000 cases, 97695 steps, seed 0x1
in 2 s of 2 parts: 8000 cases a second; started again 1 times

                     agrees      differs not_modelled
translation            7500           15            0
registers             12465            0           20
all                   19965           15           20

not compared, and why:
           17  not_modelled  UNKNOWN values of registers after an illegal write
            3  not_modelled  the stall of a faulting access (CD.S or STE.S2S is
                             1)

rules that decided something: 15; states were found for 300 of the 301 that this implementation can meet
choices: 0 options were seen that the profile does not name

findings: 15 cases in 4 groups, 4 of them news

NEW         6  write SMMU_CR0: REG_WRITTEN: value: EVENTQEN 0 for 1
               the register takes the written value in the fields that are
               writable (6.2)
               reduced to: 1 step, case 201
NEW         4  access: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0
               stage 1: no permission to write (DDI 0487 D8.4.1)
               reduced to: 5 steps, case 101
NEW         4  record: died: ended by signal 6
               smallest: 9 steps, case 302
NEW         1  access: S1_NO_WRITE: ok for abort F_PERMISSION
               stage 1: no permission to write (DDI 0487 D8.4.1)
               reduced to: 5 steps, case 1
[1]
$ smref report campaign --known campaign/known.json
deviant 1.0: 20000 cases, 97695 steps, seed 0x1
in 2 s of 2 parts: 8000 cases a second; started again 1 times

                     agrees      differs not_modelled
translation            7500           15            0
registers             12465            0           20
all                   19965           15           20

not compared, and why:
           17  not_modelled  UNKNOWN values of registers after an illegal write
            3  not_modelled  the stall of a faulting access (CD.S or STE.S2S is
                             1)

rules that decided something: 15; states were found for 300 of the 301 that this implementation can meet
choices: 0 options were seen that the profile does not name

findings: 15 cases in 4 groups, 2 of them news

NEW         4  record: died: ended by signal 6
               smallest: 9 steps, case 302
NEW         1  access: S1_NO_WRITE: ok for abort F_PERMISSION
               stage 1: no permission to write (DDI 0487 D8.4.1)
               reduced to: 5 steps, case 1
known       6  write SMMU_CR0: REG_WRITTEN: value: EVENTQEN 0 for 1
               departs: the Event queue cannot be enabled (6.3.9)
known       4  access: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0
               departs: RnW is 1 in every record (7.3.16)

known findings that were not seen:
  line 8: died: ended by signal 11
[1]
## A part alone, and the JSON.
$ smref report campaign/part-1-of-2.jsonl --json | jq -c '.parts, .missing, .summary.cases, .summary.kinds, (.groups | map([.count, .finding.minimal]))'
[{"file":"campaign/part-1-of-2.jsonl","part":[1,2],"complete":true,"cases":10000}]
1
10000
{"translation":{"agrees":3000,"differs":6},"registers":{"agrees":6984,"not_modelled":10}}
[[3,true],[2,true],[1,true]]

## Results that are older do not say why.
$ for n in 1 2; do sed '$s/"reasons":{"not_modelled":{[^}]*}},//' campaign/part-$n-of-2.jsonl >old-$n.jsonl; done
$ smref report old-1.jsonl old-2.jsonl | sed -n '6,9p'
registers             12465            0           20
all                   19965           15           20

rules that decided something: 15; states were found for 300 of the 301 that this implementation can meet
$ smref report campaign/part-1-of-2.jsonl old-2.jsonl --json | jq -c .summary.reasons
{"not_modelled":{"UNKNOWN values of registers after an illegal write":7,"the stall of a faulting access (CD.S or STE.S2S is 1)":3}}

## Many known findings that were not seen are a number.
$ jq '.known += [range(3) | {"pattern": "died: ended by signal 1\(.)", "class": "departs", "reason": "ends"}]' campaign/known.json >many.json
$ smref report campaign --known many.json | tail -2

known findings: 4 of 6 were not seen (--json: unmatched)
$ smref report campaign --known many.json --json | jq -c .unmatched
["died: ended by signal 11","died: ended by signal 10","died: ended by signal 11","died: ended by signal 12"]

## All known: exit 0.
$ jq '.known += [{"pattern": "died: ended by signal 6", "class": "departs", "reason": "ends"}, {"pattern": "S1_NO_WRITE: ok", "class": "departs", "reason": "lets writes through"}]' campaign/known.json >all.json
$ smref report campaign --known all.json >report.txt; echo $?; grep -c '^known' report.txt
0
5

## What does not belong together.
$ smref report campaign/part-1-of-2.jsonl campaign/part-1-of-2.jsonl
smref: campaign/part-1-of-2.jsonl:1:1: part: part 1 is there twice; the other one is campaign/part-1-of-2.jsonl
[2]
$ sed 's/"seed":"0x1"/"seed":"0x2"/' campaign/part-2-of-2.jsonl >other.jsonl
$ smref report campaign/part-1-of-2.jsonl other.jsonl
smref: other.jsonl:1:1: seed: of another campaign than campaign/part-1-of-2.jsonl: "seed" is another one
[2]
$ sed 's/"part":\[2,2\]/"part":[2,3]/' campaign/part-2-of-2.jsonl >three.jsonl
$ smref report campaign/part-1-of-2.jsonl three.jsonl
smref: three.jsonl:1:1: part: of a campaign in 3 parts, not 2
[2]

## A part that was killed: a line without an end does not count, and there is no summary.
$ head -c -100 campaign/part-2-of-2.jsonl >killed.jsonl
$ smref report campaign/part-1-of-2.jsonl killed.jsonl | head -3
deviant 1.0: 10000 of 20000 cases, 39078 steps, seed 0x1
in 1 s of 2 parts: 8000 cases a second; started again 0 times
1 of 2 parts are missing, or are not complete

## Files that are bad.
$ sed '2s/"group"/"grop"/' campaign/part-1-of-2.jsonl >bad.jsonl
$ smref report bad.jsonl
smref: bad.jsonl:2:1: finding.grop: unknown key; nearest: group
[2]
$ sed 's/"differs":6/"difers":6/' campaign/part-1-of-2.jsonl >bad.jsonl
$ smref report bad.jsonl
smref: bad.jsonl:5:1: summary.kinds.translation.difers: no such verdict
[2]
$ jq '.known[0].pattern = "("' campaign/known.json >bad.json
$ smref report campaign --known bad.json
smref: bad.json:7: known[0].pattern: missing closing parenthesis at character 2 of the pattern
[2]
$ jq '.known[1].class = "departed"' campaign/known.json >bad.json
$ smref report campaign --known bad.json
smref: bad.json:15: known[1].class: "departed": there are "departs", "permitted" and "not compared"
[2]
$ jq '.known[0].reasons = .known[0].reason' campaign/known.json >bad.json
$ smref report campaign --known bad.json
smref: bad.json:12: known[0].reasons: unknown key; nearest: reason
[2]
$ mkdir empty
$ smref report empty
smref report: empty: no *.jsonl in it
try: smref report --help
[2]
$ smref report
smref report: which results?
try: smref report --help
[2]

$ sed '$s/"reasons":{"not_modelled"/"reasons":{"unmodelled"/' campaign/part-1-of-2.jsonl >bad.jsonl
$ smref report bad.jsonl
smref: bad.jsonl:5:1: summary.reasons.unmodelled: no such verdict
[2]

## One page that needs nothing else. Without graphviz the walk is a table.
$ PATH=$(dirname $(which smref)) smref report campaign --html page.html >/dev/null; echo $?
1
$ grep -c '<details id="g' page.html
4
$ grep -c '<tr><td>17</td><td>not_modelled</td><td>UNKNOWN values' page.html
1
$ grep -o 'src=[^ >]*\|href=[^ >]*\|url([^)]*)\|<script\|<link' page.html
[1]
$ grep -o '<table class="walk">.*\|L1 \[0x001\].*VA\[31:30\]</td>.*' page.html | head -2
<table class="walk"><tr><th>read</th><th>at</th><th>word</th><th></th></tr>
L1 [0x001] VA[31:30]</td><td>0x40100008</td><td>0x0000000000000401</td><td>block</td></tr>
$ for tag in details table tr h2 h4 ol ul li main header div summary; do test $(grep -o "<$tag[ >]" page.html | wc -l) = $(grep -o "</$tag>" page.html | wc -l) || echo $tag; done

## Files for others: the snapshot gives what the model says, the vector passes on the model.
$ smref report campaign --export groups >/dev/null
[1]
$ ls groups groups/*ok-for-abort*
groups:
access-s1-no-write-f-permission-rnw-1-for-0-db92
access-s1-no-write-ok-for-abort-f-permission-c010
record-died-ended-by-signal-6-ab77
vectors.json
write-smmu-cr0-reg-written-value-eventqen-0-for-1-390f

groups/access-s1-no-write-ok-for-abort-f-permission-c010:
finding.txt
snapshot.json
vectors.json
$ for g in groups/*/; do smref check $g/vectors.json; done; smref check groups/vectors.json
1 of 1 test passed
1 of 1 test passed
1 of 1 test passed
1 of 1 test passed
4 of 4 tests passed
$ smref run groups/access-s1-no-write-ok*/snapshot.json | sed -n '/^#4/p'
#4 write  sid 0x8 addr 0x40000000            -> abort F_PERMISSION stage 1  S1_NO_WRITE: no permission to write
$ sed -n '1,/^Steps/p' groups/access-s1-no-write-ok*/finding.txt
deviant 1.0
access: S1_NO_WRITE: ok for abort F_PERMISSION

permitted: {"outcome": "abort", "events": [{"bank": "ns", "name": "F_PERMISSION", "words": ["0x800000013", "0x20000000000", "0x40000000", "0x0"], "ignore": ["0xfffff000", "0xffff10000000ffff", "0x0", "0xfffffffffff000"]}], "gerror": {"ns": "0x0"}}
shown:     {"outcome": "ok", "elsewhere": true, "pas": "ns", "events": [], "gerror": {"ns": "0x0"}}

S1_NO_WRITE  (required, section DDI 0487 D8.4.1)
stage 1: no permission to write

  subject   permission
  when      a step of the algorithm: no condition of its own
  outcome   F_PERMISSION

Steps after a reset, in memory that is zero but for what snapshot.json lists
$ smref run groups/write-smmu-cr0*/snapshot.json
#0 write  0x0020 SMMU_CR0 0x4 -> holds 0x4 (EVENTQEN)  REG_WRITTEN, REG_ACKNOWLEDGED
