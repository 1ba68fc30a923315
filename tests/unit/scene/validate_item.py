# SPDX-License-Identifier: Apache-2.0
"""Validate a STAC item: validate_item.py ITEM SCHEMA [FOLDER_OF_STAC_CORE_SCHEMAS]"""
import json
import pathlib
import sys

import jsonschema


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def stac_store(folder, base):
    """The schemas of the folder at their place beside the item schema, and permissive ones for
    geojson.org. Their own $id, some of them misspelt upstream, would lead references astray."""
    store = {f"https://geojson.org/schema/{name}.json": {} for name in ("Feature", "Geometry")}
    for path in pathlib.Path(folder).glob("*.json"):
        schema = load(path)
        del schema["$id"]
        store[f"{base}/{path.name}"] = schema
    return store


item = load(sys.argv[1])
schema = load(sys.argv[2])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(item)
if len(sys.argv) > 3:
    base = "https://schemas.stacspec.org/item-spec/json-schema"
    store = stac_store(sys.argv[3], base)
    core = store[f"{base}/item.json"]
    resolver = jsonschema.RefResolver(f"{base}/item.json", core, store=store)
    jsonschema.Draft7Validator(core, resolver=resolver).validate(item)
