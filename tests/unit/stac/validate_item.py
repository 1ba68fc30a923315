#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Validate a STAC item: validate_item.py ITEM FOLDER_OF_STAC_CORE_SCHEMAS|- [OUR_SCHEMA]

Debian's python3-jsonschema does it, so the interpreter is Debian's too.
"""
import json
import pathlib
import sys

import jsonschema

BASE = "https://schemas.stacspec.org/item-spec/json-schema"


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def stac_store(folder):
    """The schemas of the folder at their place beside the item schema, and permissive ones for
    geojson.org. Their own $id, some of them misspelt upstream, would lead references astray."""
    store = {f"https://geojson.org/schema/{name}.json": {} for name in ("Feature", "Geometry")}
    for path in pathlib.Path(folder).glob("*.json"):
        schema = load(path)
        del schema["$id"]
        store[f"{BASE}/{path.name}"] = schema
    return store


item = load(sys.argv[1])
if sys.argv[2] != "-":
    store = stac_store(sys.argv[2])
    core = store[f"{BASE}/item.json"]
    resolver = jsonschema.RefResolver(f"{BASE}/item.json", core, store=store)
    jsonschema.Draft7Validator(core, resolver=resolver).validate(item)
if len(sys.argv) > 3:
    schema = load(sys.argv[3])
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(item)
