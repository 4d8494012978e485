# bash completion for smref(1); installed as completions/smref.

_smref_names() { # KIND: names that the program itself lists
    case $1 in
    profiles) smref spec list profiles ;;
    schemas) smref schema | sed 's/ .*//' ;;
    registers) smref spec export --format tsv --only registers | awk '$1 == "reg" { print $2 }' ;;
    rules) smref rules --json | sed -n 's/.*"id": *"\([A-Za-z0-9_]*\)".*/\1/p' ;;
    choices) smref spec list choices | sed -n 's/^\([A-Z][A-Z0-9_]*\) .*/\1/p' ;;
    items) smref spec export --format tsv | awk '$1 != "field" { print $2 } $1 == "field" { print $2 }' | sort -u ;;
    esac 2>/dev/null
}

_smref_options() { # COMMAND
    case $1 in
    run)
        echo --explain --explain=full --format --json --all --quiet --observed --save --save-at --addr --sid --ssid --access --size \
            --priv --inst --sec-sid --profile --set --choice --caching --help
        ;;
    decode)
        echo --dmesg --profile --set --choice --sec-sid --ste --stage --level --granule --ds --format --brief --json \
            --help
        ;;
    lint) echo --errors-only --max --json --profile --set --choice --help ;;
    capture) echo --qmp --qtest --output --base --profile --limit --timeout --time --json --help ;;
    spec) echo --brief --json --format --only --help ;;
    rules) echo --subject --kind --json --coverage --help ;;
    rule) echo --json --help ;;
    check) echo --match --shard --format --quiet --help ;;
    gen) echo --out --update --check --help ;;
    diff) echo --seed --cases --time --only --stage --shard --jobs --out --resume --known --stop-after --reduce --export --timeout --json --help ;;
    report) echo --known --html --export --json --help ;;
    fmt) echo --output --check --in-place --help ;;
    schema) echo --help ;;
    esac
}

_smref_values() { # COMMAND OPTION: words that the option takes; 1 when it takes something else
    case $1:$2 in
    run:--format) echo text json dot html ;;
    decode:--format) echo 64 32 128 ;;
    spec:--format) echo tsv json c svh md ;;
    diff:--stage) echo 1 2 nested ;;
    diff:--only) echo translation bypass registers commands queues caches atos granules ;;
    check:--format) echo text tap junit json ;;
    *:--access) echo read write atomic ;;
    *:--sec-sid) echo ns secure realm ;;
    run:--caching) echo none exact any ;;
    *:--granule) echo 4k 16k 64k ;;
    *:--stage) echo 1 2 ;;
    *:--level) echo 0 1 2 3 ;;
    *:--profile) _smref_names profiles ;;
    *:--set) _smref_names registers | sed 's/$/=/' ;;
    *:--choice) _smref_names choices | sed 's/$/=/' ;;
    rules:--kind) echo required impdef unpredictable ;;
    rules:--subject) smref rules 2>/dev/null | sed -n '/^[A-Za-z]/p' ;;
    spec:--only) smref spec list 2>/dev/null | awk '{ print $2 }' ;;
    *) return 1 ;;
    esac
}

_smref_operands() { # COMMAND WORD-BEFORE
    case $1:$2 in
    diff:diff) echo qemu qemu: plugin: ;;
    decode:decode) echo STE CD L1STD L1CD VMS event command pte && _smref_names registers ;;
    spec:spec) echo list show export ;;
    spec:list) smref spec list 2>/dev/null | awk '{ print $2 }' ;;
    spec:*) _smref_names items ;;
    rule:*) _smref_names rules && _smref_names choices ;;
    schema:*) _smref_names schemas ;;
    esac
}

_smref() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words

    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W 'run decode lint capture spec rules rule check gen diff report fmt schema --help --version' -- "$word"))
        return
    fi
    case $before in
    --observed | --out | --output | --qmp | --qtest | --known | --html | --export | -o)
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    esac
    if words=$(_smref_values "$command" "$before"); then
        COMPREPLY=($(compgen -W "$words" -- "$word"))
        case ${COMPREPLY[0]-} in *=) compopt -o nospace ;; esac
        return
    fi
    case $word in
    -*) COMPREPLY=($(compgen -W "$(_smref_options "$command")" -- "$word")) ;;
    *)
        words=$(_smref_operands "$command" "$before")
        COMPREPLY=($(if [ -n "$words" ]; then compgen -W "$words" -- "$word"; else compgen -f -- "$word"; fi))
        ;;
    esac
}

complete -o filenames -F _smref smref
