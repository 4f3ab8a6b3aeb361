#!/bin/sh
# SPDX-License-Identifier: ISC
# What a tool holds is compared with what it confirmed: what somebody took there
# is granted again, what somebody gave there is taken away, accounts that are
# nobody's are reported, and a list that is empty, short or wrong changes
# nothing (T1, J5, J6, D2).
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/scimtool.sh"

# drift ARGUMENT...: compares now; the report is in $IT/report.
drift() {
	provost --json drift sample-tool --now "$@" >"$IT/report"
}
is() {
	same "$1" "$3" "$(jq -r "$2" "$IT/report")"
}
no_drift() {
	drift && [ "$(jq '.complete and .missing + .extra + .unmanaged == 0' \
	    "$IT/report")" = true ]
}
user() {
	at_tool POST /users "{\"userName\":\"$1\",\"externalId\":\"$2\",
	    \"entitlements\":[$3]}"
}
WAN='{"value":"wan-analysis","type":"tool"}'

tool_start
scim_conf '' 'guard: { floor = 2; count = 5; share = "40%"; };'
start
settle
due >"$IT/due"
there >"$IT/there"
same "the tool holds what is due" "" "$(diff "$IT/due" "$IT/there")"
check "some of it" test -s "$IT/there"
people=$(cut -d' ' -f1 "$IT/there" | sort -u | wc -l)
runs 0 "nothing was compared yet" "not compared yet" drift sample-tool

echo "# all is well"
drift
is "a complete list" .complete true
is "of all people" .people "$people"
is "nothing missing" .missing 0
is "nothing extra" .extra 0
is "nobody's accounts" .unmanaged 0
runs 0 "for people" "^wan-analysis " drift sample-tool
runs 0 "of all targets" "^sample-tool .* true " drift
provost drift sample-tool --csv >"$IT/rows"
same "a row a right, and a head" \
    $(($(awk '{ n += 1; if ($3 != "") n += split($3, x, ",") }
	END { print n }' "$IT/there") + 1)) "$(wc -l <"$IT/rows")"
check "which says who, what, since when" \
    grep -q '^sample-tool,seen,[0-9a-f-]*,[a-z.]*,[a-z-]*,,u[0-9]*,20' "$IT/rows"

echo "# somebody takes grants away there"
read -r one tool accounts <"$IT/there"
at_tool DELETE "/users/$(tool_id "$one")"
two=$(awk -v one="$one" '$1 != one && $3 ~ /,/ { print $1; exit }' "$IT/there")
more=$(grep "^$two " "$IT/there" | awk '$3 ~ /,/ { print $2, $3; exit }')
id=$(tool_id "$two")
curl -sS "$TOOL/dump" | jq --arg id "$id" --arg acc "${more##*,}" '.[] |
    select(.id == $id) | .entitlements |= map(select(.value != $acc))' \
    >"$IT/user"
at_tool PUT "/users/$id" "$(cat "$IT/user")"
check "gone there" not_there "$one" "$tool"
drift
is "two people miss something" .missing 2
is "nothing extra" .extra 0
is "not held" .held ""
check "who and what" jq -e --arg who "$one" '.differences[] |
    select(.person == $who and .state == "missing" and .account == "")' \
    "$IT/report"
wait_for "it is there again" there_is "$one" "$tool" "$accounts"
wait_for "and the account" there_is "$two" ${more% *} "${more#* }"
settle
there >"$IT/now"
same "all as before" "" "$(diff "$IT/due" "$IT/now")"
wait_for "and nothing differs" no_drift

echo "# somebody gives grants there"
vera=$(uuid_of "$(person_dn p0016)")
if grep -q "^$vera " "$IT/there"; then
	vera=$(provost --json users | jq -r '.Resources[].id' | while read -r u
	do grep -q "^$u " "$IT/there" || { echo "$u"; break; }; done)
fi
user extra.person "$vera" "$WAN,{\"value\":\"1\",\"type\":\"account\",
    \"display\":\"wan-analysis\"}"
id=$(tool_id "$two")
curl -sS "$TOOL/dump" | jq --arg id "$id" --arg tool "${more% *}" '.[] |
    select(.id == $id) | .entitlements += [{"value": "999999",
    "type": "account", "display": $tool}]' >"$IT/user"
at_tool PUT "/users/$id" "$(cat "$IT/user")"
check "held there" there_is "$vera" wan-analysis 1
drift
is "two people have too much" .extra 2
is "nothing missing" .missing 0
is "two actions follow" .corrected 2
wait_for "it is taken away" not_there "$vera" wan-analysis
wait_for "and the account" there_is "$two" ${more% *} "${more#* }"
settle
there >"$IT/now"
same "all as before" "" "$(diff "$IT/due" "$IT/now")"
same "no receipts are left of it" 0 "$(receipts "$vera")"
wait_for "and nothing differs" no_drift

echo "# accounts that are nobody's"
user stranger hr-4711 "$WAN"
user machine "" ""
user ghost 00000000-0000-4000-8000-000000000000 "$WAN"
drift
is "two are reported" .unmanaged 2
is "and not counted as extra" .extra 0
is "nothing is done" .stripped 0
runs 0 "for people" "stranger.*unmanaged" drift sample-tool
same "they are still there" 2 "$(there | grep -c -e ^hr-4711 -e ^00000000)"

echo "# lists that are no proof"
writes=$(($(asked PUT) + $(asked POST) + $(asked DELETE)))
for how in "empty|true|absence is no proof" "few|true|people whose confirmed"
do
	mode "${how%%|*}"
	drift
	rest=${how#*|}
	is "${how%%|*}: its list" .complete "${rest%%|*}"
	check "is held: $(jq -r .held "$IT/report" | cut -c1-60)" \
	    grep -q "${rest#*|}" "$IT/report"
	is "nothing is corrected" .corrected 0
	is "nothing is taken" .stripped 0
done
for how in "short|accounts came" "chaos|" "no|"; do
	mode "${how%%|*}"
	drift
	[ "${how%%|*}" != short ] || {
		is "${how%%|*}: its list is not complete" .complete false
		check "and it is said why" grep -q "${how#*|}" "$IT/report"
		is "nothing is corrected" .corrected 0
	}
done
mode ok
settle
same "nothing was written there" "$writes" \
    "$(($(asked PUT) + $(asked POST) + $(asked DELETE)))"
there | grep -v -e ^hr-4711 -e ^00000000 >"$IT/now"
same "all as before" "" "$(diff "$IT/due" "$IT/now")"
echo "# by cursor"
mode cursor
drift
is "a complete list" .complete true
is "of the same people" .people "$people"
check "asked for by cursor" grep -q 'cursor=&' "$IT/tool/requests"
mode ok

echo "# nobody's accounts are taken away where it is said so"
scim_conf 'unmanaged = "delete";' 'guard: { floor = 2; count = 5; share = "40%"; };'
kill -HUP "$PID"
only_machine() {
	drift && ! there | grep -q -e ^hr-4711 -e ^00000000
}
wait_for "they are gone" only_machine
same "but not who holds nothing" 1 \
    "$(curl -sS "$TOOL/dump" | jq '[.[] | select(.userName == "machine")] | length')"
there >"$IT/now"
same "nor anybody else" "" "$(diff "$IT/due" "$IT/now")"

echo "# many of them are held until somebody releases that"
for i in 1 2 3 4 5 6 7 8; do
	user "stranger$i" "hr-$i" "$WAN"
done
drift
is "eight" .unmanaged 8
is "none is taken" .stripped 0
job=$(jq -r .held "$IT/report" | sed -n 's/.*held job \([0-9a-z]*\)\..*/\1/p')
check "held, by a job" test -n "$job"
same "all are still there" 8 "$(there | grep -c ^hr-)"
drift
check "asked once, they wait" grep -q "8 accounts that are nobody's wait" \
    "$IT/report"
check "released" change "provostJobId=$job,ou=jobs,$SUFFIX" \
    "replace: provostJobState" "provostJobState: released" >/dev/null
gone() {
	drift && ! there | grep -q ^hr-
}
wait_for "they are gone" gone
wait_for "the job is applied" attr_is "provostJobId=$job,ou=jobs,$SUFFIX" \
    provostJobState applied

echo "# a list that misses everything, and somebody says that it is right"
curl -sS "$TOOL/dump" | jq -r '.[].id' | while read -r id; do
	at_tool DELETE "/users/$id"
done
drift
check "held" grep -q "absence is no proof" "$IT/report"
same "nothing is there" "" "$(there)"
drift --accept
is "accepted" .held ""
all_there() {
	there >"$IT/now"
	cmp -s "$IT/now" "$IT/due"
}
wait_for "all of it is there again" all_there
settle

echo "# what cannot be compared"
ask 404 "a target that is none" POST /v1/drift '{"target":"nosuch"}'
ask 404 "its report" GET /v1/drift/nosuch
ask 400 "accepting for all" POST /v1/drift '{"accept":true}'
runs 0 "null has nothing behind it" "nothing behind" drift null --now
stop
same "the daemon ended well" 0 $EXIT
finish
