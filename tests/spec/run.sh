#!/bin/sh
# The generator's own tests: `run.sh SPECGEN [CC...]`.
#   valid/NAME/input.json          is accepted; what is generated from it compiles with every given compiler,
#                                  and its self-test passes; so does NAME/test.c where there is one
#   invalid/NAME/input.json, error is refused with exit status 2 and exactly this on standard error
# Prints TAP; exits 1 when a test failed.
set -u

specgen=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
model=$here/../../model
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
warnings="-std=c11 -Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes -Werror -pedantic"
. "$here/../tap.sh"

for case in "$here"/valid/*/; do
    name=valid/$(basename "$case")
    out=$scratch/out
    rm -rf "$out" && mkdir "$out"
    (cd "$case" && "$specgen" --out "$out" input.json) >"$scratch/said" 2>&1 && [ ! -s "$scratch/said" ]
    report $? "$name: accepted without a word" "$scratch/said"
    for cc in "$@"; do
        # shellcheck disable=SC2086 # the warnings are several words
        "$cc" $warnings -I"$out" -I"$model" -c "$out/smref_rules.c" -o "$scratch/rules.o" >"$scratch/said" 2>&1 &&
        "$cc" $warnings -I"$out" -I"$model" -c "$out/smref_access.c" -o "$scratch/access.o" >>"$scratch/said" 2>&1 &&
        "$cc" $warnings -I"$out" -I"$model" -c "$out/smref_pages.c" -o "$scratch/pages.o" >>"$scratch/said" 2>&1 &&
            "$cc" $warnings -I"$out" -I"$model" "$out/smref_selftest.c" "$out/smref_tables.c" \
                "$model/spec_tables.c" -o "$scratch/selftest" >>"$scratch/said" 2>&1 &&
            "$scratch/selftest" >>"$scratch/said" 2>&1
        report $? "$name: compiles with $cc and tests itself" "$scratch/said"
        if [ -f "$case/test.c" ]; then
            # shellcheck disable=SC2086
            "$cc" $warnings -I"$out" -I"$model" "$case/test.c" "$scratch/rules.o" "$out/smref_tables.c" \
                "$model/spec_tables.c" -o "$scratch/test" >"$scratch/said" 2>&1 &&
                "$scratch/test" >>"$scratch/said" 2>&1
            report $? "$name: gives the expected values ($cc)" "$scratch/said"
        fi
    done
done

for case in "$here"/invalid/*/; do
    (cd "$case" && "$specgen" --check input.json) 2>"$scratch/said" >"$scratch/printed"
    [ $? -eq 2 ] && [ ! -s "$scratch/printed" ] && cmp -s "$case/error" "$scratch/said"
    report $? "invalid/$(basename "$case")" "$scratch/said"
done

finish
