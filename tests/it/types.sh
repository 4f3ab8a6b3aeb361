#!/bin/sh
# SPDX-License-Identifier: ISC
# Every resource type with all its attributes: every_type.py has the table.
. "$(dirname "$0")/daemon.sh"

conf
sed -i 's/kind = "webhook"/kind = "null"/' "$IT/provostd.conf"
start
python3 "$TOP/tests/it/every_type.py" "$URL" "$IT/main/admin.token" || FAILED=1
check "the daemon is there" alive
stop
same "the daemon ended well" 0 $EXIT
check "no sanitizer has anything to say" \
    sh -c '! grep -E "Sanitizer|runtime error" "$1"' sh "$IT/log"
finish
