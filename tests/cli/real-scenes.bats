#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real Level-1 packages, whole and cut down: taken as they are or refused with the right code.

load assertions

setup_file() {
    export PATH="$BATS_TEST_DIRNAME/../../scripts:$HLS_BIN:$PATH"
    export LANDSAT="$HLS_TEST_DATA/landsat"
    export HLS_ANCILLARY=climatology
}

setup() {
    [ -d "$LANDSAT" ] || skip "$LANDSAT is not there"
    cd "$BATS_TEST_TMPDIR" || return
}

@test "the main scene goes from Level-1 to the L30 product of its two tiles" {
    run --separate-stderr hls-l30 -o out "$LANDSAT/LC08_L1TP_020039_20150804_20200908_02_T1"
    assert_success
    [ -z "$stderr" ]
    for tile in 16RDU 16RDV; do
        local id=HLS.L30.T$tile.2015216T161921.v2.0
        assert_file_exists "out/l30/$id/$id.json"
        run gdalinfo "out/l30/$id/$id.B04.tif"
        assert_output --partial 'Size is 3660, 3660'
        assert_output --partial 'LANDSAT_PRODUCT_ID=LC08_L1TP_020039_20150804_20200908_02_T1'
        assert_output --partial 'Overviews: 1830x1830, 915x915, 458x458, 229x229'
    done
}

@test "rasters that are not what the metadata say end with 65" {
    for id in LC09_L1TP_112081_20220209_20220209_02_T1 LC08_L1TP_090084_20160121_20200907_02_T1; do
        assert_refused 65 60 hls-lasrc "$LANDSAT/$id" -o ac
    done
}

@test "a crop without QA, angles and georeferencing is refused, or corrected band by band" {
    assert_refused 65 B1 hls-lasrc "$LANDSAT/crop_227074_20190809" -o ac
    run --separate-stderr hls-lasrc "$LANDSAT/crop_227074_20190809" -o ac --bands 2-7 \
        --aerosol fixed:0.1
    assert_success
    assert_output --partial '"fill":"DN 0"'
    assert_equal "$(find ac -name '*_SR_B?.tif' | wc -l)" 6
}
