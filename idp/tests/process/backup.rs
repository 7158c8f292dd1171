//! The worst night: the host is gone. What is left is a copy of the database, the key and the configuration.

use serde_json::Value;

use crate::{
    binary::{Browser, Service, parameter},
    run,
};

/// Tokens from a login that begins where this browser stands; the code that gave them stands beside.
async fn tokens(service: &Service, browser: &mut Browser) -> (String, Value) {
    let mut page = browser.get(&service.request()).await;
    if page.path.starts_with("/login?") {
        let typed = [("national_id", "11111111-1"), ("password", service.password())];
        let second = browser.submit(&page, "/login?", &typed).await;
        page = browser
            .submit(&second, "/login/code", &[("code", &service.code())])
            .await;
    }
    if page.path.starts_with("/consent?") {
        page = browser.submit(&page, "/consent?", &[("decision", "allow")]).await;
    }
    let code = parameter(&page.path, "code").unwrap_or_else(|| panic!("{} {}", page.path, page.body));
    let tokens = service.redeem(&code).await;
    assert!(tokens["access_token"].is_string(), "{tokens}");
    (code, tokens)
}

async fn subject(service: &Service, tokens: &Value) -> String {
    let told = service.userinfo(tokens["access_token"].as_str().unwrap()).await;
    let told: Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}"));
    told["sub"].as_str().unwrap().to_owned()
}

async fn refreshed(service: &Service, tokens: &Value) -> Value {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", "external"),
        ("client_secret", service.client_secret()),
    ];
    service.post("/token", &fields).await
}

#[test]
fn row_102_on_an_empty_host_all_log_in_as_who_they_were_and_what_was_over_stays_over() {
    run(async {
        let mut service = Service::new();
        service.start();
        let mut browser = Browser::new(&service);
        let (used, live) = tokens(&service, &mut browser).await;
        let who = subject(&service, &live).await;
        let (_, revoked) = tokens(&service, &mut browser).await;
        let fields = [
            ("token", revoked["refresh_token"].as_str().unwrap()),
            ("client_id", "external"),
            ("client_secret", service.client_secret()),
        ];
        service.post("/revoke", &fields).await;
        let spent_step = service.code();
        let printed = service.command(&["staff", "invite", "--role", "auditor"]);
        assert!(printed.contains("token"), "{printed}");
        let checkpoint = service.keep("checkpoint", &service.outcome(&["audit", "checkpoint"]).told);

        let copy = service.path("copy.db");
        let told = service.outcome(&["backup", "--to", copy.to_str().unwrap()]);
        assert_eq!(told.code, Some(0), "{told:?}");
        // A second copy does not go over the first.
        let again = service.outcome(&["backup", "--to", copy.to_str().unwrap()]);
        assert_eq!(again.code, Some(1), "{again:?}");
        service.kill();

        let mut restored = service.on_an_empty_host(&copy);
        restored.start();
        let over = restored.redeem(&used).await;
        assert_eq!(over["error"], "invalid_grant", "a used code: {over}");
        let over = refreshed(&restored, &revoked).await;
        assert_eq!(over["error"], "invalid_grant", "a revoked token: {over}");
        let mut stranger = Browser::new(&restored);
        let login = stranger.get("/account").await;
        let typed = [("national_id", "11111111-1"), ("password", service.password())];
        let second = stranger.submit(&login, "/login?", &typed).await;
        let over = stranger
            .submit(&second, "/login/code", &[("code", &spent_step)])
            .await;
        assert!(over.path.starts_with("/login/code"), "a used one-time code");

        // The browser is still signed in; whoever logs in anew is the same person to the agency.
        browser.turn_to(&restored);
        let (_, same) = tokens(&restored, &mut browser).await;
        assert_eq!(subject(&restored, &same).await, who);
        restored.next_code().await;
        let (_, anew) = tokens(&restored, &mut Browser::new(&restored)).await;
        assert_eq!(subject(&restored, &anew).await, who);
        let walked = restored.command(&["audit", "verify", "--checkpoint", &checkpoint]);
        assert!(walked.contains("unbroken"), "{walked}");
    });
}

#[test]
fn row_102_a_copy_is_its_owners_alone_and_worth_nothing_without_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let service = Service::new();
    let copy = service.path("copy.db");
    service.outcome(&["backup", "--to", copy.to_str().unwrap()]);
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let elsewhere = service.on_an_empty_host(&copy);
    std::fs::write(elsewhere.path("idp.key"), data_encoding::BASE64.encode(&[10; 32])).unwrap();
    let refused = elsewhere.outcome(&["keys", "list"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
}
