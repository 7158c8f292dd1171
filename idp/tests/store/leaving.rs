//! The outbox and the registrations: what must hold when several nodes carry and several agencies register.

use idp::{
    rules::{
        dynamic::{InitialToken, Policy},
        ids::{CitizenId, ClientId, InitialTokenId, Sid},
        registration::Registration,
        scope::Scopes,
        secret::Digest,
        time::{Seconds, Timestamp},
    },
    store::{clients, outbox, registrations},
};

use crate::Place;

const NOW: Timestamp = Timestamp(1_795_260_000);

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

fn agency() -> ClientId {
    ClientId::known("agency")
}

async fn put(place: &Place, sids: &[&str]) {
    let mut write = place.store.write().await.unwrap();
    let ana = CitizenId::known("ana");
    for sid in sids {
        outbox::insert(&mut write, &agency(), (&ana, &Sid::known(*sid)), NOW)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
}

async fn claim(place: &Place, at: i64, until: i64, most: i64) -> Vec<outbox::Notice> {
    let mut write = place.store.write().await.unwrap();
    let claimed = outbox::claim(&mut write, &agency(), (later(at), later(until)), most)
        .await
        .unwrap();
    write.commit().await.unwrap();
    claimed
}

pub async fn a_notice_is_claimed_by_exactly_one_of_many(place: &Place) {
    let sids: Vec<String> = (0..20).map(|n| format!("s{n}")).collect();
    put(place, &sids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let claims = (0..8).map(|_| claim(place, 0, 15, 5));
    let mut all = Vec::new();
    for claimed in futures(claims).await {
        all.extend(claimed.into_iter().map(|notice| notice.sid.to_string()));
    }
    let claimed = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), claimed, "no notice twice");
    assert!(claimed >= 5);
    // Whatever stayed is found by the next look, and nothing is left then.
    while !claim(place, 0, 15, 5).await.is_empty() {}
    let mut read = place.store.read().await.unwrap();
    assert!(outbox::due(&mut read, NOW, 10).await.unwrap().is_empty());
    assert_eq!(outbox::waiting(&mut read).await.unwrap(), 20);
}

pub async fn a_claim_runs_out_when_its_node_is_gone(place: &Place) {
    put(place, &["s"]).await;
    let first = claim(place, 0, 15, 5).await;
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    assert!(claim(place, 14, 30, 5).await.is_empty());
    let second = claim(place, 15, 30, 5).await;
    assert_eq!((second.len(), second[0].attempts), (1, 2));
    // The first one lives after all: it must not put back what another has.
    let mut write = place.store.write().await.unwrap();
    outbox::put_back(&mut write, &first[0], NOW).await.unwrap();
    write.commit().await.unwrap();
    assert!(claim(place, 16, 30, 5).await.is_empty());
}

pub async fn a_notice_is_taken_out_once_and_put_in_once(place: &Place) {
    put(place, &["s", "s"]).await;
    let notice = claim(place, 0, 15, 5).await.remove(0);
    let mut write = place.store.write().await.unwrap();
    assert!(outbox::remove(&mut write, &notice).await.unwrap());
    assert!(!outbox::remove(&mut write, &notice).await.unwrap());
    assert_eq!(outbox::waiting(&mut write).await.unwrap(), 0);
    write.commit().await.unwrap();
}

fn initial(uses_left: i64) -> InitialToken {
    InitialToken {
        id: InitialTokenId::known("t"),
        policy: Policy {
            hosts: vec!["agency.example".to_owned()],
            scopes: Scopes::parse("openid profile"),
            pkce_optional: false,
        },
        uses_left,
        expires_at: later(60),
    }
}

pub async fn an_initial_token_is_spent_as_often_as_it_says(place: &Place) {
    let digest = Digest::of(b"token");
    let mut write = place.store.write().await.unwrap();
    registrations::insert_initial(&mut write, &initial(3), &digest, NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let spent = futures((0..10).map(|_| async {
        let mut write = place.store.write().await.unwrap();
        let spent = registrations::spend_initial(&mut write, &digest, NOW)
            .await
            .unwrap();
        write.commit().await.unwrap();
        spent
    }))
    .await;
    assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 3);
    let mut write = place.store.write().await.unwrap();
    assert!(
        registrations::find_initial(&mut write, &digest, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(registrations::sweep(&mut write, NOW).await.unwrap(), 1);
    write.commit().await.unwrap();
}

pub async fn an_initial_token_is_read_as_written_until_it_ends(place: &Place) {
    let digest = Digest::of(b"token");
    let mut write = place.store.write().await.unwrap();
    registrations::insert_initial(&mut write, &initial(2), &digest, NOW)
        .await
        .unwrap();
    let found = registrations::find_initial(&mut write, &digest, later(59))
        .await
        .unwrap();
    assert_eq!(found, Some(initial(2)));
    assert!(
        registrations::find_initial(&mut write, &digest, later(60))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        !registrations::spend_initial(&mut write, &digest, later(60))
            .await
            .unwrap()
    );
    assert!(
        registrations::remove_initial(&mut write, &initial(2).id)
            .await
            .unwrap()
    );
    assert!(registrations::initials(&mut write, NOW).await.unwrap().is_empty());
    write.commit().await.unwrap();
}

pub async fn a_client_is_changed_disabled_given_secrets_and_removed(place: &Place) {
    let client = |uri: &str| {
        let registration: Registration =
            serde_json::from_value(serde_json::json!({ "client_name": "A", "redirect_uris": [uri] }))
                .unwrap();
        registration.check(agency()).unwrap()
    };
    let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
    let id = agency();
    let mut write = place.store.write().await.unwrap();
    let before = client("https://agency.example/cb");
    assert!(
        clients::insert(&mut write, &before, Some(&old), NOW)
            .await
            .unwrap()
    );
    registrations::insert(&mut write, &id, &Digest::of(b"r"), &initial(1))
        .await
        .unwrap();
    assert!(
        clients::update(&mut write, &client("https://other.example/cb"))
            .await
            .unwrap()
    );
    assert!(
        !clients::has_origin(&mut write, "https://agency.example")
            .await
            .unwrap()
    );
    assert!(
        clients::has_origin(&mut write, "https://other.example")
            .await
            .unwrap()
    );

    assert!(
        clients::replace_secret(&mut write, &id, Some(&new), later(60))
            .await
            .unwrap()
    );
    let secret = clients::find(&mut write, &id).await.unwrap().unwrap().1;
    assert_eq!(secret, Some(new));
    assert_eq!(
        clients::previous_secret(&mut write, &id, later(59))
            .await
            .unwrap(),
        Some(old)
    );
    assert_eq!(
        clients::previous_secret(&mut write, &id, later(60))
            .await
            .unwrap(),
        None
    );

    assert!(clients::disable(&mut write, &id, NOW).await.unwrap());
    assert!(!clients::disable(&mut write, &id, NOW).await.unwrap());
    assert!(clients::find(&mut write, &id).await.unwrap().is_none());
    assert_eq!(
        clients::previous_secret(&mut write, &id, NOW).await.unwrap(),
        None
    );
    let listed = clients::listed(&mut write, &id).await.unwrap().unwrap();
    assert_eq!(listed.disabled_at, Some(NOW));
    assert!(clients::enable(&mut write, &id).await.unwrap());
    assert!(clients::find(&mut write, &id).await.unwrap().is_some());

    let (digest, policy) = registrations::find(&mut write, &id).await.unwrap().unwrap();
    assert_eq!((digest, policy), (Digest::of(b"r"), initial(1).policy));
    assert!(clients::remove(&mut write, &id).await.unwrap());
    assert!(!clients::remove(&mut write, &id).await.unwrap());
    assert!(registrations::find(&mut write, &id).await.unwrap().is_none());
    assert!(
        !clients::has_origin(&mut write, "https://other.example")
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
}

/// All of them at once.
pub async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut out = Vec::new();
    let mut pending: Vec<_> = all.map(Box::pin).collect();
    while !pending.is_empty() {
        std::future::poll_fn(|context| {
            let before = pending.len();
            pending.retain_mut(|one| match one.as_mut().poll(context) {
                std::task::Poll::Ready(done) => {
                    out.push(done);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if pending.len() < before || pending.is_empty() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
    out
}
