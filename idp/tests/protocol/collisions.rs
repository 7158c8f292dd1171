//! Whole stories on a PostgreSQL that takes transactions back: the browser and the agency notice nothing, and everything
//! happened once.

use std::sync::{Arc, atomic::AtomicI64};

use axum::http::StatusCode;
use sqlx::{AssertSqlSafe, Executor as _, Row as _, raw_sql};

use crate::{
    agency::{Agency, returned},
    browser::{BEGINNING, Hand, House, NUMBER, citizen, open},
    postgres,
};

/// A provider on a PostgreSQL of its own.
async fn house() -> Option<House> {
    let url = postgres::database()?;
    let (folder, clock) = (
        tempfile::tempdir().unwrap(),
        Arc::new(Hand(AtomicI64::new(BEGINNING))),
    );
    let configured = ("http://localhost:8080", "", Some(url.as_str()));
    let idp = open(folder.path(), configured, &clock).await;
    citizen(&idp, NUMBER, "María José", "Muñoz Ñancupil").await;
    Some(House::of(idp, clock, folder, |_| {}))
}

async fn number(house: &House, question: String) -> i64 {
    let mut read = house.idp.store.read().await.unwrap();
    let row = sqlx::query(AssertSqlSafe(question)).fetch_one(&mut *read).await;
    row.unwrap().get(0)
}

async fn count(house: &House, event: &str) -> i64 {
    let question = format!("SELECT COUNT(*) FROM audit WHERE event = '{event}' AND outcome = 'done'");
    number(house, question).await
}

async fn run(house: &House, text: String) {
    let mut write = house.idp.store.write().await.unwrap();
    write.execute(raw_sql(AssertSqlSafe(text))).await.unwrap();
    write.commit().await.unwrap();
}

/// From now on every transaction that writes down what it does is taken back once, at its very last statement.
async fn everything_meets(house: &House) {
    let text = "CREATE SEQUENCE met; \
        CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF nextval('met') % 2 = 1 THEN RAISE 'met' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$; \
        CREATE TRIGGER meeting BEFORE UPDATE ON audit_head FOR EACH ROW \
        WHEN (NEW.seq <> OLD.seq) EXECUTE FUNCTION meet()";
    run(house, text.to_owned()).await;
}

async fn met(house: &House) -> i64 {
    number(house, "SELECT last_value FROM met".to_owned()).await
}

/// The event that shows it: written once, by a transaction that was taken back before.
async fn happened_once(house: &House, before: i64, event: &str) -> i64 {
    let now = met(house).await;
    assert!(
        now > before.saturating_add(1),
        "{event} met nobody: the test proves nothing"
    );
    assert_eq!(count(house, event).await, 1, "{event}");
    now
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_a_consent_a_code_and_a_refresh_that_meet_others_happen_once() {
    let Some(house) = house().await else { return };
    let agency = Agency::new(&house).await;
    everything_meets(&house).await;
    let (mut browser, answer) = agency.login(&house, &[("scope", "openid offline_access")]).await;
    for event in ["login.password", "login.totp", "session.started", "code.issued"] {
        happened_once(&house, 0, event).await;
    }
    let at = happened_once(&house, 0, "consent.decided").await;
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);
    let at = happened_once(&house, at, "code.redeemed").await;
    let again = agency.refresh(tokens.text("refresh_token")).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.json);
    let at = happened_once(&house, at, "refresh.redeemed").await;
    let account = browser.get("/account").await;
    let left = browser.submit(&account, "/account/logout", &[]).await;
    assert!(left.status.is_success(), "{} {}", left.status, left.body);
    happened_once(&house, at, "session.ended").await;
    let mut read = house.idp.store.read().await.unwrap();
    let chain = idp::store::audit::verify(&mut read).await.unwrap();
    assert!(chain.is_ok(), "{chain:?}");
}

/// A real circle: somebody holds the end of the log and waits for the token that is being spent, whose request waits for
/// the log. The engine takes back whoever has waited long enough to look, and here only the request looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_waits_for_whoever_waits_for_it_is_answered() {
    let Some(house) = house().await else { return };
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    let mut other = house.idp.store.write().await.unwrap();
    let hold = "SET LOCAL deadlock_timeout = '1min'; SELECT seq FROM audit_head FOR UPDATE";
    other.execute(raw_sql(hold)).await.unwrap();
    let refresh = tokens.text("refresh_token").to_owned();
    let sent = tokio::spawn(async move { agency.refresh(&refresh).await });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
         AND datname = current_database()";
    while number(&house, waiting.to_owned()).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    other
        .execute(raw_sql("UPDATE refresh_tokens SET issued_at = issued_at"))
        .await
        .unwrap();
    other.commit().await.unwrap();
    let reply = sent.await.unwrap();
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
    assert_eq!(count(&house, "refresh.redeemed").await, 1);
}
