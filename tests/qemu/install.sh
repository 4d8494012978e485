#!/bin/sh
# QEMU for the differential tests: `install.sh [PREFIX]` unpacks two versions under PREFIX (build-qemu/ of the tree when
# not given) and leaves two commands that may be moved with their folders:
#     PREFIX/10.0/qemu-system-aarch64    of the Debian 12 backports (10.0.2 and its updates)
#     PREFIX/11.1/qemu-system-aarch64    of the Debian 13 backports (11.1.3 and its updates)
# Nothing is installed system-wide and no privilege is needed: each version has an apt state of its own, which takes the
# mirror, the keys and the proxies from the machine's apt configuration. A version that is there already stays.
# Exit status 0: both are there; 77: they cannot be had here (the message says why); 2: bad usage.
set -u

case ${1-} in
-h | --help)
    sed -n '2,/^set -u/ { /^#/ s/^# \{0,1\}//p }' "$0"
    exit 0
    ;;
-*)
    echo "install.sh: no option $1; usage: install.sh [PREFIX]" >&2
    exit 2
    ;;
esac
prefix=${1:-$(dirname "$0")/../../build-qemu}
. "$(dirname "$0")/apt.sh"

cannot() {
    echo "install.sh: QEMU cannot be had here: $*" >&2
    exit 77
}

# The command of a version, which finds its files beside itself.
wrapper() { # FOLDER
    loader=$(cd "$1" && find . -name 'ld-linux*.so.*' | sort | head -n 1)
    modules=$(cd "$1" && find . -type d -path '*/lib/*/qemu' | head -n 1)
    triple=$(basename "$(dirname "$modules")")
    cat >"$1/qemu-system-aarch64" <<END
#!/bin/sh
case \$0 in
*/*) P=\${0%/*} ;;
*) P=\$(dirname "\$(command -v "\$0")") ;;
esac
QEMU_MODULE_DIR=\$P/${modules#./}
export QEMU_MODULE_DIR
exec "\$P/${loader#./}" --library-path "\$P/usr/lib/$triple:\$P/lib/$triple:\$P/usr/lib" \\
    --argv0 qemu-system-aarch64 "\$P/usr/bin/qemu-system-aarch64" -L "\$P/usr/share/qemu" "\$@"
END
    chmod +x "$1/qemu-system-aarch64"
}

# Only the command, its libraries, its modules and its firmware stay.
reduce() { # FOLDER
    rm -rf "$1/etc" "$1/var" "$1/sbin" "$1/bin" "$1/usr/sbin" "$1/usr/lib/systemd" "$1/usr/lib/udev" "$1/usr/include"
    find "$1/usr/share" -mindepth 1 -maxdepth 1 ! -name qemu ! -name seabios -exec rm -rf {} +
    find "$1/usr/bin" -type f ! -name qemu-system-aarch64 -exec rm -f {} +
    find "$1/usr/bin" -type l -exec rm -f {} +
    find "$1" -type d \( -name gconv -o -name perl -o -name perl-base -o -name gstreamer-1.0 \) -prune -exec rm -rf {} +
}

get() { # NAME SUITE BACKPORTS
    name=$1
    if [ -x "$prefix/$name/qemu-system-aarch64" ]; then
        echo "$name: there already: $("$prefix/$name/qemu-system-aarch64" -version | head -n 1)"
        return
    fi
    root=$scratch/$name
    configure_apt "$root" "$(dpkg --print-architecture)" "$2" "$3"
    APT_CONFIG=$root/apt.conf apt-get update -qq >"$root/log" 2>&1 ||
        cannot "no suites $2 and $3 at $site: $(tail -n 1 "$root/log")"
    APT_CONFIG=$root/apt.conf apt-get install -qq -y -d --no-install-recommends -t "$3" qemu-system-arm \
        >"$root/log" 2>&1 || cannot "no package qemu-system-arm in $3: $(tail -n 1 "$root/log")"
    mkdir "$root/tree"
    for package in "$root"/archives/*.deb; do
        dpkg-deb -x "$package" "$root/tree" || cannot "$package does not unpack"
    done
    reduce "$root/tree"
    wrapper "$root/tree"
    version=$("$root/tree/qemu-system-aarch64" -version) || cannot "what $3 has does not start"
    rm -rf "${prefix:?}/$name"
    mv "$root/tree" "$prefix/$name"
    echo "$name: $(echo "$version" | head -n 1)"
}

mkdir -p "$prefix" && prefix=$(cd "$prefix" && pwd) || cannot "no folder $prefix"
find_mirror || cannot "no Debian mirror in the apt sources, or no apt-get"
scratch=$(mktemp -d "$prefix/.unpack.XXXXXX") || cannot "$prefix cannot be written"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
get 10.0 bookworm bookworm-backports
get 11.1 trixie trixie-backports
