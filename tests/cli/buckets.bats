#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Level-1 from buckets, scenes and products to buckets: the same bytes as on a disk, the manifest
# last, nothing replaced unasked, nothing left behind. The strict server checks every signature and
# knows conditions, OpenStack Swift is somebody else's.

load assertions
load servers

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000 HLS_RETRY_BASE=0.02
    export HLS_ANCILLARY=climatology
    export MADE="$BATS_FILE_TMPDIR/made"
    mkdir -p "$MADE/ac"
    hls-simulate landsat -o "$MADE" --size 121x94 --seed 7 --ancillary none --no-pan --no-truth \
        >/dev/null
    local granule=("$MADE"/LC08_L1TP_*_T1)
    export GRANULE=${granule[0]}
    export ID=${GRANULE##*/}
    tar -C "$GRANULE" -cf "$MADE/$ID.tar" .
    ac_scenes "$MADE/ac" 200 300
    export SCENE="$MADE/ac/LC08_L1TP_020038_20200801_20200908_02_T1"
    export PRODUCT=HLS.L30.T16RDV.2020214T161612.v2.0
    hls-lasrc "$GRANULE" -o "$MADE/scenes" >/dev/null
    hls-tile l30 --tile 16RDV "$SCENE" -o "$MADE/products" --with vi >/dev/null
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir tmp
    export TMPDIR=$PWD/tmp
}

teardown() {
    stop_servers
}

# sent METHOD: keys of all requests so far, in order.
sent() {
    curl -s --noproxy '*' "$URL/-/requests" | python3 -c 'import json, sys
for r in json.load(sys.stdin)["requests"]:
    if r["method"] == sys.argv[1]: print(r["path"])' "$1"
}

# same_as_folder PREFIX FOLDER: every file of the folder is an object with its digest.
same_as_folder() {
    local name
    curl -s --noproxy '*' "$URL/-/requests" >log.json
    (cd "$2" && find . -type f ! -name '*.run.json' -printf '%P\n') | while read -r name; do
        python3 - "$1/$name" "$(sha256sum <"$2/$name" | cut -d' ' -f1)" <<'PYTHON' || fail "$name"
import json, sys
log = json.load(open("log.json"))["requests"]
puts = [r for r in log if r["method"] == "PUT" and r["path"] == sys.argv[1]]
assert puts and puts[-1]["headers"]["x-amz-meta-sha256"] == sys.argv[2], sys.argv
PYTHON
    done
}

@test "hls-lasrc: from and to a bucket, the same bytes, scene.json last" {
    mkdir -p bucket/input/level1
    cp -r "$GRANULE" bucket/input/level1/
    start_bucket bucket
    run --separate-stderr hls-lasrc "s3://input/level1/$ID/" -o s3://out/ac/
    assert_success
    # shellcheck disable=SC2154  # set by bats
    assert_equal "$stderr" ''
    python3 - "$output" "$ID" <<'PYTHON'
import json, sys
record, scene = json.loads(sys.argv[1]), sys.argv[2]
assert record["exit"] == 0 and record["unit"] == scene
assert all(i["path"].startswith("s3://input/level1/" + scene) for i in record["inputs"]), record
outputs = [o["path"] for o in record["outputs"]]
assert all(o.startswith(f"s3://out/ac/{scene}/") for o in outputs), outputs
assert outputs[-1].endswith("/scene.json") and all(o["sha256"] for o in record["outputs"])
assert "tmp" not in sys.argv[1]
PYTHON
    assert_equal "$(sent PUT | tail -1)" "/out/ac/$ID/scene.json"
    same_as_folder "/out/ac/$ID" "$MADE/scenes/$ID"
    assert_equal "$(ls -A tmp)" ''

    run --separate-stderr hls-lasrc "s3://input/level1/$ID" -o s3://out/ac
    assert_equal "$status" 73
    [[ $stderr == *"s3://out/ac/$ID/scene.json"* ]]
    run --separate-stderr hls-lasrc "s3://input/level1/$ID" -o s3://out/ac --skip-existing
    assert_success
    control '{"reset":true}'
    run --separate-stderr hls-lasrc "s3://input/level1/$ID" -o s3://out/ac --overwrite
    assert_success
    assert_equal "$(sent PUT)" "/out/ac/$ID/scene.json" # the rest is there with this content
    assert_equal "$(ls -A tmp)" ''
}

@test "hls-lasrc and hls-fmask: an archive in a bucket, what is not there, a dry run" {
    mkdir -p bucket/input
    cp "$MADE/$ID.tar" bucket/input/
    start_bucket bucket
    hls-fmask "s3://input/$ID.tar" -o mask.tif >/dev/null
    hls-fmask "$GRANULE" -o local.tif >/dev/null
    cmp mask.tif local.tif
    run --separate-stderr hls-lasrc "s3://input/$ID.tar" -o ac --work-dir elsewhere
    assert_success
    diff -r "ac/$ID" "$MADE/scenes/$ID"
    assert_equal "$(ls -A elsewhere)" ''
    run --separate-stderr hls-lasrc "s3://input/$ID.tar" -o s3://out/ac --dry-run
    assert_success
    assert_line "write s3://out/ac/$ID/scene.json"
    assert_line --partial "s3://input/$ID.tar"
    assert_equal "$(sent PUT)" ''
    run --separate-stderr hls-lasrc s3://input/nothing -o s3://out/ac
    assert_equal "$status" 66
    AWS_SECRET_ACCESS_KEY=wrong run --separate-stderr hls-lasrc "s3://input/$ID.tar" -o ac2
    assert_equal "$status" 77
    run --separate-stderr hls-lasrc s3://input -o ac2
    assert_equal "$status" 2
    assert_equal "$(ls -A tmp)" ''
}

@test "hls-tile: scenes from and products to a bucket, the manifest last" {
    mkdir -p bucket/scenes
    cp -r "$SCENE" bucket/scenes/
    start_bucket bucket
    run --separate-stderr hls-tile l30 --tile 16RDV "s3://scenes/${SCENE##*/}" -o s3://out/l30 --with vi
    assert_success
    assert_equal "$(sent PUT | tail -1)" "/out/l30/$PRODUCT/$PRODUCT.json"
    assert_output --partial "\"path\":\"s3://out/l30/$PRODUCT/$PRODUCT.B02.tif\""
    assert_output --partial "\"inputs\":[{\"path\":\"s3://scenes/${SCENE##*/}\"}]"
    # The manifest names the bucket, everything else is as on a disk.
    mkdir same
    cp -r "$MADE/products"/HLS* same/
    rm same/*/*_stac.json same/HLS*/HLS*.v2.0.json
    same_as_folder /out/l30 same
    hls-tile l30 --tile 16RDV "$SCENE" -o here --with vi --uri-prefix "s3://out/l30/$PRODUCT" >/dev/null
    same_as_folder "/out/l30/$PRODUCT" "here/$PRODUCT"
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30
    assert_equal "$status" 73
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30 --skip-existing
    assert_success
    assert_equal "$(ls -A tmp)" ''
}

@test "a broken upload leaves no manifest and is continued" {
    start_bucket
    control '{"faults":[{"path":"B05","method":"PUT","kind":"403"}]}'
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30
    assert_equal "$status" 77
    run grep "$PRODUCT.json" <(sent PUT)
    assert_failure
    local before
    before=$(sent PUT | wc -l)
    control '{"reset":true}'
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30
    assert_success
    [ "$(sent PUT | wc -l)" -lt 20 ] || fail "everything was sent again: $before, $(sent PUT | wc -l)"
    assert_equal "$(sent PUT | tail -1)" "/out/l30/$PRODUCT/$PRODUCT.json"
    # Somebody else was faster with the manifest.
    control '{"reset":true,"faults":[{"path":"other/.*v2[.]0[.]json$","method":"PUT","kind":"412"}]}'
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/other
    assert_equal "$status" 73
    assert_equal "$(ls -A tmp)" ''
}

# tried_B05 TIMES: that often somebody wanted to upload this layer.
tried_B05() { [ "$(sent PUT | grep -c B05)" -ge "$1" ]; }

@test "a stop in the middle of an upload leaves no manifest; orphans of kill -9 are cleared away" {
    start_bucket
    control '{"faults":[{"path":"B05","method":"PUT","kind":"503"}]}'
    HLS_RETRY_BASE=5 hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30 >record 2>/dev/null &
    local pid=$! code=0
    wait_until --while $pid tried_B05 1
    kill -TERM $pid
    wait $pid || code=$?
    assert_equal $code 143
    run grep "$PRODUCT.json" <(sent PUT)
    assert_failure
    assert_equal "$(ls -A tmp)" ''
    HLS_RETRY_BASE=5 hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30 >record 2>/dev/null &
    pid=$!
    wait_until --while $pid tried_B05 2
    [ -n "$(ls -A tmp)" ]
    kill -9 $pid
    wait $pid || true
    control '{"reset":true,"set":{}}'
    hls-tile l30 --tile 16RDV "$SCENE" -o s3://out/l30 >/dev/null
    assert_equal "$(ls -A tmp)" ''
}

@test "OpenStack Swift: scene and product there and back" {
    [ -x /usr/bin/swift-proxy-server ] || skip "swift is not installed"
    start_server server.json swift "$PWD/swift"
    URL=$(said server.json url)
    export AWS_ENDPOINT_URL_S3=$URL AWS_ACCESS_KEY_ID=hls:bot AWS_SECRET_ACCESS_KEY=secret-MARKER-swift
    export AWS_REGION=us-west-2
    curl -s --noproxy '*' -X PUT --aws-sigv4 aws:amz:us-west-2:s3 -o /dev/null \
        -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d' ' -f1)" \
        "${URL/:\/\//://hls%3Abot:secret-MARKER-swift@}/work"
    hls-fetch put "$GRANULE" "s3://work/l1/$ID" --manifest "${ID}_MTL.txt" >/dev/null
    run --separate-stderr hls-lasrc "s3://work/l1/$ID" -o s3://work/ac
    assert_success
    run --separate-stderr hls-lasrc "s3://work/l1/$ID" -o s3://work/ac
    assert_equal "$status" 73
    hls-tile l30 --tile 16RDV "$SCENE" -o s3://work/l30 >/dev/null
    run --separate-stderr hls-tile l30 --tile 16RDV "$SCENE" -o s3://work/l30 --skip-existing
    assert_success
    # Pixels come back as GDAL reads them from there.
    AWS_S3_ENDPOINT=${URL#http://} AWS_HTTPS=NO AWS_VIRTUAL_HOSTING=FALSE \
        gdalinfo -checksum "/vsis3/work/l30/$PRODUCT/$PRODUCT.B05.tif" | grep Checksum >there
    gdalinfo -checksum "$MADE/products/$PRODUCT/$PRODUCT.B05.tif" | grep Checksum | diff - there
}
