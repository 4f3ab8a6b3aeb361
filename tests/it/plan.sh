#!/bin/sh
# SPDX-License-Identifier: ISC
# T4, A2, FAULTS D5, D6: plans of requests, of LDIF and of a reconciliation:
# what they show, that nothing is written until they are applied, that they are
# applied as they were shown or not at all.
. "$(dirname "$0")/daemon.sh"

signin() {	# signin USER: a session
	curl -sS -m 30 -H 'Content-Type: application/json' -d \
	    "{\"userName\":\"$1\",\"password\":\"sample-$1\"}" \
	    "$URL/v1/session" | jq -r '.token // empty'
}
# is TEXT FILTER: is it true of the last body?
is() {
	check "$1" jq -e "$2" "$IT/body"
	case $output in true) ;; *) sed 's/^/	/' "$IT/body" ;; esac
}
# request METHOD PATH [DATA]: as the body of POST /v1/plan
request() {
	jq -cn --arg m "$1" --arg p "$2" --argjson d "${3:-null}" \
	    '{request: ({method: $m, path: $p} +
	    (if $d == null then {} else {data: $d} end))}'
}
ldif() {	# of standard input, likewise
	jq -Rsc '{ldif: .}'
}
plan() {	# plan TEXT BODY: 200; ID and HASH are set
	ask 200 "$1" POST /v1/plan "$2"
	ID=$(body .id) HASH=$(body .hash)
}
apply() {	# apply STATUS TEXT
	ask "$1" "$2" POST "/v1/plans/$ID/apply"
}
user() {	# user UID: the DN
	manager ldapsearch -LLL -o ldif-wrap=no -b "$DN" "(uid=$1)" dn |
	    sed -n 's/^dn: //p'
}
id_of() {
	uuid_of "$(user "$1")"
}
patch() {	# patch OP PATH VALUE: a PATCH message
	jq -cn --arg o "$1" --arg p "$2" --argjson v "$3" '{schemas:
	    ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
	    Operations: [{op: $o, path: $p} +
	    (if $v == null then {} else {value: $v} end)]}'
}
# dump FILE: people, groups and companies, without what the server adds
dump() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "$SUFFIX" \
	    "(|(objectClass=provostUser)(objectClass=provostGroup)(objectClass=provostCompanyEntry))" \
	    '*' | awk 'BEGIN { RS = ""; FS = "\n" } {
		n = split($0, l, "\n"); print l[1]
		for (i = 2; i <= n; i++) print l[i] | "sort"
		close("sort") }' >"$1"
}
seen_title() {	# seen_title ID TITLE: in the view
	http GET "/scim/v2/Users/$1?attributes=title"
	[ "$(body .title)" = "$2" ]
}

tool_start
start
settle
OSCAR=$(user oscar.dubois) O=$(id_of oscar.dubois)
SVEN=$(user sven.berg) S=$(id_of sven.berg)

echo "# a request"
before=$(writes)
plan "a title" "$(request PATCH "/Users/$O" "$(patch replace title '"Chief"')")"
is "... is one step" '.kind == "request" and .counts == {"adds": 0,
    "modifies": 1, "deletes": 0} and (.steps | length) == 1'
is "... which says what" '.steps[0] | .op == "modify" and
    .add == {"title": ["Chief"]}'
is "... why" '.steps[0].why | startswith("request 1: PATCH /Users/")'
is "... and which entry it has seen" ".steps[0] | .id == \"$O\" and
    (.csn | length) > 20"
is "... by whom and until when" '.author == "client:admin" and
    (.expires > .time) and .state == "open"'
is "... does nothing at targets" '.effects.actions == []'
is "... and is let pass" '.guard.held == false'
cp "$IT/body" "$IT/first"
same "nothing is written" "$before" "$(writes)"
plan "D6 the same again" "$(request PATCH "/Users/$O" "$(patch replace title '"Chief"')")"
same "... has the same hash" "$(jq -r .hash "$IT/first")" "$HASH"
same "... and the same steps" "$(jq -cS .steps "$IT/first")" "$(jq -cS .steps "$IT/body")"
ask 200 "it can be looked at" GET "/v1/plans/$ID"
is "... whole" '.steps[0].add == {"title": ["Chief"]}'
ask 200 "... as LDIF" GET "/v1/plans/$ID?format=ldif"
cp "$IT/body" "$IT/ldif"
check "... (RFC 2849)" sh -c 'grep -qx "changetype: modify" "$1" &&
    grep -qx "title: Chief" "$1" && grep -q "^# entryUUID" "$1"' - "$IT/ldif"
curl -sS -m 30 -o "$IT/body" -D "$IT/headers" -H 'Accept: text/x-ldif' \
    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" "$URL/v1/plans/$ID"
check "... also by Accept" cmp "$IT/body" "$IT/ldif"
check "... and says so" grep -qi '^content-type: text/x-ldif' "$IT/headers"
ask 409 "another hash" POST "/v1/plans/$ID/apply" '{"hash":"00"}'
ask 200 "applied with its hash" POST "/v1/plans/$ID/apply" "{\"hash\":\"$HASH\"}"
is "... is done" '.state == "applied" and .result.done == 1'
batch=$(body .result.batch)
journal_has() {
	jq -e --arg b "$batch" 'select(.batch == $b) | .add.title == ["Chief"]' \
	    "$IT/main/journal.jsonl"
}
check "... as a batch" [ -n "$batch" ]
wait_for "... of the journal" journal_has >/dev/null
same "... in the directory" Chief "$(attr "$OSCAR" title)"
apply 409 "twice"
detail 'applied already'
ask 200 "... as it says" GET "/v1/plans/$ID"
is "... itself" '.state == "applied"'
ask 404 "one that is not there" GET /v1/plans/0123456789abcdef
detail 'ten minutes'

echo "# as LDIF it does the same"
body=$(jq -cn --arg a "/Users/$O" --arg b "/Users/$S" --argjson x \
    "$(patch replace title '"One"')" --argjson y \
    "$(patch replace displayName '"Zwölf <12>"')" '{requests: [
    {method: "PATCH", path: $a, data: $x},
    {method: "PATCH", path: $b, data: $y}]}')
plan "two requests" "$body"
is "... are two steps" '.steps | length == 2'
ask 200 "... as LDIF" GET "/v1/plans/$ID?format=ldif"
cp "$IT/body" "$IT/ldif"
apply 200 "applied"
dump "$IT/applied"
ask 200 "what the plan said" GET "/v1/plans/$ID"
jq -cS '.steps[] | {dn, add: (.add // {}), del: (.remove // {})}' "$IT/body" |
    sort >"$IT/said"
journal_says() {
	jq -cS 'select(.op == "modify") | {dn, add: (.add // {}), del: (.del // {})}' \
	    "$IT/main/journal.jsonl" | sort -u | comm -13 - "$IT/said" >"$IT/missing"
	[ -s "$IT/said" ] && [ ! -s "$IT/missing" ]
}
wait_for "D6 ... is what the journal says" journal_says
change "$OSCAR" "replace: title" "title: Chief" >/dev/null
change "$SVEN" "replace: displayName" "displayName: Sven Berg" >/dev/null
check "ldapmodify takes it" manager ldapmodify -f "$IT/ldif"
dump "$IT/modified"
check "... and comes to the same" cmp "$IT/applied" "$IT/modified"

echo "# the world moves"
wait_for "the view is there" seen_title "$O" One
plan "a title" "$(request PATCH "/Users/$O" "$(patch replace title '"Two"')")"
change "$OSCAR" "replace: title" "title: Other" >/dev/null
wait_for "somebody else comes first" seen_title "$O" Other
before=$(writes)
apply 409 "then it is not applied"
detail "$OSCAR.*changed it meanwhile"
same "... nothing is written" "$before" "$(writes)"
same "... and theirs stands" Other "$(attr "$OSCAR" title)"

echo "# V14: what goes with a company is shown, and whom it rests on"
VERA=$(user vera.haas) V=$(id_of vera.haas)
companies() {
	request PATCH "/Users/$V" "$(patch replace "$EXTENSION:companies" "$1")"
}
plan "a company's end" "$(companies '[]')"
is "... takes its account" '.steps[0].remove |
    .provostCompany == ["acme-telecom"] and .provostAccount == ["100001"]'
is "... and says why" '.steps[0].because ==
    ["provostAccount 100001: goes with its company (V14)"]'
gone=$ID
plan "... twice" "$(companies '[]')"
change "provostAccountNumber=100001,ou=accounts,$SUFFIX" "replace: provostCompany" \
    "provostCompany: acme-retail" >/dev/null
account_moved() {
	http GET '/scim/v2/Accounts?filter=accountNumber+eq+%22100001%22'
	[ "$(body '.Resources[0].company')" = acme-retail ]
}
wait_for "the account changes its company" account_moved
apply 409 "what it rests on has moved"
detail 'would come to something else'
check "... nothing is written" attr_is "$VERA" provostCompany acme-telecom
change "provostAccountNumber=100001,ou=accounts,$SUFFIX" "replace: provostCompany" \
    "provostCompany: acme-telecom" >/dev/null
account_back() { account_moved; [ "$(body '.Resources[0].company')" = acme-telecom ]; }
wait_for "it goes back" account_back
apply 200 "... and then it is applied"
check "... whole" sh -c '[ -z "$1" ]' - "$(attr "$VERA" provostAccount)"

echo "# what would be refused is refused"
ask 404 "nobody" POST /v1/plan "$(request DELETE /Users/00000000-0000-0000-0000-000000000000)"
detail 'request 1: DELETE'
ask 400 "no such role" POST /v1/plan "$(request PATCH "/Users/$O" \
    "$(patch replace roles '[{"value":"no-such-role"}]')")"
ask 409 "a name that is taken" POST /v1/plan "$(request POST /Users '{"userName":"oscar.dubois"}')"
ask 501 "what is not one write" POST /v1/plan "$(request POST /v1/users/bulk '{}')"
ask 501 "a password" POST /v1/plan "$(request POST /Users '{"userName":"p1","password":"secret-word"}')"
ask 501 "a token" POST /v1/plan "$(request POST /Clients '{"name":"c1","scopes":["read"]}')"
ask 400 "no data" POST /v1/plan "$(request POST /Users)"
ask 400 "nothing" POST /v1/plan '{}'
ask 400 "a list of none" POST /v1/plan '{"requests":[]}'
body=$(jq -cn --arg p "/Users/$O" --argjson d "$(patch replace title '"T"')" \
    '{requests: [{method: "PATCH", path: $p, data: $d}, {method: "PATCH", path: $p, data: $d}]}')
ask 409 "two of one entry" POST /v1/plan "$body"
detail 'request 1 changes it already'
ask 409 "twins" POST /v1/plan '{"requests":[
    {"method":"POST","path":"/Users","data":{"userName":"Twin.One"}},
    {"method":"POST","path":"/Users","data":{"userName":"twin.one"}}]}'
detail 'request 1 uses this value'
ask 400 "a reference to what is new" POST /v1/plan '{"request":{"method":"POST","path":"/Bulk",
    "data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
    {"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"bulk.one"}},
    {"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"G","members":[{"value":"bulkId:u"}]}}]}}}'
ask 412 "another version" POST /v1/plan "$(request DELETE "/Users/$O" | jq -c '.request.ifMatch = "W/\"0\""')"

echo "# people"
PAT=$(signin pat.contact) SVENS=$(signin sven.berg)
as "$SVENS" 403 "who may not do it may not plan it" POST /v1/plan \
    "$(request PATCH "/Users/$S" "$(patch replace roles '[{"value":"manager"}]')")"
as "$SVENS" 403 "nor LDIF" POST /v1/plan '{"ldif":"dn: x\n"}'
as "$SVENS" 403 "nor everything" POST /v1/plan '{"reconcile":true}'
as "$PAT" 200 "a primary contact may (V2)" POST /v1/plan \
    "$(request PATCH "/Users/$O" "$(patch replace roles '[{"value":"manager"}]')")"
ID=$(body .id)
as "$SVENS" 404 "it is theirs alone" GET "/v1/plans/$ID"
as "$SVENS" 404 "... to apply, too" POST "/v1/plans/$ID/apply"
as "$PAT" 200 "... and they do" POST "/v1/plans/$ID/apply"
same "in their own name" "$(person_dn p0001)" "$(attr "$OSCAR" modifiersName)"
check "... which is noted" sh -c 'echo "$1" | grep -q "person:$2 "' - \
    "$(attr "$OSCAR" provostProvenance)" "$(uuid_of "$(person_dn p0001)")"

echo "# several, and what is new"
plan "new people and a group with members" "$(jq -cn --arg o "$O" --arg s "$S" '{requests: [
    {method: "POST", path: "/Users", data: {userName: "new.one"}},
    {method: "POST", path: "/Users", data: {userName: "new.two"}},
    {method: "POST", path: "/Groups", data: {displayName: "Planners", members: [{value: $o}, {value: $s}]}}]}')"
is "... are five steps" '.counts == {"adds": 3, "modifies": 2, "deletes": 0}'
apply 200 "applied"
is "... all of it" '.result.done == 5'
group_seen() {
	http GET '/scim/v2/Groups?filter=displayName+eq+%22Planners%22'
	[ "$(body '.Resources[0].members | length')" = 2 ]
}
wait_for "... the group has its members" group_seen
G=$(body '.Resources[0].id')
plan "two groups at once" "$(jq -cn --arg g "/Groups/$G" --argjson d "$(patch remove members null)" --arg o "$O" '{requests: [
    {method: "PATCH", path: $g, data: $d},
    {method: "POST", path: "/Groups", data: {displayName: "Others", members: [{value: $o}]}}]}')"
is "... change one person once" '[.steps[].dn] | (length == 3) and (unique | length == 3)'
is "... for both reasons" '[.steps[].why | select(test("request 1.*; request 2"))] | length == 1'
plan "the group's end" "$(request DELETE "/Groups/$G")"
is "... takes memberships away first" '[.steps[].op] == ["modify", "modify", "delete"]'
apply 200 "applied"
is "... all of it" '.result.done == 3'

echo "# effects at targets"
TOOL=ip-performance-reporting
plan "a tool" "$(request PATCH "/Users/$O" "$(patch add "$EXTENSION:tools" \
    "[{\"value\":\"$TOOL\",\"accounts\":[{\"value\":\"100005\"}]}]")")"
is "... is one effect" '.effects | .puts == 1 and .people == 1 and
    .actions[0].tool == "ip-performance-reporting" and .actions[0].accounts == ["100005"]'
same "... that has not happened" none "$(holds "$O" $TOOL)"
told=$(events)
apply 200 "applied"
wait_for "... it is at the tool" holds_is "$O" $TOOL 100005
same "... and nothing else was told it" $((told + 1)) "$(events)"
settle
plan "an enterprise's end, which concerns everybody (L1)" "$(ldif <<END
dn: provostEnterpriseId=acme,ou=enterprises,$SUFFIX
changetype: modify
replace: provostActive
provostActive: FALSE

END
)"
is "... would take what hangs on it from tools" ".effects | .people >= 1 and
    ([.actions[] | select(.user == \"$O\")] | length == 1)"
same "... and has not" 100005 "$(holds "$O" $TOOL)"

echo "# LDIF"
plan "content and changes of people" "$(ldif <<END
dn: $SVEN
changetype: modify
replace: title
title: Ldif
-
add: description
description: one

dn: $SVEN
changetype: modify
delete: description
description: one

dn: provostPersonId=ldif1,ou=people,$SUFFIX
changetype: add
objectClass: inetOrgPerson
objectClass: provostUser
provostPersonId: ldif1
uid: ldif.one
cn: Ldif One
sn: One

END
)"
is "... are what they really change" '.counts == {"adds": 1, "modifies": 1, "deletes": 0} and
    .steps[0].add == {"title": ["Ldif"]} and .steps[0].remove == null'
is "... by their lines" '.steps[0].why == "line 1, 9"'
apply 200 "applied"
same "... in the directory" Ldif "$(attr "$SVEN" title)"
plan "a file of entries" "$(ldif <<END
dn: $SVEN
title: Ldif
employeeNumber: 17

END
)"
is "... that are there already is what differs" '.steps[0].add == {"employeeNumber": ["17"]} and (.steps[0].remove | not)'
wrong() {	# wrong TEXT PATTERN: LDIF from standard input
	ask 400 "$1" POST /v1/plan "$(ldif)"
	detail "$2"
}
wrong "outside" outside <<'END'
dn: dc=elsewhere
changetype: delete

END
wrong "a password" 'is a secret' <<END
dn: $SVEN
changetype: modify
replace: userPassword
userPassword: x
-

END
wrong "the server's own" "the server's own" <<END
dn: $SVEN
changetype: modify
replace: entryCSN
entryCSN: x
-

END
wrong "a file from elsewhere" ':<\|URL' <<END
dn: $SVEN
changetype: modify
add: description
description:< file:///etc/passwd
-

END
wrong "a renaming" renames <<END
dn: $SVEN
changetype: modrdn
newrdn: provostPersonId=x
deleteoldrdn: 1

END
wrong "the daemon's own" 'book-keeping' <<END
dn: provostJobId=x,ou=jobs,$SUFFIX
changetype: delete

END
wrong "what isn't there" 'not there' <<END
dn: provostPersonId=nobody,ou=people,$SUFFIX
changetype: delete

END

echo "# conflicts that only the directory sees"
plan "a value that it refuses" "$(ldif <<END
dn: provostPersonId=ldif2,ou=people,$SUFFIX
changetype: add
objectClass: inetOrgPerson
objectClass: provostUser
provostPersonId: ldif2
uid: ldif.two
cn: Ldif Two
sn: Two

dn: provostPersonId=ldif3,ou=people,$SUFFIX
changetype: add
objectClass: inetOrgPerson
objectClass: provostUser
provostPersonId: ldif3
uid: ldif.three

dn: $SVEN
changetype: modify
replace: title
title: never

END
)"
http POST "/v1/plans/$ID/apply"
check "... is told" sh -c '[ "$1" -ge 400 ]' - "$STATUS"
is "... what is done and what not" '.result | .steps | map(.outcome) == ["done", "failed", "left"]'
ask 200 "... also later" GET "/v1/plans/$ID"
is "... it stands so" '.state == "stopped" and .result.done == 1'
same "... nothing behind it is written" Ldif "$(attr "$SVEN" title)"

echo "# access requests"
ask_for() {
	jq -cn --arg r "$1" --arg a "$2" '{method: "POST", path: "/AccessRequests",
	    data: {requester: $r, kind: "accounts", delivery: "primaryContact",
    accounts: [$a]}}'
}
plan "a request" "$(ask_for "$O" 100002 | jq -c '{request: .}')"
is "... is one entry" '.counts == {"adds": 1, "modifies": 0, "deletes": 0}'
ask 409 "two for the same" POST /v1/plan "$(jq -cn --argjson x "$(ask_for "$O" 100002)" '{requests: [$x, $x]}')"
detail 'asks for this already'

echo "# the guard"
many() {	# many FROM TO: requests that suspend these people
	for i in $(seq "$1" "$2"); do id_of "many$i"; done | jq -Rsc '{requests: (split("\n") |
	    map(select(. != "") | {method: "DELETE", path: "/Users/\(.)"}))}'
}
for i in $(seq 1 24); do
	printf 'dn: provostPersonId=many%s,%s\nobjectClass: inetOrgPerson\nobjectClass: provostUser\nprovostPersonId: many%s\nuid: many%s\ncn: M\nsn: M\n\n' $i "$DN" $i $i
done | manager ldapadd >/dev/null
many_seen() {
	http GET '/scim/v2/Users?filter=userName+sw+%22many%22&count=0'
	[ "$(body .totalResults)" = 24 ]
}
wait_for "many people" many_seen
plan "five deletions" "$(many 1 5)"
is "... would pass" '.guard | .held == false and .deleted == 5'
plan "twelve" "$(many 1 12)"
is "... would be held" '.guard | .held and .deleted == 12 and (.why | test("people who lose something"))'
before=$(writes)
apply 403 "applied, it is"
detail 'held job'
job=$(body .held)
check "... by its name" [ ${#job} -eq 16 ]
check "... before its first change" [ -n "$(user many1)" ]
ask 200 "the plan" GET "/v1/plans/$ID"
is "... says so" ".state == \"held\" and .result.held == \"$job\""
apply 409 "it can't be applied again"
detail 'the guard holds it'
JOB="provostJobId=$job,ou=jobs,$SUFFIX"
wait_for "the job stands in the directory" attr_is "$JOB" provostJobState held
plan "twelve others" "$(many 13 24)"
apply 403 "another plan"
other=$(body .held)
check "... is another job" [ "$other" != "$job" ]
stop
PROVOST_FAILPOINT=apply:5
export PROVOST_FAILPOINT
start
unset PROVOST_FAILPOINT
wait_for "after a restart it is there" attr_is "$JOB" provostJobState held
change "$JOB" "replace: provostJobState" "provostJobState: released" >/dev/null
wait_for "released, but the daemon dies midway" dead
wait "$PID" 2>/dev/null
start
wait_for "released, it is applied" attr_is "$JOB" provostJobState applied
check "... whole" [ -z "$(user many1)$(user many12)" ]
check "... and no other" [ -n "$(user many13)" ]
JOB="provostJobId=$other,ou=jobs,$SUFFIX"
wait_for "the other waits" attr_is "$JOB" provostJobState held
change "$(user many20)" "replace: title" "title: moved" >/dev/null
moved_seen() { seen_title "$(id_of many20)" moved; }
wait_for "the world moves" moved_seen
ask 409 "D5 then it is not released" POST "/v1/held/$other/release"
detail 'changed it meanwhile'
same "... and waits" held "$(attr "$JOB" provostJobState)"
change "$JOB" "replace: provostJobState" "provostJobState: released" >/dev/null
wait_for "D5 released, it is not applied any more" grep -q "held job $other: 0 of 12.*changed it meanwhile" "$IT/log"
check "... not in part" [ -n "$(user many13)" ]

echo "# it dies while applying"
titles() {	# titles VALUE: of six people
	for i in 13 14 15 16 17 18; do id_of "many$i"; done |
	    jq -Rsc --arg v "$1" '{requests: (split("\n") | map(select(. != "") |
	    {method: "PATCH", path: "/Users/\(.)", data: {schemas:
	    ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations:
	    [{op: "replace", path: "title", value: $v}]}}))}'
}
titled() {	# titled VALUE: how many
	manager ldapsearch -LLL -b "$DN" "(title=$1)" dn | grep -c '^dn:'
}
stop
PROVOST_FAILPOINT=apply:3
export PROVOST_FAILPOINT
start
unset PROVOST_FAILPOINT
plan "six titles" "$(titles six)"
http POST "/v1/plans/$ID/apply" 2>/dev/null
wait_for "... kill it" dead
wait "$PID" 2>/dev/null
start
n=$(titled six)
check "... midway: $n are done" [ "$n" -ge 3 ]
ask 404 "the plan is gone with it" GET "/v1/plans/$ID"
plan "the same once more" "$(titles six)"
is "... is what is left" ".steps | length == $((6 - n))"
apply 200 "applied"
same "... all are done" 6 "$(titled six)"

echo "# a reconciliation"
tool_stop
change "$SVEN" "add: provostToolGrant" "provostToolGrant: $TOOL" >/dev/null
owed() {
	http POST /v1/plan '{"reconcile":true}'
	[ "$(body .puts)" = 1 ]
}
wait_for "something is to be done" owed
ID=$(body .id)
apply 200 "applied"
tool_start
settle
check "... and done" holds_is "$S" $TOOL "$(holds "$S" $TOOL)"
ask 200 "nothing is to be done" POST /v1/plan '{"now":true}'
is "... any more" '.actions == [] and .kind == "reconcile"'
ID=$(body .id)
ask 400 "... of which there is no LDIF" GET "/v1/plans/$ID?format=ldif"

echo "# the command"
patch replace title '"Cli"' >"$IT/patch"
runs 0 "plan METHOD PATH FILE" '^  + title: Cli' plan PATCH "/Users/$O" "$IT/patch"
check "... says how it is applied" grep -q 'provost apply [0-9a-f]\{16\}$' "$IT/output"
id=$(sed -n 's/.*provost apply //p' "$IT/output")
runs 0 "... from standard input" '^  + title: Cli' plan PATCH "/Users/$O" - <"$IT/patch"
json "plan" '.steps[0].add.title == ["Cli"]' plan PATCH "/Users/$O" "$IT/patch"
runs 2 "apply asks" 'yes says' apply "$id" </dev/null
runs 0 "apply --yes" '1 change done' apply --yes "$id"
same "... is done" Cli "$(attr "$OSCAR" title)"
runs 1 "apply twice" 'applied already' apply --yes "$id"
runs 1 "no such plan" 'no such plan' apply --yes 0123456789abcdef
cat >"$IT/changes.ldif" <<END
dn: $OSCAR
changetype: modify
replace: title
title: From LDIF

END
runs 0 "plan FILE of LDIF" '^  - title: Cli' plan "$IT/changes.ldif"
check "... +" grep -q '^  + title: From LDIF' "$IT/output"
runs 0 "plan --ldif" '^replace: title' plan --ldif "$IT/changes.ldif"
check "... goes into ldapmodify" manager ldapmodify -f "$IT/output"
wait_for "... and is seen" seen_title "$O" "From LDIF"
jq -cn --arg p "/Users/$O" --slurpfile d "$IT/patch" '[{method: "PATCH", path: $p, data: $d[0]}]' >"$IT/list"
runs 0 "plan FILE of requests" '^  + title: Cli' plan "$IT/list"
jq -cn --arg p "/Users/$O" --slurpfile d "$IT/patch" '{schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    Operations: [{method: "PATCH", path: $p, data: $d[0]}]}' >"$IT/bulk"
runs 0 "plan FILE of Bulk" '^  + title: Cli' plan "$IT/bulk"
runs 1 "what would be refused" 'HTTP 404' plan DELETE /Users/nobody
runs 1 "no such file" 'cannot read' plan "$IT/nothing"
echo "dn: $OSCAR
changetype: modify
replace: title
title: Red and green
" >"$IT/changes.ldif"
terminal() {
	python3 "$TOP/tests/it/terminal.py" 90 "$@" "$BIN/provost" plan \
	    "$IT/changes.ldif" >"$IT/output" 2>&1
}
escape=$(printf '\033')
terminal env -u NO_COLOR
check "in colour on a terminal" grep -q "^$escape\[32m  + title: Red and green$escape\[0m" "$IT/output"
check "... red for what goes" grep -q "^$escape\[31m  - title: From LDIF" "$IT/output"
terminal env NO_COLOR=1
check "... unless NO_COLOR" sh -c '! grep -q "$1" "$2" && grep -q "^  + title" "$2"' - "$escape" "$IT/output"

echo "# dry runs ask the daemon"
runs 1 "a grant that would be refused is" 'HTTP 4' --dry-run grant oscar.dubois account:300001
runs 0 "one that would not" 'account:100001' --dry-run grant oscar.dubois account:100001
json "... with its plan" '.plan.steps | length == 1' --dry-run grant oscar.dubois account:100001
runs 0 "a deletion" '^delete ' --dry-run users delete oscar.dubois
check "... of nobody so far" [ -n "$(user oscar.dubois)" ]

echo "# A2 by the command"
runs 0 "access" 'invited' portal grant vera.haas vera.haas@acme.example
wait_for "... is there" attr_is "$VERA" provostPortalAccess invited
runs 2 "its end is shown" '^  + provostPortalAccess: none' portal revoke vera.haas </dev/null
check "... and asked about" attr_is "$VERA" provostPortalAccess invited
runs 0 "... and then done" 'has no access' portal revoke --yes vera.haas
same "... as it was shown" none "$(attr "$VERA" provostPortalAccess)"
settle
runs 0 "a reconciliation" 'nothing to do' plan
finish
