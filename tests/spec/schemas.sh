#!/bin/sh
# The JSON schemas against data and programs: `schemas.sh SMREF`, at the top of the repository.
# Needs a validator (Debian: python3-jsonschema); without one it says so and is skipped.
if ! python3 -c 'import jsonschema' 2>/dev/null; then
    echo "skipped: no python3-jsonschema"
    exit 0
fi
exec python3 tests/spec/schemas.py "$1"
