#!/bin/sh
# SPDX-License-Identifier: ISC
# What real SCIM clients send, over a real directory: Entra ID's and Okta's
# forms, twins, many writers of one entry, tokens, decisions over SCIM.
. "$(dirname "$0")/daemon.sh"

SCHEMA=urn:ietf:params:scim:schemas
user() {	# user NAME: its id
	http GET "/scim/v2/Users?attributes=id&filter=userName+eq+%22$1%22"
	body '.Resources[0].id // "none"'
}
patch() {	# patch TEXT OPERATION,...: on /Users/$ID
	ask 200 "$1" PATCH "/scim/v2/Users/$ID" "{\"Operations\":[$2]}"
}
is() {		# is TEXT JQ WANT
	same "$1" "$3" "$(body "$2")"
}

start

echo "# Entra ID"
ask 200 "test connection" GET '/scim/v2/Users?filter=userName+eq+%22no-one%22'
is "... an empty list" '"\(.totalResults) \(.Resources)"' '0 []'
ask 201 "create" POST /scim/v2/Users '{"schemas":["'$SCHEMA':core:2.0:User",
	"'$SCHEMA':extension:enterprise:2.0:User"],"userName":"jyoung",
	"externalId":"jyoung-1","active":true,"roles":[],"meta":{"x":1},
	"name":{"givenName":"José","familyName":"Young"},
	"emails":[{"value":"jy@acme.example","type":"work","primary":true}]}'
ID=$(body .id)
is "... with its location" .meta.location "$URL/scim/v2/Users/$ID"
ask 200 "match, unquoted" GET '/scim/v2/Users?filter=externalId+eq+jyoung-1'
is "... found" '.Resources[0].id' "$ID"
ask 200 "match by e-mail" GET \
    '/scim/v2/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22JY@acme.example%22'
is "... found" '"\(.totalResults) \(.Resources[0].name.givenName)"' '1 José'
patch "disable" '{"op":"Replace","path":"active","value":"False"}'
is "... disabled" .active false
patch "rename while disabled, reactivate" '{"op":"Add","value":{
	"userName":"jyoung2","name.givenName":"Jo","active":"True"}}'
is "... all of it" '"\(.userName) \(.name.givenName) \(.active)"' \
    "jyoung2 Jo true"
patch "a URN path" '{"op":"Add",
	"path":"'$SCHEMA':extension:enterprise:2.0:User:department","value":"x"}'
is "... set" ".[\"$SCHEMA:extension:enterprise:2.0:User\"].department" x
patch "a filter path that creates" '{"op":"Add",
	"path":"phoneNumbers[type eq \"work\"].value","value":"+1 1"}'
is "... made" '.phoneNumbers[0] | "\(.type) \(.value)"' "work +1 1"
PAT=$(user pat.contact)
patch "a manager in an array" '{"op":"Add","path":"manager",
	"value":[{"$ref":null,"value":"'"$PAT"'"}]}'
http GET "/scim/v2/Users/$ID"
is "... set" ".[\"$SCHEMA:extension:enterprise:2.0:User\"].manager.value" "$PAT"
version=$(body .meta.version)
patch "no operation at all" ''
is "... changes nothing" .meta.version "$version"
http PATCH "/scim/v2/Users/$ID" '{"Operations":[
	{"op":"replace","path":"title","value":"half"},
	{"op":"add","path":"nonsense[","value":"x"}]}'
same "a PATCH with one wrong operation" 400 "$STATUS"
http GET "/scim/v2/Users/$ID"
is "... does nothing of it" .title null

echo "# Okta"
ask 200 "GET to PUT back" GET "/scim/v2/Users/$ID"
jq -c 'del(.active) | .title = "Put"' "$IT/body" >"$IT/put"
ask 200 "PUT without active" PUT "/scim/v2/Users/$ID" "$(cat "$IT/put")"
is "... does not disable" '"\(.active) \(.title)"' "true Put"
ask 409 "a duplicate" POST /scim/v2/Users '{"userName":"JYOUNG2"}'
is "... says uniqueness" '"\(.status|type) \(.scimType)"' "string uniqueness"
ask 409 "the same externalId again (S17)" POST /scim/v2/Users \
    '{"userName":"other","externalId":"jyoung-1"}'
same "... says where it is" "$URL/scim/v2/Users/$ID" \
    "$(tr -d '\r' <"$IT/headers" | sed -n 's/^Location: //p')"

echo "# versions"
http GET "/scim/v2/Users/$ID"
version=$(body .meta.version)
when() {	# when HEADER STATUS TEXT METHOD [JSON]: on the user
	header=$1 want=$2 text=$3 method=$4 json=${5-}
	same "$text" "$want" "$(curl -sS -o "$IT/body" -w '%{http_code}' \
	    -X "$method" -H "$header" -H 'Content-Type: application/json' \
	    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
	    ${json:+-d "$json"} "$URL/scim/v2/Users/$ID")"
}
TITLE='{"Operations":[{"op":"replace","path":"title","value":"x"}]}'
when "If-None-Match: $version" 304 "unchanged" GET
when 'If-Match: W/"0"' 412 "a stale If-Match" PATCH "$TITLE"
when "If-Match: $version" 200 "a right one" PATCH "$TITLE"
check "... has a new version" test "$(body .meta.version)" != "$version"
when "If-Match: $version" 412 "the old one again" DELETE

echo "# many at a time"
cat >"$IT/many.py" <<'END'
import json, sys, threading, urllib.error, urllib.request
from collections import Counter
url, token, what, id = sys.argv[1:5]
def call(method, path, body):
    r = urllib.request.Request(url + path, method=method,
        data=body and json.dumps(body).encode(), headers={
        "Authorization": "Bearer " + token,
        "Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(r, timeout=60).status
    except urllib.error.HTTPError as e:
        return e.code
def one(i):
    if what == "twins":
        return call("POST", "/scim/v2/Users", {"userName": "Twin" if i % 2
            else "twin"})
    if what == "patch":
        return call("PATCH", "/scim/v2/Users/" + id, {"Operations": [{
            "op": "add", "path": "emails", "value": [{"value":
            f"m{i}@acme.example", "type": "other"}]}]})
    return call("DELETE", "/scim/v2/Users/" + id, None)
got = [None] * 40
def run(i):
    got[i] = one(i)
threads = [threading.Thread(target=run, args=[i]) for i in range(len(got))]
for t in threads: t.start()
for t in threads: t.join()
print(" ".join(f"{k}:{v}" for k, v in sorted(Counter(got).items())))
END
many() {
	python3 "$IT/many.py" "$URL" "$(cat "$IT/main/admin.token")" "$1" "$ID"
}
same "40 twins: one is made" "201:1 409:39" "$(many twins)"
same "40 writers of one entry" "200:40" "$(many patch)"
http GET "/scim/v2/Users/$ID"
is "... nobody's write is lost" '.emails | length' 41
same "40 deletions" "204:1 404:39" "$(many delete)"
ask 404 "deleted" GET "/scim/v2/Users/$ID"
ask 404 "deleted twice" DELETE "/scim/v2/Users/$ID"

echo "# references"
http GET '/scim/v2/Accounts?filter=accountNumber+eq+%22100001%22'
ask 409 "an account that is in use" DELETE \
    "/scim/v2/Accounts/$(body '.Resources[0].id')"
ask 201 "a tool" POST /scim/v2/Tools '{"toolId":"scratch","name":"Scratch"}'
ask 204 "... that nobody has" DELETE "/scim/v2/Tools/$(body .id)"

echo "# tokens"
ask 201 "a client" POST /scim/v2/Clients \
    '{"name":"idp","scopes":["read","write:Users"],"owner":"idp"}'
CLIENT=$(body .id) first=$(body .token)
check "... shows its token" test -n "$first"
http GET "/scim/v2/Clients/$CLIENT"
is "... only once" .token null
as "$first" 200 "it reads" GET /scim/v2/Users
as "$first" 201 "it writes users" POST /scim/v2/Users \
    '{"userName":"of.idp","externalId":"77"}'
as "$first" 403 "it makes no tools" POST /scim/v2/Tools '{"toolId":"x"}'
as "$first" 403 "it makes no clients" POST /scim/v2/Clients \
    '{"name":"evil","scopes":["admin"]}'
http GET '/scim/v2/Users?filter=userName+eq+%22of.idp%22'
is "its externalId is for it alone" '.Resources[0].externalId' null
ask 200 "a second token" PATCH "/scim/v2/Clients/$CLIENT" \
    '{"Operations":[{"op":"add","path":"token","value":"new"}]}'
second=$(body .token)
as "$first" 200 "the first is still good" GET /scim/v2/Users
as "$second" 200 "the second too" GET /scim/v2/Users
ask 200 "disabled" PATCH "/scim/v2/Clients/$CLIENT" \
    '{"Operations":[{"op":"replace","path":"enabled","value":false}]}'
as "$second" 401 "... at once" GET /scim/v2/Users

echo "# decisions"
http GET '/scim/v2/AccessRequests?filter=requestId+eq+%22sample-1%22'
REQUEST=/scim/v2/AccessRequests/$(body '.Resources[0].id')
requester=$(body '.Resources[0].requester')
decide() {	# decide STATUS TEXT PERSON [DECISION]
	ask "$1" "$2" PATCH "$REQUEST" '{"Operations":[{"op":"add","value":{
		"decision":"'"${4:-approved}"'","reason":"agreed"'"${3:+,\"decidedBy\":\"$3\"}"'}}]}'
}
decide 400 "by nobody" ""
decide 403 "by the requester" "$requester"
decide 200 "by the primary contact" "$PAT"
decide 409 "twice" "$PAT" denied
wait_for "it is carried out" state_is sample-1 approved

echo "# invitation codes"
http GET '/scim/v2/Accounts?filter=accountNumber+eq+%22100001%22'
ask 200 "a code is printed" PATCH "/scim/v2/Accounts/$(body '.Resources[0].id')" \
    '{"Operations":[{"op":"add","path":"invitationCode","value":"k7qd-p2 x"}]}'
is "... and not told again" .invitationCode null
same "its key is private" 600 "$(stat -c %a "$IT/main/code.key")"
same "what is stored is keyed" "$(python3 -c 'import hashlib, hmac, sys
print(hmac.new(sys.argv[1].encode(), b"K7QDP2X", hashlib.sha256).hexdigest())' \
    "$(cat "$IT/main/code.key")")" \
    "$(attr "provostAccountNumber=100001,ou=accounts,$SUFFIX" \
    provostInvitationCode)"

stop
same "the daemon ended well" 0 $EXIT
key=$(cat "$IT/main/code.key")
start
same "the key stays" "$key" "$(cat "$IT/main/code.key")"
stop
finish
