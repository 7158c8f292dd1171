//! Agencies that register their clients themselves (RFC 7591, RFC 7592): what an operator allowed with an initial
//! access token, and what of a request is let through.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::{
    client::{Client, ClientKeys, GrantType, Profile, SubjectType},
    ids::InitialTokenId,
    registration::{Invalid, Registration},
    scope::Scopes,
    time::Timestamp,
};

/// What whoever holds an initial access token may register; it stays with the clients that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Hosts that the operator knows to be the agency's (or an app's scheme). Every address of the client is at one of
    /// them, exactly.
    pub hosts: Vec<String>,
    /// The most that the client may ask of citizens.
    pub scopes: Scopes,
    /// The client may leave PKCE out: for certification runs, which do.
    pub pkce_optional: bool,
}

/// An initial access token (RFC 7591 §1.2), without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialToken {
    /// Its name, for operators and the audit.
    pub id: InitialTokenId,
    /// What it allows.
    pub policy: Policy,
    /// How many clients may still be registered with it.
    pub uses_left: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Why metadata is not accepted (RFC 7591 §3.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unacceptable {
    /// `invalid_redirect_uri`, and which.
    RedirectUri(String),
    /// `invalid_client_metadata`: the field, and what to write instead.
    Metadata(String),
    /// `unapproved_software_statement`: we trust nobody who could have signed one.
    SoftwareStatement,
}

impl Unacceptable {
    /// The error code and its description.
    #[must_use]
    pub fn told(&self) -> (&'static str, &str) {
        match self {
            Self::RedirectUri(problem) => ("invalid_redirect_uri", problem),
            Self::Metadata(problem) => ("invalid_client_metadata", problem),
            Self::SoftwareStatement => (
                "unapproved_software_statement",
                "software statements are not accepted",
            ),
        }
    }
}

impl From<Invalid> for Unacceptable {
    fn from(invalid: Invalid) -> Self {
        if invalid.field == "redirect_uris" {
            Self::RedirectUri(invalid.to_string())
        } else {
            Self::Metadata(invalid.to_string())
        }
    }
}

/// A host as an operator typed it, in its normal form; `None` when it is anything more than a host.
#[must_use]
pub fn host(typed: &str) -> Option<String> {
    let url = Url::parse(&format!("https://{typed}/")).ok()?;
    let host = url.host_str()?.to_owned();
    (url.as_str() == format!("https://{host}/")).then_some(host)
}

/// Reads what an agency sent. Fields that we do not know are ignored (RFC 7591 §2); id and secret are ours to choose
/// (§3.2.1).
///
/// # Errors
/// The first known field of a wrong type, or a software statement.
pub fn asked(mut sent: Map<String, Value>, policy: &Policy) -> Result<Registration, Unacceptable> {
    if sent.contains_key("software_statement") {
        return Err(Unacceptable::SoftwareStatement);
    }
    if sent.len() > MOST_FIELDS {
        return Err(Unacceptable::Metadata("too many fields".to_owned()));
    }
    for ours in OURS {
        sent.remove(ours);
    }
    let mut known = Map::new();
    for (name, value) in sent {
        // Each field is read by itself: so is said which one is wrong, and an unknown one does no harm.
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        match serde_json::from_value::<Registration>(alone) {
            Ok(_) => {
                known.insert(name, value);
            }
            Err(problem) if problem.to_string().starts_with("unknown field") => {}
            Err(problem) if name == "redirect_uris" => {
                return Err(Unacceptable::RedirectUri(format!("redirect_uris: {problem}")));
            }
            Err(problem) => return Err(Unacceptable::Metadata(format!("{name}: {problem}"))),
        }
    }
    let registration = serde_json::from_value::<Registration>(Value::Object(known));
    let registration = registration.map_err(|problem| Unacceptable::Metadata(problem.to_string()))?;
    Ok(Registration {
        require_pkce: registration
            .require_pkce
            .or(policy.pkce_optional.then_some(false)),
        ..registration
    })
}

/// Holds a checked client to what the operator allowed: its addresses, its scopes (narrowed, RFC 7591 §3.2.1), and
/// nothing that only an operator may decide.
///
/// # Errors
/// What goes beyond it.
pub fn within(policy: &Policy, mut client: Client) -> Result<Client, Unacceptable> {
    for uri in &client.redirect_uris {
        if !at_home(policy, uri) {
            return Err(Unacceptable::RedirectUri(format!(
                "redirect_uris: {uri}: {NOT_HOME}"
            )));
        }
    }
    for (field, uri) in other_addresses(&client) {
        if !at_home(policy, uri) {
            return Err(Unacceptable::Metadata(format!("{field}: {uri}: {NOT_HOME}")));
        }
    }
    let by_operator = |field: &str| {
        Err(Unacceptable::Metadata(format!(
            "{field}: only an operator of this service may register that"
        )))
    };
    if !client.require_pkce && !policy.pkce_optional {
        return by_operator("require_pkce");
    }
    if client.profile == Profile::ClaveUnica {
        return by_operator("profile");
    }
    if client.subject_type == SubjectType::Public {
        return by_operator("subject_type");
    }
    if client
        .grant_types
        .iter()
        .any(|grant| !BY_AGENCIES.contains(grant))
    {
        return by_operator("grant_types");
    }
    if !client.resources.is_empty() {
        return by_operator("resources");
    }
    if !client.authorization_details_types.is_empty() {
        return by_operator("authorization_details_types");
    }
    client.scopes = client
        .scopes
        .iter()
        .filter(|scope| policy.scopes.contains(*scope))
        .collect();
    Ok(client)
}

/// Every address of a client but its redirect URIs, with the field it is registered in.
fn other_addresses(client: &Client) -> Vec<(&'static str, &str)> {
    let about = &client.about;
    let keys = match &client.keys {
        Some(ClientKeys::JwksUri(uri)) => Some(uri),
        Some(ClientKeys::Jwks(_)) | None => None,
    };
    let backchannel = client.backchannel_logout.as_ref().map(|logout| &logout.uri);
    let frontchannel = client.frontchannel_logout.as_ref().map(|logout| &logout.uri);
    let single = [
        ("client_uri", client.uri.as_ref()),
        ("logo_uri", about.logo_uri.as_ref()),
        ("policy_uri", about.policy_uri.as_ref()),
        ("tos_uri", about.tos_uri.as_ref()),
        ("initiate_login_uri", about.initiate_login_uri.as_ref()),
        ("sector_identifier_uri", client.sector_identifier_uri.as_ref()),
        ("jwks_uri", keys),
        ("backchannel_logout_uri", backchannel),
        ("frontchannel_logout_uri", frontchannel),
    ];
    let mut all: Vec<(&'static str, &str)> = single
        .into_iter()
        .filter_map(|(field, uri)| Some((field, uri?.as_str())))
        .collect();
    let (left, requests) = (&client.post_logout_redirect_uris, &client.request_objects.uris);
    all.extend(left.iter().map(|uri| ("post_logout_redirect_uris", uri.as_str())));
    all.extend(requests.iter().map(|uri| ("request_uris", uri.as_str())));
    all
}

/// The host of `uri` is one of the policy's, byte for byte after the normal form of a URL; an app's own scheme counts
/// as its host.
fn at_home(policy: &Policy, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let host = url.host_str().unwrap_or(url.scheme());
    policy.hosts.iter().any(|known| known == host)
}

const NOT_HOME: &str = "not at a host that was agreed with the operator of this service";
/// More than twice as many as there are names.
const MOST_FIELDS: usize = 128;
/// RFC 7591 §3.2.1: the server chooses; RFC 7592 §2.2: a client repeats them, and the caller has looked.
const OURS: [&str; 5] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
];
/// The others let a client act without a citizen, or for another client.
const BY_AGENCIES: [GrantType; 2] = [GrantType::AuthorizationCode, GrantType::RefreshToken];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::{ids::ClientId, scope::Scope};

    fn policy() -> Policy {
        Policy {
            hosts: vec!["agency.example".to_owned(), "cl.agency.app".to_owned()],
            scopes: Scopes::parse("openid profile"),
            pkce_optional: false,
        }
    }

    fn register(change: Value) -> Result<Client, Unacceptable> {
        let mut sent = json!({ "client_name": "A", "redirect_uris": ["https://agency.example/cb"] });
        sent.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let registration = asked(sent.as_object().unwrap().clone(), &policy())?;
        within(&policy(), registration.check(ClientId::new([1; 16]))?)
    }

    #[test]
    fn unknown_fields_are_ignored_and_known_ones_of_a_wrong_type_are_named() {
        assert!(register(json!({ "client_name#en": "B", "x": { "y": 1 }, "client_id": "mine" })).is_ok());
        let refused = register(json!({ "contacts": "x" })).unwrap_err();
        assert!(refused.told().1.starts_with("contacts: "), "{refused:?}");
        let refused = register(json!({ "redirect_uris": "https://agency.example/cb" })).unwrap_err();
        assert_eq!(refused.told().0, "invalid_redirect_uri");
    }

    /// JSON of any shape, a few levels deep.
    fn anything() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
            Just(json!("https://agency.example/x")),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{0,8}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_no_address_leaves_the_agreed_hosts(
            field in proptest::sample::select(vec![
                "redirect_uris", "post_logout_redirect_uris", "request_uris", "jwks_uri", "jwks", "client_uri", "logo_uri",
                "contacts", "backchannel_logout_uri", "frontchannel_logout_uri", "sector_identifier_uri", "scope",
                "default_max_age", "grant_types", "profile", "application_type", "x",
            ]),
            value in anything(),
        ) {
            if let Ok(client) = register(json!({ field: value })) {
                let policy = policy();
                proptest::prop_assert!(client.redirect_uris.iter().all(|uri| at_home(&policy, uri)));
                proptest::prop_assert!(other_addresses(&client).iter().all(|(_, uri)| at_home(&policy, uri)));
                proptest::prop_assert!(client.require_pkce);
            }
        }
    }

    #[test]
    fn an_agency_cannot_choose_its_id() {
        let client = register(json!({ "client_id": "tax" })).unwrap();
        assert_eq!(client.id, ClientId::new([1; 16]));
    }

    #[test]
    fn every_address_is_at_an_agreed_host() {
        for field in [
            "client_uri",
            "logo_uri",
            "policy_uri",
            "tos_uri",
            "initiate_login_uri",
            "sector_identifier_uri",
            "jwks_uri",
            "backchannel_logout_uri",
            "frontchannel_logout_uri",
        ] {
            for elsewhere in [
                "https://other.example/x",
                "https://agency.example.evil.example/x",
                "https://x.agency.example/x",
            ] {
                let refused = register(json!({ field: elsewhere })).unwrap_err();
                assert_eq!(refused.told().0, "invalid_client_metadata", "{field}");
                assert!(refused.told().1.starts_with(field), "{refused:?}");
            }
        }
        for field in ["post_logout_redirect_uris", "request_uris"] {
            let refused = register(json!({ field: ["https://other.example/x"] })).unwrap_err();
            assert!(refused.told().1.starts_with(field), "{refused:?}");
        }
    }

    #[test]
    fn a_redirect_uri_elsewhere_is_refused_by_its_own_name() {
        for uri in [
            "https://other.example/cb",
            "https://agency.example@other.example/cb",
            "https://agency.example.other.example/cb",
            "http://localhost/cb",
        ] {
            let refused = register(json!({ "redirect_uris": [uri] })).unwrap_err();
            assert_eq!(refused.told().0, "invalid_redirect_uri", "{uri}");
        }
    }

    #[test]
    fn a_host_is_a_host_and_nothing_more() {
        assert_eq!(host("Agency.Example").as_deref(), Some("agency.example"));
        assert_eq!(host("localhost").as_deref(), Some("localhost"));
        for more in [
            "",
            "agency.example/x",
            "agency.example:8443",
            "u@agency.example",
            "https://agency.example",
            "a b",
            "*.x?",
        ] {
            assert_eq!(host(more), None, "{more}");
        }
    }

    #[test]
    fn an_app_is_at_home_in_its_scheme() {
        let app = json!({ "redirect_uris": ["cl.agency.app:/cb"], "application_type": "native" });
        assert!(register(app).is_ok());
        let other = json!({ "redirect_uris": ["cl.other.app:/cb"], "application_type": "native" });
        assert!(register(other).is_err());
    }

    #[test]
    fn what_an_operator_decides_is_not_registered() {
        for (field, value) in [
            ("require_pkce", json!(false)),
            ("subject_type", json!("public")),
            ("profile", json!("claveunica")),
            ("grant_types", json!(["client_credentials"])),
            ("resources", json!(["https://agency.example/api"])),
            ("authorization_details_types", json!(["payment"])),
        ] {
            assert!(register(json!({ field: value })).is_err(), "{field}");
        }
    }

    #[test]
    fn scopes_are_narrowed_to_the_agreed_ones() {
        let client = register(json!({ "scope": "openid profile national_id" })).unwrap();
        assert!(client.scopes.contains(Scope::Profile) && !client.scopes.contains(Scope::NationalId));
    }

    #[test]
    fn a_software_statement_is_refused() {
        let refused = register(json!({ "software_statement": "x.y.z" })).unwrap_err();
        assert_eq!(refused, Unacceptable::SoftwareStatement);
    }

    #[test]
    fn a_certification_run_may_leave_pkce_out() {
        let relaxed = Policy {
            pkce_optional: true,
            ..policy()
        };
        let sent = json!({ "client_name": "A", "redirect_uris": ["https://agency.example/cb"] });
        let registration = asked(sent.as_object().unwrap().clone(), &relaxed).unwrap();
        let client = within(&relaxed, registration.check(ClientId::new([1; 16])).unwrap()).unwrap();
        assert!(!client.require_pkce);
    }
}
