# SPDX-License-Identifier: ISC
"""What other SCIM servers got wrong, a function each: others.py URL
TOKEN-FILE. The names are those of the bugs."""
import json

from scim import (BASE, CLIENTS, GROUPS, PROVOST, USERS,
                  at_once, call, client, error, get, make,
                  metric, op, patch, run, same, statuses,
                  total, user)


# --- users ---------------------------------------------------------------------
def active_false_accepted_and_ignored():
    u = user("off")
    for value in False, "False", "false":
        patch(u["id"], op("replace", "active", True))
        a = patch(u["id"], op("Replace", "active", value))
        same(f"{value!r}: the answer says so", (200, False),
             (a.status, a.get("active")))
        same("... and a GET", False, get(u["id"]).get("active"))
        same("... and a filter", 1, total('userName eq "off" and active eq '
                                          'false'))
    same("the rights are cut", "suspended",
         get(u["id"]).get(PROVOST, "state"))


def deactivate_together_with_a_username_change_kept_the_user():
    for n, ops in enumerate((
            [op("replace", "userName", "#"), op("replace", "active", False)],
            [op("replace", "active", False), op("replace", "userName", "#")],
            [op("replace", None, {"userName": "#", "active": False})],
            [op("replace", None, {"active": "False", "userName": "#"})])):
        u, new = user(f"both-{n}"), f"both-{n}-new"
        a = patch(u["id"], *json.loads(json.dumps(ops).replace("#", new)))
        same(f"form {n}", (200, new, False),
             (a.status, a.get("userName"), a.get("active")))
        same("... found by the new name", 1, total(f'userName eq "{new}"'))
        same("... and not by the old", 0, total(f'userName eq "both-{n}"'))
    u = user("both-put")
    a = call("PUT", f"{USERS}/{u['id']}", {"userName": "both-put-new",
                                           "active": False})
    same("by PUT", (200, "both-put-new", False),
         (a.status, a.get("userName"), a.get("active")))


def reactivation_refused():
    u = user("again", active=False)
    same("made inactive", False, u["active"])
    for value in True, "True":
        a = patch(u["id"], op("replace", "active", value))
        same(f"{value!r}", (200, True), (a.status, a.get("active")))
        patch(u["id"], op("replace", "active", False))
    a = call("PUT", f"{USERS}/{u['id']}", {"userName": "again",
                                           "active": True})
    same("by PUT", (200, True), (a.status, a.get("active")))


def a_numeric_externalid_taken_for_an_internal_id():
    token = client("numbers")
    one = user("number-one", token, externalId="1")
    two = user("number-two", token, externalId="2")
    three = user("number-three", token, externalId=one["id"])
    same("no resource is at an externalId", 404,
         get("1", token=token).status)
    same("an id stays an id", "number-one",
         get(one["id"], token=token).get("userName"))
    same("PATCH goes by the id", 404,
         patch("2", op("replace", "title", "x"), token=token).status)
    same("DELETE too", 404, call("DELETE", USERS + "/1", None,
                                 token).status)
    same("externalIds are found", [two["id"], three["id"]], [
        call("GET", USERS, token=token, filter=f'externalId eq "{x}"')
        .json["Resources"][0]["id"] for x in ("2", one["id"])])
    a = patch(two["id"], op("add", "manager", "1"), token=token)
    same("no manager by externalId", 400, a.status)


def an_existing_account_adopted_by_email_and_its_email_rewritten():
    token, mail = client("adopter"), [{"value": "same@x.example"}]
    u = user("there.first", emails=mail)
    a = call("POST", USERS, {"userName": "there.second", "emails": mail,
                             "externalId": "adopt"}, token)
    same("another user of that e-mail is another user", True,
         a.status == 201 and a.get("id") != u["id"])
    error("the user name is", 409, "uniqueness", call("POST", USERS, {
        "userName": "There.First", "externalId": "adopt-2",
        "emails": [{"value": "new@x.example"}]}, token))
    got = get(u["id"])
    same("the first is as it was", ("there.first", "same@x.example", "admin",
                                    None),
         (got.get("userName"), got.json["emails"][0]["value"],
          got.get(PROVOST, "owner"), got.get("externalId")))


def a_filter_on_a_hidden_attribute_leaked_it():
    user("secretive", password="a-Good-1-password", externalId="hidden-1")
    other = client("curious", ["read"])
    for where, name in ((USERS, "password"), (CLIENTS, "token"),
                        (BASE + "/Accounts", "invitationCode"),
                        (BASE + "/AccessRequests", "invitationCodes")):
        for rest in "pr", 'eq "a"', 'sw "a"', 'ne "a"', 'co ""':
            error(f"{name} {rest}", 400, "invalidFilter",
                  call("GET", where, filter=f"{name} {rest}"))
        error(f"sortBy {name}", 400, "invalidValue",
              call("GET", where, sortBy=name))
        a = call("GET", where, attributes=name, count=3)
        same(f"attributes={name}", [], [
            r for r in a.json["Resources"] if name in r])
    for rest in 'eq "hidden-1"', "pr", 'sw "h"':
        same(f"another's externalId {rest}", 0, total(
            f'userName eq "secretive" and externalId {rest}', token=other))


def startindex_ignored_and_the_whole_directory_read_for_each_page():
    whole = [r["id"] for r in call("GET", USERS, count=1000,
                                   attributes="id").json["Resources"]]
    pages = []
    for start in range(1, len(whole) + 1, 7):
        a = call("GET", USERS, startIndex=start, count=7, attributes="id")
        same(f"startIndex {start}", start, a.get("startIndex"))
        pages += [r["id"] for r in a.json["Resources"]]
    same("the pages together are the list, in its order", whole, pages)
    a = call("GET", USERS, startIndex=len(whole), count=7)
    same("the last page", 1, len(a.json["Resources"]))
    a = call("GET", USERS, startIndex=len(whole) + 1, count=7)
    same("behind it", [], a.json["Resources"])


def totalresults_of_the_page_not_the_whole():
    everybody = total("userName pr")
    for q in {"count": 1}, {"count": 0}, {"startIndex": 5, "count": 2}, \
            {"startIndex": 10000}, {"count": 2, "sortBy": "userName"}:
        a = call("GET", USERS, filter="userName pr", **q)
        same(f"{q}", (everybody, len(a.json["Resources"])),
             (a.get("totalResults"), a.get("itemsPerPage")))
        same("... integers", (int, int), (type(a.get("totalResults")),
                                          type(a.get("itemsPerPage"))))


def an_eq_value_with_percent_star_parenthesis_or_equals_broke():
    for n in ("100%", "a*b", "a(b", "a)b", "a=b", "a\\b", "%2a", "(uid=*)",
              'quo"te', "sl/ash", "am&p", "pl+us", "ha#sh", "ques?tion"):
        u = user("eq-" + n, title=n)
        for name, value in ("userName", "eq-" + n), ("title", n):
            f = f'{name} eq {json.dumps(value)} and userName sw "eq-"'
            a = call("GET", USERS, filter=f)
            same(f, [u["id"]], [r["id"] for r in a.json["Resources"]])
    for n in "*", "eq-*", "eq-%":
        same(f"{n} is no pattern", 0, total(f'userName eq "{n}"'))


def created_201_without_a_body():
    for where, body in ((USERS, {"userName": "bodily"}),
                        (GROUPS, {"displayName": "bodily"}),
                        (BASE + "/Tools", {"toolId": "bodily"})):
        a = call("POST", where, body)
        same(f"{where}: id and body", (201, True), (
            a.status, bool(a.get("id")) and a.get("meta") is not None))
        same("... Location", f"{a.get('meta', 'location')}",
             a.headers["Location"])
        same("... media type", "application/scim+json",
             a.headers["Content-Type"])
        same("... ETag", a.get("meta", "version"), a.headers["ETag"])
        same("... it is there", 200, get(a.get("id"), where).status)


def removal_by_index_removed_the_wrong_ones():
    mails = [{"value": f"{n}@x.example", "type": "other"} for n in range(3)]
    u = user("indexed", emails=mails)
    for path in "emails[0]", "emails[1].value", "emails.0", "emails[-1]":
        error(path, 400, "invalidPath", patch(u["id"], op("remove", path)))
    same("all are there", 3, len(get(u["id"]).json["emails"]))


def twenty_five_requests_at_a_time_are_answered():
    same("25 creations", {201: 25}, statuses(at_once(25, lambda i: call(
        "POST", USERS, {"userName": f"tenant-{i}"}))))
    same("25 filters", {200: 25}, statuses(at_once(25, lambda i: call(
        "GET", USERS, filter=f'userName eq "tenant-{i}"'))))


# --- groups ------------------------------------------------------------------------
def people(prefix, n):
    return [a.get("id") for part in range(0, n, 20) for a in at_once(
        min(20, n - part), lambda i: call("POST", USERS, {
            "userName": f"{prefix}-{part + i}"}))]


def group(name, ids=()):
    g = make({"displayName": name}, GROUPS)
    for i in range(0, len(ids), 100):       # as clients send them
        a = add(g, ids[i:i + 100])
        if a.status not in (200, 204):
            same(f"add {i} ... to {name}", 204, (a.status, a.body))
    return g


def values(ids):
    return [{"value": i} for i in ids]


def add(g, ids):
    return patch(g["id"], op("Add", "members", values(ids)), where=GROUPS)


def members(g):
    return sorted(m["value"] for m in get(g["id"], GROUPS).get("members")
                  or [])


def holds(text, g, ids):
    same(text, sorted(ids), members(g))


def remove_one_member_removed_all():
    ids = people("remove", 5)
    g = group("remove one", ids)
    patch(g["id"], op("Remove", "members", values(ids[:1])), where=GROUPS)
    holds("a value list", g, ids[1:])
    patch(g["id"], op("remove", "members", {"value": ids[1]}), where=GROUPS)
    holds("an object", g, ids[2:])
    patch(g["id"], op("remove", f'members[value eq "{ids[2]}"]'),
          where=GROUPS)
    holds("a filter", g, ids[3:])
    same("the removed say so", [], get(ids[0]).get("groups") or [])


def a_filtered_remove_answered_200_and_did_nothing():
    ids = people("filtered", 4)
    g = group("filtered", ids)
    for i, f in ((0, f'members[value eq "{ids[0]}"]'),
                 (1, f'MEMBERS[VALUE EQ "{ids[1]}"]'),
                 (2, f'members[value eq "{ids[2].upper()}"]')):
        a = patch(g["id"], op("remove", f), where=GROUPS)
        same(f"{f[:20]} is done", True, a.status in (200, 204))
        holds("... really", g, ids[i + 1:])
    a = patch(g["id"], op("remove", f'members[value eq "{ids[0]}"]'),
              where=GROUPS)
    same("who is no member", True, a.status in (200, 204))
    holds("... nothing", g, ids[3:])


def replace_members_never_removed_stale_ones():
    ids = people("stale", 4)
    g = group("stale", ids[:3])
    patch(g["id"], op("replace", "members", values(ids[2:])), where=GROUPS)
    holds("a path", g, ids[2:])
    patch(g["id"], op("replace", None, {"members": values(ids[:1])}),
          where=GROUPS)
    holds("no path", g, ids[:1])
    patch(g["id"], op("replace", "members", []), where=GROUPS)
    holds("an empty list", g, [])
    same("nobody is left in it", 0, total(f'groups.value eq "{g["id"]}"'))


def removal_of_members_by_index_removed_the_wrong_ones():
    ids = people("index", 3)
    g = group("index", ids)
    for path in "members[0]", "members[1].value":
        error(path, 400, "invalidPath", patch(
            g["id"], op("remove", path), where=GROUPS))
    holds("all are there", g, ids)


def members_cut_at_100_and_the_rest_lost():
    ids = people("many", 250)
    g = group("many", ids)
    holds("three PATCHes of up to 100", g, ids)
    patch(g["id"], op("Replace", "displayName", "many more"), where=GROUPS)
    holds("a rename loses none", g, ids)
    g = make({"displayName": "many at once"}, GROUPS)
    add(g, ids)
    holds("one PATCH of 250", g, ids)
    a = call("PUT", f"{GROUPS}/{g['id']}", {"displayName": "many put",
                                            "members": values(ids)})
    same("a PUT of 250", 200, a.status)
    holds("... loses none", g, ids)
    a = call("GET", GROUPS, filter='displayName eq "many put"')
    same("in a list as well", 250, len(a.json["Resources"][0]["members"]))


def one_member_more_cost_22_s_at_1300_members():
    """What it costs is counted, not timed: one write of one entry."""
    ids = people("crowd", 1301)
    g = group("crowd", ids[:1300])
    before = metric("ldap_writes_total")
    a = add(g, ids[1300:])
    same("done", True, a.status in (200, 204))
    same("one LDAP write", 1, metric("ldap_writes_total") - before)
    before = metric("ldap_writes_total")
    add(g, ids[1300:])
    same("again: none", 0, metric("ldap_writes_total") - before)
    a = call("GET", GROUPS, filter=f'id eq "{g["id"]}" and members eq '
             f'"{ids[1300]}"', excludedAttributes="members")
    same("it is in it", 1, a.get("totalResults"))


def put_without_members_emptied_or_kept_a_group_at_random():
    ids = people("put", 6)
    for n in range(5):
        g = group(f"put {n}", ids)
        a = call("PUT", f"{GROUPS}/{g['id']}", {"displayName": f"put {n}"})
        same(f"PUT without members, {n}", 200, a.status)
        holds("... clears it (RFC 7644 3.5.1)", g, [])


def put_without_members_by_accident_is_stopped_by_the_guard():
    g = call("GET", GROUPS, filter='displayName eq "crowd"',
             excludedAttributes="members").json["Resources"][0]
    before = len(members(g))
    a = call("PUT", f"{GROUPS}/{g['id']}", {"displayName": "crowd"})
    error("over the guard's share", 403, None, a)
    same("all are still in it", before, len(members(g)))


USER_CASES = [
    active_false_accepted_and_ignored,
    deactivate_together_with_a_username_change_kept_the_user,
    reactivation_refused,
    a_numeric_externalid_taken_for_an_internal_id,
    an_existing_account_adopted_by_email_and_its_email_rewritten,
    a_filter_on_a_hidden_attribute_leaked_it,
    startindex_ignored_and_the_whole_directory_read_for_each_page,
    totalresults_of_the_page_not_the_whole,
    an_eq_value_with_percent_star_parenthesis_or_equals_broke,
    created_201_without_a_body,
    removal_by_index_removed_the_wrong_ones,
    twenty_five_requests_at_a_time_are_answered]
GROUP_CASES = [
    remove_one_member_removed_all,
    a_filtered_remove_answered_200_and_did_nothing,
    replace_members_never_removed_stale_ones,
    removal_of_members_by_index_removed_the_wrong_ones,
    members_cut_at_100_and_the_rest_lost,
    one_member_more_cost_22_s_at_1300_members,
    put_without_members_emptied_or_kept_a_group_at_random,
    put_without_members_by_accident_is_stopped_by_the_guard]

run(USER_CASES + GROUP_CASES)
