#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A stream of approvals for daemons.sh: daemons.py people COUNT prints the LDIF
of COUNT people with a request each; daemons.py approve COUNT DIR approves them
all, half of them with SCIM at either daemon, half with ldapmodify at either
provider, and tries again, elsewhere, whatever was not answered with success.

DIR: url.1 url.2 (of the daemons), uri.1 uri.2 (of the providers),
main/admin.token, who (the decider: DN and entryUUID). It goes on to the number in DIR/limit, and says
in DIR/done how many were accepted.
"""
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from urllib.parse import quote, urlsplit

SUFFIX = "dc=example,dc=com"
COUNT = int(sys.argv[2])
BATCH = 10
PATIENCE = 120


def name(i):
    return f"stream-{i:05}"


def people():
    for i in range(COUNT):
        dn = f"provostPersonId={name(i)},ou=people,{SUFFIX}"
        print(f"""dn: {dn}
objectClass: inetOrgPerson
objectClass: provostUser
provostPersonId: {name(i)}
uid: {name(i)}
cn: {name(i)}
sn: {name(i)}
provostState: active
provostRole: service-repairs-manager
provostEnterprise: acme
provostCompany: acme-telecom
provostAccount: 100002

dn: provostRequestId={name(i)},ou=requests,{SUFFIX}
objectClass: provostAccessRequest
provostRequestId: {name(i)}
provostRequester: {dn}
provostBeneficiary: {dn}
provostRequestKind: tool
provostToolGrant: wan-analysis
provostAccount: 100002
provostDelivery: primaryContact
provostRequestState: pending
""")


class Stream:
    def __init__(self, at):
        self.at = at
        self.token = self.read("main/admin.token")
        self.decider, self.decider_id = self.read("who").split("\n")
        self.lock = threading.Lock()
        self.done = 0
        self.silent = {1: 0, 2: 0}      # daemons, until when to avoid them

    def read(self, file):
        with open(os.path.join(self.at, file), encoding="ascii") as f:
            return f.read().strip()

    def accepted(self, n):
        with self.lock:
            self.done += n
            with open(os.path.join(self.at, "done.new"), "w",
                      encoding="ascii") as f:
                f.write(f"{self.done}\n")
            os.rename(os.path.join(self.at, "done.new"),
                      os.path.join(self.at, "done"))

    def call(self, which, method, path, body=None):
        """The status and the body; 0: no answer."""
        try:
            c = http.client.HTTPConnection(
                urlsplit(self.read(f"url.{which}")).netloc, timeout=5)
            c.request(method, path, body, {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json"})
            r = c.getresponse()
            return r.status, r.read()
        except (OSError, http.client.HTTPException, ValueError):
            self.silent[which] = time.monotonic() + 5
            return 0, b""

    def daemon(self, n):
        which = 1 + n % 2
        return 3 - which if self.silent[which] > time.monotonic() else which

    def scim(self, i):
        find = "/scim/v2/AccessRequests?attributes=id&filter=" + \
            quote(f'requestId eq "{name(i)}"')
        op = json.dumps({"Operations": [{"op": "add", "value": {
            "decision": "approved", "decidedBy": self.decider_id}}]})
        for attempt in range(100000):
            which = self.daemon(i + attempt)
            status, text = self.call(which, "GET", find)
            if status == 200:
                at = json.loads(text)["Resources"][0]["id"]
                status, text = self.call(
                    which, "PATCH", f"/scim/v2/AccessRequests/{at}", op)
            if status == 200:
                return
            if status not in (0, 409, 412, 429, 503, 504):
                sys.exit(f"FAILED: {name(i)}: {status} {text}")
            yield status

    def ldap(self, batch):
        text = "".join(f"""dn: provostRequestId={name(i)},ou=requests,{SUFFIX}
changetype: modify
add: provostDecision
provostDecision: approved
-
add: provostDecidedBy
provostDecidedBy: {self.decider}

""" for i in batch)
        for attempt in range(100000):
            uri = self.read(f"uri.{1 + (batch[0] // BATCH + attempt) % 2}")
            r = subprocess.run(
                ["ldapmodify", "-x", "-c", "-o", "nettimeout=5", "-H", uri,
                 "-D", self.decider, "-w", "sample-pat.contact"],
                input=text, capture_output=True, encoding="utf-8",
                check=False)
            # What an attempt before has done is there already: 20.
            bad = [s for s in r.stderr.splitlines() if s.startswith("ldap_")
                   and "(20)" not in s]
            if r.returncode in (0, 20) and not bad:
                return
            yield r.stderr

    def work(self, batches):
        for batch in batches:
            end = time.monotonic() + PATIENCE
            while batch[-1] >= int(self.read("limit")):
                time.sleep(0.02)
            for tries in [self.ldap(batch)] if batch[0] // BATCH % 2 else \
                    [self.scim(i) for i in batch]:
                for why in tries:
                    if time.monotonic() > end:
                        print(f"FAILED: {name(batch[0])}: {why}")
                        os._exit(1)
                    time.sleep(0.1)
            self.accepted(len(batch))

    def run(self):
        batches = [list(range(i, min(i + BATCH, COUNT)))
                   for i in range(0, COUNT, BATCH)]
        threads = [threading.Thread(target=self.work, args=(batches[k::4],))
                   for k in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()


if sys.argv[1] == "people":
    people()
else:
    Stream(sys.argv[3]).run()
