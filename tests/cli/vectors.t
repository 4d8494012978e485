smref gen, smref check: recipes, vectors, reports.

$ cp "$TOP/tests/negative/good.json" recipe.json; mkdir out; smref gen recipe.json --out out
out/recipe.json: written
8 tests

## Again: nothing to do. What differs stays, unless it is to be updated.
$ smref gen recipe.json --out out
8 tests
$ sed -i 's/"a page"/"one page"/' out/recipe.json; smref gen --check recipe.json --out out
out/recipe.json: differs; smref gen --update would write it
8 tests
[1]
$ smref gen recipe.json --out out; grep -c "one page" out/recipe.json
out/recipe.json: differs and stays; --update replaces it
out/recipe.json.rej: written instead
8 tests
1
$ smref gen recipe.json --out out --update; ls out
out/recipe.json: updated
8 tests
recipe.json
$ smref gen --check recipe.json --out nowhere
nowhere/recipe.json: is not there; smref gen --update would write it
8 tests
[1]

## A claim that does not hold leaves the old file.
$ sed 's/"pa": "0x45001008", "fires"/"pa": "0x45001000", "fires"/' recipe.json >wrong.json; echo '{}' >out/wrong.json
$ smref gen wrong.json --out out --update
REFUSED wrong/page  (wrong.json:33)
  a page [DDI 0487 D8.3.1]
  step 0: read   sid 0x1 addr 0x1008
    pa: expected 0x45001000, got 0x45001008
    the model says: pa 0x45001008  page 4K    normal wb-ra-wa-nt ish
out/wrong.json.rej: written instead
8 tests, 1 refused
[1]
$ cat out/wrong.json; rm out/wrong.json*
{}

## Vectors go to the folder above that of the recipe.
$ mkdir -p v/recipes; cp recipe.json v/recipes/good.json; smref gen v/recipes
v/good.json: written
8 tests
$ cd v/recipes; smref gen good.json; cd ..; smref gen ./recipes --check; cd recipes; smref gen ../recipes/good.json
8 tests
8 tests
8 tests

## Checking them.
$ smref check out
8 of 8 tests passed
$ smref check out/recipe.json --match 'recipe/(page|two)$'
2 of 2 tests passed
$ smref check out --shard 1/3; smref check out --shard 2/3; smref check out --shard 3/3
3 of 3 tests passed
3 of 3 tests passed
2 of 2 tests passed
$ smref check out --shard 4/3
smref check: --shard 4/3: write I/N, with I from 1 to N
try: smref check --help
[2]
$ smref check out --match '('
smref check: --match (: missing closing parenthesis at character 2
try: smref check --help
[2]
$ smref check out --match 'pgae'
smref check: no test matches pgae
try: smref check --help
[2]
$ smref check out --format xml
smref check: --format xml: there are text, tap, junit and json
try: smref check --help
[2]
$ smref check
smref check: which vectors?
try: smref check --help
[2]
$ smref check nowhere
smref: nowhere: No such file or directory
[2]

## Reports.
$ sed 's/"page_size": "0x1000"/"page_size": "0x2000"/' out/recipe.json >spoilt.json
$ smref check spoilt.json --quiet
4 of 8 tests passed, 4 failed
[1]
$ smref check spoilt.json --match '/(page|silent)$' --format tap | sed 's/ \[3.3.1.1\].*/ .../'
TAP version 13
not ok 1 - spoilt/page
# spoilt.json:52: a page [DDI 0487 D8.3.1]
#   step 0: read   sid 0x1 addr 0x1008
#     page_size: expected 0x2000, got 0x1000
#     led there by STRTAB_LINEAR ...
ok 2 - spoilt/silent
1..2
$ smref check spoilt.json --match '/(page|silent)$' --format junit | sed 's/ \[3.3.1.1\].*/ .../'
<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0">
  <testsuite name="spoilt" tests="2" failures="1" errors="0">
    <testcase classname="spoilt" name="page">
      <failure message="spoilt.json:52: a page">  step 0: read   sid 0x1 addr 0x1008
    page_size: expected 0x2000, got 0x1000
    led there by STRTAB_LINEAR ...
</failure>
    </testcase>
    <testcase classname="spoilt" name="silent"/>
  </testsuite>
</testsuites>
$ smref check spoilt.json --match '/silent$' --format json
{"suite":"spoilt","id":"silent","place":"spoilt.json:76","verdict":"passed"}

## What a folder holds besides vectors is no concern; what is named is.
$ echo '{"format": "smref-snapshot", "version": "1.0"}' >out/other.json; smref check out --quiet; smref check out/other.json
8 of 8 tests passed
smref: out/other.json:1: format: "smref-snapshot" where "smref-vectors" is expected
[2]

## Coverage: a rule needs a test that fires it and one that does not.
$ smref rules --coverage out --subject CD | grep -e ' fires ' -e CD_T0SZ -e tests
CD                                       fires  neighbours  passing
  CD_T0SZ_RANGE                              2           0        0
  CD_T0SZ_RANGE                          T0SZ is out of range [5.4.2]
8 tests; 27 rules, 26 not fired, 27 without a neighbour
$ smref rules --coverage out --json | grep -e '"CD_T0SZ_RANGE"' -e '"choice":"TXSZ'
{"rule":"CD_T0SZ_RANGE","subject":"CD","section":"5.4.2","fired":["recipe/one","recipe/two"],"neighbours":[],"passed":0}
{"choice":"TXSZ_OUT_OF_RANGE","section":"5.4","seen":{"illegal":true,"clamp":true}}

## Writes of files that do not tell bank, source and attributes; what a file tells is compared.
$ sed -e '/^ *"bank": "ns",$/d' -e '/^ *"source": "cmd_sync",$/d' -e '/^ *"attrs": {/d' -e 's/"u32": "0x12345678",/"u32": "0x12345678"/' "$TOP/vectors/commands.json" >older.json; grep -c '"source": "cmd_sync"' older.json
0
[1]
$ smref check older.json --match '/msi-(low|high)$'
2 of 2 tests passed
$ sed 's/"source": "cmd_sync"/"source": "eventq"/' "$TOP/vectors/commands.json" >wrong.json; smref check wrong.json --match '/msi-low$' | grep -c 'writes: expected'
2
