#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scripts/hls-s30: from granules to products, twins to one, one code for the whole.

load assertions

setup_file() {
    export PATH="$BATS_TEST_DIRNAME/../../scripts:$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    export HLS_ANCILLARY=climatology
    hls-simulate sentinel2 -o "$BATS_FILE_TMPDIR" --size 240x240 --ancillary none --no-truth --no-tci \
        --twins --strip-overlap 600 --seed 4 >/dev/null
    local twins=("$BATS_FILE_TMPDIR"/S2A_MSIL1C_*.SAFE)
    export NORTH=${twins[0]} SOUTH=${twins[1]}
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "help on stdout, usage errors with 2 and one line" {
    run --separate-stderr hls-s30 --help
    assert_success
    assert_output --partial 'usage: hls-s30'
    for arguments in "" "-o out" "$NORTH" "-o out --nonsense $NORTH" "-o out -j x $NORTH" "-o"; do
        # shellcheck disable=SC2086  # words on purpose
        run --separate-stderr hls-s30 $arguments
        assert_equal "$status" 2
        # shellcheck disable=SC2154  # set by bats
        assert_equal "${#stderr_lines[@]}" 1
    done
    assert_not_exists out
}

@test "twins make one product; again makes nothing; one or two jobs, the same" {
    hls-s30 -o a "$NORTH" "$SOUTH/" >records
    assert_equal "$(wc -l <records)" 5
    products=(a/s30/HLS.S30.T14SPJ.2021196T171031.v2.0)
    assert_equal "$(find a/s30 -mindepth 1 -maxdepth 1 -type d)" "${products[0]}"
    assert_equal "$(find "${products[0]}" -name '*.tif' | wc -l)" 18
    assert_equal "$(find a/fmask -name '*.tif' | wc -l)" 2
    touch a/witness
    hls-s30 -o a "$NORTH" "$SOUTH" >/dev/null
    [ -z "$(find a -newer a/witness -name '*.tif')" ]
    command -v parallel >/dev/null || skip "GNU parallel is not there"
    hls-s30 -o b -j 2 "$NORTH" "$SOUTH" >/dev/null
    diff -r -x '*.run.json' a/s30 b/s30
}

# checksum FILE: of its pixels
checksum() {
    gdalinfo -checksum "$1" | sed -n 's/.*Checksum=//p'
}

@test "the scene carries the mask of hls-fmask, made as asked" {
    hls-s30 -o a --fmask '--buffer 0,2' "$NORTH" >/dev/null
    masks=(a/fmask/*.tif) layers=(a/ac/*/*_FMASK.tif)
    assert_equal "$(checksum "${layers[0]}")" "$(checksum "${masks[0]}")"
    gdalinfo "${masks[0]}" | grep -q 'BUFFERS=0,2'
}

@test "an excluded twin is left out, the rest used" {
    cp -r "$SOUTH" low.SAFE
    sed -i '/<Mean_Sun_Angle>/,/<\/Mean_Sun_Angle>/s/>[0-9.]*<\/ZENITH_ANGLE>/>80<\/ZENITH_ANGLE>/' \
        low.SAFE/GRANULE/*/MTD_TL.xml
    hls-s30 -o a "$NORTH" low.SAFE >/dev/null
    assert_equal "$(find a/ac -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
    assert_equal "$(find a/s30 -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
    run --separate-stderr hls-s30 -o b low.SAFE
    assert_equal "$status" 3
    [ -z "$(find b/s30 -mindepth 1 2>/dev/null)" ]
}

@test "codes of the steps are passed on" {
    run --separate-stderr hls-s30 -o out nowhere
    assert_equal "$status" 66
    run --separate-stderr hls-s30 -o out --lasrc '--ancillary nowhere' "$NORTH"
    assert_equal "$status" 66
    cp -r "$NORTH" broken.SAFE
    truncate -s 2000 broken.SAFE/GRANULE/*/IMG_DATA/*_B04.jp2
    run --separate-stderr hls-s30 -o out broken.SAFE "$SOUTH"
    assert_equal "$status" 65
    [ -z "$(find out/s30 -mindepth 1 2>/dev/null)" ]
}
