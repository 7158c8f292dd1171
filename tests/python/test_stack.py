"""The stack as its users find it: people, certificates, commands."""

import pathlib
import re
import subprocess
import time

import pytest
import requests
from cryptography import x509
from cryptography.x509.oid import NameOID

from aval.browser import totp


@pytest.mark.parametrize("service", ["issuer", "signer", "agency"])
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_every_service_says_that_it_lives_and_is_ready(stack, service, path):
    assert requests.get(getattr(stack, service) + path, timeout=5).status_code == 200


def test_an_officials_certificate_says_who_where_and_as_what(stack):
    for official in stack.officials:
        chain = x509.load_pem_x509_certificates((stack.state / "pki" / "officials" / f"{official['national_id']}.pem").read_bytes())
        leaf, issuing = chain
        told = {attribute.oid: attribute.value for attribute in leaf.subject}
        assert told == {
            NameOID.COUNTRY_NAME: "CL", NameOID.ORGANIZATION_NAME: official["institution"], NameOID.ORGANIZATIONAL_UNIT_NAME: "DEV ONLY",
            NameOID.TITLE: official["position"], NameOID.SURNAME: official["family_name"], NameOID.GIVEN_NAME: official["given_name"],
            NameOID.SERIAL_NUMBER: f"PNOCL-{official['national_id']}", NameOID.COMMON_NAME: f"{official['given_name']} {official['family_name']}",
        }
        leaf.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(x509.load_pem_x509_certificate(pathlib.Path(stack.root).read_bytes()))


def test_keys_dev_prints_the_code_of_a_person(stack):
    person = stack.citizens[0]
    done = subprocess.run([stack.bin / "keys-dev", "code", "11.111.111-1", "--state", stack.state], capture_output=True, text=True, timeout=20, check=True)
    now = int(time.time()) // 30
    assert done.stdout.strip() in [totp(person["totp_secret"], step) for step in (now - 1, now)]


def test_keys_dev_never_overwrites_a_state(stack):
    before = stack.path.read_bytes()
    done = subprocess.run([stack.bin / "keys-dev", "make", stack.state], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and "--reset" in done.stderr
    assert stack.path.read_bytes() == before


@pytest.mark.parametrize(("service", "noun"), [("idp", "client"), ("signer", "official")])
def test_lists_are_json(stack, service, noun):
    import json
    listed = json.loads(stack.command(service, noun, "list", "--json"))
    assert isinstance(listed, list) and listed
    assert stack.external["client_secret"] not in json.dumps(listed)


@pytest.mark.parametrize("service", ["idp", "signer"])
def test_a_good_configuration_is_called_good(stack, service):
    stack.command(service, "check-config")


@pytest.mark.parametrize("service", ["idp", "signer"])
@pytest.mark.parametrize(("find", "put", "says"), [
    (r"^listen = .*$", 'listen = "nowhere"', "listen"),
    (r"^database = .*$", 'database = "oracle://x"', "database"),
    (r"^sealing_key_file = .*$", 'sealing_key_file = "/nonexistent/key"', "/nonexistent/key"),
    (r"^listen = ", 'lissten = "x"\nlisten = ', "lissten"),
])
def test_a_bad_configuration_is_explained(stack, tmp_path, service, find, put, says):
    text = (stack.state / service / f"{service}.toml").read_text()
    config = tmp_path / "c.toml"
    config.write_text(re.sub(find, put, text, count=1, flags=re.M))
    done = subprocess.run([stack.bin / service, "--config", config, "check-config"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and says in done.stderr, done.stderr
    assert "panicked" not in done.stderr


def test_creating_the_same_people_again_is_refused_unless_told_otherwise(stack):
    import json
    person = json.dumps({k: stack.citizens[0][k] for k in ("national_id", "given_name", "family_name", "email", "password")})
    arguments = [stack.bin / "idp", "--config", stack.state / "idp" / "idp.toml", "citizen", "create", "--from", "-", "--json"]
    again = subprocess.run(arguments, input=person, capture_output=True, text=True, timeout=20, check=False)
    assert again.returncode != 0 and again.stderr
    assert subprocess.run([*arguments, "--if-absent"], input=person, capture_output=True, text=True, timeout=20, check=False).returncode == 0
