#!/bin/sh
# `libfuzzer.sh TARGET [OPTION...] [SEED FILE...]`: runs a target of libFuzzer from a corpus of copies of the seed
# files; what it finds on the way is kept beside the target, in TARGET.corpus, for the next run.
set -eu

target=$1
shift
options=
while [ $# -gt 0 ]; do
    case $1 in -*) options="$options $1" ;; *) break ;; esac
    shift
done
mkdir -p "$target.corpus"
[ $# -eq 0 ] || cp "$@" "$target.corpus"
dictionary=$(dirname "$0")/$(basename "$target").dict
[ ! -f "$dictionary" ] || options="$options -dict=$dictionary"
# shellcheck disable=SC2086 # several options
"$target" $options -max_len=65536 -timeout=60 -print_final_stats=1 -artifact_prefix="$target." "$target.corpus" 2>&1
