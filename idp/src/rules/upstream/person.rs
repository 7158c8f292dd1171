//! Whom a provider speaks of: one number, out of claims that were verified. Nothing else of them is read.

use sdk_jose::{IdTokenClaims, json::Object};
use serde_json::Value;

use super::{Provider, Unproven};
use crate::rules::{
    activation::Proofing,
    national_id::{NationalId, Scheme},
};

/// A provider that the operator trusts says that this person is at the door. Made of verified claims only, and good for
/// one activation.
#[derive(Debug)]
pub struct Vouched {
    /// Their number.
    pub national_id: NationalId,
    /// How they were proven.
    pub proofing: Proofing,
}

impl Vouched {
    /// Whether the ID token lacks a claim that is needed, so that userinfo is worth asking.
    #[must_use]
    pub fn lacks(provider: &Provider, claims: &IdTokenClaims) -> bool {
        let needed = provider.required.keys().chain([&provider.claim]);
        needed.into_iter().any(|name| !claims.other.contains_key(name))
    }

    /// The person of these claims; what the ID token says goes before what userinfo says.
    ///
    /// # Errors
    /// [`Unproven::OtherPerson`], [`Unproven::Required`], [`Unproven::Number`].
    pub fn of(
        provider: &Provider,
        schemes: &[Scheme],
        claims: &IdTokenClaims,
        userinfo: Option<&Object>,
    ) -> Result<Self, Unproven> {
        same_person(claims, userinfo)?;
        let told = |name: &str| {
            let signed = claims.other.get(name);
            signed.or_else(|| userinfo.and_then(|userinfo| userinfo.get(name)))
        };
        let required = &provider.required;
        if !required.iter().all(|(name, value)| told(name) == Some(value)) {
            return Err(Unproven::Required);
        }
        let scheme = provider.scheme(schemes).ok_or(Unproven::Number)?;
        let number = told(&provider.claim).and_then(|value| number(value, scheme));
        Ok(Self {
            national_id: number.ok_or(Unproven::Number)?,
            proofing: provider.proofing(),
        })
    }
}

/// OpenID Connect Core §5.3.2: otherwise userinfo must not be used.
fn same_person(claims: &IdTokenClaims, userinfo: Option<&Object>) -> Result<(), Unproven> {
    let Some(userinfo) = userinfo else { return Ok(()) };
    match userinfo.get("sub").and_then(Value::as_str) {
        Some(sub) if sub == claims.sub => Ok(()),
        _ => Err(Unproven::OtherPerson),
    }
}

/// A number as text, or as Clave Única writes it: `{"numero":12345678,"DV":"5","tipo":"RUN"}`. Either way its check digit
/// must be right.
fn number(value: &Value, scheme: Scheme) -> Option<NationalId> {
    match value {
        Value::String(text) => NationalId::parse(text, &[scheme]).ok(),
        Value::Object(run) if scheme == Scheme::ClRun => {
            let (body, check) = (run.get("numero")?.as_u64()?, run.get("DV")?.as_str()?);
            // A provider for foreigners, too, numbers other documents in the same shape.
            if run.get("tipo")?.as_str()? != "RUN" {
                return None;
            }
            NationalId::parse(&format!("{body}-{check}"), &[scheme]).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::upstream::tests::provider;

    const SCHEMES: [Scheme; 2] = [Scheme::ClRun, Scheme::UyCi];

    fn claims(more: &Value) -> IdTokenClaims {
        let mut all = json!({ "iss": "i", "sub": "s", "aud": "a", "exp": 1, "iat": 0 });
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn of(settings: &str, token: &Value, userinfo: Option<Value>) -> Result<String, Unproven> {
        let userinfo = userinfo.map(|userinfo| userinfo.as_object().unwrap().clone());
        let vouched = Vouched::of(&provider(settings), &SCHEMES, &claims(token), userinfo.as_ref());
        vouched.map(|vouched| vouched.national_id.as_str().to_owned())
    }

    #[test]
    fn a_number_is_read_as_text_and_as_clave_unica_writes_it() {
        assert_eq!(
            of("", &json!({ "rut": "12.345.678-5" }), None).unwrap(),
            "12345678-5"
        );
        let run = json!({ "numero": 12_345_678, "DV": "5", "tipo": "RUN" });
        let userinfo = json!({ "sub": "s", "rut": run });
        assert_eq!(of("", &json!({}), Some(userinfo)).unwrap(), "12345678-5");
        let run = json!({ "numero": 6, "DV": "k", "tipo": "RUN" });
        assert_eq!(of("", &json!({ "rut": run }), None).unwrap(), "6-K");
    }

    #[test]
    fn what_is_no_number_of_the_scheme_proves_nothing() {
        for wrong in [
            json!("12.345.678-6"),
            json!(""),
            json!(12_345_678),
            json!(null),
            json!(["12345678-5"]),
            json!({ "numero": 12_345_678, "DV": "6", "tipo": "RUN" }),
            json!({ "numero": 12_345_678, "DV": "5", "tipo": "PASAPORTE" }),
            json!({ "numero": 12_345_678, "DV": "5" }),
            json!({ "numero": "12345678", "DV": "5", "tipo": "RUN" }),
            json!({ "numero": -12_345_678, "DV": "5", "tipo": "RUN" }),
        ] {
            assert_eq!(
                of("", &json!({ "rut": wrong }), None),
                Err(Unproven::Number),
                "{wrong}"
            );
        }
        let uruguayan = of("scheme = \"UY-CI\"", &json!({ "rut": "12.345.678-5" }), None);
        assert_eq!(uruguayan, Err(Unproven::Number));
    }

    #[test]
    fn userinfo_of_another_person_is_not_used() {
        for sub in [json!("t"), json!(null), json!(["s"])] {
            let userinfo = json!({ "sub": sub, "rut": "12345678-5" });
            assert_eq!(of("", &json!({}), Some(userinfo)), Err(Unproven::OtherPerson));
        }
    }

    #[test]
    fn the_signed_token_goes_before_userinfo() {
        let userinfo = json!({ "sub": "s", "rut": "11111111-1" });
        assert_eq!(
            of("", &json!({ "rut": "12345678-5" }), Some(userinfo)).unwrap(),
            "12345678-5"
        );
    }

    #[test]
    fn a_required_claim_has_exactly_its_value() {
        let settings = "required = { pais = \"uy\", nivel = 2 }";
        let with = |pais: Value, nivel: Value| {
            of(
                settings,
                &json!({ "rut": "12345678-5", "pais": pais, "nivel": nivel }),
                None,
            )
        };
        assert!(with(json!("uy"), json!(2)).is_ok());
        assert_eq!(with(json!("UY"), json!(2)), Err(Unproven::Required));
        assert_eq!(with(json!("uy"), json!("2")), Err(Unproven::Required));
        assert_eq!(
            of(settings, &json!({ "rut": "12345678-5" }), None),
            Err(Unproven::Required)
        );
        assert!(Vouched::lacks(
            &provider(settings),
            &claims(&json!({ "rut": "x", "pais": "uy" }))
        ));
    }

    proptest! {
        #[test]
        fn nothing_that_a_provider_says_panics_or_passes_a_wrong_check_digit(
            body: u64, check in "\\PC{0,3}", text in "\\PC{0,40}",
        ) {
            let run = json!({ "numero": body, "DV": check, "tipo": "RUN" });
            if let Some(id) = number(&run, Scheme::ClRun) {
                prop_assert!(NationalId::parse(id.as_str(), &[Scheme::ClRun]).is_ok());
            }
            let _read = number(&Value::String(text), Scheme::ClRun);
        }
    }
}
