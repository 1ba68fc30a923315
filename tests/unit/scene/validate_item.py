# SPDX-License-Identifier: Apache-2.0
"""Validate a STAC item: validate_item.py ITEM SCHEMA [FOLDER_OF_STAC_CORE_SCHEMAS]"""
import json
import pathlib
import sys

import jsonschema


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def stac_store(folder, base):
    """Every schema of the folder beside the item schema, and permissive ones for geojson.org."""
    store = {}
    for path in pathlib.Path(folder).glob("*.json"):
        schema = load(path)
        store[schema["$id"].rstrip("#")] = store[f"{base}/{path.name}"] = schema
    for name in ("Feature", "Geometry"):
        store[f"https://geojson.org/schema/{name}.json"] = {"type": "object"}
    return store


item = load(sys.argv[1])
schema = load(sys.argv[2])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(item)
if len(sys.argv) > 3:
    core = load(pathlib.Path(sys.argv[3]) / "item.json")
    store = stac_store(sys.argv[3], core["$id"].rsplit("/", 1)[0])
    resolver = jsonschema.RefResolver(core["$id"], core, store=store)
    jsonschema.Draft7Validator(core, resolver=resolver).validate(item)
