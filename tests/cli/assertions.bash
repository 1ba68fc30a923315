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

# wait_until [--while PID] COMMAND...: until the command succeeds, for minutes if the machine is busy; that
# the process ends before is a failure.
wait_until() {
    local process='' end=$((SECONDS + 300))
    [ "$1" != --while ] || { process=$2 && shift 2; }
    until "$@"; do
        ((SECONDS < end)) || fail "not in five minutes: $*"
        [ -z "$process" ] || kill -0 "$process" 2>/dev/null || "$@" || fail "ended before: $*"
        sleep 0.02
    done
}

# assert_within SECONDS START: no more than that since START, an $EPOCHREALTIME. A machine with more to run
# than it has processors is allowed as many times longer.
assert_within() {
    local now=$EPOCHREALTIME
    awk -v start="$2" -v now="$now" -v limit="$1" -v processors="$(nproc)" '{
        split($4, running, "/")
        crowd = ($1 > running[1] ? $1 : running[1]) / processors
        if (now - start <= limit * (crowd > 1 ? crowd : 1)) exit
        printf "%.1f s instead of %s s, %.1f processes for each processor\n", now - start, limit, crowd
        exit 1
    }' /proc/loadavg >&2
}

# assert_stops_clean SIGNAL COMMAND...: the signal, sent as soon as there are files below ac or out, ends the
# command as that signal does, with one line on stderr, and leaves nothing there. A command that was
# done before the signal came is started again, up to ten times.
assert_stops_clean() {
    local signal=$1 code left process
    shift
    for _ in {1..10}; do
        rm -rf ac out
        mkdir ac out
        # A shell without job control starts background jobs with SIGINT ignored, which env undoes. The
        # command is nice so that on a busy machine it does not outrun who watches it.
        env --default-signal=INT nice -n 19 "$@" 2>errors >/dev/null &
        process=$!
        until [ -n "$(find ac out -type f)" ] || ! kill -0 "$process" 2>/dev/null; do sleep 0.01; done
        kill -"$signal" "$process" 2>/dev/null || true
        code=0
        wait "$process" || code=$?
        [ "$code" -eq 0 ] || break
    done
    assert_equal "$code" $((128 + $(kill -l "$signal")))
    assert_equal "$(wc -l <errors)" 1
    left=$(find ac out -mindepth 1)
    [ -z "$left" ] || fail "left behind: $left"
}
