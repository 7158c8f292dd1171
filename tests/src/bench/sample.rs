//! A document to measure with: pages of text, signed PAdES B-B with a chain of three certificates.

use std::fmt::Write as _;

use keys_dev::hierarchy::{Entry, Hierarchy, KeyKind, Subject};
use keys_dev::issue;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, DigestAlgorithm, Hasher, Time, oid};

use crate::browser::Trouble;

/// An official, and the authorities above.
pub struct Signer {
    key: EcdsaKeyPair,
    leaf: Certificate,
    issuing: Certificate,
    /// Whom the verifier trusts.
    pub root: Certificate,
}

impl Signer {
    /// By the profiles of the development PKI; both authorities have keys of this kind.
    ///
    /// # Errors
    /// When keys-dev cannot issue.
    pub fn new(authorities: KeyKind, now: Time) -> Result<Self, Trouble> {
        let mut data = Hierarchy::shipped()?;
        data.certificate
            .retain(|entry| ["root", "issuing"].contains(&entry.name.as_str()));
        for authority in &mut data.certificate {
            authority.key = authorities;
        }
        data.certificate.push(Entry {
            name: "official".into(),
            profile: "official".into(),
            issuer: "issuing".into(),
            key: KeyKind::P256,
            subject: Subject {
                common_name: "María Muñoz del Río".into(),
                organization: "Municipalidad de Temuco".into(),
                ..Subject::default()
            },
            names: Vec::new(),
            from_day: None,
            until_day: None,
            revoked: None,
        });
        let chance = SystemRandom::new();
        let issued = issue::hierarchy(&data, now, &chance)?;
        let certificate = |name: &str| -> Result<Certificate, Trouble> {
            let pem = issued.certificates.get(name).ok_or("not issued")?;
            Ok(Certificate::from_pem(pem)?.pop().ok_or("an empty PEM")?)
        };
        let pem = issued.keys.get("official").ok_or("no key")?;
        let base64: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
        let pkcs8 = data_encoding::BASE64.decode(base64.as_bytes())?;
        Ok(Self {
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &chance)?,
            leaf: certificate("official")?,
            issuing: certificate("issuing")?,
            root: certificate("root")?,
        })
    }

    /// The official's certificate.
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The authority that issued it.
    pub fn issuing(&self) -> &Certificate {
        &self.issuing
    }

    /// The official's signature (ECDSA P-256 with SHA-256) over this, in DER.
    ///
    /// # Errors
    /// When `ring` does not sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Trouble> {
        let signed = self.key.sign(&SystemRandom::new(), message);
        Ok(signed.map_err(|_| "ring did not sign")?.as_ref().to_vec())
    }

    /// A signed document of about this many bytes, made piece by piece: none of it is kept.
    ///
    /// # Errors
    /// What `write` says.
    pub fn document(
        &self,
        bytes: u64,
        write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        let mut out = Out {
            position: 0,
            places: Vec::new(),
            hasher: Hasher::new(DigestAlgorithm::Sha256),
            write,
        };
        out.put(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        let pages = (bytes / PAGE_BYTES).clamp(1, MOST_PAGES);
        let framing = pages.saturating_mul(PAGE_FRAMING).saturating_add(FRAMING);
        let each = bytes.saturating_sub(framing).checked_div(pages).unwrap_or(bytes);
        out.object(
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>",
        )?;
        let kids = (0..pages).fold(String::new(), |mut kids, page| {
            let _ = write!(kids, "{} 0 R ", page.saturating_mul(2).saturating_add(10));
            kids
        });
        out.object(2, &format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>"))?;
        out.object(3, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")?;
        out.object(
            4,
            "<</FT/Sig/T(Firma)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 10 0 R/V 5 0 R>>",
        )?;
        for page in 0..pages {
            let number = page.saturating_mul(2).saturating_add(10);
            let annotations = if page == 0 { "/Annots[4 0 R]" } else { "" };
            let content = number.saturating_add(1);
            out.object(
                number,
                &format!(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {content} 0 R{annotations}>>"
                ),
            )?;
            out.content(content, each)?;
        }
        let size = pages.saturating_mul(2).saturating_add(10);
        self.finish(&mut out, size)
    }

    /// The signature's object, with everything behind it made first, since it is signed too.
    fn finish(&self, out: &mut Out<'_>, size: u64) -> Result<(), Trouble> {
        out.places.push((5, out.position));
        let head = "5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 ";
        // Ten digits each: the length of what stands before the gap is known before the numbers are.
        let gap = out
            .position
            .saturating_add(length(head))
            .saturating_add(3 * 11)
            .saturating_add(11);
        let behind_gap = gap.saturating_add(GAP).saturating_add(2);
        let object_end = ">>\nendobj\n";
        let table_at = behind_gap.saturating_add(length(object_end));
        let mut tail = format!("{object_end}{}", table(&mut out.places, size));
        let _ = write!(
            tail,
            "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table_at}\n%%EOF\n"
        );
        let rest = length(&tail);
        out.put(format!("{head}{gap:010} {behind_gap:010} {rest:010} ]/Contents ").as_bytes())?;
        let mut hasher = out.hasher.clone();
        hasher.update(tail.as_bytes());
        let cms = data_encoding::HEXLOWER.encode(&self.cms(hasher.finish().bytes())?);
        let width = usize::try_from(GAP)?;
        out.put(format!("<{cms:0<width$}>").as_bytes())?;
        out.put(tail.as_bytes())
    }

    /// A detached signature over a digest, with the attributes that EN 319 142-1 §6.3 asks of B-B.
    ///
    /// # Errors
    /// When `ring` does not sign.
    pub fn cms(&self, digest: &[u8]) -> Result<Vec<u8>, Trouble> {
        let sequence = |parts: &[&[u8]]| encode(der::SEQUENCE, &parts.concat());
        let algorithm = |oid: &[u8]| sequence(&[&encode(der::OID, oid)]);
        let attribute =
            |oid: &[u8], value: &[u8]| sequence(&[&encode(der::OID, oid), &encode(der::SET, value)]);
        let hash = self.leaf.fingerprint(DigestAlgorithm::Sha256);
        let named = sequence(&[&sequence(&[&sequence(&[&encode(
            der::OCTET_STRING,
            hash.bytes(),
        )])])]);
        let mut attributes = [
            attribute(oid::CONTENT_TYPE, &encode(der::OID, oid::CMS_DATA)),
            attribute(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, digest)),
            attribute(oid::SIGNING_CERTIFICATE_V2, &named),
        ];
        attributes.sort();
        let attributes = attributes.concat();
        let value = self.sign(&encode(der::SET, &attributes))?;
        let signer = sequence(&[
            &encode(der::INTEGER, &[1]),
            &sequence(&[
                self.leaf.issuer().der(),
                &encode(der::INTEGER, self.leaf.serial()),
            ]),
            &algorithm(oid::SHA256),
            &encode(der::context(0), &attributes),
            &algorithm(oid::ECDSA_WITH_SHA256),
            &encode(der::OCTET_STRING, &value),
        ]);
        let data = sequence(&[
            &encode(der::INTEGER, &[1]),
            &encode(der::SET, &algorithm(oid::SHA256)),
            &sequence(&[&encode(der::OID, oid::CMS_DATA)]),
            &encode(der::context(0), &[self.leaf.der(), self.issuing.der()].concat()),
            &encode(der::SET, &signer),
        ]);
        Ok(sequence(&[
            &encode(der::OID, oid::CMS_SIGNED_DATA),
            &encode(der::context(0), &data),
        ]))
    }
}

/// Where the document goes, digested on the way.
struct Out<'a> {
    position: u64,
    places: Vec<(u64, u64)>,
    hasher: Hasher,
    write: &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>,
}

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        (self.write)(bytes)?;
        self.hasher.update(bytes);
        self.position = self.position.saturating_add(u64::try_from(bytes.len())?);
        Ok(())
    }

    fn object(&mut self, number: u64, body: &str) -> Result<(), Trouble> {
        self.places.push((number, self.position));
        self.put(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes())
    }

    /// A page's text.
    fn content(&mut self, number: u64, bytes: u64) -> Result<(), Trouble> {
        self.places.push((number, self.position));
        self.put(format!("{number} 0 obj\n<</Length {bytes}>>\nstream\n").as_bytes())?;
        let text = "BT /F1 9 Tf 40 800 Td (El municipio certifica lo que consta en sus libros.) Tj ET\n"
            .repeat(1024);
        let mut left = usize::try_from(bytes)?;
        while left > 0 {
            let piece = text.as_bytes().get(..left).unwrap_or(text.as_bytes());
            self.put(piece)?;
            left = left.saturating_sub(piece.len());
        }
        self.put(b"\nendstream\nendobj\n")
    }
}

/// ISO 32000-2 §7.5.4: one section from 0, what is not there free.
fn table(places: &mut [(u64, u64)], size: u64) -> String {
    places.sort_unstable();
    let mut text = format!("xref\n0 {size}\n0000000000 65535 f \n");
    let mut places = places.iter().peekable();
    for number in 1..size {
        let line = match places.next_if(|(at, _)| *at == number) {
            Some((_, offset)) => format!("{offset:010} 00000 n \n"),
            None => "0000000000 00001 f \n".to_owned(),
        };
        text.push_str(&line);
    }
    text
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

/// Digits of `/Contents`: what the certificates of P-384 authorities need.
const GAP: u64 = 8192;
/// A page of text and pictures.
const PAGE_BYTES: u64 = 4_500;
/// Around a page's text: two objects, their entries, a reference.
const PAGE_FRAMING: u64 = 204;
/// What is there once: the gap for the signature, and the objects and entries beside the pages'.
const FRAMING: u64 = GAP + 900;
/// Beyond this, pages get larger instead.
const MOST_PAGES: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is refused early would give beautiful figures.
    #[test]
    fn what_is_measured_is_a_valid_document() {
        let now = time::macros::datetime!(2026-11-21 12:00 UTC);
        let signer = Signer::new(KeyKind::P256, now).unwrap();
        let mut file = Vec::new();
        signer
            .document(100_000, &mut |bytes| {
                file.extend_from_slice(bytes);
                Ok(())
            })
            .unwrap();
        assert!(
            (99_000..101_000).contains(&file.len()),
            "the size is not what was asked for: {}",
            file.len()
        );
        let options = sdk_document::Options::new([signer.root].into_iter().collect(), now);
        let report = sdk_document::verify(sdk_document::Bytes::new(file), &options);
        assert_eq!(report.verdict, sdk_document::Verdict::Valid, "{report:#?}");
        assert_eq!(report.signatures[0].level, "PAdES-B-B");
        assert_eq!(report.file.pages, Some(22));
    }
}
