#!/bin/sh
# SPDX-License-Identifier: ISC
# The edge (edge.py has the cases): HTTPS with certificates on both sides,
# reloads under open connections, signed tokens of an OAuth 2 issuer, limits,
# addresses behind a proxy; and the settings that must not start.
. "$(dirname "$0")/daemon.sh"
command -v openssl >/dev/null || {
	echo "skipped: no openssl"
	exit 77
}
PKI=$IT/pki
mkdir "$PKI"

# ca NAME: a CA that signs by itself.
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$PKI/$1.key" -out "$PKI/$1.pem" -days 2 \
	    -subj "/O=Test/CN=$1" 2>/dev/null
}
# leaf NAME CA DAYS SUBJECT NAMES [PURPOSE]
leaf() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$PKI/$1.key" -out "$PKI/$1.csr" -subj "$4" 2>/dev/null
	printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$5" \
	    "${6:-clientAuth}" >"$PKI/$1.ext"
	openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/$2.pem" \
	    -CAkey "$PKI/$2.key" -CAcreateserial -out "$PKI/$1.pem" \
	    -days "$3" -extfile "$PKI/$1.ext" 2>/dev/null
}
ca ca
ca foreign
leaf one ca 2 /CN=one DNS:localhost,IP:127.0.0.1 serverAuth
leaf two ca 2 /CN=two DNS:localhost,IP:127.0.0.1 serverAuth
leaf feed ca 2 "/O=Example/CN=hr feed" \
    DNS:feed.example,URI:spiffe://example/Feed,email:feed@x.example
leaf nobody ca 2 /CN=nobody DNS:nobody.example
leaf expired ca -1 "/O=Example/CN=hr feed" DNS:feed.example
leaf stranger foreign 2 "/O=Example/CN=hr feed" DNS:feed.example
leaf wrong ca 2 "/O=Example/CN=hr feed" DNS:feed.example serverAuth
for key in rsa rsa-next weak; do
	bits=2048
	[ $key != weak ] || bits=1024
	openssl genrsa -out "$PKI/$key.key" $bits 2>/dev/null
done
openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/ec.key"

# settings HTTP AUTH: what a reload reads; edge.py calls it with its own.
cat >"$IT/settings" <<-END
#!/bin/sh
cat >"$IT/next" <<-CONF
http: {
	cert_file = "$PKI/server.pem";
	key_file = "$PKI/server.key";
	\$1
};
auth: { \$2 };
CONF
mv "$IT/next" "$IT/provostd.conf"
END
chmod +x "$IT/settings"
cp "$PKI/one.pem" "$PKI/server.pem"
cp "$PKI/one.key" "$PKI/server.key"
"$IT/settings" "client_ca_file = \"$PKI/ca.pem\"; client_cert = \"request\";" ""
export CURL_CA_BUNDLE="$PKI/ca.pem" PROVOST_CA_FILE="$PKI/ca.pem"

start
same "the address is https" https "${URL%%:*}"
python3 "$TOP/tests/it/edge.py" "$URL" "$IT/main/admin.token" "$IT" \
    $PID || FAILED=1
check "the daemon is there" alive
check "the command speaks HTTPS" provost status
stop
same "the daemon ended well" 0 $EXIT
check "no sanitizer has anything to say" \
    sh -c '! grep -E "Sanitizer|runtime error" "$1"' sh "$IT/log"
check "no token in log or journal" \
    sh -c '! grep -qE "eyJ|$(cat "$1/main/admin.token")" "$1/log" "$1/main/journal.jsonl"' \
    sh "$IT"

echo "# settings that do not do"
# no_start TEXT WORD: -t says no and names it.
no_start() {
	if "$BIN/provostd" --standalone "$IT/none" --config \
	    "$IT/provostd.conf" -t >"$IT/out" 2>&1; then
		echo "FAILED: $1: taken"
		FAILED=1
	else
		check "$1" grep -q -- "$2" "$IT/out"
	fi
}
"$IT/settings" 'client_cert = "require";' ''
no_start "asking for certificates without a CA" http.client_ca_file
"$IT/settings" 'trusted_proxies = [ "10.0.0.0/33" ];' ''
no_start "a network that is none" http.trusted_proxies
"$IT/settings" '' "jwks_file = \"$PKI/jwks\";"
no_start "an issuer without a name" auth.jwt_issuer
echo '{"keys":[]}' >"$PKI/jwks"
"$IT/settings" '' \
    "jwks_file = \"$PKI/jwks\"; jwt_issuer = \"x\"; jwt_audience = \"y\";"
no_start "no keys" auth.jwks_file
cp "$PKI/two.key" "$PKI/server.key"
"$IT/settings" '' ''
no_start "a key of another certificate" http.key_file
finish
