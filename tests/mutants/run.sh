#!/bin/sh
# Whether `smref diff` finds small defects: builds the reference plugin with each mutation of mutants.txt, and runs a
# campaign on it that ends with the first finding. At the top of the repository, after `make` and
# `make build/tests/plugins/reference`:
#
#   run.sh BUILD [--jobs N] [--cases N] [--share I/N] [--update] [NAME...]
#
# BUILD is a folder here, like build. --share takes each N-th mutant; --update writes the table of README.md anew.
# Exit status 1: a mutant was not found, or its text is not in the file exactly once.
set -u
here=tests/mutants
table=$here/mutants.txt

# ---- One mutant ----------------------------------------------------------------------------------------

# The lines of the mutant, without its name.
lines_of() {
    awk -v name="$1" '$1 == "mutant" { on = $2 == name; next } on && /^[a-z]/' "$table"
}

value_of() { # NAME KEY
    lines_of "$1" | sed -n "s/^$2 *//p"
}

profile_of() { # NAME
    profile=$(value_of "$1" profile)
    echo "${profile:-arch-3.4-rme}"
}

# Edits $2 in the folder $1; its time stays when it is data, which is then made code of here.
edit() { # FOLDER FILE NAME
    old=$1/$2
    lines_of "$3" | while IFS= read -r line; do
        text=${line#????????}
        case $line in
        from*) FROM=$text ;;
        to*)
            FROM=$FROM TO=$text awk -f $here/apply.awk "$old" >"$old.new" || exit 1
            touch -r "$old" "$1/stamp"
            mv "$old.new" "$old"
            case $2 in spec/*) touch -r "$1/stamp" "$old" ;; esac
            ;;
        esac
    done
}

# Only what became different is compiled again.
generate() { # FOLDER
    (
        cd "$1" || exit 1
        mkdir "$BUILD/gen.new" || exit 1
        # shellcheck disable=SC2086
        "$BUILD/specgen" --out "$BUILD/gen.new" $SPEC || exit 1
        for made in "$BUILD"/gen.new/*; do
            cmp -s "$made" "$BUILD/gen/${made##*/}" || mv "$made" "$BUILD/gen/"
        done
    )
}

build() { # FOLDER FILE
    case $2 in
    spec/*) generate "$1" || return ;;
    esac
    make -s -C "$1" BUILD="$BUILD" "$BUILD/tests/plugins/reference"
}

say() { # NAME CASES KIND ASPECT RULE
    printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$WORK/results"
    echo "$1: $2 $3 $4 $5"
}

campaign() { # FOLDER PROFILE
    "$BUILD/smref" diff "plugin:exec $1/$BUILD/tests/plugins/reference --profile $2" --seed 1 --cases "$CASES" \
        --stop-after 1 --out "$1.out" >"$1/log" 2>&1
}

# The model as it is must agree with itself, or what is found says nothing.
control() {
    printf '%s\n' "$PROFILES" | while IFS= read -r profile; do
        if campaign "$WORK/base" "$profile"; then
            echo "none: $profile agrees with itself in $CASES cases"
        else
            echo "none: $profile differs from itself"
            tail -n 5 "$WORK/base/log"
            echo none >>"$WORK/results"
        fi
        rm -rf "$WORK/base.out"
    done
}

one() { # NAME
    folder=$WORK/$1
    file=$(value_of "$1" file)
    cp -a "$WORK/base" "$folder" || exit 1
    if ! edit "$folder" "$file" "$1"; then
        say "$1" 'does not apply' - - -
        rm -rf "$folder"
        return
    fi
    if ! build "$folder" "$file" >"$folder/log" 2>&1; then
        say "$1" 'does not compile' - - -
        tail -n 5 "$folder/log"
        rm -rf "$folder"
        return
    fi
    campaign "$folder" "$(profile_of "$1")"
    case $? in
    0) say "$1" 'not found' - - - ;;
    1) report "$1" "$(cat "$folder".out/*.jsonl | grep -m 1 '^{"finding"')" ;;
    *) say "$1" 'no campaign' - - - && tail -n 5 "$folder/log" ;;
    esac
    rm -rf "$folder" "$folder.out"
}

member() { # TEXT KEY
    echo "$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

report() { # NAME FINDING
    finding=${2%%\"expected\"*}
    rule=$(member "$finding" rule)
    say "$1" $(($(member "$finding" index) + 1)) "$(member "$finding" kind)" "$(member "$finding" aspect)" "${rule:--}"
}

# ---- The table -----------------------------------------------------------------------------------------

# Of mutants that were not run, as the table has it.
rows() {
    echo '| Mutation of | what is wrong | section | cases | found in | rule |'
    echo '|---|---|---|---|---|---|'
    for name in $(sed -n 's/^mutant *//p' "$table"); do
        row="| \`$(value_of "$name" file)\` | $(value_of "$name" breaks) | $(value_of "$name" section) |"
        if grep -q "^$name	" "$WORK/results"; then
            grep "^$name	" "$WORK/results" | while IFS='	' read -r _ cases kind aspect rule; do
                echo "$row $cases | $kind: $aspect | $rule |"
            done
        else
            grep -F "$row" $here/README.md
        fi
    done
}

update() {
    rows >"$WORK/rows"
    awk -v rows="$WORK/rows" '
        /^\| Mutation of/ { while ((getline line < rows) > 0) print line; skip = 1 }
        !/^\|/ { skip = 0 }
        !skip' $here/README.md >"$WORK/readme" && mv "$WORK/readme" $here/README.md
}

# ---- All of them ---------------------------------------------------------------------------------------

if [ "$1" = --one ]; then
    if [ "$2" = none ]; then control; else one "$2"; fi
    exit 0
fi

BUILD=$1
shift
CASES=100000
jobs=$(nproc 2>/dev/null || echo 1)
share=1/1
update=
while [ $# -gt 0 ]; do
    case $1 in
    --jobs) jobs=$2 && shift ;;
    --cases) CASES=$2 && shift ;;
    --share) share=$2 && shift ;;
    --update) update=1 ;;
    -*) echo "run.sh: no option $1" >&2 && exit 2 ;;
    *) break ;;
    esac
    shift
done
all=$(sed -n 's/^mutant *//p' "$table" | awk -v i="${share%/*}" -v n="${share#*/}" 'NR % n == i % n')
[ $# -eq 0 ] || all=$*

PROFILES=$(for name in $all; do profile_of "$name"; done | sort -u)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 1' INT TERM
SPEC=$(printf 'include Makefile\nspec-files:\n\t@echo $(SPEC)\n' | make -s -f - spec-files)
export BUILD CASES WORK SPEC PROFILES

mkdir -p "$WORK/base/$BUILD/tests" "$WORK/base/tests"
cp -a Makefile model spec interp "$WORK/base"
cp -a tests/tests.mk tests/plugins "$WORK/base/tests"
for part in gen model interp spec specgen embed libsmref.a; do
    cp -a "$BUILD/$part" "$WORK/base/$BUILD"
done
cp -a "$BUILD/tests/plugins" "$WORK/base/$BUILD/tests"

: >"$WORK/results"
# shellcheck disable=SC2086
printf '%s\n' none $all | xargs -P "$jobs" -n 1 "$0" --one
found=$(awk -F '\t' '$2 ~ /^[0-9]+$/' "$WORK/results" | wc -l)
[ -z "$update" ] || update
echo "$found of $(echo "$all" | wc -w) mutants found"
[ "$found" -eq "$(echo "$all" | wc -w)" ] && ! grep -q '^none' "$WORK/results"
