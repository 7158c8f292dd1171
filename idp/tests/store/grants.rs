//! What every engine must hold of codes and refresh tokens.

use idp::{
    rules::{binding::Binding, time::Seconds},
    store::{grants, refresh_tokens},
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

pub async fn a_code_is_redeemed_by_exactly_one_of_many(place: &Place) {
    let (grant, code) = place.granted().await;
    let (store, digest) = (place.store.clone(), code.digest());
    let results = at_once(50, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let found = grants::redeem(&mut write, &digest, NOW).await.unwrap();
            write.commit().await.unwrap();
            found
        }
    })
    .await;
    let won: Vec<_> = results
        .iter()
        .filter(|one| matches!(one, grants::Redeemed::Now(..)))
        .collect();
    let again = results
        .iter()
        .filter(|one| matches!(one, grants::Redeemed::Again(_)))
        .count();
    assert_eq!((won.len(), again), (1, 49));
    let Some(grants::Redeemed::Now(spent, found)) = won.first() else {
        panic!()
    };
    assert_eq!(spent.nonce.as_deref(), Some("n"));
    assert_eq!(
        (&found.id, &found.scopes, &found.assurance),
        (&grant.id, &grant.scopes, &grant.assurance)
    );
}

pub async fn a_refresh_token_is_spent_by_exactly_one_of_many_and_retried_once(place: &Place) {
    let (grant, _) = place.granted().await;
    let (token, successor) = (place.opaque().digest(), place.opaque().digest());
    let mut write = place.store.write().await.unwrap();
    refresh_tokens::insert(&mut write, &token, &grant.id, (None, Binding::None), NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let store = place.store.clone();
    // Nobody writes a successor: only the first use can win.
    let results = at_once(30, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let found = refresh_tokens::spend(&mut write, &token, NOW).await.unwrap();
            write.commit().await.unwrap();
            found
        }
    })
    .await;
    assert_eq!(
        results
            .iter()
            .filter(|one| matches!(one, refresh_tokens::Spent::Now(..)))
            .count(),
        1
    );

    let mut write = place.store.write().await.unwrap();
    let fresh = place.opaque().digest();
    refresh_tokens::insert(&mut write, &fresh, &grant.id, (None, Binding::None), NOW)
        .await
        .unwrap();
    assert!(matches!(
        refresh_tokens::spend(&mut write, &fresh, NOW).await.unwrap(),
        refresh_tokens::Spent::Now(..)
    ));
    refresh_tokens::insert(
        &mut write,
        &successor,
        &grant.id,
        (Some(&fresh), Binding::None),
        NOW,
    )
    .await
    .unwrap();
    let retried = refresh_tokens::spend(&mut write, &fresh, NOW.after(Seconds(30)))
        .await
        .unwrap();
    assert!(matches!(
        retried,
        refresh_tokens::Spent::Now(idp::rules::grant::Refreshed::Retried, _)
    ));
    assert!(matches!(
        refresh_tokens::spend(&mut write, &fresh, NOW).await.unwrap(),
        refresh_tokens::Spent::Again(_)
    ));
    assert!(matches!(
        refresh_tokens::spend(&mut write, &successor, NOW).await.unwrap(),
        refresh_tokens::Spent::Again(_)
    ));
    write.commit().await.unwrap();
}
