//! PostgreSQL takes one of two transactions back when each waits for the other; it is carried out again, and nobody
//! notices. Really provoked: SQLite has one writer at a time, so nothing of this happens there.

use std::sync::Arc;

use idp::{
    error::Error,
    rules::{
        audit::{Event, Outcome, Record},
        refusal::Refusal,
    },
    store::{Database, Write, audit, throttles},
};
use tokio::sync::Barrier;

use crate::{Place, contract::NOW, postgres};

async fn place() -> Option<Place> {
    let url = postgres::database()?;
    Some(Place::at(&url, None).await)
}

/// Charges two counters, one after the other; the first time only when the other transaction has its first one, too.
async fn charge_both(
    store: Database,
    [first, second]: [&'static str; 2],
    meet: Arc<Barrier>,
) -> Result<u32, Error> {
    let mut settling = store.settling();
    for tries in 1.. {
        let mut write = settling.write().await?;
        let done = async {
            throttles::charge(&mut write, first).await?;
            if tries == 1 {
                meet.wait().await;
            }
            throttles::charge(&mut write, second).await?;
            audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW).await?;
            Ok(tries)
        };
        let done = done.await;
        if let Some(settled) = settling.end(write, done).await {
            return settled;
        }
    }
    unreachable!("numbers do not end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_transactions_that_wait_for_each_other_both_happen() {
    let Some(place) = place().await else { return };
    let meet = Arc::new(Barrier::new(2));
    let (one, other) = tokio::join!(
        tokio::spawn(charge_both(place.store.clone(), ["a", "b"], Arc::clone(&meet))),
        tokio::spawn(charge_both(place.store.clone(), ["b", "a"], meet)),
    );
    let tries = [one.unwrap().unwrap(), other.unwrap().unwrap()];
    // Which of them the engine takes back is its choice, and on a busy machine it may do so more than once.
    assert_ne!(
        tries,
        [1, 1],
        "they did meet, and one of them was carried out again"
    );
    let mut write = place.store.write().await.unwrap();
    for counter in ["a", "b"] {
        let charged = throttles::charge(&mut write, counter).await.unwrap();
        assert_eq!(charged.failures, 3, "each once, and this one");
    }
    drop(write);
    assert_eq!(place.verified().await, Ok(2));
}

/// A transaction that the engine takes back as often as it is tried.
async fn taken_back(write: &mut Write) -> Result<(), Error> {
    let always = "DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40001'; END $$";
    let done = sqlx::query(always).execute(&mut **write).await;
    done.map(|_| ()).map_err(|error| Error::Fault(error.into()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_collides_every_time_is_told_to_come_back() {
    let Some(place) = place().await else { return };
    let mut settling = place.store.settling();
    for _ in 0..3 {
        let mut write = settling.write().await.unwrap();
        let done = taken_back(&mut write).await;
        assert!(settling.end(write, done).await.is_none(), "again");
    }
    let mut write = settling.write().await.unwrap();
    let done = taken_back(&mut write).await;
    match settling.end(write, done).await {
        Some(Err(Error::Fault(fault))) => assert!(fault.is_passing(), "{fault}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_not_tried_again_and_did_not_happen() {
    let place = crate::sqlite().await;
    let mut settling = place.store.settling();
    let mut write = settling.write().await.unwrap();
    audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW)
        .await
        .unwrap();
    let refused = Err::<(), _>(Error::Refused(Refusal::NotFound));
    let settled = settling.end(write, refused).await;
    assert!(matches!(settled, Some(Err(Error::Refused(Refusal::NotFound)))));
    assert_eq!(place.verified().await, Ok(0));
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
