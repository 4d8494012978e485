#!/bin/sh
# QEMU as a target: `target.sh SMREF PROGRAM [QEMU]`, PROGRAM made of target.c, QEMU the folder of install.sh (build-qemu/
# of the tree). Prints TAP. Exit status 77: QEMU cannot be had here.
set -u

here=$(cd "$(dirname "$0")" && pwd)
smref=${1:?usage: target.sh SMREF PROGRAM [QEMU]}
program=${2:?usage: target.sh SMREF PROGRAM [QEMU]}
qemu=${3:-${SMREF_QEMU:-$here/../../build-qemu}}
. "$here/../tap.sh"

or_skip sh "$here/install.sh" "$qemu"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ---- install.sh --------------------------------------------------------------------------------------------

sh "$here/install.sh" "$qemu" >"$scratch/said" 2>&1 && [ "$(grep -c 'there already' "$scratch/said")" -eq 2 ]
report $? "install.sh leaves what is there" "$scratch/said"

sh "$here/install.sh" --help >"$scratch/said" 2>&1 && grep -q PREFIX "$scratch/said"
report $? "install.sh --help" "$scratch/said"

mkdir "$scratch/empty"
for tool in sh cat dirname mkdir rm sed awk mktemp; do
    ln -s "$(command -v $tool)" "$scratch/empty/$tool"
done
PATH=$scratch/empty sh "$here/install.sh" "$scratch/none" >"$scratch/said" 2>&1
[ $? -eq 77 ] && grep -q 'no apt-get' "$scratch/said"
report $? "install.sh without apt-get" "$scratch/said"

sh "$here/install.sh" --nonsense >"$scratch/said" 2>&1
[ $? -eq 2 ]
report $? "install.sh with an option that there is not" "$scratch/said"

# The commands find their files through a link, too.
ln -s "$qemu/11.1" "$scratch/elsewhere"
env PATH="$scratch/elsewhere:$PATH" qemu-system-aarch64 -version >"$scratch/said" 2>&1
report $? "a command of the search path" "$scratch/said"

# ---- What is no QEMU ---------------------------------------------------------------------------------------

refused() { # NAME SCRIPT MESSAGE
    printf '#!/bin/sh\n%s\n' "$2" >"$scratch/qemu"
    chmod +x "$scratch/qemu"
    "$smref" diff "qemu:$scratch/qemu" --cases 1 >"$scratch/said" 2>&1
    [ $? -eq 3 ] && grep -q "$3" "$scratch/said"
    report $? "$1" "$scratch/said"
}
refused 'a program that is no QEMU' 'echo hello' 'names no version of QEMU'
refused 'one that ends' 'echo oh dear >&2; exit 4' 'oh dear'
refused 'one without edu' 'echo QEMU emulator version 9.2.0' 'no device .edu'
# shellcheck disable=SC2016 # the script's own
refused 'one that does not start a machine' 'case $1 in
    -version) echo "QEMU emulator version 9.2.0" ;;
    -device) echo "name \"edu\"" ;;
    *) echo no machine >&2; exit 1 ;;
esac' 'no machine'
"$smref" diff "qemu:$scratch/missing" --cases 1 >"$scratch/said" 2>&1
[ $? -eq 3 ] && grep -q 'No such file' "$scratch/said"
report $? 'one that is not there' "$scratch/said"

# ---- The real ones -----------------------------------------------------------------------------------------

for version in 11.1 10.0; do
    SMREF_QEMU_PROGRAM=$qemu/$version/qemu-system-aarch64 "$program" >"$scratch/said" 2>&1
    report $? "cases on QEMU $version" "$scratch/said"
done
finish
