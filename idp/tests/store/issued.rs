//! Access tokens of every kind, and devices that wait, on every engine.

use idp::{
    rules::{
        access_token::{AccessToken, Holder},
        binding::Binding,
        details::Details,
        device::{DeviceRequest, Origin, Polled},
        grant::Grant,
        ids::{ClientId, GrantId},
        resource::{Audience, ScopeTokens},
        scope::Scopes,
        secret::Digest,
        time::{Seconds, Timestamp},
    },
    store::{access_tokens, devices, grants, sessions},
    world::Chance,
};

use crate::{Place, contract::at_once};

const NOW: Timestamp = Timestamp(1_795_260_000);

fn token(holder: Holder) -> AccessToken {
    AccessToken {
        client: ClientId::known("agency"),
        holder,
        binding: Binding::Key(Digest::of(b"key")),
        audience: Audience::Resource("https://api.example".to_owned()),
        scope: ScopeTokens::parse("b a"),
        details: Some(Details::stored(r#"[{"type":"ñ"}]"#).unwrap()),
        issued_at: NOW,
        expires_at: Timestamp(NOW.0 + 60),
    }
}

fn citizens(grant: &Grant) -> AccessToken {
    token(Holder::Citizen {
        grant: Box::new(grant.clone()),
        actors: vec![ClientId::known("near"), ClientId::known("far")],
    })
}

impl Place {
    async fn issue(&self, name: &[u8], token: &AccessToken) -> Digest {
        let digest = Digest::of(name);
        let mut write = self.store.write().await.unwrap();
        access_tokens::insert(&mut write, &digest, token).await.unwrap();
        write.commit().await.unwrap();
        digest
    }

    async fn found(&self, digest: &Digest, now: Timestamp) -> Option<AccessToken> {
        let mut read = self.store.read().await.unwrap();
        access_tokens::find(&mut read, digest, now).await.unwrap()
    }

    async fn own(&self, digest: &Digest, now: Timestamp) -> Option<AccessToken> {
        let mut read = self.store.read().await.unwrap();
        access_tokens::find_clients_own(&mut read, digest, now)
            .await
            .unwrap()
    }

    /// A device that waits under this user code.
    async fn device(&self, user_code: &str) -> Digest {
        let digest = Digest::of(user_code.as_bytes());
        let mut write = self.store.write().await.unwrap();
        let chance: &dyn Chance = self.chance.as_ref();
        let sealing = (&self.seal, chance);
        let new = devices::insert(&mut write, sealing, (&digest, user_code), &request()).await;
        assert!(new.unwrap());
        write.commit().await.unwrap();
        digest
    }

    async fn poll(&self, digest: &Digest, client: &str, at: i64) -> Polled {
        let mut write = self.store.write().await.unwrap();
        let client = ClientId::known(client);
        let polled = devices::poll(&mut write, digest, &client, NOW.after(Seconds(at)))
            .await
            .unwrap();
        write.commit().await.unwrap();
        polled
    }
}

fn request() -> DeviceRequest {
    DeviceRequest {
        client: ClientId::known("television"),
        scopes: Scopes::parse("openid profile"),
        resources: vec!["https://api.example".to_owned()],
        resource_scopes: ScopeTokens::parse("a"),
        origin: Origin {
            device: "Televisor".to_owned(),
            network: Some("192.0.2.0/24".to_owned()),
        },
        created_at: NOW,
        expires_at: Timestamp(NOW.0 + 600),
    }
}

pub async fn a_citizens_token_is_read_as_it_was_written(place: &Place) {
    let (grant, _) = place.granted().await;
    let digest = place.issue(b"t", &citizens(&grant)).await;
    let found = place.found(&digest, NOW).await.unwrap();
    let Holder::Citizen { grant: of, actors } = &found.holder else {
        panic!()
    };
    assert_eq!(
        (&of.id, &of.citizen, &of.scopes),
        (&grant.id, &grant.citizen, &grant.scopes)
    );
    assert_eq!(actors, &[ClientId::known("near"), ClientId::known("far")]);
    assert_eq!(found.client, ClientId::known("agency"));
    assert_eq!(found.binding, Binding::Key(Digest::of(b"key")));
    assert_eq!(
        found.audience,
        Audience::Resource("https://api.example".to_owned())
    );
    assert_eq!(
        (found.scope.to_string().as_str(), found.expires_at.0),
        ("b a", NOW.0 + 60)
    );
    assert_eq!(found.details.unwrap().types().collect::<Vec<_>>(), ["ñ"]);
    assert!(place.found(&digest, Timestamp(NOW.0 + 60)).await.is_none());
    assert!(place.own(&digest, NOW).await.is_none());
}

pub async fn a_citizens_token_dies_with_its_family_or_its_session(place: &Place) {
    let (grant, _) = place.granted().await;
    let digest = place.issue(b"t", &citizens(&grant)).await;
    let mut write = place.store.write().await.unwrap();
    sessions::end(&mut write, &grant.citizen, &grant.session, NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert!(place.found(&digest, NOW).await.is_none());

    let lasting = Grant {
        id: GrantId::known("lasting"),
        scopes: Scopes::parse("openid offline_access"),
        ..grant
    };
    let mut write = place.store.write().await.unwrap();
    grants::insert_without_code(&mut write, &lasting).await.unwrap();
    write.commit().await.unwrap();
    let digest = place.issue(b"u", &citizens(&lasting)).await;
    assert!(place.found(&digest, NOW).await.is_some());
    let mut write = place.store.write().await.unwrap();
    assert!(grants::revoke(&mut write, &lasting.id, NOW).await.unwrap());
    write.commit().await.unwrap();
    assert!(place.found(&digest, NOW).await.is_none());
}

pub async fn a_clients_own_token_lives_until_it_is_revoked_by_its_client(place: &Place) {
    let digest = place.issue(b"t", &token(Holder::Client)).await;
    let found = place.own(&digest, NOW).await.unwrap();
    assert!(matches!(found.holder, Holder::Client));
    assert_eq!(found.binding, Binding::Key(Digest::of(b"key")));
    assert_eq!(found.details.unwrap().types().collect::<Vec<_>>(), ["ñ"]);
    assert!(place.own(&digest, Timestamp(NOW.0 + 60)).await.is_none());
    assert!(place.found(&digest, NOW).await.is_none());
    let mut write = place.store.write().await.unwrap();
    for (client, done) in [("other", false), ("agency", true), ("agency", false)] {
        let client = ClientId::known(client);
        let revoked = access_tokens::revoke_clients_own(&mut write, &digest, &client, NOW).await;
        assert_eq!(revoked.unwrap(), done);
    }
    write.commit().await.unwrap();
    assert!(place.own(&digest, NOW).await.is_none());
}

pub async fn a_token_without_a_row_is_revoked_once_and_forgotten_after_its_end(place: &Place) {
    let digest = Digest::of(b"jti");
    let agency = ClientId::known("agency");
    let issued = (&agency, NOW);
    let end = Timestamp(NOW.0 + 60);
    let mut write = place.store.write().await.unwrap();
    assert!(
        !access_tokens::is_revoked(&mut write, &digest, issued)
            .await
            .unwrap()
    );
    assert!(
        access_tokens::revoke_rowless(&mut write, &digest, end)
            .await
            .unwrap()
    );
    assert!(
        !access_tokens::revoke_rowless(&mut write, &digest, end)
            .await
            .unwrap()
    );
    access_tokens::sweep(&mut write, end).await.unwrap();
    assert!(
        access_tokens::is_revoked(&mut write, &digest, issued)
            .await
            .unwrap()
    );
    access_tokens::sweep(&mut write, end.after(Seconds(86_400)))
        .await
        .unwrap();
    assert!(
        !access_tokens::is_revoked(&mut write, &digest, issued)
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
}

pub async fn a_device_is_read_as_it_was_written_until_it_is_decided(place: &Place) {
    let digest = place.device("tag").await;
    let mut write = place.store.write().await.unwrap();
    let chance: &dyn Chance = place.chance.as_ref();
    let sealing = (&place.seal, chance);
    let other = Digest::of(b"other");
    let taken = devices::insert(&mut write, sealing, (&other, "tag"), &request()).await;
    assert!(!taken.unwrap());
    let found = devices::waiting(&mut write, &place.seal, "tag", NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&found.client, &found.origin),
        (&request().client, &request().origin)
    );
    assert_eq!(
        (&found.scopes, &found.resources),
        (&request().scopes, &request().resources)
    );
    assert_eq!(found.resource_scopes, request().resource_scopes);
    assert!(devices::deny(&mut write, "tag", NOW).await.unwrap());
    assert!(!devices::deny(&mut write, "tag", NOW).await.unwrap());
    let grant = GrantId::known("g");
    assert!(!devices::allow(&mut write, "tag", &grant, NOW).await.unwrap());
    let waiting = devices::waiting(&mut write, &place.seal, "tag", NOW).await;
    assert!(waiting.unwrap().is_none());
    write.commit().await.unwrap();
    assert_eq!(place.poll(&digest, "television", 0).await, Polled::Denied);
}

pub async fn a_device_is_redeemed_by_exactly_one_of_many(place: &Place) {
    let (grant, _) = place.granted().await;
    let digest = place.device("tag").await;
    let mut write = place.store.write().await.unwrap();
    assert!(devices::allow(&mut write, "tag", &grant.id, NOW).await.unwrap());
    write.commit().await.unwrap();
    let results = at_once(30, || {
        let (store, client) = (place.store.clone(), ClientId::known("television"));
        async move {
            let mut write = store.write().await.unwrap();
            let polled = devices::poll(&mut write, &digest, &client, NOW).await.unwrap();
            write.commit().await.unwrap();
            polled
        }
    })
    .await;
    let allowed = results
        .iter()
        .filter(|one| **one == Polled::Allowed(grant.id.clone()));
    let hurried = results.iter().filter(|one| **one == Polled::TooFast);
    assert_eq!((allowed.count(), hurried.count()), (1, 29));
    assert_eq!(
        place.poll(&digest, "television", 599).await,
        Polled::Again(grant.id)
    );
}

pub async fn a_device_keeps_its_pace(place: &Place) {
    let digest = place.device("tag").await;
    assert_eq!(place.poll(&digest, "other", 0).await, Polled::Unknown);
    assert_eq!(place.poll(&digest, "television", 0).await, Polled::Pending);
    assert_eq!(place.poll(&digest, "television", 4).await, Polled::TooFast);
    // Ten seconds from then on, and five more for asking in between.
    assert_eq!(place.poll(&digest, "television", 13).await, Polled::TooFast);
    assert_eq!(place.poll(&digest, "television", 28).await, Polled::Pending);
    assert_eq!(place.poll(&digest, "television", 600).await, Polled::Expired);
}
