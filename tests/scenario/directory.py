# SPDX-License-Identifier: ISC
"""The directory of a scene: real slapd, through ldapsearch and ldapmodify.
Entries are known by two words, "person ann", whatever their DN is."""
import base64
import hashlib
import os
import re
import subprocess
import uuid

SUFFIX = os.environ["SUFFIX"]
URI = os.environ["SLAPD_URI"]
# kind: container, RDN, object classes, SCIM resource
KINDS = {
    "person": ("people", "provostPersonId",
               ("inetOrgPerson", "provostUser"), "Users"),
    "request": ("requests", "provostRequestId",
                ("provostAccessRequest",), "AccessRequests"),
    "group": ("groups", "provostGroupId", ("provostGroup",), "Groups"),
    "role": ("roles", "provostRoleId", ("provostRoleEntry",), "Roles"),
    "enterprise": ("enterprises", "provostEnterpriseId",
                   ("provostEnterpriseEntry",), "Enterprises"),
    "company": ("companies", "provostCompanyId",
                ("provostCompanyEntry",), "Companies"),
    "account": ("accounts", "provostAccountNumber",
                ("provostBillingAccount",), "Accounts"),
    "service": ("services", "provostServiceId",
                ("provostServiceEntry",), "Services"),
    "identifier": ("groupIdentifiers", "provostGroupIdentifierId",
                   ("provostGroupIdentifier",), "GroupIdentifiers"),
    "tool": ("tools", "provostToolId", ("provostTool",), "Tools"),
    "rule": ("rules", "provostRuleId", ("provostRule",), "Rules"),
    "client": ("clients", "provostClientId", ("provostClient",), "Clients"),
    "receipts": ("receipts", "provostPersonUuid", ("provostReceipts",), None),
    "job": ("jobs", "provostJobId", ("provostJob",), None),
}
OF_OU = {v[0]: k for k, v in KINDS.items()}
OPERATIONAL = ("entryUUID", "entryCSN")


class Refused(Exception):
    """The directory says no; args: its code, its words."""


def dn_of(kind, name):
    ou, rdn = KINDS[kind][:2]
    return f"{rdn}={name},ou={ou},{SUFFIX}"


def ldif_line(name, value):
    if re.fullmatch(r"[!-9;=-~][ -~]*", value) and not value.endswith(" "):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


def ldif(dn, kind, lines):
    return "\n".join([f"dn: {dn}", f"changetype: {kind}", *lines, "", ""])


def entry_lines(attrs):
    return [ldif_line(n, v) for n, vs in attrs.items() for v in vs]


def run(program, *args, text=None, who=None):
    bind = ("-Q", "-Y", "EXTERNAL")
    if who is not None:
        bind = ("-x", "-D", dn_of("person", who), "-w", password(who))
    p = subprocess.run([program, *bind, "-H", URI, *args], input=text,
                       capture_output=True, encoding="utf-8", check=False)
    if p.returncode != 0:
        raise Refused(p.returncode, p.stderr + (text or ""))
    return p.stdout


def modify(text, *args, who=None):
    run("ldapmodify", *args, text=text, who=who)


def password(who):
    return f"secret-of-{who}"


def hashed(who):
    digest = hashlib.sha1(password(who).encode() + b"salt").digest()
    return "{SSHA}" + base64.b64encode(digest + b"salt").decode()


def parse(text):
    """LDIF as {dn: {attribute: [value]}}"""
    out = {}
    for block in text.split("\n\n"):
        attrs = {}
        for line in block.strip().split("\n"):
            name, _, value = line.partition(":")
            if value.startswith(":"):
                value = base64.b64decode(value[1:]).decode(
                    errors="replace")
            attrs.setdefault(name, []).append(value.strip())
        if "dn" in attrs:
            out[attrs.pop("dn")[0]] = attrs
    return out


def search(base=SUFFIX, scope="sub"):
    return parse(run("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", base,
                     "-s", scope, "(objectClass=*)", "*", *OPERATIONAL))


def person(name):
    """What a person of a table is, unless it says something else."""
    return {"uid": [name], "cn": [name], "sn": [name],
            "provostState": ["active"], "provostRole": ["viewer"],
            "provostEnterprise": ["acme"], "userPassword": [hashed(name)]}


def user_attributes(attrs):
    return {n: sorted(v) for n, v in attrs.items() if n not in OPERATIONAL}


class Directory:
    def __init__(self):
        self.world = search()
        self.names = {}         # entryUUID: name, of whoever was there

    def reset(self, before):
        """Back to the world, and before: {(kind, name): attributes}."""
        now, out = search(), []
        for dn, attrs in now.items():
            if dn not in self.world:
                out.append(ldif(dn, "delete", ()))
            elif user_attributes(attrs) != user_attributes(self.world[dn]):
                out.append(ldif(dn, "delete", ()))
                del now[dn]["objectClass"]
        for dn, attrs in self.world.items():
            if "objectClass" not in now.get(dn, {}):
                out.append(ldif(dn, "add", entry_lines(
                    {**user_attributes(attrs),
                     "entryUUID": attrs["entryUUID"]})))
        for (kind, name), attrs in before.items():
            dn = dn_of(kind, name)
            if dn in self.world:
                out.append(ldif(dn, "modify", [
                    line for n, vs in attrs.items()
                    for line in (f"replace: {n}", *entry_lines({n: vs}),
                                 "-")]))
            else:
                out.append(ldif(dn, "add", self.new(kind, name, attrs) +
                                [f"entryUUID: {self.uuid(kind, name)}"]))
        modify("".join(out), "-e", "relax")
        self.names = {}

    @staticmethod
    def uuid(kind, name):
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{kind}"))

    @staticmethod
    def new(kind, name, attrs):
        _, rdn, classes, _ = KINDS[kind]
        return entry_lines({"objectClass": classes, rdn: [name], **attrs})

    def read(self, known):
        """{"person ann": attributes}; known: names that tables gave."""
        out, new = {}, []
        for dn, attrs in search().items():
            parts = re.split(r"[=,]", dn)
            kind = OF_OU.get(parts[3]) if parts[2:3] == ["ou"] else None
            if kind is None:
                continue
            attrs["dn"] = [dn]
            if kind == "receipts":
                continue_as = attrs["provostPersonUuid"][0]
                out["receipts", continue_as] = attrs
            elif (kind, parts[1]) in known or kind not in ("person",
                                                           "request",
                                                           "group"):
                out[kind, parts[1]] = attrs
            else:
                new.append((attrs["entryCSN"][0], kind, attrs))
        for _, kind, attrs in sorted(new, key=lambda n: n[0]):
            name = base = {"person": attrs.get("uid", attrs.get("cn", [""])),
                           "group": attrs.get("displayName", [""])}.get(
                               kind, ["new"])[0].lower()
            n = 1
            while (kind, name) in out:
                n, name = n + 1, f"{base}-{n + 1}"
            out[kind, name] = attrs
        for (kind, name), attrs in out.items():
            if kind != "receipts":
                self.names[attrs["entryUUID"][0]] = name
        return {(k, self.names.get(n, n) if k == "receipts" else n): a
                for (k, n), a in out.items()}
