#!/bin/sh
# The recipe for GNU parallel of interp/diff/CAMPAIGNS.md: `parallel.sh BUILD`. A campaign in three parts over two machines,
# all ended by SIGKILL in the middle, and then run again on this machine, comes to what it does in one piece.
set -u

smref=$1/smref
plugin=$1/tests/plugins/reference
. tests/tap.sh
. tests/diff/recipes.sh
for needed in parallel jq setsid; do
    command -v $needed >/dev/null || skip "no $needed on this machine"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
recipe "GNU parallel" >"$scratch/recipe"

# The command, which tells its process; and an ssh that stays here, and tells where it was to go.
mkdir "$scratch/bin"
cat >"$scratch/smref" <<END
#!/bin/sh
echo \$\$ >"$scratch/process.\$\$"
exec "$smref" "\$@"
END
cat >"$scratch/bin/ssh" <<END
#!/bin/sh
while :; do
    case \$1 in
    -[lopi]) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
echo "\$1" >>"$scratch/hosts"
shift
[ "\$1" != -- ] || shift
cd / && SHELL=/bin/sh exec sh -c "\$*"
END
chmod +x "$scratch/smref" "$scratch/bin/ssh"
SMREF=$scratch/smref SEED=5 CASES=1200 PARTS=3 OUT=$scratch/campaign PATH=$scratch/bin:$PATH
# shellcheck disable=SC2089 # the shell that starts the plugin takes the quotes
TARGET="plugin:tests/diff/held.sh '$scratch' '$plugin' --profile qemu-10.0 --broken input-addr"
# shellcheck disable=SC2090
export SMREF TARGET SEED CASES PARTS OUT PATH

"$smref" diff "$TARGET" --seed $SEED --cases $CASES --out "$scratch/whole" >"$scratch/said" 2>&1
merged "$scratch/whole" >"$scratch/whole.json"
jq -e ".missing == 0 and .summary.cases == $CASES and (.groups | length) > 1" "$scratch/whole.json" >/dev/null
report $? "in one piece" "$scratch/said"

# shellcheck disable=SC2317 # by until_true
three_held() { [ "$(find "$scratch" -name 'held.*' | wc -l)" -eq 3 ]; }

rm -f "$scratch"/lines.*
: >"$scratch/hold"
HOSTS=1/alpha,2/beta setsid sh "$scratch/recipe" --timeout 100 >"$scratch/said" 2>&1 &
campaign=$!
until_true 60 three_held && grep -q alpha "$scratch/hosts" && grep -q beta "$scratch/hosts"
report $? "over ssh, in the middle" "$scratch/said"

# parallel first: it starts no others, and its jobs are no part of its process group.
kill -KILL -$campaign
for process in "$scratch"/process.*; do
    kill -KILL "${process##*.}" 2>/dev/null
done
wait $campaign 2>/dev/null
rm "$scratch/hold"
[ "$(find "$OUT" -name '*.state' | wc -l)" -eq 3 ]
report $? "killed, no part is complete" "$scratch/said"

HOSTS=3/: sh "$scratch/recipe" >"$scratch/said" 2>&1
merged "$OUT" | diff "$scratch/whole.json" - >"$scratch/differ"
report $? "run again, here, it comes to the same" "$scratch/differ"
[ "$(cat "$scratch"/lines.* | grep -c '"case":')" -lt $((CASES + 150)) ]
report $? "only cases in flight are carried out again" "$scratch/said"
grep -q "^smref qemu-10.0: $CASES cases" "$scratch/said"
report $? "the report is made at the end" "$scratch/said"
finish
