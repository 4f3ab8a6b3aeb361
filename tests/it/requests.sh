#!/bin/sh
# SPDX-License-Identifier: ISC
# Access requests from end to end, over SCIM and with ldapmodify (V23-V28): what
# is refused before anything is written, each kind, calls and letters, codes
# that are wrong, decisions, and the export.
. "$(dirname "$0")/daemon.sh"

REQUEST=urn:ietf:params:scim:schemas:provost:2.0:AccessRequest
NINA=$(person_dn p0024) OSCAR=$(person_dn p0010) PAT=$(person_dn p0001)
mkdir "$IT/calls" "$IT/letters"
tool_start
python3 "$TOP/tests/it/receiver.py" "$IT/calls" $SECRET &
ALSO=$!
until_true 10 test -s "$IT/calls/port" ||
	{ echo "FAILED: nobody calls"; exit 1; }
conf 'requests: { phone_target = "calls"; post_target = "letters"; };'
CALLS="calls: { kind = \"webhook\"; insecure = true; timeout = \"2s\"; \
url = \"http://127.0.0.1:$(cat "$IT/calls/port")/jobs\"; \
token_file = \"$IT/secret\"; };"
LETTERS="letters: { kind = \"spool\"; dir = \"$IT/letters\"; };"
sed -i "s|^targets: {|& $CALLS $LETTERS|" "$IT/provostd.conf"

# joiner ID LINE...: somebody new, by LDIF.
joiner() {
	id=$1; shift
	printf '%s\n' "dn: $(person_dn "$id")" "objectClass: inetOrgPerson" \
	    "objectClass: provostUser" "provostPersonId: $id" "uid: $id" \
	    "sn: $id" "cn: $id" "displayName: Mx $id" \
	    "provostEnterprise: acme" "provostState: active" "$@" |
	    manager ldapadd
}
# account NUMBER COMPANY LINE...
account() {
	id=$1 company=$2; shift 2
	printf '%s\n' "dn: provostAccountNumber=$id,ou=accounts,$SUFFIX" \
	    "objectClass: provostBillingAccount" "provostAccountNumber: $id" \
	    "provostCompany: $company" "provostEnterprise: acme" "$@" |
	    manager ldapadd
}
# asks STATUS TEXT REQUESTER KIND [MEMBERS]: a POST; R is its URL, ID its name,
# DN_R its DN.
asks() {
	ask "$1" "$2" POST /scim/v2/AccessRequests "{\"schemas\":[\"$REQUEST\"],
	    \"requester\":\"$3\",\"kind\":\"$4\"${5:+,$5}}"
	[ "$1" != 201 ] || mine
}
sign_in() {	# sign_in USER: the session is $TOKEN
	as "" 200 "$1 signs in" POST /v1/session \
	    "{\"userName\":\"$1\",\"password\":\"sample-$1\"}"
	TOKEN=$(body .token)
}
op() {		# op MEMBERS: a PATCH
	echo "{\"Operations\":[{\"op\":\"add\",\"value\":{$1}}]}"
}
# mine: R, ID and DN_R from the body.
mine() {
	R=/scim/v2/AccessRequests/$(body .id) ID=$(body .requestId)
	DN_R=provostRequestId=$ID,ou=requests,$SUFFIX
}
# says TEXT PATTERN: the error.
says() {
	check "$1" grep -q "$2" "$IT/body"
}
# patch STATUS TEXT MEMBERS: of the request.
patch() {
	ask "$1" "$2" PATCH "$R" "{\"Operations\":[{\"op\":\"add\",
	    \"value\":{$3}}]}"
}
# decide STATUS TEXT PERSON DECISION [MEMBERS]
decide() {
	patch "$1" "$2" "\"decision\":\"$4\",\"decidedBy\":\"$3\"${5:+,$5}"
}
request_is() {
	attr_is "$DN_R" provostRequestState "$1"
}
requests() {
	http GET "/scim/v2/AccessRequests?count=0"
	body .totalResults
}
# called ACCOUNT FIELD; calls: how many of this request.
called() {
	jq -r "select(.request == \"$ID\" and .account == \"$1\") | .$2" \
	    "$IT/calls/events.jsonl" 2>/dev/null | tail -n 1
}
was_called() {
	[ -n "$(called "$1" code)" ]
}
calls() {
	jq -r "select(.request == \"$ID\") | .key" "$IT/calls/events.jsonl" |
	    wc -l
}
letter() {	# the file of this request
	grep -l ">$ID<" "$IT/letters"/*.xml 2>/dev/null | head -n 1
}
letter_is_there() {
	[ -n "$(letter)" ]
}
wrong_is() {	# wrong_is DN COUNT
	[ "$(attr "$1" provostWrongCodes | cut -d ' ' -f 1)" = "$2" ]
}
has() {		# has DN ATTRIBUTE VALUE
	attr "$1" "$2" | grep -qxF "$3"
}
codes_gone() {
	[ -z "$(attr "$DN_R" provostInvitationCode)" ]
}

start
settle
nina=$(uuid_of "$NINA") oscar=$(uuid_of "$OSCAR") pat=$(uuid_of "$PAT")
rita=$(uuid_of "$(person_dn p0003)") ada=$(uuid_of "$(person_dn p0006)")
check "a company without a primary contact" manager ldapadd <<END
dn: provostCompanyId=lone,ou=companies,$SUFFIX
objectClass: provostCompanyEntry
provostCompanyId: lone
cn: Lone & Sons
provostEnterprise: acme
END
check "its accounts" account 900001 lone "c: US" \
    "telephoneNumber: +1 202 555 0900" 'postalAddress: Lone & Sons$1 Main St'
check "one abroad" account 900002 lone "c: AT" "provostBilling: paper" \
    "telephoneNumber: +43 1 5550900"
check "lou" joiner lou "provostRole: viewer" "provostCompany: lone"
check "max" joiner max "provostRole: viewer" "provostCompany: lone"
check "sue of the provider" joiner sue "provostRole: viewer" \
    "provostAdminScope: provider"
check "someone who left" joiner gone "provostRole: viewer"
LOU=$(person_dn lou) MAX=$(person_dn max)
lou=$(uuid_of "$LOU") max=$(uuid_of "$MAX")
sue=$(uuid_of "$(person_dn sue)") gone=$(uuid_of "$(person_dn gone)")
check "..." change "$(person_dn gone)" "replace: provostState" \
    "provostState: left"
lou_is_there() {
	http GET "/scim/v2/Users/$gone"
	[ "$(body .active)" = false ]
}
wait_for "all of it is there" lou_is_there

echo "# refused before anything is written (V23, V24, V27)"
before=$(requests)
asks 400 "nothing at all" "$lou" accounts
asks 400 "a role and a tool" "$lou" role '"role":"manager","tool":"voip-iac"'
says "... says which does not belong" "tool: a request of kind role"
asks 400 "a tool without a name" "$lou" tool
asks 400 "no such tool" "$lou" tool '"tool":"nonesuch"'
asks 400 "no such account" "$lou" accounts '"accounts":["999999"]'
asks 400 "no such role" "$lou" role '"role":"king"'
asks 400 "no such company" "$lou" company '"companies":["nowhere"]'
asks 400 "codes for a tool" "$lou" tool \
    '"tool":"voip-iac","invitationCodes":["A"]'
asks 400 "no billing chosen" "$lou" accounts '"accounts":["900001"]'
says "... says for which" "billing for account 900001 (V24)"
asks 400 "an item that is not asked for" "$lou" role \
    '"role":"manager","items":[{"value":"x","billing":"paper"}]'
asks 400 "decided when it is made" "$lou" role \
    '"role":"manager","items":[{"value":"manager","decision":"approved"}]'
asks 409 "for somebody who left" "$pat" role \
    "\"role\":\"manager\",\"beneficiary\":\"$gone\""
asks 409 "what is held already" "$nina" accounts '"accounts":["100001"]'
PAPER='"items":[{"value":"900001","billing":"paper"}]'
asks 400 "a primary contact where there is none" "$lou" accounts \
    "\"accounts\":[\"900001\"],\"delivery\":\"primaryContact\",$PAPER"
says "... says what to choose" "choose phone or post (V23)"
asks 400 "a call to another number" "$lou" accounts "\"accounts\":[\"900001\"],
    \"delivery\":\"phone\",\"phone\":\"+1 202 555 0901\",$PAPER"
asks 400 "a call abroad" "$lou" accounts '"accounts":["900002"],
    "delivery":"phone","phone":"+43 1 5550900"'
asks 400 "a letter to nowhere" "$lou" accounts '"accounts":["900002"],
    "delivery":"post"'
asks 400 "a code for somebody else" "$pat" accounts \
    "\"beneficiary\":\"$lou\",\"invitationCodes\":[\"A\"]"
asks 400 "a letter for a role" "$lou" role \
    '"role":"manager","delivery":"post"'
same "nothing was written" "$before" "$(requests)"

echo "# each kind (V27)"
kind() {	# kind KIND MEMBERS ATTRIBUTE VALUE: pat approves it for oscar
	asks 201 "$1" "$oscar" "$1" "$2"
	decide 200 "... approved" "$pat" approved
	wait_for "... applied" request_is applied
	check "... held" has "$OSCAR" "$3" "$4"
}
kind accounts '"accounts":["100004"],"delivery":"primaryContact"' \
    provostAccount 100004
kind tool '"tool":"voip-iac","accounts":["100004"]' provostToolAccount \
    "voip-iac 100004"
kind role '"role":"viewer"' provostRole viewer
kind groupIdentifier '"groupIdentifiers":["telecom-headquarters"]' \
    provostGroupIdentifierId telecom-headquarters
asks 201 "company" "$oscar" company '"companies":["acme-retail"]'
decide 403 "... is not pat's" "$pat" approved
decide 200 "... a primary contact of both" "$(uuid_of "$(person_dn p0005)")" \
    approved
wait_for "... applied" request_is applied
asks 201 "portal" "$lou" portal
decide 200 "... by the provider" "$sue" approved
wait_for "... applied" request_is applied
check "... held" has "$LOU" provostPortalAccess active

echo "# the same twice"
asks 201 "a role" "$max" role '"role":"manager"'
asks 409 "again" "$max" role '"role":"manager"'
says "... names the open one" "request $ID, which is pending"
same "... and where" "$URL$R" \
    "$(tr -d '\r' <"$IT/headers" | sed -n 's/^Location: //p')"
bearer="Authorization: Bearer $(cat "$IT/main/admin.token")"
TWINS="{\"schemas\":[\"$REQUEST\"],\"requester\":\"$max\",\"kind\":\"tool\",
    \"tool\":\"network-manager\"}"
same "20 at once: one is made" "1 19" "$(seq 20 | xargs -P 20 -I{} curl -sS \
    -o /dev/null -w '%{http_code}\n' -H "$bearer" \
    -H 'Content-Type: application/json' -d "$(echo "$TWINS" | tr -d '\n')" \
    "$URL/scim/v2/AccessRequests" | sort | uniq -c | sort -n |
    awk '{ printf "%s%s", n++ ? " " : "", $1 }')"

echo "# a call (V23)"
CALL='"delivery":"phone","phone":"(202) 555-0900"'
asks 201 "by phone" "$lou" accounts "\"accounts\":[\"900001\"],$CALL,$PAPER"
same "awaits its code from the start" awaitingCode "$(body .state)"
wait_for "somebody calls" was_called 900001
same "the account's number" "delivery.phone +1 202 555 0900 Mx lou" \
    "$(called 900001 type) $(called 900001 phone) $(called 900001 name)"
asks 409 "another way for the same" "$lou" accounts \
    "\"accounts\":[\"900001\"],\"delivery\":\"post\",$PAPER"
decide 409 "nobody approves it" "$sue" approved
says "... says why" "awaits its code"
patch 409 "nor is its delivery changed" '"delivery":"post"'
patch 200 "a wrong code" '"invitationCodes":["AAAA-2222"]'
wait_for "... counts for lou (V28)" wrong_is "$LOU" 1
wait_for "... and the account" wrong_is \
    "provostAccountNumber=900001,ou=accounts,$SUFFIX" 1
wait_for "... is taken off" codes_gone
check "... and it waits" request_is awaitingCode
code=$(called 900001 code)
same "the code is nowhere in the directory" "" \
    "$(manager ldapsearch -LLL -b "$SUFFIX" | grep -F "$code")"
same "nor in the log" "" "$(grep -F "$code" "$IT/log" "$IT/main/journal.jsonl")"
patch 200 "the right one" "\"invitationCodes\":[\"$code\"]"
wait_for "is enough" request_is applied
check "the account" has "$LOU" provostAccount 900001
same "billing is written (V24)" paper \
    "$(attr "provostAccountNumber=900001,ou=accounts,$SUFFIX" provostBilling)"
same "one call" 1 "$(calls)"
patch 409 "and nothing more is entered" '"invitationCodes":["AAAA-2222"]'
says "... says that it is over" "is over: applied"

echo "# letters, and codes with commas (V23)"
asks 201 "by post" "$nina" accounts '"accounts":["100004","100005"],
    "delivery":"post"'
wait_for "a letter" letter_is_there
file=$(letter)
same "is private" 600 "$(stat -c %a "$file")"
two_letters() {
	[ "$(grep -l ">$ID<" "$IT/letters"/*.xml | wc -l)" = 2 ]
}
wait_for "one an account" two_letters
same "to the invoice's address" "$(attr \
    "provostAccountNumber=100004,ou=accounts,$SUFFIX" postalAddress)" \
    "$(tr '\n' '$' <"$(grep -l '>100004<' "$IT/letters"/*.xml)" |
    sed -n 's|.*<address>\(.*\)</address>.*|\1|p')"
codes=$(sed -n 's|.*<code>\(.*\)</code>.*|\1|p' \
    $(grep -l ">$ID<" "$IT/letters"/*.xml) | paste -sd ,)
patch 200 "both codes in one value" "\"invitationCodes\":[\"$codes\"]"
wait_for "both accounts" request_is applied
check "..." has "$NINA" provostAccount 100005
for number in 100006 100007; do
	check "a code is printed" change \
	    "provostAccountNumber=$number,ou=accounts,$SUFFIX" \
	    "replace: provostInvitationCode" "provostInvitationCode: $(printf \
	    "CODE$number" | openssl dgst -sha256 -hmac \
	    "$(cat "$IT/main/code.key")" | sed 's/.* //')"
done
settle
asks 201 "printed codes with a comma" "$max" accounts \
    '"invitationCodes":["code-100006, code-100007"],
    "items":[{"value":"100006","billing":"paperless"}]'
wait_for "need nobody" request_is applied
same "both" "100006 100007" "$(attr "$MAX" provostAccount | xargs)"

echo "# those who call die, and come back"
touch "$IT/calls/refuse"
check "unlocked" change "$LOU" "delete: provostWrongCodes"
account 900003 lone "c: US" "telephoneNumber: 202 555 0900" \
    "provostBilling: paper" >/dev/null
account_seen() {
	http GET '/scim/v2/Accounts?filter=accountNumber+eq+%22900003%22'
	[ "$(body .totalResults)" = 1 ]
}
wait_for "an account" account_seen
asks 201 "while nobody answers" "$lou" accounts \
    "\"accounts\":[\"900003\"],$CALL"
owed() {
	[ "$(provost --json plan | jq '.mails')" = 1 ]
}
check "it is owed" owed
stop
PROVOST_FAILPOINT=after-answer:1
export PROVOST_FAILPOINT
rm "$IT/calls/refuse"
launch
unset PROVOST_FAILPOINT
wait_for "it dies after the call" dead
wait "$PID" 2>/dev/null
start
settle
same "it is repeated with the same key" 1 "$(jq -r "select(.request ==
    \"$ID\") | .key" "$IT/calls/events.jsonl" | sort -u | wc -l)"
n=$(calls)
stop
start
settle
same "and then no more" "$n" "$(calls)"
patch 200 "its code is the same" "\"invitationCodes\":\"$(called 900003 code)\""
wait_for "and good" request_is applied

echo "# wrong codes: slowed down after 5, locked after 10 (V28)"
asks 201 "five" "$max" accounts '"invitationCodes":"1,2,3,4,5"'
wait_for "are wrong" request_is failed
wait_for "and counted" wrong_is "$MAX" 5
asks 201 "a sixth" "$max" accounts '"invitationCodes":["CODE-100006"]'
slowed() {
	attr "$DN_R" provostStatusText | grep -q 'is looked at from .*V28'
}
wait_for "is looked at later" slowed
check "it waits" request_is pending
patch 200 "it is withdrawn" "\"decision\":\"withdrawn\",\"decidedBy\":\"$max\""
wait_for "..." request_is withdrawn
check "forgotten for the test" change "$MAX" "replace: provostWrongCodes" \
    "provostWrongCodes: 9 20200101000000Z"
asks 201 "ten" "$max" accounts '"invitationCodes":["1,2,3,4,5","6,7,8,9,10"]'
wait_for "are wrong" wrong_is "$MAX" 10
asks 201 "the right one then" "$max" accounts \
    '"invitationCodes":["CODE-100007"]'
wait_for "is not looked at" request_is failed
check "and it says for how long" sh -c 'echo "$0" | grep -q "too many wrong"' \
    "$(attr "$DN_R" provostStatusText)"

echo "# decisions (V26)"
MIXED='"accounts":["100008","100009"],"delivery":"primaryContact"'
asks 201 "two accounts" "$nina" accounts "$MIXED"
decide 403 "not the requester" "$nina" approved
decide 403 "not somebody of another company" "$rita" approved
decide 400 "no item that was not asked for" "$pat" approved \
    '"items":[{"value":"100010","decision":"denied"}]'
decide 400 "not denied with an item approved" "$pat" denied \
    '"items":[{"value":"100008","decision":"approved"}]'
patch 400 "not half of the items" "\"decidedBy\":\"$pat\",\"items\":[
    {\"value\":\"100008\",\"decision\":\"approved\"}]"
says "... says what is missing" "each of them"
patch 200 "each item with a reason" "\"decidedBy\":\"$pat\",\"items\":[
    {\"value\":\"100008\",\"decision\":\"approved\",\"reason\":\"yours\"},
    {\"value\":\"100009\",\"decision\":\"denied\",\"reason\":\"=not yours\"}]"
same "comes to approved" approved "$(body .decision)"
wait_for "..." request_is applied
check "the one" has "$NINA" provostAccount 100008
same "not the other" "" "$(attr "$NINA" provostAccount | grep 100009)"
MIXED_ID=$ID
decide 409 "a second decision" "$ada" denied
says "... says who decided what, when" \
    "approved by Pat Contact (pat.contact), 20[0-9-]*T.*(V26)"
asks 201 "another" "$nina" accounts '"accounts":["100009","100010"]'
patch 200 "all denied" "\"decidedBy\":\"$pat\",\"items\":[
    {\"value\":\"100009\",\"decision\":\"denied\"},
    {\"value\":\"100010\",\"decision\":\"denied\"}]"
wait_for "is denied" request_is denied
asks 201 "and another" "$nina" accounts '"accounts":["100009","100010"]'
same "20 decide at once: one does" "1 200
19 409" "$(seq 20 | xargs -P 20 -I{} curl -sS -o /dev/null \
    -w '%{http_code}\n' -X PATCH -H "$bearer" \
    -H 'Content-Type: application/json' -d "$(printf '%s' '{"Operations":[{
    "op":"add","value":{"decision":"approved","decidedBy":"'"$pat"'",
    "reason":"number {}"}}]}' | tr -d '\n')" "$URL$R" |
    sort | uniq -c | sed 's/^ *//')"
wait_for "it is carried out" request_is applied
patch 200 "the same again is no second one" "\"decision\":\"approved\",
    \"decidedBy\":\"$pat\""
patch 409 "another reason is" '"reason":"on second thoughts"'
asks 201 "one to withdraw" "$nina" accounts '"accounts":["100011"]'
patch 400 "a withdrawal has no reason" "\"decision\":\"withdrawn\",
    \"decidedBy\":\"$nina\",\"reason\":\"x\""
decide 403 "only its requester does" "$pat" withdrawn
decide 200 "nina" "$nina" withdrawn
wait_for "withdrawn" request_is withdrawn
decide 409 "not decided any more (M7)" "$pat" approved
asks 201 "what cannot be granted" "$nina" accounts '"accounts":["200001"]'
decide 409 "is not approved: the company comes first (V18)" \
    "$(uuid_of "$(person_dn p0005)")" approved
says "... which one" "acme-retail"
decide 200 "it is denied" "$(uuid_of "$(person_dn p0005)")" denied

echo "# the provider decides (V25, V6)"
asks 201 "where nobody else can" "$max" accounts '"accounts":["900002"]'
decide 403 "not pat" "$pat" approved
decide 200 "sue" "$sue" approved
wait_for "applied" request_is applied
asks 201 "a restricted tool" "$nina" tool '"tool":"ddos-shield"'
decide 403 "not pat" "$pat" approved
decide 200 "sue" "$sue" approved
wait_for "applied" request_is applied

echo "# with ldapmodify"
# made REQUESTER-ID LINE...: the request called $ID; next ID: another one.
next() {
	ID=$1 DN_R=provostRequestId=$1,ou=requests,$SUFFIX
}
made() {
	who=$1; shift
	printf '%s\n' "dn: $DN_R" "objectClass: provostAccessRequest" \
	    "provostRequestId: $ID" "provostRequester: $(person_dn "$who")" \
	    "$@" | manager ldapadd
}
found() {
	http GET "/scim/v2/AccessRequests?filter=requestId+eq+%22$ID%22"
	[ "$(body .totalResults)" = 1 ] &&
	    R=/scim/v2/AccessRequests/$(body '.Resources[0].id')
}
next l1
check "an account" made p0024 "provostRequestKind: accounts" \
    "provostAccount: 100012"
check "approved by pat" approve l1 p0001 pat.contact
wait_for "applied" state_is l1 applied
refused 20 "decided twice" approve l1 p0001 pat.contact
next l2
check "nina's again" made p0024 "provostRequestKind: accounts" \
    "provostAccount: 100013" "provostItemBilling: 100013 paperless"
refused 50 "not by nina" approve l2 p0024 nina.brandt
check "she withdraws" person nina.brandt p0024 ldapmodify <<END
dn: $DN_R
changetype: modify
add: provostDecision
provostDecision: withdrawn
-
add: provostDecidedBy
provostDecidedBy: $NINA
END
wait_for "withdrawn" state_is l2 withdrawn
next l3
check "a call" made lou "provostRequestKind: accounts" \
    "provostAccount: 900003" "provostDelivery: phone" \
    "telephoneNumber: 2025550900"
wait_for "is awaited" state_is l3 awaitingCode
wait_for "and made" was_called 900003
check "its code, hashed" change "$DN_R" "add: provostInvitationCode" \
    "provostInvitationCode: $(called 900003 code | tr -d '\n-' | openssl dgst \
    -sha256 -hmac "$(cat "$IT/main/code.key")" | sed 's/.* //')"
wait_for "is good" state_is l3 applied
next l4
check "too late" made p0024 "provostRequestKind: accounts" \
    "provostAccount: 100014" "provostExpiresAt: 20200101000000Z"
wait_for "expired" state_is l4 expired
wait_for "over HTTP" found
check "nobody says for whom" test -z "$(attr "$DN_R" provostBeneficiary)"
decide 409 "not decided any more (M7)" "$pat" approved
next l5
check "by pigeon" made lou "provostRequestKind: accounts" \
    "provostAccount: 900001" "provostDelivery: phone" "telephoneNumber: 1"
wait_for "fails" state_is l5 failed

echo "# the export (V25)"
export_is() {	# export_is TEXT QUERY WANT: names, sorted
	http GET "/v1/exports/access-requests.csv?$2"
	same "$1" "200 $3" "$STATUS $(python3 -c 'import csv, sys
print(*sorted({r["request"] for r in csv.DictReader(open(sys.argv[1],
    newline=""))}))' "$IT/body")"
}
export_is "by state" "state=expired" l4
export_is "by requester and state" "requester=lou&state=failed,expired" l5
export_is "by kind, company" "kind=tool&company=acme-retail" "sample-2 sample-4"
export_is "by time" "until=2020-01-01" ""
export_is "by time" "from=2999-01-01T00:00:00Z" ""
same "as a file" 'attachment; filename="access-requests.csv"' \
    "$(tr -d '\r' <"$IT/headers" | sed -n 's/^Content-Disposition: //p')"
http GET "/v1/exports/access-requests.csv"
same "an item a row, no formula" "100008 approved yours
100009 denied '=not yours" "$(python3 -c 'import csv, sys
for r in csv.DictReader(open(sys.argv[1], newline="")):
    if r["request"] == sys.argv[2]:
        print(r["item"].split(":")[1], r["decision"], r["reason"])' \
    "$IT/body" "$MIXED_ID")"
ask 200 "JSON lines" GET "/v1/exports/access-requests.csv?format=jsonl"
same "... change nothing" "=not yours pat.contact" "$(jq -r \
    "select(.request == \"$MIXED_ID\") |
    \"\(.items[1].reason) \(.decidedBy.userName)\"" "$IT/body")"
http GET "/scim/v2/AccessRequests?count=0"
n=$(body .totalResults)
http GET "/v1/exports/access-requests.csv?format=jsonl"
same "... all of them" "$n" "$(wc -l <"$IT/body")"
ask 400 "no such state" GET "/v1/exports/access-requests.csv?state=x"
ask 400 "no such day" GET "/v1/exports/access-requests.csv?from=yesterday"
ask 404 "no such person" GET "/v1/exports/access-requests.csv?requester=nobody"
ask 201 "a client that reads people" POST /scim/v2/Clients \
    '{"name":"reader","scopes":["read:Users"]}'
same "sees none" 403 "$(curl -sS -o /dev/null -w '%{http_code}' \
    -H "Authorization: Bearer $(body .token)" \
    "$URL/v1/exports/access-requests.csv")"

echo "# people (V5, V25, V26)"
vera=$(uuid_of "$(person_dn p0016)") VERA=$(person_dn p0016)
sign_in vera.haas; V=$TOKEN
sign_in pat.contact; P=$TOKEN
sign_in rita.mendez; RITA=$TOKEN
POST=/scim/v2/AccessRequests
as $V 201 "vera asks" POST $POST '{"kind":"tool","tool":"wan-analysis"}'
mine
same "for herself" "$vera $vera" "$(body '"\(.requester) \(.beneficiary)"')"
as $V 409 "twice" POST $POST '{"kind":"tool","tool":"wan-analysis"}'
as $V 403 "not in another's name" POST $POST \
    "{\"kind\":\"role\",\"role\":\"manager\",\"requester\":\"$nina\"}"
as $V 403 "nor for another" POST $POST \
    "{\"kind\":\"role\",\"role\":\"manager\",\"beneficiary\":\"$nina\"}"
as $P 201 "pat does for a user of hers" POST $POST \
    "{\"kind\":\"role\",\"role\":\"manager\",\"beneficiary\":\"$vera\"}"
as $P 403 "... and does not decide it (M6)" PATCH \
    "$POST/$(body .id)" "$(op '"decision":"approved"')"
as $V 403 "nor vera hers" PATCH "$R" "$(op '"decision":"approved"')"
as $RITA 404 "who is of another company sees nothing" PATCH "$R" \
    "$(op '"decision":"denied"')"
as $P 403 "pat names nobody else" PATCH "$R" \
    "$(op "\"decision\":\"approved\",\"decidedBy\":\"$ada\"")"
as $P 200 "pat decides, item by item" PATCH "$R" "$(op '"items":[
    {"value":"wan-analysis","decision":"approved","reason":"needed"}]')"
same "in her own name" "approved $pat" \
    "$(body '"\(.decision) \(.decidedBy)"')"
wait_for "applied" request_is applied
same "the directory knows whose name" "$PAT" "$(attr "$DN_R" provostDecidedBy)"
as $V 201 "vera asks to be called" POST $POST '{"kind":"accounts",
    "accounts":["100002"],"delivery":"phone","phone":"202 555 1001"}'
mine
same "and waits for the code" awaitingCode "$(body .state)"
wait_for "the call" was_called 100002
as $P 403 "pat enters no code of hers" PATCH "$R" \
    "$(op "\"invitationCodes\":\"$(called 100002 code)\"")"
as $V 200 "vera does" PATCH "$R" \
    "$(op "\"invitationCodes\":\"$(called 100002 code)\"")"
wait_for "applied" request_is applied
as $V 201 "vera asks for more" POST $POST '{"kind":"portal"}'
mine
as $P 403 "pat withdraws nothing of hers" PATCH "$R" \
    "$(op '"decision":"withdrawn"')"
as $V 200 "vera does" PATCH "$R" "$(op '"decision":"withdrawn"')"
wait_for "withdrawn" request_is withdrawn
EXPORT="/v1/exports/access-requests.csv?format=jsonl"
as $V 200 "vera exports" GET "$EXPORT"
same "what is hers" "vera.haas" \
    "$(jq -r .beneficiary.userName "$IT/body" | sort -u)"
as $V 200 "of others" GET "$EXPORT&requester=nina.brandt"
same "nothing" "" "$(cat "$IT/body")"
as $V 200 "nor whether they are there" GET "$EXPORT&requester=nobody"
as $RITA 200 "rita exports" GET "$EXPORT"
same "none of acme-telecom's" "0" "$(jq -r .beneficiary.userName "$IT/body" |
    grep -c -e nina -e vera)"
same "but her own company's" "1" "$(jq -r .request "$IT/body" |
    grep -c '^sample-2$')"
settle
stop
same "the daemon ended well" 0 $EXIT
finish
