#!/bin/sh
# SPDX-License-Identifier: ISC
# Every manual is clean mdoc.
set -eu
src=${srcdir:-$(dirname "$0")/..}
command -v mandoc >/dev/null || { echo "mandoc is not installed"; exit 77; }
rc=0
for m in $(find "$src/src" "$src/conf" "$src/schema" -name '*.[1-8]'); do
	mandoc -T lint -W warning "$m" || { echo "$m: see above"; rc=1; }
done
exit $rc
