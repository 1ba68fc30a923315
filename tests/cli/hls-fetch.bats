#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch at its edge: messages in, records out, exit codes, streams.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

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
    read -r -t 10 -u "${FETCH[0]}" line
    [[ $line == *"$ID"* ]] || fail "no answer before the end of input: $line"
    # shellcheck disable=SC2154
    kill -TERM "$FETCH_PID"
    run wait "$FETCH_PID"
    yes "$ID" | head -100000 | sed 's/$/ /;n;s/0704/0705/' | hls-fetch parse | head -1 >/dev/null
    [ "${PIPESTATUS[3]}" -eq 0 ]
}
