# SPDX-License-Identifier: ISC
"""The outside in one process: a tool behind a signed webhook, one that speaks
SCIM, and a mail server. They remember what they took, can be down, and can be
told to fail at their n-th call."""
import base64
import collections
import copy
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import re
import socketserver
import threading
import time
import urllib.parse

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
SCIM = "application/scim+json"
Event = collections.namedtuple("Event", "key person tool what idle at")


class Outside:
    """held: {(tool, person's uuid, target): accounts}."""

    def __init__(self):
        self.changed = threading.Condition()
        self.reset({}, {})
        self.web = Server(("127.0.0.1", 0), Handler)
        self.web.outside = self
        self.box = MailServer(("127.0.0.1", 0), MailHandler)
        self.box.outside = self
        for server in (self.web, self.box):
            threading.Thread(target=server.serve_forever, args=(0.05,),
                             daemon=True).start()
        self.url = f"http://127.0.0.1:{self.web.server_port}"
        self.mail_port = self.box.server_address[1]

    def reset(self, hook, users, fail_at=0, mode=""):
        with self.changed:
            self.hook, self.users = dict(hook), copy.deepcopy(users)
            self.down = self.broken = False
            self.calls = self.refused = 0
            self.fail_at, self.mode = fail_at, mode
            self.events, self.letters, self.mails = [], [], []
            self.wrong, self.asked, self.tag = [], {}, 0

    def verdict(self):
        """How this call is to end: "" well, or down, 500, 429, cut."""
        if self.down or self.broken:
            self.refused += 1
            self.changed.notify_all()
            return "down"
        self.calls += 1
        return self.mode if self.calls == self.fail_at else ""

    def note(self, key, person, tool, what, idle):
        self.events.append(Event(key, person, tool, what, idle, time.time()))
        self.changed.notify_all()

    def held(self):
        with self.changed:
            out = {(tool, person, "hook"): a
                   for (tool, person), a in self.hook.items()}
            for user in self.users.values():
                for e in user.get("entitlements", []):
                    if e.get("type") == "tool":
                        out[e["value"], user["externalId"], "saas"] = sorted(
                            a["value"] for a in user["entitlements"]
                            if a.get("type") == "account" and
                            a.get("display") == e["value"])
            return out

    # --- the webhook ---
    def take_hook(self, key, event):
        data = event["data"]
        if event["type"].startswith("delivery."):
            self.letters.append((key, data))
            self.note(key, data.get("request"), event["type"],
                      data.get("account"), False)
            return
        who = (data["tool"], data["person"]["id"])
        had = self.hook.get(who)
        if event["type"] == "grant.put":
            self.hook[who] = sorted(data["accounts"])
        else:
            self.hook.pop(who, None)
        self.note(key, who[1], who[0], event["type"],
                  had == self.hook.get(who))

    # Taken or not: the same asked again has the same key, anything else not.
    def ask(self, key, event):
        data = event["data"]
        if "person" not in data:
            return
        what = (event["type"], *sorted(data["accounts"]))
        who = (data["tool"], data["person"]["id"])
        before = self.asked.get(who, ("", ()))
        if (before[0] == key) != (before[1] == what):
            self.wrong.append(f"told {before} and then {(key, what)}")
        self.asked[who] = (key, what)

    # --- SCIM ---
    def put_user(self, ident, user):
        old = self.users.get(ident)
        user = dict(user, id=ident)
        idle = old is not None and {**old, "meta": 0} == {**user, "meta": 0}
        if idle:
            self.wrong.append(f"written anew as it was: {ident}")
        self.tag += 1
        user["meta"] = {"resourceType": "User", "version": f'W/"{self.tag}"'}
        self.users[ident] = user
        self.note("", user.get("externalId"), "scim", "PUT", idle)
        return user

    def find_user(self, text):
        m = re.fullmatch(r'(\w+) eq "([^"]*)"', text)
        return [u for u in self.users.values() if m and
                u.get(m[1], "").lower() == m[2].lower()]

    # --- mail ---
    def take_mail(self, to, raw):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        ident = message["Message-ID"]
        idle = any(m["Message-ID"] == ident for _, m in self.mails)
        self.mails.append((to, message))
        self.note(ident, to, "mail", message["Subject"], idle)

    def subjects(self):
        """{address: subjects, one of each message}"""
        out = {}
        with self.changed:
            for to, m in self.mails:
                out.setdefault(to, {})[m["Message-ID"]] = m["Subject"]
        return {to: sorted(v.values()) for to, v in out.items()}

    def letters_sent(self):
        """{account: how many different letters}"""
        with self.changed:
            return collections.Counter(account for _, account in {
                (key, data["account"]) for key, data in self.letters})

    def said(self, to, pattern):
        """What the newest mail or letter to somebody says."""
        with self.changed:
            for key, data in reversed(self.letters):
                if to in (data.get("request"), data.get("account")):
                    return data["code"]
            for address, m in reversed(self.mails):
                if address == to:
                    text = m.get_body(("plain",)).get_content()
                    found = re.search(pattern, text)
                    if found:
                        return urllib.parse.unquote(found[1])
        raise LookupError(f"nothing was said to {to}")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass        # a client that was killed


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1   # one write an answer
    disable_nagle_algorithm = True

    def answer(self, status, body=None, tag=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if body is not None:
            self.send_header("Content-Type", SCIM)
        if tag:
            self.send_header("ETag", tag)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        out = self.server.outside
        with out.changed:
            verdict = out.verdict()
            if self.path == "/hook":
                out.ask(self.headers["webhook-id"], json.loads(body))
            if verdict in ("down", "500", "429"):
                status, reply = (503 if verdict == "down" else
                                 int(verdict)), (None,)
            elif self.path == "/hook":
                status, *reply = self.hook(out, body)
            else:
                status, *reply = self.scim(out, body)
        if verdict == "cut":
            self.close_connection = True
            return
        self.answer(status, *reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

    # The signature as the Standard Webhooks specification says.
    def hook(self, out, body):
        text = (f'{self.headers["webhook-id"]}.'
                f'{self.headers["webhook-timestamp"]}.').encode() + body
        mac = hmac.new(KEY, text, hashlib.sha256).digest()
        want = "v1," + base64.b64encode(mac).decode()
        if want not in self.headers.get("webhook-signature", "").split(" "):
            out.wrong.append("a bad signature")
            return 401,
        out.take_hook(self.headers["webhook-id"], json.loads(body))
        return 204,

    def scim(self, out, body):
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.removeprefix("/scim/v2/Users").strip("/")
        if not parts and self.command == "GET":
            text = urllib.parse.parse_qs(url.query)["filter"][0]
            found = out.find_user(text)
            return 200, {"totalResults": len(found), "Resources": found}
        if not parts and self.command == "POST":
            user = json.loads(body)
            if out.find_user(f'userName eq "{user["userName"]}"'):
                return 409, {"scimType": "uniqueness", "status": "409"}
            user = out.put_user(f'u{len(out.users)}-{out.tag}', user)
            return 201, user, user["meta"]["version"]
        user = out.users.get(parts)
        if user is None:
            return 404, {"status": "404"}
        tag = self.headers.get("If-Match", user["meta"]["version"])
        if tag != user["meta"]["version"]:
            return 412, {"status": "412"}
        if self.command == "PUT":
            user = out.put_user(parts, json.loads(body))
        if self.command == "DELETE":
            del out.users[parts]
            out.note("", user.get("externalId"), "scim", "DELETE", False)
            return 204,
        return 200, user, user["meta"]["version"]

    def log_message(self, *args):
        pass


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class MailHandler(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs that sends one mail."""

    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self):
        lines = []
        self.reply("354 go on")
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line.removeprefix(b"."))
        return None     # the client was killed

    def handle(self):
        out, to = self.server.outside, []
        self.reply("220 mailbox.example")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"MAIL":
                to = []
            if word == b"RCPT":
                to.append(re.search(rb"<(.*?)>", line)[1].decode())
            if word == b"DATA":
                if (raw := self.data()) is None:
                    return
                with out.changed:
                    verdict = out.verdict()
                    if verdict in ("", "cut"):
                        out.take_mail(to[0], raw)
                if verdict == "cut":
                    return
                if verdict:
                    self.reply("451 later")
                    continue
            if word == b"QUIT":
                self.reply("221 bye")
                return
            self.reply("250 ok")
