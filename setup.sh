#!/bin/sh
# From a clean clone to a first answer: installs the Debian packages that are missing (asking sudo when need be),
# builds, and runs the accesses of a real machine's snapshot.
set -eu
cd "$(dirname "$0")"

# To build: compiler, make, JSON, regular expressions. To test: the rest, and what the arguments name.
packages="build-essential pkg-config libjansson-dev libpcre2-dev
          check clang libclang-rt-14-dev clang-format cppcheck valgrind jq python3-jsonschema mandoc graphviz iverilog zsh $*"

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update
    # shellcheck disable=SC2086 # a list of packages
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
fi

make -j"$(nproc)"
snapshot=vectors/linux-6.12-4k-s1
build/smref run "$snapshot.snapshot.json" --quiet
printf 'what the machine itself did: '
build/smref run "$snapshot.snapshot.json" --quiet --observed "$snapshot.observed.jsonl"
