# SPDX-License-Identifier: ISC
"""Attacks on provostd's HTTP side: attack.py URL TOKEN-FILE. The letters are
those of the catalogue of faults: P parsers, H HTTP, A access, S SCIM."""
import http.client
import json
import socket
import time
from urllib.parse import urlencode

import scim
from scim import (ADMIN, AT, CLIENTS, CORE, ENTERPRISE, ERROR, GROUPS, PROVOST,
                  USERS, Answer, raw, run, same, statuses)


def call(method, path, body=None, token=ADMIN, headers=None, **query):
    """A connection for each. body: bytes as they are, all else as JSON."""
    h = {"Content-Type": "application/scim+json"} if body is not None else {}
    if token is not None:
        h["Authorization"] = "Bearer " + token
    h.update(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if query:
        path += "?" + urlencode(query)
    c = http.client.HTTPConnection(AT.hostname, AT.port, timeout=30)
    try:
        c.request(method, path, body, h)
        return Answer(c.getresponse())
    finally:
        c.close()


def error(text, status, kind, a):
    """A SCIM error of that status and scimType (None: none)."""
    got = (a.status, a.get("scimType"))
    same(text, (status, kind), got)
    if got != (status, kind):
        return
    if a.get("schemas") != [ERROR] or a.get("status") != str(status) \
            or not a.get("detail") or len(a.body) > 1024 \
            or a.headers["Content-Type"] != "application/scim+json":
        same(text + ": a SCIM error", "schemas, status, detail", a.body)


def user(name, token=ADMIN, **more):
    a = call("POST", USERS, dict(more, userName=name), token)
    if a.status != 201:
        same("make " + name, 201, (a.status, a.body))
    return a.json


def patch(id, *ops, where=USERS, **more):
    return call("PATCH", where + "/" + id, {"Operations": list(ops)}, **more)


def op(what, path=None, value=None):
    o = {"op": what, "value": value}
    if path is not None:
        o["path"] = path
    return o


def found(text, filter, want, **more):
    a = call("GET", USERS, filter=filter, **more)
    same(text, want, a.get("totalResults"))


def at_once(n, f):
    return statuses(scim.at_once(n, f))


# --- parsers ---------------------------------------------------------------
def filters():
    def bad(text, filter, where=USERS):
        error(text, 400, "invalidFilter", call("GET", where, filter=filter))
    x = 'userName eq "x"'
    for n in 33, 64:
        bad(f"P1 {n} (", "(" * n + x + ")" * n)
        bad(f"P1 {n} not (", "not (" * n + x + ")" * n)
        bad(f"P1 {n} [", "emails[" * n + x + "]" * n)
    bad("P2 65 terms", " or ".join([x] * 65))
    found("P2 64 terms", " or ".join([x] * 64), 0)
    bad("P3 a long filter", 'userName eq "' + "x" * 16400 + '"')
    bad("P4 8,000 segments", "a." * 8000 + "b pr")
    for text in ('userName eq "x', r'userName eq "\u"',
                 r'userName eq "\ud800"', r'userName eq "a\u0000"',
                 '\ufeffuserName pr', 'userName', 'userName pr pr', 'not', '(',
                 '   ', 'userName xx "a"', 'emails[type eq "work"',
                 'emails[emails[type pr]]', 'active gt true', 'name eq "x"',
                 'toolCount eq 1e999', 'meta.created gt "x"'):
        bad(f"P5 {text}", text)
    bad("P6 an unknown attribute", 'nonsense eq "x"')
    bad("P6 of another schema", 'urn:x:userName eq "x"')
    for where, name in ((USERS, "password"), (USERS, CORE + "User:password"),
                        (CLIENTS, "token"),
                        ("/scim/v2/Accounts", "invitationCode"),
                        ("/scim/v2/AccessRequests", "invitationCodes")):
        for rest in "pr", 'eq "x"', 'sw "a"':
            bad(f"never returned: {name} {rest}", f"{name} {rest}", where)
        error(f"never returned: sortBy {name}", 400, "invalidValue",
              call("GET", where, sortBy=name))


def bodies():
    for text, body in (
            ("P5 BOM", b'\xef\xbb\xbf{"userName":"b"}'),
            ("P5 NUL", b'{"userName":"b\\u0000"}'),
            ("P5 a lone surrogate", b'{"userName":"\\ud800"}'),
            ("P5 not UTF-8", b'{"userName":"\xff"}'),
            ("P5 overlong", b'{"userName":"\xc0\xaf"}'),
            ("P8 twice", b'{"userName":"b","active":true,"active":false}'),
            ("P8 in two cases", b'{"userName":"b","active":true,"Active":0}'),
            ("P9 10,000 deep", b"[" * 10000), ("P9 40 deep",
                                               b'{"a":' * 40 + b"1" + b"}" * 40),
            ("P10 1e999", b'{"userName":"b","x":1e999}'),
            ("P10 30 digits", b'{"x":' + b"1" * 30 + b"}"),
            ("an array", b"[]"), ("nothing", b""), ("more", b"{} x")):
        error(text, 400, "invalidSyntax", call("POST", USERS, body))
    for kind in ("text/plain", "application/json; charset=utf-16",
                 "application/json; charset=utf-8x", ""):
        error(f"P12 {kind}", 415, None, call("POST", USERS, b"{}", headers={
            "Content-Type": kind}))
    error("H15 gzip", 415, None, call("POST", USERS, b"\x1f\x8b", headers={
        "Content-Encoding": "gzip"}))
    for body in ({"userName": 5}, {"userName": ""}, {"userName": " \t"},
                 {"userName": "\u00a0"}, {}, {"userName": {"a": 1}},
                 {"userName": "b", "active": "maybe"},
                 {"userName": "b", "emails": [1]},
                 {"userName": "b", "emails": [{"value": "a", "type": "a b"}]},
                 {"userName": "b", "roles": [{"value": "emperor"}]},
                 {"userName": "b", "roles": ["viewer", "administrator"]},
                 {"userName": "b", "externalId": 5},
                 {"userName": "b", ENTERPRISE: "x"},
                 {"userName": "b", ENTERPRISE: {"manager": "nobody"}},
                 {"userName": "b", PROVOST: {"state": "zombie"}},
                 # An error text cuts it in the middle of a character.
                 {"userName": "b", PROVOST: {"state": "x" + "\u00e9" * 40}},
                 {"userName": "b", PROVOST: {"accounts": ["nope"]}},
                 {"userName": "b", "x509Certificates": [{"value": "AAAA"}]},
                 {"userName": "b", "addresses": [{"country": "Germany"}]},
                 {"userName": "b", "roles": [{"value": "Z" * 20000}]}):
        error(f"not a user: {body!r:.60}", 400, "invalidValue",
              call("POST", USERS, body))
    found("none of them was made", 'userName eq "b"', 0)


def paging():
    for q in ({"startIndex": "abc"}, {"count": "1.5"}, {"startIndex": 2**63},
              {"attributes": ",".join("a%d" % i for i in range(3000))},
              {"attributes": "id", "excludedAttributes": "id"},
              {"sortBy": "nonsense"}):
        error(f"P13 P14 {q!r:.40}", 400, "invalidValue",
              call("GET", USERS, **q))
    for q, n in (({"startIndex": 0}, 25), ({"count": -1}, 0),
                 ({"count": 10**9}, 25), ({"startIndex": 2**63 - 1,
                                           "count": 2**63 - 1}, 0),
                 ({"startIndex": 2**62, "sortBy": "userName"}, 0)):
        a = call("GET", USERS, **q)
        same(f"P14 {q}", (200, 25, n), (a.status, a.get("totalResults"),
                                        a.get("itemsPerPage")))
    a = call("GET", USERS, cursor="", count=3)
    error("a cursor of another filter", 400, "invalidCursor", call(
        "GET", USERS, cursor=a.json["nextCursor"], filter="userName pr"))
    for body, kind in (({"filter": {}}, "invalidFilter"),
                       ({"filter": 5}, "invalidFilter"),
                       ({"count": True}, "invalidValue"),
                       ({"startIndex": 1.5}, "invalidValue"),
                       ({"attributes": {}}, "invalidValue"),
                       ({"attributes": [1]}, "invalidValue"),
                       ({"attributes": ["userName"] * 80000}, "invalidValue"),
                       ({"filter": "password pr"}, "invalidFilter")):
        error(f".search {body!r:.40}", 400, kind,
              call("POST", USERS + "/.search", body))


def patches():
    id = user("patched", emails=[{"value": "a@x.example"}])["id"]
    for text, kind, ops in (
            ("P4 a deep path", "invalidPath", [op("add", "a." * 8000, 1)]),
            ("an unknown path", "invalidPath", [op("add", "nonsense", 1)]),
            ("an index", "invalidPath", [op("remove", "emails[0]")]),
            ("another schema", "invalidPath", [op("add", "urn:x:title", 1)]),
            ("id", "mutability", [op("replace", "id", "x")]),
            ("meta", "mutability", [op("replace", "meta.created", "x")]),
            ("A7 groups", "mutability", [op("add", "groups", ["x"])]),
            ("owner", "mutability", [op("add", PROVOST + ":owner", "x")]),
            ("a count", "mutability", [op("add", PROVOST + ":toolCount", 1)]),
            ("no user name", "invalidValue", [op("remove", "userName")]),
            ("a blank one", "invalidValue", [op("replace", "userName", " ")]),
            ("remove everything", "noTarget", [op("remove")]),
            ("no operation", "invalidSyntax", [op("move", "title", "x")]),
            ("a number", "invalidSyntax", [1]),
            ("a weak password", "invalidValue", [op("add", "password", "x")]),
            ("1,001 operations", "tooMany",
             [op("add", "title", "x")] * 1001),
            ("S8 the third fails", "mutability", [
                op("add", "title", "half"), op("add", "title", "half"),
                op("add", "groups", "x")]),
            ("a list, over and over", "tooMany", [op("add", "emails", [
                {"value": f"{i}.{k}@x.example"} for k in range(15)])
                for i in range(1000)]),
            ("1,000 filters on it", "tooMany", [op("add", "emails", [
                {"value": f"{i}@x.example"} for i in range(5000)])] + [op(
                    "remove", f'emails[value eq "{i}"]') for i in range(999)]),
            ("each the primary one", "tooMany", [op("add", "emails", [
                {"value": f"{i}@x.example"} for i in range(5000)]), op(
                    "add", "emails[value pr].primary", True)])):
        error(f"PATCH {text}", 400, kind, patch(id, *ops))
    a = call("GET", USERS + "/" + id)
    same("... nothing of that was done", ("patched", None, 1), (
        a.get("userName"), a.get("title"), len(a.get("emails"))))
    a = patch(id, op("Replace", None, {
        "id": "x", "meta": {}, "groups": [], PROVOST: {"owner": "x"},
        "active": "False", "title": "all"}))
    same("read-only ones without a path are passed over", (
        200, id, False, "all", "admin"), (
        a.status, a.get("id"), a.get("active"), a.get("title"),
        a.json[PROVOST]["owner"]))
    for what in op("remove", "active"), op("replace", "active"), \
            op("remove", PROVOST):
        same(f"S11 {what['op']} {what['path'][:6]} does not reactivate",
             False, patch(id, what).get("active"))
    a = call("PUT", USERS + "/" + id, {"userName": "patched", PROVOST: {}})
    same("S12 nor does PUT", False, a.get("active"))
    for n in ("emails", "addresses"):
        error(f"500 types of {n}", 400, "invalidValue", call(
            "PUT", USERS + "/" + id, {"userName": "patched", n: [
                {"type": f"t{i}", "value": "x", "locality": "x"}
                for i in range(500)]}))
    error("2,000 items", 400, "invalidValue", call(
        "POST", "/scim/v2/AccessRequests", {
            "requester": id, "beneficiary": id, "kind": "tool",
            "tool": "wan-analysis", "items": [
                {"value": f"x{i}"} for i in range(2000)]}))
    same("S16 DELETE", [204, 404], [call("DELETE", USERS + "/" + id).status
                                    for i in range(2)])


def names():
    for n in ("*", "a*", "a)(uid=*", "\\", "\\2a", "#x", " x", "a,b+c=d",
              '"<a>;', "..", "%00", "José", "\U0001f600", "a\x1b[31m\r\nb",
              "=cmd|x", "\u202ex"):
        a = call("POST", USERS, {"userName": n, "title": n})
        same(f"P16 P17 {n!r} goes round", (201, n, n), (
            a.status, a.get("userName"), a.get("title")))
        found("... and is found", "userName eq " + json.dumps(n), 1)
        call("DELETE", USERS + "/" + a.json["id"])
    for x, y in (("José", "Jose\u0301"), ("Twin", "tWIN "), ("straße",
                 "STRASSE"), ("full", "ｆｕｌｌ"), ("in ner", "in  ner")):
        id = user(x)["id"]
        error(f"S18 {x!r} and {y!r} are one", 409, "uniqueness",
              call("POST", USERS, {"userName": y}))
        found("... also in a filter", "userName eq " + json.dumps(y), 1)
        call("DELETE", USERS + "/" + id)


# --- HTTP ------------------------------------------------------------------
def wire():
    head = f"Host: x\r\nAuthorization: Bearer {ADMIN}\r\n"
    get = f"GET {USERS}?count=0 HTTP/1.1\r\n"
    post = f"POST {USERS} HTTP/1.1\r\n{head}" \
        "Content-Type: application/json\r\n"
    body = '{"userName":"wire"}'

    def refused(text, message, status=400):
        got = raw(message)
        same(text, (b"HTTP/1.1 %d" % status, 1),
             (got[:12], got.count(b"X-Request-Id")))
    refused("H1 two lengths", post + "Content-Length: 19\r\n" * 2 + "\r\n" +
            body)
    refused("H2 length and coding", post + "Content-Length: 19\r\n"
            f"Transfer-Encoding: chunked\r\n\r\n13\r\n{body}\r\n0\r\n\r\n")
    for coding in "xchunked", "chunked, identity", "identity", "chunked;x":
        refused(f"H3 {coding}", f"{post}Transfer-Encoding: {coding}\r\n\r\n"
                f"13\r\n{body}\r\n0\r\n\r\n")
    for length in "+3", "0x3", "3, 3", "-1":
        same(f"H4 {length}", b"HTTP/1.1 400",
             raw(f"{post}Content-Length: {length}\r\n\r\n{{}}")[:12])
    for text, line in (("a space", "X : y\r\n"), ("folded", "X: a\r\n b\r\n"),
                       ("a bare LF", "X: y\nZ: z\r\n"),
                       ("a bare CR", "X: y\rContent-Length: 5\r\n"),
                       ("a NUL", "X: y\0z\r\n"), ("H6 two hosts",
                                                  "Host: y\r\n"),
                       ("H7 two tokens", "Authorization: Bearer x\r\n")):
        refused("H5 " + text, get + head + line + "\r\n")
    refused("H5 NUL in the path", f"GET {USERS}\0 HTTP/1.1\r\n{head}\r\n")
    refused("H6 no host", get + head[9:] + "\r\n")
    refused("H8 17 KiB", get + head + "X: " + "y" * 17000 + "\r\n\r\n", 431)
    refused("H11 a large body", post + "Expect: 100-continue\r\n"
            "Content-Length: 99999999\r\n\r\n", 413)
    refused("A1 no token, no body read", f"POST {USERS} HTTP/1.1\r\nHost: x"
            "\r\nContent-Length: 900000\r\n\r\n", 401)
    for n in range(0, len(post) + 40):
        s = socket.create_connection((AT.hostname, AT.port))
        s.sendall((f"{post}Content-Length: 19\r\n\r\n{body}")[:-1][:n]
                  .encode())
        s.close()
    time.sleep(0.2)
    found("H16 no half user of a cut connection", 'userName eq "wire"', 0)
    for method in "OPTIONS", "TRACE", "BREW", "get":
        error(f"H13 {method}", 405, None, call(method, USERS))
    for path in ("//scim/v2//Users", "/scim/v2/Users/", "/scim/v2/users",
                 "/scim/v2/%2e%2e/v2/Users", "/scim/v2%2fUsers",
                 "/scim/v2/Users;x", "/scim/v2/me", "/scim/v2/bulk"):
        error(f"H14 {path}", 404, None, call("GET", path))
        error("... without a token", 401, None, call("GET", path, token=None))


# --- access ----------------------------------------------------------------
def client(name, scopes, **more):
    return call("POST", CLIENTS, dict(more, name=name, scopes=scopes)).json


def tokens():
    for text in ("", "Bearer", "Bearer ", "Basic eDp5", ADMIN, "Bearer x",
                 "Bearer " + "x" * 9000, f'Bearer "{ADMIN}"',
                 "Bearer eyJhbGciOiJub25lIn0.e30."):
        error(f"A1 {text[:9]!r}", 401, None, call(
            "GET", USERS, token=None, headers={"Authorization": text}))
    u = user("scoped")
    id, mine = u["id"], u[PROVOST]["owner"]
    tries = (("GET", USERS, None), ("GET", USERS + "/" + id, None),
             ("PATCH", USERS + "/" + id, {}), ("POST", USERS, {}),
             ("DELETE", USERS + "/x", None), ("GET", "/scim/v2/Tools", None),
             ("POST", CLIENTS, {}), ("GET", "/v1/status", None),
             ("GET", "/metrics", None), ("POST", "/scim/v2/Bulk", {}))
    for scopes, want in ((["read"], "200 200 403 403 403 200 403 200 403 403"),
                         (["read:Users"],
                          "200 200 403 403 403 403 403 403 403 403"),
                         (["write:Users"],
                          "403 403 400 400 404 403 403 403 403 400"),
                         (["write", "write:Clients"],
                          "403 403 400 400 404 403 403 403 403 400"),
                         (["read:", "*", "read:*", "nonsense"],
                          "403 403 403 403 403 403 403 403 403 403"),
                         ([], "403 403 403 403 403 403 403 403 403 403")):
        token = client("scoped-" + "".join(scopes), scopes,
                       owner=mine)["token"]
        same(f"A4 {scopes}", want, " ".join(
            str(call(m, p, b, token).status) for m, p, b in tries))
    c = client("old", ["read"], expires="2020-01-01T00:00:00Z")
    error("A3 expired", 401, None, call("GET", USERS, token=c["token"]))
    c = client("turned-off", ["read"], enabled=False)
    error("A3 disabled", 401, None, call("GET", USERS, token=c["token"]))
    c = client("live", ["read"])

    def live():
        return call("GET", USERS, token=c["token"]).status
    where = {"where": CLIENTS}
    second = patch(c["id"], op("add", "token", "x"), **where).get("token")
    same("A3 two tokens", [200, 200], [live(), call(
        "GET", USERS, token=second).status])
    patch(c["id"], op("add", "expires", "2020-01-01T00:00:00Z"), **where)
    same("A3 it ends", 401, live())
    a = patch(c["id"], op("remove", "expires"), **where)
    same("A3 it does not any more", (None, 200), (a.get("expires"), live()))
    call("DELETE", CLIENTS + "/" + c["id"])
    same("A3 gone", 401, live())


def owners():
    one, two = (client(n, ["read", "write"], owner=n)["token"]
                for n in ("idp-1", "idp-2"))
    id = user("owned", one, externalId="E1")["id"]
    same("A9 its owner sees externalId", "E1",
         call("GET", USERS + "/" + id, token=one).get("externalId"))
    a = call("GET", USERS + "/" + id, token=two)
    same("A9 another does not", (200, None), (a.status, a.get("externalId")))
    for f in ('externalId eq "E1"', 'externalId pr', 'externalId sw "E"',
              'externalId ge "A"'):
        found(f"A9 nor by {f}", f + ' and userName eq "owned"', 0, token=two)
    for f in 'externalId ne "E1"', 'not (externalId eq "E1")':
        found(f"A9 nor by {f}", f + ' and userName eq "owned"', 1, token=two)
    user("owned-too", two, externalId="E1")
    for text, o in (("set", op("replace", "externalId", "F")),
                    ("remove", op("remove", "externalId"))):
        patch(id, o, token=two)
        same(f"A9 nor can it {text} it", "E1", call(
            "GET", USERS + "/" + id, token=one).get("externalId"))
    error("S17 the same externalId again", 409, "uniqueness", call(
        "POST", USERS, {"userName": "other", "externalId": "E1"}, one))
    a = call("POST", USERS, {
        "userName": "owned-3", "id": id, "externalId": id,
        "meta": {"created": "1999-01-01T00:00:00Z"},
        PROVOST: {"owner": "idp-2", "personId": "p0001"}}, one)
    same("A6 id, meta and owner are the server's", (True, True, "idp-1"), (
        a.get("id") != id, a.json["meta"]["created"] > "2020",
        a.json[PROVOST]["owner"]))
    same("A6 an externalId is no id", "owned", call(
        "GET", USERS + "/" + id, token=one).get("userName"))
    for method, body in (("PATCH", {"Operations": [op("add", "title", "x")]}),
                         ("PUT", {"userName": "owned"}), ("DELETE", None)):
        error(f"A9 another source's {method}", 403, None, call(
            method, USERS + "/" + id, body, two))
    error("A8 nor is it adopted", 409, "uniqueness", call(
        "POST", USERS, {"userName": "Owned", "externalId": "E2"}, two))
    born = call("GET", USERS, filter='userName eq "pat.contact"')
    error("D9 nor one born in LDAP", 403, None, patch(
        born.json["Resources"][0]["id"], op("add", "title", "x"), token=one))


def provider():
    mine = user("of-admin")[PROVOST]["owner"]
    other = client("no-provider", ["read", "write"], owner=mine)["token"]
    role = [{"value": "primary-contact"}]
    tool = [{"value": "ddos-shield"}]
    error("V3 a primary contact made by an IdP", 403, None, call(
        "POST", USERS, {"userName": "evil", "roles": role}, other))
    error("V6 a restricted tool", 403, None, call(
        "POST", USERS, {"userName": "evil", PROVOST: {"tools": tool}}, other))
    error("V6 as entitlement", 403, None, call(
        "POST", USERS, {"userName": "evil", "entitlements": tool}, other))
    found("... nothing was made", 'userName eq "evil"', 0)
    id = user("contact", roles=role)["id"]
    for o in op("remove", "roles"), op("replace", "roles", ["viewer"]):
        error(f"V3 unmade by {o['op']}", 403, None, patch(id, o, token=other))
    a = patch(id, op("add", "title", "x"), token=other)
    same("all else may be changed", (200, "x"), (a.status, a.get("title")))
    same("provider staff may", 200, patch(id, op("remove", "roles"), op(
        "add", PROVOST + ":tools", tool)).status)
    error("V6 an account more of a restricted tool", 403, None, patch(
        id, op("add", 'tools[value eq "ddos-shield"].accounts',
               ["100002"]), token=other))
    same("V6 taking it away", 200, patch(
        id, op("remove", PROVOST + ":tools"), token=other).status)


# --- SCIM ------------------------------------------------------------------
def versions():
    u = user("version")
    v, path = u["meta"]["version"], USERS + "/" + u["id"]
    for header, text, want in (
            ("If-None-Match", v, [304, 412, 412]),
            ("If-None-Match", "*", [304, 412, 412]),
            ("If-None-Match", '"x"', [200, 200, 200]),
            ("If-Match", '"x"', [200, 412, 412]),
            ("If-Match", v[:-1], [200, 412, 412]),
            ("If-Match", f'"x", {v}', [200, 200, 200]),
            ("If-Match", "*", [200, 200, 200])):
        h = {header: text}
        same(f"S15 {header}: {text}", want, [
            call("GET", path, headers=h).status,
            patch(u["id"], headers=h).status,
            call("PUT", path, {"userName": "version"}, headers=h).status])
    error("S15 DELETE of an old one", 412, None, call(
        "DELETE", path, headers={"If-Match": '"x"'}))


def groups():
    id = call("POST", GROUPS, {"displayName": "g", "members": []}).json["id"]
    g, m, half = CORE + "Group", [{"value": "x"}], op(
        "replace", "displayName", "half")
    for o in (op("add", "members", m), op("replace", "MEMBERS", m),
              op("add", "members", [7]), op("add", "members", {}),
              op("add", "members", [{"value": id}]),
              op("add", g + ":members", m), op("add", g, {"members": m}),
              op("add", None, {"members": m}),
              op("add", None, {g + ":members": m}),
              op("add", None, {g: {"members": m}})):
        error(f"nobody to add: {o!r:.60}", 400, "invalidValue", patch(
            id, half, o, where=GROUPS))
    for kind, o in (("mutability", op("add", None, {"members.value": "x"})),
                    ("invalidPath", op("remove", "members[")),
                    ("invalidPath", op("remove", "members[a[b pr]]")),
                    ("noTarget", op("add", "members[type pr]", {}))):
        error(f"... {o!r:.60}", 400, kind, patch(id, half, o, where=GROUPS))
    for o in (op("Remove", "members"), op("remove", 'members[value eq "x"]'),
              op("remove", 'members[$ref eq "http://x/a:b"]'),
              op("replace", "members", []), op("remove", "members", m)):
        same(f"nobody to remove: {o!r:.60}", 204, patch(
            id, o, where=GROUPS).status)
    for body in {"members": m}, {g + ":members": m}, {g: {"members": m}}:
        error(f"nor by PUT {body!r:.50}", 400, "invalidValue", call(
            "PUT", GROUPS + "/" + id, dict(body, displayName="half")))
        error(f"nor by POST {body!r:.50}", 400, "invalidValue", call(
            "POST", GROUPS, dict(body, displayName="half")))
    error("very many operations", 400, "tooMany", patch(
        id, half, *[{"op": "add", "path": "members", "value": []}] * 200000,
        where=GROUPS))
    a = patch(id, op("replace", None, {"id": id, "displayName": "h"}),
              where=GROUPS)
    same("a rename (Okta)", (200, "h"), (a.status, a.get("displayName")))
    same("nothing was half done", 0, call(
        "GET", GROUPS, filter='displayName eq "half"').get("totalResults"))


def races():
    def post(body, where=USERS):
        return lambda i: call("POST", where, {
            k: v.replace("#", str(i)) if isinstance(v, str) else v
            for k, v in body.items()})
    same("S14 50 of one name", {201: 1, 409: 49},
         at_once(50, post({"userName": "race"})))
    same("S17 50 of one externalId", {201: 1, 409: 49},
         at_once(50, post({"userName": "race-#", "externalId": "race"})))
    same("20 clients of one name", {201: 1, 409: 19},
         at_once(20, post({"name": "race", "scopes": []}, CLIENTS)))
    ids = [user(f"race-to-{i}")["id"] for i in range(15)]
    same("15 users to one name", {200: 1, 409: 14}, at_once(
        15, lambda i: patch(ids[i], op("replace", "userName", "race-to"))))
    same("30 changes of one user", {200: 30}, at_once(30, lambda i: patch(
        ids[0], op("add", "emails", [{"value": f"{i}@x.example"}]))))
    a = call("GET", USERS + "/" + ids[0])
    same("... none is lost", 30, len(a.get("emails")))
    v = {"If-Match": a.json["meta"]["version"]}
    same("20 with one If-Match", {200: 1, 412: 19}, at_once(20, lambda i: patch(
        ids[0], op("add", "title", str(i)), headers=v)))


run([paging, filters, bodies, patches, names, wire, tokens, owners, provider,
     versions, groups, races])
