#!/bin/sh
# SPDX-License-Identifier: ISC
# J1: while grants come and go, the tool answers by turns with an empty list,
# part of a list, 500, 429, redirects, half a body and HTML, and loses answers. At
# the end no right is lost there and none is left; nobody followed a redirect.
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/scimtool.sh"

TOOL_NAME=wan-analysis
# people: who has company acme-telecom, whose account 100001 is.
people() {
	provost --json users | jq -r '.Resources[] | select(.active and
	    (.["urn:ietf:params:scim:schemas:extension:provost:2.0:User"]
	    .companies // [] | index("acme-telecom"))) | .id' | sort
}
dn_of() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "$DN" \
	    "(entryUUID=$1)" dn 2>/dev/null | values dn
}
# flip DN ROUND: the grant comes, with other accounts each time, or goes.
flip() {
	case $2 in
	give)
		change "$1" "add: provostToolGrant" \
		    "provostToolGrant: $TOOL_NAME" - \
		    "add: provostToolAccount" \
		    "provostToolAccount: $TOOL_NAME 100001" ;;
	more)
		change "$1" "add: provostToolAccount" \
		    "provostToolAccount: $TOOL_NAME 100002" - \
		    "delete: provostToolAccount" \
		    "provostToolAccount: $TOOL_NAME 100001" ;;
	take)
		change "$1" "delete: provostToolGrant" \
		    "provostToolGrant: $TOOL_NAME" - \
		    "delete: provostToolAccount" \
		    "provostToolAccount: $TOOL_NAME 100002" ;;
	esac >/dev/null 2>&1
}
quiet() {
	provost --json targets | jq -e '.targets[] |
	    select(.name == "sample-tool") |
	    .state == "ok" and .pending == 0 and .underWay == 0' >/dev/null &&
	    nothing_to_do
}
# calm: the tool is well again; what it refused meanwhile is told again.
calm() {
	mode ok
	provost retry sample-tool >/dev/null
	until_true 30 quiet || {
		echo "FAILED: it does not come to rest"
		provost targets
		provost targets sample-tool
		FAILED=1
	}
}
holds_what_is_due() {
	due >"$IT/due"
	there >"$IT/there"
	cmp -s "$IT/due" "$IT/there"
}

tool_start
scim_conf '' 'guard: { floor = 1000; };'
start
settle
check "to begin with it holds what is due" holds_what_is_due
before=$(wc -l <"$IT/there")
people >"$IT/people"
cut -d' ' -f1 "$IT/there" | sort -u >"$IT/holders"
comm -23 "$IT/people" "$IT/holders" | head -n 8 >"$IT/some"
check "some who hold nothing" test "$(wc -l <"$IT/some")" -ge 4
while read -r who; do dn_of "$who"; done <"$IT/some" >"$IT/dns"

for round in give more take give more; do
	echo "# $round, while it answers wrongly by turns"
	mode chaos
	asked=$(wc -l <"$IT/tool/requests")
	while read -r dn; do
		check "$round" flip "$dn" $round
	done <"$IT/dns"
	# Lists, too, are asked for amid all that.
	provost --json drift sample-tool --now >"$IT/report"
	same "no list like these is acted on" 0 \
	    "$(jq 'if .complete and .held == "" then .extra else 0 end' \
	    "$IT/report")"
	enough() {
		[ "$(wc -l <"$IT/tool/requests")" -ge $((asked + 20)) ] ||
		    quiet
	}
	wait_for "it has got them" enough
done
calm
provost --json drift sample-tool --now >"$IT/report"
same "its list is complete" true "$(jq .complete "$IT/report")"
until_true 20 quiet
wait_for "no right is lost, and none is left" holds_what_is_due
diff "$IT/due" "$IT/there"
same "those of the round are there" $((before + $(wc -l <"$IT/some"))) \
    "$(wc -l <"$IT/there")"
echo "# taken away amid it, too"
mode chaos
while read -r dn; do
	check "take" flip "$dn" take
done <"$IT/dns"
until_true 5 quiet
calm
provost --json drift sample-tool --now >/dev/null
until_true 20 quiet
wait_for "no right is lost, and none is left" holds_what_is_due
diff "$IT/due" "$IT/there"
same "as in the beginning" "$before" "$(wc -l <"$IT/there")"
check "nobody followed a redirect" test ! -e "$IT/tool/followed"
check "nobody repeated what it said" sh -c '! grep -q "etc/passwd" "$1"' - \
    "$IT/log"

for kind in 500 empty redirect-meta few html cut lost redirect-file 429 \
    redirect-host array; do
	check "$kind was among the answers" grep -q " $kind\$" \
	    "$IT/tool/requests"
done

echo "# it asks for patience: that slows all of it"
mode slow
first=$(sed -n 1p "$IT/dns") second=$(sed -n 2p "$IT/dns")
check "one grant" flip "$first" give
paused() {
	[ "$(provost --json targets | jq '.targets[] |
	    select(.name == "sample-tool") | .pausedSeconds')" -gt 3000 ]
}
wait_for "it is left alone for an hour" paused
asked=$(wc -l <"$IT/tool/requests")
check "another grant" flip "$second" give
waits() {
	[ "$(provost --json targets | jq '.targets[] |
	    select(.name == "sample-tool") | .pending')" = 2 ]
}
wait_for "waits" waits
same "it is asked for nothing more" "$asked" \
    "$(wc -l <"$IT/tool/requests")"
mode ok
runs 0 "told again now" "^[12] tries again" retry sample-tool
until_true 20 quiet
wait_for "both are there" holds_what_is_due

echo "# what it refuses is parked, with its reason, until somebody asks"
mode no
check "a grant" flip "$(sed -n 3p "$IT/dns")" give
check "another" flip "$(sed -n 4p "$IT/dns")" give
parked() {
	[ "$(provost --json targets sample-tool | jq '.parked | length')" = 2 ]
}
wait_for "are refused" parked
runs 0 "why" "this is refused here" targets sample-tool
runs 0 "for all targets" "^sample-tool .* 2 " targets
ask 404 "of none" GET /v1/targets/nosuch/parked
ask 404 "nor again" POST /v1/targets/nosuch/retry
mode ok
one=$(sed -n 3p "$IT/some")
runs 0 "one of them is told again" "^1 tries again" retry sample-tool "$one"
wait_for "it is there" there_is "$one" $TOOL_NAME 100001
same "the other is still parked" 1 \
    "$(provost --json targets sample-tool | jq '.parked | length')"
runs 0 "so is the other" "^1 tries again" retry sample-tool
wait_for "both are there" holds_what_is_due
stop
same "the daemon ended well" 0 $EXIT
finish
