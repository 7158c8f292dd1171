//! Tokens bound to a key (RFC 9449): a valid proof, then one thing broken per test.

use axum::http::{HeaderName, StatusCode, header};
use idp::rules::{secret::Digest, time::Seconds};
use serde_json::{Value, json};

use crate::{
    agency::{Agency, CALLBACK, CHALLENGE, Reply, VERIFIER, returned},
    browser::House,
    signing::{Key, changed, part},
};

const ISSUER: &str = "http://localhost:8080";
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A client with a key for proofs.
struct Holder<'a> {
    house: &'a House,
    agency: Agency,
    key: Key,
}

impl<'a> Holder<'a> {
    async fn new(house: &'a House) -> Self {
        Self::with(house, json!({ "dpop_bound_access_tokens": true })).await
    }

    async fn with(house: &'a House, registration: Value) -> Self {
        Self {
            house,
            agency: Agency::with(house, registration).await,
            key: Key::new(),
        }
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.jwk() })
    }

    fn claims(&self, (method, path): (&str, &str), changes: &Value) -> Value {
        let jti = data_encoding::HEXLOWER.encode(&self.house.idp.id());
        let claims = json!({
            "jti": jti, "htm": method, "htu": format!("{ISSUER}{path}"), "iat": self.house.idp.now().0,
        });
        changed(claims, changes)
    }

    /// A proof for the token endpoint.
    fn proof(&self, changes: &Value) -> String {
        self.key
            .sign(&self.header(), &self.claims(("POST", "/token"), changes))
    }

    /// A proof for userinfo with this token.
    fn shows(&self, token: &str, changes: &Value) -> String {
        let mut ath = json!({ "ath": Digest::of(token.as_bytes()).text() });
        ath.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        self.key
            .sign(&self.header(), &self.claims(("GET", "/userinfo"), &ath))
    }

    async fn token(&self, fields: &[(&str, &str)], proofs: &[&str]) -> Reply {
        let pair = format!("{}:{}", self.agency.id, self.agency.secret);
        let basic = format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()));
        let (mut fields, mut headers) = (fields.to_vec(), Vec::new());
        if self.agency.secret.is_empty() {
            fields.push(("client_id", &self.agency.id));
        } else {
            headers.push(("authorization", basic.as_str()));
        }
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.agency.send("POST", "/token", Some(&fields), &headers).await
    }

    async fn redeem(&self, code: &str, proofs: &[&str]) -> Reply {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields, proofs).await
    }

    async fn refresh(&self, token: &str, proofs: &[&str]) -> Reply {
        self.token(
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
            proofs,
        )
        .await
    }

    /// A pushed request with this proof and some parameters more.
    async fn pushed(&self, more: &[(&str, &str)], proof: &str) -> Reply {
        let mut fields = vec![
            ("client_id", self.agency.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        fields.extend(more);
        let pair = format!("{}:{}", self.agency.id, self.agency.secret);
        let basic = format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()));
        let headers = [("authorization", basic.as_str()), ("dpop", proof)];
        self.agency.send("POST", "/par", Some(&fields), &headers).await
    }

    /// Bound tokens from a whole login.
    async fn tokens(&self) -> Reply {
        let code = self.agency.code(self.house).await;
        let reply = self.redeem(&code, &[&self.proof(&json!({}))]).await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
        assert_eq!(reply.text("token_type"), "DPoP");
        reply
    }

    async fn userinfo(&self, scheme: &str, token: &str, proofs: &[&str]) -> Reply {
        let authorization = format!("{scheme} {token}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.agency.send("GET", "/userinfo", None, &headers).await
    }
}

/// A challenge of the DPoP scheme with this error.
fn challenges(reply: &Reply, error: &str) {
    let challenge = reply.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{challenge}");
    assert!(
        challenge.starts_with("DPoP ") && challenge.contains(error),
        "{challenge}"
    );
    assert!(challenge.contains("algs=\"ES256 "), "{challenge}");
}

#[tokio::test]
async fn a_token_works_for_the_holder_of_its_key() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    for scheme in ["DPoP", "dpop", "DPOP"] {
        let reply = holder
            .userinfo(scheme, token, &[&holder.shows(token, &json!({}))])
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{scheme}");
    }
}

#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    challenges(&holder.userinfo("Bearer", token, &[]).await, "invalid_token");
    let proof = holder.shows(token, &json!({}));
    challenges(
        &holder.userinfo("Bearer", token, &[&proof]).await,
        "invalid_token",
    );
    let in_body = holder
        .agency
        .send("POST", "/userinfo", Some(&[("access_token", token)]), &[])
        .await;
    challenges(&in_body, "invalid_token");
}

#[tokio::test]
async fn another_key_does_not_open_it() {
    let house = House::new().await;
    let mut holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    holder.key = Key::new();
    challenges(
        &holder
            .userinfo("DPoP", token, &[&holder.shows(token, &json!({}))])
            .await,
        "invalid_token",
    );
    challenges(&holder.userinfo("DPoP", token, &[]).await, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_bearer_token_does_not_become_a_bound_one() {
    let house = House::new().await;
    let holder = Holder::with(&house, json!({})).await;
    let code = holder.agency.code(&house).await;
    let tokens = holder.redeem(&code, &[]).await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    let token = tokens.text("access_token");
    challenges(
        &holder
            .userinfo("DPoP", token, &[&holder.shows(token, &json!({}))])
            .await,
        "invalid_token",
    );
    assert_eq!(holder.userinfo("Bearer", token, &[]).await.status, StatusCode::OK);
}

/// What is wrong with a proof wherever it is sent, as changes of its claims.
fn wrong_claims(house: &House) -> Vec<Value> {
    let now = |shift| house.idp.now().after(Seconds(shift)).0;
    vec![
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "htm": null }),
        json!({ "htm": "PUT" }),
        json!({ "htu": null }),
        json!({ "htu": format!("{ISSUER}/elsewhere") }),
        json!({ "htu": "https://evil.example/token" }),
        json!({ "iat": null }),
        json!({ "iat": now(-3600) }),
        json!({ "iat": now(3600) }),
        json!({ "iat": now(61) }),
        json!({ "exp": now(-1) }),
        json!({ "nbf": now(61) }),
    ]
}

/// What is wrong with a proof's header or signature.
fn wrong_headers(holder: &Holder<'_>, claims: &Value) -> Vec<String> {
    let header = |changes: Value| changed(holder.header(), &changes);
    let mut private = holder.key.jwk();
    private["d"] = "AA".into();
    let other = Key::new();
    let good = holder.key.sign(&holder.header(), claims);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let mut wrong: Vec<String> = [
        json!({ "typ": null }),
        json!({ "typ": "JWT" }),
        json!({ "alg": "none" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": null }),
        json!({ "jwk": null }),
        json!({ "jwk": private }),
        json!({ "jwk": { "kty": "oct", "k": "AA" } }),
        json!({ "jwk": other.jwk() }),
        json!({ "crit": ["exp"] }),
    ]
    .into_iter()
    .map(|changes| holder.key.sign(&header(changes), claims))
    .collect();
    wrong.extend([
        other.sign(&holder.header(), claims),
        format!("{signed}."),
        format!("{}.{}.", part(&header(json!({ "alg": "none" }))), part(claims)),
        "a.b.c".to_owned(),
        "é".to_owned(),
        String::new(),
    ]);
    wrong
}

#[tokio::test]
async fn the_token_endpoint_refuses_each_wrong_proof_and_keeps_the_code() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let code = holder.agency.code(&house).await;
    let mut wrong: Vec<String> = wrong_claims(&house)
        .iter()
        .map(|changes| holder.proof(changes))
        .collect();
    wrong.extend(wrong_headers(
        &holder,
        &holder.claims(("POST", "/token"), &json!({})),
    ));
    for proof in wrong {
        let reply = holder.redeem(&code, &[&proof]).await;
        assert_eq!(
            (reply.status, reply.text("error")),
            (StatusCode::BAD_REQUEST, "invalid_dpop_proof"),
            "{proof}"
        );
    }
    let reply = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn userinfo_refuses_each_wrong_proof() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    let ath = json!({ "ath": Digest::of(token.as_bytes()).text() });
    let mut wrong: Vec<String> = wrong_claims(&house)
        .iter()
        .map(|changes| holder.shows(token, changes))
        .collect();
    wrong.push(holder.shows(token, &json!({ "ath": null })));
    wrong.push(holder.shows(token, &json!({ "ath": Digest::of(b"other").text() })));
    wrong.extend(wrong_headers(&holder, &holder.claims(("GET", "/userinfo"), &ath)));
    for proof in wrong {
        let reply = holder.userinfo("DPoP", token, &[&proof]).await;
        challenges(&reply, "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn ten_seconds_either_way_are_forgiven() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    for shift in [-10, 10] {
        let iat = json!({ "iat": house.idp.now().after(Seconds(60 + shift)).0 });
        let code = holder.agency.code(&house).await;
        let reply = holder.redeem(&code, &[&holder.proof(&iat)]).await;
        assert_eq!(reply.status, StatusCode::OK, "{shift} {:?}", reply.json);
    }
}

#[tokio::test]
async fn two_proofs_are_none() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let code = holder.agency.code(&house).await;
    let two = [holder.proof(&json!({})), holder.proof(&json!({}))];
    let reply = holder.redeem(&code, &[&two[0], &two[1]]).await;
    reply.is_error("invalid_dpop_proof");
    let tokens = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    let token = tokens.text("access_token");
    let two = [holder.shows(token, &json!({})), holder.shows(token, &json!({}))];
    challenges(
        &holder.userinfo("DPoP", token, &[&two[0], &two[1]]).await,
        "invalid_dpop_proof",
    );
}

#[tokio::test]
async fn a_proof_counts_once() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    let proof = holder.shows(token, &json!({}));
    assert_eq!(
        holder.userinfo("DPoP", token, &[&proof]).await.status,
        StatusCode::OK
    );
    challenges(
        &holder.userinfo("DPoP", token, &[&proof]).await,
        "invalid_dpop_proof",
    );
    let proof = holder.proof(&json!({}));
    let refreshed = holder.refresh(tokens.text("refresh_token"), &[&proof]).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    let again = holder.refresh(refreshed.text("refresh_token"), &[&proof]).await;
    again.is_error("invalid_dpop_proof");
}

#[tokio::test]
async fn a_client_that_registered_so_must_send_a_proof() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let code = holder.agency.code(&house).await;
    holder.redeem(&code, &[]).await.is_error("invalid_grant");
    let tokens = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    assert_eq!(tokens.status, StatusCode::OK, "the code was not spent");
    holder
        .refresh(tokens.text("refresh_token"), &[])
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn a_code_asked_for_with_a_key_is_redeemed_with_that_key_only() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let jkt = holder.key.kid();
    let asked = |answer| returned(&answer, "code").unwrap();
    let code = asked(holder.agency.login(&house, &[("dpop_jkt", &jkt)]).await.1);
    let reply = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    assert_eq!(reply.status, StatusCode::OK);

    let other = Key::new().kid();
    let code = asked(holder.agency.login(&house, &[("dpop_jkt", &other)]).await.1);
    holder
        .redeem(&code, &[&holder.proof(&json!({}))])
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn a_code_of_a_pushed_request_works_with_the_key_of_its_proof_only() {
    let house = House::new().await;
    let mut holder = Holder::new(&house).await;
    let proof = holder
        .key
        .sign(&holder.header(), &holder.claims(("POST", "/par"), &json!({})));
    let first = holder.pushed(&[], &proof).await;
    assert_eq!(first.status, StatusCode::CREATED, "{:?}", first.json);
    holder.pushed(&[], &proof).await.is_error("invalid_dpop_proof");
    let uri = first.text("request_uri").to_owned();
    let (mut browser, path) = (house.browser(), holder.agency.enter(&uri));
    let answer = holder.agency.log_in(&house, &mut browser, &path).await;
    let code = returned(&answer, "code").unwrap();
    let own = std::mem::replace(&mut holder.key, Key::new());
    let other = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    other.is_error("invalid_grant");
    holder.key = own;
    let burnt = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    burnt.is_error("invalid_grant");
}

#[tokio::test]
async fn a_pushed_request_names_the_key_of_its_proof_or_none() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let (own, other) = (holder.key.kid(), Key::new().kid());
    for (jkt, status) in [
        (own.as_str(), StatusCode::CREATED),
        (&other, StatusCode::BAD_REQUEST),
        ("short", StatusCode::BAD_REQUEST),
    ] {
        let proof = holder
            .key
            .sign(&holder.header(), &holder.claims(("POST", "/par"), &json!({})));
        assert_eq!(
            holder.pushed(&[("dpop_jkt", jkt)], &proof).await.status,
            status,
            "{jkt}"
        );
    }
}

#[tokio::test]
async fn a_public_clients_refresh_token_is_bound_to_its_key() {
    let house = House::new().await;
    let public = json!({
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"],
        "dpop_bound_access_tokens": true,
    });
    let mut holder = Holder::with(&house, public).await;
    let tokens = holder.tokens().await;
    let refresh = tokens.text("refresh_token");
    let own = std::mem::replace(&mut holder.key, Key::new());
    holder
        .refresh(refresh, &[&holder.proof(&json!({}))])
        .await
        .is_error("invalid_grant");
    holder.key = own;
    let next = holder.refresh(refresh, &[&holder.proof(&json!({}))]).await;
    assert_eq!(
        next.status,
        StatusCode::OK,
        "the refusal did not spend it: {:?}",
        next.json
    );
    holder.key = Key::new();
    let next = next.text("refresh_token");
    holder
        .refresh(next, &[&holder.proof(&json!({}))])
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn a_client_with_a_secret_may_refresh_under_a_new_key() {
    let house = House::new().await;
    let mut holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    holder.key = Key::new();
    let reply = holder
        .refresh(tokens.text("refresh_token"), &[&holder.proof(&json!({}))])
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let token = reply.text("access_token");
    let userinfo = holder
        .userinfo("DPoP", token, &[&holder.shows(token, &json!({}))])
        .await;
    assert_eq!(userinfo.status, StatusCode::OK);
}

#[tokio::test]
async fn a_bound_refresh_token_can_be_revoked_without_a_proof() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let refresh = tokens.text("refresh_token");
    let reply = holder.agency.post("/revoke", &[("token", refresh)]).await;
    assert_eq!(reply.status, StatusCode::OK);
    holder
        .refresh(refresh, &[&holder.proof(&json!({}))])
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn where_nonces_are_required_the_client_asks_once_more() {
    let house = House::configured(ISSUER, "[dpop]\nrequire_nonce = true\n").await;
    let holder = Holder::new(&house).await;
    let code = holder.agency.code(&house).await;
    let first = holder.redeem(&code, &[&holder.proof(&json!({}))]).await;
    assert_eq!(
        (first.status, first.text("error")),
        (StatusCode::BAD_REQUEST, "use_dpop_nonce")
    );
    let nonce = json!({ "nonce": first.headers[&NONCE].to_str().unwrap() });
    let tokens = holder.redeem(&code, &[&holder.proof(&nonce)]).await;
    assert_eq!(tokens.status, StatusCode::OK);
    assert!(tokens.headers.contains_key(&NONCE));
    let token = tokens.text("access_token");
    challenges(
        &holder
            .userinfo("DPoP", token, &[&holder.shows(token, &json!({}))])
            .await,
        "use_dpop_nonce",
    );
    house.clock.forward(299);
    assert_eq!(
        holder
            .userinfo("DPoP", token, &[&holder.shows(token, &nonce)])
            .await
            .status,
        StatusCode::OK
    );
    house.clock.forward(1);
    let old = holder
        .userinfo("DPoP", token, &[&holder.shows(token, &nonce)])
        .await;
    challenges(&old, "use_dpop_nonce");
    assert!(old.headers.contains_key(&NONCE));
}

#[tokio::test]
async fn where_nonces_are_not_required_none_is_given() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    assert!(!holder.tokens().await.headers.contains_key(&NONCE));
}

#[tokio::test]
async fn the_host_header_does_not_say_where_a_proof_is_for() {
    let house = House::new().await;
    let holder = Holder::new(&house).await;
    let tokens = holder.tokens().await;
    let token = tokens.text("access_token");
    let proof = holder.shows(token, &json!({ "htu": "https://evil.example/userinfo" }));
    let authorization = format!("DPoP {token}");
    let headers = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("authorization", authorization.as_str()),
        ("dpop", proof.as_str()),
    ];
    let reply = holder.agency.send("GET", "/userinfo", None, &headers).await;
    challenges(&reply, "invalid_dpop_proof");
}

#[tokio::test]
async fn scripts_may_send_proofs_and_read_nonces() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let origin = [("origin", "https://agency.example")];
    let preflight = agency.send("OPTIONS", "/token", None, &origin).await;
    let allowed = preflight.headers[header::ACCESS_CONTROL_ALLOW_HEADERS]
        .to_str()
        .unwrap();
    assert!(allowed.contains("dpop"), "{allowed}");
    let answer = agency.send("POST", "/token", Some(&[]), &origin).await;
    let exposed = answer.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS]
        .to_str()
        .unwrap();
    assert!(exposed.contains("DPoP-Nonce"), "{exposed}");
}
