#!/bin/sh
# A campaign that is killed at any moment goes on with nothing lost but the cases in flight, and nothing counted
# twice: `resume.sh BUILD`. What it has at the end, findings and counts, is that of one that ran in one piece.
set -u

smref=$1/smref
plugin=$1/tests/plugins/reference
. tests/tap.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Everything in the results but how long it took.
results() { # FOLDER
    for part in "$1"/*.jsonl; do
        jq -S -c 'if .summary then del(.summary.seconds, .summary.restarts) else . end' "$part"
    done
}

# Kills the command, and with it its jobs, after some hundredths of a second, again and again, until it comes to its end.
killed_until_done() { # SIGNAL FOLDER ARGUMENT...
    signal=$1
    folder=$2
    shift 2
    kills=0
    resume=
    while :; do
        # shellcheck disable=SC2086 # nothing, or an option
        "$smref" diff "$@" --out "$folder" $resume >"$scratch/said" 2>&1 &
        command=$!
        sleep "0.$(((kills * 7 + 3) % 10))$(((kills * 3) % 10))"
        kill -0 $command 2>/dev/null || break
        kill "-$signal" $command 2>/dev/null
        wait $command 2>/dev/null
        kills=$((kills + 1))
        resume=--resume
        [ $kills -lt 200 ] || break
    done
    wait $command
}

for jobs in 1 2; do
    set -- "plugin:$plugin --broken input-addr" --seed 3 --cases 30000 --jobs $jobs
    "$smref" diff "$@" --out "$scratch/whole$jobs" >"$scratch/said" 2>&1
    results "$scratch/whole$jobs" >"$scratch/whole"
    for signal in KILL TERM; do
        killed_until_done $signal "$scratch/$signal$jobs" "$@"
        results "$scratch/$signal$jobs" >"$scratch/cut"
        [ $kills -ge 3 ] && grep -q '"finding"' "$scratch/cut" && cmp -s "$scratch/whole" "$scratch/cut"
        report $? "$jobs jobs, SIG$signal $kills times" "$scratch/said"
    done
done

"$smref" diff "$@" --out "$scratch/whole2" >"$scratch/said" 2>&1
[ $? -eq 2 ] && grep -q -e --resume "$scratch/said"
report $? "results are not written over" "$scratch/said"

"$smref" diff "$@" --out "$scratch/whole2" --resume >"$scratch/said" 2>&1
results "$scratch/whole2" | cmp -s - "$scratch/whole"
report $? "a campaign that is complete stays as it is" "$scratch/said"

"$smref" diff "$@" --cases 30001 --out "$scratch/whole2" --resume >"$scratch/said" 2>&1
[ $? -eq 2 ] && grep -q 'number of cases' "$scratch/said"
report $? "nor does it take in more cases" "$scratch/said"

timeout -s KILL 0.3 "$smref" diff "$@" --out "$scratch/other" >"$scratch/said" 2>&1
"$smref" diff "$@" --seed 4 --out "$scratch/other" --resume >"$scratch/said" 2>&1
[ $? -eq 2 ] && grep -q 'another campaign' "$scratch/said"
report $? "another seed is another campaign" "$scratch/said"
finish
