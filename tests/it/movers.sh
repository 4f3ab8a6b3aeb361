#!/bin/sh
# SPDX-License-Identifier: ISC
# J4: who moves gets what goes with the new place and loses what went with the
# old one; what was given by hand stays and is listed until somebody has said
# that it is right, or has taken it away. Over SCIM, with ldapmodify, and while
# the daemon was not there.
. "$(dirname "$0")/daemon.sh"

PATCH=urn:ietf:params:scim:api:messages:2.0:PatchOp
VOICE=provostGroupId=voice,ou=groups,$SUFFIX
# sign_in USER: prints their session.
sign_in() {
	curl -sS -H 'Content-Type: application/json' -d "{\"userName\":\"$1\",
	    \"password\":\"sample-$1\"}" "$URL/v1/session" |
	    jq -r '.token // empty'
}
# listed FILTER: is true of the list as it was asked for last.
listed() {
	http GET /v1/reviews
	[ "$(jq "$1" "$IT/body")" = true ]
}
names() {
	http GET /v1/reviews
	body '[.reviews[].user.userName] | sort | join(" ")'
}
named() {
	[ "$(names)" = "$1" ]
}
by_hand() { # USER
	http GET /v1/reviews
	body ".reviews[] | select(.user.userName == \"$1\") |
	    [.rights[].right] | sort | join(\" \")"
}
paths() { # of tool:voip-iac
	http GET "/v1/users/$vera/rights"
	body '[.rights[] | select(.right == "tool:voip-iac") | .paths[].kind] |
	    join(" ")'
}
uid_of() {
	attr "$(person_dn "$1")" uid
}

tool_start
start
settle
VERA=$(uid_of p0018)		# of the group voice
STORE=$(uid_of p0017)		# of the department stores
FINN=$(uid_of p0008)		# of the department finance
vera=$(uuid_of "$(person_dn p0018)")
store=$(uuid_of "$(person_dn p0017)")
finn=$(uuid_of "$(person_dn p0008)")
same "nobody has moved" "" "$(names)"
same "a tool by birthright and by hand" "direct rule" "$(paths)"

echo "# an IdP takes a member out of a group"
voice=$(uuid_of "$VOICE")
ask 204 "out of the group" PATCH "/scim/v2/Groups/$voice" "{\"schemas\":
    [\"$PATCH\"],\"Operations\":[{\"op\":\"remove\",\"path\":
    \"members[value eq \\\"$vera\\\"]\"}]}"
wait_for "on the list" named "$VERA"
check "... with the group's name" listed '.reviews[0].moves | length == 1 and
    .[0].kind == "group" and .[0].from != "voice" and .[0].from != "" and
    .[0].to == "" and (.[0].time | test("^2[0-9]{3}-.*Z$"))'
same "the birthright is gone, by hand it stays" direct "$(paths)"
check "... and is listed with the rest" listed '[.reviews[0].rights[].right] |
    index("role:viewer") != null and index("tool:voip-iac") != null'

echo "# a department is changed with ldapmodify"
change "$(person_dn p0017)" "replace: departmentNumber" \
    "departmentNumber: finance" >/dev/null
wait_for "on the list" named "$(printf '%s\n' "$VERA" "$STORE" | sort |
    paste -sd ' ')"
check "... from where to where" listed '.reviews[] |
    select(.user.id == "'"$store"'") | .user.department == "finance" and
    (.moves | length == 1 and .[0].kind == "department" and
    .[0].from == "stores" and .[0].to == "finance")'
settle
n=$(writes)
change "$(person_dn p0017)" "replace: title" "title: Clerk" >/dev/null
settle
same "another change writes nothing for it" 0 "$(($(writes) - n))"

echo "# while the daemon is not there"
kill -STOP "$PID"
change "$(person_dn p0008)" "replace: departmentNumber" \
    "departmentNumber: After Sales" >/dev/null
stop KILL
start
wait_for "on the list" listed 'any(.reviews[]; .user.id == "'"$finn"'" and
    .moves[0].to == "After Sales")'

echo "# who sees whom"
company=$(attr "$(person_dn p0018)" provostCompany | head -n 1)
contact() { # FILTER
	manager ldapsearch -LLL -b "$DN" \
	    "(&(provostRole=primary-contact)(provostState=active)$1)" uid |
	    values uid | head -n 1
}
pat=$(sign_in "$(contact "(provostCompany=$company)")")
other=$(sign_in "$(contact "(!(provostCompany=$company))")")
mine=$(sign_in "$VERA")
as "$pat" 200 "a primary contact asks" GET /v1/reviews
check "... and sees those of their companies" [ "$(body \
    "[.reviews[].user.userName] | index(\"$VERA\") != null")" = true ]
as "$other" 200 "one of another company" GET /v1/reviews
check "... does not see them" [ "$(body \
    "[.reviews[].user.userName] | index(\"$VERA\") == null")" = true ]
as "$mine" 200 "the user" GET /v1/reviews
same "... sees nobody" 0 "$(body '.reviews | length')"
as "$other" 404 "nor confirms what they do not see" POST \
    "/v1/reviews/$vera/done"
as "$mine" 403 "nobody confirms their own" POST "/v1/reviews/$vera/done"

echo "# it is right"
runs 0 "the command lists them" "$VERA.*group.*->.*role:viewer" reviews
runs 0 "only shown" "reviews/$vera/done" reviews done --dry-run "$VERA"
check "... they stay on the list" listed "any(.reviews[];
    .user.userName == \"$VERA\")"
as "$pat" 200 "their primary contact confirms" POST "/v1/reviews/$vera/done"
wait_for "off the list" listed "all(.reviews[]; .user.userName != \"$VERA\")"
settle
check "... for good" listed "all(.reviews[]; .user.userName != \"$VERA\")"
same "nothing was taken" viewer "$(attr "$(person_dn p0018)" provostRole)"
runs 0 "the command confirms" "$FINN: reviewed" reviews done "$FINN"
wait_for "off the list" named "$STORE"

echo "# it is taken away"
change "$(person_dn p0017)" "delete: provostRole" >/dev/null
manager ldapsearch -LLL -s base -b "$(person_dn p0017)" provostCompany \
    provostAccount provostAllAccountsOf provostGroupIdentifierId \
    provostToolGrant provostToolAccount provostPortalAccess \
    provostCpniAuthorized | sed -n 's/^\(provost[A-Za-z]*\): .*/\1/p' |
    sort -u >"$IT/rights"
while read -r a; do
	change "$(person_dn p0017)" "delete: $a" >/dev/null
done <"$IT/rights"
wait_for "the last one is off the list" named ""
gone() { [ -z "$(attr "$(person_dn p0017)" provostReview)" ]; }
wait_for "... and off the entry" gone

echo "# a joiner is no mover"
ask 201 "somebody new, with a tool" POST /scim/v2/Users "{\"schemas\":
    [\"urn:ietf:params:scim:schemas:core:2.0:User\",\"$EXTENSION\"],
    \"userName\":\"newcomer\",\"$EXTENSION\":{\"companies\":
    [{\"value\":\"acme-telecom\"}],\"tools\":[{\"value\":\"wan-analysis\"}]}}"
new=$(body .id)
ask 204 "into a group" PATCH "/scim/v2/Groups/$voice" "{\"schemas\":
    [\"$PATCH\"],\"Operations\":[{\"op\":\"add\",\"path\":\"members\",
    \"value\":[{\"value\":\"$new\"}]}]}"
settle
same "nobody has moved" "" "$(names)"
same "the view's own mark is in no journal" 0 \
    "$(grep -c x-moved "$IT/main/journal.jsonl")"
finish
