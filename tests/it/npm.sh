#!/bin/sh
# SPDX-License-Identifier: ISC
# Grants are pushed to a SCIM service made by others: tests/npm (scimmy and
# express, pinned), installed by npm below the build directory.
. "$(dirname "$0")/daemon.sh"
command -v npm >/dev/null 2>&1 || {
	echo "skipped: no npm (Debian: apt-get install nodejs npm)"
	exit 77
}
ENTITLED='[.entitlements[]? | "\(.type):\(.value)"] | sort | join(" ")'

MODULES=${top_builddir:-$TOP/build}/tests/npm-modules
mkdir -p "$MODULES"
for file in package.json package-lock.json server.js; do
	cmp -s "$TOP/tests/npm/$file" "$MODULES/$file" ||
		cp "$TOP/tests/npm/$file" "$MODULES/$file"
done
if ! [ "$MODULES/node_modules/.package-lock.json" -nt \
    "$MODULES/package-lock.json" ]; then
	(cd "$MODULES" && npm ci --ignore-scripts --no-audit --no-fund) \
	    >"$IT/npm.log" 2>&1 || {
		echo "FAILED: npm ci"
		cat "$IT/npm.log"
		exit 1
	}
fi
node "$MODULES/server.js" their-token >"$IT/node.out" 2>&1 &
ALSO=$!
until_true 10 grep -q '^listening' "$IT/node.out" || {
	echo "FAILED: their server does not start"
	cat "$IT/node.out"
	exit 1
}
THEIRS=http://127.0.0.1:$(sed -n 's/^listening //p' "$IT/node.out")
echo their-token >"$IT/their.token"
cat >"$IT/provostd.conf" <<END
engine: { retry_base = "50ms"; retry_max = "200ms"; };
targets: { sample-tool: { kind = "scim"; url = "$THEIRS/scim/v2";
	token_file = "$IT/their.token"; insecure = true; };
	null: { kind = "null"; }; };
END

theirs() {
	curl -sS -H 'Authorization: Bearer their-token' "$THEIRS$1"
}
# entitled UUID: what that person has there, "none" where unknown.
entitled() {
	theirs "/scim/v2/Users?filter=externalId%20eq%20%22$1%22" |
	    jq -r "if .totalResults == 0 then \"none\" else
		.Resources[0] | $ENTITLED end"
}
entitled_is() {
	[ "$(entitled "$1")" = "$2" ]
}
start
settle
nina=$(uuid_of "$(person_dn p0024)") mark=$(uuid_of "$(person_dn p0019)")
same "a birthright" "account:100001 account:100002 tool:network-manager" \
    "$(entitled "$nina")"
same "two tools on one service" "account:100003 account:100003 account:100004 \
tool:network-manager tool:wan-analysis" "$(entitled "$mark")"
check "approved" approve sample-1 p0001 pat.contact
wait_for "added" entitled_is "$nina" "account:100001 account:100002 \
account:100002 account:100003 tool:network-manager tool:wan-analysis"
wait_for "applied" state_is sample-1 applied
check "an account is taken away" change "$(person_dn p0024)" \
    "delete: provostToolAccount" "provostToolAccount: wan-analysis 100003"
wait_for "there, too" entitled_is "$nina" "account:100001 account:100002 \
account:100002 tool:network-manager tool:wan-analysis"
settle
writes=$(theirs /writes)
stop
rm -rf "$IT/main/view"
start
settle
same "a second look writes nothing" "$writes" "$(theirs /writes)"
check "a leaver" manager ldapdelete "$(person_dn p0024)"
wait_for "is gone there" entitled_is "$nina" none
wait_for "and has no receipts" no_receipts "$nina"
same "the others are still there" "account:100003 account:100003 \
account:100004 tool:network-manager tool:wan-analysis" "$(entitled "$mark")"
finish
