#!/bin/sh
# SPDX-License-Identifier: ISC
# kill -9 of the daemon or its slapd at random moments during approvals loses
# nothing. PROVOST_SEED repeats a run.
. "$(dirname "$0")/daemon.sh"

SEED=${PROVOST_SEED:-$$}
echo "# PROVOST_SEED=$SEED"
ROUNDS=6
# pause ROUND: up to 120 ms.
pause() {
	sleep "$(awk -v s="$SEED" -v r="$1" \
	    'BEGIN { srand(s * 100 + r); printf "%.3f", rand() * 0.12 }')"
}
# People of acme-telecom, one request each.
PEOPLE="p0010 p0012 p0014 p0016 p0019 p0024"
requests() {
	i=0
	for p in $PEOPLE; do
		i=$((i + 1))
		cat <<-END
		dn: provostRequestId=r$i,ou=requests,$SUFFIX
		objectClass: provostAccessRequest
		provostRequestId: r$i
		provostRequester: $(person_dn $p)
		provostBeneficiary: $(person_dn $p)
		provostRequestKind: tool
		provostToolGrant: ip-performance-reporting
		provostAccount: 10000$i
		provostRequestState: pending

		END
	done
}
tool_start
start
settle
for p in $PEOPLE; do
	same "$p is of pat's company" acme-telecom \
	    "$(attr "$(person_dn $p)" provostCompany)"
done
check "requests" sh -c 'ldapadd -Q -Y EXTERNAL -H "$1"' - "$SLAPD_URI" <<END
$(requests)
END

round=0
while [ $round -lt $ROUNDS ]; do
	round=$((round + 1))
	approve r$round p0001 pat.contact >/dev/null ||
		{ echo "FAILED: approve r$round"; exit 1; }
	pause $round
	if [ $((round % 3)) -eq 0 ]; then
		echo "# kill -9 of slapd"
		kill -9 "$(cat "$IT/main/slapd.pid")"
		until_true 10 manager ldapwhoami >/dev/null 2>&1
	else
		stop KILL
		start
	fi
done
i=0
for p in $PEOPLE; do
	i=$((i + 1))
	wait_for "r$i is applied" state_is r$i applied
	same "$p has it once" ip-performance-reporting \
	    "$(attr "$(person_dn $p)" provostToolGrant |
		grep -x ip-performance-reporting)"
	same "the tool, too" 10000$i "$(holds "$(uuid_of "$(person_dn $p)")" \
	    ip-performance-reporting)"
done
settle
same "times that the view was made" 1 "$(grep -c 'made anew' "$IT/log")"
check "the journal's chain holds" \
    provost journal verify "$IT/main/journal.jsonl"
same "different keys for one and the same action" 0 "$(jq -s '
    group_by([.person.id, .tool, .type, .accounts]) |
    map(select((map(.key) | unique | length) > 1)) | length' \
    "$IT/tool/events.jsonl")"
finish
