#!/bin/sh
# SPDX-License-Identifier: ISC
# SCIM semantics that bite: semantics.py has a case for each. And what only the
# directory can tell: a password outlives a PUT.
. "$(dirname "$0")/daemon.sh"

# The engine writes nothing once it has nothing to do: writes are counted.
conf
sed -i 's/kind = "webhook"/kind = "null"/' "$IT/provostd.conf"
start
settle
python3 "$TOP/tests/it/semantics.py" "$URL" "$IT/main/admin.token" \
    "$IT/log" || FAILED=1

ask 201 "somebody with a password" POST /scim/v2/Users \
    '{"userName":"signs.in","password":"A-good-1-password"}'
id=$(body .id)
dn=$(person_dn "$(body ".[\"$EXTENSION\"].personId")")
signs_in() {
	ldapwhoami -x -D "$dn" -w "$1" -H "$SLAPD_URI"
}
check "signs in" signs_in A-good-1-password
ask 200 "PUT without it" PUT "/scim/v2/Users/$id" \
    '{"userName":"signs.in","title":"T"}'
check "... signs in all the same" signs_in A-good-1-password
ask 200 "PUT with the same one, as Okta does" PUT "/scim/v2/Users/$id" \
    '{"userName":"signs.in","title":"T2","password":"A-good-1-password"}'
same "... does the rest" T2 "$(body .title)"
check "... signs in all the same" signs_in A-good-1-password
ask 400 "PUT with a weak one" PUT "/scim/v2/Users/$id" \
    '{"userName":"signs.in","title":"T3","password":"x"}'
ask 200 "... nothing of it" GET "/scim/v2/Users/$id"
same "... is done" T2 "$(body .title)"
ask 200 "another password" PATCH "/scim/v2/Users/$id" \
    '{"Operations":[{"op":"replace","value":{"password":"Another-1-good"}}]}'
check "... signs in with that" signs_in Another-1-good
refused 49 "... and not with the old one" signs_in A-good-1-password
stop
same "the daemon ended well" 0 $EXIT
check "no sanitizer has anything to say" \
    sh -c '! grep -E "Sanitizer|runtime error" "$1"' sh "$IT/log"
finish
