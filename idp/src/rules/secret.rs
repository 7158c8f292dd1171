//! Values that must not be printed, compared carelessly or stored readable.

use ring::digest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::time::Milliseconds;

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

/// A bearer value: bytes of chance, handed out once as text, stored as [`Digest`].
///
/// Codes, tokens, session cookies, browser cookies and interaction ids are all of this kind
/// (RFC 6749 §10.10 asks 128 bits of chance, ASVS 7.2.3 the same; we take 240 or more where clients can keep them).
#[derive(Clone)]
pub struct Opaque(Shape);

#[derive(Clone)]
enum Shape {
    /// 43 base64url characters.
    Usual(Zeroizing<[u8; 32]>),
    /// 48 base64url characters: six bytes of time, thirty of chance.
    Growing(Zeroizing<[u8; 36]>),
    /// 32 hexadecimal digits.
    Hex(Zeroizing<[u8; 16]>),
}

impl Opaque {
    /// A new bearer value from chance.
    #[must_use]
    pub fn new(chance: [u8; 32]) -> Self {
        Self(Shape::Usual(Zeroizing::new(chance)))
    }

    /// A new bearer value that begins with when it was made, and so does its digest: of the values that are made all day
    /// and kept by their digests, those of one moment lie beside each other, and writing them touches one page of an
    /// index instead of as many as there are values. When it was made is no secret.
    #[must_use]
    pub fn growing(at: Milliseconds, chance: [u8; 30]) -> Self {
        let mut bytes = Zeroizing::new([0; 36]);
        let (time, rest) = bytes.split_at_mut(TIME_BYTES);
        time.copy_from_slice(&at.six_bytes());
        rest.copy_from_slice(&chance);
        Self(Shape::Growing(bytes))
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
            GROWING_CHARACTERS => {
                let bytes = Zeroizing::new(data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
                let bytes = <[u8; 36]>::try_from(bytes.as_slice()).ok()?;
                Some(Self(Shape::Growing(Zeroizing::new(bytes))))
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
            Shape::Growing(bytes) => data_encoding::BASE64URL_NOPAD.encode(bytes.as_slice()),
            Shape::Hex(bytes) => data_encoding::HEXLOWER.encode(bytes.as_slice()),
        })
    }

    /// What is stored in place of the value.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.0 {
            Shape::Usual(bytes) => Digest::of(bytes.as_slice()),
            Shape::Growing(bytes) => Digest::growing(bytes),
            Shape::Hex(bytes) => Digest::of(bytes.as_slice()),
        }
    }
}

impl std::fmt::Debug for Opaque {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Opaque(…)")
    }
}

/// SHA-256 of something, compared in constant time; stored as 43 base64url characters. Of a value that begins with its
/// time, that time and the first 208 bits.
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

    /// The digest of a value that begins with its time.
    fn growing(bytes: &[u8; 36]) -> Self {
        let (time, _) = bytes.split_at(TIME_BYTES);
        let Self(whole) = Self::of(bytes);
        let mut out = [0; 32];
        for (place, byte) in out.iter_mut().zip(time.iter().chain(&whole)) {
            *place = *byte;
        }
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
/// 36 bytes in base64url.
const GROWING_CHARACTERS: usize = 48;
/// Milliseconds since 1970 fit into them until the year 10889.
const TIME_BYTES: usize = 6;
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
    fn a_growing_value_survives_its_text_and_its_digest_begins_with_its_time() {
        let value = Opaque::growing(Milliseconds(1_795_260_000_123), [7; 30]);
        let text = value.text();
        let again = Opaque::parse(text.expose()).unwrap();
        assert_eq!(value.digest(), again.digest());
        let kept = value.digest().text();
        assert_eq!(kept[..8], text.expose()[..8]);
        assert!(!kept.contains(&text.expose()[8..20]));
    }

    #[test]
    fn growing_values_that_differ_in_time_or_in_one_bit_of_chance_have_other_digests() {
        let of = |at, chance: [u8; 30]| Opaque::growing(Milliseconds(at), chance).digest();
        let mut other = [7; 30];
        other[29] = 6;
        assert_ne!(of(1, [7; 30]), of(1, other));
        assert_ne!(of(1, [7; 30]), of(2, [7; 30]));
        assert_ne!(of(1, [7; 30]).bytes()[6..], of(2, [7; 30]).bytes()[6..]);
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
