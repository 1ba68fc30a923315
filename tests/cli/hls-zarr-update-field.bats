#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What went wrong with the tools in the field, one test for each defect. Where a test of
# hls-zarr-update.bats shows it, it is named here:
#
#   a match at row 0 counts as none, so that the first file is appended twice
#       -> "a first file that comes again is no second row"
#   a removed file is looked for in another place to find its region; revised names do not match
#       -> "a revision that goes brings the runner-up back, without reading what is gone"
#   only the first record of a message counts; keys are used without decoding
#       -> "all records of all messages count, with decoded keys"
#   every event that creates nothing is taken for a removal
#       -> "events that change no object are no removals"
#   coordinates of a file are not compared, or overwritten
#       -> "a file that does not fit is refused and leaves the store as it was"
#   appends of several writers are lost, and shapes and data disagree  -> zarr.crowd
#   writers that share a chunk overwrite each other                    -> zarr.crowd
#   a writer that is killed leaves half a chunk                        -> zarr.kill

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    export FILES="$BATS_FILE_TMPDIR/files"
    mkdir "$FILES"
    "$BATS_TEST_DIRNAME/../zarr/sst_files" "$FILES" 1 2 3 4 5 6 7 8 9 10 11 12
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$FILES"/* .
    hls-zarr-update create -c sst.json "$(sst 8)" >/dev/null
}

sst() { printf '202410%02d120000-sst.nc' "$1"; }
zarr() {
    local verb=$1
    shift
    hls-zarr-update "$verb" -c sst.json "$@"
}
put() { printf '{"op":"put","key":"%s"}\n' "$1"; }
digest() { (cd sst.zarr && find . -type f -exec sha256sum {} + | sort | sha256sum); }
# python CODE: with the store as `data`, not scaled; warnings are errors.
python() {
    /usr/bin/python3 -W error - <<PYTHON
import json, numpy, xarray
data = xarray.open_zarr("sst.zarr", mask_and_scale=False)
$1
PYTHON
}

@test "the store says how many rows share an object, not the configuration" {
    rm -r sst.zarr sst.zarr.hls-state
    sed -i 's/"chunk": 1,/"chunk": 4,/' sst.json
    zarr create "$(sst 8)" >/dev/null
    sed -i 's/"chunk": 4,/"chunk": 1,/' sst.json
    for day in 5 6 7 8; do zarr append "$(sst $day)" >/dev/null; done
    zarr update "$(sst 6)" >/dev/null
    python 'assert [int(v) for v in data.sst[4:8, 5, 5]] == [370, 371, 372, 373], data.sst[:, 5, 5]'
    python 'assert json.load(open("sst.zarr/sst/.zarray"))["chunks"] == [4, 20, 30]'
    zarr verify --deep
}

@test "a writer beside another does not lose rows of the object they share" {
    rm -r sst.zarr sst.zarr.hls-state
    sed -i 's/"chunk": 1,/"chunk": 12,/' sst.json
    zarr create "$(sst 8)" >/dev/null
    pids=()
    for day in {1..12}; do
        zarr append "$(sst "$day")" >/dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    python 'assert [int(v) for v in data.sst[:, 5, 5]] == list(range(366, 378)), data.sst[:, 5, 5]'
    zarr verify --deep
}

@test "clearing an integer variable keeps its type, scale and fill" {
    zarr append "$(sst 8)" "$(sst 9)" >/dev/null
    cp sst.zarr/sst/.zarray sst.zarr/sst/.zattrs .
    zarr clear "$(sst 8)" >/dev/null
    diff .zarray sst.zarr/sst/.zarray
    diff .zattrs sst.zarr/sst/.zattrs
    python '
assert data.sst.dtype == "int16" and (data.sst[7] == -32768).all()
scaled = xarray.open_zarr("sst.zarr").sst
assert numpy.isnan(scaled[7]).all() and abs(float(scaled[8, 5, 5]) - (374 * 0.01 + 273.15)) < 1e-4'
}

@test "nothing of a file that is cleared stays: neither pixels, nor its time, nor its name" {
    before=$(zarr append "$(sst 9)" >/dev/null && digest)
    zarr append "$(sst 8)" >/dev/null
    python 'assert (data.sst_time[7].values - data.time[7].values) == numpy.timedelta64(12, "h")'
    zarr inspect --time 2024-10-08 | grep -q "$(sst 8)"
    zarr clear "$(sst 8)" >/dev/null
    assert_equal "$(digest)" "$before"
    python 'assert data.sst_time[7].values == data.time[7].values'
    run zarr inspect --time 2024-10-08
    refute_output --partial "$(sst 8)"
}

@test "a store that cannot be opened is an error, not a reason to make a new one" {
    zarr append "$(sst 8)" >/dev/null
    echo nonsense >sst.zarr/.zmetadata
    echo nonsense >sst.zarr/sst/.zarray
    before=$(digest)
    for verb in append update clear; do
        run --separate-stderr zarr $verb "$(sst 9)"
        assert_equal "$status" 65
        # shellcheck disable=SC2154  # set by bats
        assert_equal "${#stderr_lines[@]}" 1
    done
    rm sst.zarr/.z* sst.zarr/sst/.z*
    run --separate-stderr zarr append "$(sst 9)"
    [ "$status" -ne 0 ]
    [ ! -e sst.zarr/.zgroup ]
    mv sst.zarr elsewhere
    run --separate-stderr zarr append "$(sst 9)"
    [ "$status" -ne 0 ]
    [ ! -e sst.zarr ]
    [ "$before" ]
}

@test "a dot of a pattern is a dot, and names that merely look alike are ignored" {
    for name in 20241008120000-sstXnc 20241008120000-sst.nc.tmp 2024100812000-sst.nc; do
        cp "$(sst 9)" $name
        run zarr ingest <<<"$(put $name)"
        assert_success
        assert_output --partial '"ignored"'
        run zarr append $name
        assert_equal "$status" 2
    done
}

@test "a batch of files is one transaction and one publication" {
    for day in {1..12}; do put "$(sst "$day")"; done | sort -R >events
    zarr ingest events >out.json
    assert_equal "$(grep -c '"txn":' out.json)" 1
    assert_equal "$(grep -c '"outcome":"written"' out.json)" 12
    python 'assert data.sizes["time"] == 12'
    # Again, ten times over: nothing to do.
    before=$(digest)
    for _ in {1..10}; do cat events; done | zarr ingest >out.json
    assert_equal "$(grep -c '"outcome":"written"' out.json)" 0
    assert_equal "$(digest)" "$before"
}

@test "who writes is there to be seen, and what waits" {
    mkfifo pipe
    hls-zarr-update ingest -c sst.json --follow <pipe >/dev/null 3>&- &
    pid=$!
    exec 9>pipe
    put "$(sst 8)" >&9
    waits() { zarr status >status.json && grep -q '"waiting":1' status.json; }
    wait_until --while "$pid" waits
    python "
writer, = json.load(open('status.json'))['writers']
assert writer['pid'] == $pid and writer['alive'] and writer['host'], writer
assert writer['command'] == 'ingest', writer"
    exec 9>&-
    wait $pid
    zarr status >status.json
    python "
status = json.load(open('status.json'))
assert status['queue']['waiting'] == 0 and not status['writers'], status"
}

@test "times between two units of the axis are refused, never cut" {
    sed -i 's/"seconds since 1981-01-01"/"days since 1981-01-01"/; s/"acquisition": "sst_time"/"time_chunk": 8/' sst.json
    rm -r sst.zarr sst.zarr.hls-state
    zarr create "$(sst 8)" >/dev/null
    zarr append "$(sst 8)" >/dev/null
    python 'assert str(data.time.values[7])[:10] == "2024-10-08"'
    sed -i 's/"axis": "daily"/"axis": "irregular"/; /"origin"/d' sst.json
    rm -r sst.zarr sst.zarr.hls-state
    zarr create "$(sst 8)" >/dev/null
    run --separate-stderr zarr append "$(sst 8)"
    assert_equal "$status" 65
    # shellcheck disable=SC2154  # set by bats
    [[ $stderr == *'between two whole'* ]]
}

# Not from the field, though of its kind: a working folder that is another one is no loss of data.
@test "an event is judged by the file that was added, wherever it is read" {
    zarr append "$(sst 8)" >/dev/null
    mkdir elsewhere
    cd elsewhere || return
    run hls-zarr-update ingest -c ../sst.json < <(put "$(sst 8)")
    assert_line --partial '"outcome":"unchanged"'
    local before
    before=$(cd .. && digest)
    echo damage >>../sst.zarr/sst/7/0/0
    hls-zarr-update verify -c ../sst.json --repair >/dev/null
    assert_equal "$(cd .. && digest)" "$before"
    rm "../$(sst 8)"
    run hls-zarr-update ingest -c ../sst.json < <(put "$(sst 8)")
    assert_line --partial '"outcome":"cleared"'
}

@test "a name that is no text is no key" {
    cp "$(sst 9)" $'caf\xe9'"$(sst 9)"
    run --separate-stderr zarr append $'caf\xe9'"$(sst 9)"
    assert_equal "$status" 65
    run --separate-stderr zarr reconcile --dry-run
    assert_line "$(printf '{"key":"caf\\ufffd%s","outcome":"rejected","problem":"\\"caf\\ufffd%s\\" is no key of an object inside a store"}' "$(sst 9)" "$(sst 9)")"
    assert_equal "$status" 65
}

@test "a store that nobody could read is not made, and leaves nothing" {
    rm -r sst.zarr sst.zarr.hls-state
    sed 's/"chunk": 20/"chunk": 1099511627776/' sst.json >big.json
    sed 's/"sst": {/"sst": {"codec": {"blosc": "zstd", "level": 99}, /' sst.json >level.json
    sed 's|"sst.zarr"|"s3://"|' sst.json >nowhere.json
    local config
    for config in big level nowhere; do
        run --separate-stderr hls-zarr-update create -c $config.json "$(sst 8)"
        [ "$status" -ne 0 ]
        assert_equal "${#stderr_lines[@]}" 1
    done
    run find . -name '*.zarr' -o -name '*.hls-state'
    assert_output ''
}
