//! What every engine must hold of sessions.

use std::sync::Arc;

use idp::{
    rules::{
        ids::{CitizenId, Sid},
        session::{OVERALL, Session},
        time::Seconds,
    },
    store::sessions,
    world::bytes,
};

use crate::{
    Place,
    contract::{NOW, at_once, session},
};

pub async fn a_session_is_found_until_it_ends(place: &Place) {
    let (session, cookie) = (session(), place.opaque().digest());
    let mut write = place.store.write().await.unwrap();
    sessions::insert(&mut write, &place.seal, place.chance.as_ref(), &session, &cookie)
        .await
        .unwrap();
    let found = sessions::find(&mut write, &place.seal, &cookie, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.device.as_str(), &found.assurance),
        ("Firefox, Linux", &session.assurance)
    );
    let late = NOW.after(idp::rules::session::IDLE);
    assert!(
        sessions::find(&mut write, &place.seal, &cookie, late)
            .await
            .unwrap()
            .is_none()
    );
    assert!(sessions::hold(&mut write, &session.sid, NOW).await.unwrap());
    let eva = CitizenId::known("eva");
    assert!(
        !sessions::end(&mut write, &eva, &session.sid, NOW).await.unwrap(),
        "another citizen's"
    );
    assert!(
        sessions::end(&mut write, &session.citizen, &session.sid, NOW)
            .await
            .unwrap()
    );
    assert!(
        !sessions::end(&mut write, &session.citizen, &session.sid, NOW)
            .await
            .unwrap()
    );
    assert!(
        !sessions::hold(&mut write, &session.sid, NOW).await.unwrap(),
        "an ended session holds nothing up"
    );
    assert!(
        sessions::find(&mut write, &place.seal, &cookie, NOW)
            .await
            .unwrap()
            .is_none()
    );
    write.commit().await.unwrap();
}

pub async fn a_session_goes_on_under_its_new_cookie_only(place: &Place) {
    let (mut session, old, new) = (session(), place.opaque().digest(), place.opaque().digest());
    let mut write = place.store.write().await.unwrap();
    sessions::insert(&mut write, &place.seal, place.chance.as_ref(), &session, &old)
        .await
        .unwrap();
    session.auth_time = NOW.after(Seconds(9));
    assert!(sessions::renew(&mut write, &session, &new).await.unwrap());
    assert!(
        sessions::find(&mut write, &place.seal, &old, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let found = sessions::find(&mut write, &place.seal, &new, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.sid, found.auth_time),
        (session.sid.clone(), session.auth_time)
    );
    sessions::end(&mut write, &session.citizen, &session.sid, NOW)
        .await
        .unwrap();
    assert!(
        !sessions::renew(&mut write, &session, &old).await.unwrap(),
        "an ended session does not rise again"
    );
    write.commit().await.unwrap();
}

pub async fn all_sessions_of_a_citizen_end_and_no_others(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    let mut open = Vec::new();
    for citizen in ["ana", "ana", "eva"] {
        let one = Session {
            sid: Sid::new(bytes(place.chance.as_ref())),
            citizen: CitizenId::known(citizen),
            ..session()
        };
        let cookie = place.opaque().digest();
        sessions::insert(&mut write, &place.seal, place.chance.as_ref(), &one, &cookie)
            .await
            .unwrap();
        open.push(one.sid);
    }
    let (ana, eva) = (CitizenId::known("ana"), CitizenId::known("eva"));
    let ended = sessions::end_all(&mut write, &ana, NOW).await.unwrap();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|sid| open[..2].contains(sid)));
    assert!(sessions::end_all(&mut write, &ana, NOW).await.unwrap().is_empty());
    assert_eq!(sessions::end_all(&mut write, &eva, NOW).await.unwrap(), open[2..]);
    write.commit().await.unwrap();
}

pub async fn an_aged_session_is_ended_by_exactly_one_of_many_sweeps(place: &Place) {
    let session = session();
    let mut write = place.store.write().await.unwrap();
    let cookie = place.opaque().digest();
    sessions::insert(&mut write, &place.seal, place.chance.as_ref(), &session, &cookie)
        .await
        .unwrap();
    let end = NOW.after(OVERALL);
    let early = sessions::end_aged(&mut write, end.before(Seconds(1)), 10)
        .await
        .unwrap();
    assert_eq!(early.len(), 0);
    let missed = end.after(OVERALL);
    assert_eq!(
        sessions::end_aged(&mut write, missed, 10).await.unwrap().len(),
        0,
        "too late to tell"
    );
    assert_eq!(sessions::end_aged(&mut write, end, 0).await.unwrap().len(), 0);
    write.commit().await.unwrap();
    let store = Arc::new(place.store.clone());
    let ended = at_once(8, || {
        let store = Arc::clone(&store);
        async move {
            let mut write = store.write().await.unwrap();
            let ended = sessions::end_aged(&mut write, end, 10).await.unwrap();
            write.commit().await.unwrap();
            ended
        }
    })
    .await;
    let ended: Vec<_> = ended.into_iter().flatten().collect();
    assert_eq!(ended, [(session.sid, session.citizen)]);
}
