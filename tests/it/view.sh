#!/bin/sh
# SPDX-License-Identifier: ISC
# The view is disposable: deleted while the daemon is stopped, everything is
# answered as before, and no target is told anything.
. "$(dirname "$0")/daemon.sh"

# All that SCIM shows, every type, whole listings; the port may change.
listings() {
	http GET /scim/v2/ResourceTypes
	for list in $(body '.Resources[].endpoint + "?count=1000"') \
	    "/Users?sortBy=userName&startIndex=3&count=5"; do
		http GET "/scim/v2$list"
		printf '%s %s\n' "$list" "$STATUS"
		sed "s|$URL||g" "$IT/body" | jq .
	done
}
again() {
	stop
	same "stopped" 0 "$EXIT"
	rm -rf "$@"
	start
	listings >"$IT/after"
	check "the same answers" diff "$IT/before" "$IT/after"
	settle
	same "requests that the tool got" "$EVENTS" "$(events)"
}

tool_start
start
settle
approve sample-1 p0001 pat.contact >/dev/null
wait_for "a request is applied" state_is sample-1 applied
settle
listings >"$IT/before"
same "types that answer" 0 "$(grep -c '^/.* [^2]..$' "$IT/before")"
check "there is something to compare" test \
    "$(grep -c '"id": ' "$IT/before")" -gt 200
EVENTS=$(events)
# Positions, too: what was granted before the restart is still the tool's.
held >"$IT/held"

echo "# with the view kept"
again
echo "# without it"
again "$IT/main/view"
held | diff "$IT/held" - >/dev/null
same "what the tool has" 0 $?
finish
