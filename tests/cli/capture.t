smref capture. What it takes of a QEMU is in tests/qemu/capture.sh and tests/unit/test_capture.c, what it does when the other
end is no good in tests/unit/test_capture_peer.c.

## It needs to know which QEMU, and where to write.
$ smref capture
smref capture: which QEMU? --qmp SOCKET
try: smref capture --help
[2]
$ smref capture --qmp vm.qmp
smref capture: where to? --output FILE
try: smref capture --help
[2]
$ smref capture --qmp vm.qmp -o vm.json vm2.json
smref capture: no operands; the snapshot goes to --output
try: smref capture --help
[2]
$ smref capture --qmp
smref capture: option --qmp needs an argument
try: smref capture --help
[2]
$ smref capture --qmq vm.qmp -o vm.json
smref capture: unknown option --qmq; nearest: --qmp
try: smref capture --help
[2]
$ smref capture --qmp vm.qmp -o - --json
smref capture: --json and the snapshot cannot both be the standard output
try: smref capture --help
[2]

## Numbers.
$ smref capture --qmp vm.qmp -o vm.json --limit 0
smref capture: --limit 0: a number from 1 to 65536 is expected
try: smref capture --help
[2]
$ smref capture --qmp vm.qmp -o vm.json --timeout soon
smref capture: --timeout soon: a number from 1 to 3600 is expected
try: smref capture --help
[2]
$ smref capture --qmp vm.qmp -o vm.json --base 0x9050010
smref capture: --base 0x9050010: an address that is a multiple of 64 KB is expected
try: smref capture --help
[2]

## A profile is looked for before anything else.
$ smref capture --qmp vm.qmp -o vm.json --profile qemu-10.1
smref: --profile: no such profile: qemu-10.1; nearest: qemu-10.0
[2]

## No socket, no socket of that length, a file, nobody who listens.
$ smref capture --qmp vm.qmp -o vm.json
smref: vm.qmp: No such file or directory
[3]
$ smref capture --qmp $(printf '%0120d' 0) -o vm.json 2>&1 | sed 's/0000*/0…/'
smref: 0…: the path of a socket has at most 107 bytes
$ smref capture --qmp run.sh -o vm.json
smref: run.sh: Connection refused
[3]
$ smref capture --qmp vm.qmp -o vm.json --qtest vm.qtest; echo $?; ls vm.json
smref: vm.qmp: No such file or directory
3
ls: cannot access 'vm.json': No such file or directory
[2]

$ smref capture --help | head -n 3
usage: smref capture --qmp SOCKET -o OUT [OPTIONS]

Writes the state of the SMMU of a running QEMU as a snapshot, for smref run and smref lint: registers, the
