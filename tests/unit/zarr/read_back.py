#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads stores that the kit wrote with other readers, and compares with what was written.

read_back.py v2 STORE EXPECTED        every array of STORE with zarr-python
read_back.py v3 STORE EXPECTED READER every array of STORE with the decoder in the file READER
EXPECTED holds <array>.raw: the elements in C order, little-endian.
"""
import importlib.util
import pathlib
import sys

import numpy as np


def read_v2(store):
    import zarr

    for mode in (zarr.open_consolidated, zarr.open_group):
        group = mode(str(store))
        for name, array in group.arrays():
            yield name, array[...]


def read_v3(store, reader):
    spec = importlib.util.spec_from_file_location("reader", reader)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for document in sorted(store.glob("*/zarr.json")):
        yield document.parent.name, module.read(str(document.parent))[1]


def main():
    version, store, expected = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    arrays = read_v2(store) if version == "v2" else read_v3(store, sys.argv[4])
    count = 0
    for name, values in arrays:
        little = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<")))
        if little.tobytes() != (expected / f"{name}.raw").read_bytes():
            sys.exit(f"{store}/{name}: differs ({values.dtype}, {values.shape})")
        count += 1
    print(count)


main()
