#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-zarr-update with stores and files in buckets, on a stub that checks every signature.

load assertions
load servers

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export HERE="$BATS_TEST_DIRNAME"
    export SOURCE_DATE_EPOCH=1600000000 HLS_RETRY_BASE=0.05
    export FILES="$BATS_FILE_TMPDIR/files"
    mkdir "$FILES"
    "$HERE/../zarr/sst_files" "$FILES" 8 9 10 11
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$FILES"/* .
    mkdir -p served/inbox
    cp ./*.nc served/inbox
    start_bucket served
    unset HLS_ENDPOINT_S3
    export AWS_ENDPOINT_URL_S3=$URL
}

teardown() {
    stop_servers
}

sst() { printf '202410%02d120000-sst.nc' "$1"; }
put() { printf '{"op":"put","key":"%s"}\n' "$1"; }
zarr() { at s3://outbox/cubes/sst.zarr "$@"; }
# at STORE VERB ARGUMENTS...
at() { hls-zarr-update "$2" -c sst.json --store "$1" --source s3://inbox "${@:3}"; }
# object put|delete BUCKET KEY [TEXT]
object() {
    /usr/bin/python3 - "$@" <<'PYTHON'
import os, sys
import botocore.config, botocore.session
client = botocore.session.get_session().create_client(
    "s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"], region_name="us-west-2",
    config=botocore.config.Config(s3={"addressing_style": "path"}))
verb, bucket, key = sys.argv[1:4]
if verb == "put":
    client.put_object(Bucket=bucket, Key=key, Body=sys.argv[4].encode())
else:
    client.delete_object(Bucket=bucket, Key=key)
PYTHON
}
# Digests of all arrays; the arguments say which store.
digests() {
    hls-zarr-update inspect -c sst.json --digests "$@" |
        python3 -c 'import json, sys
for line in sys.stdin:
    node = json.loads(line)
    print(node.get("path"), node.get("shape"), node.get("sha256", node.get("digest")))'
}
same_as_on_disk() {
    diff <(digests --store s3://outbox/cubes/sst.zarr) <(digests)
}

@test "every verb, with the store and the files in buckets, does what it does on disk" {
    hls-zarr-update create -c sst.json "$(sst 8)" >/dev/null
    zarr create "s3://inbox/$(sst 8)" | grep -q '"created":true'
    zarr create "$(sst 8)" | grep -q '"created":false'
    zarr append "s3://inbox/$(sst 8)" | grep -q written
    run zarr append "s3://inbox/$(sst 8)"
    assert_output --partial unchanged
    put "$(sst 9)" | zarr ingest | grep -q written
    zarr update "s3://inbox/$(sst 10)" >/dev/null
    hls-zarr-update append -c sst.json "$(sst 8)" "$(sst 9)" "$(sst 10)" >/dev/null
    same_as_on_disk
    zarr clear "s3://inbox/$(sst 9)" | grep -q cleared
    hls-zarr-update clear -c sst.json "$(sst 9)" >/dev/null
    same_as_on_disk
    zarr reconcile | grep -q '"difference":"new"'
    zarr verify --deep
    zarr replay | grep -q '"finished":0'
    zarr gc
    zarr inspect --time 2024-10-08 | grep -q "$(sst 8)"
    zarr status | grep -q '"held":false'
    [ -z "$(find state/zarr/*/staging state/zarr/*/copies -mindepth 1)" ]
}

@test "an object that goes is taken out, a bucket that goes is not believed" {
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    put "$(sst 8)" | zarr ingest >/dev/null
    control '{"faults": [{"path": "^/inbox/?", "kind": "404", "body": "<Error><Code>NoSuchBucket</Code></Error>"}]}'
    run --separate-stderr zarr ingest <<<"$(put "$(sst 8)")"
    assert_equal "$status" 66
    control '{"reset": true}'
    zarr replay --dead-letters >/dev/null
    zarr inspect --time 2024-10-08 | grep -q '"held":true'
    object delete inbox "$(sst 8)"
    put "$(sst 8)" | zarr ingest | grep -q cleared
}

@test "hosts with states of their own see each other's work" {
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    zarr append --state one "s3://inbox/$(sst 8)" >/dev/null
    zarr append --state two "s3://inbox/$(sst 9)" >/dev/null
    run zarr append --state one "s3://inbox/$(sst 9)"
    assert_output --partial unchanged
    zarr status --state three | grep -q '"length":9'
    rm -r one
    zarr update --state one "s3://inbox/$(sst 10)" >/dev/null
    for state in one two three; do zarr verify --deep --state $state; done
}

@test "damage is seen and repaired" {
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    zarr append "s3://inbox/$(sst 8)" "s3://inbox/$(sst 9)" >/dev/null
    before=$(digests --store s3://outbox/cubes/sst.zarr)
    key=$(curl -s --noproxy '*' "$URL/-/requests" | grep -o 'cubes/sst.zarr/sst/[0-9][0-9./]*' | sort -u | tail -1)
    object put outbox "$key" rubbish
    run zarr verify --deep
    assert_equal "$status" 1
    run zarr verify --deep --repair
    zarr verify --deep
    assert_equal "$(digests --store s3://outbox/cubes/sst.zarr)" "$before"
    zarr verify --deep --state other
}

@test "a dry run writes nothing to the bucket" {
    zarr create --dry-run "s3://inbox/$(sst 8)" >/dev/null
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    control '{"reset": true}'
    put "$(sst 8)" | zarr ingest --dry-run | grep -q '"plan"'
    run curl -s --noproxy '*' "$URL/-/requests"
    refute_output --regexp '"method": "(PUT|POST|DELETE)"'
}

@test "servers without conditions are refused, or serve a single writer" {
    for how in ignored refused; do
        control "{\"set\": {\"conditions\": \"$how\"}}"
        place="s3://$how/sst.zarr"
        run --separate-stderr at "$place" create "$(sst 8)"
        assert_equal "$status" 69
        # shellcheck disable=SC2154  # set by bats
        [[ $stderr == *"--single-writer"* ]]
        at "$place" create --single-writer "$(sst 8)" >/dev/null
        at "$place" append "s3://inbox/$(sst 8)" >/dev/null
        at "$place" update "s3://inbox/$(sst 9)" >/dev/null
        at "$place" verify --deep
        for promise in "" --single-writer; do
            run --separate-stderr at "$place" update $promise --state other "s3://inbox/$(sst 9)"
            assert_equal "$status" 2
            rm -r other
        done
    done
    control '{"set": {"conditions": null}}'
    zarr create "$(sst 8)" >/dev/null
    run --separate-stderr zarr append --single-writer "s3://inbox/$(sst 8)"
    assert_equal "$status" 2
}

@test "what is missing, forbidden or occupied ends with its code" {
    assert_refused 66 'no store' zarr append "s3://inbox/$(sst 8)"
    assert_refused 66 'no object' zarr create "s3://inbox/none.nc"
    zarr create "$(sst 8)" >/dev/null
    AWS_SECRET_ACCESS_KEY=wrong assert_refused 77 '403' zarr append "s3://inbox/$(sst 8)"
    object put outbox other.zarr/zarr.json '{}'
    run --separate-stderr at s3://outbox/other.zarr create "$(sst 8)"
    assert_equal "$status" 73
}

@test "a storm of refusals and lost answers changes nothing" {
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    control '{"faults": [
        {"path": "sst.zarr/", "method": "PUT", "kind": "503", "each": true, "times": 1, "retry_after": 0.05},
        {"path": "sst.zarr/", "method": "HEAD", "kind": "500", "each": true, "times": 1},
        {"path": "", "method": "GET", "kind": "trunc", "each": true, "times": 1}]}'
    zarr append "s3://inbox/$(sst 8)" | grep -q written
    control '{"reset": true, "faults": [
        {"path": "sst.zarr", "method": "PUT", "kind": "accept_and_drop", "each": true, "times": 1}]}'
    zarr append "s3://inbox/$(sst 9)" | grep -q written
    control '{"reset": true}'
    zarr verify --deep
    hls-zarr-update create -c sst.json "$(sst 8)" >/dev/null
    hls-zarr-update append -c sst.json "$(sst 8)" "$(sst 9)" >/dev/null
    same_as_on_disk
}

@test "SIGTERM ends with 143, and the next run goes on" {
    zarr create "s3://inbox/$(sst 8)" >/dev/null
    control '{"faults": [{"path": "sst.zarr/sst/[0-9]", "method": "PUT", "kind": "503", "times": 1, "retry_after": 20}]}'
    hls-zarr-update append -c sst.json --store s3://outbox/cubes/sst.zarr --source s3://inbox \
        "s3://inbox/$(sst 8)" >/dev/null 2>&1 &
    writer=$!
    # Refused, it waits for as long as the server asked.
    for _ in {1..300}; do
        curl -s --noproxy '*' "$URL/-/requests" | grep -q '"PUT"[^}]*sst.zarr/sst/[0-9]' && break
        sleep 0.1
    done
    kill -TERM "$writer"
    status=0
    wait "$writer" || status=$?
    assert_equal "$status" 143
    control '{"reset": true}'
    zarr replay >/dev/null
    zarr verify --deep
    zarr inspect --time 2024-10-08 | grep -q '"held":true'
}
