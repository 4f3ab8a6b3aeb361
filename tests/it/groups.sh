#!/bin/sh
# SPDX-License-Identifier: ISC
# Groups and who is in them, over a real directory: every form in which clients
# say it, thousands at a time, the guard, whose group it is, what its rules
# give, death and stops in the middle, many at a time.
. "$(dirname "$0")/daemon.sh"

SCHEMA=urn:ietf:params:scim:schemas
GROUP=$SCHEMA:core:2.0:Group
N=5200

# --- people 1..N, by number -------------------------------------------------
people() {
	awk -v n=$N -v dn="$DN" 'BEGIN { for (i = 1; i <= n; i++)
		printf "dn: provostPersonId=m%d,%s\nobjectClass: inetOrgPerson\n" \
		"objectClass: provostUser\nprovostPersonId: m%d\nuid: m%d\n" \
		"cn: M %d\nsn: M\nprovostState: active\n\n", i, dn, i, i, i }'
}
ids() {		# entryUUIDs, the i-th line is m$i's
	manager ldapsearch -LLL -b "$DN" '(provostPersonId=m*)' \
	    provostPersonId entryUUID | awk '
	$1 == "provostPersonId:" { i = substr($2, 2) }
	$1 == "entryUUID:" { uuid = $2 }
	NF == 0 && i != "" { print i, uuid; i = "" }' | sort -n | cut -d' ' -f2
}
id() {
	sed -n "$1p" "$IT/ids"
}
# list I...: the elements of a value.
list() {
	for i; do
		printf '%s{"value":"%s"}' "$comma" "$(id "$i")"
		comma=,
	done
	comma=
}
comma=
# range FROM TO: the same of very many.
range() {
	sed -n "$1,$2p" "$IT/ids" |
	    awk '{ printf "%s{\"$ref\":null,\"value\":\"%s\"}", c, $1; c = "," }'
}
# in_group: who is in the group $G, by the directory: "1 2 3".
in_group() {
	manager ldapsearch -LLL -b "$DN" "(provostMemberOf=$KEY)" \
	    provostPersonId | values provostPersonId | sed 's/^m//' | sort -n |
	    paste -sd' ' -
}
# has TEXT WANTED: the directory and SCIM both say so.
has() {
	same "$1" "$2" "$(in_group)"
	http GET "/scim/v2/Groups/$G?attributes=members"
	same "... and SCIM says so" "$2" "$(body '.members[].value' | sort |
	    join - "$IT/sorted" | cut -d' ' -f2 | sort -n | paste -sd' ' -)"
}
count() {
	manager ldapsearch -LLL -b "$DN" "(provostMemberOf=$KEY)" 1.1 |
	    grep -c '^dn:'
}
# new NAME [MEMBERS]: a new group, in G and KEY.
new() {
	ask 201 "a group: $1" POST /scim/v2/Groups \
	    "{\"schemas\":[\"$GROUP\"],\"displayName\":\"$1\"${2:+,\"members\":[$2]}}"
	G=$(body .id)
	key
}
key() {
	KEY=$(manager ldapsearch -LLL -b "ou=groups,$SUFFIX" "(entryUUID=$G)" \
	    provostGroupId | values provostGroupId)
}
patch() {	# patch STATUS TEXT OPERATION,...
	printf '{"Operations":[%s]}' "$3" >"$IT/patch"
	ask "$1" "$2" PATCH "/scim/v2/Groups/$G" "@$IT/patch"
}

conf "guard: { $ANY_DAY };"
start
people | manager ldapadd >/dev/null 2>"$IT/ldapadd" ||
	{ echo "FAILED: $(cat "$IT/ldapadd")"; exit 1; }
ids >"$IT/ids"
same "people" $N "$(wc -l <"$IT/ids")"
awk '{ print $1, NR }' "$IT/ids" | sort >"$IT/sorted"
seen() {
	http GET "/scim/v2/Users?filter=userName+eq+%22m$N%22"
	[ "$(body .totalResults)" = 1 ]
}
wait_for "all are served" seen

echo "# POST and PUT"
new first "$(list 1 2 3)"
same "the answer has them" 3 "$(body '.members | length')"
same "... with names" "M 1" "$(body '.members[0].display')"
version=$(body .meta.version)
has "they are in it" "1 2 3"
http GET "/scim/v2/Users/$(id 1)"
same "a person's groups" "$G first $URL/scim/v2/Groups/$G" \
    "$(body '.groups[0] | "\(.value) \(.display) \(."$ref")"')"
ask 200 "PUT with others" PUT "/scim/v2/Groups/$G" \
    "{\"displayName\":\"second\",\"members\":[$(list 3 4)]}"
same "... is answered whole" "second 2" \
    "$(body '"\(.displayName) \(.members | length)"')"
check "... in another version" test "$(body .meta.version)" != "$version"
has "... drops the others" "3 4"
ask 200 "PUT without members" PUT "/scim/v2/Groups/$G" \
    '{"displayName":"second"}'
has "... empties it" ""
ask 400 "POST with somebody unknown" POST /scim/v2/Groups \
    '{"displayName":"half","members":[{"value":"00000000-0000-4000-8000-000000000000"}]}'
detail "no User with the id 00000000-0000"
http GET '/scim/v2/Groups?filter=displayName+eq+%22half%22'
same "... makes nothing" 0 "$(body .totalResults)"

echo "# PATCH: Entra ID"
patch 204 "add" '{"op":"Add","path":"members","value":[{"$ref":null,"value":"'"$(id 1)"'"},{"$ref":null,"value":"'"$(id 2)"'"}]}'
has "... they are in it" "1 2"
patch 204 "again, and one more" '{"op":"Add","path":"members","value":['"$(list 2 2 3)"']}'
has "... doubles are nothing" "1 2 3"
patch 204 "remove some" '{"op":"Remove","path":"members","value":['"$(list 1 9)"']}'
has "... only those" "2 3"
patch 204 "remove by filter" '{"op":"Remove","path":"members[value eq \"'"$(id 2)"'\"]"}'
has "... only that one" "3"
patch 204 "remove nobody" '{"op":"Remove","path":"members[value eq \"nobody\"]"},{"op":"Remove","path":"members","value":[{"value":"00000000-0000-4000-8000-000000000000"}]}'
has "... nothing" "3"

echo "# PATCH: Okta"
patch 204 "remove and add, renamed" '{"op":"remove","path":"members[value eq \"'"$(id 3)"'\"]"},{"op":"add","path":"members","value":['"$(list 4 5)"']},{"op":"replace","value":{"id":"'"$G"'","displayName":"renamed"}}'
has "... all of it" "4 5"
http GET "/scim/v2/Groups/$G?excludedAttributes=members"
same "... the name as well" renamed "$(body .displayName)"
same "... without members" null "$(body .members)"
check "... and without a version" sh -c '! grep -qi ^etag: "$1"' - "$IT/headers"
patch 204 "replace" '{"op":"replace","path":"members","value":['"$(list 5 6 7)"']}'
has "... drops stale ones" "5 6 7"
patch 204 "replace by nobody" '{"op":"replace","path":"members","value":[]}'
has "... empties" ""
patch 204 "name and members in one" '{"op":"add","value":{"displayName":"both","members":['"$(list 1 2)"']}}'
has "... the members" "1 2"
patch 204 "with the URN" '{"op":"add","value":{"'$GROUP':members":['"$(list 3)"']}},{"op":"add","path":"'$GROUP':members","value":['"$(list 4)"']},{"op":"add","value":{"'$GROUP'":{"members":['"$(list 5)"'],"displayName":"urn"}}}'
has "... three ways" "1 2 3 4 5"
patch 204 "another filter" '{"op":"remove","path":"members[display eq \"m 2\" or display ew \"4\"]"}'
has "... picks them" "1 3 5"
patch 204 "in order" '{"op":"add","path":"members","value":['"$(list 8)"']},{"op":"remove","path":"members"},{"op":"add","path":"members","value":['"$(list 6 7)"']},{"op":"remove","path":"members","value":['"$(list 7)"']}'
has "... the last word" "6"
patch 200 "a PATCH that asks for a body" '{"op":"replace","path":"displayName","value":"shown"}'
same "... of the name" "shown 1" "$(body '"\(.displayName) \(.members | length)"')"
ask 200 "... of members" PATCH "/scim/v2/Groups/$G?attributes=displayName,members" \
    '{"Operations":[{"op":"add","path":"members","value":['"$(list 7)"']}]}'
same "... has both" "shown 2" "$(body '"\(.displayName) \(.members | length)"')"
ask 200 "... without members" PATCH "/scim/v2/Groups/$G?excludedAttributes=members" \
    '{"Operations":[{"op":"remove","path":"members","value":['"$(list 7)"']}]}'
same "... has none" null "$(body .members)"

echo "# wrong ones"
NAME='{"op":"replace","path":"displayName","value":"half"}'
patch 400 "an id that nobody has" "$NAME"',{"op":"add","path":"members","value":['"$(list 1)"',{"value":"1"}]}'
detail 'no User with the id "1"'
patch 400 "another group" "$NAME"',{"op":"add","path":"members","value":[{"value":"'"$G"'"}]}'
detail "nested groups are not supported"
patch 400 "type Group" '{"op":"add","path":"members","value":[{"value":"'"$(id 1)"'","type":"Group"}]}'
detail "nested groups are not supported"
patch 400 "a member's sub-attribute" '{"op":"replace","path":"members[value eq \"'"$(id 6)"'\"].display","value":"x"}'
same "... is mutability" mutability "$(body .scimType)"
patch 400 "one of three is wrong" "$NAME"',{"op":"add","path":"members","value":['"$(list 2)"']},{"op":"add","path":"nonsense","value":1}'
has "nothing of all that was done" 6
http GET "/scim/v2/Groups/$G?attributes=displayName"
same "... nor the name" shown "$(body .displayName)"
ask 400 "a user's groups are read-only" PATCH "/scim/v2/Users/$(id 1)" \
    '{"Operations":[{"op":"add","path":"groups","value":[{"value":"'"$G"'"}]}]}'
ask 404 "no such group" PATCH /scim/v2/Groups/00000000-0000-4000-8000-000000000000 \
    '{"Operations":[{"op":"add","path":"members","value":['"$(list 1)"']}]}'

echo "# thousands"
new large
patch 204 "5,000 in one PATCH" '{"op":"Add","path":"members","value":['"$(range 1 5000)"']}'
same "... all of them" 5000 "$(count)"
ask 200 "read" GET "/scim/v2/Groups/$G"
same "... all of them, once each" 5000 \
    "$(body '.members[].value' | sort -u | join - "$IT/sorted" | wc -l)"
check "... as a stream" grep -qi '^transfer-encoding: chunked' "$IT/headers"
etag=$(sed -n 's/^ETag: //Ip' "$IT/headers" | tr -d '\r')
same "... with its version" "$etag" "$(body .meta.version)"
same "not modified" 304 "$(curl -sS -o /dev/null -w '%{http_code}' \
    -H "If-None-Match: $etag" \
    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
    "$URL/scim/v2/Groups/$G")"
ask 200 "a list with it" GET /scim/v2/Groups
same "... all of them too" 5000 \
    "$(body ".Resources[] | select(.id == \"$G\").members | length")"
before=$(writes)
patch 204 "the same again" '{"op":"replace","path":"members","value":['"$(range 1 5000)"']}'
same "... writes nothing" "$before" "$(writes)"
before=$(writes)
patch 204 "one more" '{"op":"add","path":"members","value":['"$(list 5001)"']}'
same "... is one write" $((before + 1)) "$(writes)"
ask 200 "whose groups, by member" GET \
    "/scim/v2/Groups?excludedAttributes=members&filter=members.value+eq+%22$(id 5001)%22"
same "... this one" "1 large" \
    "$(body '"\(.totalResults) \(.Resources[0].displayName)"')"
ask 200 "... in brackets, and in which" GET \
    "/scim/v2/Groups?excludedAttributes=members&filter=id+eq+%22$G%22+and+members%5Bvalue+eq+%22$(id 2)%22%5D"
same "... this one" 1 "$(body .totalResults)"
new singly
patch 204 "1,500 operations with a member each" "$(sed -n 1,1500p "$IT/ids" | awk '
	{ printf "%s{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"%s\"}]}", c, $1; c = "," }')"
same "... all of them" 1500 "$(count)"

echo "# the guard: 50, or 5 % of all people; fewer than 10 always pass"
patch 204 "50" '{"op":"remove","path":"members","value":['"$(range 1 50)"']}'
same "... pass" 1450 "$(count)"
patch 403 "51" "$NAME"',{"op":"remove","path":"members","value":['"$(range 51 101)"']}'
detail "at once: 51 of .* limit of 50.*provost release"
patch 403 "replace by nobody" '{"op":"replace","path":"members","value":[]}'
ask 403 "PUT without members" PUT "/scim/v2/Groups/$G" '{"displayName":"half"}'
ask 403 "DELETE" DELETE "/scim/v2/Groups/$G"
detail "1450 of"
same "nobody lost it" 1450 "$(count)"
http GET "/scim/v2/Groups/$G?attributes=displayName"
same "nor was it renamed" singly "$(body .displayName)"
check "the refusals are in the journal" \
    grep -q '"refused".*/scim/v2/Groups/'"$G" "$IT/main/journal.jsonl"
conf "guard: { count = 6000; share = \"100%\"; $ANY_DAY };"
kill -HUP "$PID"
wait_for "the guard is raised" grep -q 'reload: done' "$IT/log"
patch 204 "51 now" '{"op":"remove","path":"members","value":['"$(range 51 101)"']}'
same "... pass" 1399 "$(count)"
ask 204 "DELETE" DELETE "/scim/v2/Groups/$G"
same "... its memberships go first" 0 "$(count)"
same "... then the group" "" "$(uuid_of "provostGroupId=$KEY,ou=groups,$SUFFIX")"
ask 404 "... once" DELETE "/scim/v2/Groups/$G"

echo "# rules that name a group"
client() {	# client NAME OWNER
	http POST /scim/v2/Clients '{"name":"'"$1"'","owner":"'"$2"'",
		"scopes":["read","write:Users","write:Groups"]}'
	body .token
}
one=$(client one source-1) two=$(client two source-2)
own() {		# own TOKEN NAME: a group of that client's
	as "$1" 201 "a group of ${2%-*}'s" POST /scim/v2/Groups \
	    '{"displayName":"'"$2"'","externalId":"'"$2"'","members":['"$(list 1 2)"']}'
	G=$(body .id)
	key
}
ADD='{"Operations":[{"op":"add","path":"members","value":['"$(list 3)"']}]}'
TAKE='{"Operations":[{"op":"remove","path":"members","value":['"$(list 1)"']}]}'
own "$one" one-plain
has "the people in it may be anybody's" "1 2"
ask 201 "a rule for it" POST /scim/v2/Rules '{"ruleId":"plain","group":"'"$G"'",
	"tools":[{"value":"ip-performance-reporting"}]}'
as "$one" 204 "its owner adds" PATCH "/scim/v2/Groups/$G" "$ADD"
ask 409 "DELETE of a group that a rule names" DELETE "/scim/v2/Groups/$G"
has "... takes nothing away" "1 2 3"
own "$one" one-strong
ask 201 "a rule with a restricted tool" POST /scim/v2/Rules \
    '{"ruleId":"strong","group":"'"$G"'","tools":[{"value":"ddos-shield"}]}'
as "$one" 403 "its owner adds" PATCH "/scim/v2/Groups/$G" "$ADD"
detail "V4a"
check "... which is in the journal" grep -q \
    '"refused".*/scim/v2/Groups/'"$G"'.*V4a' "$IT/main/journal.jsonl"
as "$one" 403 "... by PUT" PUT "/scim/v2/Groups/$G" \
    '{"displayName":"one-strong","members":['"$(list 1 2 3)"']}'
as "$one" 204 "takes away" PATCH "/scim/v2/Groups/$G" "$TAKE"
has "... that only" 2
ask 204 "the scope admin adds" PATCH "/scim/v2/Groups/$G" "$ADD"
has "... it" "2 3"

echo "# whose it is"
own "$one" one-mine
theirs=/scim/v2/Groups/$G
as "$two" 403 "another source adds" PATCH "$theirs" "$ADD"
as "$two" 403 "takes away" PATCH "$theirs" "$TAKE"
as "$two" 403 "renames" PATCH "$theirs" '{"Operations":['"$NAME"']}'
as "$two" 403 "replaces" PUT "$theirs" '{"displayName":"half"}'
as "$two" 403 "deletes" DELETE "$theirs"
has "nothing was done" "1 2"
as "$two" 200 "it reads" GET "$theirs"
same "... without the externalId" null "$(body .externalId)"
as "$one" 200 "its owner renames" PATCH "$theirs" \
    '{"Operations":[{"op":"replace","path":"displayName","value":"mine"}]}'
as "$one" 201 "a user of one's" POST /scim/v2/Users \
    '{"userName":"of.one","externalId":"1"}'
user=/scim/v2/Users/$(body .id)
TITLE='{"Operations":[{"op":"add","path":"title","value":"x"}]}'
as "$two" 403 "another source changes the user" PATCH "$user" "$TITLE"
as "$two" 403 "replaces" PUT "$user" '{"userName":"of.one"}'
as "$two" 403 "deletes" DELETE "$user"
as "$two" 409 "a POST with its user name" POST /scim/v2/Users \
    '{"userName":"OF.ONE","title":"adopted","externalId":"2"}'
http GET "$user"
same "... adopts nothing" "null source-1" \
    "$(body '"\(.title) \(."'$EXTENSION'".owner)"')"
as "$two" 404 "an externalId is no id" PATCH /scim/v2/Users/1 "$TITLE"
as "$one" 200 "its owner changes it" PATCH "$user" "$TITLE"
as "$one" 403 "an entry born in LDAP" PATCH "/scim/v2/Users/$(id 1)" "$TITLE"
detail "only a client with the scope admin"
ask 200 "... is for the scope admin" PATCH "/scim/v2/Users/$(id 1)" "$TITLE"
ask 204 "so is anything" DELETE "$user"

echo "# many at a time"
new shared
token=$(cat "$IT/main/admin.token")
send() {	# send FILE NAME: in the background
	curl -sS -m 60 -o "$IT/$2.body" -w '%{http_code}' -X PATCH \
	    -H "Authorization: Bearer $token" \
	    -H 'Content-Type: application/scim+json' --data-binary "@$1" \
	    "$URL/scim/v2/Groups/$G" >"$IT/$2.status" &
	ALSO="$ALSO $!"
}
printf '{"Operations":[{"op":"add","path":"members","value":[%s]},%s]}' \
    "$(range 1 400)" "$NAME" >"$IT/left"
printf '{"Operations":[{"op":"add","path":"members","value":[%s]}]}' \
    "$(range 301 700)" >"$IT/right"
printf '{"Operations":[{"op":"add","path":"members","value":[%s]}]}' \
    "$(range 701 703)" >"$IT/few"
send "$IT/left" left
send "$IT/right" right
send "$IT/few" few
wait $ALSO
ALSO=
same "three PATCHes of one group" "204 204 204" \
    "$(cat "$IT/left.status") $(cat "$IT/right.status") $(cat "$IT/few.status")"
same "... nobody is lost" 703 "$(count)"

echo "# killed in the middle"
new again
stop
PROVOST_FAILPOINT=membership:700
export PROVOST_FAILPOINT
start
unset PROVOST_FAILPOINT
printf '{"Operations":[{"op":"add","path":"members","value":[%s]}]}' \
    "$(range 1001 3000)" >"$IT/patch"
curl -sS -m 60 -o "$IT/body" -X PATCH -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/scim+json' --data-binary "@$IT/patch" \
    "$URL/scim/v2/Groups/$G" 2>/dev/null
wait_for "it died" dead
stop
start
got=$(count)
check "... in the middle: $got of 2000" [ "$got" -ge 700 -a "$got" -lt 2000 ]
ask 204 "the same again" PATCH "/scim/v2/Groups/$G" "@$IT/patch"
same "... exactly the right ones" "$(seq 1001 3000 | paste -sd' ' -)" \
    "$(in_group)"
stop

echo "# the directory stops in the middle"
conf "guard: { count = 6000; share = \"100%\"; $ANY_DAY };
directory: { op_timeout = \"1s\"; };"
start
slapd=$(pgrep -P "$PID" slapd)
kill -STOP "$slapd"
printf '{"Operations":[{"op":"add","path":"members","value":[%s]}]}' \
    "$(range 3001 4000)" >"$IT/patch"
ask 503 "a PATCH" PATCH "/scim/v2/Groups/$G" "@$IT/patch"
check "... says when to try again" grep -qi '^retry-after:' "$IT/headers"
detail "Send the request again"
kill -CONT "$slapd"
repeated() {
	http PATCH "/scim/v2/Groups/$G" "@$IT/patch"
	[ "$STATUS" = 204 ]
}
wait_for "repeating it completes it" repeated
same "... exactly the right ones" 3000 "$(count)"
stop
same "the daemon ended well" 0 $EXIT
finish
