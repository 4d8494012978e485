#!/bin/sh
# Hostile input through the command: `run.sh BUILD`. Each input must be refused with exit status 2 and a message that
# names file, line and (where it has one) path, or be answered as the architecture does; within 20 seconds, without a
# crash and without a sanitizer's report. Prints TAP; exits 1 when a test failed.
set -u

PATH=$1:$PATH
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
. "$here/../tap.sh"

run() { # ARGUMENT...
    timeout 20 smref "$@" >said 2>&1 </dev/null
}

# page.json is refused; the message is `smref: page.json:LINE: PATTERN` (an extended regular expression).
refused() { # NAME PATTERN
    run run page.json
    status=$?
    [ $status -eq 2 ] && [ "$(wc -l <said)" -eq 1 ] && grep -Eq "^smref: page\.json:[0-9]+: $2" said
    report $? "hostile/$1" said
}

# page.json is answered, and the answer matches.
answered() { # NAME PATTERN [ARGUMENT...]
    name=$1
    pattern=$2
    shift 2
    run run page.json "$@" && grep -Eq "$pattern" said
    report $? "hostile/$name" said
}

# A snapshot with the given members after the version.
page() { # MEMBERS
    printf '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",\n%s}\n' "$1" >page.json
}

# ---- Truncations, damaged bytes ------------------------------------------------------------------------

cat >good.json <<'END'
{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "choices": {},
 "registers": {"SMMU_CR0": "0x1", "0x80": "0x40000000"},
 "memory": [{"pas": "ns", "at": "0x40000000", "struct": "STE", "fields": {"V": 1, "Config": "0b100"}},
  {"pas": "ns", "at": "0x50000000", "hex": "00ff"}],
 "unmapped": "abort", "steps": [{"op": "access", "sid": "0x0", "addr": 4096}]}
END
run run good.json
report $? "hostile/the snapshot that is damaged next is good" said

size=$(wc -c <good.json)
damaged() { # NAME STRIDE: each variant of good.json that `damage AT` makes is refused
    wrong=
    at=0
    while [ $at -lt $((size - 2)) ]; do
        damage $at >page.json
        run run page.json
        status=$?
        [ $status -eq 2 ] && grep -Eq '^smref: page\.json:[0-9]+: ' said || wrong="$wrong $at($status)"
        at=$((at + $2))
    done
    [ -z "$wrong" ] || echo "at bytes:$wrong" >said
    [ -z "$wrong" ]
    report $? "hostile/$1" said
}
damage() { head -c "$1" good.json; }
damaged "truncated at every byte" 1
damage() {
    head -c "$1" good.json
    printf '\000'
    tail -c +$(($1 + 2)) good.json
}
damaged "NUL for every seventh byte" 7
damage() {
    head -c "$1" good.json
    printf '\377'
    tail -c +$(($1 + 2)) good.json
}
damaged "a byte that is no UTF-8 for every seventh byte" 7

# ---- Files that are none -----------------------------------------------------------------------------

: >page.json
refused "an empty file" ""
printf '\357\273\277{}' >page.json
refused "a byte order mark" ""
printf '{"format": "smref-snapshot", "version": "1.0"} trailing' >page.json
refused "text after the end" ""
run run .
[ $? -eq 2 ] && grep -q '^smref: \.: ' said
report $? "hostile/a folder" said
run run nothing.json
[ $? -eq 2 ] && grep -q '^smref: nothing\.json: ' said
report $? "hostile/no file" said
run run -
[ $? -eq 2 ]
report $? "hostile/empty standard input" said
{ printf '{"format": "smref-snapshot", "a%s": 1}' "$(head -c 300000 /dev/zero | tr '\0' x)"; } >page.json
refused "a key of 300 KB" ""
page '"a\u0000b": 1'
refused "NUL in a key" ""
page '"description": "\ud800"'
refused "half a surrogate pair" ""
page '"%n%s%x\u001b[2J": 1'
run run page.json
[ $? -eq 2 ] && ! grep -q "$(printf '\033')" said
report $? "hostile/formats and escapes in a key are not obeyed" said

# ---- Nesting, size ------------------------------------------------------------------------------------

for depth in 65 1000 1000000; do
    head -c $depth /dev/zero | tr '\0' '[' >page.json
    refused "$depth open brackets" ""
    {
        head -c $depth /dev/zero | tr '\0' '['
        head -c $depth /dev/zero | tr '\0' ']'
    } >page.json
    refused "$depth nested arrays" ""
done
{
    printf '{"a":%.0s' $(seq 500)
    printf 1
    printf '}%.0s' $(seq 500)
} >page.json
refused "500 nested objects" ""
{
    printf '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "memory": [{"pas": "ns", "at": 0, "hex": "'
    head -c 100000000 /dev/zero | tr '\0' 0
    printf '"}], "steps": [{"op": "load", "pas": "ns", "at": "0x2faf07f", "size": 1}]}'
} >page.json
answered "100 MB of hexadecimal zeros" '0 *0*' --json
rm page.json

# ---- Types --------------------------------------------------------------------------------------------

# Each line: a snapshot member with @ in place of a value, and (after a bar) which of the bad values are good there.
good_path='memory\[[0-9]+\]|steps\[[0-9]+\]|registers|choices|profile|unmapped|description|memory|steps|format|version'
while IFS='|' read -r members allowed; do
    [ -n "$members" ] || continue
    for value in null true -1 1.5 '[]' '{}' '[[]]' '"x"' '""' '"0x"' '"0xg"' '"0b2"' '"-0x1"' '" 0x1"' '"0x1 "' \
        '"0x10000000000000000"' 99999999999999999999 1e400 '"0x\u0000"'; do
        case "$allowed" in *" $value "*) continue ;; esac
        page "$(printf '%s' "$members" | awk -v v="$value" 'BEGIN { gsub(/\\/, "\\\\", v); gsub(/&/, "\\\\&", v) } { gsub(/@/, v); print }')"
        run run page.json
        status=$?
        [ $status -eq 2 ] && grep -Eq "^smref: page\.json:[0-9]+: ($good_path|.*)" said && continue
        echo "status $status for: $members with $value" >>said
        report 1 "hostile/types: $members, $value" said
    done
    report 0 "hostile/types: $members" said
done <<'END'
"profile": @|
"description": [@]|
"registers": @| {} 
"registers": {"SMMU_CR0": @}|
"registers": {"0x20": @}|
"choices": @| {} 
"choices": {"S1CONTEXTPTR_BEYOND_OAS": @}|
"memory": @| [] 
"memory": [@]|
"memory": [{"pas": @, "at": 0, "size": 1, "fill": 0}]|
"memory": [{"pas": "ns", "at": @, "size": 1, "fill": 0}]|
"memory": [{"pas": "ns", "at": 0, "size": @, "fill": 0}]|
"memory": [{"pas": "ns", "at": 0, "size": 1, "fill": @}]|
"memory": [{"pas": "ns", "at": 0, "hex": @}]|
"memory": [{"pas": "ns", "at": 0, "u64": @}]|
"memory": [{"pas": "ns", "at": 0, "u64": [@]}]|
"memory": [{"pas": "ns", "at": 0, "struct": @}]|
"memory": [{"pas": "ns", "at": 0, "struct": "STE", "fields": @}]| {} 
"memory": [{"pas": "ns", "at": 0, "struct": "STE", "fields": {"V": @}}]| true 
"memory": [{"pas": "ns", "at": 0, "size": 16, "file": @}]|
"memory": [{"pas": "ns", "at": 0, "size": 16, "file": "good.json", "offset": @}]|
"unmapped": @|
"steps": @| [] 
"steps": [@]|
"steps": [{"op": @}]|
"steps": [{"op": "access", "sid": 0, "addr": @}]|
"steps": [{"op": "access", "addr": 0, "sid": @}]|
"steps": [{"op": "access", "addr": 0, "sid": 0, "ssid": @}]|
"steps": [{"op": "access", "sid": 0, "addr": 0, "size": @}]|
"steps": [{"op": "access", "sid": 0, "addr": 0, "access": @}]|
"steps": [{"op": "access", "sid": 0, "addr": 0, "priv": @}]| true 
"steps": [{"op": "access", "sid": 0, "addr": 0, "inst": @}]| true 
"steps": [{"op": "access", "sid": 0, "addr": 0, "sec_sid": @}]|
"steps": [{"op": "access", "sid": 0, "addr": 0, "attrs": @}]| {} 
"steps": [{"op": "load", "pas": "ns", "at": 0, "size": @}]|
"steps": [{"op": "store", "pas": "ns", "at": 0, "hex": @}]|
"steps": [{"op": "store", "pas": "ns", "at": 0, "u64": @}]|
END

# ---- Keys ---------------------------------------------------------------------------------------------

page '"unmapped": "abort", "unmapped": "abort"'
refused "a key twice" ""
page '"registers": {"SMMU_CR0": 1, "SMMU_CR0": 1}'
refused "a register twice" ""
page '"registers": {"SMMU_CR0": 1, "0x20": 1}'
refused "a register twice, by name and offset" "registers"
page '"registers": {"SMMU_CR9": 1}'
refused "a register that does not exist" 'registers\.SMMU_CR9: .*nearest: SMMU_CR'
page '"registers": {"0xffffffff": 1}'
refused "an offset far outside" 'registers\.0xffffffff: '
page '"memroy": []'
refused "a misspelt key" '.*nearest: memory'

# ---- Memory -------------------------------------------------------------------------------------------

region() { printf '{"pas": "%s", "at": "%s", "size": "%s", "fill": 0}' "$1" "$2" "$3"; }
page "\"memory\": [$(region ns 0x1000 0x1000), $(region ns 0x1fff 0x1000)]"
refused "regions that overlap" 'memory\[1\]'
page "\"memory\": [$(region ns 0x1000 0x1000), $(region ns 0x1000 0x1000)]"
refused "the same region twice" 'memory\[1\]'
page "\"memory\": [$(region ns 0x1000 0x1000), $(region ns 0x0 0xffffffffffffffff)]"
refused "a region within a later one" 'memory\[1\]'
page "\"memory\": [$(region ns 0xfffffffffffff000 0x1001)]"
refused "a region that wraps" 'memory\[0\]'
page "\"memory\": [$(region ns 0x1000 0)]"
refused "a region of no size" 'memory\[0\]'
page '"memory": [{"pas": "ns", "at": "0xffffffffffffffff", "u64": [1]}]'
refused "contents that wrap" 'memory\[0\]'
page "\"memory\": [$(region ns 0x1000 0x1000), $(region ns 0x2000 0x1000), $(region secure 0x1000 0x1000)],
\"steps\": [{\"op\": \"load\", \"pas\": \"ns\", \"at\": \"0x1fff\", \"size\": 2}]"
answered "regions that touch, and another address space" '#0 load'
page "\"memory\": [$(region ns 0x0 0xffffffffffffffff)], \"steps\": [{\"op\": \"load\", \"pas\": \"ns\", \"at\": \"0xfffffffffffffff0\", \"size\": 15}]"
answered "nearly 16 EB of memory" '#0 load'
page "\"memory\": [$(region ns 0xfffffffffffff000 0x1000)], \"steps\": [{\"op\": \"load\", \"pas\": \"ns\", \"at\": \"0xffffffffffffffff\", \"size\": 1}]"
answered "the last byte there is" '#0 load'
page "\"memory\": [$(region ns 0x0 0x100000000)], \"steps\": [{\"op\": \"access\", \"sid\": 0, \"addr\": 0}]"
answered "4 GB" '#0 '
page '"memory": [{"pas": "ns", "at": 0, "size": "0x1000", "file": "nothing.bin"}]'
refused "a memory file that does not exist" 'memory\[0\]'
page '"memory": [{"pas": "ns", "at": 0, "size": "0x1000", "file": "."}]'
refused "a memory file that is a folder" 'memory\[0\]'
page '"memory": [{"pas": "ns", "at": 0, "size": "0x100000", "file": "good.json"}]'
refused "a memory file that is too short" 'memory\[0\]'
page '"memory": [{"pas": "ns", "at": 0, "size": 1, "file": "good.json", "offset": "0xfffffffffffffff0"}]'
refused "an offset beyond the memory file" 'memory\[0\]'
page '"memory": [{"pas": "ns", "at": 0, "size": 1, "file": "/dev/zero"}]'
run run page.json
[ $? -eq 2 ] && grep -Eq '^smref: page\.json:[0-9]+: memory\[0\]' said
report $? "hostile/a memory file that is a device" said
page '"steps": [{"op": "load", "pas": "ns", "at": 0, "size": "0xffffffffffffffff"}]'
refused "a load of 16 EB" 'steps\[0\]'
page "\"memory\": [$(region ns 0x0 0x10000000000)], \"steps\": [{\"op\": \"load\", \"pas\": \"ns\", \"at\": 0, \"size\": \"0x10000000000\"}]"
refused "a load of 1 TB" 'steps\[0\]'
{
    printf '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "memory": [\n'
    seq 1 30000 | awk '{ printf "%s{\"pas\": \"ns\", \"at\": %d, \"size\": 16, \"fill\": 1}\n", (NR > 1 ? "," : ""), (30000 - $1) * 32 }'
    printf '], "steps": [{"op": "access", "sid": 0, "addr": 0}]}'
} >page.json
answered "30000 regions" '#0 '
{
    printf '{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "steps": [\n'
    seq 1 50000 | awk '{ printf "%s{\"op\": \"access\", \"sid\": 0, \"addr\": %d}\n", (NR > 1 ? "," : ""), $1 }'
    printf ']}'
} >page.json
answered "50000 steps" '50000 steps' --quiet

# ---- Tables that lead nowhere or in circles -----------------------------------------------------------

# Stage 1 of 48 bits with 4 KB pages (CD 5.4: T0SZ 16, TTB0), nested over the same tables (STE 5.2: S2T0SZ 16, S2SL0 2).
machine() { # CONFIG TABLE-WORD AT
    cat <<END
"registers": {"SMMU_CR0": "0x5", "SMMU_STRTAB_BASE": "0x40000000", "SMMU_EVENTQ_BASE": "0x40010004"},
"memory": [
 {"pas": "ns", "at": "0x40000000", "struct": "STE", "fields": {"V": 1, "Config": "$1", "S1ContextPtr": "$4",
  "S2AA64": 1, "S2T0SZ": 16, "S2SL0": 2, "S2PS": 5, "S2R": 1, "S2TTB": "0x40002000"}},
 {"pas": "ns", "at": "0x40001000", "struct": "CD", "fields": {"V": 1, "AA64": 1, "T0SZ": 16, "EPD1": 1, "IPS": 5, "R": 1,
  "A": 1, "TTB0": "$3"}},
 {"pas": "ns", "at": "0x40002000", "u64": ["$2", "$2", "$2", "$2"]}, {"pas": "ns", "at": "0x40010000", "size": 4096, "fill": 0}],
"steps": [{"op": "access", "sid": 0, "addr": "0x1234"}, {"op": "access", "sid": 0, "addr": "0x0", "access": "write"}]
END
}
page "$(machine 0b101 0x40002003 0x40002000 0x40001000)"
answered "stage 1: a table that points at itself" '2 steps'
page "$(machine 0b110 0x40002003 0x40002000 0x40001000)"
answered "stage 2: a table that points at itself" '2 steps'
page "$(machine 0b111 0x40002003 0x40002000 0x40001000)"
answered "nested: both stages through one table that points at itself" '2 steps'
page "$(machine 0b111 0x40002403 0x0 0x0)"
answered "nested: CD and tables translated by what they translate" '2 steps'
page "$(machine 0b101 0xfffffffff003 0x40002000 0x40001000)"
answered "stage 1: a table outside memory" 'F_WALK_EABT'
page "$(machine 0b101 0x40002003 0x7ffffffff000 0x40001000)"
answered "stage 1: TTB0 outside memory" 'F_WALK_EABT'
page "$(machine 0b101 0x40002003 0x40002000 0x70000000)"
answered "stage 1: the CD outside memory" 'F_CD_FETCH'
page "$(machine 0b101 0x40002003 0x40002000 0x40000000)"
answered "stage 1: the STE as CD" '2 steps'
page "$(machine 0b101 0xffffffffffffffff 0x40002000 0x40001000)"
answered "stage 1: all ones" 'F_WALK_EABT'
page '"registers": {"SMMU_CR0": 1, "SMMU_STRTAB_BASE": "0xfffffffffc000", "SMMU_STRTAB_BASE_CFG": "0x307ff"},
"steps": [{"op": "access", "sid": "0xffffffff", "addr": "0xffffffffffffffff"}]'
answered "registers full of ones" 'F_STE_FETCH'

# ---- Vectors ------------------------------------------------------------------------------------------

while IFS='|' read -r name text; do
    printf '%s\n' "$text" >page.json
    run check page.json
    [ $? -eq 2 ] && grep -Eq '^smref: page\.json:[0-9]+: ' said
    report $? "hostile/vectors: $name" said
done <<'END'
a snapshot|{"format": "smref-snapshot", "version": "1.0"}
a later version|{"format": "smref-vectors", "version": "2.0", "groups": []}
no groups|{"format": "smref-vectors", "version": "1.0"}
groups that are none|{"format": "smref-vectors", "version": "1.0", "groups": {}}
a group that is none|{"format": "smref-vectors", "version": "1.0", "groups": [1]}
an empty group|{"format": "smref-vectors", "version": "1.0", "groups": [{}]}
END

# ---- Results of campaigns --------------------------------------------------------------------------------

part=$here/../cli/campaign/part-2-of-2.jsonl

# Each results.jsonl that sed makes of a part is refused, or told of, and neither the page nor an export breaks.
results() { # NAME EXPECTED-STATUS SED
    sed "$3" "$part" >results.jsonl
    run report results.jsonl --html page.html --export groups
    status=$?
    [ $status -eq "$2" ] && { [ $status -ne 2 ] || grep -Eq '^smref: (results\.jsonl:|case:)' said; }
    report $? "hostile/results, $1" said
}

results 'a part that is good' 1 ''
results 'a step that is none' 2 's/"step":5,/"step":4000000000,/'
results 'a step before the first' 2 's/"step":5,/"step":-1,/'
results 'a cause that is none' 2 's/"step":5,/"step":5,"cause":4000000000,/'
results 'no case' 2 's/"case":{"format":"smref-snapshot",/"case":{"format":"smref-report",/'
results 'a case without steps' 2 's/"steps":\[[^]]*\]/"steps":[]/'
results 'a rule that there is not' 1 's/"rule":"REG_WRITTEN"/"rule":"NO_SUCH_RULE"/'
results 'a group that is markup and a path' 1 's|"group":"write SMMU_CR0[^"]*"|"group":"../../<script>\\u0001"|'
grep -q '<script>' page.html
[ $? -eq 1 ] && [ ! -e ../../script ]
report $? 'hostile/results, markup in a group stays text' page.html
results 'outcomes that are none' 1 's/"expected":\[{/"expected":[null,1,{"events":[1],"hex":2},{/; s/"shown":{"outcome":"ok","events":\[\],/"shown":{"outcome":[],"events":[[]],/'
results 'a number of cases below zero' 2 's/"cases":10000/"cases":-1/'
results 'part 0' 2 's/"part":\[2,2\]/"part":[0,2]/'
results 'nothing' 2 'd'

finish
