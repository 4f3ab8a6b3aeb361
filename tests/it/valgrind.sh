#!/bin/sh
# SPDX-License-Identifier: ISC
# contrib/quickstart's whole story with both daemons under valgrind: no error,
# nothing definitely lost at their end.
. "$(dirname "$0")/lib.sh"
for program in curl jq valgrind; do
	command -v $program >/dev/null 2>&1 || {
		echo "skipped: no $program"
		exit 77
	}
done
BUILD=${top_builddir:-$TOP/build}
export BUILD
if grep -q __asan_init "$BUILD/src/provostd"; then
	echo "skipped: a sanitized build does not run under valgrind"
	exit 77
fi
TMP=$(mktemp -d /tmp/provost-it.XXXXXX) || exit 1
trap 'rm -rf "$TMP"' EXIT
TMPDIR=$TMP
WRAPPER="valgrind -q --leak-check=full --errors-for-leak-kinds=definite
	--error-exitcode=99 --log-file=$TMP/valgrind.%p"
export TMPDIR WRAPPER

rc=0
"$TOP/contrib/quickstart" --no-build --once || rc=$?
same "the story's end" 0 $rc
# One log a daemon, and one a fork before it has become slapd.
check "valgrind was there" test -e "$(ls "$TMP"/valgrind.* | head -n 1)"
same "what valgrind found" "" "$(grep -h '^==' "$TMP"/valgrind.*)"
finish
