#!/bin/sh
# SPDX-License-Identifier: ISC
# What a hostile or careless client can send (attack.py has the cases): each is
# answered with its status and an error in SCIM's form, nothing is half done,
# nobody gets more than they may, and the daemon stays up and well.
. "$(dirname "$0")/daemon.sh"

start
python3 "$TOP/tests/it/attack.py" "$URL" "$IT/main/admin.token" || FAILED=1
check "the daemon is there" alive
kib=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$PID/status")
check "... and never took a gigabyte" test "$kib" -lt 1000000
stop
same "the daemon ended well" 0 $EXIT
check "no sanitizer has anything to say" \
    sh -c '! grep -E "Sanitizer|runtime error" "$1"' sh "$IT/log"
refusals=$(grep -c '"op":"refused"' "$IT/main/journal.jsonl")
check "what was refused is in the journal" test "$refusals" -gt 0
check "no token in log or journal" \
    sh -c '! grep -qF -f "$1/main/admin.token" "$1/log" "$1/main/journal.jsonl"' \
    sh "$IT"
finish
