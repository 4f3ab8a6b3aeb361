#!/bin/sh
# SPDX-License-Identifier: ISC
# The daemon dies at every step of approve-and-apply and of a leaver, the
# first, second and third time it comes by, and is started again: the end is
# the same as undisturbed, in the directory and at the tool, and the tool knows
# a repeated action by its key. The one window in which it is repeated lies
# between the tool's answer and the receipt.
# KILLSTEPS="name:n ..." runs these only.
. "$(dirname "$0")/daemon.sh"

NAMES=$(sed -n '/^ \*   before-/,/^ \*$/p' "$TOP/src/base/failpoint.h" |
    grep -oE '(before|after)-[a-z-]+' | awk '!seen[$0]++')
TOOL=ip-performance-reporting
TRIO="1 2 3"

# people CASE: three joiners and a request of each, as LDIF.
people() {
	for i in $TRIO; do
		cat <<-END
		dn: $(person_dn k$1-$i)
		objectClass: inetOrgPerson
		objectClass: provostUser
		provostPersonId: k$1-$i
		uid: k$1-$i
		cn: K $1
		sn: K
		provostState: active
		provostRole: viewer
		provostEnterprise: acme
		provostCompany: acme-telecom

		dn: provostRequestId=k$1-$i,ou=requests,$SUFFIX
		objectClass: provostAccessRequest
		provostRequestId: k$1-$i
		provostRequester: $(person_dn k$1-$i)
		provostBeneficiary: $(person_dn k$1-$i)
		provostRequestKind: tool
		provostToolGrant: $TOOL
		provostAccount: 10000$i
		provostAccount: 100010
		provostRequestState: pending

		END
	done
}
decisions() {
	for i in $TRIO; do
		cat <<-END
		dn: provostRequestId=k$1-$i,ou=requests,$SUFFIX
		changetype: modify
		add: provostDecision
		provostDecision: approved
		-
		add: provostDecidedBy
		provostDecidedBy: $(person_dn p0001)

		END
	done
}
# The leavers: one is deleted, one suspended, one marked as having left.
leaving() {
	cat <<-END
	dn: $(person_dn k$1-1)
	changetype: delete

	dn: $(person_dn k$1-2)
	changetype: modify
	replace: provostState
	provostState: suspended

	dn: $(person_dn k$1-3)
	changetype: modify
	replace: provostState
	provostState: left
	END
}
# The keys that the tool got for the three.
events_of_case() {
	jq -r '.person.id + " " + .key' "$IT/tool/events.jsonl" |
	    awk 'NR == FNR { name[$1]; next } $1 in name' "$IT/uuids" -
}
# revive: start again when it has died.
revive() {
	alive && return
	wait "$PID" 2>/dev/null
	DIED=$((DIED + 1))
	start
}
# ldif COMMAND...: $IT/ldif is taken whole, whatever dies meanwhile: what was
# done already (exists, no such object, same value) is no fault.
ldif() {
	until_true 10 ldif_once "$@" ||
		{ echo "FAILED: $*: $(cat "$IT/ldif.out")"; FAILED=1; }
}
ldif_once() {
	"$@" -c -f "$IT/ldif" >"$IT/ldif.out" 2>&1 && return
	case $? in
	20|32|68|16) return 0 ;;
	esac
	revive
	return 1
}
pat() { person pat.contact p0001 "$@"; }
# Where case $1 stands, in the directory and at the tool: "k1-2 what value"
# lines.
state() {
	{
		manager ldapsearch -LLL -o ldif-wrap=no -b "$SUFFIX" \
		    "(|(provostRequestId=k$1-*)(provostPersonId=k$1-*))" \
		    provostRequestState provostToolGrant provostToolAccount \
		    provostReceipt 2>/dev/null | awk '
		$1 == "dn:" { split($2, part, "[=,]"); next }
		NF == 0 || (part[1] == "provostRequestId" &&
		    $1 != "provostRequestState:") { next }
		$1 == "provostReceipt:" { print part[2], "receipt", $3, $4; next }
		{ sub(":", "", $1); print part[2], $0 }'
		held
	} | awk 'NR == FNR { name[$1] = $2; next }
	    $1 in name { $1 = name[$1] }
	    $1 ~ /^k'$1'-/' "$IT/uuids" - | sort
}
reached() {
	alive || revive
	[ "$(state "$1")" = "$2" ]
}
# "uuid k1-2" lines of the three people.
uuids() {
	alive || revive
	manager ldapsearch -LLL -b "$DN" "(provostPersonId=k$1-*)" \
	    provostPersonId entryUUID 2>/dev/null | awk '
	$1 == "provostPersonId:" { id = $2 } $1 == "entryUUID:" { uuid = $2 }
	NF == 0 { print uuid, id }' >"$IT/uuids"
	[ "$(wc -l <"$IT/uuids")" -eq 3 ]
}
# run CASE FAILPOINT
run() {
	DIED=0
	stop KILL
	PROVOST_FAILPOINT=$2
	export PROVOST_FAILPOINT
	start
	unset PROVOST_FAILPOINT
	people "$1" >"$IT/ldif"
	ldif manager ldapadd
	until_true 10 uuids "$1"
	decisions "$1" >"$IT/ldif"
	ldif pat ldapmodify
	until_true 10 reached "$1" "$(approved "$1")" || {
		echo "FAILED: $2: after approval: wanted"
		approved "$1" | sed 's/^/	/'
		echo "got"
		state "$1" | sed 's/^/	/'
		FAILED=1
	}
	leaving "$1" >"$IT/ldif"
	ldif manager ldapmodify
	until_true 10 reached "$1" "$(left "$1")" || {
		echo "FAILED: $2: after leaving: wanted"
		left "$1" | sed 's/^/	/'
		echo "got"
		state "$1" | sed 's/^/	/'
		FAILED=1
	}
}
# What state shows in the end.
approved() {
	for i in $TRIO; do
		printf "k$1-$i %s\n" "provostRequestState applied" \
		    "provostToolGrant $TOOL" \
		    "provostToolAccount $TOOL 10000$i" \
		    "provostToolAccount $TOOL 100010" \
		    "receipt tool:$TOOL confirmed" \
		    "receipt tool:$TOOL/10000$i confirmed" \
		    "receipt tool:$TOOL/100010 confirmed" \
		    "$TOOL 10000$i,100010"
	done | sort
}
left() {
	printf "k$1-1 %s\n" "provostRequestState applied"
	for i in 2 3; do
		printf "k$1-$i %s\n" "provostRequestState applied" \
		    "provostToolGrant $TOOL" \
		    "provostToolAccount $TOOL 10000$i" \
		    "provostToolAccount $TOOL 100010"
	done | sort
}

[ "$(echo "$NAMES" | wc -l)" -ge 8 ] ||
	{ echo "FAILED: no names in failpoint.h"; exit 1; }
tool_start
# Three leavers a case are more than the guard lets pass in a day.
conf 'guard: { floor = 10000; };'
start
settle
echo "# undisturbed"
run 0 ""
settle
same "nothing else is sent" 6 "$(events_of_case | sort -u | wc -l)"
case=0
for step in ${KILLSTEPS:-$(for n in 1 2 3; do
    for name in $NAMES; do echo $name:$n; done; done)}; do
	case=$((case + 1))
	run $case $step
	same "$step: it died once" 1 $DIED
	case $step in
	before-grant:1 | after-grant:1 | before-send:1)
		# A look at people that began before a receipt came may repeat
		# an action, under the same key.
		same "... and nothing else was sent" 6 \
		    "$(events_of_case | sort -u | wc -l)" ;;
	esac
done
settle
same "different keys for one and the same action" 0 "$(jq -s '
    group_by([.person.id, .tool, .type, .accounts]) |
    map(select((map(.key) | unique | length) > 1)) | length' \
    "$IT/tool/events.jsonl")"
same "actions that were sent more than twice" "" \
    "$(jq -r .key "$IT/tool/events.jsonl" | sort | uniq -c | awk '$1 > 2')"
check "the journal's chain holds" \
    provost journal verify "$IT/main/journal.jsonl"
echo "# $(events) events, $(jq -r .key "$IT/tool/events.jsonl" | sort |
    uniq -d | wc -l) of them repeated with the same key"
finish
