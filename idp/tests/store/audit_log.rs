//! What every engine must hold of the audit log.

use idp::{
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        time::{Seconds, Timestamp},
    },
    store::audit::{self, Asked},
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

pub async fn row_94_audit_records_of_many_writers_form_one_chain_without_gaps(place: &Place) {
    // Nobody has written before: the first one is as crowded as the others.
    let store = place.store.clone();
    at_once(40, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW)
                .await
                .unwrap();
            write.commit().await.unwrap();
        }
    })
    .await;
    assert_eq!(place.verified().await, Ok(40));
}

pub async fn a_changed_audit_record_is_found(place: &Place) {
    for _ in 0..5 {
        place.append(Event::CodeIssued).await;
    }
    assert_eq!(place.verified().await, Ok(5));
    let mut write = place.store.write().await.unwrap();
    sqlx::query("UPDATE audit SET citizen = 'eva' WHERE seq = 3")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(place.verified().await, Err(3));
}

pub async fn a_removed_last_audit_record_is_found(place: &Place) {
    for _ in 0..3 {
        place.append(Event::CodeIssued).await;
    }
    let mut write = place.store.write().await.unwrap();
    sqlx::query("DELETE FROM audit WHERE seq = 3")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(place.verified().await, Err(3));
}

pub async fn an_auditor_finds_records_by_citizen_event_and_time(place: &Place) {
    let (ana, eva) = (CitizenId::known("ana"), CitizenId::known("eva"));
    let mut write = place.store.write().await.unwrap();
    for (citizen, event, at) in [
        (Some(&ana), Event::LoginPassword, 0),
        (Some(&ana), Event::RecordRead, 10),
        (Some(&eva), Event::RecordRead, 20),
        (None, Event::AuditVerified, 30),
    ] {
        let record = Record::new(event, Outcome::Done);
        let record = citizen.map_or(record.clone(), |citizen| record.citizen(citizen));
        audit::append(&mut write, &record, NOW.after(Seconds(at)))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let found = async |citizen: Option<&CitizenId>, event: &str, since: i64, until: i64, most| -> Vec<i64> {
        let asked = Asked {
            citizen: citizen.cloned(),
            event: event.to_owned(),
            since: NOW.after(Seconds(since)),
            until: NOW.after(Seconds(until)),
        };
        let mut read = place.store.read().await.unwrap();
        let entries = audit::search(&mut read, &asked, most).await.unwrap();
        entries.iter().map(|entry| entry.seq).collect()
    };
    let name = Event::RecordRead.name();
    assert_eq!(found(None, "", 0, 99, 100).await, [4, 3, 2, 1], "newest first");
    assert_eq!(found(None, "", 0, 99, 2).await, [4, 3]);
    assert_eq!(found(Some(&ana), "", 0, 99, 100).await, [2, 1]);
    assert_eq!(found(None, name, 0, 99, 100).await, [3, 2]);
    assert_eq!(found(Some(&ana), name, 0, 99, 100).await, [2]);
    assert_eq!(found(None, "", 10, 30, 100).await, [3, 2], "from, and before");
    let mut read = place.store.read().await.unwrap();
    let pair = [name, Event::LoginPassword.name()];
    let both = audit::of_events(&mut read, &ana, pair, 100).await.unwrap();
    assert_eq!(both.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 1]);
    let before = audit::before(&mut read, &ana, 2, 100).await.unwrap();
    assert_eq!(before.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1]);
    let everything = (Timestamp(0), Timestamp(i64::MAX));
    let page = audit::page(&mut read, everything, 2).await.unwrap();
    assert_eq!(
        page.iter().map(|(entry, _)| entry.seq).collect::<Vec<_>>(),
        [3, 4]
    );
}
