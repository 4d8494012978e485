#!/bin/sh
# Tests of the checkers: `run.sh SMREF [DIR]`. good.json is a recipe whose claims hold; each case of the files `check`
# (spoils the vectors that it gives) and `gen` (spoils the recipe) makes one thing wrong, which must be noticed:
#
#   NAME STATUS
#   @ID COMMAND       a sed command for the test ID alone (the others: for the whole file)
#   > LINE            what is said of it, all of it; a * stands for anything
#
# Only the lines that tell differences count, without those that give reasons, so that a rule may be renamed; rules
# count in cases whose name has "rule". DIR keeps the spoilt files. Prints TAP; exits 1 when a case failed.
set -u

smref=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
work=${2:-$scratch/work}
mkdir -p "$work" "$scratch/good"
. "$here/../tap.sh"

# What was said of the difference itself.
differences() { # NAME
    case $1 in *rule*) rules='^$' ;; *) rules='^rules: ' ;; esac
    sed -n -e 's/^    //p' -e 's/^smref: //p' "$scratch/said" |
        grep -v -e '^decided by ' -e '^led there by ' -e "^the model's rules: " -e '^the model says: ' -e "$rules"
}

# Whether each line is as expected; both files have as many.
match() { # EXPECTED CAME
    [ "$(wc -l <"$1")" -eq "$(wc -l <"$2")" ] || return 1
    exec 4<"$2"
    while IFS= read -r pattern; do
        IFS= read -r line <&4
        # All but * stands for itself.
        quoted=$(printf '%s\n' "$pattern" | sed -e 's/[][\\?]/\\&/g')
        # shellcheck disable=SC2254 # it is a pattern
        case $line in $quoted) ;; *) return 1 ;; esac
    done <"$1"
    return 0
}

try() { # KIND NAME STATUS, with the case in $scratch/script and $scratch/expected
    original=$scratch/good/good.json
    [ "$1" = gen ] && original=$here/good.json
    sed -f "$scratch/script" "$original" >"$work/$2.json"
    if cmp -s "$original" "$work/$2.json"; then
        echo "the script changes nothing" >"$scratch/diff"
        report 1 "$1: $2" "$scratch/diff"
        return
    fi
    if [ "$1" = check ]; then
        (cd "$work" && "$smref" check "$2.json") >"$scratch/said" 2>&1
    else
        (cd "$work" && "$smref" gen --check --out "$scratch/good" "$2.json") >"$scratch/said" 2>&1
    fi
    status=$?
    differences "$2" >"$scratch/came"
    {
        echo "status $status, expected $3"
        cat "$scratch/said"
    } >"$scratch/diff"
    [ $status -eq "$3" ] && match "$scratch/expected" "$scratch/came"
    report $? "$1: $2" "$scratch/diff"
}

run_cases() { # KIND
    name=
    commands=0
    while IFS= read -r line; do
        case $line in
        '#'*) ;;
        '') [ -n "$name" ] && try "$1" "$name" "$status_wanted"
            name= ;;
        '> '*) printf '%s\n' "${line#> }" >>"$scratch/expected" ;;
        @*) id=${line%% *}
            commands=$((commands + 1))
            # From the line with this id up to the one with the next, which is passed by.
            printf '/"id": "%s"/,/"id": "/{\n/"id": "%s"/b in%d\n/"id": "/b out%d\n:in%d\n%s\n:out%d\n}\n' \
                "${id#@}" "${id#@}" $commands $commands $commands "${line#* }" $commands >>"$scratch/script" ;;
        *)  if [ -n "$name" ]; then
                printf '%s\n' "$line" >>"$scratch/script"
            else
                name=${line% *}
                status_wanted=${line##* }
                : >"$scratch/script"
                : >"$scratch/expected"
            fi ;;
        esac
    done <"$here/$1"
    [ -n "$name" ] && try "$1" "$name" "$status_wanted"
}

"$smref" gen --out "$scratch/good" "$here/good.json" >"$scratch/said" 2>&1
report $? "the recipe is good" "$scratch/said"
"$smref" check "$scratch/good/good.json" >"$scratch/said" 2>&1
report $? "its vectors are good" "$scratch/said"
run_cases check
run_cases gen
finish
