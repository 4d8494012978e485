The command itself: versions, mistakes, exit statuses.

$ smref frobnicate
smref: no such command: frobnicate
try: smref --help
[2]
$ smref rnu 2>&1 | head -1
smref: no such command: rnu; nearest: run
$ smref run
smref run: which snapshot?
try: smref run --help
[2]
$ smref run --sidd 8 page.json
smref run: unknown option --sidd; nearest: --sid
try: smref run --help
[2]
$ smref run nothing.json
smref: nothing.json: No such file or directory
[2]

## A full disk is an error, a reader that goes away is not.
$ smref --help >/dev/full
smref: cannot write the output: No space left on device
[2]
