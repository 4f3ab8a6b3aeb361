#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A mail server (aiosmtpd): mailbox.py DIR MODE [PORT].

MODE is clear (no TLS), starttls (nothing else without it) or tls. Both take
DIR/cert.pem and DIR/key.pem; with DIR/login, "user password", they ask for
AUTH. Every mail is appended to DIR/mails.jsonl, as it came, before it is
answered. DIR/port tells where it listens.

DIR/rules, read anew each time, says what to refuse: lines "COMMAND ADDRESS
REPLY", such as "rcpt bad@example.com 550 5.1.1 no such user"; COMMAND is mail,
rcpt or data (the end of it), ADDRESS * is everybody's, the reply "drop" cuts
the connection.
"""
import asyncio
import json
import os
import ssl
import sys

try:
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    # Debian's package is for Debian's python3.
    if sys.executable == "/usr/bin/python3" or \
            not os.access("/usr/bin/python3", os.X_OK):
        print("skipped: no aiosmtpd", file=sys.stderr)
        sys.exit(77)
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

DIR, MODE = sys.argv[1], sys.argv[2]
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 0
LOG = open(os.path.join(DIR, "mails.jsonl"), "a", encoding="utf-8")


def path(name):
    return os.path.join(DIR, name)


def reply_to(command, address):
    try:
        with open(path("rules"), encoding="utf-8") as f:
            for line in f:
                what, who, text = line.strip().split(" ", 2)
                if what == command and who in ("*", address):
                    return text
    except FileNotFoundError:
        pass
    return None


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return reply_to("mail", address) or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = reply_to("rcpt", address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = reply_to("data", envelope.rcpt_tos[0])
        if reply == "drop":
            server.transport.abort()
        if reply is not None:
            return reply
        LOG.write(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "hello": session.host_name,
            "tls": MODE == "tls" or session.ssl is not None,
            "login": session.auth_data,
            "raw": envelope.original_content.decode("utf-8")}) + "\n")
        LOG.flush()
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    with open(path("login"), encoding="utf-8") as f:
        user, password = f.read().split()
    if data.login.decode() == user and data.password.decode() == password:
        return AuthResult(success=True, auth_data=user)
    return AuthResult(success=False, handled=False)


def server():
    args = {"hostname": "mailbox.example", "enable_SMTPUTF8": False}
    if MODE == "starttls":
        args.update(tls_context=context(), require_starttls=True)
    if os.path.exists(path("login")):
        args.update(authenticator=login, auth_required=True,
                    auth_require_tls=MODE != "clear")
    return SMTP(Handler(), **args)


def context():
    c = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    c.load_cert_chain(path("cert.pem"), path("key.pem"))
    return c


async def main():
    s = await asyncio.get_running_loop().create_server(
        server, "127.0.0.1", PORT, reuse_address=True,
        ssl=context() if MODE == "tls" else None)
    with open(path("port.new"), "w", encoding="ascii") as f:
        f.write(str(s.sockets[0].getsockname()[1]))
    os.rename(path("port.new"), path("port"))
    await s.serve_forever()


asyncio.run(main())
