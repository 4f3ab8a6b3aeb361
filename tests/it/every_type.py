# SPDX-License-Identifier: ISC
"""Every resource type with all its attributes: every_type.py URL TOKEN-FILE.

TYPES is the outside contract: what each type has, an example of every
attribute, what may be changed. The same is done with each row: schemas,
create, get, list, filter, sort, PATCH, PUT, versions, references, DELETE."""
import sys

from scim import (ADMIN, BASE, CERTIFICATE, CORE, ENTERPRISE, PROVOST, call,
                  error, get, make, op, patch, same)

OWN = "urn:ietf:params:scim:schemas:provost:2.0:"
made = {}               # name of a type: what create() has made


def of(name):
    """The id of what was made of a type."""
    return lambda: made[name]["id"]


def row(name, endpoint, has, body, **more):
    """has: attributes, [] behind those with several values, ! behind those
    that are read-only, ? behind those that are never shown. body: one of
    each. more: key, the natural key; fixed: what can't be changed or taken
    away; change: what PATCH and PUT set instead; schemas: further ones;
    shown: what comes back where it is not what was sent; name_by: what to
    filter and sort by."""
    return dict(more, name=name, endpoint=endpoint, has=has, body=body)


TYPES = [
    row("Role", "/Roles", "value display permissions[]", {
        "value": "t-role", "display": "Test role",
        "permissions": ["billing view", "orders manage"]},
        key="value", change={"display": "Another"}),
    row("Enterprise", "/Enterprises", "enterpriseId name customName "
        "customerNumbers[] selfRegistration active", {
            "enterpriseId": "t-ent", "name": "Test enterprise",
            "customName": "Ours", "customerNumbers": ["C-1", "C-2"],
            "selfRegistration": True, "active": True},
        key="enterpriseId", change={"active": False, "customName": "Theirs"}),
    row("Company", "/Companies", "companyId name enterprise", {
        "companyId": "t-com", "name": "Test company", "enterprise": "t-ent"},
        key="companyId", change={"name": "Renamed"}),
    row("Account", "/Accounts", "accountNumber company enterprise products[] "
        "billing invitationCode? phone country postalAddress", {
            "accountNumber": "T-900001", "company": "t-com",
            "enterprise": "t-ent", "products": ["WAN", "VoIP"],
            "billing": "paper", "invitationCode": "abcd-efgh",
            "phone": "+1 212 555 0100", "country": "US",
            "postalAddress": "1 Main Street\nNew York, NY 10001"},
        key="accountNumber", change={"billing": "paperless"}),
    row("Service", "/Services", "serviceId account product location", {
        "serviceId": "t-svc", "account": "T-900001", "product": "WAN",
        "location": "New York"},
        key="serviceId", change={"location": "Boston"}),
    row("GroupIdentifier", "/GroupIdentifiers", "groupIdentifierId name kind "
        "purpose company services[] accounts[]", {
            "groupIdentifierId": "t-gid", "name": "Test group", "kind": "cgi",
            "purpose": "businessSite", "company": "t-com",
            "services": ["t-svc"], "accounts": ["T-900001"]},
        key="groupIdentifierId", change={"purpose":
                                         "criticalBusinessProcess"}),
    row("Tool", "/Tools", "toolId name restricted products[] target "
        "manageable!", {
            "toolId": "t-tool", "name": "Test tool", "restricted": False,
            "products": ["WAN"], "target": "null"},
        key="toolId", change={"name": "Renamed", "restricted": True}),
    row("Group", "/Groups", "displayName members[]", {
        "displayName": "Test IdP group"},
        fixed=["displayName"], change={"displayName": "Renamed"},
        core=CORE + "Group", skip=["members"], name_by="displayName"),
    row("Rule", "/Rules", "ruleId priority group department role companies[] "
        "allAccountsOf[] accounts[] groupIdentifiers[] tools[]", {
            "ruleId": "t-rule", "priority": 7, "group": of("Group"),
            "department": "T-Department", "role": "t-role",
            "companies": ["t-com"], "allAccountsOf": ["t-com"],
            "accounts": ["T-900001"], "groupIdentifiers": ["t-gid"],
            "tools": [{"value": "t-tool", "accounts": ["T-900001"]}]},
        key="ruleId", change={"priority": 9}),
    row("User", "/Users", "userName name displayName nickName profileUrl title "
        "userType preferredLanguage locale timezone active password? emails[] "
        "phoneNumbers[] ims[] photos[] addresses[] groups[]! entitlements[] "
        "roles[] x509Certificates[]", {
            "userName": "t-user",
            "name": {"formatted": "Dr. Tess T. Ester II",
                     "familyName": "Ester", "givenName": "Tess",
                     "middleName": "T.", "honorificPrefix": "Dr.",
                     "honorificSuffix": "II"},
            "displayName": "Tess Ester", "nickName": "T",
            "profileUrl": "https://x.example/t", "title": "Tester",
            "userType": "Employee", "preferredLanguage": "en-US",
            "locale": "en-US", "timezone": "America/New_York", "active": True,
            "password": "a-Good-1-password",
            "emails": [{"value": "t@x.example", "type": "work",
                        "primary": True}],
            "phoneNumbers": [{"value": "+1 212 555 0101", "type": "mobile",
                              "primary": False}],
            "ims": [{"value": "t@im.example", "type": "xmpp",
                     "primary": False}],
            "photos": [{"value": "https://x.example/t.jpg", "type": "photo",
                        "primary": False}],
            "addresses": [{"type": "work", "streetAddress": "1 Main Street",
                           "locality": "New York", "region": "NY",
                           "postalCode": "10001", "country": "US",
                           "formatted": "1 Main Street\nNew York, NY 10001",
                           "primary": False}],
            "roles": [{"value": "t-role"}],
            "x509Certificates": [{"value": CERTIFICATE, "type": "signing",
                                  "primary": False}]},
        core=CORE + "User", name_by="userName", fixed=["userName", "active"],
        # name: formatted is made again. entitlements are the tools below.
        skip=["groups", "entitlements", "name"],
        change={"title": "Lead tester", "nickName": "TT"},
        schemas={
            ENTERPRISE: ("employeeNumber costCenter organization division "
                         "department manager", {
                             "employeeNumber": "T-1", "costCenter": "CC",
                             "organization": "Org", "division": "Div",
                             "department": "T-Department-2",
                             "manager": lambda: {"value": boss()}}),
            PROVOST: ("state companies[] accounts[] allAccountsOf[] "
                      "groupIdentifiers[] enterprises[] tools[] portalAccess "
                      "cpniAuthorized adminScopes[] preferences[] "
                      "temporaryLogin! accountCount! groupCount! toolCount! "
                      "owner!", {
                          "state": "active", "companies": ["t-com"],
                          "accounts": ["T-900001"],
                          "allAccountsOf": ["t-com"],
                          "groupIdentifiers": ["t-gid"],
                          "enterprises": ["t-ent"],
                          "tools": [{"value": "t-tool",
                                     "accounts": ["T-900001"],
                                     "notBefore": "2026-01-01T00:00:00Z",
                                     "notAfter": "2099-01-01T00:00:00Z"}],
                          "portalAccess": "active", "cpniAuthorized": True,
                          "adminScopes": ["enterprise t-ent",
                                          "department Sales"],
                          "preferences": ["language=en"]})},
        stays=[PROVOST + ":state"]),
    row("AccessRequest", "/AccessRequests", "requester beneficiary kind "
        "accounts[] tool role companies[] groupIdentifiers[] "
        "invitationCodes[]? delivery phone justification state! decision "
        "reason items[] decidedBy decidedAt! expiresAt! appliedAt!", {
            "requester": of("User"), "beneficiary": of("User"),
            # What a tool's has; what others have is in requests.sh.
            "kind": "tool", "accounts": ["100001"], "tool": "voip-iac",
            "delivery": "primaryContact", "justification": "For the test",
            "items": [{"value": "100001", "billing": "paperless"}]},
        fixed="requester beneficiary kind accounts tool".split(),
        name_by="requestId",
        change={"justification": "Still for the test"},
        skip=["decision", "decidedBy", "reason"]),
    row("Client", "/Clients", "name scopes[] owner enabled expires token", {
        "name": "t-client", "scopes": ["read", "write:Users"],
        "owner": "t-source", "enabled": True,
        "expires": "2099-01-01T00:00:00Z"},
        fixed=["name"], change={"enabled": False}, name_by="name",
        skip=["token"]),
]


def boss():
    if "boss" not in made:
        made["boss"] = make({"userName": "t-boss"}, BASE + "/Users")
    return made["boss"]["id"]


# --- a row ----------------------------------------------------------------------------
def value(v):
    return v() if callable(v) else v


def values(body):
    return {k: value(v) for k, v in body.items()}


def core(t):
    return t.get("core", OWN + t["name"])


def extensions(t):
    return t.get("schemas", {})


def whole(t):
    body = {"schemas": [core(t), *extensions(t)], **values(t["body"])}
    for urn, (_, more) in extensions(t).items():
        body[urn] = values(more)
    return body


def parts(t):
    """(schema, what it has, an example of it)"""
    yield core(t), t["has"], t["body"]
    for urn, (has, body) in extensions(t).items():
        yield urn, has, body


def where(t):
    return BASE + t["endpoint"]


def at(a, urn, t, name):
    """An attribute of an answer, wherever its schema keeps it."""
    return a.get(name) if urn == core(t) else a.get(urn, name)


def path(urn, t, name):
    return name if urn == core(t) else f"{urn}:{name}"


def covers(want, got):
    """Is want in got? An object may have more in it."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(
            covers(v, got.get(k)) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(
            any(covers(x, y) for y in got) for x in want)
    return want == got


def check(text, ok, *why):
    same(text, True, bool(ok) or why)


# --- schemas --------------------------------------------------------------------------
def published(t):
    a = call("GET", f"{BASE}/ResourceTypes/{t['name']}")
    same("resource type", (t["name"], t["endpoint"], core(t), list(
        extensions(t))), (a.get("id"), a.get("endpoint"), a.get("schema"), [
            x["schema"] for x in a.get("schemaExtensions")]))
    for urn, has, _ in parts(t):
        a = call("GET", f"{BASE}/Schemas/{urn}")
        there = {x["name"]: x for x in a.get("attributes") or []}
        for word in has.split():
            name = word.rstrip("[]!?")
            x = there.get(name, {})
            same(f"{name} is published as {word}", (
                "[]" in word, "!" in word, "?" in word), (
                x.get("multiValued"), x.get("mutability") == "readOnly",
                x.get("returned") == "never"))
            check("... with a description", x.get("description"))
        t.setdefault("attributes", {})[urn] = there


def types_are_checked(t):
    """RFC 7643 2.2 and 7: by what the schema says."""
    wrong = {"string": 5, "boolean": "maybe", "integer": "x",
             "dateTime": "yesterday", "reference": 5, "binary": "%"}
    id = made[t["name"]]["id"]
    for urn, has, body in parts(t):
        for name, x in t["attributes"][urn].items():
            p = path(urn, t, name)
            if x["mutability"] == "readOnly":
                error(f"{name} is read-only", 400, "mutability",
                      patch(id, op("replace", p, "x"), where=where(t)))
                continue
            if x["type"] in wrong and name != "token":
                error(f"{name} is no {x['type']}", 400, "invalidValue",
                      patch(id, op("replace", p, wrong[x["type"]]),
                            where=where(t)))
            if x.get("canonicalValues") and x["type"] == "string":
                error(f"{name} is none of its words", 400, "invalidValue",
                      patch(id, op("replace", p, "nonsense"),
                            where=where(t)))
            if x["required"] and name in body:
                a = patch(id, op("remove", p), where=where(t))
                same(f"{name} is required", 400, a.status)
            if x["returned"] == "never":
                error(f"{name} can't be asked for", 400, "invalidFilter",
                      call("GET", where(t), filter=f"{name} pr"))
            refers = name in ("company", "enterprise", "account", "role",
                              "tool", "group", "companies", "accounts",
                              "services", "groupIdentifiers", "enterprises",
                              "allAccountsOf", "decidedBy")
            if refers and x["mutability"] == "readWrite":
                error(f"{name} names nothing", 400, "invalidValue",
                      patch(id, op("replace", p, "no-such-thing"),
                            where=where(t)))


# --- create, get, list -------------------------------------------------------------
def create(t):
    a = call("POST", where(t), whole(t))
    if a.status != 201:
        same("create", 201, (a.status, a.body))
        sys.exit(1)
    made[t["name"]] = a.json
    loc = f"{where(t)}/{a.get('id')}"
    check("Location", a.headers["Location"].endswith(loc),
          a.headers["Location"])
    same("meta", (t["name"], a.headers["Location"], a.headers["ETag"]), (
        a.get("meta", "resourceType"), a.get("meta", "location"),
        a.get("meta", "version")))
    b = get(a.get("id"), where(t))
    for urn, has, body in parts(t):
        check(f"schemas has {urn}", urn in b.get("schemas"), b.get("schemas"))
        for word in has.split():
            name = word.rstrip("[]!?")
            if "?" in word:
                same(f"{name} is not shown", None, at(b, urn, t, name))
            elif name in body:
                check(f"{name} is what was sent", covers(value(
                    body[name]), at(b, urn, t, name)), at(b, urn, t, name))
    if t["name"] == "Client":
        check("the token is shown once", a.get("token") and
              not b.get("token"))


def asked_for(t):
    id = made[t["name"]]["id"]
    for urn, has, body in parts(t):
        for word in has.split():
            name = word.rstrip("[]!?")
            if name not in body or "?" in word:
                continue
            p = path(urn, t, name)
            a = get(id, where(t), attributes=p)
            check(f"attributes={name}", at(a, urn, t, name) is not None and
                  set(a.json) <= {"id", "schemas", name, urn}, a.json)
            a = get(id, where(t), excludedAttributes=p)
            same(f"excludedAttributes={name}", (200, None), (
                a.status, at(a, urn, t, name)))


def filtered(t):
    id = made[t["name"]]["id"]
    for urn, has, body in parts(t):
        for name, v in values(body).items():
            x = t["attributes"][urn][name]
            if x["returned"] == "never":
                continue
            p = path(urn, t, name)
            if isinstance(v, list):
                v = v[0]
            if isinstance(v, dict):
                p, v = f"{p}.value", v.get("value")
            if v is None:
                continue
            v = str(v).lower() if isinstance(v, bool) else v if isinstance(
                v, int) else '"' + str(v).replace("\n", "\\n") + '"'
            a = call("GET", where(t), filter=f'id eq "{id}" and {p} eq {v}')
            same(f"{p.split(':')[-1]} eq {v}", [id], [
                r["id"] for r in a.get("Resources") or []])
            a = call("GET", where(t), filter=f"{p} eq {v}", count=1000)
            check("... among all", id in [r["id"] for r in a.get(
                "Resources") or []], a.body)
    by = t.get("name_by") or t["key"]
    v = made[t["name"]][by]
    for o, x in (("eq", v.upper()), ("sw", v[:4]), ("co", v[1:5]),
                 ("ew", v[-3:]), ("ge", v), ("le", v)):
        a = call("GET", where(t), filter=f'{by} {o} "{x}" and id eq "{id}"')
        same(f'{by} {o} "{x}"', 1, a.get("totalResults"))
    a = call("POST", where(t) + "/.search", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": f'id eq "{id}"', "attributes": [by]})
    same(".search", (200, 1, v), (a.status, a.get("totalResults"),
                                  a.get("Resources")[0].get(by)))


def second(t):
    """Another one, with what it must have."""
    by = t.get("name_by") or t["key"]
    body = {k: v for k, v in values(t["body"]).items()
            if t["attributes"][core(t)][k]["required"]}
    if t["name"] == "AccessRequest":
        body.update(kind="role", role="manager")
    else:
        body[by] = made[t["name"]][by] + "-2"
    return make(body, where(t))


def sorted_(t):
    by = t.get("name_by") or t["key"]
    two = second(t)
    ids = f'(id eq "{made[t["name"]]["id"]}" or id eq "{two["id"]}")'
    want = sorted((made[t["name"]][by], two[by]), key=str.lower)
    for order, v in ("ascending", want), ("descending", want[::-1]):
        a = call("GET", where(t), filter=ids, sortBy=by, sortOrder=order)
        same(f"sortBy {by} {order}", v, [r[by] for r in a.get("Resources")])
    a = call("GET", where(t), filter=ids, count=1, startIndex=2)
    same("the second page, by creation", (2, two["id"]), (
        a.get("totalResults"), a.get("Resources")[0]["id"]))
    a = call("GET", where(t), filter=ids, count=1, cursor="")
    b = call("GET", where(t), filter=ids, count=1,
             cursor=a.get("nextCursor"))
    same("the same by cursor", (two["id"], None), (
        b.get("Resources")[0]["id"], b.get("nextCursor")))
    unique = t.get("key") or next(
        (n for n, x in t["attributes"][core(t)].items()
         if x["uniqueness"] != "none" and n in t["body"]), None)
    if unique:
        error(f"{unique} is unique", 409, "uniqueness", call(
            "POST", where(t), values(t["body"])))
    same("DELETE", 204, call("DELETE", f"{where(t)}/{two['id']}").status)


# --- changes --------------------------------------------------------------------------
def changed(t):
    id = made[t["name"]]["id"]
    for name, v in t["change"].items():
        old = made[t["name"]].get(name)
        a = patch(id, op("replace", name, v), where=where(t))
        same(f"PATCH {name}", (200, v), (a.status, a.get(name)))
        a = patch(id, op("replace", None, {name: old}), where=where(t))
        same("... and back, without path", (200, old), (
            a.status, a.get(name)))
    for urn, has, body in parts(t):
        for word in has.split():
            name = word.rstrip("[]!?")
            p = path(urn, t, name)
            if name not in body or "?" in word or name in t.get("fixed", []) \
                    or name in t.get("skip", []) or name == t.get("key") or \
                    p in t.get("stays", []):
                continue
            a = patch(id, op("remove", p), where=where(t))
            # a removal of access is written down, rule A2
            left = "none" if name == "portalAccess" else None
            same(f"remove {name}", (200, left), (
                a.status, at(a, urn, t, name) or None))
            a = patch(id, op("add", p, value(body[name])), where=where(t))
            check(f"add {name}", a.status == 200 and covers(value(
                body[name]), at(a, urn, t, name)), a.status, a.body)


def replaced(t):
    id = made[t["name"]]["id"]
    a = call("PUT", f"{where(t)}/{id}", dict(whole(t), **t["change"]))
    same("PUT", (200, t["change"]), (a.status, {
        k: a.get(k) for k in t["change"]}))
    keep = {k: v for k, v in values(t["body"]).items()
            if k == t.get("key") or k in t.get("fixed", [])}
    a = call("PUT", f"{where(t)}/{id}", keep)
    same("PUT of the least", 200, a.status)
    for word in t["has"].split():
        name = word.rstrip("[]!?")
        if name in t["body"] and name not in keep and "?" not in word and \
                name not in t.get("skip", []):
            same(f"... clears {name}", None, a.get(name) or None)
    a = call("PUT", f"{where(t)}/{id}", whole(t))
    check("PUT it back", a.status == 200 and covers({
        k: v for k, v in values(t["body"]).items()
        if t["attributes"][core(t)][k]["returned"] != "never"}, a.json),
        a.status, a.body)


def keys_are_fixed(t):
    id = made[t["name"]]["id"]
    for name in [t["key"]] if "key" in t else t.get("fixed", []):
        if "key" not in t and t["attributes"][core(t)][name][
                "mutability"] != "immutable":
            continue
        other = ["other"] if isinstance(t["body"][name], list) else "other"
        if name in ("requester", "beneficiary"):
            other = boss()
        for text, a in (
                ("PATCH", patch(id, op("replace", name, other),
                                where=where(t))),
                ("PUT", call("PUT", f"{where(t)}/{id}",
                             dict(whole(t), **{name: other})))):
            check(f"{text} of {name}", a.status == 400 and a.get("scimType")
                  in ("mutability", "invalidValue"), a.status, a.body)
        a = patch(id, op("replace", name, value(t["body"][name])),
                  where=where(t))
        same(f"{name} may be repeated", 200, a.status)


def versions(t):
    id = made[t["name"]]["id"]
    v = get(id, where(t)).headers["ETag"]
    one = f"{where(t)}/{id}"
    same("If-None-Match: 304", (304, b""), (lambda a: (a.status, a.body))(
        call("GET", one, headers={"If-None-Match": v})))
    same("... another", 200, call("GET", one, headers={
        "If-None-Match": 'W/"0"'}).status)
    name, new = next(iter(t["change"].items()))
    a = patch(id, op("replace", name, new), where=where(t),
              headers={"If-Match": v})
    check("If-Match, and a new version", a.status == 200 and
          a.headers["ETag"] != v, a.status, a.body)
    for text, b in (("PATCH", patch(id, op("replace", name, new),
                                    where=where(t), headers={"If-Match": v})),
                    ("PUT", call("PUT", one, whole(t),
                                 headers={"If-Match": v})),
                    ("DELETE", call("DELETE", one,
                                    headers={"If-Match": v}))):
        error(f"If-Match: a stale {text}", 412, None, b)
    a = call("PUT", one, whole(t), headers={"If-Match": a.headers["ETag"]})
    same("back", 200, a.status)


def external_id(t):
    id = made[t["name"]]["id"]
    a = patch(id, op("add", "externalId", "t-ext"), where=where(t))
    same("externalId", (200, "t-ext"), (a.status, a.get("externalId")))
    a = call("GET", where(t), filter='externalId eq "t-ext"')
    same("... is found", [id], [r["id"] for r in a.get("Resources") or []])


# --- the end ----------------------------------------------------------------------------
def deleted(t):
    """In the order of TYPES backwards: what still names it goes first."""
    id, one = made[t["name"]]["id"], f"{where(t)}/{made[t['name']]['id']}"
    same("DELETE", 204, call("DELETE", one).status)
    error("DELETE again", 404, None, call("DELETE", one))
    error("GET", 404, None, get(id, where(t)))


REFERRED = "Role Enterprise Company Account Service GroupIdentifier Tool " \
    "Group".split()


def referred(t):
    if t["name"] in REFERRED:
        a = call("DELETE", f"{where(t)}/{made[t['name']]['id']}")
        error("DELETE of what is referred to", 409, None, a)


def main():
    for t in TYPES:
        print("#", t["name"])
        for step in (published, create, asked_for, filtered, sorted_,
                     types_are_checked, changed, replaced, keys_are_fixed,
                     versions, external_id):
            print("##", step.__name__)
            step(t)
    for t in TYPES:
        print("#", t["name"], "is referred to")
        referred(t)
    for t in reversed(TYPES):
        print("#", t["name"], "goes")
        deleted(t)
    call("DELETE", f"{BASE}/Users/{boss()}", None, ADMIN)
    import scim
    sys.exit(1 if scim.failed else 0)


main()
