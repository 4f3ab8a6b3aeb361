#!/bin/sh
# SPDX-License-Identifier: ISC
# Absence is never proof (rule 8, D2, J6): a reading of the directory that ends
# with an error, in the middle, or well but without what the daemon may no
# longer see, takes nobody out of the view and nothing away at the tool, and
# readiness turns red. The daemon reads by way of a proxy that ends its searches
# (time limit, size limit, busy, a connection cut); slapd's own limits, access
# rules changed through cn=config and a slapd that stands still are real.
. "$(dirname "$0")/daemon.sh"

tool_start
slapd_new
trap 'it_end; slapd_free' EXIT
slapd_load
slapd_start
python3 "$TOP/tests/it/ldapproxy.py" "$IT/proxy" "$SLAPD_DIR/ldapi" \
    "$IT/fault" &
ALSO=$!
until_true 10 test -S "$IT/proxy"
echo $DAEMON_PASSWORD >"$IT/password"
echo it-key-of-codes >"$IT/code.key"
PROXY=ldapi://$(echo "$IT/proxy" | sed 's|/|%2F|g')
conf "directory: { suffix = \"$SUFFIX\"; uris = [ \"$PROXY\" ];
	bind_dn = \"$DAEMON\"; password_file = \"$IT/password\";
	code_key_file = \"$IT/code.key\"; op_timeout = \"2s\"; };
view: { dir = \"$IT/main/view\"; };
journal: { dir = \"$IT/main\"; };
http: { listen = \"127.0.0.1:0\"; };"
mkdir "$IT/main"
first_client >/dev/null
is_red() {
	http GET /readyz
	[ "$STATUS" = 503 ]
}
is_green() {
	http GET /readyz
	[ "$STATUS" = 200 ]
}
# All of the sync's connections end, and it begins again.
reconnect() {
	kill $ALSO
	wait $ALSO 2>/dev/null
	python3 "$TOP/tests/it/ldapproxy.py" "$IT/proxy" "$SLAPD_DIR/ldapi" \
	    "$IT/fault" &
	ALSO=$!
}
unchanged() {
	http GET "/scim/v2/Users?count=0"
	same "... nobody is missing" "$PEOPLE" "$(body .totalResults)"
	same "... the tool was told nothing" "$EVENTS" "$(events)"
}
# fault TEXT WHY WORDS...: it happens to every reading until it is mended; the
# daemon says why, which the proxy's own end would not be.
fault() {
	text=$1 why=$2; shift 2
	echo "# $text"
	echo "$*" >"$IT/fault"
	reconnect
	wait_for "not ready" is_red
	wait_for "it says why: $why" says_why "$why"
	unchanged
	rm "$IT/fault"
	wait_for "mended: ready" is_green
	settle
	unchanged
}
says_why() {
	provost --json status | jq -e --arg why "$1" \
	    '(.directory.why // "") | test($why)' >/dev/null
}

start_on "$IT/provostd.conf"
settle
http GET "/scim/v2/Users?count=0"
PEOPLE=$(body .totalResults) EVENTS=$(events)
check "there are people, and grants at the tool" \
    test "$PEOPLE" -gt 20 -a "$EVENTS" -gt 5

fault "the time limit (3), with some entries" "Time limit exceeded" \
    code 3 after 10
fault "the size limit (4)" "Size limit exceeded" code 4 after 40
fault "the administrative limit (11)" "Administrative limit exceeded" \
    code 11 after 0
fault "a referral (10)" "Referral" code 10 after 30
fault "busy (51)" "Server is busy" code 51 after 0
fault "success, and nothing" "the server ended the search" code 0 after 0
fault "success, and a part" "the server ended the search" code 0 after 60
fault "the connection is cut after some pages" "Can't contact" cut after 60

echo "# slapd's own size limit"
db=$(manager ldapsearch -LLL -b cn=config "(olcSuffix=$SUFFIX)" dn \
    2>/dev/null | sed -n 's/^dn: //p')
config() {
	printf '%s\n' "dn: $db" "changetype: modify" "$@" |
	    manager ldapmodify
}
check "set" config "delete: olcLimits" "olcLimits: {0}" - "add: olcLimits" \
    "olcLimits: {0}dn.exact=\"$DAEMON\" size=20 time=unlimited"
reconnect
wait_for "not ready" is_red
unchanged
slapd_stop
slapd_start
wait_for "ready" is_green
settle
unchanged

echo "# access rules: the daemon may read no people any more"
check "set" config "add: olcAccess" \
    "olcAccess: {0}to dn.subtree=\"$DN\" by dn.exact=\"$DAEMON\" none by * break"
reconnect
wait_for "not ready" is_red
unchanged
check "mended" config "delete: olcAccess" "olcAccess: {0}"
wait_for "ready" is_green
settle
unchanged

echo "# access rules: it may read nothing"
check "set" config "add: olcAccess" \
    "olcAccess: {0}to * by dn.exact=\"$DAEMON\" none by * break"
reconnect
wait_for "not ready" is_red
unchanged
check "mended" config "delete: olcAccess" "olcAccess: {0}"
wait_for "ready" is_green
settle
unchanged

echo "# slapd stands still in the middle"
kill -STOP $SLAPD_PID
reconnect
wait_for "not ready" is_red
unchanged
kill -CONT $SLAPD_PID
wait_for "ready" is_green
settle
unchanged

echo "# without a view, by a reading that ends too early"
stop
rm -rf "$IT/main/view"
echo "code 4 after 40" >"$IT/fault"
mv "$IT/log" "$IT/log.before"
: >"$IT/log"
launch_on "$IT/provostd.conf"
wait_for "it ends" grep -q 'sync: .*limit' "$IT/log"
same "it does not serve" "" "$(grep '^provostd: ready' "$IT/out")"
same "... the tool was told nothing" "$EVENTS" "$(events)"
rm "$IT/fault"
wait_for "mended: it serves" is_ready
serves
settle
unchanged
finish
