"""Trusted lists: what `verify --trust LIST.xml --trust-signers PEM` makes of lists that signxml signed and libxml2 wrote."""

import json
import pathlib
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from aval import lists, pdfs, signing


@pytest.fixture(scope="module")
def signed(stack, tmp_path_factory):
    """A signed document; the authority to trust is the development PKI's root."""
    folder = tmp_path_factory.mktemp("signed")
    path = folder / "d.pdf"
    path.write_bytes(signing.sound(stack, pdfs.sizeable(10), folder))
    return path


@pytest.fixture(scope="module")
def root(stack):
    return x509.load_pem_x509_certificate(pathlib.Path(stack.root).read_bytes())


@pytest.fixture(scope="module")
def signer():
    key = rsa.generate_private_key(65537, 3072)
    return key, lists.certificate("Lista", key)


def judged(stack, signed, tmp_path, content, who):
    (tmp_path / "list.xml").write_bytes(content)
    (tmp_path / "who.pem").write_bytes(lists.pem(who))
    command = [stack.bin / "verify", "--json", "--trust", tmp_path / "list.xml", "--trust-signers", tmp_path / "who.pem", signed]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def services(root, status=lists.GRANTED):
    return [(lists.CA_QC, root, [(status, "2020-01-01T00:00:00Z")], ("eSignatures", "eSeals"))]


@pytest.mark.parametrize("xades", [True, False])
@pytest.mark.parametrize(("method", "digest"), [
    (SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256), (SignatureMethod.RSA_SHA384, DigestAlgorithm.SHA384),
    (SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA512), (SignatureMethod.SHA512_RSA_MGF1, DigestAlgorithm.SHA512),
])
def test_a_granted_authority_is_trusted(stack, signed, root, signer, tmp_path, method, digest, xades):
    content = lists.signed(lists.unsigned(services(root)), *signer, method, digest, xades)
    code, report = judged(stack, signed, tmp_path, content, signer[1])
    assert (code, report["signatures"][0]["trust"]) == (0, "trusted"), report


@pytest.mark.parametrize(("curve", "method"), [
    (ec.SECP256R1(), SignatureMethod.ECDSA_SHA256), (ec.SECP384R1(), SignatureMethod.ECDSA_SHA384), (ec.SECP521R1(), SignatureMethod.ECDSA_SHA512),
])
def test_signatures_on_every_curve_are_checked(stack, signed, root, tmp_path, curve, method):
    key = ec.generate_private_key(curve)
    who = lists.certificate("Lista", key)
    code, report = judged(stack, signed, tmp_path, lists.signed(lists.unsigned(services(root)), key, who, method), who)
    assert code == 0, report


def test_a_withdrawn_authority_is_not_trusted(stack, signed, root, signer, tmp_path):
    content = lists.signed(lists.unsigned(services(root, lists.WITHDRAWN)), *signer)
    code, report = judged(stack, signed, tmp_path, content, signer[1])
    assert code == 1 and report["signatures"][0]["trust"] != "trusted", report


def test_an_outdated_list_vouches_for_nobody_and_says_so(stack, signed, root, signer, tmp_path):
    content = lists.signed(lists.unsigned(services(root), issued="2020-01-01T00:00:00Z", next_update="2020-07-01T00:00:00Z"), *signer)
    code, report = judged(stack, signed, tmp_path, content, signer[1])
    told = report["signatures"][0]
    assert code == 1 and told["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND_NO_POE", report
    assert {"trusted_list_outdated", "authority_not_granted"} <= {p["code"] for p in report["problems"]}


def test_a_list_changed_after_signing_is_refused(stack, signed, root, signer, tmp_path):
    content = lists.signed(lists.unsigned(services(root, lists.WITHDRAWN)), *signer).replace(b"Svcstatus/withdrawn", b"Svcstatus/granted")
    code, said = judged(stack, signed, tmp_path, content, signer[1])
    assert code == 2 and "changed after it was signed" in said


def test_inclusive_canonical_form_is_refused(stack, signed, root, signer, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "EXCLUSIVE", CanonicalizationMethod.CANONICAL_XML_1_0)
    code, said = judged(stack, signed, tmp_path, lists.signed(lists.unsigned(services(root)), *signer), signer[1])
    assert code == 2 and "canonicalisation" in said


def test_what_libxml2_writes_in_many_ways_has_one_canonical_form(stack, signed, root, signer, tmp_path):
    """Prefixes, default namespaces, references and white space, as different tools write them."""
    made = lists.unsigned(services(root))
    scheme = made[0]
    odd = etree.SubElement(scheme, "{urn:a}odd", {"{urn:b}y": "1\t2\n3\r\"<>&'", "z": "ñ €", "{urn:a}x": " x "}, nsmap={"q": "urn:b", None: "urn:a"})
    etree.SubElement(odd, "bare", nsmap={"unused": "urn:c"}).text = "a\r\nb ]]> & < > \" ' \U0001f512"
    etree.SubElement(odd, "{urn:b}in", nsmap={"p": "urn:b", "q": "urn:a"}).append(etree.Element("{urn:a}in2"))
    code, report = judged(stack, signed, tmp_path, lists.signed(made, *signer), signer[1])
    assert code == 0, report
