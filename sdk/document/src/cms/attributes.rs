//! Signed and unsigned attributes (RFC 5652 §5.3, §11), raw bytes kept.

use sdk_pki::der::{self, DerError, Reader, Rules, Tlv};
use sdk_pki::oid::{self, Oid};

use super::error::CmsError;

/// One attribute: a type and its values, each one encoded element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    oid: Oid,
    values: Vec<Box<[u8]>>,
}

/// A set of attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    list: Vec<Attribute>,
    rules: Option<Rules>,
    contents: Box<[u8]>,
    in_der_order: bool,
}

impl Attribute {
    /// Which attribute, see [`sdk_pki::oid`].
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// Its values as received.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.values.iter().map(|value| &**value)
    }
}

impl Attributes {
    /// Reads the IMPLICIT SET OF.
    pub(super) fn read(set: &Tlv<'_>, rules: Rules) -> Result<Self, CmsError> {
        let mut list = Vec::new();
        let mut in_der_order = true;
        let mut previous: &[u8] = &[];
        for element in set.sequences()? {
            if list.len() >= MAX_ATTRIBUTES {
                return Err(CmsError::TooMany("attributes"));
            }
            let mut reader = element.reader()?;
            let oid = reader.oid()?;
            let values = reader.expect(der::SET)?.elements()?;
            reader.finish()?;
            in_der_order &= previous <= element.raw();
            previous = element.raw();
            list.push(Attribute {
                oid,
                values: values.iter().map(|value| value.raw().into()).collect(),
            });
        }
        Ok(Self {
            list,
            rules: Some(rules),
            contents: set.value().into(),
            in_der_order,
        })
    }

    /// Are these bytes what signed attributes look like when they are signed?
    pub(super) fn are_in(bytes: &[u8]) -> bool {
        let set = der::whole(bytes, der::SET).ok();
        let read = set.and_then(|set| Self::read(&set, Rules::Der).ok());
        read.is_some_and(|attributes| attributes.has(oid::MESSAGE_DIGEST))
    }

    /// All of them in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute> {
        self.list.iter()
    }

    /// No attribute at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The values of all attributes of a type, a constant of [`sdk_pki::oid`].
    pub fn values<'a>(&'a self, oid: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.list
            .iter()
            .filter(move |attribute| attribute.oid.is(oid))
            .flat_map(Attribute::values)
    }

    /// Is an attribute of this type there?
    pub fn has(&self, oid: &[u8]) -> bool {
        self.list.iter().any(|attribute| attribute.oid.is(oid))
    }

    /// X.690 §11.6: DER sorts a SET OF.
    pub(super) fn is_in_der_order(&self) -> bool {
        self.in_der_order
    }

    /// RFC 5652 §5.3: no signed attribute may come twice.
    pub(super) fn refuse_duplicates(&self) -> Result<(), CmsError> {
        let mut oids: Vec<&Oid> = self.list.iter().map(|attribute| &attribute.oid).collect();
        oids.sort();
        if oids
            .windows(2)
            .any(|pair| matches!(pair, [one, two] if one == two))
        {
            return Err(CmsError::DuplicateAttribute);
        }
        Ok(())
    }

    /// The only value of an attribute, if the attribute is there.
    pub(super) fn single(&self, oid: &'static [u8], name: &'static str) -> Result<Option<&[u8]>, CmsError> {
        if !self.has(oid) {
            return Ok(None);
        }
        let mut values = self.values(oid);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(Some(value)),
            _ => Err(CmsError::Attribute(name)),
        }
    }

    /// Reads one value of this set under the rules that the whole was read with.
    pub(super) fn reader<'a>(&self, value: &'a [u8]) -> Reader<'a> {
        Reader::new(value, self.rules.unwrap_or(Rules::Der))
    }

    /// RFC 5652 §5.4: what is signed is the SET OF with its universal tag, in DER. First in the
    /// order of DER, as the RFC says; then, when that differs, as received, as many producers do.
    pub(super) fn signed_forms(&self) -> Vec<Vec<u8>> {
        let received = der::encode(der::SET, &self.contents);
        if self.in_der_order {
            return vec![received];
        }
        vec![self.sorted().unwrap_or_else(|_| received.clone()), received]
    }

    fn sorted(&self) -> Result<Vec<u8>, DerError> {
        let mut reader = self.reader(&self.contents);
        let mut elements = Vec::new();
        while !reader.is_empty() {
            elements.push(reader.read()?.raw());
        }
        elements.sort_unstable();
        Ok(der::encode(der::SET, &elements.concat()))
    }
}

/// CAdES defines about thirty; archive timestamps may repeat.
const MAX_ATTRIBUTES: usize = 128;
