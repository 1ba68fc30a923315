#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch listen: queues to lines, at least once whatever happens in between.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

setup_file() {
    fetch_setup_file
}

setup() {
    fetch_setup
    start_strict
    export HLS_ENDPOINT_SQS=$URL/-/sqs
    QUEUE=https://sqs.us-west-2.amazonaws.com/123456789012/granules
}

teardown() {
    fetch_teardown
}

# fill COUNT: announcements of as many scenes in the queue.
fill() {
    python3 - "$1" >order.json <<'PYTHON'
import json, sys
bodies = []
for i in range(int(sys.argv[1])):
    name = f"LC08_L1TP_{1 + i % 233:03}{1 + i // 233:03}_20230704_20230717_02_T1"
    bodies.append(json.dumps({"Type": "Notification", "TopicArn": "t", "Message": json.dumps({
        "landsat_product_id": name, "s3_location": f"s3://usgs-landsat/collection02/level-1/standard/"
        f"oli-tirs/2023/{name[10:13]}/{name[13:16]}/{name}/"})}))
print(json.dumps({"set": {"bodies": bodies}}))
PYTHON
    control @order.json
}

counts() {
    curl -s --noproxy '*' "$URL/-/queue-counts"
}

nothing_left() {
    [[ $(counts) == '{"left": 0,'* ]]
}

holds_lines() {
    [ "$(wc -l <"$1")" -ge "$2" ]
}

ids_in() {
    grep -o '"id":"[^"]*"' "$@" | sed 's/.*"id"/"id"/' | sort -u | wc -l
}

@test "sqs: every message becomes its line and is deleted then" {
    fill 45
    run --separate-stderr hls-fetch listen --sqs "$QUEUE" --max-idle 1
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 45
    assert_equal "$(ids_in <<<"$output")" 45
    assert_equal "$(counts)" '{"left": 0, "received": 45}'
    run asked 'POST'
    # Five receipts and deletions for 45 messages, and the poll that found none.
    assert_equal "${#lines[@]}" 11
}

@test "sqs: bad and filtered messages do not block the queue" {
    control '{"set":{"bodies":["not json {","{\"landsat_product_id\":\"LC08_L1GT_001005_20230704_20230717_02_T2\"}",
        "{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"x\",\"SubscribeURL\":\"http://x\"}"]}}'
    run --separate-stderr hls-fetch listen --sqs "$QUEUE" --max-idle 1
    assert_success
    assert_equal "${#lines[@]}" 2
    assert_output --partial '"why":"bad_json"'
    assert_output --partial '"why":"subscription_confirmation"'
    assert_equal "$(counts)" '{"left": 0, "received": 3}'
    control '{"set":{"bodies":["{\"landsat_product_id\":\"LC08_L1GT_001005_20230704_20230717_02_T2\"}"]}}'
    run --separate-stderr hls-fetch listen --sqs "$QUEUE" --max-idle 1 --show-rejected
    assert_output --partial 'filtered:product'
}

@test "sqs: killed between writing and deletion, the message comes again" {
    local child
    fill 25
    control '{"set":{"visibility":1},"faults":[{"path":"sqs","method":"POST","kind":"hang","seconds":30,
        "after":1,"times":1}]}'
    hls-fetch listen --sqs "$QUEUE" --max-idle 1 >first 2>/dev/null &
    child=$!
    # The first ten lines are in the file while the deletion hangs.
    wait_until --while $child holds_lines first 10
    kill -9 $child
    wait $child || true
    assert_equal "$(wc -l <first)" 10
    sleep 1.2
    hls-fetch listen --sqs "$QUEUE" --max-idle 1 >second
    assert_equal "$(ids_in second first)" 25
    assert_equal "$(wc -l <second)" 25
    run counts
    assert_output --partial '"left": 0'
}

@test "sqs: killed at any moment, no message is ever lost" {
    local child i
    fill 300
    control '{"set":{"visibility":1}}'
    for i in $(seq 12); do
        hls-fetch listen --sqs "$QUEUE" --max-idle 3 >>"part.$i" 2>/dev/null &
        child=$!
        sleep "0.$(printf %03d $((5 + RANDOM % 60)))"
        kill -9 $child 2>/dev/null || true
        wait $child || true
    done
    # Long polls that outlive their client may take messages for a while yet.
    for _ in $(seq 20); do
        hls-fetch listen --sqs "$QUEUE" --max-idle 2 >>part.last
        nothing_left && break
    done
    nothing_left
    assert_equal "$(ids_in part.*)" 300
}

@test "sqs: SIGTERM during a long poll ends at once with 143, and nothing is lost" {
    local child start
    fill 10
    hls-fetch listen --sqs "$QUEUE" >out 2>err &
    child=$!
    wait_until --while $child nothing_left
    sleep 0.5
    start=$(date +%s)
    kill -TERM $child
    local code=0
    wait $child || code=$?
    assert_equal "$code" 143
    [ $(($(date +%s) - start)) -le 5 ]
    assert_equal "$(counts)" '{"left": 0, "received": 10}'
}

@test "sqs: what a reader that went away did not take stays in the queue" {
    local code=0
    fill 40
    control '{"set":{"visibility":1}}'
    # Nobody reads at all.
    mkfifo pipe
    exec 8<>pipe
    exec 9>pipe 8<&-
    hls-fetch listen --sqs "$QUEUE" --max-messages 40 >&9 || code=$?
    exec 9>&-
    assert_equal "$code" 0
    run counts
    assert_output --partial '"left": 40'
    # One that takes its time, and goes while the first ten lines are on their way.
    sleep 1.2
    hls-fetch listen --sqs "$QUEUE" --max-messages 40 | { sleep 2; }
    run counts
    assert_output --partial '"left": 40'
    sleep 1.2
    hls-fetch listen --sqs "$QUEUE" --max-idle 2 >all
    assert_equal "$(ids_in all)" 40
}

@test "sqs: refusals have their codes; the queue's own server is used" {
    run --separate-stderr hls-fetch listen --sqs "${QUEUE%granules}other"
    assert_equal "$status" 66
    AWS_SECRET_ACCESS_KEY=bogus-MARKER run --separate-stderr hls-fetch listen --sqs "$QUEUE"
    assert_equal "$status" 77
    [[ $output$stderr != *MARKER* ]]
    assert_refused 2 'queues are named' hls-fetch listen --sqs granules
    assert_refused 2 'one queue' hls-fetch listen
    assert_refused 2 'no subscription' hls-fetch listen --cdse-pull x
    unset HLS_ENDPOINT_SQS
    start_server other.json strict
    run --separate-stderr hls-fetch listen --sqs "$(said other.json url)/123456789012/granules" --max-idle 1
    [ "$status" -ne 0 ]
    run curl -s --noproxy '*' "$(said other.json url)/-/requests"
    assert_output --partial AmazonSQS.ReceiveMessage
}

@test "sqs: messages go straight into get" {
    landsat_bucket
    fetch_teardown
    SERVERS=()
    start_strict bucket
    export HLS_ENDPOINT_SQS=$URL/-/sqs
    control '{"set":{"bodies":["{\"landsat_product_id\":\"'"$SCENE"'\"}"]}}'
    hls-fetch listen --sqs "$QUEUE" --max-messages 1 | hls-fetch get - -d in --min-free 0 >out
    diff -r "made/$SCENE" "in/$SCENE"
}

# notifications COUNT: of the subscription.
notifications() {
    python3 - "$1" >order.json <<'PYTHON'
import json, sys
rows = []
for i in range(int(sys.argv[1])):
    name = f"S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_20240912T13{i // 60:02}{i % 60:02}.SAFE"
    row = {"SubscriptionEvent": "created", "ProductId": f"u{i}", "ProductName": name, "AckId": f"ack{i}",
           "NotificationDate": "2024-09-12T14:52:52.000Z"}
    if i % 5:
        row["value"] = {"Id": f"u{i}", "Name": name, "ContentLength": 1}
    rows.append(row)
print(json.dumps({"set": {"notifications": rows}}))
PYTHON
    control @order.json
}

SUBSCRIPTION=880c4e1a-cfc7-4956-bc4c-4434069a0aa7

@test "cdse-pull: read, written, acknowledged; what is older than three days is looked up later" {
    notifications 53
    # The subscription is at the catalogue, which gets the token here and nowhere else.
    run --separate-stderr hls-fetch listen --cdse-pull $SUBSCRIPTION --max-messages 53
    assert_success
    assert_equal "${#lines[@]}" 53
    assert_equal "$(ids_in <<<"$output")" 53
    assert_equal "$(grep -c '"need_lookup":true' <<<"$output")" 11
    run asked Ack
    assert_equal "${#lines[@]}" 3
    run --separate-stderr hls-fetch listen --cdse-pull ${SUBSCRIPTION/880/881} --max-messages 1
    assert_equal "$status" 66
}

@test "cdse-pull: killed before the acknowledgement, the notifications come again" {
    local child
    notifications 30
    control '{"faults":[{"path":"/Ack","kind":"hang","seconds":30,"times":1}]}'
    hls-fetch listen --cdse-pull $SUBSCRIPTION >first 2>/dev/null &
    child=$!
    wait_until --while $child holds_lines first 20
    kill -9 $child
    wait $child || true
    control '{"reset":true}'
    hls-fetch listen --cdse-pull $SUBSCRIPTION --max-idle 2 >second
    assert_equal "$(ids_in second)" 30
    assert_equal "$(wc -l <first)" 20
}
