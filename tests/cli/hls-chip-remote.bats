#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chip run with imagery on the net: a catalogue, ranges, tokens, and every fault that servers on
# loopback can play. Chips must be the bytes that local files give.

load assertions
load chip_world

setup_file() {
    export HLS_RETRY_BASE=0.02
    make_chip_world
    hls-chip plan --gpkg fields.gpkg --id-column parcel --year 2023 --grid mgrs:512 \
        --prob 1=0.03,3=0.03,4=0.03,5=0.03,7=0.03 >plan.jsonl
    hls-chip run --tasks plan.jsonl --stac-dir items -o chips >results.jsonl
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER"
}

# start SERVER ARGUMENTS...: $URL of a server of ours.
start() {
    rm -f server.json
    "$BATS_TEST_DIRNAME/../servers/$1" "${@:2}" >server.json 3>&- &
    SERVER=$!
    until [ -s server.json ]; do sleep 0.05; done
    URL=$(python3 -c 'import json; print(json.load(open("server.json"))["url"])')
}

# serve [FOLDER]: $URL of a catalogue of its items and files, $TABLE that describes it.
serve() {
    start imagery "${1:-$WORLD/items}"
    TABLE=$PWD/table.json
    python3 - "$BATS_TEST_DIRNAME/../../share/chip/imagery.json" "$URL" >"$TABLE" <<'PYTHON'
import json, sys
table, url = json.load(open(sys.argv[1])), sys.argv[2]
table["catalogues"]["stub"] = dict(table["catalogues"]["earth-search"], url=url + "/-/stac")
table["access"] = [{"hosts": ["127.0.0.1"], "sas": url + "/-/sas/{collection}"}] if "sas" in sys.argv else []
table["buckets"]["open-bucket"] = url + "/-/data"
print(json.dumps(table))
PYTHON
}

control() {
    python3 - "$URL" "$1" <<'PYTHON'
import sys, urllib.request
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/-/control", sys.argv[2].encode()))
PYTHON
}

# asked REGEX: how often each path that matches was asked for, "COUNT PATH" a line.
asked() {
    python3 - "$URL" "$1" <<'PYTHON'
import collections, json, re, sys, urllib.request
told = json.load(urllib.request.urlopen(sys.argv[1] + "/-/requests"))
assert not told["early"], told["early"]
paths = collections.Counter(r["path"] for r in told["requests"] if re.search(sys.argv[2], r["path"]))
for path, count in sorted(paths.items()):
    print(count, path)
PYTHON
}

digests() {
    (cd "$1" && find images masks manifest.jsonl -type f -print0 | sort -z | xargs -0 sha256sum)
}

run_remote() {
    hls-chip run --tasks "${TASKS:-$WORLD/plan.jsonl}" --gpkg "$WORLD/fields.gpkg" \
        --imagery "$TABLE" --stac "$URL/-/stac" -o out "$@"
}

one_task() {
    sed -n 1,2p "$WORLD/plan.jsonl" >task.jsonl
    TASKS=$PWD/task.jsonl
}

# Nothing partial: no temporary files, no chip without its part.
assert_nothing_partial() {
    [ -z "$(find out -name '.*.tmp' 2>/dev/null)" ]
    [ -z "$(find out/images out/masks -type f 2>/dev/null)" ] || [ -n "$(find out/parts -name 't-*')" ]
}

@test "chips of a catalogue are those of local files, in four requests a band" {
    serve
    run_remote --jobs 2 >results
    diff <(digests "$WORLD/chips") <(digests out)
    tasks=$(grep -c task_id results)
    asked /data/ | while read -r count path; do
        [ "$count" -le $((4 * tasks)) ] || fail "$count requests of $path in $tasks tasks"
    done
    assert_equal "$(asked search | wc -l)" 1
    # One task on its own: at the server, each file at most four times; the search is in the folder.
    one_task
    control '{"reset": true}'
    run_remote --overwrite --io-threads 8 >results
    asked . >counts
    run ! grep search counts
    awk '$1 > 4 {exit 1}' counts
    [ "$(wc -l <counts)" -ge 12 ]
    python3 - results counts <<'PYTHON'
import json, sys
result = json.loads(open(sys.argv[1]).readline())
assert result["requests"] == sum(int(l.split()[0]) for l in open(sys.argv[2])), result["requests"]
assert 100_000 < result["bytes_read"] < 60_000_000, result["bytes_read"]
PYTHON
}

@test "signed links are renewed, and no token is in any file or log" {
    serve
    python3 - "$TABLE" "$URL" <<'PYTHON'
import json, sys
table = json.load(open(sys.argv[1]))
table["access"] = [{"hosts": ["127.0.0.1"], "sas": sys.argv[2] + "/-/sas/{collection}"}]
json.dump(table, open(sys.argv[1], "w"))
PYTHON
    control '{"set": {"sas": 1}}'
    run_remote -vv --record record.json >results 2>log
    diff <(digests "$WORLD/chips") <(digests out)
    asked sas | grep sentinel-2-c1-l2a
    run ! grep -r MARKER out results log record.json
    grep -q 'sig\|\*\*\*' log
    # Tokens that never hold end with 77, and say so without the token.
    control '{"set": {"sas": -1, "sas_lie": 3600}}'
    rm -r out
    run --separate-stderr run_remote
    assert_failure 77
    assert_line --partial '"code":"E_PERMISSION"'
    # shellcheck disable=SC2154  # set by bats
    [[ $output$stderr != *MARKER* ]]
    assert_nothing_partial
}

@test "HLS of both sensors comes from a catalogue with a bearer token" {
    hls-chip plan --gpkg "$WORLD/fields.gpkg" --id-column parcel --year 2023 --bands hls-6 \
        --stac cmr-hls --chip-size 64 --prob 3=0.02,7=0.02 >plan.jsonl
    run sed -n 2p plan.jsonl
    assert_output --partial '"collections":["HLSS30_2.0","HLSL30_2.0"]'
    hls-chip run --tasks plan.jsonl --stac-dir "$WORLD/items" -o chips >/dev/null
    serve
    python3 - "$TABLE" "$URL" <<'PYTHON'
import json, sys
table = json.load(open(sys.argv[1]))
table["catalogues"]["cmr-hls"]["url"] = sys.argv[2] + "/-/stac"
table["access"] = [{"hosts": ["127.0.0.1"], "earthdata": True}]
json.dump(table, open(sys.argv[1], "w"))
PYTHON
    control '{"set": {"names": {"HLSS30_2.0": "HLSS30.v2.0", "HLSL30_2.0": "HLSL30.v2.0"}, "bearer": "MARKER-edl"}}'
    EARTHDATA_TOKEN=MARKER-edl TASKS=plan.jsonl run_remote -vv >results 2>log
    diff <(digests chips) <(digests out)
    python3 - <<'PYTHON'
import json
scenes = {json.loads(line)["scene"]["collection"] for line in open("out/manifest.jsonl")}
assert scenes == {"HLSS30_2.0", "HLSL30_2.0"}, scenes
PYTHON
    run ! grep -r MARKER out results log
    hls-chip verify out
    # Ten bands are more than one of the sensors has.
    run --separate-stderr env EARTHDATA_TOKEN=wrong bash -c "$(declare -f run_remote); TASKS=plan.jsonl \
        TABLE=$TABLE URL=$URL; run_remote --overwrite"
    assert_failure 77
}

@test "objects that the reader pays for are signed for" {
    mkdir -p bucket/scenes items
    cp -r "$WORLD"/items/S2* bucket/scenes
    for item in bucket/scenes/*.json; do
        sed 's|"href":"|"href":"s3://scenes/|g' "$item" >"items/${item##*/}"
        rm "$item"
    done
    start strict --folder bucket
    one_task
    export AWS_ENDPOINT_URL_S3=$URL AWS_ACCESS_KEY_ID=AKIDTEST \
        AWS_SECRET_ACCESS_KEY=secret-MARKER-aws AWS_REGION=us-west-2
    hls-chip run --tasks "$TASKS" --gpkg "$WORLD/fields.gpkg" --stac-dir items \
        --allow-requester-pays -o out >results
    hls-chip verify out
    diff <(cd out && cat images/*/* | sha256sum) <(sed -n 1,2p "$WORLD/plan.jsonl" |
        hls-chip run --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" -o local >/dev/null &&
        cd local && cat images/*/* | sha256sum)
    python3 - "$URL" <<'PYTHON'
import json, sys, urllib.request
told = json.load(urllib.request.urlopen(sys.argv[1] + "/-/requests"))["requests"]
data = [r for r in told if r["path"].endswith(".tif")]
assert data and all(r["headers"]["x-amz-request-payer"] == "requester" for r in data)
PYTHON
}

@test "throttling, server errors and broken answers are lived through" {
    serve
    control '{"set": {"page_500": 10, "next": "page"}, "faults": [
        {"path": "search", "kind": "429", "retry_after": 1, "times": 1},
        {"path": "blue.tif", "kind": "429", "retry_after": 1, "times": 1},
        {"path": "green.tif", "kind": "503", "times": 2},
        {"path": "red.tif", "kind": "trunc", "times": 2},
        {"path": "nir.tif", "kind": "reset", "times": 2},
        {"path": "nir08.tif", "kind": "short_range", "times": 2},
        {"path": "rededge1.tif", "kind": "wrong_range", "times": 2},
        {"path": "swir16.tif", "kind": "stall", "times": 1}]}'
    HLS_STALL_TIMEOUT=1 run_remote >results
    diff <(digests "$WORLD/chips") <(digests out)
    run ! grep W_ results
    asked search  # none came early
}

@test "a next link that loops is noticed" {
    serve
    control '{"set": {"next": "loop"}}'
    one_task
    run_remote >results
    grep -q '"code":"W_PAGING"' results
    [ "$(asked search | cut -d' ' -f1)" -le 3 ]
}

@test "what stays away is tried again later" {
    serve
    one_task
    control '{"faults": [{"path": "search", "kind": "503"}]}'
    run --separate-stderr run_remote
    assert_failure 75
    assert_line --partial '"status":"retry"'
    [ ! -e out/images ]
    control '{"reset": true, "faults": [{"path": "red.tif", "kind": "stall"}]}'
    run --separate-stderr env HLS_STALL_TIMEOUT=1 HLS_GIVE_UP_AFTER=1 bash -c "$(declare -f run_remote); \
        TASKS=$TASKS TABLE=$TABLE URL=$URL; run_remote"
    assert_failure 75
    assert_nothing_partial
    control '{"reset": true}'
    run_remote >/dev/null
    hls-chip verify out
}

@test "servers without ranges are refused, small files taken whole" {
    mkdir items
    cp -r "$WORLD"/items/* items
    serve items
    one_task
    control '{"faults": [{"path": ".tif", "kind": "norange"}]}'
    run_remote >/dev/null
    hls-chip verify out
    rm -r out
    truncate -s 20M items/*/red.tif
    kill "$SERVER"
    serve items
    control '{"faults": [{"path": ".tif", "kind": "norange"}]}'
    run --separate-stderr run_remote
    assert_failure 69
    assert_line --partial '"code":"E_UNAVAILABLE"'
    assert_nothing_partial
}

@test "missing and damaged files give way to the next scene, empty windows to nothing" {
    serve
    one_task
    control '{"faults": [{"path": "S2B.*red.tif", "kind": "404"}, {"path": "S2A_T30.*nir.tif", "kind": "403"},
        {"path": "S2A_30TVK.*scl.tif", "kind": "404"}]}'
    run_remote >results
    grep -q '"code":"W_SCENE"' results
    run ! grep '"error":{' results
    mkdir items
    cp -r "$WORLD"/items/* items
    for scene in items/S2*/; do
        gdal_create -q -if "$scene/scl.tif" -ot Byte -burn 0 -co TILED=YES -co SPARSE_OK=TRUE \
            -a_srs EPSG:32630 zero.tif
        mv zero.tif "$scene/scl.tif"
    done
    hls-chip run --tasks "$TASKS" --gpkg "$WORLD/fields.gpkg" --stac-dir items -o empty >results
    grep -q '"status":"empty"' results
    grep -q '"rejected":{"nodata":[1-9]' results
}

@test "links of the catalogue lead nowhere else" {
    serve
    one_task
    control '{"set": {"s3": "open-bucket"}}'
    run_remote >/dev/null
    hls-chip verify out
    rm -r out
    control '{"set": {"s3": "private-bucket"}}'
    run run_remote
    assert_output --partial '--allow-requester-pays'
    assert_output --partial '"rejected":{"no_scene"'
    rm -r out
    run --separate-stderr hls-chip run --tasks "$TASKS" --gpkg "$WORLD/fields.gpkg" -o out
    assert_failure
    [[ $output$stderr == *'names no catalogue'* ]]
    rm -r out
    assert_refused 2 'no catalogue nowhere' hls-chip run --tasks "$TASKS" --stac nowhere -o out2
}

@test "a full disk ends the run and leaves nothing partial" {
    one_task
    run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 64; hls-chip run --compress none --tasks '$TASKS' \
        --gpkg '$WORLD/fields.gpkg' --stac-dir '$WORLD/items' -o out"
    assert_failure 74
    assert_line --partial '"code":"E_DISK"'
    [ -z "$(find out -name '.*.tmp')" ]
    [ -z "$(find out -name 't-*')" ]
    run hls-chip run --tasks "$TASKS" --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" -o out
    assert_success
    hls-chip verify out
}

@test "a task that comes twice is done once" {
    sed -n '1p;2p;2p;3p;2p' "$WORLD/plan.jsonl" >twice.jsonl
    for jobs in 1 3; do
        hls-chip run --tasks twice.jsonl --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" \
            -o "out$jobs" --jobs "$jobs" >results
        assert_equal "$(grep -c task_id results)" 4
        hls-chip verify "out$jobs"
        run hls-chip status results --json
        assert_output --partial '"ok":2'
    done
    diff <(digests out1) <(digests out3)
}
