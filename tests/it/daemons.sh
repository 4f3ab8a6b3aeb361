#!/bin/sh
# SPDX-License-Identifier: ISC
# Two daemons, each with a view and a journal of its own, on two providers that
# mirror each other, and one tool. While approvals stream in, at both daemons
# and both providers, either of them is killed in turn. Every approval is
# applied, the tool is told of none under two keys, and in the end all agree.
. "$(dirname "$0")/daemon.sh"
COUNT=${PROVOST_COUNT:-2000}
PID_1= PID_2= SLAPD_1= SLAPD_2= STREAM=

leave() {
	rc=$?
	kill -CONT $PID_1 2>/dev/null
	kill $STREAM $PID_1 $PID_2 $SLAPD_1 $SLAPD_2 2>/dev/null
	wait $STREAM $PID_1 $PID_2 $SLAPD_1 $SLAPD_2 2>/dev/null
	if [ $rc -ne 0 ]; then
		for n in 1 2; do
			echo "--- daemon $n:"
			tail -n 30 "$IT/$n/log"
		done
	fi
	it_end
	rm -rf "$DIR_1" "$DIR_2"
}

# --- two providers ----------------------------------------------------------
# use N: lib.sh's functions speak to that one.
use() {
	eval "SLAPD_DIR=\$DIR_$1 SLAPD_PID=\$SLAPD_$1 SLAPD_URI=\$URI_$1"
	SLAPD_CONF="-f $SLAPD_DIR/slapd.conf"
}
# provider N PEER
provider() {
	use $1
	eval "PEER=\$URI_$2"
	sed -e "s|@SERVERID@|$1|" -e "s|@PEER@|$PEER|" -e "s|@SUFFIX@|$SUFFIX|" \
	    -e "s|@REPLICATOR_PASSWORD@|$DAEMON_PASSWORD|" \
	    "$TOP/conf/slapd/mirror.conf.in" >"$SLAPD_DIR/mirror.conf"
	sed -i -e "s|^dbnosync|include $SLAPD_DIR/mirror.conf\n&|" \
	    -e 's|^syncprov-checkpoint .*|syncprov-checkpoint 1 1|' \
	    "$SLAPD_DIR/slapd.conf"
}
provider_up() {
	use $1
	slapd_start
	eval "SLAPD_$1=$SLAPD_PID"
}
# kill_9 VARIABLE
kill_9() {
	eval "kill -9 \$$1; wait \$$1 2>/dev/null; $1="
}
count_at() {	# count_at N: the lease as that provider has it
	use $1
	attr "provostJobId=lease,ou=jobs,$SUFFIX" provostJobData | cut -d ' ' -f 3
}
newest_at() {
	use $1
	manager ldapsearch -LLL -s base -b "$SUFFIX" contextCSN | sort
}
in_step() {
	[ "$(count_at 1)" = "$(count_at 2)" ] &&
	    [ "$(newest_at 1)" = "$(newest_at 2)" ]
}

# --- two daemons -------------------------------------------------------------
daemon_conf() {
	conf "directory: { suffix = \"$SUFFIX\"; uris = [ \"$URI_1\", \"$URI_2\" ];
	bind_dn = \"$DAEMON\"; password_file = \"$IT/password\";
	code_key_file = \"$IT/code.key\"; connect_timeout = \"2s\"; };
	view: { dir = \"$IT/$1/view\"; };
	journal: { dir = \"$IT/$1\"; };
	jobs: { lease = \"2s\"; name = \"daemon-$1\"; };
	http: { listen = \"127.0.0.1:$2\"; };"
	mv "$IT/provostd.conf" "$IT/$1/conf"
}
daemon_up() {
	launch_on "$IT/$1/conf" "$IT/$1/log"
	eval "PID_$1=$PID"
	serves
	echo "$URL" >"$IT/url.$1"
	eval "URL_$1=$URL"
	PID=
}
# at N: http speaks to that daemon.
at() {
	eval "URL=\$URL_$1"
}
lease() {	# lease N MEMBER: as daemon N says
	at $1
	http GET /v1/status
	body ".lease.$2"
}
mine() {
	[ "$(lease $1 mine)" = true ]
}
standing_by() {
	[ "$(lease $1 mine)$(lease $1 holder)" = "false$2" ]
}
in_use() {	# in_use N: both daemons write to provider N
	eval "want=\$URI_$1"
	[ "$(lease 1 provider)" = "$want" ] && [ "$(lease 2 provider)" = "$want" ]
}
ready() {
	at $1
	http GET /readyz
	[ "$STATUS" = 200 ]
}
both_ready() {
	ready 1 && ready 2
}

# --- the stream ----------------------------------------------------------------
accepted() {
	[ "$(cat "$IT/done")" -ge "$1" ] && return
	kill -0 $STREAM 2>/dev/null || return 2
	return 1
}
# stream N: that many are to be accepted.
stream() {
	echo "$1" >"$IT/limit.new"
	mv "$IT/limit.new" "$IT/limit"
}
wait_long() {	# as wait_for, up to two minutes
	text=$1; shift
	if until_true 120 "$@"; then
		echo "ok: $text"
	else
		echo "FAILED: $text: $*"
		exit 1
	fi
}
applied_at() {
	use $1
	[ "$(manager ldapsearch -LLL -b "ou=requests,$SUFFIX" \
	    '(&(provostRequestId=stream-*)(provostRequestState=applied))' 1.1 |
	    grep -c ^dn:)" -eq "$COUNT" ]
}

tool_start
slapd_new
DIR_1=$SLAPD_DIR URI_1=$SLAPD_URI
slapd_new
DIR_2=$SLAPD_DIR URI_2=$SLAPD_URI
trap leave EXIT
mkdir "$IT/1" "$IT/2" "$IT/main"
provider 1 2
provider 2 1
use 1
slapd_load
python3 "$TOP/tests/it/daemons.py" people "$COUNT" >"$IT/people.ldif"
slapadd -q $SLAPD_CONF -b "$SUFFIX" -l "$IT/people.ldif" || exit 1
provider_up 1
check "the replicator's entry" manager ldapadd <<END
dn: cn=replicator,$SUFFIX
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: replicator
userPassword: $DAEMON_PASSWORD
END
check "the first client" first_client
provider_up 2
has_first() {
	use 2
	[ -n "$(uuid_of "provostClientId=first,ou=clients,$SUFFIX")" ]
}
wait_long "the second provider has everything" has_first
echo $DAEMON_PASSWORD >"$IT/password"
echo it-key-of-codes >"$IT/code.key"
echo "$URI_1" >"$IT/uri.1"
echo "$URI_2" >"$IT/uri.2"
use 1
{ person_dn p0001; uuid_of "$(person_dn p0001)"; } >"$IT/who"
for n in 1 2; do
	daemon_conf $n 0
	daemon_up $n
	# The same port again later.
	daemon_conf $n "${URL##*:}"
done
wait_long "the first one tells the tool" mine 1
same "the other one stands by" false "$(lease 2 mine)"
same "... and knows for whom" daemon-1 "$(lease 2 holder)"
runs 0 "... says so" '^lease.holder  *daemon-1' status
wait_long "both write to the first provider" in_use 1
wait_long "and are ready" both_ready

echo 0 >"$IT/done"
stream 0
python3 "$TOP/tests/it/daemons.py" approve "$COUNT" "$IT" &
STREAM=$!
PART=$((COUNT / 60 * 10)) UP=0
# middle: a sixth more streams in, and half of it is there.
middle() {
	UP=$((UP + PART))
	stream $UP
	wait_long "$((UP - PART / 2)) are approved" accepted $((UP - PART / 2))
}

middle
kill_9 PID_1
wait_long "a daemon dies: the other one tells the tool" mine 2
wait_long "... and $UP are approved" accepted $UP
daemon_up 1
same "it is back, and stands by" false "$(lease 1 mine)"

middle
kill_9 SLAPD_1
wait_long "a provider dies: both write to the other one" in_use 2
wait_long "... and $UP are approved" accepted $UP
provider_up 1
wait_long "it is back, in step" in_step
check "... and not the one in use" in_use 2

middle
kill_9 PID_2
wait_long "the other daemon dies" mine 1
wait_long "... and $UP are approved" accepted $UP
daemon_up 2

middle
kill_9 SLAPD_2
wait_long "the other provider dies" in_use 1
wait_long "... and $UP are approved" accepted $UP
provider_up 2
wait_long "it is back, in step" in_step

middle
kill -STOP $PID_1
wait_long "the daemon that tells the tool hangs" mine 2
wait_long "... and $UP are approved" accepted $UP
kill -CONT $PID_1
wait_long "it goes on, and knows whom it stands by for" standing_by 1 daemon-2

stream "$COUNT"
wait_long "all $COUNT are approved" accepted "$COUNT"
wait $STREAM
same "the stream ends well" 0 $?
STREAM=
wait_long "all are applied" applied_at 1
wait_long "at the other provider, too" applied_at 2
wait_long "in step" in_step
wait_long "both daemons are ready" both_ready

echo "# the tool"
keys() {
	jq -r "select(.person.userName | startswith(\"stream-\")) | $1" \
	    "$IT/tool/events.jsonl"
}
same "was told of everybody" "$COUNT" "$(keys .person.id | sort -u | wc -l)"
same "... of nobody under two keys" "$COUNT" \
    "$(keys '.person.id + " " + .key' | sort -u | wc -l)"
same "... and of nothing but grants" grant.put "$(keys .type | sort -u)"

echo "# all agree"
dump() {
	use $1
	manager ldapsearch -LLL -o ldif-wrap=no -b "$SUFFIX" \
	    '(!(provostJobId=lease))' '*' entryUUID entryCSN |
	    awk 'BEGIN { RS = "" } { print $0 "\n" }' |
	    python3 -c 'import sys
print(*sorted("\n".join(sorted(e.split("\n")))
    for e in sys.stdin.read().strip().split("\n\n")), sep="\n\n")'
}
dump 1 >"$IT/dump.1"
dump 2 >"$IT/dump.2"
check "the providers" cmp "$IT/dump.1" "$IT/dump.2"
# view N: every user and request as that daemon shows it.
view() {
	at $1
	for type in Users AccessRequests; do
		for page in $(seq 1 500 $((COUNT + 100))); do
			http GET "/scim/v2/$type?count=500&startIndex=$page"
			jq -cS '.Resources[] | del(.meta.location) |
			    del(..|."$ref"?)' "$IT/body"
		done
	done | sort
}
views_agree() {
	view 1 >"$IT/view.1"
	view 2 >"$IT/view.2"
	cmp -s "$IT/view.1" "$IT/view.2"
}
until_true 20 views_agree
same "the views: of so many people" "$COUNT" \
    "$(grep -c '"userName":"stream-' "$IT/view.1")"
check "... the same" diff "$IT/view.1" "$IT/view.2"
for n in 1 2; do
	check "the journal of daemon $n" provost journal verify \
	    "$IT/$n/journal.jsonl"
done
finish
