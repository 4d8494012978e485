#!/bin/sh
# Snapshots of real machines against what was seen there: `machine.sh SMREF DIR`. For each DIR/NAME.observed.jsonl,
# the steps of DIR/NAME.snapshot.json must end as observed, and one that was observed otherwise must be noticed.
set -u

smref=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
for observed in "$2"/*.observed.jsonl; do
    snapshot=${observed%.observed.jsonl}.snapshot.json
    "$smref" run "$snapshot" --observed "$observed" || bad=1
    # One more at the end of an address or a record.
    sed '$ s/0x\([0-9a-f]*\)"/0x1\1"/' "$observed" >"$scratch/other"
    cmp -s "$observed" "$scratch/other" && bad=1
    if "$smref" run "$snapshot" --observed "$scratch/other" >"$scratch/said"; then
        echo "$observed: a difference was not noticed"
        bad=1
    fi
done
exit $bad
