# SPDX-License-Identifier: ISC
"""One run of one scene, one way."""
import collections
import hashlib
import hmac
import json
import os
import re
import signal
import time
import urllib.parse

import directory
from daemon import CODE_KEY, WAIT, Gone
from directory import KINDS, Refused, dn_of, modify
from expect import Expected, Failed, lasting

# What is made, or done anew, each time: not repeated when the answer was lost.
ONCE = re.compile(r"/scim/v2/(Users|AccessRequests)|/v1/register|"
                  r"/v1/users(/[^/]+/(clone|reset-password))?")
SAID = {"token": r"token=([^&\s]+)", "login": r"login=([^&\s]+)", "code": ""}


def printed(code):
    """As a printed code is stored."""
    text = "".join(c for c in code.upper() if c.isalnum())
    return hmac.new(CODE_KEY.encode(), text.encode(),
                    hashlib.sha256).hexdigest()


class Run:
    def __init__(self, site, scene, way):
        self.site, self.scene, self.way = site, scene, way
        self.daemon, self.out = site.daemon, site.outside
        self.dir = site.directory
        self.deaths, self.armed = 0, None
        self.known = set(self.site.known)
        self.begin = 0
        self.sessions = {}
        self.wanted = Expected({}, {}, False)
        self.now = {}                       # as it was read last
        self.calls_of_stage = []

    # --- words of tables ---
    def place(self, m):
        word = m[1]
        if word[0] in "+-":
            n = int(word[:-1]) * {"s": 1, "d": 86400}[word[-1]]
            return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(self.begin + n))
        what, _, name = word.rpartition(":")
        if what == "hash":
            return printed(name)
        if what in SAID:
            return self.wait_for(lambda: self.said(name, what))
        for kind in KINDS:
            if (kind, name) in self.known or \
                    (kind, name) in self.wanted.entries:
                return (self.dn(kind, name) if what == "dn" else
                        self.uuid(kind, name))
        raise Failed(f"nobody is called {name}")

    def said(self, name, what):
        try:
            return self.out.said(name, SAID[what])
        except LookupError:
            return None

    def fill(self, text):
        return re.sub(r"@((?:dn:|hash:|token:|login:|code:)?[-+\w.]+"
                      r"(?:@[\w.]+)?)@", self.place, text)

    def read(self):
        self.now = self.dir.read(self.known)
        return self.now

    def entry(self, kind, name):
        """As it was read last; what was not there then is read."""
        e = self.now.get((kind, name)) or self.read().get((kind, name))
        if e is None:
            raise Failed(f"there is no {kind} {name}")
        return e

    def dn(self, kind, name):
        if (kind, name) in self.known:
            return dn_of(kind, name)
        return self.entry(kind, name)["dn"][0]

    def uuid(self, kind, name):
        return self.entry(kind, name)["entryUUID"][0]

    def attributes(self, lines):
        """LDIF lines; "-" and nothing are both no value."""
        out = {}
        for line in lines:
            name, _, value = line.partition(":")
            out.setdefault(name, [])
            if value.strip() not in ("", "-"):
                out[name].append(self.fill(value.strip()))
        return out

    # --- before ---
    def prepare(self):
        entries, held, mail = {}, {}, False
        self.begin = int(time.time())
        for item in self.scene.before:
            if item.words[0] == "tool" and ":" in item.line:
                who, accounts = item.line[5:].split(":")
                held[tuple(who.split())] = sorted(accounts.split())
            elif item.line == "mail":
                mail = True
            else:
                self.known.add(tuple(item.words))
        for item in self.scene.before:
            key = tuple(item.words)
            if key not in self.known or \
                    key in self.site.known and not item.below:
                continue
            attrs = self.attributes(item.below)
            if key[0] == "person" and key not in self.site.known:
                attrs = {**directory.person(key[1]), **attrs}
            entries[key] = {n: v for n, v in attrs.items() if v or
                            key in self.site.known}
        hook, users = self.confirm(entries, held)
        self.dir.reset(entries)
        fail_at, mode = 0, ""
        if self.way[0] == "fail":
            mode, fail_at = self.way[1], int(self.way[2])
        self.out.reset(hook, users, fail_at, mode)
        self.wanted = Expected(self.read(), held, mail)
        self.daemon.fresh(mail)

    def confirm(self, entries, held):
        """The receipts of what tools hold before; and what they hold."""
        hook, users, receipts = {}, {}, {}
        for (tool, name), accounts in held.items():
            uuid = self.dir.uuid("person", name)
            target = self.site.target(tool)
            remote = "-"
            if target == "hook":
                hook[tool, uuid] = accounts
            else:
                remote = f"u-{name}"
                user = users.setdefault(remote, {
                    "id": remote, "externalId": uuid, "userName": name,
                    "meta": {"version": 'W/"0"'}, "entitlements": []})
                user["entitlements"] += [{"value": tool, "type": "tool"}] + [
                    {"value": a, "type": "account", "display": tool}
                    for a in accounts]
            receipts.setdefault((uuid, name), []).extend(
                f"{target} {right} confirmed 20260101000000Z {remote} 0"
                for right in [f"tool:{tool}"] +
                [f"tool:{tool}/{a}" for a in accounts])
        for (uuid, name), values in receipts.items():
            entries["receipts", uuid] = {"provostPersonId": [name],
                                         "provostReceipt": values}
        return hook, users

    # --- the daemon's life ---
    def start(self, failpoint=None):
        self.armed = failpoint
        try:
            self.daemon.start(failpoint)
        except Gone:
            self.revive()

    def revive(self):
        code = self.daemon.process.wait(WAIT)
        if code != -signal.SIGKILL or self.deaths or self.way[0] != "kill":
            raise Failed(f"the daemon ended with {code}")
        self.deaths += 1
        self.start()

    def surely(self, what, *args):
        """what(*args), begun again when the daemon has died."""
        try:
            return what(*args)
        except Gone:
            self.revive()
            return what(*args)

    def wait_for(self, what, text=None):
        """Until what() is true; its value. What fails may say why."""
        end = time.time() + WAIT
        while True:
            if not self.daemon.alive():
                self.revive()
            value = self.surely(what)
            if value:
                return value
            if time.time() > end:
                raise Failed(text() if text else
                             f"not within {WAIT} s: {what}")
            with self.out.changed:
                self.out.changed.wait(0.01)

    # --- do ---
    def step(self, item):
        words = item.words
        who = None
        if "as" in words:
            who = words[words.index("as") + 1]
            words = words[:words.index("as")]
        if words[0] == "tool":
            self.tool(words[1:])
        elif words[0] == "send":
            self.send(words[1], words[2], words[3], item.below, who)
        elif words[0] == "restart":
            self.daemon.end(signal.SIGTERM)
            self.start(self.armed)
        elif words[0] == "until":
            end = time.strftime("%Y%m%d%H%M%SZ")
            at = self.fill(words[1])
            while (end := time.strftime("%Y%m%d%H%M%SZ",
                                        time.gmtime())) < at:
                time.sleep(0.02)
        elif words[0] == "refused":
            self.refused(words, item.below, who)
        elif words[0] in ("add", "modify", "delete"):
            self.ldap(*words, item.below, who)
        else:
            raise Failed(f"no such step: {item.line}")

    def tool(self, words):
        if words[0] == "forgets":
            uuid = self.uuid("person", words[1])
            with self.out.changed:
                self.out.users = {k: v for k, v in self.out.users.items()
                                  if v["externalId"] != uuid}
        elif words[0] == "refuses":
            self.wait_for(lambda: self.out.refused > 0)
        else:
            with self.out.changed:
                self.out.down = words[0] == "down"

    def refused(self, words, below, who):
        try:
            modify(self.change(words[2], words[3], words[4], below), who=who)
        except Refused as e:
            if e.args[0] != int(words[1]):
                raise Failed(f"refused with {e.args}") from e
            return
        raise Failed(f"not refused: {' '.join(words)}")

    def change(self, what, kind, name, below):
        lines = [self.fill(line) for line in below]
        if what == "add":
            self.known.add((kind, name))
            attrs = self.attributes(below)
            if kind == "person":
                attrs = {**directory.person(name), **attrs}
            lines = directory.Directory.new(kind, name, attrs)
            return directory.ldif(dn_of(kind, name), what, lines)
        return directory.ldif(self.dn(kind, name), what, lines)

    def ldap(self, what, kind, name, below, who):
        """Done, and to be seen in the view."""
        change = self.change(what, kind, name, below)
        if what == "add":
            modify(change, who=who)
            self.now.pop((kind, name), None)
            self.wait_for(lambda: self.shown(kind, self.uuid(kind, name)))
            return
        uuid = self.uuid(kind, name)
        old = self.surely(self.shown, kind, uuid)
        modify(change, who=who)
        if what == "delete":
            self.now.pop((kind, name), None)
        self.wait_for(lambda: self.shown(kind, uuid) != old)

    def shown(self, kind, uuid):
        """Which version of it the daemon answers; None: there is none."""
        status, _, headers = self.daemon.call(
            "GET", f"/scim/v2/{KINDS[kind][3]}/{uuid}")
        return headers["ETag"] if status == 200 else None

    def send(self, want, method, path, below, who):
        says = [line[5:] for line in below if line.startswith("says ")]
        body = "\n".join(line for line in below
                         if not line.startswith("says "))
        path, body = self.fill(path), self.fill(body) or None
        path = urllib.parse.quote(path, safe="/?=&:")
        self.read()
        before = self.stamps(("receipts",))
        token = self.surely(self.session, who)
        again = False
        while True:
            try:
                status, text, _ = self.daemon.call(method, path, body, token)
                break
            except Gone:
                self.revive()
                again = True
                self.read()
                if ONCE.fullmatch(path) and method == "POST" and \
                        self.stamps(("receipts",)) != before:
                    return
        if again and (method, status) in (("DELETE", 404), ("POST", 409)):
            return
        if str(status) != want:
            raise Failed(f"{method} {path}: {status}, not {want}: {text}")
        for part in says:
            if not again and part not in text:
                raise Failed(f"{method} {path} does not say {part}: {text}")

    def session(self, who):
        if who in (None, "nobody"):
            return "admin" if who is None else ""
        if who not in self.sessions:
            status, text, _ = self.daemon.call("POST", "/v1/session", json.
                dumps({"userName": who, "password":
                       directory.password(who)}), "")
            if status != 200:
                raise Failed(f"{who} cannot sign in: {text}")
            self.sessions[who] = json.loads(text)["token"]
        return self.sessions[who]

    # --- after ---
    def reach(self, items):
        self.wanted.take(items, self)
        self.wait_for(lambda: not self.different(),
                      lambda: "\n".join(self.different()))

    def different(self):
        return self.wanted.different(self.read(), self.out, self.dir.names,
                                     self.known, self.deaths > 0)

    # --- what follows ---
    def stamps(self, but=()):
        """The versions of what was read last."""
        return {k: v["entryCSN"] for k, v in self.now.items()
                if k[0] != "job" and k[0] not in but}

    def rest(self):
        """Nothing is owed; a full pass sends and writes nothing."""
        self.surely(self.full_pass)     # what was still under way has ended
        if self.out.down:
            return
        self.wait_for(lambda: not self.daemon.plan(),
                      lambda: f"still owed: {self.daemon.plan()}")
        self.read()
        events, stamps = len(self.out.events), self.stamps()
        self.surely(self.full_pass)
        if len(self.out.events) != events:
            raise Failed(f"told anew: {self.out.events[events:]}")
        if bad := self.different():
            raise Failed("not for long: " + "\n".join(bad))
        if self.stamps() != stamps:
            raise Failed(f"written anew: {self.stamps()}, was {stamps}")

    def full_pass(self):
        passes = self.daemon.count("engine_passes_total")
        self.daemon.process.send_signal(signal.SIGHUP)
        end = time.time() + WAIT
        while self.daemon.count("engine_passes_total") <= passes:
            if time.time() > end:
                raise Failed("no full pass")
            time.sleep(0.002)

    def answers(self):
        """All that SCIM and /v1 say, as it is said."""
        out = {}
        for _, _, _, what in KINDS.values():
            if what and what != "Clients":
                path = f"/scim/v2/{what}?count=1000"
                out[path] = self.daemon.json("GET", path)
        for user in out["/scim/v2/Users?count=1000"]["Resources"]:
            path = f"/v1/users/{user['id']}/rights"
            out[path] = self.daemon.json("GET", path)
        return out

    def early(self):
        """What a tool was told before its time."""
        for tool, name, at in self.wanted.not_before:
            for e in self.out.events:
                when = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(e.at))
                if e.tool == tool and when < at and \
                        self.dir.names.get(e.person) == name:
                    raise Failed(f"told too early: {e}")

    # --- the whole ---
    def stage(self, stage):
        before = self.out.calls
        heal = self.way[0] == "heal" and not self.out.down
        n = len(self.calls_of_stage)
        called = heal and self.site.plain.calls_of_stage[n] > 0
        with self.out.changed:
            self.out.broken = heal
        for item in stage.do:
            self.step(item)
        if called:
            self.wait_for(lambda: self.out.refused > 0)
        with self.out.changed:
            self.out.broken, self.out.refused = False, 0
        self.reach(stage.after)
        if not stage.do:
            self.rest()
        self.calls_of_stage.append(self.out.calls - before)

    def play(self):
        self.prepare()
        failpoint = {"plain": self.daemon.passages,
                     "kill": ":".join(self.way[1:])}.get(self.way[0])
        self.out.broken = self.way[0] == "heal"
        self.start(failpoint)
        if self.way[0] == "rebuilt":
            self.daemon.rebuild()
        for stage in self.scene.stages:
            self.stage(stage)
            if self.way[0] == "rebuilt":
                self.rest()
                self.rebuild()
            if self.way[0] == "again":
                self.rest()
                self.daemon.end()
                self.start()
                self.rest()
        self.rest()
        self.early()
        if self.out.wrong:
            raise Failed("\n".join(self.out.wrong))
        if self.way[0] in ("plain", "rebuilt", "again"):
            self.ends_well()
        if not self.daemon.journal_holds():
            raise Failed("the journal's chain is broken")
        return lasting(self.now, self.dir.names, self.known)

    def ends_well(self):
        idle = [e for e in self.out.events if e.idle]
        if idle and not any(self.site.tool_trouble(self.scene)):
            raise Failed(f"told what was held already: {idle}")
        if code := self.daemon.end(signal.SIGTERM):
            raise Failed(f"the daemon ended with {code}")

    def rebuild(self):
        events, before = len(self.out.events), self.answers()
        if code := self.daemon.rebuild():
            raise Failed(f"the daemon ended with {code}")
        self.full_pass()
        after = self.answers()
        if before != after:
            raise Failed("other answers from the new view: " + json.dumps(
                [(k, before[k], after.get(k)) for k in before
                 if before[k] != after.get(k)]))
        if len(self.out.events) != events:
            raise Failed(f"told anew: {self.out.events[events:]}")

    def passages(self):
        """How often each failpoint was passed."""
        try:
            with open(self.daemon.passages, encoding="ascii") as f:
                return collections.Counter(f.read().split())
        except FileNotFoundError:
            return collections.Counter()

    def trouble(self):
        """For the one who reads of a failure."""
        lines = [f"{e.what} {e.tool} {self.dir.names.get(e.person, e.person)}"
                 f" {e.key[:8]}{' again' if e.idle else ''}"
                 for e in self.out.events]
        if os.path.exists(self.daemon.log):
            with open(self.daemon.log, encoding="utf-8") as f:
                lines += f.read().split("\n")[-12:]
        return lines
