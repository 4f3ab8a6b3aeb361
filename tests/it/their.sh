# SPDX-License-Identifier: ISC
# A SCIM service made by others (tests/npm: scimmy and express, pinned), for a
# test that has read daemon.sh, read with `. "$(dirname "$0")/their.sh"`:
# installed by npm below the build directory, started, at $THEIRS, its token in
# $IT/their.token; ended at the end of the test. Skips the test without npm.
#
#	theirs PATH		GET there
#	entitled UUID		what that person has there, "none" where unknown
#	entitled_is UUID TEXT
command -v npm >/dev/null 2>&1 || {
	echo "skipped: no npm (Debian: apt-get install nodejs npm)"
	exit 77
}
ENTITLED='[.entitlements[]? | "\(.type):\(.value)"] | sort | join(" ")'

MODULES=${top_builddir:-$TOP/build}/tests/npm-modules
mkdir -p "$MODULES"
# Two tests at a time would install over each other.
exec 9>"$MODULES.lock"
flock 9
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
exec 9>&-
: >"$IT/node.out"
node "$MODULES/server.js" their-token >"$IT/node.out" 2>&1 &
ALSO=$!
until_true 10 grep -q '^listening' "$IT/node.out" || {
	echo "FAILED: their server does not start"
	cat "$IT/node.out"
	exit 1
}
THEIRS=http://127.0.0.1:$(sed -n 's/^listening //p' "$IT/node.out")
echo their-token >"$IT/their.token"

theirs() {
	curl -sS -H 'Authorization: Bearer their-token' "$THEIRS$1"
}
entitled() {
	theirs "/scim/v2/Users?filter=externalId%20eq%20%22$1%22" |
	    jq -r "if .totalResults == 0 then \"none\" else
		.Resources[0] | $ENTITLED end"
}
entitled_is() {
	[ "$(entitled "$1")" = "$2" ]
}
