"""The schemas against the data: `schemas.py SMREF`, run at the top of the repository. Prints TAP.

Every JSON file with a "format" is valid by the schema of that format; so is what SMREF prints; each example of
invalid/ is refused by the schema, except those of invalid_by_meaning, which only the generator can refuse.
"""

import json
import pathlib
import subprocess
import sys
import warnings

import jsonschema

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text())
    for path in pathlib.Path("spec/schema").glob("*.schema.json")
}
BY_FILE = {schema["$id"]: schema for schema in SCHEMAS.values()}
count = 0
bad = 0


def report(good, name, detail=""):
    global count, bad
    count += 1
    bad += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good and detail:
        print("# " + detail.replace("\n", "\n# "))


def once(pairs):
    """An object whose keys are all different."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def validator(schema):
    """Schemas refer to one another by file; the resolver that old and new versions know is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=BY_FILE))


def complaint(text, name=None):
    """What is wrong with a text by the schema of that name, or of its own format; None when nothing is."""
    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        return str(error)
    if not name:
        name = f"{value.get('format')}-{value.get('version')}" if isinstance(value, dict) else "none"
    if name not in SCHEMAS:
        return f"no schema for {name}"
    error = jsonschema.exceptions.best_match(validator(SCHEMAS[name]).iter_errors(value))
    return error and f"{error.json_path}: {error.message[:300]}"


for name, schema in sorted(SCHEMAS.items()):
    try:
        jsonschema.Draft7Validator.check_schema(schema)
        report(True, f"{name}: a schema")
    except jsonschema.SchemaError as error:
        report(False, f"{name}: a schema", error.message)

for path in sorted([*pathlib.Path("spec").rglob("*.json"), *pathlib.Path("vectors").rglob("*.json"),
                    *pathlib.Path("tests/spec/valid").rglob("*.json")]):
    if path.parent.name != "schema":
        said = complaint(path.read_text())
        report(said is None, str(path), said or "")

LOG = b"""arm-smmu-v3 smmu.0: event 0x10 received:
arm-smmu-v3 smmu.0: \t0x0000010000000010
arm-smmu-v3 smmu.0: \t0x0000020800000000
arm-smmu-v3 smmu.0: \t0x00000000fff00000
arm-smmu-v3 smmu.0: \t0x0000000000000000
arm-smmu-v3 smmu.0: CMDQ error (cons 0x01000022): Illegal command
arm-smmu-v3 smmu.0: skipping command in error state:
arm-smmu-v3 smmu.0: \t0x0000000000000000
arm-smmu-v3 smmu.0: EVTQ overflow detected -- events lost
"""
ZEROS = ["0"] * 7
for arguments, given in [
    ("spec export --format json".split(), None),
    (["decode", "STE", "0x030000004410000b", *ZEROS, "--json"], None),
    (["decode", "CD", "0", *ZEROS, "--json"], None),
    ("decode event 0x1000000010 0x20000000000 0xfff00000 0 --json".split(), None),
    ("decode idr0 0xffffffff --json".split(), None),
    ("decode pte 0x44ad0f43 --ds --json".split(), None),
    ("decode --dmesg --json".split(), LOG),
    ("lint vectors/linux-6.12-4k-s1.snapshot.json --json".split(), None),
    ("report tests/cli/campaign --known tests/cli/campaign/known.json --json".split(), None),
]:
    printed = subprocess.run([sys.argv[1], *arguments], input=given, capture_output=True, check=False).stdout
    texts = printed.splitlines() if given else [printed]
    said = next(filter(None, map(complaint, texts)), None if printed else "nothing was printed")
    report(said is None, "smref " + " ".join(arguments), said or "")

for arguments in [
    "run vectors/linux-6.12-4k-s1.snapshot.json --sid 0x1c --addr 0xffa10060 --access write --json --explain --all",
    "run tests/cli/run/registers.json --json --explain --all",
    "run tests/cli/run/registers.json --json --explain=full",
]:
    printed = subprocess.run([sys.argv[1], *arguments.split()], capture_output=True, check=False).stdout
    said = next(filter(None, (complaint(line, "smref-result-1.0") for line in printed.splitlines())),
                None if printed else "nothing was printed")
    report(said is None, "smref " + arguments, said or "")

for path in sorted(pathlib.Path("tests/cli/campaign").glob("*.jsonl")):
    said = next(filter(None, (complaint(line, "smref-campaign-1.0") for line in path.read_text().splitlines())), None)
    report(said is None, str(path), said or "")

dialogue = pathlib.Path("tests/plugins/dialogue.jsonl").read_bytes()
plugin = pathlib.Path(sys.argv[1]).parent / "tests/plugins/reference"
printed = subprocess.run([plugin], input=dialogue, capture_output=True, check=False).stdout
lines = dialogue.splitlines() + printed.splitlines()
said = next(filter(None, (complaint(line, "smref-plugin-1.0") for line in lines)),
            None if len(printed.splitlines()) == len(dialogue.splitlines()) else "not an answer a line")
report(said is None, "a dialogue with a plugin", said or "")

beyond = set(pathlib.Path("tests/spec/invalid_by_meaning").read_text().split())
for path in sorted(pathlib.Path("tests/spec/invalid").glob("*/input.json")):
    refused = complaint(path.read_text()) is not None
    name = path.parent.name
    report(refused != (name in beyond), f"invalid/{name}: {'by meaning' if name in beyond else 'by its schema'}",
           "the schema refuses it" if refused else "the schema accepts it")
    beyond.discard(name)
report(not beyond, "invalid_by_meaning names examples", " ".join(sorted(beyond)))

print(f"1..{count}")
sys.exit(bad > 0)
