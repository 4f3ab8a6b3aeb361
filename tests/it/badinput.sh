#!/bin/sh
# SPDX-License-Identifier: ISC
# Malformed requests, configuration, mapping and entries: the error says what,
# where and what to do, nothing is half applied, everything else goes on.
. "$(dirname "$0")/daemon.sh"

# refuses TEXT PATTERN CONFIG...: provostd -t fails on it and says so.
refuses() {
	text=$1 pattern=$2; shift 2
	printf '%s\n' 'directory: { suffix = "dc=x"; uris = "ldapi:///"; };' \
	    "$@" >"$IT/bad.conf"
	if "$BIN/provostd" -t -c "$IT/bad.conf" >"$IT/bad.out" 2>&1; then
		echo "FAILED: $text: taken"
		FAILED=1
	elif grep -q -- "$pattern" "$IT/bad.out"; then
		echo "ok: $text: $(head -n 1 "$IT/bad.out")"
	else
		echo "FAILED: $text: no \"$pattern\" in: $(cat "$IT/bad.out")"
		FAILED=1
	fi
}
# scim_error STATUS TYPE TEXT METHOD PATH [BODY]
scim_error() {
	status=$1 type=$2; shift 2
	ask "$status" "$@"
	same "... is a SCIM error" \
	    "urn:ietf:params:scim:api:messages:2.0:Error $status $type" \
	    "$(body '"\(.schemas[0]) \(.status) \(.scimType // "")"')"
	check "... that says what" test -n "$(body '.detail // ""')"
}
PATCH='"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]'

echo "# configuration"
refuses "a syntax error" 'bad.conf:[23]: syntax error' 'http: {'
refuses "an unknown setting" 'bad.conf:2.*http.lissten' \
    'http: { lissten = "127.0.0.1:1"; };'
refuses "a wrong unit" 'engine.retry_base.*250ms' \
    'engine: { retry_base = "5 parsecs"; };'
refuses "out of range" 'http.threads.*out of range' 'http: { threads = 1000; };'
refuses "a missing file" 'cannot read /nonexistent' \
    'http: { cert_file = "/nonexistent"; };'
refuses "a target without a kind" 'targets.x.kind is missing' \
    'targets: { x: { url = "https://x"; }; };'
printf 'resources: (\n' >"$IT/bad.mapping"
refuses "a broken mapping" 'bad.mapping' "mapping = \"$IT/bad.mapping\";"
printf 'nonsense: { };\n' >"$IT/bad.mapping"
refuses "a mapping of other things" 'bad.mapping' \
    "mapping = \"$IT/bad.mapping\";"
"$BIN/provostd" --nonsense >/dev/null 2>&1
same "wrong use" 2 $?

tool_start
start
settle
VERA=$(person_dn p0016) OSCAR=$(person_dn p0010) CARL=$(person_dn p0025)
vera=$(uuid_of "$VERA") nina=$(uuid_of "$(person_dn p0024)")
oscar=$(uuid_of "$OSCAR") carl=$(uuid_of "$CARL")

echo "# requests"
scim_error 400 invalidSyntax "not JSON" POST /scim/v2/Users '{"userName":'
scim_error 400 invalidSyntax "a name twice" POST /scim/v2/Users \
    '{"userName":"a","userName":"b"}'
scim_error 400 invalidSyntax "too deep" POST /scim/v2/Users \
    "$(printf '%0200d' 0 | tr 0 '[')"
scim_error 400 invalidValue "no user name" POST /scim/v2/Users \
    '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}'
scim_error 400 invalidFilter "half a filter" GET \
    "/scim/v2/Users?filter=userName+eq"
scim_error 400 invalidFilter "an attribute that there is not" GET \
    "/scim/v2/Users?filter=nonsense+eq+%22x%22"
scim_error 400 invalidPath "a path that there is not" PATCH \
    "/scim/v2/Users/$vera" \
    "{$PATCH,\"Operations\":[{\"op\":\"replace\",\"path\":\"a[b\",\"value\":1}]}"
csn=$(attr "$VERA" entryCSN)
scim_error 400 invalidPath "the second of two operations is bad" PATCH \
    "/scim/v2/Users/$vera" "{$PATCH,\"Operations\":[
    {\"op\":\"replace\",\"path\":\"title\",\"value\":\"X\"},
    {\"op\":\"replace\",\"path\":\"nonsense\",\"value\":\"X\"}]}"
same "nothing of it was done" "$csn" "$(attr "$VERA" entryCSN)"
scim_error 404 "" "no such user" GET /scim/v2/Users/nobody
scim_error 404 "" "no such type" GET /scim/v2/Nothings
scim_error 409 uniqueness "a user name that is taken" POST /scim/v2/Users \
    '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName":"VERA.HAAS"}'
same "no token" 401 "$(curl -s -o "$IT/body" -w '%{http_code}' \
    "$URL/scim/v2/Users")"
same "a wrong one" 401 "$(curl -s -o "$IT/body" -w '%{http_code}' \
    -H 'Authorization: Bearer x' "$URL/scim/v2/Users")"
same "... as a SCIM error" 401 "$(body .status)"

echo "# a reload with a broken configuration"
cp "$IT/provostd.conf" "$IT/good.conf"
echo 'http: {' >>"$IT/provostd.conf"
kill -HUP "$PID"
wait_for "is refused" grep -q 'old settings stay' "$IT/log"
cp "$IT/good.conf" "$IT/provostd.conf"
ask 200 "the old one stays" GET "/scim/v2/Users/$vera"

echo "# entries"
check "an unknown role" change "$VERA" "replace: provostRole" \
    "provostRole: emperor"
check "a tool account of a company that is not authorised" change "$OSCAR" \
    "add: provostToolGrant" "provostToolGrant: wan-analysis" - \
    "add: provostToolAccount" "provostToolAccount: wan-analysis 200001" \
    "provostToolAccount: wan-analysis 100005"
check "a period that can't be read" change "$CARL" "replace: provostPeriod" \
    "provostPeriod: tool:ip-performance-reporting tomorrow -"
check "a request of an unknown kind" manager ldapadd <<END
dn: provostRequestId=bad,ou=requests,$SUFFIX
objectClass: provostAccessRequest
provostRequestId: bad
provostRequester: $VERA
provostRequestKind: kingdom
provostRequestState: pending
END
reported() {
	provost check >"$IT/check" 2>&1
	grep -q "$1" "$IT/check"
}
wait_for "provost check reports the role" reported emperor
wait_for "the account" reported 200001
wait_for "the period" reported tomorrow
wait_for "the request" reported "provostRequestId=bad.*unknown"
wait_for "the good account arrives, the bad one not" \
    holds_is "$oscar" wan-analysis 100005
wait_for "a period that can't be read grants nothing" \
    holds_is "$carl" ip-performance-reporting none
ask 200 "the entry is shown" GET "/scim/v2/Users/$vera"

echo "# the rest goes on"
check "an approval" approve sample-1 p0001 pat.contact
wait_for "arrives" holds_is "$nina" wan-analysis 100002,100003
check "mended: the role" change "$VERA" "replace: provostRole" \
    "provostRole: viewer"
check "the period" change "$CARL" "delete: provostPeriod"
wait_for "is there again" holds_is "$carl" ip-performance-reporting 200007
mended() { ! reported emperor && ! reported tomorrow; }
wait_for "no longer reported" mended
stop
same "the daemon ended well" 0 $EXIT
finish
