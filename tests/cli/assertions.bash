# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the suites of all tools need; `load assertions` at the top of a suite.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
bats_load_library bats-file

# assert_refused CODE TEXT COMMAND...: one line on stderr that holds TEXT, the exit code, and nothing
# left in the folders that the suites write to.
assert_refused() {
    local code=$1 text=$2 left
    shift 2
    run --separate-stderr "$@"
    # shellcheck disable=SC2154  # set by bats
    assert_equal "$status" "$code"
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
    # shellcheck disable=SC2154  # set by bats
    [[ $stderr == *"$text"* ]] || fail "stderr does not say '$text': $stderr"
    left=$(find ac out -mindepth 1 2>/dev/null || true)
    [ -z "$left" ] || fail "left behind: $left"
}

# assert_answers TOOL ARGUMENTS...: data on stdout, nothing on stderr, success.
assert_answers() {
    run --separate-stderr "$@"
    assert_success
    [ -n "$output" ] || fail "$* says nothing"
    [ -z "$stderr" ] || fail "$* complains: $stderr"
}
