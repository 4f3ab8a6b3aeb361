#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A tool with a SCIM 2.0 service: scimtool.py DIR [PORT].

/scim/v2/Users in memory: POST, GET, filter by eq, PUT with If-Match, DELETE,
unique userName, and the list by startIndex or by cursor (RFC 9865). DIR/port
tells where it listens. How it answers stands in DIR/mode, read each time:

	ok	as it should
	chaos	by turns wrongly, see CHAOS
	empty	every list is empty
	few	every list has a third of the users, and says that this is all
	short	every list has half of the users, and says that there are more
	cursor	as it should, by cursor
	slow	429 with Retry-After: 3600
	no	400: it refuses whatever is written

GET /dump is what it holds; POST /users is an administrator there: a user is
made, DELETE /users/ID taken away, PUT /users/ID changed. DIR/requests has a
line a request: method, path, how it was answered. DIR/followed appears if somebody follows a redirect.
"""
import http.server
import json
import os
import re
import sys
import threading
import urllib.parse

import tool

DIR = sys.argv[1]
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 0
LOCK = threading.Lock()
USERS = {}
STATE = {"next": 1, "turn": 0}
LOG = open(os.path.join(DIR, "requests"), "a", encoding="utf-8")
# What a request gets, in turn; "lost": it is done, but nothing is answered.
CHAOS = ("ok", "500", "empty", "ok", "redirect-meta", "few", "ok", "html",
         "cut", "ok", "lost", "redirect-file", "ok", "429", "empty", "ok",
         "redirect-host", "ok", "array", "html")


def mode():
    try:
        with open(os.path.join(DIR, "mode"), encoding="utf-8") as f:
            return f.read().strip() or "ok"
    except FileNotFoundError:
        return "ok"


def shown(user):
    return dict(user["body"], id=user["id"],
                meta={"resourceType": "User", "version": tag(user)})


def tag(user):
    return f'W/"{user["version"]}"'


def make(body):
    user = {"id": f"u{STATE['next']}", "version": 1, "body": body}
    STATE["next"] += 1
    USERS[user["id"]] = user
    return user


def clean(body):
    return {k: v for k, v in body.items() if k not in ("id", "meta")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    # --- answers -----------------------------------------------------------
    def send(self, status, body=None, headers=(), raw=None):
        data = raw if raw is not None else (
            b"" if body is None else json.dumps(body).encode())
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html" if raw is not None
                         else "application/scim+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def error(self, status, detail, headers=()):
        self.send(status, {"schemas": [
            "urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": str(status), "detail": detail}, headers)

    def hang_up(self, data=b""):
        self.wfile.write(data)
        self.close_connection = True

    # --- what goes wrong ---------------------------------------------------
    def fault(self, kind):
        """True: it was answered."""
        if kind in ("500",):
            self.error(500, "out of order")
        elif kind == "429":
            self.error(429, "slower", [("Retry-After", "1")])
        elif kind == "slow":
            self.error(429, "much slower", [("Retry-After", "3600")])
        elif kind.startswith("redirect"):
            host = self.headers["Host"]
            to = {"meta": "http://169.254.169.254/latest/meta-data/",
                  "file": "file:///etc/passwd",
                  "host": f"http://{host}/followed"}[kind[9:]]
            self.send(302, None, [("Location", to)])
        elif kind == "html":
            self.send(200, raw=b"<html><p>Please log in {\"id\":1}</html>")
        elif kind == "array":
            self.send(200, [])
        elif kind == "cut":
            self.hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n"
                         b"Content-Type: application/scim+json\r\n\r\n"
                         b'{"totalResults":1,"Resources":[')
        elif kind == "no" and self.command in ("POST", "PUT", "DELETE"):
            self.error(400, "this is refused here")
        elif kind == "empty" and self.command == "GET":
            self.listing([], 0)
        else:
            return False
        return True

    # --- lists -------------------------------------------------------------
    def listing(self, users, total, **more):
        self.send(200, {"schemas": [
            "urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total, "itemsPerPage": len(users),
            "Resources": [shown(u) for u in users], **more})

    def list_users(self, query, kind):
        users = list(USERS.values())
        m = re.fullmatch(r'(\w+) eq "(.*)"', query.get("filter", ""))
        if m:
            value = json.loads(f'"{m[2]}"')
            users = [u for u in users
                     if str(u["body"].get(m[1], "")).lower() == value.lower()]
        if kind == "few":
            users = users[:len(users) // 3]
            return self.listing(users, len(users))
        total = len(users)
        if kind == "short":
            users = users[:len(users) // 2]
            start = int(query.get("startIndex", 1))
            return self.listing(users[start - 1:], total, startIndex=start)
        count = int(query.get("count", 100))
        if "cursor" in query:
            at = int(query["cursor"] or 0)
            more = {"nextCursor": str(at + count)} if at + count < total \
                else {}
            return self.listing(users[at:at + count], total, **more)
        start = int(query.get("startIndex", 1))
        return self.listing(users[start - 1:start - 1 + count], total,
                            startIndex=start)

    # --- users -------------------------------------------------------------
    def scim(self, parts, query, body, kind):
        if parts == ["ServiceProviderConfig"]:
            return self.send(200, {"pagination": {"cursor":
                                                  mode() == "cursor"}})
        if parts == ["Users"] and self.command == "GET":
            return self.list_users(query, kind)
        if parts == ["Users"] and self.command == "POST":
            name = body.get("userName", "").lower()
            if any(u["body"].get("userName", "").lower() == name
                   for u in USERS.values()):
                return self.error(409, "this userName is taken")
            user = make(clean(body))
            return self.send(201, shown(user), [("ETag", tag(user))])
        user = USERS.get(parts[1]) if len(parts) == 2 else None
        if user is None:
            return self.error(404, "there is no such user")
        if self.command == "GET":
            return self.send(200, shown(user), [("ETag", tag(user))])
        if self.headers.get("If-Match") not in (None, tag(user)):
            return self.error(412, "somebody was faster")
        if self.command == "DELETE":
            del USERS[user["id"]]
            return self.send(204)
        user["body"] = clean(body)
        user["version"] += 1
        return self.send(200, shown(user), [("ETag", tag(user))])

    def administrator(self, parts, body):
        if self.command == "POST":
            return self.send(201, shown(make(clean(body))))
        user = USERS.pop(parts[1]) if self.command == "DELETE" \
            else USERS[parts[1]]
        if self.command == "PUT":
            user["body"] = clean(body)
            user["version"] += 1
        return self.send(200, shown(user))

    def answer(self):
        size = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(size)) if size else {}
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query,
                                            keep_blank_values=True))
        parts = [urllib.parse.unquote(p) for p in url.path.split("/") if p]
        with LOCK:
            if url.path == "/dump":
                return self.send(200, [shown(u) for u in USERS.values()])
            if parts[:1] == ["users"]:
                return self.administrator(parts, body)
            kind = mode()
            if kind == "chaos":
                kind = CHAOS[STATE["turn"] % len(CHAOS)]
                STATE["turn"] += 1
            LOG.write(f"{self.command} {self.path} {kind}\n")
            LOG.flush()
            if parts[:2] != ["scim", "v2"]:
                with open(os.path.join(DIR, "followed"), "w",
                          encoding="utf-8") as f:
                    f.write(self.path)
                return self.error(404, "nothing is here")
            if self.fault(kind):
                return None
            if kind == "lost":
                sent, self.wfile = self.wfile, open(os.devnull, "wb")
                try:
                    self.scim(parts[2:], query, body, "ok")
                finally:
                    self.wfile.close()
                    self.wfile = sent
                return self.hang_up()
            return self.scim(parts[2:], query, body, kind)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *args):
        pass


tool.serve(Handler, DIR, PORT)
