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

# --- /v1/changes ----------------------------------------------------------
ask 200 "a page" GET '/v1/changes?since=10&count=5'
same "... of five" "11 12 13 14 15 next 15 true" \
    "$(body '"\(.changes | map(.seq) | join(" ")) next \(.next) \(.more)"')"
same "... as the journal has them" "$(all_lines | sed -n 11,15p |
    jq -cS .)" "$(jq -cS '.changes[] | del(.type, .id)' "$IT/body")"
# pages: all lines, page by page.
pages() {
	since=0
	while :; do
		http GET "/v1/changes?since=$since&count=70$1"
		jq -c '.changes[]' "$IT/body"
		since=$(body .next)
		[ "$(body .more)" = true ] || break
	done
}
pages "" >"$IT/pages"
same "all pages are the whole journal" "$(all_lines | jq .seq)" \
    "$(jq .seq "$IT/pages")"
U=$(body .next)
ask 200 "the end is cheap" GET "/v1/changes?since=$U"
same "... and empty" "0 false" "$(body '"\(.changes | length) \(.more)"')"
pages "&type=Group" >"$IT/pages"
same "of one type" Group "$(jq -r .type "$IT/pages" | sort -u)"
P=$(uuid_of "$(person_dn p0001)")
pages "&user=$P" >"$IT/pages"
same "of one user, and of their receipts" "$P" "$(jq -r --arg p "$P" '
    if .dn | contains("provostPersonUuid=" + $p) then $p else .id end' \
    "$IT/pages" | sort -u)"
same "no secret is in it" "" "$(all_lines | grep -E \
    '"(userPassword|provostTokenHash|provostInvitation)":\["[^*]')"
ask 400 "a since that is not yet" GET '/v1/changes?since=99999999'
ask 400 "no number" GET '/v1/changes?since=x'
ask 400 "no such type" GET '/v1/changes?type=Nothing'
runs 0 "a client of its own" '^[^ ]\{20,\}$' token --scopes read:changes w
tail -n 1 "$IT/output" >"$IT/w.token"
as "$(cat "$IT/w.token")" 200 "the scope read:changes opens it" \
    GET /v1/changes
as "$(cat "$IT/w.token")" 403 "and nothing else" GET /scim/v2/Users
runs 0 "a client for users" '^[^ ]\{20,\}$' token --scopes read:Users r
as "$(tail -n 1 "$IT/output")" 403 "the scope read:Users does not" \
    GET /v1/changes

# A name that would turn a terminal's text round, and colour it (E3).
ask 201 "a bad name" POST /scim/v2/Users \
    '{"userName":"bad\u202e\u001b[31mname","name":{"familyName":"N"}}'
same "is no such thing in the journal" 0 "$(all_lines |
    LC_ALL=C grep -c "$(printf '\033\|\342\200\256')")"
runs 0 "nor in what is shown" 'bad??\[31mname' journal show
same "... raw" 0 "$(LC_ALL=C grep -c "$(printf '\033\|\342\200\256')" \
    "$IT/output")"
json "journal show" '.changes | length == 3' journal show --count 3
runs 0 "by user" 'pat.contact' journal show --user pat.contact
runs 0 "since" "^  *$U \|^$U \|SEQ" journal show --since "$((U - 1))"

# stream FILE [HEADER...]: server-sent events into FILE.
stream() {
	file=$1; shift
	: >"$file"
	curl -sN -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
	    -H 'Accept: text/event-stream' "$@" "$URL/v1/changes" >"$file" &
	STREAM=$!
}
says() {
	grep -q "$1" "$2"
}
newest() {
	sed -n 's/^id: //p' "$1" | tail -n 1
}
stream "$IT/events"
wait_for "a stream begins with its place" says '^id:' "$IT/events"
ask 201 "somebody comes" POST /scim/v2/Users \
    '{"userName":"streamed-1","name":{"familyName":"N"}}'
wait_for "... and is told" says '"uid":\["streamed-1"\]' "$IT/events"
at=$(newest "$IT/events")
kill $STREAM; wait $STREAM 2>/dev/null
for i in 2 3 4; do
	ask 201 "others come unseen" POST /scim/v2/Users \
	    "{\"userName\":\"streamed-$i\",\"name\":{\"familyName\":\"N\"}}"
done
stream "$IT/events" -H "Last-Event-ID: $at"
wait_for "it goes on behind Last-Event-ID" says streamed-4 "$IT/events"
same "... with each of them once" "1 1 1" "$(for i in 2 3 4; do
    grep -c "\"uid\":\[\"streamed-$i\"\]" "$IT/events"; done | paste -sd ' ')"
same "... and not with the one before" 0 "$(grep -c 'streamed-1"' \
    "$IT/events")"
# Through files that are closed meanwhile.
bulk stream >"$IT/bulk.json"
http POST /scim/v2/Bulk "@$IT/bulk.json"
wait_for "through many files" says '"n-stream-40"' "$IT/events"
same "... without a gap" "" "$(sed -n 's/^id: //p' "$IT/events" | uniq |
    awk 'NR > 1 && $1 != last + 1 { print last, $1 } { last = $1 }')"
stop
wait $STREAM
same "a stop ends it, as the end of the body" 0 $?
start
cp -r "$JOURNAL" "$IT/whole"
oldest=$(ls "$JOURNAL" | sed -n 's/^journal-0*\([0-9]*\).jsonl$/\1/p' |
    sed -n 2p)
rm "$JOURNAL/journal-000000000001.jsonl"
ask 410 "what was archived is gone" GET '/v1/changes?since=0'
detail "oldest is $oldest"
ask 200 "without since, from the oldest on" GET '/v1/changes?count=1'
same "..." "$oldest" "$(body '.changes[0].seq')"
cp "$IT/whole/journal-000000000001.jsonl" "$JOURNAL"

# As many streams as there may be, then no more.
ALSO=
for i in $(seq 64); do
	stream "$IT/events.$i"
	ALSO="$ALSO $STREAM"
done
all_open() {
	http GET /metrics
	grep -q "^provost_change_streams $1\$" "$IT/body"
}
wait_for "64 streams" all_open 64
same "and no more" 503 "$(curl -s -o "$IT/body" -w '%{http_code}' \
    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
    -H 'Accept: text/event-stream' "$URL/v1/changes")"
kill $ALSO
# That a client is gone is seen when something is sent to it.
none_open() {
	n=$((n + 1))
	http POST /scim/v2/Users \
	    "{\"userName\":\"told-$n\",\"name\":{\"familyName\":\"N\"}}"
	all_open 0
}
wait_for "whoever is gone makes room" none_open
wait $ALSO 2>/dev/null
ALSO=

# --- batches --------------------------------------------------------------
# batch_lines: how many changes of which type the batch $B has.
batch_lines() {
	pages "&batch=$B" >"$IT/pages"
	jq -r '"\(.op) \(.type)"' "$IT/pages" | sort | uniq -c |
	    sed 's/^ *//' | paste -sd ,
}
header() {
	tr -d '\r' <"$IT/headers" | sed -n "s/^$1: //Ip"
}
bulk batch >"$IT/bulk.json"
ask 200 "a Bulk" POST /scim/v2/Bulk "@$IT/bulk.json"
B=$(header Provost-Batch)
three=$(jq -c '[.Operations[:3][] | .location | sub(".*/"; "")]' "$IT/body")
same "is one batch" "40 add User" "$(batch_lines)"
ask 201 "a group with three of them" POST /scim/v2/Groups \
    "{\"displayName\":\"batched\",\"members\":$(echo "$three" |
	jq -c 'map({value: .})')}"
B=$(header Provost-Batch)
same "is one batch, its members and itself" "1 add Group,3 modify User" \
    "$(batch_lines)"
ask 200 "many users at once" POST /v1/users/bulk \
    "{\"operation\":\"suspend\",\"users\":$three}"
B=$(body .batch)
same "says of which batch" "$B" "$(header Provost-Batch)"
same "are one batch" "3 modify User" "$(batch_lines)"
ask 200 "a plan of that" POST '/v1/users/bulk?mode=plan' \
    "{\"operation\":\"reactivate\",\"users\":$three}"
same "is none" "null " "$(body .batch) $(header Provost-Batch)"
ask 200 "a single change" PATCH "/scim/v2/Users/$(echo "$three" |
    jq -r '.[0]')" '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations":[{"op":"replace","path":"displayName","value":"One"}]}'
same "is none" "" "$(header Provost-Batch)"
same "and its line says so" null "$(all_lines | tail -n 1 | jq .batch)"

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
# Answered when the view has it, and so what was written before the kill.
ask 201 "one more" POST /scim/v2/Users '{"userName":"one.more"}'
settle
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
