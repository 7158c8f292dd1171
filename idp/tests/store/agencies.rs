//! What every engine must hold of clients and consents.

use idp::{
    rules::{
        ids::{CitizenId, ClientId},
        registration::Registration,
        scope::Scopes,
        secret::Digest,
        time::Seconds,
    },
    store::{access_tokens, clients, consents},
};
use serde_json::json;

use crate::{Place, contract::NOW};

pub async fn a_client_is_read_as_it_was_written_and_not_twice(place: &Place) {
    let registration: Registration = serde_json::from_value(serde_json::json!({
        "client_name": "Tesorería", "redirect_uris": ["https://agency.example/cb", "https://agency.example/otra"],
    }))
    .unwrap();
    let client = registration.check(ClientId::known("agency")).unwrap();
    let secret = Digest::of(b"secret");
    let mut write = place.store.write().await.unwrap();
    assert!(
        clients::insert(&mut write, &client, Some(&secret), NOW)
            .await
            .unwrap()
    );
    assert!(!clients::insert(&mut write, &client, None, NOW).await.unwrap());
    let found = clients::find(&mut write, &client.id).await.unwrap();
    assert_eq!(found, Some((client.clone(), Some(secret))));
    assert!(
        clients::has_origin(&mut write, "https://agency.example")
            .await
            .unwrap()
    );
    assert!(
        !clients::has_origin(&mut write, "https://evil.example")
            .await
            .unwrap()
    );
    let listed = clients::Listed {
        client,
        created_at: NOW,
        disabled_at: None,
    };
    assert_eq!(clients::all(&mut write).await.unwrap(), [listed]);
    write.commit().await.unwrap();
}

pub async fn a_consent_is_given_grown_and_withdrawn(place: &Place) {
    let (ana, agency) = (CitizenId::known("ana"), ClientId::known("agency"));
    let mut write = place.store.write().await.unwrap();
    assert!(
        consents::find(&mut write, &ana, &agency)
            .await
            .unwrap()
            .is_empty()
    );
    for scopes in ["openid", "openid email"] {
        consents::give(&mut write, &ana, &agency, &Scopes::parse(scopes), NOW)
            .await
            .unwrap();
        assert_eq!(
            consents::find(&mut write, &ana, &agency).await.unwrap(),
            Scopes::parse(scopes)
        );
    }
    assert_eq!(consents::of_citizen(&mut write, &ana).await.unwrap().len(), 1);
    assert!(consents::withdraw(&mut write, &ana, &agency).await.unwrap());
    assert!(!consents::withdraw(&mut write, &ana, &agency).await.unwrap());
    write.commit().await.unwrap();
}

pub async fn the_sealed_secret_before_is_there_as_long_as_it_is_good(place: &Place) {
    let registration = json!({ "client_name": "Tesorería", "redirect_uris": ["https://agency.example/cb"] });
    let registration: Registration = serde_json::from_value(registration).unwrap();
    let id = ClientId::known("agency");
    let client = registration.check(id.clone()).unwrap();
    let mut write = place.store.write().await.unwrap();
    clients::insert(&mut write, &client, Some(&Digest::of(b"one")), NOW)
        .await
        .unwrap();
    clients::keep_sealed_secret(&mut write, &id, b"one")
        .await
        .unwrap();
    assert_eq!(
        clients::sealed_secrets(&mut write, &id, NOW).await.unwrap(),
        [b"one"]
    );
    let end = NOW.after(Seconds(60));
    clients::replace_secret(&mut write, &id, Some(&Digest::of(b"two")), end)
        .await
        .unwrap();
    clients::keep_sealed_secret(&mut write, &id, b"two")
        .await
        .unwrap();
    assert_eq!(
        clients::sealed_secrets(&mut write, &id, NOW).await.unwrap(),
        [b"two", b"one"]
    );
    assert_eq!(
        clients::sealed_secrets(&mut write, &id, end).await.unwrap(),
        [b"two"]
    );
    assert_eq!(clients::sweep(&mut write, NOW).await.unwrap(), 0);
    assert_eq!(clients::sweep(&mut write, end).await.unwrap(), 1);
    assert_eq!(
        clients::sealed_secrets(&mut write, &id, NOW).await.unwrap(),
        [b"two"]
    );
    write.commit().await.unwrap();
}

pub async fn what_a_disabled_client_got_for_itself_is_dead_for_good(place: &Place) {
    let registration = json!({ "client_name": "Tesorería", "redirect_uris": ["https://agency.example/cb"] });
    let registration: Registration = serde_json::from_value(registration).unwrap();
    let id = ClientId::known("agency");
    let client = registration.check(id.clone()).unwrap();
    let mut write = place.store.write().await.unwrap();
    clients::insert(&mut write, &client, None, NOW).await.unwrap();
    let token = Digest::of(b"jti");
    assert!(
        !access_tokens::is_revoked(&mut write, &token, (&id, NOW))
            .await
            .unwrap()
    );
    assert!(clients::disable(&mut write, &id, NOW).await.unwrap());
    assert!(clients::enable(&mut write, &id).await.unwrap());
    assert!(
        access_tokens::is_revoked(&mut write, &token, (&id, NOW))
            .await
            .unwrap()
    );
    let after = NOW.after(Seconds(1));
    assert!(
        !access_tokens::is_revoked(&mut write, &token, (&id, after))
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
}
