# SPDX-License-Identifier: MIT
"""
validate.py NAME FILE [UNSEEN...] - the objects in FILE are what NAME.schema.json says

Each line that begins with a brace is one, and valid. The schema is closed: no
object has a key that is not described. And it describes nothing that is never
written: each key is in one of the lines, but those UNSEEN, which take a state
that cannot be had there. A key within another is "outer.inner".
"""
import json
import os
import sys

import jsonschema

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools")


def resolve(root, schema):
    if "$ref" not in schema:
        return schema
    for step in schema["$ref"].removeprefix("#/").split("/"):
        root = root[step]
    return root


def described(root, schema, prefix=""):
    schema = resolve(root, schema)
    if "properties" in schema and schema.get("additionalProperties") is not False:
        sys.exit(f"{prefix or 'the schema'} is open for any key")
    for key, value in schema.get("properties", {}).items():
        yield prefix + key
        yield from described(root, value, f"{prefix}{key}.")
    if "items" in schema:
        yield from described(root, schema["items"], prefix)


def written(value, prefix=""):
    if isinstance(value, list):
        for item in value:
            yield from written(item, prefix)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield prefix + key
            yield from written(item, f"{prefix}{key}.")


def main(name, path, *unseen):
    with open(os.path.join(TOOLS, name + ".schema.json"), encoding="ascii") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    missing = set(described(schema, schema)) - set(unseen)
    count = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("{"):
                continue
            count += 1
            value = json.loads(line)
            for error in validator.iter_errors(value):
                sys.exit(f"{name}: {error.json_path}: {error.message}: {line[:300]}")
            missing.difference_update(written(value))
    if missing:
        sys.exit(f"{name}: not in any of {count} lines: {', '.join(sorted(missing))}")
    print(f"{name}: {count} lines")


main(*sys.argv[1:])
