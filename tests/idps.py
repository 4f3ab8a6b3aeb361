# SPDX-License-Identifier: ISC
"""The mapping tables of contrib/entra and contrib/okta say what is so: each
attribute in them is sent by that IdP's traces and stands in the mapping.
idps.py TOP"""
import json
import re
import sys

sys.path.insert(0, sys.argv[1] + "/tests/traces")
import replay  # noqa: E402

TOP = sys.argv[1]
PATH = re.compile(r"(?:(urn:.*):)?(\w+)(?:\[(\w+) eq \"(\w+)\"\])?"
                  r"(?:\.(\w+))?$")
failed = 0


def wrong(text):
    global failed
    failed += 1
    print("FAILED:", text)


def parsed(path):
    """(attribute, its type or "", its sub-attribute or "")"""
    m = PATH.match(path)
    if m is None:
        return None
    _, attr, _, type_, sub = m.groups()
    return attr, type_ or "", sub or ""


def walk(body):
    """What a resource sends."""
    for k, v in body.items():
        if k.startswith("urn:") and isinstance(v, dict):
            yield from walk(v)
            continue
        yield k, "", ""
        for el in v if isinstance(v, list) else [v]:
            for sub in el if isinstance(el, dict) else ():
                yield k, "", sub
                yield k, str(el.get("type", "")), sub


def sent(trace):
    for _, _, request, _, _ in replay.steps(trace):
        head, body = replay.message(request)
        if not body:
            continue
        body = json.loads(body)
        if not head[0].startswith("PATCH"):
            yield from walk(body)
            continue
        for o in body["Operations"]:
            v = o.get("value")
            names = [o["path"]] if "path" in o else list(v)
            for name in names:
                name = name.replace(":User.", ":User:")
                if parsed(name):
                    yield parsed(name)
            if "path" not in o:
                yield from walk(v)


def table(readme):
    """The second column of the rows below Attribute mappings."""
    text = open(readme, encoding="utf-8").read()
    part = text.split("## 3. Attribute mappings")[1].split("\n## ")[0]
    for line in part.splitlines():
        cells = re.split(r" *\| *", line.strip("| "))
        if line.startswith("|") and len(cells) > 1 and \
                cells[1].startswith("`"):
            yield cells[1].strip("`")


def in_mapping(mapping, attr, sub):
    if f'name = "{attr}"' not in mapping and attr != "externalId":
        return False
    # Those that a kind brings by itself are not written there.
    return sub in ("", "value") or f'name = "{sub}"' in mapping


def main():
    mapping = open(TOP + "/conf/mapping.conf", encoding="utf-8").read()
    for idp, traces in (("entra", ("entra", "entra-optscim", "entra-groups")),
                        ("okta", ("okta-catalogue", "okta-custom",
                                  "okta-groups"))):
        have = {x for t in traces for x in sent(
            f"{TOP}/tests/traces/{t}.trace")}
        rows = list(table(f"{TOP}/contrib/{idp}/README.md"))
        for row in rows:
            x = parsed(row)
            if x not in have:
                wrong(f"{idp}: {row} is in no trace")
            if not in_mapping(mapping, x[0], x[2]):
                wrong(f"{idp}: {row} is not in the mapping")
        print(f"{idp}: {len(rows)} rows")
        if len(rows) < 20:
            wrong(f"{idp}: the tables are not found")
    sys.exit(1 if failed else 0)


main()
