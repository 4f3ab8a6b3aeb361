#!/bin/sh
# SPDX-License-Identifier: ISC
# contrib/quickstart's whole story on this build, from another directory, and
# nothing left behind.
. "$(dirname "$0")/lib.sh"
for program in curl jq; do
	command -v $program >/dev/null 2>&1 || {
		echo "skipped: no $program"
		exit 77
	}
done
TMP=$(mktemp -d /tmp/provost-it.XXXXXX) || exit 1
trap 'rm -rf "$TMP"' EXIT
TMPDIR=$TMP
export TMPDIR

cd /
BUILD=${top_builddir:-$TOP/build}
export BUILD
rc=0
"$TOP/contrib/quickstart" --no-build --once || rc=$?
same "the story's end" 0 $rc
same "files left behind" "" "$(ls "$TMP")"
same "processes left behind" "" "$(for p in /proc/[0-9]*; do
    tr "\0" " " <"$p/cmdline" | grep -F "$TMP/"; done 2>/dev/null)"
finish
