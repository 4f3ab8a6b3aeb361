# SPDX-License-Identifier: ISC
"""Real HTTP for tests in Python. Each is called with URL and TOKEN-FILE."""
import http.client
import json
import socket
import sys
import threading
from collections import Counter
from urllib.parse import quote, urlsplit

URL = sys.argv[1]
AT = urlsplit(URL)
ADMIN = open(sys.argv[2]).read().strip()
BASE = "/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PROVOST = "urn:ietf:params:scim:schemas:extension:provost:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCHOP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USERS, GROUPS, CLIENTS = BASE + "/Users", BASE + "/Groups", BASE + "/Clients"
CERTIFICATE = (         # self-signed, CN=test, until 2126
    "MIIBdjCCARugAwIBAgIUMZNtSXpnp1QPDXiQSNYCwlpuLBAwCgYIKoZIzj0EAwIwDzEN"
    "MAsGA1UEAwwEdGVzdDAgFw0yNjExMjYxMzMxMzZaGA8yMTI2MTEwMjEzMzEzNlowDzEN"
    "MAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKRviyfPSn/li68j"
    "GPF2UO8lpt2U7nDy6sosLYqiG/soFnKmq3depH0k8z6jmV5wzVCCAK1+dyZCYUTDHQbe"
    "lnejUzBRMB0GA1UdDgQWBBS14bNyYefEWuhQcsIQXiF7JMbUpzAfBgNVHSMEGDAWgBS1"
    "4bNyYefEWuhQcsIQXiF7JMbUpzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kA"
    "MEYCIQC9H9szZBdu4548U+6tN/C7WhSLVaOJ7kUJ7aRTDQBT+gIhAIhSeyoNvYDw7ZK8"
    "I27nRkqLwsasE8yNQgWI3p9I00vy")
failed = 0
local = threading.local()


class Answer:
    """json: None where the body is none."""
    def __init__(self, r):
        self.status, self.headers, self.body = r.status, r.headers, r.read()
        try:
            self.json = json.loads(self.body)
        except ValueError:
            self.json = None

    def get(self, name, *more):
        j = self.json
        for k in (name, *more):
            j = j.get(k) if isinstance(j, dict) else None
        return j


def connection(new):
    c = getattr(local, "c", None)
    if c is None or new:
        kind = http.client.HTTPSConnection if AT.scheme == "https" else \
            http.client.HTTPConnection
        c = local.c = kind(AT.hostname, AT.port, timeout=60)
    return c


def call(method, path, body=None, token=ADMIN, headers=None, **query):
    """Each thread keeps its connection."""
    h = {"Authorization": "Bearer " + token, **(headers or {})}
    if body is not None:
        h.setdefault("Content-Type", "application/scim+json")
        body = json.dumps(body).encode()
    if query:
        path += "?" + "&".join(f"{k}={quote(str(v))}"
                               for k, v in query.items())
    for new in False, True:
        c = connection(new)
        try:
            c.request(method, path, body, h)
            return Answer(c.getresponse())
        except (http.client.HTTPException, ConnectionError):
            c.close()
            if new:
                raise


def raw(data, timeout=5, wrap=lambda s: s):
    """The bytes of the answer to bytes that no library would send; wrap: TLS
    around the socket."""
    s = socket.create_connection((AT.hostname, AT.port), timeout=timeout)
    out = b""
    try:
        s = wrap(s)
        s.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        while True:
            part = s.recv(65536)
            if not part:
                return out
            out += part
    except OSError:
        return out
    finally:
        s.close()


def op(what, path=None, value=None):
    o = {"op": what}
    if value is not None:
        o["value"] = value
    if path is not None:
        o["path"] = path
    return o


def patch(id, *ops, where=USERS, **more):
    return call("PATCH", f"{where}/{id}", {"schemas": [PATCHOP],
                                           "Operations": list(ops)}, **more)


def get(id, where=USERS, **more):
    return call("GET", f"{where}/{id}", **more)


def make(body, where=USERS, token=ADMIN):
    a = call("POST", where, body, token)
    if a.status != 201:
        same(f"make {body!r:.60}", 201, (a.status, a.body))
        sys.exit(1)
    return a.json


def user(user_name, token=ADMIN, /, **more):
    return make(dict(more, userName=user_name), USERS, token)


def client(name, scopes=("read", "write"), **more):
    """The token of a new client."""
    return make(dict(more, name=name, scopes=list(scopes)), CLIENTS)["token"]


def total(filter, where=USERS, **more):
    return call("GET", where, filter=filter, count=0, **more).get(
        "totalResults")


def metric(name):
    for line in call("GET", "/metrics").body.decode().splitlines():
        if line.startswith(f"provost_{name} "):
            return int(line.split()[1])
    raise KeyError(name)


def at_once(n, f):
    """What f(0) ... f(n - 1) return, all at the same time."""
    got = [None] * n

    def one(i):
        got[i] = f(i)
    threads = [threading.Thread(target=one, args=[i]) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


def statuses(answers):
    return dict(Counter(a.status for a in answers))


def same(text, want, got):
    global failed
    if want == got:
        print("ok:", text)
    else:
        failed += 1
        print(f"FAILED: {text}: wanted {want!r:.400}, got {got!r:.400}")


def error(text, status, kind, a):
    """A SCIM error of that status and scimType (None: none)."""
    same(text, (status, kind, [ERROR], str(status), True), (
        a.status, a.get("scimType"), a.get("schemas"), a.get("status"),
        bool(a.get("detail"))))


def run(cases):
    """Each is a function; its name is the test's."""
    for f in cases:
        before = failed
        print("#", f.__name__)
        f()
        print(f"{'passed' if failed == before else 'FAILED'}: {f.__name__}")
    sys.exit(1 if failed else 0)
