#!/bin/sh
# SPDX-License-Identifier: ISC
# Grants are pushed to a SCIM service made by others: tests/npm (scimmy and
# express, pinned), installed by npm below the build directory.
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/their.sh"
cat >"$IT/provostd.conf" <<END
engine: { retry_base = "50ms"; retry_max = "200ms"; };
targets: { sample-tool: { kind = "scim"; url = "$THEIRS/scim/v2";
	token_file = "$IT/their.token"; insecure = true; };
	null: { kind = "null"; }; };
END

start
settle
nina=$(uuid_of "$(person_dn p0024)") mark=$(uuid_of "$(person_dn p0019)")
same "a birthright" "account:100001 account:100002 tool:network-manager" \
    "$(entitled "$nina")"
same "two tools on one service" "account:100003 account:100003 account:100004 \
tool:network-manager tool:wan-analysis" "$(entitled "$mark")"
check "approved" approve sample-1 p0001 pat.contact
wait_for "added" entitled_is "$nina" "account:100001 account:100002 \
account:100002 account:100003 tool:network-manager tool:wan-analysis"
wait_for "applied" state_is sample-1 applied
check "an account is taken away" change "$(person_dn p0024)" \
    "delete: provostToolAccount" "provostToolAccount: wan-analysis 100003"
wait_for "there, too" entitled_is "$nina" "account:100001 account:100002 \
account:100002 tool:network-manager tool:wan-analysis"
settle
writes=$(theirs /writes)
stop
rm -rf "$IT/main/view"
start
settle
same "a second look writes nothing" "$writes" "$(theirs /writes)"
check "a leaver" manager ldapdelete "$(person_dn p0024)"
wait_for "is gone there" entitled_is "$nina" none
wait_for "and has no receipts" no_receipts "$nina"
same "the others are still there" "account:100003 account:100003 \
account:100004 tool:network-manager tool:wan-analysis" "$(entitled "$mark")"
finish
