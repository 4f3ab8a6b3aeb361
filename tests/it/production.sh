#!/bin/sh
# SPDX-License-Identifier: ISC
# provostd -c FILE on a directory of one's own, as conf/slapd/README sets it
# up: first client by ldapadd, a round, reload, restart of slapd, end.
. "$(dirname "$0")/daemon.sh"

tool_start
slapd_new
# lib.sh's way out, then ours.
trap 'it_end; slapd_free' EXIT
slapd_load
slapd_start
echo $DAEMON_PASSWORD >"$IT/password"
echo it-key-of-codes >"$IT/code.key"
conf "directory: { suffix = \"$SUFFIX\"; uris = [ \"$SLAPD_URI\" ];
	bind_dn = \"$DAEMON\"; password_file = \"$IT/password\";
	code_key_file = \"$IT/code.key\"; };
view: { dir = \"$IT/main/view\"; };
journal: { dir = \"$IT/main\"; };
http: { listen = \"127.0.0.1:0\"; };"
mkdir "$IT/main"
check "the settings are good" "$BIN/provostd" -c "$IT/provostd.conf" -t
"$BIN/provostd" -c "$IT/provostd.conf" -p >"$IT/settings"
check "the effective settings" grep -q '^engine.retry_base = "50ms"' \
    "$IT/settings"
same "of them secret" "" "$(grep -e $DAEMON_PASSWORD -e $SECRET \
    -e it-key-of-codes "$IT/settings")"

start_on "$IT/provostd.conf"
check "the first client" first_client
same "its threads have names" "connect dispatch engine sync writer" \
    "$(cat /proc/$PID/task/*/comm | sort -u |
    grep -x -e connect -e dispatch -e engine -e sync -e writer | xargs)"
knows_us() {
	http GET /scim/v2/Users?count=1
	[ "$STATUS" = 200 ]
}
wait_for "its token is good" knows_us
settle
nina=$(uuid_of "$(person_dn p0024)")
check "an approval" approve sample-1 p0001 pat.contact
wait_for "arrives" holds_is "$nina" wan-analysis 100002,100003
wait_for "is applied" state_is sample-1 applied
ask 201 "a joiner" POST /scim/v2/Users \
    '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName":"jo.miner"}'
jo=$(body .id)

echo "# slapd is restarted"
slapd_stop
slapd_start
gone() {
	http DELETE "/scim/v2/Users/$jo"
	[ "$STATUS" = 204 ] || [ "$STATUS" = 404 ]
}
wait_for "writes work again" gone

echo "# a reload"
sed -i 's/^engine:/log: { level = "debug"; format = "json"; };\n&/' \
    "$IT/provostd.conf"
kill -HUP "$PID"
wait_for "is done" grep -q 'reload: done' "$IT/log"
wait_for "log lines are JSON now" sh -c \
    'tail -n 1 "$1" | jq -e .message >/dev/null' - "$IT/log"
passes() {
	http GET /metrics
	sed -n 's/^provost_engine_passes_total //p' "$IT/body"
}
more_passes() {
	[ "$(passes)" -ge $(($1 + 3)) ]
}
lines() {
	grep -c "$1" "$IT/log"
}
two_reloads() {
	[ "$(lines 'reload: done')" -eq 2 ]
}
sed -i -e 's/^engine: {/& full_interval = "1s";/' -e 's/^http: {/& threads = 3;/' \
    "$IT/provostd.conf"
kill -HUP "$PID"
wait_for "a second is done" two_reloads
wait_for "full passes come every second" more_passes "$(passes)"
same "what needs a restart is named" 1 "$(lines 'http.threads needs a restart')"
sed -i 's/full_interval = "1s"/full_interval = "1 s"/' "$IT/provostd.conf"
kill -HUP "$PID"
wait_for "a wrong file is named" grep -q 'engine.full_interval.*old settings' \
    "$IT/log"
wait_for "... and changes nothing" more_passes "$(passes)"
sed -i -e 's/full_interval = "1 s"/full_interval = "1h"/' \
    -e 's/threads = 3;//' "$IT/provostd.conf"
same "no secret is in the log" "" "$(grep -e $DAEMON_PASSWORD -e $SECRET \
    -e my-first-token -e sample-pat.contact "$IT/log")"
stop
same "the daemon ended well" 0 $EXIT
check "slapd is left alone" manager ldapwhoami
start_on "$IT/provostd.conf"
settle
stop
same "and again" 0 $EXIT
finish
