#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-tile at its edge: streams, exit codes, bad input, atomicity, signals, equal bytes.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    export AC="$BATS_FILE_TMPDIR/ac"
    mkdir "$AC"
    ac_scenes "$AC" 200 300
    export S38="$AC/LC08_L1TP_020038_20200801_20200908_02_T1"
    export S39="$AC/LC08_L1TP_020039_20200801_20200908_02_T1"
    export ID=HLS.L30.T16RDV.2020214T161612.v2.0
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# A private copy of the upper scene that a test may damage.
copy_scene() {
    cp -r "$S38" .
    SCENE=${S38##*/}
    chmod -R u+w "$SCENE"
}

@test "help and version answer on stdout with success" {
    for arguments in --help -h --version --usage-json "l30 --help"; do
        # shellcheck disable=SC2086  # two words are two arguments
        assert_answers hls-tile $arguments
    done
    run hls-tile --version
    assert_line --partial 'hls-tile 0.'
    assert_line --partial 'GDAL 3.'
    hls-tile --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'a command is required' hls-tile
    assert_refused 2 'x30' hls-tile x30 "$S38" -o out
    assert_refused 2 'SCENE is required' hls-tile l30 --tile 16RDV -o out
    assert_refused 2 'tile is required' hls-tile l30 "$S38" -o out
    assert_refused 2 'output is required' hls-tile l30 --tile 16RDV "$S38"
    assert_refused 2 'nonsense' hls-tile l30 --tile 16RDV "$S38" -o out --nonsense
    assert_refused 2 'threads' hls-tile l30 --tile 16RDV "$S38" -o out -j none
    assert_refused 2 'with' hls-tile l30 --tile 16RDV "$S38" -o out --with browse
    assert_refused 2 'rows' hls-tile l30 --tile 16RDV "$S38" -o out --rows all
    assert_refused 2 'row 38' hls-tile l30 --tile 16RDV "$S38" -o out --rows 39,40
    assert_refused 2 'noon' hls-tile l30 --tile 16RDV "$S38" -o out --rows 38 --sensing-time noon
}

@test "an unknown tile ends with 2 and a hint" {
    for tile in 16R 16RIV 61RDV 16RDVX 16ADV; do
        assert_refused 2 "$tile" hls-tile l30 --tile "$tile" "$S38" -o out
        [[ $stderr == *16RDV* ]] || fail "no hint: $stderr"
    done
    assert_refused 2 'did you mean 16RDV' hls-tile l30 --tile 16SDV "$S38" -o out
}

@test "a product: one record on stdout, nothing on stderr, all files and nothing else" {
    run --separate-stderr hls-tile l30 --tile 16RDV "$S39" "$S38" -o out
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 1
    python3 - "$output" "$ID" <<'PYTHON'
import hashlib, json, pathlib, sys
record, granule = json.loads(sys.argv[1]), sys.argv[2]
assert record["v"] == 1 and record["exit"] == 0 and record["reason"] == "ok", record
assert record["unit"] == granule and record["tool"] == "hls-tile"
assert len(record["inputs"]) == 2 and record["gates"]["contributing_scenes"] == 2
for item in record["outputs"]:
    data = pathlib.Path(item["path"]).read_bytes()
    assert len(data) == item["bytes"]
    assert hashlib.sha256(data).hexdigest() == item["sha256"]
layers = [*(f"B{b:02}" for b in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)), "Fmask", "SZA", "SAA", "VZA",
          "VAA"]
names = {f"{granule}.{layer}.tif" for layer in layers}
names |= {granule + end for end in (".jpg", ".cmr.xml", "_stac.json", ".json")}
assert {p.name for p in pathlib.Path("out", granule).iterdir()} == names
assert {pathlib.Path(item["path"]).name for item in record["outputs"]} == names
PYTHON
    assert_equal "$(find out -mindepth 1 -maxdepth 1 | sort)" "out/$ID
out/$ID.run.json"
}

@test "the same bytes twice, for 1, 2 and 5 threads and any order of scenes" {
    hls-tile l30 --tile 16RDV "$S38" "$S39" -o a -j 1 >/dev/null
    hls-tile l30 --tile T16RDV "$S39" "$S38" -o b -j 2 >/dev/null
    printf '%s\n' "$S38" "$S39" | hls-tile l30 --tile 16RDV - -o c -j 5 >/dev/null
    rm ./*/*.run.json
    diff -r a b
    diff -r a c
}

@test "a partial run and the complete one have the same name" {
    hls-tile l30 --tile 16RDV "$S39" -o out --rows 038,039 >/dev/null
    assert_dir_exists "out/$ID"
    hls-tile l30 --tile 16RDV "$S38" "$S39" -o out --rows 020038,020039 --overwrite >/dev/null
    assert_equal "$(find out -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
    hls-tile l30 --tile 16RDV "$S39" -o alone --dry-run --rows 38,39 \
        --sensing-time 2020-08-01T16:16:13.9Z | grep -q 2020214T161613
}

@test "an existing output is refused, kept or replaced as asked" {
    hls-tile l30 --tile 16RDV "$S38" -o out >/dev/null
    touch "out/$ID/witness"
    run --separate-stderr hls-tile l30 --tile 16RDV "$S38" -o out
    assert_equal "$status" 73
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
    run --separate-stderr hls-tile l30 --tile 16RDV "$S38" -o out --skip-existing
    assert_success
    assert_file_exists "out/$ID/witness"
    hls-tile l30 --tile 16RDV "$S38" -o out --overwrite >/dev/null
    assert_file_not_exists "out/$ID/witness"
}

@test "a dry run says what it would do and touches nothing" {
    run --separate-stderr hls-tile l30 --tile 16RDV "$S38" -o out --dry-run
    assert_success
    assert_output "read $S38
write out/$ID"
    assert_not_exists out
}

@test "work of an array child comes from a line of a file" {
    printf '{"unit":"u7","run_id":"R","seq":3,"argv":["l30","--tile","16RDV","%s","-o","out"]}\n' \
        "$S38" >list
    run --separate-stderr hls-tile --inputs-from list --index 0
    assert_success
    assert_output --partial '"run_id":"R","unit":"u7","seq":3'
    assert_dir_exists "out/$ID"
}

@test "vegetation indices and GIBS tiles on request" {
    hls-tile l30 --tile 16RDV "$S38" -o out --with vi,gibs >/dev/null
    assert_file_exists "out/${ID/HLS/HLS-VI}/${ID/HLS/HLS-VI}.NDVI.tif"
    assert_dir_exists "out/$ID.gibs"
}

@test "a tile beside the scene and a scene of fill end with 5" {
    assert_refused 5 'tile 16RGV' hls-tile l30 --tile 16RGV "$S38" -o out
    copy_scene
    gdal_translate -q -scale 0 65535 0 0 "$SCENE/${SCENE}_SR_B1.tif" fill.tif
    mv fill.tif "$SCENE/${SCENE}_SR_B1.tif"
    assert_refused 5 'no valid pixel' hls-tile l30 --tile 16RDV "$SCENE" -o out
}

@test "scenes of another day, path or twice the same row end with 65" {
    copy_scene
    sed -i 's/2020-08-01T/2020-08-17T/g' "$SCENE/scene.json"
    assert_refused 65 '2020-08-17' hls-tile l30 --tile 16RDV "$SCENE" "$S39" -o out
    cp "$S38/scene.json" "$SCENE/scene.json"
    sed -i -E 's/("hls:WRS_PATH": )20/\121/' "$SCENE/scene.json"
    assert_refused 65 'path 21' hls-tile l30 --tile 16RDV "$SCENE" "$S39" -o out
    assert_refused 65 'both of row 38' hls-tile l30 --tile 16RDV "$S38" "$S38" -o out
}

@test "missing and truncated layers end with 65 and name the file" {
    copy_scene
    mv "$SCENE/${SCENE}_BT_B11.tif" kept.tif
    assert_refused 65 "BT_B11" hls-tile l30 --tile 16RDV "$SCENE" -o out
    head -c 9000 kept.tif >"$SCENE/${SCENE}_BT_B11.tif"
    assert_refused 65 "BT_B11.tif" hls-tile l30 --tile 16RDV "$SCENE" -o out
}

@test "a layer that its list leaves out ends with 65" {
    copy_scene
    python3 - "$SCENE/scene.json" <<'PYTHON'
import json, sys
item = json.load(open(sys.argv[1]))
item["assets"] = {k: v for k, v in item["assets"].items() if not v["href"].endswith("_VZA.tif")}
json.dump(item, open(sys.argv[1], "w"))
PYTHON
    assert_refused 65 "missing layer VZA" hls-tile l30 --tile 16RDV "$SCENE" -o out
}

@test "damaged scene.json ends with 65" {
    copy_scene
    truncate -s 300 "$SCENE/scene.json"
    assert_refused 65 "scene.json" hls-tile l30 --tile 16RDV "$SCENE" -o out
    : >"$SCENE/scene.json"
    assert_refused 65 "scene.json" hls-tile l30 --tile 16RDV "$SCENE" -o out
    rm "$SCENE/scene.json"
    assert_refused 65 "not an AC scene" hls-tile l30 --tile 16RDV "$SCENE" -o out
}

@test "low sun ends with 3" {
    copy_scene
    sed -i -E 's/("view:sun_elevation": )[0-9.]+/\113.9/' "$SCENE/scene.json"
    assert_refused 3 '13.9' hls-tile l30 --tile 16RDV "$SCENE" -o out
}

@test "missing input ends with 66" {
    assert_refused 66 'nowhere' hls-tile l30 --tile 16RDV nowhere -o out
}

@test "an output that cannot be created ends with 73" {
    : >file
    assert_refused 73 file hls-tile l30 --tile 16RDV "$S38" -o file/out
    assert_refused 73 proc hls-tile l30 --tile 16RDV "$S38" -o /proc/out
}

@test "a full disk ends with 74 and leaves nothing" {
    # A file size limit stops the write as a full disk does, and needs no root.
    run --separate-stderr bash -c \
        "trap '' XFSZ; ulimit -f 64; hls-tile l30 --tile 16RDV '$S38' -o out"
    assert_equal "$status" 74
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
    [ -z "$(find out -mindepth 1)" ]
}

@test "SIGTERM and SIGINT in the middle leave nothing" {
    for signal in TERM INT; do
        assert_stops_clean $signal hls-tile l30 --tile 16RDV "$S38" "$S39" -o out -j 1
    done
}
