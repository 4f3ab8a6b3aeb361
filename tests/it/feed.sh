#!/bin/sh
# SPDX-License-Identifier: ISC
# Files of people, as HR sends them: the samples of conf/feeds, spool
# directories, what the guard holds, what is refused, and a daemon that dies in
# the middle (J1, J2, J3; FAULTS D1, D3, F).
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/spool.sh"
spool spool
FEEDS=$TOP/conf/feeds
settings() {
	conf "spool: { interval = \"100ms\"; };
	feeds: {
		hr: { kind = \"csv\"; list = \"full\"; dir = \"$SPOOL\"; $1
			$FIELDS
		};
	};"
}
settings
start

# --- the samples -----------------------------------------------------------------
counts() {	# FEED: JOIN MOVE LEAVE SAME BAD
	provost --json feeds | jq -r --arg f "$1" '.feeds[] |
	    select(.name == $f).last | [.join, .move, .leave, .same, .bad] | map(tostring) | join(" ")'
}
runs 0 "CSV2SCIM's columns" '^join .* 00101' feed --yes csv2scim "$FEEDS/csv2scim.csv"
same "... four begin, one has left" "4 0 0 1 0" "$(counts csv2scim)"
runs 0 "a Workday-like XML" '^join .* W-2003 *starts later' feed --yes workers-xml "$FEEDS/workers.xml"
same "... three begin, one of them later, one is gone" "3 0 0 1 0" "$(counts workers-xml)"
runs 0 "LDIF" '^2 changes made' feed --yes people-ldif "$FEEDS/people.ldif"
runs 0 "a spreadsheet" '^join .* 00701' feed --yes joiners-xlsx "$FEEDS/joiners.xlsx"
http GET "/scim/v2/Users?filter=userName%20eq%20%22tvogt%22"
same "leading zeros, manager and department are there (CSV)" \
    "00102 Billing Hanna Richter DE" "$(jq -r '.Resources[0] |
    .["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] as $e |
    "\($e.employeeNumber) \($e.department) \($e.manager.displayName) \(
    .addresses[0].country)"' "$IT/body")"
http GET "/scim/v2/Users?filter=userName%20eq%20%22olga.brandt%22"
same "a manager further down, a table (XML)" "Billing Uwe Lang" \
    "$(jq -r '.Resources[0] |
    .["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] |
    "\(.department) \(.manager.displayName)"' "$IT/body")"
http GET "/scim/v2/Users?filter=userName%20eq%20%22ida.future%22"
same "who begins later is there, and may do nothing before (T3)" \
    2199-01-01T00:00:00Z "$(jq -r --arg e "$EXTENSION" \
    '.Resources[0][$e].startsAt' "$IT/body")"
before=$(writes)
for f in "csv2scim csv2scim.csv" "workers-xml workers.xml" \
    "people-ldif people.ldif" "joiners-xlsx joiners.xlsx"; do
	set -- $f
	runs 0 "$1 again: nothing (J2)" ': 0 join, 0 move, 0 leave' \
	    feed --yes $1 "$FEEDS/$2"
done
same "... and no write" "$before" "$(writes)"
runs 1 "two feeds swapped (D1)" 'XML' feed --yes workers-xml "$FEEDS/csv2scim.csv"
runs 1 "the other way" 'CSV: row 1' feed --yes csv2scim "$FEEDS/workers.xml"
runs 1 "no such feed" 'there is no feed' feed --yes nonsense "$FEEDS/workers.xml"
runs 2 "which one" 'name the feed' feed --yes "$FEEDS/workers.xml"

# --- a spool directory -----------------------------------------------------------------
people 1 30 | arrive one.csv
wait_for "a file that arrives is taken in" left archive one.csv
wait_for "... with a report, a line a row" grep -q '"do":"join","row":2,' \
    "$SPOOL"/archive/*-one.csv.report
same "... and everybody is there" 30 "$(provost --json users \
    'owner eq "feed:hr"' | jq .totalResults)"
people 1 30 | arrive two.csv
wait_for "the same again is archived" left archive two.csv
same "... unread" skipped "$(tail -n 1 "$SPOOL"/archive/*-two.csv.report |
    jq -r .outcome)"
{ people 1 28; echo "29,worker29,20,,"; echo "30,worker30,10,no-such,"
    echo "31,worker31,10,acme-retail,primary-contact"
    echo "32,worker32,10,acme-retail,viewer"; } | arrive three.csv
wait_for "a mover, a joiner, two bad rows of 32 are over 5 %" \
    left reject three.csv
same "... so nothing of it was used" 10 "$(provost --json users \
    'userName eq "worker29"' | jq -r '.Resources[0] |
    .["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].department')"
check "... and the report names the row" grep -q '"do":"bad","row":31,.*no-such' \
    "$SPOOL"/reject/*-three.csv.report
settings 'bad_rows = "20%"; shrink = "100%";'
kill -HUP $PID
{ people 1 28; echo "29,worker29,20,,"; echo "30,worker30,10,no-such,"
    echo "31,worker31,10,acme-retail,primary-contact"
    echo "32,worker32,10,acme-retail,viewer"; } | arrive four.csv
wait_for "where more are allowed the right ones are applied" \
    left archive four.csv
check "... nobody is made primary contact by a file (V3)" grep -q \
    '"do":"bad","row":32,.*primary' "$SPOOL"/archive/*-four.csv.report
same "... nobody is gone because their row is bad" active "$(state worker30)"
same "... the joiner has role and company, by the feed (T2)" \
    "given by feed:hr" "$(provost --json why worker32 company:acme-retail |
    jq -r '.steps[] | select(.what == "provenance").text' | sed 's/ at .*//')"

# --- taken back ------------------------------------------------------------------------------
batch=$(tail -n 1 "$SPOOL"/archive/*-four.csv.report | jq -r .batch)
runs 0 "what a file has changed is one batch, and undone as one" \
    'worker32\|provostPersonId' undo --yes "$batch"
same "... the joiner is gone" 0 "$(provost --json users \
    'userName eq "worker32"' | jq .totalResults)"
same "... the mover is back" 10 "$(provost --json users \
    'userName eq "worker29"' | jq -r '.Resources[0] |
    .["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].department')"

# --- the guard (J3) ---------------------------------------------------------------------------
people 1 15 | arrive half.csv
wait_for "half a file is held whole" sh -c "ls '$SPOOL/held' | grep -q half.csv"
same "... before the first change" active "$(state worker16)"
job=$(ls "$SPOOL/held" | sed 's/-half.csv//')
jobdn="provostJobId=$job,ou=jobs,$SUFFIX"
manager ldapsearch -LLL -o ldif-wrap=no -b "$jobdn" >"$IT/job" 2>&1
check "... as a job that names whom" grep -q "$(provost --json users \
    'userName eq "worker16"' | jq -r '.Resources[0].id')" "$IT/job"
decide() {	# JOB STATE
	manager ldapmodify >/dev/null <<-END
	dn: provostJobId=$1,ou=jobs,$SUFFIX
	changetype: modify
	replace: provostJobState
	provostJobState: $2
	END
}
decide "$job" released
wait_for "released, it is taken in" left archive half.csv
same "... who is not in it has left" left "$(state worker16)"
same "... who is has not" active "$(state worker15)"
people 1 30 | arrive back.csv
wait_for "an old list of everybody is held too (D1)" \
    sh -c "ls '$SPOOL/held' | grep -q back.csv"
decide "$(ls "$SPOOL/held" | sed 's/-back.csv//')" rejected
wait_for "... rejected, it goes" left reject back.csv
same "... and nothing has changed" left "$(state worker16)"
people 1 15 | sed '1d' | arrive headless.csv
wait_for "a file without its header is refused" left reject headless.csv
printf 'id,login,dept,company,role\n1,worker1,10,,\n2,wor' | arrive cut.csv
wait_for "one that was cut off" left reject cut.csv
: | arrive empty.csv
wait_for "an empty one" left reject empty.csv
same "... and everybody is still there" active "$(state worker15)"

# --- what is not there yet -------------------------------------------------------------------------
people 1 3 >"$SPOOL/in/growing.csv.part"
people 1 15 9 | arrive after.csv
wait_for "a file that comes later" left archive after.csv
check "a .part is left alone" test -e "$SPOOL/in/growing.csv.part"
settings 'bad_rows = "20%"; shrink = "100%"; marker = true;'
: >"$IT/log"
kill -HUP $PID
wait_for "with a marker ..." grep -q 'reload: done' "$IT/log"
people 1 15 20 | arrive marked.csv
: >"$SPOOL/in/other.csv.done"
people 1 15 21 | arrive other.csv
wait_for "... one that has NAME.done is taken in" left archive other.csv
check "... one that has not waits" test -e "$SPOOL/in/marked.csv"
: >"$SPOOL/in/marked.csv.done"
wait_for "... until that is there" left archive marked.csv
check "... which goes as well" test ! -e "$SPOOL/in/marked.csv.done"

# --- who may -------------------------------------------------------------------------------------------
token() {	# NAME SCOPES: a new client's token file
	provost --json token "$1" --scopes "$2" | jq -r .token >"$IT/$1.token"
}
token writer "read write"
token feeder feeds
PROVOST_TOKEN_FILE=$IT/writer.token runs 1 "write is no scope for feeds" \
    'HTTP 403' feeds
PROVOST_TOKEN_FILE=$IT/feeder.token runs 0 "feeds is" '^hr ' feeds
PROVOST_TOKEN_FILE=$IT/feeder.token runs 1 "... and opens nothing else" \
    'HTTP 403' users

# --- kill -9 -------------------------------------------------------------------------------------------------
settings 'bad_rows = "20%"; shrink = "100%";'
stop
n=1
while [ $n -le 9 ]; do
	people 1 15 $((n + 30)) >"$IT/next.csv"
	PROVOST_FAILPOINT=apply:$n launch
	until_true 30 is_ready
	arrive next$n.csv <"$IT/next.csv"
	wait_for "it dies behind write $n" dead
	stop KILL
	start
	until_true 20 left archive next$n.csv
	got=$(provost --json users "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"$((n + 30))\" and owner eq \"feed:hr\"" | jq .totalResults)
	same "killed behind write $n: the next daemon completes it" 15 "$got"
	stop
	n=$((n + 4))
done
finish
