//! What integrators of Clave Única depend on: their words for scopes, their objects for a person, where a logout lands.
//!
//! A client with [`Profile::ClaveUnica`](super::client::Profile) is spoken to in these words wherever it asks; the paths
//! that its libraries were written for lead to the same endpoints as everybody's. Nothing here makes a login weaker.

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    scope::{Scope, Scopes},
    tokens::Facts,
};

/// What follows our issuer identifier in the one that these clients know: their libraries look for the metadata under
/// this path, and the `iss` of their id tokens has to be what that metadata says.
pub const ISSUER_PATH: &str = "/openid";

/// The scopes of a request: `run` and `name` in their words; ours are understood, too, and unknown ones left out.
#[must_use]
pub fn scopes(text: &str) -> Scopes {
    let asked: Vec<&str> = text.split(' ').collect();
    Scope::ALL
        .into_iter()
        .filter(|scope| asked.contains(&word(*scope)) || asked.contains(&scope.name()))
        .collect()
}

/// The same scopes as these clients name them.
#[must_use]
pub fn words(scopes: &Scopes) -> String {
    let words: Vec<&str> = scopes.iter().map(word).collect();
    words.join(" ")
}

/// How these clients call a scope.
#[must_use]
pub fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::NationalId => "run",
        Scope::Profile => "name",
        Scope::Openid | Scope::Email | Scope::Phone | Scope::Address | Scope::OfflineAccess => scope.name(),
    }
}

/// Userinfo: `RolUnico` for `run`, an object `name` for `name`, `email` only where it was asked. `sub` is ours and never
/// the number.
///
/// Only a RUN is told as one. Integrators take `numero` for the key of their tables: another country's number would
/// open the account of whoever has the same digits in Chile.
#[must_use]
pub fn userinfo(scopes: &Scopes, subject: &str, facts: &Facts) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(subject));
    if scopes.contains(Scope::NationalId)
        && let Some(run) = rol_unico(facts)
    {
        claims.insert("RolUnico".to_owned(), run);
    }
    if scopes.contains(Scope::Profile) {
        let name = json!({ "nombres": parts(&facts.given_name), "apellidos": parts(&facts.family_name) });
        claims.insert("name".to_owned(), name);
    }
    if scopes.contains(Scope::Email) {
        claims.insert("email".to_owned(), json!(facts.email));
    }
    claims
}

/// `{"numero": 12345678, "DV": "K", "tipo": "RUN"}`.
fn rol_unico(facts: &Facts) -> Option<Value> {
    if facts.national_id_scheme != "CL-RUN" {
        return None;
    }
    let (number, digit) = facts.national_id.split_once('-')?;
    let number: u32 = number.parse().ok()?;
    Some(json!({ "numero": number, "DV": digit, "tipo": "RUN" }))
}

/// The names in a registry's line, each with the particles before it: `De la Fuente Muñoz` are two, `María del Carmen`
/// are two, `Del Río` is one. The registry keeps a line and no borders, so a name with a particle *inside*
/// (`Ponce de León`) comes apart; integrators put the parts together again in the order in which they came.
#[must_use]
pub fn parts(line: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for word in line.split_whitespace() {
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(word);
        if !is_particle(word) {
            parts.push(std::mem::take(&mut part));
        }
    }
    // Particles with nothing after them are a name of their own ("Van").
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

/// The origin of an address that a browser may be sent to after leaving, as it is registered and looked up; and the
/// address itself as a browser reads it, so that nothing is left to interpretation on the way.
///
/// These clients register an authority and not an address. `None` for whatever is no plain web address: then it cannot
/// be registered either.
#[must_use]
pub fn leaves_to(address: &str) -> Option<(String, String)> {
    let url = Url::parse(address).ok()?;
    let plain = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && !address.contains('\\')
        && address.len() <= LONGEST_ADDRESS;
    plain.then(|| (url.origin().ascii_serialization(), url.into()))
}

/// Words that begin a name and are none by themselves.
const PARTICLES: [&str; 18] = [
    "de", "del", "la", "las", "los", "da", "das", "do", "dos", "di", "du", "van", "von", "der", "den", "zu",
    "san", "santa",
];
/// What every browser accepts in an address.
const LONGEST_ADDRESS: usize = 2_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(number: &str, scheme: &str) -> Facts {
        Facts {
            given_name: "María Carmen".into(),
            family_name: "Del Río Gonzalez".into(),
            name: "María Carmen Del Río Gonzalez".into(),
            email: "mc@correo.example".into(),
            email_verified: true,
            phone: None,
            address: None,
            national_id: number.into(),
            national_id_scheme: scheme.into(),
        }
    }

    fn told(scope: &str) -> Value {
        Value::Object(userinfo(&scopes(scope), "sub", &facts("12345678-5", "CL-RUN")))
    }

    #[test]
    fn the_example_of_their_manual_comes_out() {
        assert_eq!(
            told("openid run name"),
            json!({ "sub": "sub", "RolUnico": { "numero": 12_345_678, "DV": "5", "tipo": "RUN" },
                    "name": { "nombres": ["María", "Carmen"], "apellidos": ["Del Río", "Gonzalez"] } })
        );
    }

    #[test]
    fn each_scope_releases_its_own_and_nothing_else() {
        assert_eq!(told("openid"), json!({ "sub": "sub" }));
        assert_eq!(told("openid email")["email"], "mc@correo.example");
        assert_eq!(told("openid email").get("RolUnico"), None);
        assert_eq!(told("openid run").get("name"), None);
    }

    #[test]
    fn a_check_letter_is_told_as_one() {
        let claims = userinfo(&scopes("openid run"), "sub", &facts("20000005-K", "CL-RUN"));
        assert_eq!(claims["RolUnico"]["DV"], "K");
        assert_eq!(claims["RolUnico"]["numero"], 20_000_005);
    }

    #[test]
    fn another_countrys_number_is_not_told_as_a_run() {
        let claims = userinfo(&scopes("openid run"), "sub", &facts("12345678", "PE-DNI"));
        assert_eq!(claims.get("RolUnico"), None);
    }

    #[test]
    fn their_words_and_ours_name_the_same_scopes() {
        assert_eq!(
            scopes("openid run name email").to_string(),
            "openid profile national_id email"
        );
        assert_eq!(scopes("openid national_id profile"), scopes("name run openid"));
        assert_eq!(words(&scopes("openid run name email")), "openid name run email");
        assert_eq!(scopes("openid admin Run"), scopes("openid"));
    }

    #[test]
    fn one_two_and_four_surnames_and_their_particles() {
        for (line, expected) in [
            ("Soto", &["Soto"][..]),
            ("Soto Díaz", &["Soto", "Díaz"]),
            ("De la Fuente Muñoz", &["De la Fuente", "Muñoz"]),
            ("DE LOS SANTOS VON DER HEYDE", &["DE LOS SANTOS", "VON DER HEYDE"]),
            ("San Martín Ñancupil", &["San Martín", "Ñancupil"]),
            (
                "Alcântara de Bragança e Bourbon",
                &["Alcântara", "de Bragança", "e", "Bourbon"],
            ),
            ("O'Higgins-Riquelme", &["O'Higgins-Riquelme"]),
            ("Van", &["Van"]),
            ("Lee Van", &["Lee", "Van"]),
        ] {
            assert_eq!(parts(line), expected, "{line}");
        }
        assert_eq!(parts("María de los Ángeles"), ["María", "de los Ángeles"]);
    }

    #[test]
    fn an_address_is_known_by_the_origin_that_a_browser_would_go_to() {
        let origin = |address: &str| leaves_to(address).map(|(origin, _)| origin);
        assert_eq!(
            origin("https://tramites.example/salir?x=1").as_deref(),
            Some("https://tramites.example")
        );
        assert_eq!(
            origin("http://localhost:8000/").as_deref(),
            Some("http://localhost:8000")
        );
        assert_eq!(
            leaves_to("https://TRAMITES.example:443/a/../b").unwrap().1,
            "https://tramites.example/b"
        );
        assert_eq!(
            origin("https://tramites.example.evil.example/").as_deref(),
            Some("https://tramites.example.evil.example")
        );
        for other in [
            "https://tramites.example@evil.example/",
            "https://a:b@tramites.example/",
            "https:\\\\evil.example",
            "https://tramites.example\\@evil.example/",
            "//tramites.example/",
            "/salir",
            "logout_uri",
            "javascript:alert(1)",
            "data:text/html,x",
            "",
        ] {
            assert_eq!(origin(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_word_of_a_name_is_lost_or_moved(line in "[A-Za-zñÑ' ]{0,60}") {
            let tidy: Vec<&str> = line.split_whitespace().collect();
            let parts = parts(&line);
            prop_assert_eq!(parts.join(" "), tidy.join(" "));
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
        }

        #[test]
        fn no_address_leads_elsewhere_than_to_its_origin(address in ".{0,60}") {
            if let Some((origin, address)) = leaves_to(&address) {
                let again = Url::parse(&address).unwrap();
                prop_assert_eq!(again.origin().ascii_serialization(), origin);
            }
        }
    }
}
