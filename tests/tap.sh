# Reports in TAP, for the suites that are scripts: `. tests/tap.sh`, `or_skip` for what cannot be had everywhere, then
# `report` after each test, at last `finish`.
count=0
bad=0

or_skip() { # COMMAND...: without it there is nothing to test; what it says is why
    why=$("$@" 2>&1) || {
        echo "skipped: $why"
        exit 77
    }
}

report() { # STATUS NAME [FILE that says why not]
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        head -c 4000 "${3:-/dev/null}" | sed 's/^/# /'
        bad=1
    fi
}

finish() {
    echo "1..$count"
    exit $bad
}
