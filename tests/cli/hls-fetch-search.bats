#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch search: four catalogues, their filters, their paging and their bad days.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

start_catalogues() {
    start_strict "$@"
    export HLS_ENDPOINT_LANDSATLOOK=$URL/-/landsatlook HLS_ENDPOINT_EARTH_SEARCH=$URL/-/earth-search
}

landsatlook() {
    run --separate-stderr hls-fetch search --catalog landsatlook --date 2024-03-07 "$@"
}

# last_body: what the stub was sent last by POST.
last_body() {
    curl -s --noproxy '*' "$URL/-/requests" | python3 -c '
import json, sys
print([r["body"] for r in json.load(sys.stdin)["requests"] if r["method"] == "POST"][-1])'
}

@test "landsatlook: 25,000 scenes of a day in halved windows, none lost, none twice" {
    start_catalogues
    control '{"set":{"record":false,"made":25000}}'
    hls-fetch search --catalog landsatlook --date 2024-03-07 >found
    assert_equal "$(wc -l <found)" 25000
    assert_equal "$(grep -o '"id":"[^"]*"' found | sort -u | wc -l)" 25000
    # A server that does not say how many there are, with pages by GET.
    control '{"set":{"says_matched":false,"next_by_get":true}}'
    hls-fetch search --catalog landsatlook --date 2024-03-07 | sort >again
    sort found | cmp - again
}

@test "landsatlook: place, quality and sensor are asked for, and answers are held to them" {
    start_catalogues
    control '{"set":{"made":2000}}'
    landsatlook --path 33,35-36 --row 1-4 --max-cloud 50
    assert_success
    local count=${#lines[@]}
    [ "$count" -gt 0 ]
    [ -z "$(field path | grep -vE '^(33|35|36)$')" ]
    [ -z "$(field row | grep -vE '^[1-4]$')" ]
    python3 - "$(last_body)" <<'PYTHON'
import json, sys
query = json.loads(sys.argv[1])["query"]
assert query["landsat:wrs_path"] == {"in": ["033", "035", "036"]}, query
assert query["landsat:correction"] == {"eq": "L1TP"}, query
assert query["landsat:collection_category"] == {"in": ["RT", "T1"]}, query
assert query["platform"] == {"in": ["LANDSAT_8", "LANDSAT_9"]}, query
PYTHON
    # The same from a server that does not understand any of it.
    control '{"set":{"ignores_filters":true}}'
    landsatlook --path 33,35-36 --row 1-4 --max-cloud 50
    assert_equal "${#lines[@]}" "$count"
    landsatlook --sensor L9
    assert_output ''
    landsatlook --tier T2
    assert_output ''
    landsatlook --max-age 3
    assert_success
    control '{"set":{"ignores_filters":false}}'
    landsatlook --bbox 0.5,0.5,2,2 --path 33
    [ "${#lines[@]}" -gt 0 ]
    landsatlook --bbox -12,3,-11,4
    assert_output ''
}

@test "landsatlook: a tile means the scenes that touch it; low sun is marked" {
    start_catalogues
    control '{"set":{"made":27960}}'
    landsatlook --tile 13TFN
    assert_success
    [ "${#lines[@]}" -ge 2 ]
    local scenes
    scenes=$(hls-mgrs-intersect 13TFN --format ndjson | grep -oE '[0-9]{6}' | sort -u)
    while read -r path row; do
        grep -q "$(printf '%03d%03d' "$path" "$row")" <<<"$scenes" || fail "$path/$row"
    done < <(paste -d' ' <(field path) <(field row))
    control '{"reset":true,"set":{"made":100}}'
    landsatlook --path 1-40
    run grep -c '"gate":"low_sun"' <<<"$output"
    [ "$output" -gt 0 ]
}

@test "landsatlook: smaller pages for a server that wants them" {
    start_catalogues
    control '{"set":{"made":60,"most":30}}'
    landsatlook
    assert_success
    assert_equal "${#lines[@]}" 60
}

@test "what is no answer is 69, a next page elsewhere is 65, nothing found is success" {
    start_catalogues
    control '{"set":{"made":300}}'
    hls-fetch search --catalog landsatlook --date 2024-03-09 >none
    [ ! -s none ]
    control '{"faults":[{"path":"landsatlook","kind":"html","times":2}]}'
    landsatlook
    assert_success
    control '{"faults":[{"path":"landsatlook","kind":"html"}]}'
    landsatlook
    assert_equal "$status" 69
    control '{"reset":true,"faults":[{"path":"landsatlook","kind":"200","body":"{\"detail\":\"down\"}"}]}'
    landsatlook
    assert_equal "$status" 69
    [[ $stderr == *'"detail":"down"'* ]]
    control '{"reset":true,"set":{"foreign_next":"http://127.0.0.1:9/-/landsatlook/stac-server/search"}}'
    landsatlook
    assert_equal "$status" 65
    [[ $stderr == *'foreign next link'* ]]
}

@test "earth-search: products under the names that the agency gives them" {
    start_catalogues
    control '{"set":{"items":[{"type":"Feature","id":"S2B_27VWK_20240206_0_L1C","bbox":[-21,62,-20,63],
        "properties":{"datetime":"2024-02-06T13:14:11.918000Z","created":"2024-02-06T15:02:12.605Z",
        "grid:code":"MGRS-27VWK","platform":"sentinel-2b","eo:cloud_cover":9.9,"view:sun_elevation":11.6,
        "s2:product_uri":"S2B_MSIL1C_20240206T131259_N0510_R081_T27VWK_20240206T133903.SAFE"},
        "assets":{"blue":{"href":"s3://sentinel-s2-l1c/tiles/27/V/WK/2024/2/6/0/B02.jp2"}}}]}}'
    run hls-fetch search --catalog earth-search --date 2024-02-06 --tile 27VWK --sensor S2B
    assert_success
    assert_equal "$(field id)" S2B_MSIL1C_20240206T131259_N0510_R081_T27VWK_20240206T133903
    assert_equal "$(field gate)" low_sun
    run hls-fetch search --catalog earth-search --date 2024-02-06 --tile 27VWL
    assert_output ''
    run hls-fetch search --catalog earth-search --since 2024-02-06T15:02 --until 2024-02-06T15:03 --by published
    assert_equal "${#lines[@]}" 1
}

@test "usgs-bucket: what the listing has, by path and row, tile, day and cloud" {
    local id path row home=bucket/usgs-landsat/collection02/level-1/standard/oli-tirs/2024
    for id in LC08_L1TP_033031_20240307_20240312_02_T1 LC08_L1TP_033032_20240307_20240312_02_T1 \
        LC09_L1TP_033031_20240315_20240315_02_RT LC08_L1GT_034031_20240307_20240312_02_T2; do
        path=${id:10:3} row=${id:13:3}
        mkdir -p "$home/$path/$row/$id"
        echo x >"$home/$path/$row/$id/${id}_MTL.txt"
        printf '{"type":"Feature","id":"%s","bbox":[0,0,1,1],"properties":{"datetime":"%s","eo:cloud_cover":%s}}' \
            "$id" "${id:17:4}-${id:21:2}-${id:23:2}T17:00:00Z" $((10#$row)) >"$home/$path/$row/$id/${id}_stac.json"
    done
    start_catalogues bucket
    bucket() {
        run --separate-stderr hls-fetch search --catalog usgs-bucket "$@"
        assert_success
    }
    bucket --date 2024-03-07 --path 33 --row 31-32
    assert_equal "$(field id | sort | tr '\n' ' ')" \
        'LC08_L1TP_033031_20240307_20240312_02_T1 LC08_L1TP_033032_20240307_20240312_02_T1 '
    bucket --date 2024-03-07 --path 33
    assert_equal "${#lines[@]}" 2
    bucket --date 2024-03-07
    assert_equal "${#lines[@]}" 2
    bucket --date 2024-03-07 --level all --tier all
    assert_equal "${#lines[@]}" 3
    bucket --since 2024-03-01 --until 2024-04-01 --row 31 --sensor L9
    assert_equal "$(field id)" LC09_L1TP_033031_20240315_20240315_02_RT
    bucket --since 2024-03-12 --until 2024-03-13 --by published --path 33
    assert_equal "${#lines[@]}" 2
    bucket --date 2024-03-07 --path 33 --max-cloud 31
    assert_equal "$(field id)" LC08_L1TP_033031_20240307_20240312_02_T1
    assert_equal "$(field cloud)" 31.0
    # A listing for each path and row that the tile needs, and every request pays.
    control '{"reset":true}'
    bucket --date 2024-03-07 --tile 13TFN
    [ "$(asked | wc -l)" -le 12 ] || fail "$(asked | wc -l) listings"
    run grep -c '"x-amz-request-payer": "requester"' <<<"$(curl -s --noproxy '*' "$URL/-/requests" | sed 's/},/},\n/g')"
    [ "$output" -gt 0 ]
}

@test "queries that make no sense end with 2 before anything is asked" {
    start_catalogues
    refused() {
        assert_refused 2 "$@"
    }
    refused 'a time is required' hls-fetch search
    refused 'a time is required' hls-fetch search --date 2024-03-07 --since 2024-03-07
    refused 'window is empty' hls-fetch search --since 2024-03-08 --until 2024-03-07
    refused '400 days' hls-fetch search --since 2020-03-08 --until 2024-03-07
    refused 'dates look like' hls-fetch search --date 20240230
    refused 'no tile' hls-fetch search --date 2024-03-07 --tile 13TFO
    refused 'no tile' hls-fetch search --date 2024-03-07 --tile "X' or 1 eq 1"
    refused 'no sensor' hls-fetch search --date 2024-03-07 --sensor "S2A')"
    refused 'no sensor' hls-fetch search --date 2024-03-07 --sensor L8
    refused 'L8, L9' hls-fetch search --catalog landsatlook --date 2024-03-07 --sensor L7
    refused 'no level' hls-fetch search --catalog landsatlook --date 2024-03-07 --level L2SP
    refused 'no tier' hls-fetch search --catalog landsatlook --date 2024-03-07 --tier T3
    refused 'not an instant' hls-fetch search --date 2024-03-07T12:00:00Z
    refused 'nan is no number' hls-fetch search --date 2024-03-07 --max-cloud nan
    refused 'nan is no number' hls-fetch search --date 2024-03-07 --bbox nan,2,3,4
    refused 'does not exist' hls-fetch search --catalog landsatlook --date 2024-03-07 --path 234
    refused 'does not exist' hls-fetch search --catalog landsatlook --date 2024-03-07 --row 0-5
    refused 'no paths and rows' hls-fetch search --date 2024-03-07 --path 33
    refused 'box' hls-fetch search --date 2024-03-07 --bbox 1,2,3,1
    run asked
    assert_output ''
}

@test "cdse: box and cloud go into the filter as the catalogue wants them" {
    start_catalogues
    run hls-fetch search --date 2024-03-07 --bbox 179,-20,-179,-18 --max-cloud 80 --sensor S2B
    assert_success
    python3 - "$URL" <<'PYTHON'
import json, sys, urllib.parse, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
log = json.load(opener.open(sys.argv[1] + "/-/requests"))["requests"]
query = urllib.parse.parse_qs(log[-1]["query"])
text = query["$filter"][0]
for piece in ("POLYGON((179 -20,180 -20,180 -18,179 -18,179 -20))",
              "POLYGON((-180 -20,-179 -20,-179 -18,-180 -18,-180 -20))",
              "Value le 80.00", "startswith(Name,'S2B_')", "ContentDate/Start ge 2024-03-07T00:00:00.000Z"):
    assert piece in text, (piece, text)
assert query["$orderby"] == ["ContentDate/Start asc"], query
PYTHON
}
