//! Encrypted documents (ISO 32000-2 §7.6): the standard security handler, revisions 2 to 6. What is read with
//! the key is what a reader with the password sees; signed bytes are those of the file, encrypted.

mod cipher;
mod key;

use std::cell::LazyCell;

use cipher::Rc4;
use md5::{Digest as _, Md5};

use super::error::Code;
use super::object::{Dictionary, Object, Reference, Stream};

/// What the encryption dictionary says (§7.6.4.2, table 21), and the first part of the file identifier.
pub(super) struct Standard {
    revision: i64,
    /// Length of the file's key.
    octets: usize,
    owner: Vec<u8>,
    user: Vec<u8>,
    owner_key: Vec<u8>,
    user_key: Vec<u8>,
    permissions: i32,
    metadata: bool,
    id: Vec<u8>,
    strings: Method,
    streams: Method,
}

/// Table 25, `CFM`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

/// The file's key, and how it is used. Neither shown nor compared.
pub(crate) struct Encryption {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    metadata: bool,
}

impl Encryption {
    /// Opens with a password, if it is the user's or the owner's. `dictionary`: with references followed.
    pub fn open(dictionary: &Dictionary, id: Vec<u8>, password: &str) -> Option<Self> {
        let about = Standard::read(dictionary, id)?;
        Some(Self {
            key: key::file_key(&about, password)?,
            strings: about.strings,
            streams: about.streams,
            metadata: about.metadata,
        })
    }

    /// Every string of an object that the file holds directly, but the value of a signature (§7.6.2).
    pub fn strings(&self, of: Reference, object: Object) -> Result<Object, Code> {
        opened(&LazyCell::new(|| self.keyed(self.strings, of)), object)
    }

    /// A stream's raw data (§7.6.3).
    pub fn stream(&self, stream: &Stream, raw: Vec<u8>) -> Result<Vec<u8>, Code> {
        let kind = stream.dictionary.name(b"Type");
        if kind == Some(b"XRef") || kind == Some(b"Metadata") && !self.metadata || has_own_filter(stream) {
            return Ok(raw);
        }
        self.keyed(self.streams, stream.owner)
            .open(raw)
            .ok_or(Code::Filter)
    }

    fn keyed(&self, method: Method, of: Reference) -> Keyed {
        match method {
            Method::Identity => Keyed::Identity,
            Method::Rc4 => Keyed::Rc4(Box::new(Rc4::new(&self.object_key(of, false)))),
            Method::Aes128 => Keyed::Aes(self.object_key(of, true)),
            Method::Aes256 => Keyed::Aes(self.key.clone()),
        }
    }

    /// Algorithm 1.
    fn object_key(&self, of: Reference, aes: bool) -> Vec<u8> {
        let mut hash = Md5::new();
        hash.update(&self.key);
        hash.update(of.number.to_le_bytes().get(..3).unwrap_or_default());
        hash.update(of.generation.to_le_bytes());
        if aes {
            hash.update(b"sAlT");
        }
        let mut key = hash.finalize().to_vec();
        key.truncate(self.key.len().saturating_add(5).min(16));
        key
    }
}

/// A method with its key for one object, made once for all the strings of it: there may be hundreds of thousands.
enum Keyed {
    Identity,
    Rc4(Box<Rc4>),
    Aes(Vec<u8>),
}

impl Keyed {
    fn open(&self, mut data: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Identity => {}
            Self::Rc4(key) => key.apply(&mut data),
            Self::Aes(key) => data = cipher::cbc(key, &data)?,
        }
        Some(data)
    }
}

/// The key is made when the first string is met: most objects have none.
fn opened<F: FnOnce() -> Keyed>(key: &LazyCell<Keyed, F>, object: Object) -> Result<Object, Code> {
    Ok(match object {
        Object::String(mut string) => {
            string.bytes = key.open(string.bytes).ok_or(Code::String)?;
            Object::String(string)
        }
        Object::Array(elements) => Object::Array(
            elements
                .into_iter()
                .map(|element| opened(key, element))
                .collect::<Result<_, _>>()?,
        ),
        Object::Dictionary(dictionary) => Object::Dictionary(within(key, dictionary)?),
        Object::Stream(mut stream) => {
            if stream.dictionary.name(b"Type") != Some(b"XRef") {
                stream.dictionary = within(key, stream.dictionary)?;
            }
            Object::Stream(stream)
        }
        other => other,
    })
}

fn within<F: FnOnce() -> Keyed>(
    key: &LazyCell<Keyed, F>,
    dictionary: Dictionary,
) -> Result<Dictionary, Code> {
    let signature = dictionary.contains(b"ByteRange");
    let mut plain = Dictionary::default();
    for (name, value) in dictionary.into_entries() {
        let kept = signature && name.as_bytes() == b"Contents";
        let value = if kept { value } else { opened(key, value)? };
        plain.push(name, value);
    }
    Ok(plain)
}

impl Standard {
    fn read(dictionary: &Dictionary, id: Vec<u8>) -> Option<Self> {
        if dictionary.name(b"Filter") != Some(b"Standard") {
            return None;
        }
        let (version, revision) = (dictionary.integer(b"V")?, dictionary.integer(b"R")?);
        let string = |key: &[u8]| Some(dictionary.get(key)?.as_string()?.bytes.clone());
        let flag = |key: &[u8]| !matches!(dictionary.get(key), Some(Object::Boolean(false)));
        let method = |key: &[u8]| match version {
            1 | 2 => Some(Method::Rc4),
            _ => named(dictionary, dictionary.name(key)),
        };
        let (strings, streams) = (method(b"StrF")?, method(b"StmF")?);
        let octets = match (version, revision) {
            (1, 2 | 3) => 5,
            (2, 3) => {
                let bits = dictionary.get(b"Length").map_or(Some(40), Object::as_integer)?;
                usize::try_from(bits / 8).ok().filter(|n| (5..=16).contains(n))?
            }
            (4, 4) => 16,
            (5, 5 | 6) => 32,
            _ => return None,
        };
        let modern = |m: Method| matches!(m, Method::Aes256 | Method::Identity);
        if (version == 5) != modern(strings) && strings != Method::Identity
            || (version == 5) != modern(streams) && streams != Method::Identity
        {
            return None;
        }
        let bits = dictionary.integer(b"P")?;
        Some(Self {
            revision,
            octets,
            owner: string(b"O")?,
            user: string(b"U")?,
            owner_key: string(b"OE").unwrap_or_default(),
            user_key: string(b"UE").unwrap_or_default(),
            // 32 bits, which some write as a positive number.
            permissions: i32::try_from(bits)
                .ok()
                .or_else(|| Some(u32::try_from(bits).ok()?.cast_signed()))?,
            metadata: flag(b"EncryptMetadata"),
            id,
            strings,
            streams,
        })
    }
}

/// Table 20, `StmF`: a crypt filter by its name; identity unless said otherwise.
fn named(dictionary: &Dictionary, name: Option<&[u8]>) -> Option<Method> {
    let name = name.unwrap_or(b"Identity");
    if name == b"Identity" {
        return Some(Method::Identity);
    }
    let filters = dictionary.get(b"CF")?.as_dictionary()?;
    match filters.get(name)?.as_dictionary()?.name(b"CFM") {
        None | Some(b"None") => Some(Method::Identity),
        Some(b"V2") => Some(Method::Rc4),
        Some(b"AESV2") => Some(Method::Aes128),
        Some(b"AESV3") => Some(Method::Aes256),
        Some(_) => None,
    }
}

/// §7.4.10: a stream with a Crypt filter of its own does not use the file's; only the identity is undone here.
fn has_own_filter(stream: &Stream) -> bool {
    let crypt = |object: &Object| object.as_name() == Some(b"Crypt");
    match stream.dictionary.get(b"Filter") {
        Some(Object::Array(all)) => all.first().is_some_and(crypt),
        Some(one) => crypt(one),
        None => false,
    }
}
