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
. "$here/../tap.sh"

root=$scratch/root
make -C "$top" --no-print-directory BUILD="$build" DESTDIR="$root" PREFIX=/opt/smref install >"$scratch/said" 2>&1
report $? "library/make install into a folder" "$scratch/said"
[ $bad -eq 0 ] || exit 1

sed -n '/^```c$/,/^```$/p' "$top/README.md" | sed '1d;$d' | diff - "$here/example.c" >"$scratch/said" 2>&1
report $? "library/the example of the README is the one that is compiled here" "$scratch/said"

echo 0 >"$scratch/status"
(cd "$root" && find . ! -type d | LC_ALL=C sort) >"$scratch/files"
docs=
[ ! -f "$top/interp/smref.1" ] ||
    docs="share/man/man1/smref.1 share/bash-completion/completions/smref share/zsh/site-functions/_smref"
for file in bin/smref include/smref.h lib/libsmref.a lib/libsmref.so lib/libsmref.so.0 lib/pkgconfig/smref.pc $docs; do
    grep -qx "./opt/smref/$file" "$scratch/files" || { echo "missing: $file"; echo 1 >"$scratch/status"; }
done >"$scratch/said"
grep -v '^\./opt/smref/' "$scratch/files" >>"$scratch/said" && echo 1 >"$scratch/status"
report "$(cat "$scratch/status")" "library/all files are there, and none elsewhere" "$scratch/said"

PKG_CONFIG_PATH=$root/opt/smref/lib/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(pkg-config --cflags smref)
libs=$(pkg-config --libs smref)
[ "$(pkg-config --modversion smref)" = "$("$root/opt/smref/bin/smref" --version | sed 's/smref //')" ] 2>"$scratch/said"
report $? "library/one version in pkg-config and in the command" "$scratch/said"

warnings="-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror"
for cc in "$@"; do
    # shellcheck disable=SC2086 # flags are several words
    "$cc" -std=c11 $warnings $flags "$here/example.c" $libs -o "$scratch/example" >"$scratch/said" 2>&1 &&
        LD_LIBRARY_PATH=$root/opt/smref/lib "$scratch/example" >"$scratch/came" 2>>"$scratch/said" &&
        grep -v '^  ' "$scratch/came" | diff "$here/expected" - >>"$scratch/said" 2>&1
    report $? "library/the example, shared, $cc" "$scratch/said"
    # shellcheck disable=SC2086
    "$cc" -std=c11 $warnings $flags "$here/example.c" "$root/opt/smref/lib/libsmref.a" -o "$scratch/example" \
        >"$scratch/said" 2>&1 &&
        "$scratch/example" 2>>"$scratch/said" | grep -v '^  ' | diff "$here/expected" - >>"$scratch/said" 2>&1
    report $? "library/the example, static, $cc" "$scratch/said"
    printf '#include <smref.h>\nint main() { return smref_register_at(0) && smref_default_attrs().sh == SMREF_NSH ? 0 : 1; }\n' \
        >"$scratch/user.cc"
    # shellcheck disable=SC2086
    "$cc" -x c++ -std=c++11 $warnings $flags "$scratch/user.cc" -x none $libs -o "$scratch/user" >"$scratch/said" 2>&1 &&
        LD_LIBRARY_PATH=$root/opt/smref/lib "$scratch/user" >>"$scratch/said" 2>&1
    report $? "library/the header in C++, $cc" "$scratch/said"
done

# Names. A static library cannot hide what its files share, but all of it must start with smref_.
nm -g --defined-only "$root/opt/smref/lib/libsmref.a" | awk 'NF == 3 && $3 !~ /^smref_/' >"$scratch/said"
[ ! -s "$scratch/said" ]
report $? "library/the static library defines smref_ names only" "$scratch/said"
sed -n '/global:/,/local:/p' "$top/model/libsmref.map" | grep -o 'smref_[a-z0-9_]*' | LC_ALL=C sort >"$scratch/map"
nm -D --defined-only "$root/opt/smref/lib/libsmref.so" | awk '$2 != "A" {sub("@.*", "", $3); print $3}' | LC_ALL=C sort |
    diff "$scratch/map" - >"$scratch/said"
report $? "library/the shared library exports what model/libsmref.map lists" "$scratch/said"
cc -E -P "$root/opt/smref/include/smref.h" | grep -o 'smref_[a-z0-9_]*(' | tr -d '(' | LC_ALL=C sort -u |
    diff "$scratch/map" - >"$scratch/said"
report $? "library/the header declares what model/libsmref.map lists" "$scratch/said"
sed -n 's/^# *define  *\([A-Za-z_0-9]*\).*/\1/p' "$root/opt/smref/include/smref.h" | grep -v '^SMREF_' >"$scratch/said"
[ ! -s "$scratch/said" ]
report $? "library/macros of the header start with SMREF_" "$scratch/said"

finish
