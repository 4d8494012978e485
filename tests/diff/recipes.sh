# shellcheck shell=sh disable=SC2154 # smref: of the suite
# For the suites of campaigns (`. tests/diff/recipes.sh`): the recipes as interp/diff/CAMPAIGNS.md has them, and what
# campaigns have in common when they were cut and ended in different ways.

# The script under a heading of the document.
recipe() { # HEADING
    awk -v heading="## $1" '
        /^## /          { here = $0 == heading }
        here && /^```$/ { exit }
        code            { print }
        /^```sh$/       { code = here }' interp/diff/CAMPAIGNS.md
}

# A report without what the cut, the clock and restarts of the target may change.
merged() { # FOLDER
    "$smref" report "$1" --json |
        jq -S '{missing, summary: .summary | del(.seconds, .restarts), groups: [.groups[] | {group, count}]}'
}

# Waits until the command succeeds, so many seconds at most.
until_true() { # SECONDS COMMAND...
    deadline=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt $deadline ] || return 1
        sleep 0.1
    done
}

skip() { # WHY
    echo "skipped: $*"
    exit 77
}
