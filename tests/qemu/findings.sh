#!/bin/sh
# Findings on each version of QEMU, made small and exported: `findings.sh SMREF [QEMU]`, QEMU the folder of install.sh
# (build-qemu/ of the tree). The snapshot of each runs on the model, its vector passes there, and its script shows on that
# QEMU alone that it departs. Prints TAP. Exit status 77: QEMU cannot be had here.
set -u

here=$(cd "$(dirname "$0")" && pwd)
smref=${1:?usage: findings.sh SMREF [QEMU]}
qemu=${2:-${SMREF_QEMU:-$here/../../build-qemu}}
. "$here/../tap.sh"

or_skip sh "$here/install.sh" "$qemu"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for version in 11.1 10.0; do
    program=$qemu/$version/qemu-system-aarch64
    groups=$scratch/$version
    "$smref" diff "qemu:$program" --cases "${SMREF_FINDINGS_CASES:-150}" --out "$scratch/out-$version" --reduce \
        --export "$groups" >"$scratch/said" 2>&1
    [ $? -eq 1 ] && [ -s "$groups/vectors.json" ]
    report $? "QEMU $version departs" "$scratch/said"
    for group in "$groups"/*/; do
        name="QEMU $version, $(basename "$group")"
        "$smref" check "$group/vectors.json" >"$scratch/said" 2>&1 && "$smref" run "$group/snapshot.json" >>"$scratch/said" 2>&1
        report $? "$name: on the model" "$scratch/said"
        sh "$group/qtest.sh" "$program" >"$scratch/said" 2>&1
        [ $? -eq 1 ]
        report $? "$name: on QEMU alone" "$scratch/said"
    done
done
finish
