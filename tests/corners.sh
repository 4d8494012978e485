#!/bin/sh
# Each row of vectors/CORNERS.md names vectors that exist and pass: `corners.sh SMREF VECTORS`. Prints TAP.
set -u

smref=$1
vectors=$2
count=0
bad=0
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# The pattern stands in the last column between backquotes; a bar in it is written \|.
sed -n 's/^| .*`\([^`]*\)` |$/\1/p' "$vectors/CORNERS.md" | sed 's/\\|/|/g' >"$said.patterns"
while IFS= read -r pattern; do
    count=$((count + 1))
    if "$smref" check "$vectors" --quiet --match "$pattern" >"$said" 2>&1; then
        echo "ok $count - $pattern"
    else
        echo "not ok $count - $pattern"
        sed 's/^/# /' "$said"
        bad=1
    fi
done <"$said.patterns"
[ "$(grep -c '^| [^C-]' "$vectors/CORNERS.md")" -le $((count + 2)) ] || bad=1
rm -f "$said.patterns"
echo "1..$count"
exit $bad
