#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch and the world's bad will: secrets that must not show, input that must not work.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

# watch_arguments: notes the command lines of all hls-fetch processes until the file `stop` is there.
watch_arguments() {
    python3 - <<'PYTHON' 3>&- &
import glob, os, time
seen = set()
while not os.path.exists("stop"):
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            line = open(path, "rb").read()
        except OSError:
            continue
        if b"hls-fetch" in line:
            seen.add(line)
    time.sleep(0.002)
open("arguments", "wb").write(b"\n".join(seen))
PYTHON
    WATCHER=$!
    SERVERS+=("$WATCHER")
}

@test "A7: marker secrets are in no log, line, argument or file but the token's own" {
    local name=S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420
    landsat_bucket
    zip_product $name
    start_strict bucket
    local service
    for service in SQS LANDSATLOOK LAADS EDL STS BATCH EARTH_SEARCH; do
        export "HLS_ENDPOINT_$service=$URL/-/${service,,}"
    done
    export HLS_ENDPOINT_CDSE_S3=$URL CDSE_S3_ACCESS_KEY=CDSEKEY CDSE_S3_SECRET_KEY=secret-MARKER-eodata
    export EARTHDATA_TOKEN=token-MARKER-edl AWS_EC2_METADATA_DISABLED=true HOME=$PWD
    control '{"set":{"made":3,"products":['"$(catalogue_row $name u1 "$MD5")"'],
        "bodies":["{\"landsat_product_id\":\"'"$SCENE"'\"}"]}}'
    mkdir P
    echo x >P/P.json
    watch_arguments
    everything() {
        local code=0
        hls-fetch -vv "$@" >>out 2>>err || code=$?
        echo "$* $code" >>codes
    }
    everything search --catalog landsatlook --date 2024-03-07
    everything search --catalog usgs-bucket --date 2023-07-04 --path 1
    everything search --date 2024-09-12 --tile 28PHQ
    everything listen --sqs https://sqs.us-west-2.amazonaws.com/123456789012/granules --max-idle 1
    everything get $name "$SCENE" -d in --min-free 0
    everything put P s3://out-bucket/x
    everything doctor --login
    everything get $name -d other --source eodata --min-free 0
    # The token is where it belongs, and only its owner can read it.
    assert_equal "$(grep -rl MARKER state)" state/cdse.json
    assert_equal "$(stat -c %a state/cdse.json)" 600
    # The same with everything refused, and with answers that repeat what was sent.
    rm -r state
    export AWS_SECRET_ACCESS_KEY=bogus-MARKER-aws CDSE_PASSWORD=bogus-MARKER-cdse
    export CDSE_S3_SECRET_KEY=bogus-MARKER-eodata AWS_SESSION_TOKEN=session-MARKER
    control '{"faults":[{"path":"identity","kind":"400","body":"{\"error\":\"x\",\"detail\":\"password=bogus-MARKER-cdse\"}"}]}'
    everything get $name "${SCENE%T1}RT" -d again --min-free 0
    everything get $name -d again --source eodata --min-free 0
    everything put P s3://out-bucket/y
    everything listen --sqs https://sqs.us-west-2.amazonaws.com/123456789012/granules --max-idle 1
    everything doctor --login
    touch stop
    wait "$WATCHER"
    grep -q 'debug' err || fail 'nothing was logged'
    [ -s arguments ] || fail 'no argument was seen'
    grep -q ' 0$' codes && grep -q ' 77$' codes
    local found
    found=$(grep -rl MARKER . --exclude-dir=state --exclude-dir=bucket || true)
    [ -z "$found" ] || fail "secrets in: $found: $(grep -rho '.\{60\}MARKER.\{20\}' . | head -3)"
}

@test "a secret that others can read is refused with what to do" {
    start_strict
    unset CDSE_PASSWORD
    echo password-MARKER-cdse >password
    chmod 644 password
    export CDSE_PASSWORD_FILE=$PWD/password
    control '{"set":{"products":[{"Id":"u1","Name":"S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420.SAFE"}]}}'
    run --separate-stderr hls-fetch get S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420 -d in
    assert_equal "$status" 77
    assert_output --partial 'chmod 600'
}

# reject INPUT WHY: parse makes a line of it that says why.
reject() {
    run --separate-stderr hls-fetch parse --show-rejected <<<"$1"
    assert_success
    [[ $output == *"\"why\":\"$2"* ]] || fail "$1: $output"
}

@test "bad input of messages: each has its answer" {
    local id=LC08_L1TP_001005_20230704_20230717_02_T1 key
    run --separate-stderr hls-fetch parse </dev/null
    assert_success
    assert_output ''
    printf '\xef\xbb\xbf%s\r\n\r\n' "$id" >lines
    run hls-fetch parse <lines
    assert_equal "$(field id)" $id
    reject '{"landsat_product_id": NaN}' bad_json
    reject '{"a":1,"a":2}' bad_json
    reject '{"a":"\ud800"}' bad_json
    head -c 2000000 /dev/zero | tr '\0' x >long
    run hls-fetch parse <long
    assert_output --partial '"why":"bad_json"'
    printf '{"bad"\n%s\n' "$id" >lines
    run --separate-stderr hls-fetch parse --strict <lines
    assert_equal "$status" 65
    reject '{"Type":"Notification","TopicArn":"t","Message":"not json"}' bad_json
    for key in ../x.zip /x.zip "a/../$id.tar" 'a\u0001b.zip' "$(head -c 1100 /dev/zero | tr '\0' k)"; do
        reject '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{
            "bucket":{"name":"usgs-landsat"},"object":{"key":"'"$key"'"}}}]}' unsafe_key
    done
    for key in LC09_L2SP_077023_20240124_20240125_02_T1 LE07_L1TP_001005_20230704_20230717_02_T1 \
        LC08_L1GT_001005_20230704_20230717_02_T2 LO08_L1TP_001005_20230704_20230717_02_T1 \
        LT08_L1TP_001005_20230704_20230717_02_T1; do
        reject "$key" filtered:product
    done
    for key in LC08_L1TP_001005_20240230_20230717_02_T1 LC08_L1TP_000005_20230704_20230717_02_T1 \
        LC08_L1TP_234005_20230704_20230717_02_T1 LC08_L1TP_001249_20230704_20230717_02_T1 \
        S2A_MSIL1C_20240912T112541_N0511_R137_T28PHO_20240912T133420 \
        S2A_MSIL1C_20240912T112541_N0511_R137_T00PHQ_20240912T133420 \
        S2A_MSIL1C_20240912T112541_N0511_R137_T61PHQ_20240912T133420; do
        run --separate-stderr hls-fetch parse --show-rejected <<<"$key"
        [[ $output == *'"kind":"reject"'* ]] || fail "$key: $output"
    done
    run hls-fetch parse <<<"  lc08_l1tp_001005_20230704_20230717_02_t1.TAR "
    assert_equal "$(field id)" $id
    run hls-fetch parse < <(printf '%s\n' $id $id)
    assert_equal "${#lines[@]}" 1
    run hls-fetch parse --allow-bucket in-bucket <<<'{"Records":[{"eventSource":"aws:s3","eventName":
        "ObjectCreated:Put","s3":{"bucket":{"name":"in-bucket"},"object":{"key":"a+b%2F'$id'.tar"}}}]}'
    assert_output --partial "s3://in-bucket/a b/$id.tar"
    run hls-fetch parse --allow-bucket in-bucket <<<'{"source":"aws.s3","detail-type":"Object Created",
        "detail":{"bucket":{"name":"in-bucket"},"object":{"key":"a+b%2F/'$id'.tar"}}}'
    assert_output --partial "s3://in-bucket/a+b%2F/$id.tar"
}

@test "bad answers of the catalogue when a product is looked up" {
    local name=S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420 more
    zip_product $name
    start_strict bucket
    get() {
        run --separate-stderr hls-fetch get $name -d in --min-free 0
    }
    # Sizes that mean nothing: the checksum decides. Sums of unknown kinds: the zip test does.
    for more in '"ContentLength":0' '"ContentLength":null' '"ContentLength":-5'; do
        control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE",'"$more"',
            "Checksum":[{"Algorithm":"MD5","Value":"'"$MD5"'"}]}]}}'
        get
        assert_success
        rm -r in
    done
    for more in '[{"Algorithm":"WHIRLPOOL","Value":"00"}]' '[]' '[{}]' null; do
        control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE","Checksum":'"$more"'}]}}'
        get
        assert_success
        assert_output --partial '"verified":["size","content"]'
        rm -r in
    done
    control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE","Online":false}]}}'
    get
    assert_equal "$status" 75
    control '{"faults":[{"path":"catalogue","kind":"html"}]}'
    get
    assert_equal "$status" 69
    control '{"reset":true,"faults":[{"path":"catalogue","kind":"200","body":"{\"detail\":\"down\"}"}]}'
    get
    assert_equal "$status" 69
    control '{"reset":true,"set":{"products":[{"Id":"u1","Name":"../../evil.SAFE"}]}}'
    run --separate-stderr hls-fetch get 0ee5de89-fadb-496b-b295-82fb9ae110c5 -d in
    assert_equal "$status" 66
    # A folder or a link where the file should be.
    control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE"}]}}'
    mkdir -p in/$name.zip
    get
    assert_equal "$status" 2
    rmdir in/$name.zip
    ln -s /etc/passwd in/$name.zip
    get
    assert_equal "$status" 2
    # An identifier that does not know its place.
    control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE","S3Path":"/eodata/../../x.SAFE"}]}}'
    export CDSE_S3_ACCESS_KEY=CDSEKEY CDSE_S3_SECRET_KEY=x HLS_ENDPOINT_CDSE_S3=$URL
    run --separate-stderr hls-fetch get $name -d in --source eodata
    [ "$status" -eq 65 ] || [ "$status" -eq 66 ]
}

@test "a machine whose clock is off by hours still signs, and says so" {
    landsat_bucket
    start_strict bucket
    control '{"set":{"clock_offset":7200}}'
    run --separate-stderr hls-fetch get "$SCENE" -d in --min-free 0
    assert_success
    [[ $stderr == *'clock is 7'*' s off'* ]]
    diff -r "made/$SCENE" "in/$SCENE"
}
