#!/bin/sh
# The library as a user meets it: `run.sh BUILD [CC...]`. What `make install` puts into an empty folder compiles and
# links with every given compiler, statically and as a shared library, also from C++; only smref_ and SMREF_ names
# come out of it, and those that model/libsmref.map lists are the ones that the header declares. Prints TAP.
set -u

build=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0
bad=0

report() { # STATUS NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - library/$2"
    else
        echo "not ok $count - library/$2"
        sed 's/^/# /' "$scratch/said"
        bad=1
    fi
}

root=$scratch/root
make -C "$top" --no-print-directory BUILD="$build" DESTDIR="$root" PREFIX=/opt/smref install >"$scratch/said" 2>&1
report $? "make install into a folder"
[ $bad -eq 0 ] || exit 1

sed -n '/^```c$/,/^```$/p' "$top/README.md" | sed '1d;$d' | diff - "$here/example.c" >"$scratch/said" 2>&1
report $? "the example of the README is the one that is compiled here"

echo 0 >"$scratch/status"
(cd "$root" && find . ! -type d | LC_ALL=C sort) >"$scratch/files"
docs=
[ ! -f "$top/interp/smref.1" ] ||
    docs="share/man/man1/smref.1 share/bash-completion/completions/smref share/zsh/site-functions/_smref"
for file in bin/smref include/smref.h lib/libsmref.a lib/libsmref.so lib/libsmref.so.0 lib/pkgconfig/smref.pc $docs; do
    grep -qx "./opt/smref/$file" "$scratch/files" || { echo "missing: $file"; echo 1 >"$scratch/status"; }
done >"$scratch/said"
grep -v '^\./opt/smref/' "$scratch/files" >>"$scratch/said" && echo 1 >"$scratch/status"
report "$(cat "$scratch/status")" "all files are there, and none elsewhere"

PKG_CONFIG_PATH=$root/opt/smref/lib/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(pkg-config --cflags smref)
libs=$(pkg-config --libs smref)
[ "$(pkg-config --modversion smref)" = "$("$root/opt/smref/bin/smref" --version | sed 's/smref //')" ] 2>"$scratch/said"
report $? "one version in pkg-config and in the command"

warnings="-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror"
for cc in "$@"; do
    # shellcheck disable=SC2086 # flags are several words
    "$cc" -std=c11 $warnings $flags "$here/example.c" $libs -o "$scratch/example" >"$scratch/said" 2>&1 &&
        LD_LIBRARY_PATH=$root/opt/smref/lib "$scratch/example" >"$scratch/came" 2>>"$scratch/said" &&
        grep -v '^  ' "$scratch/came" | diff "$here/expected" - >>"$scratch/said" 2>&1
    report $? "the example, shared, $cc"
    # shellcheck disable=SC2086
    "$cc" -std=c11 $warnings $flags "$here/example.c" "$root/opt/smref/lib/libsmref.a" -o "$scratch/example" \
        >"$scratch/said" 2>&1 &&
        "$scratch/example" 2>>"$scratch/said" | grep -v '^  ' | diff "$here/expected" - >>"$scratch/said" 2>&1
    report $? "the example, static, $cc"
    printf '#include <smref.h>\nint main() { return smref_register_at(0) && smref_default_attrs().sh == SMREF_NSH ? 0 : 1; }\n' \
        >"$scratch/user.cc"
    # shellcheck disable=SC2086
    "$cc" -x c++ -std=c++11 $warnings $flags "$scratch/user.cc" -x none $libs -o "$scratch/user" >"$scratch/said" 2>&1 &&
        LD_LIBRARY_PATH=$root/opt/smref/lib "$scratch/user" >>"$scratch/said" 2>&1
    report $? "the header in C++, $cc"
done

# Names. A static library cannot hide what its files share, but all of it must start with smref_.
nm -g --defined-only "$root/opt/smref/lib/libsmref.a" | awk 'NF == 3 && $3 !~ /^smref_/' >"$scratch/said"
[ ! -s "$scratch/said" ]
report $? "the static library defines smref_ names only"
sed -n '/global:/,/local:/p' "$top/model/libsmref.map" | grep -o 'smref_[a-z0-9_]*' | LC_ALL=C sort >"$scratch/map"
nm -D --defined-only "$root/opt/smref/lib/libsmref.so" | awk '$2 != "A" {sub("@.*", "", $3); print $3}' | LC_ALL=C sort |
    diff "$scratch/map" - >"$scratch/said"
report $? "the shared library exports what model/libsmref.map lists"
cc -E -P "$root/opt/smref/include/smref.h" | grep -o 'smref_[a-z0-9_]*(' | tr -d '(' | LC_ALL=C sort -u |
    diff "$scratch/map" - >"$scratch/said"
report $? "the header declares what model/libsmref.map lists"
sed -n 's/^# *define  *\([A-Za-z_0-9]*\).*/\1/p' "$root/opt/smref/include/smref.h" | grep -v '^SMREF_' >"$scratch/said"
[ ! -s "$scratch/said" ]
report $? "macros of the header start with SMREF_"

echo "1..$count"
exit $bad
