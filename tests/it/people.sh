#!/bin/sh
# SPDX-License-Identifier: ISC
# People sign in (V5, V8, V11, A2): sessions on two daemons of one directory,
# what ends them, passwords and their policy, /Me.
. "$(dirname "$0")/daemon.sh"

VERA=$(person_dn p0016) NINA=$(person_dn p0024) ADA=$(person_dn p0006)
LEO=$(person_dn p0004) CARL=$(person_dn p0025) QUINN=$(person_dn p0002)
RITA=$(person_dn p0003)
OTHER=

slapd_new
trap 'other_stop; it_end; slapd_free' EXIT
slapd_load
slapd_start
DIRECTORY=$SLAPD_URI
echo $DAEMON_PASSWORD >"$IT/password"
echo it-key-of-codes-and-sessions >"$IT/code.key"
# settings DIR AUTH: of a daemon whose files are in IT/DIR.
settings() {
	mkdir -p "$IT/$1"
	conf "directory: { suffix = \"$SUFFIX\"; uris = [ \"$DIRECTORY\" ];
	bind_dn = \"$DAEMON\"; password_file = \"$IT/password\";
	code_key_file = \"${KEY-$IT/code.key}\"; };
view: { dir = \"$IT/$1/view\"; };
journal: { dir = \"$IT/$1\"; };
auth: { $2 };
http: { listen = \"127.0.0.1:0\"; };"
	mv "$IT/provostd.conf" "$IT/$1.conf"
}
# A second daemon with settings of its own, at $SECOND.
other() {
	settings other "$1"
	: >"$IT/other/out"
	"$BIN/provostd" -c "$IT/other.conf" >"$IT/other/out" 2>>"$IT/log" &
	OTHER=$!
	until_true 30 grep -q '^provostd: ready' "$IT/other/out" || {
		echo "FAILED: the second daemon does not become ready"
		exit 1
	}
	SECOND=$(sed -n 's/^provostd: listening on //p' "$IT/other/out")
}
other_stop() {
	[ -n "$OTHER" ] || return 0
	kill "$OTHER" 2>/dev/null
	wait "$OTHER" 2>/dev/null
	OTHER=
}
# with TOKEN METHOD PATH [JSON]: as that person; "" without a token.
with() {
	token=$1 method=$2 path=$3
	set -- ${4+--data-binary "$4"}
	[ -z "$token" ] || set -- "$@" -H "Authorization: Bearer $token"
	STATUS=$(curl -sS -m 30 -X "$method" -D "$IT/headers" -o "$IT/body" \
	    -w '%{http_code}' -H 'Content-Type: application/json' "$@" \
	    "$AT$path")
}
# as STATUS TEXT TOKEN METHOD PATH [JSON]
as() {
	want=$1 text=$2; shift 2
	: >"$IT/body"
	with "$@"
	same "$text" "$want" "$STATUS"
	[ "$STATUS" = "$want" ] || sed 's/^/	/' "$IT/body"
}
# sign_in STATUS TEXT USER PASSWORD: the session is $TOKEN.
sign_in() {
	as "$1" "$2" "" POST /v1/session \
	    "{\"userName\":\"$3\",\"password\":\"$4\"}"
	TOKEN=$(body '.token // ""')
}
status_is() {
	with "$2" GET /scim/v2/Me
	[ "$STATUS" = "$1" ]
}
# over TEXT TOKEN: a session that has ended.
over() {
	wait_for "$1" status_is 401 "$2"
}
header() {
	sed -n "s/^$1: //Ip" "$IT/headers" | tr -d '\r'
}
# set_to DN ATTRIBUTE VALUE: by the manager, with ldapmodify.
set_to() {
	change "$1" "replace: $2" "$2: $3" >/dev/null
}

# begun TOKEN: when it was issued; csn_time DN: when the entry was written. Both
# as GeneralizedTime with microseconds, which sort.
begun() {
	python3 - "$1" <<'END'
import base64, datetime, sys
t = int.from_bytes(base64.urlsafe_b64decode(sys.argv[1][3:])[18:26], "big")
print((datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=t))
      .strftime("%Y%m%d%H%M%S.%fZ"))
END
}
csn_time() {
	attr "$1" entryCSN | cut -d'#' -f1
}
# in_order TEXT TIME TIME
in_order() {
	same "$1" "$(printf '%s\n' "$2" "$3")" \
	    "$(printf '%s\n' "$2" "$3" | LC_ALL=C sort -u)"
}

tool_start
settings main 'failures = 1000;'
start_on "$IT/main.conf"
AT=$URL
first_client >/dev/null

echo "# signing in"
sign_in 200 "with user name and password" vera.haas sample-vera.haas
VERAS=$TOKEN
vera=$(uuid_of "$VERA")
same "a token of its own kind" ps_ "$(echo "$VERAS" | cut -c 1-3)"
same "who it is" "$vera vera.haas" "$(body '.user | "\(.id) \(.userName)"')"
first=$(attr "$VERA" provostFirstLogin)
check "V8: the first sign-in is noted" test -n "$first"
in_order "the session counts from before that" "$(begun "$VERAS")" \
    "$(csn_time "$VERA")"
same "by the person" "$VERA" "$(attr "$VERA" modifiersName)"
same "nothing has to be changed" false "$(body .mustChangePassword)"
same "nobody keeps it" no-store "$(header Cache-Control)"
sign_in 200 "however the name is written" "Vera.HAAS" sample-vera.haas
set_to "$CARL" provostTemporaryLogin tmp-4711
carl_came() {
	with "" POST /v1/session \
	    '{"userName":"tmp-4711","password":"sample-carl.meyer"}'
	[ "$STATUS" = 200 ]
}
wait_for "by a temporary login" carl_came
sign_in 401 "a wrong password" vera.haas sample-vera.haaz
wrong=$(body .detail)
sign_in 401 "an unknown user" nobody sample-vera.haas
same "the same words" "$wrong" "$(body .detail)"
sign_in 401 "no wildcard" 'vera*' sample-vera.haas
sign_in 400 "no password at all" vera.haas ""
as 400 "nor another kind of value" "" POST /v1/session \
    '{"userName":"vera.haas","password":7}'
sign_in 200 "a second one" vera.haas sample-vera.haas
same "is not the first" "$first" "$(attr "$VERA" provostFirstLogin)"

echo "# V5: /Me"
as 200 "oneself" "$VERAS" GET /scim/v2/Me
same "is the person" "vera.haas $URL/scim/v2/Users/$vera" \
    "$(body '"\(.userName) \(.meta.location)"')"
same "and says where they are" "$URL/scim/v2/Users/$vera" "$(header Location)"
curl -sS -I -H "Authorization: Bearer $VERAS" "$URL/scim/v2/Me" |
    grep -q '^HTTP/1.1 200'
same "HEAD" 0 $?
as 200 "by the id" "$VERAS" GET "/scim/v2/Users/$vera"
ask 501 "a client is nobody" GET /scim/v2/Me
ask 403 "nor has it sessions" DELETE /v1/session
ask 403 "or a password" POST /v1/password '{"oldPassword":"a",
    "newPassword":"b"}'
as 403 "people don't read metrics" "$VERAS" GET /metrics
as 403 "nor clients" "$VERAS" GET /scim/v2/Clients

echo "# tokens"
python3 - "$VERAS" >"$IT/forged" <<'END'
import sys
token = sys.argv[1]
for i in range(len(token)):
    print(token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:])
END
bad=0
while read -r forged; do
	with "$forged" GET /scim/v2/Me
	[ "$STATUS" = 401 ] || bad=$((bad + 1))
done <"$IT/forged"
same "any character changed ($(wc -l <"$IT/forged"))" 0 $bad
as 401 "one less" "$(echo "$VERAS" | sed 's/.$//')" GET /scim/v2/Me

echo "# daemons"
stop
start_on "$IT/main.conf"
AT=$URL
as 200 "a restart keeps the session" "$VERAS" GET /scim/v2/Me
other 'failures = 3; session = "1s";'
AT=$SECOND
as 200 "another daemon with the same key takes it" "$VERAS" GET /scim/v2/Me
sign_in 200 "a session of a second" vera.haas sample-vera.haas
as 200 "is good" "$TOKEN" GET /scim/v2/Me
over "and expires" "$TOKEN"
same "and is no guess" "sign in again" "$(body .detail |
    grep -o 'sign in again')"
for i in 1 2 3 4; do
	with "$TOKEN" GET /scim/v2/Me
done
sign_in 401 "the first wrong password" vera.haas wrong
sign_in 401 "the second" nobody wrong
sign_in 401 "the third" vera.haas wrong
one_more() {
	with "" POST /v1/session '{"userName":"vera.haas","password":"no"}'
	[ "$STATUS" = 429 ]
}
wait_for "with more of them the address waits" one_more
check "and is told how long" test "$(header Retry-After)" -ge 1
sign_in 200 "who was right lately gets in" vera.haas sample-vera.haas
other_stop
KEY=
other 'session = "1h";'
unset KEY
AT=$SECOND
as 401 "a daemon without a key takes none" "$VERAS" GET /scim/v2/Me
sign_in 501 "and says so" vera.haas sample-vera.haas
other_stop
echo it-key-of-somebody-else >"$IT/other.key"
KEY=$IT/other.key
other ''
unset KEY
AT=$SECOND
as 401 "with another key neither" "$VERAS" GET /scim/v2/Me
other_stop
AT=$URL

echo "# what ends a session"
sign_in 200 "Nina" nina.brandt sample-nina.brandt
NINAS=$TOKEN
as 204 "signing out" "$NINAS" DELETE /v1/session
as 401 "ends it" "$NINAS" GET /scim/v2/Me
same "in the person's name" "$NINA" "$(attr "$NINA" modifiersName)"
sign_in 200 "at once again" nina.brandt sample-nina.brandt
NINAS=$TOKEN
as 200 "is another session" "$NINAS" GET /scim/v2/Me
set_to "$NINA" provostState suspended
over "who is suspended in between is out" "$NINAS"
sign_in 401 "and does not get in" nina.brandt sample-nina.brandt
set_to "$NINA" provostState active
wait_for "back again it is the same session" status_is 200 "$NINAS"
set_to "$NINA" provostPortalAccess none
over "A2: without portal access it ends" "$NINAS"
sign_in 403 "nobody signs in" nina.brandt sample-nina.brandt
same "and is told why" "(A2)" "$(body .detail | grep -o '(A2)')"
set_to "$NINA" provostPortalAccess invited
nina_came() {
	with "" POST /v1/session \
	    '{"userName":"nina.brandt","password":"sample-nina.brandt"}'
	[ "$STATUS" = 200 ]
}
wait_for "A1: who was invited again comes" nina_came
same "and has access" active "$(attr "$NINA" provostPortalAccess)"
set_to "$QUINN" provostState left
sign_in 401 "who left does not sign in" quinn.harper sample-quinn.harper
set_to "$QUINN" provostState invited
invited() {
	with "" POST /v1/session \
	    '{"userName":"quinn.harper","password":"sample-quinn.harper"}'
	[ "$STATUS" = 403 ]
}
wait_for "nor who is invited only" invited
sign_in 200 "Carl" carl.meyer sample-carl.meyer
CARLS=$TOKEN
ask 204 "he is deleted" DELETE "/scim/v2/Users/$(uuid_of "$CARL")"
as 401 "and with him his session" "$CARLS" GET /scim/v2/Me
sign_in 401 "for good" carl.meyer sample-carl.meyer

sign_in 200 "Rita" rita.mendez sample-rita.mendez
RITAS=$TOKEN
rita=/scim/v2/Users/$(uuid_of "$RITA")
ask 200 "her password is set by a client" PATCH "$rita" '{"Operations":[
    {"op":"replace","path":"password","value":"from-the-idp-1"}]}'
as 401 "which ends her session" "$RITAS" GET /scim/v2/Me
sign_in 200 "she signs in with it" rita.mendez from-the-idp-1
RITAS=$TOKEN
ask 200 "the same password again" PATCH "$rita" '{"Operations":[
    {"op":"replace","path":"password","value":"from-the-idp-1"}]}'
as 200 "is no change" "$RITAS" GET /scim/v2/Me
waiting() {
	[ "$(curl -sS -H "Authorization: Bearer my-first-token" \
	    "$URL/metrics" |
	    sed -n 's/^provost_http_waiting.* //p')" = "$1" ]
}
kill -STOP "$SLAPD_PID"
http PATCH "$rita" '{"Operations":[
    {"op":"replace","path":"password","value":"from-the-idp-2"}]}' &
wait_for "another one is under way" waiting 1
mark=$(date -u +%Y%m%d%H%M%S.%6NZ)
kill -CONT "$SLAPD_PID"
wait $!
in_order "ended is what began before it was there" "$mark" \
    "$(attr "$RITA" provostSessionsEnded)"
sign_in 401 "the old one is over" rita.mendez from-the-idp-1
sign_in 200 "she signs in with it" rita.mendez from-the-idp-2
RITAS=$TOKEN
as 200 "for good" "$RITAS" GET /scim/v2/Me

echo "# A2: access to the portal, over SCIM"
portal() {	# OP [VALUE]
	ask 200 "portalAccess: $*" PATCH "$rita" "{\"Operations\":[{\"op\":
	    \"$1\",\"path\":\"$EXTENSION:portalAccess\"${2:+,
	    \"value\":\"$2\"}}]}"
}
portal replace active
as 200 "A2 with access the session is good" "$RITAS" GET /scim/v2/Me
portal remove
same "A2 what is removed is none" none "$(attr "$RITA" provostPortalAccess)"
as 401 "A2 the session ends" "$RITAS" GET /scim/v2/Me
sign_in 403 "A2 she doesn't sign in" rita.mendez from-the-idp-2
portal remove
same "A2 nor is none removed" none "$(attr "$RITA" provostPortalAccess)"
portal replace active
sign_in 200 "A1 given again she does" rita.mendez from-the-idp-2
RITAS=$TOKEN
ask 200 "she as she is" GET "$rita"
ask 200 "A2 a PUT without it" PUT "$rita" \
    "$(body "del(.\"$EXTENSION\".portalAccess)")"
same "A2 takes it as well" none "$(attr "$RITA" provostPortalAccess)"
as 401 "A2 the session ends" "$RITAS" GET /scim/v2/Me
ask 200 "she as she is now" GET "$rita"
ask 200 "A2 another one" PUT "$rita" \
    "$(body "del(.\"$EXTENSION\".portalAccess)")"
same "A2 does not give it back" none "$(attr "$RITA" provostPortalAccess)"
portal replace active
sign_in 200 "A1 given again" rita.mendez from-the-idp-2
RITAS=$TOKEN
check "A2 a period that has ended" change "$RITA" "add: provostPeriod" \
    "provostPeriod: portal - 20200101000000Z"
over "A2 ends the session" "$RITAS"
sign_in 403 "A2 and nobody signs in" rita.mendez from-the-idp-2

echo "# V11: passwords"
change_password() {	# STATUS TEXT TOKEN OLD NEW
	as "$1" "$2" "$3" POST /v1/password \
	    "{\"oldPassword\":\"$4\",\"newPassword\":\"$5\"}"
}
change_password 403 "the old one must be right" "$VERAS" wrong a-new-long-one
change_password 400 "the new one long enough" "$VERAS" sample-vera.haas short
same "that is said" "too short" "$(body .detail | grep -o 'too short')"
as 400 "both are needed" "$VERAS" POST /v1/password '{"newPassword":"x"}'
as 401 "as is a session" "" POST /v1/password '{"oldPassword":"a",
    "newPassword":"b"}'
change_password 200 "one's own" "$VERAS" sample-vera.haas a-new-long-one
NEW=$(body .token)
as 401 "other sessions end" "$VERAS" GET /scim/v2/Me
as 200 "the answer has another one" "$NEW" GET /scim/v2/Me
change_password 400 "none that was there before" "$NEW" a-new-long-one \
    sample-vera.haas
same "that is said as well" "used before" \
    "$(body .detail | grep -o 'used before')"
sign_in 401 "the old one is over" vera.haas sample-vera.haas
sign_in 200 "the new one good" vera.haas a-new-long-one

echo "# V11: locked, reset, changed at first use"
for i in 1 2 3 4 5 6 7 8 9 10; do
	with "" POST /v1/session \
	    "{\"userName\":\"ada.lindgren\",\"password\":\"guess-$i\"}"
done
sign_in 401 "ten wrong passwords lock" ada.lindgren sample-ada.lindgren
same "and it is said what to do" "have the password reset" \
    "$(body .detail | grep -o 'have the password reset')"
check "a reset by the daemon" daemon ldapmodify <<END
dn: $ADA
changetype: modify
replace: userPassword
userPassword: temporary-one
-
replace: pwdReset
pwdReset: TRUE
-
replace: provostSessionsEnded
provostSessionsEnded: 20200101000000Z
END
same "unlocks" "" "$(attr "$ADA" pwdAccountLockedTime)"
sign_in 200 "the temporary one is good" ada.lindgren temporary-one
ADAS=$TOKEN
same "to be changed" true "$(body .mustChangePassword)"
as 200 "oneself can be seen" "$ADAS" GET /scim/v2/Me
as 403 "nothing else" "$ADAS" GET /scim/v2/Roles
as 403 "not even in disguise" "$ADAS" GET \
    "/scim/v2/Users/$(uuid_of "$ADA")"
as 403 "nor changed" "$ADAS" PATCH /scim/v2/Me '{"Operations":[]}'
change_password 200 "it is changed" "$ADAS" temporary-one my-own-long-one
ADAS=$(body .token)
same "nothing has to be changed any more" false "$(body .mustChangePassword)"
as 200 "and all is open" "$ADAS" GET /scim/v2/ServiceProviderConfig
sign_in 200 "also at the next time" ada.lindgren my-own-long-one
same "nothing to be changed" false "$(body .mustChangePassword)"
# Where the directory doesn't know pwdReset, provostReset does.
sign_in 200 "Leo" leo.fischer sample-leo.fischer
LEOS=$TOKEN
check "the mark of a reset" change "$LEO" "add: provostReset" \
    "provostReset: $(printf sample-leo.fischer | sha256sum |
    cut -d' ' -f1) $(date -u +%Y%m%d%H%M%SZ)"
over "ends the session" "$LEOS"
sign_in 200 "the password it was made with" leo.fischer sample-leo.fischer
same "must be changed" true "$(body .mustChangePassword)"
change_password 200 "is" "$TOKEN" sample-leo.fischer leos-own-long-one
same "and the mark is gone" "" "$(attr "$LEO" provostReset)"
as 204 "out" "$(body .token)" DELETE /v1/session

echo "# V5: what people change of themselves"
patch_me() {	# STATUS TEXT OPERATION
	as "$1" "$2" "$TOKEN" PATCH /scim/v2/Me "{\"Operations\":[$3]}"
}
sign_in 200 "Vera" vera.haas a-new-long-one
patch_me 200 "preferences" '{"op":"add","path":"'$EXTENSION':preferences",
    "value":["language de"]}'
same "are one's own" "language de" "$(attr "$VERA" provostPreference)"
same "and changed in one's own name" "$VERA" "$(attr "$VERA" modifiersName)"
same "where it is" "$URL/scim/v2/Users/$vera" "$(header Location)"
patch_me 403 "not the role" '{"op":"replace","path":"roles",
    "value":[{"value":"administrator"}]}'
patch_me 403 "not a company" '{"op":"add","path":"'$EXTENSION':companies",
    "value":["acme-retail"]}'
patch_me 403 "not what one is called" '{"op":"replace","path":"userName",
    "value":"root"}'
patch_me 403 "nor the password without the old one" '{"op":"replace",
    "path":"password","value":"without-the-old"}'
as 403 "nor to be gone" "$TOKEN" DELETE /scim/v2/Me
as 404 "nor anybody else, whom they don't see" "$TOKEN" PATCH "/scim/v2/Users/$(uuid_of "$NINA")" \
    '{"Operations":[{"op":"replace","path":"title","value":"x"}]}'

echo "# nothing of it is told"
same "no password or token in the log" "" "$(grep -e 'sample-[a-z]*[.]' \
    -e my-own-long -e ps_ "$IT/log")"
same "nor in the journal" "" "$(grep -h -e my-own-long -e '"ps_' \
    "$IT"/main/journal* 2>/dev/null)"
finish
