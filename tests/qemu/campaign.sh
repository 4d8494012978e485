#!/bin/sh
# A campaign on each version of QEMU: `campaign.sh SMREF [QEMU]`, QEMU the folder of install.sh (build-qemu/ of the tree).
# Nothing comes out but what vectors/qemu/known.json knows, in another part of the cases each time that
# SMREF_CAMPAIGN_SEED says so; and what is known still shows. Prints TAP. Exit status 77: QEMU cannot be had here.
set -u

here=$(cd "$(dirname "$0")" && pwd)
smref=${1:?usage: campaign.sh SMREF [QEMU]}
qemu=${2:-${SMREF_QEMU:-$here/../../build-qemu}}
known=$here/../../vectors/qemu/known.json
. "$here/../tap.sh"

or_skip sh "$here/install.sh" "$qemu"
or_skip sh -c 'command -v jq || { echo no jq on this machine; exit 1; }'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

campaign() { # VERSION CASES OPTION...
    version=$1
    cases=$2
    shift 2
    "$smref" diff "qemu:$qemu/$version/qemu-system-aarch64" --seed "${SMREF_CAMPAIGN_SEED:-1}" --cases "$cases" \
        --known "$known" --out "$scratch/out" "$@" >"$scratch/said" 2>&1
    status=$?
    [ -e "$scratch/out/part-1-of-1.jsonl" ] || status=1
    report $status "QEMU $version, $cases cases $* " "$scratch/said"
    rm -rf "$scratch/out"
}

for version in 11.1 10.0; do
    campaign $version 20000
    campaign $version 2000 --stage 1
    campaign $version 2000 --stage 2

    # The vectors as cases: all but what QEMU's devices and its machine cannot do.
    "$smref" diff "qemu:$qemu/$version/qemu-system-aarch64" "$here/../../vectors" --known "$known" --json >"$scratch/said" 2>&1
    [ $? -eq 0 ] && jq -e '.summary.kinds.vectors.agrees > 2500' "$scratch/said" >/dev/null
    report $? "QEMU $version, vectors" "$scratch/said"

    # Without the known findings there are some.
    "$smref" diff "qemu:$qemu/$version/qemu-system-aarch64" --cases 200 --json >"$scratch/said" 2>&1
    [ $? -eq 1 ]
    report $? "QEMU $version departs" "$scratch/said"
done
finish
