//! The `claims` parameter (OpenID Connect Core §5.5): single claims instead of whole scopes, a subject, a level.
//!
//! A client gets no single claim whose scope it is not registered for, and the citizen sees what the scope would show.

use sdk_jose::json::{self, Object};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rules::{
    client::Client,
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
    scope::{Scope, Scopes},
};

/// Single claims that a client asked and may have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// At userinfo.
    pub userinfo: Vec<String>,
    /// In the id token.
    pub id_token: Vec<String>,
}

/// The parameter as it was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Single claims, limited to what the client may ask.
    pub claims: ClaimsRequest,
    /// Nobody but this subject (§5.5.1 "value").
    pub sub: Option<String>,
    /// The level (§5.5.1.1).
    pub acr: Option<WantedAcr>,
}

/// `acr` among the claims of the id token.
#[derive(Debug, PartialEq, Eq)]
pub struct WantedAcr {
    /// Acceptable values, best first.
    pub values: Vec<String>,
    /// Without one of them the login has failed.
    pub essential: bool,
}

impl ClaimsRequest {
    /// The scopes that these claims belong to.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.userinfo
            .iter()
            .chain(&self.id_token)
            .filter_map(|name| Scope::releasing(name))
            .collect()
    }

    /// No single claim at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }
}

impl Wanted {
    /// Reads the parameter; what is not understood is ignored, as §5.5 wants.
    ///
    /// # Errors
    /// `invalid_request` when it is too long or not shaped as §5.5 says.
    pub fn read(sent: &Parameters, client: &Client) -> Result<Self, OauthError> {
        let Some(text) = sent.value("claims") else {
            return Ok(Self::default());
        };
        refuse_if(
            text.len() > LONGEST,
            Code::InvalidRequest,
            "claims is longer than 4096 bytes",
        )?;
        let members: Object = json::parse(text.as_bytes()).map_err(|_| malformed())?;
        let (userinfo, id_token) = (member(&members, "userinfo")?, member(&members, "id_token")?);
        let subject_at_userinfo = subject(userinfo)?;
        let subject_in_id_token = subject(id_token)?;
        refuse_if(
            subject_at_userinfo.is_some()
                && subject_in_id_token.is_some()
                && subject_at_userinfo != subject_in_id_token,
            Code::InvalidRequest,
            "claims names two subjects",
        )?;
        Ok(Self {
            claims: ClaimsRequest {
                userinfo: names(userinfo, client)?,
                id_token: names(id_token, client)?,
            },
            sub: subject_in_id_token.or(subject_at_userinfo),
            acr: acr(id_token)?,
        })
    }
}

/// A member of the parameter; absent and `null` are the same.
fn member<'a>(members: &'a Object, name: &str) -> Result<Option<&'a Object>, OauthError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(claims)) => Ok(Some(claims)),
        Some(_) => Err(malformed()),
    }
}

/// The names that some scope of the client's would release; each must be asked in the shape of §5.5.1.
fn names(claims: Option<&Object>, client: &Client) -> Result<Vec<String>, OauthError> {
    let mut names = Vec::new();
    for (name, wish) in claims.into_iter().flatten() {
        wish_shaped(wish)?;
        let released = Scope::releasing(name).is_some_and(|scope| client.scopes.contains(scope));
        if released && name != "sub" {
            names.push(name.clone());
        }
    }
    Ok(names)
}

/// §5.5.1: `null`, or an object with `essential`, `value` and `values` of their types.
fn wish_shaped(wish: &Value) -> Result<(), OauthError> {
    let Value::Object(wish) = wish else {
        return if wish.is_null() { Ok(()) } else { Err(malformed()) };
    };
    let essential = wish.get("essential").is_none_or(Value::is_boolean);
    let values = wish.get("values").is_none_or(Value::is_array);
    refuse_if(!(essential && values), Code::InvalidRequest, MALFORMED)
}

fn subject(claims: Option<&Object>) -> Result<Option<String>, OauthError> {
    match wish(claims, "sub").and_then(|wish| wish.get("value")) {
        None => Ok(None),
        Some(Value::String(sub)) => Ok(Some(sub.clone())),
        Some(_) => Err(malformed()),
    }
}

fn acr(claims: Option<&Object>) -> Result<Option<WantedAcr>, OauthError> {
    let Some(wish) = wish(claims, "acr") else {
        return Ok(None);
    };
    let listed = wish.get("values").and_then(Value::as_array);
    let all = wish.get("value").into_iter().chain(listed.into_iter().flatten());
    let values: Option<Vec<String>> = all.map(|value| value.as_str().map(str::to_owned)).collect();
    Ok(Some(WantedAcr {
        values: values.ok_or_else(malformed)?,
        essential: wish.get("essential") == Some(&Value::Bool(true)),
    }))
}

fn wish<'a>(claims: Option<&'a Object>, name: &str) -> Option<&'a Object> {
    claims?.get(name)?.as_object()
}

fn malformed() -> OauthError {
    OauthError::new(Code::InvalidRequest, MALFORMED)
}

const MALFORMED: &str = "claims is not the JSON of OpenID Connect Core 5.5";
/// Room for every claim that we know, many times over.
const LONGEST: usize = 4_096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::registration::tests::check;

    fn read(text: &str) -> Result<Wanted, OauthError> {
        let client = check(|r| r.scope = Some("openid profile email".to_owned())).unwrap();
        Wanted::read(&Parameters::of([("claims", text)]), &client)
    }

    #[test]
    fn single_claims_are_read_in_every_shape() {
        let wanted =
            read(r#"{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"given_name":{}}}"#)
                .unwrap();
        assert_eq!(wanted.claims.userinfo, ["email", "name"]);
        assert_eq!(wanted.claims.id_token, ["given_name"]);
        assert_eq!(wanted.claims.scopes(), Scopes::parse("profile email"));
    }

    #[test]
    fn a_claim_of_a_scope_that_the_client_may_not_ask_is_left_out() {
        let wanted = read(r#"{"userinfo":{"national_id":{"essential":true},"shoe_size":null}}"#).unwrap();
        assert!(wanted.claims.is_empty());
    }

    #[test]
    fn a_subject_and_a_level_are_read() {
        let wanted =
            read(r#"{"id_token":{"sub":{"value":"s"},"acr":{"essential":true,"values":["a","b"]}}}"#)
                .unwrap();
        assert_eq!(wanted.sub.as_deref(), Some("s"));
        let acr = wanted.acr.unwrap();
        assert!(acr.essential);
        assert_eq!(acr.values, ["a", "b"]);
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        assert_eq!(
            read(r#"{"other":{"x":1},"userinfo":null}"#),
            Ok(Wanted::default())
        );
    }

    #[test]
    fn two_subjects_are_refused() {
        assert!(read(r#"{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}"#).is_err());
    }

    #[test]
    fn wrong_shapes_are_refused() {
        for text in [
            "x",
            "[]",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"name":1}}"#,
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"a"}}}"#,
            r#"{"id_token":{"acr":{"values":[1]}}}"#,
            r#"{"id_token":{"sub":{"value":1}}}"#,
            r#"{"userinfo":{"name":null,"name":null}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&format!(r#"{{"x":"{}"}}"#, "y".repeat(LONGEST))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn nothing_that_is_read_goes_beyond_the_registration(name in "[a-z_]{1,20}") {
            let wanted = read(&format!(r#"{{"userinfo":{{"{name}":null}}}}"#)).unwrap();
            prop_assert!(wanted.claims.scopes().within(&Scopes::parse("openid profile email")));
        }
    }
}
