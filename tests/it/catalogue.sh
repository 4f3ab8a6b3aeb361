#!/bin/sh
# SPDX-License-Identifier: ISC
# What is done to many things at once below /v1, over a real directory: group
# identifiers assigned in bulk, services and accounts out of spreadsheets,
# accounts that move, users in bulk, recommended tools, exports; hostile files,
# the limits to the byte, death in the middle.
. "$(dirname "$0")/daemon.sh"
/usr/bin/python3 -c 'import openpyxl' 2>/dev/null || {
	echo "skipped: no python3-openpyxl"
	exit 77
}

XLSX=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
N=1200 jobs=

# upload STATUS TEXT PATH TYPE FILE
upload() {
	same "$2" "$1" "$(curl -sS -m 60 -o "$IT/body" -w '%{http_code}' \
	    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
	    -H "Content-Type: $4" -H Expect: --data-binary "@$IT/$5" "$URL$3")"
}
counts() {	# counts TEXT "changed unchanged refused"
	same "$1" "$2" "$(body '.counts |
	    "\(.changed) \(.unchanged) \(.refused)"')"
}
row() {		# row TEXT ROW PATTERN: "account outcome status detail"
	line=$(body ".outcomes[] | select(.row == $2) |
	    \"\(.account // .service) \(.outcome) \(.status) \(.detail // \"\")\"")
	check "$1: $(echo "$line" | cut -c1-70)" \
	    sh -c 'echo "$1" | grep -q -- "$2"' - "$line" "$3"
}
who() {		# who TEXT NAME PATTERN: outcome, status, given, taken, detail
	line=$(body ".outcomes[] | select(.user == \"$2\") | \"\(.outcome) \(
	    .status) +\(.given // [] | join(\",\")) -\(.taken // [] |
	    join(\",\")) \(.detail // \"\")\"")
	check "$1: $(echo "$line" | cut -c1-70)" \
	    sh -c 'echo "$1" | grep -q -- "$2"' - "$line" "$3"
}
client() {	# client NAME SCOPE,...: its token
	http POST /scim/v2/Clients "{\"name\":\"$1\",\"scopes\":[$2]}"
	body .token
}
account_dn() {
	echo "provostAccountNumber=$1,ou=accounts,$SUFFIX"
}
group_dn() {
	echo "provostGroupIdentifierId=$1,ou=groupIdentifiers,$SUFFIX"
}

# --- what there is besides the sample ----------------------------------------
things() {
	for e in globex:globex-one initech:initech-one initech:initech-two; do
		printf 'dn: provostCompanyId=%s,ou=companies,%s\nobjectClass: provostCompanyEntry\nprovostCompanyId: %s\ncn: %s\nprovostEnterprise: %s\n\n' \
		    ${e#*:} "$SUFFIX" ${e#*:} ${e#*:} ${e%:*}
	done
	for e in globex initech; do
		printf 'dn: provostEnterpriseId=%s,ou=enterprises,%s\nobjectClass: provostEnterpriseEntry\nprovostEnterpriseId: %s\ncn: %s\nprovostActive: TRUE\n\n' \
		    $e "$SUFFIX" $e $e
	done
	printf 'dn: %s\nobjectClass: provostGroupIdentifier\nprovostGroupIdentifierId: site-2\ncn: Site 2\nprovostKind: serviceGroup\nprovostPurpose: businessSite\nprovostCompany: acme-telecom\n\n' \
	    "$(group_dn site-2)"
	for a in 0001 2002 F003 F004 F005 F006 F007 F008 F009 F010 \
	    $(seq -f N%03g 101); do
		printf 'dn: %s\nobjectClass: provostBillingAccount\nprovostAccountNumber: %s\n\n' \
		    "$(account_dn $a)" $a
	done
	awk -v n=$N -v dn="$DN" 'BEGIN { for (i = 1; i <= n; i++)
		printf "dn: provostPersonId=m%d,%s\nobjectClass: inetOrgPerson\n" \
		"objectClass: provostUser\nprovostPersonId: m%d\nuid: m%d\n" \
		"cn: M %d\nsn: M\nprovostState: active\n" \
		"provostCompany: acme-telecom\n\n", i, dn, i, i, i }'
}
seen() {
	http GET "/scim/v2/Users?filter=userName+eq+%22m$N%22"
	[ "$(body .totalResults)" = 1 ]
}
names() {	# names FROM TO: "m1","m2"
	seq -f '"m%.0f"' -s, "$1" "$2"
}
holders() {
	manager ldapsearch -LLL -b "$DN" \
	    "(&(provostPersonId=m*)(provostGroupIdentifierId=$1))" 1.1 |
	    grep -c '^dn:'
}

conf "guard: { $ANY_DAY };
help: { administrator = \"Ada Lindgren\"; representative = \"Rep Smith\"; };"
start
things | manager ldapadd >/dev/null 2>"$IT/ldapadd" ||
	{ echo "FAILED: $(cat "$IT/ldapadd")"; exit 1; }
wait_for "all are served" seen

echo "# templates, for anybody (L2, V16)"
for t in accounts services; do
	same "$t.xlsx without a token" "200 $XLSX" "$(curl -sS \
	    -o "$IT/$t-template.xlsx" -w '%{http_code} %{content_type}' \
	    "$URL/v1/templates/$t.xlsx")"
done
check "openpyxl fills them in" /usr/bin/python3 \
    "$TOP/tests/it/catalogue_files.py" "$IT" "$IT/accounts-template.xlsx" \
    "$IT/services-template.xlsx"

echo "# V17: a service group for $N users"
GI=/v1/groupIdentifiers/telecom-headquarters
printf '{"users":[%s]}' "$(names 1 $N)" >"$IT/all"
ask 200 "the plan" POST "$GI/users?mode=plan" "@$IT/all"
counts "... all of them" "$N 0 0"
same "... writes nothing" 0 "$(holders telecom-headquarters)"
jq -S .outcomes "$IT/body" >"$IT/planned"
ask 200 "assigned" POST "$GI/users" "@$IT/all"
counts "... all of them" "$N 0 0"
jq -S .outcomes "$IT/body" >"$IT/done"
check "... exactly as planned" cmp "$IT/planned" "$IT/done"
same "... in the directory" $N "$(holders telecom-headquarters)"
before=$(writes)
ask 200 "again" POST "$GI/users" "@$IT/all"
counts "... nothing" "0 $N 0"
same "... is written" "$before" "$(writes)"
check "who gave it is said" sh -c 'attr=$1; echo "$attr" |
    grep -q "^group:telecom-headquarters client:"' - \
    "$(attr "$(person_dn m7)" provostProvenance)"
MAYA=$(uuid_of "$(person_dn p0005)")
ask 200 "by id, user name, person id; unknown; twice; V18" POST "$GI/users" \
    '{"users":["'"$MAYA"'","vera.haas","rita.mendez","nobody","p0005","m1"]}'
who "... an id" "$MAYA" '^changed 200 +group:telecom-headquarters'
who "... no such person" nobody '^refused 404'
who "... without the company (V18)" rita.mendez \
    '^refused 400.*authorise company acme-telecom'
who "... twice" p0005 '^unchanged 200.*twice'
who "... who has it" m1 '^unchanged 200'
ask 404 "no such group" POST /v1/groupIdentifiers/none/users '{"users":["m1"]}'
ask 400 "nobody named" POST "$GI/users" '{"users":[]}'
ask 400 "a mode that is none" POST "$GI/users?mode=look" '{"users":["m1"]}'
printf '{"users":[%s]}' "$(names 1 51)" >"$IT/fiftyone"
ask 403 "51 taken away: the guard" DELETE "$GI/users" "@$IT/fiftyone"
detail '51.*limit of 50'
same "... nobody" $N "$(holders telecom-headquarters)"
ask 200 "the plan shows them" DELETE "$GI/users?mode=plan" "@$IT/fiftyone"
counts "... all" "51 0 0"
printf '{"users":[%s]}' "$(names 1 50)" >"$IT/fifty"
ask 200 "50 are let through" DELETE "$GI/users" "@$IT/fifty"
counts "... all" "50 0 0"
same "... in the directory" $((N - 50)) "$(holders telecom-headquarters)"
same "... with what was noted of it" "" \
    "$(attr "$(person_dn m7)" provostProvenance)"
DESK=$(manager ldapsearch -LLL -b "$DN" \
    '(&(departmentNumber=service-desk)(!(provostGroupIdentifierId=*)))' uid |
    values uid | head -n 1)
ask 200 "what a rule gives" DELETE "$GI/users" "{\"users\":[\"$DESK\"]}"
who "... is not taken by hand (V15)" "$DESK" \
    '^refused 400.*through the rule service-desk'

echo "# V16: services, typed and by spreadsheet"
ask 200 "a list" POST "$GI/services" \
    '{"services":["S-100002-2","s-100001-1","S-300001-1"]}'
counts "... outcomes" "1 1 1"
row "... of another company" 3 '^S-300001-1 refused 400.*no service.*under an account of company'
ask 200 "typed" POST "$GI/services" \
    '{"text":"S-100002-3, S-100002-4;S-100003-2\nS-100003-3"}'
counts "... four" "4 0 0"
csn=$(attr "$(group_dn telecom-headquarters)" entryCSN)
upload 200 "the plan of a spreadsheet" "$GI/services?mode=plan" $XLSX services.xlsx
counts "... outcomes" "1 1 3"
same "... writes nothing" "$csn" \
    "$(attr "$(group_dn telecom-headquarters)" entryCSN)"
upload 200 "a spreadsheet" "$GI/services" $XLSX services.xlsx
counts "... outcomes" "1 1 3"
row "... added" 6 '^S-100003-1 changed 200'
row "... twice" 10 '^S-100003-1 refused 400.*row 6 already'
row "... unknown" 11 '^nonsense refused 400.*no service'
same "... in the group" 9 \
    "$(attr "$(group_dn telecom-headquarters)" provostService | wc -l)"
http GET "/v1/inventory?group=telecom-headquarters"
same "V17: the inventory by group" \
    "9 S-100001-1 100001 mpls-vpn Springfield" "$(body '.groups[0].services |
    "\(length) \(.[] | select(.service == "S-100001-1") |
    "\(.service) \(.account) \(.product) \(.location)")"')"
ask 200 "... by user" GET "/v1/inventory?user=m60"
same "... the same" "telecom-headquarters 9" \
    "$(body '.groups[] | "\(.group) \(.services | length)"')"
ask 200 "... who holds none" GET "/v1/inventory?user=m7"
same "... nothing" 0 "$(body '.groups | length')"
ask 404 "... of nobody" GET "/v1/inventory?user=nobody"
ask 400 "... of whom?" GET /v1/inventory
W=$(client writer '"read","write"')
as "$W" 200 "a client puts services in" POST "$GI/services" \
    '{"services":["S-100004-1"]}'
as "$W" 403 "... not into the provider's kinds" POST \
    /v1/groupIdentifiers/cgi-7001/services '{"services":["S-300001-1"]}'
detail '(V16)'

echo "# L2, L3: accounts come into an enterprise"
EA=/v1/enterprises/globex/accounts
upload 200 "the plan" "$EA?mode=plan" $XLSX few.xlsx
counts "... outcomes" "3 0 4"
jq -S .outcomes "$IT/body" >"$IT/planned"
same "... writes nothing" "" "$(attr "$(account_dn 0001)" provostEnterprise)"
upload 200 "a spreadsheet" "$EA" $XLSX few.xlsx
jq -S .outcomes "$IT/body" >"$IT/done"
check "... exactly as planned" cmp "$IT/planned" "$IT/done"
row "... zeros are kept" 6 '^0001 changed 200'
row "... a number" 7 '^2002 changed 200'
row "... blanks are passed over" 9 '^F003 changed 200'
row "... twice" 12 '^0001 refused 400.*row 6 already (L2)'
row "... unknown" 14 '^nonsense refused 404'
row "... held (L3)" 15 '^100001 refused 409 Account has already been assigned to the enterprise; for access to it ask Ada Lindgren, to have it moved ask Rep Smith (L3)'
check "... and never by whom" sh -c '! grep -qi acme "$1"' - "$IT/body"
same "... the only company" "globex globex-one" \
    "$(attr "$(account_dn 0001)" provostEnterprise) $(attr "$(account_dn 0001)" provostCompany)"
upload 200 "CSV" "$EA" text/csv few.csv
row "... its second row" 2 '^F004 changed 200'
row "... behind blanks" 5 '^F005 changed 200'
row "... twice" 6 '^F004 refused 400'
upload 200 "CSV with bad rows" "$EA" text/csv ragged.csv
row "... too short" 2 '^ refused 400 CSV: row 2'
row "... too long" 3 '^ refused 400 CSV: row 3'
row "... the others go through" 5 '^F009 changed 200'
ask 400 "several companies" POST /v1/enterprises/initech/accounts?mode=plan \
    '{"accounts":["N001"],"company":"globex-one"}'
ask 200 "... one must be named" POST /v1/enterprises/initech/accounts \
    '{"accounts":["N001"]}'
row "... says so" 1 '^N001 refused 400.*name the company (L2)'
ask 200 "... and is" POST /v1/enterprises/initech/accounts \
    '{"accounts":["N001"],"company":"initech-two"}'
counts "... added" "1 0 0"
ask 200 "the same again (L3)" POST /v1/enterprises/initech/accounts \
    '{"accounts":["N001"],"company":"initech-two"}'
row "... is refused" 1 '^N001 refused 409 Account has already been'
ask 404 "no such enterprise" POST /v1/enterprises/none/accounts \
    '{"accounts":["N002"]}'
upload 200 "100 numbers" "$EA?mode=plan" $XLSX n100.xlsx
same "... are read" 100 "$(body '.outcomes | length')"
upload 413 "101 are refused whole" "$EA" $XLSX n101.xlsx
detail 'more than 100'
same "... all of them" "" "$(attr "$(account_dn N002)" provostEnterprise)"
as "$(cat "$IT/main/admin.token")" 413 "101 in a list likewise" POST "$EA" \
    "{\"accounts\":[$(seq -f '"N%03g"' -s, 101)]}"
same "1,048,576 bytes" 1048576 "$(wc -c <"$IT/max.xlsx")"
upload 200 "... are read" "$EA?mode=plan" $XLSX max.xlsx
upload 413 "1,048,577 are not" "$EA" $XLSX over.xlsx
upload 200 "CSV of 1,048,576" "$EA?mode=plan" text/csv max.csv
upload 413 "... and of 1,048,577" "$EA" text/csv over.csv
echo "# hostile files"
for f in empty doctype bomb cut noise; do
	upload "$([ $f = bomb ] && echo 413 || echo 400)" "$f.xlsx" "$EA" \
	    $XLSX $f.xlsx
	check "... says: $(body .detail | cut -c1-70)" test -n "$(body .detail)"
done
for f in header zero names; do
	upload 400 "$f.csv" "$EA" text/csv $f.csv
done
upload 200 "nul.csv" "$EA" text/csv nul.csv
row "... the row is refused" 2 'refused 400 CSV: row 2'
upload 415 "another media type" "$EA" text/plain few.csv
upload 400 "CSV called XLSX" "$EA" $XLSX few.csv
as "$W" 400 "a list of numbers" POST "$EA" '{"accounts":[1]}'
as "$(client reader '"read"')" 403 "who only reads" POST "$EA" \
    '{"accounts":["N002"]}'

echo "# L4: an account moves"
change "$(person_dn m1)" "add: provostAccount" "provostAccount: 100001" - \
    "add: provostToolGrant" "provostToolGrant: wan-analysis" - \
    "add: provostToolAccount" "provostToolAccount: wan-analysis 100001" \
    "provostToolAccount: wan-analysis 100002" >/dev/null
arrived() {
	http GET /v1/users/m1/rights
	body '.rights[].right' | grep -qx tool:wan-analysis/100001
}
wait_for "somebody has it" arrived
as "$W" 403 "a client without the scope" POST /v1/accounts/100001/move \
    '{"enterprise":"globex"}'
detail '(L4)'
ask 404 "no such account" POST /v1/accounts/none/move '{"enterprise":"globex"}'
ask 400 "whereto?" POST /v1/accounts/100001/move '{}'
ask 400 "to which company?" POST /v1/accounts/100001/move \
    '{"enterprise":"initech"}'
detail 'name the company'
ask 200 "the plan" POST /v1/accounts/100001/move?mode=plan \
    '{"enterprise":"globex"}'
same "... who loses what" "account:100001,tool:wan-analysis/100001" \
    "$(body '.users[] | select(.user == "m1") | .taken | join(",")')"
jq -S '{users, groups}' "$IT/body" >"$IT/planned"
same "... writes nothing" acme "$(attr "$(account_dn 100001)" provostEnterprise)"
ask 200 "moved" POST /v1/accounts/100001/move '{"enterprise":"globex"}'
jq -S '{users, groups}' "$IT/body" >"$IT/done"
check "... exactly as planned" cmp "$IT/planned" "$IT/done"
same "... with its company" "globex globex-one" \
    "$(attr "$(account_dn 100001)" provostEnterprise) $(attr "$(account_dn 100001)" provostCompany)"
same "... nobody has it" 0 "$(manager ldapsearch -LLL -b "$DN" \
    '(|(provostAccount=100001)(provostToolAccount=wan-analysis 100001))' 1.1 |
    grep -c ^dn:)"
same "... the rest stays" "wan-analysis 100002" \
    "$(attr "$(person_dn m1)" provostToolAccount)"
same "... nor does the group" "" "$(attr "$(group_dn telecom-headquarters)" \
    provostService | grep 100001)"
ask 200 "again" POST /v1/accounts/100001/move '{"enterprise":"globex"}'
same "... nothing is left to do" "true 0 0" \
    "$(body '"\(.movedBefore) \(.users | length) \(.groups | length)"')"
change "$(person_dn m2)" "add: provostAccount" "provostAccount: 100001" >/dev/null
left() {
	http GET /v1/users/m2/rights
	body '.rights[].right' | grep -qx account:100001
}
wait_for "one was left, as by death in the middle" left
ask 200 "again" POST /v1/accounts/100001/move '{"enterprise":"globex"}'
same "... ends it" "m2 account:100001" \
    "$(body '.users[] | "\(.user) \(.taken | join(","))"')"
same "... in the directory" "" "$(attr "$(person_dn m2)" provostAccount)"

echo "# A5: users in bulk"
bulk() {	# bulk STATUS TEXT OPERATION RIGHTS USERS [QUERY]
	ask "$1" "$2" POST "/v1/users/bulk${6-}" \
	    "{\"operation\":\"$3\",\"rights\":[$4],\"users\":[$5]}"
}
bulk 200 "assign" assign \
    '"tool:wan-analysis","tool:wan-analysis/100002","role:viewer"' \
    '"m3","m4","rita.mendez"'
who "... all of it" m3 '^changed 200 +.*tool:wan-analysis/100002'
who "... V18" rita.mendez '^refused 400.*acme-telecom'
same "... in one modify" "wan-analysis 100002 viewer" \
    "$(attr "$(person_dn m4)" provostToolAccount) $(attr "$(person_dn m4)" provostRole)"
bulk 200 "V14: the plan of a company's end" unassign \
    '"company:acme-telecom"' '"m3","m60"' '?mode=plan'
who "... what goes with it" m3 '-company:acme-telecom.*tool:wan-analysis/100002'
who "... of each" m60 '-company:acme-telecom,group:telecom-headquarters'
jq -S .outcomes "$IT/body" >"$IT/planned"
bulk 200 "... its end" unassign '"company:acme-telecom"' '"m3","m60"'
jq -S .outcomes "$IT/body" >"$IT/done"
check "... exactly as planned" cmp "$IT/planned" "$IT/done"
same "... nothing is left" " " "$(attr "$(person_dn m3)" provostToolGrant) $(attr "$(person_dn m60)" provostGroupIdentifierId)"
bulk 200 "suspend" suspend '' '"m3","m4"'
same "... are" suspended "$(attr "$(person_dn m4)" provostState)"
bulk 200 "reactivate" reactivate '' '"m3","m4","m5"'
counts "... two" "2 1 0"
bulk 403 "the guard" suspend '' "$(names 1 51)"
detail 'people who lose something at once: 51 of .* limit of 50'
bulk 400 "no such thing" assign '"account:none"' '"m3"'
bulk 400 "portal access" assign '"portal"' '"m3"'
bulk 400 "no operation" erase '' '"m3"'
as "$W" 200 "a restricted tool" POST /v1/users/bulk \
    '{"operation":"assign","rights":["tool:ddos-shield"],"users":["m3"]}'
who "... V6" m3 '^refused 403'
as "$W" 200 "another source's user" POST /v1/users/bulk \
    '{"operation":"suspend","users":["m3"]}'
who "... is theirs" m3 '^refused 403.*source'

echo "# the same people twice at the same time"
for right in tool:voip-iac group:site-2; do
	printf '{"operation":"assign","rights":["%s"],"users":[%s]}' $right \
	    "$(names 101 600)" >"$IT/$right"
	curl -sS -m 60 -o "$IT/$right.out" -H "Authorization: Bearer $(cat \
	    "$IT/main/admin.token")" -H 'Content-Type: application/json' \
	    --data-binary "@$IT/$right" "$URL/v1/users/bulk" &
	jobs="$jobs $!"
done
wait $jobs
for right in tool:voip-iac group:site-2; do
	same "$right for all" "500 0" "$(jq -r \
	    '"\(.counts.changed) \(.counts.failed)"' "$IT/$right.out")"
done
same "... none is lost" 500 "$(manager ldapsearch -LLL -b "$DN" \
    '(&(provostToolGrant=voip-iac)(provostGroupIdentifierId=site-2))' 1.1 |
    grep -c ^dn:)"

echo "# V21: recommended tools"
ask 200 "recommended" GET '/v1/tools/recommended?user=pat.contact'
check "... by products of accounts" test "$(body '.tools[] |
    select(.tool == "ip-performance-reporting") | .accounts | length')" -gt 0
same "... not what is held" "" \
    "$(body '.tools[] | select(.tool == "wan-analysis") | .tool')"
same "... restricted ones say so (V6)" true \
    "$(body '.tools[] | select(.tool == "ddos-shield") | .restricted')"
ask 400 "of whom?" GET /v1/tools/recommended

echo "# E1: exports"
change "$(person_dn m8)" "replace: displayName" \
    "displayName: =cmd|' /C calc'!A1" >/dev/null
ask 200 "one user" GET '/v1/exports/rights.csv?user=m8'
named() {
	http GET '/v1/exports/rights.csv?user=m8' && grep -q cmd "$IT/body"
}
wait_for "a name like a formula" named
check "... is none (E1)" grep -q ",'=cmd|' /C calc'!A1," "$IT/body"
same "... as CSV" "text/csv; charset=utf-8" \
    "$(sed -n 's/^[Cc]ontent-[Tt]ype: //p' "$IT/headers" | tr -d '\r')"
ask 200 "for programs" GET '/v1/exports/rights.csv?user=m8&format=json'
same "... as it is" "=cmd|' /C calc'!A1" "$(jq -r .displayName "$IT/body" |
    head -n 1)"
http GET '/v1/exports/rights.csv?kind=group&format=json'
same "by kind" group "$(jq -r .kind "$IT/body" | sort -u)"
check "... of everybody" test "$(wc -l <"$IT/body")" -gt $((N - 60))
http GET '/v1/exports/rights.csv?tool=wan-analysis&granted=true&format=json'
same "by tool" "tool tool-account" "$(jq -r .kind "$IT/body" | sort -u |
    paste -sd' ' -)"
http GET '/v1/exports/rights.csv?company=acme-retail&format=json'
same "by company" acme-retail "$(jq -r .company "$IT/body" | sort -u)"
ask 400 "by nonsense" GET '/v1/exports/rights.csv?kind=none'
as "$(client metrics-only '"metrics"')" 403 "who may not" GET \
    /v1/exports/rights.csv

echo "# death in the middle"
had=$(holders site-2)
stop
PROVOST_FAILPOINT=batch:500
export PROVOST_FAILPOINT
start
unset PROVOST_FAILPOINT
curl -sS -m 30 -o /dev/null -X POST -H 'Content-Type: application/json' \
    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
    --data-binary "@$IT/all" "$URL/v1/groupIdentifiers/site-2/users" 2>/dev/null
wait_for "it dies" dead
stop
start
before=$(holders site-2)
check "some have it: $before" test "$before" -gt "$had" -a "$before" -lt $N
ask 200 "the same request again" POST /v1/groupIdentifiers/site-2/users "@$IT/all"
same "... completes it" "$N" "$(($(holders site-2) + $(body .counts.refused)))"
finish
