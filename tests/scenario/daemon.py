# SPDX-License-Identifier: ISC
"""provostd of a scene: started, killed, started again; and asked."""
import http.client
import json
import os
import shutil
import signal
import subprocess

from directory import SUFFIX, URI
from tools import SECRET

BIN = os.environ["BIN"]
WAIT = float(os.environ.get("SCENE_WAIT", "20"))  # seconds; for what fails
CODE_KEY = "key-of-the-scenes-key-of-the-scenes"
CONF = """
directory: {{ suffix = "{suffix}"; uris = [ "{uri}" ];
	bind_dn = "cn=provostd,{suffix}"; password_file = "{dir}/password";
	code_key_file = "{dir}/code.key"; connections = 1; }};
view: {{ dir = "{dir}/view"; size = "64MiB"; }};
journal: {{ dir = "{dir}"; }};
http: {{ listen = "127.0.0.1:0"; base_url = "http://provost.example";
	threads = 1; }};
engine: {{ retry_base = "20ms"; retry_max = "100ms"; }};
requests: {{ post_target = "hook"; }};
targets: {{
	hook: {{ kind = "webhook"; url = "{url}/hook"; insecure = true;
		token_file = "{dir}/secret"; }};
	saas: {{ kind = "scim"; url = "{url}/scim/v2"; insecure = true; }};
	none: {{ kind = "null"; }};
}};
"""
MAIL = """
mail: {{ url = "smtp://127.0.0.1:{port}"; from = "provost@corp.example";
	link = "https://portal.example/register"; insecure = true;
	hello = "provost.example"; }};
"""


class Gone(Exception):
    """The daemon has died."""


class Daemon:
    def __init__(self, work, outside):
        self.dir, self.outside = work, outside
        self.conf = os.path.join(work, "provostd.conf")
        self.log = os.path.join(work, "log")
        self.passages = os.path.join(work, "passages")
        self.process = self.connection = None

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text)

    def fresh(self, mail):
        """Nothing is left of an earlier run."""
        shutil.rmtree(self.dir, ignore_errors=True)
        os.mkdir(self.dir)
        text = CONF.format(suffix=SUFFIX, uri=URI, dir=self.dir,
                           url=self.outside.url)
        if mail:
            text += MAIL.format(port=self.outside.mail_port)
        self.write("provostd.conf", text)
        self.write("password", os.environ["DAEMON_PASSWORD"])
        self.write("code.key", CODE_KEY)
        self.write("secret", SECRET)

    def start(self, failpoint=None):
        """Returns when it is ready, or raises Gone."""
        env = {k: v for k, v in os.environ.items() if k != "PROVOST_FAILPOINT"}
        if failpoint:
            env["PROVOST_FAILPOINT"] = failpoint
        with open(self.log, "a", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                [os.path.join(BIN, "provostd"), "-c", self.conf], env=env,
                stdout=subprocess.PIPE, stderr=log, encoding="utf-8")
        self.connection = None
        for line in self.process.stdout:
            if line.startswith("provostd: listening on "):
                self.connection = http.client.HTTPConnection(
                    line.split("//")[1].strip(), timeout=WAIT)
            if line.startswith("provostd: ready"):
                return
        self.process.wait()
        raise Gone

    def end(self, sig=signal.SIGKILL):
        """Its exit status, None: it did not run."""
        if self.process is None:
            return None
        self.process.send_signal(sig)
        code = self.process.wait(WAIT)
        self.process.stdout.close()
        self.process = None
        return code

    def rebuild(self):
        """It ends well, its view is deleted, and it starts again."""
        code = self.end(signal.SIGTERM)
        shutil.rmtree(os.path.join(self.dir, "view"))
        self.start()
        return code

    def alive(self):
        return self.process.poll() is None

    def call(self, method, path, body=None, token="admin"):
        """(status, text, headers)"""
        headers = {"Content-Type": "application/scim+json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self.connection.request(method, path, body, headers)
            r = self.connection.getresponse()
            return r.status, r.read().decode(), r.headers
        except (OSError, http.client.HTTPException) as e:
            self.connection.close()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                raise e from None
            raise Gone from None

    def json(self, method, path, body=None):
        return json.loads(self.call(method, path, body)[1])

    def count(self, name):
        text = self.call("GET", "/metrics")[1]
        start = text.index(f"\nprovost_{name} ") + len(name) + 10
        return int(text[start:text.index("\n", start)])

    def plan(self):
        """What it still owes."""
        return self.json("POST", "/v1/plan", '{"reconcile":true}')["actions"]

    def journal_holds(self):
        return subprocess.run(
            [os.path.join(BIN, "provost"), "journal", "verify",
             os.path.join(self.dir, "journal.jsonl")], check=False,
            capture_output=True).returncode == 0
