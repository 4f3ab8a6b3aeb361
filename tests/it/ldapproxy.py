#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Between a daemon and its directory: ldapproxy.py LISTEN SERVER FAULT.

LISTEN and SERVER are paths of sockets. What stands in the file FAULT when an
answer passes happens to searches with the sync control (RFC 4533):

    code N after M      after M entries the search ends with result N
    cut after M         ... the connection is cut

Anything else, or no file: nothing happens.
"""
import os
import socket
import sys
import threading

LISTEN, SERVER, FAULT = sys.argv[1:4]
SYNC = b"1.3.6.1.4.1.4203.1.9.1.1"
ENTRY, DONE = 0x64, 0x65


def fault():
    try:
        with open(FAULT, encoding="ascii") as f:
            words = f.read().split()
    except OSError:
        return None
    if words[:1] == ["code"]:
        return int(words[1]), int(words[3])
    if words[:1] == ["cut"]:
        return None, int(words[2])
    return None


def head(buf, at):
    """Tag, first and last + 1 of the contents at a place, None: too short."""
    if len(buf) < at + 2:
        return None
    n, start = buf[at + 1], at + 2
    if n & 0x80:
        k = n & 0x7f
        if len(buf) < start + k:
            return None
        n, start = int.from_bytes(buf[start:start + k], "big"), start + k
    return buf[at], start, start + n


class Messages:
    """LDAP messages out of a stream: (bytes, message id, operation's tag)."""

    def __init__(self):
        self.buf = b""

    def feed(self, data):
        self.buf += data
        while True:
            whole = head(self.buf, 0)
            if whole is None or len(self.buf) < whole[2]:
                return
            ident = head(self.buf, whole[1])
            msgid = int.from_bytes(self.buf[ident[1]:ident[2]], "big")
            yield self.buf[:whole[2]], msgid, self.buf[ident[2]]
            self.buf = self.buf[whole[2]:]


def done(msgid, code):
    body = bytes([0x0a, 1, code, 4, 0, 4, 0])
    ident = msgid.to_bytes((msgid.bit_length() + 8) // 8, "big")
    body = bytes([2, len(ident)]) + ident + bytes([DONE, len(body)]) + body
    return bytes([0x30, len(body)]) + body


class Pair:
    def __init__(self, client):
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(SERVER)
        self.seen = {}          # message id of a sync search -> entries
        self.over = set()

    def close(self):
        for s in (self.client, self.server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def up(self):
        messages = Messages()
        while data := self.client.recv(65536):
            for raw, msgid, _ in messages.feed(data):
                if SYNC in raw:
                    self.seen[msgid] = 0
                self.server.sendall(raw)

    def answer(self, raw, msgid, tag):
        """What to send; None: cut."""
        if msgid in self.over:
            return b""
        what = fault()
        if what is None or msgid not in self.seen:
            return raw
        if self.seen[msgid] >= what[1]:
            if what[0] is None:
                return None
            self.over.add(msgid)
            return done(msgid, what[0])
        self.seen[msgid] += tag == ENTRY
        return raw

    def down(self):
        messages = Messages()
        while data := self.server.recv(65536):
            for raw, msgid, tag in messages.feed(data):
                out = self.answer(raw, msgid, tag)
                if out is None:
                    return
                self.client.sendall(out)

    def run(self, way):
        try:
            way()
        except OSError:
            pass
        self.close()


def serve(client):
    try:
        pair = Pair(client)
    except OSError:
        client.close()
        return
    threading.Thread(target=pair.run, args=(pair.up,), daemon=True).start()
    pair.run(pair.down)


listener = socket.socket(socket.AF_UNIX)
if os.path.exists(LISTEN):
    os.unlink(LISTEN)
listener.bind(LISTEN)
listener.listen(64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],),
                     daemon=True).start()
