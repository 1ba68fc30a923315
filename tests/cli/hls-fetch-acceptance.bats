#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The acceptance list of fetching: what must hold when servers, disks and processes fail.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

# product N: the N-th product name, of tile 28PAA, 28PBA, ...
product() {
    local letters=ABCDEFGH
    echo "S2A_MSIL1C_20240912T112541_N0511_R137_T28P${letters:$1:1}A_20240912T133420"
}

# products COUNT BYTES: zips u0, u1, .. at the stub and in its catalogue.
products() {
    local rows=() i
    for ((i = 0; i < $1; i++)); do
        zip_product "$(product $i)" "u$i" "$2"
        rows+=("$(catalogue_row "$(product $i)" "u$i" "$MD5")")
    done
    ROWS=$(IFS=,; echo "${rows[*]}")
}

ids() {
    local i
    for ((i = 0; i < $1; i++)); do product $i; done
}

no_parts() {
    local left
    left=$(find "$1" -name '*.part*')
    [ -z "$left" ] || fail "left: $left"
}

# fetch_six FOLDER: the products of A1; $TOOK is the time in milliseconds, $output the records.
fetch_six() {
    local start
    rm -rf "$1"
    start=$(date +%s%N)
    output=$(ids 6 | hls-fetch get - -d "$1" -j 6 --min-free 0)
    TOOK=$((($(date +%s%N) - start) / 1000000))
    for ((i = 0; i < 6; i++)); do cmp "bucket/zips/u$i" "$1/$(product $i).zip"; done
    no_parts "$1"
}

@test "A1: a host that allows four connections, and every kind of trouble" {
    local calm
    products 6 800000
    start_strict bucket
    start_server nginx.json nginx . --connections 4 --bytes-per-second 800000 --upstream "$URL"
    export HLS_ENDPOINT_CDSE_DOWNLOAD
    HLS_ENDPOINT_CDSE_DOWNLOAD=$(said nginx.json url)/upstream/-/download
    control '{"set":{"products":['"$ROWS"']}}'
    # Trouble costs less than twice the time. Other programs may spoil that once, hardly five times.
    for _ in {1..5}; do
        control '{"reset":true}'
        fetch_six calm
        calm=$TOOK
        control '{"faults":[{"path":"\\(u1\\)","kind":"trunc","times":1},
            {"path":"\\(u2\\)","kind":"wrongsum","times":1},{"path":"\\(u3\\)","kind":"503","times":3}]}'
        fetch_six rough
        # One request each, one more for the break and the wrong sum, three more for the 503.
        assert_equal "$(field requests | sort -n | tr '\n' ' ')" '1 1 1 2 2 4 '
        run grep -c '" 429 ' "$(said nginx.json access_log)"
        assert_output 0
        [ "$TOOK" -ge $((2 * calm)) ] || return 0
    done
    fail "$TOOK ms instead of $calm"
}

@test "A2: killed again and again, the product comes whole and nearly no byte twice" {
    local kills=0 size sent child log part had more
    part=in/$(product 0).zip.part
    bytes_of() { stat -c %s "$1" 2>/dev/null || echo 0; }
    products 1 6000000
    size=$(stat -c %s bucket/zips/u0)
    start_strict bucket
    start_server nginx.json nginx . --bytes-per-second 600000 --upstream "$URL"
    HLS_ENDPOINT_CDSE_DOWNLOAD=$(said nginx.json url)/upstream/-/download
    control '{"set":{"products":['"$ROWS"']}}'
    log=$(said nginx.json access_log)
    for ((kills = 0; kills < 50; kills++)); do
        had=$(bytes_of "$part")
        more=$((had + 40000 + RANDOM % 120000))
        hls-fetch get "$(product 0)" -d in --min-free 0 >/dev/null 2>&1 &
        child=$!
        # Some of it has come, or the rest.
        until [ "$(bytes_of "$part")" -ge $more ] || ! kill -0 $child 2>/dev/null; do sleep 0.01; done
        kill -9 $child 2>/dev/null || break
        wait $child || true
        [ "$had" -eq 0 ] || echo "bytes=$had-" >>expected
    done
    run hls-fetch get "$(product 0)" -d in --min-free 0
    assert_success
    cmp bucket/zips/u0 "in/$(product 0).zip"
    assert_equal "$(ls in)" "$(product 0).zip"
    # Each went on where the one before it was killed.
    curl -s --noproxy '*' "$URL/-/requests" | grep -o 'bytes=[0-9]*-' >ranges
    head -n "$(wc -l <expected)" ranges | diff expected -
    # The server notes a request when it has noticed its end.
    logged() { [ "$(wc -l <"$log")" -gt "$kills" ]; }
    wait_until logged
    sent=$(awk '{ sum += $10 } END { print sum }' "$log")
    echo "# $kills kills, $sent bytes for $size" >&3
    [ "$sent" -lt $((size * 3 / 2)) ]
    [ "$kills" -ge 20 ] || fail "only $kills kills"
}

@test "A3: two processes and one target: one works, the other waits its turn with 75" {
    products 1 800000
    start_strict bucket
    control '{"set":{"products":['"$ROWS"']},"faults":[{"path":"download","kind":"hold","times":1}]}'
    hls-fetch get "$(product 0)" -d in --min-free 0 >first 2>/dev/null &
    local first=$!
    wait_until --while $first test -s "in/$(product 0).zip.part"
    run --separate-stderr hls-fetch get "$(product 0)" -d in --min-free 0
    assert_equal "$status" 75
    control '{"reset":true}'
    wait $first
    cmp bucket/zips/u0 "in/$(product 0).zip"
    no_parts in
}

@test "A4: a full disk ends with 74, keeps the part, and the next run completes it" {
    mkdir small
    unshare -rm mount -t tmpfs tmpfs small 2>/dev/null || skip "no name spaces for a disk of our own"
    products 1 5000000
    start_strict bucket
    start_server nginx.json nginx . --bytes-per-second 2000000 --upstream "$URL"
    HLS_ENDPOINT_CDSE_DOWNLOAD=$(said nginx.json url)/upstream/-/download
    control '{"set":{"products":['"$ROWS"']}}'
    export ID
    ID=$(product 0)
    # shellcheck disable=SC2016  # for the inner shell
    run unshare -rm bash -c '
        mount -t tmpfs -o size=8m tmpfs small || exit 1
        part=small/$ID.zip.part
        begin() {
            hls-fetch get "$ID" -d small --min-free 0 >out 2>&1 &
            until [ -s "$part" ] || ! kill -0 $!; do sleep 0.02; done
            kill -9 $!; wait $! 2>/dev/null
        }
        fill() { head -c 20000000 /dev/zero >small/filler 2>/dev/null; }
        begin
        fill
        hls-fetch get "$ID" -d small --min-free 0 >out
        echo "room was kept: $?"
        rm small/filler "small/$ID.zip"
        begin
        cp "$part" copy && mv copy "$part" # without the room that was kept
        had=$(stat -c %s "$part")
        fill
        hls-fetch get "$ID" -d small --min-free 0 >out 2>&1
        echo "full: $? kept: $([ "$(stat -c %s "$part")" -ge "$had" ] && [ "$had" -gt 0 ] && echo yes)"
        rm small/filler
        hls-fetch get "$ID" -d small --min-free 0 >out
        echo "room: $?"
        grep -o "\"action\":\"[a-z]*\"" out
        cmp bucket/zips/u0 "small/$ID.zip" && ls small
        fill
        hls-fetch get "$ID" -d small/again --min-free 0 >out 2>&1
        echo "no room at all: $?"; grep -o "are needed" out | head -1'
    assert_line --index 0 'room was kept: 0'
    assert_line --index 1 'full: 74 kept: yes'
    assert_line --index 2 'room: 0'
    assert_line --index 3 '"action":"resumed"'
    assert_line --index 4 "$ID.zip"
    assert_line --index 5 'no room at all: 74'
}

@test "A5: a token that expires on the way is refreshed once; no second session" {
    products 4 400000
    start_strict bucket
    control '{"set":{"expires_in":[2,600],"products":['"$ROWS"']},
        "faults":[{"path":"\\(u1\\)","kind":"slow","times":1,"delay":0.05}]}'
    ids 4 | hls-fetch get - -d in -j 1 --min-free 0 >out
    assert_equal "$(find in -name '*.zip' | wc -l)" 4
    run curl -s --noproxy '*' "$URL/-/identity-counts"
    assert_output --partial '"sessions": 1'
    assert_output --partial '"refreshes": 1'
    # Refused before its time: refreshed as well, and the item goes on.
    rm -r in
    control '{"faults":[{"path":"\\(u2\\)","kind":"401","times":1}]}'
    ids 4 | hls-fetch get - -d in -j 1 --min-free 0 >out
    run curl -s --noproxy '*' "$URL/-/identity-counts"
    assert_output --partial '"sessions": 1'
    assert_output --partial '"refreshes": 2'
}

@test "A6: a page for people instead of the product ends with 77 and leaves no file" {
    products 1 40000
    start_strict bucket
    control '{"set":{"products":['"$ROWS"']},"faults":[{"path":"download","kind":"html"}]}'
    run --separate-stderr hls-fetch get "$(product 0)" -d in --min-free 0
    assert_equal "$status" 77
    [ -z "$(ls in)" ] || fail "left: $(ls in)"
}

@test "A8: a redirect to another host carries no token" {
    products 1 40000
    start_strict bucket
    start_server other.json strict
    local other
    other=$(said other.json url)
    control '{"set":{"products":['"$ROWS"']},"faults":[{"path":"download","kind":"redirect",
        "to":"'"${other/127.0.0.1/localhost}"'/-/files/x?size=1000"}]}'
    run --separate-stderr hls-fetch get "$(product 0)" -d in --min-free 0
    [ "$status" -ne 0 ]
    run curl -s --noproxy '*' "$other/-/requests"
    assert_output --partial /-/files/x
    refute_output --regexp '[Aa]uthorization|[Cc]ookie|MARKER'
}

@test "A10: 60,000 messages of every shape in little memory, one bad one stops nothing" {
    python3 - >messages <<'PYTHON'
import json
def name(i):
    return (f"LC0{8 + i % 2}_L1TP_{1 + i % 233:03}{1 + i // 233 % 120:03}_"
            f"2023{1 + i // 27960 % 12:02}{1 + i % 28:02}_20240101_02_T1")
def usgs(i):
    n = name(i)
    return {"landsat_product_id": n, "s3_location":
            f"s3://usgs-landsat/collection02/level-1/standard/oli-tirs/2023/{n[10:13]}/{n[13:16]}/{n}/"}
for i in range(60000):
    shape = i % 5
    if shape == 0:
        print(name(i))
    elif shape == 1:
        print(json.dumps(usgs(i)))
    elif shape == 2:
        print(json.dumps({"Type": "Notification", "TopicArn": "t", "Message": json.dumps(usgs(i))}))
    elif shape == 3:
        print(json.dumps({"Records": [{"eventSource": "aws:sqs", "body": json.dumps(usgs(i))}]}, indent=1))
    else:
        key = usgs(i)["s3_location"].split("/", 3)[3] + name(i) + "_MTL.txt"
        print(json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3":
              {"bucket": {"name": "usgs-landsat"}, "object": {"key": key}}}]}))
    if i == 30000:
        print('{"landsat_product_id": "LC08_L1TP')
PYTHON
    run python3 - <<'PYTHON'
import resource, subprocess
subprocess.run(["hls-fetch", "parse"], stdin=open("messages"), stdout=open("out", "w"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PYTHON
    [ "$output" -lt 64 ] || fail "$output MB"
    assert_equal "$(grep -c '"kind":"granule"' out)" 60000
    assert_equal "$(grep -c '"why":"bad_json"' out)" 1
    assert_equal "$(wc -l <out)" 60001
    assert_equal "$(grep -o '"id":"[^"]*"' out | sort -u | wc -l)" 60000
}

@test "A11: a window of 25,000 products is halved; none is lost, none comes twice" {
    start_strict
    control '{"set":{"record":false}}'
    export HLS_ENDPOINT_CDSE_CATALOGUE=$URL/-/many
    hls-fetch search --since "$(date -u -d @1790000000 +%FT%TZ)" \
        --until "$(date -u -d @1790003600 +%FT%TZ)" >found
    assert_equal "$(wc -l <found)" 25000
    assert_equal "$(grep -o 'uuid-[0-9]*' found | sort -u | wc -l)" 25000
}

@test "A12: an RT scene that is gone comes as T1, and the record says what was asked for" {
    landsat_bucket
    start_strict bucket
    run --separate-stderr hls-fetch get "${SCENE%T1}RT" -d in --min-free 0
    assert_success
    assert_equal "$(field id)" "$SCENE"
    assert_equal "$(field requested_id)" "${SCENE%T1}RT"
    assert_equal "$(field event)" successor
    diff -r "made/$SCENE" "in/$SCENE"
}

@test "a successor of another tier than was accepted is no successor" {
    landsat_bucket
    mv "$PLACE/$SCENE" "$PLACE/${SCENE%T1}T2"
    (cd "$PLACE/${SCENE%T1}T2" && for file in *; do mv "$file" "${file/_T1_/_T2_}"; done)
    sed -i 's/_02_T1/_02_T2/g' "$PLACE/${SCENE%T1}T2/${SCENE%T1}T2_MTL.txt"
    start_strict bucket
    run --separate-stderr hls-fetch get "${SCENE%T1}RT" -d in --min-free 0
    assert_equal "$status" 7
    [ ! -e in ]
    run --separate-stderr hls-fetch get "${SCENE%T1}RT" -d in --min-free 0 --preset none
    assert_success
    assert_equal "$(field id)" "${SCENE%T1}T2"
}
