#!/bin/sh
# SPDX-License-Identifier: ISC
# The commands of provost(1) that stand for operations below /v1: signing in,
# invitations, the portal, group identifiers and accounts in bulk, exports.
. "$(dirname "$0")/daemon.sh"
XDG_RUNTIME_DIR=$IT/run
export XDG_RUNTIME_DIR
mkdir "$IT/run"
tool_start
start
settle

feed() {
	input=$1; shift
	printf "$input" >"$IT/input"
	runs "$@" <"$IT/input"
}

runs 0 "users add without a name, dry (V8)" 'would POST /v1/users' \
    users add --dry-run --given Jo --email jo@acme.example
runs 0 "users add without a name (V8)" 'invited' users add \
    --given Jo --family Miner --email jo.miner@acme.example \
    --company acme-telecom role:viewer account:100001
login=$(sed 's/:.*//' "$IT/output")
json "is invited" '.["'$EXTENSION'"].state == "invited"' user "$login"
runs 0 "is listed by the login" "^$login" users
runs 0 "users clone, dry (V9)" 'would POST' users clone --dry-run \
    sven.berg --email x@acme.example
runs 0 "users clone (V9)" 'a clone of sven.berg' users clone \
    sven.berg --given Sue --family Berg --email sue@acme.example
runs 0 "users invite, dry" 'would POST' users invite --dry-run \
    sven.berg
runs 1 "who is active is not invited" 'HTTP 4' users invite sven.berg
runs 0 "users reset-password, dry (V11)" 'would POST' \
    users reset-password --dry-run sven.berg
runs 1 "users reset-password without mail" 'HTTP' \
    users reset-password sven.berg
runs 0 "portal grant, dry (A1)" 'would POST' \
    portal grant --dry-run vera.haas vera.haas@acme.example
runs 0 "portal grant (A1)" 'invited to the portal' \
    portal grant vera.haas vera.haas@acme.example
wait_for "is written" attr_is "$(person_dn p0016)" \
    provostPortalAccess invited
runs 2 "portal revoke asks" 'cannot be undone' \
    portal revoke vera.haas </dev/null
runs 0 "portal revoke, dry (A2)" 'would DELETE' \
    portal revoke --dry-run vera.haas
runs 0 "portal revoke (A2)" 'no access' portal revoke --yes vera.haas
wait_for "is written" attr_is "$(person_dn p0016)" \
    provostPortalAccess none

runs 0 "assign, dry (V17)" 'changed' assign --dry-run \
    telecom-headquarters sven.berg
same "... writes nothing" "" \
    "$(attr "$(person_dn p0012)" provostGroupIdentifierId)"
runs 0 "assign (V17)" 'changed' assign telecom-headquarters sven.berg \
    nina.brandt
same "is written" telecom-headquarters \
    "$(attr "$(person_dn p0012)" provostGroupIdentifierId)"
runs 1 "who is not authorised is refused (V18)" 'refused' \
    assign telecom-headquarters rita.mendez
json "outcomes" '.outcomes[0].outcome == "unchanged"' \
    assign telecom-headquarters sven.berg
feed 'sven.berg\nnina.brandt\n' 0 "unassign (V17)" 'changed' \
    unassign telecom-headquarters -
same "is written" "" \
    "$(attr "$(person_dn p0012)" provostGroupIdentifierId)"
printf 'serviceId\nS-100003-1\nS-100003-2\n' >"$IT/services.csv"
runs 0 "service-groups upload, dry (V16)" 'S-100003-1' \
    service-groups upload --dry-run telecom-headquarters \
    "$IT/services.csv"
runs 0 "service-groups upload (V16)" 'S-100003-1' \
    service-groups upload telecom-headquarters "$IT/services.csv"
runs 0 "is there" 'S-100003-2' service-group telecom-headquarters
runs 0 "recommended (V21)" 'wan-analysis' recommended vera.haas
json "recommended" '.tools | length > 0' recommended vera.haas
ldif="objectClass: provostBillingAccount"
for n in 900001 900002; do
	printf 'dn: provostAccountNumber=%s,ou=accounts,%s\n%s\n%s\n' \
	    $n "$SUFFIX" "$ldif" "provostAccountNumber: $n"
	echo
done | manager ldapadd >/dev/null
known() { [ "$(provost --json accounts 90000 | jq .totalResults)" = 2 ]; }
wait_for "known accounts" known
runs 0 "accounts add, dry (L2)" 'changed' accounts add --dry-run \
    --company acme-telecom acme 900001
same "... writes nothing" "" \
    "$(attr "provostAccountNumber=900001,ou=accounts,$SUFFIX" \
    provostEnterprise)"
runs 1 "one of two is in an enterprise already (L3)" \
    'already been assigned' accounts add --company acme-telecom acme \
    900001 100001
same "the other goes through (L3)" acme \
    "$(attr "provostAccountNumber=900001,ou=accounts,$SUFFIX" \
    provostEnterprise)"
printf 'accountNumber\n900002\n' >"$IT/accounts.csv"
runs 0 "accounts add from a file (L2)" '900002' accounts add \
    --company acme-telecom acme "$IT/accounts.csv"
runs 1 "no such file" 'cannot read' accounts add acme "$IT/none.csv"
runs 1 "a directory" 'cannot read' accounts add acme "$IT"
runs 1 "a file without an end" 'larger than' accounts add acme /dev/zero
provost -t /nonexistent template accounts >"$IT/accounts.xlsx"
same "template (L2), without a token" 0 $?
same "is a zip file" PK "$(head -c 2 "$IT/accounts.xlsx")"
runs 0 "export rights" 'tool:network-manager' export rights
runs 0 "... as CSV" ',' export --csv rights
json "rights" 'length > 50' export rights
runs 0 "export requests (V25)" 'sample-1' export requests
runs 0 "... as CSV" 'sample-1.*,' export --csv requests

# --- people ---------------------------------------------------------------------
unset PROVOST_TOKEN_FILE
feed 'wrong\n' 1 "a wrong password" 'HTTP 4' login pat.contact
same "leaves no session" "" "$(ls "$IT/run")"
feed 'sample-pat.contact\n' 0 "login" 'is signed in' login pat.contact
same "the session is nobody else's" 600 \
    "$(stat -c %a "$IT/run/provost-session")"
runs 0 "what she may see" 'nina.brandt' users
runs 1 "and not another URL" 'token file' -u http://127.0.0.1:9 users
runs 0 "she decides as herself" 'sample-1: approved' \
    approve sample-1 --reason agreed
runs 0 "and says it again" 'sample-1: approved' \
    approve sample-1 --reason agreed
same "it is she" "$(person_dn p0001)" "$(attr \
    "provostRequestId=sample-1,ou=requests,$SUFFIX" provostDecidedBy)"
runs 0 "one request whole" 'beneficiary' requests sample-1
runs 0 "inventory (V17)" 'S-100001-2' inventory \
    telecom-headquarters
feed 'sample-pat.contact\nNew-Pass-1234\nother\n' 1 \
    "passwords that differ" 'differ' passwd
feed 'sample-pat.contact\nNew-Pass-1234\nNew-Pass-1234\n' 0 \
    "passwd (V11)" 'is changed' passwd
runs 0 "she goes on" 'nina.brandt' users
feed 'New-Pass-1234\n' 0 "the new one" 'signed in' \
    login pat.contact
runs 0 "logout" 'signed out' logout
same "the session is gone" "" "$(ls "$IT/run")"
runs 1 "is over" 'sign in with provost login' users
finish
