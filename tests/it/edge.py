# SPDX-License-Identifier: ISC
"""Attacks on provostd's edge over HTTPS: edge.py URL TOKEN-FILE DIRECTORY
PID. The letters are those of the catalogue of faults: H HTTP, A access."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time

import scim
from scim import ADMIN, AT, CLIENTS, ERROR, USERS, Answer, run, same, statuses

IT, PID = sys.argv[3], int(sys.argv[4])
HOST, PORT = AT.hostname, AT.port
PKI = IT + "/pki/"


# --- talking ---------------------------------------------------------------
def context(cert=None):
    c = ssl.create_default_context(cafile=PKI + "ca.pem")
    if cert is not None:
        c.load_cert_chain(PKI + cert + ".pem", PKI + cert + ".key")
    return c


def connect(cert=None):
    return http.client.HTTPSConnection(HOST, PORT, timeout=30,
                                       context=context(cert))


def send(c, method, path, body=None, token=None, headers=None):
    h = dict(headers or {})
    if body is not None:
        h["Content-Type"] = "application/scim+json"
        body = json.dumps(body)
    if token is not None:
        h["Authorization"] = "Bearer " + token
    c.request(method, path, body, h)
    return Answer(c.getresponse())


def call(method, path, body=None, token=ADMIN, cert=None, headers=None):
    c = connect(cert)
    try:
        return send(c, method, path, body, token, headers)
    finally:
        c.close()


def get(token=None, cert=None, path=USERS + "?count=0", **headers):
    """The status; "refused" when there is no connection."""
    try:
        return call("GET", path, None, token, cert, {
            k.replace("_", "-"): v for k, v in headers.items()}).status
    except (ssl.SSLError, ConnectionError, http.client.BadStatusLine):
        return "refused"


def client(name, scopes, **more):
    a = call("POST", CLIENTS, dict(more, name=name, scopes=scopes))
    if a.status != 201:
        same("make client " + name, 201, (a.status, a.body))
    return a.json


def change(c, what, value):
    a = call("PATCH", CLIENTS + "/" + c["id"], {"Operations": [
        {"op": "replace", "path": what, "value": value}]})
    if a.status != 200:
        same(f"change {what}", 200, (a.status, a.body))


def remove(*clients):
    for c in clients:
        call("DELETE", CLIENTS + "/" + c["id"])


def log():
    return open(IT + "/log", errors="replace").read()


def reload(http="", auth="", want="reload: done"):
    """SIGHUP; returns what it says in the log."""
    subprocess.run([IT + "/settings", http, auth], check=True)
    return hup(want)


def hup(want="reload: done"):
    before = len(log())
    os.kill(PID, signal.SIGHUP)
    end = time.monotonic() + 20
    while want not in log()[before:]:
        if time.monotonic() > end:
            same("a reload", want, log()[before:])
            break
        time.sleep(0.02)
    return log()[before:]


ASKED = f'client_ca_file = "{PKI}ca.pem"; client_cert = "request";'
NEEDED = f'client_ca_file = "{PKI}ca.pem"; client_cert = "require";'


# --- H17: certificates --------------------------------------------------------
def fingerprint(cert):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(
        open(PKI + cert + ".pem").read())).hexdigest()


def certificates():
    same("H17 no certificate, no token", 401, get())
    same("H17 a certificate that nobody has", 401, get(cert="nobody"))
    for text in ("sha256:" + fingerprint("feed"),
                 "SHA256:" + fingerprint("feed").upper(),
                 "subject:CN=hr feed,O=Example", "dns:feed.example",
                 "uri:spiffe://example/Feed", "email:feed@x.example"):
        c = client("feed", ["read"], certificates=["dns:x", text])
        same(f"H17 it is {text[:14]}", (200, 401),
             (get(cert="feed"), get(cert="nobody")))
        remove(c)
        same("... and ends with the client", 401, get(cert="feed"))
    for text in ("sha256:" + fingerprint("feed")[:-1], "feed.example", "dns:",
                 "sha256:", "subject:CN=hr feed", "dns:*", "dns:feed",
                 "subject:O=Example,CN=hr feed", "email:feed.example"):
        c = client("feed", ["read"], certificates=[text])
        same(f"H17 it is not {text[:20]}", 401, get(cert="feed"))
        remove(c)
    c = client("feed", ["read"], certificates=["dns:feed.example"])
    same("H17 its scopes count", [200, 403, 403, 403], [
        get(cert="feed"), get(cert="feed", path="/metrics"),
        call("POST", USERS, {"userName": "x"}, None, "feed").status,
        call("POST", CLIENTS, {"name": "x"}, None, "feed").status])
    same("H17 a bad token is not made good by it", 401, get("x", "feed"))
    same("H17 a good token goes before it", 200,
         get(ADMIN, "feed", path="/metrics"))
    for cert in "expired", "stranger", "wrong":
        same(f"H17 {cert}", "refused", get(cert=cert))
        same("... even with a token", "refused", get(ADMIN, cert))
    change(c, "enabled", False)
    same("H17 disabled", 401, get(cert="feed"))
    other = client("by-name", ["admin"],
                   certificates=["subject:CN=hr feed,O=Example"])
    same("H17 the more exact one decides", 200, get(cert="feed"))
    change(other, "certificates", ["email:feed@x.example"])
    same("... also when it is disabled", 401, get(cert="feed"))
    change(c, "enabled", True)
    change(c, "expires", "2020-01-01T00:00:00Z")
    same("H17 the client has expired", 401, get(cert="feed"))
    change(c, "expires", "2999-01-01T00:00:00Z")
    same("H17 it has not", 200, get(cert="feed"))
    change(other, "certificates", ["DNS:Feed.Example"])
    same("H17 what two have is nobody's", 401, get(cert="feed"))
    remove(c, other)


def reloads():
    def shown(c):
        return dict(x[0] for x in c.sock.getpeercert()["subject"])[
            "commonName"]

    def users(c):
        return send(c, "GET", USERS + "?count=0", token=ADMIN).status
    feed = client("feed", ["read"], certificates=["dns:feed.example"])
    old = connect("feed")
    same("before", (200, "one"), (users(old), shown(old)))
    for name in "pem", "key":
        shutil.copy(f"{PKI}two.{name}", f"{PKI}server.{name}")
    hup()
    new = connect()
    same("H17 new certificate, new connection", (200, "two"),
         (users(new), shown(new)))
    same("H17 the old connection goes on", (200, 200), (
        users(old), send(old, "GET", USERS + "?count=0").status))
    shutil.copy(PKI + "one.key", PKI + "server.key")
    same("H17 a key that does not fit stays out", True,
         "http.key_file" in hup("the old settings stay"))
    open(PKI + "server.pem", "w").write("nothing\n")
    same("H17 nor does a broken certificate get in", True,
         "http.cert_file" in hup("the old settings stay"))
    os.unlink(PKI + "server.pem")
    same("H17 nor one that is missing", True,
         "http.cert_file" in hup("the old settings stay"))
    same("... all go on", ("two", 200, 200, 200), (
        shown(new), users(old), users(new), get(ADMIN)))
    for name in "pem", "key":
        shutil.copy(f"{PKI}one.{name}", f"{PKI}server.{name}")
    reload(NEEDED)
    same("H17 a certificate is required now", ["refused", 401, 200], [
        get(ADMIN), get(cert="nobody"), get(cert="feed")])
    same("... of those who come", (200, 200), (users(old), users(new)))
    reload(ASKED.replace("ca.pem", "foreign.pem"))
    same("H17 another CA, which may use the name", ["refused", 200, 200], [
        get(cert="feed"), get(cert="stranger"), get(ADMIN)])
    same("H17 what it no longer signs for ends on an open connection", 401,
         send(old, "GET", USERS).status)
    reload("")
    same("H17 nobody is asked any more", [401, 200],
         [get(cert="feed"), get(ADMIN)])
    reload(ASKED)
    same("... and again", [200, 200],
         [get(cert="feed"), send(old, "GET", USERS + "?count=0").status])
    old.close()
    new.close()
    remove(feed)


# --- H: bytes ------------------------------------------------------------------
def raw(data):
    return scim.raw(data, 20, lambda s: context().wrap_socket(
        s, server_hostname=HOST))


def wire():
    head = f"Host: x\r\nAuthorization: Bearer {ADMIN}\r\n"
    for text, data in (("plain HTTP", f"GET {USERS} HTTP/1.1\r\n{head}\r\n"),
                       ("line ends", "\r\n" * 50), ("zeros", "\0" * 500),
                       ("SSLv2", "\x80\x2e\x01\x00\x02"),
                       ("an alert", "\x15\x03\x01\x00\x02\x02\x28")):
        got = scim.raw(data, 20)
        same(f"H17 {text} to the TLS port", False, b"HTTP/1.1 2" in got)
        same("... and others are served", 200, get(ADMIN))
    many = b"".join(b"GET %s?count=0&startIndex=%d HTTP/1.1\r\n%s%s\r\n" % (
        USERS.encode(), i, head.encode(),
        b"Connection: close\r\n" if i == 100 else b"") for i in range(1, 101))
    got = raw(many)
    same("H12 100 at once, answered in order", list(range(1, 101)), [
        int(x.split(b",")[0].split(b"}")[0])
        for x in got.split(b'"startIndex":')[1:]])
    body = b'{"userName":"half"}'
    post = f"POST {USERS} HTTP/1.1\r\n{head}Content-Type: " \
        f"application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    post = post.encode() + body
    c = context()
    for n in range(0, len(post), 3):
        s = c.wrap_socket(socket.create_connection((HOST, PORT)),
                          server_hostname=HOST)
        s.sendall(post[:n])
        s.close()
    a = call("GET", USERS + "?filter=userName+eq+%22half%22")
    same("H16 no half user of a cut connection", 0, a.json["totalResults"])
    got = raw(f"GET {USERS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
              .encode() + b"x" * 1000000 + b"\r\n\r\n")
    same("A1 a token of a megabyte", True,
         got[:12] in (b"", b"HTTP/1.1 431", b"HTTP/1.1 413"))
    got = raw(b"CONNECT x:443 HTTP/1.1\r\n" + head.encode() + b"\r\n")
    same("H13 CONNECT", b"HTTP/1.1 400", got[:12])
    a = call("HEAD", USERS + "?count=1")
    same("H13 HEAD", (200, b"", True), (
        a.status, a.body, int(a.headers["Content-Length"]) > 100))


# --- A5: signed tokens ------------------------------------------------------------
def b64(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*args, data=None):
    return subprocess.run(("openssl",) + args, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def jwk(name, **more):
    if name == "ec":
        point = openssl("ec", "-in", PKI + "ec.key", "-pubout", "-outform",
                        "DER")[-64:]
        return dict(more, kty="EC", crv="P-256", x=b64(point[:32]),
                    y=b64(point[32:]))
    n = openssl("rsa", "-in", f"{PKI}{name}.key", "-modulus", "-noout")
    return dict(more, kty="RSA", e="AQAB",
                n=b64(bytes.fromhex(n.decode().strip().split("=")[1])))


def plain_rs(der):
    out, at = b"", 2
    for _ in range(2):
        n = der[at + 1]
        out += der[at + 2:at + 2 + n][-32:].rjust(32, b"\0")
        at += 2 + n
    return out


def token(key="rsa", header=None, drop=(), **claims):
    h = {"alg": "ES256" if key == "ec" else "RS256", "typ": "at+jwt"}
    h.update(header or {})
    c = {"iss": "https://idp.example", "aud": ["provost", "other"],
         "sub": "Robot-1", "exp": int(time.time()) + 300}
    c.update(claims)
    text = b64(h) + "." + b64({k: v for k, v in c.items() if k not in drop})
    sig = openssl("dgst", "-sha256", "-sign", f"{PKI}{key}.key",
                  data=text.encode())
    return text + "." + b64(plain_rs(sig) if key == "ec" else sig)


def put_keys(*keys):
    with open(PKI + "jwks.new", "w") as f:
        json.dump({"keys": keys}, f)
    os.rename(PKI + "jwks.new", PKI + "jwks")


ISSUER = f'jwks_file = "{PKI}jwks"; jwt_issuer = "https://idp.example"; ' \
    'jwt_audience = "provost"; failures = 0; '


def signed_tokens():
    same("A5 no issuer is set", 401, get(token()))
    put_keys(jwk("rsa", kid="r", use="sig"), jwk("ec", kid="e", alg="ES256"),
             {"kty": "OKP", "crv": "Ed25519", "x": "AA"})
    reload(ASKED, ISSUER)
    c = client("robot", ["read", "write"], tokenSubjects=["Robot-1"])
    good = token()
    same("A5 RS256, ES256", [200, 200], [get(good), get(token("ec"))])
    now = int(time.time())
    rsa_text = openssl("rsa", "-in", PKI + "rsa.key", "-pubout")
    h, p, s = good.split(".")
    hs = b64({"alg": "HS256", "kid": "r"}) + "." + p
    for text, t in (
            ("alg none", b64({"alg": "none"}) + "." + p + "."),
            ("alg none, signed", token(header={"alg": "none"})),
            ("HS256 with the public key", hs + "." + b64(hmac.new(
                rsa_text, hs.encode(), hashlib.sha256).digest())),
            ("the wrong kid", token(header={"kid": "e"})),
            ("a path as kid", token(header={"kid": "../../etc/passwd"})),
            ("another key", token("rsa-next")),
            ("a jwk of its own", token("rsa-next", header={
                "jwk": jwk("rsa-next")})),
            ("crit", token(header={"crit": ["exp"]})),
            ("a huge p2c", token(header={"alg": "PBES2-HS256+A128KW",
                                         "p2c": 2**31 - 1, "p2s": "AA"})),
            ("an ID token's type", token(header={"typ": "logout+jwt"})),
            ("no exp", token(drop=["exp"])), ("no aud", token(drop=["aud"])),
            ("no iss", token(drop=["iss"])), ("no sub", token(drop=["sub"])),
            ("expired", token(exp=now - 70)), ("too early",
                                               token(nbf=now + 90)),
            ("of tomorrow", token(iat=now + 90)),
            ("another issuer", token(iss="https://idp.example/")),
            ("another audience", token(aud="provost-2")),
            ("nobody's subject", token(sub="robot-1")),
            ("bound to a key", token(cnf={"jkt": "x"})),
            ("a cut signature", good[:-4]), ("no signature", h + "." + p + "."),
            ("other claims", h + "." + b64({"sub": "admin"}) + "." + s)):
        same("A5 " + text, 401, get(t))
    same("A5 jku and x5u are not read", 200, get(token(header={
        "jku": "http://127.0.0.1:1/", "x5u": "file:///etc/passwd",
        "x5c": ["AA"]})))
    same("A5 a minute between the clocks", [200, 200],
         [get(token(exp=now - 30)), get(token(nbf=now + 30))])
    same("A5 bound to the certificate that is shown", [200, 401, 401], [
        get(t, x) for t in [token(cnf={"x5t#S256": b64(bytes.fromhex(
            fingerprint("feed")))})] for x in ("feed", "nobody", None)])
    for scope, want in (("read", [200, 403]), ("write", [403, 400]),
                        ("openid", [403, 403]), ("", [403, 403]),
                        ("read:Users openid", [200, 403]),
                        ("admin", [200, 400])):
        t = token(scope=scope)
        same(f"A5 scope {scope!r} narrows", want, [
            get(t), call("POST", USERS, {}, t).status])
    same("A5 ... and never widens", [403, 403], [
        get(token(scope="admin"), path="/metrics"),
        call("POST", CLIENTS, {}, token(scope="admin")).status])
    reload(ASKED, ISSUER + "jwt_scope = false;")
    same("A5 unless it is not asked", 200, get(token(scope="openid")))
    reload(ASKED, ISSUER + 'jwt_claim = "client_id";')
    same("A5 another claim", [401, 200],
         [get(good), get(token(sub="x", client_id="Robot-1"))])
    reload(ASKED, ISSUER)
    change(c, "enabled", False)
    same("A5 disabled", 401, get(good))
    change(c, "enabled", True)
    other = client("robot-2", [], tokenSubjects=["x", "Robot-1"])
    same("A5 a subject of two is nobody's", 401, get(good))
    remove(other)
    same("A5 of one again", 200, get(good))
    rotation(good)
    remove(c)
    same("A5 gone", 401, get(token("ec")))


def until(text, want, f):
    end = time.monotonic() + 20
    while (got := f()) != want and time.monotonic() < end:
        time.sleep(0.1)
    same(text, want, got)


def rotation(good):
    fresh = token("rsa-next")
    put_keys(jwk("rsa-next"))
    until("A5 new keys are found without being told", [401, 200],
          lambda: [get(good), get(fresh)])
    with open(PKI + "jwks", "w") as f:
        f.write('{"keys":')
    until("A5 a broken file is reported", True,
          lambda: get(fresh) == 200 and "the old keys stay" in log())
    same("... and the old keys stay", [401, 200], [get(good), get(fresh)])
    same("... also on SIGHUP", True,
         "auth.jwks_file" in hup("the old settings stay"))
    put_keys(jwk("weak"))
    same("A5 1,024 bits are not enough", True,
         "1024 bits" in hup("the old settings stay"))
    put_keys(jwk("ec"), jwk("rsa-next"))
    hup()
    same("... all of this passed by", 200, get(fresh))


# --- how much, how often --------------------------------------------------------
def limited(text, a):
    same(text, (429, True, [ERROR], "429"), (
        a.status, int(a.headers.get("Retry-After", 0)) > 0,
        a.get("schemas"), a.get("status")))


def rates():
    reload(ASKED, "rate = 1; burst = 3;")
    slow, own, free = (client(n, ["read"], **more) for n, more in (
        ("slow", {}), ("own", {"rate": 1}), ("free", {"rate": 0})))

    def ask(c, n, path=USERS + "?count=0"):
        con = connect()
        got = [send(con, "GET", path, token=c["token"]) for i in range(n)]
        con.close()
        return got

    a = ask(slow, 30)
    same("a client has its burst", 200, a[2].status)
    limited("... and no more", a[-1])
    a = ask(slow, 1, "/v1/status")[0]
    same("... nor below /v1", (429, "application/problem+json", 429), (
        a.status, a.headers["Content-Type"], a.get("status")))
    same("another client is another matter", 200, ask(own, 2)[1].status)
    limited("... which has its own rate", ask(own, 30)[-1])
    same("0: no limit", {200: 100}, statuses(ask(free, 100)))
    same("nor for provider staff", {200: 100},
         statuses(ask({"token": ADMIN}, 100)))
    until("after a while it goes on", 200, lambda: ask(slow, 1)[0].status)
    remove(slow, own, free)


def guesses():
    proxy = 'trusted_proxies = [ "127.0.0.0/8", "10.0.0.0/8" ];'
    reload(ASKED + proxy, "failures = 5;")
    late = client("late", ["read"])["token"]
    known = client("known", ["read"])["token"]

    def ask(t, *source):
        c = connect()
        c.putrequest("GET", USERS + "?count=0")
        for s in source:
            c.putheader("X-Forwarded-For", s)
        if t is not None:
            c.putheader("Authorization", "Bearer " + t)
        c.endheaders()
        a = Answer(c.getresponse())
        c.close()
        return a

    def status(t, *source):
        return ask(t, *source).status
    bad = "198.51.100.1"
    same("known there", 200, status(known, bad))
    same("A10 six are looked at", [401] * 6,
         [status(f"guess-{i}", bad) for i in range(6)])
    # Of two one is refused, even if a second passes in between.
    for text, source in (("itself", [bad]), ("as others", ["192.0.2.9," + bad]),
                         ("through two", [bad, "10.1.2.3"]),
                         ("on two lines", ["192.0.2.9", bad + " , 10.0.0.1"])):
        same(f"A10 H18 it waits, {text}", True,
             429 in (status("x", *source), status("x", *source)))
    limited("A10 ... with when to come again", max(
        (ask("y", bad) for i in range(2)), key=lambda a: a.status))
    same("A10 a good token from there goes on", 200, status(known, bad))
    same("A10 no token is no guess", 401, status(None, bad))
    same("A10 others do not wait", [200, 401],
         [status(late, "198.51.100.2"), status("x", "198.51.100.3")])
    same("A10 the log names it", True, f"bad tokens from {bad}" in log())
    reload(ASKED, "failures = 5;")
    same("H18 nobody is trusted: all of this is one address", 429, max(
        status(f"x{i}", f"203.0.113.{i}") for i in range(8)))
    same("A10 ... the proxy's", True, "bad tokens from 127.0.0.1" in log())
    reload(ASKED, "failures = 0;")
    same("0: nobody waits", [401] * 30, [status("x") for i in range(30)])


run([certificates, reloads, wire, signed_tokens, rates, guesses])
