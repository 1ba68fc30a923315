# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Servers and products for the suites of hls-fetch; `load fetch_servers` after `load assertions`. The hooks
# are those of a suite that says nothing else.

load servers

fetch_setup_file() {
    export PATH="$HLS_BIN:$PATH"
    export HLS_RETRY_BASE=0.05
    unset HLS_ENDPOINTS
}

fetch_setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

fetch_teardown() {
    stop_servers
}

setup_file() { fetch_setup_file; }
setup() { fetch_setup; }
teardown() { fetch_teardown; }

# start_strict [FOLDER]: start_bucket that is the Copernicus Data Space as well, and a login for it.
start_strict() {
    start_bucket "$@"
    export HLS_ENDPOINT_CDSE_IDENTITY=$URL/-/identity HLS_ENDPOINT_CDSE_DOWNLOAD=$URL/-/download
    export HLS_ENDPOINT_CDSE_CATALOGUE=$URL/-/catalogue
    export CDSE_USER=me CDSE_PASSWORD=password-MARKER-cdse
}

# asked [PATTERN]: "METHOD PATH" of what the stub was asked, one a line, in order.
asked() {
    curl -s --noproxy '*' "$URL/-/requests" | python3 -c '
import json, re, sys
for r in json.load(sys.stdin)["requests"]:
    line = r["method"] + " " + r["path"]
    if len(sys.argv) < 2 or re.search(sys.argv[1], line):
        print(line)' "$@"
}

# field NAME: that member of every JSON line of $output.
field() {
    # shellcheck disable=SC2154  # set by bats
    python3 -c '
import json, sys
for line in sys.argv[2].splitlines():
    print(json.loads(line).get(sys.argv[1], ""))' "$1" "$output"
}

# A granule of hls-simulate at the place where USGS would have it; $SCENE is its id.
landsat_bucket() {
    hls-simulate landsat -o made --size 90x80 --ancillary none >/dev/null
    SCENE=$(basename made/LC08_*_T1)
    [[ $SCENE =~ _([0-9]{3})([0-9]{3})_([0-9]{4}) ]]
    local home=bucket/usgs-landsat/collection02/level-1/standard/oli-tirs
    PLACE=$home/${BASH_REMATCH[3]}/${BASH_REMATCH[1]}/${BASH_REMATCH[2]}
    mkdir -p "$PLACE"
    cp -r "made/$SCENE" "$PLACE/"
}

# zip_product NAME [UUID [BYTES]]: a zip like the Copernicus Data Space sends, in bucket/zips/UUID;
# $MD5 is its checksum. Bands hold noise of about BYTES in all.
zip_product() {
    mkdir -p bucket/zips
    python3 - "$1" "bucket/zips/${2:-u1}" "${3:-1560000}" <<'PYTHON'
import random, sys, zipfile
name, path, size = sys.argv[1:]
top = name + ".SAFE/"
tile = name.split("_")[5]
dice = random.Random(name)
files = {"MTD_MSIL1C.xml": b"<x/>", f"GRANULE/L1C_{tile}/MTD_TL.xml": b"<x/>"}
for band in ["B%02d" % b for b in range(1, 13)] + ["B8A"]:
    files[f"GRANULE/L1C_{tile}/IMG_DATA/{tile}_{band}.jp2"] = dice.randbytes(int(size) // 13)
with zipfile.ZipFile(path, "w") as z:
    for file, content in files.items():
        z.writestr(top + file, content)
PYTHON
    # shellcheck disable=SC2034  # for the suites
    MD5=$(md5sum <"bucket/zips/${2:-u1}" | cut -d' ' -f1)
}

# catalogue_row NAME UUID MD5: the product as the catalogue of the stub knows it.
catalogue_row() {
    printf '{"Id":"%s","Name":"%s.SAFE","ContentLength":5,"Checksum":[{"Algorithm":"MD5","Value":"%s"}]}' \
        "$2" "$1" "$3"
}
