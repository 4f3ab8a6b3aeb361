#!/bin/sh
# SPDX-License-Identifier: ISC
# FAULTS C4: no room for the journal. Reads go on, writes are refused with 503,
# and nothing is shown that is not journalled; with room all of it goes on. The
# disk is a small one in memory, for which one must be root.
. "$(dirname "$0")/daemon.sh"

DISK=$IT/main
mkdir "$DISK"
mount -t tmpfs -o size=64m tmpfs "$DISK" 2>/dev/null || {
	echo "skipped: cannot mount a small disk"
	exit 77
}
trap 'rc=$?; stop; umount "$DISK"; (exit $rc); it_end' EXIT
# The databases are elsewhere: it is the journal that finds no room.
tool_start
start
settle
stop
for dir in data accesslog view; do
	mv "$DISK/$dir" "$IT/$dir"
	ln -s "$IT/$dir" "$DISK/$dir"
done
start

new() {
	http POST /scim/v2/Users \
	    "{\"userName\":\"$1\",\"name\":{\"familyName\":\"F\"}}"
}
new before
same "with room" 201 "$STATUS"
dd if=/dev/zero of="$DISK/fill" bs=512 2>/dev/null
until_full() {
	n=$((n + 1))
	new "while-full-$n"
	[ "$STATUS" = 503 ]
}
n=0
check "without room, writes are refused" until_true 60 until_full
detail "journal can't be written"
same "... with when to try again" 1 "$(grep -ci '^retry-after:' \
    "$IT/headers")"
ask 503 "others as well" DELETE "/scim/v2/Users/$(uuid_of \
    "$(person_dn p0019)")"
ask 200 "reads go on" GET '/scim/v2/Users?count=1'
ask 200 "also of changes" GET '/v1/changes?count=1'
http GET /readyz
same "it is not ready" 503 "$STATUS"
check "and says why" grep -q journal "$IT/body"
# What is shown has its line.
http GET '/scim/v2/Users?count=1000&attributes=id'
body '.Resources[].id' | sort >"$IT/shown"
jq -r 'select(.op == "add") | .uuid' "$DISK/journal.jsonl" | sort >"$IT/lines"
same "nothing is shown that has no line" "" "$(comm -23 "$IT/shown" \
    "$IT/lines")"
check "what there is of the journal holds" provost journal verify "$DISK"

rm "$DISK/fill"
again() {
	n=$((n + 1))
	new "with-room-$n"
	[ "$STATUS" = 201 ]
}
check "with room again, writes go on" until_true 30 again
ready() {
	http GET /readyz
	[ "$STATUS" = 200 ]
}
wait_for "it is ready" ready
check "the journal is whole" provost journal verify "$DISK"
manager ldapsearch -LLL -b "$DN" -s one entryUUID | values entryUUID \
    >"$IT/shown"
jq -r 'select(.op == "add") | .uuid' "$DISK/journal.jsonl" | sort >"$IT/lines"
same "and has a line for everybody" "" "$(comm -23 "$IT/shown" "$IT/lines")"
same "... once" "" "$(uniq -d "$IT/lines")"
finish
