#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chip from a layer of fields to a verified set of chips: exit codes, streams, same bytes for any
# number of workers, resumption, and every fault of input that it knows.

load assertions
load chip_world

setup_file() {
    make_chip_world
    hls-chip plan --gpkg fields.gpkg --id-column parcel --year 2023 \
        --prob 1=0.04,2=0.04,3=0.04,4=0.04,5=0.04,6=0.04,7=0.04,8=0.04 >plan.jsonl
    hls-chip run --tasks plan.jsonl --stac-dir items -o chips >results.jsonl
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$WORLD/fields.gpkg" .
}

digests() {
    (cd "$1" && find images masks parts manifest.jsonl -type f -print0 | sort -z | xargs -0 sha256sum)
}

plan() {
    hls-chip plan --gpkg fields.gpkg --id-column parcel --year 2023 "$@"
}

@test "help, version and usage answer" {
    for arguments in --help --version --usage-json; do
        assert_answers hls-chip "$arguments"
    done
    for command in classes inspect plan run status verify; do
        assert_answers hls-chip "$command" --help
    done
}

@test "usage errors end with 2" {
    assert_refused 2 'a command is required' hls-chip
    assert_refused 2 '--gpkg is required' hls-chip plan --year 2023
    assert_refused 2 'probability 3=1.5 cannot be' plan --prob 3=1.5
    assert_refused 2 'probability 9=0.5 cannot be' plan --prob 9=0.5
    assert_refused 2 'target 3=-1 cannot be' plan --target 3=-1
    assert_refused 2 'class 1 is named twice' plan --prob 1=0.1,1=0.2
    assert_refused 2 'nan is no number' plan --min-valid nan
    assert_refused 2 'inf is no number' plan --bbox=-3.7,40.1,-3.6,inf
    assert_refused 2 '--min-area' plan --min-area -5
    assert_refused 2 '--cloud' plan --cloud 101
    assert_refused 2 'crosses the antimeridian' plan --bbox 179,40,-179,41
    assert_refused 2 'is no grid' plan --grid hex:3
    assert_refused 2 'is no shard' hls-chip run --stac-dir . -o out --shard 4/4
    assert_refused 2 'no band profile' plan --bands s2-99
}

@test "layers that cannot be used are refused with what is there" {
    assert_refused 66 'nothing.gpkg' hls-chip inspect --gpkg nothing.gpkg
    echo 'no geopackage' >broken.gpkg
    assert_refused 65 'broken.gpkg' hls-chip inspect --gpkg broken.gpkg
    assert_refused 66 'it has fields' hls-chip inspect --gpkg fields.gpkg --layer meadows
    assert_refused 65 'it has parcel, EC_hcat_c' hls-chip inspect --gpkg fields.gpkg --code-column crop
    ogr2ogr -q -f GPKG -update fields.gpkg "$WORLD/fields.geojson" -nln second
    assert_refused 2 'several layers' hls-chip inspect --gpkg fields.gpkg
}

@test "class maps are looked up and checked line by line" {
    run hls-chip classes 3301010101 almond
    assert_success
    assert_line --index 0 $'3301010101\t5'
    assert_line --index 1 $'almond\t4'
    printf '\xEF\xBB\xBFclass_id,hcat_code,hcat_name\r\n7,"3301280000","a, b"\r\n' >map.csv
    run hls-chip classes --class-map map.csv 3301280000
    assert_output $'3301280000\t7'
    printf 'hcat_code,hcat_name,class_id\n3301280000,a,7\n3301280000,a,6\n' >map.csv
    assert_refused 65 'map.csv:3: 3301280000 has class 6 here and 7 in line 2' \
        hls-chip classes --class-map map.csv
    printf 'hcat_code,hcat_name,class_id\n3301280000,a,255\n' >map.csv
    assert_refused 65 'not within 0..254' hls-chip classes --class-map map.csv
}

@test "every field is in one task and nothing is lost" {
    plan --prob 1=1,2=1,3=1,4=1,5=1,6=1,7=1,8=1 >degrees.jsonl
    plan --prob 1=1,2=1,3=1,4=1,5=1,6=1,7=1,8=1 --grid mgrs:512 --min-polygons 1 >blocks.jsonl
    python3 - <<'PYTHON'
import json
def load(name):
    lines = [json.loads(line) for line in open(name)]
    return lines[0], lines[1:]
summary, tasks = load("degrees.jsonl")
fit = sum(summary["candidates"].values())
held = sum(sum(t["class_distribution"].values()) for t in tasks)
assert fit == held + summary["parcels_in_dropped_cells"], (fit, held)
assert summary["features"] == fit + sum(summary["left_out"].values())
blocks, more = load("blocks.jsonl")
assert blocks["candidates"] == summary["candidates"]
assert sum(sum(t["class_distribution"].values()) for t in more) == fit
assert summary["unmapped"] == {"9999999999": summary["left_out"]["unmapped"]}
PYTHON
}

@test "a field across the antimeridian is left out, and said so" {
    python3 - <<'PYTHON'
import json
def field(name, west, east):
    ring = [[west, 50], [east, 50], [east, 50.01], [west, 50.01], [west, 50]]
    return {"type": "Feature", "properties": {"parcel": name, "EC_hcat_c": "3301280000", "EC_hcat_n": ""},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}
json.dump({"type": "FeatureCollection", "name": "fields", "features": [
    field("west", 179.5, 179.51), field("across", 179.99, -179.99), field("east", -179.5, -179.49)]},
    open("far.geojson", "w"))
PYTHON
    ogr2ogr -q -f GPKG far.gpkg far.geojson
    hls-chip plan --gpkg far.gpkg --id-column parcel --year 2023 --prob 7=1 --min-polygons 1 >tasks
    run head -1 tasks
    assert_output --partial '"left_out":{"antimeridian":1}'
    assert_output --partial '"candidates":{"7":2}'
}

@test "a larger share only adds chips, and exact plans hit their numbers" {
    plan --prob 3=0.3 --max-iou 0.99 >less.jsonl
    plan --prob 3=0.6 --max-iou 0.99 >more.jsonl
    plan --target 3=40,5=20 --exact --max-iou 1 >exact.jsonl
    plan --target 3=100000 --exact >greedy.jsonl
    python3 - <<'PYTHON'
import json
def load(name):
    lines = [json.loads(line) for line in open(name)]
    return lines[0], {i for t in lines[1:] for i in t["selected"]}
(_, less), (_, more) = load("less.jsonl"), load("more.jsonl")
assert less < more, (len(less), len(more))
summary, _ = load("exact.jsonl")
assert summary["chosen"] == {"3": 46, "5": 23}, summary["chosen"]  # targets and 15 % for clouds
assert load("greedy.jsonl")[0]["short_of_target"]["3"] > 0
PYTHON
}

@test "the data set is whole, and says so" {
    run hls-chip verify "$WORLD/chips"
    assert_success
    run hls-chip status "$WORLD/results.jsonl" --json
    python3 - "$output" "$WORLD" <<'PYTHON'
import json, sys
status = json.loads(sys.argv[1])
chips = sum(c["chips"] for c in status["classes"].values())
lines = open(sys.argv[2] + "/chips/manifest.jsonl").read().splitlines()
assert chips == len(lines) > 25, (chips, len(lines))
assert status["unreadable"] == 0
for line in lines:
    chip = json.loads(line)
    summer = chip["class"] in (1, 2, 3, 4, 7)
    assert chip["scene"]["boa_offset"] == -1000
    assert chip["scene"]["offset_rule"] == ("baseline" if "sentinel-2-c1" in chip["scene"]["collection"] else "pixels")
    assert chip["label_px"].get(str(chip["class"]), 0) > 0
    assert chip["split"] in ("train", "val", "test", "buffer")
    assert chip["valid_fraction"] >= 0.9
# The clouded half of the July scene is cut from the August one.
used = {json.loads(l)["scene"]["id"] for l in lines}
assert "S2A_T30TVK_20230801T110000_L2A" in used and len(used) >= 2, used
PYTHON
}

@test "pixels are those of the scene, with the offset taken away" {
    python3 - "$WORLD" >points <<'PYTHON'
import json, sys
chip = json.loads(open(sys.argv[1] + "/chips/manifest.jsonl").readline())
ulx, uly = chip["transform"][2], chip["transform"][5]
print(sys.argv[1] + "/chips/" + chip["image"])
print(sys.argv[1] + "/items/" + chip["scene"]["id"])
print(ulx + 1285, uly - 645)
PYTHON
    { read -r image; read -r scene; read -r x y; } <points
    for band in 1:blue 4:nir 5:rededge1 10:swir22; do
        cut=$(gdallocationinfo -valonly -geoloc -b "${band%%:*}" "$image" "$x" "$y")
        stored=$(gdallocationinfo -valonly -geoloc "$scene/${band#*:}.tif" "$x" "$y")
        assert_equal "$cut" "$((stored - 1000))"
    done
}

@test "masks hold the area of the fields, within a ring of pixels" {
    ogr2ogr -q -f GPKG -t_srs EPSG:32630 utm.gpkg "$WORLD/fields.gpkg" fields
    /usr/bin/python3 - "$WORLD/chips" <<'PYTHON'
import json, subprocess, sys
from osgeo import gdal, ogr
gdal.UseExceptions()
classes = {}
for line in subprocess.run(["hls-chip", "classes"], capture_output=True, text=True).stdout.splitlines():
    code, klass = line.split("\t")
    classes[code] = int(klass)
source = ogr.Open("utm.gpkg")
layer = source.GetLayer()
compared = 0
for line in open(sys.argv[1] + "/manifest.jsonl").read().splitlines()[::4]:
    chip = json.loads(line)
    mask = gdal.Open(f"{sys.argv[1]}/{chip['mask']}")
    pixels = mask.ReadAsArray()
    x, size, _, y, _, _ = mask.GetGeoTransform()
    side = size * 256
    window = ogr.CreateGeometryFromWkt(
        f"POLYGON(({x} {y},{x + side} {y},{x + side} {y - side},{x} {y - side},{x} {y}))")
    area, edge = {}, {}
    layer.SetSpatialFilter(window)
    for feature in layer:
        klass = classes.get(feature["EC_hcat_c"], 0)
        part = feature.GetGeometryRef().Intersection(window)  # by GEOS
        area[klass] = area.get(klass, 0) + part.Area()
        edge[klass] = edge.get(klass, 0) + part.Boundary().Length()
    for klass in range(1, 9):
        burnt = int((pixels == klass).sum()) * size * size
        assert abs(burnt - area.get(klass, 0)) <= edge.get(klass, 0) * size, (klass, burnt, area)
        # Over many fields the errors of pixel centres cancel.
        assert abs(burnt - area.get(klass, 0)) <= 0.05 * area.get(klass, 0) + 2000, (klass, burnt, area)
        compared += burnt > 0
assert compared > 50, compared
PYTHON
}

@test "concave, holed, divided and crossing fields are burnt as GEOS sees them" {
    /usr/bin/python3 - "$WORLD" <<'PYTHON'
import json, sys
features = json.load(open(sys.argv[1] + "/fields.geojson"))["features"]
lon, lat = features[len(features) // 2 + 17]["geometry"]["coordinates"][0][0]  # amid the data
lon_m, lat_m = 1 / 84_000, 1 / 111_000  # degrees of a metre here

def ring(east, *points):
    return [[lon + (east + x) * lon_m, lat + y * lat_m] for x, y in points + points[:1]]

box = (0, 0), (300, 0), (300, 300), (0, 300)
shapes = {
    "concave": ("Polygon", [ring(-600, (0, 0), (300, 0), (300, 60), (60, 60), (60, 240), (300, 240), (300, 300), (0, 300))]),
    "holed": ("Polygon", [ring(-280, *box), ring(-280, (100, 100), (100, 200), (200, 200), (200, 100))]),
    "divided": ("MultiPolygon", [[ring(40, (0, 0), (120, 0), (120, 300), (0, 300))],
                                 [ring(40, (180, 0), (300, 0), (300, 300), (180, 300))]]),
    "crossing": ("Polygon", [ring(360, (0, 0), (300, 300), (300, 0), (0, 300))])}
json.dump({"type": "FeatureCollection", "name": "fields", "features": [
    {"type": "Feature", "properties": {"parcel": name, "EC_hcat_c": "3301280000", "EC_hcat_n": ""},
     "geometry": {"type": kind, "coordinates": rings}} for name, (kind, rings) in shapes.items()]},
    open("odd.geojson", "w"))
PYTHON
    ogr2ogr -q -f GPKG odd.gpkg odd.geojson
    hls-chip plan --gpkg odd.gpkg --id-column parcel --year 2023 --min-polygons 1 --prob 7=1 >tasks
    run head -1 tasks
    assert_output --partial '"repaired":1'
    hls-chip run --tasks tasks --stac-dir "$WORLD/items" -o odd --field-ids >/dev/null
    hls-chip verify odd
    ogr2ogr -q -f GPKG -t_srs EPSG:32630 -makevalid odd_utm.gpkg odd.gpkg fields
    /usr/bin/python3 - <<'PYTHON'
import json
from osgeo import gdal, ogr
gdal.UseExceptions()
source = ogr.Open("odd_utm.gpkg")
shapes = {f["parcel"]: f.GetGeometryRef().Clone() for f in source.GetLayer()}
chips = [json.loads(line) for line in open("odd/manifest.jsonl")]
assert sorted(c["parcel"] for c in chips) == sorted(shapes), [c["parcel"] for c in chips]
for chip in chips:
    assert chip["center"] == ("interior" if chip["parcel"] in ("concave", "holed") else "centroid"), chip["parcel"]
    numbers = gdal.Open("odd/" + chip["fields"]).ReadAsArray()
    assert sorted(chip["field_ids"]) == sorted(shapes)
    for rank, name in enumerate(chip["field_ids"], 1):
        burnt = int((numbers == rank).sum()) * 100
        area, edge = shapes[name].Area(), shapes[name].Boundary().Length()
        assert abs(burnt - area) <= min(edge * 10, 0.06 * area), (name, burnt, area)
PYTHON
}

@test "one, two and four workers make the same bytes" {
    for jobs in 2 4; do
        hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" \
            --stac-dir "$WORLD/items" -o "chips$jobs" --jobs "$jobs" >/dev/null
        diff <(digests "$WORLD/chips") <(digests "chips$jobs")
    done
    for shard in 0/3 1/3 2/3; do
        hls-chip run --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" -o sharded \
            --shard "$shard" <"$WORLD/plan.jsonl" >/dev/null
    done
    diff <(digests "$WORLD/chips") <(digests sharded)
}

@test "a killed run is taken up where it was" {
    for delay in 0.2 0.5 0.8 1.1; do
        timeout -s KILL "$delay" hls-chip run --tasks "$WORLD/plan.jsonl" \
            --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" -o chips >/dev/null || true
    done
    hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" \
        --stac-dir "$WORLD/items" -o chips >results
    find chips -name '.*.tmp' -delete
    diff <(digests "$WORLD/chips") <(digests chips)
    hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" \
        --stac-dir "$WORLD/items" -o chips | python3 -c '
import json, sys
for line in sys.stdin:
    result = json.loads(line)
    if "chips_saved" in result:
        assert result["chips_skipped_existing"] == result["chips_saved"], result'
}

@test "verify finds and mends what is broken" {
    assert_refused 66 'is no data set' hls-chip verify nowhere
    cp -r "$WORLD/chips" chips
    mask=$(find chips/masks -name '*.tif' | head -1)
    image=$(find chips/images -name '*.tif' | tail -1)
    rm "$mask"
    echo damage >>"$image"
    touch chips/images/stray.tif
    run --separate-stderr hls-chip verify chips
    assert_failure 1
    assert_line --partial 'missing'
    assert_line --partial 'digest differs'
    assert_line --partial 'belongs to no chip'
    run hls-chip verify chips --fix
    hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" \
        --stac-dir "$WORLD/items" -o chips >/dev/null
    run hls-chip verify chips
    assert_success
    diff <(digests "$WORLD/chips") <(digests chips)
}

@test "lines that are no task are answered, not fatal" {
    { printf 'nonsense\n\n'; sed -n 2p "$WORLD/plan.jsonl"; printf '{"schema":"hls-chip/task/1"'; } >tasks
    run --separate-stderr hls-chip run --tasks tasks --gpkg "$WORLD/fields.gpkg" \
        --stac-dir "$WORLD/items" -o out
    assert_failure 1
    assert_line --partial '"code":"E_TASK"'
    assert_line --partial '"code":"E_TRUNCATED"'
    assert_line --partial '"status":"ok"'
    run hls-chip run --tasks tasks --stac-dir "$WORLD/items" -o out2 --strict
    assert_failure 65
    assert_output --partial 'line 1'
    [ ! -e out2 ]
    sed -n 2p "$WORLD/plan.jsonl" | sed 's|hls-chip/task/1|hls-chip/task/2|' >tasks
    run hls-chip run --tasks tasks --stac-dir "$WORLD/items" -o out3
    assert_output --partial 'schema hls-chip/task/2 is not'
}

@test "a changed layer, another class map and another plan are refused" {
    ogrinfo -q fields.gpkg -sql 'DELETE FROM fields WHERE fid = 7' >/dev/null
    run hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg fields.gpkg --stac-dir "$WORLD/items" -o out
    assert_failure 65
    assert_output --partial 'changed after the plan'
    [ ! -e out ]
    run hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" \
        --class-map eurocrops8-lenient --stac-dir "$WORLD/items" -o out2
    assert_failure 1
    assert_output --partial 'not the one of the plan'
    plan --prob 1=0.5 >other.jsonl
    run hls-chip run --tasks other.jsonl --stac-dir "$WORLD/items" -o "$WORLD/chips"
    assert_failure 65
    assert_output --partial 'holds chips of plan'
}

@test "scenes with missing or misplaced rasters give way to the next" {
    cp -r "$WORLD/items" items
    truncate -s 50000 items/S2B_T30TVK_20230712T110000_L2A/red.tif
    sed -i 's|"href":"S2A_T30TVK_20230801T110000_L2A/scl.tif"|"href":"nowhere.tif"|' \
        items/S2A_T30TVK_20230801T110000_L2A.json
    echo '{"id":"no item"}' >items/other.json
    hls-chip run --tasks "$WORLD/plan.jsonl" --gpkg "$WORLD/fields.gpkg" --stac-dir items -o out >results
    run cat results
    assert_output --partial 'W_SCENE'
    assert_output --partial '"rejected":{"cloud"'
    run hls-chip verify out
    assert_success
}

@test "dry runs touch nothing, outputs are not replaced" {
    plan --prob 3=0.5 -o tasks.jsonl --dry-run
    [ ! -e tasks.jsonl ]
    plan --prob 3=0.5 -o tasks.jsonl >/dev/null
    cp tasks.jsonl first
    assert_refused 73 'exists' plan --prob 3=0.5 -o tasks.jsonl
    plan --prob 3=0.5 -o tasks.jsonl --overwrite >/dev/null
    cmp tasks.jsonl first
    hls-chip run --tasks tasks.jsonl --stac-dir "$WORLD/items" -o out --dry-run >/dev/null
    [ ! -e out ]
}
