#!/bin/sh
# SPDX-License-Identifier: ISC
# FAULTS C4: no room for a file of people that is sent. It is refused with 503,
# nothing of it is used, the view beside it does not suffer, and with room it
# is taken. The disk is a small one in memory, for which one must be root.
. "$(dirname "$0")/daemon.sh"

DISK=$IT/main/view
tool_start
conf "feeds: { hr: { kind = \"csv\"; list = \"full\"; fields = (
	{ column = \"id\"; path = \"externalId\"; },
	{ column = \"login\"; path = \"userName\"; } ); }; };"
# The view is made again, on the small disk.
start
stop
mount -t tmpfs -o size=64m tmpfs "$DISK" 2>/dev/null || {
	echo "skipped: cannot mount a small disk"
	exit 77
}
trap 'rc=$?; stop; umount "$DISK"; (exit $rc); it_end' EXIT
start

used() {
	df -k --output=used "$DISK" | tail -n 1
}
# people UNTIL BYTES: that many, and so much that no field is for.
people() {
	awk -v until="$1" -v n="$2" 'BEGIN {
		for (pad = "x"; length(pad) * 2 <= n; ) pad = pad pad
		print "id,login,remark"
		for (i = 1; i <= until; i++) print i ",worker" i "," pad
	}'
}
people 1600 65536 >"$IT/large.csv"
people 100 65536 >"$IT/small.csv"
settle
now=$(used)
for mode in plan apply; do
	ask 503 "no room ($mode)" POST "/v1/feeds/hr?mode=$mode" \
	    "@$IT/large.csv"
	detail "No space left"
done
same "... with when to try again" 1 "$(grep -ci '^retry-after:' \
    "$IT/headers")"
check "... and a line in the log" grep -q 'feeds/hr: .*No space left' "$IT/log"
runs 1 "by the command" 'No space left.*(HTTP 503)' \
    feed --yes hr "$IT/large.csv"
roomy() {
	[ "$(used)" -le $((now + 1024)) ]
}
wait_for "nothing of it is kept" roomy
same "... or used" 0 "$(provost --json users 'owner eq "feed:hr"' |
    jq .totalResults)"
ask 201 "the view has its room" POST /scim/v2/Users \
    '{"userName":"after","name":{"familyName":"F"}}'
runs 0 "a smaller file is taken" '^100 changes made' feed --yes hr \
    "$IT/small.csv"
stop
same "it ends well" 0 "$EXIT"
finish
