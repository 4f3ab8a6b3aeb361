#!/bin/sh
# SPDX-License-Identifier: ISC
# What other SCIM servers got wrong: others.py has a case for each.
. "$(dirname "$0")/daemon.sh"

# The engine writes nothing once it has nothing to do: writes are counted.
conf
sed -i 's/kind = "webhook"/kind = "null"/' "$IT/provostd.conf"
start
settle
python3 "$TOP/tests/it/others.py" "$URL" "$IT/main/admin.token" || FAILED=1
check "the daemon is there" alive
stop
same "the daemon ended well" 0 $EXIT
finish
