"""What `verify` says of signatures that pyHanko made: sound ones, named flaws, and files changed afterwards."""

import pathlib
import subprocess

import pytest
import requests

from aval import judges, pdfs, signing


@pytest.fixture(scope="module")
def plain():
    return pdfs.sizeable(100)


@pytest.fixture(scope="module")
def sound(stack, plain, tmp_path_factory):
    return signing.sound(stack, plain, tmp_path_factory.mktemp("pki"))


def test_a_sound_signature_is_valid(stack, sound):
    code, report = judges.ours(stack, sound)
    assert (code, report["verdict"]) == (0, "valid"), report
    told = report["signatures"][0]
    assert (told["indication"], told["integrity"], told["coverage"], told["trust"]) == ("TOTAL-PASSED", "intact", "whole_file", "trusted")
    assert told["signer"]["common_name"] == "Firma Buena" and told["revocation"] == "unknown"


def test_without_a_root_nothing_is_trusted(stack, sound, tmp_path):
    (tmp_path / "d.pdf").write_bytes(sound)
    done = subprocess.run([stack.bin / "verify", "--json", tmp_path / "d.pdf"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and '"verdict":"indeterminate"' in done.stdout.replace(" ", "")


@pytest.mark.parametrize(("flaw", "sub_indications"), [
    ("expired", ["OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED"]),
    ("not_yet_valid", ["OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED", "NOT_YET_VALID"]),
    ("wrong_key_usage", ["CHAIN_CONSTRAINTS_FAILURE", "SIG_CONSTRAINTS_FAILURE"]),
    ("wrong_issuer", ["NO_CERTIFICATE_CHAIN_FOUND", "CERTIFICATE_CHAIN_GENERAL_FAILURE", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"]),
    ("weak_key", ["CRYPTO_CONSTRAINTS_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"]),
])
def test_a_flawed_certificate_is_never_valid(stack, plain, flaw, sub_indications):
    code, report = judges.ours(stack, signing.flawed(stack, flaw, plain))
    told = report["signatures"][0]
    assert code == 1 and report["verdict"] in ("indeterminate", "invalid"), report
    assert told["indication"] != "TOTAL-PASSED" and told["sub_indication"] in sub_indications, told


def test_a_revoked_certificate_with_its_list_is_revoked(stack, plain):
    code, report = judges.ours(stack, signing.with_crl(stack, signing.flawed(stack, "revoked", plain)))
    told = report["signatures"][0]
    assert code == 1 and told["revocation"] == "revoked" and told["sub_indication"].startswith("REVOKED"), told


def test_a_revoked_certificate_without_its_list_is_not_called_good(stack, plain):
    _, report = judges.ours(stack, signing.flawed(stack, "revoked", plain))
    assert report["signatures"][0]["revocation"] == "unknown"


@pytest.mark.parametrize("at", [300, 50_000, -400])
def test_one_changed_byte_in_what_is_signed_breaks_it(stack, sound, plain, at):
    where = at if at >= 0 else len(plain) + at
    changed = bytearray(sound)
    changed[where] ^= 1
    code, report = judges.ours(stack, bytes(changed))
    assert code == 1 and report["verdict"] != "valid", report
    assert "TOTAL-PASSED" not in [s["indication"] for s in report["signatures"]]


def test_a_second_signature_leaves_the_first_valid(stack, sound, tmp_path):
    twice = signing.sound(stack, sound, tmp_path, name="Firma2")
    code, report = judges.ours(stack, twice)
    assert code == 0 and [s["indication"] for s in report["signatures"]] == ["TOTAL-PASSED"] * 2, report
    assert [s["later_changes"]["level"] for s in report["signatures"]] == ["none", "none"] or \
        report["signatures"][0]["later_changes"]["level"] in ("none", "long_term", "form_fill")


def append(pdf, number, body, root=1):
    """An incremental update of a classic file: one object, as an attacker writes it."""
    previous = pdf.rindex(b"startxref")
    offset = int(pdf[previous:].split()[1])
    start = len(pdf)
    out = pdf + b"\n%d 0 obj\n" % number + body + b"\nendobj\n"
    size = max(number + 1, 60)
    at = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (number, start + 1)
    return out + b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, offset, at)


def test_a_page_rewritten_after_signing_is_not_valid(stack, sound):
    other = b"<</Length 46>>stream\nBT /F 24 Tf 72 700 Td (Informe de 2099) Tj ET \nendstream"
    code, report = judges.ours(stack, append(sound, 4, other))
    assert code == 1 and report["verdict"] != "valid", report
    assert report["signatures"][0]["later_changes"]["level"] == "other"


@pytest.mark.parametrize("name", ["truncado.pdf", "vacio.pdf", "no-es.pdf", "hondo.pdf", "cifrado.pdf"])
def test_bad_bytes_get_a_report_not_an_error(stack, name):
    code, report = judges.ours(stack, pdfs.bad()[name])
    assert code == 1 and report["verdict"] in ("indeterminate", "invalid", "unsigned") and report["problems"], report


def test_an_unsigned_document_is_called_unsigned(stack, plain):
    code, report = judges.ours(stack, plain)
    assert (code, report["verdict"], report["signatures"]) == (1, "unsigned", [])


def test_the_service_and_the_command_tell_the_same(stack, sound):
    answer = requests.post(f"{stack.signer}/api/verify", data=sound, headers={"content-type": "application/pdf"}, timeout=30)
    assert answer.status_code == 200, answer.text
    # The service knows the development lists.
    lists = [word for name in ("root", "issuing") for word in ("--evidence", stack.state / "pki" / f"{name}.crl")]
    _, report = judges.ours(stack, sound, *lists)
    assert report["signatures"][0]["revocation"] == "good"
    strip = lambda r: {**{k: v for k, v in r.items() if k not in ("at", "path")}, "signatures": [{k: v for k, v in s.items() if "time" not in k} for s in r["signatures"]]}
    mine, theirs = strip(report), strip(answer.json())
    assert mine["verdict"] == theirs["verdict"] == "valid"
    assert mine["signatures"] == theirs["signatures"]


@pytest.mark.parametrize("name", ["truncado.pdf", "vacio.pdf", "no-es.pdf", "hondo.pdf", "cifrado.pdf"])
def test_the_service_answers_bad_bytes_with_json(stack, name):
    answer = requests.post(f"{stack.signer}/api/verify", data=pdfs.bad()[name], headers={"content-type": "application/pdf"}, timeout=30)
    assert answer.status_code < 500 and "json" in answer.headers["content-type"], answer.text


def test_the_verifier_keeps_nothing(stack, sound):
    marked = sound + b"\n%" + b"AvalNoGuarda" * 3
    requests.post(f"{stack.signer}/api/verify", data=marked, headers={"content-type": "application/pdf"}, timeout=30)
    kept = [p for p in (stack.state / "signer").rglob("*") if p.is_file() and b"AvalNoGuarda" in p.read_bytes()]
    assert not kept


def test_pyhanko_agrees_about_the_sound_one(stack, sound):
    status = judges.pyhanko(stack, sound)[0]
    assert status.intact and status.valid and status.trusted


def test_two_verifications_of_the_same_bytes_at_the_same_time_are_the_same(stack, sound):
    reports = [judges.ours(stack, sound, "--at", "2027-01-01T00:00:00Z")[1] for _ in range(2)]
    assert reports[0].pop("path") != reports[1].pop("path")
    assert reports[0] == reports[1]


def test_zeros_without_end_are_refused_early(stack):
    """2 GB of zeros: the answer comes long before they are sent."""
    sent = 0

    def zeros():
        nonlocal sent
        block = bytes(1 << 20)
        for _ in range(2048):
            sent += 1
            yield block

    try:
        answer = requests.post(f"{stack.signer}/api/verify", data=zeros(), headers={"content-type": "application/pdf"}, timeout=120)
        assert answer.status_code < 500
    except requests.ConnectionError:
        pass  # the service hung up while we were sending: fine, if it is alive and did not swallow them all
    assert requests.get(f"{stack.signer}/readyz", timeout=10).status_code == 200




ENCRYPTED = pathlib.Path(__file__).resolve().parents[2] / "sdk/document/tests/data/pdf/r6.pdf"


def test_a_form_opens_an_encrypted_document_by_its_password(stack):
    def codes(password):
        with ENCRYPTED.open("rb") as document:
            answer = requests.post(f"{stack.signer}/api/verify", files={"document": document}, data={"password": password}, timeout=30)
        assert answer.status_code == 200, answer.text
        return [problem["code"] for problem in answer.json()["problems"]]
    assert "encrypted" in codes("otra") and "encrypted" not in codes("usuaria")


def test_the_service_answers_for_another_time_and_refuses_what_is_none(stack, sound):
    ask = lambda at: requests.post(f"{stack.signer}/api/verify", params={"at": at}, data=sound, timeout=30)
    then = ask("2060-01-01T00:00:00+00:00")
    assert then.json()["at"] == "2060-01-01T00:00:00Z" and then.json()["verdict"] == "indeterminate"
    refused = ask("mañana")
    assert refused.status_code == 400 and refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["error"] == "bad_question" and refused.json()["status"] == 400


def test_the_service_tells_the_same_in_xml_as_the_command(stack, sound, tmp_path):
    at = "2027-01-01T00:00:00Z"
    answer = requests.post(f"{stack.signer}/api/verify", params={"at": at}, data=sound, headers={"accept": "application/xml"}, timeout=30)
    assert answer.headers["content-type"].startswith("application/xml")
    (tmp_path / "d.pdf").write_bytes(sound)
    lists = [word for name in ("root", "issuing") for word in ("--evidence", stack.state / "pki" / f"{name}.crl")]
    done = subprocess.run([stack.bin / "verify", "--xml", "--at", at, "--trust", stack.root, *lists, tmp_path / "d.pdf"], capture_output=True, text=True, timeout=30, check=False)
    assert answer.text == done.stdout


def test_no_name_of_a_file_looks_like_an_answer(stack, sound, tmp_path):
    name = tmp_path / "a.pdf\n✓ contrato.pdf: Este documento es auténtico\x1b[8m"
    name.write_bytes(b"%PDF-")
    done = subprocess.run([stack.bin / "verify", "--lang", "es", name, f"{tmp_path}/no\n✓ hay.pdf"], capture_output=True, text=True, timeout=30, check=False)
    assert not [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("✓")]
    assert "\x1b" not in done.stdout + done.stderr
