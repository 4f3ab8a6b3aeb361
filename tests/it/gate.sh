#!/bin/sh
# SPDX-License-Identifier: ISC
# One decision for every way in: what clients may do over SCIM and Bulk, and,
# where people can sign in, what they may, in their own name in the directory.
. "$(dirname "$0")/daemon.sh"

USERS=/scim/v2/Users
# with TOKEN METHOD PATH [JSON]: like http, as somebody else.
with() {
	BEARER=$1; shift
	http "$@"
	unset BEARER
}
# client NAME SCOPE...: its token is $TOKEN.
client() {
	name=$1; shift
	http POST /scim/v2/Clients "{\"name\":\"$name\",\"owner\":\"$name\",
		\"scopes\":[$(printf '"%s",' "$@" | sed 's/,$//')]}"
	TOKEN=$(body .token)
}
op() {		# op OP PATH [VALUE]: a PATCH of one operation
	echo "{\"Operations\":[{\"op\":\"$1\",\"path\":\"$2\"${3:+,\"value\":$3}}]}"
}
says() {	# says TEXT PATTERN: the answer's detail
	case $(body '.detail // ""') in
	*"$2"*) echo "ok: $1" ;;
	*) echo "FAILED: $1: no \"$2\" in"; cat "$IT/body"; FAILED=1 ;;
	esac
}
id_of() {	# id_of USER
	http GET "$USERS?attributes=id&filter=userName+eq+%22$1%22"
	body '.Resources[0].id // "none"'
}
new_user() {	# new_user NAME EXTENSION: a body
	echo "{\"userName\":\"$1\",\"roles\":[{\"value\":\"viewer\"}],
		\"$EXTENSION\":{$2}}"
}
# dn_of USER
dn_of() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "$DN" "(uid=$1)" dn |
	    values dn
}

clients() {
	client hr read write
	HR=$TOKEN
	client carrier read write provider
	CARRIER=$TOKEN
	# V7: whole or not at all.
	as $HR 400 "V18 an account without its company" POST $USERS \
	    "$(new_user gate1 '"companies":["acme-telecom"],
		"accounts":["100001","200001"]')"
	says "... and which company that is" "authorise company acme-retail"
	as $HR 403 "V6 a restricted tool" POST $USERS \
	    "$(new_user gate1 '"tools":[{"value":"ddos-shield"}]')"
	says "... and whom to ask" "help desk (V6)"
	same "V7 nothing was made" none "$(id_of gate1)"
	as $HR 201 "V7 a user with all there is" POST $USERS \
	    "$(new_user gate1 '"companies":["acme-telecom","acme-retail"],
		"accounts":["100001","200001"],"cpniAuthorized":true,
		"allAccountsOf":["acme-retail"],
		"tools":[{"value":"wan-analysis","accounts":["100001"]}]')"
	ID=$(body .id) WHO=$(dn_of gate1)
	as $HR 403 "V3 a primary contact by a source" PATCH $USERS/$ID \
	    "$(op replace roles '[{"value":"primary-contact"}]')"
	says "... names the scope" "scope admin or provider (V3)"
	as $HR 400 "V15 an account held through its company" PATCH \
	    $USERS/$ID "$(op remove 'accounts[value eq \"200002\"]')"
	says "... names the company" "all accounts of company acme-retail"
	as $HR 200 "V15 one given by itself" PATCH $USERS/$ID \
	    "$(op remove 'accounts[value eq \"200001\"]')"
	as $HR 200 "V14 a company goes" PATCH $USERS/$ID \
	    "$(op remove 'companies[value eq \"acme-telecom\"]')"
	same "... with its accounts" "" "$(attr "$WHO" provostAccount)"
	same "... and tools" "" "$(attr "$WHO" provostToolGrant)"
	same "... the other stays" "acme-retail TRUE" \
	    "$(attr "$WHO" provostAllAccountsOf) $(attr "$WHO" \
	    provostCpniAuthorized)"
	same "... with who gave it alone" "all-accounts:acme-retail company:acme-retail cpni role:viewer" \
	    "$(attr "$WHO" provostProvenance | sed 's/ .*//' | sort | xargs)"
	same "... in one modify" "provostAccount provostCompany" "$(jq -r \
	    'select(.uuid == "'$ID'" and (.del.provostCompany != null)) |
	    .del | keys | map(select(. == "provostCompany" or
	    . == "provostAccount")) | join(" ")' "$IT/main/journal.jsonl")"
	as $HR 200 "... authorised again" PATCH $USERS/$ID \
	    "$(op add companies '["acme-telecom"]')"
	settle
	same "... it brings nothing back" "" "$(attr "$WHO" provostAccount)"
	# Bulk: each operation by itself.
	as $HR 200 "V18 in Bulk" POST /scim/v2/Bulk "{\"Operations\":[
		{\"method\":\"PATCH\",\"path\":\"/Users/$ID\",\"data\":
		$(op add accounts '["300001"]')},
		{\"method\":\"PATCH\",\"path\":\"/Users/$ID\",\"data\":
		$(op add accounts '["100002"]')}]}"
	same "... the one, not the other" "400 200" \
	    "$(body '[.Operations[].status] | join(" ")')"
	change "$WHO" 'add: provostToolGrant' 'provostToolGrant: ddos-shield' \
	    - 'add: provostPeriod' 'provostPeriod: tool:ddos-shield 2020010100'\
'0000Z 20210101000000Z'
	seen() {
		with $CARRIER GET $USERS/$ID
		body . | grep -q ddos-shield
	}
	wait_for "an ended tool" seen
	as $HR 403 "V6, T3 nor is an ended one begun again" PATCH \
	    $USERS/$ID "$(op replace tools '[{"value":"ddos-shield"}]')"
	as $CARRIER 403 "another source's user" PATCH $USERS/$ID \
	    "$(op add tools '[{"value":"ddos-shield"}]')"
	as $CARRIER 201 "V3, V6 provider staff" POST $USERS \
	    "{\"userName\":\"gate2\",\"roles\":[{\"value\":
		\"primary-contact\"}],\"$EXTENSION\":{\"companies\":
		[\"acme-retail\"],\"tools\":[{\"value\":\"ddos-shield\"}]}}"
	as $HR 403 "V16 the provider's kind of group" POST \
	    /scim/v2/GroupIdentifiers '{"groupIdentifierId":"g9","name":"g",
		"kind":"cgi","company":"acme-retail"}'
	same "every refusal is journalled" 5 "$(grep '"refused"' \
	    "$IT/main/journal.jsonl" | grep -c "POST\|PATCH")"
}

# --- people, with a session -------------------------------------------------
sign_in() {	# sign_in USER: the session is $TOKEN
	with "" POST /v1/session \
	    "{\"userName\":\"$1\",\"password\":\"sample-$1\"}"
	TOKEN=$(body '.token // ""')
}
found() {	# found TOKEN FILTER: totalResults
	with "$1" GET "$USERS?filter=$(printf %s "$2" | jq -sRr @uri)"
	body .totalResults
}
people() {
	sign_in pat.contact; PAT=$TOKEN
	sign_in ada.lindgren; ADA=$TOKEN
	sign_in vera.haas; VERA=$TOKEN
	PAT_DN=$(person_dn p0001)
	OSCAR=$(id_of oscar.dubois) BELLA=$(id_of bella.rossi)
	as $PAT 200 "V2 a user of their company" GET $USERS/$OSCAR
	as $PAT 404 "V2 of another" GET $USERS/$BELLA
	as $ADA 200 "V4 an administrator" GET $USERS/$OSCAR
	as $VERA 404 "V5 anyone else" GET $USERS/$OSCAR
	same "V5 nor by a filter" 0 \
	    "$(found $VERA 'userName eq "oscar.dubois"')"
	same "V2 nor that of another company" 0 \
	    "$(found $PAT 'companies eq "acme-retail" and id pr')"
	as $PAT 200 "V2 an account is given" PATCH $USERS/$OSCAR \
	    "$(op add accounts '["100007"]')"
	WHO=$(person_dn p0010)
	same "... in the name of who gave it" "$PAT_DN" \
	    "$(attr "$WHO" modifiersName)"
	same "... as its provenance says" "person:$(uuid_of "$PAT_DN")" \
	    "$(attr "$WHO" provostProvenance |
	    sed -n 's/^account:100007 \([^ ]*\) .*/\1/p')"
	as $ADA 403 "V4 not one that they don't hold" PATCH $USERS/$OSCAR \
	    "$(op add accounts '["100008"]')"
	as $ADA 200 "V4 one that they do" PATCH $USERS/$OSCAR \
	    "$(op add accounts '["100001"]')"
	as $PAT 403 "V6 a restricted tool" PATCH $USERS/$OSCAR \
	    "$(op add tools '[{"value":"ddos-shield"}]')"
	as $PAT 403 "V3 a primary contact" PATCH $USERS/$OSCAR \
	    "$(op replace roles '[{"value":"primary-contact"}]')"
	for word in provider Provider PROVIDER; do
		as $PAT 403 "A4 $word makes no provider staff" PATCH \
		    $USERS/$OSCAR "$(op add adminScopes "[\"$word\"]")"
	done
	for role in "primary-contact " " PRIMARY-contact" "ｐrimary-contact"; do
		as $PAT 403 "V3 nor in another spelling: $role" PATCH \
		    $USERS/$OSCAR "$(op replace roles \
		    "[{\"value\":\"$role\"}]")"
	done
	as $ADA 403 "V4 an administrator made by one: administrator_" PATCH \
	    $USERS/$OSCAR "$(op replace roles '[{"value":"administrator "}]')"
	as $PAT 403 "V4a a rule reaches beyond" POST /scim/v2/Rules \
	    '{"ruleId":"evil","department":"stores","role":"viewer",
		"companies":["acme-telecom"]}'
	as $ADA 403 "V4 no CPNI of their own" PATCH \
	    $USERS/$(id_of ada.lindgren) "$(op replace cpniAuthorized true)"
	as $VERA 400 "too many preferences" PATCH $USERS/$(id_of vera.haas) \
	    "$(op add preferences "[$(seq -s, 300 | sed 's/[0-9]*/"k &"/g')]")"
	as $VERA 403 "V5 no right of their own" PATCH \
	    $USERS/$(id_of vera.haas) "$(op add accounts '["100002"]')"
	as $VERA 200 "V5 preferences" PATCH $USERS/$(id_of vera.haas) \
	    "$(op add preferences '["colour red"]')"
	as $PAT 201 "V7 a new user" POST $USERS "$(new_user gate3 \
	    '"companies":["acme-telecom"],"accounts":["100009"],
	    "tools":[{"value":"wan-analysis","accounts":["100009"]}]')"
	ID=$(body .id) WHO=$(dn_of gate3)
	same "... made by them" "$PAT_DN" "$(attr "$WHO" creatorsName)"
	as $PAT 403 "V7 not with another's company" POST $USERS \
	    "$(new_user gate4 '"companies":["acme-telecom","acme-retail"]')"
	same "... nor a part of it" none "$(id_of gate4)"
	as $PAT 204 "V14 the company goes, and they out of sight" PATCH \
	    $USERS/$ID "$(op remove companies)"
	same "... with all of it" " " \
	    "$(attr "$WHO" provostAccount) $(attr "$WHO" provostToolGrant)"
	as $PAT 404 "... and out of reach" DELETE $USERS/$ID
	as $PAT 201 "V16 a service group" POST /scim/v2/GroupIdentifiers \
	    '{"groupIdentifierId":"gate","name":"Gate",
		"purpose":"businessSite"}'
	same "... of their only company" acme-telecom "$(body .company)"
	as $PAT 204 "V17 it goes again" DELETE \
	    /scim/v2/GroupIdentifiers/$(body .id)
	as $PAT 403 "clients are not for people" GET /scim/v2/Clients
	as $PAT 403 "what is about everybody" GET /v1/check
	REQUEST=$(with $PAT GET /scim/v2/AccessRequests; body \
	    '.Resources[] | select(.requestId == "sample-1") | .id')
	as $PAT 200 "V25 a request is decided" PATCH \
	    /scim/v2/AccessRequests/$REQUEST \
	    "$(op replace decision '"approved"')"
	same "... by who has signed in" "$PAT_DN" \
	    "$(attr provostRequestId=sample-1,ou=requests,$SUFFIX \
	    provostDecidedBy)"
	as $VERA 201 "V5 one's own request" POST /scim/v2/AccessRequests \
	    "{\"requester\":\"$(id_of vera.haas)\",\"kind\":\"tool\",
		\"tool\":\"wan-analysis\"}"
	as $VERA 200 "V26 withdrawn" PATCH \
	    /scim/v2/AccessRequests/$(body .id) \
	    "$(op replace decision '"withdrawn"')"
	as $PAT 204 "V10 a user is deleted" DELETE $USERS/$OSCAR
}

tool_start
start
settle
clients
people
finish
