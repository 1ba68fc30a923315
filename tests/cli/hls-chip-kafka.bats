#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chip over many workers: Kafka (librdkafka's mock cluster is the broker), a shared folder, and
# arrays; whatever the way, the same bytes.

load assertions
load chip_world

setup_file() {
    make_chip_world
    hls-chip plan --gpkg fields.gpkg --id-column parcel --year 2023 --grid deg:0.03 \
        --prob 1=0.04,2=0.04,3=0.04,4=0.04,5=0.04,6=0.04,7=0.04,8=0.04 >plan.jsonl
    hls-chip run --tasks plan.jsonl --stac-dir items -o chips >results.jsonl
    tasks=$(($(wc -l <plan.jsonl) - 1))
    export tasks
    start_broker
}

teardown_file() {
    [ ! -s "$WORLD/broker.pid" ] || kill "$(cat "$WORLD/broker.pid")"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# The broker serves until the writing end of its standard input is closed, at the latest.
start_broker() {
    command -v kafka_broker >/dev/null || return 0
    mkfifo "$WORLD/broker.in"
    kafka_broker 4 satellite-tasks satellite-results t1 r1 t2 r2 <>"$WORLD/broker.in" >"$WORLD/broker" 3>&- &
    echo $! >"$WORLD/broker.pid"
    until [ -s "$WORLD/broker" ]; do sleep 0.05; done
    BROKER=$(cat "$WORLD/broker")
    export BROKER
}

needs_broker() {
    [ -n "${BROKER:-}" ] || skip 'built without librdkafka'
}

digests() {
    (cd "$1" && find images masks parts manifest.jsonl -type f -print0 | sort -z | xargs -0 sha256sum)
}

run_chips() {
    hls-chip run --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" "$@"
}

@test "usage errors end with 2" {
    assert_refused 2 'tasks come from one of' run_chips -o out --queue q --kafka b:1
    assert_refused 2 '--shard goes with --tasks' run_chips -o out --queue q --shard 0/2
    assert_refused 2 'RESULTS or --kafka is required' hls-chip status
    assert_refused 2 '--kafka is required' hls-chip topics
}

@test "properties that are not for the user are refused, and all of them without librdkafka" {
    if [ -n "${BROKER:-}" ]; then
        assert_refused 2 'does not belong on a command line' \
            run_chips -o out --kafka b:1 -X sasl.password=x
        assert_refused 2 'cannot be set' run_chips -o out --kafka b:1 -X enable.auto.commit=true
        return
    fi
    assert_refused 69 'this build has no Kafka' run_chips -o out --kafka b:1
    assert_refused 69 'this build has no Kafka' hls-chip status --kafka b:1
    assert_refused 69 'this build has no Kafka' hls-chip topics --kafka b:1 --create
    assert_refused 69 'this build has no Kafka' hls-chip topics --kafka b:1 --publish "$WORLD/plan.jsonl"
}

@test "Kafka and a stream make the same chips, and count them once" {
    needs_broker
    run hls-chip topics --kafka "$BROKER" --create --partitions 4
    assert_success
    hls-chip topics --kafka "$BROKER" --publish "$WORLD/plan.jsonl"
    run_chips -o kafka --kafka "$BROKER" --idle-exit 2 >results
    diff <(digests "$WORLD/chips") <(digests kafka)
    cmp kafka/plan.json "$WORLD/chips/plan.json"
    run hls-chip topics --kafka "$BROKER"
    assert_line --index 0 --partial "\"messages\":$((tasks + 1)),\"lag\":0"
    # Sent again, the tasks are answered from the part files; results still count once.
    hls-chip topics --kafka "$BROKER" --publish "$WORLD/plan.jsonl"
    run_chips -o kafka --kafka "$BROKER" --group again --idle-exit 2 >twice
    hls-chip status --kafka "$BROKER" --plan "$WORLD/plan.jsonl" --json >counts
    hls-chip status "$WORLD/results.jsonl" --plan "$WORLD/plan.jsonl" --json >expected
    python3 - "$tasks" <<'PYTHON'
import json, sys
status, expected = json.load(open("counts")), json.load(open("expected"))
assert status["classes"] == expected["classes"] and status["tasks"] == expected["tasks"]
assert status["tasks_planned"] == sum(status["tasks"].values()) == int(sys.argv[1])
again = [json.loads(line) for line in open("twice")][:-1]
assert len(again) >= int(sys.argv[1])
assert all(r["chips_skipped_existing"] == r["chips_saved"] for r in again)
PYTHON
}

@test "what is no task and what belongs to another plan is answered and committed" {
    needs_broker
    sed 2p -n "$WORLD/plan.jsonl" | sed 's/"plan_id":"p-[0-9a-f]*"/"plan_id":"p-0123456789abcdef"/' >foreign
    sed 2p -n "$WORLD/plan.jsonl" | sed 's/"task_id":"[^"]*"/"task_id":"..\/..\/escape"/' >climbs
    mkdir out && cp "$WORLD/chips/plan.json" out
    for file in foreign climbs; do
        run hls-chip topics --kafka "$BROKER" --tasks-topic t1 --publish "$file"
    done
    assert_failure 65
    hls-chip topics --kafka "$BROKER" --tasks-topic t1 --publish foreign
    run --separate-stderr run_chips -o out --kafka "$BROKER" --tasks-topic t1 --results-topic r1 --idle-exit 1
    assert_failure 1
    assert_line --partial '"code":"E_PLAN"'
    run hls-chip topics --kafka "$BROKER" --tasks-topic t1 --results-topic r1
    assert_line --index 0 --partial '"lag":0'
    [ "$(find out/images -name '*.tif' 2>/dev/null | wc -l)" -eq 0 ]
}

@test "SIGTERM leaves the group within 5 s, and the next worker goes on" {
    needs_broker
    hls-chip topics --kafka "$BROKER" --tasks-topic t2 --results-topic r2 --publish "$WORLD/plan.jsonl"
    (exec hls-chip run --stac-dir "$WORLD/items" --gpkg "$WORLD/fields.gpkg" -o out --kafka "$BROKER" \
        --tasks-topic t2 --results-topic r2 --group stops >first) &
    worker=$!
    until [ -s first ]; do sleep 0.1; done
    start=$EPOCHREALTIME
    kill -TERM "$worker"
    code=0
    wait "$worker" || code=$?
    assert_equal "$code" 143
    assert_within 5 "$start"
    [ -z "$(find out -name '.*.tmp')" ]
    sleep 4  # the mock needs its rebalance delay before somebody joins again
    run_chips -o out --kafka "$BROKER" --tasks-topic t2 --results-topic r2 --group stops --idle-exit 2 >second
    diff <(digests "$WORLD/chips") <(digests out)
    hls-chip status --kafka "$BROKER" --results-topic r2 --follow --plan "$WORLD/plan.jsonl" --json | tail -1 >counts
    run cat counts
    assert_output --partial '"left_s":0.0'
}

@test "no broker is a temporary failure, an unknown option of librdkafka none of usage" {
    needs_broker
    assert_refused 2 'No such configuration property' run_chips -o out --kafka 127.0.0.1:1 -X no.such=1
    printf '# comment\nno equals\n' >config
    assert_refused 2 'config:2: expected' run_chips -o out --kafka 127.0.0.1:1 --kafka-config config
}

@test "workers that share a folder do every task once" {
    run_chips -o shared --queue q --tasks "$WORLD/plan.jsonl" >r1 &
    first=$!
    run_chips -o shared --queue q --tasks "$WORLD/plan.jsonl" >r2
    wait "$first"
    diff <(digests "$WORLD/chips") <(digests shared)
    assert_equal "$(find q/done -name '*.json' | wc -l)" "$tasks"
    assert_equal "$(find q/pending q/claimed -type f | wc -l)" 0
    assert_equal "$(cat r1 r2 | grep -c '"task_id"')" "$tasks"
    hls-chip status q/done --plan "$WORLD/plan.jsonl" --json >counts
    hls-chip status "$WORLD/results.jsonl" --plan "$WORLD/plan.jsonl" --json >expected
    python3 -c 'import json; a, b = json.load(open("counts")), json.load(open("expected")); assert a["classes"] == b["classes"] and a["tasks"] == b["tasks"]'
    # Filled again, nothing is new.
    run_chips -o shared --queue q --tasks "$WORLD/plan.jsonl" >r3
    assert_equal "$(grep -c '"task_id"' r3 || true)" 0
}

@test "the claims of a killed worker go back to the queue" {
    timeout -s KILL 0.4 "$HLS_BIN/hls-chip" run --gpkg "$WORLD/fields.gpkg" --stac-dir "$WORLD/items" -o shared \
        --queue q --tasks "$WORLD/plan.jsonl" >/dev/null || true
    run_chips -o shared --queue q --tasks "$WORLD/plan.jsonl" --lease 2 >r2 2>warnings
    find shared -name '.*.tmp' -delete
    diff <(digests "$WORLD/chips") <(digests shared)
    assert_equal "$(find q/done -name '*.json' | wc -l)" "$tasks"
}

@test "a queue of another plan is refused, and so is no queue" {
    assert_refused 66 'is no queue' run_chips -o out --queue nowhere
    mkdir q
    sed 's/"plan_id":"p-[0-9a-f]*"/"plan_id":"p-0123456789abcdef"/' "$WORLD/plan.jsonl" >other
    run_chips -o out --queue q --tasks "$WORLD/plan.jsonl" >/dev/null
    run run_chips -o out2 --queue q --tasks other
    assert_failure 65
    [ ! -e out2 ]
}

@test "array children take their line, or their share" {
    for ((i = 0; i <= tasks; ++i)); do
        run_chips -o lines --inputs-from "$WORLD/plan.jsonl" --index "$i" >/dev/null
    done
    diff <(digests "$WORLD/chips") <(digests lines)
    cmp lines/plan.json "$WORLD/chips/plan.json"
    for i in 0 1; do
        AWS_BATCH_JOB_ARRAY_INDEX=$i AWS_BATCH_JOB_ARRAY_SIZE=2 \
            run_chips -o shares --tasks "$WORLD/plan.jsonl" --shard array >>results
    done
    diff <(digests "$WORLD/chips") <(digests shares)
    assert_equal "$(grep -c '"task_id"' results)" "$tasks"
    assert_refused 2 'no child of a job array' run_chips -o out --tasks "$WORLD/plan.jsonl" --shard array
}

@test "tasks with a finished result are left out" {
    head -n 3 "$WORLD/results.jsonl" >some
    sed -n 4p "$WORLD/results.jsonl" | sed 's/"status":"[a-z]*"/"status":"failed"/' >>some
    run_chips -o rest --tasks "$WORLD/plan.jsonl" --missing some >results
    assert_equal "$(grep -c '"task_id"' results)" "$((tasks - 3))"
    hls-chip plan --gpkg "$WORLD/fields.gpkg" --id-column parcel --year 2023 --grid deg:0.03 --missing some \
        --prob 1=0.04,2=0.04,3=0.04,4=0.04,5=0.04,6=0.04,7=0.04,8=0.04 >missing.jsonl
    assert_equal "$(wc -l <missing.jsonl)" "$((tasks - 2))"
    assert_equal "$(grep -c '"attempt":2' missing.jsonl)" 1
}

@test "status waits for the plan, or for its targets" {
    head -n 2 "$WORLD/results.jsonl" >growing
    (wait_until test -s lines; tail -n +3 "$WORLD/results.jsonl" >>growing) &
    hls-chip status growing --plan "$WORLD/plan.jsonl" --follow --interval 0.2 --json >lines
    [ "$(wc -l <lines)" -ge 2 ]
    tail -n 1 lines >last
    hls-chip status "$WORLD/results.jsonl" --plan "$WORLD/plan.jsonl" --json | cmp - last
    run hls-chip status "$WORLD/results.jsonl" --target 3=100000 --until-target
    assert_failure 1
    run hls-chip status "$WORLD/results.jsonl" --target 3=1 --until-target --follow
    assert_success
}
