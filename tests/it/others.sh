#!/bin/sh
# SPDX-License-Identifier: ISC
# What other SCIM servers got wrong: others.py has a case for each.
. "$(dirname "$0")/daemon.sh"

start
python3 "$TOP/tests/it/others.py" "$URL" "$IT/main/admin.token" || FAILED=1
check "the daemon is there" alive
stop
same "the daemon ended well" 0 $EXIT
finish
