#!/bin/sh
# SPDX-License-Identifier: ISC
# V23, V24, V28: accounts by printed code, over SCIM; wrong codes are counted,
# also when the daemon is killed on its way, and lock.
. "$(dirname "$0")/daemon.sh"

CARL=$(person_dn p0025)
REQUEST=urn:ietf:params:scim:schemas:provost:2.0:AccessRequest
# enter STATUS TEXT CODES: a request of Carl's; ID is its id, DN_R its DN.
enter() {
	ask "$1" "$2" POST /scim/v2/AccessRequests "{\"schemas\":[\"$REQUEST\"],
	    \"requester\":\"$carl\",\"kind\":\"accounts\",
	    \"invitationCodes\":$3,
	    \"items\":[{\"value\":\"200040\",\"billing\":\"paperless\"}]}"
	DN_R=provostRequestId=$(body .requestId),ou=requests,$SUFFIX
}
request_is() {
	attr_is "$DN_R" provostRequestState "$1"
}
count_is() {
	[ "$(attr "$CARL" provostWrongCodes | cut -d ' ' -f 1)" = "$1" ]
}
tool_start
start
settle
carl=$(uuid_of "$CARL")
ask 201 "an account with a code" POST /scim/v2/Accounts '{
    "schemas":["urn:ietf:params:scim:schemas:provost:2.0:Account"],
    "accountNumber":"200040","company":"acme-logistics","enterprise":"acme",
    "billing":"paper","invitationCode":"QRST-7788"}'
same "which is not shown" null "$(body .invitationCode)"
ask 200 "nor later" GET "/scim/v2/Accounts/$(body .id)"
same "in any form" "" "$(grep -o '[0-9a-f]\{64\}' "$IT/body")"

echo "# a right code"
companies=$(attr "$CARL" provostCompany)
enter 201 "it is entered as it was read" '["qrst 7788"]'
wait_for "nobody has to approve" request_is applied
same "the account" 200040 "$(attr "$CARL" provostAccount | grep 200040)"
same "its company" acme-logistics \
    "$(attr "$CARL" provostCompany | grep logistics)"
same "and nothing else of it" "" \
    "$(attr "$CARL" provostAllAccountsOf | grep logistics)"
same "billing" paperless "$(attr "provostAccountNumber=200040,ou=accounts,\
$SUFFIX" provostBilling)"
same "the request names the account" 200040 "$(attr "$DN_R" provostAccount)"

echo "# wrong codes"
enter 201 "a wrong one" '["QRST-7789"]'
wait_for "fails" request_is failed
wait_for "and counts" count_is 1
enter 201 "three more" '["A","B","C"]'
wait_for "count" count_is 4
stop
PROVOST_FAILPOINT=after-account:1
export PROVOST_FAILPOINT
start
unset PROVOST_FAILPOINT
http POST /scim/v2/AccessRequests "{\"schemas\":[\"$REQUEST\"],
    \"requester\":\"$carl\",\"kind\":\"accounts\",
    \"invitationCodes\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]}" 2>/dev/null
wait_for "it dies when it has counted six more" dead
wait "$PID" 2>/dev/null
start
settle
enter 201 "a right one, afterwards" '["QRST-7788"]'
wait_for "is not looked at" request_is failed
same "and it says why" "too many wrong codes" \
    "$(attr "$DN_R" provostStatusText | cut -c 1-20)"
change "$CARL" "delete: provostWrongCodes" >/dev/null
enter 201 "unlocked" '["QRST-7788"]'
wait_for "it is good until it is replaced" request_is applied
finish
