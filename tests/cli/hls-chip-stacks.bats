#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chip with chips of several dates: pixels of every date, dates that are missing, same bytes for
# any number of workers, resumption, files on the net, and what follows after run.

load assertions
load chip_world

# The world has scenes of 20 April, 12 July (clouds in the west) and 1 August.
setup_file() {
    make_chip_world
    plan --dates 2 --series-from 04-01 --series-to 08-15 >plan.jsonl
    hls-chip run --tasks plan.jsonl --stac-dir items -o chips --qa >results.jsonl
    # Nothing was seen between 14 May and 7 July.
    plan --dates 3 --min-dates 2 --series-from 2023-03-20 --series-to 2023-08-31 >holes.jsonl
    hls-chip run --tasks holes.jsonl --stac-dir items -o holes --qa >holes.results
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER"
}

plan() {
    hls-chip plan --gpkg "$WORLD/fields.gpkg" --id-column parcel --year 2023 --grid mgrs:512 \
        --prob 1=0.02,3=0.02,5=0.02,6=0.02,7=0.02 "$@"
}

run_tasks() {
    hls-chip run --tasks "$WORLD/plan.jsonl" --stac-dir "$WORLD/items" --qa "$@"
}

digests() {
    (cd "$1" && find images masks qa parts manifest.jsonl -type f -print0 | sort -z | xargs -0 sha256sum)
}

@test "series that cannot be are refused" {
    assert_refused 2 'give --dates' plan --series-from 04-01 --series-to 08-31
    assert_refused 2 'a series has two ends' plan --dates 2 --series-from 04-01
    assert_refused 2 'no day of a series' plan --dates 2 --series-from 04-31 --series-to 08-31
    assert_refused 2 'is empty' plan --dates 2 --series-from 2023-08-01 --series-to 2023-07-01
    assert_refused 2 'do not fit into 3 days' plan --dates 4 --series-from 06-01 --series-to 06-03
    assert_refused 2 '2 dates have not 3' plan --dates 2 --min-dates 3
    run plan --dates 0
    assert_failure 2
    # Without ends the series is that of all classes alike, whatever their seasons.
    plan --dates 4 >default.jsonl
    run grep -c '"series":{"from":"2023-03-15","to":"2023-09-15","least_dates":4}' default.jsonl
    assert_output "$(($(wc -l <default.jsonl) - 1))"
}

@test "every date shows its scene, and the mask is that of a chip of one date" {
    hls-chip verify "$WORLD/chips"
    plan >single.jsonl
    hls-chip run --tasks single.jsonl --stac-dir "$WORLD/items" -o single >/dev/null
    /usr/bin/python3 - "$WORLD" <<'PYTHON'
import json, sys
import numpy
from osgeo import gdal
gdal.UseExceptions()
world = sys.argv[1]
chips = [json.loads(line) for line in open(world + "/chips/manifest.jsonl")]
single = {c["key"]: c for c in map(json.loads, open("single/manifest.jsonl"))}
assert len(chips) > 10
bands = ["blue", "green", "red", "nir", "rededge1", "rededge2", "rededge3", "nir08", "swir16", "swir22"]
used = set()
for chip in chips:
    assert "scene" not in chip and len(chip["dates"]) == 2 and chip["bands"] == bands
    image = gdal.Open(f"{world}/chips/{chip['image']}")
    quality = gdal.Open(f"{world}/chips/{chip['qa']}")
    assert image.RasterCount == 20 and quality.RasterCount == 2
    pixels = image.ReadAsArray()
    col, row, size, _ = chip["window"]
    days = []
    for d, date in enumerate(chip["dates"]):
        scene = date["scene"]
        used.add(scene["id"])
        day = scene["datetime"][:10]
        days.append(day)
        assert date["from"] <= day <= date["to"] and date["valid_fraction"] >= 0.9
        assert image.GetMetadataItem(f"ITEM_{d + 1}") == scene["id"]
        assert image.GetMetadataItem(f"SERIES_PART_{d + 1}") == f"{date['from']}/{date['to']}"
        for b, band in enumerate(bands):
            assert image.GetRasterBand(d * 10 + b + 1).GetDescription() == f"{day} {band}"
            if b not in (0, 3, 9):
                continue
            f = 1 if b < 4 else 2
            stored = gdal.Open(f"{world}/items/{scene['id']}/{band}.tif").ReadAsArray(
                col // f, row // f, size // f, size // f).astype(int)
            want = numpy.where(stored == 0, 0, numpy.clip(stored + scene["boa_offset"], 1, 65535))
            assert (pixels[d * 10 + b] == want.repeat(f, 0).repeat(f, 1)).all(), (chip["chip"], band)
        scl = gdal.Open(f"{world}/items/{scene['id']}/scl.tif").ReadAsArray(col // 2, row // 2, size // 2, size // 2)
        assert (quality.GetRasterBand(d + 1).ReadAsArray() == scl.repeat(2, 0).repeat(2, 1)).all()
    assert days == sorted(days)
    assert f"_{days[0].replace('-', '')}-{days[1].replace('-', '')}_" in chip["chip"]
    assert chip["mask_sha256"] == single[chip["key"]]["mask_sha256"]
assert len(used) == 3, used  # clouds make some chips take another scene
results = [json.loads(line) for line in open(world + "/results.jsonl")]
for result in results:
    for scene in result.get("scenes", []):
        assert scene["group"] == "series"
PYTHON
}

@test "a missing date is empty where that is allowed, else the chip is refused" {
    hls-chip verify "$WORLD/holes"
    /usr/bin/python3 - "$WORLD" <<'PYTHON'
import json, sys
from osgeo import gdal
gdal.UseExceptions()
world = sys.argv[1]
chips = [json.loads(line) for line in open(world + "/holes/manifest.jsonl")]
assert len(chips) > 10
for chip in chips:
    first, hole, last = chip["dates"]
    assert hole == {"from": "2023-05-14", "to": "2023-07-07", "valid_fraction": 0, "clamped_px": 0, "scene": None}
    assert first["scene"] and last["scene"]
    assert abs(chip["valid_fraction"] - (first["valid_fraction"] + last["valid_fraction"]) / 3) < 1e-12
    image = gdal.Open(f"{world}/holes/{chip['image']}")
    pixels = image.ReadAsArray()
    assert pixels.shape[0] == 30
    assert not pixels[10:20].any() and pixels[:10].all() and pixels[20:].all()
    assert image.GetRasterBand(11).GetDescription() == "missing blue"
    quality = gdal.Open(f"{world}/holes/{chip['qa']}")
    assert quality.GetRasterBand(1).ReadAsArray().all() and not quality.GetRasterBand(2).ReadAsArray().any()
PYTHON
    plan --dates 3 --series-from 2023-03-20 --series-to 2023-08-31 >whole.jsonl
    run hls-chip run --tasks whole.jsonl --stac-dir "$WORLD/items" -o whole
    assert_success
    assert_line --regexp '"status":"empty".*"rejected":\{"dates":[1-9]'
    plan --dates 2 --series-from 2024-03-20 --series-to 2024-08-31 >later.jsonl
    run hls-chip run --tasks later.jsonl --stac-dir "$WORLD/items" -o later
    assert_line --regexp '"rejected":\{"no_scene":[1-9]'
}

@test "names and tasks tell stacks from chips of one date, and of other dates" {
    /usr/bin/python3 - "$WORLD" <<'PYTHON'
import json, sys
names = {n: {json.loads(l)["chip"] for l in open(f"{sys.argv[1]}/{n}/manifest.jsonl")} for n in ("chips", "holes")}
assert not names["chips"] & names["holes"]  # the same scenes, but a date is missing in between
tasks = {n: {json.loads(l)["task_id"] for l in open(f"{sys.argv[1]}/{n}.jsonl") if '"task_id"' in l}
         for n in ("plan", "holes")}
assert not tasks["plan"] & tasks["holes"]
PYTHON
    # A task that says two things of its dates is none.
    sed -n 2p "$WORLD/plan.jsonl" | sed 's/"dates":2/"dates":1/' >task
    run hls-chip run --tasks task --stac-dir "$WORLD/items" -o out
    assert_output --partial '"code":"E_TASK"'
}

@test "one, two and four workers and a killed run make the same bytes" {
    for jobs in 2 4; do
        run_tasks -o "chips$jobs" --jobs "$jobs" >/dev/null
        diff <(digests "$WORLD/chips") <(digests "chips$jobs")
    done
    for shard in 0/2 1/2; do
        run_tasks -o sharded --shard "$shard" --io-threads 1 >/dev/null
    done
    diff <(digests "$WORLD/chips") <(digests sharded)
    for delay in 0.2 0.4 0.7 1.1; do
        timeout -s KILL "$delay" hls-chip run --tasks "$WORLD/plan.jsonl" --stac-dir "$WORLD/items" \
            --qa -o killed >/dev/null || true
    done
    run_tasks -o killed >/dev/null
    find killed -name '.*.tmp' -delete
    diff <(digests "$WORLD/chips") <(digests killed)
    run_tasks -o killed | python3 -c '
import json, sys
for line in sys.stdin:
    result = json.loads(line)
    if "chips_saved" in result:
        assert result["chips_skipped_existing"] == result["chips_saved"], result'
}

@test "stacks from a catalogue are the same, in four requests a band and scene" {
    "$BATS_TEST_DIRNAME/../servers/imagery" "$WORLD/items" >server.json 3>&- &
    SERVER=$!
    until [ -s server.json ]; do sleep 0.05; done
    url=$(python3 -c 'import json; print(json.load(open("server.json"))["url"])')
    # The task with the most chips.
    python3 - "$WORLD" >task <<'PYTHON'
import json, sys
results = [json.loads(line) for line in open(sys.argv[1] + "/results.jsonl")]
best = max((r for r in results if "chips_saved" in r), key=lambda r: r["chips_saved"])["task_id"]
lines = open(sys.argv[1] + "/plan.jsonl").read().splitlines()
print(lines[0])
print(next(line for line in lines[1:] if json.loads(line)["task_id"] == best))
PYTHON
    hls-chip run --tasks task --stac-dir "$WORLD/items" -o local >/dev/null
    hls-chip run --tasks task --stac "$url/-/stac" -o out --io-threads 8 >results
    diff <(cd local && find images masks manifest.jsonl -type f -exec sha256sum {} + | sort) \
        <(cd out && find images masks manifest.jsonl -type f -exec sha256sum {} + | sort)
    python3 - "$url" <<'PYTHON'
import collections, json, sys, urllib.request
told = json.load(urllib.request.urlopen(sys.argv[1] + "/-/requests"))["requests"]
asked = collections.Counter(r["path"] for r in told if r["path"].endswith(".tif"))
assert len(asked) >= 22 and max(asked.values()) <= 4, asked  # ten bands and a quality layer, twice
search = [r for r in told if "search" in r["path"]]
assert len(search) == 1
PYTHON
}

@test "what follows knows stacks: status, verify, report, pack" {
    run hls-chip status "$WORLD/results.jsonl" --json
    assert_output --partial '"unreadable":0'
    cp -r "$WORLD/holes" holes
    part=$(grep -l '"chip"' holes/parts/*.jsonl | head -1)
    /usr/bin/python3 - "$part" <<'PYTHON'
import json, sys
lines = open(sys.argv[1]).read().splitlines()
chip = json.loads(lines[1])
chip["dates"][2]["scene"] = None
lines[1] = json.dumps(chip)
open(sys.argv[1], "w").write("\n".join(lines) + "\n")
PYTHON
    run hls-chip verify holes
    assert_failure 1
    assert_output --partial 'date 3 is not empty'
    hls-chip report "$WORLD/holes" --json --contact-sheet sheet.png >report.json
    hls-chip report "$WORLD/holes" --json -j 1 | cmp - report.json
    hls-chip pack "$WORLD/holes" -o packed --stac >/dev/null
    /usr/bin/python3 - "$WORLD" <<'PYTHON'
import glob, json, sys
import numpy
from osgeo import gdal
gdal.UseExceptions()
world = sys.argv[1]
chips = [json.loads(line) for line in open(world + "/holes/manifest.jsonl")]
report = json.load(open("report.json"))
assert report["dates"] == {"2": len(chips)}
assert sum(report["months"].values()) == 2 * len(chips)
red = report["bands"]["all"][2]
values = numpy.concatenate([gdal.Open(f"{world}/holes/{c['image']}").ReadAsArray()[2::10].ravel() for c in chips])
values = values[values > 0].astype(float)
assert red["band"] == "red" and red["pixels"] == values.size and abs(red["mean"] - values.mean()) < 1e-6
sheet = gdal.Open("sheet.png").ReadAsArray()
assert len(numpy.unique(sheet)) > 50  # the clearest date, not an empty one
items = [json.load(open(f)) for f in glob.glob("packed/stac/items/*/*.json")]
assert len(items) == len(chips)
for item in items:
    properties = item["properties"]
    assert properties["datetime"] is None
    assert properties["start_datetime"] < properties["end_datetime"]
    assert [s is None for s in properties["hls-chip:scenes"]] == [False, True, False]
    assert len(properties["hls-chip:bands"]) == 10
field = json.load(open("packed/croissant.json"))["recordSet"][0]["field"][-1]
assert field["repeated"] and field["source"]["extract"]["jsonPath"] == "$.dates[*].scene.datetime"
PYTHON
}
