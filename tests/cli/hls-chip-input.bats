#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-chip and layers as they come: identities that are shared, names in another encoding, plans that lack
# something.

load assertions
load chip_world

setup_file() {
    make_chip_world
    hls-chip plan --gpkg fields.gpkg --id-column parcel --year 2023 --prob 5=0.04 >plan.jsonl
}

setup() {
    cd "$WORLD" || return
}

@test "parcels that share an identity are told of, and make no exact plan" {
    assert_refused 65 'have the EC_hcat_c of another' \
        hls-chip plan --gpkg fields.gpkg --id-column EC_hcat_c --year 2023 --target 5=3 --exact
    run --separate-stderr hls-chip plan --gpkg fields.gpkg --id-column EC_hcat_c --year 2023 --prob 5=0.5
    assert_success
    # shellcheck disable=SC2154  # set by bats
    [[ $stderr == *'they share their fate'* ]] || fail "$stderr"
}

@test "names that are not in UTF-8 keep their parcels apart" {
    ogr2ogr -q -f GPKG -sql 'SELECT geom, parcel, EC_hcat_c, EC_hcat_n FROM fields' \
        latin.gpkg fields.gpkg -nln fields
    python3 - <<'PYTHON'
import sqlite3
with sqlite3.connect("latin.gpkg") as file:
    triggers = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        file.execute(f'DROP TRIGGER "{name}"')
    file.execute("UPDATE fields SET parcel = CAST(x'6361f161' || CAST(fid AS TEXT) AS TEXT)")
PYTHON
    hls-chip plan --gpkg latin.gpkg --id-column parcel --year 2023 --target 5=3 --exact >latin.jsonl
    run hls-chip run --tasks latin.jsonl --stac-dir "$WORLD/items" -o latin
    assert_success
    assert_output --partial '"status":"ok"'
    run grep -c '"parcel":"caña' latin/manifest.jsonl
    assert_output "$(wc -l <latin/manifest.jsonl)"
}

@test "a plan without a catalogue wants one" {
    assert_refused 2 'their results say why' hls-chip run --tasks "$WORLD/plan.jsonl" -o nowhere
}

@test "a full standard output is told once" {
    run --separate-stderr bash -c 'hls-chip run --tasks plan.jsonl --stac-dir items -o full >/dev/full'
    assert_equal "$status" 74
    # shellcheck disable=SC2154
    assert_equal "${#stderr_lines[@]}" 1
}
