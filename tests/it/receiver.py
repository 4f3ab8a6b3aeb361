#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A tool behind a webhook: receiver.py DIR SECRET [PORT].

Checks the signature as the Standard Webhooks specification says and appends
each event to DIR/events.jsonl before it answers 204. DIR/port tells where it
listens. While DIR/refuse exists it answers 503 and takes nothing.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys

import tool

DIR, SECRET = sys.argv[1], sys.argv[2]
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 0
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
LOG = open(os.path.join(DIR, "events.jsonl"), "a", encoding="utf-8")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def signed(self, body):
        text = (f'{self.headers["webhook-id"]}.'
                f'{self.headers["webhook-timestamp"]}.').encode() + body
        mac = hmac.new(KEY, text, hashlib.sha256).digest()
        want = "v1," + base64.b64encode(mac).decode()
        return want in self.headers.get("webhook-signature", "").split(" ")

    def take(self, body):
        if os.path.exists(os.path.join(DIR, "refuse")):
            return 503
        if not self.signed(body):
            return 401
        event = json.loads(body)
        LOG.write(json.dumps({"key": self.headers["webhook-id"],
                              "type": event["type"], **event["data"]}) + "\n")
        LOG.flush()
        return 204

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = self.take(body)
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


tool.serve(Handler, DIR, PORT)
