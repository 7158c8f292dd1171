//! Authorization details (RFC 9396): what a token shall allow, shown to the citizen field by field.
//!
//! The operator declares each type with its words; a field without words is refused, because nobody could consent to it.

use std::collections::BTreeMap;

use sdk_jose::json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::rules::{
    client::Client,
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
};

/// One authorization detail of a known type, every field of it declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Detail(Map<String, Value>);

/// The types that this provider knows, by name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct DetailTypes(BTreeMap<String, DetailType>);

/// A type of authorization details.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailType {
    /// What it means.
    #[serde(flatten)]
    pub label: Label,
    /// Its fields beside `type`.
    #[serde(default)]
    pub fields: BTreeMap<String, Label>,
}

/// Words for the consent page.
#[derive(Debug, Clone, Deserialize)]
pub struct Label {
    /// In Spanish.
    pub es: String,
    /// In English.
    pub en: String,
}

impl DetailTypes {
    /// The names of all types, for the metadata.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The type of `detail`; `None` when the operator took it away since.
    #[must_use]
    pub fn of(&self, detail: &Detail) -> Option<&DetailType> {
        self.0.get(detail.kind())
    }
}

impl Detail {
    /// The name of its type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// It may be used at the resource `uri`: it names it among its `locations`, or names none (RFC 9396 §2.2).
    #[must_use]
    pub fn is_for(&self, uri: &str) -> bool {
        match self.0.get("locations").and_then(Value::as_array) {
            Some(locations) => locations.iter().any(|location| location == uri),
            None => true,
        }
    }

    /// Its fields as a person reads them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, String)> {
        self.0
            .iter()
            .filter(|(name, _)| *name != "type")
            .map(|(name, value)| (name.as_str(), readable(value)))
    }
}

/// Text as it is, lists of text with commas, everything else as JSON.
fn readable(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

/// Reads `authorization_details` (RFC 9396 §2, §5).
///
/// # Errors
/// `invalid_authorization_details`: not an array of objects, too many, or of a type or with a field that is not
/// declared here or not registered for this client.
pub fn read(sent: &Parameters, client: &Client, types: &DetailTypes) -> Result<Vec<Detail>, OauthError> {
    let Some(text) = sent.value("authorization_details") else {
        return Ok(Vec::new());
    };
    refuse(
        text.len() > LONGEST,
        "authorization_details is longer than 16384 bytes",
    )?;
    let details: Vec<Map<String, Value>> = json::parse(text.as_bytes())
        .map_err(|_| invalid("authorization_details is not a JSON array of objects"))?;
    refuse(
        details.len() > MOST,
        "authorization_details holds more than ten entries",
    )?;
    details
        .into_iter()
        .map(|detail| declared(Detail(detail), client, types))
        .collect()
}

fn declared(detail: Detail, client: &Client, types: &DetailTypes) -> Result<Detail, OauthError> {
    let kind = types
        .of(&detail)
        .filter(|_| {
            client
                .authorization_details_types
                .iter()
                .any(|name| name == detail.kind())
        })
        .ok_or(invalid(
            "a type of authorization_details is not one that this client may ask",
        ))?;
    let known = detail.fields().all(|(name, _)| kind.fields.contains_key(name));
    refuse(!known, "a field of authorization_details is not one of its type")?;
    Ok(detail)
}

fn refuse(wrong: bool, description: &'static str) -> Result<(), OauthError> {
    refuse_if(wrong, Code::InvalidAuthorizationDetails, description)
}

fn invalid(description: &'static str) -> OauthError {
    OauthError::new(Code::InvalidAuthorizationDetails, description)
}

/// The largest that a request object (16 kB) could carry.
const LONGEST: usize = 16 * 1024;
/// As many as a person reads before agreeing.
const MOST: usize = 10;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::registration::tests::check;

    pub(crate) fn types() -> DetailTypes {
        toml::from_str(
            r#"
            [signature]
            es = "Firmar documentos"
            en = "Sign documents"
            fields.documents = { es = "Documentos", en = "Documents" }
            [payment]
            es = "Pagar"
            en = "Pay"
            "#,
        )
        .unwrap()
    }

    fn asked(text: &str) -> Result<Vec<Detail>, OauthError> {
        let client = check(|r| r.authorization_details_types = vec!["signature".to_owned()]).unwrap();
        read(
            &Parameters::of([("authorization_details", text)]),
            &client,
            &types(),
        )
    }

    #[test]
    fn a_declared_and_registered_type_is_accepted_and_readable() {
        let details = asked(r#"[{"type":"signature","documents":["a.pdf","b.pdf"]}]"#).unwrap();
        let fields: Vec<_> = details[0].fields().collect();
        assert_eq!(details[0].kind(), "signature");
        assert_eq!(fields, [("documents", "a.pdf, b.pdf".to_owned())]);
    }

    #[test]
    fn everything_else_is_refused() {
        let many = format!("[{}]", [r#"{"type":"signature"}"#; 11].join(","));
        for text in [
            "x",
            "{}",
            "[1]",
            "[{}]",
            r#"[{"type":1}]"#,
            r#"[{"type":"unknown"}]"#,
            r#"[{"type":"payment"}]"#,
            r#"[{"type":"signature","amount":"7"}]"#,
            r#"[{"type":"signature","type":"payment"}]"#,
            &many,
        ] {
            let error = asked(text).unwrap_err();
            assert_eq!(error.code, Code::InvalidAuthorizationDetails, "{text}");
        }
    }
}
