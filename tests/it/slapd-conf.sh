#!/bin/sh
# SPDX-License-Identifier: ISC
# slapd loads our schema and configuration in both forms, slapd.conf and
# cn=config, and what is in them works.
. "$(dirname "$0")/lib.sh"

# The schema as the running server tells it, one definition a line.
subschema() {
	manager ldapsearch -LLL -o ldif-wrap=no -s base -b cn=Subschema \
	    attributeTypes objectClasses | grep "'provost" | sort
}
config() {
	daemon ldapsearch -LLL -o ldif-wrap=no -b cn=config "$@"
}
count() {
	daemon ldapsearch -LLL -b "$1" "$2" 1.1 | grep -c '^dn:'
}
add_sample() {
	for file in conf/slapd/base.ldif.in conf/slapd/roles.ldif.in \
	    conf/sample/sample.ldif.in; do
		fill "$TOP/$file" >"$SLAPD_DIR/load.ldif"
		manager ldapadd -f "$SLAPD_DIR/load.ldif" || return
	done
}
check_server() {
	same "overlays" "accesslog ppolicy syncprov unique" \
	    "$(echo $(config "(objectClass=olcOverlayConfig)" olcOverlay |
		sed -n 's/^olcOverlay: {[0-9]*}//p' | sort))"
	same "the daemon sees that unique serializes" 2 \
	    "$(config "(olcUniqueURI=*)" olcUniqueURI | grep -c serialize)"
	same "and nothing secret of the configuration" "" \
	    "$(config olcAccess olcRootDN olcAuthzRegexp | grep -v ^dn)"
	same "people" 25 "$(count "ou=people,$SUFFIX" "(objectClass=provostUser)")"
	same "accounts" 40 \
	    "$(count "ou=accounts,$SUFFIX" "(objectClass=provostBillingAccount)")"
	same "services" 200 \
	    "$(count "ou=services,$SUFFIX" "(objectClass=provostServiceEntry)")"
	same "tools" 6 "$(count "ou=tools,$SUFFIX" "(objectClass=provostTool)")"
	same "rules" 5 "$(count "ou=rules,$SUFFIX" "(objectClass=provostRule)")"
	same "roles" 10 "$(count "ou=roles,$SUFFIX" "(objectClass=provostRoleEntry)")"
	check "values with types" manager ldapmodify <<-END
		dn: $(person_dn p0016)
		changetype: modify
		add: mail;x-home
		mail;x-home: vera@home.example
		-
		add: c;x-work
		c;x-work: US
		-
		add: c;x-home
		c;x-home: AT
		-
		add: postalAddress;x-work;x-primary
		postalAddress;x-work;x-primary: 1 Market Street
		-
		add: employeeNumber
		employeeNumber: 4711
	END
	same "are found by the plain name" 1 \
	    "$(count "$SUFFIX" "(mail=vera@home.example)")"
	same "monitor" 1 "$(daemon ldapsearch -LLL -s base -b cn=Monitor 1.1 |
	    grep -c '^dn:')"
	same "the context has a CSN to sync from" 1 "$(daemon ldapsearch -LLL \
	    -s base -b "$SUFFIX" contextCSN | grep -c '^contextCSN')"
}

echo "# slapd.conf and provost.schema"
slapd_new
check "slaptest" slaptest -u $SLAPD_CONF
slapd_load
slapd_start
check_server
subschema >"$SLAPD_DIR/schema.conf"
same "attributes" "$(grep -c ^attributetype "$TOP/schema/provost.schema")" \
    "$(grep -c ^attributeTypes "$SLAPD_DIR/schema.conf")"
same "classes" 14 "$(grep -c ^objectClasses "$SLAPD_DIR/schema.conf")"
slapd_stop
slapd_start
same "after a restart" 25 "$(count "ou=people,$SUFFIX" "(objectClass=provostUser)")"
slapd_stop

echo "# cn=config and provost.ldif"
"$TOP/schema/mkldif" <"$TOP/schema/provost.schema" >"$SLAPD_DIR/provost.ldif"
mkdir "$SLAPD_DIR/converted" "$SLAPD_DIR/slapd.d"
check "slaptest converts" \
    slaptest -f "$SLAPD_DIR/slapd.conf" -F "$SLAPD_DIR/converted"
rm -f "$SLAPD_DIR/data"/* "$SLAPD_DIR/accesslog"/*
# The schema's entry of the conversion is replaced by ours.
slapcat -F "$SLAPD_DIR/converted" -n 0 -o ldif-wrap=no >"$SLAPD_DIR/config.ldif"
awk -v ours="$SLAPD_DIR/provost.ldif" '
BEGIN { RS = ""; ORS = "\n\n" }
!/^dn: cn=\{[0-9]+\}provost,cn=schema/ { print; next }
{
	name = substr($0, 8, index($0, ",") - 8)
	RS = "\n"
	while ((getline line < ours) > 0) {
		sub(/^dn: cn=provost/, "dn: cn=" name, line)
		sub(/^cn: provost/, "cn: " name, line)
		printf "%s\n", line
	}
	RS = ""
	printf "\n"
}' "$SLAPD_DIR/config.ldif" >"$SLAPD_DIR/ours.ldif"
check "slapadd of the configuration" slapadd -F "$SLAPD_DIR/slapd.d" -n 0 \
    -l "$SLAPD_DIR/ours.ldif"
SLAPD_CONF="-F $SLAPD_DIR/slapd.d"
slapd_start
check "ldapadd of base, roles and sample" add_sample
check_server
subschema >"$SLAPD_DIR/schema.ldif"
check "both forms of the schema say the same" \
    diff "$SLAPD_DIR/schema.conf" "$SLAPD_DIR/schema.ldif"
slapd_stop

echo "# provost.ldif into a running server"
rm -rf "$SLAPD_DIR/slapd.d" && mkdir "$SLAPD_DIR/slapd.d"
{
	sed -n '/^include.*provost.schema/d; /^include/p
	    /^authz-regexp/p' "$SLAPD_DIR/slapd.conf"
	printf 'database config\nrootdn "%s"\n' "$MANAGER"
} >"$SLAPD_DIR/small.conf"
check "a server without it" \
    slaptest -f "$SLAPD_DIR/small.conf" -F "$SLAPD_DIR/slapd.d"
slapd_start
check "ldapadd" manager ldapadd -f "$SLAPD_DIR/provost.ldif"
subschema >"$SLAPD_DIR/schema.ldif"
check "gives the same schema" \
    diff "$SLAPD_DIR/schema.conf" "$SLAPD_DIR/schema.ldif"

echo "# the databases into a running server, as README has it"
rm -f "$SLAPD_DIR/data"/* "$SLAPD_DIR/accesslog"/*
# part PATTERN FROM TO: the entry of the conversion whose dn matches, ready to
# add, with the number of its database changed.
part() {
	awk -v dn="$1" 'BEGIN { RS = "" } $0 ~ "^dn: " dn { print }' \
	    "$SLAPD_DIR/config.ldif" |
	    sed -E -e "s/olcDatabase(=|: )$2/olcDatabase\\1$3/" \
	    -e '/^(entry|creat|modif|structuralObject)[A-Za-z]*: /d'
	echo
}
{
	part "cn=module"
	part "olcDatabase=.2.mdb" "\\{2\\}mdb" mdb
	part "olcDatabase=.3.mdb" "\\{3\\}mdb" mdb
	for overlay in syncprov unique accesslog ppolicy; do
		part "olcOverlay=...$overlay" "\\{3\\}mdb" "{2}mdb"
	done
	printf 'dn: cn=config\nchangetype: modify\n'
	printf 'add: olcAttributeOptions\nolcAttributeOptions: x-\n-\n'
	printf 'replace: olcAuthzPolicy\nolcAuthzPolicy: to\n\n'
	printf 'dn: olcDatabase={-1}frontend,cn=config\nchangetype: modify\n'
	printf 'replace: olcPasswordHash\nolcPasswordHash: {ARGON2}\n-\n'
	printf 'replace: olcSortVals\nolcSortVals: provostMemberOf\n'
} >"$SLAPD_DIR/databases.ldif"
check "ldapadd" manager ldapmodify -a -f "$SLAPD_DIR/databases.ldif"
check "ldapadd of base, roles and sample" add_sample
same "people" 25 "$(count "ou=people,$SUFFIX" "(objectClass=provostUser)")"
finish
