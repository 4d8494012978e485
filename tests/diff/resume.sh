#!/bin/sh
# A campaign that is killed at any moment goes on with nothing lost but the cases in flight, and nothing counted
# twice: `resume.sh BUILD`. What it has at the end, findings and counts, is that of one that ran in one piece.
set -u

smref=$1/smref
plugin=$(realpath "$1")/tests/plugins/reference
. tests/tap.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Everything in the results but how long it took.
results() { # FOLDER
    for part in "$1"/*.jsonl; do
        jq -S -c 'if .summary then del(.summary.seconds, .summary.restarts) else . end' "$part"
    done
}

# The plugin. After as many cases as FOLDER/number says, if it is there, it sends FOLDER/signal to FOLDER/command.
cat >"$scratch/plugin" <<END
#!/bin/sh
cd "$scratch"
{
    if [ -e number ] && ! sed -u "\$(cat number)q5" && mkdir done 2>/dev/null; then
        until [ -s command ]; do sleep 0.01; done
        kill "-\$(cat signal)" "\$(cat command)"
    fi
    exec cat
} | exec "$plugin" --profile qemu-10.0 --broken input-addr
END
chmod +x "$scratch/plugin"

# Kills the command, and with it its jobs, when it was at work on so many cases; false when it has ended before.
killed() { # NUMBER SIGNAL ARGUMENT...
    rm -rf "$scratch/command" "$scratch/done"
    echo "$1" >"$scratch/number"
    echo "$2" >"$scratch/signal"
    shift 2
    "$smref" diff "$@" >"$scratch/said" 2>&1 &
    echo $! >"$scratch/command"
    wait $! 2>/dev/null
    rm "$scratch/number"
    [ -e "$scratch/done" ]
}

# Again and again, until it comes to its end.
killed_until_done() { # SIGNAL FOLDER ARGUMENT...
    signal=$1
    folder=$2
    shift 2
    kills=0
    while killed $((250 + kills * 137 % 700)) "$signal" "$@" --out "$folder" --resume && [ $kills -lt 100 ]; do
        kills=$((kills + 1))
    done
}

for jobs in 1 2; do
    set -- "plugin:$scratch/plugin" --seed 3 --cases 3000 --jobs $jobs
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

"$smref" diff "$@" --cases 3001 --out "$scratch/whole2" --resume >"$scratch/said" 2>&1
[ $? -eq 2 ] && grep -q 'number of cases' "$scratch/said"
report $? "nor does it take in more cases" "$scratch/said"

killed 200 KILL "$@" --out "$scratch/other"
"$smref" diff "$@" --seed 4 --out "$scratch/other" --resume >"$scratch/said" 2>&1
[ $? -eq 2 ] && grep -q 'another campaign' "$scratch/said"
report $? "another seed is another campaign" "$scratch/said"
finish
