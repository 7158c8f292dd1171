//! What every engine must hold of conversations and pushed requests.

use idp::{
    rules::{
        ids::ClientId,
        interaction::{Interaction, Purpose, Stage},
        secret::Opaque,
        time::Seconds,
    },
    store::{interactions, pushed},
};

use crate::{
    Place,
    contract::{NOW, at_once, request},
};

pub async fn the_oldest_idle_conversations_give_way(place: &Place) {
    let conversation = |at: i64, moved: bool| Interaction {
        id: place.opaque(),
        browser: place.opaque().digest(),
        purpose: Purpose::Authorize(Box::new(request())),
        stage: Stage::Identify,
        version: i64::from(moved),
        expires_at: NOW.after(Seconds(at)),
    };
    let busy = conversation(1, true);
    let idle: Vec<Interaction> = (2..7).map(|at| conversation(at, false)).collect();
    let mut write = place.store.write().await.unwrap();
    for one in idle.iter().chain([&busy]) {
        interactions::insert(&mut write, &place.seal, place.chance.as_ref(), one)
            .await
            .unwrap();
    }
    assert_eq!(interactions::forget_beyond(&mut write, 5).await.unwrap(), 0);
    assert_eq!(interactions::forget_beyond(&mut write, 3).await.unwrap(), 2);
    let mut left = Vec::new();
    for one in idle.iter().chain([&busy]) {
        let found = interactions::find(&mut write, &place.seal, &one.id, NOW)
            .await
            .unwrap();
        left.push(found.is_some());
    }
    assert_eq!(left, [false, false, true, true, true, true]);
}

pub async fn a_pushed_request_is_answered_by_exactly_one_of_many(place: &Place) {
    let reference = place.opaque().digest();
    let (client, other) = (ClientId::known("agency"), ClientId::known("other"));
    let mut write = place.store.write().await.unwrap();
    let keys: (&idp::keys::Seal, &dyn idp::world::Chance) = (&place.seal, place.chance.as_ref());
    let until = NOW.after(Seconds(60));
    pushed::insert(&mut write, keys, &reference, &request(), until)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let mut read = place.store.read().await.unwrap();
    let found = pushed::find(&mut read, &place.seal, &reference, &client, NOW)
        .await
        .unwrap();
    assert_eq!(found.unwrap().redirect_uri, request().redirect_uri);
    for (client, now) in [(&other, NOW), (&client, until)] {
        let found = pushed::find(&mut read, &place.seal, &reference, client, now)
            .await
            .unwrap();
        assert!(found.is_none());
    }
    drop(read);
    let store = place.store.clone();
    let answered = at_once(20, move || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let first = pushed::answer(&mut write, &reference, NOW).await.unwrap();
            write.commit().await.unwrap();
            first
        }
    })
    .await;
    assert_eq!(answered.iter().filter(|first| **first).count(), 1);
    let mut write = place.store.write().await.unwrap();
    let gone = pushed::find(&mut write, &place.seal, &reference, &client, NOW)
        .await
        .unwrap();
    assert!(gone.is_none(), "answered");
    for at in [61, 62, 63] {
        let (reference, until) = (place.opaque().digest(), NOW.after(Seconds(at)));
        pushed::insert(&mut write, keys, &reference, &request(), until)
            .await
            .unwrap();
    }
    assert_eq!(pushed::forget_beyond(&mut write, &other, 1).await.unwrap(), 0);
    assert_eq!(pushed::forget_beyond(&mut write, &client, 2).await.unwrap(), 2);
    assert_eq!(pushed::sweep(&mut write, until).await.unwrap(), 0);
    assert!(
        pushed::sweep(&mut write, until.after(Seconds(1_803)))
            .await
            .unwrap()
            >= 1
    );
}

pub async fn an_interaction_moves_once_for_each_version(place: &Place) {
    let (id, browser) = (place.opaque(), place.opaque().digest());
    let interaction = move |id: &Opaque| Interaction {
        id: id.clone(),
        browser,
        purpose: Purpose::Authorize(Box::new(request())),
        stage: Stage::Identify,
        version: 0,
        expires_at: NOW.after(Seconds(60)),
    };
    let mut write = place.store.write().await.unwrap();
    interactions::insert(&mut write, &place.seal, place.chance.as_ref(), &interaction(&id))
        .await
        .unwrap();
    write.commit().await.unwrap();
    let mut moved: Vec<i64> = Vec::new();
    for _ in 0..5 {
        let mut write = place.store.write().await.unwrap();
        let mut read = interaction(&id);
        read.stage = Stage::Done;
        if interactions::advance(&mut write, &place.seal, place.chance.as_ref(), &mut read)
            .await
            .unwrap()
        {
            moved.push(read.version);
        }
        write.commit().await.unwrap();
    }
    assert_eq!(moved, [1]);
    let mut read = place.store.read().await.unwrap();
    let found = interactions::find(&mut read, &place.seal, &id, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.stage, found.browser == browser), (Stage::Done, true));
    let Purpose::Authorize(kept) = found.purpose else {
        panic!()
    };
    assert_eq!(kept.login_hint.as_deref(), Some("11.111.111-1"));
    let late = interactions::find(&mut read, &place.seal, &id, NOW.after(Seconds(60)))
        .await
        .unwrap();
    assert!(late.is_none());
}
