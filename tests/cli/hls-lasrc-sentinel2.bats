#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-lasrc on Sentinel-2: layouts of products and of output, gates, and what is wrong with a granule.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1700000000
    export HLS_ANCILLARY=climatology
    SAFE=$(sentinel2_granule "$BATS_FILE_TMPDIR" 180 240)
    export SAFE
    ID=$(basename "$SAFE" .SAFE)
    export ID
    # In JPEG 2000, as the agency has it.
    export JP2="$BATS_FILE_TMPDIR/jp2/$ID.SAFE"
    mkdir "$BATS_FILE_TMPDIR/jp2"
    cp -r "$SAFE" "$JP2"
    local tif
    for tif in "$JP2"/GRANULE/*/*/*.tif; do
        gdal_translate -q -of JP2OpenJPEG -co REVERSIBLE=YES -co QUALITY=100 "$tif" "${tif%.tif}.jp2"
        rm -f "$tif" "${tif%.tif}.jp2.aux.xml"
    done
    (cd "$BATS_FILE_TMPDIR/jp2" && python3 -m zipfile -c "$ID.zip" "$ID.SAFE")
    export ZIP="$BATS_FILE_TMPDIR/jp2/$ID.zip"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# A private copy of the product that a test may damage; its folders in $granule and $safe.
copy_granule() {
    cp -r "${1:-$SAFE}" .
    safe=$ID.SAFE
    granule=$(echo "$safe"/GRANULE/*)
}

# edit FILE EXPRESSION
edit() {
    cp "$1" before
    sed -i -E "$2" "$1"
    ! cmp -s "$1" before || fail "'$2' changes nothing in $1"
}

# mask_of CLASS: a mask of that class everywhere, on the 20 m grid.
mask_of() {
    gdal_translate -q -ot Byte -scale 0 65535 "$1" "$1" "$SAFE"/GRANULE/*/IMG_DATA/*_B05.tif mask.tif
}

@test "a scene: one record on stdout, nothing on stderr, all layers on their grids" {
    mask_of 0
    run --separate-stderr hls-lasrc "$SAFE" -o ac --mask mask.tif
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 1
    assert_output --partial '"clear_percent":100.0'
    python3 - "$ID" <<'PYTHON'
import json, pathlib, subprocess, sys
product_id = sys.argv[1]
folder = pathlib.Path("ac", product_id)
sizes = {"SR_B01": 60, "SR_B02": 10, "SR_B03": 10, "SR_B04": 10, "SR_B05": 20, "SR_B06": 20, "SR_B07": 20,
         "SR_B08": 10, "SR_B8A": 20, "SR_B09": 60, "TOA_B10": 60, "SR_B11": 20, "SR_B12": 20,
         "SR_QA_AEROSOL": 10, "AOT": 10, "FMASK": 20, "SZA": 30, "SAA": 30, "VZA": 30, "VAA": 30}
names = {f"{product_id}_{layer}.tif" for layer in sizes} | {"scene.json"}
assert {p.name for p in folder.iterdir()} == names, sorted(p.name for p in folder.iterdir())
scene = json.loads((folder / "scene.json").read_text())
assert list(scene["assets"]) == list(sizes) and scene["id"] == product_id
assert scene["properties"]["hls:MGRS_TILE_ID"] == "33XVG"
for layer, metres in sizes.items():
    info = json.loads(subprocess.run(["gdalinfo", "-json", str(folder / f"{product_id}_{layer}.tif")],
                                     capture_output=True, check=True).stdout)
    assert info["size"] == [2400 // metres, 1800 // metres], (layer, info["size"])
    assert info["geoTransform"][:2] == [399960.0, metres], layer
PYTHON
}

@test "the same bytes twice, for 1, 2 and 5 threads, from folder, JPEG 2000 and zip" {
    hls-lasrc "$SAFE" -o a -j 1 --record a.json >/dev/null
    hls-lasrc "$SAFE" -o b -j 2 --record b.json >/dev/null
    hls-lasrc "$JP2" -o c -j 5 --record c.json >/dev/null
    hls-lasrc "$ZIP" -o d -j 2 --record d.json >/dev/null
    diff -r a b
    diff -r a c
    diff -r a d
}

@test "flat folder, AWS tile and metadata file are read alike" {
    hls-lasrc "$SAFE" -o a --record a.json >/dev/null
    mkdir flat aws aws/qi
    cp "$SAFE"/MTD_MSIL1C.xml "$SAFE"/GRANULE/*/MTD_TL.xml "$SAFE"/GRANULE/*/*/*.tif flat
    hls-lasrc flat -o b --record b.json >/dev/null
    diff -r a b
    hls-lasrc "$SAFE/MTD_MSIL1C.xml" -o c --record c.json >/dev/null
    diff -r a c
    local tif name
    for tif in "$SAFE"/GRANULE/*/IMG_DATA/*.tif; do
        name=${tif##*_}
        cp "$tif" "aws/$name"
    done
    cp "$SAFE"/GRANULE/*/MTD_TL.xml aws/metadata.xml
    cp "$SAFE"/GRANULE/*/QI_DATA/MSK_DETFOO_B06.tif aws/qi
    printf '{"name": "%s"}\n' "$ID" >aws/productInfo.json
    hls-lasrc aws -o d --record d.json >/dev/null
    for tif in a/"$ID"/*.tif; do cmp "$tif" "d/$ID/${tif##*/}"; done
}

@test "an older baseline has no offset, and polygons for footprints" {
    local old
    old=$(sentinel2_granule . 180 240 02.06)
    hls-lasrc "$SAFE" -o a --record a.json >/dev/null
    hls-lasrc "$old" -o b --record b.json >/dev/null
    local layer
    for layer in SR_B01 SR_B04 SR_B12 AOT; do
        cmp "a/$ID/${ID}_$layer.tif" b/*/*_"$layer".tif
    done
    assert_file_exists "$(echo b/*/*_VZA.tif)"
}

@test "the reference layout: 13 bands at 10 m and what angles are made of" {
    mask_of 1
    hls-lasrc "$SAFE" -o ac --layout reference --mask mask.tif >/dev/null
    run ls "ac/$ID"
    assert_output "$(printf '%s\n' FMASK_20m.tif MSK_DETFOO_B06.tif MTD_MSIL1C.xml MTD_TL.xml sr_aerosol.tif \
        sr_band{1,10,11,12,2,3,4,5,6,7,8,8a,9}.tif)"
    cmp "$SAFE/MTD_MSIL1C.xml" "ac/$ID/MTD_MSIL1C.xml"
    run gdalinfo "ac/$ID/sr_band11.tif"
    assert_output --partial 'Size is 240, 180'
    assert_output --partial 'Type=UInt16'
}

@test "fill rules differ where bands or offsets leave zeros" {
    local rule
    for rule in any all converted; do
        hls-lasrc "$SAFE" -o "$rule" --s2-fill "$rule" --record r.json >/dev/null
    done
    run ! cmp -s any/*/*_SR_B02.tif all/*/*_SR_B02.tif
    hls-lasrc "$SAFE" -o corner --s2-qa-fill corner --record r.json >/dev/null
    run ! cmp -s any/*/*_SR_QA_AEROSOL.tif corner/*/*_SR_QA_AEROSOL.tif
    cmp any/*/*_SR_B02.tif corner/*/*_SR_B02.tif
}

@test "without angles neither grids nor a detector mask are needed" {
    copy_granule
    rm "$granule"/QI_DATA/MSK_DETFOO_B06.tif
    assert_refused 65 'MSK_DETFOO_B06' hls-lasrc "$safe" -o ac
    assert_refused 65 'angles none' hls-lasrc "$safe" -o ac
    hls-lasrc "$safe" -o ac --angles none >/dev/null
    assert_file_not_exists "ac/$ID/${ID}_SZA.tif"
}

@test "options of Landsat are refused, and those of Sentinel-2 for Landsat" {
    assert_refused 2 'Landsat' hls-lasrc "$SAFE" -o ac --bands 2-4
    assert_refused 2 'Landsat' hls-lasrc "$SAFE" -o ac --accept T2
    assert_refused 2 's2-fill' hls-lasrc "$SAFE" -o ac --s2-fill some
    assert_refused 2 'browse' hls-lasrc "$SAFE" -o ac --layout reference --browse b.png
    mkdir landsat
    assert_refused 2 'Sentinel-2' hls-lasrc landsat -o ac --layout reference
}

@test "low sun ends with 3, before anything else is looked at" {
    copy_granule
    edit "$granule/MTD_TL.xml" 's/<ZENITH_ANGLE>55.5</<ZENITH_ANGLE>76.1</'
    rm "$granule"/IMG_DATA/*_B02.tif
    assert_refused 3 'zenith' hls-lasrc "$safe" -o ac
}

@test "a granule is too cloudy only if mask and metadata say so" {
    copy_granule
    mask_of 4
    hls-lasrc "$safe" -o a --mask mask.tif >/dev/null
    edit "$safe/MTD_MSIL1C.xml" 's/(Assessment>)1.5</\195.5</'
    assert_refused 4 'cloud' hls-lasrc "$safe" -o ac --mask mask.tif
    hls-lasrc "$safe" -o b >/dev/null
    mask_of 2
    hls-lasrc "$safe" -o c --mask mask.tif >/dev/null
}

@test "nothing but fill ends with 5" {
    copy_granule
    local tif
    for tif in "$granule"/IMG_DATA/*.tif; do
        gdal_translate -q -scale 0 65535 0 0 "$tif" zero.tif
        mv zero.tif "$tif"
    done
    assert_refused 5 'valid pixel' hls-lasrc "$safe" -o ac
}

@test "other levels, satellites and old baselines end with 7" {
    copy_granule
    cp "$safe/MTD_MSIL1C.xml" mtd
    edit "$safe/MTD_MSIL1C.xml" 's/>Level-1C</>Level-2A</'
    assert_refused 7 'Level-2A' hls-lasrc "$safe" -o ac
    cp mtd "$safe/MTD_MSIL1C.xml"
    edit "$safe/MTD_MSIL1C.xml" 's/Sentinel-2B</Sentinel-2F</'
    assert_refused 7 'Sentinel-2F' hls-lasrc "$safe" -o ac
    cp mtd "$safe/MTD_MSIL1C.xml"
    edit "$safe/MTD_MSIL1C.xml" 's/(BASELINE>)05.11/\102.01/'
    assert_refused 7 '02.01' hls-lasrc "$safe" -o ac
}

@test "damaged and incomplete granules end with 65, one line, nothing left" {
    copy_granule
    cp "$safe/MTD_MSIL1C.xml" mtd
    edit "$safe/MTD_MSIL1C.xml" '/band_id="8"/d'
    assert_refused 65 'RADIO_ADD_OFFSET of B8A' hls-lasrc "$safe" -o ac
    cp mtd "$safe/MTD_MSIL1C.xml"
    edit "$safe/MTD_MSIL1C.xml" 's/T33XVG/T33XVH/'
    assert_refused 65 '33XVH' hls-lasrc "$safe" -o ac
    cp mtd "$safe/MTD_MSIL1C.xml"
    mv "$granule"/IMG_DATA/*_B11.tif b11.tif
    assert_refused 65 'missing band B11' hls-lasrc "$safe" -o ac
    gdal_translate -q -outsize 50% 50% b11.tif "$granule/IMG_DATA/T33XVG_20240615T105619_B11.tif"
    assert_refused 65 '45 x 60 pixels' hls-lasrc "$safe" -o ac
    cp b11.tif "$granule/IMG_DATA/T33XVG_20240615T105619_B11.tif"
    rm "$granule/MTD_TL.xml"
    assert_refused 65 'MTD_TL.xml' hls-lasrc "$safe" -o ac
}

@test "a truncated JPEG 2000 file ends with 65 and leaves nothing" {
    copy_granule "$JP2"
    local band
    band=$(echo "$granule"/IMG_DATA/*_B08.jp2)
    truncate -s "$(($(stat -c %s "$band") * 6 / 10))" "$band"
    assert_refused 65 '_B08.jp2' hls-lasrc "$safe" -o ac
    truncate -s 100 "$band"
    assert_refused 65 '_B08.jp2' hls-lasrc "$safe" -o ac
}

@test "zips: a missing member, names that lead out and cut archives end with 65" {
    cp "$ZIP" missing.zip
    python3 - "$ZIP" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as whole:
    for name, leave in (("missing.zip", "_B8A.jp2"), ("slip.zip", None)):
        with zipfile.ZipFile(name, "w") as part:
            for item in whole.infolist():
                if not (leave and item.filename.endswith(leave)):
                    part.writestr(item.filename, whole.read(item))
            if not leave:
                part.writestr("../../outside.txt", "slip")
PYTHON
    assert_refused 65 'missing band B8A' hls-lasrc missing.zip -o ac
    assert_refused 65 'outside.txt' hls-lasrc slip.zip -o ac
    assert_not_exists ../../outside.txt
    head -c "$(($(stat -c %s "$ZIP") / 2))" "$ZIP" >cut.zip
    assert_refused 65 'cut.zip' hls-lasrc cut.zip -o ac
    assert_refused 66 'nowhere.zip' hls-lasrc nowhere.zip -o ac
}

@test "lost packets count as no data where the report tells of a loss" {
    copy_granule
    hls-lasrc "$safe" -o a --record a.json >/dev/null
    # A mask of eight layers: lost packets (3) in the first row of B04, saturation (8) everywhere.
    gdal_translate -q -ot Byte -scale 0 65535 0 0 "$granule"/IMG_DATA/*_B04.tif none.tif
    gdal_translate -q -ot Byte -scale 0 65535 1 1 "$granule"/IMG_DATA/*_B04.tif all.tif
    gdal_translate -q all.tif top.tif -srcwin 0 0 240 1
    gdalbuildvrt -q lost.vrt none.tif top.tif
    gdalbuildvrt -q -separate layers.vrt none.tif none.tif lost.vrt none.tif none.tif none.tif none.tif all.tif
    gdal_translate -q layers.vrt "$granule/QI_DATA/MSK_QUALIT_B04.tif"
    hls-lasrc "$safe" -o b --record b.json >/dev/null
    diff -r a b
    edit "$granule/QI_DATA/GENERAL_QUALITY.xml" \
        's,<message>.*</message>,<message>There is data loss in this tile</message><extraValues><value name="Affected_Bands">B04</value></extraValues>,'
    hls-lasrc "$safe" -o c --record c.json >/dev/null
    [ "$(valid_pixels a.json)" -eq $(($(valid_pixels c.json) + 240)) ] ||
        fail "$(valid_pixels a.json) and $(valid_pixels c.json) valid pixels"
}

valid_pixels() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["gates"]["valid_pixels"])' "$1"
}

@test "a mask on another grid ends with 65" {
    gdal_translate -q -ot Byte "$SAFE"/GRANULE/*/IMG_DATA/*_B02.tif mask.tif
    assert_refused 65 '20 m grid' hls-lasrc "$SAFE" -o ac --mask mask.tif
}

@test "a dry run touches nothing; outputs are refused or replaced" {
    run --separate-stderr hls-lasrc "$ZIP" -o ac --dry-run
    assert_success
    assert_output --partial 'SR_B8A.tif'
    assert_output --partial 'B8A.jp2'
    assert_not_exists ac
    hls-lasrc "$SAFE" -o ac >/dev/null
    run --separate-stderr hls-lasrc "$SAFE" -o ac
    assert_equal "$status" 73
    hls-lasrc "$SAFE" -o ac --skip-existing >/dev/null
    hls-lasrc "$SAFE" -o ac --overwrite --browse ac.png >/dev/null
    assert_file_exists ac.png
}

@test "SIGTERM in the middle leaves nothing" {
    local big
    big=$(sentinel2_granule . 2400 2400)
    assert_stops_clean TERM hls-lasrc "$big" -o ac -j 1
}
