//! GeneralName: the many ways to name somebody (RFC 5280 §4.2.1.6).

use crate::der::{self, DerError, Tlv};
use crate::name::Name;

/// One GeneralName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName {
    /// rfc822Name.
    Email(String),
    /// dNSName.
    Dns(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// iPAddress: 4 or 16 octets; in a name constraint 8 or 32.
    Ip(Vec<u8>),
    /// directoryName.
    Directory(Name),
    /// otherName, x400Address, ediPartyName, registeredID: kept, not interpreted.
    Other {
        /// The identifier octet.
        tag: u8,
        /// The contents.
        value: Vec<u8>,
    },
}

impl GeneralName {
    /// Reads one GeneralName.
    pub fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let ascii = || match std::str::from_utf8(tlv.value()) {
            Ok(text) if text.is_ascii() => Ok(text.to_owned()),
            _ => Err(DerError::Value("a name is not ASCII")),
        };
        Ok(match tlv.tag() {
            EMAIL => Self::Email(ascii()?),
            DNS => Self::Dns(ascii()?),
            URI => Self::Uri(ascii()?),
            IP => Self::Ip(tlv.value().to_vec()),
            DIRECTORY => Self::Directory(Name::parse(&tlv.inner(der::SEQUENCE)?)?),
            OTHER | X400 | EDI | REGISTERED => Self::Other {
                tag: tlv.tag(),
                value: tlv.value().to_vec(),
            },
            _ => return Err(DerError::Value("an unknown kind of name")),
        })
    }

    /// Reads GeneralNames: at least one.
    pub fn parse_all(tlv: &Tlv<'_>) -> Result<Vec<Self>, DerError> {
        let names: Vec<Self> = tlv
            .elements()?
            .iter()
            .map(Self::parse)
            .collect::<Result<_, _>>()?;
        if names.is_empty() {
            Err(DerError::Value("a list of names is empty"))
        } else {
            Ok(names)
        }
    }

    /// Are both of the same kind, so that one can constrain the other?
    pub(crate) fn same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other { tag: one, .. }, Self::Other { tag: two, .. }) => one == two,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

const OTHER: u8 = der::context(0);
const EMAIL: u8 = der::context_primitive(1);
const DNS: u8 = der::context_primitive(2);
const X400: u8 = der::context(3);
const DIRECTORY: u8 = der::context(4);
const EDI: u8 = der::context(5);
const URI: u8 = der::context_primitive(6);
const IP: u8 = der::context_primitive(7);
const REGISTERED: u8 = der::context_primitive(8);
