Each physical address space has memory of its own, unless the snapshot says that a location is the same in several:
what is written through one of them is then seen through the other, and an access of the SMMU is one of software.

$ cp run/aliases.json .
$ cat aliases.json
{
  "format": "smref-snapshot",
  "version": "1.0",
  "profile": "secure-3.2",
  "aliases": [{"at": "0x80000000", "size": "0x10000", "pas": ["ns", "secure"]}],
  "memory": [
    {"at": "0x80000000", "size": "0x8000", "fill": "0x0"},
    {"pas": "secure", "at": "0x80008000", "size": "0x10000", "fill": "0x1"},
    {"at": "0x80000100", "u64": ["0x1122"]},
    {"at": "0x80010000", "hex": "02"}
  ],
  "steps": [
    {"op": "load", "pas": "secure", "at": "0x80000100", "size": "0x8"},
    {"op": "store", "pas": "secure", "at": "0x80000100", "u64": ["0x33"]},
    {"op": "store", "pas": "secure", "at": "0x80001000", "u64": ["0x44"]},
    {"op": "store", "at": "0x80009000", "u64": ["0x55"]},
    {"op": "load", "at": "0x80000100", "size": "0x8"},
    {"op": "load", "at": "0x80001000", "size": "0x8"},
    {"op": "load", "pas": "secure", "at": "0x80009000", "size": "0x8"},
    {"op": "load", "at": "0x8000ffff", "size": "0x2"},
    {"op": "load", "pas": "secure", "at": "0x8000ffff", "size": "0x2"}
  ]
}
$ smref run aliases.json --save out.json
#0 load   secure:0x80000100 8 bytes -> 2211000000000000
#1 store  secure:0x80000100 8 bytes -> done
#2 store  secure:0x80001000 8 bytes -> done
#3 store  ns:0x80009000 8 bytes     -> done
#4 load   ns:0x80000100 8 bytes     -> 3300000000000000
#5 load   ns:0x80001000 8 bytes     -> 4400000000000000
#6 load   secure:0x80009000 8 bytes -> 5500000000000000
#7 load   ns:0x8000ffff 2 bytes     -> 0102
#8 load   secure:0x8000ffff 2 bytes -> 0101

9 steps: 9 ok

## The saved state has the same aliases; what was stored stands in one of the spaces.
$ cat out.json
{
  "format": "smref-snapshot",
  "version": "1.0",
  "profile": "secure-3.2",
  "aliases": [{"at": "0x80000000", "size": "0x10000", "pas": ["ns", "secure"]}],
  "memory": [
    {"at": "0x80000000", "size": "0x8000", "fill": "0x0"},
    {"pas": "secure", "at": "0x80008000", "size": "0x10000", "fill": "0x1"},
    {"pas": "ns", "at": "0x80000100", "u64": ["0x33"]},
    {"at": "0x80010000", "hex": "02"},
    {"pas": "ns", "at": "0x80001000", "u64": ["0x44"]},
    {"pas": "ns", "at": "0x80009000", "u64": ["0x55"]}
  ],
  "unmapped": "abort"
}
$ smref fmt --check out.json
$ smref run out.json --save again.json && cmp out.json again.json

## A location has contents once, in whichever space they are listed; aliases are whole pages, in two spaces or more,
## and a location of a space is in one alias.
$ cat >edit <<'END'
> sed "$1" aliases.json >wrong.json && smref run wrong.json >/dev/null
> END
$ sh edit 's/{"at": "0x80010000", "hex": "02"}/{"pas": "secure", "at": "0x80000100", "u64": ["0x1122"]}/'
smref: wrong.json:10: memory[3]: 0x80000100-0x80000107 overlaps memory[2] of line 9, 0x80000100-0x80000107: aliases[0] of line 5 makes them one place
[2]
$ sh edit 's/"0x80008000", "size"/"0x80007fff", "size"/'
smref: wrong.json:8: memory[1]: 0x80007fff-0x8000ffff overlaps memory[0] of line 7, 0x80000000-0x80007fff: aliases[0] of line 5 makes them one place
[2]
$ sh edit '/"size": "0x8000"/d; s/"at": "0x80010000", "hex": "02"/"at": "0x80000000", "size": "0x8000", "fill": 0/'
smref: wrong.json:9: memory[2]: 0x80000000-0x80007fff overlaps memory[1] of line 8, 0x80000100-0x80000107
[2]
$ sh edit 's/\["ns", "secure"\]}/&, {"at": "0x8000f000", "size": "0x2000", "pas": ["realm", "secure"]}/'
smref: wrong.json:5: aliases[1]: 0x8000f000-0x80010fff of "secure" is in aliases[0] of line 5 already
[2]
$ sh edit 's/\["ns", "secure"\]/["ns"]/'
smref: wrong.json:5: aliases[0].pas: give the two or more address spaces in which it is the same
[2]
$ sh edit 's/\["ns", "secure"\]/["ns", "ns"]/'
smref: wrong.json:5: aliases[0].pas[1]: "ns" stands here twice
[2]
$ sh edit 's/\["ns", "secure"\]/["ns", "secur"]/'
smref: wrong.json:5: aliases[0].pas[1]: no physical address space "secur"; nearest: secure
[2]
$ sh edit 's/"size": "0x10000", "pas"/"size": "0x10008", "pas"/'
smref: wrong.json:5: aliases[0].size: must be a multiple of 0x1000
[2]
$ sh edit 's/"size": "0x10000", "pas"/"size": 0, "pas"/'
smref: wrong.json:5: aliases[0].size: must not be 0
[2]
$ sh edit 's/"at": "0x80000000", "size": "0x10000", "pas"/"at": "0xfffffffffffff000", "size": "0x2000", "pas"/'
smref: wrong.json:5: aliases[0]: 0x2000 bytes from 0xfffffffffffff000 on end beyond 64 bits
[2]
$ sh edit 's/"at": "0x80000000", "size": "0x10000", "pas"/"size": "0x2000", "pas"/'
smref: wrong.json:5: aliases[0]: no "at"
[2]
$ sh edit 's/, "pas": \["ns", "secure"\]//'
smref: wrong.json:5: aliases[0]: no "pas"
[2]
$ sh edit 's/"aliases": \[.*\],/"aliases": {},/'
smref: wrong.json:5: aliases: must be an array, not an object
[2]

## Three spaces, and two aliases of one address with no space in common.
$ cat >three.json <<'END'
> {"format": "smref-snapshot", "version": "1.0", "profile": "rme",
>  "aliases": [{"at": "0x1000", "size": "0x1000", "pas": ["realm", "secure", "ns"]}, {"at": "0x2000", "size": "0x1000", "pas": ["ns", "secure"]},
>              {"at": "0x2000", "size": "0x1000", "pas": ["root", "realm"], "comment": "another place"}],
>  "memory": [{"pas": "realm", "at": "0x1000", "size": "0x2000", "fill": 3}, {"at": "0x2000", "size": "0x1000", "fill": 4}, {"pas": "secure", "at": "0x1ffe", "hex": "0506"}],
>  "steps": [{"op": "load", "at": "0x1ffe", "size": 4}, {"op": "load", "pas": "secure", "at": "0x1ffe", "size": 4}, {"op": "load", "pas": "realm", "at": "0x1ffe", "size": 4},
>            {"op": "store", "pas": "secure", "at": "0x1fff", "hex": "0708"}, {"op": "load", "at": "0x1ffe", "size": 4}, {"op": "load", "pas": "realm", "at": "0x1ffe", "size": 4},
>            {"op": "load", "pas": "root", "at": "0x2000", "size": 1}]}
> END
$ smref run three.json --save out.json
#0 load   ns:0x1ffe 4 bytes     -> 05060404
#1 load   secure:0x1ffe 4 bytes -> 05060404
#2 load   realm:0x1ffe 4 bytes  -> 05060303
#3 store  secure:0x1fff 2 bytes -> done
#4 load   ns:0x1ffe 4 bytes     -> 05070804
#5 load   realm:0x1ffe 4 bytes  -> 05070303
#6 load   root:0x2000 1 byte    -> 03

7 steps: 7 ok
$ smref run out.json --save again.json && cmp out.json again.json
