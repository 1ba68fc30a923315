#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""read_cf.py xarray|gdal|netcdf STORE RED.raw: a CF store of version 2 as that reader sees it.

Fails with a message unless values, mask, times and CRS are those that conventions_test.cpp wrote.
"""
import sys
import warnings

import numpy as np

SHAPE = (3, 100, 90)


def check_xarray(path, red):
    import xarray

    for consolidated in (True, False):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            data = xarray.open_zarr(path, consolidated=consolidated)
            raw = xarray.open_zarr(path, consolidated=consolidated, mask_and_scale=False)
            assert (raw.red.values == red).all(), "xarray: values"
            masked = data.red.values
        assert (np.isnan(masked) == (red == -9999)).all(), "xarray: mask"
        valid = red != -9999
        assert np.allclose(masked[valid], red[valid] * 0.0001), "xarray: scale"
        times = [str(t) for t in data.time.values.astype("datetime64[s]")]
        assert times == ["2024-01-03T18:52:11", "2024-01-05T00:00:00", "2024-01-13T18:52:12"], times
        assert data.x.values[0] == 500015 and data.y.values[-1] == 4200000 - 30 * 99.5
        assert data.red.attrs["grid_mapping"] == "spatial_ref"
        assert data.spatial_ref.attrs["grid_mapping_name"] == "transverse_mercator"


def check_gdal(path, red):
    from osgeo import gdal, osr

    gdal.UseExceptions()
    dataset = gdal.OpenEx(path, gdal.OF_MULTIDIM_RASTER)
    array = dataset.GetRootGroup().OpenMDArray("red")
    values = np.frombuffer(array.Read(), "i2").reshape(SHAPE)
    assert (values == red).all(), "GDAL: values"
    assert array.GetNoDataValueAsDouble() == -9999, "GDAL: nodata"
    assert array.GetScale() == 0.0001, "GDAL: scale"
    wanted = osr.SpatialReference()
    wanted.ImportFromEPSG(32610)
    stored = osr.SpatialReference()
    mapping = dataset.GetRootGroup().OpenMDArray("spatial_ref")
    stored.ImportFromWkt(mapping.GetAttribute("crs_wkt").Read())
    assert stored.IsSame(wanted), "GDAL: CRS"


def check_netcdf(path, red):
    import netCDF4

    with netCDF4.Dataset(f"file://{path}#mode=zarr,file") as data:
        variable = data["red"]
        variable.set_auto_maskandscale(False)
        assert (variable[:] == red).all(), "netCDF: values"
        assert data["time"].units == "seconds since 1970-01-01"


globals()[f"check_{sys.argv[1]}"](sys.argv[2], np.fromfile(sys.argv[3], "<i2").reshape(SHAPE))
