#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-aux-modis with an archive that plays LAADS on loopback: what is fetched, filled, published, and
# what never is.

load assertions
load servers

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export HLS_RETRY_BASE=0.02
    # Made once; a test puts them where LAADS would have them.
    export STORE=$BATS_FILE_TMPDIR/made
    mkdir -p "$STORE"
    ancillary_days "$STORE/good.h5" 120 300
    ancillary_days "$STORE/swath.h5" 124 310 swath
    ancillary_days "$STORE/row.h5" 128 320 row
    ancillary_days "$STORE/most.h5" 132 330 most
    ancillary_days "$STORE/good.hdf" 116 290
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p bucket
}

teardown() {
    stop_servers
}

# start_laads: a server with the files of bucket/laads as they are now, and a token for it.
start_laads() {
    stop_servers
    start_bucket bucket
    export HLS_ENDPOINT_LAADS=$URL/-/laads HLS_ENDPOINT_EDL=$URL/-/edl EARTHDATA_TOKEN=token-MARKER-edl
}

# laads_has PRODUCT DAY FILE: DAY as yyyyddd; $NAME is how it is called there.
laads_has() {
    local set=5200 ending=h5
    [[ $1 == V* ]] || set=61 ending=hdf
    local folder=bucket/laads/$set/$1/${2:0:4}/${2:4}
    NAME=$1.A$2.002.${4:-2024068120000}.$ending
    mkdir -p "$folder"
    cp "$3" "$folder/$NAME"
}

# downloads: how many files were asked for so far.
downloads() {
    curl -s --noproxy '*' "$URL/-/requests" | python3 -c 'import json, sys
print(sum("/archive/" in r["path"] for r in json.load(sys.stdin)["requests"]))'
}

# field NAME LINE: a member of a JSON line.
field() {
    python3 -c 'import json, sys; print(json.loads(sys.argv[2]).get(sys.argv[1]))' "$1" "$2"
}

DAY=2024-03-07

@test "a day that is not there: 66 with the time of the next try; then fetched, filled, recorded" {
    laads_has VJ104ANC 2024067 "$STORE/swath.h5"
    start_laads
    run --separate-stderr hls-aux-modis status --date $DAY --ancillary anc
    assert_equal "$status" 66
    assert_equal "$(field state "$output")" waiting
    [[ $(field retry_at "$output") == 20*Z ]]
    # shellcheck disable=SC2154  # set by bats
    [[ $stderr == *"try again at 20"* ]]
    run --separate-stderr hls-aux-modis status --date $DAY --ancillary anc --online
    assert_equal "$(field state "$output")" available
    [ ! -e anc ]

    run --separate-stderr hls-aux-modis sync --date $DAY -o anc --dry-run
    assert_line "write anc/LADS/2024/$NAME"
    [ ! -e anc ]
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_success
    assert_equal "$stderr" ''
    assert_equal "$(field action "${lines[0]}")" published
    assert_equal "$(field rank "${lines[0]}")" 1
    assert_line --index 1 --partial "\"rank_$DAY\":1"
    assert_line --index 1 --partial "\"gap_percent_$DAY\":2.778"
    assert_equal "$(ls -A anc/LADS/.incoming)" ''
    assert_equal "$(field cells "$(cat "anc/LADS/2024/$NAME.json")")" \
        "{'unknown': 720000, 'from_months': 0, 'along_rows': 320000, 'left': 400000}"
    run hls-aux-modis status --date $DAY --ancillary anc
    assert_success

    local before
    before=$(downloads)
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_success
    assert_equal "$(field action "${lines[0]}")" kept
    assert_equal "$(downloads)" "$before"
    run --separate-stderr hls-aux-modis sync --date 2024-03-08 -o anc
    assert_equal "$status" 66
    [[ $(field retry_at "${lines[1]}") == 20*Z ]]
    [[ $stderr == *"no file of 2024-03-08 yet (try again at "* ]]
}

@test "VNP04ANC stands in when it is old enough, and goes when VJ104ANC comes" {
    local day date
    date=$(date -u -d '5 days ago' +%F)
    day=$(date -u -d "$date" +%Y%j)
    laads_has VNP04ANC "$day" "$STORE/good.h5"
    local vnp=$NAME
    start_laads
    run --separate-stderr hls-aux-modis sync --date "$date" -o anc --accept-rank2-after 6
    assert_equal "$status" 66
    run --separate-stderr hls-aux-modis sync --days 7 -o anc
    assert_equal "$status" 66 # the days before it are not there
    assert_equal "$(ls "anc/LADS/${day:0:4}")" "$vnp
$vnp.json"
    run hls-aux-modis status --date "$date" --ancillary anc
    assert_output --partial '"rank":2'
    laads_has VJ104ANC "$day" "$STORE/swath.h5"
    start_laads
    run --separate-stderr hls-aux-modis sync --date "$date" -o anc
    assert_success
    assert_equal "$(field action "${lines[0]}")" replaced
    assert_equal "$(ls "anc/LADS/${day:0:4}")" "$NAME
$NAME.json"
    assert_equal "$(field replaces "$(cat "anc/LADS/${day:0:4}/$NAME.json")")" "$vnp"
}

@test "a later production replaces the earlier one" {
    local day date
    date=$(date -u -d '9 days ago' +%F)
    day=$(date -u -d "$date" +%Y%j)
    laads_has VJ104ANC "$day" "$STORE/good.h5"
    local old=$NAME
    start_laads
    hls-aux-modis sync --date "$date" -o anc
    laads_has VJ104ANC "$day" "$STORE/swath.h5" 2024070120000
    start_laads
    run --separate-stderr hls-aux-modis sync --date "$date" -o anc --skip-existing
    assert_equal "$(field file "${lines[0]}")" "$old"
    run --separate-stderr hls-aux-modis sync --date "$date" -o anc
    assert_equal "$(field file "${lines[0]}")" "$NAME"
    [ ! -e "anc/LADS/${day:0:4}/$old" ]
}

@test "a gap fill that fails is never published; the next best is, a day that was there stays" {
    laads_has VJ104ANC 2024067 "$STORE/row.h5"
    start_laads
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_equal "$status" 65
    assert_equal "$(field state "${lines[0]}")" failed
    assert_output --partial 'no ozone at all at latitude'
    assert_equal "$(find anc -type f ! -name .lock)" ''
    laads_has VNP04ANC 2024067 "$STORE/good.h5"
    start_laads
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_success
    assert_equal "$(field file "${lines[0]}")" "$NAME"
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc --overwrite
    assert_success
    cp "$STORE/most.h5" "bucket/laads/5200/VNP04ANC/2024/067/$NAME"
    local before
    before=$(sha256sum "anc/LADS/2024/$NAME")
    start_laads
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc --overwrite
    assert_equal "$status" 65
    assert_output --partial '75 % of the Earth have no ozone'
    assert_equal "$(sha256sum "anc/LADS/2024/$NAME")" "$before"
    hls-aux-modis status --date $DAY --ancillary anc
}

@test "days before 2021 are combined from MODIS, from one platform if need be" {
    laads_has MOD09CMG 2020067 "$STORE/good.hdf"
    start_laads
    run --separate-stderr hls-aux-modis sync --date 2020-03-07 -o anc
    assert_equal "$status" 66
    laads_has MOD09CMA 2020067 "$STORE/good.hdf"
    start_laads
    run --separate-stderr hls-aux-modis sync --date 2020-03-07 -o anc
    assert_success
    assert_equal "$(field file "${lines[0]}")" L8ANC2020067.hdf_fused
    assert_equal "$(field rank "${lines[0]}")" 3
    gdalinfo anc/LADS/2020/L8ANC2020067.hdf_fused | grep -q 'Coarse Resolution Ozone'
    hls-aux-modis combine bucket/laads/61/MOD09CM?/2020/067/* -o other
    cmp anc/LADS/2020/L8ANC2020067.hdf_fused other/LADS/2020/L8ANC2020067.hdf_fused ||
        fail "sync and combine differ"
}

@test "what the server does wrong: 77, 65, 75, and nothing is left" {
    laads_has VJ104ANC 2024067 "$STORE/good.h5"
    start_laads
    local sync=(hls-aux-modis sync --date "$DAY" -o anc)
    control '{"faults":[{"path":"content/details","kind":"html"}]}'
    run --separate-stderr "${sync[@]}"
    assert_equal "$status" 77
    control '{"reset":true,"faults":[{"path":"/archive/","kind":"html"}]}'
    run --separate-stderr "${sync[@]}"
    assert_equal "$status" 77
    control '{"reset":true,"faults":[{"path":"/archive/","kind":"wrongsum"}]}'
    run --separate-stderr "${sync[@]}"
    assert_equal "$status" 65
    control '{"reset":true,"faults":[{"path":"details","kind":"503"}]}'
    run --separate-stderr "${sync[@]}"
    assert_equal "$status" 75
    control '{"reset":true}'
    EARTHDATA_TOKEN=old run --separate-stderr "${sync[@]}"
    assert_equal "$status" 77
    EARTHDATA_TOKEN='' HOME=$PWD run --separate-stderr "${sync[@]}"
    assert_equal "$status" 77
    assert_equal "$(find anc -name '*.h5*' 2>/dev/null)" ''
    # Half of the answers are no good; in the end the file is.
    control '{"reset":true,"faults":[{"path":"laads","kind":"503","times":3},
        {"path":"laads","kind":"429","retry_after":1,"times":1},
        {"path":"/archive/","kind":"trunc","times":2},{"path":"/archive/","kind":"reset","times":1},
        {"path":"/archive/","kind":"wrongsum","times":1}]}'
    run --separate-stderr "${sync[@]}"
    assert_success
    run curl -s --noproxy '*' "$URL/-/requests"
    assert_output --partial '"early": []'
}

@test "a corrupt file with a right digest is refused" {
    head -c 5000 "$STORE/good.h5" >cut.h5
    laads_has VJ104ANC 2024067 cut.h5
    start_laads
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_equal "$status" 65
    printf 'no HDF at all, but long enough to be looked at' >"bucket/laads/5200/VJ104ANC/2024/067/$NAME"
    start_laads
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_equal "$status" 65
    assert_equal "$(find anc -type f ! -name .lock)" ''
}

@test "the token goes to LAADS alone, and nowhere into the output; a login makes one" {
    laads_has VJ104ANC 2024067 "$STORE/good.h5"
    start_laads
    control '{"set":{"redirect":true,"sums":false}}'
    printf 'machine 127.0.0.1 login me password password-MARKER-edl\n' >netrc
    chmod 600 netrc
    EARTHDATA_TOKEN='' NETRC=$PWD/netrc run hls-aux-modis sync --date $DAY -o anc -vv
    assert_success
    [[ $output != *MARKER* ]] || fail "a secret is shown"
    run curl -s --noproxy '*' "$URL/-/requests"
    assert_output --partial '/-/elsewhere/archive/'
    run grep -r MARKER anc
    assert_failure
}

@test "two at once fetch once, and both succeed" {
    laads_has VJ104ANC 2024067 "$STORE/swath.h5"
    start_laads
    control '{"faults":[{"path":"/archive/","kind":"slow"}]}'
    hls-aux-modis sync --date $DAY -o anc >one 2>&1 &
    local first=$!
    hls-aux-modis sync --date $DAY -o anc >two 2>&1
    wait "$first"
    assert_equal "$(downloads)" 1
    cat one two >both
    assert_equal "$(grep -o '"action":"[a-z]*"' both | sort | paste -sd,)" \
        '"action":"kept","action":"published"'
}

@test "killed at any moment: the day is whole or not there" {
    laads_has VJ104ANC 2024067 "$STORE/swath.h5"
    start_laads
    local sum='' try
    for try in 1 2 3 4 5 6 7 8; do
        hls-aux-modis sync --date $DAY -o anc --overwrite >/dev/null 2>&1 &
        sleep "0.$((try * 1103 % 1000))"
        kill -9 $! 2>/dev/null || true
        wait $! || true
        if [ -e "anc/LADS/2024/$NAME" ]; then
            [ -n "$sum" ] || sum=$(sha256sum <"anc/LADS/2024/$NAME")
            assert_equal "$(sha256sum <"anc/LADS/2024/$NAME")" "$sum"
        fi
    done
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_success
    [ -z "$sum" ] || assert_equal "$(sha256sum <"anc/LADS/2024/$NAME")" "$sum"
    assert_equal "$(ls anc/LADS/2024)" "$NAME
$NAME.json"
    assert_equal "$(field sha256 "$(cat "anc/LADS/2024/$NAME.json")")" \
        "$(sha256sum <"anc/LADS/2024/$NAME" | cut -d' ' -f1)"
}

@test "a stop and a full disk leave nothing" {
    laads_has VJ104ANC 2024067 "$STORE/good.h5"
    start_laads
    control '{"faults":[{"path":"/archive/","kind":"hold"}]}'
    hls-aux-modis sync --date $DAY -o anc >/dev/null 2>&1 &
    local pid=$!
    wait_until --while $pid compgen -G 'anc/LADS/.incoming/*' >/dev/null
    kill -TERM $pid
    local code=0
    wait $pid || code=$?
    assert_equal $code 143
    assert_equal "$(find anc -name '*.tmp' -o -path '*2024/*')" ''
    control '{"reset":true}'
    # shellcheck disable=SC2016  # for the other shell
    run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100; hls-aux-modis sync --date $0 -o full' $DAY
    assert_equal "$status" 74
    assert_equal "$(find full -name '*.tmp' -o -path '*2024/*')" ''
}

@test "a bucket is kept like a folder, the record last" {
    laads_has VJ104ANC 2024067 "$STORE/swath.h5"
    start_laads
    run --separate-stderr hls-aux-modis status --date $DAY --ancillary s3://work/anc
    assert_equal "$status" 66
    run --separate-stderr hls-aux-modis sync --date $DAY -o s3://work/anc
    assert_success
    assert_line --index 1 --partial "\"path\":\"s3://work/anc/LADS/2024/$NAME\""
    run python3 - "$URL" <<'PYTHON'
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
log = json.load(opener.open(sys.argv[1] + "/-/requests"))["requests"]
print(*[r["path"].split("/")[-1].split(".")[-1] for r in log if r["method"] == "PUT"])
PYTHON
    assert_output 'h5 json'
    run --separate-stderr hls-aux-modis status --date $DAY --ancillary s3://work/anc
    assert_success
    run --separate-stderr hls-aux-modis sync --date $DAY -o s3://work/anc
    assert_equal "$(field action "${lines[0]}")" kept
    run --separate-stderr hls-aux-modis verify --ancillary s3://work/anc
    assert_equal "$status" 66 # no CMGDEM.hdf
    assert_output --partial '"state":"good","record":"agrees"'
    run --separate-stderr hls-aux-modis climatology --month 2024-03 --min-days 1 -o s3://work/anc
    assert_success
    # The folder is filled with the same bytes as the bucket.
    hls-aux-modis sync --date $DAY -o anc
    run curl -s --noproxy '*' "$URL/-/requests"
    assert_equal "$(grep -o '"x-amz-meta-sha256": "[0-9a-f]*"' <<<"$output" | head -1 | cut -d'"' -f4)" \
        "$(sha256sum <"anc/LADS/2024/$NAME" | cut -d' ' -f1)"
}

@test "climatology: means of a month, that fill the gaps of the next year" {
    laads_has VJ104ANC 2023067 "$STORE/good.h5"
    laads_has VJ104ANC 2023068 "$STORE/swath.h5"
    laads_has VJ104ANC 2024067 "$STORE/row.h5"
    start_laads
    hls-aux-modis sync --date 2023-03-08,2023-03-09 -o anc
    run --separate-stderr hls-aux-modis climatology --month 2023-03 -o anc
    assert_equal "$status" 66
    [[ $stderr == *"2 days of 2023-03, 25 are needed"* ]]
    run --separate-stderr hls-aux-modis climatology --month 2023-03 --min-days 2 -o anc --dry-run
    assert_line 'write anc/monthly_avgs/2023/monthly_avg_oz_2023_03.img'
    run --separate-stderr hls-aux-modis climatology --month 2023-03 --min-days 2 -o anc
    assert_success
    assert_equal "$(stat -c %s anc/monthly_avgs/2023/monthly_avg_oz_2023_03.img)" 25920000
    gdalinfo -stats anc/monthly_avgs/2023/monthly_avg_oz_2023_03.img | grep -q 'Minimum=120.000, Maximum=122'
    run --separate-stderr hls-aux-modis climatology --month 2023-03 --min-days 2 -o anc
    assert_equal "$status" 73
    run --separate-stderr hls-aux-modis sync --date $DAY -o anc
    assert_success
    assert_equal "$(field months "$(cat "anc/LADS/2024/$NAME.json")")" "['2023-03']"
    assert_equal "$(field cells_from_months "${lines[0]}")" 7200
}

@test "hls-lasrc makes the same of a MODIS and of a VIIRS day that say the same" {
    local granule source scene
    hls-simulate landsat -o "$PWD" --size 60x50 --no-pan --no-truth --date 2020-03-07T16:16:00Z >/dev/null
    granule=("$PWD"/LC08_L1TP_*_T1)
    ancillary_days same.hdf 120 300 swath
    ancillary_days same.h5 120 300 swath
    laads_has MOD09CMG 2020067 same.hdf
    laads_has MOD09CMA 2020067 same.hdf
    laads_has VJ104ANC 2020067 same.h5
    start_laads
    mkdir modis viirs
    cp ancillary/*.hdf modis/
    cp ancillary/*.hdf viirs/
    hls-aux-modis sync --date 2020-03-07 -o modis >/dev/null
    hls-aux-modis sync --date 2020-03-07 -o viirs --viirs-from 2018-01-01 >/dev/null
    run --separate-stderr hls-aux-modis verify --ancillary modis
    assert_success
    run --separate-stderr hls-aux-modis verify --ancillary viirs
    assert_success
    for source in modis viirs; do
        SOURCE_DATE_EPOCH=1600000000 hls-lasrc "${granule[0]}" -o "ac.$source" --ancillary $source >/dev/null
    done
    grep -q L8ANC2020067.hdf_fused ac.modis/LC08*.run.json
    grep -q VJ104ANC.A2020067 ac.viirs/LC08*.run.json
    scene=${granule[0]##*/}
    diff -r -x scene.json "ac.modis/$scene" "ac.viirs/$scene"
}

@test "verify finds what is wrong with a folder" {
    laads_has VJ104ANC 2024067 "$STORE/good.h5"
    start_laads
    hls-aux-modis sync --date $DAY -o anc
    cp "$STORE/swath.h5" anc/LADS/2024/VJ104ANC.A2024069.002.2024070120000.h5
    run --separate-stderr hls-aux-modis verify --ancillary anc
    assert_equal "$status" 65
    assert_output --partial '320000 cells between 40 degrees north and south have no ozone'
    assert_output --partial '"record":"agrees"'
    cp "$STORE/good.h5" anc/LADS/2024/VJ104ANC.A2024069.002.2024070120000.h5
    run --separate-stderr hls-aux-modis status --date 2024-03-09 --ancillary anc
    assert_success
    assert_output --partial 'has no record'
    run --separate-stderr hls-aux-modis verify --ancillary anc --adopt
    assert_output --partial '"record":"made"'
    run --separate-stderr hls-aux-modis status --date 2024-03-09 --ancillary anc
    assert_output --partial '"rank":1'
    cp "$STORE/swath.h5" "anc/LADS/2024/$NAME"
    run --separate-stderr hls-aux-modis status --date $DAY --ancillary anc
    assert_equal "$status" 66
    cp "$STORE/good.h5" "anc/LADS/2024/$NAME"
    printf x | dd of="anc/LADS/2024/$NAME" bs=1 seek=200000 conv=notrunc status=none
    run --separate-stderr hls-aux-modis verify --ancillary anc --date $DAY
    assert_equal "$status" 65
    assert_output --partial '"record":"differs"'
    run --separate-stderr hls-aux-modis verify --ancillary nowhere
    assert_equal "$status" 66
}
