#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chips: plan, workers, monitor, verification and report in one go, then what the set can show.

load assertions
load chip_world

setup_file() {
    export PATH="$BATS_TEST_DIRNAME/../../scripts:$PATH"
    make_chip_world
    shares='--id-column parcel --prob 1=0.05,2=0.05,3=0.05,4=0.05,5=0.05,6=0.05,7=0.05,8=0.05'
    export shares
    hls-chips -o set --gpkg fields.gpkg --year 2023 --stac-dir items --plan "$shares" >said
}

setup() {
    cd "$WORLD" || return
}

teardown_file() {
    [ ! -s "$WORLD/broker.pid" ] || kill "$(cat "$WORLD/broker.pid")"
}

digests() {
    (cd "$1" && find . -type f ! -name '*.run.json' -print0 | sort -z | xargs -0 sha256sum)
}

@test "usage is told, and wrong usage refused" {
    run hls-chips --help
    assert_success
    assert_refused 2 'are required' hls-chips -o out
    assert_refused 2 'unknown option' hls-chips --frobnicate
}

@test "the folder way makes a sound set, and again nothing new" {
    run cat said
    assert_line --regexp '^tasks +planned'
    assert_line 'set/report/index.html'
    hls-chip run --tasks set/plan.jsonl --stac-dir items -o alone >/dev/null
    diff <(digests set/chips) <(digests alone)
    before=$(stat -c %Y.%i set/chips/images/*/*.tif | sort)
    hls-chips -o set --gpkg fields.gpkg --year 2023 --stac-dir items >/dev/null
    assert_equal "$(stat -c %Y.%i set/chips/images/*/*.tif | sort)" "$before"
}

@test "the Kafka way makes the same" {
    command -v kafka_broker >/dev/null || skip 'built without librdkafka'
    mkfifo broker.in
    kafka_broker 4 satellite-tasks satellite-results <>broker.in >broker 3>&- &
    echo $! >broker.pid
    until [ -s broker ]; do sleep 0.05; done
    hls-chips -o kafka --gpkg fields.gpkg --year 2023 --stac-dir items --plan "$shares" \
        --kafka "$(cat broker)" --partitions 4 >said.kafka
    diff <(digests set/chips) <(digests kafka/chips)
}

@test "reports count every chip, in all their forms" {
    hls-chip report set/chips --json >report.json
    hls-chip report set/chips --json -j 1 | cmp - report.json
    /usr/bin/python3 - <<'PYTHON'
import json
report = json.load(open("report.json"))
chips = [json.loads(line) for line in open("set/chips/manifest.jsonl")]
assert report["chips"] == len(chips)
balance = report["balance"]
for split, classes in balance.items():
    for name, cell in classes.items():
        here = [c for c in chips if c["split"] == split]
        assert cell["chips"] == sum(c["class"] == int(name) for c in here)
        assert cell["label_px"] == sum(c["label_px"].get(name, 0) for c in here)
assert sum(report["valid_share"]) == sum(report["labelled_share"]) == len(chips)
assert sum(report["months"].values()) == len(chips)
assert [b["band"] for b in report["bands"]["all"]][:4] == ["blue", "green", "red", "nir"]
PYTHON
    # Statistics of one band against GDAL, over all pixels of all chips.
    /usr/bin/python3 - <<'PYTHON'
import glob, json
from osgeo import gdal
import numpy
files = glob.glob("set/chips/images/*/*.tif")
values = numpy.concatenate([gdal.Open(f).ReadAsArray()[2].ravel() for f in files]).astype(float)
values = values[values > 0]
red = json.load(open("report.json"))["bands"]["all"][2]
assert red["pixels"] == values.size
assert abs(red["mean"] - values.mean()) < 1e-6 and abs(red["deviation"] - values.std()) < 1e-3
assert (red["min"], red["max"]) == (values.min(), values.max())
assert abs(red["median"] - numpy.median(values)) <= 1
PYTHON
    for file in index.html report.json report.md contact.png map.png; do
        [ -s "set/report/$file" ] || fail "no $file"
    done
    run gdalinfo set/report/contact.png
    assert_line --partial 'Size is 854,'
    hls-chip report set/chips -o again >/dev/null
    diff -r set/report again
    assert_refused 73 'exists' hls-chip report set/chips -o again
    assert_refused 66 'is no data set' hls-chip report items
}

@test "packs are shards of every chip, the same bytes twice" {
    hls-chip pack set/chips -o packed --shard-size 8 --stac >/dev/null
    SOURCE_DATE_EPOCH=1 hls-chip pack set/chips -o packed2 --shard-size 8 --stac >/dev/null
    diff -r packed packed2
    for tar in packed/shards/*.tar; do tar xf "$tar" --one-top-level=unpacked; done
    /usr/bin/python3 - <<'PYTHON'
import hashlib, json, os, pathlib, re
chips = [json.loads(line) for line in open("set/chips/manifest.jsonl")]
sha = lambda path: hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
for chip in chips:
    name = chip["chip"].replace(".", "_")
    assert sha(f"unpacked/{name}.image.tif") == chip["image_sha256"]
    assert sha(f"unpacked/{name}.mask.tif") == chip["mask_sha256"]
    assert json.load(open(f"unpacked/{name}.json")) == chip
assert len(os.listdir("unpacked")) == 3 * len(chips)
shards = [json.loads(line) for line in open("packed/index.jsonl")]
assert sum(s["chips"] for s in shards) == len(chips)
for shard in shards:
    path = "packed/" + shard["shard"]
    assert sha(path) == shard["sha256"] and os.path.getsize(path) == shard["bytes"] <= 8 << 20
    assert re.fullmatch(r"shards/(train|val|test|buffer)-\d{6}\.tar", shard["shard"])

croissant = json.load(open("packed/croissant.json"))
import jsonschema
ident = {"type": "object", "required": ["@id"]}
jsonschema.validate(croissant, {
    "type": "object",
    "required": ["@context", "@type", "conformsTo", "name", "description", "license", "url", "datePublished",
                 "distribution", "recordSet"],
    "properties": {
        "@type": {"const": "sc:Dataset"},
        "conformsTo": {"const": "http://mlcommons.org/croissant/1.0"},
        "distribution": {"type": "array", "items": {"oneOf": [
            {"required": ["@id", "name", "contentUrl", "encodingFormat", "sha256"],
             "properties": {"@type": {"const": "cr:FileObject"}, "sha256": {"pattern": "^[0-9a-f]{64}$"}}},
            {"required": ["@id", "name", "containedIn", "encodingFormat", "includes"],
             "properties": {"@type": {"const": "cr:FileSet"}, "containedIn": {"type": "array", "items": ident}}}]}},
        "recordSet": {"type": "array", "minItems": 1, "items": {
            "required": ["@type", "@id", "name", "field"],
            "properties": {"@type": {"const": "cr:RecordSet"}, "field": {"type": "array", "items": {
                "required": ["@type", "@id", "name", "dataType", "source"],
                "properties": {"@type": {"const": "cr:Field"}, "source": {"required": ["fileSet", "extract"]}}}}}}}}})
ids = {d["@id"] for d in croissant["distribution"]}
for part in croissant["distribution"]:
    assert all(c["@id"] in ids for c in part.get("containedIn", []))
for field in croissant["recordSet"][0]["field"]:
    assert field["source"]["fileSet"]["@id"] in ids

collection = json.load(open("packed/stac/collection.json"))
items = [l for l in collection["links"] if l["rel"] == "item"]
assert collection["type"] == "Collection" and collection["stac_version"] == "1.0.0" and len(items) == len(chips)
west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
for link in items:
    path = pathlib.Path("packed/stac") / link["href"]
    item = json.loads(path.read_text())
    chip = next(c for c in chips if c["chip"] == item["id"])
    assert sha(path.parent / item["assets"]["image"]["href"]) == chip["image_sha256"]
    assert item["assets"]["mask"]["file:checksum"] == "1220" + chip["mask_sha256"]
    w, s, e, n = item["bbox"]
    assert west <= w < chip["point"][0] < e <= east and south <= s < chip["point"][1] < n <= north
pathlib.Path("item.json").write_text(path.read_text())
PYTHON
    schemas=$HLS_TEST_DATA/stac
    [ -d "$schemas" ] || schemas=-
    "$BATS_TEST_DIRNAME/../unit/stac/validate_item.py" item.json "$schemas"
    assert_refused 73 'exists' hls-chip pack set/chips -o packed
    cp -r set/chips broken
    echo more >>"$(find broken/masks -name '*.tif' | head -1)"
    run hls-chip pack broken -o out
    assert_failure 65
    [ ! -e out ]
}

@test "a worker that fails fails the whole, with its reason" {
    run hls-chips -o lost --gpkg fields.gpkg --year 2023 --stac-dir nowhere --plan "$shares"
    assert_failure 66
}

@test "field numbers, quality layers and the original names are there on request" {
    hls-chip run --tasks set/plan.jsonl --stac-dir items -o original --layout original --worker-number 3 \
        --field-ids --qa >/dev/null
    hls-chip verify original
    find original/images original/masks original/fields original/qa -type f >names
    run ! grep -vE '/worker3_task[0-9]+_class[1-8]_chip[0-9]+\.tif$' names
    assert_equal "$(find original/images -name '*.tif' | wc -l)" "$(find set/chips/images -name '*.tif' | wc -l)"
    # The same pixels under other names.
    /usr/bin/python3 - <<'PYTHON'
import json
import numpy
from osgeo import gdal
read = lambda path: gdal.Open(path).ReadAsArray()
named = {c["key"]: c for c in map(json.loads, open("set/chips/manifest.jsonl"))}
fields = {f["properties"]["parcel"]: f["properties"]["EC_hcat_c"]
          for f in json.load(open("fields.geojson"))["features"]}
chips = [json.loads(line) for line in open("original/manifest.jsonl")]
assert len(chips) == len(named)
for chip in chips:
    twin = named[chip["key"]]
    assert chip["mask_sha256"] == twin["mask_sha256"] and chip["image_sha256"] == twin["image_sha256"]
    mask, numbers = read("original/" + chip["mask"]), read("original/" + chip["fields"])
    assert ((mask > 0) == (numbers > 0)).all()
    assert sorted(set(numbers[numbers > 0])) == list(range(1, len(chip["field_ids"]) + 1))
    assert chip["parcel"] in chip["field_ids"]
    own = mask[numbers == 1 + chip["field_ids"].index(chip["parcel"])]
    assert (own == chip["class"]).all() and own.size > 0
    classes = {}
    for rank, parcel in enumerate(chip["field_ids"], 1):  # a parcel has one class, and so its code
        seen = set(mask[numbers == rank])
        assert len(seen) == 1
        assert classes.setdefault(fields[parcel], seen) == seen
    assert set(numpy.unique(read("original/" + chip["qa"]))) <= {4, 9}  # SCL: vegetation, cloud
PYTHON
    # Asked for again in the same way they are there, in another they are made.
    hls-chip run --tasks set/plan.jsonl --stac-dir items -o original --layout original --worker-number 3 \
        --field-ids --qa | grep -c '"chips_skipped_existing":0,"chips_saved":[1-9]' && fail 'made again'
    hls-chip pack original -o fieldpack >/dev/null
    run tar tf "$(find fieldpack/shards -name '*.tar' | head -1)"
    assert_line --regexp 'fields.tif$'
    assert_line --regexp 'qa.tif$'
}
