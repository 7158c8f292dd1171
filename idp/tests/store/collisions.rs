//! PostgreSQL takes one of two transactions back when each waits for the other; it is carried out again below the use
//! cases, and nobody notices. Really provoked: SQLite has one writer at a time, so nothing of this happens there.

use std::sync::Arc;

use idp::{
    error::Fault,
    rules::audit::{Event, Outcome, Record},
    store::{Database, Write, audit, throttles},
};
use sqlx::{Row as _, raw_sql};
use tokio::sync::Barrier;

use crate::{Place, contract::NOW, postgres};

async fn place() -> Option<Place> {
    let url = postgres::database()?;
    let place = Place::at(&url, None).await;
    let mut write = place.store.write().await.unwrap();
    write.execute_all(THINGS).await.unwrap();
    write.commit().await.unwrap();
    Some(place)
}

/// A table to meet at, and a number that no transaction takes back.
const THINGS: &str = "CREATE TABLE meeting (name TEXT PRIMARY KEY, one BIGINT, other BIGINT); \
     INSERT INTO meeting VALUES ('a', 0, 0), ('b', 0, 0); CREATE SEQUENCE tries";

trait Raw {
    async fn execute_all(&mut self, text: &'static str) -> Result<(), Fault>;
}

impl Raw for Write {
    async fn execute_all(&mut self, text: &'static str) -> Result<(), Fault> {
        sqlx::Executor::execute(&mut **self, raw_sql(text)).await?;
        Ok(())
    }
}

async fn number(store: &Database, question: &'static str) -> i64 {
    let mut read = store.read().await.unwrap();
    let row = sqlx::query(question).fetch_one(&mut *read).await;
    row.unwrap().get(0)
}

/// Writes two rows, the second one when the other transaction has it, too.
async fn write_both(
    store: Database,
    [first, second]: [&'static str; 2],
    meet: Arc<Barrier>,
) -> Result<(), Fault> {
    let mut write = store.write().await?;
    sqlx::query(first).execute(&mut *write).await?;
    audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW).await?;
    meet.wait().await;
    sqlx::query(second).execute(&mut *write).await?;
    write.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_transactions_that_wait_for_each_other_both_happen_once() {
    let Some(place) = place().await else { return };
    let meet = Arc::new(Barrier::new(2));
    let one = [
        "UPDATE meeting SET one = one + 1 WHERE name = 'a'",
        "UPDATE meeting SET one = one + 1 WHERE name = 'b'",
    ];
    let other = [
        "UPDATE meeting SET other = other + 1 WHERE name = 'b'",
        "UPDATE meeting SET other = other + 1 WHERE name = 'a'",
    ];
    let (one, other) = tokio::join!(
        tokio::spawn(write_both(place.store.clone(), one, Arc::clone(&meet))),
        tokio::spawn(write_both(place.store.clone(), other, meet)),
    );
    one.unwrap().unwrap();
    other.unwrap().unwrap();
    let once = "SELECT COUNT(*) FROM meeting WHERE one = 1 AND other = 1";
    assert_eq!(number(&place.store, once).await, 2);
    assert_eq!(place.verified().await, Ok(2));
    let met = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    // The engine counts a moment later.
    for _ in 0..100 {
        if number(&place.store, met).await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("they never met, and the test proves nothing");
}

/// Counts at two counters: the answer to the first is another one after the other transaction.
async fn charge_both(
    store: Database,
    [first, second]: [&'static str; 2],
    meet: Arc<Barrier>,
) -> Result<(), Fault> {
    let mut write = store.write().await?;
    throttles::charge(&mut write, first).await?;
    meet.wait().await;
    throttles::charge(&mut write, second).await?;
    write.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_would_decide_by_what_is_no_longer_so_is_told_to_come_back() {
    let Some(place) = place().await else { return };
    let meet = Arc::new(Barrier::new(2));
    let (one, other) = tokio::join!(
        tokio::spawn(charge_both(place.store.clone(), ["x", "y"], Arc::clone(&meet))),
        tokio::spawn(charge_both(place.store.clone(), ["y", "x"], meet)),
    );
    let mut ended = [one.unwrap(), other.unwrap()];
    ended.sort_by_key(Result::is_err);
    let [Ok(()), Err(fault)] = ended else {
        panic!("one of them")
    };
    assert!(fault.is_passing(), "{fault}");
    let mut write = place.store.write().await.unwrap();
    for counter in ["x", "y"] {
        let charged = throttles::charge(&mut write, counter).await.unwrap();
        assert_eq!(charged.failures, 2, "of the one that happened, and this one");
    }
}

/// Somebody's row, then a statement at which the engine takes the transaction back.
async fn taken_back(place: &Place, at: &'static str) -> Result<(), Fault> {
    let mut write = place.store.write().await?;
    sqlx::query("UPDATE meeting SET one = one + 1 WHERE name = $1")
        .bind("a")
        .execute(&mut *write)
        .await?;
    audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW).await?;
    write.execute_all(at).await?;
    write.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_twice_happens_once() {
    let Some(place) = place().await else { return };
    let twice =
        "DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE 'met' USING ERRCODE = '40001'; END IF; END $$";
    taken_back(&place, twice).await.unwrap();
    let tries = "SELECT last_value FROM tries";
    assert_eq!(number(&place.store, tries).await, 3);
    let row = "SELECT one FROM meeting WHERE name = 'a'";
    assert_eq!(number(&place.store, row).await, 1);
    assert_eq!(place.verified().await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_at_its_commit_happens_once() {
    let Some(place) = place().await else { return };
    let at_commit = "CREATE FUNCTION met() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('tries') < 2 THEN RAISE 'met' USING ERRCODE = '40P01'; END IF; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON meeting DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION met()";
    let mut write = place.store.write().await.unwrap();
    write.execute_all(at_commit).await.unwrap();
    write.commit().await.unwrap();
    taken_back(&place, "SELECT 1").await.unwrap();
    assert_eq!(number(&place.store, "SELECT last_value FROM tries").await, 2);
    let row = "SELECT one FROM meeting WHERE name = 'a'";
    assert_eq!(number(&place.store, row).await, 1);
    assert_eq!(place.verified().await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_collides_every_time_is_told_to_come_back_and_did_not_happen() {
    let Some(place) = place().await else { return };
    let always = "DO $$ BEGIN PERFORM nextval('tries'); RAISE 'met' USING ERRCODE = '40001'; END $$";
    let fault = taken_back(&place, always).await.unwrap_err();
    assert!(fault.is_passing(), "{fault}");
    assert_eq!(number(&place.store, "SELECT last_value FROM tries").await, 4);
    let row = "SELECT one FROM meeting WHERE name = 'a'";
    assert_eq!(number(&place.store, row).await, 0);
    assert_eq!(place.verified().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_itself_is_not_tried_again() {
    let Some(place) = place().await else { return };
    let wrong = "DO $$ BEGIN PERFORM nextval('tries'); RAISE 'wrong'; END $$";
    let fault = taken_back(&place, wrong).await.unwrap_err();
    assert!(!fault.is_passing(), "{fault}");
    assert_eq!(number(&place.store, "SELECT last_value FROM tries").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_asked_too_much_to_be_remembered_is_not_tried_again() {
    let Some(place) = place().await else { return };
    let mut write = place.store.write().await.unwrap();
    for _ in 0..1_001 {
        sqlx::query("UPDATE meeting SET one = one + 1 WHERE name = 'a'")
            .execute(&mut *write)
            .await
            .unwrap();
    }
    let twice =
        "DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE 'met' USING ERRCODE = '40001'; END IF; END $$";
    let fault = write.execute_all(twice).await.unwrap_err();
    assert!(fault.is_passing(), "{fault}");
    drop(write);
    assert_eq!(number(&place.store, "SELECT last_value FROM tries").await, 1);
    let row = "SELECT one FROM meeting WHERE name = 'a'";
    assert_eq!(number(&place.store, row).await, 0);
}

/// Records are written last, whatever the order in the text: whoever waits for the end of the chain holds everything
/// that they need, so nobody waits in a circle through the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_before_a_row_and_a_row_before_a_record_do_not_meet() {
    let Some(place) = place().await else { return };
    let meet = Arc::new(Barrier::new(2));
    let (store, other) = (place.store.clone(), Arc::clone(&meet));
    let record = || Record::new(Event::CodeIssued, Outcome::Done);
    let log_first = tokio::spawn(async move {
        let mut write = store.write().await.unwrap();
        audit::append(&mut write, &record(), NOW).await.unwrap();
        other.wait().await;
        throttles::charge(&mut write, "row").await.unwrap();
        write.commit().await
    });
    let mut write = place.store.write().await.unwrap();
    throttles::charge(&mut write, "row").await.unwrap();
    meet.wait().await;
    audit::append(&mut write, &record(), NOW).await.unwrap();
    write.commit().await.unwrap();
    log_first.await.unwrap().unwrap();
    assert_eq!(place.verified().await, Ok(2));
}
