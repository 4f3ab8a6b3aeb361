# SPDX-License-Identifier: ISC
# A tool with a SCIM service (scimtool.py) behind the target sample-tool, read
# with `. "$(dirname "$0")/scimtool.sh"` behind daemon.sh. What daemon.sh says
# of the other tool holds for this one too: tool_start, tool_stop.
#
#	mode WORD	how it answers from now on
#	scim_conf MORE	provostd.conf with it; MORE: lines of its section
#	there		"person tool account,account" a line, what it holds
#	there_is WHO TOOL ACCOUNTS	as holds_is
#	account NAME=..	its administrator: see below
cat >"$IT/held.jq" <<'END'
.[] | .externalId as $who | [.entitlements[]?] as $e |
[$e[] | select(.type == "tool")] as $tools | $tools[] | .value as $tool |
"\($who) \($tool) \([$e[] | select(.type == "account" and
    (.display == $tool or (.display == null and ($tools | length) == 1))) |
    .value] | sort | join(","))"
END

tool_start() {
	tool_run scimtool.py "$IT/tool"
	TOOL=http://127.0.0.1:$TOOL_PORT
}
mode() {
	echo "$1" >"$IT/tool/mode.new"
	mv "$IT/tool/mode.new" "$IT/tool/mode"
}
scim_conf() {
	echo token >"$IT/token"
	cat >"$IT/provostd.conf" <<-END
	engine: { retry_base = "50ms"; retry_max = "200ms";
	    drift_interval = "0s"; };
	$2
	targets: {
		sample-tool: {
			kind = "scim";
			url = "$TOOL/scim/v2";
			token_file = "$IT/token";
			insecure = true;
			timeout = "5s";
			$1
		};
		null: { kind = "null"; };
	};
	END
}
there() {
	curl -sS "$TOOL/dump" | jq -r -f "$IT/held.jq" | sort
}
there_is() {
	there | grep -qx "$1 $2 $3"
}
not_there() {
	! there | grep -q "^$1 $2 "
}
# at_tool METHOD PATH [JSON]: as the tool's own administrator.
at_tool() {
	curl -sS -X "$1" -H 'Content-Type: application/json' \
	    ${3:+--data-binary "$3"} "$TOOL$2" >"$IT/tool/answer"
}
# tool_id WHO: the account of a person there.
tool_id() {
	curl -sS "$TOOL/dump" | jq -r --arg who "$1" \
	    '.[] | select(.externalId == $who) | .id'
}
asked() {
	grep -c "^$1" "$IT/tool/requests"
}
# What the directory says: "person tool account,account" of what is granted in
# tools of this target.
due() {
	provost --json tools | jq '[.Resources[] |
	    select(.target == "sample-tool") | .toolId]' >"$IT/tools.json"
	curl -sS -H "Authorization: Bearer $(cat "$IT/main/admin.token")" \
	    "$URL/v1/exports/rights.csv?format=json" |
	    jq -rs --slurpfile tools "$IT/tools.json" '[.[] |
		select(.granted == true and (.kind == "tool" or
		    .kind == "tool-account") and
		    (.key as $key | $tools[0] | index($key)))] |
		group_by([.id, .key])[] | "\(.[0].id) \(.[0].key) \(
		[.[].account | select(. != "")] | sort | join(","))"' | sort
}
