# SPDX-License-Identifier: ISC
# A real mail server with STARTTLS (mailbox.py) for a test that has sourced
# daemon.sh: box_start, then it listens on $BOX_PORT with $BOX/cert.pem; it
# keeps the port when it is started again. A file $BOX/login before that makes
# it want one. sent ADDRESS, sent_is ADDRESS N: how many mails; shown ADDRESS
# FIELD: of the newest.

command -v openssl >/dev/null 2>&1 || { echo "skipped: no openssl"; exit 77; }
python3 -c 'import aiosmtpd' 2>/dev/null ||
	/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null ||
	{ echo "skipped: no aiosmtpd"; exit 77; }
BOX=$IT/box
BOX_PID= BOX_PORT=0
trap 'box_stop; it_end' EXIT
mkdir "$BOX"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BOX/key.pem" \
    -out "$BOX/cert.pem" -days 2 -subj /CN=mailbox \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null || exit 1

box_start() {
	rm -f "$BOX/port"
	python3 "$TOP/tests/it/mailbox.py" "$BOX" starttls $BOX_PORT \
	    2>>"$IT/box.log" &
	BOX_PID=$!
	until_true 20 test -s "$BOX/port" ||
		{ echo "FAILED: the mail server does not start"; exit 1; }
	BOX_PORT=$(cat "$BOX/port")
}
box_stop() {
	[ -n "$BOX_PID" ] || return 0
	kill -9 "$BOX_PID" 2>/dev/null
	wait "$BOX_PID" 2>/dev/null
	BOX_PID=
}
mail_py() {
	python3 "$TOP/tests/it/mail.py" "$@"
}
sent() {
	mail_py to "$BOX/mails.jsonl" "$1"
}
sent_is() {
	[ "$(sent "$1")" = "$2" ]
}
shown() {
	mail_py show "$BOX/mails.jsonl" "$@"
}
