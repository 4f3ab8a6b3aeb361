#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh FILE.scene: a private slapd with world.ldif, and run.py on it.
. "$(dirname "$0")/../it/lib.sh"

HERE=$TOP/tests/scenario
BIN=${top_builddir:-$TOP/build}/src
command -v python3 >/dev/null 2>&1 || { echo "skipped: no python3"; exit 77; }
slapd_new
SLAPD_SAMPLE=no slapd_load
sed -e "s|@SUFFIX@|$SUFFIX|" \
    -e "s|@TOKEN@|$(printf admin | sha256sum | cut -d ' ' -f 1)|" \
    -e "s|@PAT@|$(slappasswd -s secret-of-pat)|" \
    "$HERE/world.ldif" >"$SLAPD_DIR/world.ldif"
slapadd -q $SLAPD_CONF -b "$SUFFIX" -l "$SLAPD_DIR/world.ldif" || exit 1
slapd_start
export SUFFIX SLAPD_URI DAEMON_PASSWORD BIN PYTHONDONTWRITEBYTECODE=1
python3 "$HERE/run.py" "$SLAPD_DIR/work" "$@" || FAILED=1
finish
