#!/bin/sh
# SPDX-License-Identifier: ISC
# Every command of provost(1): what it prints, as a table and as JSON, and its
# exit code: 0 done, 1 refused or failed, 2 used wrongly.
. "$(dirname "$0")/daemon.sh"

tool_start
start
settle

runs 0 "status" 'sample-tool.*webhook' status
json "status" '.directory.connected and .engine.pending == 0' status
runs 0 "check" 'no entry breaks a rule' check
runs 0 "plan" 'nothing to do' plan
json "plan" '.actions == []' plan
runs 0 "rights" 'tool:network-manager/100001 .*rule network-operations' \
    rights nina.brandt
runs 0 "its permissions" 'permissions: .*repairs manage' rights nina.brandt
json "rights" '[.rights[] | select(.granted)] | length > 5' rights nina.brandt
runs 0 "why" 'tool:network-manager: confirmed' \
    why nina.brandt tool:network-manager
runs 0 "the rule that gives it" 'network-operations' \
    why nina.brandt tool:network-manager
runs 0 "its receipt" 'receipt .*sample-tool' \
    why nina.brandt tool:network-manager
runs 0 "why not" 'not granted' why nina.brandt tool:wan-analysis
json "why not" '.granted == false' why nina.brandt tool:wan-analysis
runs 1 "nobody" 'no user "nobody"' why nobody tool:wan-analysis
runs 1 "no right" 'right' why nina.brandt nonsense

runs 0 "requests" 'sample-2 .*sara.cohen .*ip-performance-reporting 200005' \
    requests
same "those that were decided are not among them" 0 \
    "$(grep -c sample-4 "$IT/output")"
runs 0 "with --all they are" 'sample-4 *denied' requests --all
runs 0 "one, with the text for ldapmodify" \
    "^provostDecidedBy: $(person_dn p0001)" \
    requests --as pat.contact sample-1
sed -n '/^dn: /,$p' "$IT/output" >"$IT/approve.ldif"
check "which is complete" person pat.contact p0001 ldapmodify \
    -f "$IT/approve.ldif"
wait_for "and approves it" state_is sample-1 applied
runs 0 "approve" 'sample-2: approved by rita.mendez' approve \
    --as rita.mendez --reason 'for the quarter' sample-2
wait_for "is applied" state_is sample-2 applied
same "with its reason" "for the quarter" \
    "$(attr "provostRequestId=sample-2,ou=requests,$SUFFIX" provostReason)"
sara=$(uuid_of "$(person_dn p0013)")
wait_for "at the tool" holds_is "$sara" ip-performance-reporting 200005
runs 1 "a second decision" 'sample-2\|decided' deny --as maya.okafor sample-2
runs 1 "also the same by another" 'sample-2\|decided' \
    approve --as maya.okafor sample-2
same "nothing has changed" "$(person_dn p0003)" \
    "$(attr "provostRequestId=sample-2,ou=requests,$SUFFIX" provostDecidedBy)"
runs 1 "who may not decide is refused (V2)" 'V2' approve --as rita.mendez sample-3
check "and the request stays open" state_is sample-3 pending
runs 1 "nobody decides as requester" '.' approve --as oscar.dubois sample-3
runs 0 "deny" 'denied' deny --as pat.contact sample-3
wait_for "is recorded" state_is sample-3 denied
runs 1 "no such request" 'no request' approve --as pat.contact sample-99

runs 0 "token" '^[^ ]\{20,\}$' token --scopes read:Users reader
tail -n 1 "$IT/output" >"$IT/reader.token"
same "its token reads users" 200 "$(curl -s -o "$IT/body" -w '%{http_code}' \
    -H "Authorization: Bearer $(cat "$IT/reader.token")" \
    "$URL/scim/v2/Users?count=1")"
PROVOST_TOKEN_FILE=$IT/reader.token
export PROVOST_TOKEN_FILE
runs 1 "and nothing else" 'scope' requests
same "and makes no user" 403 "$(curl -s -o "$IT/body" -w '%{http_code}' \
    -H "Authorization: Bearer $(cat "$IT/reader.token")" \
    -H 'Content-Type: application/scim+json' -d '{"userName":"x"}' \
    "$URL/scim/v2/Users")"
PROVOST_TOKEN_FILE=$IT/main/admin.token
same "the directory has hashes only" 0 "$(manager ldapsearch -LLL \
    -o ldif-wrap=no -b "$SUFFIX" | grep -c -f "$IT/reader.token")"

runs 0 "journal verify" 'the chain is whole' journal verify \
    "$IT/main/journal.jsonl"
sed '3s/add/ADD/' "$IT/main/journal.jsonl" >"$IT/forged.jsonl"
runs 1 "a forged one" '3\|4' journal verify "$IT/forged.jsonl"

runs 2 "no command" usage
runs 2 "an unknown command" 'no command "nonsense"' nonsense
runs 2 "too few arguments" 'usage: provost why USER RIGHT' why nina.brandt
runs 2 "an unknown option" 'usage' --nonsense status
runs 0 "--version" '^provost [0-9]' --version
stop
runs 1 "nobody answers" "$URL" status
finish
