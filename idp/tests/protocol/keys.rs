//! The life of signing keys as clients and nodes see it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::StatusCode;
use idp::{
    flow::keys::{NotRevoked, revoke, rotate, tend},
    rules::keys::{GRACE, JWKS_CACHE, PREPUBLISH, Stage},
    service::Idp,
    store::signing_keys::Private,
};
use sdk_jose::{Algorithm, Unverified};

use crate::{agency::Agency, browser::House};

const ES256: Algorithm = Algorithm::ES256;

async fn published(agency: &Agency) -> Vec<String> {
    let keys = agency.send("GET", "/jwks", None, &[]).await.json["keys"].clone();
    let es256 = |key: &&serde_json::Value| key["alg"] == "ES256";
    let keys = keys.as_array().unwrap().iter().filter(es256);
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn id_token(agency: &Agency, house: &House) -> String {
    let (_, tokens) = agency.tokens(house, &[]).await;
    tokens.text("id_token").to_owned()
}

fn kid(token: &str) -> String {
    Unverified::parse(token).unwrap().kid().unwrap().to_owned()
}

fn stage(idp: &Idp, kid: &str) -> Stage {
    let keys = idp.signing.now();
    let key = keys.records().iter().find(|key| key.kid == kid).unwrap();
    key.stage(keys.records(), idp.now())
}

/// A second node on the same database.
async fn another_node(house: &House) -> Arc<Idp> {
    let idp = &house.idp;
    Idp::open(
        idp.config.clone(),
        Arc::clone(&idp.clock),
        Arc::clone(&idp.chance),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_successor_is_published_before_it_signs_and_the_old_key_after_it_signed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let old = published(&agency).await;
    let new = rotate(&house.idp, ES256).await.unwrap().to.kid;
    assert_eq!(published(&agency).await, [old[0].clone(), new.clone()]);
    assert_eq!(kid(&id_token(&agency, &house).await), old[0]);
    house.clock.forward(PREPUBLISH.0);
    assert_eq!(kid(&id_token(&agency, &house).await), new);
    assert_eq!(published(&agency).await, [old[0].clone(), new.clone()]);
    house.clock.forward(GRACE.0);
    tend(&house.idp).await.unwrap();
    assert_eq!(published(&agency).await, [new]);
    assert_eq!(stage(&house.idp, &old[0]), Stage::Retired);
}

#[tokio::test]
async fn a_retired_keys_private_half_is_gone_from_the_database() {
    let house = House::new().await;
    rotate(&house.idp, ES256).await.unwrap();
    house.clock.forward(PREPUBLISH.0 + GRACE.0);
    tend(&house.idp).await.unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    let kept = idp::store::signing_keys::all(&mut read).await.unwrap();
    let es256: Vec<bool> = kept
        .iter()
        .filter(|key| key.record.key_use == ES256.into())
        .map(|key| key.private != Private::Destroyed)
        .collect();
    assert_eq!(es256, [false, true]);
}

#[tokio::test]
async fn asking_twice_makes_one_successor() {
    let house = House::new().await;
    let first = rotate(&house.idp, ES256).await.unwrap().to;
    let second = rotate(&house.idp, ES256).await.unwrap().to;
    assert_eq!(first, second);
}

#[tokio::test]
async fn the_schedule_rotates_by_itself() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let old = kid(&id_token(&agency, &house).await);
    house.clock.forward(90 * 86_400 - PREPUBLISH.0);
    tend(&house.idp).await.unwrap();
    assert_eq!(published(&agency).await.len(), 2);
    assert_eq!(kid(&id_token(&agency, &house).await), old);
    house.clock.forward(PREPUBLISH.0);
    assert_ne!(kid(&id_token(&agency, &house).await), old);
}

#[tokio::test]
async fn nodes_agree_without_a_restart() {
    let house = House::new().await;
    let (here, there) = (&house.idp, another_node(&house).await);
    let new = rotate(here, ES256).await.unwrap().to.kid;
    tend(&there).await.unwrap();
    let signs = |idp: &Idp| {
        idp.signing
            .signer(ES256, idp.now())
            .unwrap()
            .public()
            .kid()
            .unwrap()
            .to_owned()
    };
    assert_eq!(signs(here), signs(&there));
    assert_ne!(signs(&there), new);
    house.clock.forward(PREPUBLISH.0);
    assert_eq!((signs(here), signs(&there)), (new.clone(), new));
}

#[tokio::test]
async fn nodes_that_are_due_at_once_make_one_successor() {
    let house = House::new().await;
    let there = another_node(&house).await;
    house.clock.forward(90 * 86_400);
    let (one, two) = tokio::join!(tend(&house.idp), tend(&there));
    one.unwrap();
    two.unwrap();
    tend(&house.idp).await.unwrap();
    assert_eq!(house.idp.signing.now().records().len(), 10);
}

#[tokio::test]
async fn a_revoked_key_is_not_published_and_another_signs_at_once() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let bad = kid(tokens.text("id_token"));
    revoke(&house.idp, &bad).await.unwrap();
    let now = published(&agency).await;
    assert_eq!(now.len(), 1);
    assert!(!now.contains(&bad));
    let refreshed = agency.refresh(tokens.text("refresh_token")).await;
    assert_eq!(kid(refreshed.text("id_token")), now[0]);
    agency.claims(refreshed.text("id_token"), ES256).await;
}

#[tokio::test]
async fn the_key_that_waits_takes_over_from_a_revoked_one() {
    let house = House::new().await;
    let heir = rotate(&house.idp, ES256).await.unwrap();
    revoke(&house.idp, &heir.from.unwrap().kid).await.unwrap();
    let signer = house.idp.signing.signer(ES256, house.idp.now()).unwrap();
    assert_eq!(signer.public().kid(), Some(heir.to.kid.as_str()));
}

#[tokio::test]
async fn another_node_drops_a_revoked_key_at_its_next_reading() {
    let house = House::new().await;
    let there = another_node(&house).await;
    let bad = house.idp.signing.signer(ES256, house.idp.now()).unwrap();
    let bad = bad.public().kid().unwrap().to_owned();
    revoke(&house.idp, &bad).await.unwrap();
    tend(&there).await.unwrap();
    let published = there.signing.public();
    assert!(published.keys().iter().all(|key| key.kid() != Some(&bad)));
}

#[tokio::test]
async fn a_hint_signed_by_a_revoked_key_counts_as_none_and_by_a_retired_one_as_good() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let token = id_token(&agency, &house).await;
    rotate(&house.idp, ES256).await.unwrap();
    house.clock.forward(PREPUBLISH.0 + GRACE.0);
    tend(&house.idp).await.unwrap();
    assert!(idp::flow::hint::read(&house.idp, &token).is_some());
    revoke(&house.idp, &kid(&token)).await.unwrap();
    assert!(idp::flow::hint::read(&house.idp, &token).is_none());
}

#[tokio::test]
async fn a_key_is_revoked_once_and_only_if_it_is_there() {
    let house = House::new().await;
    let refused = |result: Result<_, idp::error::Error<NotRevoked>>| match result {
        Err(idp::error::Error::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(revoke(&house.idp, "nobody").await), NotRevoked::Unknown);
    let key = house.idp.signing.signer(ES256, house.idp.now()).unwrap();
    revoke(&house.idp, key.public().kid().unwrap()).await.unwrap();
    let again = revoke(&house.idp, key.public().kid().unwrap()).await;
    assert_eq!(refused(again), NotRevoked::Before);
}

/// Clients keep the set for ten minutes, keys change all the while, and nobody is turned away.
#[tokio::test]
async fn no_request_fails_while_keys_rotate_again_and_again() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, mut tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    let (mut cached, mut asked) = (published(&agency).await, 0);
    let mut signers = BTreeSet::new();
    for step in 0..120 {
        house.clock.forward(150);
        if step % 7 == 0 {
            rotate(&house.idp, ES256).await.unwrap();
        }
        tend(&house.idp).await.unwrap();
        asked += 150;
        if asked >= 600 {
            (cached, asked) = (published(&agency).await, 0);
        }
        let reply = agency.refresh(tokens.text("refresh_token")).await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
        let signer = kid(reply.text("id_token"));
        assert!(cached.contains(&signer), "step {step}: {signer} in {cached:?}");
        signers.insert(signer);
        tokens = reply;
    }
    assert!(signers.len() > 10, "{}", signers.len());
}

#[tokio::test]
async fn what_happens_to_keys_is_in_the_log() {
    let house = House::new().await;
    let old = rotate(&house.idp, ES256).await.unwrap().from.unwrap();
    house.clock.forward(PREPUBLISH.0 + GRACE.0);
    tend(&house.idp).await.unwrap();
    let new = house.idp.signing.signer(ES256, house.idp.now()).unwrap();
    revoke(&house.idp, new.public().kid().unwrap()).await.unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    assert!(idp::store::audit::verify(&mut read).await.unwrap().is_ok());
    let events: Vec<(String, String)> = sqlx::query_as("SELECT event, detail FROM audit ORDER BY seq")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    let told = |event: &str, what: &str| {
        events
            .iter()
            .any(|(name, detail)| name == event && detail.contains(what))
    };
    assert!(told("keys.created", "\"why\":\"first\""));
    assert!(told("keys.created", "\"why\":\"command\""));
    assert!(told("keys.retired", &old.kid));
    assert!(told("keys.revoked", new.public().kid().unwrap()));
    assert!(told("keys.created", "\"why\":\"revocation\""));
}

#[tokio::test]
async fn a_key_that_is_missed_is_looked_for() {
    let house = House::new().await;
    let there = another_node(&house).await;
    let agency = Agency::new(&house).await;
    let now = house.idp.signing.signer(ES256, house.idp.now()).unwrap();
    revoke(&house.idp, now.public().kid().unwrap()).await.unwrap();
    let token = id_token(&agency, &house).await;
    assert!(idp::flow::hint::read(&there, &token).is_none());
    let missed = tokio::time::timeout(std::time::Duration::from_secs(1), there.signing.missed());
    missed.await.unwrap();
    tend(&there).await.unwrap();
    assert!(idp::flow::hint::read(&there, &token).is_some());
}

/// The same with many clients at once, none of whom waits for a rotation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_many_at_once_fails_during_a_rotation() {
    let house = Arc::new(House::new().await);
    // Requests and rotations run at the same time; only the hand of the clock does not move during a request.
    let (still, done) = (
        Arc::new(tokio::sync::RwLock::new(())),
        Arc::new(AtomicBool::new(false)),
    );
    let mut clients = Vec::new();
    for _ in 0..4 {
        let agency = Agency::new(&house).await;
        let scope = [("scope", "openid offline_access")];
        let mut token = agency
            .tokens(&house, &scope)
            .await
            .1
            .text("refresh_token")
            .to_owned();
        let (house, still, done) = (Arc::clone(&house), Arc::clone(&still), Arc::clone(&done));
        clients.push(tokio::spawn(async move {
            let (mut cached, mut asked, mut signers) = (Vec::new(), 0, BTreeSet::new());
            while !done.load(Ordering::SeqCst) {
                let _still = still.read().await;
                let now = house.idp.now().0;
                if now - asked >= 600 {
                    (cached, asked) = (published(&agency).await, now);
                }
                let reply = agency.refresh(&token).await;
                assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
                let signer = kid(reply.text("id_token"));
                assert!(cached.contains(&signer), "{signer} in {cached:?}");
                signers.insert(signer);
                reply.text("refresh_token").clone_into(&mut token);
            }
            signers
        }));
    }
    for _ in 0..80 {
        rotate(&house.idp, ES256).await.unwrap();
        tend(&house.idp).await.unwrap();
        let _moving = still.write().await;
        house.clock.forward(150);
    }
    done.store(true, Ordering::SeqCst);
    for client in clients {
        let signers = client.await.unwrap();
        assert!(signers.len() > 3, "{}", signers.len());
    }
}

#[tokio::test]
async fn caches_keep_the_keys_for_no_longer_than_the_rules_count_with() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let keys = agency.send("GET", "/jwks", None, &[]).await;
    let told = format!("public, max-age={}", JWKS_CACHE.0);
    assert_eq!(keys.headers["cache-control"], told.as_str());
}

#[tokio::test]
async fn an_access_token_that_a_revoked_key_signed_opens_nothing_more() {
    let house = House::new().await;
    let agency = Agency::with(&house, serde_json::json!({ "access_token_format": "jwt" })).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("access_token");
    assert_eq!(agency.userinfo(token).await.status, StatusCode::OK);
    revoke(&house.idp, &kid(token)).await.unwrap();
    assert_eq!(agency.userinfo(token).await.status, StatusCode::UNAUTHORIZED);
}
