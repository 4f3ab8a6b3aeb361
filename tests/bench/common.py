# SPDX-License-Identifier: ISC
"""What the parts of the benchmark share."""
import json, os, re, signal, socket, subprocess
import sys, time, urllib.request

BUILD = os.environ.get("builddir", ".")
SRC = os.path.dirname(os.path.abspath(__file__)) + "/../.."
SUFFIX = "dc=example,dc=com"
rows, result = [], {}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """provostd, started and waited for; ended by pid."""

    def __init__(self, args, log):
        self.port = free_port()
        self.started = time.monotonic()
        self.log = open(log, "ab")
        self.proc = subprocess.Popen(
            [f"{BUILD}/src/provostd", *args, "--listen",
             f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.proc.stdout:
            if line.startswith("provostd: ready"):
                self.ready = time.monotonic() - self.started
                return
        sys.exit(f"provostd did not start; see {log}")

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        self.proc.wait(60)

    def rss_mib(self, kind="VmRSS"):
        text = open(f"/proc/{self.proc.pid}/status").read()
        return int(re.search(kind + r":\s+(\d+)", text)[1]) / 1024


def standalone(dir, *more):
    tcp = f"ldap://127.0.0.1:{free_port()}"
    d = Daemon(["--standalone", dir, "--ldap", tcp, *more], f"{dir}.log")
    d.dir, d.token = dir, f"{dir}/admin.token"
    d.uri = "ldapi://" + f"{dir}/ldapi".replace("/", "%2F")
    login = [f"cn=provostd,{SUFFIX}", f"{dir}/daemon.password"]
    d.ldap, d.ldapi = [tcp, *login], [d.uri, *login]
    return d


def load(*args, ids=None):
    env = dict(os.environ, **({"LOAD_IDS": "1"} if ids else {}))
    p = subprocess.run([f"{BUILD}/tests/bench/load", *map(str, args)],
                       capture_output=True, text=True, env=env)
    if p.returncode:
        sys.exit(f"load {args[0]}: {p.stderr[-2000:]}")
    r = json.loads(p.stdout)
    if ids:
        with open(ids, "a") as f:
            f.writelines(x + "\n" for x in p.stderr.split("\n")
                         if re.fullmatch(r"[0-9a-f-]{36}", x))
    if r["errors"]:
        sys.exit(f"load {args[0]}: {r['errors']} errors: {p.stderr[:700]}")
    return r


def row(name, text, aim=None, ok=None):
    rows.append((name, text, aim or "", "" if ok is None else
                 "met" if ok else "MISSED"))
    print(f"  {name:<44} {text:<46} {aim or '':<8} {rows[-1][3]}", flush=True)


def http_json(d, path, method="GET", body=None):
    q = urllib.request.Request(
        f"http://127.0.0.1:{d.port}{path}", method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": "Bearer " + open(d.token).read().strip(),
                 "Content-Type": "application/scim+json"})
    with urllib.request.urlopen(q, timeout=60) as r:
        text = r.read()
        return json.loads(text) if text else None


def wait_users(d, n):
    """Until the view has taken in the raw adds: each side pays its own."""
    while http_json(d, "/scim/v2/Users?count=0")["totalResults"] < n:
        time.sleep(0.01)


def writes(d):
    q = urllib.request.Request(f"http://127.0.0.1:{d.port}/metrics", headers={
        "Authorization": "Bearer " + open(d.token).read().strip()})
    with urllib.request.urlopen(q) as r:
        return int(re.search(r"^provost_ldap_writes_total (\d+)",
                             r.read().decode(), re.M)[1])
