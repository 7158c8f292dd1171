use sdk_jose::Algorithm;

use crate::rules::secret::Secret;

use super::*;

pub(crate) fn registration() -> Registration {
    Registration {
        client_name: "Impuestos".to_owned(),
        redirect_uris: vec!["https://agency.example/cb".to_owned()],
        ..Registration::default()
    }
}

pub(crate) fn check(change: impl FnOnce(&mut Registration)) -> Result<Client, Invalid> {
    let mut registration = registration();
    change(&mut registration);
    registration.check(ClientId::new([1; 16]))
}

#[test]
fn defaults_are_the_strict_ones() {
    let client = check(|_| {}).unwrap();
    assert!(client.require_pkce && !client.native);
    assert_eq!(client.profile, Profile::Plain);
    assert_eq!(client.access_token_format, AccessTokenFormat::Opaque);
    assert_eq!(client.authentication, Authentication::Secret);
    assert_eq!(client.id_token_alg, Algorithm::ES256);
    assert_eq!(client.subject_type, SubjectType::Pairwise);
    assert!(!client.scopes.contains(Scope::OfflineAccess));
}

#[test]
fn a_redirect_uri_that_a_browser_would_rewrite_is_not_registered() {
    for bad in [
        "https://agency.example/a/../cb",
        "https://agency.example:443/cb",
        "https://AGENCY.example/cb",
        "http://agency.example/cb",
        "https://agency.example/cb#x",
        "https://u@agency.example/cb",
        "javascript:alert(1)",
        "JaVaScript:alert(1)",
        "data:text/html,x",
        "//agency.example/cb",
        "/cb",
        "https://agency.example\\@evil.example/",
        "com.example:/cb",
    ] {
        assert!(
            check(|r| r.redirect_uris = vec![bad.to_owned()]).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn http_is_for_this_machine() {
    for good in [
        "http://localhost:9000/callback",
        "http://127.0.0.1/cb",
        "http://[::1]:1/cb",
        "http://localhost:1",
    ] {
        assert!(
            check(|r| r.redirect_uris = vec![good.to_owned()]).is_ok(),
            "{good}"
        );
    }
}

#[test]
fn two_hosts_cannot_share_a_pairwise_client() {
    let two = vec![
        "https://a.example/cb".to_owned(),
        "https://b.example/cb".to_owned(),
    ];
    assert!(check(|r| r.redirect_uris.clone_from(&two)).is_err());
    assert!(
        check(|r| {
            r.redirect_uris = two;
            r.subject_type = Some("public".to_owned());
        })
        .is_ok()
    );
}

#[test]
fn a_public_client_cannot_go_without_pkce() {
    assert!(
        check(|r| {
            r.token_endpoint_auth_method = Some("none".to_owned());
            r.require_pkce = Some(false);
        })
        .is_err()
    );
}

#[test]
fn a_short_secret_is_refused() {
    assert!(check(|r| r.client_secret = Some(Secret::new("short".to_owned()))).is_err());
}

#[test]
fn implicit_is_refused() {
    assert!(
        check(|r| r.grant_types = Some(vec!["authorization_code".to_owned(), "implicit".to_owned()]))
            .is_err()
    );
    assert!(check(|r| r.response_types = Some(vec!["code id_token".to_owned()])).is_err());
    assert!(check(|r| r.response_types = Some(Vec::new())).is_err());
}

#[test]
fn a_client_that_asks_no_citizen_has_no_response_type() {
    let registered = check(|r| {
        r.grant_types = Some(vec!["client_credentials".to_owned()]);
        r.redirect_uris = Vec::new();
        r.response_types = Some(Vec::new());
    });
    assert!(registered.is_ok(), "{:?}", registered.err());
}
