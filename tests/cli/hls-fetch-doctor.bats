#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch doctor: what it finds, what it says, and that no secret ever shows.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

setup() {
    fetch_setup
    start_strict
    local name
    for name in CDSE_S3 LANDSATLOOK EARTH_SEARCH LAADS EDL SQS BATCH STS; do
        export "HLS_ENDPOINT_$name=$URL/-/${name,,}"
    done
    export AWS_EC2_METADATA_DISABLED=true HOME=$PWD EARTHDATA_TOKEN=token-MARKER-edl
    unset AWS_PROFILE NETRC
    export CDSE_S3_ACCESS_KEY=CDSEKEY CDSE_S3_SECRET_KEY=secret-MARKER-eodata
}

doctor() {
    run --separate-stderr hls-fetch doctor --min-free 0 "$@"
}

# finding CHECK TARGET: exit and message of that line of $output.
finding() {
    python3 -c '
import json, sys
for line in sys.argv[3].splitlines():
    f = json.loads(line)
    assert set(f) <= {"check", "target", "ok", "exit", "message", "hint"}, f
    if f["check"] == sys.argv[1] and f["target"] == sys.argv[2]:
        print(f["exit"], f["message"], f.get("hint", ""))' "$1" "$2" "$output"
}

@test "doctor: all is well" {
    doctor --format json --login
    assert_success
    [ -z "$stderr" ]
    [[ $(finding server cdse-catalogue) == '0 '*answers* ]]
    [[ $(finding clock cdse-catalogue) == '0 agrees'* ]]
    [[ $(finding credentials 'AWS environment') == '0 there, and used'* ]]
    [[ $(finding credentials 'Copernicus login') == *'accepted'* ]]
    [[ $(finding credentials 'Earthdata login') == '0 environment'* ]]
    [[ $(finding settings endpoints) == '0 '*'of your own'* ]]
    [[ $output != *MARKER* ]]
    doctor
    assert_success
    assert_line --regexp '^ok  credentials  Copernicus login +user and password, not tried'
    refute_line --regexp '^[0-9]'
}

@test "doctor: a clock that is off is 77, with what to do" {
    control '{"set":{"clock_offset":1800}}'
    doctor --format json --service cdse
    assert_equal "$status" 77
    [[ $(finding clock cdse-catalogue) == '77 this machine is '*'behind'*'set the clock'* ]]
    control '{"set":{"clock_offset":-100}}'
    doctor --format json --service cdse
    assert_success
    [[ $(finding clock cdse-catalogue) == '0 this machine is '*'ahead'*'set the clock'* ]]
}

@test "doctor: servers that do not answer are 75, those without a certificate 69" {
    export HLS_ENDPOINT_LANDSATLOOK=http://127.0.0.1:9
    doctor --format json --service usgs
    assert_equal "$status" 75
    [[ $(finding server landsatlook) == '75 '* ]]
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
    cat key.pem cert.pem >both.pem
    start_server tls.json strict --tls "$PWD/both.pem"
    HLS_ENDPOINT_LANDSATLOOK=$(said tls.json url)
    doctor --format json --service usgs
    assert_equal "$status" 69
    [[ $(finding server landsatlook) == '69 '*'HLS_CA_FILE'* ]]
}

@test "doctor: credentials that are missing, half there, open to others, or refused" {
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    doctor --format json --service jobs
    assert_equal "$status" 77
    [[ $(finding credentials AWS) == '77 none'*AWS_ACCESS_KEY_ID* ]]
    mkdir .aws
    printf '[default]\naws_access_key_id = AKIDTEST\naws_secret_access_key = secret-MARKER-file\n' >.aws/credentials
    doctor --format json --service jobs
    assert_success
    [[ $(finding credentials 'AWS environment') == '0 none here'* ]]
    [[ $(finding credentials 'AWS profile') == '0 there, and used'* ]]
    export AWS_ACCESS_KEY_ID=AKIDTEST
    doctor --format json --service jobs
    assert_equal "$status" 77
    [[ $(finding credentials 'AWS environment') == '77 only half'* ]]
    [[ $output$stderr != *MARKER* ]]

    unset EARTHDATA_TOKEN
    doctor --format json --service laads
    assert_equal "$status" 77
    printf 'machine 127.0.0.1 login me password netrc-MARKER\n' >.netrc
    chmod 644 .netrc
    doctor --format json --service laads
    assert_equal "$status" 77
    [[ $(finding credentials 'Earthdata login') == *'chmod 600'* ]]
    chmod 600 .netrc
    doctor --format json --service laads
    assert_success
    [[ $(finding credentials 'Earthdata login') == '0 netrc'* ]]

    unset CDSE_USER
    doctor --format json --service cdse
    assert_equal "$status" 77
    export CDSE_USER=me CDSE_PASSWORD=bogus-MARKER
    doctor --format json --service cdse --login
    assert_equal "$status" 77
    [[ $output$stderr != *MARKER* ]]
}

@test "doctor: no room is 74, a setting that is wrong 2, and the worst of all counts" {
    run --separate-stderr hls-fetch doctor --format json --service usgs --min-free 1000000
    assert_equal "$status" 74
    [[ $(finding disk .) == '74 '*'make room'* ]]
    echo '{"landsatlook":"https://host","laads":7}' >endpoints.json
    doctor --endpoints endpoints.json
    assert_equal "$status" 2
    echo '{"landsat-look":"https://host"}' >endpoints.json
    assert_refused 2 'no endpoint is called' hls-fetch doctor --endpoints endpoints.json
    export HLS_CA_FILE=$PWD/nowhere.pem
    run --separate-stderr hls-fetch doctor --format json --service usgs --min-free 1000000
    assert_equal "$status" 2
}

@test "endpoints: from a file, from HLS_ENDPOINTS, and one from the environment over both" {
    unset HLS_ENDPOINT_LANDSATLOOK
    control '{"set":{"made":3}}'
    echo '{"landsatlook":"'"$URL"'/-/landsatlook"}' >one.json
    echo '{"landsatlook":"http://127.0.0.1:9","laads":"http://127.0.0.1:9"}' >other.json
    run hls-fetch search --catalog landsatlook --date 2024-03-07 --endpoints one.json
    assert_equal "${#lines[@]}" 3
    HLS_ENDPOINTS=one.json run hls-fetch search --catalog landsatlook --date 2024-03-07
    assert_equal "${#lines[@]}" 3
    HLS_ENDPOINTS=other.json run hls-fetch search --catalog landsatlook --date 2024-03-07 --endpoints one.json
    assert_equal "${#lines[@]}" 3
    HLS_ENDPOINTS=one.json HLS_ENDPOINT_LANDSATLOOK=http://127.0.0.1:9 HLS_GIVE_UP_AFTER=0 \
        run --separate-stderr hls-fetch search --catalog landsatlook --date 2024-03-07
    assert_equal "$status" 75
    HLS_ENDPOINTS=nowhere.json run --separate-stderr hls-fetch search --date 2024-03-07
    assert_equal "$status" 66
    # Plain http only to addresses that the user gave.
    echo '{"landsatlook":"ftp://host"}' >bad.json
    assert_refused 2 bad.json hls-fetch search --date 2024-03-07 --endpoints bad.json
}
