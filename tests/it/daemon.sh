# SPDX-License-Identifier: ISC
# provostd and a tool for a test, read with `. "$(dirname "$0")/daemon.sh"`;
# brings lib.sh with it. Everything is in IT, a directory of the test's own,
# which is removed at the end, when all that was started has been ended.
#
#	start [ARG...]	provostd --standalone $IT/main; returns when it is
#			ready, with URL and SLAPD_URI set, or fails the test
#	start_on FILE [LOG]	provostd -c FILE, on a directory of the test's
#			own (slapd_start), the same
#	first_client	ldapadd of the client whose token start_on's takes
#	stop [SIGNAL]	ends it (TERM) and waits until it is gone
#	tool_start	the tool: receiver.py behind the target sample-tool
#	tool_stop	ends it; a next tool_start has the same port
#	settle		waits until nothing is left to be told to a target
# Environment for provostd goes in front: PROVOST_FAILPOINT=x:1 start.
# WRAPPER="valgrind -q --leak-check=full" runs it under that.

. "$(dirname "$0")/lib.sh"
BIN=${top_builddir:-$TOP/build}/src
DN=ou=people,$SUFFIX
SECRET=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
EXTENSION=urn:ietf:params:scim:schemas:extension:provost:2.0:User
# Settings of the guard for who takes from many all day long.
ANY_DAY='day_count = 1000000; day_share = "100%"; total_count = 1000000; total_share = "100%";'
PID= TOOL_PID= TOOL_PORT=0 ALSO=

for program in curl jq python3; do
	command -v $program >/dev/null 2>&1 || {
		echo "skipped: no $program"
		exit 77
	}
done
# A short path: sockets have limits.
IT=$(mktemp -d /tmp/provost-it.XXXXXX) || exit 1
trap it_end EXIT
trap 'exit 1' HUP INT TERM
mkdir "$IT/tool"

it_end() {
	rc=$?
	[ -z "$PID" ] || kill -CONT "$PID" 2>/dev/null
	stop
	tool_stop
	[ -z "$ALSO" ] || { kill $ALSO; wait $ALSO; } 2>/dev/null
	if [ $rc -ne 0 ] && [ -s "$IT/log" ]; then
		echo "--- the daemon's log:"
		tail -n 40 "$IT/log"
	fi
	rm -rf "$IT"
}


# --- the daemon -----------------------------------------------------------
conf() {
	cat >"$IT/provostd.conf" <<-END
	engine: { retry_base = "50ms"; retry_max = "200ms"; };
	$1
	targets: {
		sample-tool: {
			kind = "webhook";
			url = "http://127.0.0.1:$TOOL_PORT/events";
			token_file = "$IT/secret";
			insecure = true;
			timeout = "2s";
		};
		null: { kind = "null"; };
	};
	END
	echo $SECRET >"$IT/secret"
}
launch() {
	[ -f "$IT/provostd.conf" ] || conf
	: >"$IT/out"
	$WRAPPER "$BIN/provostd" --standalone "$IT/main" --sample --dbnosync \
	    --config "$IT/provostd.conf" --listen 127.0.0.1:0 "$@" \
	    >"$IT/out" 2>>"$IT/log" &
	PID=$!
}
launch_on() {
	: >"$IT/out"
	$WRAPPER "$BIN/provostd" -c "$1" >"$IT/out" 2>>"${2:-$IT/log}" &
	PID=$!
}
serves() {
	until_true 60 is_ready || {
		echo "FAILED: provostd does not become ready"
		exit 1
	}
	URL=$(sed -n 's/^provostd: listening on //p' "$IT/out")
	export PROVOST_URL="$URL" PROVOST_TOKEN_FILE="$IT/main/admin.token"
}
start() {
	launch "$@"
	serves
	SLAPD_URI=ldapi://$(echo "$IT/main/ldapi" | sed 's|/|%2F|g')
}
start_on() {
	launch_on "$@"
	serves
}
first_client() {
	echo my-first-token >"$IT/main/admin.token"
	manager ldapadd <<-END
	dn: provostClientId=first,ou=clients,$SUFFIX
	objectClass: provostClient
	provostClientId: first
	cn: first
	provostScope: admin
	provostEnabled: TRUE
	provostTokenHash: $(printf my-first-token | sha256sum | cut -d' ' -f1) -
	END
}
is_ready() {
	grep -q '^provostd: ready' "$IT/out" && return
	alive || return 2
	return 1
}
alive() {
	kill -0 "$PID" 2>/dev/null
}
dead() {
	! alive
}
stop() {
	[ -n "$PID" ] || return 0
	kill -"${1:-TERM}" "$PID" 2>/dev/null
	wait "$PID" 2>/dev/null
	EXIT=$?
	PID=
}
provost() {
	"$BIN/provost" "$@"
}

# runs CODE TEXT PATTERN ARGUMENT...: provost ends so and prints that.
runs() {
	code=$1 text=$2 pattern=$3; shift 3
	provost "$@" >"$IT/output" 2>&1
	got=$?
	if [ $got -ne "$code" ]; then
		echo "FAILED: $text: provost $*: exit $got, not $code"
	elif ! grep -q -e "$pattern" "$IT/output"; then
		echo "FAILED: $text: provost $*: no \"$pattern\" in its output"
	else
		echo "ok: $text"
		return
	fi
	sed 's/^/	/' "$IT/output"
	FAILED=1
}
# json TEXT FILTER ARGUMENT...: with --json, the filter is true of it.
json() {
	text=$1 filter=$2; shift 2
	check "$text, as JSON" sh -c 'bin=$1 filter=$2; shift 2
	    "$bin/provost" --json "$@" | jq -es ". != [] and (.[0] | $filter)"' \
	    - "$BIN" "$filter" "$@"
}

# --- the tool -------------------------------------------------------------
tool_start() {
	tool_run receiver.py "$IT/tool" $SECRET
}
# tool_run PROGRAM ARGUMENT...: the port is its last one.
tool_run() {
	program=$1; shift
	rm -f "$IT/tool/port"
	python3 "$TOP/tests/it/$program" "$@" $TOOL_PORT &
	TOOL_PID=$!
	until_true 10 test -s "$IT/tool/port" || {
		echo "FAILED: the tool does not start"
		exit 1
	}
	TOOL_PORT=$(cat "$IT/tool/port")
}
tool_stop() {
	[ -n "$TOOL_PID" ] || return 0
	kill "$TOOL_PID" 2>/dev/null
	wait "$TOOL_PID" 2>/dev/null
	TOOL_PID=
}
# What the tool has: "person-uuid tool account,account" a line.
held() {
	[ -f "$IT/tool/events.jsonl" ] || return 0
	jq -rs 'reduce .[] as $e ({}; .[$e.person.id + " " + $e.tool] =
	    if $e.type == "grant.put" then $e.accounts else null end) |
	    to_entries[] | select(.value != null) |
	    .key + " " + (.value | sort | join(","))' \
	    "$IT/tool/events.jsonl" | sort
}
# holds UUID TOOL: the accounts there, "none" without a grant.
holds() {
	held | awk -v who="$1" -v tool="$2" '
	$1 == who && $2 == tool { print $3; found = 1 }
	END { if (!found) print "none" }'
}
holds_is() {
	[ "$(holds "$1" "$2")" = "$3" ]
}
events() {
	cat "$IT/tool/events.jsonl" 2>/dev/null | wc -l
}

# --- waiting --------------------------------------------------------------
# until_true SECONDS COMMAND...: until it succeeds; gives up early on 2.
until_true() {
	end=$(($(date +%s) + $1)); shift
	while :; do
		"$@" && return 0
		[ $? -ne 2 ] || return 1
		[ "$(date +%s)" -le $end ] || return 1
		sleep 0.03
	done
}
# wait_for TEXT COMMAND...: a check that may take up to ten seconds.
wait_for() {
	text=$1; shift
	if until_true 10 "$@"; then
		echo "ok: $text"
	else
		echo "FAILED: $text: not within 10 s: $*"
		FAILED=1
	fi
}
nothing_to_do() {
	[ "$(provost --json plan 2>/dev/null | jq '.actions | length')" = 0 ]
}
settle() {
	until_true 20 nothing_to_do && return
	echo "FAILED: reconciliation does not end"
	provost plan
	exit 1
}

# --- HTTP -----------------------------------------------------------------
# http METHOD PATH [JSON]: STATUS; headers and body in $IT/headers, $IT/body.
http() {
	[ $# -lt 3 ] || set -- "$1" "$2" --data-binary "$3"
	method=$1 path=$2; shift 2
	STATUS=$(curl -sS -m 30 -X "$method" -D "$IT/headers" -o "$IT/body" \
	    -w '%{http_code}' -H 'Content-Type: application/scim+json' \
	    -H "Authorization: Bearer ${BEARER-$(cat "$IT/main/admin.token")}" \
	    "$@" "$URL$path")
}
# ask STATUS TEXT METHOD PATH [JSON]
ask() {
	want=$1 text=$2; shift 2
	: >"$IT/body"
	http "$@"
	same "$text" "$want" "$STATUS"
	[ "$STATUS" = "$want" ] || sed 's/^/	/' "$IT/body"
}
# as TOKEN STATUS TEXT METHOD PATH [JSON]: ask, as somebody else; "" nobody.
as() {
	BEARER=$1; shift
	ask "$@"
	unset BEARER
}
body() {
	jq -r "$1" "$IT/body"
}
# detail PATTERN: of the error.
detail() {
	check "... says: $(body .detail | cut -c1-75)" \
	    sh -c 'jq -r .detail "$1" | grep -q -- "$2"' - "$IT/body" "$1"
}
# writes: how many LDAP writes there have been, with what the guard counts.
counts_written() {
	http GET /metrics
	grep -q '^provost_guard_behind 0$' "$IT/body"
}
writes() {
	until_true 10 counts_written
	sed -n 's/^provost_ldap_writes_total //p' "$IT/body"
}

# --- the directory ---------------------------------------------------------
uuid_of() {
	manager ldapsearch -LLL -s base -b "$1" entryUUID 2>/dev/null |
	    values entryUUID
}
# attr DN NAME: its values.
attr() {
	manager ldapsearch -LLL -o ldif-wrap=no -s base -b "$1" "$2" \
	    2>/dev/null | values "$2"
}
attr_is() {
	[ "$(attr "$1" "$2")" = "$3" ]
}
# change DN LINE...: one modify by the manager.
change() {
	dn=$1; shift
	printf '%s\n' "dn: $dn" "changetype: modify" "$@" | manager ldapmodify
}
# approve REQUEST-ID PERSON-ID USER: with ldapmodify, as that person.
approve() {
	who=$(person_dn "$2")
	ldapmodify -x -D "$who" -w "sample-$3" -H "$SLAPD_URI" <<-END
	dn: provostRequestId=$1,ou=requests,$SUFFIX
	changetype: modify
	add: provostDecision
	provostDecision: approved
	-
	add: provostDecidedBy
	provostDecidedBy: $who
	END
}
state_of() {
	attr "provostRequestId=$1,ou=requests,$SUFFIX" provostRequestState
}
state_is() {
	[ "$(state_of "$1")" = "$2" ]
}
# receipts UUID: how many values its receipts entry has.
receipts() {
	attr "provostPersonUuid=$1,ou=receipts,$SUFFIX" provostReceipt | wc -l
}
no_receipts() {
	[ "$(receipts "$1")" -eq 0 ]
}
