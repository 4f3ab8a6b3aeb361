#!/bin/sh
# SPDX-License-Identifier: ISC
# The commands of provost(1) by which people are administered: what they print,
# that --dry-run writes nothing, and how tables fit.
. "$(dirname "$0")/daemon.sh"
unset COLUMNS NO_COLOR
XDG_RUNTIME_DIR=$IT
export XDG_RUNTIME_DIR TERM=xterm
tool_start
start
settle

# dry TEXT PATTERN ARGUMENT...: with --dry-run it prints that, writes nothing;
# what the engine has to write is written before.
dry() {
	text=$1 pattern=$2; shift 2
	settle
	before=$(writes)
	runs 0 "$text, dry" "$pattern" --dry-run "$@"
	same "... writes nothing" "$before" "$(writes)"
}
not_printed() {
	same "$1" 0 "$(grep -c -e "$2" "$IT/output")"
}

# --- lists ---------------------------------------------------------------------
runs 0 "users with role, state and companies (V12)" \
    '^pat.contact  *Pat Contact  *primary-contact  *active  *acme-telecom' users
same "all of them" 26 "$(wc -l <"$IT/output")"
json "users" '.totalResults == 25 and (.Resources | length) == 25' users
runs 0 "newest first (V12)" '^carl.meyer' users --newest --count 1
same "one of them" 2 "$(wc -l <"$IT/output")"
json "so many" '(.Resources | length) == 7 and .totalResults == 25' \
    users --count 7
runs 0 "searched by a word (V12)" '^nina.brandt' users brandt
same "nobody else" 2 "$(wc -l <"$IT/output")"
runs 0 "by a filter" '^vera.haas' users 'roles.value eq "viewer"'
not_printed "nobody else" '^pat.contact'
runs 1 "a filter that is none" 'HTTP 400' users 'roles eq ('
runs 0 "user" '^companies  *acme-telecom' user nina.brandt
runs 0 "... with rights" '^tool:network-manager/100001 .*rule' user nina.brandt
json "user" '.userName == "nina.brandt"' user nina.brandt
runs 1 "no such user" 'no user' user nobody
runs 1 "a quote in a name is no filter" 'no user' user 'x" or id pr'
for line in 'groups Voice' 'companies acme-retail' 'enterprises C-4711' \
    'accounts 100016' 'services S-300010-5' 'tools ddos-shield' \
    'roles billing-orders-manager' 'rules service-desk' \
    'service-groups telecom-headquarters'; do
	runs 0 "${line% *}" "${line#* }" "${line% *}"
	json "${line% *}" '.totalResults > 0' "${line% *}"
done
for line in 'group Voice displayName' 'company acme-retail companyId' \
    'enterprise acme customName' 'account 100016 accountNumber' \
    'tool ddos-shield toolId' 'service-group cgi-7001 groupIdentifierId'; do
	set -- $line
	runs 0 "$1" "^$3 " $1 $2
	json "$1" ".$3" $1 $2
	runs 1 "no such $1" 'nothing with' $1 nonsense
done
runs 0 "accounts of a company" '^200001 ' accounts --company acme-retail
not_printed "no others" '^100001 '
runs 0 "some of them" '^200011 ' accounts 20001 --company acme-retail \
    --enterprise acme
not_printed "no others" '^200001 '
runs 0 "a group's members" 'Viola Marsh' group Voice
runs 0 "resource types" '^AccessRequest  */AccessRequests' schema
json "resource types" '.Resources | length > 10' schema
runs 0 "attributes" '^companies\[\]  *string ' schema User
runs 0 "sub-attributes" '^items\[\].billing ' schema AccessRequest
json "attributes" '.id == "urn:ietf:params:scim:schemas:provost:2.0:Tool"' \
    schema Tool
runs 1 "no such schema" 'HTTP 404' schema nonsense

# --- rights ----------------------------------------------------------------------
nina=$(person_dn p0024)
dry "grant" '+  *tool:wan-analysis/100001' \
    grant nina.brandt tool:wan-analysis/100001 role:viewer
runs 0 "a role replaces the other" '-  *role:service-repairs-manager' \
    --dry-run grant nina.brandt role:viewer
runs 0 "what is held is no change" 'nothing would change' \
    --dry-run grant nina.brandt account:100001
json "... the change" '.method == "PATCH" and (.changes | length) == 2' \
    --dry-run grant nina.brandt tool:voip-iac/100001
runs 0 "grant, the tool with its account" '4 rights given' grant nina.brandt tool:wan-analysis/100001 \
    company:acme-retail account:200001
same "is written" "wan-analysis 100001" "$(attr "$nina" provostToolAccount)"
same "... whole" "acme-retail
acme-telecom" "$(attr "$nina" provostCompany)"
dry "revoke (V14)" '-  *tool:wan-analysis .*V14' \
    revoke nina.brandt company:acme-telecom
runs 0 "accounts go with their company (V14)" \
    '-  *account:100001  *goes with its company' --dry-run \
    revoke nina.brandt company:acme-telecom
not_printed "others do not" 'account:200001'
json "... the same" '[.changes[] | select(.why)] | length == 5' --dry-run \
    revoke nina.brandt company:acme-telecom
runs 0 "cpni goes with the last company" 'cpni .*V14' --dry-run \
    revoke pat.contact company:acme-telecom
runs 0 "it stays with another" '-  *company:acme-retail' --dry-run \
    revoke maya.okafor company:acme-retail
not_printed "... indeed" cpni
runs 0 "revoke, and what goes with it" ': [2-9] rights taken' \
    revoke nina.brandt company:acme-telecom
wait_for "what hung on it is gone, as was shown (V14)" \
    attr_is "$nina" provostAccount 200001
same "the tool too" "" "$(attr "$nina" provostToolGrant)"
runs 0 "what is not there is not taken away" 'nothing to take away' \
    revoke nina.brandt tool:ddos-shield
runs 0 "back again" '5 rights given' grant nina.brandt company:acme-telecom \
    account:100001 tool:wan-analysis tool:wan-analysis/100001 cpni
runs 0 "a tool's account" '1 right taken' \
    revoke nina.brandt tool:wan-analysis/100001
same "restricting is not removing (V20)" wan-analysis \
    "$(attr "$nina" provostToolGrant)"
runs 0 "several kinds" '3 rights taken' \
    revoke nina.brandt tool:wan-analysis cpni portal
same "the tool" "" "$(attr "$nina" provostToolGrant)"
same "cpni" FALSE "$(attr "$nina" provostCpniAuthorized)"
same "the portal" none "$(attr "$nina" provostPortalAccess)"
runs 0 "all accounts, a group" '2 rights given' \
    grant nina.brandt all-accounts:acme-telecom group:telecom-headquarters
same "are there" "acme-telecom telecom-headquarters" \
    "$(echo $(attr "$nina" provostAllAccountsOf) \
    $(attr "$nina" provostGroupIdentifierId))"
runs 0 "and gone" '2 rights taken' \
    revoke nina.brandt all-accounts:acme-telecom group:telecom-headquarters
runs 0 "a tool for a time (T3)" given grant --until 2030-01-01T00:00:00Z \
    nina.brandt tool:voip-iac
runs 0 "its end" 'notAfter\|2030\|voip-iac' user nina.brandt
same "is on the entry" 1 \
    "$(attr "$nina" provostPeriod | grep -c '^tool:voip-iac .*2030')"
runs 2 "times are for tools" 'are for tools' grant --until \
    2030-01-01T00:00:00Z nina.brandt account:100001
runs 1 "an account that is not there" 'HTTP 4' \
    grant nina.brandt account:999999
runs 2 "no right" 'is no right' grant nina.brandt nonsense
json "grant" '.userName == "nina.brandt"' grant nina.brandt role:viewer

# --- many people (A5) ---------------------------------------------------------------
printf '%s\n' bill.tanaka nobody bella.rossi >"$IT/names"
# many CODE TEXT PATTERN ARGUMENT...: with those names on standard input.
many() {
	runs "$@" <"$IT/names"
}
many 1 "one of several is nobody (A5)" 'nobody: there is no user' \
    grant - tool:voip-iac
grep -q '1 of 3 were not done' "$IT/output"
same "... and counted" 0 $?
same "the others have it" "voip-iac voip-iac" \
    "$(echo $(attr "$(person_dn p0008)" provostToolGrant) \
    $(attr "$(person_dn p0009)" provostToolGrant))"
sed -i /nobody/d "$IT/names"
settle
before=$(writes)
many 0 "many, dry" '-  *tool:voip-iac' --dry-run revoke - tool:voip-iac
same "... writes nothing" "$before" "$(writes)"
many 0 "many" 'bella.rossi: 1 right taken' revoke - tool:voip-iac
many 0 "suspend many" 'bill.tanaka: suspended' users suspend -
same "they are" "suspended suspended" \
    "$(echo $(attr "$(person_dn p0008)" provostState) \
    $(attr "$(person_dn p0009)" provostState))"
many 0 "reactivate many" 'bill.tanaka: active' users reactivate -
: >"$IT/names"
many 1 "nobody is named" 'names no user' users suspend -

# --- people -------------------------------------------------------------------------
dry "users add" '"userName": "new.one"' users add --login new.one --family One
runs 0 "users add (V7)" 'new.one: made' users add --login new.one \
    --given New --family One --email new.one@acme.example \
    company:acme-telecom account:100001 role:viewer \
    tool:wan-analysis/100001 tool:wan-analysis/100002 cpni
json "is made whole" '.displayName == "New One" and
    .emails[0].value == "new.one@acme.example" and
    .roles[0].value == "viewer" and
    .["'$EXTENSION'"].tools == [{"value": "wan-analysis",
	"accounts": ["100001", "100002"]}]' user new.one
runs 1 "a name twice" 'HTTP 409' users add --login new.one
runs 2 "an invitation needs an address" 'email says' users add --given X
dry "suspend" 'would PATCH' users suspend new.one
runs 0 "suspend" 'suspended' users suspend new.one
json "is suspended" '.active == false' user new.one
dry "reactivate" 'would PATCH' users reactivate new.one
runs 0 "reactivate" 'active' users reactivate new.one
dry "delete" 'would DELETE' users delete new.one
runs 2 "nobody to ask" 'cannot be undone' users delete new.one </dev/null
runs 0 "delete (V10)" 'deleted' users delete --yes new.one
runs 1 "is gone" 'no user' user new.one

# --- group identifiers (V16, V17) -----------------------------------------------------
dry "service-groups add" '"services"' service-groups add depots S-100001-1
runs 0 "service-groups add (V16)" 'depots: made' service-groups add depots \
    --name Depots --company acme-telecom --purpose businessSite \
    S-100001-1 S-100002-1
runs 0 "is there" 'S-100001-1, S-100002-1' service-group depots
runs 1 "twice" 'HTTP 409' service-groups add depots --company acme-telecom
dry "service-groups delete" 'would DELETE' service-groups delete depots
runs 2 "nobody to ask" 'cannot be undone' service-groups delete depots \
    </dev/null
runs 0 "service-groups delete (V17)" 'deleted' \
    service-groups delete depots --yes
runs 1 "is gone" 'nothing with' service-group depots

# --- requests ---------------------------------------------------------------------------
runs 0 "requests by state" '^sample-4  *denied' requests --state denied
not_printed "no others" '^sample-1'
runs 0 "by kind" '^sample-3' requests --kind accounts
not_printed "no others" '^sample-1'
runs 0 "by beneficiary" '^sample-1' requests --for nina.brandt
not_printed "no others" '^sample-2'
dry "request new" '"kind": "tool"' request new --as vera.haas \
    tool:wan-analysis/100001
runs 0 "request new (V27)" ': pending' request new --as vera.haas \
    tool:wan-analysis/100008 tool:wan-analysis/100009 --reason 'to see'
id=$(sed 's/:.*//' "$IT/output")
runs 0 "is there" 'wan-analysis 100008,100009' requests "$id"
dry "approve" '"decision"' approve --as pat.contact "$id"
dry "deny an item" '"denied"' deny --as pat.contact "$id" 100009
runs 2 "no such item" 'no item "77"' approve --as pat.contact "$id" 77
runs 2 "who decides?" 'as USER' approve "$id"
dry "withdraw" '"withdrawn"' withdraw --as vera.haas "$id"
runs 0 "withdraw (V26)" withdrawn withdraw --as vera.haas "$id"
wait_for "is recorded" state_is "$id" withdrawn
runs 0 "accounts with a billing (V24)" ': pending' request new \
    --as oscar.dubois account:100011 account:100012 --billing paperless
id=$(sed 's/:.*//' "$IT/output")
runs 0 "one item of two (V25)" '100012: denied' approve --as pat.contact \
    --reason 'one is enough' "$id" 100011
wait_for "is applied" state_is "$id" applied
same "one account came" 1 \
    "$(attr "$(person_dn p0010)" provostAccount | grep -c '^10001[12]$')"
runs 2 "two kinds in one" 'one kind' request new --as vera.haas role:viewer \
    account:100001
runs 2 "nothing" 'what is asked for' request new --as vera.haas
dry "codes are not shown" '"invitationCodes": "..."' request new \
    --as vera.haas --code 'AB-12, CD-34'
not_printed "... indeed" AB-12
dry "token" '"scopes"' token --scopes read x

# --- how it looks ------------------------------------------------------------------------
# wide COLUMNS: nothing that was printed is wider.
wide() {
	same "$2" "" "$(expand "$IT/output" | awk -v n="$1" 'length($0) > n')"
}
tty() {
	columns=$1; shift
	python3 "$TOP/tests/it/terminal.py" "$columns" "$BIN/provost" "$@" \
	    >"$IT/output"
}
escape=$(printf '\033')
runs 0 "not on a terminal nothing is cut" 'manage,repairs view' roles
not_printed "nor coloured" "$escape"
COLUMNS=40; export COLUMNS
runs 0 "40 columns: blocks" '^NAME  *Primary Contact' roles
runs 0 "40 columns" '^PURPOSE  *businessSite' service-groups
runs 0 "40 columns: what names a row stays whole" \
    '^acme-logistics  Acme Log\.*' companies
wide 40 "... and fit"
COLUMNS=200
runs 0 "200 columns" '^primary-contact  *Primary Contact .*\.\.\.$\|view' roles
wide 200 "... and fits"
COLUMNS=90
runs 0 "90 columns: cut" '\.\.\.' roles
wide 90 "... and fits"
unset COLUMNS
tty 90 roles
same "on a terminal of 90: cut" 10 "$(grep -c '\.\.\.' "$IT/output")"
same "titles are bold" 1 "$(grep -c "$escape\[1mROLE" "$IT/output")"
NO_COLOR=1 tty 90 roles
not_printed "NO_COLOR" "$escape"
tty 90 --json roles
not_printed "JSON has no colours" "$escape"
yes pat.contact | head -n 40 >"$IT/names"
python3 "$TOP/tests/it/terminal.py" 90 sh -c '"$0/provost" --dry-run grant - \
    role:primary-contact <"$1"' "$BIN" "$IT/names" >"$IT/output"
same "a bar on a terminal" 0 "$(grep -q 'grant \[#* *\] [0-9]*/40' \
    "$IT/output"; echo $?)"
many 0 "no bar elsewhere" 'nothing would' --dry-run grant - \
    role:primary-contact
not_printed "... indeed" '\[#'

# --- wrong use ------------------------------------------------------------------------------
runs 2 "--dry-run where it means nothing" 'takes no --dry-run' \
    --dry-run users
runs 2 "an option of another command" 'takes no --csv' users --csv
runs 2 "too few arguments" 'usage: provost grant USER RIGHT' grant nina.brandt
runs 2 "too many" 'usage: provost user USER' user a b
runs 2 "no number" 'no number' users --count many
runs 2 "no such export" 'two exports' export nonsense
runs 2 "no such template" 'two templates' template nonsense
runs 2 "register how?" 'login says' register x </dev/null
runs 0 "--help" 'portal revoke USER' --help
runs 1 "no password" 'standard input ends' login pat.contact </dev/null
runs 1 "nobody is signed in" 'nobody is signed in' logout
stop
finish
