//! Values that must not be printed, compared carelessly or stored readable.

use ring::digest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A value that does not print, has no `==`, and is wiped when dropped.
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes charge of a secret value.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself; every use of a secret is found by searching for this name.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input).map(Self::new)
    }
}

/// A bearer value: 32 bytes of chance, handed out once as 43 base64url characters, stored as [`Digest`].
///
/// Codes, tokens, session cookies, browser cookies and interaction ids are all of this shape
/// (RFC 6749 §10.10 asks 128 bits, ASVS 7.2.3 the same; we take 256).
#[derive(Clone)]
pub struct Opaque(Shape);

#[derive(Clone)]
enum Shape {
    /// 43 base64url characters.
    Usual(Zeroizing<[u8; 32]>),
    /// 32 hexadecimal digits.
    Hex(Zeroizing<[u8; 16]>),
}

impl Opaque {
    /// A new bearer value from chance.
    #[must_use]
    pub fn new(chance: [u8; 32]) -> Self {
        Self(Shape::Usual(Zeroizing::new(chance)))
    }

    /// A new bearer value of 32 hexadecimal digits, for clients that keep it in a column of that width: the least chance
    /// that RFC 6749 §10.10 allows.
    #[must_use]
    pub fn hex(chance: [u8; 16]) -> Self {
        Self(Shape::Hex(Zeroizing::new(chance)))
    }

    /// A bearer value as someone sent it; `None` when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.len() {
            OPAQUE_CHARACTERS => {
                let bytes = Zeroizing::new(data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
                <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self::new)
            }
            HEX_DIGITS => {
                let bytes = Zeroizing::new(data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?);
                <[u8; 16]>::try_from(bytes.as_slice()).ok().map(Self::hex)
            }
            _ => None,
        }
    }

    /// The text that is handed out.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(match &self.0 {
            Shape::Usual(bytes) => data_encoding::BASE64URL_NOPAD.encode(bytes.as_slice()),
            Shape::Hex(bytes) => data_encoding::HEXLOWER.encode(bytes.as_slice()),
        })
    }

    /// What is stored in place of the value.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.0 {
            Shape::Usual(bytes) => Digest::of(bytes.as_slice()),
            Shape::Hex(bytes) => Digest::of(bytes.as_slice()),
        }
    }
}

impl std::fmt::Debug for Opaque {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Opaque(…)")
    }
}

/// SHA-256 of something, compared in constant time; stored as 43 base64url characters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(out)
    }

    /// The text kept in the store.
    #[must_use]
    pub fn text(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.0)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.text()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| "not base64url")?;
        <[u8; 32]>::try_from(bytes.as_slice())
            .map(Self)
            .map_err(|_| "not 32 bytes")
    }
}

/// 32 bytes in base64url without padding (RFC 4648 §5).
const OPAQUE_CHARACTERS: usize = 43;
/// 16 bytes in hexadecimal.
const HEX_DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_value_survives_its_text() {
        let value = Opaque::new([7; 32]);
        let again = Opaque::parse(value.text().expose()).unwrap();
        assert_eq!(value.digest(), again.digest());
    }

    #[test]
    fn a_hexadecimal_value_survives_its_text_and_is_not_another() {
        let value = Opaque::hex([7; 16]);
        assert_eq!(value.text().expose(), "07070707070707070707070707070707");
        assert_eq!(
            Opaque::parse(value.text().expose()).unwrap().digest(),
            value.digest()
        );
        assert!(Opaque::parse("0707070707070707070707070707070G").is_none());
        assert!(Opaque::parse("AA070707070707070707070707070707").is_none());
    }

    #[test]
    fn a_shorter_text_is_not_a_bearer_value() {
        assert!(Opaque::parse("abc").is_none());
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new(String::from("hunter2"))), "Secret(…)");
        assert!(!format!("{:?}", Opaque::new([7; 32])).contains('7'));
    }
}
