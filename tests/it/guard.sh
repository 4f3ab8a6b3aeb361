#!/bin/sh
# SPDX-License-Identifier: ISC
# The guard's gate (rule 8, J3) over HTTP: a source may take something from so
# many people and no more, in one request and within 24 hours; what is above is
# refused, held and waits for somebody's word, over HTTP, on the command line
# or with ldapmodify, also over a restart.
. "$(dirname "$0")/daemon.sh"
N=400		# people of each source: 5 % are 20

# --- what there is besides the sample ----------------------------------------
people() {	# people SOURCE
	awk -v n=$N -v dn="$DN" -v who="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "dn: provostPersonId=%s%d,%s\nobjectClass: inetOrgPerson\n" \
		"objectClass: provostUser\nprovostPersonId: %s%d\nuid: %s%d\n" \
		"cn: P %d\nsn: P\nprovostState: active\nprovostOwner: %s\n" \
		"provostCompany: acme-telecom\n\n", who, i, dn, who, i, who, i, i,
		who }'
}
last_seen() {
	http GET "/scim/v2/Users?filter=userName+eq+%22it$N%22"
	[ "$(body .totalResults)" = 1 ]
}
client() {	# client NAME OWNER SCOPES: its token
	http POST /scim/v2/Clients "$(printf \
	    '{"name":"%s","owner":"%s","scopes":[%s]}' "$1" "$2" "$3")"
	body .token
}
client_id() {
	manager ldapsearch -LLL -b "ou=clients,$SUFFIX" "cn=$1" \
	    provostClientId | values provostClientId
}
called() {	# called NAME: as who asked
	echo "client:$(client_id "$1")"
}
id() {		# id PERSON
	uuid_of "$(person_dn "$1")"
}
off() {		# off TOKEN STATUS TEXT PERSON
	as "$1" "$2" "$3" PATCH "/scim/v2/Users/$(id "$4")" \
	    '{"Operations":[{"op":"replace","path":"active","value":false}]}'
}
state() {	# state TEXT WANTED PERSON
	same "$1" "$2" "$(attr "$(person_dn "$3")" provostState)"
}
job() {		# the job that the last answer names
	body .detail | sed -n 's/.*held job \([a-z2-7]*\).*/\1/p'
}
waiting() {
	http GET /v1/held
	body '.held | length'
}
of_job() {	# of_job ID FILTER
	http GET "/v1/held/$1"
	body "$2"
}
job_dn() {
	echo "provostJobId=$1,ou=jobs,$SUFFIX"
}
window_dn() {
	job_dn "w-source-$1"
}
# All that was counted for a source was done so many hours ago.
ago() {		# ago SOURCE HOURS
	then=$(date -u -d "$2 hours ago" +%Y%m%d%H)
	window=$(window_dn "$1")
	{
		printf 'dn: %s\nchangetype: modify\nreplace: provostJobData\n' \
		    "$window"
		attr "$window" provostJobData | sed "s/^hour [0-9]* /hour $then /" |
		    sed 's/^/provostJobData: /'
	} | manager ldapmodify >"$IT/ldapmodify" 2>&1
}

conf 'guard: { day_floor = 10; };'
start
{ people hr; people it; } | manager ldapadd >/dev/null 2>"$IT/ldapadd" ||
	{ echo "FAILED: $(cat "$IT/ldapadd")"; exit 1; }
wait_for "all are served" last_seen
hr=$(client hr-one hr '"read","write:Users"')
hr2=$(client hr-two hr '"read","write:Users"')
it=$(client it it '"read","write:Users","write:Groups"')
staff=$(client second "" '"admin"')

echo "# D4: one below, at, above: 20 are 5 % of a source's own"
for i in $(seq 1 19); do
	printf '%s{"method":"PATCH","path":"/Users/%s","data":{"Operations":[{"op":"replace","value":{"active":false}}]}}' \
	    "$([ $i = 1 ] || echo ,)" "$(id hr$i)"
done >"$IT/operations"
as "$hr" 200 "19 in a Bulk" POST /scim/v2/Bulk '{"schemas":[
	"urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
	"Operations":['"$(cat "$IT/operations")"']}'
same "... pass" "19 200" "$(body '[.Operations[].status] |
	"\(length) \(unique | join(","))"')"
off "$hr" 200 "one more" hr20
state "... is off" suspended hr20
off "$hr" 403 "and one more" hr21
detail "source hr: people who lose something within 24 hours: 21 of 400"
detail "provost release .*/v1/held/.*/release.*send it again"
same "... as SCIM's error" urn:ietf:params:scim:api:messages:2.0:Error \
    "$(body '.schemas[0]')"
state "... stays as it was" active hr21
J=$(job)
off "$hr" 403 "once more the same" hr21
same "... is the same job" "$J" "$(job)"
off "$hr2" 403 "the source's other client" hr22
same "... too" "$J" "$(job)"
same "... and names two" "2 2 held gate hr 3" "$(of_job "$J" '"\(.people
	) \(.itemCount) \(.state) \(.kind) \(.source) \(.asked)"')"
same "... who asked" \
    "$( { called hr-one; called hr-two; } | LC_ALL=C sort | paste -sd" ")" \
    "$(body '.askedBy | sort | join(" ")')"
same "... as people call them" "what hr-one takes from people" \
    "$(body .what)"
check "... and what for" sh -c 'jq -r ".items[].text" "$1" |
    grep -qx "hr22: disabled: provostState suspended"' - "$IT/body"
check "it stands in the directory" attr_is "$(job_dn "$J")" provostJobState held
check "the refusal is in the journal" \
    grep -q '"refused".*held job '"$J" "$IT/main/journal.jsonl"
as "$hr" 200 "what takes nothing passes" PATCH "/scim/v2/Users/$(id hr23)" \
    '{"Operations":[{"op":"replace","path":"title","value":"Chief"}]}'
off "$hr" 200 "who is off already is nobody new" hr20
as "$hr" 204 "the one whom it has disabled loses more" DELETE \
    "/scim/v2/Users/$(id hr20)"
off "$it" 200 "another source is not held" it1

counted() {	# counted SOURCE: people, as the directory says
	attr "$(window_dn "$1")" provostJobData |
	    awk '/^hour/ { n += $NF } END { print n + 0 }'
}
counted_is() {
	[ "$(counted "$1")" = "$2" ]
}
wait_for "what is counted is written" counted_is hr 20

echo "# over a death"
stop KILL
start
same "the job waits" 1 "$(waiting)"
off "$hr" 403 "the source, too" hr21
same "... for it" "$J" "$(job)"

echo "# who decides"
as "$hr" 403 "not any client" POST "/v1/held/$J/release"
as "$hr" 200 "which may look" GET "/v1/held/$J"
as "" 401 "nobody may not" GET /v1/held
ask 404 "no such job" POST /v1/held/none/release
ask 400 "a state that is none" GET "/v1/held?state=open"
runs 0 "the list" "$J.*held.*hr" held
runs 0 "one" "hr22: disabled" held "$J"
runs 0 "status counts it" "held *1" status
json "the list" ".held[0].id == \"$J\"" held
runs 0 "release" "$J: released" release "$J" --reason "a reorganisation"
same "... by whom, why" "released client:admin a reorganisation" \
    "$(of_job "$J" '"\(.state) \(.decidedBy) \(.reason)"')"
runs 1 "... once" "has been released by client:admin" reject "$J"
runs 0 "nothing waits" "holds nothing" held
off "$hr" 200 "what it held passes now" hr21
off "$hr" 200 "... and the other" hr22
off "$hr" 403 "and no more" hr23
J2=$(job)
check "... in a job of its own" test -n "$J2" -a "$J2" != "$J"

echo "# released with ldapmodify"
check "an administrator writes the state" change "$(job_dn "$J2")" \
    "replace: provostJobState" "provostJobState: released"
passed() {
	http GET "/v1/held/$J2"
	[ "$(body .state)" = released ]
}
wait_for "the daemon sees it" passed
check "... whose word it was" sh -c 'jq -r .decidedBy "$1" |
    grep -q "^cn="' - "$IT/body"
off "$hr" 200 "it passes" hr23

echo "# rejected"
off "$hr" 403 "one more" hr24
J3=$(job)
runs 0 "rejected" "$J3: rejected" reject "$J3" --reason "ask payroll first"
off "$hr" 403 "the same again" hr24
detail "$J3.*rejected by client:admin: ask payroll first"
same "... is no new job" 0 "$(waiting)"
off "$hr" 403 "something else" hr25
J4=$(job)
same "... is" 1 "$(waiting)"
ask 200 "the state over HTTP" POST "/v1/held/$J4/reject" '{"reason":"no"}'
same "... is answered" "rejected no" "$(body '"\(.state) \(.reason)"')"
http GET "/v1/held?state=all"
same "all that was decided" "rejected rejected released released" \
    "$(body '[.held[].state] | sort | join(" ")')"

echo "# slow bleed: 24 hours roll"
off "$hr" 403 "held" hr26
wait_for "counted" counted_is hr 23
ago hr 23
off "$hr" 403 "23 hours later they still count" hr26
ago hr 26
passes() {
	http PATCH "/scim/v2/Users/$(id hr26)" \
	    '{"Operations":[{"op":"replace","path":"active","value":false}]}'
	[ "$STATUS" = 200 ]
}
BEARER=$hr
wait_for "26 hours later they do not" passes
unset BEARER
state "... and it is done" suspended hr26

echo "# a group"
members=$(for i in $(seq 1 30); do
	printf '%s{"value":"%s"}' "$([ $i = 1 ] || echo ,)" "$(id it$i)"
done)
as "$it" 201 "of 30" POST /scim/v2/Groups \
    '{"displayName":"crew","externalId":"crew","members":['"$members"']}'
G=$(body .id)
as "$it" 403 "PUT without members" PUT "/scim/v2/Groups/$G" \
    '{"displayName":"crew"}'
detail "source it: people who lose something at once: 30 of 400"
J5=$(job)
as "$it" 403 "DELETE" DELETE "/scim/v2/Groups/$G"
same "... the same people" "$J5 30 30 30" "$(job) $(of_job "$J5" '"\(.people
	) \(.itemCount) \(.counts.memberships)"')"
as "$it" 204 "19 of them, of whom one is counted already" PATCH \
    "/scim/v2/Groups/$G" '{"Operations":[{"op":"remove","path":"members",
	"value":['"$(echo "$members" | sed 's/,/\n/g' | head -19 |
	paste -sd,)"']}]}'
as "$it" 204 "one more" PATCH "/scim/v2/Groups/$G" \
    '{"Operations":[{"op":"remove","path":"members[value eq \"'"$(id it30)"'\"]"}]}'
as "$it" 403 "two more, over the day" PATCH "/scim/v2/Groups/$G" \
    '{"Operations":[{"op":"remove","path":"members","value":[{"value":"'"$(
	id it29)"'"},{"value":"'"$(id it28)"'"}]}]}'
detail "within 24 hours"
ask 200 "released" POST "/v1/held/$J5/release"
as "$it" 204 "DELETE" DELETE "/scim/v2/Groups/$G"

echo "# many at once below /v1, by a person's word or a client's"
printf '{"operation":"suspend","users":[%s]}' \
    "$(seq -f '"it%.0f"' -s, 100 150)" >"$IT/fiftyone"
as "$staff" 403 "51 suspended" POST /v1/users/bulk "@$IT/fiftyone"
detail "51 of .* is over the"
J6=$(job)
same "... nobody" active "$(attr "$(person_dn it100)" provostState)"
same "... for the client, which is no source's" "$(client_id second)" \
    "$(of_job "$J6" .source)"

echo "# D7: a second person"
conf 'guard: { day_floor = 10; second_person = true; };'
kill -HUP "$PID"
wait_for "asked for" grep -q 'reload: done' "$IT/log"
as "$staff" 403 "who asked does not release" POST "/v1/held/$J6/release"
detail "$(called second) asked for.*guard.second_person"
same "... it waits" held "$(of_job "$J6" .state)"
ask 200 "somebody else does" POST "/v1/held/$J6/release"
as "$staff" 200 "it passes" POST /v1/users/bulk "@$IT/fiftyone"
same "... all" 51 "$(body .counts.changed)"

echo "# limits of one source, and of all together"
conf 'guard: { total_count = 100; total_share = "100%"; day_floor = 10; };
sources: { personnel: { name = "hr"; share = "100%"; count = 1000;
	day_share = "100%"; day_count = 1000; add_count = 1; }; };'
: >"$IT/log"
kill -HUP "$PID"
wait_for "set" grep -q 'reload: done' "$IT/log"
for i in $(seq 31 60); do
	off "$hr" 200 "hr$i" hr$i
done >"$IT/many"
check "30 more of it" sh -c '! grep FAILED "$1"' - "$IT/many"
as "$hr" 201 "one is new" POST /scim/v2/Users '{"userName":"new-1"}'
as "$hr" 403 "two are too many" POST /scim/v2/Users '{"userName":"new-2"}'
detail "get something within 24 hours: 2 of"
as "$it" 201 "for this source" POST /scim/v2/Users '{"userName":"new-3"}'

echo "# what a refresh misses"
kill -STOP "$PID"
seq -f "provostPersonId=it%.0f,$DN" 200 260 | manager ldapdelete
kill -KILL "$PID"
stop
start
swept() {
	http GET /v1/held
	J7=$(body '.held[] | select(.kind == "refresh") | .id')
	[ -n "$J7" ]
}
wait_for "it is held" swept
same "... all of it" "61 61" "$(of_job "$J7" '"\(.people) \(.itemCount)"')"
check "... by name" grep -q '"provostPersonId=it260,' "$IT/body"
runs 0 "... in the list" "$J7.*refresh\|$J7.*held" held
ready() {
	http GET /readyz
	[ "$STATUS" = "$1" ]
}
check "not ready" ready 503
still=/scim/v2/Users?filter=userName+eq+%22it260%22
ask 200 "who is missing is still shown" GET "$still"
same "... yes" 1 "$(body .totalResults)"
as "$hr" 403 "not for any client" POST "/v1/held/$J7/release"
runs 0 "released" "$J7: released" release "$J7"
wait_for "ready" ready 200
ask 200 "who is gone" GET "$still"
same "... is not shown" 0 "$(body .totalResults)"
stop
same "it ends well" 0 $EXIT
finish
