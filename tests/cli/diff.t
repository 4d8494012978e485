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

## Why cases were not compared: they are none here, the model cannot follow, or the target refuses.
$ cat >refused.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "steps": [{"op": "mmio_read", "offset": "0x666", "size": 4}]}
> END
$ cat >elsewhere.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "memory": [{"at": "0x1000", "u64": ["0x1"]}],
>  "steps": [{"op": "mmio_read", "offset": "0x0", "size": 4}]}
> END
$ cat >reset.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "steps": [{"op": "reset"}]}
> END
$ cat >xt.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4-rme",
>  "steps": [{"op": "access", "sid": "0x10", "t": true, "xt": true, "addr": "0x1000", "access": "read"}]}
> END
$ cat >good.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "arch-3.4", "steps": [{"op": "mmio_read", "offset": "0x0", "size": 4}]}
> END
$ smref diff "plugin:exec sh $TOP/tests/plugins/odd.sh refuses" refused.json refused.json elsewhere.json reset.json xt.json good.json | sed '2d; /^rules/,$d'
odd: 6 cases, 1 steps, seed 0x1

                     agrees      differs not_modelled not_compared      refused
snapshots                 1            0            1            2            2
all                       1            0            1            2            2

not compared, and why:
            2  refused       no MMIO
            1  not_modelled  this SMMU has no XT (R_IDR3.XT)
            1  not_compared  it needs memory where the implementation has none
            1  not_compared  its steps identify or reset the SMMU
$ smref diff "plugin:exec sh $TOP/tests/plugins/odd.sh refuses" refused.json good.json --only translation --json | jq -c .summary.reasons
{"not_compared":{"of another kind than --only asks for":2}}

## A target may say anything: what is told of it is short, one line, and safe for a terminal.
$ cat >chatty.sh <<'END'
> read -r line
> echo '{"format":"smref-plugin","version":"1.0","name":"chatty","profile":"arch-3.4","memory":[{"at":"0x80000000","size":"0x10000000"}],"shows":["outcome"]}'
> while read -r line; do
>     number=${line#*:}
>     number=${number%%,*}
>     printf '{"case":%s,"error":"%s%s\\n%s"}\n' "$number" '\u001b[2J' "$*" "$number"
> done
> END
$ for i in $(seq 100); do cp refused.json many-$i.json; done
$ smref diff 'plugin:exec sh ./chatty.sh busy' many-*.json | sed -n '/^not compared/,/^$/p'
not compared, and why:
           37  refused       others
            1  refused       ?[2Jbusy 0
            1  refused       ?[2Jbusy 1
            1  refused       ?[2Jbusy 10
            1  refused       ?[2Jbusy 11
            1  refused       ?[2Jbusy 12
            1  refused       ?[2Jbusy 13
            1  refused       ?[2Jbusy 14
            1  refused       ?[2Jbusy 15
            1  refused       ?[2Jbusy 16
            1  refused       ?[2Jbusy 17
           53  for 53 more reasons (--json: summary.reasons)
$ smref diff 'plugin:exec sh ./chatty.sh busy' many-*.json --cases 90 --json | jq -c '.summary.reasons.refused | length, .others, ."?[2Jbusy 62"'
64
27
1
$ smref diff "plugin:exec sh ./chatty.sh $(seq -s ' ' 99)" refused.json refused.json | sed -n '/^not compared/,/^$/p'
not compared, and why:
            2  refused       ?[2J1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
                             20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
                             37 38 39 40 41 42 43 44
