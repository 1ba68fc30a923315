# SPDX-License-Identifier: Apache-2.0
"""Validate a STAC item against the core schemas: validate_stac.py ITEM FOLDER_OF_SCHEMAS"""
import json
import pathlib
import sys

import jsonschema


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


folder = pathlib.Path(sys.argv[2])
core = load(folder / "item.json")
base = core["$id"].rsplit("/", 1)[0]
store = {}
for path in folder.glob("*.json"):
    schema = load(path)
    store[schema["$id"].rstrip("#")] = store[f"{base}/{path.name}"] = schema
# geojson.org's schemas are not among them
for name in ("Feature", "Geometry"):
    store[f"https://geojson.org/schema/{name}.json"] = {"type": "object"}
resolver = jsonschema.RefResolver(core["$id"], core, store=store)
jsonschema.Draft7Validator(core, resolver=resolver).validate(load(sys.argv[1]))
