#!/bin/sh
# SPDX-License-Identifier: ISC
# A tool that takes its users from groups of the same directory: members come
# and go with the grants, a leaver is nowhere left (T1), and what somebody
# changes in a group by hand is put right.
. "$(dirname "$0")/daemon.sh"
GROUPS_DN=ou=toolgroups,$SUFFIX

members() {
	attr "cn=$1,$GROUPS_DN" member | grep -v "^cn=nobody," | sort
}
is_member() {
	members "$2" | grep -qx "$1"
}
no_member() {
	! is_member "$1" "$2"
}
drift() {
	provost --json drift sample-tool --now >"$IT/report"
}
is() {
	same "$1" "$3" "$(jq -r "$2" "$IT/report")"
}
conf
cat >"$IT/provostd.conf" <<-END
	engine: { retry_base = "50ms"; retry_max = "200ms";
	    drift_interval = "0s"; };
	guard: { floor = 1000; };
	targets: {
		sample-tool: {
			kind = "ldapgroup";
			url = "ldapi://$(echo "$IT/main/ldapi" | sed 's|/|%2F|g')";
			group_dn = "cn={tool},$GROUPS_DN";
			account_dn = "cn={tool}-{account},$GROUPS_DN";
			people = "$DN";
			person = "entryUUID={id}";
			placeholder = "cn=nobody,$SUFFIX";
			create = true;
		};
		null: { kind = "null"; };
	};
END
start
manager ldapadd >/dev/null <<-END
	dn: $GROUPS_DN
	objectClass: organizationalUnit
	ou: toolgroups
END
provost retry sample-tool >/dev/null
settle
drift
is "all are members who should be" '.complete and .missing + .extra == 0' true
check "some are" test "$(jq .people "$IT/report")" -gt 3

echo "# a grant comes, is changed, and goes"
pat=$(person_dn p0016)
change "$pat" "add: provostToolGrant" "provostToolGrant: wan-analysis" - \
    "add: provostToolAccount" "provostToolAccount: wan-analysis 100001" \
    >/dev/null
wait_for "in the tool's group" is_member "$pat" wan-analysis
wait_for "in the account's" is_member "$pat" wan-analysis-100001
change "$pat" "delete: provostToolAccount" \
    "provostToolAccount: wan-analysis 100001" >/dev/null
wait_for "out of the account's" no_member "$pat" wan-analysis-100001
check "still in the tool's" is_member "$pat" wan-analysis
settle

echo "# by hand, in the groups"
change "cn=wan-analysis,$GROUPS_DN" "delete: member" "member: $pat" >/dev/null
change "cn=wan-analysis-100001,$GROUPS_DN" "add: member" "member: $pat" - \
    "add: member" "member: cn=stranger,dc=elsewhere" >/dev/null
drift
is "something is missing" .missing 1
is "a member is nobody" .unmanaged 1
wait_for "in the tool's group again" is_member "$pat" wan-analysis
wait_for "out of the account's again" no_member "$pat" wan-analysis-100001
settle
check "a stranger stays" is_member cn=stranger,dc=elsewhere \
    wan-analysis-100001

echo "# a leaver"
manager ldapdelete "$pat"
wait_for "is in no group" no_member "$pat" wan-analysis
settle
same "nowhere" "" "$(manager ldapsearch -LLL -b "$GROUPS_DN" \
    "(member=$pat)" dn 2>/dev/null)"
drift
is "and the comparison says so" '.complete and .missing + .extra == 0' true
stop
same "the daemon ended well" 0 $EXIT
finish
