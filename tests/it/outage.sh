#!/bin/sh
# SPDX-License-Identifier: ISC
# While slapd is away, reads are answered from the view and say how old it is,
# writes are refused for now; afterwards everything works. While the tool is
# away, an approval waits and is applied when it is back.
. "$(dirname "$0")/daemon.sh"

header() {
	sed -n "s/^$1: *//Ip" "$IT/headers" | tr -d '\r'
}
writes_fail() {
	write
	[ "$STATUS" = "${1:-503}" ]
}
reads_have_age() {
	http GET "/scim/v2/Users/$vera"
	[ -n "$(header Provost-View-Age)" ]
}
writes_work() {
	write
	[ "$STATUS" = 200 ]
}
not_ready() {
	http GET /readyz
	[ "$STATUS" = 503 ]
}
# write: another title each time; the last one is in $TITLE.
write() {
	TITLE=title-$((${TITLE#title-} + 1))
	http PATCH "/scim/v2/Users/$vera" "{\"schemas\":
	    [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],
	    \"Operations\":[{\"op\":\"replace\",\"path\":\"title\",
	    \"value\":\"$TITLE\"}]}"
}
TITLE=title-0

tool_start
conf 'directory: { op_timeout = "1s"; connect_timeout = "1s"; write_wait = "1s"; };'
start
settle
vera=$(uuid_of "$(person_dn p0016)")
nina=$(uuid_of "$(person_dn p0024)")
ask 200 "all is well: a read" GET "/scim/v2/Users/$vera"
same "its view has no age" "" "$(header Provost-View-Age)"
ask 200 "ready" GET /readyz

echo "# slapd dies and does not come back"
mv "$IT/main/slapd.conf" "$IT/main/slapd.conf.away"
kill -9 "$(cat "$IT/main/slapd.pid")"
wait_for "reads say how old they are" reads_have_age
ask 200 "a read" GET "/scim/v2/Users/$vera"
ask 200 "a search" GET "/scim/v2/Users?filter=userName+eq+%22vera.haas%22"
same "finds" 1 "$(body .totalResults)"
wait_for "writes are refused" writes_fail
same "and say when to come again" yes \
    "$([ -n "$(header Retry-After)" ] && echo yes)"
same "as a SCIM error" 503 "$(body .status)"
wait_for "not ready" not_ready
http GET /livez
same "but alive" 200 "$STATUS"
mv "$IT/main/slapd.conf.away" "$IT/main/slapd.conf"
wait_for "it returns: writes work" writes_work
ask 200 "reads" GET "/scim/v2/Users/$vera"
same "see them" "$TITLE" "$(body .title)"
wait_for "ready" sh -c 'curl -sf "$1/readyz" >/dev/null' - "$URL"

echo "# slapd hangs"
slapd=$(cat "$IT/main/slapd.pid")
kill -STOP "$slapd"
ask 200 "a read" GET "/scim/v2/Users/$vera"
check "a write has no known outcome" writes_fail 504
same "and says when to come again" yes \
    "$([ -n "$(header Retry-After)" ] && echo yes)"
# Each on a connection of its own: far more than there are threads.
seq 60 | xargs -P 60 -I{} curl -sS -o /dev/null -m 30 -X PATCH \
    -w '%{http_code} %header{retry-after}\n' \
    -H 'Content-Type: application/scim+json' \
    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
    -d '{"Operations":[{"op":"replace","path":"title","value":"x{}"}]}' \
    "$URL/scim/v2/Users/$vera" >"$IT/many" &
many=$!
for i in 1 2 3 4 5; do
	ask 200 "while 60 write: a read" GET "/scim/v2/Users/$vera"
done
wait $many
same "all 60 are told to come again" 60 \
    "$(grep -c '^50[34] [1-9]' "$IT/many")"
kill -CONT "$slapd"
wait_for "it goes on: writes work" writes_work

echo "# the tool is away"
tool_stop
check "approved" approve sample-1 p0001 pat.contact
wait_for "taken up" state_is sample-1 approved
same "nothing at the tool" none "$(holds "$nina" wan-analysis)"
same "the grant waits" 1 "$(provost --json plan |
    jq '[.actions[] | select(.tool == "wan-analysis")] | length')"
echo "# it is back, but refuses"
: >"$IT/tool/refuse"
tool_start
same "nothing at the tool" none "$(holds "$nina" wan-analysis)"
rm "$IT/tool/refuse"
wait_for "it is well again: the grant arrives" \
    holds_is "$nina" wan-analysis 100002,100003
wait_for "applied" state_is sample-1 applied
stop
same "the daemon ended well" 0 $EXIT
finish
