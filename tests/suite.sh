#!/bin/sh
# `suite.sh NAME COMMAND...`: runs one suite quietly. One line when it is good, all that it said when it is not.
set -u

name=$1
shift
said=$(mktemp)
trap 'rm -f "$said"' EXIT
start=$(date +%s)
"$@" >"$said" 2>&1
status=$?
if [ $status -eq 0 ]; then
    # TAP ends with its plan, the others with a summary.
    last=$(grep -v '^$' "$said" | tail -n 1)
    case $last in 1..*) last="${last#1..} tests" ;; esac
    printf 'ok      %-22s %s (%d s)\n' "$name" "$last" $(($(date +%s) - start))
elif [ $status -eq 77 ]; then
    printf 'skipped %-22s %s\n' "$name" "$(grep -v '^$' "$said" | tail -n 1 | sed 's/^skipped: //')"
else
    # Of TAP only what is not ok is of interest.
    grep -v '^ok [0-9]' "$said"
    printf 'not ok  %-22s status %d: %.200s\n' "$name" $status "$*"
    exit 1
fi
