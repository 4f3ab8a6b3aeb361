# SPDX-License-Identifier: ISC
# Spool directories of feeds, for a test that has read daemon.sh, read with
# `. "$(dirname "$0")/spool.sh"`.
#
#	spool NAME		makes the directory $IT/NAME
#	people FROM UNTIL [DEPT]	a file of so many, on standard output
#	arrive NAME		standard input arrives whole
#	left DIRECTORY NAME	is it there? e.g. left archive new.csv
#	report DIRECTORY NAME FILTER	of its report's last line, the whole
#	state USER		what the directory says of one
# in the spool $SPOOL; FIELDS are the columns of such a file.
DEPARTMENT=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
FIELDS="fields = (
	{ column = \"id\"; path = \"externalId\"; },
	{ column = \"login\"; path = \"userName\"; },
	{ column = \"dept\"; path = \"$DEPARTMENT\"; },
	{ column = \"company\"; path = \"$EXTENSION:companies\"; },
	{ column = \"role\"; path = \"roles\"; } );"

spool() {
	SPOOL=$IT/$1
	mkdir "$SPOOL"
}
people() {
	echo "id,login,dept,company,role"
	awk -v i="$1" -v until="$2" -v dept="${3:-10}" 'BEGIN {
		for (; i <= until; i++)
			print i ",worker" i "," dept ",," }'
}
arrive() {
	cat >"$SPOOL/in/.$1"
	mv "$SPOOL/in/.$1" "$SPOOL/in/$1"
}
left() {
	ls "$SPOOL/$1" | grep -q -e "-$2\$"
}
report() {
	tail -n 1 "$SPOOL/$1"/*-"$2".report | jq -r "$3"
}
state() {
	provost --json users "userName eq \"$1\"" |
	    jq -r --arg e "$EXTENSION" '.Resources[0][$e].state'
}
