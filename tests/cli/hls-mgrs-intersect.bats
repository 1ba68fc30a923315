#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-mgrs-intersect at its edge: inputs, formats, exit codes, streams, speed.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# Nothing on stdout either: it is the answer.
assert_refused_silently() {
    assert_refused "$@"
    [ -z "$output" ] || fail "stdout says: $output"
}

@test "help and version answer on stdout with success" {
    for arguments in --help -h --version --usage-json; do
        assert_answers hls-mgrs-intersect "$arguments"
    done
    hls-mgrs-intersect --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused_silently 2 'WHAT is required' hls-mgrs-intersect
    assert_refused_silently 2 'format' hls-mgrs-intersect 015033 --format xml
    assert_refused_silently 2 'min-cover' hls-mgrs-intersect 015033 --min-cover 101
    assert_refused_silently 2 'rows' hls-mgrs-intersect 18SUJ --rows night
    assert_refused_silently 2 'nothing to look for' hls-mgrs-intersect nonsense
    assert_refused_silently 2 'paths are 001 to 233' hls-mgrs-intersect 234001
    assert_refused_silently 2 'WEST,SOUTH,EAST,NORTH' hls-mgrs-intersect 10,20,5,15
}

@test "unknown tiles are refused with a hint" {
    assert_refused_silently 2 'do you mean 13SFR?' hls-mgrs-intersect 13RFR
    assert_refused_silently 2 'covers that place with 13UFV' hls-mgrs-intersect 14UKE
    assert_refused_silently 2 'ids look like 18SUJ' hls-mgrs-intersect T99ABC
    assert_refused_silently 65 'stdin line 2' bash -c "printf '\n99ABC\n' | hls-mgrs-intersect -"
}

@test "a scene and a tile find each other, in every format" {
    run --separate-stderr hls-mgrs-intersect 015033 --min-cover 90
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 2
    assert_line --index 1 --partial '015033   18SUJ  32618  300000  4400040'
    run hls-mgrs-intersect T18SUJ --min-cover 90 --format tsv
    assert_line --index 0 $'PathRow\tS2TileID\tS2ULX\tS2ULY\tPercentOfS2'
    assert_line --index 1 --partial $'015033\t18SUJ\t300000\t4400040\t9'
    run hls-mgrs-intersect 003067 --format ndjson
    python3 - "$output" <<'PYTHON'
import json, sys
rows = [json.loads(line) for line in sys.argv[1].splitlines()]
row = next(r for r in rows if r["tile"] == "19LBJ")
assert (row["epsg"], row["ulx"], row["uly"]) == (32719, 199980, 8900020), row
assert (row["hls_epsg"], row["hls_uly"]) == (32619, -1099980), row
assert row["input"] == row["pathrow"] == "003067" and 0 < row["percent"] <= 100, row
PYTHON
}

@test "arguments, lines of stdin and files mean the same" {
    hls-mgrs-intersect 015033 -- -77,38.9 -77.3,38.8,-77.2,38.9 18SUJ >arguments
    printf '%s\n' '# places' 015033 '' -77,38.9 -77.3,38.8,-77.2,38.9 18SUJ |
        hls-mgrs-intersect - >stdin
    cmp arguments stdin
    hls-mgrs-intersect -77,38.9 >place
    echo '{"type":"Point","coordinates":[-77,38.9]}' >place.geojson
    hls-mgrs-intersect place.geojson | cmp place -
    printf '{\n"type":"Feature",\n"geometry":{"type":"Point","coordinates":[-77,38.9]}}\n' |
        hls-mgrs-intersect - | cmp place -
}

@test "messages of USGS, recorded ones too" {
    local id=LC08_L1TP_015033_20230704_20230717_02_T1
    hls-mgrs-intersect 015033 >scene
    echo "{\"landsat_product_id\":\"$id\",\"s3_location\":\"s3://x/$id/\"}" >message.json
    hls-mgrs-intersect message.json | cmp scene -
    hls-mgrs-intersect - <message.json | cmp scene -
    python3 -c 'import json
print(json.dumps({"Records": [{"Sns": {"Message": open("message.json").read()}}]}))' |
        hls-mgrs-intersect - | cmp scene -
    local recorded=$HLS_TEST_DATA/api/usgs_sns/landsat-l8-valid.json
    [ -e "$recorded" ] || skip 'no test data'
    run hls-mgrs-intersect "$recorded"
    assert_success
    assert_line --partial 001005
}

@test "a product folder or tar stands for its MTL" {
    hls-simulate landsat -o . --size 90x80 --ancillary none >/dev/null
    local granule=(LC08_L1TP_*_T1)
    hls-mgrs-intersect "${granule[0]}" >folder
    hls-mgrs-intersect "${granule[0]}/${granule[0]}_MTL.txt" | cmp folder -
    tar -C "${granule[0]}" -cf scene.tar .
    hls-mgrs-intersect scene.tar | cmp folder -
    truncate -s 700 scene.tar
    assert_refused_silently 65 scene.tar hls-mgrs-intersect scene.tar
    : >"${granule[0]}/${granule[0]}_MTL.txt"
    assert_refused_silently 65 _MTL.txt hls-mgrs-intersect "${granule[0]}"
    rm "${granule[0]}/${granule[0]}_MTL.txt"
    assert_refused_silently 66 _MTL.txt hls-mgrs-intersect "${granule[0]}"
}

@test "missing input ends with 66, damaged input with 65" {
    assert_refused_silently 66 'no such file' hls-mgrs-intersect ./nowhere.json
    assert_refused_silently 66 'nowhere' hls-mgrs-intersect 015033 --tile-list nowhere
    echo '{"type":' >broken.json
    assert_refused_silently 65 broken.json hls-mgrs-intersect broken.json
    echo 'no ids here' >list
    assert_refused_silently 65 list hls-mgrs-intersect 015033 --tile-list list
    assert_refused_silently 65 LineString hls-mgrs-intersect '{"type":"LineString","coordinates":[]}'
    head -c 3000 /dev/urandom >noise.bin
    assert_refused_silently 65 noise.bin hls-mgrs-intersect noise.bin
}

@test "nothing found ends with 5" {
    assert_refused_silently 5 'nothing overlaps' hls-mgrs-intersect -30,-50
    hls-mgrs-intersect -30,-50 --tile-list grid >/dev/null
    assert_refused_silently 5 'nothing overlaps' hls-mgrs-intersect - </dev/null
}

@test "a tile list keeps the answer to its tiles" {
    echo 18SUJ >list
    run hls-mgrs-intersect 015033 --tile-list list --format tsv
    assert_equal "${#lines[@]}" 2
    assert_line --index 1 --partial 18SUJ
    hls-mgrs-intersect 015033 --format tsv >table
    hls-mgrs-intersect 015033 --format tsv --tile-list table | cmp table -
}

@test "answers come while stdin is open, and a signal ends it" {
    mkfifo questions
    hls-mgrs-intersect - <questions >answers 2>errors &
    local pid=$! code=0
    exec 7>questions
    echo 015033 >&7
    wait_until --while "$pid" test -s answers
    kill -TERM "$pid"
    wait "$pid" || code=$?
    exec 7>&-
    assert_equal "$code" 143
}

@test "a reader that went away is no failure" {
    run bash -c 'set -o pipefail; printf "%s\n" {001..050}{020..040} | hls-mgrs-intersect - | head -1'
    assert_success
}

@test "all path/rows in seconds, one at once, without GDAL" {
    # Processor time, which others on the machine hardly change.
    local TIMEFORMAT='%U %S' one all
    milliseconds() { awk '{ print int(1000 * ($1 + $2)) }'; }
    one=$({ time hls-mgrs-intersect 015033 >/dev/null; } 2>&1 | milliseconds)
    printf '%s\n' {001..233}{001..124} >list
    all=$({ time hls-mgrs-intersect - --format tsv <list >table; } 2>&1 | milliseconds)
    echo "# one path/row: $one ms; 28,892: $all ms, $(wc -l <table) records" >&3
    ((one <= 50 && all <= 20000))
    run ldd "$HLS_BIN/hls-mgrs-intersect"
    refute_output --partial gdal
}
