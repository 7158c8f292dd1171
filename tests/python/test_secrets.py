"""A dump or a log alone tells nothing."""

import pathlib

import pytest

from aval import oidc
from aval.browser import Browser


@pytest.fixture(scope="module")
def seen(stack):
    """Everything secret or personal that passed through one login."""
    person, browser = stack.new_citizen(given_name="Griselda", family_name="Zzyzxfuentes Ñanco"), Browser()
    code, verifier = oidc.code_for(stack, browser, person, stack.external, scope="openid profile email national_id offline_access", prompt="consent")
    tokens = oidc.redeem(stack, stack.external, code, verifier).json()
    found = {"password": person["password"], "totp seed": person["totp_secret"], "national id": person["national_id"],
             "national id, bare": person["national_id"].replace("-", ""), "email": person["email"],
             "surname": "Zzyzxfuentes", "code": code, "access token": tokens["access_token"],
             "id token's signature": tokens["id_token"].rsplit(".", 1)[1], "client secret": stack.external["client_secret"],
             "verifier": verifier}
    if "refresh_token" in tokens:
        found["refresh token"] = tokens["refresh_token"]
    for cookie in browser.session.cookies:
        if len(cookie.value) > 8:
            found[f"cookie {cookie.name}"] = cookie.value
    import base64
    seed = person["totp_secret"]
    found["totp seed, raw"] = base64.b32decode(seed + "=" * (-len(seed) % 8))
    return found


def dump(folder):
    """Bytes of every database file of a service, write-ahead log included."""
    files = [p for p in pathlib.Path(folder).rglob("*.db*") if p.is_file()]
    assert files, f"no database in {folder}"
    return b"".join(p.read_bytes() for p in files)


@pytest.mark.parametrize("service", ["idp", "signer"])
def test_nothing_secret_is_readable_in_the_database(stack, seen, service):
    bytes_ = dump(stack.state / service)
    leaked = [name for name, secret in seen.items() if (secret if isinstance(secret, bytes) else secret.encode()) in bytes_]
    assert not leaked


@pytest.mark.parametrize("service", ["idp", "signer", "agency"])
def test_nothing_secret_is_in_the_log(stack, seen, service):
    text = (stack.state / f"{service}.log").read_bytes()
    leaked = [name for name, secret in seen.items() if (secret if isinstance(secret, bytes) else secret.encode()) in text]
    assert not leaked


def test_keys_dev_keeps_no_key_of_an_official(stack):
    names = {path.name for path in (stack.state / "pki").rglob("*.key")}
    assert "issuing.key" in names
    assert not [name for name in names if any(o["national_id"] in name for o in stack.officials)]
    held = [path for path in (stack.state / "pki" / "officials").iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert not held


def test_the_officials_key_is_not_in_the_clear_anywhere(stack):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificates
    bytes_ = dump(stack.state / "signer")
    for official in stack.officials:
        chain = (stack.state / "pki" / "officials" / f"{official['national_id']}.pem").read_bytes()
        point = load_pem_x509_certificates(chain)[0].public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        # A PKCS #8 key or an RFC 5915 one carries its public point right after the private octets
        assert b"\xa1\x44\x03\x42\x00" + point not in bytes_


def test_private_files_are_their_owners(stack):
    import stat
    for path in [*stack.state.rglob("*.key"), stack.state / "people.json", stack.state / "agencies.json", stack.path]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_product_has_no_copy_of_a_secret_in_its_arguments(stack):
    for service in ("idp", "signer", "agency"):
        arguments = pathlib.Path(f"/proc/{stack.pid(service)}/cmdline").read_bytes()
        assert stack.external["client_secret"].encode() not in arguments


def test_sqlite_says_the_databases_are_sound(stack):
    import sqlite3
    for service in ("idp", "signer"):
        with sqlite3.connect(f"file:{stack.state}/{service}/{service}.db?mode=ro", uri=True) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
