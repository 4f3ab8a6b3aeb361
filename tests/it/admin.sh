#!/bin/sh
# SPDX-License-Identifier: ISC
# What an administrator does with ldapmodify has its effect at the tool without
# anything else, and the journal names who did it.
. "$(dirname "$0")/daemon.sh"

ADA=$(person_dn p0006) PAT=$(person_dn p0001)
NINA=$(person_dn p0024) VERA=$(person_dn p0016)
ada() { person ada.lindgren p0006 "$@"; }
ada_changes() {
	dn=$1; shift
	printf '%s\n' "dn: $dn" "changetype: modify" "$@" | ada ldapmodify
}
# journal OP DN FILTER: who did it, by the journal's last such line.
journal() {
	jq -rs --arg op "$1" --arg dn "$2" \
	    "[.[] | select(.op == \$op and .dn == \$dn and ($3)) | .by] |
	    last // \"\"" "$IT/main/journal.jsonl"
}
journal_is() {
	[ "$(journal "$2" "$3" "$4")" = "$1" ]
}

tool_start
start
settle
nina=$(uuid_of "$NINA") vera=$(uuid_of "$VERA")
same "a birthright is at the tool" 100001,100002 \
    "$(holds "$nina" network-manager)"
same "what was not granted is not" none "$(holds "$nina" wan-analysis)"

echo "# approve"
check "a primary contact approves" approve sample-1 p0001 pat.contact
wait_for "the tool has the grant" holds_is "$nina" wan-analysis 100002,100003
wait_for "the request is applied" state_is sample-1 applied
R="provostRequestId=sample-1,ou=requests,$SUFFIX"
wait_for "the journal names the approver" journal_is "$PAT" modify "$R" \
    '.add.provostDecision == ["approved"]'

echo "# a directory administrator adds a tool"
check "ada becomes one" change "cn=directory-administrators,$SUFFIX" \
    "add: member" "member: $ADA"
check "a grant with an account" ada_changes "$VERA" \
    "add: provostToolGrant" "provostToolGrant: wan-analysis" - \
    "add: provostToolAccount" "provostToolAccount: wan-analysis 100001"
wait_for "is at the tool" holds_is "$vera" wan-analysis 100001
check "one more account" ada_changes "$VERA" \
    "add: provostToolAccount" "provostToolAccount: wan-analysis 100002"
wait_for "is at the tool, too" holds_is "$vera" wan-analysis 100001,100002
wait_for "the journal names her" journal_is "$ADA" modify "$VERA" \
    '.add.provostToolGrant == ["wan-analysis"]'

echo "# ... takes a company away"
check "ldapmodify" ada_changes "$VERA" \
    "delete: provostCompany" "provostCompany: acme-telecom"
no_account() { case $(holds "$vera" wan-analysis) in none|"") ;; *) false; esac; }
wait_for "its accounts are gone at the tool" no_account
wait_for "the journal names her" journal_is "$ADA" modify "$VERA" \
    '.del.provostCompany == ["acme-telecom"]'

echo "# ... deletes a user"
check "ldapdelete" ada ldapdelete "$NINA"
wait_for "everything is gone at the tool" holds_is "$nina" wan-analysis none
wait_for "the birthright, too" holds_is "$nina" network-manager none
wait_for "so are the receipts" no_receipts "$nina"
wait_for "the journal names the deleter" journal_is "$ADA" delete "$NINA" true

settle
check "the journal's chain holds" \
    provost journal verify "$IT/main/journal.jsonl"
stop
same "the daemon ended well" 0 $EXIT
finish
