#!/bin/sh
# SPDX-License-Identifier: ISC
# Who may do what in the directory: the access rules of conf/slapd, tried on a
# running server with the sample enterprise.
. "$(dirname "$0")/lib.sh"

PAT=$(person_dn p0001) RITA=$(person_dn p0003) ADA=$(person_dn p0006)
VERA=$(person_dn p0016) NINA=$(person_dn p0024) OSCAR=$(person_dn p0010)
REQUEST=provostRequestId=sample-1,ou=requests,$SUFFIX
INSUFFICIENT=50 CONSTRAINT=19 ASSERTION=122 CREDENTIALS=49 EXISTS=20
DENIED=123

pat() { person pat.contact p0001 "$@"; }
vera() { person vera.haas p0016 "$@"; }
vera_changed() {
	who=$1; shift
	$who -x -D "$VERA" -w a-new-long-one -H "$SLAPD_URI" "$@"
}
nina() { person nina.brandt p0024 "$@"; }
# through DN TOOL ARGUMENT...: that person, through the daemon.
through() {
	dn=$1 tool=$2; shift 2
	daemon $tool -e "!authzid=dn:$dn" "$@"
}
# modify WHO... -- LINE...: ldapmodify with these lines of LDIF.
modify() {
	who=
	while [ "$1" != -- ]; do
		who="$who $1"; shift
	done
	shift
	printf '%s\n' "$@" | $who
}
# decide WHO WORD DECIDER: WHO decides $REQUEST in that name.
decide() {
	who=$1 word=$2 by=$3
	modify $who ldapmodify -- "dn: $REQUEST" "changetype: modify" \
	    "add: provostDecision" "provostDecision: $word" - \
	    "add: provostDecidedBy" "provostDecidedBy: $by"
}
# set_value WHO DN ATTRIBUTE VALUE [add|replace|delete]
set_value() {
	modify $1 ldapmodify -- "dn: $2" "changetype: modify" \
	    "${5:-replace}: $3" "$3: $4"
}
get() {
	who=$1 dn=$2; shift 2
	$who ldapsearch -LLL -o ldif-wrap=no -s base -b "$dn" "(objectClass=*)" "$@"
}
count() {
	$1 ldapsearch -LLL -b "$2" "${3:-(objectClass=*)}" 1.1 2>/dev/null |
	    grep -c '^dn:'
}
through_pat() { through "$PAT" "$@"; }
through_vera() { through "$VERA" "$@"; }
through_nina() { through "$NINA" "$@"; }
through_manager() { through "$MANAGER" "$@"; }

slapd_new
slapd_load
slapd_start

echo "# signing in"
check "the manager over ldapi" manager ldapwhoami
check "the daemon" daemon ldapwhoami
check "a person" pat ldapwhoami
refused $CREDENTIALS "a wrong password" \
    ldapwhoami -x -D "$PAT" -w wrong -H "$SLAPD_URI"
refused 48 "nobody in particular" ldapwhoami -x -H "$SLAPD_URI"
same "who has not bound reads nothing" "" "$(ldapsearch -LLL -Q -Y EXTERNAL \
    -H "$SLAPD_URI" -e '!authzid=' -b "$SUFFIX" 1.1 2>/dev/null)"
set_value manager "$VERA" provostState suspended >/dev/null
refused $CREDENTIALS "a suspended person" vera ldapwhoami
set_value manager "$VERA" provostState active >/dev/null
check "a person who is active again" vera ldapwhoami
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	ldapwhoami -x -D "$DAEMON" -w wrong -H "$SLAPD_URI" >/dev/null 2>&1
	ldapwhoami -x -D "$ADA" -w wrong -H "$SLAPD_URI" >/dev/null 2>&1
done
check "guessing does not lock the daemon out" daemon ldapwhoami
refused $CREDENTIALS "guessing locks a person" \
    person ada.lindgren p0006 ldapwhoami
manager ldapmodify >/dev/null <<END
dn: $ADA
changetype: modify
delete: pwdAccountLockedTime
END
check "until unlocked" person ada.lindgren p0006 ldapwhoami

echo "# what is read"
same "the daemon reads all people" 25 \
    "$(count daemon "ou=people,$SUFFIX" "(objectClass=provostUser)")"
same "but no password" "" "$(get daemon "$PAT" userPassword pwdHistory |
    grep -i '^[up].*:')"
same "a person reads their own entry" pat.contact \
    "$(get pat "$PAT" uid | values uid)"
same "and no password in it" "" "$(get pat "$PAT" userPassword |
    grep -i '^user')"
same "and no other person" 1 \
    "$(count vera "ou=people,$SUFFIX" "(objectClass=provostUser)")"
same "all tools" 6 \
    "$(count vera "ou=tools,$SUFFIX" "(objectClass=provostTool)")"
same "all roles" 10 \
    "$(count vera "ou=roles,$SUFFIX" "(objectClass=provostRoleEntry)")"
same "their own company" acme-telecom "$(vera ldapsearch -LLL \
    -b "ou=companies,$SUFFIX" provostCompanyId | values provostCompanyId)"
same "a viewer's one account" 100001 "$(vera ldapsearch -LLL \
    -b "ou=accounts,$SUFFIX" provostAccountNumber |
    values provostAccountNumber)"
same "all accounts of the company, where held so" 16 \
    "$(count pat "ou=accounts,$SUFFIX" "(objectClass=provostBillingAccount)")"
same "not the rules, clients, receipts and jobs" 0000 \
    "$(for ou in rules clients receipts jobs; do
	count vera "ou=$ou,$SUFFIX" "(!(objectClass=organizationalUnit))"
    done | tr -d '\n')"
same "requests: those of one's company, as a primary contact" \
    "sample-1 sample-2 sample-3 sample-4" "$(echo $(pat ldapsearch -LLL \
    -b "ou=requests,$SUFFIX" provostRequestId | values provostRequestId))"
same "one's own, as anybody" sample-1 "$(nina ldapsearch -LLL \
    -b "ou=requests,$SUFFIX" provostRequestId | values provostRequestId)"
same "and none at all without one" 0 "$(count vera "ou=requests,$SUFFIX" \
    "(objectClass=provostAccessRequest)")"

echo "# hashes"
manager ldapadd >/dev/null <<END
dn: provostClientId=hr,ou=clients,$SUFFIX
objectClass: provostClient
provostClientId: hr
provostTokenHash: 00ff -
provostEnabled: TRUE
END
CLIENT=provostClientId=hr,ou=clients,$SUFFIX
same "the daemon reads hashes of tokens" "00ff -" \
    "$(get daemon "$CLIENT" provostTokenHash | values provostTokenHash)"
same "a person through the daemon does not" "" \
    "$(get through_pat "$CLIENT" provostTokenHash | values provostTokenHash)"
check "but may put one" set_value through_pat "$CLIENT" provostTokenHash "11 -"

echo "# rights"
for attribute in "provostRole primary-contact" "provostCompany acme-retail" \
    "provostAccount 100002" "provostToolGrant wan-analysis" \
    "provostState active" "departmentNumber finance" \
    "provostMemberOf finance" "uid root"; do
	set -- $attribute
	refused $INSUFFICIENT "with ldapmodify nobody sets their own $1" \
	    set_value vera "$VERA" $1 $2
done
refused $INSUFFICIENT "nor anybody else's, though a primary contact" \
    set_value pat "$VERA" provostAccount 100002
refused $INSUFFICIENT "nor adds a person" modify pat ldapadd -- \
    "dn: $(person_dn x1)" "objectClass: inetOrgPerson" \
    "objectClass: provostUser" "provostPersonId: x1" "cn: x" "sn: x"
refused $INSUFFICIENT "nor deletes one" pat ldapdelete "$VERA"
check "the same through the daemon" \
    set_value through_pat "$VERA" provostAccount 100002 add
same "is in that person's name" "$PAT" \
    "$(get manager "$VERA" modifiersName | values modifiersName)"
check "and through the daemon a person is added" modify through_pat ldapadd -- \
    "dn: $(person_dn x1)" "objectClass: inetOrgPerson" \
    "objectClass: provostUser" "provostPersonId: x1" "cn: x" "sn: x" \
    "provostState: active"
check "the daemon itself writes rights" \
    set_value daemon "$VERA" provostToolGrant wan-analysis add
check "one's own preferences" \
    set_value vera "$VERA" provostPreference "language de"
refused 1 "no password with another old one" ldappasswd -x -D "$VERA" \
    -w sample-vera.haas -a another-old-one -s a-new-long-one -H "$SLAPD_URI"
check "one's own password, with the old one" ldappasswd -x -D "$VERA" \
    -w sample-vera.haas -a sample-vera.haas -s a-new-long-one -H "$SLAPD_URI"
check "works from then on" ldapwhoami -x -D "$VERA" -w a-new-long-one \
    -H "$SLAPD_URI"
check "and is kept hashed" sh -c "slapcat $SLAPD_CONF -b '$SUFFIX' \
    -H 'ldap:///$VERA??base' | grep '^userPassword:: ' | cut -d' ' -f2 |
    base64 -d | grep '^{ARGON2}'"
refused $INSUFFICIENT "it can't be compared" ldapcompare -x -D "$VERA" \
    -w a-new-long-one -H "$SLAPD_URI" "$VERA" userPassword:a-new-long-one
for attribute in "provostSessionsEnded 20200101000000Z" \
    "provostFirstLogin 20200101000000Z" "provostReset x" "pwdReset FALSE" \
    "pwdAccountLockedTime 000001010000Z"; do
	set -- $attribute
	refused $INSUFFICIENT "V11: nobody sets their own $1" \
	    set_value vera_changed "$VERA" $1 $2
done
check "a person signs out through the daemon" \
    set_value through_vera "$VERA" provostSessionsEnded 20200101000000Z
refused $INSUFFICIENT "not another's password" \
    set_value pat "$NINA" userPassword a-new-long-one

echo "# acting as somebody else"
pat_as_nina() { pat "$@" -e "!authzid=dn:$NINA"; }
refused $DENIED "a person acts as nobody else" \
    set_value pat_as_nina "$NINA" provostPreference "language de"
refused $DENIED "the daemon acts as people only" \
    set_value through_manager "$NINA" provostPreference "language de"
refused $INSUFFICIENT "and can't change that" \
    set_value daemon "$DAEMON" authzTo "dn.regex:.*" add
refused $INSUFFICIENT "nor can a person through it" \
    set_value through_pat "$PAT" authzTo "dn.regex:.*" add
refused $INSUFFICIENT "nor set the daemon's password" \
    set_value through_pat "$DAEMON" userPassword "a-new-long-one"

set_value manager "$PAT" authzTo "dn.exact:$NINA" add >/dev/null
refused $DENIED "nobody but the daemon, whatever stands in their entry" \
    set_value pat_as_nina "$NINA" provostPreference "language de"

echo "# assertions and post-reads of a person through the daemon"
csn=$(get through_pat "$VERA" entryCSN | values entryCSN)
assert() {
	through_pat ldapmodify -e "!assert=(entryCSN=$csn)" \
	    -e '!postread=entryUUID,entryCSN'
}
check "the assertion holds" modify assert -- "dn: $VERA" \
    "changetype: modify" "replace: title" "title: one"
same "the post-read is complete" 2 \
    "$(echo "$output" | grep -c -E 'entry(CSN|UUID): ')"
refused $ASSERTION "a stale one does not" modify assert -- "dn: $VERA" \
    "changetype: modify" "replace: title" "title: two"
csn=$(get through_pat "$REQUEST" entryCSN | values entryCSN)
check "on a request, too" modify assert -- "dn: $REQUEST" \
    "changetype: modify" "replace: provostJustification" \
    "provostJustification: one"

echo "# deciding"
refused $INSUFFICIENT "not the beneficiary" decide nina approved "$NINA"
refused $INSUFFICIENT "nor through the daemon" \
    decide through_nina approved "$NINA"
refused $INSUFFICIENT "nobody who is not a primary contact or administrator" \
    decide vera_changed approved "$VERA"
manager ldapadd >/dev/null <<END
dn: $(person_dn stranger)
objectClass: inetOrgPerson
objectClass: provostUser
provostPersonId: stranger
cn: x
sn: x
userPassword: sample-stranger
provostState: active
provostRole: primary-contact
provostEnterprise: other
provostCompany: other
END
stranger() { person stranger stranger "$@"; }
same "another customer's primary contact sees no request" 0 \
    "$(count stranger "ou=requests,$SUFFIX" "(objectClass=provostAccessRequest)")"
refused $INSUFFICIENT "and decides none" \
    decide stranger approved "$(person_dn stranger)"
refused $INSUFFICIENT "in nobody else's name" decide pat approved "$RITA"
refused $INSUFFICIENT "nor through the daemon" decide through_pat approved "$RITA"
for attribute in "provostRequestState applied" "provostRequester $PAT" \
    "provostToolGrant network-manager" "provostStatusText fine" \
    "provostExpiresAt 20991231000000Z" "provostDecidedAt 20260101000000Z"; do
	refused $INSUFFICIENT "a decider does not write ${attribute%% *}" \
	    set_value pat "$REQUEST" "${attribute%% *}" "${attribute#* }"
	refused $INSUFFICIENT "nor through the daemon" set_value \
	    through_pat "$REQUEST" "${attribute%% *}" "${attribute#* }"
done
check "a primary contact approves" decide pat approved "$PAT"
check "with a reason" set_value pat "$REQUEST" provostReason good add
refused $EXISTS "a second time" decide pat approved "$PAT"
refused $INSUFFICIENT "the decision can't be replaced" \
    set_value pat "$REQUEST" provostDecision denied
refused $INSUFFICIENT "nor deleted" \
    set_value pat "$REQUEST" provostDecision approved delete
refused $INSUFFICIENT "nor through the daemon" \
    set_value through_pat "$REQUEST" provostDecision approved delete
refused $CONSTRAINT "nobody else decides once more" \
    decide "person quinn.harper p0002" denied "$(person_dn p0002)"
check "the daemon writes how it stands" \
    set_value daemon "$REQUEST" provostRequestState applied
REQUEST=provostRequestId=sample-2,ou=requests,$SUFFIX
check "a primary contact decides through the daemon" \
    decide "through $RITA" approved "$RITA"
REQUEST=provostRequestId=sample-3,ou=requests,$SUFFIX
# slapd can't ask for the name in the same modify: the daemon takes back a
# decision without one.
check "(slapd lets a decision without a name pass)" \
    set_value pat "$REQUEST" provostDecision denied add
check "which the daemon takes back" \
    set_value daemon "$REQUEST" provostDecision denied delete
refused $INSUFFICIENT "only the requester withdraws" \
    decide nina withdrawn "$NINA"
check "the requester withdraws" \
    decide "person oscar.dubois p0010" withdrawn "$OSCAR"
refused $INSUFFICIENT "no request is deleted through the daemon" \
    through_pat ldapdelete "$REQUEST"

echo "# directory administrators"
manager ldapmodify >/dev/null <<END
dn: cn=directory-administrators,$SUFFIX
changetype: modify
add: member
member: $NINA
END
REQUEST=provostRequestId=sample-4,ou=requests,$SUFFIX
check "write rights" set_value nina "$VERA" provostAccount 100003 add
check "and how a request stands" \
    set_value nina "$REQUEST" provostStatusText none
daemon ldapmodify >/dev/null <<END
dn: $REQUEST
changetype: modify
delete: provostDecision
-
delete: provostDecidedBy
END
refused $INSUFFICIENT "decide, though in nobody else's name" \
    decide nina approved "$PAT"
check "but in their own" decide nina approved "$NINA"
refused $INSUFFICIENT "but do not read hashes" \
    nina ldapcompare "$CLIENT" "provostTokenHash:11 -"

echo "# user names are unique"
adduser() {
	who=$1 id=$2; shift 2
	printf '%s\n' "dn: $(person_dn $id)" "objectClass: inetOrgPerson" \
	    "objectClass: provostUser" "provostPersonId: $id" "cn: x" \
	    "sn: x" "$@" | $who ldapadd
}
refused $CONSTRAINT "uid" adduser daemon x2 "uid: Pat.Contact"
check "temporary login" adduser daemon x3 "provostTemporaryLogin: tmp-1"
check "both at once" adduser daemon x5 "uid: both" "provostTemporaryLogin: tmp-2"
refused $CONSTRAINT "the second of both" \
    adduser daemon x6 "uid: other" "provostTemporaryLogin: tmp-2"
check "and the server goes on" adduser daemon x7 "uid: other"
refused $CONSTRAINT "temporary login twice" \
    adduser daemon x4 "provostTemporaryLogin: tmp-1"
refused $CONSTRAINT "renaming to a taken one" \
    set_value daemon "$(person_dn x3)" uid pat.contact
for i in 1 2 3 4 5 6 7 8; do
	adduser daemon y$i "uid: twin" >/dev/null 2>&1 &
	adders="$adders $!"
done
wait $adders
same "eight at once: one gets in" 1 \
    "$(count daemon "ou=people,$SUFFIX" "(uid=twin)")"

echo "# who deleted"
check "a person is deleted through the daemon" through_pat ldapdelete "$VERA"
same "the log names that person, not the daemon" "$PAT" "$(daemon ldapsearch -LLL \
    -o ldif-wrap=no -b cn=accesslog "(&(reqType=delete)(reqDN=$VERA))" \
    reqAuthzID | values reqAuthzID)"
same "people don't read it" 0 "$(count pat cn=accesslog)"
finish
