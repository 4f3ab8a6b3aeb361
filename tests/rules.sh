#!/bin/sh
# SPDX-License-Identifier: ISC
# Every rule of the domain and the tests that name it: its number, standing
# alone and no value by itself, in a test's name, table or comment (`V13 an
# account needs ...', `/* V28: locked out. */', `scene L4 ...'). A rule without
# a test fails. Run it by hand to see the list.
set -eu
src=${srcdir:-$(dirname "$0")/..}
RULES="V1 V2 V3 V4 V4a V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 \
V20 V21 V22 V23 V24 V25 V26 V27 V28 L1 L2 L3 L4 L5 A1 A2 A3 A4 A5 J1 J2 J3 J4 \
T1 T2 T3 T4"

# named RULE DIR: the tests below DIR that name it.
named() {
	grep -rlE "(^|[^A-Za-z0-9_])$1([]) ,.:;-]|\$)" "$2" \
	    --include='*.c' --include='*.sh' --include='*.txt' \
	    --include='*.scene' |
	    grep -v '/rules\.sh$' | sed "s|^$src/tests/||" | sort
}
# check DIR: prints the list; fails when a rule has no test.
check() {
	rc=0
	for rule in $RULES; do
		tests=$(named "$rule" "$1" | tr '\n' ' ')
		[ -n "$tests" ] && echo "$rule: $tests" && continue
		echo "$rule: no test names it"; rc=1
	done
	return $rc
}

check "$src/tests" || { echo "rules: see above"; exit 1; }
# It can fail: without tests most rules have none.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
printf '/* V13 */\n' >"$empty/test_x.c"
if check "$empty" >"$empty/out"; then
	echo "rules: a missing test is not noticed"; exit 1
fi
grep -q '^V13: .*test_x' "$empty/out" && grep -q '^V14: no test' "$empty/out" ||
	{ echo "rules: the wrong tests are found"; exit 1; }
