#!/bin/sh
# SPDX-License-Identifier: ISC
# Every client trace of tests/traces, each by a client of its own, whose token
# `provost token` makes. tests/traces/README describes the files.
. "$(dirname "$0")/daemon.sh"
TRACES=$TOP/tests/traces

start
replay() {	# replay NAME [SCOPES]
	echo "$1" >>"$IT/replayed"
	provost token "$1" --scopes "${2:-read write}" >"$IT/$1.token" || {
		echo "FAILED: provost token $1"
		FAILED=1
	}
	python3 "$TRACES/replay.py" "$URL" "$IT/$1.token" \
	    "$TRACES/$1.trace" || FAILED=1
}
# With the scopes that contrib's READMEs give such a client.
scopes() {
	sed -n "s/^provost token $1 --scopes '\([^']*\)'.*/\1/p" \
	    "$TOP/contrib/$1/README.md"
}
ENTRA=$(scopes entra) OKTA=$(scopes okta)
check "the READMEs name scopes" test -n "$ENTRA" -a -n "$OKTA"
for name in entra entra-optscim; do
	replay $name "$ENTRA"
done
for name in okta-catalogue okta-custom; do
	replay $name "$OKTA"
done
for name in sailpoint onelogin-jumpcloud; do
	replay $name
done
replay entra-groups "$ENTRA"
replay okta-groups "$OKTA"
replay entra-inbound-bulk 'read write upsert'

# A replayer that sees nothing would be content with everything.
cat >"$IT/wrong.trace" <<'END'
=== status
GET /scim/v2/Users
--- 201
=== value
GET /scim/v2/Users?filter=userName eq "pat.contact"
--- 200

{"totalResults": 2}
=== kind
GET /scim/v2/Users?count=1
--- 200

{"itemsPerPage": "1"}
=== missing
GET /scim/v2/Users?count=1
--- 200

{"nonsense": "${any}"}
=== there
GET /scim/v2/Users?count=1
--- 200

{"schemas": "${none}"}
=== not empty
GET /scim/v2/Users?count=1
--- 200

{"Resources": "${empty}"}
=== length
GET /scim/v2/Users?count=2
--- 200

{"Resources": [{}]}
=== not in it
GET /scim/v2/Users?count=2
--- 200

{"Resources": {"${has}": [{"id": "x"}]}}
=== header
GET /scim/v2/Users?count=1
--- 200
Content-Type: text/plain
=== capture
GET /scim/v2/Users/${nothing}
--- 404
=== no SCIM
GET /livez
--- 200
END
python3 "$TRACES/replay.py" "$URL" "$IT/main/admin.token" "$IT/wrong.trace" \
    >"$IT/wrong"
same "the replayer ends with 1" 1 $?
same "it finds every fault" "11 0" \
    "$(grep -c '^FAILED' "$IT/wrong") $(grep -c '^ok' "$IT/wrong")"
for trace in "$TRACES"/*.trace; do
	grep -qx "$(basename "$trace" .trace)" "$IT/replayed" || {
		echo "FAILED: nobody replays $trace"
		FAILED=1
	}
done
stop
same "the daemon ended well" 0 $EXIT
finish
