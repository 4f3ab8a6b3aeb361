#!/bin/sh
# SPDX-License-Identifier: ISC
# contrib/entra and contrib/okta name only what their traces send.
top=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 "$top/tests/idps.py" "$top"
