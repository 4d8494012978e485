#!/bin/sh
# From a snapshot to two answers, with little and with much declared memory: `snapshot.sh SMREF`. Nothing is
# asserted.
set -eu

smref=$1
runs=50
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for size in 0x4000 0x100000000; do
    cat >"$scratch/in.json" <<END
{"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4",
 "registers": {"SMMU_CR0": "0x5", "SMMU_STRTAB_BASE": "0x40000000", "SMMU_EVENTQ_BASE": "0x40003000"},
 "memory": [{"pas": "ns", "at": "0x40000000", "size": "$size", "fill": 0},
            {"pas": "ns", "at": "0x40000000", "struct": "STE",
             "fields": {"V": 1, "Config": "0b101", "S1ContextPtr": "0x40001000"}},
            {"pas": "ns", "at": "0x40001000", "struct": "CD",
             "fields": {"V": 1, "AA64": 1, "T0SZ": 25, "EPD1": 1, "IPS": 5, "A": 1, "R": 1, "TTB0": "0x40002000"}},
            {"pas": "ns", "at": "0x40002008", "u64": ["0x80000741"]}],
 "steps": [{"op": "access", "sid": 0, "addr": "0x40001234"}, {"op": "access", "sid": 0, "addr": "0x1234"}]}
END
    begin=$(date +%s%N)
    i=0
    while [ $i -lt $runs ]; do
        "$smref" run "$scratch/in.json" --json >"$scratch/out"
        i=$((i + 1))
    done
    end=$(date +%s%N)
    us=$(((end - begin) / runs / 1000))
    printf 'smref run, %7d KB declared   %d.%03d ms with the start of the process\n' $((size >> 10)) \
        $((us / 1000)) $((us % 1000))
done
