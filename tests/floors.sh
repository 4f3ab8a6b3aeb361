#!/bin/sh
# SPDX-License-Identifier: ISC
# Keeps the floors: a file includes only its own folder and lower floors, and
# a third-party header only where it is allowed. Run without arguments it
# checks src/, then shows on planted violations that it can fail.
set -eu
src=${srcdir:-$(dirname "$0")/..}/src

check() {	# check DIR: prints violations, fails if there are any
	find "$1" -name '*.[ch]' | sort | xargs awk -v root="$1/" '
	BEGIN {
		split("base=0 model=1 codec=2 store=2 link=2 core=3 " \
		    "directory=4 target=4 feed=4 front=5 engine=5 config=6 " \
		    "daemon=7 cli=7", f, " ")
		for (i in f) { split(f[i], kv, "="); floor[kv[1]] = kv[2] }
		# header -> the files that may include it
		own["ldap.h"] = own["lber.h"] = "link/ldapc.c link/ldapc_p.h"
		own["curl/curl.h"] = "link/httpc.c link/smtp.c"
		own["microhttpd.h"] = "link/httpd.c link/httpd_p.h"
		own["lmdb.h"] = "store/db.c"
		own["jansson.h"] = "codec/json.c"
		own["zip.h"] = "codec/xlsx_zip.c"
		own["libconfig.h"] = "config/config_p.h config/mapping.c"
		own["utf8proc.h"] = "base/utf8.c"
		own["systemd/sd-daemon.h"] = "daemon/notify.c"
		own["gnutls/gnutls.h"] = "base/hash.c base/sign.c link/httpd_tls.c"
		own["gnutls/crypto.h"] = "base/hash.c base/sign.c"
		own["gnutls/abstract.h"] = "base/sign.c link/httpd_tls.c"
		own["gnutls/x509.h"] = "link/httpd_tls.c"
		bad = 0
	}
	FNR == 1 {
		me = substr(FILENAME, length(root) + 1)
		dir = me; sub(/\/.*/, "", dir)
		if (!(dir in floor)) {
			print FILENAME ": folder " dir " is no floor"; bad = 1
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, q, "\""); inc = q[2]; to = inc; sub(/\/.*/, "", to)
		if (inc == "config.h") next
		if (!(to in floor)) {
			print FILENAME ":" FNR ": \"" inc "\" is not written from src/"
			bad = 1
		} else if (to != dir && floor[to] >= floor[dir]) {
			print FILENAME ":" FNR ": " dir " (floor " floor[dir] \
			    ") includes " inc " (floor " floor[to] ")"
			bad = 1
		}
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		inc = $0; sub(/^[^<]*</, "", inc); sub(/>.*/, "", inc)
		if (inc ~ /^libxml\//) allowed = "codec/xml.c codec/xml_write.c"
		else if (inc in own) allowed = own[inc]
		else next
		if (index(" " allowed " ", " " me " ") == 0) {
			print FILENAME ":" FNR ": <" inc "> belongs in " allowed
			bad = 1
		}
	}
	END { exit bad }'
}

check "$src" || { echo "floors: src/ breaks the floors (see above)"; exit 1; }

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
plant() {	# plant FOLDER LINE: a tree with one violation must fail
	rm -rf "$planted/t"; mkdir -p "$planted/t/$1"
	printf '%s\n' "$2" > "$planted/t/$1/x.c"
	if check "$planted/t" > "$planted/out"; then
		echo "floors: not noticed in $1: $2"; exit 1
	fi
	[ -s "$planted/out" ] || { echo "floors: no reason given: $2"; exit 1; }
}
plant store '#include "codec/json.h"'
plant core '#include "engine/reconcile.h"'
plant base '#include "model/dn.h"'
plant front '#include "engine/dispatch.h"'
plant front '#include <ldap.h>'
plant codec '#include <lmdb.h>'
plant codec '#include <zip.h>'
plant codec '#include <libxml/parser.h>'
plant codec '#include "json.h"'
plant misc '#include "base/err.h"'
echo "floors: kept"
