#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-day: a small simulated day through the log, with workers of this machine and as several machines.
# shellcheck disable=SC2154  # stderr is set by bats

load assertions

setup_file() {
    export PATH="$HLS_BIN:$BATS_TEST_DIRNAME/../../scripts:$PATH" SOURCE_DATE_EPOCH=1700000000
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "${HLS_DATA_DIR:-}/tables/oli.tables" ] || return 0
    local place
    place=$(hls-mgrs-intersect 033030 --format ndjson | python3 -c '
import json, sys
best = max(map(json.loads, sys.stdin), key=lambda t: t["percent"])
print(best["tile"], best["hls_epsg"] % 100, best["ulx"] + 40005, best["hls_uly"] - 40005)')
    read -r tile zone ulx uly <<<"$place"
    echo "$tile" >tile
    for row in 30 31; do
        hls-simulate landsat -o l1 --size 120x120 --ancillary none --no-truth --no-pan --wrs-path 33 --wrs-row $row \
            --date 2021-07-15T17:05:$((row * 24 - 700)).00Z --utm-zone "$zone" --ulx "$ulx" --uly "$uly" >/dev/null
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    [ -e tile ] || skip "no tables in HLS_DATA_DIR"
    TILE=$(cat tile)
}

# products DIR: digests of what does not name the run.
products() {
    (cd "$1/l30" && find . -type f -name '*.v2.0*' ! -name '*.run.json' ! -name '*.v2.0.json' -exec sha256sum {} + | sort -k 2)
}
states() { hls-log export --table unit --log "$1/hls.db" | python3 -c '
import json, sys
for unit in sorted(map(json.loads, sys.stdin), key=lambda u: u["ukey"]):
    print(unit["ukey"], unit["state"], unit["reason"], unit["hls_id"])'; }

@test "a day on one machine; called again it changes nothing" {
    run --separate-stderr hls-day -o day -j 2 -t "$TILE" --close --lasrc '--ancillary climatology' l1/LC08_*
    assert_success
    run states day
    assert_line --regexp "^tile:$TILE/033/2021-07-15 done ok HLS.L30.T$TILE.2021196T1705"
    products day >before
    [ -s before ]
    run hls-day -o day -j 2 -t "$TILE" --close --lasrc '--ancillary climatology' l1/LC08_*
    assert_success
    assert_equal "$(products day)" "$(cat before)"
    assert_equal "$(sqlite3 day/hls.db 'SELECT max(n_run) FROM unit')" 1
}

@test "the same day on machines that GNU parallel reaches" {
    run hls-day -o machines -S 1/:,1/: -t "$TILE" --close --lasrc '--ancillary climatology' l1/LC08_*
    assert_success
    assert_equal "$(products machines)" "$(products day)"
    assert_equal "$(states machines)" "$(states day)"
    assert_equal "$(find machines/spool -maxdepth 1 -type f)" ''
}

@test "a granule that cannot be had is told" {
    cp -r l1 broken
    local scene
    scene=$(echo broken/LC08_*030_*)
    : >"$scene/$(basename "$scene")_B4.TIF"
    run --separate-stderr hls-day -o sad -j 1 -t "$TILE" --lasrc '--ancillary climatology' broken/LC08_*
    assert_failure 1
    run hls-log audit --log sad/hls.db --format text
    assert_output --partial 'bad_input'
}

@test "usage errors end with 2" {
    run hls-day
    assert_failure 2
    run hls-day -o x --nonsense
    assert_failure 2
    run hls-day -o x -j zero l1
    assert_failure 2
    run hls-day --help
    assert_success
}
