#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What scripts/batch holds: the entry of containers, work on s3://, the variables of the production
# system, job definitions, timers.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031  # bats sets stderr and makes subshells; inner shells expand

load assertions
load servers

setup_file() {
    export BATCH=$BATS_TEST_DIRNAME/../../scripts/batch
    export PATH="$HLS_BIN:$BATCH:$BATS_TEST_DIRNAME/../../scripts:$PATH"
    export HLS_RETRY_BASE=0.05
    # Words before a command that make it process 1 of a namespace of its own.
    export ONE="unshare --pid --fork --mount-proc"
    ((EUID == 0)) || ONE+=" --user --map-root-user"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    INNER=''
    export HLS_LOG=$PWD/hls.db TMPDIR=$PWD/scratch
    mkdir scratch
}

teardown() {
    stop_servers
    [ -z "$INNER" ] || kill -9 "$INNER" 2>/dev/null || true
}

# bring URI: what the bucket holds there, as a folder below here/.
bring() {
    hls-fetch get -q --plain "$1" -d here >/dev/null
}

# tile_scene: a small Landsat scene in the middle of a tile, made/$SCENE; $TILE, $DAY.
tile_scene() {
    local best
    best=$(hls-mgrs-intersect 033030 --format ndjson | python3 -c '
import json, sys
best = max(map(json.loads, sys.stdin), key=lambda t: t["percent"])
print(best["tile"], best["hls_epsg"] % 100, best["ulx"] + 40005, best["hls_uly"] - 40005)')
    read -r TILE zone ulx uly <<<"$best"
    hls-simulate landsat -o made --size 120x120 --ancillary none --no-truth --no-pan --wrs-path 33 --wrs-row 30 \
        --date 2021-07-15T17:05:00Z --utm-zone "$zone" --ulx "$ulx" --uly "$uly" >/dev/null
    SCENE=$(basename made/LC0*)
    DAY=2021196
}

# items SHELL_COMMAND [EXPECTED]: a claimed list of one line, which runs it.
items() {
    [ -e "$HLS_LOG" ] || hls-log init >/dev/null
    echo LC08_L1TP_001120_20240307_20240309_02_T1 | hls-log add --track test >/dev/null
    hls-retry due --claim --stage ac --format items ${2:+--expect "$2"} -- sh -c "$1" >list
    export HLS_ITEMS=$PWD/list HLS_SPOOL=$PWD/spool
    mkdir -p spool
}

@test "entry: the exit codes of the tool pass through, expected ends are good" {
    local code expected
    for code in 0 3 5 2 65 70 77 124; do
        rm -rf hls.db* spool
        items "echo said >&2; : >$PWD/made; exit $code" "$PWD/made"
        expected=$code
        [[ $code != [35] ]] || expected=0
        run --separate-stderr hls-batch-entry
        assert_equal "$code: $status" "$code: $expected"
        [[ $stderr == *said* ]] || fail "$code: the tool's words are not in the container's log"
        run hls-log record spool
        assert_output --partial '"applied":1'
        rm -f made
        assert_equal "$(find scratch -mindepth 1)" ''
    done
    run --separate-stderr env -u HLS_ITEMS hls-batch-entry
    assert_failure 2
}

@test "entry: as process 1 it stops with 143 within seconds, and leaves no files" {
    $ONE true || skip "no process namespaces here"
    items 'trap "" TERM; echo x >"$TMPDIR/big"; : >'"$PWD"'/began; while :; do sleep 1; done'
    $ONE hls-batch-entry >/dev/null 2>&1 &
    local outer=$! start code=0
    wait_until --while "$outer" test -e began
    [ -n "$(find scratch -name big)" ]
    INNER=$(pgrep -P "$outer")
    start=$EPOCHREALTIME
    kill -TERM "$INNER"
    wait "$outer" || code=$?
    assert_equal "$code" 143
    assert_within 5.5 "$start"
    assert_equal "$(find scratch -mindepth 1)" ''
    run hls-log record spool
    assert_output --partial '"applied":1'
    assert_equal "$(sqlite3 hls.db "SELECT state||' '||reason FROM unit WHERE stage='ac'")" 'ready terminated'
    # What AWS Batch tries again by itself is not recorded.
    items 'kill -TERM $PPID; sleep 5'
    code=0
    AWS_BATCH_JOB_ATTEMPT=1 $ONE hls-batch-entry >/dev/null 2>&1 || code=$?
    assert_equal "$code $(find spool -name '*.json' -newer list)" '143 '
}

@test "s3: inputs come, outputs go, the record names them where they are" {
    mkdir -p bucket/inbox/scenes/A/sub
    echo one >bucket/inbox/scenes/A/a.tif
    echo two >bucket/inbox/scenes/A/sub/b.tif
    echo three >bucket/inbox/c.txt
    start_bucket bucket
    cat >tool <<'SCRIPT'
#!/bin/sh
# tool FOLDER FILE -o OUT
mkdir -p "$4/product"
cat "$1/a.tif" "$1/sub/b.tif" "$2" >"$4/product/all.tif"
echo '{}' >"$4/product/product.json"
echo "{\"outputs\":[{\"path\":\"$4/product/all.tif\"}]}"
echo told >&2
SCRIPT
    chmod +x tool
    run --separate-stderr hls-s3 ./tool s3://inbox/scenes/A s3://inbox/c.txt -o s3://outbox/l30
    assert_success
    assert_output '{"outputs":[{"path":"s3://outbox/l30/product/all.tif"}]}'
    assert_equal "$stderr" told
    bring s3://outbox/l30/product/
    assert_equal "$(cat here/product/all.tif)" $'one\ntwo\nthree'
    assert_equal "$(find scratch -mindepth 1)" ''
    # One file, the other spelling, and a tool that fails.
    run hls-s3 sh -c 'cat "$1" >"$3"' - s3://inbox/c.txt --output=s3://outbox/copies/c.txt
    assert_success
    bring s3://outbox/copies/c.txt
    assert_equal "$(cat here/c.txt)" three
    run hls-s3 sh -c 'mkdir -p "$2/x"; : >"$2/x/y"; exit 65' - -o s3://outbox/never
    assert_failure 65
    run hls-fetch get -q --plain s3://outbox/never/ -d here
    assert_failure 66
    run --separate-stderr hls-s3 cat s3://inbox/nowhere
    assert_failure 66
    assert_refused 2 'COMMAND is required' hls-s3
}

@test "lists and records lie in s3://, what cannot be taken in is put apart" {
    start_bucket
    items 'exit 3'
    mkdir lists bad
    mv list lists/
    echo broken >bad/broken.json
    hls-fetch put -q lists s3://work/lists >/dev/null
    hls-fetch put -q bad s3://work/spool >/dev/null
    HLS_ITEMS=s3://work/lists/list HLS_SPOOL=s3://work/spool run hls-batch-entry
    assert_success
    run --separate-stderr hls-log record s3://work/spool
    assert_failure 65
    assert_equal "$(hls-log show --stage ac --state claimed --format keys | wc -l)" 1
    run --separate-stderr hls-log record --archive --keep-going s3://work/spool
    assert_failure 65
    assert_output --partial '"applied":1'
    assert_output --partial '"rejected":1'
    run hls-log show --stage ac
    assert_output --regexp 'skipped +low_sun'
    run hls-log record --archive s3://work/spool
    assert_success
    assert_output --partial '"applied":0,"duplicate":0'
    bring s3://work/spool/
    assert_file_exists here/spool/rejected/broken.json
    assert_equal "$(find here/spool/done -name '*.json' | wc -l)" 1
    run hls-retry run --items s3://work/lists/none --spool s3://work/spool
    assert_failure 66
}

@test "compat: a Landsat scene and its tile, by the variables of the production system" {
    [ -e "${HLS_DATA_DIR:-}/tables/oli.tables" ] || skip "no tables in HLS_DATA_DIR"
    tile_scene
    mkdir -p bucket/level1/collection02
    cp -r "made/$SCENE" bucket/level1/collection02/
    start_bucket bucket
    export HLS_ANCILLARY=climatology OMP_NUM_THREADS=1 SCRATCH_DIR=$TMPDIR AWS_BATCH_JOB_ID=5ce9-job
    run env GRANULE="$SCENE" PREFIX="collection02/$SCENE" INPUT_BUCKET=level1 OUTPUT_BUCKET=inter hls-compat
    assert_success
    bring "s3://inter/2021-07-15/033030/"
    assert_file_exists "here/033030/$SCENE/scene.json"

    export PATHROW_LIST=033030 DATE=2021-07-15 MGRS=$TILE INPUT_BUCKET=inter OUTPUT_BUCKET=outbox GIBS_OUTPUT_BUCKET=gibs
    export HLS_COMPAT=1
    run hls-batch-entry
    assert_success
    local id=HLS.L30.T$TILE.${DAY}T170500.v2.0
    bring "s3://outbox/L30/data/$DAY/$id/"
    bring "s3://outbox/L30_VI/data/$DAY/HLS-VI${id#HLS}/"
    bring "s3://gibs/L30/data/$DAY/"
    python3 - "here/$id/$id.json" "s3://outbox/L30/data/$DAY/$id" <<'PYTHON'
import json, sys
manifest = json.load(open(sys.argv[1]))
assert manifest["identifier"] == "5ce9-job", manifest["identifier"]
assert manifest["collection"] == "HLSL30"
for file in manifest["product"]["files"]:
    assert file["uri"] == f"{sys.argv[2]}/{file['name']}", file
PYTHON
    [ -n "$(ls "here/$DAY")" ]
    # It is there now.
    run --separate-stderr hls-compat
    assert_success
    HLS_COMPAT_EXIT=1 run hls-compat
    assert_failure 4
    REPLACE_EXISTING=replace HLS_COMPAT_EXIT=1 run hls-compat
    assert_success
    # A row that was never corrected.
    PATHROW_LIST=033030,033031 run hls-compat
    assert_failure 66
    PATHROW_LIST=033030,033031 HLS_COMPAT_EXIT=1 run hls-compat
    assert_failure 1
    assert_equal "$(find scratch -mindepth 1)" ''
}

@test "compat: twins, debugging, exit codes" {
    local a=S2B_MSIL1C_20240307T075819_N0510_R035_T35HKD_20240307T101522
    local b=S2B_MSIL1C_20240307T075819_N0510_R035_T35HKD_20240307T111522
    mkdir -p bucket/level1 fake
    echo a >bucket/level1/$a.zip
    echo b >bucket/level1/$b.zip
    start_bucket bucket
    # What hls-s30 leaves, without its work.
    cat >fake/hls-s30 <<'SCRIPT'
#!/bin/sh
echo "$@" >"$SAID"
[ "$FATE" = 0 ] || exit "$FATE"
id=HLS.S30.T35HKD.2024067T075819.v2.0
mkdir -p s30/$id
echo '{"product":{"files":[{"name":"x.tif","uri": "x.tif"}]}}' >s30/$id/$id.json
: >s30/$id/x.tif
SCRIPT
    chmod +x fake/hls-s30
    export PATH=$PWD/fake:$PATH SAID=$PWD/said FATE=0 INPUT_BUCKET=level1 OUTPUT_BUCKET=outbox
    export FMASK_VERSION=5
    GRANULE_LIST=$a run hls-compat
    assert_success
    assert_equal "$(cat said)" "-o . --fmask --profile hls5phy --tile --with vi l1/$a.zip"
    GRANULE_LIST=$a,$b run hls-compat
    assert_success
    assert_equal "$(cat said)" "-o . --fmask --profile hls5phy --tile --with vi l1/$a.zip l1/$b.zip"
    bring s3://outbox/S30/data/
    local id=HLS.S30.T35HKD.2024067T075819.v2.0
    assert_file_exists here/data/2024067/$id/x.tif
    run cat here/data/2024067/$id/twin/$id.json
    assert_output --partial "\"s3://outbox/S30/data/2024067/$id/twin/x.tif\""
    # A debug bucket gets everything, the DAAC nothing.
    GRANULE_LIST=$a DEBUG_BUCKET=debug OUTPUT_BUCKET=nothing run hls-compat
    assert_success
    bring s3://debug/$id/
    assert_file_exists here/$id/s30/$id/x.tif
    run hls-fetch get -q --plain s3://nothing/ -d here
    assert_failure 66
    local fate expected
    while read -r fate expected; do
        GRANULE_LIST=$a FATE=$fate run hls-compat
        assert_equal "$fate: $status" "$fate: $fate"
        GRANULE_LIST=$a FATE=$fate HLS_COMPAT_EXIT=1 run hls-compat
        assert_equal "compatible $fate: $status" "compatible $fate: $expected"
    done <<<'3 3
4 4
5 5
7 1
65 1
66 1
70 1
74 1
75 1
137 137
143 143'
    unset FMASK_VERSION
    assert_refused 2 'none of GRANULE_LIST' hls-compat
    assert_refused 2 'FMASK_VERSION is 9' env FMASK_VERSION=9 GRANULE_LIST=$a hls-compat
    assert_refused 2 'OUTPUT_BUCKET is not set' env -u OUTPUT_BUCKET hls-compat
    assert_refused 2 'unknown argument' hls-compat --nonsense
    assert_answers hls-compat --help
}

@test "job definitions are what AWS Batch takes, and retry what it should" {
    make-job-definitions --image a/hls@sha256:0 --job-role arn:aws:iam::1:role/hls --efs fs-1 \
        --secret arn:aws:secretsmanager:us-west-2:1:secret:edl --execution-role arn:aws:iam::1:role/ecs -o definitions
    run "$BATS_TEST_DIRNAME/../joblog/check_job_definitions" definitions
    assert_success
    run make-job-definitions --image i --job-role r --secret s -o definitions
    assert_failure 2
}

@test "the Dockerfile holds only what make-rootfs can do, and copies what is there" {
    run python3 - "$BATCH" <<'PYTHON'
import pathlib, re, sys
batch = pathlib.Path(sys.argv[1])
text = re.sub(r"\\\n", " ", "\n".join(l for l in (batch / "Dockerfile").read_text().splitlines() if l[:1] != "#"))
lines = [l.split() for l in text.splitlines() if l.strip()]
assert {l[0] for l in lines} <= {"FROM", "COPY", "RUN", "ENV", "USER", "CMD"}, lines
for line in lines:
    if line[0] == "COPY" and not line[1].startswith("--from="):
        assert (batch.parents[1] / line[1]).exists(), line
    for name in re.findall(r"hls-tools/batch/([\w-]+)", " ".join(line)):
        assert (batch / name).stat().st_mode & 0o111, name
PYTHON
    assert_success
    run make-rootfs --help
    assert_output --partial debootstrap
}
