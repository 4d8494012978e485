#!/bin/sh
# `smref capture` against real guests: `capture.sh SMREF [QEMU [GUESTS]]`, QEMU the folder of install.sh (build-qemu/ of
# the tree), GUESTS that of guest.sh (QEMU/guests). Debian kernels of three kinds run on both versions of QEMU with a
# virtio and an NVMe disk behind the SMMU, which are read and written without end and so slowly that their DMA is
# under way when the SMMU is captured. Then
#   - each access that QEMU translated (its trace tells StreamID, input and output address, and permissions) and that
#     nothing invalidated since goes to the same address in the snapshot, and is refused where it may not write;
#   - what the disk holds lies in memory at the addresses that smref gives for the reads that are under way;
#   - smref lint finds nothing but bits that Linux sets without need;
#   - the guest stands still only while it is captured.
# Also: an SMMU that is not enabled, none, two of them. Prints TAP. Exit status 77: QEMU or kernels cannot be had here.
set -u

here=$(cd "$(dirname "$0")" && pwd)
smref=$(realpath "${1:?usage: capture.sh SMREF [QEMU [GUESTS]]}")
qemu=${2:-${SMREF_QEMU:-$here/../../build-qemu}}
guests=${3:-$qemu/guests}
. "$here/../tap.sh"

or_skip sh "$here/install.sh" "$qemu"
or_skip sh "$here/guest.sh" "$guests"
qemu=$(cd "$qemu" && pwd)
guests=$(cd "$guests" && pwd)
scratch=$(mktemp -d)
size=$((256 << 20)) # of the guests' memory, at 0x40000000
child=
trap '[ -z "$child" ] || kill -9 $child 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch" || exit 1

# ---- QEMU -------------------------------------------------------------------------------------------------

qtest=unix:qtest,server=on,wait=off
start() { # VERSION OPTION...
    version=$1
    shift
    rm -f qmp qtest hmp.in hmp.out qt.in qt.out trace console
    mkfifo hmp.in hmp.out qt.in qt.out
    # The monitor and the qtest of the test itself: what they print goes to files, and the fifos to them stay open.
    cat hmp.out >hmp.said &
    cat qt.out >qt.said &
    "$qemu/$version/qemu-system-aarch64" -display none -nodefaults -m $((size >> 20))M -qmp unix:qmp,server=on,wait=off \
        -qtest "$qtest" -qtest-log none -chardev pipe,id=qt,path=qt -chardev pipe,id=hmp,path=hmp -mon chardev=hmp \
        -serial file:console -trace smmuv3_translate_success -trace 'smmuv3_range_inval' -trace 'smmuv3_cmdq_tlbi*' \
        -trace 'smmuv3_cmdq_cfgi*' -trace vm_state_notify -D trace "$@" >qemu.said 2>&1 &
    child=$!
    exec 5>hmp.in 6>qt.in
    for _ in $(seq 600); do
        [ -S qmp ] && return 0
        sleep 0.1
    done
    cat qemu.said
    return 1
}

stop() {
    exec 5>&- 6>&-
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    child=
}

wait_for() { # SECONDS COMMAND...
    seconds=$1
    shift
    for _ in $(seq $((seconds * 5))); do
        "$@" 2>/dev/null && return 0
        sleep 0.2
    done
    echo "waited $seconds s for: $*"
    return 1
}

# ---- What was seen ----------------------------------------------------------------------------------------

# The translations of a trace that nothing invalidated since, up to where the guest ran on after its last stop: SID
# IOVA PA PERMISSIONS.
translations() { # TRACE
    awk '
        function value(name,    at, text, n, i) {
            at = index($0, " " name "=")
            if (!at) return 0
            text = substr($0, at + length(name) + 2)
            sub(/[ ,].*/, "", text)
            if (text !~ /^0x/) return text + 0
            for (i = 3; i <= length(text); i++) n = n * 16 + index("123456789abcdef", substr(text, i, 1))
            return n
        }
        { line[NR] = $0; if ($0 ~ /^vm_state_notify running 0/) last = NR }
        END {
            for (k = 1; k <= NR; k++) {
                $0 = line[k]
                if (/^vm_state_notify running 1/ && last && k > last) break
                if (/^smmuv3_translate_success/) {
                    split($0, part, /(sid|iova|translated|perm)=/)
                    for (i in part) sub(/ .*/, "", part[i])
                    key = part[2] " " part[3]
                    seen[key] = key " " part[4] " " part[5]
                    at[key] = value("iova")
                } else if (/^smmuv3_range_inval/) {
                    first = value("addr"); tg = value("tg")
                    end = first + value("num_pages") * (tg ? 2 ^ (10 + 2 * tg) : 65536)
                    for (key in seen) if (at[key] >= first && at[key] < end) { delete seen[key]; delete at[key] }
                } else if (/^smmuv3_cmdq_/) {
                    for (key in seen) { delete seen[key]; delete at[key] }
                }
            }
            for (key in seen) print seen[key]
        }' "$1" | sort
}

# The snapshot with an access to each address of a list: SID IOVA ACCESS a line.
with_steps() { # SNAPSHOT
    sed '$d' "$1"
    echo ', "steps": ['
    awk '{ if (NR > 1) print ","
           printf "{\"op\":\"access\",\"sid\":\"%s\",\"addr\":\"%s\",\"access\":\"%s\"}", $1, $2, $3 }'
    echo ']}'
}

# What the machine permitted, as accesses: SID IOVA ACCESS PA.
permitted() {
    awk '{ print $1, $2, "read", $3 } $4 == "0x3" { print $1, $2, "write", $3 }' seen
}

# Every translation that was seen is that of the snapshot.
same_addresses() { # SNAPSHOT TRACE
    translations "$2" >seen
    permitted | with_steps "$1" >steps.json
    permitted | awk '{ printf "{\"step\":%d,\"outcome\":\"ok\",\"pa\":\"%s\"}\n", NR - 1, $4 }' >observed.jsonl
    "$smref" run steps.json --observed observed.jsonl >run.said 2>&1 || { cat run.said; return 1; }
    tail -n 1 run.said
    for sid in 0x8 0x10; do
        [ "$(grep -c "^$sid " seen)" -ge 8 ] || { echo "few accesses of $sid"; cat seen; return 1; }
    done
    echo "$(wc -l <seen) addresses of $(cut -d' ' -f1 seen | sort -u | wc -l) devices"
}

# What may only be read is refused to writes.
no_writes() { # SNAPSHOT
    awk '$4 == "0x1"' seen >may-not-write
    [ -s may-not-write ] || { echo "no address that may only be read"; return 1; }
    awk '{ print $1, $2, "write" }' may-not-write | with_steps "$1" >steps.json
    "$smref" run steps.json >run.said || return 1
    [ "$(grep -c 'abort F_PERMISSION' run.said)" -ge "$(wc -l <may-not-write)" ] || { cat run.said; return 1; }
}

# The disk that is read holds its block number in each block: what is in memory at the addresses that smref gives is a
# block of the disk, whole, and there are many such.
same_data() { # SNAPSHOT MEMORY
    permitted | with_steps "$1" >steps.json
    "$smref" run steps.json --json | sed -n 's/.*"pa": *"\(0x[0-9a-f]*000\)".*/\1/p' | sort -u >pages
    found=0
    while read -r page; do
        offset=$((page - 0x40000000))
        [ $offset -ge 0 ] && [ $offset -lt $size ] || continue
        dd if="$2" of=page bs=4096 skip=$((offset / 4096)) count=1 2>/dev/null
        block=$(head -c 16 page | tr -d '\000' | sed -n 's/^smref \([0-9]*\) *$/\1/p')
        [ -n "$block" ] || continue
        dd if=disk.img of=block bs=4096 skip=$((1$block - 100000000)) count=1 2>/dev/null
        cmp page block || return 1
        found=$((found + 1))
    done <pages
    echo "$found blocks of the disk in memory"
    [ $found -ge 8 ]
}

# Linux sets S1DSS where there are no substreams, PTM where there is no broadcast, 6.1 also SHCFG of streams that abort:
# all without effect.
clean() { # SNAPSHOT
    "$smref" lint "$1" >lint.said
    grep '^errors: 0, ' lint.said && ! grep -E '^(error|warning) ' lint.said |
        grep -v -e 'SMMU_CR2.PTM = 0x1' -e 'STE.S1DSS = 0x2' -e 'STE.SHCFG = 0x1'
}

# ---- Guests -----------------------------------------------------------------------------------------------

make_disks() {
    awk 'BEGIN { for (i = 0; i < 16384; i++) printf "smref %08d\n%4081s", i, "" }' >disk.img
    truncate -s 64M disk2.img
}

boot() { # VERSION KERNEL
    case $2 in *16k) cpu=max ;; *) cpu=cortex-a57 ;; esac
    slow=throttling.bps-read=131072,throttling.bps-write=65536
    start "$1" -M virt,iommu=smmuv3,gic-version=3 -cpu $cpu -kernel "$guests/$2.kernel" -initrd "$guests/$2.initramfs" \
        -append "console=ttyAMA0 iommu.passthrough=0 iommu.strict=1 rdinit=/init loglevel=4" \
        -drive file=disk.img,if=none,id=d0,format=raw,snapshot=on,$slow \
        -device virtio-blk-pci,addr=1,drive=d0,disable-legacy=on,iommu_platform=on \
        -drive file=disk2.img,if=none,id=d1,format=raw,snapshot=on,$slow -device nvme,addr=2,drive=d1,serial=1 &&
        wait_for 300 grep -q 'THE GUEST IS READY' console
}

whole_memory() {
    [ "$(stat -c %s memory 2>/dev/null || echo 0)" -eq $size ]
}

# The guest stands still already: all of its memory can be looked at, too.
still() {
    echo stop >&5
    wait_for 60 grep -q '^vm_state_notify running 0' trace || return 1
    rm -f memory
    echo "pmemsave 0x40000000 $size memory" >&5
    wait_for 60 whole_memory || return 1
    "$smref" capture --qmp qmp --json -o still.json >summary || { cat summary; return 1; }
    cp trace still.trace
    grep -q '"ran": false' summary && grep -q '"left_out": \[\]' summary
}

ticks_after() { # COUNT
    [ "$(grep -c tick console)" -gt "$1" ]
}

moving() {
    echo cont >&5
    sleep 2
    "$smref" capture --qmp qmp --qtest qtest --json -o moving.json >summary || { cat summary; return 1; }
    cp trace moving.trace
    grep -q '"ran": true' summary && grep -q '"left_out": \[\]' summary || { cat summary; return 1; }
    before=$(grep -c tick console)
    wait_for 60 ticks_after "$before" || { echo "the guest does not run on"; return 1; }
}

guest() { # VERSION KERNEL
    if ! boot "$1" "$2" >boot.said; then
        tail -n 20 console boot.said qemu.said >why 2>&1
        report 1 "Linux $2 on QEMU $1: boots" why
        stop
        return
    fi
    for what in "still" "moving" "same_addresses still.json still.trace" "no_writes still.json" \
        "same_data still.json memory" "same_addresses moving.json moving.trace" "no_writes moving.json" "clean still.json" \
        "clean moving.json"; do
        $what >said 2>&1
        report $? "Linux $2 on QEMU $1: $what: $(tail -n 1 said)" said
    done
    stop
}

# ---- Other machines ---------------------------------------------------------------------------------------

not_enabled() { # VERSION
    start "$1" -S -M virt,iommu=smmuv3,gic-version=3 -cpu cortex-a57 || return 1
    "$smref" capture --qmp qmp -o off.json >said 2>&1
    code=$?
    "$smref" capture --qmp qmp --base 0x9000000 -o other.json >other 2>&1
    other=$?
    stop
    cat said other
    [ $other -eq 2 ] && grep -q 'no SMMUv3 is at 0x9000000: QEMU has pl011 there; one is at 0x9050000' other || return 1
    [ $code -eq 0 ] && grep -q 'SMMUEN is 0' said && "$smref" run off.json --sid 8 --addr 0x1234 | grep 'pa 0x1234'
}

none() { # VERSION
    start "$1" -S -M virt -cpu cortex-a57 || return 1
    "$smref" capture --qmp qmp -o none.json >said 2>&1
    code=$?
    stop
    cat said
    [ $code -eq 2 ] && grep -q 'no SMMUv3' said && [ ! -e none.json ]
}

# Both stages, laid into the machine by hand (5.2, 5.4, DDI 0487 D8.3): StreamID 8 has a CD at IPA 0x80001000, and stage 1
# tables from IPA 0x80002000 on, which take 0x1000 to IPA 0x80005000; stage 2 takes IPA 0x8000n000 to 0x4003n000.
nested_state() {
    cat <<'END'
0x9050080 0x40010000
0x9050088 0x4
0x40010200 0x8000100f
0x40010210 0x040c005900000000
0x40010218 0x40020000
0x40020010 0x40021003
0x40021000 0x40022003
0x40022008 0x400317ff
0x40022010 0x400327ff
0x40022018 0x400337ff
0x40022020 0x400347ff
0x40022028 0x400357ff
0x40031000 0x00006204c0000019
0x40031008 0x80002000
0x40031018 0xff
0x40032000 0x80003003
0x40033000 0x80004003
0x40034008 0x80005743
END
}

nested() { # VERSION
    qtest=chardev:qt
    start "$1" -S -M virt,iommu=smmuv3,gic-version=3 -cpu cortex-a57 || return 1
    qtest=unix:qtest,server=on,wait=off
    nested_state | sed 's/^0x905.*/writel &/; s/^0x4/writeq &/' >&6
    echo "writel 0x9050020 1" >&6
    "$smref" capture --qmp qmp -o nested.json
    code=$?
    stop
    "$smref" run nested.json --sid 8 --addr 0x1234 --explain >run.said
    cat run.said
    [ $code -eq 0 ] && grep -q 'pa 0x40035234' run.said
}

two() {
    start 11.1 -S -M virt,gic-version=3 -cpu cortex-a57 -device arm-smmuv3,primary-bus=pcie.0,id=a \
        -device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0 -device arm-smmuv3,primary-bus=pcie.1,id=b || return 1
    "$smref" capture --qmp qmp -o two.json >said 2>&1
    code=$?
    base=$(sed -n 's/.* and \(0x[0-9a-f]*\);.*/\1/p' said)
    cat said
    "$smref" capture --qmp qmp --base "${base:-0}" -o two.json
    second=$?
    stop
    [ $code -eq 2 ] && [ $second -eq 0 ] && grep -q "at $base" two.json
}

make_disks
for pair in ${SMREF_GUESTS:-10.0:6.1 11.1:6.12 10.0:6.12-16k 11.1:6.12-16k}; do
    guest "${pair%:*}" "${pair#*:}"
done
for what in "nested 10.0" "nested 11.1" "not_enabled 10.0" "not_enabled 11.1" "none 10.0" "none 11.1" two; do
    $what >said.all 2>&1
    report $? "$what" said.all
done
finish
