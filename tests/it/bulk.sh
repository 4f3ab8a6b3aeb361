#!/bin/sh
# SPDX-License-Identifier: ISC
# SCIM Bulk (RFC 7644 3.7) over a real directory: references in any order,
# circles, failOnErrors, scopes, limits, many operations, death in the middle.
. "$(dirname "$0")/daemon.sh"

SCHEMA=urn:ietf:params:scim:schemas
ENTERPRISE=$SCHEMA:extension:enterprise:2.0:User
# bulk OPERATION,... [MEMBERS]: as TOKEN; the answer in $IT/body.
bulk() {
	printf '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
	%s"Operations":[%s]}' "${2-}" "$1" >"$IT/bulk"
	send
}
send() {	# $IT/bulk
	STATUS=$(curl -sS -m 120 -o "$IT/body" -w '%{http_code}' \
	    -H 'Content-Type: application/scim+json' \
	    -H "Authorization: Bearer $TOKEN" --data-binary "@$IT/bulk" \
	    "$URL/scim/v2/Bulk")
}
post() {	# post BULKID MEMBER,...: a user
	printf '{"method":"POST","path":"/Users","bulkId":"%s","data":{
	    "schemas":["%s:core:2.0:User"],"userName":"%s"%s}}' \
	    "$1" $SCHEMA "$1" "${2:+,$2}"
}
manager_of() {	# manager_of BULKID: the member that names it
	printf '"%s":{"manager":{"value":"bulkId:%s"}}' $ENTERPRISE "$1"
}
is() {		# is TEXT JQ WANT
	same "$1" "$3" "$(body "$2")"
}
statuses() {
	is "$1" '[.Operations[].status] | join(" ")' "$2"
}
location() {	# location N: of that operation, as a path
	body ".Operations[$1].location" | sed "s|^$URL||"
}
user() {	# user NAME: its resource in $IT/body
	http GET "/scim/v2/Users?filter=userName+eq+%22$1%22"
	jq '.Resources[0]' "$IT/body" >"$IT/user"
	mv "$IT/user" "$IT/body"
}
managed_by() {	# managed_by USER: the user name of its manager
	user "$1"
	http GET "/scim/v2/Users/$(body ".[\"$ENTERPRISE\"].manager.value")"
	body .userName
}
users() {	# users PREFIX: how many there are
	http GET "/scim/v2/Users?count=0&filter=userName+sw+%22$1%22"
	body .totalResults
}
token() {	# token NAME SCOPES: of a new client
	http POST /scim/v2/Clients \
	    "{\"name\":\"$1\",\"scopes\":[$2],\"owner\":\"$1\"}"
	body .token
}

conf "guard: { $ANY_DAY };"
start
ADMIN=$(cat "$IT/main/admin.token")
TOKEN=$ADMIN

echo "# what there is"
ask 200 "advertised" GET /scim/v2/ServiceProviderConfig
is "... with its limits" '.bulk | "\(.supported) \(.maxOperations) \(.maxPayloadSize)"' \
    "true 1000 16777216"
for method in GET PUT PATCH DELETE; do
	json={}
	[ $method = PUT ] || [ $method = PATCH ] || json=
	ask 501 "$method /Me: nobody is behind a client" $method /scim/v2/Me \
	    ${json:+"$json"}
done
is "... as a SCIM error" '"\(.status) \(.schemas[0])"' \
    "501 urn:ietf:params:scim:api:messages:2.0:Error"

echo "# operations of every kind"
bulk "$(post one '"title":"x"'),$(post two)"
same "two POSTs" 200 "$STATUS"
statuses "... made" "201 201"
is "... in the request's order" '"\(.schemas[0]) " +
    ([.Operations[] | "\(.method) \(.bulkId) \(.response)"] | join(", "))' \
    "urn:ietf:params:scim:api:messages:2.0:BulkResponse POST one null, POST two null"
ONE=$(location 0) TWO=$(location 1)
VERSION=$(body .Operations[0].version)
http GET "$ONE"
is "... with the version it has" .meta.version "$VERSION"
STALE='W/\"0\"'
V=$(printf %s "$VERSION" | sed 's/"/\\"/g')
bulk "{\"method\":\"patch\",\"path\":\"${ONE#/scim/v2}\",\"version\":\"$STALE\",
	\"data\":{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"no\"}]}},
	{\"method\":\"Patch\",\"path\":\"$URL$ONE\",\"version\":\"$V\",
	\"data\":{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"y\"}]}},
	{\"method\":\"PUT\",\"path\":\"$TWO\",\"data\":{\"userName\":\"two\",\"title\":\"z\"}},
	{\"method\":\"DELETE\",\"path\":\"/Users/nobody\"},
	{\"method\":\"DELETE\",\"path\":\"${TWO#/scim/v2}\"},
	$(post two)"
statuses "versions, bases, methods in any case" "412 200 200 404 204 201"
is "... an error says why" .Operations[0].response.status 412
is "... and where" '.Operations[3].location' "$URL/scim/v2/Users/nobody"
http GET "$ONE"
is "... the stale one did nothing" .title y
bulk '{"method":"GET","path":"/Users"},{"method":"POST","path":"/Users","data":{}},
	{"method":"POST","path":"/Bulk","bulkId":"b","data":{}},
	{"method":"POST","path":"/Users/.search","bulkId":"s","data":{}},
	{"method":"PATCH","path":"/Me","data":{}},
	{"method":"POST","path":"/Users/1","bulkId":"p","data":{}},
	{"method":"PUT","path":"/Nothings/1","data":{}},
	7'
statuses "what is no operation" "400 400 404 404 404 405 404 400"
bulk "$(post same),$(post same)"
same "a bulkId twice" 400 "$STATUS"
same "... and nothing done" 0 "$(users same)"
bulk '{"method":"POST","path":"/Companies","bulkId":"c","data":{"companyId":"bulk-co","name":"B",
	"enterprise":"acme"}},{"method":"POST","path":"/Accounts","bulkId":"a",
	"data":{"accountNumber":"770001","company":"bulkId:c"}},
	{"method":"POST","path":"/Accounts","bulkId":"b","data":{"accountNumber":"770002","company":"bulk-co"}},
	{"method":"DELETE","path":"/Accounts/bulkId:a"},{"method":"DELETE","path":"/Accounts/bulkId:b"},
	{"method":"DELETE","path":"/Companies/bulkId:c"}'
statuses "what has a key of its own is named by that" "201 201 201 204 204 204"

echo "# references"
bulk "$(post fwd-a "$(manager_of fwd-b)"),$(post fwd-b "$(manager_of fwd-c)"),
	{\"method\":\"PATCH\",\"path\":\"/Users/bulkId:fwd-c\",\"data\":{\"Operations\":
	[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"boss\"}]}},$(post fwd-c)"
statuses "forward" "201 201 200 201"
same "... a has b" fwd-b "$(managed_by fwd-a)"
same "... b has c" fwd-c "$(managed_by fwd-b)"
user fwd-c
is "... c is boss" .title boss
bulk "$(post cyc2-a "$(manager_of cyc2-b)"),$(post cyc2-b "$(manager_of cyc2-a)")"
statuses "a circle of two" "201 201"
same "... one way" cyc2-b "$(managed_by cyc2-a)"
same "... the other way" cyc2-a "$(managed_by cyc2-b)"
bulk "$(post cyc3-a "$(manager_of cyc3-b)"),$(post cyc3-b "$(manager_of cyc3-c)"),$(post cyc3-c "$(manager_of cyc3-a)")"
statuses "a circle of three" "201 201 201"
same "... round" "cyc3-b cyc3-c cyc3-a" \
    "$(managed_by cyc3-a) $(managed_by cyc3-b) $(managed_by cyc3-c)"
user cyc3-c
version=$(body .meta.version)
id=$(body .id)
bulk "$(post self "$(manager_of self)")"
statuses "its own manager" 201
same "... is it" self "$(managed_by self)"
bulk "$(post ref-a "$(manager_of ref-b)"),$(post one),$(post ref-c "$(manager_of one)"),
	$(post ref-d "$(manager_of ref-c)")"
statuses "unknown; failed; behind one that failed" "409 409 409 409"
is "... named" '.Operations[0].response.detail | test("bulkId:ref-b")' true
is "... with its status" '.Operations[2].response.detail | test("bulkId:one.* 409")' true
same "... nothing made" 0 "$(users ref-)"
bulk "$(post half-a "$(manager_of half-b)"),$(post half-b "$(manager_of half-a),\"active\":\"what\"")"
statuses "a circle with a bad one" "409 400"
same "... nothing made" 0 "$(users half-)"
bulk "$(post lame-a "$(manager_of lame-b),\"active\":\"what\""),$(post lame-b "$(manager_of lame-a)")"
statuses "a circle that can't be closed" "400 409"
is "... says that its first half is there" \
    '.Operations[1] | "\(.location | length > 0) \(.response.detail | test("was made"))"' "true true"
same "... which it is" 1 "$(users lame-)"

echo "# failOnErrors"
BAD='{"method":"DELETE","path":"/Users/nobody"}'
bulk "$(post stop-a),$BAD,$(post stop-b)" '"failOnErrors":1,'
statuses "1: the second fails, the third is not begun" "201 404"
same "... really" 1 "$(users stop-)"
bulk "$(post stop-c),$BAD,$(post stop-d),$BAD,$(post stop-e),$BAD,$(post stop-f),$BAD" \
    '"failOnErrors":3,'
statuses "3: ends at the third" "201 404 201 404 201 404"
same "... really" 4 "$(users stop-)"
bulk "$(post stop-g "$(manager_of stop-h)"),$BAD,$(post stop-h "$(manager_of stop-g)")" \
    '"failOnErrors":1,'
statuses "what is referred to comes first" "201 404 201"
same "... and is completed" "stop-g" "$(managed_by stop-h)"
bulk "$BAD" '"failOnErrors":0,'
same "0 means nothing" 400 "$STATUS"

echo "# scopes"
TOKEN=$(token bulk-reader '"read"')
bulk "$(post scope-a)"
same "a reader" 403 "$STATUS"
TOKEN=$(token bulk-users '"write:Users"')
bulk "$(post scope-b),{\"method\":\"POST\",\"path\":\"/Tools\",\"bulkId\":\"t\",
	\"data\":{\"toolId\":\"bulk-tool\"}},{\"method\":\"POST\",\"path\":\"/Clients\",\"bulkId\":\"c\",
	\"data\":{\"name\":\"evil\",\"scopes\":[\"admin\"]}},
	{\"method\":\"PATCH\",\"path\":\"${ONE#/scim/v2}\",\"data\":{\"Operations\":
	[{\"op\":\"add\",\"path\":\"roles\",\"value\":[{\"value\":\"primary-contact\"}]}]}}"
statuses "a writer of users only" "201 403 403 403"
check "refusals are in the journal" grep -q 'POST /scim/v2/Tools' \
    "$IT/main/journal.jsonl"
TOKEN=$ADMIN
bulk '{"method":"POST","path":"/Clients","bulkId":"c","data":{"name":"by-bulk","scopes":["read"]}}'
check "a client's token is shown" test "$(body '.Operations[0].response.token | length')" -gt 20

echo "# the same again"
TOKEN=$(token entra '"read","write:Users"')
ENTRA=$TOKEN CLIENT=/scim/v2/Clients/$(body .id)
bulk "$(post again-a '"externalId":"again-1","title":"t","password":"First-pass-1"')"
statuses "a POST" 201
LOCATION=$(location 0)
bulk "$(post again-b '"externalId":"again-1"')"
statuses "S17: its externalId again" 409
same "... says where it is" "$LOCATION" "$(location 0)"
same "S17 without Bulk" "409 $URL$LOCATION" "$(curl -sS -o /dev/null -D - \
    -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d '{"userName":"again-c","externalId":"again-1"}' "$URL/scim/v2/Users" |
    tr -d '\r' | awk '/^HTTP/ { s = $2 } /^Location:/ { l = $2 } END { print s, l }')"
TOKEN=$ADMIN
bulk "$(post again-a '"externalId":"other"')"
is "... but not where another's is" \
    '"\(.Operations[0].status) \(.Operations[0].location)"' "409 null"
ask 200 "entra's POSTs may merge" PATCH "$CLIENT" \
    '{"Operations":[{"op":"add","path":"scopes","value":["upsert"]}]}'
TOKEN=$ENTRA
bulk "$(post again-d '"externalId":"again-1","active":true,"password":"Second-pass-2"'),
	$(post again-e '"externalId":"again-2"'),$(post again-f '"externalId":"again-2"'),
	$(post again-g "$(manager_of again-d)")"
statuses "a merge, a new one and one that is there by then" "200 201 200 201"
is "... where it was" ".Operations[0].location == \"$URL$LOCATION\"" true
same "... refers to it" again-d "$(managed_by again-g)"
user again-d
is "... what was not named stays" .title t
check "... the password, too" ldapwhoami -x -H "$SLAPD_URI" -w First-pass-1 -D \
    "$(manager ldapsearch -LLL -o ldif-wrap=no -b "$DN" uid=again-d dn | values dn)"
bulk "$(post again-d '"externalId":"again-9"')"
statuses "the user name alone is no reason" 409
TOKEN=$ADMIN

echo "# limits"
cat >"$IT/make.py" <<'END'
import json, sys
what, path = sys.argv[1:3]
E = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
def user(i, manager=None):
    data = {"userName": f"{what}-{i}", "externalId": f"{what}-{i}"}
    if manager is not None:
        data[E] = {"manager": {"value": f"bulkId:{manager}"}}
    return {"method": "POST", "path": "/Users", "bulkId": str(i),
            "data": data}
n = {"tree": 1000, "chain": 400, "few": 40, "over": 1001}.get(what, 0)
ops = [user(i, i // 2 if what == "tree" else i + 1 if what == "chain" and
            i + 1 < n else None) for i in range(n)]
if what == "delete":
    ops = [{"method": "DELETE", "path": "/Users/" + id.strip()}
           for id in sys.stdin]
text = json.dumps({"Operations": ops})
if what == "large":
    text = '{"Operations":[]' + " " * (16 << 20) + "}"
elif what == "twice":
    text = '{"Operations":[],"operations":[]}'
elif what == "deep":
    text = '{"Operations":' + "[" * 10000
elif what == "number":
    text = '{"failOnErrors":1e999,"Operations":[]}'
elif what == "tiny":
    text = '{"Operations":[' + "0," * 2000000 + "0]}"
open(path, "w").write(text)
END
many() {	# many WHAT: send it
	python3 "$IT/make.py" "$1" "$IT/bulk"
	send
}
many over
same "1,001 operations" 413 "$STATUS"
is "... says how many there may be" '"\(.status) \(.detail | test("1000"))"' \
    "413 true"
same "... and does nothing" 0 "$(users over-)"
many large
same "P11 more than 16 MiB" 413 "$STATUS"
is "... says how many there may be" '.detail | test("16777216")' true
many twice
same "P8 a member twice" 400 "$STATUS"
many deep
same "P9 10,000 levels" 400 "$STATUS"
many number
same "P10 1e999" 400 "$STATUS"
many tiny
same "four megabytes of zeros" 413 "$STATUS"

echo "# many"
many tree
is "1,000 operations" '[.Operations[].status] | group_by(.) |
    map("\(.[0]):\(length)") | join(" ")' 201:1000
same "... are there" 1000 "$(users tree-)"
same "... 999 has 499" tree-499 "$(managed_by tree-999)"
same "... 0 itself" tree-0 "$(managed_by tree-0)"
manager ldapsearch -LLL -o ldif-wrap=no -E pr=2000/noprompt -z 0 -b "$DN" \
    '(uid=tree-*)' entryUUID | values entryUUID >"$IT/ids"
same "their ids" 1000 "$(wc -l <"$IT/ids")"
python3 "$IT/make.py" delete "$IT/bulk" <"$IT/ids"
send
is "1,000 deletions" '[.Operations[].status] | unique | join(" ")' 204
same "... done" 0 "$(users tree-)"

echo "# a directory that is slow"
waiting() {
	[ "$(curl -sS -H "Authorization: Bearer $ADMIN" "$URL/metrics" |
	    sed -n 's/^provost_http_waiting.* //p')" = "$1" ]
}
kill -STOP "$(cat "$IT/main/slapd.pid")"
python3 "$IT/make.py" few "$IT/bulk"
send &
wait_for "a Bulk waits" waiting 1
ask 200 "reads go on" GET '/scim/v2/Users?count=1'
kill -CONT "$(cat "$IT/main/slapd.pid")"
wait $!
wait_for "it ends" waiting 0
same "... and was done" 40 "$(users few-)"

echo "# kill -9 in the middle"
TOKEN=$(token feed '"read","write:Users","upsert"')
python3 "$IT/make.py" chain "$IT/bulk"
stop
PROVOST_FAILPOINT=bulk-step:151 start
send 2>/dev/null
same "it is cut" 000 "$STATUS"
wait_for "the daemon is dead" dead
stop
start
in_directory() {
	manager ldapsearch -LLL -z 0 -b "$DN" '(uid=chain-*)' uid |
	    grep -c '^uid:'
}
got=$(in_directory)
in_step() {
	[ "$(users chain-)" = "$got" ]
}
same "150 are there" 150 "$got"
wait_for "... and shown" in_step
send
is "the same again ends it" '[.Operations[].status] | group_by(.) |
    map("\(.[0]):\(length)") | join(" ")' "200:150 201:250"
same "... with no twin" 400 "$(users chain-)"
same "... 0 has 1" chain-1 "$(managed_by chain-0)"
same "... 398 has 399" chain-399 "$(managed_by chain-398)"
TOKEN=$ADMIN

echo "# a group and its members"
group() {	# group BULKID MEMBER,...
	printf '{"method":"POST","path":"/Groups","bulkId":"%s","data":{
	    "displayName":"%s","members":[%s]}}' "$1" "$1" "$2"
}
member() {
	printf '{"value":"bulkId:%s","$ref":"../Users/bulkId:%s"}' "$1" "$1"
}
members() {	# members PATH: user names of the members
	http GET "$1"
	for id in $(body '.members[]?.value'); do
		http GET "/scim/v2/Users/$id"
		body .userName
	done | sort | tr '\n' ' '
}
group_members() {
	bulk "$(group bulk-g "$(member g-a),$(member g-b)"),$(post g-a),$(post g-b),$(post g-c)"
	statuses "a group ahead of its members" "201 201 201 201"
	GROUP=$(location 0)
	same "... has them" "g-a g-b " "$(members "$GROUP")"
	bulk "$(post g-d),{\"method\":\"PATCH\",\"path\":\"${GROUP#/scim/v2}\",\"data\":{\"Operations\":[
	    {\"op\":\"add\",\"path\":\"members\",\"value\":[$(member g-d)]}]}}"
	statuses "one more" "201 204"
	same "... is a member" "g-a g-b g-d " "$(members "$GROUP")"
	bulk "$(post bulk-x '"externalId":"bulk-x"'),$(group bulk-h "$(member bulk-x)"),
	    {\"method\":\"PATCH\",\"path\":\"/Groups/bulkId:bulk-h\",\"data\":{\"Operations\":[
	    {\"op\":\"remove\",\"path\":\"members[value eq \\\"bulkId:bulk-x\\\"]\"}]}}"
	statuses "a member by a path" "201 201 204"
	same "... is none any more" "" "$(members "$(location 1)")"
	bulk "$(group bulk-i "$(member nobody)")"
	statuses "nobody" 409
}
group_members
stop
same "the daemon ended well" 0 $EXIT
finish
