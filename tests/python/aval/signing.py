"""Signatures made by pyHanko with the development PKI: sound ones, and ones with a named flaw."""

import datetime
import io
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.validation.dss import DocumentSecurityStore


def pki(stack):
    return pathlib.Path(stack.root).parent


def flawed(stack, name, pdf):
    """A PAdES signature with the certificate of a named flaw."""
    folder = pki(stack) / "flaws"
    chain = pki(stack) / "issuing.pem"
    return _sign(pdf, folder / f"{name}.key", folder / f"{name}.pem", [chain])


def sound(stack, pdf, folder, name="Firma1"):
    """A PAdES signature with a certificate that the issuing CA gives now, as it does to an official."""
    folder = pathlib.Path(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    ca = x509.load_pem_x509_certificate((pki(stack) / "issuing.pem").read_bytes())
    ca_key = serialization.load_pem_private_key((pki(stack) / "issuing.key").read_bytes(), None)
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Pruebas"),
                         x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "DEV ONLY"), x509.NameAttribute(NameOID.COMMON_NAME, "Firma Buena")])
    usage = dict.fromkeys(["digital_signature", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
                           "encipher_only", "decipher_only"], False)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(ca.subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.KeyUsage(content_commitment=True, **usage), True)
                   .add_extension(x509.BasicConstraints(False, None), True)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                       ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value), False)
                   .sign(ca_key, hashes.SHA384()))
    (folder / "k.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return _sign(pdf, folder / "k.pem", folder / "c.pem", [pki(stack) / "issuing.pem"], name)


def _sign(pdf, key, certificate, chain, name="Firma1"):
    signer = signers.SimpleSigner.load(str(key), str(certificate), ca_chain_files=[str(path) for path in chain])
    metadata = signers.PdfSignatureMetadata(field_name=name, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256",
                                            embed_validation_info=False)
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer)
    return out.getvalue()


def with_crl(stack, pdf):
    """The same file with the issuing CA's revocation list in its document security store."""
    from asn1crypto import crl, pem
    from pyhanko.pdf_utils.reader import PdfFileReader
    _, _, der = pem.unarmor((pki(stack) / "issuing.crl").read_bytes())
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    out = io.BytesIO(pdf)
    DocumentSecurityStore.add_dss(out, signature.pkcs7_content, crls=[crl.CertificateList.load(der)],
                                  certs=[load_cert_from_pemder(str(pki(stack) / "issuing.pem"))])
    return out.getvalue()
