#!/bin/sh
# The job array of interp/diff/CAMPAIGNS.md: `slurm.sh BUILD`, on a cluster of this machine alone. Of four tasks one is
# requeued in the middle, one is killed and submitted again, one comes to its time limit, and one runs through; all comes
# to what the same campaign does in one piece.
set -u

smref=$1/smref
plugin=$1/tests/plugins/reference
. tests/tap.sh
. tests/diff/recipes.sh
. tests/diff/cluster.sh
PATH=$PATH:/usr/sbin
for needed in sbatch slurmctld slurmd munged jq; do
    command -v $needed >/dev/null || skip "no $needed on this machine"
done
scratch=$(mktemp -d)
trap 'stop_cluster; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$scratch" # munge wants its socket to be within the reach of all
mkdir "$scratch/cluster" "$scratch/1" "$scratch/2" "$scratch/3" "$scratch/4"
start_cluster "$scratch/cluster" || skip "no Slurm cluster starts here: $(grep . "$scratch/cluster/said" | tail -n 1)"
recipe Slurm >"$scratch/recipe"

# The command, and the plugin, each with a folder for the task.
cat >"$scratch/smref" <<END
#!/bin/sh
[ -z "\${SLURM_ARRAY_TASK_ID-}" ] || echo \$\$ >"$scratch/\$SLURM_ARRAY_TASK_ID/process"
exec "$smref" "\$@"
END
chmod +x "$scratch/smref"
SMREF=$scratch/smref SEED=6 CASES=1600 PARTS=4 OUT=$scratch/campaign
# shellcheck disable=SC2089 # the shell that starts the plugin takes the quotes
TARGET="plugin:tests/diff/held.sh '$scratch'/\$SLURM_ARRAY_TASK_ID '$plugin' --profile qemu-10.0 --broken input-addr"
SBATCH_OUTPUT=$scratch/task-%a.log
# shellcheck disable=SC2090
export SMREF TARGET SEED CASES PARTS OUT SBATCH_OUTPUT

SLURM_ARRAY_TASK_ID=1 "$smref" diff "$TARGET" --seed $SEED --cases $CASES --out "$scratch/whole" >"$scratch/said" 2>&1
merged "$scratch/whole" >"$scratch/whole.json"
jq -e '.missing == 0 and .summary.cases == 1600 and (.groups | length) > 1' "$scratch/whole.json" >/dev/null
report $? "in one piece" "$scratch/said"

# shellcheck disable=SC2317 # these are for until_true
{
    all_held() { [ "$(find "$scratch"/[1-4] -name 'held.*' | wc -l)" -eq 4 ]; }
    has_restarted() { scontrol show job "${job}_$1" | grep -q Restarts=1; }
    has_failed() { scontrol show job "${job}_$1" | grep -q JobState=FAILED; }
    is_pending() { [ "$(squeue --noheader --jobs="${job}_$1" --format=%t)" = PD ]; }
    at_limit() { grep -q 'time limit' "$scratch/task-$1.log"; }
    none_left() { [ -z "$(squeue --noheader)" ]; }
}

rm -f "$scratch"/1/*
for task in 1 2 3 4; do
    : >"$scratch/$task/hold"
done
sh "$scratch/recipe" --timeout 100 >"$scratch/said" 2>&1
job=$(squeue --noheader --name=smref --format=%F | head -n 1)
until_true 60 all_held
report $? "four tasks in the middle" "$scratch/said"

scontrol requeue "${job}_1" && until_true 60 has_restarted 1
report $? "one is requeued" "$scratch/task-1.log"
kill -KILL "$(cat "$scratch/2/process")" && until_true 60 has_failed 2
report $? "one is killed" "$scratch/task-2.log"
scancel --batch --signal=USR1 "${job}_3" && until_true 60 at_limit 3
report $? "one comes to its time limit" "$scratch/task-3.log"
[ "$(find "$OUT" -name '*.state' | wc -l)" -eq 4 ]
report $? "none is complete"
rm "$scratch"/[1-4]/hold
until_true 60 has_restarted 3
report $? "at its time limit it requeues itself" "$scratch/task-3.log"

# Slurm lets a requeued task wait for two minutes; two seconds are enough for its old credential to be over.
for task in 1 3; do
    until_true 60 is_pending $task && scontrol update jobid="${job}_$task" StartTime=now+2seconds
done
sbatch --array=2 interp/diff/campaign.sbatch --timeout 100 >"$scratch/said" 2>&1 && until_true 120 none_left
report $? "all come to their ends" "$scratch/said"
merged "$OUT" | diff "$scratch/whole.json" - >"$scratch/differ"
report $? "what they come to is the same" "$scratch/differ"
[ "$(cat "$scratch"/[1-4]/lines.* | grep -c '"case":')" -lt $((CASES + 200)) ]
report $? "only cases in flight are carried out again"
grep -q '^smref qemu-10.0: .* cases' "$OUT.report"
report $? "the report is made at the end" "$OUT.report"
finish
