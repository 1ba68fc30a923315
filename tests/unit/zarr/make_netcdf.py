#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_netcdf.py FOLDER: small NetCDF files of both kinds with everything a source has to read."""
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


for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
    with netCDF4.Dataset(f"{sys.argv[1]}/{kind}.nc", "w", format=kind) as dataset:
        fill(dataset)
        if kind == "NETCDF4":
            large = dataset.createVariable("large", "i8", ("n",), fill_value=-5)
            large[:] = [2**60 + 1, 2, -5]
            deep = dataset.createGroup("group").createVariable("deep", "u2", ("n",), zlib=True)
            deep[:] = [1, 2, 65535]
