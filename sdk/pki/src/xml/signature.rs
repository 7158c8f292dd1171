//! One shape of XML signature: enveloped in the document that it covers as a whole, in exclusive canonical form
//! (TS 119 612 annex B; XMLDSIG 1.1; XAdES, EN 319 132-1). Every other shape is refused, and with it every way to
//! let a signature speak of something else than what is read.

use data_encoding::BASE64;

use super::{Context, Node, Tree, XmlError, canonical};
use crate::Time;
use crate::algorithm::{SignatureAlgorithm, SignatureError};
use crate::certificate::Certificate;
use crate::der;
use crate::digest::{Digest, DigestAlgorithm, Hasher};
use crate::key::{Curve, KeyKind};
use crate::strength::{AlgorithmPolicy, Weakness};

/// A document of which every byte but the signature itself is signed. Made by [`verify`] alone.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'t, 'x> {
    root: Node<'t, 'x>,
    /// The signature was made by the first of the certificates given that fits: its place among them.
    pub signer: usize,
}

impl<'t, 'x> Signed<'t, 'x> {
    /// The outermost element.
    pub fn root(self) -> Node<'t, 'x> {
        self.root
    }
}

/// Why a document is not signed by one of those whom the caller named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlSignatureError {
    /// Another shape than the one accepted.
    #[error("its signature has another form than TS 119 612 requires: {0}")]
    Form(&'static str),
    /// What is signed is not what is there.
    #[error("it was changed after it was signed")]
    Changed,
    /// None of the keys given made the signature.
    #[error("none of the certificates given made its signature")]
    Signer,
    /// The signature names another certificate.
    #[error("its signature names another certificate than the one that made it")]
    Certificate,
    /// Too weak at the time asked about.
    #[error("its signature is too weak: {0}")]
    Weak(Weakness),
    /// Cannot be written canonically.
    #[error("{0}")]
    Xml(#[from] XmlError),
}

type Answer<T> = Result<T, XmlSignatureError>;

/// Is this document signed as a whole by one of `signers`? Certificates inside it are not asked.
pub(crate) fn verify<'t, 'x>(
    tree: &'t Tree<'x>,
    signers: &[Certificate],
    policy: &AlgorithmPolicy,
    at: Time,
) -> Answer<Signed<'t, 'x>> {
    let signature = one_signature(tree)?;
    let parts = parts(signature)?;
    identifiers_are_unique(tree)?;
    let whole = whole_document(tree, parts.about_document)?;
    let properties = parts
        .about_properties
        .map(|reference| signed_properties(signature, reference))
        .transpose()?;
    let algorithm = algorithm(parts.signature_method)?;
    let signer = signer(&parts, algorithm, signers)?;
    if let Some(certificate) = signers.get(signer) {
        policy
            .signature(algorithm, certificate.public_key(), at)
            .map_err(XmlSignatureError::Weak)?;
        if let Some((properties, _)) = &properties {
            names(*properties, certificate)?;
        }
    }
    if digest_of(tree.root(), Some(signature), whole.algorithm())? != whole {
        return Err(XmlSignatureError::Changed);
    }
    if let Some((properties, expected)) = properties
        && digest_of(properties, None, expected.algorithm())? != expected
    {
        return Err(XmlSignatureError::Changed);
    }
    Ok(Signed {
        root: tree.root(),
        signer,
    })
}

/// TS 119 612 §5.7.1: one, enveloped. A second one anywhere could be taken for it.
fn one_signature<'t, 'x>(tree: &'t Tree<'x>) -> Answer<Node<'t, 'x>> {
    let mut all = tree.all().filter(|node| node.is(DS, "Signature"));
    let one = all.next().ok_or(form("there is none"))?;
    if all.next().is_some() {
        return Err(form("there are several"));
    }
    if one.parent() != Some(tree.root()) {
        return Err(form("it does not lie in the outermost element"));
    }
    Ok(one)
}

/// XMLDSIG §4.4.3.2: what an identifier names must have one answer.
fn identifiers_are_unique(tree: &Tree<'_>) -> Answer<()> {
    let mut all: Vec<&str> = tree.all().flat_map(Node::identifiers).collect();
    all.sort_unstable();
    if all.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(form("an identifier comes twice"));
    }
    Ok(())
}

struct Parts<'t, 'x> {
    signed_info: Node<'t, 'x>,
    signature_method: Node<'t, 'x>,
    about_document: Node<'t, 'x>,
    about_properties: Option<Node<'t, 'x>>,
    value: Vec<u8>,
}

/// XMLDSIG §4.1, in its order, and nothing beside.
fn parts<'t, 'x>(signature: Node<'t, 'x>) -> Answer<Parts<'t, 'x>> {
    let wrong = form("its parts");
    let mut children = signature.children();
    let signed_info = expect(children.next(), "SignedInfo")?;
    let value = expect(children.next(), "SignatureValue")?;
    let mut rest = children.peekable();
    let _ = rest.next_if(|node| node.is(DS, "KeyInfo"));
    if !signature.holds_elements_only()
        || !signed_info.holds_elements_only()
        || !rest.all(|n| n.is(DS, "Object"))
    {
        return Err(wrong);
    }
    let mut children = signed_info.children();
    let method = expect(children.next(), "CanonicalizationMethod")?;
    if method.attribute("Algorithm") != Some(EXCLUSIVE) || method.children().next().is_some() {
        return Err(form("the canonicalisation"));
    }
    let signature_method = expect(children.next(), "SignatureMethod")?;
    let (mut about_document, mut about_properties) = (None, None);
    for reference in children {
        let place = match reference.attribute("Type") {
            _ if !reference.is(DS, "Reference") => return Err(wrong),
            Some(SIGNED_PROPERTIES) => &mut about_properties,
            Some(_) => return Err(form("a reference of another type")),
            None => &mut about_document,
        };
        if place.replace(reference).is_some() {
            return Err(form("there are several references"));
        }
    }
    Ok(Parts {
        signed_info,
        signature_method,
        about_document: about_document.ok_or(form("nothing refers to the document"))?,
        about_properties,
        value: base64(value)?,
    })
}

fn expect<'t, 'x>(node: Option<Node<'t, 'x>>, local: &str) -> Answer<Node<'t, 'x>> {
    node.filter(|node| node.is(DS, local)).ok_or(form("its parts"))
}

/// TS 119 612 annex B: the empty URI, or what means the same, the identifier of the outermost element; enveloped
/// signature, then exclusive canonical form.
fn whole_document(tree: &Tree<'_>, reference: Node<'_, '_>) -> Answer<Digest> {
    let uri = reference.attribute("URI");
    let named = uri
        .and_then(|uri| uri.strip_prefix('#'))
        .filter(|id| !id.is_empty());
    if uri != Some("") && (named.is_none() || tree.root().attribute("Id") != named) {
        return Err(form("it refers to something else than the whole document"));
    }
    digest(reference, &[ENVELOPED, EXCLUSIVE])
}

/// EN 319 132-1 §4.4.2: the properties that lie in this signature, and no others.
fn signed_properties<'t, 'x>(
    signature: Node<'t, 'x>,
    reference: Node<'t, 'x>,
) -> Answer<(Node<'t, 'x>, Digest)> {
    let wrong = form("its signed properties");
    let uri = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    let mut found = signature
        .named(DS, "Object")
        .flat_map(|object| object.named(XADES, "QualifyingProperties"));
    let (Some(qualifying), None) = (found.next(), found.next()) else {
        return Err(wrong);
    };
    let properties = qualifying.only(XADES, "SignedProperties").ok_or(wrong.clone())?;
    let target = qualifying.attribute("Target").and_then(|t| t.strip_prefix('#'));
    let is_ours = target.is_some() && target == signature.attribute("Id");
    if uri.is_none_or(str::is_empty) || properties.attribute("Id") != uri || !is_ours {
        return Err(wrong);
    }
    Ok((properties, digest(reference, &[EXCLUSIVE])?))
}

/// XMLDSIG §4.4.3: exactly these transforms, then a digest.
fn digest(reference: Node<'_, '_>, transforms: &[&str]) -> Answer<Digest> {
    let mut children = reference.children();
    let steps = expect(children.next(), "Transforms")?;
    let method = expect(children.next(), "DigestMethod")?;
    let value = expect(children.next(), "DigestValue")?;
    let plain = |node: Node<'_, '_>| node.children().next().is_none();
    let as_required = steps
        .children()
        .map(|step| {
            step.attribute("Algorithm")
                .filter(|_| step.is(DS, "Transform") && plain(step))
        })
        .eq(transforms.iter().map(|name| Some(*name)));
    if !as_required || children.next().is_some() {
        return Err(form("the transforms of a reference"));
    }
    read_digest(method, value)
}

fn read_digest(method: Node<'_, '_>, value: Node<'_, '_>) -> Answer<Digest> {
    let algorithm = match method.attribute("Algorithm") {
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => DigestAlgorithm::Sha256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => DigestAlgorithm::Sha384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => DigestAlgorithm::Sha512,
        _ => return Err(form("a digest that is not checked here")),
    };
    Digest::new(algorithm, &base64(value)?).ok_or(form("a digest of another length"))
}

/// RFC 9231 §2.3. SHA-1 is refused with everything else that is not listed.
fn algorithm(method: Node<'_, '_>) -> Answer<SignatureAlgorithm> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let pss = |digest: DigestAlgorithm| SignatureAlgorithm::RsaPss {
        digest,
        salt: digest.octets(),
    };
    let name = method
        .attribute("Algorithm")
        .filter(|_| method.children().next().is_none());
    Ok(match name {
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256") => SignatureAlgorithm::RsaPkcs1(Sha256),
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384") => SignatureAlgorithm::RsaPkcs1(Sha384),
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512") => SignatureAlgorithm::RsaPkcs1(Sha512),
        Some("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1") => pss(Sha256),
        Some("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1") => pss(Sha384),
        Some("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1") => pss(Sha512),
        Some("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256") => SignatureAlgorithm::Ecdsa(Sha256),
        Some("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384") => SignatureAlgorithm::Ecdsa(Sha384),
        Some("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512") => SignatureAlgorithm::Ecdsa(Sha512),
        _ => return Err(form("a signature algorithm that is not checked here")),
    })
}

/// Which of the certificates given made the signature over SignedInfo.
fn signer(parts: &Parts<'_, '_>, algorithm: SignatureAlgorithm, signers: &[Certificate]) -> Answer<usize> {
    let mut octets = Vec::new();
    let context = Context {
        apex: parts.signed_info,
        without: None,
    };
    canonical(context, &mut |bytes| octets.extend_from_slice(bytes))?;
    let made = |certificate: &Certificate| -> Result<(), SignatureError> {
        let key = certificate.public_key();
        match (algorithm, key.kind()) {
            (SignatureAlgorithm::Ecdsa(_), KeyKind::Ec(curve)) => {
                let value = ecdsa_value(*curve, &parts.value).ok_or(SignatureError::Invalid)?;
                algorithm.verify(key, &octets, &value)
            }
            _ => algorithm.verify(key, &octets, &parts.value),
        }
    };
    signers
        .iter()
        .take(MAX_SIGNERS)
        .position(|certificate| made(certificate).is_ok())
        .ok_or(XmlSignatureError::Signer)
}

/// RFC 9231 §2.3.6: two numbers of the length of the curve's order, instead of DER.
fn ecdsa_value(curve: Curve, value: &[u8]) -> Option<Vec<u8>> {
    let length: usize = match curve {
        Curve::P256 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    };
    let (r, s) = value
        .split_at_checked(length)
        .filter(|(_, s)| s.len() == length)?;
    let integer = |number: &[u8]| {
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
        let digits = number.get(start..).unwrap_or_default();
        let sign: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) {
            &[0]
        } else {
            &[]
        };
        der::encode(der::INTEGER, &[sign, digits].concat())
    };
    Some(der::encode(der::SEQUENCE, &[integer(r), integer(s)].concat()))
}

/// EN 319 132-1 §5.2.2: the first certificate named is the signer's.
fn names(properties: Node<'_, '_>, certificate: &Certificate) -> Answer<()> {
    let wrong = form("its signed properties");
    let signature = properties
        .only(XADES, "SignedSignatureProperties")
        .ok_or(wrong.clone())?;
    let named = ["SigningCertificateV2", "SigningCertificate"].map(|name| signature.only(XADES, name));
    let named = match named {
        [Some(one), None] | [None, Some(one)] => one,
        _ => return Err(wrong),
    };
    let first = named
        .named(XADES, "Cert")
        .next()
        .and_then(|cert| cert.only(XADES, "CertDigest"))
        .ok_or(wrong.clone())?;
    let (Some(method), Some(value)) = (first.only(DS, "DigestMethod"), first.only(DS, "DigestValue")) else {
        return Err(wrong);
    };
    let expected = read_digest(method, value)?;
    if expected.algorithm().of(certificate.der()) == expected {
        Ok(())
    } else {
        Err(XmlSignatureError::Certificate)
    }
}

fn digest_of(
    apex: Node<'_, '_>,
    without: Option<Node<'_, '_>>,
    algorithm: DigestAlgorithm,
) -> Answer<Digest> {
    let mut hasher = Hasher::new(algorithm);
    canonical(Context { apex, without }, &mut |bytes| hasher.update(bytes))?;
    Ok(hasher.finish())
}

/// xsd:base64Binary.
pub(crate) fn base64(node: Node<'_, '_>) -> Answer<Vec<u8>> {
    let text = node.text().ok_or(form("base64 with elements in it"))?;
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(&digits).map_err(|_| form("what is no base64"))
}

const fn form(what: &'static str) -> XmlSignatureError {
    XmlSignatureError::Form(what)
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The list of lists names two to four for each country; more is a mistake, and each costs a check.
const MAX_SIGNERS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_signature_are_written_as_der_writes_them() {
        let mut value = [0_u8; 64];
        value[0] = 0x80;
        value[63] = 1;
        let encoded = ecdsa_value(Curve::P256, &value).unwrap();
        let r = [&[2, 33, 0, 0x80][..], &[0; 31]].concat();
        assert_eq!(
            encoded,
            der::encode(der::SEQUENCE, &[&r[..], &[2, 1, 1]].concat())
        );
        assert!(ecdsa_value(Curve::P256, &[0; 64]).is_some());
        assert!(ecdsa_value(Curve::P256, &[1; 63]).is_none() && ecdsa_value(Curve::P384, &value).is_none());
    }
}
