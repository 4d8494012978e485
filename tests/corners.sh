#!/bin/sh
# Each row of vectors/CORNERS.md names vectors that exist and pass: `corners.sh SMREF VECTORS`. Prints TAP.
set -u

smref=$1
vectors=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. "$(dirname "$0")/tap.sh"

# `ok N - ID` and `not ok N - ID`, once for all rows.
"$smref" check "$vectors" --quiet --format tap >"$scratch/tests" 2>/dev/null
sed -n 's/^ok [0-9]* - //p' "$scratch/tests" >"$scratch/passed"
sed -n 's/^not ok [0-9]* - //p' "$scratch/tests" >"$scratch/failed"

# The pattern stands in the last column between backquotes; a bar in it is written \|.
sed -n 's/^| .*`\([^`]*\)` |$/\1/p' "$vectors/CORNERS.md" | sed 's/\\|/|/g' >"$scratch/patterns"
while IFS= read -r pattern; do
    grep -P -e "$pattern" "$scratch/failed" >"$scratch/said"
    grep -qP -e "$pattern" "$scratch/passed" && [ ! -s "$scratch/said" ]
    report $? "$pattern" "$scratch/said"
done <"$scratch/patterns"
[ "$(grep -c '^| [^C-]' "$vectors/CORNERS.md")" -le $((count + 2)) ] || bad=1
finish
