//! Hundreds of signatures, issuers of one name, and evidence, each of which costs a check.

use std::sync::OnceLock;

use keys_dev::hierarchy::KeyKind;
use ring::digest::{SHA256, digest};
use sdk_pki::Certificate;

use super::super::keys::{self, Kind};
use super::super::sample::Signer;
use super::super::verify::now;
use super::draft::Draft;
use super::families::{Family, SIZE, fill, references};
use super::forged::{self, renumbered};
use crate::browser::Trouble;

/// In the order in which a verifier meets what they abuse.
pub const FAMILIES: [Family; 19] = [
    ("signatures_one_after_the_other", real),
    ("signatures_under_a_crowd_of_issuers", || {
        crowd(&keys::named("P-384")?)
    }),
    ("signatures_under_a_crowd_of_p521", || {
        crowd(&keys::named("P-521")?)
    }),
    ("signatures_under_a_crowd_of_rsa8192", || {
        crowd(&keys::named(PORTABLE)?)
    }),
    ("signatures_under_a_crowd_of_rsa8192_with_long_exponents", || {
        crowd(&keys::named("RSA 8192, exponent as long as the modulus")?)
    }),
    ("signatures_under_a_crowd_of_rsa16384", || {
        crowd(&keys::named("RSA 16384")?)
    }),
    ("signatures_under_a_crowd_of_dsa3072", || {
        crowd(&keys::named("DSA 3072")?)
    }),
    ("stamps_by_p384", || stamped(&keys::named("P-384")?)),
    ("stamps_by_p521", || stamped(&keys::named("P-521")?)),
    ("stamps_by_rsa8192", || stamped(&keys::named(PORTABLE)?)),
    ("stamps_by_rsa16384", || stamped(&keys::named("RSA 16384")?)),
    ("stamps_by_dsa3072", || stamped(&keys::named("DSA 3072")?)),
    ("signatures_with_lists_that_nobody_signed", || {
        Issuer::p384()?.lists()
    }),
    ("lists_by_p521", || Issuer::p521()?.lists()),
    ("lists_by_rsa8192", || Issuer::rsa8192()?.lists()),
    ("signatures_with_responses_by_a_key_that_nobody_has", || {
        Issuer::p384()?.responses_by_nobody()
    }),
    ("responses_by_p384", || Issuer::p384()?.responses()),
    ("responses_by_p521", || Issuer::p521()?.responses()),
    ("responses_by_rsa8192", || Issuer::rsa8192()?.responses()),
];

/// Who is trusted: otherwise nobody would look for a path.
///
/// # Errors
/// When keys-dev cannot issue.
pub fn roots() -> Result<[(&'static str, Vec<u8>); 3], Trouble> {
    let own = signer()?.root.der().to_vec();
    let of = |pem: &str| pem.as_bytes().to_vec();
    Ok([
        ("root.der", own),
        ("p521.pem", of(P521_ROOT)),
        ("rsa8192.pem", of(RSA8192_ROOT)),
    ])
}

/// With authorities on P-384, which take the longest of what officials have.
fn signer() -> Result<&'static Signer, Trouble> {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    if let Some(signer) = SIGNER.get() {
        return Ok(signer);
    }
    let made = Signer::new(KeyKind::P384, now())?;
    Ok(SIGNER.get_or_init(|| made))
}

/// Every one is intact and covers its revision.
fn real() -> Result<Vec<u8>, Trouble> {
    let (signer, mut draft) = (signer()?, Draft::signed(""));
    draft.object(4, "<</Fields[]/SigFlags 3>>");
    draft.stream(12, "", &vec![b' '; SIZE / 2]);
    draft.save("");
    for one in 0..REVISIONS {
        let (field, value) = (one.saturating_add(1_000), one.saturating_add(2_000));
        draft.object(
            4,
            &format!(
                "<</Fields[{}]/SigFlags 3>>",
                references(1_000..field.saturating_add(1))
            ),
        );
        draft.object(
            field,
            &format!("<</FT/Sig/T(s{one})/V {value} 0 R/Rect[0 0 0 0]>>"),
        );
        let place = reserve(&mut draft, value, &vec![0; GAP / 2])?;
        draft.save("");
        let rest = draft.len().saturating_sub(place.behind);
        draft.replace(
            place.range,
            format!("{:010} {:010} {rest:010}", place.gap, place.behind).as_bytes(),
        );
        let parts = [
            draft.so_far().get(..place.gap),
            draft.so_far().get(place.behind..),
        ];
        let covered = parts.map(Option::unwrap_or_default).concat();
        let cms = signer.cms(digest(&SHA256, &covered).as_ref())?;
        draft.replace(
            place.gap.saturating_add(1),
            data_encoding::HEXLOWER.encode(&cms).as_bytes(),
        );
    }
    Ok(draft.into_bytes())
}

/// Each by an official of its own, who names an authority that a hundred certificates are made out to.
fn crowd(kind: &Kind) -> Result<Vec<u8>, Trouble> {
    let (signer, issuer) = (signer()?, keys::named("P-384")?);
    let authority = forged::with_key(signer.issuing(), kind, &issuer)?;
    let leaf = forged::signed_by(signer.leaf(), kind)?;
    let mut draft = Draft::signed(&format!(
        "/DSS<</Certs[{}]>>",
        references(100..CROWD.saturating_add(100))
    ));
    for place in 0..CROWD {
        draft.stream(place.saturating_add(100), "", &renumbered(&authority, place)?);
    }
    let p256 = keys::named("P-256")?;
    fill(signed(draft, |one| {
        let leaf = Certificate::from_der(&renumbered(&leaf, one)?)?;
        Ok(forged::signature(&leaf, &p256, &[]))
    })?)
}

/// Each by a key of this kind, and with time-stamps by one, all of them wrong.
fn stamped(kind: &Kind) -> Result<Vec<u8>, Trouble> {
    let (signer, issuer) = (signer()?, keys::named("P-384")?);
    let unit = forged::with_key(signer.issuing(), kind, &issuer)?;
    let mut draft = Draft::signed("/DSS<</Certs[9 0 R]>>");
    draft.stream(9, "", unit.der());
    let p256 = keys::named("P-256")?;
    fill(signed(draft, |one| {
        let stamps: Vec<Vec<u8>> = (0..STAMPS)
            .map(|stamp| {
                forged::stamp(
                    &p256,
                    &unit,
                    kind,
                    one.saturating_mul(STAMPS).saturating_add(stamp),
                )
            })
            .collect();
        Ok(forged::signature(signer.leaf(), &p256, &stamps))
    })?)
}

/// Who issues, an official whose path holds, and what the issuer's signatures look like.
struct Issuer {
    authority: Certificate,
    official: Certificate,
    kind: Kind,
}

impl Issuer {
    fn p384() -> Result<Self, Trouble> {
        let signer = signer()?;
        Ok(Self {
            authority: signer.issuing().clone(),
            official: signer.leaf().clone(),
            kind: keys::named("P-384")?,
        })
    }

    fn p521() -> Result<Self, Trouble> {
        Self::read(include_str!("data/p521-official.pem"), P521_ROOT, "P-521")
    }

    fn rsa8192() -> Result<Self, Trouble> {
        Self::read(
            include_str!("data/rsa8192-official.pem"),
            RSA8192_ROOT,
            "RSA 8192",
        )
    }

    fn read(official: &str, root: &str, kind: &str) -> Result<Self, Trouble> {
        let one = |pem: &str| -> Result<Certificate, Trouble> {
            Ok(Certificate::from_pem(pem)?.pop().ok_or("an empty PEM")?)
        };
        Ok(Self {
            authority: one(root)?,
            official: one(official)?,
            kind: keys::named(kind)?,
        })
    }

    fn lists(&self) -> Result<Vec<u8>, Trouble> {
        self.evidence("CRLs", |one| forged::list(&self.authority, &self.kind, one))
    }

    /// By the issuer itself.
    fn responses(&self) -> Result<Vec<u8>, Trouble> {
        self.responses_by(&forged::key_hash(&self.authority))
    }

    /// Each answers for the official; a verifier has to look for the responder's key among all certificates.
    fn responses_by_nobody(&self) -> Result<Vec<u8>, Trouble> {
        self.responses_by(&[0x5a; 20])
    }

    fn responses_by(&self, key: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.evidence("OCSPs", |one| {
            forged::response(&self.official, &self.authority, key, &self.kind, one)
        })
    }

    /// A thousand pieces of evidence and as many certificates, for signatures by an official whose path holds.
    fn evidence(&self, entry: &str, piece: impl Fn(usize) -> Vec<u8>) -> Result<Vec<u8>, Trouble> {
        let count = 990;
        let (certificates, pieces) = (
            references(10_000..10_000 + count),
            references(20_000..20_000 + count),
        );
        let mut draft = Draft::signed(&format!("/DSS<</Certs[{certificates} 9 0 R]/{entry}[{pieces}]>>"));
        draft.stream(9, "", self.authority.der());
        for one in 0..count {
            let other = renumbered(&self.official, one.saturating_add(1_000))?;
            draft.stream(10_000_usize.saturating_add(one), "", &other);
            draft.stream(20_000_usize.saturating_add(one), "", &piece(one));
        }
        let p256 = keys::named("P-256")?;
        fill(signed(draft, |_| {
            Ok(forged::signature(&self.official, &p256, &[]))
        })?)
    }
}

/// So many signatures, each over the file up to itself and a byte behind it.
fn signed(mut draft: Draft, cms: impl Fn(usize) -> Result<Vec<u8>, Trouble>) -> Result<Draft, Trouble> {
    draft.object(
        4,
        &format!("<</Fields[{}]>>", references(1_000..MOST.saturating_add(1_000))),
    );
    for one in 0..MOST {
        let (field, value) = (one.saturating_add(1_000), one.saturating_add(2_000));
        draft.object(
            field,
            &format!("<</FT/Sig/T(s{one})/V {value} 0 R/Rect[0 0 0 0]>>"),
        );
        let place = reserve(&mut draft, value, &cms(one)?)?;
        draft.replace(
            place.range,
            format!("{:010} {:010} {:010}", place.gap, place.behind, 1).as_bytes(),
        );
    }
    Ok(draft)
}

/// Where the parts of a signature's dictionary are.
struct Place {
    range: usize,
    gap: usize,
    behind: usize,
}

/// Writes a signature's dictionary with this value, its byte range still to be told.
fn reserve(draft: &mut Draft, number: usize, value: &[u8]) -> Result<Place, Trouble> {
    let head = "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 ";
    let value = data_encoding::HEXLOWER.encode(value);
    let start = draft.len();
    let zeros = "0".repeat(32);
    draft.object(number, &format!("{head}{zeros}]/Contents<{value}>>>"));
    let inside = draft.so_far().get(start..).unwrap_or_default();
    let found = inside
        .windows(head.len())
        .position(|window| window == head.as_bytes());
    let range = start
        .saturating_add(found.ok_or("no head")?)
        .saturating_add(head.len());
    let gap = range.saturating_add(32).saturating_add("]/Contents".len());
    Ok(Place {
        range,
        gap,
        behind: gap.saturating_add(value.len()).saturating_add(2),
    })
}

/// As many as sign the minutes of a large council.
const REVISIONS: usize = 100;
/// Below what a verifier reads at all.
const MOST: usize = 450;
/// Certificates of one name: as many as one path search tries.
const CROWD: usize = 99;
/// Digits of `/Contents`: what the certificates of P-384 authorities need.
const GAP: usize = 8192;
/// Time-stamps of each signature, so that the file keeps its size.
const STAMPS: usize = 3;
/// The slowest that is checked: in portable arithmetic.
const PORTABLE: &str = "RSA 8192, salt of its own, large exponent";
const P521_ROOT: &str = include_str!("data/p521-root.pem");
const RSA8192_ROOT: &str = include_str!("data/rsa8192-root.pem");
