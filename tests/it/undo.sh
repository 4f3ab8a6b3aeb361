#!/bin/sh
# SPDX-License-Identifier: ISC
# FAULTS D10: what a batch changed is undone, and the undo as well; what others
# have changed since stays; whoever was deleted is made again, without password
# and login (V10).
. "$(dirname "$0")/daemon.sh"

tool_start
start
settle

# state: what stands of people and groups in the directory, as lines, but for
# what the daemon notes for reviewers.
state() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "$SUFFIX" \
	    '(|(objectClass=provostUser)(objectClass=provostGroup))' 2>/dev/null |
	    awk '/^dn: /{ dn = $0; next } /^provostReview/ { next }
		NF { print dn " " $0 }' | sort
}
header() {
	tr -d '\r' <"$IT/headers" | sed -n "s/^$1: //Ip"
}
# undo BATCH: by HTTP; the plan in $IT/plan, the new batch in B.
undo() {
	ask 200 "the undo of $1 is planned" POST /v1/plan \
	    "{\"undo\":{\"batch\":\"$1\"}}"
	cp "$IT/body" "$IT/plan"
	ask 200 "... and applied" POST "/v1/plans/$(body .id)/apply"
	B=$(body .result.batch)
}
notes() {
	jq -r '.notes[]? | .conflict as $c | .notes[] | "\($c) \(.)"' "$IT/plan"
}

# --- a Bulk that changes people ---------------------------------------------
ids=$(manager ldapsearch -LLL -b "$DN" -s one "(provostCompany=acme-telecom)" \
    entryUUID 2>/dev/null | values entryUUID | head -n 6)
state >"$IT/before"
ask 200 "a Bulk changes six people" POST /scim/v2/Bulk "$(echo "$ids" |
    jq -Rnc '{ schemas:
    ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations:
    [inputs | { method: "PATCH", path: "/Users/\(.)", data: { schemas:
    ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [
	{ op: "replace", path: "title", value: "Tester" },
	{ op: "replace", path: "name.familyName", value: "Renamed" },
	{ op: "add", path: "phoneNumbers", value: [{ value: "+1 555 0100",
	    type: "work" }] }] } }] }')"
FIRST=$(header Provost-Batch)
same "all of them" "200 200 200 200 200 200" \
    "$(body '[.Operations[].status] | join(" ")')"
state >"$IT/after"
check "something has changed" sh -c '! cmp -s "$1" "$2"' - "$IT/before" \
    "$IT/after"
undo "$FIRST"
same "nothing is in the way" "" "$(notes)"
state >"$IT/now"
check "everything is as before" diff "$IT/before" "$IT/now"
undo "$B"
state >"$IT/now"
check "the undo is undone: as after the Bulk" diff "$IT/after" "$IT/now"

# --- what others have changed since -------------------------------------------
one=$(echo "$ids" | sed -n 1p) two=$(echo "$ids" | sed -n 2p)
three=$(echo "$ids" | sed -n 3p)
dn_of() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "$DN" "(entryUUID=$1)" dn \
	    2>/dev/null | values dn
}
check "another title" change "$(dn_of "$one")" "replace: title" \
    "title: Chief"
check "somebody gone" manager ldapdelete "$(dn_of "$two")"
check "another number" change "$(dn_of "$three")" "add: telephoneNumber" \
    "telephoneNumber: +1 555 0999"
gone() {
	http GET "/scim/v2/Users/$two"
	[ "$STATUS" = 404 ]
}
wait_for "the daemon knows" gone
three_dn=$(dn_of "$three")
undo "$FIRST"
check "the title is told" sh -c 'grep -q "true title was changed since"' <<END
$(notes)
END
check "who is gone is told" sh -c 'grep -q "true it has been deleted"' <<END
$(notes)
END
same "the title stays" Chief "$(attr "$(dn_of "$one")" title)"
same "the name is back" 0 "$(attr "$(dn_of "$one")" sn | grep -c Renamed)"
same "the number of others stays" "+1 555 0999" \
    "$(attr "$three_dn" telephoneNumber)"

# --- deletions, and V10 ---------------------------------------------------------
victims=$(echo "$ids" | sed -n 4,5p)
four=$(dn_of "$(echo "$victims" | sed -n 1p)")
login=$(attr "$four" uid)
companies=$(attr "$four" provostCompany)
ask 200 "a Bulk deletes two" POST /scim/v2/Bulk "$(echo "$victims" |
    jq -Rnc '{ schemas:
    ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations:
    [inputs | { method: "DELETE", path: "/Users/\(.)" }] }')"
same "they are gone" "" "$(attr "$four" uid)"
undo "$(header Provost-Batch)"
same "V10 is said" 2 "$(notes | grep -c V10)"
same "the company is back" "$companies" "$(attr "$four" provostCompany)"
same "login and password are not (V10)" "" \
    "$(attr "$four" uid)$(attr "$four" userPassword)"
same "they are invited" invited "$(attr "$four" provostState)"
refused 49 "and can't sign in" ldapwhoami -x -D "$four" -w "sample-$login" \
    -H "$SLAPD_URI"
undo "$B"
same "undone again, they are gone" "" "$(attr "$four" provostState)"

# --- a group, with who is in it ------------------------------------------------
ask 201 "a group of three" POST /scim/v2/Groups \
    "{\"displayName\":\"lost\",\"members\":$(echo "$ids" | sed -n '1p;3p;6p' |
	jq -R '{value: .}' | jq -sc .)}"
group=$(body .id)
state >"$IT/before"
ask 204 "is deleted" DELETE "/scim/v2/Groups/$group"
same "with its memberships" 0 "$(state | grep -c "$group\|displayName: lost\|cn: lost")"
undo "$(header Provost-Batch)"
state >"$IT/now"
check "group and memberships are back" diff "$IT/before" "$IT/now"

# --- a range, the guard, what may not be -----------------------------------------
http GET '/v1/changes?count=1'
LAST=$(body .last)
state >"$IT/before"
check "an administrator's own change" change "$(dn_of "$one")" \
    "replace: title" "title: Boss"
told() {
	http GET "/v1/changes?since=$LAST&user=$one"
	[ "$(body '.changes | length')" -ge 1 ]
}
wait_for "it is in the journal" told
UNTIL=$(body '.changes[0].seq')
ask 200 "a range" POST /v1/plan \
    "{\"undo\":{\"since\":$LAST,\"until\":$UNTIL}}"
ask 200 "... is undone" POST "/v1/plans/$(body .id)/apply"
state >"$IT/now"
check "as before" diff "$IT/before" "$IT/now"
ask 400 "no such batch" POST /v1/plan '{"undo":{"batch":"99999999-abcdefgh"}}'
ask 400 "no name of one" POST /v1/plan '{"undo":{"batch":"x"}}'
ask 404 "one without lines" POST /v1/plan '{"undo":{"batch":"1-abcdefgh"}}'
ask 400 "a range upside down" POST /v1/plan '{"undo":{"since":9,"until":3}}'
runs 0 "a client that may write" '^[^ ]\{20,\}$' token --scopes write w
as "$(tail -n 1 "$IT/output")" 403 "undoes nothing" POST /v1/plan \
    "{\"undo\":{\"batch\":\"$FIRST\"}}"
ask 200 "many joiners" POST /scim/v2/Bulk "$(jq -nc '{ schemas:
    ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations:
    [range(1; 61) | { method: "POST", path: "/Users", bulkId: "b\(.)",
    data: { userName: "many-\(.)", name: { familyName: "N" } } }] }')"
MANY=$(header Provost-Batch)
ask 200 "to undo them" POST /v1/plan "{\"undo\":{\"batch\":\"$MANY\"}}"
same "takes away sixty people" "60 true" \
    "$(body '"\(.counts.deletes) \(.guard.held)"')"
ask 403 "which the guard holds (J3)" POST "/v1/plans/$(body .id)/apply"
same "nobody is gone" 60 "$(manager ldapsearch -LLL -b "$DN" '(uid=many-*)' \
    dn 2>/dev/null | grep -c '^dn:')"

# --- provost undo -------------------------------------------------------------------
state >"$IT/before"
ask 200 "three are renamed" POST /scim/v2/Bulk "$(echo "$ids" | sed -n '1p;3p;6p' |
    jq -Rnc '{ schemas:
    ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations:
    [inputs | { method: "PATCH", path: "/Users/\(.)", data: { schemas:
    ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [
	{ op: "replace", path: "displayName", value: "By mistake" }] } }] }')"
B=$(header Provost-Batch)
state >"$IT/after"
runs 0 "shown first" '- displayName: By mistake' undo --dry-run "$B"
state >"$IT/now"
check "nothing is written" diff "$IT/after" "$IT/now"
runs 2 "without a yes" 'yes' undo "$B"
runs 0 "undone" '3 changes done; to undo that: provost undo' undo --yes "$B"
state >"$IT/now"
check "as before" diff "$IT/before" "$IT/now"
runs 0 "once more" 'nothing would change' undo --yes "$B"
runs 1 "no such batch" 'no batch' undo --yes nothing
check "the journal is whole" provost journal verify "$IT/main"
finish
