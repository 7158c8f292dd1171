//! JSON as security needs it: no member twice, no deep nesting, nothing behind the value.
//!
//! Two parsers that disagree about a repeated member can be made to read two different tokens out of
//! one signature (RFC 8259 §4, RFC 7519 §4), so a repeated member is an error here.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A JSON object.
pub type Object = serde_json::Map<String, Value>;

/// Parses `bytes` as exactly one JSON value.
///
/// # Errors
/// [`JsonRefusal`] when it is not JSON, repeats a member, nests deeper than [`MAX_DEPTH`], or is not
/// shaped like `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonRefusal> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: MAX_DEPTH }
        .deserialize(&mut parser)
        .map_err(|e| JsonRefusal(e.to_string()))?;
    parser.end().map_err(|e| JsonRefusal(e.to_string()))?;
    serde_json::from_value(value).map_err(|e| JsonRefusal(e.to_string()))
}

/// The bytes are not the JSON that was expected; the text says where, for a developer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not acceptable JSON: {0}")]
pub struct JsonRefusal(String);

/// Claims nest two or three deep (`address`, `cnf.jwk`); eight leaves room and no stack is at risk.
pub const MAX_DEPTH: u8 = 8;

/// Builds a value while watching depth and member names.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read() {
        let object: Object = parse(br#"{"a":[1,-2,3.5,null,true,"x"]}"#).unwrap();
        assert_eq!(object["a"][5], "x");
    }

    #[test]
    fn a_repeated_member_is_refused() {
        assert!(parse::<Object>(br#"{"sub":"a","sub":"b"}"#).is_err());
    }

    #[test]
    fn a_repeated_member_written_with_an_escape_is_refused() {
        assert!(parse::<Object>(br#"{"sub":"a","s\u0075b":"b"}"#).is_err());
    }

    #[test]
    fn a_repeated_member_further_in_is_refused() {
        assert!(parse::<Object>(br#"{"cnf":{"jkt":"a","jkt":"b"}}"#).is_err());
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse::<Value>(nested(8).as_bytes()).is_ok());
        assert!(parse::<Value>(nested(9).as_bytes()).is_err());
        assert!(parse::<Value>(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn bytes_behind_the_value_are_refused() {
        assert!(parse::<Object>(b"{}{}").is_err());
    }
}
