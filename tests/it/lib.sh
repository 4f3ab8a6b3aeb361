# SPDX-License-Identifier: ISC
# A private slapd for a test, read with `. "$(dirname "$0")/lib.sh"`.
#
#	slapd_new	makes SLAPD_DIR and, in it, slapd.conf
#	slapd_load	fills the database with base, roles and the sample
#			(SLAPD_SAMPLE=no: without), server stopped
#	slapd_start	starts slapd, waits until it answers at SLAPD_URI
#	slapd_stop	stops it; the data stay
# At the end of the test the server is stopped and SLAPD_DIR removed. A test
# may set SUFFIX, DBEXTRA, MAXSIZE before slapd_new, and for another server
# of its own move SLAPD_DIR and SLAPD_PID away first.
#
#	fill FILE	FILE with its @NAME@ placeholders filled in
#	say, check, refused: see below; finish ends the test

TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/openldap
SUFFIX=${SUFFIX:-dc=example,dc=com}
MANAGER=cn=manager,$SUFFIX
DAEMON=cn=provostd,$SUFFIX
DAEMON_PASSWORD=it-daemon-secret
FAILED=0
SLAPD_PID=

for program in slapd slapadd slappasswd ldapsearch ldapmodify; do
	command -v $program >/dev/null 2>&1 || {
		echo "skipped: no $program"
		exit 77
	}
done
module_dir() {
	for dir in /usr/lib/ldap /usr/lib64/openldap /usr/lib/openldap; do
		[ -e $dir/syncprov.so ] && echo $dir && return
	done
}
schema_dir() {
	for dir in /etc/ldap/schema /etc/openldap/schema; do
		[ -e $dir/core.schema ] && echo $dir && return
	done
}

fill() {
	dc=${SUFFIX%%,*}
	sed -e "s|@SUFFIX@|$SUFFIX|g" -e "s|@DC@|${dc#*=}|g" \
	    -e "s|@DATADIR@|$SLAPD_DIR|g" -e "s|@RUNDIR@|$SLAPD_DIR|g" \
	    -e "s|@SCHEMADIR@|$(schema_dir)|g" \
	    -e "s|@PROVOSTSCHEMA@|$TOP/schema/provost.schema|g" \
	    -e "s|@MODULEPATH@|$(module_dir)|g" -e "s|@UID@|$(id -u)|g" \
	    -e "s|@MAXSIZE@|${MAXSIZE:-268435456}|g" \
	    -e "s|@DBEXTRA@|${DBEXTRA-dbnosync}|g" \
	    -e "s|@DAEMON_PASSWORD@|$(slappasswd -s $DAEMON_PASSWORD)|g" "$1"
}

slapd_new() {
	SLAPD_DIR=$(mktemp -d "${TMPDIR:-/tmp}/provost-it.XXXXXX") || exit 1
	# slapd does not survive a longer path to its socket.
	if [ ${#SLAPD_DIR} -gt 90 ]; then
		rmdir "$SLAPD_DIR"
		SLAPD_DIR=$(mktemp -d /tmp/provost-it.XXXXXX) || exit 1
	fi
	trap slapd_free EXIT
	trap 'exit 1' HUP INT TERM
	mkdir "$SLAPD_DIR/data" "$SLAPD_DIR/accesslog"
	SLAPD_URI=ldapi://$(echo "$SLAPD_DIR/ldapi" | sed 's|/|%2F|g')
	SLAPD_CONF="-f $SLAPD_DIR/slapd.conf"
	fill "$TOP/conf/slapd/slapd.conf.in" >"$SLAPD_DIR/slapd.conf"
}

slapd_load() {
	set -- conf/slapd/base.ldif.in conf/slapd/roles.ldif.in
	[ "${SLAPD_SAMPLE:-yes}" = no ] || set -- "$@" conf/sample/sample.ldif.in
	for file; do
		fill "$TOP/$file" >"$SLAPD_DIR/load.ldif"
		slapadd -q $SLAPD_CONF -b "$SUFFIX" -l "$SLAPD_DIR/load.ldif" \
		    || { echo "FAILED: slapadd $file"; exit 1; }
	done
}

slapd_start() {
	slapd -d 0 -h "$SLAPD_URI" $SLAPD_CONF 2>>"$SLAPD_DIR/slapd.log" &
	SLAPD_PID=$!
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		manager ldapwhoami >/dev/null 2>&1 && return
		kill -0 $SLAPD_PID 2>/dev/null || break
		sleep 0.2
	done
	echo "FAILED: slapd does not answer at $SLAPD_URI"
	cat "$SLAPD_DIR/slapd.log"
	exit 1
}

slapd_stop() {
	[ -n "$SLAPD_PID" ] || return 0
	kill -TERM $SLAPD_PID 2>/dev/null
	wait $SLAPD_PID 2>/dev/null
	SLAPD_PID=
}

slapd_free() {
	slapd_stop
	[ -z "$SLAPD_DIR" ] || rm -rf "$SLAPD_DIR"
	SLAPD_DIR=
}

# manager|daemon|person ID TOOL ARGUMENT...: an LDAP tool, bound as that one.
manager() {
	tool=$1; shift
	$tool -Q -Y EXTERNAL -H "$SLAPD_URI" "$@"
}
daemon() {
	tool=$1; shift
	$tool -x -D "$DAEMON" -w $DAEMON_PASSWORD -H "$SLAPD_URI" "$@"
}
# person UID DN-ID: people of the sample, by both their names.
person() {
	uid=$1 who=$(person_dn "$2") tool=$3; shift 3
	$tool -x -D "$who" -w "sample-$uid" -H "$SLAPD_URI" "$@"
}
person_dn() {
	echo "provostPersonId=$1,ou=people,$SUFFIX"
}

# check TEXT COMMAND...: the command must succeed (LDIF on its input).
check() {
	text=$1; shift
	if output=$("$@" 2>&1); then
		echo "ok: $text"
	else
		echo "FAILED ($?): $text"
		echo "$output" | sed 's/^/	/'
		FAILED=1
	fi
}
# refused CODE TEXT COMMAND...: the command must end with that LDAP result.
refused() {
	code=$1 text=$2; shift 2
	output=$("$@" 2>&1)
	got=$?
	if [ $got -eq "$code" ]; then
		echo "ok: $text"
	else
		echo "FAILED: $text: result $got, not $code"
		echo "$output" | sed 's/^/	/'
		FAILED=1
	fi
}
# same TEXT WANTED GOT
same() {
	if [ "$2" = "$3" ]; then
		echo "ok: $1"
	else
		echo "FAILED: $1: wanted \"$2\", got \"$3\""
		FAILED=1
	fi
}
# values ATTRIBUTE: its values out of the LDIF on input, sorted.
values() {
	sed -n "s/^$1: //p" | sort
}
finish() {
	[ $FAILED -eq 0 ] || exit 1
	exit 0
}
