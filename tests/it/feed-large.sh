#!/bin/sh
# SPDX-License-Identifier: ISC
# Files of people that are larger than memory is for: sent by HTTP, by the
# command and out of a pipe, refused beyond spool.max_file, and nothing of any
# of it left behind.
. "$(dirname "$0")/daemon.sh"
SPOOL=$IT/spool
mkdir "$SPOOL"
# What is freed counts as used while the sanitizer keeps it.
export ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=1"
settings() {
	conf "spool: { interval = \"100ms\"; $1 };
	feeds: {
		hr: { kind = \"csv\"; list = \"full\"; dir = \"$SPOOL\";
			fields = (
				{ column = \"id\"; path = \"externalId\"; },
				{ column = \"login\"; path = \"userName\"; } );
		};
	};"
}
reload() {
	settings "$1"
	: >"$IT/log"
	kill -HUP $PID
	wait_for "reloaded" grep -q 'reload: done' "$IT/log"
}
# people FROM UNTIL BYTES: that many, and so much that no field is for.
people() {
	awk -v i="$1" -v until="$2" -v n="$3" 'BEGIN {
		for (pad = "x"; length(pad) * 2 <= n; ) pad = pad pad
		print "id,login,remark"
		for (; i <= until; i++)
			print i ",worker" i "," pad
	}'
}
count() {
	provost --json users 'owner eq "feed:hr"' | jq .totalResults
}
# What is there as long as a file is kept: a descriptor without a name.
kept() {
	find /proc/$PID/fd -lname '*(deleted)' | wc -l
}
none_kept() {
	[ "$(kept)" = 0 ]
}
nothing_left() {
	wait_for "... and nothing is kept of it" none_kept
	same "... nowhere" "$view" "$(ls -A "$IT/main/view")"
}
# memory FIELD: of the daemon, in KiB.
memory() {
	sed -n "s/^$1:[ 	]*\([0-9]*\) kB/\1/p" /proc/$PID/status
}
settings
start
view=$(ls -A "$IT/main/view")

# --- more than http.max_body --------------------------------------------------
people 1 300 65536 >"$IT/large.csv"
check "a file of more than 16 MiB" [ "$(wc -c <"$IT/large.csv")" -gt 16777216 ]
ask 200 "is planned by HTTP" POST '/v1/feeds/hr?mode=plan' "@$IT/large.csv"
same "... whole" "300 join" "$(body '"\(.join) join"')"
same "... and not applied" 0 "$(count)"
nothing_left
runs 0 "sent by the command it is applied" '^300 changes made' \
    feed --yes hr "$IT/large.csv"
same "... whole" 300 "$(count)"
runs 0 "as standard input it is the same" \
    '^300 rows: 0 join, 0 move, 0 leave, 300 same' \
    feed --dry-run hr - <"$IT/large.csv"
mkfifo "$IT/pipe"
cat "$IT/large.csv" >"$IT/pipe" &
runs 0 "out of a pipe as well" '^300 rows: 0 join, 0 move, 0 leave, 300 same' \
    feed --dry-run hr - <"$IT/pipe"
people 1 301 65536 >"$IT/pipe" &
runs 0 "out of a pipe with a name, one more" '^1 changes made' \
    feed --yes hr "$IT/pipe"
same "... who is there" 301 "$(count)"
# chunked PATH FILE: its length is not said before.
chunked() {
	STATUS=$(curl -sS -m 60 -T - -X POST -o "$IT/body" -w '%{http_code}' \
	    -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
	    "$URL$1" <"$2")
}
chunked '/v1/feeds/hr?mode=plan' "$IT/large.csv"
same "in chunks" "200 300" "$STATUS $(body '.same')"
nothing_left

# --- 200 MiB ----------------------------------------------------------------------
# No row has a key: all of it is read, and refused.
awk 'BEGIN { for (pad = "x"; length(pad) < 1000; ) pad = pad pad
	print "id,login,remark"
	for (i = 0; i < 200000; i++) print "," i "," pad }' >"$IT/bad.csv"
size=$(($(wc -c <"$IT/bad.csv") / 1024))
check "a file of 200 MiB" [ $size -gt 200000 ]
# peak TEXT: the most memory since grows by less than a fifth of the file.
peak() {
	grown=$(($(memory VmHWM) - rss))
	check "$1: memory grows by $grown KiB at most" [ $grown -lt $((size / 5)) ]
}
rss=$(memory VmRSS)
echo 5 >/proc/$PID/clear_refs
ask 400 "is refused" POST '/v1/feeds/hr?mode=apply' "@$IT/bad.csv"
peak "from HTTP"
runs 1 "... by the command too" '200000 of 200000 rows are bad' \
    feed --yes hr "$IT/bad.csv"
peak "from the command"
nothing_left
same "... and everybody is there" 301 "$(count)"

# --- more than spool.max_file --------------------------------------------------------
reload 'max_file = "18MiB";'
for mode in plan apply; do
	ask 413 "larger than spool.max_file ($mode)" POST \
	    "/v1/feeds/hr?mode=$mode" "@$IT/large.csv"
	detail "larger than 18874368 bytes (spool.max_file)"
done
runs 1 "by the command" '18874368 bytes (spool.max_file) (HTTP 413)' \
    feed --yes hr "$IT/large.csv"
runs 1 "much larger, by the command" '(HTTP 413)' feed --yes hr "$IT/bad.csv"
chunked '/v1/feeds/hr?mode=plan' "$IT/large.csv"
same "in chunks" 413 "$STATUS"
nothing_left
cp "$IT/large.csv" "$SPOOL/in/.large.csv"
chmod 600 "$SPOOL/in/.large.csv"
mv "$SPOOL/in/.large.csv" "$SPOOL/in/large.csv"
rejected() {
	ls "$SPOOL/reject" | grep -q -- '-large.csv.report$'
}
wait_for "out of a spool directory it is rejected" rejected
check "... and the report says why" grep -q \
    'larger than 18874368 bytes (spool.max_file)' \
    "$SPOOL"/reject/*-large.csv.report
people 1 250 65536 >"$IT/less.csv"
runs 0 "one that is small enough" '^250 rows' feed --dry-run hr "$IT/less.csv"

# --- who may not --------------------------------------------------------------------------
provost --json token reader --scopes read | jq -r .token >"$IT/reader"
as "$(cat "$IT/reader")" 403 "another scope" POST '/v1/feeds/hr?mode=plan' \
    "@$IT/large.csv"
as no-token 401 "a bad token" POST '/v1/feeds/hr?mode=plan' "@$IT/large.csv"
ask 404 "no such feed" POST '/v1/feeds/none?mode=plan' "id"
ask 400 "no mode" POST '/v1/feeds/hr' "id"
nothing_left

# --- a client that goes away ------------------------------------------------------------
(head -c 3000000 "$IT/large.csv"; cat "$IT/pipe") | curl -sS -T - -X POST \
    -o "$IT/body" -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
    "$URL/v1/feeds/hr?mode=apply" &
CLIENT=$!
exec 3>"$IT/pipe"
one_kept() {
	[ "$(kept)" = 1 ]
}
wait_for "a body that is on its way is in a file" one_kept
kill $CLIENT
exec 3>&-
wait $CLIENT 2>/dev/null
nothing_left
same "... and nothing has come of it" 301 "$(count)"
finish
