#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch at its edge: messages in, records out, exit codes, streams.

load assertions
load fetch_servers

ID=LC08_L1TP_001005_20230704_20230717_02_T1

@test "help and version answer on stdout with success" {
    for arguments in --help --version --usage-json "parse --help"; do
        # shellcheck disable=SC2086  # two words are two arguments
        assert_answers hls-fetch $arguments
    done
    hls-fetch --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'a command is required' hls-fetch
    assert_refused 2 'nonsense' hls-fetch nonsense
    assert_refused 2 'preset' hls-fetch parse --preset all
    assert_refused 2 'an empty WHAT' hls-fetch get ''
    assert_refused 2 'nan is no number' hls-fetch get --min-free nan "$ID"
}

@test "parse: lines in, records out, quiet on stderr" {
    run --separate-stderr hls-fetch parse <<<"$ID"
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 1
    python3 -c 'import json, sys; r = json.loads(sys.argv[1]); assert r["id"] == sys.argv[2], r
assert (r["path"], r["row"], r["tier"], r["accept"]) == (1, 5, "T1", True), r' "$output" "$ID"
    run hls-fetch parse </dev/null
    assert_success
    assert_output ''
}

@test "parse: a bad message becomes a line, or the end with --strict" {
    printf '%s\n' '{"broken":' "$ID" >messages
    run --separate-stderr hls-fetch parse <messages
    assert_success
    assert_line --index 0 --partial '"why":"bad_json"'
    assert_line --index 1 --partial "$ID"
    run --separate-stderr hls-fetch parse --strict <messages
    assert_equal "$status" 65
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
}

@test "parse: what a preset filters is shown on demand" {
    run hls-fetch parse <<<"${ID/L1TP/L1GT}"
    assert_output ''
    run hls-fetch parse --show-rejected <<<"${ID/L1TP/L1GT}"
    assert_output --partial 'filtered:product'
}

@test "parse answers line by line and stops quietly when nobody reads" {
    coproc FETCH { hls-fetch parse; }
    # shellcheck disable=SC2154  # set by coproc
    echo "$ID" >&"${FETCH[1]}"
    # shellcheck disable=SC2154
    local line process=$FETCH_PID code=0
    read -r -t 300 -u "${FETCH[0]}" line
    [[ $line == *"$ID"* ]] || fail "no answer before the end of input: $line"
    kill -TERM "$process"
    wait "$process" || code=$?
    assert_equal "$code" 143
    yes "$ID" | head -100000 | sed 's/$/ /;n;s/0704/0705/' | hls-fetch parse | head -1 >/dev/null
    [ "${PIPESTATUS[3]}" -eq 0 ]
}

@test "get: a Landsat scene comes whole, and a gone RT scene as its successor" {
    landsat_bucket
    start_strict bucket
    run --separate-stderr hls-fetch get "$SCENE" -d in --min-free 0
    assert_success
    assert_output --partial '"action":"fetched"'
    diff -r "made/$SCENE" "in/$SCENE"
    run --separate-stderr hls-fetch get "$SCENE" -d in --min-free 0
    assert_output --partial '"action":"exists"'
    run --separate-stderr hls-fetch get "${SCENE%T1}RT" -d again --min-free 0
    assert_success
    assert_output --partial "\"requested_id\":\"${SCENE%T1}RT\""
    diff -r "made/$SCENE" "again/$SCENE"
    run --separate-stderr hls-fetch get "${SCENE%T1}RT" -d again --successor none
    assert_equal "$status" 66
    curl -s --noproxy '*' "$URL/-/requests" >requests
    run grep -c secret-MARKER requests
    assert_output 0
}

@test "get: a scene that is published in part waits with 75 and leaves nothing" {
    landsat_bucket
    rm "$PLACE/$SCENE/${SCENE}_B4.TIF"
    start_strict bucket
    run --separate-stderr hls-fetch get "$SCENE" -d in --min-free 0
    assert_equal "$status" 75
    assert_output --partial '_B4.TIF is not there yet'
    [ ! -e in ]
}

@test "get: a Sentinel-2 zip by its name, resumed, verified, one session" {
    local name=S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420
    zip_product $name
    start_strict bucket
    control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE","ContentLength":5,
        "Checksum":[{"Algorithm":"MD5","Value":"'"$MD5"'"}]}]},
        "faults":[{"path":"download","kind":"trunc","times":1},{"path":"download","kind":"503","times":1}]}'
    run --separate-stderr hls-fetch get $name.SAFE -d in --min-free 0
    assert_success
    assert_output --partial '"verified":["size","md5","content"]'
    cmp bucket/zips/u1 in/$name.zip
    assert_equal "$(ls in)" $name.zip
    run hls-fetch get $name -d in --min-free 0
    assert_output --partial '"action":"exists"'
    run curl -s --noproxy '*' "$URL/-/identity-counts"
    assert_output --partial '"sessions": 1'
    control '{"faults":[{"path":"download","kind":"html"}]}'
    run --separate-stderr hls-fetch get $name -d other --min-free 0
    assert_equal "$status" 77
    [ -z "$(ls other)" ] || fail "left: $(ls other)"
    run --separate-stderr hls-fetch get ${name/T28PHQ/T28PHR} -d other
    assert_equal "$status" 66
    [[ $stderr != *MARKER* ]]
}

@test "get: a login that is refused is told, not taken for success" {
    local name=S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420
    zip_product $name
    start_strict bucket
    control '{"set":{"products":['"$(catalogue_row $name u1 "$MD5")"']}}'
    CDSE_PASSWORD=wrong run --separate-stderr hls-fetch get $name -d in --min-free 0
    assert_equal "$status" 77
    assert_output --partial '"action":"failed"'
    [ -z "$(ls in 2>/dev/null)" ] || fail "left: $(ls in)"
}

@test "get: a hostile zip is refused and nothing is kept" {
    local name=S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T133420
    zip_product $name
    python3 -c 'import zipfile; zipfile.ZipFile("bucket/zips/u1", "a").writestr("../../evil", "x")'
    MD5=$(md5sum <bucket/zips/u1 | cut -d' ' -f1)
    start_strict bucket
    control '{"set":{"products":[{"Id":"u1","Name":"'$name'.SAFE","ContentLength":5,
        "Checksum":[{"Algorithm":"MD5","Value":"'"$MD5"'"}]}]}}'
    run --separate-stderr hls-fetch get $name -d in --min-free 0
    assert_equal "$status" 65
    [ -z "$(ls in)" ] || fail "left: $(ls in)"
}

@test "put: manifest last, refused when it is there, resumed with skip" {
    mkdir P
    for f in P.B01.tif P.B02.tif P.cmr.xml P.jpg P_stac.json P.json; do echo $f >P/$f; done
    start_strict
    run hls-fetch put P s3://out-bucket/x --dry-run
    assert_line --index 5 'write s3://out-bucket/x/P.json'
    control '{"faults":[{"path":"P.jpg","method":"PUT","kind":"403"}]}'
    run --separate-stderr hls-fetch put P s3://out-bucket/x
    assert_equal "$status" 77
    control '{"reset":true}'
    run --separate-stderr hls-fetch put P s3://out-bucket/x --if-exists skip
    assert_success
    run python3 - "$URL" <<'PYTHON'
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
log = json.load(opener.open(sys.argv[1] + "/-/requests"))["requests"]
print([r["path"] for r in log if r["method"] == "PUT"][-1])
PYTHON
    assert_output /out-bucket/x/P.json
    run --separate-stderr hls-fetch put P s3://out-bucket/x
    assert_equal "$status" 73
    run --separate-stderr hls-fetch put P s3://out-bucket/x --if-exists replace
    assert_success
    ln -s P.jpg P/link.jpg
    run --separate-stderr hls-fetch put P s3://out-bucket/x --if-exists replace
    assert_success
    [[ $stderr == *'P/link.jpg: a link, not sent'* ]] || fail "$stderr"
    run --separate-stderr hls-fetch put nowhere s3://out-bucket/x
    assert_equal "$status" 66
    run --separate-stderr hls-fetch put P out-bucket
    assert_equal "$status" 2
}

@test "search: 25,000 products past the catalogue's limit, none lost, none twice" {
    start_strict
    control '{"set":{"record":false}}'
    export HLS_ENDPOINT_CDSE_CATALOGUE=$URL/-/many
    local since until
    since=$(date -u -d @1790000000 +%FT%TZ)
    until=$(date -u -d @1790003600 +%FT%TZ)
    hls-fetch search --since "$since" --until "$until" >found
    assert_equal "$(wc -l <found)" 25000
    assert_equal "$(grep -o 'uuid-[0-9]*' found | sort -u | wc -l)" 25000
    run --separate-stderr hls-fetch search --since "$until" --until "$since"
    assert_equal "$status" 2
    run --separate-stderr hls-fetch search --since yesterday
    assert_equal "$status" 2
    control '{"faults":[{"path":"many","kind":"html"}]}'
    run --separate-stderr hls-fetch search --since "$since" --until "$until"
    assert_equal "$status" 69
}
