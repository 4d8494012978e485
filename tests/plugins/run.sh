#!/bin/sh
# `run.sh BUILD`, at the top of the repository: smref diff and the plugins of this folder. The model as a plugin agrees with
# itself, whatever it is and whichever permitted options it takes; with a defect it does not.
smref=$1/smref
reference="exec $1/tests/plugins/reference"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/tap.sh

campaign() { # EXPECTED COMMAND WHAT-IS-PRINTED OPTION...
    expected=$1 command=$2 printed=$3
    shift 3
    "$smref" diff "plugin:$command" --seed 7 "$@" >"$work/said" 2>&1
    status=$?
    echo "exit status $status, expected $expected" >>"$work/said"
    [ $status -eq "$expected" ] && grep -q -e "$printed" "$work/said"
}

while read -r options; do
    campaign 0 "$reference $options" 'no findings' --cases 600
    report $? "agrees: $options" "$work/said"
done <<'END'
--profile arch-3.4-rme --depth 1
--profile arch-3.4-rme --caching exact --depth 64
--profile rme-da --choice REG_64_BIT_PAIR=abort --choice REG_ILLEGAL_ACCESS=abort --choice WIRED_INTERRUPTS=present
--profile secure-3.2 --choice SMMUEN_IN_TRANSITION=new --choice RESERVED_BITS=invalid --choice EVENTQ_FULL_IN_ERROR=overflow
--profile qemu-11.1 --choice S2_MEMATTR_RESERVED=e0101 --choice CONTIGUOUS_OUTPUT=run --choice DESCRIPTOR_SH_RESERVED=osh
END

# The vectors as cases, under choices that show themselves only together with another one or with caches.
together='--choice ACCESSEN_REPORT=silent --choice EVENTQ_WRITE_ABORT=asynchronous --choice WIRED_INTERRUPTS=present
    --choice GERROR_TOGGLED=activated --choice S2_MEMATTR_RESERVED=e0110 --choice HINTS_OF_NC_LEVEL=no_allocate
    --choice GPT_CONTIGUOUS_MIXED=forbidden --choice CMD_RESERVED_BITS=illegal'
together=$(echo "$together" | tr '\n' ' ')
campaign 0 "$reference --vast --profile arch-3.4-rme --caching exact $together" 'no findings' vectors
report $? "agrees: vectors, with choices that come together" "$work/said"
campaign 0 "$reference --profile rme-da --caching exact $together" 'no findings' --cases 3000
report $? "agrees: with choices that come together" "$work/said"

for defect in input-addr privilege gerror; do
    campaign 1 "$reference --profile arch-3.4 --broken $defect" '^NEW' --cases 5000 --stop-after 1
    report $? "found: $defect" "$work/said"
done

for part in 1 2; do
    campaign 1 "$reference --profile arch-3.4 --broken input-addr" 'reduced to' --cases 600 --shard $part/2 \
        --out "$work/shards" --reduce
    report $? "part $part of two in a folder: reduced" "$work/said"
done
[ "$("$smref" report "$work/shards" | grep -c 'smallest')" -eq 0 ] && [ "$(find "$work/shards" -name 'reduced-*' | wc -l)" -eq 2 ]
report $? "what both reduced is kept"

campaign 3 'exec sh tests/plugins/odd.sh ends-early' 'ended with status 4 before its first line' --cases 10
report $? 'a plugin that ends at once' "$work/said"
campaign 3 'exec sh tests/plugins/odd.sh shows-typo' 'nearest: outcome' --cases 10
report $? 'a plugin that shows no such thing' "$work/said"
finish
