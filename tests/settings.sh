#!/bin/sh
# SPDX-License-Identifier: ISC
# The table of settings, provostd.conf(5) and the sample configuration say the
# same: every setting, its type, its default, whether a reload applies it.
set -eu
top=${srcdir:-$(dirname "$0")/..}
table=$top/src/config/settings.c
manual=$top/conf/provostd.conf.5
sample=$top/conf/provostd.conf
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# rows NAME PREFIX: "path type default live" of the table NAME. A default is
# "required", "empty" or as written.
rows() {
	sed -n "/^const struct setting $1\[\]/,/^};/p" "$table" | tr '\n' ' ' |
	    sed 's/{ "/\n/g' | awk -F '",? *' -v prefix="$2" '
	NR > 1 {
		split($2, f, /, */)
		type = f[1]; sub(/^ *SET_/, "", type)
		if (f[2] == "NULL") dflt = "required"
		else dflt = $3 == "" ? "empty" : $3
		live = $0 ~ /, true *}/ ? "live" : "restart"
		print prefix $1, tolower(type), dflt, live
	}'
}
{
	rows settings_table ""
	# The manual says of these in one sentence that they are live.
	{ rows settings_target targets.NAME.; rows settings_feed feeds.NAME.
	    rows settings_field feeds.NAME.fields.
	    rows settings_source sources.NAME.; } | sed 's/ live$/ restart/'
} | sort >"$tmp/table"

# The manual: .It Ic path[*] No = Ar type Pq [Li] default
awk '/^\.It Ic .* No = Ar / {
	live = sub(/\*$/, "", $3) ? "live" : "restart"
	type = $7
	if (type == "list") type = "strings"
	if (type == "number") type = "int"
	print $3, type, $NF, live
}' "$manual" | sort >"$tmp/manual"

# The sample: [#]name = value; inside [#]group: { ... [#]};
awk '{ sub(/^#/, ""); sub(/[ \t]*#.*/, "") }
/^[ \t]*[a-z-]+: *{$/ { sub(/:.*/, ""); group[++depth] = $1; next }
/^[ \t]*fields = \($/ { group[++depth] = "fields"; next }
/^[ \t]*\);$/ { depth--; next }
/^[ \t]*\{ column = / {
	gsub(/[{}]/, ""); n = split($0, part, /; */)
	for (i = 1; i < n; i++) {
		sub(/^[ \t]*/, "", part[i]); sub(/ .*/, "", part[i])
		print "feeds.NAME.fields." part[i]
	}
	next
}
/^[ \t]*};$/ { depth--; next }
/^[ \t]*[a-z_]+ = .*;$/ {
	path = ""
	for (i = 1; i <= depth; i++)
		path = path (i == 2 ? "NAME" : group[i]) "."
	print path $1
}' "$sample" | sort -u >"$tmp/sample"
cut -d' ' -f1 "$tmp/table" >"$tmp/paths"

[ "$(wc -l <"$tmp/table")" -gt 20 ] ||
	{ echo "FAILED: cannot read the table in $table"; exit 1; }
rc=0
diff "$tmp/table" "$tmp/manual" ||
	{ echo "FAILED: < settings.c, > provostd.conf(5)"; rc=1; }
diff "$tmp/paths" "$tmp/sample" ||
	{ echo "FAILED: < settings.c, > conf/provostd.conf"; rc=1; }
# Every word of a setting that takes words stands in the manual.
for word in $(sed -n 's/.*SET_WORD.*NULL\{0,1\}, "\([a-z ]*\)", ".*/\1/p' \
    "$table"); do
	grep -q "^\.Li $word\b" "$manual" ||
		{ echo "FAILED: the word $word is not in $manual"; rc=1; }
done
exit $rc
