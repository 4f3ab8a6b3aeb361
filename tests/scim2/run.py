# SPDX-License-Identifier: ISC
"""scim2-tester over a Provost: run.py URL TOKEN-FILE [TYPE...]

Runs the whole suite, unchanged, on what the server publishes itself. The
suite makes up its values: a random UUID for every string. Where a value must
name something that exists, or has a form that a UUID has not, it is told good
ones (good_values) in the way it has for that: as examples of the published
attribute. Nothing is left out. Prints what is not a success, and how many of
each outcome; ends with 1 if there was an error.
"""
import sys
from collections import Counter
from datetime import datetime

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import BaseModel, Mutability, ResourceType, Schema
from scim2_models import ScimProvider
from scim2_tester import Status, check_server

URL = sys.argv[1] + "/scim/v2"
HEADERS = {"Authorization": "Bearer " + open(sys.argv[2]).read().strip()}
TYPES = sys.argv[3:] or ["User", "Group"]
FROM, UNTIL = "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"
# Self-signed, CN=test, until 2126. slapd takes no bytes that are none.
CERTIFICATE = (
    "MIIBdjCCARugAwIBAgIUMZNtSXpnp1QPDXiQSNYCwlpuLBAwCgYIKoZIzj0EAwIwDzEN"
    "MAsGA1UEAwwEdGVzdDAgFw0yNjExMjYxMzMxMzZaGA8yMTI2MTEwMjEzMzEzNlowDzEN"
    "MAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKRviyfPSn/li68j"
    "GPF2UO8lpt2U7nDy6sosLYqiG/soFnKmq3depH0k8z6jmV5wzVCCAK1+dyZCYUTDHQbe"
    "lnejUzBRMB0GA1UdDgQWBBS14bNyYefEWuhQcsIQXiF7JMbUpzAfBgNVHSMEGDAWgBS1"
    "4bNyYefEWuhQcsIQXiF7JMbUpzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kA"
    "MEYCIQC9H9szZBdu4548U+6tN/C7WhSLVaOJ7kUJ7aRTDQBT+gIhAIhSeyoNvYDw7ZK8"
    "I27nRkqLwsasE8yNQgWI3p9I00vy")


def good_values(http):
    """Schema and attribute: what it takes."""
    def keys(endpoint, key, **query):
        r = http.get(endpoint, params=dict(query, count=20)).json()
        return [x[key] for x in r["Resources"]]
    roles = keys("/Roles", "value")
    enterprises = keys("/Enterprises", "enterpriseId")
    companies = keys("/Companies", "companyId")
    accounts = keys("/Accounts", "accountNumber")
    services = keys("/Services", "serviceId")
    groups = keys("/GroupIdentifiers", "groupIdentifierId")
    tools = keys("/Tools", "toolId")
    users = keys("/Users", "id")
    # Who may ask for what a request of no kind but portal must not name.
    without = keys("/Users", "id", filter=(
        "urn:ietf:params:scim:schemas:extension:provost:2.0:User:"
        'portalAccess ne "active" and active eq true'))
    return {
        "core:2.0:User": {
            "roles.value": roles, "roles.primary": ["true"],
            "entitlements.value": tools[:1],
            "addresses.country": ["DE", "US", "FR"],     # ISO 3166-1 alpha-2
            "x509Certificates.value": [CERTIFICATE]},
        "extension:provost:2.0:User": {
            # One value each: the suite adds the extension as a whole, then
            # an attribute of it, and expects what it added last and no more.
            "enterprises": enterprises[:1], "companies": companies[:1],
            "accounts": accounts[:1], "allAccountsOf": companies[:1],
            "groupIdentifiers": groups[:1], "tools.value": tools[:1],
            "tools.accounts": accounts[:1],
            "adminScopes": ["department Sales"],
            "preferences": ["language=de"],
            # The suite makes up no dateTime.
            "startsAt": [FROM], "endsAt": [UNTIL],
            # Not left: the server says since when, which was not sent.
            "state": ["active", "suspended"],
            "tools.notBefore": [FROM],
            "tools.notAfter": [UNTIL]},
        "provost:2.0:Company": {"enterprise": enterprises},
        "provost:2.0:Account": {
            "company": companies, "enterprise": enterprises,
            "country": ["DE", "US", "FR"]},
        "provost:2.0:Service": {"account": accounts},
        "provost:2.0:GroupIdentifier": {
            "company": companies, "services": services, "accounts": accounts},
        "provost:2.0:Rule": {
            "group": keys("/Groups", "id"),
            "role": [r for r in roles if r != "primary-contact"],   # V4a
            "companies": companies, "allAccountsOf": companies,
            "accounts": accounts, "groupIdentifiers": groups,
            "tools.value": tools, "tools.accounts": accounts},
        "provost:2.0:AccessRequest": {
            "kind": ["portal"], "requester": without,
            "beneficiary": without, "accounts": accounts,
            "tool": tools, "role": roles, "companies": companies,
            "groupIdentifiers": groups, "items.value": ["portal"],
            "decidedBy": users},
        "provost:2.0:Client": {"expires": [UNTIL]},
    }


# What is never without a value: a remove puts the default back, or leaves what
# there is. The suite expects it to be gone, so it is told that it is required,
# and does not try; tests/it/attack.py and semantics.py see what happens.
ALWAYS_THERE = (
    ("core:2.0:User", "active", "remove does not reactivate a suspended user"),
    ("core:2.0:User", "name", "formatted is made of displayName or userName: "
     "a person in the directory has a cn"),
    ("extension:provost:2.0:User", "state", "it is what active says"),
    ("extension:provost:2.0:User", "portalAccess", "what is taken away is "
     "none: absent may sign in (A2)"),
    ("extension:provost:2.0:User", None, "state is in it"),
)


def keep(schemas, types):
    for short, name, why in ALWAYS_THERE:
        urn = "urn:ietf:params:scim:schemas:" + short
        print(f"not tried: remove {short}{':' + name if name else ''}: {why}")
        if name is None:
            for x in (x for t in types for x in t.schema_extensions or ()):
                x.required |= str(x.schema_) == urn
            continue
        schema = next(s for s in schemas if s.id == urn)
        next(x for x in schema.attributes if x.name == name).required = True


def tell(schemas, values):
    for schema in schemas:
        short = schema.id.removeprefix("urn:ietf:params:scim:schemas:")
        for name, good in values.get(short, {}).items():
            at, list_ = None, schema.attributes
            for part in name.split("."):
                at = next(x for x in list_ if x.name == part)
                list_ = at.sub_attributes
            at.canonical_values = good


def without_read_only(got, sent):
    """got without the read-only attributes that were not sent: those are the
    server's to fill (RFC 7643 2.2), as in members.display."""
    if isinstance(got, list) and isinstance(sent, list) and \
            len(got) == len(sent):
        return [without_read_only(x, y) for x, y in zip(got, sent)]
    if isinstance(got, datetime):
        return got.strftime("%Y-%m-%dT%H:%M:%SZ")
    if not isinstance(got, BaseModel):
        return got
    return {name: without_read_only(getattr(got, name),
                                    getattr(sent, name, None))
            for name in type(got).model_fields if name != "schemas" and not (
                got.get_field_annotation(name, Mutability) ==
                Mutability.read_only and getattr(sent, name, None) is None)}


def only_read_only(r):
    """The suite compares what it has patched with what comes back, and takes
    those for an error; so it takes a dateTime that was sent as text."""
    data = r.data if isinstance(r.data, dict) else {}
    if "expected" not in data:
        return False
    sent = data["expected"]
    got = data.get("modify_actual", data.get("actual"))
    return without_read_only(got, sent) == without_read_only(sent, sent)


def main():
    http = Client(base_url=URL, timeout=60, headers=HEADERS)
    client = SyncSCIMClient(http)
    types = client.query(ResourceType).resources
    schemas = client.query(Schema).resources
    tell(schemas, good_values(http))
    keep(schemas, types)
    client.provider = ScimProvider.from_discovery(schemas, types, None)
    results = check_server(client, resource_types=TYPES)
    for r in results:
        if r.status == Status.ERROR and only_read_only(r):
            r.status, r.reason = Status.ACCEPTABLE, \
                f"{r.data['urn']}: the same but for read-only parts, or a form"
        if r.status.name != "SUCCESS":
            print(f"{r.status.name}: {r.resource_type}: {r.title}: "
                  f"{' '.join(str(r.reason).split()):.900}")
    number = Counter(r.status.name for r in results)
    print(*TYPES, "--", ", ".join(f"{n} {s}" for s, n in number.items()))
    return 1 if number["ERROR"] + number["CRITICAL"] else 0


sys.exit(main())
