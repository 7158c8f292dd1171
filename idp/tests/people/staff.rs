//! Officials: who may do what, what two must agree on, and what citizens see of it.

use axum::http::StatusCode;
use idp::{
    flow,
    rules::{
        audit::Entry,
        national_id::{NationalId, Scheme},
        staff::Role,
        totp::Seed,
    },
    store,
};

use crate::browser::{Answer, Browser, House, NUMBER, PASSWORD, TOTP};

pub const ANA: &str = "12.345.678-5";
pub const BEA: &str = "9.999.999-3";

/// Forms of officials, what each wants, and who may send it.
const FORMS: [(&str, &[Role]); 16] = {
    use Role::{Auditor, HelpDesk, Operator, Registrar};
    [
        ("/staff/search", &[Registrar, HelpDesk, Auditor]),
        ("/staff/cases/end-sessions", &[Registrar, HelpDesk]),
        ("/staff/cases/freeze", &[Registrar, HelpDesk]),
        ("/staff/cases/start-recovery", &[Registrar, HelpDesk]),
        ("/staff/cases/recover", &[Registrar]),
        ("/staff/enrol", &[Registrar]),
        ("/staff/approvals/decide", &[Registrar, Operator]),
        ("/staff/approvals/print", &[Registrar]),
        ("/staff/roles/propose", &[Operator]),
        ("/staff/roles/end", &[Operator]),
        ("/staff/audit", &[Auditor]),
        ("/staff/audit/verify", &[Auditor]),
        ("/staff/audit/export", &[Auditor]),
        ("/staff/keys/propose", &[Operator]),
        ("/staff/clients/disable", &[Operator]),
        ("/staff/clients/enable", &[Operator]),
    ]
};
/// Pages of officials.
const PAGES: [(&str, &[Role]); 7] = {
    use Role::{Auditor, HelpDesk, Operator, Registrar};
    [
        ("/staff", &[Registrar, HelpDesk, Auditor, Operator]),
        ("/staff/cases/0", &[Registrar, HelpDesk, Auditor]),
        ("/staff/enrol", &[Registrar]),
        ("/staff/audit", &[Auditor]),
        ("/staff/keys", &[Operator]),
        ("/staff/clients", &[Operator]),
        ("/staff/clients/one", &[Operator]),
    ]
};

fn number(text: &str) -> NationalId {
    NationalId::parse(text, &[Scheme::ClRun]).unwrap()
}

pub fn token(page: &Answer) -> String {
    let part = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
    part.split('"').next().unwrap().to_owned()
}

impl House {
    pub async fn sign_in(&self, national_id: &str) -> Browser {
        self.clock.forward(60);
        let mut browser = self.browser();
        let second = browser.at_second_step(national_id).await;
        let code = Seed::from_base32(TOTP).unwrap().code_for(self.idp.now().0);
        let account = browser.submit(&second, "/login/code", &[("code", &code)]).await;
        assert_eq!(account.path, "/account", "{}", account.body);
        browser
    }

    /// Somebody who is signed in and holds these roles.
    pub async fn official(&self, national_id: &str, roles: &[Role]) -> Browser {
        let mut browser = self.sign_in(national_id).await;
        for role in roles {
            let invitation = flow::staff::invite(&self.idp, *role).await.unwrap();
            let page = browser.get("/staff/join").await;
            let sent = [("token", invitation.text().expose().as_str())].map(|(n, v)| (n, v.to_owned()));
            let sent: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let home = browser.submit(&page, "/staff/join", &sent).await;
            assert_eq!(home.path, "/staff?done=joined", "{}", home.body);
        }
        browser
    }

    async fn history(&self, national_id: &str) -> Vec<Entry> {
        let mut read = self.idp.store.read().await.unwrap();
        let found = store::citizens::find(&mut read, &self.idp.derived.index, &number(national_id)).await;
        let (citizen, _) = found.unwrap().unwrap();
        store::audit::of_citizen(&mut read, &citizen, 50).await.unwrap()
    }
}

async fn opened(browser: &mut Browser, national_id: &str) -> Answer {
    let home = browser.get("/staff").await;
    let sent = [
        ("national_id", national_id),
        ("reason", "lost_access"),
        ("reference", "CASO-7"),
    ];
    browser.submit(&home, "/staff/search", &sent).await
}

/// The house with Ana and Bea beside the usual citizen.
pub async fn house() -> House {
    let house = House::new().await;
    house.citizen(ANA, "Ana", "Soto").await;
    house.citizen(BEA, "Bea", "Rojas").await;
    house
}

#[test]
fn every_route_of_officials_is_in_one_of_the_lists() {
    let router = include_str!("../../src/http/router.rs");
    let officials = router.split_once("fn officials()").unwrap().1;
    for route in officials.split(".route(").skip(1) {
        let (path, handlers) = route.split_once(',').unwrap();
        let path = path.trim().trim_matches('"').replace("{case}", "0");
        if path == "/staff/join" {
            continue;
        }
        let listed = |list: &[(&str, &[Role])]| list.iter().any(|(listed, _)| *listed == path);
        assert!(!handlers.contains("get(") || listed(&PAGES), "{path}");
        assert!(!handlers.contains("post(") || listed(&FORMS), "{path}");
    }
}

#[tokio::test]
async fn row_100_each_role_may_send_its_own_forms_and_see_its_own_pages_and_no_others() {
    for role in Role::ALL {
        let house = house().await;
        let mut browser = house.official(NUMBER, &[role]).await;
        let right = token(&browser.get("/staff").await);
        for (path, roles) in PAGES {
            let answer = browser.get(path).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{role:?} {path} {}",
                answer.status
            );
        }
        for (path, roles) in FORMS {
            let sent = [
                ("csrf", right.as_str()),
                ("decision", "approve"),
                ("role", "auditor"),
            ];
            let answer = browser.post(path, &sent).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{role:?} {path} {}",
                answer.status
            );
            assert!(!answer.status.is_server_error(), "{role:?} {path}");
        }
    }
}

#[tokio::test]
async fn row_100_whoever_holds_no_role_or_is_not_signed_in_gets_nowhere() {
    let house = house().await;
    let mut citizen = house.sign_in(NUMBER).await;
    let right = token(&citizen.get("/account").await);
    for (path, _) in PAGES {
        assert_eq!(citizen.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            house.browser().get(path).await.path.starts_with("/login"),
            "{path}"
        );
    }
    for (path, _) in FORMS {
        let sent = [("csrf", right.as_str())];
        assert_eq!(
            citizen.post(path, &sent).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
        let stranger = house.browser().post(path, &sent).await;
        assert_eq!(stranger.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn row_82_no_form_of_an_official_is_taken_without_its_token_or_from_another_site() {
    let house = house().await;
    let mut browser = house.official(NUMBER, &Role::ALL).await;
    let right = token(&browser.get("/staff").await);
    for path in FORMS.map(|(path, _)| path).into_iter().chain(["/staff/join"]) {
        let without = browser.post(path, &[("csrf", "")]).await;
        assert_eq!(without.status, StatusCode::FORBIDDEN, "{path}");
        for site in ["cross-site", "same-site"] {
            let mut browser = browser.clone();
            browser.headers.push(("sec-fetch-site", site.to_owned()));
            let answer = browser.post(path, &[("csrf", &right)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {site}");
        }
    }
}

#[tokio::test]
async fn row_75_nobody_is_an_official_until_an_invitation_is_used_which_is_good_once() {
    let house = house().await;
    let mut read = house.idp.store.read().await.unwrap();
    assert!(store::staff::all(&mut read).await.unwrap().is_empty());
    drop(read);
    let invitation = flow::staff::invite(&house.idp, Role::Operator)
        .await
        .unwrap()
        .text();
    let join = async |browser: &mut Browser| {
        let page = browser.get("/staff/join").await;
        let sent = [("token", invitation.expose().as_str())];
        browser.submit(&page, "/staff/join", &sent).await
    };
    let mut first = house.sign_in(NUMBER).await;
    let mut second = house.sign_in(ANA).await;
    assert_eq!(join(&mut first).await.path, "/staff?done=joined");
    assert_eq!(join(&mut second).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(second.get("/staff").await.status, StatusCode::FORBIDDEN);
    let late = flow::staff::invite(&house.idp, Role::Operator)
        .await
        .unwrap()
        .text();
    house.clock.forward(86_400);
    let mut second = house.sign_in(ANA).await;
    let page = second.get("/staff/join").await;
    let sent = [("token", late.expose().as_str())];
    let answer = second.submit(&page, "/staff/join", &sent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_record_is_opened_by_exact_number_with_a_reason_that_its_citizen_sees() {
    let house = house().await;
    let mut desk = house.official(NUMBER, &[Role::HelpDesk]).await;
    let record = opened(&mut desk, ANA).await;
    assert!(record.path.starts_with("/staff/cases/"), "{}", record.body);
    assert!(record.body.contains("Ana Soto") && record.body.contains("CASO-7"));
    assert!(!record.body.contains("alguien@"), "the address is told whole");
    let history = house.history(ANA).await;
    let look = history.iter().find(|entry| entry.event == "record.read").unwrap();
    for part in [
        "\"reason\":\"lost_access\"",
        "\"role\":\"help_desk\"",
        "\"reference\":\"CASO-7\"",
    ] {
        assert!(look.detail.contains(part), "{}", look.detail);
    }
    let home = desk.get("/staff").await;
    for (field, wrong) in [
        ("reason", ""),
        ("national_id", "12.345.678"),
        ("reference", "Ana me dijo"),
    ] {
        let mut sent = vec![("national_id", ANA), ("reason", "asked"), ("reference", "")];
        sent.retain(|(name, _)| *name != field);
        sent.push((field, wrong));
        let answer = desk.submit(&home, "/staff/search", &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let looks = |history: &[Entry]| history.iter().filter(|e| e.event.starts_with("record.")).count();
    assert_eq!(looks(&house.history(ANA).await), looks(&history));
}

#[tokio::test]
async fn an_open_record_is_its_officials_alone_and_closes_by_itself() {
    let house = house().await;
    let mut desk = house.official(NUMBER, &[Role::HelpDesk]).await;
    let mut other = house.official(BEA, &[Role::HelpDesk]).await;
    let record = opened(&mut desk, ANA).await;
    assert_eq!(other.get(&record.path).await.status, StatusCode::NOT_FOUND);
    let case = record.path.rsplit('/').next().unwrap().to_owned();
    let right = token(&other.get("/staff").await);
    let sent = [("csrf", right.as_str()), ("case", case.as_str())];
    assert_eq!(
        other.post("/staff/cases/freeze", &sent).await.status,
        StatusCode::NOT_FOUND
    );
    house.clock.forward(1_800);
    assert_eq!(desk.get(&record.path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_help_desk_ends_sessions_and_freezes_an_account() {
    let house = house().await;
    let mut ana = house.sign_in(ANA).await;
    let mut desk = house.official(NUMBER, &[Role::HelpDesk]).await;
    let record = opened(&mut desk, ANA).await;
    let done = desk.submit(&record, "/staff/cases/end-sessions", &[]).await;
    assert!(done.path.ends_with("?done=sessions-ended"), "{}", done.body);
    assert!(ana.get("/account").await.path.starts_with("/login"));
    let done = desk.submit(&done, "/staff/cases/freeze", &[]).await;
    assert!(done.path.ends_with("?done=frozen"), "{}", done.body);
    house.clock.forward(60);
    let mut again = house.browser();
    let second = again.at_second_step(ANA).await;
    let code = Seed::from_base32(TOTP).unwrap().code_for(house.idp.now().0);
    let answer = again.submit(&second, "/login/code", &[("code", &code)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
}

#[tokio::test]
async fn a_registrar_prints_a_code_that_opens_an_account() {
    let house = house().await;
    let mut desk = house.official(NUMBER, &[Role::Registrar]).await;
    let page = desk.get("/staff/enrol").await;
    let mut sent = vec![
        ("national_id", "7.654.321-6"),
        ("given_name", "Eva"),
        ("family_name", "Paz"),
        ("email", "eva@correo.example"),
        ("handed", "paper"),
    ];
    let unsure = desk.submit(&page, "/staff/enrol", &sent).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    sent.push(("proofing", "in_person"));
    let sheet = desk.submit(&page, "/staff/enrol", &sent).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.body);
    let code = sheet
        .body
        .split("<b id=\"code\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let mut eva = house.browser();
    let door = eva.get("/activate").await;
    let first = eva
        .submit(
            &door,
            "/activate",
            &[("national_id", "7654321-6"), ("code", code)],
        )
        .await;
    assert!(first.path.starts_with("/activate/passkey?"), "{}", first.body);
    // An account that is active is nobody's to open with a code.
    let sent: Vec<(&str, &str)> = sent
        .iter()
        .map(|(name, value)| (*name, if *name == "national_id" { ANA } else { value }))
        .collect();
    let answer = desk.submit(&page, "/staff/enrol", &sent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_63_a_recovery_takes_two_registrars_and_leaves_nothing_of_before() {
    let house = house().await;
    let mut help = house.official(NUMBER, &[Role::HelpDesk]).await;
    let mut one = house.official(BEA, &[Role::Registrar]).await;
    house.citizen("7.654.321-6", "Eva", "Paz").await;
    let mut two = house.official("7.654.321-6", &[Role::Registrar]).await;
    // The help desk sends a letter, and that is all that it can do.
    let record = opened(&mut help, ANA).await;
    let started = help.submit(&record, "/staff/cases/start-recovery", &[]).await;
    assert!(
        started.path.ends_with("?done=recovery-started"),
        "{}",
        started.body
    );
    let (right, case) = (
        token(&started),
        record.path.rsplit('/').next().unwrap().to_owned(),
    );
    let sent = [("csrf", right.as_str()), ("case", case.as_str())];
    assert_eq!(
        help.post("/staff/cases/recover", &sent).await.status,
        StatusCode::FORBIDDEN
    );
    let record = opened(&mut two, ANA).await;
    let proposed = two.submit(&record, "/staff/cases/recover", &[]).await;
    assert!(
        proposed.path.ends_with("?done=recovery-proposed"),
        "{}",
        proposed.body
    );
    let approval = {
        let mut read = house.idp.store.read().await.unwrap();
        let waiting = store::approvals::waiting(&mut read, house.idp.now())
            .await
            .unwrap();
        waiting[0].id.as_str().to_owned()
    };
    let send = async |browser: &mut Browser, path: &str| {
        let right = token(&browser.get("/staff").await);
        let sent = [
            ("csrf", right.as_str()),
            ("approval", approval.as_str()),
            ("decision", "approve"),
        ];
        browser.post(path, &sent).await
    };
    for path in ["/staff/approvals/decide", "/staff/approvals/print"] {
        assert_eq!(
            send(&mut help, path).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    // Nobody prints what nobody approved, and who approved it does not print it.
    assert_eq!(
        send(&mut two, "/staff/approvals/print").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        send(&mut one, "/staff/approvals/decide").await.path,
        "/staff?done=decided"
    );
    assert_eq!(
        send(&mut one, "/staff/approvals/print").await.status,
        StatusCode::NOT_FOUND
    );
    let sheet = send(&mut two, "/staff/approvals/print").await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.body);
    assert_eq!(
        send(&mut two, "/staff/approvals/print").await.status,
        StatusCode::NOT_FOUND
    );
    let code = sheet
        .body
        .split("<b id=\"code\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let mut ana = house.browser();
    let door = ana.get("/activate").await;
    let first = ana
        .submit(&door, "/activate", &[("national_id", ANA), ("code", code)])
        .await;
    let page = ana
        .get(&first.path.replace("/activate/passkey", "/activate/password"))
        .await;
    let key = page
        .body
        .split("<samp>")
        .nth(1)
        .unwrap()
        .split("</samp>")
        .next()
        .unwrap();
    let seed = Seed::from_base32(&key.replace(' ', "")).unwrap();
    let code = seed.code_for(house.idp.now().0);
    let sent = [
        ("password", "otra frase que nadie más dice"),
        ("code", code.as_str()),
    ];
    let done = ana.submit(&page, "/activate/password", &sent).await;
    assert_eq!(done.path, "/activate/done", "{}", done.body);
    let mut thief = house.browser();
    let login = thief.get("/account").await;
    let sent = [("national_id", ANA), ("password", PASSWORD)];
    let answer = thief.submit(&login, "/login?", &sent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_100_whoever_proposes_does_not_approve_and_a_role_takes_two_operators() {
    let house = house().await;
    let mut one = house.official(NUMBER, &[Role::Operator]).await;
    let mut two = house.official(BEA, &[Role::Operator]).await;
    let home = one.get("/staff").await;
    let sent = [("national_id", ANA), ("role", "auditor")];
    let proposed = one.submit(&home, "/staff/roles/propose", &sent).await;
    assert_eq!(proposed.path, "/staff?done=proposed");
    let approval = {
        let mut read = house.idp.store.read().await.unwrap();
        let waiting = store::approvals::waiting(&mut read, house.idp.now())
            .await
            .unwrap();
        waiting[0].id.as_str().to_owned()
    };
    let right = token(&one.get("/staff").await);
    let own = [
        ("csrf", right.as_str()),
        ("approval", approval.as_str()),
        ("decision", "approve"),
    ];
    assert_eq!(
        one.post("/staff/approvals/decide", &own).await.status,
        StatusCode::FORBIDDEN
    );
    let mut ana = house.sign_in(ANA).await;
    assert_eq!(ana.get("/staff").await.status, StatusCode::FORBIDDEN);
    let home = two.get("/staff").await;
    let decided = two
        .submit(&home, "/staff/approvals/decide", &[("decision", "approve")])
        .await;
    assert_eq!(decided.path, "/staff?done=decided", "{}", decided.body);
    assert_eq!(ana.get("/staff/audit").await.status, StatusCode::OK);
    // Taken away, it is gone with the next page.
    let (right, citizen) = {
        let mut read = house.idp.store.read().await.unwrap();
        let found = store::citizens::find(&mut read, &house.idp.derived.index, &number(ANA)).await;
        (token(&two.get("/staff").await), found.unwrap().unwrap().0)
    };
    let sent = [
        ("csrf", right.as_str()),
        ("citizen", citizen.as_str()),
        ("role", "auditor"),
    ];
    assert_eq!(
        two.post("/staff/roles/end", &sent).await.path,
        "/staff?done=role-ended"
    );
    assert_eq!(ana.get("/staff/audit").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn agreeing_asks_for_presence_proven_just_now() {
    let house = house().await;
    let mut two = house.official(BEA, &[Role::Operator]).await;
    let home = two.get("/staff").await;
    house.clock.forward(301);
    let sent = [("csrf", token(&home)), ("decision", "approve".to_owned())];
    let sent: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = two.post("/staff/approvals/decide", &sent).await;
    assert!(answer.path.starts_with("/reauthenticate?"), "{}", answer.path);
}

#[tokio::test]
async fn an_auditor_searches_walks_and_takes_away_the_log_and_is_in_it() {
    let house = house().await;
    let mut auditor = house.official(NUMBER, &[Role::Auditor]).await;
    let page = auditor.get("/staff/audit").await;
    let sent = [("event", "role.given"), ("since", ""), ("until", "")];
    let found = auditor.submit(&page, "/staff/audit", &sent).await;
    assert!(
        found.body.contains("role.given") && !found.body.contains("· session.started"),
        "{}",
        found.body
    );
    let sent = [("national_id", ANA), ("reason", "order"), ("reference", "")];
    let found = auditor.submit(&page, "/staff/audit", &sent).await;
    assert!(found.body.contains("citizen.created"), "{}", found.body);
    assert!(
        house
            .history(ANA)
            .await
            .iter()
            .any(|entry| entry.event == "record.read")
    );
    let without = auditor
        .submit(&page, "/staff/audit", &[("national_id", ANA)])
        .await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let walked = auditor.submit(&page, "/staff/audit/verify", &[]).await;
    assert!(walked.body.contains("está completa"), "{}", walked.body);
    let right = token(&page);
    let export = auditor.post("/staff/audit/export", &[("csrf", &right)]).await;
    assert_eq!(export.status, StatusCode::OK);
    for (at, line) in export.body.lines().enumerate() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["seq"], at + 1);
    }
    assert!(export.body.contains("\"audit.exported\"") && export.body.lines().count() > 10);
}

#[tokio::test]
async fn row_95_what_cannot_be_written_down_is_not_done() {
    let house = house().await;
    let mut ana = house.sign_in(ANA).await;
    let mut desk = house.official(NUMBER, &[Role::HelpDesk, Role::Operator]).await;
    let record = opened(&mut desk, ANA).await;
    let mut write = house.idp.store.write().await.unwrap();
    sqlx::query("ALTER TABLE audit RENAME TO gone")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(
        opened(&mut desk, ANA).await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        desk.get(&record.path).await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    for action in ["/staff/cases/freeze", "/staff/cases/end-sessions"] {
        let answer = desk.submit(&record, action, &[]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{action}");
    }
    // Nothing of it happened.
    assert!(flow::staff::invite(&house.idp, Role::Operator).await.is_err());
    let mut write = house.idp.store.write().await.unwrap();
    sqlx::query("ALTER TABLE gone RENAME TO audit")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(ana.get("/account").await.path, "/account");
}
