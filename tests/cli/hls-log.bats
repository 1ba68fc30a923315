#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-log at its edge: intake, questions, bad input, pages, what it links.
# shellcheck disable=SC2154  # stderr is set by bats

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SCENE=LC09_L1TP_033027_20240307_20240307_02_T1
    export AC=ac:033/027/2024-03-07
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export HLS_LOG=hls.db
}

make_log() {
    hls-log init --set twin-wait=0 >/dev/null
    echo "$SCENE" | hls-log add >/dev/null
}

# content: everything the log says, for "nothing changed"
content() { sqlite3 hls.db .dump | sha256sum; }

# assert_changes_nothing CODE TEXT COMMAND...
assert_changes_nothing() {
    local before
    before=$(content)
    assert_refused "$@"
    assert_equal "$(content)" "$before"
}

# as_nobody COMMAND...: without root's right to write everywhere
as_nobody() {
    if ((EUID == 0)); then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

# A folder that anybody may enter.
open_folder() {
    cd "$(mktemp -d "${TMPDIR:-/tmp}/hls-open-XXXXXX")" || return
    echo "$PWD" >"$BATS_TEST_TMPDIR/open_folder"
    chmod 777 .
}

teardown() {
    cd / || return
    [ ! -s "$BATS_TEST_TMPDIR/open_folder" ] || rm -rf "$(cat "$BATS_TEST_TMPDIR/open_folder")"
}

@test "help and version answer on stdout with success" {
    for arguments in --help -h --version --usage-json 'add --help' 'why -h'; do
        # shellcheck disable=SC2086
        assert_answers hls-log $arguments
    done
    hls-log --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'a command is required' hls-log
    assert_refused 2 'ID is required' hls-log why
    assert_refused 2 '--output is required' hls-log report
    assert_refused 2 'no setting nonsense' hls-log init --set nonsense=1
    assert_refused 2 'no duration' hls-log init --set tile-wait=soon
    make_log
    assert_refused 2 'no stage' hls-log show --stage cooking
    assert_refused 2 'no state' hls-log show --state tired
    assert_refused 2 'no date' hls-log show --date yesterday
    assert_refused 2 'no tile' hls-log show --tile 99ABC
}

@test "init makes a log once, keeps its rules, and can be repeated" {
    run hls-log init --set tile-wait=2d --set upgrade=no
    assert_success
    assert_output --partial '"created":true'
    run hls-log init
    assert_output --partial '"created":false'
    assert_equal "$(sqlite3 hls.db "SELECT value FROM meta WHERE key='tile-wait'")" 2d
    assert_equal "$(sqlite3 hls.db 'PRAGMA journal_mode')" wal
    hls-log init --log other.db --journal delete >/dev/null
    assert_equal "$(sqlite3 other.db 'PRAGMA journal_mode')" delete
    assert_refused 73 'cannot be created' hls-log init --log no/such/folder/x.db
}

@test "a log in WAL mode is refused on a network file system" {
    # No such file system can be mounted here, so the answer of the kernel is replaced.
    cat >nfs.c <<'SOURCE'
#include <string.h>
#include <sys/vfs.h>
int statfs(const char *path, struct statfs *info) {
    (void)path;
    memset(info, 0, sizeof *info);
    info->f_type = 0x6969;
    return 0;
}
SOURCE
    cc -shared -fPIC -o nfs.so nfs.c
    run --separate-stderr env LD_PRELOAD="$PWD/nfs.so" hls-log init --log shared.db
    assert_failure 69
    assert_regex "$stderr" 'NFS'
    [ ! -e shared.db ]
    run env LD_PRELOAD="$PWD/nfs.so" hls-log init --log shared.db --journal delete
    assert_success
}

@test "add reads ids, records and messages; twice is once" {
    make_log
    local before
    before=$(sqlite3 hls.db 'SELECT count(*) FROM unit')
    run hls-log add - <<<"$SCENE.tar
{\"v\":1,\"kind\":\"granule\",\"id\":\"$SCENE\"}
{\"landsat_product_id\":\"$SCENE\",\"s3_location\":\"s3://usgs-landsat/x/\"}
{\"v\":1,\"kind\":\"reject\",\"why\":\"bad_json\"}

"
    assert_success
    assert_output --partial '"granules":3'
    assert_output --partial '"units":0'
    assert_equal "$(sqlite3 hls.db 'SELECT count(*) FROM unit')" "$before"
    run hls-log add --dry-run <<<LC09_L1TP_033028_20240307_20240307_02_T1
    assert_output --partial '"units":'
    assert_equal "$(sqlite3 hls.db 'SELECT count(*) FROM unit')" "$before"
    run hls-log add </dev/null
    assert_success
}

@test "add takes all lines or none, unless told to keep going" {
    make_log
    printf '%s\n' LC09_L1TP_033028_20240307_20240307_02_T1 nonsense >lines
    assert_changes_nothing 65 'lines line 2' hls-log add lines
    run --separate-stderr hls-log add --keep-going lines
    assert_failure 65
    assert_output --partial '"granules":1'
    assert_output --partial '"rejected":1'
    assert_changes_nothing 66 'cannot read' hls-log add no-such-file
}

@test "bad records change nothing" {
    make_log
    hls-retry due --claim --stage ac --format items -- tool >item
    assert_changes_nothing 65 'no result record' hls-log record - <<<'{"v":1}'
    assert_changes_nothing 65 'no JSON object' hls-log record - <<<'nonsense'
    local run_id
    run_id=$(sed -E 's/.*"run_id":"([^"]*)".*/\1/' item)
    assert_changes_nothing 66 'no unit ac:none' hls-log record - \
        <<<"{\"v\":1,\"run_id\":\"x\",\"unit\":\"ac:none\",\"exit\":0}"
    assert_changes_nothing 65 'never began' hls-log record - \
        <<<"{\"v\":1,\"run_id\":\"$run_id\",\"unit\":\"$AC\",\"seq\":9,\"exit\":3}"
    assert_changes_nothing 65 'never began' hls-log record - \
        <<<"{\"v\":1,\"run_id\":\"other\",\"unit\":\"$AC\",\"seq\":1,\"exit\":3}"
    # The good one before a bad one is not taken in either.
    assert_changes_nothing 65 'stdin line 2' hls-log record - \
        <<<"{\"v\":1,\"run_id\":\"$run_id\",\"unit\":\"$AC\",\"seq\":1,\"exit\":3}
{"
    assert_changes_nothing 66 'no nope' hls-log why nope
}

@test "documents nested without end are refused" {
    make_log
    local deep
    deep=$(printf '[%.0s' {1..100000})$(printf ']%.0s' {1..100000})
    echo "{\"v\":1,\"run_id\":\"r\",\"unit\":\"$AC\",\"exit\":3,\"params\":$deep}" >record
    echo "{\"kind\":\"granule\",\"id\":\"$SCENE\",\"sums\":{\"a\":$deep}}" >granule
    echo "$deep" >deep.json
    assert_changes_nothing 65 'no JSON' hls-log record record
    assert_changes_nothing 65 'no JSON' hls-log add granule
    assert_changes_nothing 65 'no JSON' hls-retry collect deep.json
    assert_changes_nothing 65 'no work item' hls-retry run --items deep.json
}

@test "records come from stdin, files and folders, and are taken once" {
    make_log
    mkdir spool
    hls-retry due --claim --stage ac --format items -- tool >item
    sed -E 's/.*"run_id":"([^"]*)".*/{"v":1,"run_id":"\1","unit":"ac:033\/027\/2024-03-07","seq":1,"exit":3}/' item >spool/a.json
    echo broken >spool/.b.json.tmp
    run hls-log record spool
    assert_output --partial '"applied":1'
    run hls-log record --archive spool
    assert_output --partial '"duplicate":1'
    assert_file_exists spool/done/a.json
    run hls-log show --stage ac
    assert_output --regexp 'skipped +low_sun'
}

@test "messages as they come: twice, in any order, in envelopes" {
    hls-log init >/dev/null
    local scene=LC08_L1TP_033027_20240307_20240309_02_T1 bucket=s3://usgs-landsat/collection02/level-1/standard
    local place=$bucket/oli-tirs/2024/033/027/$scene/
    local message="{\\\"landsat_product_id\\\":\\\"$scene\\\",\\\"s3_location\\\":\\\"$place\\\"}"
    local sns="{\"Type\":\"Notification\",\"TopicArn\":\"arn:aws:sns:us-west-2:1:public-c2-notify-v2\",\"Message\":\"$message\"}"
    printf '%s\n' "$sns" "$sns" "$scene" | hls-fetch parse | hls-log add >/dev/null
    assert_equal "$(hls-log show --stage ac --format keys)" ac:033/027/2024-03-07
    # The event came before the file: its unit waits and uses no budget.
    hls-retry run -q --stage ac -- sh -c 'exit 66' >/dev/null
    assert_equal "$(sqlite3 hls.db "SELECT state,n_wait,n_source,n_code FROM unit WHERE stage='ac'")" 'retry|1|0|0'
}

@test "a full disk leaves the log as it was" {
    make_log
    hls-retry due --claim --stage ac --format items -- tool >item
    local path before limit
    before=$(content)
    for path in $(seq 60); do echo "LC09_L1TP_0${path}027_20240307_20240307_02_T1"; done >many
    sed -i -E 's/TP_0([0-9])027/TP_00\1027/' many
    # No file may grow beyond this: what a write on a full disk says, too.
    limit=$(($(stat -c %s hls.db) / 1024 + 60))
    run --separate-stderr bash -c "trap '' XFSZ; ulimit -f $limit; hls-log add many"
    assert_failure 74
    assert_equal "${#stderr_lines[@]}" 1
    assert_equal "$(content)" "$before"
    assert_equal "$(sqlite3 hls.db 'PRAGMA integrity_check')" ok
}

@test "receipts close deliveries; what is not acknowledged is listed" {
    echo "$SCENE" >scene
    hls-log init >/dev/null
    hls-log add --then deliver --tiles 13TFN scene >/dev/null
    local id=HLS.L30.T13TFN.2024067T173204.v2.0
    hls-retry run --stage ac --expect ac_out -- touch ac_out >/dev/null
    hls-retry sweep --close-after 0s >/dev/null
    hls-retry run --stage tile --expect $id -- mkdir $id >/dev/null
    hls-retry run --stage deliver --expect $id -- true >/dev/null
    run hls-log audit --deliveries
    assert_success
    run --separate-stderr hls-log audit --deliveries --sent-before 0s
    assert_failure 1
    assert_output --regexp '^deliver:13TFN/033/2024-03-07 +done: not_acknowledged$'
    local answer="{\"identifier\":\"x\",\"product\":{\"name\":\"$id\"},\"response\":{\"status\":"
    run hls-log record <<<"$answer\"FAILURE\",\"errorCode\":\"VALIDATION_ERROR\"}}"
    assert_output --partial '"receipts":1'
    run --separate-stderr hls-log audit --deliveries --format keys
    assert_failure 1
    hls-log audit --deliveries --format keys 2>/dev/null | hls-retry redrive - >/dev/null
    hls-retry run --stage deliver --expect $id -- true >/dev/null
    hls-log record <<<"$answer\"SUCCESS\"}}" >/dev/null
    run hls-log audit --deliveries --sent-before 0s
    assert_success
    run hls-log why deliver:13TFN/033/2024-03-07
    assert_output --partial SUCCESS
    assert_equal "$(hls-log export --table delivery | wc -l)" 2
    run hls-log record <<<"{\"identifier\":\"x\",\"product\":{\"name\":\"y\"},\"response\":{\"status\":\"SUCCESS\"}}"
    assert_output --partial '"foreign":1'
    assert_changes_nothing 65 'neither SUCCESS nor FAILURE' hls-log record - <<<"$answer\"?\"}}"
}

@test "a log of the first version is brought up to date" {
    make_log
    sqlite3 hls.db 'DROP VIEW delivered_file; DROP INDEX delivery_product; PRAGMA user_version=1'
    assert_refused 69 'has schema 1' hls-log show
    run hls-log init
    assert_output --partial '"schema":2,"created":false'
    run hls-log show --stage ac
    assert_output --partial "$AC"
    run hls-log export --table delivered_file --format csv
    assert_output 'short_name,version,filename,size,last_modified,checksum'
}

@test "a locked log is temporary" {
    make_log
    mkfifo held
    { printf '%s\n' 'BEGIN IMMEDIATE;' '.shell : >locked'; cat held; } | sqlite3 hls.db &
    local locker=$!
    wait_until --while $locker test -e locked
    run --separate-stderr hls-log add --busy-timeout 0.2 <<<"$SCENE"
    assert_failure 75
    assert_equal "${#stderr_lines[@]}" 1
    # Readers do not mind.
    run hls-log show
    assert_success
    : >held
    wait "$locker"
}

@test "a log that may not be written, of the future, or none at all" {
    open_folder
    make_log
    chmod 444 hls.db
    assert_refused 77 'may not be written' as_nobody "$HLS_BIN/hls-log" add --log hls.db /dev/null
    chmod 644 hls.db
    sqlite3 hls.db 'PRAGMA user_version=99'
    assert_changes_nothing 69 'has schema 99' hls-log add /dev/null
    assert_changes_nothing 69 'has schema 99' hls-log init
    echo 'this is no database, though it is long enough to look like one' >not.db
    assert_refused 65 'not a database' hls-log show --log not.db
    sqlite3 foreign.db 'CREATE TABLE t(x)'
    assert_refused 65 'is not an HLS job log' hls-log show --log foreign.db
    assert_refused 66 'no such file' hls-log show --log none.db
    assert_file_not_exists none.db
}

@test "a log on read-only media can be asked" {
    open_folder
    make_log
    mkdir media
    hls-log export --format sqlite -o media/hls.db
    chmod 555 media
    chmod 444 media/hls.db
    run as_nobody "$HLS_BIN/hls-log" show --log media/hls.db --stage ac
    chmod 755 media
    assert_success
    assert_output --partial "$AC"
}

@test "a clock that goes back changes nothing" {
    make_log
    sqlite3 hls.db "INSERT INTO event(ts,unit_id,to_state) VALUES('2999-01-01T00:00:00.000Z',1,'ready')"
    assert_changes_nothing 75 'the clock says' hls-log add <<<LC09_L1TP_033028_20240307_20240307_02_T1
    assert_changes_nothing 75 'the clock says' hls-retry run -n 1 --stage ac -- true
    run hls-log status
    assert_success
}

@test "why tells a unit's story by any of its names" {
    make_log
    for name in "$AC" "$SCENE" "$SCENE.tar" 033/027/2024-03-07; do
        run hls-log why "$name"
        assert_success
        assert_line --index 0 --partial "$AC  ready: new"
        assert_output --partial "$SCENE from"
    done
    hls-log why "$AC" --format json | python3 -m json.tool >/dev/null
    tile=$(hls-log show --stage tile --format keys | head -n 1)
    run hls-log why "$(cut -d: -f2 <<<"$tile" | cut -d/ -f1,3)"
    assert_output --partial 'wait: scenes, closes'
    assert_output --partial "$AC  ready: new"
}

@test "conditions that cannot be are refused" {
    make_log
    assert_refused 2 'tracks are forward, historic, request, test' hls-log show --track forwards
    assert_refused 2 'no date' hls-log show --date 2024-13
    assert_refused 2 'no date' hls-log show --date 2024-02-30
    assert_refused 2 'no version' hls-log show --tool-before latest
    assert_refused 2 '-nan is no number' hls-log show --busy-timeout=-nan
    assert_refused 2 'NaN is no number' hls-log status --fail-over NaN
    assert_refused 2 'not in range 1 to 1000000000' hls-log show --limit 0
    assert_refused 66 'cannot read' hls-log record "$(printf 'x%.0s' {1..300})"
    run env HLS_LOG='' hls-log show --limit 1 --date 2024
    assert_output --partial "$AC"
}

@test "versions of tools are compared by their numbers" {
    make_log
    echo "{\"v\":1,\"run_id\":\"r\",\"unit\":\"$AC\",\"exit\":3,\"tool\":\"t\",\"version\":\"0.9.1 (c0ffee)\"}" |
        hls-log record >/dev/null
    run hls-log show --format keys --tool-before 0.10.0
    assert_output "$AC"
    run hls-log show --format keys --tool-before 0.9.1
    assert_output ''
}

@test "audit names gaps with their reason, ready for a pipe" {
    make_log
    run --separate-stderr hls-log audit --product L30
    assert_failure 1
    assert_output --partial "wait: scenes  <- ac:033/"
    run --separate-stderr hls-log audit --stage ac --format keys
    assert_output "$AC"
    run --separate-stderr hls-log audit --expected - --format json <<<LC09_L1TP_034027_20240314_20240314_02_T1
    assert_failure 1
    assert_output --partial '"reason":"not_in_log"'
    hls-log audit --stage ac --format keys | hls-retry cancel - >/dev/null
    run --separate-stderr hls-log audit --stage ac
    assert_failure 1
    assert_output --partial 'cancelled: cancelled'
    hls-retry request "$AC" >/dev/null
    hls-retry run --stage ac --expect "{key}" -- touch "{key}"
    hls-log audit --stage ac --check-files
    rm ac_033_027_2024-03-07
    run --separate-stderr hls-log audit --stage ac --check-files
    assert_output --partial output_missing
}

@test "status has three forms and thresholds" {
    make_log
    run hls-log status
    assert_output --partial 'ac        1 ready'
    hls-log status --format json | python3 -c 'import json,sys; assert json.load(sys.stdin)["ready"] == 1'
    run hls-log status --format prom
    assert_line 'hls_units{stage="ac",state="ready"} 1'
    run --separate-stderr hls-log status --min-done 5
    assert_failure 1
    [[ $stderr == *'fewer than 5'* ]]
    hls-retry run --stage ac -- false 2>/dev/null
    run hls-log status --fail-over 0.5
    assert_failure 1
    run hls-log stats
    assert_line --index 1 --regexp '^ac +1 +100.0%'
    hls-log stats --format json | python3 -m json.tool >/dev/null
}

@test "export gives rows and sound copies" {
    make_log
    run hls-log export --table unit
    assert_line --index 0 --partial '"ukey":"ac:033/027/2024-03-07"'
    hls-log export --table unit | while read -r line; do python3 -m json.tool <<<"$line" >/dev/null; done
    run hls-log export --table landsat_ac_log --format csv
    assert_line --index 0 --partial 'id,ts,path,row,acquisition,scene_id'
    assert_line --index 1 --partial ",033,027,2024-03-07,$SCENE"
    hls-log export --format sqlite -o copy.db
    assert_equal "$(sqlite3 copy.db 'PRAGMA integrity_check')" ok
    assert_refused 73 'exists' hls-log export --format sqlite -o copy.db
}

@test "the report renders in a browser without asking for anything" {
    make_log
    hls-retry run --stage ac -- sh -c 'echo "tile 17 is broken" >&2; exit 70' 2>/dev/null
    printf '%s\n' LC09_L1TP_0330{29,30}_20240307_20240307_02_T1 LC09_L1TP_040030_20240308_20240308_02_T1 |
        hls-log add >/dev/null
    hls-retry run --stage ac -n 2 --expect "{key}" -- touch "{key}" >/dev/null
    hls-log report -o page.html --title 'A day & a <night>'
    assert_refused 73 'exists' hls-log report -o page.html
    run grep -ciE '<script|https?://|@import|url\(' page.html
    assert_output 0
    run grep -c 'A day &amp; a &lt;night&gt;' page.html
    assert_success
    command -v chromium >/dev/null || skip "no chromium"
    timeout 240 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,1800 \
        --user-data-dir="$PWD/profile" --screenshot=page.png "file://$PWD/page.html" >/dev/null 2>&1
    assert_file_exists page.png
    # What the browser made of it: all sections, bars and tiles are there and have a size.
    timeout 240 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --dump-dom \
        "file://$PWD/page.html" 2>/dev/null >dom.html
    for id in days throughput failures map stages; do grep -q "id=\"$id\"" dom.html; done
    (($(grep -c '<rect class="tile' dom.html) > 3))
    grep -q 'tile 17 is broken' dom.html
    [ -z "${HLS_KEEP_SCREENSHOT:-}" ] || cp page.png "$HLS_KEEP_SCREENSHOT"
}

@test "quick to start, and linked with neither GDAL nor libcurl" {
    for tool in hls-log hls-retry; do
        run ldd "$HLS_BIN/$tool"
        refute_output --regexp 'libgdal|libcurl|libproj'
    done
}

@test "a reader that goes away ends it quietly" {
    make_log
    run bash -c 'set -o pipefail; hls-log export --table event | head -n 1 >/dev/null'
    assert_success
}
