#!/bin/sh
# SPDX-License-Identifier: ISC
# V14: a company is taken away with ldapmodify; what hung on it goes from the
# entry and from the tool, also when the daemon is killed on its way, and does
# not come back with the company.
. "$(dirname "$0")/daemon.sh"

TOOL=ip-performance-reporting
person_ldif() {
	cat <<-END
	dn: $(person_dn "$1")
	objectClass: inetOrgPerson
	objectClass: provostUser
	provostPersonId: $1
	uid: $1
	cn: $1
	sn: $1
	provostState: active
	provostRole: viewer
	provostEnterprise: acme
	provostCompany: acme-telecom
	provostCompany: acme-retail
	provostAccount: 100001
	provostAccount: 200001
	provostToolGrant: $TOOL
	provostToolGrant: wan-analysis
	provostToolAccount: $TOOL 100001
	provostToolAccount: $TOOL 200001
	provostToolAccount: wan-analysis 100001
	provostCpniAuthorized: TRUE
	END
}
accounts_are() {
	attr_is "$1" provostAccount "$2"
}
# case NAME FAILPOINT
run() {
	who=$(person_dn "$1")
	person_ldif "$1" | manager ldapadd >/dev/null
	uuid=$(uuid_of "$who")
	wait_for "$1: both accounts at the tool" holds_is "$uuid" $TOOL \
	    100001,200001
	if [ -n "$2" ]; then
		stop
		PROVOST_FAILPOINT=$2
		export PROVOST_FAILPOINT
		start
		unset PROVOST_FAILPOINT
	fi
	change "$who" "delete: provostCompany" \
	    "provostCompany: acme-telecom" >/dev/null
	if [ -n "$2" ]; then
		wait_for "$1: it dies" dead
		wait "$PID" 2>/dev/null
		start
	fi
	wait_for "$1: the account goes" accounts_are "$who" 200001
	same "$1: the tool accounts" "$TOOL 200001" \
	    "$(attr "$who" provostToolAccount)"
	same "$1: the tool without account left" $TOOL \
	    "$(attr "$who" provostToolGrant)"
	same "$1: CPNI of the other company stays" TRUE \
	    "$(attr "$who" provostCpniAuthorized)"
	wait_for "$1: the tool follows" holds_is "$uuid" $TOOL 200001
	change "$who" "add: provostCompany" \
	    "provostCompany: acme-telecom" >/dev/null
	settle
	same "$1: nothing comes back" 200001 "$(attr "$who" provostAccount)"
}
tool_start
start
settle
run one ""
# slapd is the daemon's child: the directory goes and comes with it.
run two before-upkeep:1
run three after-upkeep:1
check "the journal's chain holds" \
    provost journal verify "$IT/main/journal.jsonl"
same "the view's own mark is in no journal" 0 \
    "$(grep -c x-taken "$IT/main/journal.jsonl")"
finish
