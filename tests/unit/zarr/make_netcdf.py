#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_netcdf.py FOLDER: small NetCDF files of both kinds with everything a source has to read.

<kind>_types.nc hold every numeric type at ranks 1 to 4, and <kind>_types/<variable>.<type> their
stored numbers, little-endian.
"""
import pathlib
import sys

import netCDF4
import numpy as np


def fill(data):
    data.createDimension("time", None)
    data.createDimension("n", 3)
    data.createDimension("y", 2)
    data.createDimension("x", 4)
    data.createDimension("STRING8", 8)
    byte = data.createVariable("byte", "i1", ("n",), fill_value=-1)
    byte._Unsigned = "true"
    byte.set_auto_maskandscale(False)
    byte[:] = np.array([-1, 2, -56], "i1")
    # As some writers spell it.
    other = data.createVariable("capital", "i1", ("n",), fill_value=-1)
    other._Unsigned = "True"
    other.set_auto_maskandscale(False)
    other[:] = np.array([-1, 2, -56], "i1")
    text = data.createVariable("platform", "S1", ("n", "STRING8"))
    text[:] = netCDF4.stringtochar(np.array(["ab", "cdefghij", "x y"], "S8"))
    sst = data.createVariable("sst", "i2", ("time", "y", "x"), fill_value=-32768)
    sst.set_auto_maskandscale(False)
    sst.units, sst.scale_factor, sst.add_offset = "kelvin", 0.01, 273.15
    sst.valid_range = np.array([-300, 4500], "i2")
    sst[:] = np.arange(-8, 8, dtype="i2").reshape(2, 2, 4)
    sst[0, 0, 0] = -32768
    time = data.createVariable("time", "f8", ("time",), fill_value=99999.0)
    time.units, time.calendar = "days since 1950-1-1 0:0:0", "standard"
    time[:] = [25567.5, 25568.0000115740740]
    for name, values in (("y", [50.25, 49.75]), ("x", [10.5, 11.5, 12.5, 13.5])):
        axis = data.createVariable(name, "f4", (name,))
        axis.units = "degrees_north" if name == "y" else "degrees_east"
        axis[:] = values
    julian = data.createVariable("noleap", "i4", ("time",))
    julian.units, julian.calendar = "days since 2000-01-01", "noleap"
    julian[:] = [1, 2]
    data.createVariable("scalar", "i4", ())[:] = 7
    data.title = "Profile"


SIZES = {"a": 2, "b": 3, "c": 4, "d": 5}


def fill_types(data, kind, folder):
    chance = np.random.default_rng(1)
    for name, size in SIZES.items():
        data.createDimension(name, size)
    types = ["i1", "i2", "i4", "f4", "f8"]
    if kind == "NETCDF4":
        types += ["u1", "u2", "u4", "i8", "u8"]
    for number, code in enumerate(types):
        for rank in range(1, 5):
            dimensions = tuple(SIZES)[4 - rank:]
            more = {}
            if kind == "NETCDF4":
                more = dict(zlib=rank > 2, shuffle=True)
            if rank % 2 == 0:
                more["fill_value"] = np.array(1, code)
            stored = np.dtype(code)
            if kind == "NETCDF4" and stored.itemsize > 1 and (rank + number) % 2 == 1:
                stored, more["endian"] = stored.newbyteorder(">"), "big"
            variable = data.createVariable(f"{code}_{rank}", stored, dimensions, **more)
            variable.set_auto_maskandscale(False)
            shape = tuple(SIZES[name] for name in dimensions)
            if code[0] == "f":
                values = chance.normal(size=shape).astype(code)
                values.flat[0] = np.nan
            else:
                limits = np.iinfo(code)
                values = chance.integers(limits.min, limits.max, shape, code, endpoint=True)
                values.flat[0], values.flat[-1] = limits.min, limits.max
            variable[:] = values
            (folder / f"{code}_{rank}.{code}").write_bytes(values.astype("<" + code).tobytes())


for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
    expected = pathlib.Path(sys.argv[1]) / f"{kind}_types"
    expected.mkdir()
    with netCDF4.Dataset(f"{expected}.nc", "w", format=kind) as dataset:
        fill_types(dataset, kind, expected)
    with netCDF4.Dataset(f"{sys.argv[1]}/{kind}.nc", "w", format=kind) as dataset:
        fill(dataset)
        if kind == "NETCDF4":
            large = dataset.createVariable("large", "i8", ("n",), fill_value=-5)
            large[:] = [2**60 + 1, 2, -5]
            deep = dataset.createGroup("group").createVariable("deep", "u2", ("n",), zlib=True)
            deep[:] = [1, 2, 65535]
