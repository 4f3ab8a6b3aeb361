#!/bin/sh
# SPDX-License-Identifier: ISC
# J1, T1, T3, D8: somebody leaves, is back, leaves at a set time, joins at one,
# and is removed when the grace period is over; the wall clock is moved under a
# daemon that runs.
. "$(dirname "$0")/daemon.sh"

SHIM=${top_builddir:-$TOP/build}/tests/it/clock_shift.so
CLOCK=$IT/clock
# Sanitizers want to be first.
ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS-}
export ASAN_OPTIONS
CARL=$(person_dn p0025)
TOOL=ip-performance-reporting
DAY=86400

# ahead SECONDS: so far ahead is the daemon's wall clock, in place.
ahead() {
	python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as f: f.write(struct.pack("q",
    int(sys.argv[2])))' "$CLOCK" "$1"
}
# at SECONDS: from now, in GeneralizedTime.
at() {
	date -u -d "@$(($(date +%s) + $1))" +%Y%m%d%H%M%SZ
}
up() {
	WRAPPER="env LD_PRELOAD=$SHIM CLOCK_SHIFT_FILE=$CLOCK" start
}
is() { # STATE: and since when they left, if they did
	attr_is "$CARL" provostState "$1" || return 1
	case $1 in
	left) [ -n "$(attr "$CARL" provostLeftAt)" ] ;;
	*) [ -z "$(attr "$CARL" provostLeftAt)" ] ;;
	esac
}
set_state() {
	change "$CARL" "replace: provostState" "provostState: $1" >/dev/null
}
gone() { # DN
	[ -z "$(uuid_of "$1")" ]
}
passes() {
	http GET /v1/status
	body .engine.passes
}
more_passes() {
	[ "$(passes)" -gt "$1" ]
}
# another_pass: everybody has been looked at since.
another_pass() {
	n=$(passes)
	kill -HUP "$PID"
	until_true 10 more_passes "$n" || {
		echo "FAILED: no pass"
		exit 1
	}
}
patch() { # STATUS TEXT OPERATIONS
	ask "$1" "$2" PATCH "/scim/v2/Users/$carl" "{\"schemas\":
	    [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],
	    \"Operations\":[$3]}"
}

head -c 8 /dev/zero >"$CLOCK"
tool_start
conf 'leavers: { grace = "30d"; };'
up
settle
carl=$(uuid_of "$CARL")
same "a grant" 200007 "$(holds "$carl" $TOOL)"

echo "# J1: left, told with ldapmodify"
before=$(date -u +%Y%m%d%H%M%SZ)
set_state left
wait_for "T1: gone at the tool" holds_is "$carl" $TOOL none
wait_for "... since when is on the entry" is left
check "... which is now" sh -c 'test "$1" \< "$2" || test "$1" = "$2"' - \
    "$before" "$(attr "$CARL" provostLeftAt)"
settle
another_pass
check "within the grace period the entry stays" is left

echo "# D8: back the same day"
set_state active
wait_for "no leaver any more" is active
wait_for "the grant is there again" holds_is "$carl" $TOOL 200007

echo "# D8: left and back over SCIM, each in one write"
settle
patch 200 "left" '{"op":"replace","path":"'$EXTENSION:state'","value":"left"}'
same "... since when is in the answer" true \
    "$(body '."'$EXTENSION'".leftAt != null')"
wait_for "gone at the tool" holds_is "$carl" $TOOL none
patch 200 "back" '{"op":"replace","path":"active","value":true}'
same "... in the answer as well" active/null \
    "$(body '."'$EXTENSION'" | .state + "/" + (.leftAt | tostring)')"
wait_for "the grant is there again" holds_is "$carl" $TOOL 200007
patch 200 "back with a new number" '{"op":"replace",
    "path":"employeeNumber","value":"E-2"},{"op":"replace","path":"active",
    "value":true}'
check "nobody is twice" sh -c 'test "$1" = 1' - "$(manager ldapsearch -LLL \
    -b "$DN" uid="$(attr "$CARL" uid)" 1.1 | grep -c '^dn:')"

echo "# T3: a last working day"
patch 200 "set for later" '{"op":"replace","path":"'$EXTENSION:endsAt'",
    "value":"'"$(date -u -d '+1000 seconds' +%Y-%m-%dT%H:%M:%SZ)"'"}'
settle
same "still there" 200007 "$(holds "$carl" $TOOL)"
END=$(($(date +%s) + 2))
change "$CARL" "replace: provostEndsAt" "provostEndsAt: $(date -u -d "@$END" \
    +%Y%m%d%H%M%SZ)" >/dev/null
wait_for "they leave" is left
check "... not before" [ "$(date +%s)" -ge $END ]
wait_for "gone at the tool" holds_is "$carl" $TOOL none
same "... since then, to the second" "$(date -u -d "@$END" +%Y%m%d%H%M%SZ)" \
    "$(attr "$CARL" provostLeftAt)"
same "... and the end is over" "" "$(attr "$CARL" provostEndsAt)"
set_state active
wait_for "back" is active
wait_for "the grant is there again" holds_is "$carl" $TOOL 200007

echo "# T3: it is missed while the daemon is down"
change "$CARL" "replace: provostEndsAt" "provostEndsAt: $(at 1)" >/dev/null
END=$(attr "$CARL" provostEndsAt)
stop
over() { [ ! "$(date -u +%Y%m%d%H%M%SZ)" \< "$END" ]; }
until_true 10 over
same "nobody told the tool" 200007 "$(holds "$carl" $TOOL)"
up
wait_for "they have left" is left
same "... when it was due" "$END" "$(attr "$CARL" provostLeftAt)"
wait_for "gone at the tool" holds_is "$carl" $TOOL none
set_state active
wait_for "back" is active
wait_for "the grant is there again" holds_is "$carl" $TOOL 200007

echo "# T3: they join later; the clock is set, forward and back"
change "$CARL" "replace: provostStartsAt" "provostStartsAt: $(at 5000)" \
    >/dev/null
wait_for "not yet" holds_is "$carl" $TOOL none
ahead 5001
wait_for "an hour later" holds_is "$carl" $TOOL 200007
ahead 0
wait_for "it was no hour later" holds_is "$carl" $TOOL none
change "$CARL" "delete: provostStartsAt" >/dev/null
wait_for "at once" holds_is "$carl" $TOOL 200007
settle

echo "# J1: the grace period"
set_state left
wait_for "left" is left
wait_for "no receipts" no_receipts "$carl"
ahead $((30 * DAY - 60))
another_pass
check "the last minute" is left
ahead $((30 * DAY + 1))
wait_for "V10: the entry is gone" gone "$CARL"
ask 404 "over SCIM, too" GET "/scim/v2/Users/$carl"
ahead 0

echo "# 0 is never"
conf 'leavers: { grace = "0s"; };'
another_pass
DORA=$(person_dn p0024)
change "$DORA" "replace: provostState" "provostState: left" >/dev/null
stamped() { [ -n "$(attr "$DORA" provostLeftAt)" ]; }
wait_for "another leaves" stamped
ahead $((3000 * DAY))
another_pass
check "the entry stays" stamped
ahead 0

echo "# a clock that runs ahead by years takes no more than the guard lets"
conf 'leavers: { grace = "30d"; };'
another_pass
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	cat <<-END

	dn: provostPersonId=lv$i,$DN
	objectClass: inetOrgPerson
	objectClass: provostUser
	uid: lv$i
	cn: Leaver $i
	sn: Leaver
	provostState: left
	provostLeftAt: $(at 0)
	END
done | manager ldapadd >/dev/null
leavers() {
	manager ldapsearch -LLL -b "$DN" '(sn=Leaver)' 1.1 | grep -c '^dn:'
}
there() { [ "$(leavers)" -eq "$1" ]; }
same "fifteen have left" 15 "$(leavers)"
ahead $((4000 * DAY))
job_waits() {
	manager ldapsearch -LLL -b "ou=jobs,$SUFFIX" \
	    '(&(provostJobState=held)(provostJobData=*leavers*))' 1.1 |
	    grep -q '^dn:'
}
wait_for "they are held" job_waits
another_pass
check "most of them stay" [ "$(leavers)" -ge 5 ]
finish
