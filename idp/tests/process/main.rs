//! The real binary: killed without warning, restarted; what it leaves on disk and in its log.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test that cannot go on fails by panicking"
)]

mod backup;
mod binary;
mod crowd;
mod desk;
mod hostile;
mod mail;
mod outbox;
mod pkcs11;
#[path = "../store/postgres.rs"]
mod postgres;
mod secrets;
mod tls;
mod upgrade;

use binary::{Browser, CALLBACK, Service, parameter};
use serde_json::Value;

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

#[test]
fn killed_in_the_middle_of_a_login_it_goes_on_where_it_stood() {
    run(async {
        let mut service = Service::new();
        service.start();
        let mut browser = Browser::new(&service);
        let login = browser.get(&service.request()).await;
        let second = browser
            .submit(
                &login,
                "/login?",
                &[("national_id", "11111111-1"), ("password", service.password())],
            )
            .await;
        assert!(
            second.path.starts_with("/login/code?"),
            "{} {}",
            second.path,
            second.body
        );
        service.kill();
        service.start();
        let consent = browser
            .submit(&second, "/login/code", &[("code", &service.code())])
            .await;
        service.kill();
        service.start();
        let answer = browser
            .submit(&consent, "/consent?", &[("decision", "allow")])
            .await;
        let code = parameter(&answer.path, "code").unwrap();
        service.kill();
        service.start();
        let tokens = service.redeem(&code).await;
        assert!(tokens["access_token"].is_string(), "{tokens}");
        // A code that was spent before the machine went down stays spent.
        service.kill();
        service.start();
        assert_eq!(service.redeem(&code).await["error"], "invalid_grant");
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}

#[test]
fn the_whole_story_is_the_same_on_postgresql() {
    let Some(url) = postgres::database() else { return };
    run(async {
        let mut service = Service::on(&url);
        service.start();
        let mut browser = Browser::new(&service);
        let login = browser.get(&service.request()).await;
        let typed = [("national_id", "11111111-1"), ("password", service.password())];
        let second = browser.submit(&login, "/login?", &typed).await;
        let consent = browser
            .submit(&second, "/login/code", &[("code", &service.code())])
            .await;
        let answer = browser
            .submit(&consent, "/consent?", &[("decision", "allow")])
            .await;
        let code = parameter(&answer.path, "code").unwrap();
        let (redeemed, replayed) = tokio::join!(service.redeem(&code), service.redeem(&code));
        let answers = [&redeemed, &replayed];
        assert_eq!(
            answers
                .iter()
                .filter(|one| one["access_token"].is_string())
                .count(),
            1,
            "{answers:?}"
        );
        assert_eq!(
            answers
                .iter()
                .filter(|one| one["error"] == "invalid_grant")
                .count(),
            1,
            "{answers:?}"
        );
        let account = browser.get("/account").await;
        assert!(account.body.contains("Externa"), "{}", account.body);
        service.kill();
        service.start();
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}

#[test]
fn row_88_whoever_dawdles_is_hung_up_on() {
    use std::io::{Read as _, Write as _};
    let mut service = Service::new();
    service.start();
    let mut stream = service.connect();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        .unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(
        !answer.starts_with(b"HTTP/1.1 3"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[test]
fn row_88_headers_without_end_are_refused() {
    use std::io::{Read as _, Write as _};
    let mut service = Service::new();
    service.start();
    let mut stream = service.connect();
    let endless = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    // The other side may hang up while we are still sending.
    let _sent = stream.write_all(endless.as_bytes());
    let mut answer = String::new();
    let _read = stream.read_to_string(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    assert!(
        service
            .connect()
            .write_all(b"GET /livez HTTP/1.1\r\n\r\n")
            .is_ok()
    );
}

#[test]
fn told_to_stop_it_stops_and_says_nothing_wrong() {
    run(async {
        let mut service = Service::new();
        service.start();
        assert!(service.stop(), "exit status");
    });
}

#[test]
fn a_configuration_that_cannot_work_is_explained() {
    let service = Service::new();
    let refused = service
        .with_issuer("http://id.example.org")
        .command(&["check-config"]);
    assert!(refused.contains("https"), "{refused}");
}

#[test]
fn existing_clients_and_citizens_are_left_alone() {
    let service = Service::new();
    let again = service.enrol();
    assert!(again.iter().all(|told| told[0]["created"] == false), "{again:?}");
}

#[test]
fn an_operator_rotates_and_revokes_keys_of_a_running_service() {
    run(async {
        let mut service = Service::new();
        service.start();
        let list =
            || -> Vec<Value> { serde_json::from_str(&service.command(&["keys", "list", "--json"])).unwrap() };
        let before = list();
        assert_eq!(before.len(), 5);
        assert!(
            before
                .iter()
                .all(|key| key["stage"] == "active" && key["home"] == "sealed")
        );
        let rotated = service.command(&["keys", "rotate", "--alg", "ES256", "--json"]);
        let rotated: Value = serde_json::from_str(&rotated).unwrap();
        assert_eq!(rotated["stage"], "prepublished");
        let published = async |kid: &str| service.published().await.contains(kid);
        let new = rotated["kid"].as_str().unwrap();
        let old = before.iter().find(|key| key["alg"] == "ES256").unwrap();
        let old = old["kid"].as_str().unwrap();
        eventually(async || published(new).await && published(old).await).await;
        service.command(&["keys", "revoke", "--kid", old]);
        eventually(async || published(new).await && !published(old).await).await;
        let told = service.command(&["keys", "revoke", "--kid", old]);
        assert!(told.contains("revoked before"), "{told}");
        assert!(
            service
                .command(&["keys", "rotate", "--alg", "ES384"])
                .contains("do not sign")
        );
        assert!(
            list()
                .iter()
                .any(|key| key["kid"] == old && key["stage"] == "revoked")
        );
    });
}

/// Waits for what a running service does by itself within seconds.
async fn eventually(is_so: impl AsyncFn() -> bool) {
    for _ in 0..100 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("it did not happen within twenty seconds");
}

#[test]
fn operators_see_change_and_stop_a_client() {
    let service = Service::new();
    let list = service.command(&["client", "list"]);
    assert!(
        list.starts_with("CLIENT_ID") && list.contains("external") && list.contains("enabled"),
        "{list}"
    );
    let shown = service.command(&["client", "show", "external", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{shown}"));
    assert_eq!(shown["redirect_uris"][0], CALLBACK);
    for (arguments, told) in [
        (vec!["update", "external", "--set", "client_name=Otra"], "changed"),
        (
            vec!["update", "external", "--set", "redirect_uris=[\"javascript:x\"]"],
            "redirect_uris: javascript:x",
        ),
        (
            vec![
                "update",
                "external",
                "--set",
                "redirect_uris=[\"https://x.example/\"]",
            ],
            "--new-subjects",
        ),
        (
            vec!["update", "external", "--set", "nonsense=1"],
            "unknown field `nonsense`",
        ),
        (vec!["rotate-secret", "external"], "client_secret  "),
        (vec!["disable", "external"], "disabled"),
        (vec!["disable", "external"], "is so already"),
        (vec!["enable", "external"], "enabled"),
        (vec!["show", "nobody"], "nobody: no such client"),
        (
            vec!["token", "create", "--host", "https://x"],
            "write a host name alone",
        ),
        (
            vec!["token", "create", "--host", "agency.example"],
            "bearer value",
        ),
        (vec!["token", "list"], "agency.example"),
    ] {
        let arguments = [vec!["client"], arguments].concat();
        let answer = service.command(&arguments);
        assert!(answer.contains(told), "{arguments:?}: {answer}");
    }
    assert!(service.command(&["client", "list"]).contains("Otra"));
    assert!(service.command(&["audit", "verify"]).contains("unbroken"));
}
