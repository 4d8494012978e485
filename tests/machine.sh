#!/bin/sh
# Snapshots of real machines against what was seen there: `machine.sh SMREF DIR`. For each DIR/NAME.observed.jsonl,
# `smref run --json DIR/NAME.snapshot.json` must give the same outcome, address and event record at every step.
set -u

smref=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
steps=0
bad=0
for observed in "$2"/*.observed.jsonl; do
    snapshot=${observed%.observed.jsonl}.snapshot.json
    "$smref" run --json "$snapshot" >"$scratch/result" || bad=1
    # A result line has more to say; what was observed of it, in the order and spelling of the observation:
    sed -n -e 's/^{"step":\([0-9]*\),"op":"access","outcome":"ok","pa":\("[^"]*"\).*/{"step": \1, "outcome": "ok", "pa": \2}/p' \
        -e 's/^{"step":\([0-9]*\),"op":"access","outcome":"abort","events":\[{"bank":"ns","name":\("[^"]*"\),"words":\[\("[^]]*"\)\].*/{"step": \1, "outcome": "abort", "event": \2, "words": [\3]}/p' \
        "$scratch/result" | sed 's/","/", "/g' >"$scratch/came"
    if diff -u "$observed" "$scratch/came" >"$scratch/diff"; then
        steps=$((steps + $(wc -l <"$observed")))
    else
        head -n 40 "$scratch/diff"
        bad=1
    fi
done
echo "$steps steps as observed"
exit $bad
