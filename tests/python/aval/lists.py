"""Trusted lists (ETSI TS 119 612) signed by signxml, so that our reader is not judged by our own signatures.

`python -m aval.lists FOLDER` renews what sdk/pki/tests/trusted_lists/data holds: lists, those who signed them, and a
small PKI that they vouch for.
"""

import base64
import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner, methods
from signxml.xades import XAdESSigner

DS = "http://www.w3.org/2000/09/xmldsig#"
TSL = "http://uri.etsi.org/02231/v2#"
CA_QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
QTST = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
WITHDRAWN = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"
FOR = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/For"
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


class Baseline(XAdESSigner):
    """As EN 319 132-1 has it: the reference to the signed properties says its canonical form, and no reference is to
    KeyInfo."""

    def _add_reference_to_signed_info(self, sig_root, node_to_reference, **attrs):
        if "Type" not in attrs:
            return
        super()._add_reference_to_signed_info(sig_root, node_to_reference, **attrs)
        reference = self._findall(self._find(sig_root, "SignedInfo"), "Reference")[-1]
        transforms = etree.Element(etree.QName(DS, "Transforms"))
        etree.SubElement(transforms, etree.QName(DS, "Transform"), Algorithm=self.c14n_alg.value)
        reference.insert(0, transforms)


def moment(year, month=1, day=1):
    return datetime.datetime(year, month, day, tzinfo=datetime.timezone.utc)


def certificate(name, key, issuer=None, issuer_key=None, ca=False, usage=None):
    """One certificate, of 2020 to 2040; `issuer` none for a root."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DEV ONLY"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(moment(2020)).not_valid_after(moment(2040))
               .add_extension(x509.BasicConstraints(ca, None), critical=True)
               .add_extension(x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False), critical=True))
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(found):
    return found.public_bytes(serialization.Encoding.PEM)


def text_of(found):
    return base64.encodebytes(found.public_bytes(serialization.Encoding.DER)).decode()


def element(parent, name, text=None, **attributes):
    made = etree.SubElement(parent, etree.QName(TSL, name), **attributes)
    made.text = text
    return made


def names(parent, name, text):
    element(element(parent, name), "Name", text, **{"{http://www.w3.org/XML/1998/namespace}lang": "es"})


def identity(parent, found):
    element(element(element(parent, "ServiceDigitalIdentity"), "DigitalId"), "X509Certificate", text_of(found))


def status(parent, kind, what, since, found=None, uses=()):
    element(parent, "ServiceTypeIdentifier", kind)
    names(parent, "ServiceName", "Servicio")
    if found is not None:
        identity(parent, found)
    element(parent, "ServiceStatus", what)
    element(parent, "StatusStartingTime", since)
    if uses:
        extensions = element(parent, "ServiceInformationExtensions")
        for use in uses:
            inside = element(element(extensions, "Extension", Critical="false"), "AdditionalServiceInformation")
            element(inside, "URI", FOR + use, **{"{http://www.w3.org/XML/1998/namespace}lang": "en"})


def unsigned(services, territory="CL", issued="2026-11-01T00:00:00Z", next_update="2027-04-30T00:00:00Z", pointers=(), id_=None):
    """`services`: (kind, certificate, [(status, since), …] the newest first, uses)."""
    root = etree.Element(etree.QName(TSL, "TrustServiceStatusList"), nsmap={None: TSL, "tslx": TSL + "x"},
                         TSLTag="http://uri.etsi.org/19612/TSLTag", **({"Id": id_} if id_ else {}))
    scheme = element(root, "SchemeInformation")
    element(scheme, "TSLVersionIdentifier", "6")
    element(scheme, "TSLSequenceNumber", "7")
    element(scheme, "TSLType", "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/CLlist")
    names(scheme, "SchemeOperatorName", "Entidad acreditadora, división «DEV ONLY» & Cía.")
    element(scheme, "SchemeTerritory", territory)
    if pointers:
        others = element(scheme, "PointersToOtherTSL")
        for location, who, where in pointers:
            pointer = element(others, "OtherTSLPointer")
            identity(element(pointer, "ServiceDigitalIdentities"), who)
            element(pointer, "TSLLocation", location)
            element(element(element(pointer, "AdditionalInformation"), "OtherInformation"), "SchemeTerritory", where)
    element(scheme, "ListIssueDateTime", issued)
    following = element(scheme, "NextUpdate")
    if next_update:
        element(following, "dateTime", next_update)
    if services:
        provider = element(element(root, "TrustServiceProviderList"), "TrustServiceProvider")
        names(element(provider, "TSPInformation"), "TSPName", "Prestador\r\n\t de servicios")
        all_services = element(provider, "TSPServices")
        for kind, found, history, uses in services:
            service = element(all_services, "TSPService")
            (what, since), *past = history
            status(element(service, "ServiceInformation"), kind, what, since, found, uses)
            if past:
                before = element(service, "ServiceHistory")
                for what, since in past:
                    status(element(before, "ServiceHistoryInstance"), kind, what, since, uses=uses)
    root.insert(1, etree.Comment(" comments are not signed "))
    return root


def signed(root, key, who, method=SignatureMethod.RSA_SHA256, digest=DigestAlgorithm.SHA256, xades=True, **others):
    """The list as bytes, signed as a whole; with `xades` the signature names its certificate."""
    maker = Baseline if xades else XMLSigner
    maker = maker(method=methods.enveloped, signature_algorithm=method, digest_algorithm=digest, c14n_algorithm=EXCLUSIVE, **others)
    made = maker.sign(root, key=key, cert=[who])
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8")


def pki():
    """An authority that lists vouch for, somebody whom it certified, and a unit that makes timestamps."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "leaf", "tsu")}
    ca = certificate("Autoridad", keys["ca"], ca=True)
    leaf = certificate("Ana", keys["leaf"], ca, keys["ca"])
    tsu = certificate("Sello de tiempo", keys["tsu"], ca, keys["ca"], usage=ExtendedKeyUsageOID.TIME_STAMPING)
    return ca, leaf, tsu


def main(folder):
    folder = pathlib.Path(folder)
    ca, leaf, tsu = pki()
    held = [
        (CA_QC, ca, [(WITHDRAWN, "2026-06-01T00:00:00Z"), (GRANTED, "2021-01-01T00:00:00Z")], ("eSignatures",)),
        (QTST, tsu, [(GRANTED, "2022-01-01T00:00:00Z")], ()),
    ]
    rsa_key, ec_key = rsa.generate_private_key(65537, 3072), ec.generate_private_key(ec.SECP384R1())
    weak_key = rsa.generate_private_key(65537, 2048)
    weak_who = certificate("Lista RSA 2048", weak_key)
    rsa_who, ec_who = certificate("Lista RSA", rsa_key), certificate("Lista P-384", ec_key)
    made = {
        "xades-rsa.xml": signed(unsigned(held), rsa_key, rsa_who),
        "plain-p384.xml": signed(unsigned(held), ec_key, ec_who, SignatureMethod.ECDSA_SHA512, DigestAlgorithm.SHA512, xades=False),
        "xades-pss.xml": signed(unsigned(held), rsa_key, rsa_who, SignatureMethod.SHA256_RSA_MGF1),
        "pointers.xml": signed(unsigned([], "EU", pointers=[("https://lista.example/cl.xml", ec_who, "CL")]), rsa_key, rsa_who),
        "web-only.xml": signed(unsigned([(CA_QC, ca, [(GRANTED, "2021-01-01T00:00:00Z")], ("WebSiteAuthentication",))]), rsa_key, rsa_who),
        "closed.xml": signed(unsigned(held, next_update=None), rsa_key, rsa_who),
        "by-identifier.xml": signed(unsigned(held, id_="lista"), rsa_key, rsa_who),
        "weak.xml": signed(unsigned([]), weak_key, weak_who), "signer-weak.pem": pem(weak_who),
        "ca.pem": pem(ca), "leaf.pem": pem(leaf), "tsu.pem": pem(tsu), "signer-rsa.pem": pem(rsa_who), "signer-p384.pem": pem(ec_who),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
