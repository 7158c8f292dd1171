//! Providers that vouch for people who have no way of logging in here yet: a credential that somebody has already opens
//! their account, once.
//!
//! ```text
//! Question::new ─▶ (the person at the other provider) ─▶ Answer::code ─▶ Vouched::of ─▶ an activation
//! ```
//!
//! | the other provider says | we |
//! |---|---|
//! | who the person is, in a signed ID token | look for exactly that number in the register, and believe nothing else |
//! | a name, an address, a picture | do not read it |
//! | that the person logged in a year ago | refuse it, unless the operator said that it cannot tell |

mod answer;
mod endpoints;
mod person;
mod question;

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use self::endpoints::reachable;
pub use self::{
    answer::Answer,
    endpoints::{Endpoints, Metadata},
    person::Vouched,
    question::Question,
};
use super::{activation::Proofing, national_id::Scheme, time::Seconds};

/// Every provider that vouches here (`[upstream.NAME]`), by its name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Providers(BTreeMap<String, Provider>);

/// One of them, as an operator configures it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What people call it: "ClaveÚnica".
    pub label: String,
    /// Its issuer identifier, byte for byte.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// A file with our secret there, readable by its owner only.
    pub client_secret_file: PathBuf,
    /// How we show it.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// What we ask for, space-separated; `openid` among it.
    #[serde(default = "openid")]
    pub scope: String,
    /// The claim that holds the national id: text, or the object of Clave Única.
    pub claim: String,
    /// The scheme of that number; the first of `national_id_schemes` when left out.
    pub scheme: Option<String>,
    /// Claims that must have exactly these values: the country and the kind of a document.
    #[serde(default)]
    pub required: BTreeMap<String, serde_json::Value>,
    /// Levels at one of which the person must have logged in there; they are asked for.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// What its proofing amounts to.
    #[serde(default)]
    pub identity_assurance: IdentityAssurance,
    /// The person must log in there now, and the ID token must say when they did. Off for a provider whose tokens do
    /// not tell.
    #[serde(default = "yes")]
    pub fresh_login: bool,
    /// Where people are sent. This, `token_endpoint` and `jwks_uri` take the place of its metadata.
    pub authorization_endpoint: Option<String>,
    /// Where codes are redeemed.
    pub token_endpoint: Option<String>,
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Where claims are told that the ID token does not hold.
    pub userinfo_endpoint: Option<String>,
}

/// How a client shows its secret (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// In a header; what OpenID Connect takes for granted.
    #[default]
    ClientSecretBasic,
    /// In the form.
    ClientSecretPost,
}

/// What the proofing of a provider amounts to (SP 800-63A). The third level takes a registrar of ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityAssurance {
    /// Its people say who they are, and that was compared with a record at most.
    #[default]
    Ial1,
    /// Evidence was seen and belongs to the person.
    Ial2,
}

/// Why nobody was vouched for. Only its name is told, in the log: which check failed is no business of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    /// RFC 9207 §2.4: another provider answered, or none said that it did.
    OtherIssuer,
    /// The answer is none: neither a code nor an error, or one of them twice.
    Malformed,
    /// The provider refused.
    Refused,
    /// It did not take our code.
    CodeRefused,
    /// OpenID Connect Core §3.1.3.7: the ID token.
    IdToken(sdk_jose::id_token::IdTokenRefusal),
    /// OpenID Connect Core §5.3.2: userinfo speaks of another person.
    OtherPerson,
    /// A claim that the operator requires has another value.
    Required,
    /// There is no number in the claim, or its check digit is wrong.
    Number,
}

impl Providers {
    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Provider)> {
        self.0.iter().map(|(name, provider)| (name.as_str(), provider))
    }

    /// What would keep them from vouching; `development` where our issuer is on a loopback host, `schemes` as the
    /// operator accepts them.
    #[must_use]
    pub fn problems(&self, development: bool, schemes: &[String]) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, provider) in self.all() {
            let told = |problem: String| format!("upstream.{name}: {problem}");
            if !well_named(name) {
                problems.push(told(
                    "its name stands in addresses; use a-z, 0-9 and hyphens, 32 at most".to_owned(),
                ));
            }
            problems.extend(provider.problems(development, schemes).map(told));
        }
        problems
    }
}

impl Provider {
    /// The scheme of its numbers.
    #[must_use]
    pub fn scheme(&self, schemes: &[Scheme]) -> Option<Scheme> {
        match &self.scheme {
            Some(name) => Scheme::named(name),
            None => schemes.first().copied(),
        }
    }

    /// How a person is proven for whom it vouches.
    #[must_use]
    pub fn proofing(&self) -> Proofing {
        match self.identity_assurance {
            IdentityAssurance::Ial1 => Proofing::ExistingCredential,
            IdentityAssurance::Ial2 => Proofing::ProvenElsewhere,
        }
    }

    /// The endpoints that the operator wrote down, which take the place of its metadata.
    #[must_use]
    pub fn written(&self, development: bool) -> Option<Endpoints> {
        Some(Endpoints {
            authorization: reachable(self.authorization_endpoint.as_deref()?, development)?,
            token: reachable(self.token_endpoint.as_deref()?, development)?,
            jwks: reachable(self.jwks_uri.as_deref()?, development)?,
            userinfo: match &self.userinfo_endpoint {
                Some(address) => Some(reachable(address, development)?),
                None => None,
            },
            names_itself: false,
        })
    }

    fn problems(&self, development: bool, schemes: &[String]) -> impl Iterator<Item = String> {
        let mut problems = Vec::new();
        let said = |text: &str| Some(text.to_owned());
        let wrong = |address: &str| reachable(address, development).is_none();
        problems.extend(
            wrong(&self.issuer)
                .then(|| "issuer: must be https; http is for loopback in development".to_owned()),
        );
        let all = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        let written = all.iter().filter(|address| address.is_some()).count();
        problems.extend(match written {
            0 if self.userinfo_endpoint.is_none() => None,
            3 if self.written(development).is_none() => said("its endpoints must be https"),
            3 => None,
            _ => said(
                "write authorization_endpoint, token_endpoint and jwks_uri, all of them, or leave all to its metadata",
            ),
        });
        if !self.scope.split(' ').any(|one| one == "openid") {
            problems.extend(said("scope: openid is missing (OpenID Connect Core §3.1.2.1)"));
        }
        if self.label.trim().is_empty() || self.client_id.is_empty() || self.claim.is_empty() {
            problems.extend(said("label, client_id and claim must say something"));
        }
        if let Some(scheme) = self.scheme.as_ref().filter(|scheme| !schemes.contains(scheme)) {
            problems.push(format!("scheme: {scheme} is not in national_id_schemes"));
        }
        problems.into_iter()
    }
}

impl Unproven {
    /// Its name in the audit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherIssuer => "other-issuer",
            Self::Malformed => "malformed",
            Self::Refused => "refused-there",
            Self::CodeRefused => "code-refused",
            Self::IdToken(_) => "id-token",
            Self::OtherPerson => "other-person",
            Self::Required => "required-claim",
            Self::Number => "number",
        }
    }
}

fn well_named(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain)
}

fn openid() -> String {
    "openid".to_owned()
}

fn yes() -> bool {
    true
}

/// How long a person may be away at the other provider: what an authorization code may live at most (RFC 6749 §4.1.2),
/// with the time that it takes to find a telephone.
pub const AWAY: Seconds = Seconds(600);
const LONGEST_NAME: usize = 32;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn provider(more: &str) -> Provider {
        let plain = "label = \"Otra\"\nissuer = \"https://otra.example\"\nclient_id = \"aval\"\n\
                     client_secret_file = \"/secreto\"\nclaim = \"rut\"\n";
        toml::from_str(&format!("{plain}{more}")).unwrap()
    }

    fn problems(name: &str, change: impl FnOnce(&mut Provider)) -> Vec<String> {
        let mut one = provider("");
        change(&mut one);
        let providers = Providers(BTreeMap::from([(name.to_owned(), one)]));
        providers.problems(false, &["CL-RUN".to_owned()])
    }

    #[test]
    fn an_issuer_a_client_and_a_claim_are_enough() {
        assert_eq!(problems("otra", |_| {}), Vec::<String>::new());
        let one = provider("");
        assert_eq!(
            (one.scope.as_str(), one.fresh_login, one.proofing()),
            ("openid", true, Proofing::ExistingCredential)
        );
    }

    #[test]
    fn each_mistake_of_an_operator_is_told() {
        type Mistake = fn(&mut Provider);
        let mistakes: [(Mistake, &str); 7] = [
            (|p| p.issuer = "http://otra.example".into(), "issuer"),
            (|p| p.issuer = "http://127.0.0.1:1".into(), "issuer"),
            (
                |p| p.token_endpoint = Some("https://otra.example/t".into()),
                "all of them",
            ),
            (
                |p| p.userinfo_endpoint = Some("https://otra.example/u".into()),
                "all of them",
            ),
            (|p| p.scope = "run name".into(), "openid is missing"),
            (|p| p.claim = String::new(), "claim"),
            (|p| p.scheme = Some("UY-CI".into()), "national_id_schemes"),
        ];
        for (mistake, told) in mistakes {
            let problems = problems("otra", mistake);
            assert!(
                problems.len() == 1 && problems[0].contains(told),
                "{told}: {problems:?}"
            );
        }
        assert!(problems("Otra/..", |_| {})[0].contains("addresses"));
    }

    #[test]
    fn endpoints_that_are_written_down_take_the_place_of_metadata() {
        let all = "authorization_endpoint = \"https://otra.example/a\"\ntoken_endpoint = \"https://otra.example/t\"\n\
                   jwks_uri = \"https://otra.example/k\"\n";
        assert_eq!(
            provider(all).written(false).unwrap().token.as_str(),
            "https://otra.example/t"
        );
        assert!(provider("").written(false).is_none());
        let plain = all.replace("https", "http");
        assert!(provider(&plain).written(false).is_none());
    }

    #[test]
    fn a_secret_in_the_file_itself_is_no_setting() {
        let text = "label = \"x\"\nissuer = \"x\"\nclient_id = \"x\"\nclaim = \"x\"\nclient_secret_file = \"x\"\n\
                    client_secret = \"x\"";
        assert!(toml::from_str::<Provider>(text).is_err());
    }

    #[test]
    fn the_manuals_examples_are_good() {
        #[derive(Deserialize)]
        struct File {
            upstream: Providers,
        }
        let manual = include_str!("../../manual/upstream.md");
        let examples: Vec<&str> = manual.split("```").skip(1).step_by(2).collect();
        assert_eq!(examples.len(), 3);
        let schemes = ["CL-RUN".to_owned(), "UY-CI".to_owned()];
        for example in examples {
            let file: File = toml::from_str(example.trim_start_matches("toml")).unwrap();
            assert_eq!(file.upstream.problems(false, &schemes), Vec::<String>::new());
            assert_eq!(file.upstream.all().count(), 1);
        }
    }
}
