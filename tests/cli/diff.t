$ smref diff
smref diff: name the target: qemu, qemu:PATH or plugin:COMMAND
try: smref diff --help
[2]
$ smref diff quemu
smref diff: quemu: there are the targets qemu, qemu:PATH and plugin:COMMAND
try: smref diff --help
[2]
$ smref diff qemu:/nowhere/qemu-system-aarch64
smref: /nowhere/qemu-system-aarch64: cannot be started: No such file or directory
[3]
$ smref diff plugin:false
smref: plugin: ended with status 1 before its first line
[3]
$ smref diff plugin:true --shard 3/2
smref diff: --shard 3/2: write I/N, with I from 1 to N
try: smref diff --help
[2]
$ smref diff plugin:true --cases 0
smref diff: --cases 0: not a number from 1 to 281474976710656
try: smref diff --help
[2]
$ smref diff plugin:true --stage 3
smref diff: --stage 3: there are 1, 2 and nested
try: smref diff --help
[2]
$ smref diff plugin:true --resume
smref diff: --resume goes on with what --out DIR has
try: smref diff --help
[2]
$ smref diff plugin:true --known nowhere.json
smref: nowhere.json: No such file or directory
[2]
$ smref diff plugin:true --sed 1
smref diff: unknown option --sed; nearest: --seed
try: smref diff --help
[2]
