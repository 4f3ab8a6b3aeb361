# SPDX-License-Identifier: ISC
"""LDIF of people with ten tools each, an account in every tool, and their
receipts; one grant in a hundred has none."""

CATALOGUE = """dn: provostEnterpriseId=acme,ou=enterprises,{0}
objectClass: provostEnterpriseEntry
cn: Acme
provostActive: TRUE

dn: provostCompanyId=one,ou=companies,{0}
objectClass: provostCompanyEntry
cn: One
provostEnterprise: acme

"""
ACCOUNT = """dn: provostAccountNumber={1},ou=accounts,{0}
objectClass: provostBillingAccount
provostCompany: one
provostEnterprise: acme

"""
TOOL = """dn: provostToolId=tool-{1},ou=tools,{0}
objectClass: provostTool
cn: Tool {1}
provostRestricted: FALSE
provostTarget: null

"""
PERSON = """dn: provostPersonId=p{1:07d},ou=people,{0}
objectClass: inetOrgPerson
objectClass: provostUser
entryUUID: {2}
uid: user{1:07d}
cn: User {1}
sn: User {1}
mail;x-work;x-primary: user{1:07d}@example.com
departmentNumber: Bench
provostState: active
provostEnterprise: acme
provostCompany: one
"""
RECEIPTS = """dn: provostPersonUuid={2},ou=receipts,{0}
objectClass: provostReceipts
"""
GIVEN = "20260102030405Z"
TOOLS, ACCOUNTS = 10, 40


def person(suffix, i, lost):
    uuid = f"70000000-0000-4000-8000-{i:012x}"
    held = [(k, (i + k) % ACCOUNTS) for k in range(TOOLS)]
    out = [PERSON.format(suffix, i, uuid)]
    out += [f"provostToolGrant: tool-{k}\n" for k, _ in held]
    out += [f"provostToolAccount: tool-{k} {a}\n" for k, a in held]
    out += [f"provostProvenance: tool:tool-{k} client:hr {GIVEN}\n"
            for k, _ in held]
    out += ["\n", RECEIPTS.format(suffix, i, uuid)]
    out += [f"provostReceipt: null {right} confirmed {GIVEN} - 0\n"
            for k, a in held if k != lost
            for right in (f"tool:tool-{k}", f"tool:tool-{k}/{a}")]
    return "".join(out) + "\n"


def write(path, suffix, n):
    with open(path, "w") as f:
        f.write(CATALOGUE.format(suffix))
        f.writelines(ACCOUNT.format(suffix, i) for i in range(ACCOUNTS))
        f.writelines(TOOL.format(suffix, k) for k in range(TOOLS))
        f.writelines(person(suffix, i, i // 10 % TOOLS if i % 10 == 0 else
                            None) for i in range(n))
