#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail: a daemon and a real mail server with STARTTLS. Invitations, requests and
# decisions arrive once, whatever is down or dies; what the server refuses is
# parked, and nobody writes into other people's mail.
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/mailbox.sh"
echo "daemon s3cret" >"$BOX/login"
echo s3cret >"$IT/mail.password"

mail_conf() {
	conf "mail: { url = \"smtp://127.0.0.1:$BOX_PORT\";
		from = \"provost@corp.example\"; user = \"daemon\";
		password_file = \"$IT/mail.password\";
		ca_file = \"$BOX/cert.pem\"; timeout = \"5s\";
		link = \"https://portal.example/register\"; $1 };"
}
hash_of() {
	printf %s "$1" | sha256sum | cut -d' ' -f1
}
# joiner ID LINE...: somebody new, as LDIF.
joiner() {
	id=$1; shift
	printf '%s\n' "dn: $(person_dn "$id")" "objectClass: inetOrgPerson" \
	    "objectClass: provostUser" "provostPersonId: $id" "uid: $id" \
	    "sn: $id" "cn: $id" "provostEnterprise: acme" \
	    "provostCompany: acme-telecom" "provostRole: viewer" "$@"
}
# invite ID LINE...: somebody invited; the mail goes to ID@corp.example, or to
# ADDRESS.
EXPIRY=20991231235959Z
invite() {
	id=$1; shift
	token=$(mail_py token "$(cat "$IT/main/code.key")" "$id" $EXPIRY)
	joiner "$id" "provostState: invited" \
	    "mail: ${ADDRESS:-$id@corp.example}" \
	    "provostTemporaryLogin: new-$id" \
	    "provostInvitation: $(hash_of "$token") $EXPIRY" "$@" |
	    manager ldapadd
}
# The receipt of a mail: its state.
receipt_of() {
	attr "provostPersonUuid=$(uuid_of "$(person_dn "$1")"),ou=receipts,$SUFFIX" \
	    provostReceipt | awk -v right="mail:$2" '$2 == right { print $3 }'
}
receipt_is() {
	[ "$(receipt_of "$1" "$2")" = "$3" ]
}
plans() {
	[ "$(provost --json plan | jq '.mails')" = "$1" ]
}
# asks ID REQUESTER LINE...: an access request.
asks() {
	id=$1 who=$2; shift 2
	printf '%s\n' "dn: provostRequestId=$id,ou=requests,$SUFFIX" \
	    "objectClass: provostAccessRequest" "provostRequestId: $id" \
	    "provostRequester: $(person_dn "$who")" \
	    "provostRequestState: pending" "$@" | manager ldapadd
}

echo "# settings"
tool_start
box_start
mail_conf
check "are good" "$BIN/provostd" --standalone "$IT/main" \
    --config "$IT/provostd.conf" -t
cp -r "$TOP/conf/mail" "$IT/templates"
chmod -R u+w "$IT/templates"
printf 'Subject: x\n\nHello\n{{nmae}}\n' >"$IT/templates/reset.txt"
mail_conf "templates = \"$IT/templates\";"
same "a name nobody knows is found at start" 1 "$("$BIN/provostd" \
    --standalone "$IT/main" --config "$IT/provostd.conf" -t 2>&1 |
    grep -c 'reset.txt:4: there is no {{nmae}}.*password')"
echo "directory: { suffix = \"$SUFFIX\"; uris = \"ldapi:///\"; };
mail: { url = \"smtp://127.0.0.1\"; };" >"$IT/keyless.conf"
same "without a code key there is no mail" 1 "$("$BIN/provostd" \
    -c "$IT/keyless.conf" -t 2>&1 | grep -c 'needs directory.code_key_file')"
mail_conf

echo "# an invitation"
start
settle
same "the plan is empty, all of the sample is told" 0 \
    "$(provost --json plan | jq '.actions | length')"
check "joerg is invited" invite joerg \
    "displayName:: $(printf 'J\303\266rg "Yogi" M\303\274ller-\303\226zt\303\274rk' | base64)"
wait_for "gets a mail" sent_is joerg@corp.example 1
wait_for "which is receipted" receipt_is joerg "invitation/$EXPIRY" confirmed
text=$(shown joerg@corp.example text)
token=$(echo "$text" | sed -n 's/.*login=new-joerg&token=\([A-Za-z0-9_-]*\).*/\1/p')
same "with a token that is the stored one" \
    "$(attr "$(person_dn joerg)" provostInvitation)" \
    "$(hash_of "$token") $EXPIRY"
same "in HTML too" 1 "$(shown joerg@corp.example html |
    grep -c "login=new-joerg&amp;token=$token\"")"
same "to a name that is read back" \
    "Jörg Yogi Müller-Öztürk <joerg@corp.example>" \
    "$(shown joerg@corp.example To | tr -d '"\\')"
same "greeted by it" 1 "$(echo "$text" |
    grep -c '^Hello Jörg "Yogi" Müller-Öztürk,$')"
same "marked as automatic" auto-generated \
    "$(shown joerg@corp.example Auto-Submitted)"
same "over TLS, logged in" "true daemon" "$(jq -r 'select(.to[0] ==
    "joerg@corp.example") | "\(.tls) \(.login)"' "$BOX/mails.jsonl")"
same "the token is not in the log" "" "$(grep "$token" "$IT/log")"
same "nor in the journal" "" "$(grep "$token" "$IT/main/journal.jsonl")"
stop KILL
start
settle
same "a restart sends nothing again" 1 "$(sent joerg@corp.example)"
check "nor does another look" change "$(person_dn joerg)" "add: title" \
    "title: x"
settle
same "..." 1 "$(sent joerg@corp.example)"
check "a new invitation" change "$(person_dn joerg)" \
    "replace: provostInvitation" "provostInvitation: $(hash_of "$(mail_py \
    token "$(cat "$IT/main/code.key")" joerg 20990101000000Z)") 20990101000000Z"
wait_for "is a new mail" sent_is joerg@corp.example 2
same "with another Message-ID" 2 "$(mail_py ids "$BOX/mails.jsonl" \
    joerg@corp.example)"
wait_for "the old receipt goes" receipt_is joerg "invitation/$EXPIRY" ""

echo "# the mail server is down"
box_stop
check "two are invited" invite down1
check "..." invite down2
wait_for "both wait" plans 2
nina=$(uuid_of "$(person_dn p0024)")
check "an approval" approve sample-1 p0001 pat.contact
wait_for "does not wait for it" holds_is "$nina" wan-analysis 100002,100003
wait_for "and is applied" state_is sample-1 applied
status() {
	provost --json status | jq -r '.engine.targets[] |
	    select(.name == "mail") | '"$1"
}
status_is() {
	[ "$(status "$1")" = "$2" ]
}
wait_for "the status says so" status_is .state down
same "and where mail goes" "smtp://127.0.0.1:$BOX_PORT from provost@corp.example" \
    "$(status .what)"
stop KILL
start
box_start
wait_for "it is back: the first" sent_is down1@corp.example 1
wait_for "the second" sent_is down2@corp.example 1
wait_for "the decision" sent_is nina.brandt@acme.example 1
settle
same "once each" "1 1 1" "$(sent down1@corp.example) $(sent \
    down2@corp.example) $(sent nina.brandt@acme.example)"
same "it says what was decided" 1 "$(shown nina.brandt@acme.example text |
    grep -c '^account 100002 in the tool: approved$')"

echo "# death at every step"
for step in before-receipt:1 after-receipt:1 before-send:1 after-answer:1 \
    before-receipt:2 after-receipt:2; do
	who=$(echo $step | tr -d :)
	stop
	PROVOST_FAILPOINT=$step
	export PROVOST_FAILPOINT
	start
	unset PROVOST_FAILPOINT
	check "$step: invited" invite $who
	wait_for "it dies" dead
	wait "$PID" 2>/dev/null
	start
	wait_for "the mail comes" receipt_is $who "invitation/$EXPIRY" confirmed
	settle
	same "one Message-ID" 1 "$(mail_py ids "$BOX/mails.jsonl" \
	    $who@corp.example)"
	case $step in
	after-answer:1|before-receipt:2)
		same "perhaps twice" 1 \
		    "$(($(sent $who@corp.example) <= 2))" ;;
	*)	same "once" 1 "$(sent $who@corp.example)" ;;
	esac
done

echo "# the server refuses"
printf '%s\n' 'rcpt bad@corp.example 550 5.1.1 no such user' \
    'rcpt later@corp.example 451 4.3.0 try again' >"$BOX/rules"
check "bad is invited" invite bad
check "later is invited" invite later
check "good is invited" invite good
wait_for "the good one arrives" sent_is good@corp.example 1
wait_for "the bad one is parked" receipt_is bad "invitation/$EXPIRY" failed
wait_for "the status counts it" status_is .failed 1
same "and says why" 1 "$(provost --json status | jq -r '.engine.jobs[].error' |
    grep -c '550 5.1.1 no such user')"
same "so does check" 1 "$(provost --json check | jq -r '.problems[].value' |
    grep -c "^mail mail:invitation/$EXPIRY failed")"
same "the other is not parked" pending \
    "$(receipt_of later "invitation/$EXPIRY")"
rm "$BOX/rules"
wait_for "and arrives in the end" sent_is later@corp.example 1
check "a better address" change "$(person_dn bad)" "replace: mail" \
    "mail: better@corp.example"
wait_for "gets the mail" sent_is better@corp.example 1
settle
same "the bad one none" 0 "$(sent bad@corp.example)"

echo "# requests and decisions"
pat=pat.contact@acme.example quinn=quinn.harper@acme.example
before="$(sent $pat) $(sent $quinn) $(sent rita.mendez@acme.example)"
check "nina asks" asks r1 p0024 "provostRequestKind: accounts" \
    "provostAccount: 100004" "provostAccount: 100005" \
    "provostJustification:: $(printf 'F\303\274r Wien' | base64)"
wait_for "is told to pat" sent_is $pat $((${before%% *} + 1))
settle
contacts=$(manager ldapsearch -LLL -b "$DN" '(&(provostRole=primary-contact)
    (provostCompany=acme-telecom)(provostState=active))' mail 2>/dev/null |
    sed -n 's/^mail[^:]*: //p')
same "there are several primary contacts" 1 "$(($(echo "$contacts" | wc -l) > 1))"
for who in $contacts; do
	same "$who is told" 1 "$(shown $who text | grep -c 'request, r1, until')"
done
same "nobody else is" "$(echo "$contacts" | sort)" "$(jq -r 'select(.raw |
    contains("(r1)")) | .to[]' "$BOX/mails.jsonl" | sort)"
same "what and why" "account 100004 account 100005 Für Wien" \
    "$(shown $pat text | sed -n -e '/^account/p' -e 's/^Reason given: //p' | xargs)"
check "pat approves one" person pat.contact p0001 ldapmodify <<END
dn: provostRequestId=r1,ou=requests,$SUFFIX
changetype: modify
add: provostDecision
provostDecision: approved
-
add: provostDecidedBy
provostDecidedBy: $(person_dn p0001)
-
add: provostItemDecision
provostItemDecision: 100005 denied
-
add: provostItemReason
provostItemReason: 100005 not%20yours%0D%0ABcc:%20x@corp.example
-
add: provostReason
provostReason: The rest
END
wait_for "applied" state_is r1 applied
wait_for "nina is told" sent_is nina.brandt@acme.example 2
settle
same "what became of it" "account 100004: approved account 100005: denied, not yours Bcc: x@corp.example" \
    "$(shown nina.brandt@acme.example text | sed -n '/^account/p' | xargs)"
same "and by whom" 1 "$(shown nina.brandt@acme.example text |
    grep -c '^Decided by: Pat ')"
same "pat no more" $((${before%% *} + 1)) "$(sent $pat)"
box_stop
check "nina asks again" asks r2 p0024 "provostRequestKind: accounts" \
    "provostAccount: 100004"
wait_for "waits" plans "$(echo "$contacts" | wc -l)"
check "and withdraws" change "provostRequestId=r2,ou=requests,$SUFFIX" \
    "add: provostDecision" "provostDecision: withdrawn" "-" \
    "add: provostDecidedBy" "provostDecidedBy: $(person_dn p0024)"
wait_for "withdrawn" state_is r2 withdrawn
box_start
wait_for "nina is told that" sent_is nina.brandt@acme.example 3
settle
same "nobody is asked" 0 "$(grep -c 'asks for access (r2)' "$BOX/mails.jsonl")"

echo "# people who want to write into mails"
evil=$(printf 'Eve\r\nBcc: x@corp.example\r\n\r\nClick here' | base64)
check "eve is invited" invite eve "displayName:: $evil"
wait_for "her mail is parked" receipt_is eve "invitation/$EXPIRY" failed
ADDRESS="m@corp.example> SIZE=1"
check "mallory's address" invite mallory
ADDRESS=
wait_for "is none" receipt_is mallory "invitation/$EXPIRY" failed
check "eve works here" change "$(person_dn eve)" "replace: provostState" \
    "provostState: active"
check "and asks" asks r3 eve "provostRequestKind: accounts" \
    "provostAccount: 100004"
wait_for "pat is told" sent_is $pat $((${before%% *} + 2))
same "in one subject" "Eve  Bcc: x@corp.example    Click here asks for access (r3)" \
    "$(shown $pat Subject)"
same "and one line" 1 "$(shown $pat text |
    grep -c '^Eve  Bcc: x@corp.example    Click here asks')"
same "there is no Bcc" "" "$(shown $pat Bcc)"
same "nobody else got any" 0 "$(sent x@corp.example)"

echo "# a temporary password, the portal, the first sign-in"
password=$(mail_py password "$(cat "$IT/main/code.key")" p0024 20260301000000Z)
check "nina's password is reset" change "$(person_dn p0024)" \
    "add: provostReset" "provostReset: $(hash_of "$password") 20260301000000Z"
wait_for "she gets it" sent_is nina.brandt@acme.example 4
same "the very one" 1 "$(shown nina.brandt@acme.example text |
    grep -c "^  $password\$")"
manager ldapsearch -LLL -o ldif-wrap=no -b "$SUFFIX" '*' + >"$IT/all"
check "the directory is read" grep -q '^provostReset: ' "$IT/all"
same "it is not in the directory" 0 "$(grep -c -e "$password" "$IT/all")"
check "one made with another key" change "$(person_dn p0010)" \
    "add: provostReset" "provostReset: $(hash_of x) 20260301000000Z"
wait_for "is not mailed" receipt_is p0010 reset/20260301000000Z failed
check "and is taken back" change "$(person_dn p0010)" "delete: provostReset"
wait_for "with its receipt" receipt_is p0010 reset/20260301000000Z ""
check "access to the portal" change "$(person_dn p0010)" \
    "replace: provostPortalAccess" "provostPortalAccess: invited"
wait_for "is mailed" receipt_is p0010 portal/- confirmed
joiner fresh "provostState: active" "mail: fresh@corp.example" \
    "provostCreatedBy: person:$(uuid_of "$(person_dn p0001)")" \
    >"$IT/fresh.ldif"
check "a user of pat's" manager ldapadd -f "$IT/fresh.ldif"
check "mallory goes" manager ldapdelete "$(person_dn mallory)"
settle
n=$(sent $pat)
check "signs in" change "$(person_dn fresh)" "add: provostFirstLogin" \
    "provostFirstLogin: $(date -u +%Y%m%d%H%M%SZ)"
wait_for "pat is told" sent_is $pat $((n + 1))
same "of it" "fresh has signed in" "$(shown $pat Subject)"

echo "# other templates, then nobody to tell"
printf 'Subject: Servus {{name}}\n\nx\n' >"$IT/templates/reset.txt"
sed 's/Your invitation/Willkommen/' "$TOP/conf/mail/invitation.txt" \
    >"$IT/templates/invitation.txt"
mail_conf "templates = \"$IT/templates\";"
reloads() {
	[ "$(grep -c 'reload: done' "$IT/log")" -eq "$1" ]
}
kill -HUP "$PID"
wait_for "reloaded" reloads 1
sed -i 's/Willkommen/Servus/' "$IT/templates/invitation.txt"
kill -HUP "$PID"
wait_for "again, only a template" reloads 2
check "one more" invite more
wait_for "is mailed" sent_is more@corp.example 1
same "with the new subject" Servus "$(shown more@corp.example Subject)"
uuid=$(uuid_of "$(person_dn more)")
same "a receipt" 1 "$(receipts "$uuid")"
check "who is deleted" manager ldapdelete "$(person_dn more)"
wait_for "leaves none" no_receipts "$uuid"
settle
stop
same "the daemon ended well" 0 $EXIT
same "no secret is in the log" "" "$(grep -e s3cret -e "$password" "$IT/log")"
finish
