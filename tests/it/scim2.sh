#!/bin/sh
# SPDX-License-Identifier: ISC
# scim2-tester, a suite made by others, over every resource type. What it skips
# and what it can't judge: tests/scim2/README.
. "$(dirname "$0")/daemon.sh"
VENV=${top_builddir:-$TOP/build}/tests/scim2-venv

# unreachable: is it the registry that is missing, rather than a package?
unreachable() {
	grep -qiE 'connection|name resolution|timed out|network is unreach' \
	    "$IT/pip.log"
}
python3 -c 'import ensurepip, venv' 2>/dev/null || {
	echo "skipped: no venv (Debian: apt-get install python3-venv)"
	[ "${CI:-}" = true ] && exit 1
	exit 77
}
if ! cmp -s "$TOP/tests/scim2/requirements.txt" "$VENV/installed"; then
	rm -rf "$VENV"
	python3 -m venv "$VENV" && "$VENV/bin/pip" install -q --no-input \
	    --disable-pip-version-check --retries 2 --timeout 20 \
	    -r "$TOP/tests/scim2/requirements.txt" >"$IT/pip.log" 2>&1 || {
		cat "$IT/pip.log"
		if unreachable && [ "${CI:-}" != true ]; then
			echo "skipped: pip can't reach its registry"
			exit 77
		fi
		echo "FAILED: pip install"
		exit 1
	}
	cp "$TOP/tests/scim2/requirements.txt" "$VENV/installed"
fi

start
# The suite looks for what it has made on the first page, of one type and of
# all, and lists are in order of creation: there may be few entries.
few() {	# few CONTAINER FILTER: those go
	manager ldapsearch -LLL -b "ou=$1,$SUFFIX" -s one "$2" dn |
	    sed -n 's/^dn: //p' | manager ldapdelete
}
few services '(!(provostServiceId=S-100001*))'
few accounts '(!(provostAccountNumber=10000*))'
first_page() {
	http GET "/scim/v2?count=0"
	[ "$(body .totalResults)" -lt 90 ]
}
wait_for "what fits on a page" first_page
suite() {	# suite TYPE...
	"$VENV/bin/python" "$TOP/tests/scim2/run.py" "$URL" \
	    "$IT/main/admin.token" "$@" >"$IT/suite" 2>&1
	rc=$?
	cat "$IT/suite"
	return $rc
}
for type in User Group Role Enterprise Company Account Service \
    GroupIdentifier Tool Rule; do
	if suite $type; then
		echo "ok: $type"
	else
		echo "FAILED: $type"
		FAILED=1
	fi
done
known() {	# known TYPE REASON: nothing is wrong but what has it
	suite "$1"
	check "$1 was looked at" grep -q ' SUCCESS' "$IT/suite"
	same "$1: nothing but what the suite can't judge" "" \
	    "$(grep -E '^(ERROR|CRITICAL)|Traceback' "$IT/suite" |
	    grep -vE "$2")"
}
FIXED="can't be changed once the AccessRequest is there"
known AccessRequest \
    "is not decided when it is made|(V2[3-7])|asks for this already|$FIXED|decision and decidedBy .* go together"
known Client "unexpected value for 'token'"
stop
same "the daemon ended well" 0 $EXIT
finish
