#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""validate.py [--none] SCHEMA FILE...

Does each file fulfil the JSON Schema, or none of them? Exit code 1: not so.
"""
import json
import sys

import jsonschema


def reasons(error):
    """The innermost ones say what is wrong."""
    if not error.context:
        yield f"{error.json_path}: {error.message[:200]}"
    for inner in error.context or ():
        yield from reasons(inner)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


none = sys.argv[1] == "--none"
schema, *paths = sys.argv[2:] if none else sys.argv[1:]
schema = read(schema)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(
    schema, format_checker=jsonschema.FormatChecker())
wrong = False
for path in paths:
    errors = list(validator.iter_errors(read(path)))
    if none and not errors:
        print(f"{path}: is valid", file=sys.stderr)
    for error in () if none else errors:
        for reason in reasons(error):
            print(f"{path}: {reason}", file=sys.stderr)
    wrong = wrong or bool(errors) != none
sys.exit(wrong)
