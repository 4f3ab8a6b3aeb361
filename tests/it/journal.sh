#!/bin/sh
# SPDX-License-Identifier: ISC
# The journal in many files: closed under load and under kill -9, verified.
. "$(dirname "$0")/daemon.sh"

JOURNAL=$IT/main
closed() {
	ls "$JOURNAL" | grep -c '^journal-[0-9]*\.jsonl$'
}
all_lines() {
	cat "$JOURNAL"/journal-*.jsonl "$JOURNAL/journal.jsonl" 2>/dev/null
}
# bulk N: users n-N-1 to n-N-40, 40 lines and more.
bulk() {
	jq -nc --arg n "$1" '{ schemas:
	    ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
	    Operations: [range(1; 41) | { method: "POST", path: "/Users",
		bulkId: "b\(.)", data: { userName: "n-\($n)-\(.)",
		name: { familyName: "N" } } }] }'
}
# Until it is through: the daemon dies meanwhile, and what is there is there.
load() {
	for n in 1 2 3 4 5 6; do
		bulk $n >"$IT/bulk-$n.json"
		http POST /scim/v2/Bulk "@$IT/bulk-$n.json" 2>/dev/null
	done
}

tool_start
conf 'journal: { rotate = "20KiB"; };'
start
load
check "files were closed" [ "$(closed)" -ge 3 ]
runs 0 "the whole is whole" 'the chain is whole' journal verify "$JOURNAL"
same "a line for each of the people, once" "240 240" "$(all_lines | jq -rs '
    map(select(.op == "add" and (.add.uid // [""])[0][0:2] == "n-") |
	.add.uid[0]) | "\(length) \(unique | length)"')"
big=$(find "$JOURNAL" -name 'journal*.jsonl' -size +400k | wc -l)
same "none is much larger than it may" 0 "$big"

# --- SIGUSR1 --------------------------------------------------------------
ask 201 "a line more" POST /scim/v2/Users \
    '{"userName":"before-usr1","name":{"familyName":"N"}}'
n=$(closed)
kill -USR1 $PID
more_closed() {
	[ "$(closed)" -gt "$n" ]
}
check "SIGUSR1 closes one" until_true 20 more_closed
ask 201 "and the chain goes on" POST /scim/v2/Users \
    '{"userName":"after-usr1","name":{"familyName":"N"}}'
runs 0 "... whole" 'the chain is whole' journal verify "$JOURNAL"

# --- kill -9 --------------------------------------------------------------
for point in journal-next:1 journal-linked:2 journal-renamed:1; do
	stop
	PROVOST_FAILPOINT=$point start
	for i in 1 2 3 4 5 6 7 8; do
		bulk "$point-$i" >"$IT/bulk.json"
		alive && http POST /scim/v2/Bulk "@$IT/bulk.json" 2>/dev/null
	done
	check "it died at $point" until_true 10 dead
	PID=
	check "... whole" provost journal verify "$JOURNAL"
	start
	settle
	runs 0 "... and goes on" 'the chain is whole' journal verify "$JOURNAL"
	same "... nothing twice" "" "$(all_lines | jq -r 'select(.op ==
	    "add") | .uuid' | sort | uniq -d)"
done
stop KILL
start
rm -rf "$IT/kept"; mkdir "$IT/kept"
stop
cp "$JOURNAL"/journal*.jsonl "$IT/kept"
rm -r "$JOURNAL/view"
start
settle
same "a view made anew adds no lines" "$(cat "$IT"/kept/*.jsonl | wc -l)" \
    "$(all_lines | wc -l)"

# --- what verify finds ----------------------------------------------------
first=$(ls "$IT/kept" | head -n 1)
second=$(ls "$IT/kept" | sed -n 2p)
third=$(ls "$IT/kept" | sed -n 3p)
spoil() {	# spoil SED-SCRIPT FILE
	rm -rf "$IT/bad"; cp -r "$IT/kept" "$IT/bad"
	sed -i "$1" "$IT/bad/$2"
}
runs 0 "a copy" 'the chain is whole' journal verify "$IT/kept"
spoil '5s/add/del/' "$second"
runs 1 "a line changed" "$second: line 5: damaged" journal verify "$IT/bad"
spoil '5d' "$second"
runs 1 "a line deleted" "$second: line 5: .*missing" journal verify "$IT/bad"
spoil '5{h;d};6{G}' "$second"
runs 1 "two swapped" "$second: line 5: .*missing" journal verify "$IT/bad"
spoil '$d' "$second"
runs 1 "an end cut off" "$third: line 1: .*missing" journal verify "$IT/bad"
rm -rf "$IT/bad"; cp -r "$IT/kept" "$IT/bad"
rm "$IT/bad/$second"
runs 1 "a file missing" "$third: line 1: .*missing" journal verify "$IT/bad"
rm -rf "$IT/bad"; cp -r "$IT/kept" "$IT/bad"
rm "$IT/bad/$first"
runs 0 "the oldest archived" "verified from " journal verify "$IT/bad"
runs 1 "no such place" 'open' journal verify "$IT/nowhere"
stop
finish
