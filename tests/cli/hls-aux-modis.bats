#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-aux-modis at its edge; what combine computes is tested in unit.ancillary.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p out
}

CMG=MOD09CMG.A2020067.061.2020069031245.hdf
CMA=MOD09CMA.A2020067.061.2020069031245.hdf

@test "help and version answer on stdout with success" {
    for arguments in --help --version --usage-json "combine --help"; do
        # shellcheck disable=SC2086  # two words are two arguments
        assert_answers hls-aux-modis $arguments
    done
}

@test "usage errors end with 2, missing input with 66, damaged input with 65" {
    assert_refused 2 'a command is required' hls-aux-modis
    assert_refused 2 'FILE is required' hls-aux-modis combine
    assert_refused 2 'no MODIS product' hls-aux-modis combine scene.hdf -o out
    assert_refused 2 'another day' hls-aux-modis combine $CMG ${CMA/067/068} -o out
    assert_refused 2 'a second file' hls-aux-modis combine $CMG $CMG -o out
    assert_refused 66 'both CMG and CMA' hls-aux-modis combine $CMG -o out
    assert_refused 66 "$CMG" hls-aux-modis combine $CMG $CMA -o out
    head -c 3000 /dev/urandom >$CMG
    cp $CMG $CMA
    assert_refused 65 "$CMG" hls-aux-modis combine $CMG $CMA -o out
}

@test "dry run says what it would do and does nothing" {
    run --separate-stderr hls-aux-modis combine $CMG $CMA -o out --dry-run
    assert_success
    assert_line "read $CMG"
    assert_line 'write out/LADS/2020/L8ANC2020067.hdf_fused'
    assert_equal "$(find out -mindepth 1)" ''
}

@test "an existing day is refused, or skipped" {
    mkdir -p out/LADS/2020
    echo old >out/LADS/2020/L8ANC2020067.hdf_fused
    run --separate-stderr hls-aux-modis combine $CMG $CMA -o out
    assert_equal "$status" 73
    run --separate-stderr hls-aux-modis combine $CMG $CMA -o out --skip-existing
    assert_success
    assert_equal "$(cat out/LADS/2020/L8ANC2020067.hdf_fused)" old
}
