//! Reading each extension.

use super::{
    AuthorityKeyId, BasicConstraints, DistributionPoint, ExtendedKeyUsage, Extensions, GeneralSubtree,
    KeyUsage, NameConstraints, PolicyConstraints,
};
use crate::der::{self, DerError, Tlv};
use crate::general_name::GeneralName;
use crate::name::Name;
use crate::oid::{self, Oid};

/// One extension, its value still encoded.
pub(crate) struct RawExtension<'a> {
    pub oid: Oid,
    pub critical: bool,
    pub value: &'a [u8],
}

/// Reads Extensions (§4.1): at least one, none twice.
pub(crate) fn raw_extensions<'a>(tlv: &Tlv<'a>) -> Result<Vec<RawExtension<'a>>, DerError> {
    let mut found: Vec<RawExtension<'a>> = Vec::new();
    for element in tlv.sequences()? {
        let mut reader = element.reader()?;
        let oid = reader.oid()?;
        let critical = match reader.optional(der::BOOLEAN)? {
            Some(tlv) => tlv.boolean()?,
            None => false,
        };
        let value = reader.expect(der::OCTET_STRING)?.value();
        reader.finish()?;
        if found.iter().any(|other| other.oid == oid) {
            return Err(DerError::Value("an extension comes twice"));
        }
        if found.len() >= MAX_EXTENSIONS {
            return Err(DerError::Value("there are too many extensions"));
        }
        found.push(RawExtension { oid, critical, value });
    }
    if found.is_empty() {
        Err(DerError::Value("the extensions are empty"))
    } else {
        Ok(found)
    }
}

impl Extensions {
    /// Reads all of them; an error names the extension it lies in, or none when in the list itself.
    pub(crate) fn read(list: &Tlv<'_>, issuer: &Name) -> Result<Self, (Option<Oid>, DerError)> {
        let mut all = Self::default();
        for extension in raw_extensions(list).map_err(|error| (None, error))? {
            all.take(&extension, issuer)
                .map_err(|error| (Some(extension.oid.clone()), error))?;
        }
        Ok(all)
    }

    fn take(&mut self, extension: &RawExtension<'_>, issuer: &Name) -> Result<(), DerError> {
        let value = extension.value;
        match extension.oid.contents() {
            oid::AUTHORITY_KEY_IDENTIFIER => self.authority_key_id = Some(authority_key_id(value)?),
            oid::SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_id = Some(der::whole(value, der::OCTET_STRING)?.value().to_vec());
            }
            oid::KEY_USAGE => {
                self.key_usage = Some(KeyUsage(der::whole(value, der::BIT_STRING)?.named_bits()?))
            }
            oid::CERTIFICATE_POLICIES => self.policies = Some(policies(value)?),
            oid::POLICY_MAPPINGS => self.policy_mappings = policy_mappings(value)?,
            // Authorities issued empty lists: they name nobody and harm nobody.
            oid::SUBJECT_ALT_NAME => {
                let names = der::whole(value, der::SEQUENCE)?.elements()?;
                self.subject_alt_names = names.iter().map(GeneralName::parse).collect::<Result<_, _>>()?;
            }
            oid::BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(value)?),
            oid::NAME_CONSTRAINTS => self.name_constraints = Some(name_constraints(value)?),
            oid::POLICY_CONSTRAINTS => self.policy_constraints = Some(policy_constraints(value)?),
            oid::EXTENDED_KEY_USAGE => {
                let purposes = oids(&der::whole(value, der::SEQUENCE)?)?;
                self.extended_key_usage = Some(ExtendedKeyUsage {
                    critical: extension.critical,
                    purposes,
                });
            }
            oid::INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(der::whole(value, der::INTEGER)?.small()?);
            }
            oid::CRL_DISTRIBUTION_POINTS => {
                self.crl_distribution_points = distribution_points(value, issuer)?
            }
            oid::FRESHEST_CRL => self.freshest_crl = distribution_points(value, issuer)?,
            oid::OCSP_NOCHECK => self.ocsp_no_check = true,
            oid::AUTHORITY_INFO_ACCESS => informs(extension, self.authority_info(value))?,
            oid::QC_STATEMENTS => self.qc_statements = informs(extension, qc_statements(value))?,
            oid::ISSUER_ALT_NAME => {}
            _ if extension.critical => self.unknown_critical.push(extension.oid.clone()),
            _ => {}
        }
        Ok(())
    }

    fn authority_info(&mut self, value: &[u8]) -> Result<(), DerError> {
        for description in der::whole(value, der::SEQUENCE)?.sequences()? {
            let mut reader = description.reader()?;
            let method = reader.oid()?;
            let GeneralName::Uri(address) = GeneralName::parse(&reader.read()?)? else {
                continue;
            };
            match method.contents() {
                oid::AD_OCSP => self.ocsp.push(address),
                oid::AD_CA_ISSUERS => self.ca_issuers.push(address),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What only informs may be broken, unless the issuer insists that it is understood.
fn informs<T: Default>(extension: &RawExtension<'_>, read: Result<T, DerError>) -> Result<T, DerError> {
    if extension.critical {
        read
    } else {
        Ok(read.unwrap_or_default())
    }
}

pub(crate) fn authority_key_id(value: &[u8]) -> Result<AuthorityKeyId, DerError> {
    let mut reader = der::whole(value, der::SEQUENCE)?.reader()?;
    let key_id = reader
        .optional(der::context_primitive(0))?
        .map(|tlv| tlv.value().to_vec());
    let issuer = match reader.optional(der::context(1))? {
        Some(tlv) => GeneralName::parse_all(&tlv)?,
        None => Vec::new(),
    };
    let serial = reader
        .optional(der::context_primitive(2))?
        .map(|tlv| tlv.value().to_vec());
    reader.finish()?;
    Ok(AuthorityKeyId {
        key_id,
        issuer,
        serial,
    })
}

fn policies(value: &[u8]) -> Result<Vec<Oid>, DerError> {
    let mut found = Vec::new();
    for information in der::whole(value, der::SEQUENCE)?.sequences()? {
        let mut reader = information.reader()?;
        let oid = reader.oid()?;
        reader.optional(der::SEQUENCE)?;
        reader.finish()?;
        if found.contains(&oid) {
            return Err(DerError::Value("a policy comes twice"));
        }
        if found.len() >= MAX_POLICIES {
            return Err(DerError::Value("there are too many policies"));
        }
        found.push(oid);
    }
    if found.is_empty() {
        Err(DerError::Value("the policies are empty"))
    } else {
        Ok(found)
    }
}

fn policy_mappings(value: &[u8]) -> Result<Vec<(Oid, Oid)>, DerError> {
    let mut found = Vec::new();
    for mapping in der::whole(value, der::SEQUENCE)?.sequences()? {
        let mut reader = mapping.reader()?;
        found.push((reader.oid()?, reader.oid()?));
        reader.finish()?;
        if found.len() > MAX_POLICIES {
            return Err(DerError::Value("there are too many policy mappings"));
        }
    }
    if found.is_empty() {
        Err(DerError::Value("the policy mappings are empty"))
    } else {
        Ok(found)
    }
}

fn basic_constraints(value: &[u8]) -> Result<BasicConstraints, DerError> {
    let mut reader = der::whole(value, der::SEQUENCE)?.reader()?;
    let ca = match reader.optional(der::BOOLEAN)? {
        Some(tlv) => tlv.boolean()?,
        None => false,
    };
    let path_length = reader
        .optional(der::INTEGER)?
        .map(|tlv| tlv.small())
        .transpose()?;
    reader.finish()?;
    Ok(BasicConstraints { ca, path_length })
}

fn name_constraints(value: &[u8]) -> Result<NameConstraints, DerError> {
    let mut reader = der::whole(value, der::SEQUENCE)?.reader()?;
    let permitted = reader
        .optional(der::context(0))?
        .map(|tlv| subtrees(&tlv))
        .transpose()?;
    let excluded = reader
        .optional(der::context(1))?
        .map(|tlv| subtrees(&tlv))
        .transpose()?;
    reader.finish()?;
    if permitted.is_none() && excluded.is_none() {
        return Err(DerError::Value("the name constraints are empty"));
    }
    Ok(NameConstraints {
        permitted: permitted.unwrap_or_default(),
        excluded: excluded.unwrap_or_default(),
    })
}

fn subtrees(tlv: &Tlv<'_>) -> Result<Vec<GeneralSubtree>, DerError> {
    let mut found = Vec::new();
    for subtree in tlv.sequences()? {
        let mut reader = subtree.reader()?;
        let base = GeneralName::parse(&reader.read()?)?;
        reader
            .finish()
            .map_err(|_| DerError::Value("a name constraint has a minimum or maximum"))?;
        if matches!(&base, GeneralName::Ip(octets) if octets.len() != 8 && octets.len() != 32) {
            return Err(DerError::Value("an address range is malformed"));
        }
        found.push(GeneralSubtree(base));
    }
    if found.is_empty() {
        Err(DerError::Value("a list of name constraints is empty"))
    } else {
        Ok(found)
    }
}

fn policy_constraints(value: &[u8]) -> Result<PolicyConstraints, DerError> {
    let mut reader = der::whole(value, der::SEQUENCE)?.reader()?;
    let require_explicit = reader
        .optional(der::context_primitive(0))?
        .map(|tlv| tlv.small())
        .transpose()?;
    let inhibit_mapping = reader
        .optional(der::context_primitive(1))?
        .map(|tlv| tlv.small())
        .transpose()?;
    reader.finish()?;
    if require_explicit.is_none() && inhibit_mapping.is_none() {
        return Err(DerError::Value("the policy constraints are empty"));
    }
    Ok(PolicyConstraints {
        require_explicit,
        inhibit_mapping,
    })
}

fn distribution_points(value: &[u8], issuer: &Name) -> Result<Vec<DistributionPoint>, DerError> {
    der::whole(value, der::SEQUENCE)?
        .sequences()?
        .iter()
        .map(|tlv| distribution_point(tlv, issuer))
        .collect()
}

fn distribution_point(tlv: &Tlv<'_>, issuer: &Name) -> Result<DistributionPoint, DerError> {
    let mut reader = tlv.reader()?;
    let name = reader.optional(der::context(0))?;
    let reasons = reader
        .optional(der::context_primitive(1))?
        .map(|tlv| tlv.named_bits())
        .transpose()?;
    let crl_issuer = match reader.optional(der::context(2))? {
        Some(tlv) => GeneralName::parse_all(&tlv)?,
        None => Vec::new(),
    };
    reader.finish()?;
    let of = crl_issuer.iter().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    let names = match name {
        Some(tlv) => distribution_point_name(&tlv, of.unwrap_or(issuer))?,
        None => Vec::new(),
    };
    Ok(DistributionPoint {
        names,
        reasons,
        crl_issuer,
    })
}

/// DistributionPointName, the relative form completed with the name of the list's issuer.
pub(crate) fn distribution_point_name(tlv: &Tlv<'_>, issuer: &Name) -> Result<Vec<GeneralName>, DerError> {
    let mut reader = tlv.reader()?;
    let choice = reader.read()?;
    reader.finish()?;
    match choice.tag() {
        FULL_NAME => GeneralName::parse_all(&choice),
        RELATIVE_NAME => Ok(vec![GeneralName::Directory(issuer.with_relative(&choice)?)]),
        _ => Err(DerError::Value("an unknown kind of distribution point")),
    }
}

fn qc_statements(value: &[u8]) -> Result<Vec<Oid>, DerError> {
    der::whole(value, der::SEQUENCE)?
        .sequences()?
        .iter()
        .map(|tlv| tlv.reader()?.oid())
        .collect()
}

fn oids(tlv: &Tlv<'_>) -> Result<Vec<Oid>, DerError> {
    let mut reader = tlv.reader()?;
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.oid()?);
    }
    if found.is_empty() {
        Err(DerError::Value("a list of purposes is empty"))
    } else {
        Ok(found)
    }
}

const FULL_NAME: u8 = der::context(0);
const RELATIVE_NAME: u8 = der::context(1);

/// Certificates in use have about ten.
const MAX_EXTENSIONS: usize = 64;

/// NIST PKITS goes to ten; the policy graph grows with this squared.
const MAX_POLICIES: usize = 64;
