# SPDX-License-Identifier: ISC
"""What a table's after says should be, against what is."""
import re

from directory import KINDS

TIME = re.compile(r"\d{14}(\.\d+)?Z")
# What tables do not speak of; the ways are compared in it all the same.
SILENT = {"objectClass", "userPassword", "dn", "entryUUID", "entryCSN",
          "provostProvenance", "provostDecidedAt", "provostAppliedAt",
          "provostExpiresAt", "provostStatusText", "provostCreatedBy",
          "provostInvitation", "provostInvitationCode", "provostReset",
          "provostFirstLogin", "provostSessionsEnded", "createTimestamp"}
# What differs from run to run.
UNLIKE = {"dn", "entryCSN", "entryUUID", "userPassword", "provostInvitation",
          "provostPersonUuid", "provostWrongCodes", "provostStatusText",
          "provostReset", "provostSessionsEnded"}
# What they need not say of an entry that is new.
DETAIL = {"cn", "sn", "givenName", "displayName", "mail",
          "mail;x-primary;x-work", "mail;x-work", "provostTemporaryLogin",
          "provostOwner", "provostExternalId", "provostPersonId",
          "provostRequestId", "provostGroupId", "provostPreference"}


class Failed(Exception):
    """What is not as it should be."""


def in_names(text, now, names, known):
    """text with names for the ids that were generated."""
    for (kind, name), attrs in now.items():
        if (kind, name) not in known and kind in KINDS:
            ident = attrs.get(KINDS[kind][1], ["?"])[0]
            text = text.replace(ident, name)
    for uuid, name in names.items():
        text = text.replace(uuid, name)
    return text


def lasting(now, names, known):
    """All that lasts, without what differs from run to run: for comparing
    the ways."""
    out = []
    for (kind, name), attrs in sorted(now.items()):
        for attr, values in sorted(attrs.items()):
            if kind in ("job", "client") or attr in UNLIKE:
                continue
            if attr == "provostReceipt":
                values = [" ".join(v.split()[:3]) for v in values]
            out += sorted(f"{kind} {name} {attr} {v}" for v in values)
    text = in_names("\n".join(out), now, names, known)
    text = TIME.sub("TIME", text)
    return re.sub(r"new-\w{5}-\w{5}", "LOGIN", text)


class Expected:
    """What should be, after the lines so far. entries are {("person", "ann"):
    attributes}, names {entryUUID: name} of whoever was there."""

    def __init__(self, entries, held, mail):
        self.entries = {k: v for k, v in entries.items()
                        if k[0] != "receipts"}
        self.held = held
        self.mails, self.letters = {} if mail else None, []
        self.receipts, self.not_before = set(), []

    def take(self, items, fill):
        """The lines of an after; fill is for their placeholders."""
        self.held = {}
        self.mails = None if self.mails is None else {}
        for item in items:
            words = item.words
            if words[0] == "gone":
                del self.entries[tuple(words[1:])]
            elif words[0] == "tool" and ":" in item.line:
                who, accounts = item.line[5:].split(":")
                self.held[tuple(who.split())] = sorted(accounts.split())
            elif words[0] == "mail":
                to, subject = item.line[5:].split(":", 1)
                self.mails.setdefault(to, []).append(subject.strip())
            elif words[0] == "letter":
                self.letters.append(words[1])
            elif words[0] == "receipt":
                self.receipts.add((words[1].rstrip(":"), *words[2:]))
            elif words[0] == "sent":
                self.not_before.append((words[1], words[2],
                                        fill.fill(words[4])))
            elif item.line != "nothing":
                self.overlay(tuple(words), fill.attributes(item.below))

    def overlay(self, key, attrs):
        old = self.entries.get(key, {"new": ["yes"]})
        self.entries[key] = {**old, **attrs}

    def different(self, now, outside, names, known, died):
        """What is not as it should be, as lines."""
        out = []
        present = {e["entryUUID"][0] for e in now.values()}

        def name(uuid):
            return names.get(uuid, uuid) + (
                "" if uuid in present else " (gone)")
        held = {(tool, name(uuid), target): a for (tool, uuid, target), a
                in outside.held().items()}
        self.compare(out, "", self.held, {k[:2]: a for k, a in held.items()})
        out += [f"{k[:2]}: held at {k[2]}" for k in held if [k[2]] !=
                now.get(("tool", k[0]), {}).get("provostTarget")]
        if self.mails is not None:
            sent = {to: sorted(in_names(s, now, names, known) for s in v)
                    for to, v in outside.subjects().items()}
            self.compare(out, "mail ", {k: sorted(v) for k, v in
                                        self.mails.items()}, sent)
        self.compare(out, "letter ", dict.fromkeys(self.letters, 1),
                     outside.letters_sent())
        for key in sorted(set(self.entries) | set(now)):
            if key[0] in ("receipts", "job", "client"):
                continue
            if key not in now or key not in self.entries:
                out.append(f"{' '.join(key)}: " + ("is not there" if key not
                           in now else f"should not be there: {now[key]}"))
            else:
                self.differs(out, key, now[key], died)
        if not outside.down:
            self.compare_receipts(out, held, now, name)
        return out

    @staticmethod
    def compare(out, what, want, got):
        for key in sorted(set(want) | set(got)):
            if want.get(key) != got.get(key):
                out.append(f"{what}{key}: should be {want.get(key)}, is "
                           f"{got.get(key)}")

    def differs(self, out, key, got, died):
        want = self.entries[key]
        silent = SILENT | ({n for n in DETAIL if n not in want}
                           if "new" in want else set())
        rdn = KINDS[key[0]][1]
        for attr in sorted(set(want) | set(got)):
            w, g = sorted(want.get(attr, [])), sorted(got.get(attr, []))
            if attr in ("provostReview", "provostLeftAt"):
                w, g = ([TIME.sub("TIME", v) for v in vs] for vs in (w, g))
            if attr == "provostWrongCodes":
                w, g = self.wrong_codes(w, g, died)
            if w != g and attr not in silent and attr not in ("new", rdn):
                out.append(f"{' '.join(key)}: {attr} should be {w}, is {g}")

    @staticmethod
    def wrong_codes(want, got, died):
        """How many; who is killed may count twice, but never not at all."""
        w, g = (int(v[0].split()[0]) if v else 0 for v in (want, got))
        return (w, w) if died and w <= g <= 2 * w else (w, g)

    def compare_receipts(self, out, held, now, name):
        want = {(who, target, right, "confirmed")
                for (tool, who, target), accounts in held.items()
                for right in [f"tool:{tool}"] +
                [f"tool:{tool}/{a}" for a in accounts]} | self.receipts
        got = set()
        for key, e in now.items():
            if key[0] != "receipts":
                continue
            for v in e.get("provostReceipt", []):
                target, right, state = v.split()[:3]
                if not right.startswith("mail:"):
                    got.add((name(e["provostPersonUuid"][0]), target, right,
                             state))
                elif state != "confirmed":
                    out.append(f"{v} is not confirmed")
        out += [f"no receipt {' '.join(r)}" for r in sorted(want - got)]
        out += [f"a receipt {' '.join(r)}" for r in sorted(got - want)]

