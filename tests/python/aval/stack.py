"""The stack under test: the one that tests/run started, or one of a test's own."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[3]
OUTPUT = pathlib.Path(os.environ.get("AVAL_OUTPUT", ROOT / "tests" / "output"))
SHARED = pathlib.Path(os.environ.get("AVAL_SHARED", ROOT.parent / "shared"))
QUICK = os.environ.get("AVAL_QUICK") == "1"


class Stack:
    """What stack.json says, and the tools beside it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.data = json.loads(self.path.read_text())
        self.state = pathlib.Path(self.data["state"])
        self.issuer = self.data["idp"]["issuer"]
        self.signer = self.data["signer"]["url"]
        self.agency = self.data["agency"]["url"]
        self.root = self.data["pki"]["root"]
        self.bin = pathlib.Path(self.data["tools"]["verify"]).parent

    @property
    def external(self):
        return next(c for c in self.data["clients"] if c["client_id"] == "external")

    @property
    def citizens(self):
        return self.data["citizens"]

    @property
    def officials(self):
        return self.data["officials"]

    def pid(self, service):
        return self.data["pids"][service]

    def command(self, service, *arguments, stdin=None):
        """Runs a service's own command line on this stack's configuration."""
        config = self.state / service / f"{service}.toml"
        done = subprocess.run([self.bin / service, "--config", config, *arguments], input=stdin, text=True,
                              capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, f"{service} {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def new_citizen(self, **changes):
        """A citizen nobody else uses: attempts and codes of one test do not disturb another."""
        national_id = fresh_run()
        person = {"national_id": national_id, "given_name": "Prueba", "family_name": "Soto Díaz",
                  "email": f"p{national_id[:-2]}@example.cl", "password": "un puente de madera vieja",
                  "totp_secret": base32(os.urandom(20)), **changes}
        self.command("idp", "citizen", "create", "--from", "-", "--json", stdin=json.dumps(person))
        return person

    def new_client(self, **changes):
        """A client nobody else uses."""
        name = f"client-{os.urandom(6).hex()}"
        client = {"client_id": name, "client_secret": os.urandom(24).hex(), "client_name": "Agencia de una prueba",
                  "client_uri": "http://localhost:9000", "redirect_uris": ["http://localhost:9000/callback"],
                  "post_logout_redirect_uris": ["http://localhost:9000/"],
                  "scope": "openid profile email national_id offline_access",
                  "token_endpoint_auth_method": "client_secret_basic", "id_token_signed_response_alg": "ES256",
                  "subject_type": "pairwise", "grant_types": ["authorization_code", "refresh_token"], **changes}
        client = {name: value for name, value in client.items() if value is not None}
        self.command("idp", "client", "create", "--from", "-", "--json", stdin=json.dumps(client))
        return client


def shared():
    """The stack that tests/run started."""
    import pytest
    path = os.environ.get("AVAL_STACK")
    if not path:
        pytest.skip("no stack: run through tests/run")
    return Stack(path)


@contextlib.contextmanager
def own(keep=None, extra=()):
    """A stack of one's own, for tests that break it. Yields a function that starts it (again)."""
    folder = keep or tempfile.mkdtemp(prefix="aval-")
    shared_bin = Stack(os.environ["AVAL_STACK"]).bin
    ports = ",".join(str(port) for port in free_ports(3))
    running = []

    def start():
        stop()
        with contextlib.suppress(FileNotFoundError):
            (pathlib.Path(folder) / "stack.json").unlink()
        log = open(OUTPUT / "own-stack.log", "ab")
        process = subprocess.Popen([shared_bin / "keys-dev", "up", "--state", folder, "--no-build", "--ports", ports, *extra],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        running.append(process)
        deadline = time.monotonic() + 60
        while not (pathlib.Path(folder) / "stack.json").exists():
            assert process.poll() is None, f"keys-dev up ended: see {log.name}"
            assert time.monotonic() < deadline, "the stack did not start within a minute"
            time.sleep(0.05)
        return Stack(pathlib.Path(folder) / "stack.json")

    def stop():
        while running:
            process = running.pop()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    try:
        yield start
    finally:
        stop()


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def fresh_run():
    """A RUN with its check digit (modulo 11), drawn anew."""
    body = 20_000_000 + int.from_bytes(os.urandom(3)) % 9_000_000
    total = sum(int(digit) * (2 + index % 6) for index, digit in enumerate(reversed(str(body))))
    digit = 11 - total % 11
    return f"{body}-{ {11: '0', 10: 'K'}.get(digit, digit) }"


def base32(raw):
    import base64
    return base64.b32encode(raw).decode().rstrip("=")


def memory_kb(pid):
    """Resident set of a process, in kB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+)", status, re.M)[1])


def wait_ready(url, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        assert time.monotonic() < deadline, f"{url} is not ready after {seconds} s"
        time.sleep(0.05)
