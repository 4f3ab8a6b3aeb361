#!/bin/sh
# SPDX-License-Identifier: ISC
# What people may do to many things at once: a primary contact, an
# administrator, somebody who only views; in whose name it is written.
. "$(dirname "$0")/daemon.sh"

signin() {	# signin USER: a session
	curl -sS -m 30 -H 'Content-Type: application/json' -d \
	    "{\"userName\":\"$1\",\"password\":\"sample-$1\"}" \
	    "$URL/v1/session" | jq -r '.token // empty'
}
# row TEXT PATTERN: the first outcome: "outcome status detail"
row() {
	line=$(body '.outcomes[0] | "\(.outcome) \(.status) \(.detail // "")"')
	check "$1: $(echo "$line" | cut -c1-70)" \
	    sh -c 'echo "$1" | grep -q -- "$2"' - "$line" "$2"
}
csv() {		# csv COLUMN: its values, without the header
	tail -n +2 "$IT/body" | cut -d, -f"$1" | sort -u
}

start
PAT=$(signin pat.contact) ADA=$(signin ada.lindgren) VERA=$(signin vera.haas)
GI=/v1/groupIdentifiers/telecom-headquarters
account() {
	printf 'dn: provostAccountNumber=%s,ou=accounts,%s\nobjectClass: provostBillingAccount\nprovostAccountNumber: %s\n' \
	    "$1" "$SUFFIX" "$1" | manager ldapadd >/dev/null
}
account free-1
free_seen() {
	http GET '/scim/v2/Accounts?filter=accountNumber+eq+%22free-1%22'
	[ "$(body .totalResults)" = 1 ]
}
wait_for "an account of no enterprise" free_seen

echo "# V17: assigning"
as "$PAT" 200 "a primary contact" POST "$GI/users" '{"users":["oscar.dubois"]}'
row "... may (V2)" '^changed 200'
OSCAR=$(manager ldapsearch -LLL -b "$DN" '(uid=oscar.dubois)' dn |
    sed -n 's/^dn: //p')
same "... in their own name" "$(person_dn p0001)" "$(attr "$OSCAR" modifiersName)"
check "... which is noted" sh -c 'echo "$1" | grep -q \
    "^group:telecom-headquarters person:$2 "' - \
    "$(attr "$OSCAR" provostProvenance)" "$(uuid_of "$(person_dn p0001)")"
as "$PAT" 200 "somebody of another company" POST "$GI/users" \
    '{"users":["olga.petrova"]}'
row "... is nobody" '^refused 404'
as "$PAT" 404 "another company's group is none" POST \
    /v1/groupIdentifiers/retail-payments/users '{"users":["oscar.dubois"]}'
as "$ADA" 200 "an administrator without the group" POST "$GI/users" \
    '{"users":["sven.berg"]}'
row "... may not (V4)" '^refused 403.*(V4)'
as "$VERA" 404 "who only views" POST "$GI/users" '{"users":["sven.berg"]}'
as "$PAT" 200 "taken back" DELETE "$GI/users" '{"users":["oscar.dubois"]}'
row "... is" '^changed 200'

echo "# V16: services"
as "$ADA" 200 "of an account that they hold" POST "$GI/services" \
    '{"services":["S-100001-3"]}'
row "... go in" '^changed 200'
as "$ADA" 200 "of another one" POST "$GI/services" \
    '{"services":["S-100005-1"]}'
row "... do not (V4)" '^refused 403.*does not hold'
as "$PAT" 200 "a primary contact" POST "$GI/services" \
    '{"services":["S-100005-1"]}'
row "... may" '^changed 200'
as "$PAT" 200 "V16 another company's service" POST "$GI/services" \
    '{"services":["S-300001-1"]}'
theirs=$(body '.outcomes[0].detail' | sed 's/S-300001-1/X/')
as "$PAT" 200 "... and none" POST "$GI/services" '{"services":["S-none-1"]}'
same "... are told alike" "$theirs" \
    "$(body '.outcomes[0].detail' | sed 's/S-none-1/X/')"
as "$PAT" 404 "V16 nor into another company's group" POST \
    /v1/groupIdentifiers/retail-payments/services '{"services":["S-100001-1"]}'
theirs=$(body .detail | sed 's/retail-payments/X/')
as "$PAT" 404 "... which is told as one that is not there" POST \
    /v1/groupIdentifiers/none/services '{"services":["S-100001-1"]}'
same "... word by word" "$theirs" "$(body .detail | sed 's/none$/X/')"
as "$PAT" 404 "nor is the provider's of another" POST \
    /v1/groupIdentifiers/cgi-7001/services '{"services":["S-300001-1"]}'
as "$VERA" 404 "who only views" POST "$GI/services" \
    '{"services":["S-100001-4"]}'
as "$VERA" 404 "... does not see the group" GET \
    '/v1/inventory?group=telecom-headquarters'
as "$VERA" 200 "... but their own" GET /v1/inventory
as "$VERA" 404 "... and not others'" GET '/v1/inventory?user=oscar.dubois'

echo "# L1, L2, L4: accounts"
as "$VERA" 403 "who only views" POST /v1/enterprises/acme/accounts \
    '{"accounts":["free-1"],"company":"acme-telecom"}'
as "$PAT" 403 "another enterprise" POST /v1/enterprises/none/accounts \
    '{"accounts":["free-1"]}'
as "$PAT" 200 "their own" POST /v1/enterprises/acme/accounts \
    '{"accounts":["free-1"],"company":"acme-telecom"}'
row "... may" '^changed 200'
same "... in their own name" "$(person_dn p0001)" "$(attr \
    "provostAccountNumber=free-1,ou=accounts,$SUFFIX" modifiersName)"
as "$PAT" 403 "moving is the provider's" POST /v1/accounts/100002/move \
    '{"enterprise":"acme"}'

echo "# A5: in bulk"
bulk() {	# bulk TOKEN TEXT OPERATION RIGHTS USER
	as "$1" 200 "$2" POST /v1/users/bulk \
	    "{\"operation\":\"$3\",\"rights\":[$4],\"users\":[\"$5\"]}"
}
bulk "$PAT" "a restricted tool" assign '"tool:ddos-shield"' sven.berg
row "... V6" '^refused 403.*(V6)'
bulk "$PAT" "primary contact" assign '"role:primary-contact"' sven.berg
row "... V3" '^refused 403.*(V3)'

bulk "$ADA" "an administrator" assign \
    '"tool:wan-analysis","tool:wan-analysis/100001"' sven.berg
row "... what they hold" '^changed 200'
bulk "$ADA" "... and more" assign '"tool:wan-analysis/100004"' sven.berg
row "... does too, by the account" '^changed 200'
bulk "$ADA" "... and what they do not" assign '"account:100010"' sven.berg
row "... V4" '^refused 403.*(V4)'
bulk "$VERA" "who only views" suspend '' vera.haas
row "... V5" '^refused 403.*(V5)'

echo "# V21, E1: what is seen"
as "$VERA" 200 "their own tools" GET /v1/tools/recommended
same "... are theirs" vera.haas "$(body .userName)"
as "$VERA" 403 "whom to ask" GET '/v1/tools/recommended?user=pat.contact'
as "$VERA" 200 "their own rights" GET /v1/exports/rights.csv
same "... and nobody's" vera.haas "$(csv 2)"
as "$PAT" 200 "a primary contact's" GET /v1/exports/rights.csv
check "... people" sh -c 'echo "$1" | grep -q sven.berg &&
    ! echo "$1" | grep -q olga.petrova' - "$(csv 2)"
as "$PAT" 200 "of people who are others', too" GET \
    '/v1/exports/rights.csv?user=maya.okafor&format=json'
same "... what is shared" "acme-telecom" \
    "$(jq -r .company "$IT/body" | grep . | sort -u)"
finish
