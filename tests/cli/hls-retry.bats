#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-retry at its edge: what each end of a command does to its unit, and what operators order.
# shellcheck disable=SC2154  # stderr is set by bats

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export HLS_LOG=hls.db
    hls-log init --set twin-wait=0 >/dev/null
    mkdir out
}

# add_scenes COUNT: so many ac units, path 001 to COUNT
add_scenes() {
    local path
    for path in $(seq "$1"); do
        printf 'LC08_L1TP_%03d120_20240307_20240309_02_T1\n' "$path"
    done | hls-log add >/dev/null
}
ac() { printf 'ac:%03d/120/2024-03-07' "$1"; }

# state UNIT: "held oom"
state() { sqlite3 hls.db "SELECT state||' '||reason FROM unit WHERE ukey='$1'"; }
value() { sqlite3 hls.db "SELECT $2 FROM unit WHERE ukey='$1'"; }

# A tool that ends as told and prints a record as tools of the kit do.
make_tool() {
    cat >tool <<'SCRIPT'
#!/bin/sh
# tool CODE OUTPUT
case $1 in
    sig*) kill -"${1#sig}" $$ ;;
    0) echo "$HLS_UNIT" >"$2" ;;
    *) echo "tool: error: ended with $1" >&2 ;;
esac
if [ "$1" = 0 ]; then
    outputs="{\"path\":\"$2\",\"bytes\":$(stat -c %s "$2"),\"sha256\":\"$(sha256sum "$2" | cut -c1-64)\"}"
fi
echo "{\"v\":1,\"run_id\":\"$HLS_RUN_ID\",\"unit\":\"$HLS_UNIT\",\"seq\":$HLS_SEQ,\"tool\":\"tool\",\"exit\":$1,\"outputs\":[$outputs]$EXTRA}"
exit "$1"
SCRIPT
    chmod +x tool
}

@test "help and version answer on stdout with success" {
    for arguments in --help --version --usage-json 'run --help' 'submit -h' 'due -h'; do
        # shellcheck disable=SC2086
        assert_answers hls-retry $arguments
    done
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'a command is required' hls-retry
    assert_refused 2 'COMMAND is required' hls-retry run
    assert_refused 2 'no stage' hls-retry due --stage cooking
    assert_refused 2 'no duration' hls-retry run --lease soon -- true
    assert_refused 2 'needs --claim' hls-retry due --format items -- true
    assert_refused 2 'say which units' hls-retry hold
    assert_refused 2 'queue is required' hls-retry submit -- true
    assert_refused 2 'say either --poll' hls-retry collect
    add_scenes 1
    assert_refused 2 'stands for nothing' hls-retry run --stage ac -- echo '{moon}'
    assert_equal "$(state "$(ac 1)")" 'ready released'
    assert_refused 66 'no unit' hls-retry run --unit ac:none -- true
    assert_refused 66 'knows no' hls-retry hold ac:none
}

@test "every exit code and signal lands in its state with its budget" {
    make_tool
    # code, state and reason after the first run, counter that grew
    local table='0|done ok|
3|skipped low_sun|
4|skipped cloudy|
5|skipped empty|
7|skipped not_accepted|
1|retry failure|n_code
70|retry internal|n_code
6|retry exit_6|n_code
65|retry bad_input|n_source
66|retry missing_input|n_wait
71|retry resource|n_resource
74|retry io_error|n_resource
124|retry time_limit|n_resource
sig9|retry oom|n_resource
75|retry temporary|n_infra
130|ready interrupted|n_infra
143|ready terminated|n_infra
sig15|ready terminated|n_infra
sig2|ready interrupted|n_infra
sig11|retry signal_11|n_code
sig6|retry signal_6|n_code
2|held usage|
69|held unavailable|
73|held cannot_create|
77|held permission|'
    add_scenes 25
    local path=0 code expected counter
    while IFS='|' read -r code expected counter; do
        path=$((path + 1))
        hls-retry run -q --unit "$(ac $path)" -- ./tool "$code" "out/$path" >/dev/null
        assert_equal "$code: $(state "$(ac $path)")" "$code: $expected"
        # Exactly the counter of its class grew.
        assert_equal "$code $(value "$(ac $path)" n_infra+n_resource+n_source+n_code+n_wait)" \
            "$code $([ -n "$counter" ] && echo 1 || echo 0)"
        [ -z "$counter" ] || assert_equal "$code $(value "$(ac $path)" "$counter")" "$code 1"
    done <<<"$table"
}

@test "a program that is not there holds the unit, three stop the worker" {
    add_scenes 5
    run --separate-stderr hls-retry run --drain --stage ac -- hls-no-such-tool
    assert_failure 69
    [[ $stderr == *'3 units in a row'* ]]
    assert_equal "$(hls-log show --state held --format keys | wc -l)" 3
    assert_equal "$(hls-log show --state ready --stage ac --format keys | wc -l)" 2
}

@test "a success is believed only with its outputs" {
    add_scenes 3
    hls-retry run -q --unit "$(ac 1)" -- true >/dev/null
    assert_equal "$(state "$(ac 1)")" 'retry internal'
    run hls-log why "$(ac 1)"
    assert_output --partial 'named no outputs'
    cat >liar <<'SCRIPT'
#!/bin/sh
echo "{\"v\":1,\"run_id\":\"$HLS_RUN_ID\",\"unit\":\"$HLS_UNIT\",\"seq\":$HLS_SEQ,\"exit\":0,\"outputs\":[{\"path\":\"out/gone\",\"bytes\":5}]}"
SCRIPT
    chmod +x liar
    hls-retry run -q --unit "$(ac 2)" -- ./liar >/dev/null
    run hls-log why "$(ac 2)"
    assert_output --partial 'out/gone is not there'
    echo data >out/gone
    printf '#!/bin/sh\n%s\n' "$(sed -n 2p liar | sed 's/\\"bytes\\":5/\\"bytes\\":5,\\"sha256\\":\\"00\\"/')" >liar
    hls-retry run -q --unit "$(ac 3)" --verify-digests -- ./liar >/dev/null
    run hls-log why "$(ac 3)"
    assert_output --partial 'another digest'
}

# A stranger's program may print anything under our run id.
@test "a record of the wrong form fails its unit, not the worker" {
    add_scenes 7
    cat >stranger <<'SCRIPT'
#!/bin/sh
echo "{\"run_id\":\"$HLS_RUN_ID\",$1}"
exit "$2"
SCRIPT
    chmod +x stranger
    local path=0 members
    for members in '"outputs":"x"' '"outputs":[{"path":5}]' '"outputs":[{"path":"stranger","bytes":"x"}]' \
        '"message":5' '"t0":"x"'; do
        path=$((path + 1))
        run hls-retry run -q --unit "$(ac $path)" -- ./stranger "$members" 0
        assert_success
        assert_equal "$(state "$(ac $path)")" 'retry internal'
        run hls-log why "$(ac $path)"
        assert_output --partial "the tool's: no result record: "
    done
    hls-retry run -q --unit "$(ac 6)" -- ./stranger '"message":5' 3 >/dev/null
    assert_equal "$(state "$(ac 6)")" 'skipped low_sun'
    # A record of many outputs is a long line.
    cat >many <<'SCRIPT'
#!/usr/bin/python3
import json, os
output = {"path": "many", "bytes": os.path.getsize("many"), "sha256": "0" * 64}
print(json.dumps({"run_id": os.environ["HLS_RUN_ID"], "outputs": [output] * 5000}))
SCRIPT
    chmod +x many
    hls-retry run -q --unit "$(ac 7)" -- ./many >/dev/null
    assert_equal "$(state "$(ac 7)")" 'done ok'
}

@test "limits of time and memory end the whole group, and are raised once" {
    add_scenes 2
    hls-retry run -q --unit "$(ac 1)" --time-limit 2s -- sh -c 'sleep 60 & echo $! >pid; wait' >/dev/null
    assert_equal "$(state "$(ac 1)")" 'retry time_limit'
    assert_equal "$(value "$(ac 1)" time_factor)" 2.0
    run kill -0 "$(cat pid)"
    [ "$status" -ne 0 ] || grep -q zombie "/proc/$(cat pid)/status"
    hog='x = bytearray(200 << 20); import time; time.sleep(20)'
    hls-retry run -q --unit "$(ac 2)" --memory 60 -- python3 -c "$hog" >/dev/null
    assert_equal "$(state "$(ac 2)")" 'retry oom'
    assert_equal "$(value "$(ac 2)" mem_factor)" 1.5
    sqlite3 hls.db "UPDATE unit SET not_before='2000' WHERE state='retry'"
    hls-retry run -q --unit "$(ac 2)" --memory 60 -- python3 -c "$hog" >/dev/null || true
    hls-retry sweep >/dev/null
    hls-retry run -q --unit "$(ac 2)" --memory 60 -- python3 -c "$hog" >/dev/null || true
    assert_equal "$(state "$(ac 2)")" 'held oom'
}

@test "Retry-After is honoured" {
    make_tool
    add_scenes 1
    EXTRA=',"retry_after_s":7200' hls-retry run -q --stage ac -- ./tool 75 x >/dev/null
    local wait
    wait=$(sqlite3 hls.db "SELECT (julianday(not_before)-julianday('now'))*86400 FROM unit WHERE stage='ac'")
    (($(printf '%.0f' "$wait") > 7100))
}

@test "SIGTERM stops worker and tool within seconds and uses no code budget" {
    add_scenes 1
    hls-retry run -q --drain --stage ac -- sh -c 'echo $$ >pid; exec sleep 60' >/dev/null &
    local worker=$!
    wait_until --while "$worker" test -s pid
    local start=$EPOCHREALTIME
    kill -TERM "$worker"
    local code=0
    wait "$worker" || code=$?
    assert_equal "$code" 143
    assert_within 5 "$start"
    assert_equal "$(state "$(ac 1)")" 'ready terminated'
    assert_equal "$(value "$(ac 1)" n_infra),$(value "$(ac 1)" n_code)" 1,0
}

@test "a killed worker's unit runs again, and its record is not lost" {
    make_tool
    add_scenes 2
    hls-retry run -q --stage ac --lease 1s -- sh -c 'echo $$ >pid; exec sleep 60' >/dev/null &
    local worker=$!
    wait_until --while "$worker" test -s pid
    kill -9 "$worker"
    sleep 1.2
    run hls-retry sweep
    assert_output --partial '"expired":1'
    run hls-log show --stage ac --state retry
    assert_output --partial lease_lost
    # A record that was written and not taken in.
    hls-retry due --claim --stage ac --format items -- true >item
    mkdir -p hls.db.runs
    local run_id unit
    run_id=$(sed -E 's/.*"run_id":"([^"]*)".*/\1/' item)
    unit=$(sed -E 's/.*"unit":"([^"]*)".*/\1/' item)
    echo "{\"v\":1,\"run_id\":\"$run_id\",\"unit\":\"$unit\",\"seq\":1,\"exit\":3}" >"hls.db.runs/$run_id.json"
    run hls-retry sweep
    assert_output --partial '"records":1'
    assert_equal "$(state "$unit")" 'skipped low_sun'
    assert_file_not_exists "hls.db.runs/$run_id.json"
}

@test "the tool sees its identity; words stand for the unit" {
    add_scenes 1
    # shellcheck disable=SC2016  # for the inner shell
    hls-retry run --stage ac --expect said -- sh -c \
        'echo "$HLS_UNIT $HLS_SEQ ${#HLS_RUN_ID} $1 $2 $3 {} {.}" >said' - '{path}/{row}' '{scene}' 'x{date}x' >/dev/null
    assert_equal "$(cat said)" 'ac:001/120/2024-03-07 1 26 001/120 LC08_L1TP_001120_20240307_20240309_02_T1 x2024-03-07x {} {.}'
}

@test "words inside blocks of a shell are replaced, words for other units and bytes refused" {
    add_scenes 2
    hls-retry run --unit "$(ac 1)" --expect said -- sh -c \
        'say() { echo {unit} {{row}} }; }; say >said' >/dev/null
    assert_equal "$(cat said)" 'ac:001/120/2024-03-07 {120} }'
    assert_refused 2 'has no {pass}' hls-retry run --unit "$(ac 2)" -- tool '{pass}'
    assert_refused 2 'one second or more' hls-retry run --unit "$(ac 2)" --lease 0 -- true
    assert_refused 2 'not UTF-8' hls-retry due --claim --format items -- echo $'\xff'
    assert_refused 2 'several lines' hls-retry due --claim --format commands -- echo $'a\nb'
    assert_refused 2 'not in range 1 to 1000000000' hls-retry run --memory 9999999999999999 -- true
    assert_equal "$(state "$(ac 2)")" 'ready released'
}

@test "items run anywhere without the log, records come back" {
    make_tool
    add_scenes 3
    mkdir made
    # shellcheck disable=SC2094  # a word, not the file
    hls-retry due --claim -n 3 --stage ac --format items -- ./tool 0 'made/{key}' >items
    mkdir spool
    for index in 0 1; do
        HLS_LOG=/nonexistent hls-retry run --items items --item $index --spool spool --runs runs >/dev/null
    done
    AWS_BATCH_JOB_ARRAY_INDEX=2 HLS_LOG=/nonexistent hls-retry run --items items --spool spool --runs runs >/dev/null
    assert_refused 2 'no line of index 3' hls-retry run --items items --item 3 --spool spool
    run hls-log record spool
    assert_output --partial '"applied":3'
    assert_equal "$(hls-log show --stage ac --state 'done' --format keys | wc -l)" 3
    sed -i 's/"tool":"[^"]*","argv":\[[^]]*\]/"tool":"sh","argv":["-c","exit 4"]/' items
    run hls-retry run --items items --item 0 --spool spool --runs runs
    assert_failure 4
    run hls-retry run --items items --item 0 --spool spool --runs runs --expected-ok
    assert_success
    # The folder of a run is emptied before it: it must be one of its own.
    mkdir scratch
    touch scratch/precious
    for run_id in '' . .. ../scratch /tmp a/b; do
        echo "{\"unit\":\"u\",\"run_id\":\"$run_id\",\"seq\":1,\"tool\":\"true\",\"argv\":[]}" >items3
        assert_refused 65 'run_id is no name' hls-retry run --items items3 --scratch scratch
    done
    assert_file_exists scratch/precious
    # Any tool of the kit reads the same lines.
    echo '{"unit":"u","run_id":"r","seq":1,"argv":["015033"]}' >items2
    run hls-mgrs-intersect --inputs-from items2 --index 0
    assert_success
}

@test "operators hold, release, cancel, request and redrive; dry runs change nothing" {
    make_tool
    add_scenes 2
    before=$(sqlite3 hls.db .dump | sha256sum)
    for order in hold cancel; do
        run hls-retry $order --stage ac --dry-run
        assert_line --index 0 --partial '"from":"ready"'
    done
    assert_equal "$(sqlite3 hls.db .dump | sha256sum)" "$before"
    hls-retry hold --stage ac --note 'bad weather' >/dev/null
    assert_equal "$(state "$(ac 1)")" 'held bad weather'
    run hls-retry due --stage ac
    assert_output ''
    hls-retry release --state held >/dev/null
    hls-retry run --unit "$(ac 1)" -- ./tool 0 out/1 >/dev/null
    hls-retry cancel "$(ac 2)" >/dev/null
    assert_equal "$(state "$(ac 2)")" 'cancelled cancelled'
    run hls-retry request LC08_L1TP_001120_20240307_20240309_02_T1 --note 'mail of Monday'
    assert_output --partial '"from":"done","to":"ready"'
    assert_equal "$(value "$(ac 1)" priority)" 10
    hls-retry run --unit "$(ac 1)" -- ./tool 2 x >/dev/null 2>&1
    hls-retry redrive --reason usage >/dev/null
    assert_equal "$(state "$(ac 1)")" 'ready redriven'
}

@test "what is made again is made of the best edition there is by then" {
    local rt=LC08_L1TP_001120_20240307_20240307_02_RT t1=LC08_L1TP_001120_20240307_20240320_02_T1
    echo $rt | hls-log add >/dev/null
    hls-retry run --unit "$(ac 1)" --expect 'out/{scene}' -- touch 'out/{scene}' >/dev/null
    echo $t1 | hls-log add >/dev/null
    assert_equal "$(state "$(ac 1)")" 'done ok'
    hls-retry request "$(ac 1)" >/dev/null
    hls-retry run --unit "$(ac 1)" --expect 'out/{scene}' -- touch 'out/{scene}' >/dev/null
    assert_equal "$(ls out)" "$rt
$t1"
}

@test "conditions hold for units that are named, too" {
    add_scenes 3
    hls-retry hold "$(ac 1)" >/dev/null
    run hls-retry cancel "$(ac 1)" "$(ac 2)" --state held
    assert_output "{\"unit\":\"$(ac 1)\",\"from\":\"held\",\"to\":\"cancelled\"}"
    assert_equal "$(state "$(ac 2)")" 'ready new'
    run hls-retry hold --limit 1 "$(ac 3)" "$(ac 2)"
    assert_output --partial "$(ac 3)"
    refute_output --partial "$(ac 2)"
}

@test "a cancelled unit stops its worker, which changes nothing any more" {
    add_scenes 1
    hls-retry run -q --stage ac --lease 1s -- sh -c 'echo $$ >pid; sleep 600' >report &
    local worker=$!
    wait_until --while "$worker" test -s pid
    hls-retry cancel "$(ac 1)" >/dev/null
    wait "$worker"
    assert_equal "$(state "$(ac 1)")" 'cancelled cancelled'
    run cat report
    assert_output --partial '"taken_over":1'
}

@test "recorded documents of AWS Batch end units as their table says" {
    add_scenes 9
    hls-retry due --claim -n 9 --stage ac >/dev/null
    local number=0 unit
    # document | state
    local table='{"detail":{"jobId":"jN","status":"FAILED","statusReason":"Host EC2 (instance i-0) terminated.","attempts":[{"container":{},"statusReason":"Host EC2 (instance i-0) terminated."}]}}|retry spot
{"detail":{"jobId":"jN","status":"FAILED","statusReason":"Essential container in task exited","attempts":[{"container":{"exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"}}]}}|retry oom
{"detail":{"jobId":"jN","status":"FAILED","statusReason":"Job attempt duration exceeded timeout","attempts":[{"container":{"exitCode":137}}]}}|retry timeout
{"jobs":[{"jobId":"jN","status":"FAILED","statusReason":"Task failed to start","attempts":[{"container":{"reason":"CannotPullContainerError: context canceled"}}]}]}|retry image_pull
{"JobId":"jN","Status":"FAILED","StatusReason":"Essential container in task exited","Attempts":[{"Container":{"ExitCode":1}}]}|retry failure
{"Error":"States.TaskFailed","Cause":"{\"JobId\":\"jN\",\"Status\":\"FAILED\",\"Attempts\":[],\"Container\":{}}"}|retry lost
{"Records":[{"body":"{\"source\":\"aws.batch\",\"detail\":{\"jobId\":\"jN\",\"status\":\"FAILED\",\"attempts\":[{\"container\":{\"exitCode\":3}}]}}"}]}|skipped low_sun
{"detail":{"jobId":"jN","status":"SUCCEEDED","attempts":[{"container":{"exitCode":0}}]}}|claimed list
{"detail":{"jobId":"jN","status":"RUNNING","attempts":[]}}|claimed list'
    while IFS='|' read -r document expected; do
        number=$((number + 1))
        unit=$(ac $number)
        sqlite3 hls.db "UPDATE unit SET job='j$number', backend='batch' WHERE ukey='$unit'"
        hls-retry collect - <<<"${document//jN/j$number}" >/dev/null
        assert_equal "$document $(state "$unit")" "$document $expected"
    done <<<"$table"
    run hls-retry collect - <<<'{"detail":{"jobId":"of somebody else","status":"FAILED"}}'
    assert_output --partial '"foreign":1'
    assert_refused 65 'no JSON' hls-retry collect - <<<'{'
}
