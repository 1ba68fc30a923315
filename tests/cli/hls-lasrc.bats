#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hls-lasrc at its edge: streams, exit codes, bad input, atomicity, signals, equal bytes.

load assertions

setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export SOURCE_DATE_EPOCH=1600000000
    export SIMULATED="$BATS_FILE_TMPDIR/simulated"
    hls-simulate landsat -o "$SIMULATED" --size 121x94 --seed 7 --swath-edge >/dev/null
    local granule=("$SIMULATED"/LC08_L1TP_*_T1)
    export GRANULE=${granule[0]}
    export ID=${GRANULE##*/}
    export HLS_ANCILLARY="$SIMULATED/ancillary"
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

@test "help and version answer on stdout with success" {
    for arguments in --help -h --version --usage-json "tables --help"; do
        # shellcheck disable=SC2086  # two words are two arguments
        assert_answers hls-lasrc $arguments
    done
    run hls-lasrc --version
    assert_line --partial 'hls-lasrc 0.'
    assert_line --partial 'GDAL 3.'
    hls-lasrc --usage-json | python3 -m json.tool >/dev/null
}

@test "usage errors end with 2 and one line" {
    assert_refused 2 'GRANULE is required' hls-lasrc
    assert_refused 2 'output is required' hls-lasrc "$GRANULE"
    assert_refused 2 'see hls-lasrc --help' hls-lasrc "$GRANULE" -o ac --nonsense
    assert_refused 2 'threads' hls-lasrc "$GRANULE" -o ac -j zero
    assert_refused 2 'aerosol' hls-lasrc "$GRANULE" -o ac --aerosol fixed:x
    assert_refused 2 'quirks' hls-lasrc "$GRANULE" -o ac --quirks maybe
    assert_refused 2 'band' hls-lasrc "$GRANULE" -o ac --bands 9
    assert_refused 2 'sensor' hls-lasrc tables
    assert_refused 2 'sensor' hls-lasrc tables --sensor etm
}

@test "a scene: one record on stdout, nothing on stderr, a complete folder" {
    run --separate-stderr hls-lasrc "$GRANULE" -o ac
    assert_success
    [ -z "$stderr" ]
    assert_equal "${#lines[@]}" 1
    python3 - "$output" "$ID" <<'PYTHON'
import hashlib, json, pathlib, sys
record, product_id = json.loads(sys.argv[1]), sys.argv[2]
assert record["v"] == 1 and record["exit"] == 0 and record["reason"] == "ok", record
assert record["unit"] == product_id and record["tool"] == "hls-lasrc"
assert record["outputs"] and record["inputs"] and record["ancillary"]
for item in record["outputs"]:
    data = pathlib.Path(item["path"]).read_bytes()
    assert len(data) == item["bytes"]
    assert hashlib.sha256(data).hexdigest() == item["sha256"]
layers = [*(f"SR_B{b}" for b in range(1, 8)), "TOA_B9", "BT_B10", "BT_B11", "SR_QA_AEROSOL", "AOT",
          "FMASK", "SZA", "SAA", "VZA", "VAA"]
names = {f"{product_id}_{layer}.tif" for layer in layers} | {"scene.json"}
assert {p.name for p in pathlib.Path("ac", product_id).iterdir()} == names
PYTHON
    assert_file_exists "ac/$ID.run.json"
    assert_equal "$(find ac -mindepth 1 -maxdepth 1 | wc -l)" 2
}

@test "the same bytes twice, for 1, 2 and 5 threads, from folder and tar" {
    tar -C "$(dirname "$GRANULE")" -cf "$ID.tar" --transform 's,.*/,,' "$ID"
    hls-lasrc "$GRANULE" -o a -j 1 --record a.json >/dev/null
    hls-lasrc "$GRANULE" -o b -j 2 --record b.json >/dev/null
    hls-lasrc "$GRANULE" -o c -j 5 --record c.json >/dev/null
    diff -r a b
    diff -r a c
    hls-lasrc "$ID.tar" -o d --record d.json >/dev/null
    for layer in SR_B1 SR_B7 AOT SR_QA_AEROSOL; do
        cmp "a/$ID/${ID}_$layer.tif" "d/$ID/${ID}_$layer.tif"
    done
}

@test "an existing output is refused, kept or replaced as asked" {
    hls-lasrc "$GRANULE" -o ac >/dev/null
    touch "ac/$ID/witness"
    run --separate-stderr hls-lasrc "$GRANULE" -o ac
    assert_equal "$status" 73
    [[ $stderr == *--overwrite* ]]
    run --separate-stderr hls-lasrc "$GRANULE" -o ac --skip-existing
    assert_success
    assert_file_exists "ac/$ID/witness"
    hls-lasrc "$GRANULE" -o ac --overwrite >/dev/null
    assert_file_not_exists "ac/$ID/witness"
}

@test "a dry run says what it would do and touches nothing" {
    run --separate-stderr hls-lasrc "$GRANULE" -o ac --dry-run
    assert_success
    assert_output --partial "SR_B1.tif"
    assert_output --partial "CMGDEM.hdf"
    assert_not_exists ac
}

@test "work of an array child comes from a line of a file or stdin" {
    printf '%s\n' other "$GRANULE" >list
    AWS_BATCH_JOB_ARRAY_INDEX=1 hls-lasrc --inputs-from list -o ac >/dev/null
    assert_dir_exists "ac/$ID"
    run --separate-stderr bash -c \
        "echo '{\"unit\":\"u7\",\"run_id\":\"R\",\"seq\":3,\"argv\":[\"$GRANULE\",\"-o\",\"b\"]}' |
         hls-lasrc --inputs-from - --index 0"
    assert_success
    assert_output --partial '"run_id":"R","unit":"u7","seq":3'
    run --separate-stderr hls-lasrc --inputs-from list --index 9 -o c
    assert_equal "$status" 66
}

@test "a reader that went away is no failure" {
    run bash -c 'set -o pipefail; hls-lasrc --usage-json | true'
    assert_success
    assert_output ''
}

@test "missing input ends with 66" {
    assert_refused 66 'nowhere' hls-lasrc nowhere -o ac
    assert_refused 66 'CMGDEM.hdf' hls-lasrc "$GRANULE" -o ac --ancillary .
    assert_refused 66 'ratiomapndwiexp.hdf' hls-lasrc "$GRANULE" -o ac --ancillary .
    assert_refused 66 '--ancillary climatology' hls-lasrc "$GRANULE" -o ac --ancillary .
    assert_refused 66 'none.tables' hls-lasrc "$GRANULE" -o ac --tables none.tables
}

@test "a missing band ends with 65 and names the file" {
    copy_granule
    rm "$ID/${ID}_B4.TIF"
    assert_refused 65 "${ID}_B4.TIF" hls-lasrc "$ID" -o ac
}

@test "a truncated raster ends with 65 and leaves nothing" {
    copy_granule
    truncate -s "$(($(stat -c %s "$ID/${ID}_B6.TIF") * 6 / 10))" "$ID/${ID}_B6.TIF"
    assert_refused 65 "_B6.TIF" hls-lasrc "$ID" -o ac
}

@test "metadata that lack a key, lie about the size or are of another collection end with 65" {
    copy_granule
    cp "$ID/${ID}_MTL.txt" mtl
    edit_mtl '/SUN_ELEVATION/d'
    assert_refused 65 SUN_ELEVATION hls-lasrc "$ID" -o ac
    cp mtl "$ID/${ID}_MTL.txt"
    edit_mtl 's/(REFLECTIVE_LINES = ).*/\17771/'
    assert_refused 65 7771 hls-lasrc "$ID" -o ac
    cp mtl "$ID/${ID}_MTL.txt"
    edit_mtl 's/(COLLECTION_NUMBER = ).*/\101/'
    assert_refused 65 ollection hls-lasrc "$ID" -o ac
    : >"$ID/${ID}_MTL.txt"
    assert_refused 65 MTL hls-lasrc "$ID" -o ac
}

@test "a level that is not accepted ends with 7, unless it is" {
    copy_granule
    edit_mtl 's/(PROCESSING_LEVEL = ).*/\1"L1GT"/'
    assert_refused 7 'L1GT' hls-lasrc "$ID" -o ac
    hls-lasrc "$ID" -o ac --accept L1GT >/dev/null
}

@test "low sun ends with 3, nothing but fill with 5" {
    copy_granule
    cp "$ID/${ID}_MTL.txt" mtl
    edit_mtl 's/(SUN_ELEVATION = ).*/\113.9/'
    assert_refused 3 'zenith' hls-lasrc "$ID" -o ac
    cp mtl "$ID/${ID}_MTL.txt"
    gdal_translate -q -scale 0 65535 1 1 "$ID/${ID}_QA_PIXEL.TIF" qa.tif
    mv qa.tif "$ID/${ID}_QA_PIXEL.TIF"
    assert_refused 5 'valid pixel' hls-lasrc "$ID" -o ac
}

@test "damaged tables and ancillary files end with 65" {
    cp "$HLS_DATA_DIR/tables/oli.tables" damaged.tables
    chmod u+w damaged.tables
    printf 'x' | dd of=damaged.tables bs=1 seek=200000 conv=notrunc status=none
    assert_refused 65 checksum hls-lasrc "$GRANULE" -o ac --tables damaged.tables
    truncate -s 1000 damaged.tables
    assert_refused 65 damaged.tables hls-lasrc "$GRANULE" -o ac --tables damaged.tables
    cp -r "$HLS_ANCILLARY" ancillary
    chmod -R u+w ancillary
    truncate -s 3000 ancillary/ratiomapndwiexp.hdf
    assert_refused 65 ratiomapndwiexp.hdf hls-lasrc "$GRANULE" -o ac --ancillary ancillary
}

@test "a mask on another grid ends with 65" {
    gdal_translate -q -ot Byte -srcwin 0 0 50 50 "$GRANULE/${ID}_QA_PIXEL.TIF" mask.tif
    assert_refused 65 'mask.tif' hls-lasrc "$GRANULE" -o ac --mask mask.tif
}

@test "an output that cannot be created ends with 73" {
    : >file
    assert_refused 73 file hls-lasrc "$GRANULE" -o file/ac
    assert_refused 73 proc hls-lasrc "$GRANULE" -o /proc/ac
}

@test "a full disk ends with 74 and leaves nothing" {
    # A file size limit stops the write as a full disk does, and needs no root.
    run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 8; hls-lasrc '$GRANULE' -o ac"
    assert_equal "$status" 74
    [ -z "$(find ac -mindepth 1)" ]
}

@test "SIGTERM and SIGINT in the middle leave nothing" {
    hls-simulate landsat -o big --size 2400x2400 --ancillary none >/dev/null
    local granule=(big/LC08_L1TP_*_T1)
    for signal in TERM INT; do
        assert_stops_clean $signal hls-lasrc "${granule[0]}" -o ac --ancillary climatology -j 1
    done
}

@test "bands on request need neither QA nor angles" {
    copy_granule
    rm "$ID/${ID}"_{QA_PIXEL,SZA,SAA,VZA,VAA,B1,B9,B10,B11}.TIF
    assert_refused 65 'B1' hls-lasrc "$ID" -o ac
    assert_refused 65 'aerosol fixed' hls-lasrc "$ID" -o ac --bands 2-7
    run --separate-stderr hls-lasrc "$ID" -o ac --bands 2-7 --aerosol fixed:0.1
    assert_success
    assert_output --partial '90 - SUN_ELEVATION'
    assert_file_exists "ac/$ID/${ID}_SR_B7.tif"
    assert_file_not_exists "ac/$ID/${ID}_SR_B1.tif"
}

@test "fixed ancillary values reach the record" {
    run --separate-stderr hls-lasrc "$GRANULE" -o ac \
        --ancillary fixed:ozone=0.31,water=1.5,pressure=990
    assert_success
    assert_output --partial '990'
    run --separate-stderr hls-lasrc "$GRANULE" -o b --ancillary fixed:ozone=abc
    assert_equal "$status" 2
}

@test "tables --query answers in CSV and refuses what is not" {
    run --separate-stderr bash -c "printf '%s\n' \
        wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg 0.8647,0.1,1013,30,0,0 |
        hls-lasrc tables --query"
    assert_success
    assert_line --index 0 rho_path,t_down,t_up,spherical_albedo
    printf '%s\n' wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg 0.8647,0.1,1013,30,0,0 |
        hls-lasrc tables --query >answers
    assert_equal "$(wc -l <answers)" 2
    run --separate-stderr bash -c "echo nonsense | hls-lasrc tables --query"
    assert_equal "$status" 65
    run --separate-stderr bash -c "printf '%s\n' \
        wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg 0.8647,0.1,1013,95,0,0 |
        hls-lasrc tables --query"
    assert_equal "$status" 65
}
