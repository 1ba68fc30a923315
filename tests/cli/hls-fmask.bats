#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fmask at its edge: streams, exit codes, bad input, atomicity, signals, equal bytes.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    hls-simulate landsat -o "$BATS_FILE_TMPDIR" --size 260x300 --seed 7 --clouds 0.2 --water 0.1 \
        --swath-edge --ancillary none --no-pan >/dev/null
    local granule=("$BATS_FILE_TMPDIR"/LC08_L1TP_*_T1)
    export GRANULE=${granule[0]}
    export ID=${GRANULE##*/}
    export DEM=$BATS_FILE_TMPDIR/truth/${ID}_TRUTH_DEM.tif
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# A private copy of the granule that a test may damage.
copy_granule() {
    cp -r "$GRANULE" .
    chmod -R u+w "$ID"
}

edit_mtl() {
    sed -i -E "$1" "$ID/${ID}_MTL.txt"
    rm -f "$ID/${ID}_MTL.xml"
}

# Beside the file: GDAL deletes the MTL with a band that it writes anew.
set_to_zero() {
    gdal_translate -q -scale 0 65535 0 0 "$GRANULE/${ID}_$1.TIF" zero.tif
    mv zero.tif "$ID/${ID}_$1.TIF"
}

# value_of KEY RECORD: a number of the result record.
value_of() {
    python3 -c 'import json, sys; print(json.loads(sys.argv[2])["gates"][sys.argv[1]])' "$1" "$2"
}

@test "help and version answer on stdout with success" {
    for argument in --help -h --version --usage-json; do
        assert_answers hls-fmask $argument
    done
    run hls-fmask --version
    assert_line --partial 'hls-fmask 0.'
    assert_line --partial 'GDAL 3.'
    hls-fmask --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'GRANULE is required' hls-fmask
    assert_refused 2 'output is required' hls-fmask "$GRANULE"
    assert_refused 2 'nonsense' hls-fmask "$GRANULE" -o out/m.tif --nonsense
    assert_refused 2 'threads' hls-fmask "$GRANULE" -o out/m.tif -j none
    assert_refused 2 "no profile 'fmask9'" hls-fmask "$GRANULE" -o out/m.tif --profile fmask9
    assert_refused 2 'hls, hls4, hls5phy' hls-fmask "$GRANULE" -o out/m.tif --profile fmask9
    assert_refused 2 'buffer' hls-fmask "$GRANULE" -o out/m.tif --buffer 3
    assert_refused 2 'depth' hls-fmask "$GRANULE" -o out/m.tif --shadow-depth deep
    assert_refused 2 'match' hls-fmask "$GRANULE" -o out/m.tif --match last
    assert_refused 2 'sun-zenith' hls-fmask "$GRANULE" -o out/m.tif --sun-zenith 91
    assert_refused 2 'view-zenith' hls-fmask "$GRANULE" -o out/m.tif --view-azimuth 100
    assert_refused 2 'clouds' hls-fmask "$GRANULE" -o out/m.tif --without clouds
}

@test "a mask: one record on stdout, nothing on stderr, nothing else beside it" {
    run --separate-stderr hls-fmask "$GRANULE" -o out/m.tif
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 1
    python3 - "$output" "$ID" <<'PYTHON'
import hashlib, json, pathlib, sys
record, product_id = json.loads(sys.argv[1]), sys.argv[2]
assert record["v"] == 1 and record["exit"] == 0 and record["reason"] == "ok", record
assert record["unit"] == product_id and record["tool"] == "hls-fmask"
assert len(record["inputs"]) >= 12
[mask] = record["outputs"]
data = pathlib.Path(mask["path"]).read_bytes()
assert mask["path"] == "out/m.tif" and len(data) == mask["bytes"]
assert hashlib.sha256(data).hexdigest() == mask["sha256"]
gates = record["gates"]
shares = sum(gates[f"{name}_percent"] for name in ("land", "water", "shadow", "snow", "cloud"))
assert abs(shares - 100) < 1e-6
assert abs(gates["clear_v4"] - (100 - gates["cloud_percent"])) < 1e-6
assert abs(gates["clear_v5"] - gates["land_percent"] - gates["water_percent"]) < 1e-6
assert gates["cloud_objects"] >= gates["cloud_objects_matched"] > 0
assert gates["land_low_c"] < gates["land_high_c"]
PYTHON
    assert_equal "$(find out -type f | sort)" "out/m.tif
out/m.tif.run.json"
}

@test "the mask is a COG on the granule's grid with palette, names and tags" {
    hls-fmask "$GRANULE" -o m.tif >/dev/null
    python3 - m.tif "$GRANULE/${ID}_B4.TIF" <<'PYTHON'
import json, subprocess, sys
def info(path):
    return json.loads(subprocess.check_output(["gdalinfo", "-json", "-hist", path]))
mask, band = info(sys.argv[1]), info(sys.argv[2])
assert mask["size"] == band["size"] and mask["geoTransform"] == band["geoTransform"]
[raster] = mask["bands"]
assert raster["type"] == "Byte" and raster["noDataValue"] == 255
assert raster["colorInterpretation"] == "Palette"
assert len({tuple(raster["colorTable"]["entries"][i]) for i in range(5)}) == 5
names = raster["metadata"][""]
assert [names[f"CLASS_{i}"] for i in (0, 1, 4)] == ["land", "water", "cloud"]
tags = mask["metadata"][""]
assert tags["PROFILE"] == "hls" and tags["BUFFERS"] == "3,3" and "THRESHOLD_LAND" in tags
counts = raster["histogram"]["buckets"]
assert counts[0] > 0 and counts[1] > 0 and counts[2] > 0 and counts[4] > 0
PYTHON
}

@test "the same bytes twice, for 1, 2 and 5 threads, from folder and tar" {
    hls-fmask "$GRANULE" -o a.tif -j 1 --probability ap.tif --height ah.tif --browse a.png >/dev/null
    hls-fmask "$GRANULE" -o b.tif -j 2 --probability bp.tif --height bh.tif --browse b.png >/dev/null
    hls-fmask "$GRANULE" -o c.tif -j 5 >/dev/null
    tar -C "$(dirname "$GRANULE")" -cf "$ID.tar" "$ID"
    hls-fmask "$ID.tar" -o d.tif >/dev/null
    cmp a.tif b.tif
    cmp a.tif c.tif
    cmp a.tif d.tif
    cmp ap.tif bp.tif
    cmp ah.tif bh.tif
    cmp a.png b.png
}

@test "profiles and buffers make a difference" {
    hls-fmask "$GRANULE" -o none.tif --buffer 0,0 >none
    hls-fmask "$GRANULE" -o wide.tif --buffer 5,0 >wide
    python3 - <<'PYTHON'
import json
none, wide = (json.load(open(n))["gates"] for n in ("none", "wide"))
assert none["cloud_percent"] == none["unbuffered_cloud_percent"] == wide["unbuffered_cloud_percent"]
assert wide["cloud_percent"] > none["cloud_percent"]
PYTHON
    for profile in hls4 hls5phy fmask3; do
        hls-fmask "$GRANULE" -o $profile.tif --profile $profile >/dev/null
        refute cmp -s $profile.tif none.tif
    done
}

@test "statistics are written once and read after that" {
    run --separate-stderr hls-fmask "$GRANULE" -o a.tif --stats s.json
    assert_output --partial '"path":"s.json"'
    python3 -m json.tool <s.json >/dev/null
    cp s.json before
    hls-fmask "$GRANULE" -o b.tif --stats s.json >/dev/null
    cmp s.json before
    cmp a.tif b.tif
    sed -i -E 's/("land_threshold": )[0-9.]+/\14.5/' s.json
    run --separate-stderr hls-fmask "$GRANULE" -o out/c.tif --stats s.json
    assert_success
    assert_equal "$(value_of land_threshold "$output")" 4.5
    rm -r out
    assert_refused 65 'profile hls' hls-fmask "$GRANULE" -o out/d.tif --stats s.json --profile hls4
    echo '{}' >s.json
    assert_refused 65 's.json' hls-fmask "$GRANULE" -o out/d.tif --stats s.json
}

@test "elevation is used, and refused from another continent" {
    hls-fmask "$GRANULE" -o plain.tif >/dev/null
    run --separate-stderr hls-fmask "$GRANULE" -o high.tif --dem "$DEM"
    assert_success
    assert_output --partial "\"elevation\":\"${DEM##*/}\""
    gdal_translate -q -a_srs EPSG:32733 -a_ullr 400000 500000 420000 480000 "$DEM" africa.tif
    assert_refused 65 'africa.tif: does not cover' hls-fmask "$GRANULE" -o out/m.tif --dem africa.tif
    assert_refused 66 'none.tif' hls-fmask "$GRANULE" -o out/m.tif --dem none.tif
    echo text >text.tif
    assert_refused 65 'text.tif' hls-fmask "$GRANULE" -o out/m.tif --dem text.tif
}

@test "a clear sky over dry land is all land" {
    hls-simulate landsat -o dry --size 220x220 --water 0 --clouds 0 --ancillary none --no-pan --no-truth >/dev/null
    run --separate-stderr hls-fmask dry/LC08_* -o m.tif --height h.tif
    assert_success
    assert_equal "$(value_of enough_clear "$output")" True
    assert_equal "$(value_of water_percent "$output")" 0.0
    assert_equal "$(value_of cloud_objects "$output")" 0
    assert_equal "$(value_of land_percent "$output")" 100.0
}

@test "known water adds water, up to no land at all" {
    gdal_translate -q -ot Byte -scale 0 20000 100 100 "$DEM" all.tif
    hls-fmask "$GRANULE" -o a.tif >a
    hls-fmask "$GRANULE" -o b.tif --gswo all.tif >b
    python3 - <<'PYTHON'
import json
a, b = (json.load(open(n))["gates"] for n in ("a", "b"))
assert b["land_percent"] < 1 and b["water_percent"] > a["water_percent"] + 20, (a, b)
PYTHON
}

@test "an existing output is refused, kept or replaced as asked" {
    hls-fmask "$GRANULE" -o m.tif >/dev/null
    cp m.tif before
    run --separate-stderr hls-fmask "$GRANULE" -o m.tif
    assert_equal "$status" 73
    [[ $stderr == *--overwrite* ]]
    echo kept >m.tif
    hls-fmask "$GRANULE" -o m.tif --skip-existing >/dev/null
    assert_equal "$(cat m.tif)" kept
    hls-fmask "$GRANULE" -o m.tif --overwrite >/dev/null
    cmp m.tif before
    echo kept >b.png
    assert_refused 73 'b.png' hls-fmask "$GRANULE" -o out/m.tif --browse b.png
}

@test "a dry run says what it would do and touches nothing" {
    run --separate-stderr hls-fmask "$GRANULE" -o out/m.tif --dry-run --browse out/m.png
    assert_success
    assert_line --partial "read $GRANULE/${ID}_B10.TIF"
    assert_line 'write out/m.tif'
    assert_line 'write out/m.png'
    assert_not_exists out
}

@test "work of an array child comes from a line of a file" {
    printf '%s\n' other "$GRANULE" >list
    AWS_BATCH_JOB_ARRAY_INDEX=1 hls-fmask --inputs-from list -o m.tif >/dev/null
    assert_file_exists m.tif
}

@test "a missing band ends with 65, a hint, and goes on without it where it can" {
    copy_granule
    rm "$ID/${ID}_B9.TIF"
    assert_refused 65 '--without cirrus' hls-fmask "$ID" -o out/m.tif
    hls-fmask "$ID" -o m.tif --without cirrus >/dev/null
    rm "$ID/${ID}_B10.TIF" "$ID/${ID}_VAA.TIF"
    assert_refused 65 '--without thermal' hls-fmask "$ID" -o out/m.tif --without cirrus
    assert_refused 65 '--without angles' hls-fmask "$ID" -o out/m.tif --without cirrus,thermal
    run --separate-stderr hls-fmask "$ID" -o n.tif --without cirrus,thermal,angles
    assert_success
    assert_output --partial '"thermal":"none","cirrus":"none"'
    assert_output --partial '"view_source":"nadir"'
    rm "$ID/${ID}_B5.TIF"
    assert_refused 65 'band 5' hls-fmask "$ID" -o out/m.tif --without cirrus,thermal,angles
}

@test "a thermal sensor that was off is found out" {
    copy_granule
    set_to_zero B10
    run --separate-stderr hls-fmask "$ID" -o m.tif
    assert_success
    assert_output --partial '"thermal":"none"'
    hls-fmask "$GRANULE" -o n.tif --without thermal >/dev/null
    gdal_calc.py --quiet -A m.tif -B n.tif --calc 'A!=B' --outfile difference.tif --hideNoData
    run gdalinfo -mm difference.tif
    assert_output --partial 'Computed Min/Max=0.000,0.000'
}

@test "nothing but fill ends with 5, low sun with 3, another level with 7" {
    copy_granule
    set_to_zero B2
    assert_refused 5 'no valid pixel' hls-fmask "$ID" -o out/m.tif --browse out/m.png
    edit_mtl 's/(SUN_ELEVATION = )[-0-9.]+/\1-12.5/'
    assert_refused 3 '102.50' hls-fmask "$ID" -o out/m.tif
    edit_mtl 's/(PROCESSING_LEVEL = )"L1TP"/\1"L1GT"/'
    assert_refused 7 'L1GT' hls-fmask "$ID" -o out/m.tif
}

@test "one pixel, and all of it cloud, are masked without a look at the ground" {
    gdal_translate -q -srcwin 150 130 1 1 "$GRANULE/${ID}_B2.TIF" probe.tif
    mkdir -p "small/$ID"
    cp "$GRANULE/${ID}_MTL.txt" "small/$ID"
    for file in "$GRANULE"/*.TIF; do
        gdal_translate -q -srcwin 150 130 1 1 "$file" "small/$ID/${file##*/}"
    done
    local x y
    read -r x y < <(gdalinfo -json probe.tif | python3 -c '
import json, sys
t = json.load(sys.stdin)["geoTransform"]
print(t[0] + 15, t[3] - 15)')
    sed -i -E "s/((REFLECTIVE|THERMAL)_(LINES|SAMPLES) = ).*/\11/; \
        s/(CORNER_U[LR]_PROJECTION_Y_PRODUCT = ).*/\1$y/; s/(CORNER_[UL]L_PROJECTION_X_PRODUCT = ).*/\1$x/" \
        "small/$ID/${ID}_MTL.txt"
    run --separate-stderr hls-fmask "small/$ID" -o m.tif --browse m.png --height h.tif
    assert_success
    assert_equal "$(value_of valid_pixels "$output")" 1
    assert_equal "$(value_of enough_clear "$output")" False
    assert_file_exists h.tif
}

@test "a scene that is all cloud is that from edge to edge" {
    copy_granule
    local band value
    for band in 2=35000 3=35000 4=35000 5=35000 6=25000 7=20000 9=7500 10=18000; do
        value=${band#*=}
        band=B${band%=*}
        gdal_translate -q -scale 0 65535 "$value" "$value" "$GRANULE/${ID}_$band.TIF" cloud.tif
        mv cloud.tif "$ID/${ID}_$band.TIF"
    done
    run --separate-stderr hls-fmask "$ID" -o m.tif --browse m.png --height h.tif
    assert_success
    assert_equal "$stderr" ''
    assert_equal "$(value_of cloud_percent "$output")" 100.0
    assert_equal "$(value_of clear_v4 "$output")" 0.0
    assert_equal "$(value_of enough_clear "$output")" False
    run gdalinfo -mm m.tif
    assert_output --partial 'Computed Min/Max=4.000,4.000'
}

@test "missing, corrupt and foreign input" {
    assert_refused 66 'nowhere' hls-fmask nowhere -o out/m.tif
    mkdir empty
    assert_refused 65 'empty' hls-fmask empty -o out/m.tif
    copy_granule
    head -c 9000 "$GRANULE/${ID}_B4.TIF" >"$ID/${ID}_B4.TIF"
    assert_refused 65 "B4.TIF" hls-fmask "$ID" -o out/m.tif
    head -c 5000 "$GRANULE/${ID}_MTL.txt" >"$ID/${ID}_MTL.txt"
    rm -f "$ID/${ID}_MTL.xml"
    assert_refused 65 "MTL.txt" hls-fmask "$ID" -o out/m.tif
}

@test "an output that cannot be created ends with 73" {
    : >file
    assert_refused 73 file hls-fmask "$GRANULE" -o file/m.tif
    assert_refused 73 proc hls-fmask "$GRANULE" -o /proc/m.tif
}

@test "a full disk ends with 74 and leaves nothing" {
    # A file size limit stops the write as a full disk does, and needs no root.
    run --separate-stderr bash -c \
        "trap '' XFSZ; ulimit -f 2; hls-fmask '$GRANULE' -o out/m.tif --height out/h.tif"
    assert_equal "$status" 74
    # shellcheck disable=SC2154  # set by bats
    assert_equal "${#stderr_lines[@]}" 1
    [ -z "$(find out -mindepth 1)" ]
}

@test "SIGTERM and SIGINT in the middle leave nothing" {
    hls-simulate landsat -o big --size 1500x1500 --clouds 0.3 --ancillary none --no-pan --no-truth \
        >/dev/null
    local granule=(big/LC08_*)
    for signal in TERM INT; do
        assert_stops_clean "$signal" hls-fmask "${granule[0]}" -o out/m.tif --probability out/p.tif -j 1
    done
}

# A Sentinel-2 granule of 7 km, once for all tests.
make_sentinel2() {
    local options=(--size 768x768 --seed 3 --clouds 0.2 --cloud-kind thick --water 0.1 --no-tci --no-truth)
    [ -d "$BATS_FILE_TMPDIR/s2" ] ||
        hls-simulate sentinel2 -o "$BATS_FILE_TMPDIR/s2" "${options[@]}" >/dev/null
    [ -d "$BATS_FILE_TMPDIR/old" ] ||
        hls-simulate sentinel2 -o "$BATS_FILE_TMPDIR/old" --baseline 02.09 "${options[@]}" >/dev/null
    SAFE=$(echo "$BATS_FILE_TMPDIR"/s2/*.SAFE)
    OLD=$(echo "$BATS_FILE_TMPDIR"/old/*.SAFE)
}

@test "Sentinel-2: a mask at 20 m, the same from folder and zip and for any number of threads" {
    make_sentinel2
    run --separate-stderr hls-fmask "$SAFE" -o a.tif -j 1
    assert_success
    [ -z "$stderr" ]
    assert_output --partial '"thermal":"none","cirrus":"used","parallax":"used"'
    assert_output --partial '"view_source":"per pixel"'
    run gdalinfo a.tif
    assert_output --partial 'Size is 384, 384'
    assert_output --partial 'Pixel Size = (20.0'
    hls-fmask "$SAFE" -o b.tif -j 3 >/dev/null
    cmp a.tif b.tif
    python3 - "$SAFE" <<'PYTHON'
import pathlib, sys, zipfile
safe = pathlib.Path(sys.argv[1])
with zipfile.ZipFile("s2.zip", "w") as out:
    for path in sorted(safe.rglob("*")):
        out.write(path, path.relative_to(safe.parent))
PYTHON
    hls-fmask s2.zip -o c.tif >/dev/null
    cmp a.tif c.tif
}

@test "Sentinel-2: the offset of newer baselines changes nothing" {
    make_sentinel2
    hls-fmask "$SAFE" -o new.tif >/dev/null
    hls-fmask "$OLD" -o old.tif >/dev/null
    gdal_calc.py --quiet -A new.tif -B old.tif --calc '(A!=B)*1' --outfile difference.tif --hideNoData
    python3 - <<'PYTHON'
import json, subprocess
info = json.loads(subprocess.check_output(["gdalinfo", "-json", "-stats", "difference.tif"]))
assert info["bands"][0]["mean"] < 0.001, info["bands"][0]["mean"]
PYTHON
}

# The offset moves all reflectances alike.
@test "Sentinel-2: stable when reflectance moves by 0.001 or the sun by 0.1 degrees" {
    make_sentinel2
    hls-fmask "$SAFE" -o before.tif --buffer 0,0 >before
    cp -r "$SAFE" moved.SAFE
    chmod -R u+w moved.SAFE
    local offset zenith
    for offset in -990 -1010; do
        sed -E "s/(<RADIO_ADD_OFFSET[^>]*>)-1000/\\1$offset/" "$SAFE/MTD_MSIL1C.xml" >moved.SAFE/MTD_MSIL1C.xml
        refute cmp -s "$SAFE/MTD_MSIL1C.xml" moved.SAFE/MTD_MSIL1C.xml
        hls-fmask moved.SAFE -o "$offset.tif" --buffer 0,0 >/dev/null
        mask_report cloud_iou=0.99 shadow_iou=0.85 "$offset.tif" before.tif
    done
    zenith=$(grep -A2 '<Mean_Sun_Angle>' "$SAFE"/GRANULE/*/MTD_TL.xml | sed -nE 's/.*<ZENITH[^>]*>([0-9.]+).*/\1/p')
    for offset in -0.1 0.1; do
        hls-fmask "$SAFE" -o "$offset.tif" --buffer 0,0 \
            --sun-zenith "$(awk "BEGIN { print $zenith + $offset }")" \
            --sun-azimuth "$(grep -A3 '<Mean_Sun_Angle>' "$SAFE"/GRANULE/*/MTD_TL.xml | sed -nE 's/.*<AZIMUTH[^>]*>([0-9.]+).*/\1/p')" >/dev/null
        mask_report cloud_iou=0.99 shadow_iou=0.85 "$offset.tif" before.tif
    done
    python3 -c '
import json
gates = json.load(open("before"))["gates"]
assert gates["cloud_objects_matched"] >= 0.98 * gates["cloud_objects"] > 0, gates'
}

@test "Sentinel-2: without B08 there is no parallax, without B03 there is no mask" {
    make_sentinel2
    cp -r "$SAFE" s2.SAFE
    chmod -R u+w s2.SAFE
    find s2.SAFE -name '*_B08.jp2' -delete
    run --separate-stderr hls-fmask s2.SAFE -o a.tif
    assert_success
    assert_output --partial '"parallax":"none"'
    find s2.SAFE -name '*_B10.jp2' -delete
    assert_refused 65 'B10' hls-fmask s2.SAFE -o out/m.tif
    hls-fmask s2.SAFE -o b.tif --without cirrus >/dev/null
    find s2.SAFE -name '*_B03.jp2' -delete
    assert_refused 65 'B03' hls-fmask s2.SAFE -o out/m.tif --without cirrus
}

@test "the main scene, as it is and with the angles of the scene centre" {
    local scene=$HLS_TEST_DATA/landsat/LC08_L1TP_020039_20150804_20200908_02_T1
    [ -d "$scene" ] || skip "$scene is not there"
    run --separate-stderr hls-fmask "$scene" -o m.tif --buffer 0,0
    assert_success
    assert_output --partial '"sun_zenith_source":"per pixel"'
    local crop=$HLS_TEST_DATA/landsat/crop_227074_20190809
    assert_refused 65 '--without' hls-fmask "$crop" -o out/m.tif
    run --separate-stderr hls-fmask "$crop" -o n.tif --without cirrus,thermal,angles
    assert_success
}
