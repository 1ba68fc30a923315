#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scripts/hls-l30: from granules to products, one code for the whole, nothing made twice.

load assertions
load servers

setup_file() {
    export PATH="$BATS_TEST_DIRNAME/../../scripts:$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    export HLS_ANCILLARY=climatology
    # Across the border of tiles 14SPH and 14SPJ, 6 km of it.
    hls-simulate landsat -o "$BATS_FILE_TMPDIR" --size 200x200 --ancillary none --no-pan --no-truth \
        --utm-zone 14 --ulx 650025 --uly 4302975 --wrs-path 28 --wrs-row 33 >/dev/null
    local granule=("$BATS_FILE_TMPDIR"/LC08_L1TP_*_T1)
    export GRANULE=${granule[0]}
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "help on stdout, usage errors with 2 and one line" {
    run --separate-stderr hls-l30 --help
    assert_success
    assert_output --partial 'usage: hls-l30'
    for arguments in "" "-o out" "$GRANULE" "-o out --nonsense $GRANULE" "-o out -j x $GRANULE" "-o"; do
        # shellcheck disable=SC2086  # words on purpose
        run --separate-stderr hls-l30 $arguments
        assert_equal "$status" 2
        # shellcheck disable=SC2154  # set by bats
        assert_equal "${#stderr_lines[@]}" 1
    done
    assert_not_exists out
}

@test "products of all tiles touched; again makes nothing; one or two jobs, the same" {
    hls-l30 -o a "$GRANULE" >records
    assert_equal "$(find a/l30 -mindepth 1 -maxdepth 1 -type d | wc -l)" 2
    assert_equal "$(wc -l <records)" 4
    assert_file_exists "a/mask/${GRANULE##*/}.tif"
    grep -q "\"hls:CLOUD_MASKING_CODE\": \"${GRANULE##*/}.tif\"" a/ac/LC08_*/scene.json
    for product in a/l30/HLS.L30.T14SP[HJ].*/; do
        product=${product%/}
        assert_file_exists "$product/${product##*/}.json"
        assert_equal "$(find "$product" -name '*.tif' | wc -l)" 15
    done
    touch a/witness
    hls-l30 -o a "$GRANULE" >/dev/null
    [ -z "$(find a -newer a/witness -name '*.tif')" ]
    command -v parallel >/dev/null || skip "GNU parallel is not there"
    hls-l30 -o b -j 2 "$GRANULE" >/dev/null
    diff -r -x '*.run.json' a/l30 b/l30
}

@test "products to a bucket: there and nowhere else" {
    start_bucket
    mkdir tmp
    TMPDIR=$PWD/tmp run --separate-stderr hls-l30 -o s3://out/run/ --mask qa-pixel -t 14SPJ "$GRANULE"
    assert_success
    assert_output --partial '"path":"s3://out/run/l30/HLS.L30.T14SPJ.'
    assert_equal "$(ls -A tmp)" ''
    assert_not_exists s3:
}

@test "codes of the steps are passed on" {
    run --separate-stderr hls-l30 -o out nowhere
    assert_equal "$status" 66
    run --separate-stderr hls-l30 -o out --lasrc '--ancillary nowhere' "$GRANULE"
    assert_equal "$status" 66
    run --separate-stderr hls-l30 -o out -t 16RDV "$GRANULE"
    assert_equal "$status" 5
    run --separate-stderr hls-l30 -o out -t 99XYZ "$GRANULE"
    refute [ "$status" = 0 ]
    [ -z "$(find out/l30 -mindepth 1 2>/dev/null)" ]
}
