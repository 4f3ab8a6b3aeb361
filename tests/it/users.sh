#!/bin/sh
# SPDX-License-Identifier: ISC
# The life of a user below /v1, with a real mail server: V7, V8, V9, V10, V11,
# V12, L5, A1, A2.
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/mailbox.sh"

# register STATUS TEXT JSON: without a token.
register() {
	want=$1 text=$2
	STATUS=$(curl -sS -m 30 -D "$IT/headers" -o "$IT/body" \
	    -w '%{http_code}' -H 'Content-Type: application/json' \
	    --data-binary "$3" "$URL/v1/register")
	same "$text" "$want" "$STATUS"
	[ "$STATUS" = "$want" ] || sed 's/^/	/' "$IT/body"
}
says() {
	body .detail | grep -c "$1"
}
# invitation ADDRESS: LOGIN and TOKEN out of the newest mail.
invitation() {
	link=$(shown "$1" text | grep -o 'https://portal.example/register?[^ ]*')
	LOGIN=$(echo "$link" | sed 's/.*[?&]login=\([^&]*\).*/\1/')
	TOKEN=$(echo "$link" | sed 's/.*&token=\([^&]*\).*/\1/')
}
with() {
	echo "{\"login\":\"$1\",\"token\":\"$2\",\"userName\":\"$3\",
	    \"password\":\"$4\"}"
}
# binds DN PASSWORD
binds() {
	ldapwhoami -x -D "$1" -w "$2" -H "$SLAPD_URI" >/dev/null 2>&1
}
reads_self() {
	ldapsearch -x -D "$1" -w "$2" -H "$SLAPD_URI" -s base -b "$1" uid \
	    >"$IT/self" 2>&1
}
dn_of() {
	person_dn "$(body ".\"$EXTENSION\".personId")"
}
ext() {
	body ".\"$EXTENSION\".$1"
}

tool_start
box_start
conf "mail: { url = \"smtp://127.0.0.1:$BOX_PORT\";
	from = \"provost@corp.example\"; ca_file = \"$BOX/cert.pem\";
	link = \"https://portal.example/register\"; };
auth: { failures = 100; };"
start
settle

echo "# V7: one request, whole or not at all"
people() {
	manager ldapsearch -LLL -b "$DN" -s one 1.1 2>/dev/null | grep -c '^dn:'
}
n=$(people)
NEW="\"name\":{\"givenName\":\"Iris\",\"familyName\":\"Vogel\"},
    \"emails\":[{\"value\":\"iris@corp.example\",\"type\":\"work\"}]"
RIGHTS='"companies":["acme-telecom"],"accounts":["100001"],
    "tools":[{"value":"wan-analysis","accounts":["100001"]}],
    "cpniAuthorized":true,"preferences":["language en"]'
ask 400 "V7 with an account that there is not: refused" POST /v1/users \
    "{$NEW,\"roles\":[{\"value\":\"viewer\"}],\"$EXTENSION\":
    {\"companies\":[\"acme-telecom\"],\"accounts\":[\"none\"]}}"
same "V7 ... and nothing is left of it" "$n" "$(people)"
ask 400 "V8 without an address nobody is invited" POST /v1/users \
    '{"name":{"familyName":"Vogel"}}'
same "..." 1 "$(says 'no e-mail address')"
ask 400 "without a name neither" POST /v1/users \
    '{"emails":[{"value":"x@corp.example"}]}'
ask 400 "with a password neither" POST /v1/users \
    "{$NEW,\"password\":\"Choose-1-myself\"}"
ask 400 "nor suspended" POST /v1/users "{$NEW,\"active\":false}"
same "no mail went out" 0 "$(sent iris@corp.example)"
ask 201 "V7 with everything" POST /v1/users "{$NEW,
    \"roles\":[{\"value\":\"viewer\"}],\"$EXTENSION\":{$RIGHTS}}"
IRIS=$(dn_of) iris=$(body .id)
same "V7 is one" $((n + 1)) "$(people)"
same "V7 role, company, account, tool, CPNI" \
    "viewer acme-telecom 100001 wan-analysis true" \
    "$(body '.roles[0].value') $(ext 'companies[0]') $(ext 'accounts[0]') \
$(ext 'tools[0].value') $(ext cpniAuthorized)"
same "V8 invited, without user name" "invited null" \
    "$(ext state) $(body .userName)"
login=$(ext temporaryLogin)
same "V8 with a temporary login" 1 "$(echo "$login" |
    grep -c '^new-[a-z2-7]\{5\}-[a-z2-7]\{5\}$')"
same "no secret is shown" 0 "$(grep -c 'provostInvitation\|token' "$IT/body")"
ask 200 "V8 followed by it" GET \
    "/scim/v2/Users?filter=temporaryLogin+eq+%22$login%22"
same "..." "$iris" "$(body '.Resources[0].id')"
same "V8 who made them" client "$(attr "$IRIS" provostCreatedBy |
    cut -d: -f1)"
days=$(attr "$IRIS" provostInvitation | cut -d' ' -f2 | cut -c1-8)
same "V8 good for 14 days" "$(date -u -d '14 days' +%Y%m%d)" "$days"

echo "# V8: the invitation"
wait_for "V8 one mail" sent_is iris@corp.example 1
settle
same "... exactly" 1 "$(sent iris@corp.example)"
invitation iris@corp.example
same "V8 the link has the login" "$login" "$LOGIN"
first=$TOKEN
ask 200 "V8 invited again" POST "/v1/users/$iris/invite"
wait_for "a second mail" sent_is iris@corp.example 2
invitation iris@corp.example
same "with another token" 1 "$([ "$TOKEN" != "$first" ] && echo 1)"
register 403 "V8 the old one is void" "$(with "$LOGIN" "$first" iris \
    'Correct-horse-9')"
same "... and counts" 1 "$(attr "$IRIS" provostWrongCodes | cut -d' ' -f1)"
register 403 "nor is any other login good" "$(with new-aaaaa-bbbbb "$TOKEN" \
    iris 'Correct-horse-9')"
register 400 "a weak password is judged by the directory" "$(with "$LOGIN" \
    "$TOKEN" iris short)"
same "... and says so" 1 "$(says 'quality\|password')"
register 409 "V8 a user name that somebody has" "$(with "$LOGIN" "$TOKEN" \
    Pat.Contact 'Correct-horse-9')"
register 400 "a user name without a name" "$(with "$LOGIN" "$TOKEN" '   ' \
    'Correct-horse-9')"
same "still invited" invited "$(attr "$IRIS" provostState)"
register 200 "V8 registers" "$(with "$LOGIN" "$TOKEN" iris.vogel \
    'Correct-horse-9')"
same "V8 active, with the name that was chosen" "active iris.vogel" \
    "$(ext state) $(body .userName)"
same "V8 the same entry" "$iris" "$(uuid_of "$IRIS")"
same "V8 the temporary login stays" "$login" \
    "$(attr "$IRIS" provostTemporaryLogin)"
same "V8 the invitation is gone" "" "$(attr "$IRIS" provostInvitation)"
same "rights are as they were" 100001 "$(attr "$IRIS" provostAccount)"
check "V8 the password binds" binds "$IRIS" 'Correct-horse-9'
check "and needs not be changed" reads_self "$IRIS" 'Correct-horse-9'
register 409 "V8 twice is refused" "$(with "$LOGIN" "$TOKEN" other \
    'Correct-horse-9')"
same "... clearly" 1 "$(says 'used already')"
ask 409 "V8 nobody who has registered is invited" POST \
    "/v1/users/$iris/invite"
settle
same "all in all two mails" 2 "$(sent iris@corp.example)"

echo "# V8: expired, guessed"
ask 201 "another one" POST /v1/users "{\"name\":{\"familyName\":\"Late\"},
    \"emails\":[{\"value\":\"late@corp.example\"}]}"
LATE=$(dn_of) late=$(body .id)
wait_for "gets a mail" sent_is late@corp.example 1
invitation late@corp.example
old=$(mail_py token "$(cat "$IT/main/code.key")" \
    "$(echo "$LATE" | sed 's/[^=]*=\([^,]*\).*/\1/')" 20200101000000Z)
check "the invitation expires" change "$LATE" "replace: provostInvitation" \
    "provostInvitation: $(printf %s "$old" | sha256sum | cut -d' ' -f1) 20200101000000Z"
settle
register 409 "V8 expired" "$(with "$LOGIN" "$old" late 'Correct-horse-9')"
same "V8 says how to get another" 1 "$(says 'expired on 2020-01-01.*invite you again')"
ask 200 "V8 that is another" POST "/v1/users/$late/invite"
wait_for "in a mail" sent_is late@corp.example 2
invitation late@corp.example
for try in 1 2 3 4 5; do
	register 403 "wrong token $try" "$(with "$LOGIN" "wrong-$try" late \
	    'Correct-horse-9')"
done
register 429 "V28 the next is not looked at, not even a right one" \
    "$(with "$LOGIN" "$TOKEN" late 'Correct-horse-9')"
same "... for a while" 1 "$(grep -ci '^retry-after: [1-9]' "$IT/headers")"
same "nor counted" 5 "$(attr "$LATE" provostWrongCodes | cut -d' ' -f1)"
ask 200 "an invitation starts anew" POST "/v1/users/$late/invite"
wait_for "in a mail" sent_is late@corp.example 3
invitation late@corp.example
for try in 1 2 3 4; do
	curl -sS -m 30 -o /dev/null -H 'Content-Type: application/json' \
	    --data-binary "$(with "$LOGIN" "at-once-$try" l 'Correct-horse-9')" \
	    "$URL/v1/register" &
	tries="$tries $!"
done
wait $tries
same "tries at the same time are counted one by one" 4 \
    "$(attr "$LATE" provostWrongCodes | cut -d' ' -f1)"
register 200 "the right one is good" "$(with "$LOGIN" "$TOKEN" late \
    'Correct-horse-9')"

echo "# V8: with a user name"
ask 201 "V8 with a user name" POST /v1/users '{"userName":"direct",
    "emails":[{"value":"direct@corp.example"}]}'
same "V8 active, not invited" "active null" "$(ext state) $(ext temporaryLogin)"
direct=$(body .id) DIRECT=$(dn_of)
ask 409 "twice" POST /v1/users '{"userName":"direct"}'
settle
same "V8 no mail" 0 "$(sent direct@corp.example)"

echo "# V9: clones"
pat=$(uuid_of "$(person_dn p0001)")
ask 201 "V9 a primary contact is cloned" POST "/v1/users/$pat/clone" \
    '{"name":{"givenName":"Carla","familyName":"Clone"},
    "emails":[{"value":"carla@corp.example"}]}'
CARLA=$(dn_of) carla=$(body .id)
same "V9 never their role, which is said" "role:primary-contact" \
    "$(body '.leftOut[].right' | grep role)"
same "V9 and why" 1 "$(body '.leftOut[].why' | grep -c 'V4a')"
same "... on the entry neither" "" "$(attr "$CARLA" provostRole)"
same "V9 companies and tools are" \
    "$(attr "$(person_dn p0001)" provostToolAccount)" \
    "$(attr "$CARLA" provostToolAccount)"
same "V9 no CPNI, no portal" "" \
    "$(attr "$CARLA" provostCpniAuthorized)$(attr "$CARLA" provostPortalAccess)"
same "V9 with a temporary login" 1 "$(ext temporaryLogin | grep -c '^new-')"
wait_for "V9 invited by mail" sent_is carla@corp.example 1
ask 200 "V12 newest first" GET \
    "/scim/v2/Users?sortBy=meta.created&sortOrder=descending&count=2"
same "V9 V12 the clone is newest in the list" "$carla $direct" \
    "$(body '.Resources[].id' | xargs)"
same "V12 with role and state" "invited" \
    "$(body ".Resources[0].\"$EXTENSION\".state")"
ask 200 "V12 filtered by role" GET \
    "/scim/v2/Users?filter=roles.value+eq+%22viewer%22+and+$EXTENSION:state+eq+%22active%22&sortBy=meta.created&sortOrder=descending&count=1"
same "... the newest of them" "$iris" "$(body '.Resources[0].id')"
ask 400 "V9 a body with rights is refused" POST "/v1/users/$pat/clone" \
    '{"name":{"familyName":"X"},"emails":[{"value":"x@corp.example"}],
    "roles":[{"value":"manager"}]}'
ask 403 "V9 nobody who is invited is cloned" POST "/v1/users/$carla/clone" \
    '{"name":{"familyName":"X"},"emails":[{"value":"x@corp.example"}]}'
ask 404 "nor nobody" POST \
    "/v1/users/00000000-0000-4000-8000-000000000000/clone" \
    '{"name":{"familyName":"X"},"emails":[{"value":"x@corp.example"}]}'

echo "# V11: temporary passwords"
for try in 1 2 3 4 5 6 7 8 9 10 11; do
	binds "$IRIS" wrong
done
same "V11 locked by failed logins" 1 \
    "$(binds "$IRIS" 'Correct-horse-9' || echo 1)"
ask 200 "V11 the password is reset" POST "/v1/users/$iris/reset-password"
wait_for "V11 a mail" sent_is iris@corp.example 3
password=$(shown iris@corp.example text | sed -n 's/^  \([a-z2-9-]*\)$/\1/p')
same "V11 the answer does not hold it" 0 "$(grep -c -e "$password" \
    "$IT/body")"
same "nor the log" 0 "$(grep -c -e "$password" "$IT/log")"
check "V11 it unlocks and binds" binds "$IRIS" "$password"
same "V11 the old one does not" 1 \
    "$(binds "$IRIS" 'Correct-horse-9' || echo 1)"
same "V11 it opens nothing before it is changed" 1 \
    "$(reads_self "$IRIS" "$password" || echo 1)"
check "V11 it is changed" ldappasswd -x -D "$IRIS" -w "$password" \
    -s 'Battery-staple-8' -H "$SLAPD_URI"
check "then it opens" reads_self "$IRIS" 'Battery-staple-8'
ask 200 "V11 again" POST "/v1/users/$iris/reset-password"
wait_for "is another mail" sent_is iris@corp.example 4
check "what began until then is over" test -n \
    "$(attr "$IRIS" provostSessionsEnded)"
same "with another password" 1 "$(shown iris@corp.example text |
    sed -n 's/^  \([a-z2-9-]*\)$/\1/p' | grep -vc -e "$password")"
ask 409 "who is invited has none" POST "/v1/users/$carla/reset-password"

echo "# A1, A2: the portal"
ask 400 "A1 an address is needed" POST "/v1/users/$direct/portal" '{}'
ask 400 "A1 theirs" POST "/v1/users/$direct/portal" \
    '{"email":"somebody.else@corp.example"}'
ask 200 "A1 given" POST "/v1/users/$direct/portal" \
    '{"email":"Direct@corp.example"}'
same "A1 invited" invited "$(ext portalAccess)"
wait_for "A1 a mail" sent_is direct@corp.example 1
same "A1 how to register" 1 "$(shown direct@corp.example text |
    grep -c 'https://portal.example/register?login=direct')"
ask 200 "again is nothing new" POST "/v1/users/$direct/portal" \
    '{"email":"direct@corp.example"}'
settle
same "..." 1 "$(sent direct@corp.example)"
check "direct holds something" change "$DIRECT" "add: provostCompany" \
    "provostCompany: acme-telecom"
settle
ask 200 "A2 taken" DELETE "/v1/users/$direct/portal"
same "A2 none; the company stays" "none acme-telecom" \
    "$(ext portalAccess) $(ext 'companies[0]')"
same "A2 sessions end with it" 1 \
    "$(attr "$DIRECT" provostSessionsEnded | grep -c '^20[0-9.]*Z$')"
ask 200 "A1 carla is given it" POST "/v1/users/$carla/portal" \
    '{"email":"carla@corp.example"}'
invitation carla@corp.example
ask 200 "A2 and it is taken over SCIM" PATCH "/scim/v2/Users/$carla" \
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations":[{"op":"replace","path":"portalAccess","value":"none"}]}'
same "A2 the open invitation ends with it" "" \
    "$(attr "$CARLA" provostInvitation)"
register 403 "A2 so that nobody registers" "$(with "$LOGIN" "$TOKEN" carla \
    'Correct-horse-9')"

ask 201 "A1 pia is invited, to the portal too" POST /v1/users "{
    \"name\":{\"familyName\":\"Pia\"},
    \"emails\":[{\"value\":\"pia@corp.example\"}],
    \"$EXTENSION\":{\"portalAccess\":\"invited\"}}"
wait_for "by one mail" sent_is pia@corp.example 1
invitation pia@corp.example
register 200 "she registers" "$(with "$LOGIN" "$TOKEN" pia \
    'Correct-horse-9')"
same "A1 her access is active" active "$(ext portalAccess)"
settle
same "and no other mail follows" 1 "$(sent pia@corp.example)"

echo "# V10: deleted"
ask 204 "V10 deleted" DELETE "/scim/v2/Users/$iris"
register 403 "V10 nothing brings them back" "$(with "$login" "$first" iris \
    'Correct-horse-9')"
ask 404 "V10 not even a new password" POST "/v1/users/$iris/reset-password"

echo "# L5: self registration"
ask 201 "an account with a code" POST /scim/v2/Accounts '{
    "schemas":["urn:ietf:params:scim:schemas:provost:2.0:Account"],
    "accountNumber":"200050","company":"acme-logistics","enterprise":"acme",
    "invitationCode":"SELF-2345"}'
ACCOUNT=provostAccountNumber=200050,ou=accounts,$SUFFIX
# self NAME CODE MORE
self() {
	echo "{\"invitationCode\":\"$2\",\"name\":\"Sam Self\",
	    \"email\":\"$1@corp.example\",\"userName\":\"$1\",
	    \"password\":\"Correct-horse-9\"$3}"
}
register 403 "L5 a wrong code" "$(self sam SELF-2346)"
register 403 "L5 for this account" \
    "$(self sam SELF-2346 ',"accountNumber":"200050"')"
same "... which counts" 1 "$(attr "$ACCOUNT" provostWrongCodes |
    cut -d' ' -f1)"
register 403 "another account's number" \
    "$(self sam SELF-2345 ',"accountNumber":"100001"')"
register 400 "V24 billing is chosen first" "$(self sam SELF-2345)"
same "..." 1 "$(says 'paper or paperless')"
register 400 "a weak password" "$(self sam SELF-2345 \
    ',"billing":"paperless"' | sed s/Correct-horse-9/weak/)"
register 201 "L5 registers, whatever else is said" "$(self sam 'self 2345' \
    ',"billing":"paperless","accountNumber":"200050",
    "roles":[{"value":"manager"}],"state":"invited"')"
SAM=$(dn_of)
same "L5 active, viewing, company, account" \
    "active viewer acme-logistics 200050" "$(ext state) \
$(body '.roles[0].value') $(ext 'companies[0]') $(ext 'accounts[0]')"
same "V24 billing stands on the account" paperless \
    "$(attr "$ACCOUNT" provostBilling)"
check "the password binds" reads_self "$SAM" 'Correct-horse-9'
register 409 "a user name that is taken" "$(self sam SELF-2345)"
check "L5 self registration is switched off" change \
    "provostEnterpriseId=acme,ou=enterprises,$SUFFIX" \
    "replace: provostSelfRegistration" "provostSelfRegistration: FALSE"
settle
register 403 "L5 nobody registers" "$(self tom SELF-2345)"
register 403 "L5 nor guesses" "$(self tom X ',"accountNumber":"200050"')"
same "... or locks an account" 1 "$(attr "$ACCOUNT" provostWrongCodes |
    cut -d' ' -f1)"
settle
same "nobody self registered got an invitation" 0 "$(sent sam@corp.example)"

echo "# the same by a person, in their own name"
session=$(curl -sS -H 'Content-Type: application/json' --data-binary \
    '{"userName":"pat.contact","password":"sample-pat.contact"}' \
    "$URL/v1/session" | jq -r .token)
# pat STATUS TEXT METHOD PATH [JSON]: with Pat's session.
pat() {
	as "$session" "$@"
}
# ann COMPANY ROLE
ann() {
	echo "{\"name\":{\"familyName\":\"Ann\"},
	    \"emails\":[{\"value\":\"ann@corp.example\"}],
	    \"roles\":[{\"value\":\"$2\"}],
	    \"$EXTENSION\":{\"companies\":[\"$1\"]}}"
}
pat 403 "V2 not for a company that is not theirs" POST /v1/users \
    "$(ann acme-logistics viewer)"
pat 403 "V3 no primary contact" POST /v1/users \
    "$(ann acme-telecom primary-contact)"
pat 201 "V7 a primary contact creates" POST /v1/users \
    "$(ann acme-telecom viewer)"
ANN=$(dn_of) ann=$(body .id)
same "V8 who made them" "person:$pat" "$(attr "$ANN" provostCreatedBy)"
same "in whose name" "$(person_dn p0001)" "$(attr "$ANN" creatorsName)"
pat 200 "V8 invites again" POST "/v1/users/$ann/invite"
wait_for "by mail" sent_is ann@corp.example 2
invitation ann@corp.example
register 200 "V8 registers" "$(with "$LOGIN" "$TOKEN" ann \
    'Correct-horse-9')"
pat 200 "V11 resets" POST "/v1/users/$ann/reset-password"
wait_for "by mail" sent_is ann@corp.example 3
check "V11 a password that binds" binds "$ANN" "$(shown ann@corp.example \
    text | sed -n 's/^  \([a-z2-9-]*\)$/\1/p')"
pat 200 "A1 gives access" POST "/v1/users/$ann/portal" \
    '{"email":"ann@corp.example"}'
pat 200 "A2 takes it" DELETE "/v1/users/$ann/portal"
pat 201 "V9 clones" POST "/v1/users/$ann/clone" \
    '{"name":{"familyName":"Bee"},"emails":[{"value":"bee@corp.example"}]}'
maya=$(uuid_of "$(person_dn p0005)") bella=$(uuid_of "$(person_dn p0009)")
pat 201 "V4a clones who is others', too" POST "/v1/users/$maya/clone" \
    '{"name":{"familyName":"Cee"},"emails":[{"value":"cee@corp.example"}]}'
same "V4a what is others' is counted, not named" "0 1" \
    "$(body .leftOut | grep -c 'acme-retail\|acme-logistics\|[23]0000[0-9]') \
$(body '.leftOut[] | select(.right == "").why' | grep -c '^[0-9]* others')"
for what in clone invite reset-password portal; do
	pat 404 "V2 nobody's $what whom they don't see" POST \
	    "/v1/users/$bella/$what" '{"name":{"familyName":"X"},
	    "email":"x@corp.example","emails":[{"value":"x@corp.example"}]}'
	same "... as of one who is not there" "there is no User with this id" \
	    "$(body .detail)"
done
ask 201 "somebody without mail" POST /v1/users "{\"userName\":\"nomail\",
    \"$EXTENSION\":{\"companies\":[\"acme-telecom\",\"acme-retail\"]}}"
NOMAIL=$(dn_of) nomail=$(body .id)
settle
pat 403 "V4a no address for who has more than they reach" POST \
    "/v1/users/$nomail/portal" '{"email":"mine@corp.example"}'
same "... is given" "" "$(attr "$NOMAIL" mail)"
pat 403 "V4a nobody beyond their reach is reset" POST "/v1/users/$(uuid_of \
    "$(person_dn p0005)")/reset-password"

echo "# who guesses"
stop
conf "auth: { failures = 3; };"
start
ask 501 "V11 without mail nobody is locked out" POST \
    "/v1/users/$direct/reset-password"
for try in 1 2 3 4; do
	register 403 "guess $try" "$(with new-aaaaa-bbbb$try x y z)"
done
register 429 "then the address waits" "$(with new-aaaaa-bbbb5 x y z)"
stop
same "the daemon ended well" 0 $EXIT
finish
