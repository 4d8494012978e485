#!/bin/sh
# `coverage.sh BUILD`: what the tests reached of the hand-written files of model/, of a build with --coverage. Branches
# are counted as gcov does: each way of each conditional jump, "taken" when it was taken at least once.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
out=$1/coverage
rm -rf "$out"
mkdir -p "$out"
ln -s "$top/model" "$out/model" # gcov looks for sources where the compiler saw them
(cd "$out" && gcov --branch-probabilities "../model"/*.gcda) >"$out/summary" 2>&1
awk -v top="$top/" '
    function part(line,   n) { sub(/.*:/, "", line); split(line, n, "% of "); all = n[2]; return n[1] / 100 * n[2] }
    /^$/ { file = "" }
    /^File / { file = $2; gsub(/\047/, "", file); sub(top, "", file) }
    /^Lines executed/ && file { lines[file] = part($0); line_count[file] = all }
    /^Taken at least once/ { taken[file] = part($0); branch_count[file] = all }
    /^No branches/ { taken[file] = branch_count[file] = 0 }
    END {
        printf "%-26s %16s %20s\n", "", "lines", "branches taken"
        for (file in lines)
            if (file ~ /^model\//) {
                printf "%-26s %6.1f%% of %5d %9.1f%% of %5d\n", file, 100 * lines[file] / line_count[file], line_count[file], branch_count[file] ? 100 * taken[file] / branch_count[file] : 100, branch_count[file] | "sort"
                l += lines[file]; lc += line_count[file]; t += taken[file]; tc += branch_count[file]
            }
        close("sort")
        printf "%-26s %6.1f%% of %5d %9.1f%% of %5d\n", "total", 100 * l / lc, lc, 100 * t / tc, tc
    }' "$out/summary"
echo "what was not reached: grep -n '#####\|branch .* taken 0%' $out/*.gcov"
