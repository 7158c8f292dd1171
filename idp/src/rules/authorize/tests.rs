//! Valid requests with one thing broken.

use super::{details::tests::types, *};
use crate::rules::{client::Profile, registration::tests::registration};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client() -> Client {
    let mut registration = registration();
    registration.authorization_details_types = vec!["signature".to_owned()];
    registration.resources = vec!["https://archive.example".to_owned()];
    registration.check(ClientId::known("agency")).unwrap()
}

const PLAIN: Way = Way {
    pushed: false,
    signed: false,
};

/// A valid request with one parameter changed (or, with an empty value, left out).
pub(crate) fn with(name: &str, value: &str) -> Result<AuthorizeRequest, Refused> {
    asked(&client(), PLAIN, &[(name, value)])
}

fn asked(client: &Client, way: Way, changes: &[(&str, &str)]) -> Result<AuthorizeRequest, Refused> {
    let mut all = vec![
        ("client_id", "agency"),
        ("redirect_uri", "https://agency.example/cb"),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    all.retain(|(known, _)| !changes.iter().any(|(name, _)| name == known));
    all.extend_from_slice(changes);
    let (levels, details) = (Levels::default(), types());
    let offer = Offer {
        levels: &levels,
        details: &details,
    };
    check(&Sent::of(all), client, way, offer)
}

fn code(refused: Result<AuthorizeRequest, Refused>) -> &'static str {
    match refused {
        Err(Refused::There { error, .. }) => error.code.name(),
        Err(Refused::Here(refusal)) => refusal.name(),
        Ok(_) => "accepted",
    }
}

#[test]
fn a_valid_request_is_accepted_with_unknown_parameters() {
    assert_eq!(code(with("extra", "foobar")), "accepted");
}

#[test]
fn a_wrong_redirect_is_never_answered_there() {
    for uri in [
        "",
        "https://agency.example/cb/",
        "https://evil.example/cb",
        "javascript:alert(1)",
    ] {
        assert_eq!(code(with("redirect_uri", uri)), "redirect-unregistered", "{uri}");
    }
}

#[test]
fn only_response_type_code() {
    assert_eq!(code(with("response_type", "")), "invalid_request");
    for other in ["token", "id_token", "code id_token", "none", "Code"] {
        assert_eq!(code(with("response_type", other)), "unsupported_response_type");
    }
}

#[test]
fn openid_is_needed() {
    assert_eq!(code(with("scope", "profile")), "invalid_scope");
    assert_eq!(code(with("scope", "")), "invalid_scope");
}

#[test]
fn pkce_is_needed_and_only_s256() {
    assert_eq!(code(with("code_challenge", "")), "invalid_request");
    assert_eq!(code(with("code_challenge_method", "plain")), "invalid_request");
    assert_eq!(code(with("code_challenge_method", "")), "invalid_request");
    assert_eq!(code(with("code_challenge", "short")), "invalid_request");
}

#[test]
fn state_is_returned_up_to_four_kilobytes() {
    assert_eq!(
        with("state", &"x".repeat(4_096)).unwrap().state.unwrap().len(),
        4_096
    );
    assert_eq!(code(with("state", &"x".repeat(4_097))), "invalid_request");
}

#[test]
fn none_stands_alone() {
    assert_eq!(code(with("prompt", "none login")), "invalid_request");
    assert_eq!(code(with("prompt", "shout")), "invalid_request");
}

#[test]
fn a_level_out_of_reach_is_not_silently_lowered() {
    assert_eq!(
        code(with("acr_values", "urn:aval:aal3")),
        "unmet_authentication_requirements"
    );
    assert_eq!(
        code(with("acr_values", "urn:aval:aal3 urn:aval:aal2")),
        "accepted"
    );
    assert_eq!(code(with("acr_values", "urn:other")), "accepted");
}

#[test]
fn a_negative_or_huge_max_age_is_refused() {
    assert_eq!(code(with("max_age", "-1")), "invalid_request");
    assert_eq!(code(with("max_age", "99999999999")), "invalid_request");
}

#[test]
fn display_of_every_kind_is_accepted() {
    for display in ["page", "popup", "touch", "wap"] {
        assert_eq!(code(with("display", display)), "accepted");
    }
}

#[test]
fn a_registration_parameter_is_refused_by_name() {
    assert_eq!(code(with("registration", "{}")), "registration_not_supported");
}

#[test]
fn codes_do_not_travel_in_fragments() {
    for mode in ["fragment", "fragment.jwt", "web_message", "QUERY"] {
        assert_eq!(code(with("response_mode", mode)), "invalid_request", "{mode}");
    }
    for mode in ResponseMode::NAMES {
        assert_eq!(code(with("response_mode", mode)), "accepted", "{mode}");
    }
}

#[test]
fn an_error_goes_in_the_mode_that_was_asked() {
    for (mode, expected) in [
        ("form_post", ResponseMode::FormPost),
        ("jwt", ResponseMode::QueryJwt),
        ("form_post.jwt", ResponseMode::FormPostJwt),
        ("fragment", ResponseMode::Query),
    ] {
        let changes = [("response_mode", mode), ("response_type", "token")];
        let Err(Refused::There { to, .. }) = asked(&client(), PLAIN, &changes) else {
            panic!()
        };
        assert_eq!(to.response_mode, expected);
    }
}

#[test]
fn an_apps_own_scheme_is_not_posted_to() {
    let mut app = client();
    app.redirect_uris = vec!["gob.example:/cb".to_owned()];
    let changes = [
        ("redirect_uri", "gob.example:/cb"),
        ("response_mode", "form_post"),
    ];
    assert_eq!(code(asked(&app, PLAIN, &changes)), "invalid_request");
}

#[test]
fn a_client_that_must_push_or_sign_does() {
    let mut pushing = client();
    pushing.require_pushed_authorization_requests = true;
    let pushed = Way {
        pushed: true,
        ..PLAIN
    };
    assert_eq!(code(asked(&pushing, PLAIN, &[])), "invalid_request");
    assert_eq!(code(asked(&pushing, pushed, &[])), "accepted");
    let mut signing = client();
    signing.request_objects.required = true;
    let signed = Way {
        signed: true,
        ..PLAIN
    };
    assert_eq!(code(asked(&signing, PLAIN, &[])), "invalid_request");
    assert_eq!(code(asked(&signing, signed, &[])), "accepted");
}

#[test]
fn a_resource_is_one_that_is_registered() {
    let changes = [
        ("resource", "https://archive.example"),
        ("resource", "https://archive.example"),
    ];
    let request = asked(&client(), PLAIN, &changes).unwrap();
    assert_eq!(request.asked.resources, ["https://archive.example"]);
    assert_eq!(code(with("resource", "https://other.example")), "invalid_target");
}

#[test]
fn an_unknown_detail_is_refused_by_its_own_name() {
    let details = r#"[{"type":"payment"}]"#;
    assert_eq!(
        code(with("authorization_details", details)),
        "invalid_authorization_details"
    );
}

#[test]
fn a_registered_age_holds_where_none_is_asked() {
    let mut aged = client();
    aged.default_max_age = Some(Seconds(60));
    assert_eq!(asked(&aged, PLAIN, &[]).unwrap().max_age, Some(Seconds(60)));
    let own = asked(&aged, PLAIN, &[("max_age", "5")]).unwrap();
    assert_eq!(own.max_age, Some(Seconds(5)));
}

#[test]
fn two_hints_about_two_people_are_refused() {
    let claims = r#"{"id_token":{"sub":{"value":"a"}}}"#;
    let request = with("claims", claims).unwrap();
    assert_eq!(request.subject_hint.as_deref(), Some("a"));
    assert!(request.clone().about("b".to_owned()).is_err());
    assert!(request.about("a".to_owned()).is_ok());
}

fn fapi(profile: Profile) -> Client {
    let mut client = client();
    client.profile = profile;
    client.authentication = crate::rules::client::Authentication::PrivateKeyJwt { alg: None };
    client.dpop_bound_access_tokens = true;
    client
}

const PUSHED: Way = Way {
    pushed: true,
    signed: false,
};
const SIGNED: Way = Way {
    pushed: true,
    signed: true,
};

#[test]
fn under_fapi_a_request_is_pushed_and_has_a_challenge() {
    let client = fapi(Profile::Fapi2Security);
    assert_eq!(code(asked(&client, PUSHED, &[])), "accepted");
    assert_eq!(code(asked(&client, PLAIN, &[])), "invalid_request");
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let mut lax = client.clone();
    lax.require_pkce = false;
    assert_eq!(code(asked(&lax, PUSHED, &bare)), "invalid_request");
    assert_eq!(
        code(asked(&client, PUSHED, &[("code_challenge_method", "plain")])),
        "invalid_request"
    );
    assert_eq!(
        code(asked(&client, PUSHED, &[("response_type", "code id_token")])),
        "unsupported_response_type"
    );
    assert_eq!(
        code(asked(&client, PUSHED, &[("redirect_uri", "")])),
        "redirect-unregistered"
    );
}

#[test]
fn under_fapi_a_client_has_keys_and_bound_tokens() {
    let mut weak = fapi(Profile::Fapi2Security);
    weak.authentication = crate::rules::client::Authentication::Secret;
    assert_eq!(code(asked(&weak, PUSHED, &[])), "unauthorized_client");
    let mut bearer = fapi(Profile::Fapi2Security);
    bearer.dpop_bound_access_tokens = false;
    assert_eq!(code(asked(&bearer, PUSHED, &[])), "unauthorized_client");
}

#[test]
fn under_message_signing_both_directions_are_signed() {
    let client = fapi(Profile::Fapi2MessageSigning);
    let request = asked(&client, SIGNED, &[]).unwrap();
    assert_eq!(request.response_mode, ResponseMode::QueryJwt);
    assert_eq!(code(asked(&client, PUSHED, &[])), "invalid_request");
    assert_eq!(
        code(asked(&client, SIGNED, &[("response_mode", "query")])),
        "invalid_request"
    );
    let Err(Refused::There { to, .. }) = asked(&client, SIGNED, &[("response_mode", "query")]) else {
        panic!()
    };
    assert!(to.response_mode.is_signed());
}

#[test]
fn what_an_older_node_kept_is_still_read() {
    let mut kept = serde_json::to_value(with("x", "").unwrap()).unwrap();
    let members = kept.as_object_mut().unwrap();
    for newer in ["response_mode", "asked", "pushed", "profile"] {
        assert!(members.remove(newer).is_some(), "{newer}");
    }
    members["prompt"].as_object_mut().unwrap().remove("create");
    let read: AuthorizeRequest = serde_json::from_value(kept).unwrap();
    assert_eq!(read.response_mode, ResponseMode::Query);
}
