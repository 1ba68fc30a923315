# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Servers of tests/servers for the suites; `load servers` after `load assertions`, and stop_servers in
# teardown.

SERVERS=()

stop_servers() {
    [ ${#SERVERS[@]} -eq 0 ] || kill "${SERVERS[@]}" 2>/dev/null || true
    SERVERS=()
}

# start_server FILE NAME ARGUMENTS...: one of tests/servers; what it says goes to FILE.
start_server() {
    local file=$1 name=$2
    shift 2
    rm -f "$file"
    "$BATS_TEST_DIRNAME/../servers/$name" "$@" >"$file" 3>&- &
    SERVERS+=($!)
    wait_until --while "$!" test -s "$file"
}

# said FILE NAME: a value of what a server said.
said() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

# start_bucket [FOLDER]: S3 that checks signatures and holds the files of FOLDER/<bucket>/<key>: $URL, its
# keys, and state of our own.
start_bucket() {
    start_server server.json strict ${1:+--folder "$1"}
    URL=$(said server.json url)
    export HLS_ENDPOINT_S3=$URL HLS_STATE_DIR=$PWD/state
    export AWS_ACCESS_KEY_ID=AKIDTEST AWS_SECRET_ACCESS_KEY=secret-MARKER-aws AWS_REGION=us-west-2
}

# control ORDER: faults and settings of the stub at $URL; tests/servers/stub.py has them.
control() {
    curl -sf --noproxy '*' -d "$1" "$URL/-/control"
}
