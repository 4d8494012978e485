smref fmt and smref schema.

$ cat >page.json <<'END'
> {"memory": [{"u64": [1, "0x0A"], "at": "0x44000000"},
>   {"size": 4096, "fill": 255, "at": 1048576}],
>  "registers": {"0x80": "0x0000000044000000", "SMMU_CR0": 1, "0x20000": 0, "SMMU_AIDR": "0x1"},
>  "steps": [{"addr": 4104, "sid": 8, "op": "access", "size": "0x4"}, {"size": 16, "at": 1048576, "op": "load"}],
>  "version": "1.0", "future": {"b": 1, "a": 2}, "format": "smref-snapshot",
>  "choices": {"TXSZ_OUT_OF_RANGE": "illegal", "EATS_FULL_S2S": "legal"}}
> END
$ smref fmt page.json
{
  "format": "smref-snapshot",
  "version": "1.0",
  "choices": {"EATS_FULL_S2S": "legal", "TXSZ_OUT_OF_RANGE": "illegal"},
  "registers": {
    "SMMU_AIDR": "0x1",
    "SMMU_CR0": "0x1",
    "SMMU_STRTAB_BASE": "0x44000000",
    "0x20000": "0x0"
  },
  "memory": [
    {"at": "0x44000000", "u64": ["0x1", "0xa"]},
    {"at": "0x100000", "size": "0x1000", "fill": "0xff"}
  ],
  "steps": [
    {"op": "access", "sid": "0x8", "addr": "0x1008", "size": 4},
    {"op": "load", "at": "0x100000", "size": "0x10"}
  ],
  "future": {"b": 1, "a": 2}
}

## Canonical form is a fixed point.
$ smref fmt page.json -o again.json; smref fmt --check again.json; smref fmt again.json | cmp - again.json
$ smref fmt --check page.json
smref: page.json: not in canonical form; smref fmt --in-place would change it
[1]
$ smref fmt --in-place page.json; cmp page.json again.json; smref fmt - <page.json | cmp - again.json

## A file that cannot be written leaves the old one; nothing is left beside it.
$ mkdir locked; cp again.json locked; smref fmt again.json -o locked/no/such.json; ls locked
smref: locked/no/such.json: No such file or directory
again.json

## Mistakes.
$ echo '{"format": "smref-page"}' >other.json; smref fmt other.json
smref: other.json:1: format: "smref-page" has no canonical form
[2]
$ smref fmt --check --in-place page.json
smref fmt: only one of --output, --in-place and --check
try: smref fmt --help
[2]
$ smref fmt
smref fmt: which file?
try: smref fmt --help
[2]

## Schemas: the list, and one that stands alone.
$ smref schema | grep -e snapshot -e vectors
smref-lint-1.0         findings about the tables of a snapshot
smref-recipe-1.0       what people write, and smref gen turns into vectors
smref-snapshot-1.0     registers and memory of an SMMU, and what is done to it
smref-vectors-1.0      tests with the outcomes that the architecture permits
$ smref schema smref-vectors | grep -e '"$id"' -e 'ref": "smref'
  "$id": "smref-vectors-1.0.schema.json",
$ smref schema smref-vectors >a; smref schema smref-vectors-1.0 | cmp - a
$ smref schema smref-vector
smref schema: no such format: smref-vector; nearest: smref-vectors-1.0
try: smref schema --help
[2]
