# Reports in TAP, for the suites that are scripts: `. tests/tap.sh`, then `report` after each test, at last `finish`.
count=0
bad=0

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
