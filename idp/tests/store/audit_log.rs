//! What every engine must hold of the audit log.

use idp::{
    rules::audit::{Event, Outcome, Record},
    store::audit,
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

pub async fn audit_records_of_many_writers_form_one_chain(place: &Place) {
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
