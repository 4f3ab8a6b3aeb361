#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench: Provost against raw libldap on the same slapd, in one run.

Prints a table and writes bench.json into the build directory. Ratios are what
counts: absolute figures move with the machine. Both sides speak TCP on
loopback, as clients on another machine would; what raw libldap gains by the
local socket (ldapi) is shown beside it.

  --users N     people (default 20000)     --soak N  suspended writes (default 0;
  --large N     people of the large part      a million is `--soak 1000000`)
                (default 100000)
  --feed N      people that the feed part adds (default 100000)
  --only WORDS  of: write read page approve start soak large rights
                reconcile feed
"""
import argparse, json, os, re, shutil, signal, statistics, subprocess
import sys, tempfile, time, urllib.parse, urllib.request

import feeds
import people
from common import (BUILD, SRC, SUFFIX, Daemon, http_json, load, result, row,
                    rows, standalone, wait_users, writes)


def http(d, conns, lines, ids=None):
    path = f"{d.dir}.req"
    with open(path, "w") as f:
        f.writelines(line + "\n" for line in lines)
    return load("http", "127.0.0.1", d.port, d.token, conns, path, ids=ids)


def post(i):
    u = f"u{i:08d}"
    return ("POST /scim/v2/Users " + json.dumps({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": u, "externalId": f"ext{i:08d}", "title": "Engineer",
        "name": {"givenName": "Bench", "familyName": f"U{i:08d}"},
        "emails": [{"value": f"{u}@example.com", "type": "work",
                    "primary": True}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department": "Bench"}}, separators=(",", ":")))


def bench_write(d, n, kind, aim):
    """Adds and POSTs by turns, so that both see the same machine."""
    rounds, part = 8, n // 8
    raw, scim = [], []
    for k in range(rounds):
        raw.append(load("add", *d.ldap, 64, SUFFIX, k * part, part))
        wait_users(d, (2 * k + 1) * part)
        scim.append(http(d, 64, (post(k * part + i) for i in range(part)),
                         ids=f"{d.dir}.ids"))
    ratio = statistics.median(s["rate"] / r["rate"]
                              for s, r in zip(scim, raw))
    result[f"post_{kind}"] = {"raw": raw, "scim": scim, "ratio": ratio}
    row(f"SCIM POST / raw pipelined add, {kind}",
        f"{ratio:.2f}  ({scim[-1]['rate']} / {raw[-1]['rate']} a second)",
        f">= {aim}", ratio >= aim)


def bench_read(d, n):
    ids = [x.strip() for x in open(f"{d.dir}.ids")][:n]
    uid = f"{d.dir}.uid"
    out = {}
    for conns in (1, 64):
        ratios = {"id": [], "filter": [], "id_ldapi": []}
        for _ in range(3):
            # Long enough that starting does not count: seconds each.
            some = [i * 7 % len(ids)
                    for i in range(100000 if conns > 1 else 10000)]
            with open(uid, "w") as f:
                f.writelines(f"u{i:08d}\n" for i in some)
            raw = load("search", *d.ldap, conns, SUFFIX, uid)
            local = load("search", *d.ldapi, conns, SUFFIX, uid)
            get = http(d, conns, (f"GET /scim/v2/Users/{ids[i]}"
                                  for i in some))
            flt = http(d, conns, (
                "GET /scim/v2/Users?filter=userName%20eq%20%22"
                f"u{i:08d}%22" for i in some))
            ratios["id"].append((get["rate"] / raw["rate"], get, raw))
            ratios["filter"].append((flt["rate"] / raw["rate"], flt, raw))
            ratios["id_ldapi"].append((get["rate"] / local["rate"], get,
                                       local))
        for what, name, aim in (
                ("id", "GET by id / raw equality search", 2),
                ("filter", "GET by filter / raw equality search", None),
                ("id_ldapi", "GET by id / the same by ldapi", None)):
            best = sorted(ratios[what], key=lambda x: x[0])[1]
            out[f"{what}_{conns}"] = best
            row(f"{name}, {conns} at a time",
                f"{best[0]:.2f}  ({best[1]['rate']} / {best[2]['rate']} a "
                f"second, p99 {best[1]['p99_us']} us)",
                f">= {aim}" if aim and conns > 1 else None,
                best[0] >= aim if aim and conns > 1 else None)
    result["read"] = out


def bench_page(d):
    page = "GET /scim/v2/Users?startIndex={}&count=100".format
    total = int(http_json(d, "/scim/v2/Users?count=0")["totalResults"])
    deep = min(19900, total - 100)
    first, far = [], []
    for _ in range(5):
        first.append(http(d, 1, [page(1)] * 50)["p50_us"])
        far.append(http(d, 1, [page(deep + 1)] * 50)["p50_us"])
    ratio = statistics.median(far) / statistics.median(first)
    row(f"page at offset {deep} / first page",
        f"{ratio:.2f}  ({statistics.median(far):.0f} / "
        f"{statistics.median(first):.0f} us)", "<= 1.5", ratio <= 1.5)
    whole = http(d, 1, (page(i + 1) for i in range(0, total, 100)))
    row(f"all {total} in pages of 100", f"{whole['seconds']:.2f} s")
    result["page"] = {"ratio": ratio, "whole": whole, "total": total}


def in_large(d, n):
    """Pages at any offset, by cursor, look-ups and a resync, n people."""
    page = "GET /scim/v2/Users?startIndex={}&count=100".format
    slow = 0
    for at in (0, n // 4, n // 2, n - 100):
        r = http(d, 1, [page(at + 1)] * 100)
        slow = max(slow, r["p99_us"])
    raw = load("page", *d.ldapi, SUFFIX, n // 2)
    row(f"page of 100 anywhere in {n}", f"p99 {slow / 1000:.2f} ms (paged "
        f"results, half way: {raw['p50_us'] / 1000:.0f} ms)", "< 20 ms",
        slow < 20000)
    cursor, worst, seen = "", 0, 0
    while cursor is not None:
        t = time.monotonic()
        r = http_json(d, f"/scim/v2/Users?count=100&cursor={cursor}")
        worst = max(worst, time.monotonic() - t)
        seen += len(r["Resources"])
        cursor = r.get("nextCursor")
    row(f"all {seen} by cursor, the slowest page", f"{worst * 1000:.1f} ms "
        "(with its parsing)", "< 20 ms", worst < 0.02)
    result["large_page"] = {"slow_us": slow, "raw": raw, "cursor_s": worst}
    for name, scim, ldap in (
            ("userName eq", 'userName eq "raw{:08d}"', "uid=raw{:08d}"),
            ("externalId eq", 'externalId eq "rawbench{:08d}"', None),
            ("emails.value eq", 'emails.value eq "raw{:08d}@example.com"',
             "mail=raw{:08d}@example.com")):
        some = [i * 7919 % n for i in range(3000)]
        r = http(d, 1, ("GET /scim/v2/Users?filter=" + urllib.parse.quote(
            scim.format(i)) for i in some))
        text = f"p50 {r['p50_us']} us, p99 {r['p99_us']} us"
        if ldap:
            with open(f"{d.dir}.uid", "w") as f:
                f.writelines(ldap.format(i) + "\n" for i in some)
            raw = load("search", *d.ldap, 1, SUFFIX, f"{d.dir}.uid")
            text += f" (raw search p50 {raw['p50_us']} us)"
        row(f"{name}, one at a time", text, "< 2 ms", r["p99_us"] < 2000)
        result["large_" + name] = r
    before = writes(d)
    r = http(d, 64, ("GET /scim/v2/Users?filter=userName%20eq%20%22"
                     f"raw{i:08d}%22" for i in range(n)))
    row(f"resync: {n} looked up, nothing to do", f"{r['seconds']:.1f} s, "
        f"{writes(d) - before} writes", "0 writes", writes(d) == before)


PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def patch_members(gid, op, ids):
    return (f"PATCH /scim/v2/Groups/{gid} " + json.dumps({
        "schemas": [PATCH_OP], "Operations": [{
            "op": op, "path": "members",
            "value": [{"value": i} for i in ids]}]}, separators=(",", ":")))


def in_groups(d, n):
    """Memberships: one more costs the same in a large group."""
    half = n // 2
    ids = []
    for at in range(1, half + 1001, 1000):
        ids += [u["id"] for u in http_json(
            d, f"/scim/v2/Users?attributes=id&startIndex={at}&count=1000")
            ["Resources"]]
    group = {}
    for name in ("small", "large"):
        group[name] = http_json(d, "/scim/v2/Groups", "POST", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name})["id"]
    http(d, 1, [patch_members(group["small"], "add", ids[:10])])
    many = http(d, 1, (patch_members(group["large"], "add", ids[k:k + 5000])
                       for k in range(0, half, 5000)))
    raw = load("member", *d.ldap, 64, SUFFIX, 0, 20000, "bench")
    row("a PATCH of 5,000 members", f"{many['p50_us'] / 1e6:.2f} s, "
        f"{half / many['seconds']:.0f} members a second (raw modifies "
        f"{raw['rate']})")
    rounds = {"small": [], "large": []}
    for k in range(5):
        for name, gid in group.items():
            some = ids[half + k * 50:half + k * 50 + 50]
            r = http(d, 1, (patch_members(gid, "add", [i]) for i in some))
            rounds[name].append(r["p50_us"])
    ratio = statistics.median(rounds["large"]) / \
        statistics.median(rounds["small"])
    row(f"one member more, group of {half} / of 10", f"{ratio:.2f}  ("
        f"{statistics.median(rounds['large']):.0f} / "
        f"{statistics.median(rounds['small']):.0f} us)", "<= 2", ratio <= 2)
    rss = d.rss_mib()
    whole = http(d, 1, [f"GET /scim/v2/Groups/{group['large']}"] * 5)
    row(f"GET of the group of {half}", f"{whole['p50_us'] / 1000:.0f} ms, RSS "
        f"{d.rss_mib() - rss:+.0f} MiB")
    without = http(d, 1, [f"GET /scim/v2/Groups/{group['large']}"
                          "?excludedAttributes=members"] * 200)
    row("the same with excludedAttributes=members",
        f"{without['p50_us'] / 1000:.2f} ms")
    result["groups"] = {"many": many, "raw": raw, "ratio": ratio,
                        "get": whole, "without": without}


def bench_large(work, n):
    d = standalone(f"{work}/large", "--dbnosync")
    load("add", *d.ldap, 64, SUFFIX, 0, n)
    wait_users(d, n)
    in_large(d, n)
    in_groups(d, n)
    row(f"RSS with {n} people", f"{d.rss_mib():.0f} MiB")
    d.stop()


def load_catalogue(tool):
    """The tool knows its products and accounts, as in contrib/quickstart."""
    text = open(f"{SRC}/conf/sample/sample.ldif.in").read()
    keep = [e for e in text.replace("@SUFFIX@", SUFFIX).split("\n\n")
            if re.search("^dn: .*,ou=(enterprises|companies|accounts|tools),",
                         e, re.M)]
    subprocess.run(["ldapadd", "-Q", "-Y", "EXTERNAL", "-H", tool.uri],
                   input="\n\n".join(keep), text=True, check=True,
                   stdout=subprocess.DEVNULL)


def bench_approve(work, n):
    """ldapmodify's answer to the tool's own system having the grant."""
    tool = standalone(f"{work}/tool")
    load_catalogue(tool)
    conf = f"{work}/approve.conf"
    with open(conf, "w") as f:
        f.write('targets: { sample-tool: { kind = "scim"; url = '
                f'"http://127.0.0.1:{tool.port}/scim/v2"; token_file = '
                f'"{tool.token}"; insecure = true; form = "provost"; }}; '
                'null: { kind = "null"; }; };\n')
    d = standalone(f"{work}/main", "--sample", "--config", conf)
    users = http_json(d, "/scim/v2/Users?count=100")["Resources"]
    by_name = {u["userName"]: u for u in users}
    company = by_name["pat.contact"][EXT]["companies"][0]["value"] \
        if isinstance(by_name["pat.contact"][EXT]["companies"][0], dict) \
        else by_name["pat.contact"][EXT]["companies"][0]
    lines = []
    for i in range(n):
        u = http_json(d, "/scim/v2/Users", "POST", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXT],
            "userName": f"asker{i}", EXT: {"companies": [company]}})
        r = http_json(d, "/scim/v2/AccessRequests", "POST", {
            "schemas": ["urn:ietf:params:scim:schemas:provost:2.0:"
                        "AccessRequest"],
            "requester": u["id"], "beneficiary": u["id"], "kind": "tool",
            "tool": "wan-analysis", "justification": "bench"})
        lines.append(f"{r['requestId']} {u['id']}\n")
    with open(f"{work}/approve.todo", "w") as f:
        f.writelines(lines)
    r = load("approve", *d.ldap, SUFFIX,
             "pat.contact", f"{work}/approve.todo", "127.0.0.1", tool.port,
             tool.token)
    row("approve -> applied at the tool", f"p50 {r['p50_us'] / 1000:.1f} ms,"
        f" p99 {r['p99_us'] / 1000:.1f} ms", "p99<20ms", r["p99_us"] < 20000)
    result["approve"] = r
    d.stop()
    tool.stop()


EXT = "urn:ietf:params:scim:schemas:extension:provost:2.0:User"


def bench_start(work, d):
    """Cold starts on a running slapd, with a kept view and with none."""
    slapd = subprocess.Popen(
        ["/usr/sbin/slapd", "-h", d.uri, "-f", f"{d.dir}/slapd.conf", "-d",
         "0"], stderr=subprocess.DEVNULL)
    conf = f"{work}/start.conf"
    with open(conf, "w") as f:
        f.write(f'directory: {{ suffix = "{SUFFIX}"; uris = [ "{d.uri}" ]; '
                f'bind_dn = "{d.ldap[1]}"; password_file = "{d.ldap[2]}"; }};'
                f'\nview: {{ dir = "{work}/view"; }};\n'
                f'journal: {{ dir = "{work}"; }};\n')
    while subprocess.run(["ldapwhoami", "-x", "-H", d.uri, "-D", d.ldap[1],
                          "-y", d.ldap[2]], capture_output=True).returncode:
        time.sleep(0.05)
    none, kept = [], []
    for _ in range(3):
        shutil.rmtree(f"{work}/view", ignore_errors=True)
        for times in (none, kept):
            p = Daemon(["-c", conf], f"{work}/start.log")
            times.append(p.ready)
            p.stop()
    row("start with no view", f"{statistics.median(none):.2f} s")
    row("start with a kept view", f"{statistics.median(kept):.3f} s",
        "< 0.3 s", statistics.median(kept) < 0.3)
    result["start"] = {"none": none, "kept": kept}
    slapd.terminate()
    slapd.wait()


def bench_soak(d, n):
    ids = [x.strip() for x in open(f"{d.dir}.ids")]
    patch = ("PATCH /scim/v2/Users/{} {{\"schemas\":[\"urn:ietf:params:scim:"
             "api:messages:2.0:PatchOp\"],\"Operations\":[{{\"op\":\"replace\""
             ",\"path\":\"title\",\"value\":\"t{}\"}}]}}").format
    r = http(d, 200, (patch(ids[i % len(ids)], i) for i in range(n)))
    row(f"soak: {n} suspended writes, 200 connections",
        f"{r['rate']} a second, no error, none stuck")
    result["soak"] = r


def bench_rights(n):
    p = subprocess.run([f"{BUILD}/tests/bench/rights", str(n)], check=True,
                       capture_output=True, text=True)
    r = json.loads(p.stdout)
    row(f"effective rights, {n} people with 10 tools",
        f"{r['rate']} people a second, one core")
    result["rights"] = r


# --- a full reconciliation, see tests/bench/reconcile.c ---------------------

def reconcile(work, what, n):
    dir = f"{work}/reconcile"
    os.mkdir(dir)
    p = subprocess.run([f"{BUILD}/tests/bench/reconcile", what, str(n), dir],
                       capture_output=True, text=True)
    shutil.rmtree(dir)
    if p.returncode:
        sys.exit(f"reconcile {what}: {p.stderr[-2000:]}")
    return [json.loads(line) for line in p.stdout.split("\n") if line]


def row_pass(name, grants, cpu, anon, mapped, aim):
    """Anonymous memory, and what is mapped of the view, in MiB."""
    ok = cpu < 3 and anon + mapped < 1024 if aim else None
    row(f"{grants} grants compared, {name}", f"{cpu:.2f} s of CPU, "
        f"{anon:.0f} MiB and {mapped:.0f} mapped",
        "3 s, 1 GiB" if aim else None, ok)


def bench_reconcile(work, n):
    for what, name in (("same", "nothing to do"), ("drift", "1 % differ")):
        r = reconcile(work, what, n)[0]
        row_pass(name, r["grants"], r["cpu"], r["anon_kib"] / 1024,
                 r["mapped_kib"] / 1024, r["grants"] == 1000000)
        result[f"reconcile_{what}"] = r
    cost = {}
    for size in (1000, n):
        cost[size] = min((reconcile(work, "change", size)[1]
                          for _ in range(3)), key=lambda r: r["engine_us"])
    row(f"the engine's look at one change, {n} / 1000 people",
        f"{cost[n]['engine_us']:.0f} / {cost[1000]['engine_us']:.0f} us, "
        f"{cost[n]['looked_at'] / cost[n]['changes']:.0f} person looked at",
        "one", all(c["looked_at"] == c["changes"] for c in cost.values()))
    result["reconcile_change"] = cost


def engine_cpu(d):
    """Of the daemon's engine thread, in seconds."""
    base = f"/proc/{d.proc.pid}/task"
    for t in os.listdir(base):
        if open(f"{base}/{t}/comm").read() == "engine\n":
            return int(open(f"{base}/{t}/schedstat").read().split()[0]) / 1e9
    sys.exit("the daemon has no engine thread")


def engine_state(d):
    return http_json(d, "/v1/status")["engine"]


def until(d, condition):
    while not condition(engine_state(d)):
        time.sleep(0.05)


def bench_reconcile_daemon(work, n):
    """The same with slapd and provostd: first 1 % differ, then nothing."""
    dir = f"{work}/recond"
    standalone(dir, "--dbnosync").stop()
    people.write(f"{work}/people.ldif", SUFFIX, n)
    subprocess.run(["/usr/sbin/slapadd", "-q", "-f", f"{dir}/slapd.conf", "-b",
                    SUFFIX, "-l", f"{work}/people.ldif"], check=True,
                   capture_output=True)
    shutil.rmtree(f"{dir}/view", ignore_errors=True)
    conf = f"{work}/recond.conf"
    with open(conf, "w") as f:
        f.write('targets: { null: { kind = "null"; }; };\n')
    d = standalone(dir, "--dbnosync", "--config", conf)
    until(d, lambda s: s["passes"] > 0 and s["pending"] == 0)
    healed = time.monotonic() - d.started - d.ready
    sent, passes, cpu = writes(d), engine_state(d)["passes"], engine_cpu(d)
    d.proc.send_signal(signal.SIGHUP)
    until(d, lambda s: s["passes"] > passes)
    cpu = engine_cpu(d) - cpu
    row(f"provostd with {n * 10} grants: view from nothing",
        f"{d.ready:.0f} s; then 1 % told and confirmed: {healed:.1f} s, "
        f"{sent} LDAP writes")
    anon, mapped = d.rss_mib("RssAnon"), d.rss_mib("RssFile")
    row_pass(f"by provostd, {writes(d) - sent} writes", n * 10, cpu, anon,
             mapped, False)
    result["reconcile_daemon"] = {"ready": d.ready, "healed": healed,
                                  "writes": sent, "cpu": cpu,
                                  "anon_mib": anon, "mapped_mib": mapped}
    d.stop()


def bench_fast(work, o):
    d = standalone(f"{work}/fast", "--dbnosync")
    bench_write(d, o.users, "dbnosync", 0.6)
    row("RSS with twice as many users", f"{d.rss_mib():.0f} MiB")
    result["rss_mib"] = d.rss_mib()
    if "read" in o.only:
        bench_read(d, o.users)
    if "page" in o.only:
        bench_page(d)
    if o.soak and "soak" in o.only:
        bench_soak(d, o.soak)
    row("RSS afterwards", f"{d.rss_mib():.0f} MiB")
    d.stop()
    if "start" in o.only:
        bench_start(work, d)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--users", type=int, default=20000)
    p.add_argument("--soak", type=int, default=0)
    p.add_argument("--approvals", type=int, default=300)
    p.add_argument("--large", type=int, default=100000)
    p.add_argument("--only",
                   default="write read page approve start soak large rights "
                   "reconcile feed")
    p.add_argument("--feed", type=int, default=100000)
    o = p.parse_args()
    work = tempfile.mkdtemp(prefix="pb", dir="/tmp")
    try:
        print("Provost against raw libldap, one run, the same slapd")
        if "write" in o.only:
            d = standalone(f"{work}/durable")
            bench_write(d, min(o.users, 8000), "durable", 0.8)
            d.stop()
        if not {"write", "read", "page", "soak", "start"}.isdisjoint(
                o.only.split()):
            bench_fast(work, o)
        if "approve" in o.only:
            bench_approve(work, o.approvals)
        if "large" in o.only:
            bench_large(work, o.large)
        if "rights" in o.only:
            bench_rights(o.large)
        if "reconcile" in o.only:
            bench_reconcile(work, o.large)
            bench_reconcile_daemon(work, o.large)
        if "feed" in o.only:
            feeds.reading(work)
            feeds.adding(work, o.feed)
        result["rows"] = rows
        with open(f"{BUILD}/bench.json", "w") as f:
            json.dump(result, f, indent=1)
        print(f"{BUILD}/bench.json")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
