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
ENTERPRISE=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User

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
settle

echo "# D8: rehired with a new employee id, the same day"
user() { # EXTERNALID NUMBER: as the source sends them anew
	cat <<-END
	{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","$ENTERPRISE",
	"$EXTENSION"],"userName":"jo.new","externalId":"$1","active":true,
	"name":{"givenName":"Jo","familyName":"New"},
	"$ENTERPRISE":{"employeeNumber":"$2"},
	"$EXTENSION":{"companies":[{"value":"acme-retail"}],
	"tools":[{"value":"$TOOL","accounts":["200007"]}]}}
	END
}
# twins N: so many are called that.
twins() {
	[ "$(manager ldapsearch -LLL -b "$DN" uid=jo.new 1.1 |
	    grep -c '^dn:')" -eq "$1" ]
}
ask 201 "hired" POST /scim/v2/Users "$(user x-1 E-1)"
carl_was=$carl
carl=$(body .id)
wait_for "a grant" holds_is "$carl" $TOOL 200007
patch 200 "left" '{"op":"replace","path":"'$EXTENSION:state'","value":"left"}'
wait_for "gone at the tool" holds_is "$carl" $TOOL none
ask 409 "sent as somebody new" POST /scim/v2/Users "$(user x-2 E-2)"
http GET '/scim/v2/Users?filter=userName%20eq%20%22jo.new%22'
same "the source finds who left" "1 $carl left" "$(body \
    "[.totalResults, .Resources[0].id, .Resources[0].\"$EXTENSION\".state] |
    join(\" \")")"
ask 200 "... and sends the new id there" PUT "/scim/v2/Users/$carl" \
    "$(user x-2 E-2)"
same "it is the same person, at work" "$carl E-2 active/null" "$(body \
    ".id + \" \" + .\"$ENTERPRISE\".employeeNumber + \" \" +
    (.\"$EXTENSION\" | .state + \"/\" + (.leftAt | tostring))")"
wait_for "the grant is there again" holds_is "$carl" $TOOL 200007
check "nobody is twice" twins 1

echo "# D8: deleted and hired again, the same day"
ask 204 "deleted" DELETE "/scim/v2/Users/$carl"
ask 201 "hired" POST /scim/v2/Users "{\"schemas\":
    [\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"jo.new\",
    \"externalId\":\"x-2\"}"
check "V10: it is somebody else" [ "$(body .id)" != "$carl" ]
wait_for "T1: what was held is gone at the tool" holds_is "$carl" $TOOL none
wait_for "... with its receipts" no_receipts "$carl"
new=$(body .id)
settle
same "nothing of it comes to who is new" none "$(holds "$new" $TOOL)"
check "nobody is twice" twins 1
carl=$carl_was

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
# It is stopped before it can have seen the change.
kill -STOP "$PID"
change "$CARL" "replace: provostEndsAt" "provostEndsAt: $(at 1)" >/dev/null
END=$(attr "$CARL" provostEndsAt)
stop KILL
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

echo "# it dies before it writes that somebody left, and behind it"
for point in before-upkeep after-upkeep; do
	stop
	PROVOST_FAILPOINT=$point:1 up
	set_state left
	wait_for "$point ends the daemon" dead
	stop KILL
	up
	wait_for "$point: they have left all the same" is left
	wait_for "... and at the tool" holds_is "$carl" $TOOL none
	set_state active
	wait_for "back" is active
done
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
no_user() { http GET "/scim/v2/Users/$carl"; [ "$STATUS" = 404 ]; }
wait_for "over SCIM, too" no_user
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

# fifteen NAME SECONDS: they have left so many seconds from now.
fifteen() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		cat <<-END

		dn: provostPersonId=$1$i,$DN
		objectClass: inetOrgPerson
		objectClass: provostUser
		uid: $1$i
		cn: Leaver $i
		sn: $1
		provostState: left
		provostLeftAt: $(at "$2")
		END
	done | manager ldapadd >/dev/null
}
there() { # NAME
	manager ldapsearch -LLL -b "$DN" "(sn=$1)" 1.1 | grep -c '^dn:'
}
none_of() { [ "$(there "$1")" -eq 0 ]; }
job() {
	manager ldapsearch -LLL -o ldif-wrap=no -b "ou=jobs,$SUFFIX" \
	    '(&(provostJobState=held)(provostJobData=*leavers*))' 1.1 |
	    values dn
}
job_waits() { [ -n "$(job)" ]; }

echo "# J3: more at once than the guard lets pass"
conf 'leavers: { grace = "30d"; }; guard: { day_floor = 10; };'
another_pass
fifteen many -$((31 * DAY))
wait_for "they are held" job_waits
another_pass
left=$(there many)
check "$left of them stay" [ "$left" -ge 5 ]
change "$(job)" "replace: provostJobState" "provostJobState: released" \
    >/dev/null
released() { ! job_waits; }
wait_for "released" released
another_pass
wait_for "... they go" none_of many

echo "# a clock that runs ahead by years takes no more, either"
fifteen few 0
another_pass
same "nobody's time has come" 15 "$(there few)"
ahead $((4000 * DAY))
wait_for "they are held" job_waits
another_pass
left=$(there few)
check "$left of them stay" [ "$left" -ge 5 ]
finish
