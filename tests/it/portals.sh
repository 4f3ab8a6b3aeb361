#!/bin/sh
# SPDX-License-Identifier: ISC
# The tasks of the three portals (DOMAIN's V, L and A), each told twice against
# the sample enterprise: from the HTTP side through provost(1), and from the
# directory's side with ldapmodify; the directory must look the same after
# both.
. "$(dirname "$0")/daemon.sh"
tool_start
start
settle

p0012=$(person_dn p0012) p0016=$(person_dn p0016) p0013=$(person_dn p0013)
sven=$(uuid_of "$p0012") vera=$(uuid_of "$p0016")

# rights_of DN: what stands on the entry, in one order.
rights_of() {
	manager ldapsearch -LLL -o ldif-wrap=no -s base -b "$1" provostRole \
	    provostCompany provostAccount provostAllAccountsOf \
	    provostGroupIdentifierId provostToolGrant provostToolAccount \
	    provostPortalAccess provostCpniAuthorized provostState |
	    grep -v '^dn:\|^$' | sort
}
rights_are() {
	[ "$(rights_of "$1")" = "$2" ]
}
# right_is USER RIGHT true|false
right_is() {
	[ "$(provost --json rights "$1" | jq --arg r "$2" \
	    '[.rights[] | select(.right == $r and .granted)] | length > 0')" \
	    = "$3" ]
}
# seen USER FILTER: what SCIM says of the user.
seen() {
	provost --json user "$1" | jq -e "$2" >/dev/null
}
x() {
	echo ".[\"$EXTENSION\"]$1"
}

echo "# V: users, roles, companies, accounts, tools, requests, service groups"
before=$(rights_of "$p0012")

# V1 V2: another role, at once; companies, accounts and tools stay.
runs 0 "V1 a role, by HTTP" given grant sven.berg role:viewer
same "V1 one role" viewer "$(attr "$p0012" provostRole)"
check "V1 back, by LDAP" change "$p0012" "replace: provostRole" \
    "provostRole: service-manager"
wait_for "V1 holds at once" right_is sven.berg role:service-manager true
same "V1 and nothing else has changed" "$before" "$(rights_of "$p0012")"

# V13 V18 V14: company, account, tool; taking the company takes all.
runs 0 "V18 a company with an account and a tool, by HTTP" given \
    grant sven.berg company:acme-retail account:200001 \
    tool:ip-performance-reporting/200001
wait_for "V13 the account is reached" right_is sven.berg account:200001 true
wait_for "V20 the tool has it" holds_is "$sven" ip-performance-reporting 200001
after=$(rights_of "$p0012")
runs 0 "V14 take the company away, by HTTP" taken \
    revoke sven.berg company:acme-retail
wait_for "V14 what hung on it went" rights_are "$p0012" "$before"
wait_for "V20 the tool was told" holds_is "$sven" ip-performance-reporting none
check "V18 the same, by LDAP" change "$p0012" "add: provostCompany" \
    "provostCompany: acme-retail" - "add: provostAccount" \
    "provostAccount: 200001" - "add: provostToolGrant" \
    "provostToolGrant: ip-performance-reporting" - "add: provostToolAccount" \
    "provostToolAccount: ip-performance-reporting 200001"
same "V18 the same entry" "$after" "$(rights_of "$p0012")"
wait_for "V20 the same at the tool" \
    holds_is "$sven" ip-performance-reporting 200001
check "V14 take it away, by LDAP" change "$p0012" "delete: provostCompany" \
    "provostCompany: acme-retail"
wait_for "V14 the same goes" rights_are "$p0012" "$before"
wait_for "V20 the tool is told" holds_is "$sven" ip-performance-reporting none
check "V13 an account without its company, by LDAP" change "$p0012" \
    "add: provostAccount" "provostAccount: 200002"
wait_for "V13 grants nothing" seen sven.berg "$(x .accounts) | length == 3"
check "V13 indeed" right_is sven.berg account:200002 false
runs 1 "V13 which check tells" '200002' check
check "V13 and away" change "$p0012" "delete: provostAccount" \
    "provostAccount: 200002"

# V19 V20 V22: a tool, its accounts, restricting, removing.
runs 0 "V19 a tool has no account at first, by HTTP" given \
    grant sven.berg tool:wan-analysis
same "V19 none" "" "$(attr "$p0012" provostToolAccount | grep wan-)"
runs 0 "V20 two accounts" given grant sven.berg tool:wan-analysis/100001 \
    tool:wan-analysis/100007
wait_for "V20 at the tool" holds_is "$sven" wan-analysis 100001,100007
runs 0 "V20 one is taken" taken revoke sven.berg tool:wan-analysis/100001
wait_for "V20 at the tool" holds_is "$sven" wan-analysis 100007
check "V20 the last one, by LDAP" change "$p0012" \
    "delete: provostToolAccount" "provostToolAccount: wan-analysis 100007"
wait_for "V20 restricting is not removing" holds_is "$sven" wan-analysis ""
runs 0 "V22 listed with the others" '^tool:wan-analysis ' rights sven.berg
check "V20 removed, by LDAP" change "$p0012" "delete: provostToolGrant" \
    "provostToolGrant: wan-analysis"
wait_for "V20 at the tool" holds_is "$sven" wan-analysis none
same "V20 nothing is left" "$before" "$(rights_of "$p0012")"

# V15: by company, by group identifier.
runs 0 "V15 all accounts of a company, by HTTP" given \
    grant sven.berg all-accounts:acme-telecom
wait_for "V15 also this one" right_is sven.berg account:100016 true
check "V15 away, by LDAP" change "$p0012" "delete: provostAllAccountsOf"
wait_for "V15 is gone" right_is sven.berg account:100016 false

# V16 V17: service groups.
runs 0 "V16 a service group, by HTTP" made service-groups add depots \
    --company acme-telecom --purpose businessSite S-100008-1
runs 0 "V17 given" given grant sven.berg group:depots
wait_for "V16 gives its services" seen sven.berg \
    "$(x .groupIdentifiers) == [\"depots\"]"
check "V16 not their accounts" right_is sven.berg account:100008 false
check "V17 taken, by LDAP" change "$p0012" "delete: provostGroupIdentifierId"
wait_for "V17 nobody refers to it" seen sven.berg \
    "$(x .groupIdentifiers) == null"
runs 0 "V17 deleted, by HTTP" deleted service-groups delete --yes depots
ldif="provostGroupIdentifierId=yards,ou=groupIdentifiers,$SUFFIX"
printf '%s\n' "dn: $ldif" "objectClass: provostGroupIdentifier" \
    "provostGroupIdentifierId: yards" "cn: Yards" \
    "provostKind: serviceGroup" "provostPurpose: businessSite" \
    "provostCompany: acme-telecom" "provostService: S-100008-1" >"$IT/yards"
check "V16 the same, by LDAP" manager ldapadd -f "$IT/yards"
yards() { provost service-group yards >"$IT/output" 2>&1; }
wait_for "V16 is there" yards
check "V17 given, by LDAP" change "$p0012" "add: provostGroupIdentifierId" \
    "provostGroupIdentifierId: yards"
wait_for "V17 held" seen sven.berg "$(x .groupIdentifiers) == [\"yards\"]"
runs 1 "V17 what is referred to is not deleted" 'HTTP 409' \
    service-groups delete --yes yards
runs 0 "V17 taken, by HTTP" taken revoke sven.berg group:yards
check "V17 deleted, by LDAP" manager ldapdelete "$ldif"
runs 0 "V17 many at once" changed assign telecom-headquarters \
    sven.berg nina.brandt
runs 0 "V17 and away" changed unassign telecom-headquarters \
    sven.berg nina.brandt
wait_for "V nothing is left" rights_are "$p0012" "$before"

# V7 V10 V12: made, listed, removed.
runs 0 "V7 a user, by HTTP" made users add --login ina.http --family Http \
    company:acme-telecom account:100001 role:viewer tool:wan-analysis/100001
printf '%s\n' "dn: $(person_dn p9001)" "objectClass: inetOrgPerson" \
    "objectClass: provostUser" "provostPersonId: p9001" "uid: ina.ldap" \
    "cn: Ina Ldap" "sn: Ldap" "provostState: active" "provostRole: viewer" \
    "provostCompany: acme-telecom" "provostAccount: 100001" \
    "provostToolGrant: wan-analysis" \
    "provostToolAccount: wan-analysis 100001" >"$IT/ina"
check "V7 the same, by LDAP" manager ldapadd -f "$IT/ina"
ina_is() {
	provost users --newest --count 2 >"$IT/output"
	grep -q '^ina.http .*viewer .*active .*acme-telecom' "$IT/output" &&
	    grep -q '^ina.ldap .*viewer .*active .*acme-telecom' "$IT/output"
}
wait_for "V12 both are the newest, with role and state" ina_is
http_id=$(provost --json user ina.http | jq -r .id)
ldap_id=$(provost --json user ina.ldap | jq -r .id)
wait_for "V7 at the tool" holds_is "$http_id" wan-analysis 100001
wait_for "V7 likewise" holds_is "$ldap_id" wan-analysis 100001
runs 0 "V10 deleted, by HTTP" deleted users delete --yes ina.http
check "V10 deleted, by LDAP" manager ldapdelete "$(person_dn p9001)"
wait_for "V10 the tool is told" holds_is "$http_id" wan-analysis none
wait_for "V10 likewise" holds_is "$ldap_id" wan-analysis none
runs 1 "V10 gone" 'no user' user ina.http
runs 0 "V9 a clone" 'a clone of' users clone sven.berg \
    --given C --family Lone --email c.lone@acme.example

# V23 V25 V26 V27: requests, decided from either side.
runs 0 "V27 asks for a tool" ': pending' request new --as vera.haas \
    tool:wan-analysis/100009
first=$(sed 's/:.*//' "$IT/output")
runs 0 "V25 seen by who decides" "^$first " requests
check "V25 approved, by LDAP" approve "$first" p0001 pat.contact
wait_for "V27 applied" state_is "$first" applied
runs 1 "V26 a decision is made once" 'HTTP 4' deny --as quinn.harper "$first"
runs 0 "V27 asks for an account" ': pending' request new --as vera.haas \
    account:100009 --billing paperless
second=$(sed 's/:.*//' "$IT/output")
runs 0 "V25 approved, by HTTP" approved approve --as quinn.harper "$second"
wait_for "V25 applied" state_is "$second" applied
same "V25 granted" 100009 "$(attr "$p0016" provostAccount | grep 100009)"
wait_for "T2 why" right_is vera.haas account:100009 true
runs 0 "T2 names the request and who decided it" "$second" \
    why vera.haas account:100009
runs 0 "V26 withdraws another" ': pending' request new --as vera.haas \
    role:manager
third=$(sed 's/:.*//' "$IT/output")
runs 0 "V26 withdrawn" withdrawn withdraw --as vera.haas "$third"
wait_for "V26 is over" state_is "$third" withdrawn
runs 0 "V25 former ones are searched" "^$third  *withdrawn" requests \
    --state withdrawn --for vera.haas
runs 0 "V25 downloaded" "$first" export --csv requests
runs 0 "V21 recommended" '^network-manager .*100001,100009' \
    recommended vera.haas

echo "# L: enterprise ids, accounts in bulk"
runs 0 "L1 the enterprise" 'acme  *Acme Corporation  *Acme .*C-4711' \
    enterprises
e="provostEnterpriseId=acme,ou=enterprises,$SUFFIX"
check "L1 inactive, by LDAP" change "$e" "replace: provostActive" \
    "provostActive: FALSE"
wait_for "L1 its accounts grant nothing" \
    right_is sven.berg account:100001 false
same "L1 nothing is removed" "$before" "$(rights_of "$p0012")"
check "L1 active again" change "$e" "replace: provostActive" \
    "provostActive: TRUE"
wait_for "L1 they grant again" right_is sven.berg account:100001 true
printf '%s\n' "dn: provostEnterpriseId=other,ou=enterprises,$SUFFIX" \
    "objectClass: provostEnterpriseEntry" "provostEnterpriseId: other" \
    "cn: Other" "" "dn: provostCompanyId=other-one,ou=companies,$SUFFIX" \
    "objectClass: provostCompanyEntry" "provostCompanyId: other-one" \
    "cn: Other One" "provostEnterprise: other" "" >"$IT/other"
for n in 900001 900002; do
	printf '%s\n' "dn: provostAccountNumber=$n,ou=accounts,$SUFFIX" \
	    "objectClass: provostBillingAccount" "provostAccountNumber: $n" ""
done >>"$IT/other"
check "L2 another enterprise, known accounts, by LDAP" \
    manager ldapadd -f "$IT/other"
known() { provost account 900002 >"$IT/output" 2>&1; }
wait_for "L2 are there" known
a="provostAccountNumber=900002,ou=accounts,$SUFFIX"
check "L2 added to an enterprise, by LDAP" change "$a" \
    "add: provostEnterprise" "provostEnterprise: other" - \
    "add: provostCompany" "provostCompany: other-one"
added() { provost accounts --enterprise other | grep -q "^$1 "; }
wait_for "L2 is in it" added 900002
runs 0 "L2 added, by HTTP" 900001 accounts add other 900001
wait_for "L2 is in it" added 900001
runs 1 "L3 not twice" 'already been assigned' \
    accounts add other 900001
same "L3 and never where it is" 0 \
    "$(grep -c 'Other One\|other-one' "$IT/output")"
runs 0 "L4 moved" moved accounts move --yes --company acme-retail \
    900002 acme
wait_for "L4 is there" attr_is "$a" provostCompany acme-retail

echo "# A: portal access of single users"
runs 0 "A3 the list is searched" '^vera.haas' users haas
runs 0 "A3 and paged" '^nina.brandt' users --newest --count 4
state=$(rights_of "$p0016" | grep -v Portal)
check "A1 access, by LDAP" change "$p0016" "replace: provostPortalAccess" \
    "provostPortalAccess: active"
wait_for "A1 has it" right_is vera.haas portal true
runs 0 "A2 revoked, by HTTP" taken revoke vera.haas portal
wait_for "A2 has none" right_is vera.haas portal false
same "A2 role, companies, accounts and tools stay" "$state" \
    "$(rights_of "$p0016" | grep -v Portal)"
runs 0 "A1 given, by HTTP" given grant vera.haas portal
same "A1 is invited" invited "$(attr "$p0016" provostPortalAccess)"
check "A2 revoked, by LDAP" change "$p0016" "replace: provostPortalAccess" \
    "provostPortalAccess: none"
wait_for "A2 has none" seen vera.haas "$(x .portalAccess) == \"none\""
runs 0 "A1 with mail" invited portal grant vera.haas vera.haas@acme.example
runs 0 "A2 and away" 'no access' portal revoke --yes vera.haas
runs 0 "A2 suspended, by HTTP" suspended users suspend vera.haas
wait_for "T1 the tool is told" holds_is "$vera" wan-analysis none
check "A2 back, by LDAP" change "$p0016" "replace: provostState" \
    "provostState: active"
wait_for "A2 the tool again" holds_is "$vera" wan-analysis 100009
printf 'vera.haas\nsara.cohen\n' >"$IT/names"
provost grant - tool:voip-iac <"$IT/names" >"$IT/output" 2>&1
same "A5 many at once, by HTTP" 0 $?
for who in "$p0016" "$p0013"; do
	same "A5 has it" voip-iac \
	    "$(attr "$who" provostToolGrant | grep voip)"
	printf '%s\n' "dn: $who" "changetype: modify" \
	    "delete: provostToolGrant" "provostToolGrant: voip-iac" "" \
	    >>"$IT/away"
done
check "A5 and away, by LDAP" manager ldapmodify -f "$IT/away"
wait_for "A5 gone" right_is sara.cohen tool:voip-iac false
settle
stop
finish
