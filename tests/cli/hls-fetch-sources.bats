#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-fetch get: where Sentinel-2 products come from, what counts as whole, what takes their place.

# bats sets status, output, stderr and lines, and runs each test in a shell of its own:
# shellcheck disable=SC2030,SC2031,SC2034,SC2143,SC2154
load assertions
load fetch_servers

# One product for all tests: $MADE/$NAME.SAFE, and as buckets of the agencies in $MADE/bucket.
setup_file() {
    fetch_setup_file
    export MADE=$BATS_FILE_TMPDIR
    hls-simulate sentinel2 -o "$MADE" --size 384x384 --ancillary none --no-truth --no-tci >/dev/null
    NAME=$(basename "$MADE"/*.SAFE .SAFE)
    export NAME
    find "$MADE/$NAME.SAFE" -type d -empty -delete
    python3 - "$MADE" "$NAME" <<'PYTHON'
import json, pathlib, shutil, sys, zipfile
made, name = pathlib.Path(sys.argv[1]), sys.argv[2]
safe = made / f"{name}.SAFE"
granule = next((safe / "GRANULE").iterdir())
strip = next((safe / "DATASTRIP").iterdir())
day = "2021/7/15"
tile = made / "bucket/sentinel-s2-l1c/tiles/14/S/PJ" / day / "1"
product = made / "bucket/sentinel-s2-l1c/products" / day / name
for folder in (tile / "qi", product / "datastrip/0/qi", made / "bucket/eodata/Sentinel-2/MSI/L1C/2021/07/15"):
    folder.mkdir(parents=True)
for image in (granule / "IMG_DATA").iterdir():
    shutil.copy(image, tile / image.name.split("_")[-1])
for mask in (granule / "QI_DATA").iterdir():
    shutil.copy(mask, tile / "qi" / mask.name)
shutil.copy(granule / "MTD_TL.xml", tile / "metadata.xml")
shutil.copy(safe / "MTD_MSIL1C.xml", product / "metadata.xml")
shutil.copy(strip / "MTD_DS.xml", product / "datastrip/0/metadata.xml")
for report in (strip / "QI_DATA").iterdir():
    shutil.copy(report, product / "datastrip/0/qi" / report.name)
(tile / "tileInfo.json").write_text(json.dumps({
    "path": f"tiles/14/S/PJ/{day}/1", "productName": name, "productPath": f"products/{day}/{name}",
    "datastrip": {"id": "x", "path": f"products/{day}/{name}/datastrip/0"}}))
# The first arrival of the day was another product.
other = tile.parent / "0"
other.mkdir()
(other / "tileInfo.json").write_text(json.dumps({"productName": name.replace("N0511", "N0510")}))
shutil.copytree(safe, made / f"bucket/eodata/Sentinel-2/MSI/L1C/2021/07/15/{name}.SAFE")
(made / "bucket/zips").mkdir()
with zipfile.ZipFile(made / "bucket/zips/u1", "w", zipfile.ZIP_DEFLATED) as z:
    for path in sorted(safe.rglob("*")):
        z.write(path, path.relative_to(made))
(made / "bucket/in-bucket").mkdir()
shutil.copy(made / "bucket/zips/u1", made / f"bucket/in-bucket/{name}.zip")
PYTHON
}

setup() {
    fetch_setup
    cp -r "$MADE/bucket" .
    TILE=bucket/sentinel-s2-l1c/tiles/14/S/PJ/2021/7/15/1
    EODATA=bucket/eodata/Sentinel-2/MSI/L1C/2021/07/15/$NAME.SAFE
}

# start [FIELDS]: the stub with the buckets, and the product in its catalogue.
start() {
    start_strict bucket
    export HLS_ENDPOINT_CDSE_S3=$URL CDSE_S3_ACCESS_KEY=CDSEKEY CDSE_S3_SECRET_KEY=secret-MARKER-eodata
    MD5=$(md5sum <bucket/zips/u1 | cut -d' ' -f1)
    control '{"set":{"products":[{"Id":"u1","Name":"'"$NAME"'.SAFE","ContentLength":5,
        "S3Path":"/eodata/Sentinel-2/MSI/L1C/2021/07/15/'"$NAME"'.SAFE",
        "Checksum":[{"Algorithm":"MD5","Value":"'"$MD5"'"}]}]}}'
}

# A stub that has what is in the buckets now.
again() {
    stop_servers
    rm -rf state
    start
}

get() {
    run --separate-stderr hls-fetch get -d in --min-free 0 "$@"
}

@test "aws: the tile becomes the SAFE folder, byte for byte" {
    start
    get "$NAME" --source aws
    assert_success
    assert_output --partial '"members"'
    diff -r --exclude manifest.safe "$MADE/$NAME.SAFE" "in/$NAME.SAFE"
    get "$NAME" --source aws
    assert_output --partial '"action":"exists"'
    curl -s --noproxy '*' "$URL/-/requests" >requests
    run grep -c secret-MARKER requests
    assert_output 0
    # hls-lasrc takes it as it takes what the agency sends.
    run hls-lasrc "in/$NAME.SAFE" -o ac --ancillary climatology --dry-run
    assert_success
}

@test "aws: by the announcement of the bucket" {
    start
    rm -r in 2>/dev/null || true
    echo '{"name":"'"$NAME"'","id":"i","path":"products/2021/7/15/'"$NAME"'",
        "timestamp":"2021-07-15T17:10:31.024Z","datatakeIdentifier":"d","sciHubIngestion":"2021-07-15T21:00:00Z",
        "s3Ingestion":"2021-07-15T22:00:00Z","tiles":[{"path":"tiles/14/S/PJ/2021/7/15/1",
        "datastrip":{"id":"x"}}]}' >message
    run --separate-stderr hls-fetch get - -d in --min-free 0 <message
    assert_success
    diff -r --exclude manifest.safe "$MADE/$NAME.SAFE" "in/$NAME.SAFE"
    run asked 'tiles/14/S/PJ/2021/7/15/0'
    assert_output ''
}

@test "aws: a band that is not there yet is 75, one that is cut off is 65, another product 66" {
    mv "$TILE/B04.jp2" .
    start
    get "$NAME" --source aws
    assert_equal "$status" 75
    assert_output --partial 'B04.jp2 is not there yet'
    [ ! -e in ]
    head -c 1000 B04.jp2 >"$TILE/B04.jp2"
    again
    get "$NAME" --source aws
    assert_equal "$status" 65
    assert_output --partial 'not a whole JPEG 2000 file'
    [ ! -e "in/$NAME.SAFE/MTD_MSIL1C.xml" ]
    get "${NAME/T14SPJ/T14SPK}" --source aws
    assert_equal "$status" 66
}

@test "eodata: every file of the manifest, held to its checksum, the manifest last" {
    start
    get "$NAME" --source eodata
    assert_success
    diff -r "$MADE/$NAME.SAFE" "in/$NAME.SAFE"
    run asked 'GET /eodata/.*SAFE/.'
    assert_equal "${lines[-1]##*/}" manifest.safe
    export CDSE_S3_SECRET_KEY=bogus-MARKER
    run --separate-stderr hls-fetch get -d other --min-free 0 "$NAME" --source eodata
    assert_equal "$status" 77
    [[ $output$stderr != *MARKER* ]]
}

@test "eodata: what is missing is 75, what is not what the manifest says 65" {
    rm "$EODATA/MTD_MSIL1C.xml"
    start
    get "$NAME" --source eodata
    assert_equal "$status" 75
    [ ! -e in ]
    sed 's/L1C/L1X/' "$MADE/$NAME.SAFE/MTD_MSIL1C.xml" >"$EODATA/MTD_MSIL1C.xml"
    again
    get "$NAME" --source eodata
    assert_equal "$status" 65
    assert_output --partial 'wrong md5'
    [ ! -e "in/$NAME.SAFE/manifest.safe" ]
}

@test "unpack: the zip becomes its folder; again it is there; damage is mended" {
    start
    get "$NAME" --unpack
    assert_success
    diff -r "$MADE/$NAME.SAFE" "in/$NAME.SAFE"
    assert_equal "$(ls -A in)" "$NAME.SAFE"
    control '{"reset":true}'
    get "$NAME" --unpack
    assert_output --partial '"action":"exists"'
    run asked download
    assert_output ''
    echo damage >>"in/$NAME.SAFE/MTD_MSIL1C.xml"
    get "$NAME" --unpack
    assert_output --partial '"action":"fetched"'
    diff -r "$MADE/$NAME.SAFE" "in/$NAME.SAFE"
    get "$NAME" --unpack --if-exists fail
    assert_equal "$status" 73
}

@test "A9: hostile zips and hostile keys end with 65 and nothing gets out" {
    local i evil=('z.writestr("../../x", "x")' 'z.writestr("/tmp/hls-fetch-evil", "x")'
        'z.writestr(top + "a\\..\\b", "x")' 'z.writestr(link, "/etc/passwd")'
        'z.writestr(top + "MTD_MSIL1C.XML", "x")' 'z.writestr(top + "bomb", bytes(300_000_000))'
        'z.writestr("other/file", "x")')
    for i in "${!evil[@]}"; do
        cp "$MADE/bucket/zips/u1" "bucket/zips/h$i"
        python3 -W ignore - "$NAME" "bucket/zips/h$i" "${evil[i]}" <<'PYTHON'
import sys, zipfile
top = sys.argv[1] + ".SAFE/"
link = zipfile.ZipInfo(top + "link")
link.create_system, link.external_attr = 3, 0o120777 << 16
with zipfile.ZipFile(sys.argv[2], "a", zipfile.ZIP_DEFLATED) as z:
    exec(sys.argv[3])
PYTHON
    done
    start
    for i in "${!evil[@]}"; do
        control '{"set":{"products":['"$(catalogue_row "$NAME" "h$i" \
            "$(md5sum <"bucket/zips/h$i" | cut -d' ' -f1)")"']}}'
        get "$NAME" --unpack
        assert_equal "$status ${evil[i]}" "65 ${evil[i]}"
        [ -z "$(ls -A in)" ] || fail "left by ${evil[i]}: $(ls -A in)"
        [ ! -e x ] && [ ! -e ../x ] && [ ! -e ../../x ] && [ ! -e /tmp/hls-fetch-evil ]
    done
    local key
    for key in ../../x /etc/x 'a\u0000b' 'a/../b' $'a\\\\b' "$NAME.zip/../../x"; do
        run --separate-stderr hls-fetch get - -d in --allow-bucket in-bucket <<<'{"Records":[{
            "eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"in-bucket"},
            "object":{"key":"'"$key"'"}}}]}'
        assert_equal "$status $key" "65 $key"
    done
    [ -z "$(ls -A in 2>/dev/null)" ]
}

@test "zip: a flipped bit in one member is found by its CRC even if the sum of the whole agrees" {
    python3 - <<'PYTHON'
data = bytearray(open("bucket/zips/u1", "rb").read())
at = data.index(b"_B04.jp2") + 200
data[at] ^= 1
open("bucket/zips/u1", "wb").write(data)
PYTHON
    start
    get "$NAME"
    assert_equal "$status" 65
    assert_output --partial 'is damaged'
    [ -z "$(ls -A in)" ]
}

@test "zip: a checksum that the catalogue corrects is taken, and a new uuid of the same name" {
    start
    control '{"set":{"products":[{"Id":"u1","Name":"'"$NAME"'.SAFE","Checksum":[{"Algorithm":"MD5","Value":"'"$MD5"'"}]}]}}'
    local record='{"v":1,"kind":"granule","event":"created","id":"'$NAME'","source":"cdse"'
    run --separate-stderr hls-fetch get - -d in --min-free 0 \
        <<<"$record"',"uuid":"u1","sums":{"md5":"00000000000000000000000000000000"}}'
    assert_success
    cmp bucket/zips/u1 "in/$NAME.zip"
    rm -r in
    run --separate-stderr hls-fetch get - -d in --min-free 0 \
        <<<"$record"',"uuid":"u0","sums":{"md5":"'"$MD5"'"}}'
    assert_success
    assert_equal "$(field uuid)" u1
}

@test "successor: a later baseline takes the place, reprocessings and twins only on demand" {
    start
    local gone=${NAME/N0511/N0500} late=${NAME/N0511/N0520}
    get "$gone"
    assert_success
    assert_equal "$(field id)" "$NAME"
    assert_equal "$(field requested_id)" "$gone"
    assert_equal "$(field event)" successor
    get "$gone" --successor none
    assert_equal "$status" 66
    # Made more than 30 days after sensing.
    late=${late%_*}_20230115T101010
    control '{"set":{"products":[{"Id":"u1","Name":"'"$late"'.SAFE","Checksum":[]}]}}'
    get "$gone"
    assert_equal "$status" 66
    # Two datastrips: two images.
    control '{"set":{"products":[
        {"Id":"u1","Name":"'"$NAME"'.SAFE","Attributes":[{"Name":"datastripId","Value":
            "S2A_OPER_MSI_L1C_DS_2APS_20210715T211732_S20210715T172034_N05.11"}]},
        {"Id":"u2","Name":"'"${NAME%2}"'3.SAFE","Attributes":[{"Name":"datastripId","Value":
            "S2A_OPER_MSI_L1C_DS_2BPS_20210715T211733_S20210715T172200_N05.11"}]}]}}'
    get "$gone"
    assert_equal "$status" 66
    assert_output --partial twins
}

@test "a zip that an event announces comes from its bucket, if that is allowed" {
    start
    local event='{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{
        "bucket":{"name":"in-bucket"},"object":{"key":"'$NAME'.zip"}}}]}'
    run --separate-stderr hls-fetch get - -d in --min-free 0 <<<"$event"
    assert_equal "$status" 65
    run --separate-stderr hls-fetch get - -d in --min-free 0 --allow-bucket in-bucket <<<"$event"
    assert_success
    cmp "bucket/in-bucket/$NAME.zip" "in/$NAME.zip"
    # A record cannot bring its own permission.
    run hls-fetch parse --allow-bucket in-bucket <<<"$event"
    run --separate-stderr hls-fetch get - -d other --min-free 0 <<<"$output"
    assert_equal "$status" 7
}

@test "a source that does not have such products is a usage error" {
    start
    get "$NAME" --source usgs
    assert_equal "$status" 2
    get LC08_L1TP_001005_20230704_20230717_02_T1 --source aws
    assert_equal "$status" 2
}
