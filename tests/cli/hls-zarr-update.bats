#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-zarr-update at its edge: verbs, events, refusals, and everything that went wrong elsewhere.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export HERE="$BATS_TEST_DIRNAME"
    export SOURCE_DATE_EPOCH=1600000000
    export FILES="$BATS_FILE_TMPDIR/files"
    mkdir "$FILES"
    "$HERE/../zarr/sst_files" "$FILES" 8 9 10 11 12
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
# Values of one pixel along the axis, as xarray sees them unscaled; 0-based rows.
pixels() {
    /usr/bin/python3 -W error - <<'PYTHON'
import xarray
data = xarray.open_zarr("sst.zarr", mask_and_scale=False)
print(*(int(v) for v in data.sst[:, 5, 5].values))
PYTHON
}
digest() { (cd sst.zarr && find . -type f -exec sha256sum {} + | sort | sha256sum); }
put() { printf '{"op":"put","key":"%s"}\n' "$1"; }
gone() { printf '{"op":"remove","key":"%s"}\n' "$1"; }
# refused CODE TEXT COMMAND...: one line on stderr, the code, and the store as it was.
refused() {
    local code=$1 text=$2 before
    shift 2
    before=$(digest)
    run --separate-stderr "$@"
    assert_equal "$status" "$code"
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
    [[ $stderr == *"$text"* ]] || fail "stderr does not say '$text': $stderr"
    assert_equal "$(digest)" "$before"
}

@test "help and version answer on stdout with success" {
    for arguments in --help --version --usage-json "append --help" "ingest --help"; do
        # shellcheck disable=SC2086  # two words are two arguments
        assert_answers hls-zarr-update $arguments
    done
}

@test "usage errors end with 2 and one line" {
    refused 2 'a command is required' hls-zarr-update
    refused 2 'config is required' hls-zarr-update append "$(sst 8)"
    refused 2 'FILE is required' zarr append
    refused 2 'no collection nothing' zarr append --collection nothing "$(sst 8)"
    refused 2 'no pattern' zarr append sst.json
    refused 2 '--lease: nan is no number' zarr append --lease nan "$(sst 8)"
    refused 66 'cannot read' hls-zarr-update status -c nothing.json
    refused 66 'no state' zarr status --store elsewhere.zarr
    refused 66 'no such file' zarr append 20241020120000-sst.nc
}

@test "append, update, clear: what readers see, and one record each" {
    run --separate-stderr zarr append "$(sst 8)" "$(sst 9)"
    assert_success
    [ -z "$stderr" ]
    [[ ${lines[-1]} == *'"tool":"hls-zarr-update"'* ]]
    assert_equal "$(pixels)" "-32768 -32768 -32768 -32768 -32768 -32768 -32768 373 374"
    zarr clear "$(sst 8)" >/dev/null
    assert_equal "$(pixels)" "-32768 -32768 -32768 -32768 -32768 -32768 -32768 -32768 374"
    zarr update "$(sst 8)" >/dev/null
    assert_equal "$(pixels)" "-32768 -32768 -32768 -32768 -32768 -32768 -32768 373 374"
    zarr verify --deep
}

@test "a first file that comes again is no second row" {
    zarr append "$(sst 8)" >/dev/null
    before=$(digest)
    run zarr append "$(sst 8)"
    assert_output --partial '"unchanged"'
    zarr update "$(sst 8)" >/dev/null
    put "$(sst 8)" | zarr ingest >/dev/null
    assert_equal "$(digest)" "$before"
}

@test "append refuses a slot that is taken, update replaces it" {
    zarr append "$(sst 8)" >/dev/null
    cp "$(sst 9)" 20241008120000-Revised_sst.nc
    refused 73 'is there already' zarr append 20241008120000-Revised_sst.nc
    zarr update 20241008120000-Revised_sst.nc >/dev/null
    assert_equal "$(pixels | cut -d' ' -f8)" 374
}

@test "a revision that goes brings the runner-up back, without reading what is gone" {
    zarr append "$(sst 8)" >/dev/null
    before=$(digest)
    cp "$(sst 9)" 20241008120000-Revised_sst.nc
    put 20241008120000-Revised_sst.nc | zarr ingest >/dev/null
    assert_equal "$(pixels | cut -d' ' -f8)" 374
    rm 20241008120000-Revised_sst.nc
    run zarr ingest <<<"$(gone 20241008120000-Revised_sst.nc)"
    assert_output --partial '"replaced"'
    assert_equal "$(digest)" "$before"
}

@test "all records of all messages count, with decoded keys" {
    cp "$(sst 9)" "a +b 20241009120000-sst.nc"
    record() { printf '{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%s","sequencer":"0A"}}}' "$1"; }
    s3="{\"Records\":[$(record "$(sst 8)"),$(record 'a+%2Bb+20241009120000-sst.nc')]}"
    sns=$(/usr/bin/python3 -c 'import json,sys; print(json.dumps({"Type":"Notification","Message":sys.argv[1]}))' "{\"Records\":[$(record "$(sst 10)")]}")
    sqs=$(/usr/bin/python3 -c 'import json,sys; print(json.dumps({"Records":[{"eventSource":"aws:sqs","body":sys.argv[1]}]}))' "{\"Records\":[$(record "$(sst 11)")]}")
    bridge="{\"source\":\"aws.s3\",\"detail-type\":\"Object Created\",\"detail\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"$(sst 12)\"}}}"
    printf '%s\n%s\n%s\n%s\n' "$s3" "$sns" "$sqs" "$bridge" | zarr ingest >out.json
    assert_equal "$(grep -c '"outcome":"written"' out.json)" 5
    assert_equal "$(pixels | cut -d' ' -f8-)" "373 374 375 376 377"
}

@test "events that change no object are no removals" {
    zarr append "$(sst 8)" >/dev/null
    before=$(digest)
    for name in ObjectRestore:Completed ObjectTagging:Put LifecycleTransition ObjectAcl:Put; do
        printf '{"Records":[{"eventName":"%s","s3":{"object":{"key":"%s"}}}]}\n' "$name" "$(sst 8)"
    done | zarr ingest >out.json
    assert_equal "$(grep -c '"outcome":"ignored"' out.json)" 4
    echo '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}' | zarr ingest
    # A removal of what is still there, and a creation of what is gone: the object decides.
    gone "$(sst 8)" | zarr ingest >/dev/null
    assert_equal "$(digest)" "$before"
    rm "$(sst 8)"
    put "$(sst 8)" | zarr ingest >/dev/null
    assert_equal "$(pixels | cut -d' ' -f8)" -32768
}

@test "a source that is not there clears nothing" {
    zarr append "$(sst 8)" >/dev/null
    refused 66 'no folder' zarr ingest --source elsewhere <<<"$(gone "$(sst 8)")"
    refused 66 'no folder' zarr reconcile --source elsewhere
}

@test "keys that lead out of the source are refused, the others go on" {
    {
        put ../20241008120000-sst.nc
        put /20241008120000-sst.nc
        put 'a/../../20241008120000-sst.nc'
        printf '{"op":"put","key":"20241008120000-sst.nc\\u0000.nc"}\n'
        echo 'no json'
        put "$(sst 9)"
    } >events
    run --separate-stderr zarr ingest events
    assert_equal "$status" 65
    assert_equal "$(grep -c '"outcome":"rejected"' <<<"$output")" 5
    assert_equal "$(pixels | cut -d' ' -f9)" 374
}

@test "a file that does not fit is refused and leaves the store as it was" {
    zarr append "$(sst 8)" >/dev/null
    damage() {
        cp "$(sst 9)" 20241009130000-sst.nc
        /usr/bin/python3 - "$1" <<'PYTHON'
import sys, netCDF4
with netCDF4.Dataset("20241009130000-sst.nc", "a") as file:
    file.set_auto_maskandscale(False)
    exec(sys.argv[1])
PYTHON
    }
    damage 'file["lat"][:] = file["lat"][:] + 0.001'
    refused 65 'lat[0] is' zarr append 20241009130000-sst.nc
    damage 'file["sst"].scale_factor = 0.02'
    refused 65 'scale of sst' zarr append 20241009130000-sst.nc
    damage 'file["sst"].units = "celsius"'
    refused 65 'units of sst' zarr append 20241009130000-sst.nc
    damage 'file.renameVariable("sst", "sea")'
    refused 65 'no variable sst' zarr append 20241009130000-sst.nc
    head -c 3000 "$(sst 9)" >20241009130000-sst.nc
    refused 65 '20241009130000-sst.nc' zarr append 20241009130000-sst.nc
    # One bad file of several: the others are added.
    run zarr append 20241009130000-sst.nc "$(sst 10)"
    assert_equal "$status" 65
    assert_equal "$(pixels | cut -d' ' -f10)" 375
}

@test "a poison file becomes a dead letter and holds up nobody" {
    echo nonsense >20241009120000-sst.nc
    { put "$(sst 9)"; put "$(sst 10)"; } >events
    run zarr ingest events
    assert_equal "$status" 65
    assert_equal "$(pixels | cut -d' ' -f10)" 375
    zarr status | grep -q '"dead":1'
    cp "$FILES/$(sst 9)" .
    zarr replay --dead-letters >/dev/null
    assert_equal "$(pixels | cut -d' ' -f9)" 374
    zarr status | grep -q '"dead":0'
}

@test "dry runs say which objects would change and touch nothing" {
    zarr append "$(sst 8)" >/dev/null
    before=$(find . -type f ! -name 'state.db-*' -exec sha256sum {} + | sort)
    run zarr append --dry-run "$(sst 9)"
    assert_success
    assert_output --partial '"sst/8/0/0"'
    put "$(sst 9)" | zarr ingest --dry-run | grep -q '"sst/8/1/2"'
    zarr clear --dry-run "$(sst 8)" | grep -q '"sst/7/0/0"'
    assert_equal "$(find . -type f ! -name 'state.db-*' -exec sha256sum {} + | sort)" "$before"
}

@test "create again is nothing to do, another store there is refused" {
    zarr create "$(sst 9)" | grep -q '"created":false'
    sed -i 's/"chunk": 30/"chunk": 24/' sst.json
    refused 73 'exists and is different' zarr create "$(sst 8)"
    mkdir other.zarr
    echo '{"zarr_format":2}' >other.zarr/.zgroup
    refused 73 'exists and is different' zarr create --store other.zarr "$(sst 8)"
}

@test "reconcile makes up for events that were lost" {
    zarr append "$(sst 8)" "$(sst 9)" >/dev/null
    rm "$(sst 8)"
    zarr reconcile --dry-run | grep -q '"differences":4'
    zarr reconcile >/dev/null
    assert_equal "$(pixels | cut -d' ' -f8-)" "-32768 374 375 376 377"
    zarr reconcile | grep -q '"differences":0'
}

@test "verify finds what was damaged, and repairs it" {
    zarr append "$(sst 8)" "$(sst 9)" >/dev/null
    before=$(digest)
    zarr verify --deep
    printf x | dd of=sst.zarr/sst/7/0/0 bs=1 seek=200 conv=notrunc 2>/dev/null
    rm sst.zarr/sst/8/1/1
    run --separate-stderr zarr verify --deep
    assert_equal "$status" 1
    [[ $output == *'sst/7/0/0'* && $output == *'sst/8/1/1'* ]]
    run zarr verify --deep --repair
    assert_success
    assert_equal "$(digest)" "$before"
    zarr inspect --time 2024-10-08 | grep -q '"held":true'
}

@test "--follow works in batches until the input ends" {
    sed -i 's/"variables"/"batch": {"seconds": 3600}, "variables"/' sst.json
    { put "$(sst 8)"; sleep 0.3; put "$(sst 9)"; } | zarr ingest --follow >whole.json
    assert_equal "$(grep -c '"outcome":"written"' whole.json)" 2
    assert_equal "$(grep -c '"txn":' whole.json)" 1
    sed -i 's/"seconds": 3600/"files": 1/' sst.json
    # shellcheck disable=SC2094  # the second file waits for what became of the first
    { put "$(sst 10)"; wait_until grep -qs '"txn":' single.json; put "$(sst 11)"; } |
        zarr ingest --follow >single.json
    assert_equal "${PIPESTATUS[*]}" '0 0'
    assert_equal "$(grep -c '"txn":' single.json)" 2
}

@test "keys choose among the collections of a folder" {
    mkdir -p folder
    sed 's/"collection": "sst"/"collection": "one"/; s/sst.zarr/one.zarr/' sst.json >folder/one.json
    sed 's/"collection": "sst"/"collection": "two"/; s/sst.zarr/two.zarr/; s/-(?<rev/-two-(?<rev/' \
        sst.json >folder/two.json
    for name in one two; do
        hls-zarr-update create -c folder --collection $name "$(sst 8)" >/dev/null
    done
    cp "$(sst 9)" 20241009120000-two-sst.nc
    hls-zarr-update append -c folder "$(sst 8)" 20241009120000-two-sst.nc >/dev/null
    hls-zarr-update inspect -c folder --collection two --time 2024 | grep -q two-sst
    refused 2 'several' hls-zarr-update create -c folder "$(sst 8)"
}

@test "configurations: the schema and the reader agree" {
    /usr/bin/python3 - "$HERE/../.." <<'PYTHON'
import copy, json, pathlib, subprocess, sys
import jsonschema
root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "share/schemas/zarr-collection.schema.json").read_text())
validator = jsonschema.Draft7Validator(schema)
def accepts(config):
    pathlib.Path("try.json").write_text(json.dumps(config))
    done = subprocess.run(["hls-zarr-update", "append", "-c", "try.json", "x"], capture_output=True,
                          text=True)
    assert done.returncode == 2, done
    return "no pattern" in done.stderr, done.stderr
configs = [json.loads(p.read_text()) for p in sorted((root / "share/collections").glob("*.json"))]
configs.append(json.loads(pathlib.Path("sst.json").read_text()))
for config in configs:
    assert validator.is_valid(config), list(validator.iter_errors(config))
    assert accepts(config)[0], accepts(config)[1]
def change(path, value):
    config = copy.deepcopy(configs[-1])
    place = config
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return config
bad = [change(("store",), None), change(("nonsense",), 1), change(("zarr_format",), 4),
       change(("match",), []), change(("dims", "lat", "chunk"), 0), change(("dims", "lat", "x"), 1),
       change(("variables",), {}), change(("variables", "sst", "fill"), 3), change(("late",), "never"),
       change(("slot_winner",), ["beauty"]), change(("geo",), ["utm"]),
       change(("grid",), {"from": "explicit"}), change(("batch",), {"files": -1}),
       change(("dims", "time", "axis"), "weekly"), change(("batch",), {"bytes": "2 cows"})]
for config in bad:
    assert not validator.is_valid(config), config
    good, text = accepts(config)
    assert not good and text.count("\n") == 1, (config, text)
PYTHON
}

@test "SIGTERM ends with 143 and leaves nothing that replay cannot finish" {
    mkfifo pipe
    hls-zarr-update ingest -c sst.json --follow <pipe >/dev/null &
    pid=$!
    exec 9>pipe
    put "$(sst 8)" >&9
    waits() { zarr status | grep -q '"waiting":1'; }
    wait_until --while "$pid" waits
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    exec 9>&-
    assert_equal "$status" 143
    zarr replay >/dev/null
    assert_equal "$(pixels | cut -d' ' -f8)" 373
    zarr verify --deep
}

@test "the same bytes for any number of threads, any order and any batch" {
    zarr append -j 1 "$(sst 8)" "$(sst 9)" "$(sst 10)" >/dev/null
    one=$(digest)
    rm -r sst.zarr sst.zarr.hls-state
    zarr create "$(sst 12)" >/dev/null
    for day in 10 8 9; do zarr append -j 3 "$(sst $day)" >/dev/null; done
    assert_equal "$(digest)" "$one"
}

@test "the HLS example: seven layers of a tile make a day, in any order" {
    "$HERE/../zarr/example_files" .
    cp "$HERE/../../share/collections/hls-l30-16rdv.json" hls.json
    hls-zarr-update create -c hls.json HLS.L30.T16RDV.2020214T161612.v2.0.B04.tif >/dev/null
    for name in HLS.*.tif; do put "$name"; done | sort -R | hls-zarr-update ingest -c hls.json >/dev/null
    hls-zarr-update verify -c hls.json --deep
    hls-zarr-update inspect -c hls.json --time 2020-08-01 | grep -c '"held":true' | grep -q 1
    run hls-zarr-update inspect -c hls.json
    assert_output --partial '"grid_mapping":"spatial_ref"'
    assert_output --partial 'EPSG:32616'
    assert_output --partial '"shape":[2686,40,50]'
    # Another tile's grid does not fit.
    gdal_translate -q -a_ullr 399990 3100020 401490 3098820 HLS.L30.T16RDV.2020214T161612.v2.0.B04.tif \
        HLS.L30.T16RDV.2020215T161612.v2.0.B04.tif
    run --separate-stderr hls-zarr-update append -c hls.json HLS.L30.T16RDV.2020215T161612.v2.0.B04.tif
    assert_equal "$status" 65
    [[ $stderr == *'x[0] is'* ]]
    gdal_translate -q -a_srs EPSG:32617 HLS.L30.T16RDV.2020214T161612.v2.0.B04.tif \
        HLS.L30.T16RDV.2020215T161612.v2.0.B04.tif
    run --separate-stderr hls-zarr-update append -c hls.json HLS.L30.T16RDV.2020215T161612.v2.0.B04.tif
    assert_equal "$status" 65
    [[ $stderr == *'EPSG:32617'* ]]
}

@test "the Argo example: ragged profiles in the order of time, whenever they come" {
    "$HERE/../zarr/example_files" .
    cp "$HERE/../../share/collections/argo-profiles.json" argo.json
    hls-zarr-update create -c argo.json R1900001_001.nc >/dev/null
    hls-zarr-update append -c argo.json R1900001_001.nc >/dev/null
    hls-zarr-update append -c argo.json D1900002_010.nc >/dev/null
    hls-zarr-update verify -c argo.json --deep
    region() { hls-zarr-update inspect -c argo.json --array "$1" --region "$2" | tr -d ' \n'; }
    assert_equal "$(region time 0:3)" '[2332713600000,2332843200000,2333080800000]'
    assert_equal "$(region temperature 0:3,4:6)" '[[13.0,14.0],[14.5,99999.0],[17.25,18.25]]'
    before=$(cd argo-profiles.zarr && find . -type f -exec sha256sum {} + | sort | sha256sum)
    rm -r argo-profiles.zarr*
    hls-zarr-update create -c argo.json R1900001_001.nc >/dev/null
    hls-zarr-update append -c argo.json D1900002_010.nc R1900001_001.nc >/dev/null
    assert_equal "$(cd argo-profiles.zarr && find . -type f -exec sha256sum {} + | sort | sha256sum)" "$before"
    # Two floats may surface in the same moment.
    cp D1900002_010.nc R1900003_001.nc
    hls-zarr-update append -c argo.json R1900003_001.nc >/dev/null
    hls-zarr-update verify -c argo.json --deep
}
