//! Certificate revocation lists (RFC 5280 §5): complete, delta and indirect.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::Time;
use crate::algorithm::{AlgorithmIdentifier, SignatureAlgorithm, SignatureError};
use crate::budget::Kept;
use crate::der::{self, DerError, Reader, Rules, Tlv};
use crate::extensions::{
    AuthorityKeyId, RawExtension, authority_key_id, distribution_point_name, raw_extensions,
};
use crate::general_name::GeneralName;
use crate::key::{KeyKind, PublicKey};
use crate::name::Name;
use crate::oid;
use crate::revocation::RevocationReason;

/// A revocation list, kept as received; its entries are read when one is looked for. Cheap to
/// clone. Reading it says nothing about believing it.
#[derive(Clone)]
pub struct Crl(Arc<Contents>);

struct Contents {
    der: Box<[u8]>,
    tbs: Range<usize>,
    entries: Range<usize>,
    signature_algorithm: AlgorithmIdentifier,
    signature: Box<[u8]>,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    extensions: CrlExtensions,
    /// The key whose signature this was found to be, whole: a national list is digested once, not for each document.
    signed_by: OnceLock<Box<[u8]>>,
}

#[derive(Default)]
pub(crate) struct CrlExtensions {
    /// §5.2.3, the contents of the INTEGER.
    pub number: Option<Vec<u8>>,
    /// §5.2.4: this is a delta to the list with this number.
    pub delta_base: Option<Vec<u8>>,
    /// §5.2.5.
    pub scope: Option<Scope>,
    pub authority_key_id: Option<AuthorityKeyId>,
    /// X.509 §9.5.2.8: certificates that expired since then are still listed.
    pub expired_since: Option<Time>,
    /// A critical extension that is not understood: the list cannot be used (§5.2).
    pub unknown_critical: bool,
}

/// IssuingDistributionPoint (§5.2.5): which certificates a list is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub names: Vec<GeneralName>,
    pub only_users: bool,
    pub only_authorities: bool,
    pub only_attributes: bool,
    pub only_reasons: Option<u16>,
    pub indirect: bool,
}

/// One revoked certificate (§5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlEntry {
    /// Since when.
    pub revoked_at: Time,
    /// Why.
    pub reason: RevocationReason,
    /// §5.3.2: since when the key is not to be believed, if earlier.
    pub invalidity_date: Option<Time>,
}

impl CrlEntry {
    /// Since when signatures are not to be believed: the earlier of both dates (§5.3.2).
    pub fn effective(&self) -> Time {
        self.invalidity_date
            .map_or(self.revoked_at, |invalid| invalid.min(self.revoked_at))
    }
}

impl Crl {
    /// National lists of revoked certificates reach tens of megabytes.
    pub const MAX_OCTETS: usize = 64 * 1024 * 1024;

    /// Reads one list in DER, without a byte too many.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerError> {
        if bytes.len() > Self::MAX_OCTETS {
            return Err(DerError::Length);
        }
        let mut outer = der::whole(bytes, der::SEQUENCE)?.reader()?;
        let tbs = outer.expect(der::SEQUENCE)?;
        let signature_algorithm = AlgorithmIdentifier::parse(&outer.expect(der::SEQUENCE)?)?;
        let signature = outer.expect(der::BIT_STRING)?.bit_octets()?;
        outer.finish()?;

        let mut inner = tbs.reader()?;
        let version = inner.optional(der::INTEGER)?.map_or(Ok(0), |tlv| tlv.small())?;
        let inner_algorithm = AlgorithmIdentifier::parse(&inner.expect(der::SEQUENCE)?)?;
        let issuer = Name::parse(&inner.expect(der::SEQUENCE)?)?;
        let this_update = inner.read()?.time()?;
        let next_update = match inner.peek() {
            Some(der::UTC_TIME | der::GENERALIZED_TIME) => Some(inner.read()?.time()?),
            _ => None,
        };
        let entries = inner.optional(der::SEQUENCE)?;
        let extensions = inner.optional(der::context(0))?;
        inner.finish()?;
        if signature_algorithm != inner_algorithm {
            return Err(DerError::Value(
                "the list names two different signature algorithms",
            ));
        }
        if version > 1 || (version == 0 && extensions.is_some()) {
            return Err(DerError::Value("the list's version does not fit its contents"));
        }
        let extensions = match extensions {
            Some(tlv) => CrlExtensions::read(&tlv.inner(der::SEQUENCE)?, &issuer)?,
            None => CrlExtensions::default(),
        };
        Ok(Self(Arc::new(Contents {
            der: bytes.into(),
            tbs: tbs.span(),
            entries: entries.map_or(0..0, |tlv| tlv.span()),
            signature_algorithm,
            signature: signature.into(),
            issuer,
            this_update,
            next_update,
            extensions,
            signed_by: OnceLock::new(),
        })))
    }

    /// The list as received.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// When it was made.
    pub fn this_update(&self) -> Time {
        self.0.this_update
    }

    /// By when the next one is due.
    pub fn next_update(&self) -> Option<Time> {
        self.0.next_update
    }

    /// With which algorithm it is signed.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.0.signature_algorithm
    }

    /// Did the holder of this key sign it? A yes is remembered for this key and these bytes: no later question changes
    /// it.
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<(), SignatureError> {
        // What a DSA key verifies may depend on parameters that are not among its bytes (RFC 5280 §6.1.4 e).
        let whole = !matches!(key.kind(), KeyKind::Dsa { .. });
        if whole && self.0.signed_by.get().is_some_and(|known| **known == *key.der()) {
            return Ok(());
        }
        let tbs = self.0.der.get(self.0.tbs.clone()).unwrap_or_default();
        let algorithm = SignatureAlgorithm::from_identifier(&self.0.signature_algorithm)?;
        algorithm.verify(key, tbs, &self.0.signature)?;
        if whole {
            // The first key stays: another one that fits as well is only asked again.
            let _ = self.0.signed_by.set(key.der().into());
        }
        Ok(())
    }

    /// The entry for a certificate, if the list has one. Time is linear in the list.
    ///
    /// # Errors
    /// The entries are malformed, or one has a critical extension that is not understood: then
    /// the list says nothing about any certificate (§5.3).
    pub fn entry(&self, issuer: &Name, serial: &[u8]) -> Result<Option<CrlEntry>, DerError> {
        let mut found = None;
        // §5.3.3: an indirect list names the issuer at the first of its entries.
        let mut current = self.0.issuer.clone();
        let bytes = self.0.der.get(self.0.entries.clone()).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut reader = der::whole(bytes, der::SEQUENCE)?.reader()?;
        while !reader.is_empty() {
            let entry = Entry::read(&reader.expect(der::SEQUENCE)?)?;
            if let Some(name) = entry.issuer {
                current = name;
            }
            if entry.serial == serial && current == *issuer {
                found = Some(entry.entry);
            }
        }
        Ok(found)
    }

    /// How many octets its entries take.
    pub(crate) fn entry_octets(&self) -> usize {
        self.0.entries.len()
    }

    pub(crate) fn extensions(&self) -> &CrlExtensions {
        &self.0.extensions
    }
}

struct Entry<'a> {
    serial: &'a [u8],
    issuer: Option<Name>,
    entry: CrlEntry,
}

impl<'a> Entry<'a> {
    fn read(tlv: &Tlv<'a>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let serial = reader.expect(der::INTEGER)?.integer()?;
        let revoked_at = reader.read()?.time()?;
        let extensions = reader.optional(der::SEQUENCE)?;
        reader.finish()?;
        let mut entry = CrlEntry {
            revoked_at,
            reason: RevocationReason::Unspecified,
            invalidity_date: None,
        };
        let mut issuer = None;
        for extension in extensions.map_or(Ok(Vec::new()), |tlv| raw_extensions(&tlv))? {
            match extension.oid.contents() {
                oid::CRL_REASON => {
                    entry.reason = RevocationReason::parse(&der::whole(extension.value, der::ENUMERATED)?)?
                }
                oid::INVALIDITY_DATE => {
                    let mut reader = Reader::new(extension.value, Rules::Der);
                    entry.invalidity_date = Some(reader.expect(der::GENERALIZED_TIME)?.time()?);
                }
                oid::CERTIFICATE_ISSUER => issuer = Some(certificate_issuer(&extension)?),
                _ if extension.critical => {
                    return Err(DerError::Value("an entry's critical extension is unknown"));
                }
                _ => {}
            }
        }
        Ok(Self {
            serial,
            issuer,
            entry,
        })
    }
}

fn certificate_issuer(extension: &RawExtension<'_>) -> Result<Name, DerError> {
    let names = GeneralName::parse_all(&der::whole(extension.value, der::SEQUENCE)?)?;
    let directory = names.into_iter().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    directory.ok_or(DerError::Value("an entry's issuer is not a distinguished name"))
}

impl CrlExtensions {
    fn read(list: &Tlv<'_>, issuer: &Name) -> Result<Self, DerError> {
        let mut all = Self::default();
        for extension in raw_extensions(list)? {
            let value = extension.value;
            match extension.oid.contents() {
                oid::CRL_NUMBER => all.number = Some(der::whole(value, der::INTEGER)?.integer()?.to_vec()),
                oid::DELTA_CRL_INDICATOR => {
                    all.delta_base = Some(der::whole(value, der::INTEGER)?.integer()?.to_vec());
                }
                oid::ISSUING_DISTRIBUTION_POINT => all.scope = Some(scope(value, issuer)?),
                oid::AUTHORITY_KEY_IDENTIFIER => all.authority_key_id = Some(authority_key_id(value)?),
                oid::EXPIRED_CERTS_ON_CRL => {
                    all.expired_since = Some(der::whole(value, der::GENERALIZED_TIME)?.time()?);
                }
                oid::FRESHEST_CRL | oid::ISSUER_ALT_NAME | oid::AUTHORITY_INFO_ACCESS => {}
                _ => all.unknown_critical |= extension.critical,
            }
        }
        Ok(all)
    }
}

fn scope(value: &[u8], issuer: &Name) -> Result<Scope, DerError> {
    let mut reader = der::whole(value, der::SEQUENCE)?.reader()?;
    let names = match reader.optional(der::context(0))? {
        Some(tlv) => distribution_point_name(&tlv, issuer)?,
        None => Vec::new(),
    };
    let mut flag = |number| {
        reader
            .optional(der::context_primitive(number))?
            .map_or(Ok(false), |tlv| tlv.boolean())
    };
    let (only_users, only_authorities) = (flag(1)?, flag(2)?);
    let only_reasons = reader
        .optional(der::context_primitive(3))?
        .map(|tlv| tlv.named_bits())
        .transpose()?;
    let mut flag = |number| {
        reader
            .optional(der::context_primitive(number))?
            .map_or(Ok(false), |tlv| tlv.boolean())
    };
    let (indirect, only_attributes) = (flag(4)?, flag(5)?);
    reader.finish()?;
    Ok(Scope {
        names,
        only_users,
        only_authorities,
        only_attributes,
        only_reasons,
        indirect,
    })
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Crl {}

impl Kept for Crl {
    fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

/// By the whole bytes, as it is compared.
impl Hash for Crl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({} of {})", self.0.issuer, self.0.this_update)
    }
}
