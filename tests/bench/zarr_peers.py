#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""zarr_peers.py BENCH_ZARR FOLDER [ROUNDS]: our durable writer between GDAL's and zarr-python's.

Every round runs each writer once, one after the other, each in a process of its own; neither of the
others syncs. Prints medians, ratios and the share of the bounds (memcpy, one large synced file) of the
same run; and the time of hls-zarr-update beside BENCH_ZARR for a tile of seven layers, from start to
end. FOLDER needs 4 GB and should lie on the disk that stores will use.
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

COLLECTION = pathlib.Path(__file__).parents[2] / "share" / "collections" / "hls-l30-16rdv.json"

STEPS, EDGE, CHUNK = 16, 4096, 512

GDAL = """
import sys, time, numpy as np
from osgeo import gdal
data, store, codec, steps, chunk = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
gdal.UseExceptions()
values = np.fromfile(data, "<f4", steps * 4096 * 4096).reshape(steps, 4096, 4096)
root = gdal.GetDriverByName("Zarr").CreateMultiDimensional(store).GetRootGroup()
dims = [root.CreateDimension(n, None, None, s) for n, s in zip("tyx", values.shape)]
level = "5" if codec == "lz4" else "1"
array = root.CreateMDArray("red", dims, gdal.ExtendedDataType.Create(gdal.GDT_Float32),
    ["COMPRESS=BLOSC", "BLOSC_CNAME=" + codec, "BLOSC_CLEVEL=" + level, "BLOSC_SHUFFLE=BYTE",
     "BLOCKSIZE=" + chunk + ",512,512"])
start = time.perf_counter()
for i in range(steps):
    array.Write(values[i:i + 1], [i, 0, 0], [1, 4096, 4096])
del array, dims, root
print(time.perf_counter() - start)
"""

ZARR = """
import sys, time, numpy as np, zarr
data, store, codec, steps, chunk = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
values = np.fromfile(data, "<f4", steps * 4096 * 4096).reshape(steps, 4096, 4096)
array = zarr.open_group(store, "w").create_dataset("red", shape=values.shape, dtype="<f4",
    chunks=(chunk, 512, 512), fill_value=0,
    compressor=zarr.Blosc(codec, clevel=5 if codec == "lz4" else 1, shuffle=1))
start = time.perf_counter()
for i in range(steps):
    array[i] = values[i]
print(time.perf_counter() - start)
"""


def main():
    bench, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data.raw"
    if not data.exists():
        subprocess.run([bench, "data", data], check=True)
    store = folder / "store.zarr"

    def fresh():
        for path in folder.glob("store.zarr*"):
            shutil.rmtree(path)
        subprocess.run(["sync", "-f", folder], check=True)

    def ours(job, *arguments):
        fresh()
        out = subprocess.run([bench, job, *arguments], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in out.stdout.splitlines()]

    def peer(code, codec, steps, chunk):
        fresh()
        out = subprocess.run(["/usr/bin/python3", "-c", code, data, store, codec, str(steps),
                              str(chunk)], check=True, capture_output=True, text=True)
        return float(out.stdout.split()[-1])

    layers = folder / "layers"
    if not layers.exists():
        subprocess.run([bench, "layers", layers], check=True)
    files = sorted(layers.glob("*.tif"))

    def tile():
        fresh()
        place = ["-c", COLLECTION, "--store", store, "--source", layers]
        tool = str(pathlib.Path(bench).with_name("hls-zarr-update"))
        subprocess.run([tool, "create", *place, files[0]], check=True, stdout=subprocess.DEVNULL)
        begin = time.perf_counter()
        out = subprocess.run([tool, "append", *place, "-j2", *files], check=True,
                             capture_output=True, text=True)
        seconds = time.perf_counter() - begin
        return seconds, json.loads(out.stdout.splitlines()[-1])["rss_mb"]

    times, last = {}, {}

    def add(name, seconds):
        times.setdefault(name, []).append(seconds)

    for _ in range(rounds):
        for result in ours("bounds", data, store):
            add(result["job"], result["seconds"])
        for codec in ("lz4", "zstd"):
            last[codec] = ours("write", data, store, codec, "2")[0]
            add(f"ours {codec}", last[codec]["seconds"])
            add(f"ours {codec}, bulk", ours("bulk", data, store, codec, "2")[0]["seconds"])
            add(f"GDAL {codec}", peer(GDAL, codec, STEPS, 1))
            add(f"zarr-python {codec}", peer(ZARR, codec, STEPS, 1))
        add("ours unaligned", ours("append", data, store, "zstd", "2")[0]["seconds"])
        add("ours unaligned, batch", ours("batch", data, store, "zstd", "2")[0]["seconds"])
        add("zarr-python unaligned", peer(ZARR, "zstd", 8, 4))
        seconds, last["rss_mb"] = tile()
        add("tile", seconds)
    fresh()

    median = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        size = 174 if name == "tile" else 537 if "unaligned" in name else 1074
        print(f"{name:22} {median[name]:7.2f} s ({min(values):.2f}-{max(values):.2f})  "
              f"{size / median[name]:6.0f} MB/s")
    for codec, bar in (("lz4", 0.9), ("zstd", 1.2)):
        for name in (f"ours {codec}", f"ours {codec}, bulk"):
            print(f"{name[5:]}: {median[f'GDAL {codec}'] / median[name]:.2f} x GDAL (bar {bar})")
    for name in ("ours unaligned", "ours unaligned, batch"):
        ratio = median["zarr-python unaligned"] / median[name]
        print(f"{name[5:]}: {ratio:.2f} x zarr-python (bar 3)")
    print(f"tile: {median['tile']:.2f} s (bar 1.5), peak {last['rss_mb']} MB (bar 512)")
    for codec in ("lz4", "zstd"):
        stored = last[codec]["stored_bytes"] / last[codec]["raw_bytes"]
        for name in (f"ours {codec}", f"ours {codec}, bulk"):
            print(f"{name[5:]}: {median['memcpy'] / median[name]:.0%} of memcpy, "
                  f"{median['disk'] * stored / median[name]:.0%} of the disk's bound")


main()
