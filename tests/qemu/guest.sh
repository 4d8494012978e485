#!/bin/sh
# Debian kernels for arm64 that boot in QEMU with disks behind the SMMU: `guest.sh FOLDER` leaves there
#     6.1.kernel, 6.1.initramfs              of Debian 12
#     6.12.kernel, 6.12.initramfs            of its backports, pages of 4 KB
#     6.12-16k.kernel, 6.12-16k.initramfs    the same, pages of 16 KB
# made of Debian's packages, which are downloaded and never installed. What is there already stays. The initramfs is
# busybox, the modules that the disks need, and an init that reads and writes all disks, in units that are larger
# than what QEMU lets through in a second. Exit status 77: they cannot be had here (the message says why).
set -u

folder=${1:?usage: guest.sh FOLDER}
. "$(dirname "$0")/apt.sh"

cannot() {
    echo "guest.sh: no kernels can be had here: $*" >&2
    exit 77
}

# One file of a cpio archive in the format "newc": NAME MODE [FILE [MAJOR MINOR]]
entry() {
    inode=$((inode + 1))
    size=0
    [ -z "${3-}" ] || size=$(wc -c <"$3")
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X' $inode $(($2)) 0 0 1 0 "$size" 0 0 \
        "${4:-0}" "${5:-0}" $((${#1} + 1)) 0
    printf '%s\0' "$1"
    pad $((110 + ${#1} + 1))
    [ -z "${3-}" ] || cat "$3"
    pad "$size"
}

pad() { # SIZE
    [ $(($1 % 4)) -eq 0 ] || head -c $((4 - $1 % 4)) /dev/zero
}

write_init() {
    cat <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for f in /m/*.xz; do [ -e "$f" ] && unxz "$f"; done
# In whatever order they need each other.
for i in 1 2 3 4 5; do for f in /m/*.ko; do [ -e "$f" ] && insmod "$f" 2>/dev/null && rm "$f"; done; done
for i in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vda ] && [ -b /dev/nvme0n1 ] && break; sleep 1; done
ls /dev/vda /dev/nvme0n1
for disk in /dev/vda /dev/nvme0n1; do
    (while :; do dd if=$disk of=/dev/null bs=256k count=64 iflag=direct 2>/dev/null || break; done; echo "no reads of $disk") &
    (while :; do dd if=/dev/zero of=$disk bs=128k seek=128 count=64 oflag=direct 2>/dev/null || break; done; echo "no writes of $disk") &
done
sleep 3
echo THE GUEST IS READY
while :; do sleep 1; echo tick; done
END
}

modules='crc64 crc64-rocksoft crc64_rocksoft_generic crct10dif_common crct10dif_generic crc-t10dif t10-pi nvme-auth
    nvme-keyring nvme-core nvme virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk'

write_initramfs() { # TREE
    inode=0
    write_init >"$scratch/init"
    for name in bin dev proc sys m; do entry $name 0040755; done
    entry dev/console 0020600 '' 5 1
    entry bin/busybox 0100755 "$scratch/bin/busybox"
    entry init 0100755 "$scratch/init"
    for module in $modules; do
        file=$(find "$1" -name "$module.ko" -o -name "$module.ko.xz" | head -n 1)
        [ -z "$file" ] || entry "m/$(basename "$file")" 0100644 "$file"
    done
    entry 'TRAILER!!!' 0
}

# Downloads a package of the apt state in $root and unpacks what matches; what is large is only looked through.
unpack() { # PACKAGE TREE PATTERN...
    package=$1
    tree=$2
    shift 2
    mkdir -p "$tree" "$scratch/packages"
    rm -f "$scratch/packages"/*
    (cd "$scratch/packages" && APT_CONFIG=$root/apt.conf apt-get download -qq "$package") >"$root/log" 2>&1 ||
        cannot "no package $package: $(tail -n 1 "$root/log")"
    dpkg-deb --fsys-tarfile "$scratch/packages"/*.deb | tar -x -C "$tree" --wildcards "$@" 2>/dev/null
}

# The kernel that a package without contents stands for.
behind() { # PACKAGE
    APT_CONFIG=$root/apt.conf apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' |
        head -n 1
}

kernel() { # NAME PACKAGE
    image=$(behind "$2")
    [ -n "$image" ] || cannot "no package $2"
    unpack "$image" "$scratch/$1" './boot/vmlinuz-*' '*/nvme/*' '*/virtio/*' '*/virtio_blk.ko*' '*/crypto/*' '*/lib/*.ko*' \
        '*/block/*.ko*'
    write_initramfs "$scratch/$1" >"$folder/$1.initramfs"
    cp "$scratch/$1"/boot/vmlinuz-* "$folder/$1.kernel" || cannot "no kernel in $image"
    echo "$1: $image"
}

all_there() {
    [ "$(cat "$folder/made-by" 2>/dev/null)" = "$made_by" ] || return 1
    for name in 6.1 6.12 6.12-16k; do
        [ -s "$folder/$name.kernel" ] && [ -s "$folder/$name.initramfs" ] || return 1
    done
}

made_by=$(cksum <"$0")
all_there && exit 0
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || cannot "no folder $folder"
find_mirror || cannot "no Debian mirror in the apt sources, or no apt-get"
scratch=$(mktemp -d "$folder/.unpack.XXXXXX") || cannot "$folder cannot be written"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
for suite in bookworm bookworm-backports; do
    configure_apt "$scratch/$suite" arm64 $suite
    APT_CONFIG=$root/apt.conf apt-get update -qq >"$root/log" 2>&1 ||
        cannot "no suite $suite at $site: $(tail -n 1 "$root/log")"
done
root=$scratch/bookworm
unpack busybox-static "$scratch" './bin/busybox'
[ -s "$scratch/bin/busybox" ] || cannot "no busybox in busybox-static"
kernel 6.1 linux-image-arm64
root=$scratch/bookworm-backports
kernel 6.12 linux-image-arm64
kernel 6.12-16k linux-image-arm64-16k
echo "$made_by" >"$folder/made-by"
