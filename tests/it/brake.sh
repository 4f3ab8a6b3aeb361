#!/bin/sh
# SPDX-License-Identifier: ISC
# The guard's brake (rule 8, J3): whatever an administrator does in the
# directory stands, but what it takes from many people at a tool waits for a
# person's word: a mass ldapdelete, a mass ldapmodify, one rule, a company. The
# tool is a SCIM service made by others. Released, it happens and nothing else
# does; rejected, it stays; restarts, a lost view and kill -9 change nothing.
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/their.sh"
N=200
cat >"$IT/provostd.conf" <<END
engine: { retry_base = "50ms"; retry_max = "200ms"; };
guard: { day_floor = 10; };
targets: { sample-tool: { kind = "scim"; url = "$THEIRS/scim/v2";
	token_file = "$IT/their.token"; insecure = true; concurrency = 16; };
	null: { kind = "null"; }; };
END

# people PREFIX FROM TO LINE...: their entries.
people() {
	prefix=$1 i=$2 last=$3; shift 3
	while [ $i -le $last ]; do
		cat <<-END
		dn: $(person_dn $prefix$i)
		objectClass: inetOrgPerson
		objectClass: provostUser
		provostPersonId: $prefix$i
		uid: $prefix$i
		cn: $prefix$i
		sn: $prefix
		provostState: active
		provostRole: viewer
		provostEnterprise: acme
		provostCompany: acme-telecom
		END
		[ $# -eq 0 ] || printf '%s\n' "$@"
		echo
		i=$((i + 1))
	done
}
# each PREFIX FROM TO LINE...: one modify of each of them.
each() {
	prefix=$1 i=$2 last=$3; shift 3
	while [ $i -le $last ]; do
		printf '%s\n' "dn: $(person_dn $prefix$i)" \
		    "changetype: modify" "$@" ""
		i=$((i + 1))
	done
}
rule() {
	cat <<-END
	dn: provostRuleId=crowd,ou=rules,$SUFFIX
	objectClass: provostRule
	provostRuleId: crowd
	departmentNumber: crowd
	provostPriority: 1
	provostToolGrant: network-manager
	END
}
dns() {
	prefix=$1 i=$2
	while [ $i -le "$3" ]; do
		person_dn $prefix$i
		i=$((i + 1))
	done
}

# there TOOL: how many people have it at the tool, of all or of PREFIX.
there() {
	theirs "/scim/v2/Users?count=1000" | jq --arg tool "$1" --arg who "${2:-}" \
	    '[.Resources[] | select((.userName | startswith($who)) and
	    any(.entitlements[]?; .type == "tool" and .value == $tool))] |
	    length'
}
there_is() {
	[ "$(there "$1" "$2")" = "$3" ]
}
# waits: people held at the tool; jobs STATE: how many there are.
waits() {
	provost --json status | jq '[.engine.held[] |
	    select(.target == "sample-tool").people] | add // 0'
}
waits_is() {
	[ "$(waits)" = "$1" ]
}
rejected_is() {
	[ "$(provost --json status | jq '[.engine.held[] |
	    select(.target == "sample-tool").rejected] | add // 0')" = "$1" ]
}
job() {
	manager ldapsearch -LLL -b "ou=jobs,$SUFFIX" \
	    "(&(provostJobKind=held)(provostJobState=$1))" provostJobId \
	    2>/dev/null | values provostJobId
}
jobs() {
	job "$1" | wc -l
}
jobs_is() {
	[ "$(jobs "$1")" = "$2" ]
}
# word released|rejected: about the one job that waits, by ldapmodify.
word() {
	change "provostJobId=$(job held),ou=jobs,$SUFFIX" \
	    "replace: provostJobState" "provostJobState: $1"
}
# Nothing more is under way at the tool.
quiet() {
	provost --json status | jq -e '.engine.pending == 0' >/dev/null
}
again() {
	stop "${1:-TERM}"
	[ -z "$2" ] || rm -rf "$2"
	start
	wait_for "... and looked at" looked
}
looked() {
	provost --json status | jq -e '.engine.passes > 0' >/dev/null
}

start
settle
{
	people zza 1 $N "provostToolGrant: wan-analysis"
	people zzb 1 60 "departmentNumber: crowd"
	people zzc 1 60 "provostToolGrant: ip-performance-reporting" \
	    "provostToolAccount: ip-performance-reporting 100001"
	rule
} >"$IT/ldif"
check "a crowd joins" manager ldapadd -f "$IT/ldif"
until_true 60 there_is wan-analysis zza $N
until_true 60 there_is network-manager zzb 60
until_true 60 there_is ip-performance-reporting zzc 60
wait_for "... and is at the tool" there_is network-manager zzb 60
wait_for "... all of it" there_is ip-performance-reporting zzc 60
settle

echo "# below the limit: at once"
dns zza 1 5 >"$IT/dns"
check "five are deleted" manager ldapdelete -f "$IT/dns"
wait_for "gone there" there_is wan-analysis zza $((N - 5))
same "nobody waits" 0 "$(jobs held)"

echo "# sixty people are deleted with ldapdelete"
writes=$(theirs /writes)
dns zza 6 65 >"$IT/dns"
check "deleted" manager ldapdelete -f "$IT/dns"
wait_for "one job" jobs_is held 1
wait_for "nothing is under way" quiet
# One by one; so some may be let pass before it is many: 5 % of all at the tool,
# some 330, in a day, with the five before.
left=$(there wan-analysis zza)
check "the tool has nearly all of them still: $left" \
    test "$left" -ge $((N - 17)) -a "$left" -le $((N - 5))
wait_for "those wait" waits_is $((left - N + 65))
same "nothing else was said there" $((N - 5 - left)) \
    "$(($(theirs /writes) - writes))"
writes=$(theirs /writes)
again
wait_for "restarted: they wait" waits_is $((left - N + 65))
again KILL "$IT/main/view"
wait_for "without a view: they wait" waits_is $((left - N + 65))
same "one job" 1 "$(jobs held)"
same "nothing was said at the tool" "$writes" "$(theirs /writes)"
check "released with ldapmodify" word released
wait_for "gone there" there_is wan-analysis zza $((N - 65))
wait_for "applied" jobs_is applied 1
same "and nothing else" $((left - N + 65)) "$(($(theirs /writes) - writes))"

echo "# a rule is deleted: one entry, sixty people lose"
writes=$(theirs /writes)
check "deleted" manager ldapdelete "provostRuleId=crowd,ou=rules,$SUFFIX"
wait_for "sixty wait" waits_is 60
wait_for "in one job" jobs_is held 1
same "nothing was said at the tool" "$writes" "$(theirs /writes)"
each zzb 1 60 "replace: title" "title: still here" >"$IT/ldif"
check "others write on their entries" manager ldapmodify -f "$IT/ldif"
check "one gets something else" change "$(person_dn zzb1)" \
    "add: provostToolGrant" "provostToolGrant: wan-analysis"
wait_for "that arrives" there_is wan-analysis zzb 1
same "sixty wait" 60 "$(waits)"
runs 0 "provost rights says so" "network-manager.*held" rights zzb2
runs 0 "provost why names the job" "held job $(job held)" why zzb2 \
    tool:network-manager
same "and hold what they had" 60 "$(there network-manager zzb)"
rule >"$IT/ldif"
check "the rule comes back" manager ldapadd -f "$IT/ldif"
wait_for "nobody waits" waits_is 0
wait_for "the job is over" jobs_is over 1
same "nothing more was said" 1 "$(($(theirs /writes) - writes))"

echo "# a grant is taken from sixty people with ldapmodify, and rejected"
writes=$(theirs /writes)
each zza 66 125 "delete: provostToolGrant" "provostToolGrant: wan-analysis" \
    >"$IT/ldif"
check "taken" manager ldapmodify -f "$IT/ldif"
wait_for "they wait" jobs_is held 1
wait_for "nothing is under way" quiet
left=$(there wan-analysis zza)
check "nearly all of them: $left" test "$left" -ge $((N - 77))
check "rejected" word rejected
again
wait_for "restarted: they hold it" rejected_is $((left - N + 125))
same "at the tool" "$left" "$(there wan-analysis zza)"
same "the directory does not give it" "" \
    "$(attr "$(person_dn zza66)" provostToolGrant)"

echo "# a company is taken from sixty people"
each zzc 1 60 "delete: provostCompany" "provostCompany: acme-telecom" \
    >"$IT/ldif"
check "taken" manager ldapmodify -f "$IT/ldif"
wait_for "they wait" jobs_is held 1
# V14: it goes from the entries, all the same.
gone() {
	[ -z "$(attr "$(person_dn zzc60)" provostToolAccount)" ]
}
wait_for "what hung on it goes from their entries" gone
wait_for "nothing is under way" quiet
left=$(there ip-performance-reporting zzc)
check "not at the tool: $left" test "$left" -ge 44
check "released" word released
wait_for "now there, too" there_is ip-performance-reporting zzc 0
wait_for "applied" jobs_is applied 2

echo "# killed around the guard's word"
for step in before-weigh:1 after-weigh:1; do
	writes=$(theirs /writes)
	stop
	PROVOST_FAILPOINT=$step
	export PROVOST_FAILPOINT
	start
	unset PROVOST_FAILPOINT
	check "the rule is deleted" manager ldapdelete \
	    "provostRuleId=crowd,ou=rules,$SUFFIX"
	wait_for "$step: it dies" dead
	wait "$PID" 2>/dev/null
	start
	wait_for "again: sixty wait" waits_is 60
	wait_for "in one job" jobs_is held 1
	same "nothing was said at the tool" "$writes" "$(theirs /writes)"
	rule >"$IT/ldif"
	check "the rule comes back" manager ldapadd -f "$IT/ldif"
	wait_for "it is over" jobs_is held 0
done
finish
