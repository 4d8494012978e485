#!/bin/sh
# Transcripts of the command: `run.sh [--update] [--build DIR] [CASE.t...]`, all cases beside this file by default.
# A case reads as a terminal does:
#
#   Text before the first command is for the reader; so are lines that start with "## " before a command.
#   $ smref decode event 0x10
#   what it prints, standard error merged in
#   $ cat >page.json <<'END'
#   > {"format": "smref-snapshot"}
#   > END
#   $ smref run page.json
#   page.json:1: ...
#   [2]
#
# Lines with "> " right after a "$ " line continue the command. "[N]" after the output is the exit status when it is
# not 0. Empty lines at the end of an output do not count. Each case runs in a new copy of this directory, with
# DIR (build) first on PATH and $TOP naming the top of the repository; every command gets a shell of its own
# and 60 seconds. Prints TAP, and a difference of what was expected (-) and what came (+); exits 1 when a case
# failed. --update writes what came into the cases: for authors, who then read the change.
set -u

here=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$here/../.." && pwd)
build=${BUILD:-build}
update=0
while [ $# -gt 0 ]; do
    case $1 in
    --update) update=1 ;;
    --build)
        build=${2:?--build needs a directory}
        shift
        ;;
    -*)
        echo "usage: run.sh [--update] [--build DIR] [CASE.t...]" >&2
        exit 2
        ;;
    *) break ;;
    esac
    shift
done
case $build in /*) ;; *) build=$TOP/$build ;; esac
if [ ! -x "$build/smref" ]; then
    echo "run.sh: there is no $build/smref; run make first" >&2
    exit 2
fi
[ $# -gt 0 ] || set -- "$here"/*.t

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
PATH=$build:$PATH
HOME=$scratch
LC_ALL=C
COLUMNS=80
TERM=dumb
export TOP PATH HOME LC_ALL COLUMNS TERM
unset MAKEFLAGS MAKELEVEL MFLAGS
newline='
'

# Runs the command that was read and prints it with what it said; $tail follows it.
flush() {
    [ -n "$source" ] || return 0
    printf '%s' "$source"
    (cd "$scratch/work" && exec timeout 60 sh -c "$command" </dev/null >"$scratch/said" 2>&1)
    status=$?
    said=$(tr -d '\000' <"$scratch/said")
    [ -z "$said" ] || printf '%s\n' "$said"
    [ $status -eq 0 ] || echo "[$status]"
    printf '%s' "$tail"
}

# The case as it would read if what comes were what is expected.
replay() { # CASE
    source=
    command=
    tail=
    in_command=0
    while IFS= read -r line || [ -n "$line" ]; do
        case $in_command$line in
        ?'$ '*)
            flush
            command=${line#??}
            source=$line$newline
            tail=
            in_command=1
            ;;
        1'> '* | '1>')
            line2=${line#>}
            command=$command$newline${line2# }
            source=$source$line$newline
            ;;
        *)
            in_command=0
            if [ -z "$source" ]; then
                printf '%s\n' "$line"
            else
                case $line in
                '' | '## '*) tail=$tail$line$newline ;;
                *) tail= ;;
                esac
            fi
            ;;
        esac
    done <"$1"
    flush
}

count=0
bad=0
for case in "$@"; do
    count=$((count + 1))
    rm -rf "$scratch/work"
    mkdir "$scratch/work" && cp -R "$here/." "$scratch/work"
    replay "$case" >"$scratch/came"
    name=$(basename "$case" .t)
    if diff -u --label "$name.t" --label came "$case" "$scratch/came" >"$scratch/diff"; then
        echo "ok $count - cli/$name"
    elif [ $update -eq 1 ]; then
        cat "$scratch/came" >"$case"
        echo "ok $count - cli/$name # updated"
    else
        echo "not ok $count - cli/$name"
        sed 1,2d "$scratch/diff"
        bad=1
    fi
done
echo "1..$count"
exit $bad
