#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What mail.sh asks about mails and secrets.

mail.py to FILE ADDRESS         how many mails in mails.jsonl went there
mail.py show FILE ADDRESS FIELD of the last one: text, html, or a header field
mail.py ids FILE ADDRESS        how many different Message-IDs they have
mail.py token KEY PERSON EXPIRY an invitation's token
mail.py password KEY PERSON TIME
Headers and bodies are read as a mail program does.
"""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import sys

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def mails(path, address):
    try:
        with open(path, encoding="utf-8") as f:
            for line in f:
                m = json.loads(line)
                if address in m["to"]:
                    yield email.message_from_bytes(
                        m["raw"].encode(), policy=email.policy.default)
    except FileNotFoundError:
        pass


def mac(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()


def show(message, field):
    if field in ("text", "html"):
        part = message.get_body(("plain",) if field == "text" else ("html",))
        return part.get_content().replace("\r\n", "\n").rstrip("\n")
    return "\n".join(str(v) for v in message.get_all(field, []))


what, args = sys.argv[1], sys.argv[2:]
if what == "to":
    print(len(list(mails(*args))))
elif what == "ids":
    print(len({m["Message-ID"] for m in mails(*args)}))
elif what == "show":
    found = list(mails(*args[:2]))
    if not found:
        sys.exit(1)
    print(show(found[-1], args[2]))
elif what == "token":
    code = mac(args[0], f"invite {args[1]} {args[2]}")
    print(base64.urlsafe_b64encode(code).decode()[:32])
elif what == "password":
    code = mac(args[0], f"reset {args[1]} {args[2]}")
    print("-".join("".join(LETTERS[code[6 * g + i] % 32] for i in range(5))
                   for g in range(4)))
