# SPDX-License-Identifier: ISC
"""A .scene file: tables of before, input and after, for people to read.

    scene V20 taking the last account leaves an empty grant
    before
            person ann
                    provostCompany: c1
                    provostToolGrant: wan
                    provostToolAccount: wan a11
            tool wan ann: a11
    do
            modify person ann
                    delete: provostToolAccount
                    provostToolAccount: wan a11
    after
            person ann
                    provostToolAccount: -
            tool wan ann:

Indented by tabs; # begins a comment line. world.ldif is there before all.

before  entries as KIND NAME and their attributes ("-": without this one), and
        with "tool TOOL PERSON: ACCOUNT ..." what the tool holds and has
        confirmed. "mail" alone: there is a mail server.
do      steps, one at once after the other; none: it comes to rest:
          add KIND NAME, modify KIND NAME, delete KIND NAME   [as PERSON]
                  LDAP, by the manager or that person; LDIF below it
          send STATUS METHOD PATH [as PERSON|nobody]
                  HTTP, by the client admin or with that person's session; JSON
                  below it, and "says TEXT" for what the answer contains
          refused CODE modify KIND NAME as PERSON
          tool down | tool up | tool forgets PERSON
          tool refuses    waits until the tool that is down was called
          restart | until TIME
after   what differs from before, or from the last after: attributes with all
        their values, "gone KIND NAME", or "nothing"; and all that tools hold.
        "mail ADDRESS: SUBJECT" are all mails, "letter ACCOUNT" all letters,
        each once; "receipt PERSON: TARGET RIGHT STATE" are receipts beyond
        what the tools hold; "sent TOOL PERSON from TIME": nothing before that
        time. do and after may follow again.

In values and JSON stand @ann@ for an entry's id (its entryUUID), @dn:ann@ for
its DN, @hash:CODE@ for a printed code as it is stored, @+2s@ @-31d@ for times,
counted from the begin of the run, and @token:A@ @login:A@ @code:A@ for what the
newest mail or letter to A says; TIME stands for the time of the daemon's own
notes, such as provostReview.
"""
import dataclasses


class Wrong(Exception):
    """The table is not well formed."""


@dataclasses.dataclass
class Item:
    """A line of level 1, with those of level 2 below it."""
    line: str
    number: int
    below: list = dataclasses.field(default_factory=list)

    @property
    def words(self):
        return self.line.split()


@dataclasses.dataclass
class Stage:
    do: list
    after: list


@dataclasses.dataclass
class Scene:
    name: str
    number: int
    before: list = dataclasses.field(default_factory=list)
    stages: list = dataclasses.field(default_factory=list)

    def part(self, word):
        """The list that the lines below this word belong to."""
        if word == "before" and not self.stages:
            return self.before
        if word == "do":
            self.stages.append(Stage([], []))
            return self.stages[-1].do
        if word == "after" and self.stages and not self.stages[-1].after:
            return self.stages[-1].after
        raise Wrong(f"{word} does not belong here")


def read(path):
    scenes, part = [], None
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            line = text.strip()
            if not line or line.startswith("#"):
                continue
            level = len(text) - len(text.lstrip("\t"))
            try:
                if level == 0 and line.startswith("scene "):
                    scenes.append(Scene(line[6:], number))
                    part = None
                elif level == 0:
                    part = scenes[-1].part(line)
                elif level == 1:
                    part.append(Item(line, number))
                else:
                    part[-1].below.append(line)
            except (Wrong, AttributeError, IndexError) as e:
                raise Wrong(f"{path}:{number}: {line}: {e}") from e
    for scene in scenes:
        if not scene.stages or not all(s.after for s in scene.stages):
            raise Wrong(f"{path}:{scene.number}: {scene.name}: no after")
    return scenes
