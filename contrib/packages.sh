# SPDX-License-Identifier: ISC
# Sourced by quickstart and check: the Debian 12 packages, and how to get them.
# need PACKAGE...: installs what is missing with apt-get, as root or with sudo.
BUILD_PACKAGES="autoconf automake make gcc libc6-dev pkg-config libldap-dev
	libcurl4-gnutls-dev libconfig-dev libmicrohttpd-dev libjansson-dev
	liblmdb-dev libgnutls28-dev libsystemd-dev libutf8proc-dev libxml2-dev
	libzip-dev"
RUN_PACKAGES="slapd ldap-utils curl jq"
TEST_PACKAGES="libcmocka-dev mandoc openssl python3 python3-aiosmtpd
	python3-openpyxl python3-venv valgrind"
# npm as it comes with node elsewhere is as good.
command -v npm >/dev/null 2>&1 || TEST_PACKAGES="$TEST_PACKAGES nodejs npm"

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing() {
	for p in "$@"; do
		case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
		'install ok installed') ;;
		*) printf '%s ' "$p" ;;
		esac
	done
}

# Debian's slapd starts when it is installed; policy-rc.d says no to that. A
# policy that is there already is the site's and is left alone.
need() {
	want=$(missing "$@")
	[ -n "$want" ] || return 0
	echo "installing: $want"
	policy=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		policy=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
		as_root chmod 755 $policy
	fi
	rc=0
	# shellcheck disable=SC2086
	{ as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $want >/dev/null 2>&1 ||
	    { as_root apt-get update -qq &&
	    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
		-qq --no-install-recommends $want >/dev/null; }; } || rc=$?
	[ -z "$policy" ] || as_root rm -f $policy
	[ $rc -eq 0 ] || { echo "cannot install: $want" >&2; exit 1; }
}

# build DIR [configure arguments]: an out-of-tree build of the whole tree.
build() {
	dir=$1; shift
	[ -x "$top/configure" ] && [ "$top/configure" -nt "$top/configure.ac" ] ||
		(cd "$top" && autoreconf -fi >/dev/null 2>&1) ||
		{ echo "autoreconf failed: run it in $top to see why" >&2; exit 1; }
	mkdir -p "$dir"
	[ -f "$dir/Makefile" ] || (cd "$dir" && "$top/configure" -q "$@") || exit 1
	make -s -C "$dir" -j"$(nproc)" all
}
