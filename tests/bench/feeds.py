# SPDX-License-Identifier: ISC
"""A file of people, beside ldapadd of the same."""
import json, os, shutil, subprocess, sys, time

from common import (BUILD, SUFFIX, result, row, standalone, wait_users,
                    writes)

FEW = 10000
FEED = """feeds: { bench: { kind = "csv"; list = "full"; dir = "%s"; fields = (
{ column = "id"; path = "externalId"; }, { column = "login"; path = "userName"; },
{ column = "first"; path = "name.givenName"; },
{ column = "last"; path = "name.familyName"; },
{ column = "mail"; path = "emails[type eq \\"work\\"].value"; },
{ column = "title"; path = "title"; }, { column = "dept"; path =
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"; } ); };
};
spool: { interval = "100ms"; };
"""


def feed_file(path, n):
    with open(path, "w") as f:
        f.write("id,login,first,last,mail,title,dept\n")
        for i in range(n):
            f.write(f"{i:07d},f{i:07d},Bench,F{i:07d},f{i:07d}@example.com,"
                    f"Engineer,Bench\n")


def ldif_file(path, n):
    """The same people as the feed makes them."""
    with open(path, "w") as f:
        for i in range(n):
            f.write(f"dn: provostPersonId=raw{i:07d},ou=people,{SUFFIX}\n"
                    "objectClass: inetOrgPerson\nobjectClass: provostUser\n"
                    f"provostPersonId: raw{i:07d}\nprovostExternalId: "
                    f"{i:07d}\nuid: r{i:07d}\ngivenName: Bench\nsn: "
                    f"R{i:07d}\nmail;x-work: r{i:07d}@example.com\ntitle: "
                    f"Engineer\ndepartmentNumber: Bench\nprovostState: "
                    f"active\ncn: Bench R{i:07d}\nprovostOwner: raw\n\n")


def spool(d, dir, file, n):
    """Seconds from the file's arrival to its departure, most private memory
    meanwhile, and the report."""
    before = d.rss_mib("RssAnon")
    most = before
    start = time.monotonic()
    shutil.copy(file, f"{dir}/in/.file")
    os.rename(f"{dir}/in/.file", f"{dir}/in/file")
    while not [x for x in os.listdir(f"{dir}/archive") if x.endswith("-file")]:
        most = max(most, d.rss_mib("RssAnon"))
        if os.listdir(f"{dir}/reject") or os.listdir(f"{dir}/held"):
            sys.exit("feed: the file was refused")
        time.sleep(0.02)
    seconds = time.monotonic() - start
    most = max(most, d.rss_mib("RssAnon"))
    for x in os.listdir(f"{dir}/archive"):
        os.unlink(f"{dir}/archive/{x}")
    wait_users(d, n)
    return seconds, most


def feed_daemon(work, name, *more):
    dir = f"{work}/{name}-spool"
    os.mkdir(dir)
    with open(f"{work}/{name}.conf", "w") as f:
        f.write(FEED % dir)
    return standalone(f"{work}/{name}", "--config", f"{work}/{name}.conf",
                      *more), dir


def plan_file(d, csv):
    """Seconds, and the report, of a file that is read and weighed only."""
    start = time.monotonic()
    r = subprocess.run([f"{BUILD}/src/provost", "--url",
                        f"http://127.0.0.1:{d.port}", "--token-file", d.token,
                        "--json", "feed", "--dry-run", "bench", csv],
                       check=True, capture_output=True, text=True)
    return time.monotonic() - start, json.loads(r.stdout)


def reading(work):
    """A million rows and nobody there yet: all of RSS, of a fresh daemon."""
    csv, peak, seconds = f"{work}/reading.csv", {}, 0
    for n in FEW, 1000000:
        feed_file(csv, n)
        d, dir = feed_daemon(work, f"feed-read-{n}", "--dbnosync")
        seconds, report = plan_file(d, csv)
        if report["join"] != n:
            sys.exit(f"feed: {report['join']} of {n} rows were joiners")
        peak[n] = d.rss_mib("VmHWM")
        d.stop()
    few, most = peak[FEW], peak[1000000]
    result["feed_reading"] = {"s": seconds, "rss_mib_10000": few,
                              "rss_mib_1000000": most}
    row("1000000 rows of CSV, planned", f"{1000000 / seconds:.0f} a second")
    row(f"peak RSS, 1000000 rows / {FEW}",
        f"{most / few:.2f}  ({most:.0f} / {few:.0f} MiB)", "<= 1.5",
        most <= 1.5 * few)


def adding(work, n):
    csv, ldif = f"{work}/feed.csv", f"{work}/feed.ldif"
    ldif_file(ldif, n)
    d = standalone(f"{work}/feed-raw", "--dbnosync")
    start = time.monotonic()
    subprocess.run(["ldapadd", "-Q", "-Y", "EXTERNAL", "-H", d.uri, "-f",
                    ldif], check=True, stdout=subprocess.DEVNULL)
    raw = time.monotonic() - start
    wait_users(d, n)
    d.stop()
    d, dir = feed_daemon(work, "feed-few", "--dbnosync")
    feed_file(csv, FEW)
    few = spool(d, dir, csv, FEW)[1]
    d.stop()
    d, dir = feed_daemon(work, "feed-all", "--dbnosync")
    feed_file(csv, n)
    first, most = spool(d, dir, csv, n)
    before = writes(d)
    again, report = plan_file(d, csv)
    same, written = report["same"], writes(d) - before
    rss = d.rss_mib("VmHWM")
    d.stop()
    if same != n:
        sys.exit(f"feed: {same} of {n} rows were the same")
    ratio = raw / first
    result["feed"] = {"rows": n, "ldapadd_s": raw, "feed_s": first,
                      "again_s": again, "written_again": written,
                      "anon_mib_10000": few, "anon_mib": most, "rss_mib": rss}
    row(f"CSV of {n} people / ldapadd of the same",
        f"{ratio:.2f}  ({n / first:.0f} / {n / raw:.0f} a second)", ">= 0.8",
        ratio >= 0.8)
    row("the same file again", f"{again:.1f} s, {written} writes",
        f"< {first / 10:.1f} s", again < first / 10 and written == 0)
    row(f"private memory, {n} people added / {FEW}",
        f"{most / few:.2f}  ({most:.0f} / {few:.0f} MiB; with the mapped view "
        f"{rss:.0f})", "<= 1.5", most <= 1.5 * few)
