# SPDX-License-Identifier: ISC
"""SCIM semantics that bite (S of the catalogue of faults), but for a group's
members: semantics.py URL TOKEN-FILE LOG. LOG is the daemon's."""
import json
import sys

from scim import (BASE, CERTIFICATE, ENTERPRISE, PROVOST, USERS, at_once, call,
                  client, error, get, metric, op, patch, run, same, statuses,
                  total, user)

LOG = sys.argv[3]
PEOPLE = 2000


def put(id, body, **more):
    return call("PUT", f"{USERS}/{id}", body, **more)


def writes(f):
    """How many LDAP writes f makes."""
    before = metric("ldap_writes_total")
    f()
    return metric("ldap_writes_total") - before


def log_lines(*words):
    return [x for x in open(LOG, errors="replace")
            if all(w in x for w in words)]


# --- PUT -------------------------------------------------------------------------
def S0_put_clears_what_is_left_out():
    u = user("put-clears", title="T", nickName="N", active=False,
             name={"givenName": "G", "familyName": "F", "middleName": "M"},
             emails=[{"value": "a@x.example", "type": "work"},
                     {"value": "b@x.example", "type": "home"}],
             **{ENTERPRISE: {"department": "D", "division": "V"}})
    a = put(u["id"], {"userName": "put-clears", "title": "T2",
                      "name": {"givenName": "G2"},
                      "emails": [{"value": "b@x.example", "type": "home"}],
                      ENTERPRISE: {"division": "V2"}})
    same("what is there, what is gone", (
        200, "T2", None, "G2", None, None, ["b@x.example"], "V2", None), (
        a.status, a.get("title"), a.get("nickName"),
        a.get("name", "givenName"), a.get("name", "familyName"),
        a.get("name", "middleName"),
        [m["value"] for m in a.get("emails")], a.get(ENTERPRISE, "division"),
        a.get(ENTERPRISE, "department")))
    same("S12 it stays as inactive as it was", False, a.get("active"))


def S0_put_leaves_an_extension_that_it_does_not_speak_of():
    u = user("put-extension", **{ENTERPRISE: {"department": "D"},
                                 PROVOST: {"portalAccess": "invited"}})
    a = put(u["id"], {"userName": "put-extension"})
    same("neither is cleared", ("D", "invited"), (
        a.get(ENTERPRISE, "department"), a.get(PROVOST, "portalAccess")))
    a = put(u["id"], {"userName": "put-extension", ENTERPRISE: {}})
    same("one is spoken of", (None, "invited"), (
        a.get(ENTERPRISE, "department"), a.get(PROVOST, "portalAccess")))


def S0_put_back_what_was_got_writes_nothing():
    everybody = call("GET", USERS, count=40).json["Resources"]
    for r in everybody:
        def back():
            a = put(r["id"], r)
            if (a.status, a.json) != (200, r):
                same(f"the answer for {r['userName']}", r, a.json)
        n = writes(back)
        if n:
            same(f"writes for {r['userName']}", 0, n)
    same("everybody of the sample", True, len(everybody) >= 25)


def S0_put_renames_a_person_with_a_certificate():
    u = user("certified", x509Certificates=[{"value": CERTIFICATE}])
    a = put(u["id"], {"userName": "certified-2", "x509Certificates": [
        {"value": CERTIFICATE, "type": "signing"}]})
    same("the bytes are whole", (200, CERTIFICATE), (
        a.status, a.get("x509Certificates")[0]["value"]))


def S0_an_immutable_attribute_may_be_left_out_or_repeated():
    t = call("POST", BASE + "/Tools", {"toolId": "fixed", "name": "F"}).json
    where = f"{BASE}/Tools/{t['id']}"
    for body in {"name": "F2"}, {"toolId": "fixed", "name": "F2"}, \
            {"toolId": "FIXED", "name": "F2"}:
        a = call("PUT", where, body)
        same(f"{body}", (200, "F2"), (a.status, a.get("name")))
    error("another", 400, "mutability", call("PUT", where,
                                             {"toolId": "other"}))
    error("by PATCH", 400, "mutability", patch(
        t["id"], op("replace", "toolId", "other"), where=BASE + "/Tools"))


# --- forms -------------------------------------------------------------------------
def S9_active_in_every_form():
    u = user("forms")
    for text, o in (
            ("a boolean", op("replace", "active", False)),
            ("a string", op("Replace", "active", "False")),
            ("without path", op("replace", None, {"active": False})),
            ("a string without path", op("Replace", None,
                                         {"active": "false"})),
            ("an array of one", op("replace", "active", [False])),
            ("an object", op("replace", "active", [{"value": "False"}])),
            ("behind the URN", op("replace", "urn:ietf:params:scim:schemas:"
                                  "core:2.0:User:active", False)),
            ("in any case", op("REPLACE", "ACTIVE", False)),
            ("added", op("add", "active", False))):
        a = patch(u["id"], o)
        same(text, (200, False), (a.status, a.get("active")))
        patch(u["id"], op("replace", "active", True))
    error("neither true nor false", 400, "invalidValue", patch(
        u["id"], op("replace", "active", "maybe")))


def S10_deactivate_and_rename_in_one_request():
    u = user("tenth")
    a = patch(u["id"], op("replace", "active", False),
              op("replace", "userName", "tenth-2"))
    same("both", (200, False, "tenth-2"), (
        a.status, a.get("active"), a.get("userName")))
    a = put(u["id"], {"userName": "tenth-3", "active": True})
    same("and back", (200, True, "tenth-3"), (
        a.status, a.get("active"), a.get("userName")))


def S11_a_suspended_person_comes_back():
    u = user("back", active=False, **{ENTERPRISE: {"department": "D"}})
    a = patch(u["id"], op("replace", "active", True))
    same("reactivated, with all", (200, True, "active", "D"), (
        a.status, a.get("active"), a.get(PROVOST, "state"),
        a.get(ENTERPRISE, "department")))


def S12_active_is_decided_by_nobody_else():
    u = user("twelfth")
    for body in {"userName": "twelfth"}, {"userName": "twelfth",
                                          PROVOST: {}}:
        same("PUT without active", True, put(u["id"], body).get("active"))
    for body in {"active": None}, {"active": ""}:
        a = put(u["id"], dict(body, userName="twelfth"))
        same(f"PUT {body}", (200, True), (a.status, a.get("active")))


def S13_unknown_attributes_are_ignored_and_logged_once():
    token = client("logged")
    a = call("POST", USERS, {
        "userName": "logged", "favouriteColour": "blue",
        "emails": [{"value": "l@x.example", "display": "L"}],
        "urn:example:custom": {"badge": 1}}, token)
    same("created all the same", (201, None, None), (
        a.status, a.get("favouriteColour"), a.get("urn:example:custom")))
    lines = log_lines("client logged:", "favouriteColour")
    same("one line", 1, len(lines))
    for name in "favouriteColour", "emails.display", "urn:example:custom":
        same(f"{name} is named", True, name in "".join(lines))
    same("... at info, no value", (0, 0), (
        len(log_lines("warning", "favouriteColour")),
        len(log_lines("blue"))))
    id = a.json["id"]
    for _ in range(3):
        a = patch(id, op("replace", None, {"favouriteColour": "red",
                                           "title": "T"}), token=token)
        put(id, {"userName": "logged", "favouriteColour": "red"},
            token=token)
    same("the rest of a PATCH is done", (200, "T"), (
        a.status, a.get("title")))
    same("still one line", 1, len(log_lines("client logged:",
                                            "favouriteColour")))
    patch(id, op("add", None, {"shoeSize": 43}), token=token)
    same("another name, another line", 1, len(log_lines("client logged:",
                                                        "shoeSize")))
    user("logged-2", client("logged-too"), favouriteColour="green")
    same("another client, another line", 1, len(log_lines(
        "client logged-too:", "favouriteColour")))
    patch(id, op("add", "entitlements", [{"value": "x", "type": "app"}]),
          token=token)
    same("known but not supported: no silence", 1, len(log_lines(
        "client logged:", "entitlements of a type other than tool")))
    error("named by a path it is an error", 400, "invalidPath", patch(
        id, op("replace", "favouriteColour", "red"), token=token))


def dotted_keys_and_urn_keys():
    u = user("dotted")
    a = patch(u["id"], op("replace", None, {
        "name.givenName": "G", "NAME.familyName": "F",
        ENTERPRISE + ":department": "D", ENTERPRISE + ".division": "V",
        ENTERPRISE: {"costCenter": "C"},
        'emails[type eq "work"].value': "w@x.example",
        'addresses[type eq "home"].locality': "Bonn",
        "userName": "dotted-2", "roles": [], "nickName": ""}))
    same("all of them", (200, "G", "F", "D", "V", "C", "w@x.example", "Bonn",
                         "dotted-2", None), (
        a.status, a.get("name", "givenName"), a.get("name", "familyName"),
        a.get(ENTERPRISE, "department"), a.get(ENTERPRISE, "division"),
        a.get(ENTERPRISE, "costCenter"), a.json["emails"][0]["value"],
        a.json["addresses"][0]["locality"], a.get("userName"),
        a.get("nickName")))


def manager_in_every_form():
    boss, u = user("forms-boss"), user("forms-report")
    for text, value in (("an array", [{"$ref": None, "value": boss["id"]}]),
                        ("an object", {"value": boss["id"]}),
                        ("an id", boss["id"]),
                        ("by $ref", {"$ref": "../Users/" + boss["id"]})):
        a = patch(u["id"], op("Add", "manager", value))
        same(text, (200, boss["id"]), (
            a.status, a.get(ENTERPRISE, "manager", "value")))
        patch(u["id"], op("remove", ENTERPRISE + ":manager"))
    error("nobody", 400, "invalidValue", patch(
        u["id"], op("add", "manager", "nobody")))
    for value in "", None, [], [{"value": ""}], {"value": None}:
        patch(u["id"], op("Add", "manager", boss["id"]))
        a = call("PATCH", f"{USERS}/{u['id']}", {"Operations": [
            {"op": "replace", "path": "manager", "value": value}]})
        same(f"{value!r}: none any more", (200, None), (
            a.status, a.get(ENTERPRISE, "manager")))


def nulls_are_no_values():
    u = call("POST", USERS, {
        "userName": "nothing", "title": None, "name": None, "emails": None,
        "phoneNumbers": [{"value": None, "type": "work"}],
        "externalId": None, ENTERPRISE: None, "addresses": []})
    same("created", (201, None, None), (u.status, u.get("title"),
                                        u.get("emails")))
    id = u.json["id"]
    patch(id, op("add", "title", "T"), op("add", "emails", "a@x.example"))
    for o in {"op": "replace", "path": "title", "value": None}, \
            {"op": "replace", "value": {"emails": None}}:
        a = call("PATCH", f"{USERS}/{id}", {"Operations": [o]})
        same(f"{o} removes", 200, a.status)
    same("both are gone", (None, None), (a.get("title"),
                                         a.get("emails") or None))
    same("no null in any answer", False, b"null" in a.body)


def nothing_to_do_writes_nothing():
    u = user("idle", title="T", emails=[{"value": "i@x.example",
                                         "type": "work"}])
    v = u["meta"]["version"]

    def each():
        for ops in ([], [op("replace", "title", "T")],
                    [op("add", "emails", [{"value": "i@x.example",
                                           "type": "work"}])],
                    [op("remove", "nickName")],
                    [op("remove", 'emails[value eq "none"]')],
                    [op("replace", None, {"active": "True"})]):
            a = patch(u["id"], *ops)
            same(f"{ops!r:.60}", (200, v), (a.status,
                                            a.get("meta", "version")))
    same("no LDAP write at all", 0, writes(each))


def hundreds_of_operations():
    u = user("hundreds")
    a = patch(u["id"], *[op("add", "emails", [
        {"value": f"{i}@x.example", "type": "other"}])
        for i in range(300)], *[op("Replace", "title", f"T{i}")
                                for i in range(300)])
    same("600", (200, 300, "T299"), (a.status, len(a.get("emails")),
                                     a.get("title")))
    same("in one LDAP write", 1, writes(lambda: patch(u["id"], *[
        op("remove", f'emails[value eq "{i}@x.example"]')
        for i in range(200)])))
    same("the rest is there", 100, len(get(u["id"]).get("emails")))


def what_is_primary_is_one():
    u = user("primary", emails=[
        {"value": "1@x.example", "primary": True},
        {"value": "2@x.example", "type": "home"}])
    same("false is said", [True, False], [m["primary"]
                                          for m in u["emails"]])
    a = patch(u["id"], op("add", "emails", [
        {"value": "3@x.example", "primary": True}]))
    same("a new one takes it over (RFC 7644 3.5.2)", ["3@x.example"], [
        m["value"] for m in a.get("emails") if m["primary"]])
    same("a filter on false", 1, total(
        'userName eq "primary" and emails[primary eq false and value eq '
        '"1@x.example"]'))
    error("two in one request", 400, "invalidValue", put(u["id"], {
        "userName": "primary", "emails": [
            {"value": "1@x.example", "primary": True},
            {"value": "2@x.example", "primary": True}]}))


# --- twins ---------------------------------------------------------------------------
def S14_parallel_twins():
    for n in 50, 100:
        got = at_once(n, lambda i: call("POST", USERS, {
            "userName": f"TWIN-{n}" if i % 2 else f"twin-{n}"}))
        same(f"{n} POSTs of one userName", {201: 1, 409: n - 1},
             statuses(got))
        same("... one is there", 1, total(f'userName eq "twin-{n}"'))


def S14_parallel_patches_lose_none():
    u = user("parallel")
    got = at_once(100, lambda i: patch(u["id"], op("add", "emails", [
        {"value": f"{i}@x.example", "type": "other"}])))
    same("100 PATCHes of one user", {200: 100}, statuses(got))
    same("... all are there", 100, len(get(u["id"]).get("emails")))
    got = at_once(50, lambda i: patch(u["id"], op(
        "remove", f'emails[value eq "{i}@x.example"]')))
    same("50 removals", {200: 50}, statuses(got))
    same("... those and no others", 50, len(get(u["id"]).get("emails")))


def S15_a_stale_version_is_refused():
    u = user("versions")
    old = {"If-Match": u["meta"]["version"]}
    a = patch(u["id"], op("add", "title", "1"), headers=old)
    same("the right one", 200, a.status)
    for text, b in (
            ("PATCH", patch(u["id"], op("add", "title", "2"), headers=old)),
            ("PUT", put(u["id"], {"userName": "versions"}, headers=old)),
            ("DELETE", call("DELETE", f"{USERS}/{u['id']}", headers=old))):
        error(f"a stale {text}", 412, None, b)
    same("nothing was done", "1", get(u["id"]).get("title"))
    same("ETag and meta.version", a.get("meta", "version"),
         get(u["id"]).headers["ETag"])


def S16_delete_twice():
    u = user("gone")
    got = at_once(10, lambda i: call("DELETE", f"{USERS}/{u['id']}"))
    same("ten at a time", {204: 1, 404: 9}, statuses(got))
    error("once more", 404, None, call("DELETE", f"{USERS}/{u['id']}"))
    a = call("POST", USERS, {"userName": "gone"})
    same("the name is free", (201, True), (a.status,
                                           a.get("id") != u["id"]))


def S17_a_post_that_is_sent_again():
    token = client("again")
    body = {"userName": "posted", "externalId": "p-1"}
    u = call("POST", USERS, body, token)
    a = call("POST", USERS, body, token)
    error("the same externalId", 409, "uniqueness", a)
    same("... says where it is", u.get("meta", "location"),
         a.headers["Location"])
    same("no twin", 1, total('externalId eq "p-1"', token=token))
    a = call("POST", USERS, {"userName": "posted"}, client("again-2"))
    error("another client's userName", 409, "uniqueness", a)
    same("... does not say whose it is", None, a.headers["Location"])
    b = call("POST", USERS, {"userName": "posted-2", "externalId": "p-1"},
             client("again-3"))
    same("another client's externalId is its own", 201, b.status)


def S18_one_identity_per_caseignorematch():
    for n, forms in enumerate((
            ("NFC and NFD", "José", "Jose\u0301", "JOSÉ"),
            ("sharp s", "straße", "STRASSE", "Strasse"),
            ("Turkish I with a dot", "\u0130zmir", "i\u0307zmir",
             "I\u0307ZMIR"),
            ("full width", "ａｂｃ", "abc", "ＡＢＣ"),
            ("spaces", "in ner", "in   ner", "IN NER  "),
            ("no-break space", "no break", "no\u00a0break"),
            ("sigma", "\u03c3\u03c2", "\u03a3\u03a3"),
            ("ligature", "of\ufb01ce", "office"),
            ("soft hyphen", "co\u00adop", "coop"),
            ("zero width space", "ze\u200bro", "zero"))):
        text, first, *more = forms
        u = user(f"s18-{n}-{first}")
        for x in more:
            error(f"{text}: {x!r}", 409, "uniqueness", call(
                "POST", USERS, {"userName": f"s18-{n}-{x}"}))
            a = call("GET", USERS, filter="userName eq " + json.dumps(
                f"s18-{n}-{x}"))
            same("... finds the first", [u["id"]], [
                r["id"] for r in a.json["Resources"]])
        got = at_once(10, lambda i: call("POST", USERS, {
            "userName": f"s18-race-{n}-{forms[1 + i % (len(forms) - 1)]}"}))
        same(f"{text}: ten at a time", {201: 1, 409: 9}, statuses(got))
    for text, x, y in (("dotless i", "k\u0131r", "kir"),
                       ("Cyrillic a", "p\u0430l", "pal"),
                       ("accent", "jose", "josé")):
        user("s18-two-" + x)
        same(f"{text}: two people", 201, call("POST", USERS, {
            "userName": "s18-two-" + y}).status)


# --- a resync ---------------------------------------------------------------------------
def S19_a_full_resync_writes_nothing():
    token = client("resync")

    def body(i):
        return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                            ENTERPRISE],
                "userName": f"sync-{i}", "externalId": f"sync-{i}",
                "active": i % 10 != 0, "displayName": f"Sync {i}",
                "name": {"givenName": f"G{i}", "familyName": f"F{i}"},
                "emails": [{"value": f"sync-{i}@x.example", "type": "work",
                            "primary": True}],
                ENTERPRISE: {"department": f"D{i % 7}"}}

    def all_of(f):
        """f of everybody, on eight connections."""
        got = [None] * PEOPLE

        def part(k):
            for i in range(k, PEOPLE, 8):
                got[i] = f(i)
        at_once(8, part)
        return got
    same(f"{PEOPLE} people", {201: PEOPLE}, statuses(all_of(
        lambda i: call("POST", USERS, body(i), token))))

    def covers(want, got):
        if isinstance(want, dict):
            return isinstance(got, dict) and all(
                covers(v, got.get(k)) for k, v in want.items())
        return want == got

    def look(i):
        return call("GET", USERS, token=token,
                    filter=f'externalId eq "sync-{i}"')

    def differs(i):
        """Found, compared: is there anything to do?"""
        r = look(i).json["Resources"]
        want = {k: v for k, v in body(i).items() if k != "schemas"}
        return len(r) != 1 or not covers(want, r[0])
    before = metric("ldap_writes_total")
    same("a second run finds nothing to do", 0, sum(all_of(differs)))
    same("... and writes nothing", 0, metric("ldap_writes_total") - before)
    found = [a.json["Resources"][0] for a in all_of(look)]
    same("a client that PUTs all of it back", {200: PEOPLE}, statuses(all_of(
        lambda i: put(found[i]["id"], body(i), token=token))))
    same("... writes nothing either", 0,
         metric("ldap_writes_total") - before)
    same("nor one that PATCHes", {200: PEOPLE}, statuses(all_of(
        lambda i: patch(found[i]["id"], op("replace", None, {
            "active": body(i)["active"], "displayName": f"Sync {i}",
            "name.givenName": f"G{i}"}), token=token))))
    same("... writes anything", 0, metric("ldap_writes_total") - before)
    patch(found[7]["id"], op("replace", "title", "x"), token=token)
    same("(what counts writes does count)", 1,
         metric("ldap_writes_total") - before)


# Those that count writes come first: later ones have the daemon write by
# itself, what the guard counted and what is to be reviewed.
run([S0_put_back_what_was_got_writes_nothing, nothing_to_do_writes_nothing,
     hundreds_of_operations, S19_a_full_resync_writes_nothing,
     S0_put_clears_what_is_left_out,
     S0_put_leaves_an_extension_that_it_does_not_speak_of,
     S0_put_renames_a_person_with_a_certificate,
     S0_an_immutable_attribute_may_be_left_out_or_repeated,
     S9_active_in_every_form,
     S10_deactivate_and_rename_in_one_request,
     S11_a_suspended_person_comes_back,
     S12_active_is_decided_by_nobody_else,
     S13_unknown_attributes_are_ignored_and_logged_once,
     dotted_keys_and_urn_keys, manager_in_every_form, nulls_are_no_values,
     what_is_primary_is_one, S14_parallel_twins,
     S14_parallel_patches_lose_none, S15_a_stale_version_is_refused,
     S16_delete_twice, S17_a_post_that_is_sent_again,
     S18_one_identity_per_caseignorematch])
