# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the suites of hls-chip look at; `load chip_world` after `load assertions`.

# make_chip_world: fields and the scenes over them in $WORLD, once a suite, where it leaves the shell.
make_chip_world() {
    export PATH="$HLS_BIN:$PATH"
    export WORLD="$BATS_FILE_TMPDIR/world"
    chip_scenes "$WORLD"
    cd "$WORLD" || return
    ogr2ogr -q -f GPKG fields.gpkg fields.geojson
}
