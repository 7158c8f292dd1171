"""The programs of the agency's guide, run as they stand there."""

import contextlib
import os
import pathlib
import re
import subprocess
import time

import requests

from .stack import OUTPUT, ROOT, free_ports

GUIDE = ROOT / "idp" / "src" / "manual" / "agency.md"


def program(name):
    """The block of code that the guide names so."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```[\w,]+\n(.*?)```", GUIDE.read_text(), re.S)
    assert found, f"the guide has no {name}"
    return found[1]


@contextlib.contextmanager
def running(stack, name, command, redirect="/callback"):
    """Writes a program of the guide, registers a client for it and runs it; gives the address of the application."""
    folder = OUTPUT / "guide"
    folder.mkdir(parents=True, exist_ok=True)
    modules = folder / "node_modules"
    if not modules.is_symlink():
        modules.symlink_to(ROOT / "tests" / "node" / "node_modules")
    path = folder / name
    path.write_text(program(name))
    url = f"http://localhost:{free_ports(1)[0]}"
    client = stack.new_client(client_uri=url, redirect_uris=[f"{url}{redirect}"], post_logout_redirect_uris=[f"{url}/"])
    environment = {**os.environ, "AVAL_ISSUER": stack.issuer, "AVAL_CLIENT_ID": client["client_id"],
                   "AVAL_CLIENT_SECRET": client["client_secret"], "AGENCY_URL": url}
    with open(folder / f"{name}.log", "wb") as log, subprocess.Popen([*command, path], env=environment, stdout=log, stderr=log) as process:
        try:
            wait(process, url, pathlib.Path(log.name))
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait(process, url, log):
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(f"{url}/nowhere", timeout=5)
            return
        assert process.poll() is None and time.monotonic() < deadline, f"it does not start: {log.read_text()}"
        time.sleep(0.1)
