# SPDX-License-Identifier: ISC
"""Replays client traces: replay.py URL TOKEN-FILE TRACE... The format is
described in the README beside this file."""
import http.client
import json
import os
import re
import sys
from urllib.parse import quote, urlsplit

NAME = re.compile(r"\$\{(\w+)\}")
CAPTURE = re.compile(r"\$\{(\w+)=\}$")
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class Wrong(Exception):
    pass


# --- reading -----------------------------------------------------------------
def steps(path):
    """(line, name, request lines, status, expected lines) of each step."""
    step, out = None, []
    for n, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if line.startswith("#"):
            continue
        if line.startswith("=== "):
            step = [n, line[4:], [], None, []]
            out.append(step)
        elif line.startswith("--- ") and step and step[3] is None:
            step[3] = [int(s) for s in line[4:].split("|")]
        elif step:
            step[2 if step[3] is None else 4].append(line)
        elif line:
            sys.exit(f"{path}:{n}: no step begins before this line")
    return out


def message(lines):
    """First lines up to an empty one, and the rest, as text."""
    lines = list(lines)
    head = []
    while lines and lines[0]:
        head.append(lines.pop(0))
    return head, "\n".join(lines).strip()


def fill(text, names):
    def value(m):
        if m[1] in ("any", "none", "empty", "n", "set", "has", "repeat"):
            return m[0]
        if m[1] not in names:
            raise Wrong(f"nothing has captured {m[0]} before")
        return names[m[1]]
    return NAME.sub(value, text)


def expand(j):
    """{"${repeat}": n, ...} in arrays."""
    if isinstance(j, dict):
        return {k: expand(v) for k, v in j.items()}
    if not isinstance(j, list):
        return j
    out = []
    for x in j:
        if isinstance(x, dict) and "${repeat}" in x:
            n = x["${repeat}"]
            text = json.dumps({k: v for k, v in x.items() if k != "${repeat}"})
            out += [json.loads(text.replace("${n}", str(i)))
                    for i in range(1, n + 1)]
        else:
            out.append(expand(x))
    return out


# --- comparing -----------------------------------------------------------------
def short(x):
    return f"{json.dumps(x, ensure_ascii=False):.300}"


def match(want, got, at, names):
    if isinstance(want, str) and not CAPTURE.match(want):
        want = fill(want, names)
    if isinstance(want, str) and CAPTURE.match(want):
        if not isinstance(got, str) or not got:
            raise Wrong(f"{at}: a string is expected, not {short(got)}")
        names[CAPTURE.match(want)[1]] = got
    elif want == "${any}":
        pass
    elif isinstance(want, dict) and ("${set}" in want or "${has}" in want):
        match_any(want, got, at, names)
    elif isinstance(want, dict):
        match_object(want, got, at, names)
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            raise Wrong(f"{at}: {len(want)} elements expected: {short(got)}")
        for i, x in enumerate(want):
            match(x, got[i], f"{at}[{i}]", names)
    elif type(want) is not type(got) or want != got:
        raise Wrong(f"{at}: {short(want)} expected, not {short(got)}")


def match_object(want, got, at, names):
    if not isinstance(got, dict):
        raise Wrong(f"{at}: an object is expected, not {short(got)}")
    for k, v in want.items():
        if v == "${none}":
            if k in got:
                raise Wrong(f"{at}.{k}: is there: {short(got[k])}")
        elif v == "${empty}":
            if got.get(k, []) != []:
                raise Wrong(f"{at}.{k}: is there: {short(got[k])}")
        elif k not in got:
            raise Wrong(f"{at}.{k}: is not there: {short(got)}")
        else:
            match(v, got[k], f"{at}.{k}", names)


def match_any(want, got, at, names):
    if not isinstance(got, list):
        raise Wrong(f"{at}: an array is expected, not {short(got)}")
    rest = list(got)
    for x in want.get("${set}", want.get("${has}")):
        for y in rest:
            try:
                match(x, y, at, names)
            except Wrong:
                continue
            rest.remove(y)
            break
        else:
            raise Wrong(f"{at}: {short(x)} is not in {short(got)}")
    if "${set}" in want and rest:
        raise Wrong(f"{at}: too much: {short(rest)}")


def no_null(j, at="answer"):
    if j is None:
        raise Wrong(f"{at}: is null")
    for k, v in j.items() if isinstance(j, dict) else \
            enumerate(j) if isinstance(j, list) else ():
        no_null(v, f"{at}.{k}")


# --- asking --------------------------------------------------------------------
class Replay:
    def __init__(self, url, token):
        self.at = urlsplit(url)
        self.token = token
        self.url = url.rstrip("/")

    def ask(self, method, target, headers, body):
        kind = http.client.HTTPSConnection if self.at.scheme == "https" else \
            http.client.HTTPConnection
        c = kind(self.at.hostname, self.at.port, timeout=60)
        headers = {"Authorization": "Bearer " + self.token, **headers}
        try:
            c.request(method, quote(target, safe="/?&=%[]$:,;@!'()*+~"),
                      body.encode() or None, headers)
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def step(self, request, statuses, expected, names):
        head, body = message(request)
        method, target = fill(head[0], names).split(" ", 1)
        headers = dict(fill(x, names).split(": ", 1) for x in head[1:])
        if body:
            body = json.dumps(expand(json.loads(fill(body, names))))
        status, got, text = self.ask(method, target, headers, body)
        if status not in statuses:
            raise Wrong(f"status {statuses} expected, not {status}: "
                        f"{text.decode(errors='replace'):.400}")
        answer = self.general(status, got, text)
        head, body = message(expected)
        if body:
            match(json.loads(body), answer, "answer", names)
        for line in head:
            k, v = fill(line, names).split(": ", 1)
            if got[k] != v:
                raise Wrong(f"header {k}: {v!r} expected, not {got[k]!r}")

    def general(self, status, headers, text):
        if status in (204, 304):
            if text:
                raise Wrong(f"a body with {status}")
            return None
        kind = headers["Content-Type"]
        if kind != "application/scim+json":
            raise Wrong(f"Content-Type {kind!r}")
        answer = json.loads(text)
        no_null(answer)
        if status >= 400:
            match({"schemas": [ERROR], "status": str(status),
                   "detail": "${any}"}, answer, "error", {})
        return answer

    def trace(self, path):
        """How many of its steps fail."""
        failed = 0
        names = {"base": self.url, "scim": self.url + "/scim/v2"}
        name = os.path.basename(path).removesuffix(".trace")
        for line, text, request, statuses, expected in steps(path):
            try:
                self.step(request, statuses, expected, names)
                print(f"ok: {name}: {text}")
            except (Wrong, ValueError, OSError) as e:
                failed += 1
                print(f"FAILED: {path}:{line}: {text}: {e}")
        return failed


def main():
    replay = Replay(sys.argv[1], open(sys.argv[2]).read().strip())
    return 1 if sum([replay.trace(path) for path in sys.argv[3:]]) else 0


if __name__ == "__main__":
    sys.exit(main())
