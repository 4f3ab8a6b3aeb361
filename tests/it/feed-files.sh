#!/bin/sh
# SPDX-License-Identifier: ISC
# What lies in a spool directory and is no file to be believed: devices and
# sockets, somebody else's files, files that are written into while they are
# read, lists of another feed, of another day, or of fewer than the last time.
# Nobody loses anything by them, and what is held says why (FAULTS D1, D3, F).
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/spool.sh"
spool other
spool spool
conf "spool: { interval = \"100ms\"; };
feeds: {
	hr: { kind = \"csv\"; list = \"full\"; dir = \"$SPOOL\"; $FIELDS };
	other: { kind = \"csv\"; list = \"full\"; dir = \"$IT/other\"; $FIELDS };
};"
start
held_as() {	# NAME: of its held job
	ls "$SPOOL/held" | sed -n "s/-$1\$//p"
}
is_held() {
	[ -n "$(held_as "$1")" ]
}
# holds_back TEXT NAME WHY: the file is held for that reason; then rejected.
holds_back() {
	wait_for "$1" is_held "$2"
	job=$(held_as "$2")
	http GET "/v1/held/$job"
	check "... and says why: $(body .why | cut -c1-50)" \
	    sh -c 'jq -r .why "$1" | grep -q -- "$2"' - "$IT/body" "$3"
	same "... nobody has left" "$PEOPLE" "$(active)"
	provost reject "$job" >/dev/null
	wait_for "... rejected, it goes" left reject "$2"
}
active() {
	provost --json users "active eq true" | jq .totalResults
}

# --- written into while it is read -------------------------------------------------
# A plan's report is more than a pipe holds: the daemon stands still in the
# middle of the file until somebody reads on.
N=1500
people 1 $N | arrive all.csv
until_true 30 left archive all.csv
PEOPLE=$(active)
check "there are people" test "$PEOPLE" -gt $N
mkfifo "$SPOOL/archive/.grow.csv.report"
exec 9<>"$SPOOL/archive/.grow.csv.report"
people 1 $((N / 2)) 15 | arrive grow.csv
same "a file is being planned" '{"do":"move"' \
    "$(timeout 20 dd bs=1 count=12 <&9 2>/dev/null)"
people $((N / 2 + 1)) $N 15 | sed 1d >>"$SPOOL/in/grow.csv"
cat <&9 >/dev/null &
ALSO=$!
exec 9<&-
wait_for "one that grows meanwhile is not held for its half, but left" \
    grep -q 'grow.csv: the file is still being written; it is tried again' \
    "$IT/log"
until_true 30 left archive grow.csv
same "... and read as a whole when it is still" "applied $N 0" \
    "$(report archive grow.csv '"\(.outcome) \(.written) \(.leave)"')"

phase() {
	provost --json feeds | jq -r '.feeds[] | select(.name == "hr").phase'
}
writing() {
	[ "$(phase)" = writing ]
}
in_department() {
	provost --json users "$DEPARTMENT eq \"$1\"" | jq .totalResults
}
: >"$IT/log"
before=$(writes)
kill -STOP "$(cat "$IT/main/slapd.pid")"
people 1 $N 20 | arrive change.csv
wait_for "a file is being written to the directory" writing
people 1 $N 30 |
    dd of="$SPOOL/in/change.csv" conv=notrunc 2>/dev/null
kill -CONT "$(cat "$IT/main/slapd.pid")"
wait_for "one that is changed meanwhile, byte for byte, is left as well" \
    grep -q 'change.csv: the file is still being written' "$IT/log"
until_true 30 left archive change.csv
same "... and what it says in the end is weighed and applied" \
    "$N 0" "$(in_department 30) $(in_department 20)"
check "... what the guard had weighed was not written to its end" \
    test $(($(writes) - before)) -lt $((2 * N))

# --- no files ------------------------------------------------------------------------
why_not() {	# NAME: why it was refused
	sed -n 's/.*"why":"\(.*\)"}$/\1/p' "$SPOOL"/reject/*-"$1".report
}
refuses() {	# NAME WHY
	wait_for "$1 is refused unread" left reject "$1"
	same "... because" "$2" "$(why_not "$1")"
}
people 1 $N >"$IT/aside.csv"
ln -s "$IT/aside.csv" "$SPOOL/in/link.csv"
refuses link.csv "it is a symbolic link"
ln -s "$IT/nothing" "$SPOOL/in/dangling.csv"
refuses dangling.csv "it is a symbolic link"
mkfifo "$SPOOL/in/pipe.csv"
refuses pipe.csv "it is no file"
mkdir "$SPOOL/in/directory.csv"
refuses directory.csv "it is no file"
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SPOOL/in/socket.csv"
refuses socket.csv "No such device or address"
people 1 $N >"$SPOOL/in/.loose.csv"
chmod 666 "$SPOOL/in/.loose.csv"
mv "$SPOOL/in/.loose.csv" "$SPOOL/in/loose.csv"
refuses loose.csv "everybody may write it"
if [ "$(id -u)" -eq 0 ] && mknod "$SPOOL/in/.zero.csv" c 1 5; then
	mv "$SPOOL/in/.zero.csv" "$SPOOL/in/zero.csv"
	refuses zero.csv "it is no file"
	people 1 $N 30 >"$SPOOL/in/.group.csv"
	chmod 664 "$SPOOL/in/.group.csv"
	chown 65534 "$SPOOL/in/.group.csv"
	mv "$SPOOL/in/.group.csv" "$SPOOL/in/group.csv"
	refuses group.csv "its group may write it, and it is somebody else's"
	people 1 $N 30 >"$SPOOL/in/.theirs.csv"
	chown 65534 "$SPOOL/in/.theirs.csv"
	mv "$SPOOL/in/.theirs.csv" "$SPOOL/in/theirs.csv"
	wait_for "somebody else's that only they may write is taken" \
	    left archive theirs.csv
else
	echo "passed over: only root makes devices and gives files away"
fi
same "nobody has left" "$PEOPLE" "$(active)"

# --- not the list of today ---------------------------------------------------------------
{ people 1 $N 40; people 1 $N 40 | sed 1d; } | arrive twice.csv
wait_for "everybody, twice" left archive twice.csv
people 1 $N 40 | arrive half.csv
holds_back "half as many rows are held, though nobody is missing" half.csv \
    "the file has $N rows, the last one had $((2 * N))"
people 1 $N 30 | arrive yesterday.csv
holds_back "an old file that has come again is held" yesterday.csv \
    "this very file was applied at .* an old file has come again"
{ people 1 $N 40; people 2 $N 40 | sed 1d; } \
    >"$SPOOL/in/.ahead.csv"
touch -d '+3 days' "$SPOOL/in/.ahead.csv"
mv "$SPOOL/in/.ahead.csv" "$SPOOL/in/ahead.csv"
holds_back "a file with a date to come is held" ahead.csv \
    "the file is dated .*, which is yet to come"
{ people 1 $N 40; people 2 $N 40 | sed 1d; echo; } \
    >"$SPOOL/in/.clock.csv"
touch -d '+20 hours' "$SPOOL/in/.clock.csv"
mv "$SPOOL/in/.clock.csv" "$SPOOL/in/clock.csv"
wait_for "hours are another clock, or another time zone" left archive clock.csv

# --- two feeds swapped -------------------------------------------------------------------------
SPOOL=$IT/other
people 5001 5040 | arrive mine.csv
wait_for "another feed has people of its own" left archive mine.csv
PEOPLE=$(active)
people 1 $N 40 | arrive swapped.csv
wait_for "a file that is meant for another feed is refused" \
    left reject swapped.csv
check "... as these people are another's" \
    sh -c "grep -q 'is taken' '$SPOOL'/reject/*-swapped.csv.report"
SPOOL=$IT/spool
people 5001 5040 | arrive swapped.csv
wait_for "... and the other way round" left reject swapped.csv
same "... nobody has left" "$PEOPLE" "$(active)"
finish
