#!/bin/sh
# SPDX-License-Identifier: ISC
# A grant with an end is gone at the tool at that time, daemon restarted in
# between or not.
. "$(dirname "$0")/daemon.sh"

CARL=$(person_dn p0025)
TOOL=ip-performance-reporting
# ends SECONDS: the grant ends so many seconds from now; END is when.
ends() {
	END=$(($(date +%s) + $1))
	change "$CARL" "replace: provostPeriod" "provostPeriod: tool:$TOOL \
20260101000000Z $(date -u -d "@$END" +%Y%m%d%H%M%SZ)" >/dev/null
}
not_before() {
	same "not before its time" yes \
	    "$([ "$(date +%s)" -ge "$END" ] && echo yes)"
}
tool_start
start
settle
carl=$(uuid_of "$CARL")
same "a grant with an end far away" 200007 "$(holds "$carl" $TOOL)"

echo "# it ends"
ends 2
same "still there" 200007 "$(holds "$carl" $TOOL)"
wait_for "gone" holds_is "$carl" $TOOL none
not_before
wait_for "the receipts, too" no_receipts "$carl"
ends 1000
wait_for "prolonged: there again" holds_is "$carl" $TOOL 200007

echo "# the daemon is restarted before it ends"
ends 3
stop
start
same "still there" 200007 "$(holds "$carl" $TOOL)"
wait_for "gone" holds_is "$carl" $TOOL none
not_before
ends 1000
wait_for "prolonged: there again" holds_is "$carl" $TOOL 200007
settle

echo "# it ends while the daemon is away"
ends 1
stop
past() { [ "$(date +%s)" -gt "$END" ]; }
until_true 10 past
same "nobody told the tool" 200007 "$(holds "$carl" $TOOL)"
start
wait_for "gone" holds_is "$carl" $TOOL none

echo "# it begins"
START=$(($(date +%s) + 2))
change "$CARL" "replace: provostPeriod" "provostPeriod: tool:$TOOL \
$(date -u -d "@$START" +%Y%m%d%H%M%SZ) -" >/dev/null
same "not yet" none "$(holds "$carl" $TOOL)"
wait_for "there" holds_is "$carl" $TOOL 200007
same "not before its time" yes \
    "$([ "$(date +%s)" -ge "$START" ] && echo yes)"
finish
