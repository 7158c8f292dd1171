//! What every engine must hold.

use std::sync::Arc;

use idp::{
    rules::{
        assurance::{Factor, attained},
        audit::{Event, Outcome, Record},
        authorize::{Asked, AuthorizeRequest, Prompt, ResponseMode},
        binding::Binding,
        grant::Grant,
        ids::{CitizenId, ClientId, GrantId, Sid},
        interaction::{Interaction, Purpose, Stage},
        registration::Registration,
        replay::Once,
        scope::Scopes,
        secret::{Digest, Opaque},
        session::Session,
        time::{Seconds, Timestamp},
    },
    store::{audit, clients, consents, grants, interactions, pushed, replays, sessions, throttles, tokens},
    world::bytes,
};

use crate::Place;
pub use crate::{issued::*, leaving::*, notices::*, people::*, signing::*};

const NOW: Timestamp = Timestamp(1_795_260_000);

impl Place {
    fn opaque(&self) -> Opaque {
        Opaque::new(bytes(self.chance.as_ref()))
    }

    async fn append(&self, event: Event) {
        let mut write = self.store.write().await.unwrap();
        audit::append(
            &mut write,
            &Record::new(event, Outcome::Done).with("ñ", "\"quoted\""),
            NOW,
        )
        .await
        .unwrap();
        write.commit().await.unwrap();
    }

    async fn verified(&self) -> Result<i64, i64> {
        audit::verify(&mut self.store.read().await.unwrap())
            .await
            .unwrap()
    }

    /// A grant with its code, in a live session.
    pub async fn granted(&self) -> (Grant, Opaque) {
        let (session, code) = (session(), self.opaque());
        let request = request();
        let grant = Grant::given(GrantId::new(bytes(self.chance.as_ref())), &request, &session, NOW);
        let mut write = self.store.write().await.unwrap();
        let cookie = self.opaque().digest();
        sessions::insert(&mut write, &self.seal, self.chance.as_ref(), &session, &cookie)
            .await
            .unwrap();
        grants::insert(&mut write, &grant, &request, &code.digest())
            .await
            .unwrap();
        write.commit().await.unwrap();
        (grant, code)
    }
}

fn request() -> AuthorizeRequest {
    AuthorizeRequest {
        client: ClientId::known("agency"),
        redirect_uri: "https://agency.example/cb".into(),
        response_mode: ResponseMode::Query,
        scopes: Scopes::parse("openid profile"),
        state: None,
        nonce: Some("n".into()),
        challenge: None,
        dpop_jkt: None,
        prompt: Prompt::default(),
        max_age: Some(Seconds(5)),
        required: idp::rules::assurance::Aal::Two,
        login_hint: Some("11.111.111-1".into()),
        subject_hint: None,
        ui_locales: vec!["es-CL".into()],
        profile: idp::rules::client::Profile::Plain,
        asked: Asked {
            resources: vec!["https://archive.example".into()],
            ..Asked::default()
        },
        pushed: None,
    }
}

fn session() -> Session {
    let factors = vec![Factor::Password, Factor::Totp];
    Session {
        sid: Sid::known("sid-1"),
        citizen: CitizenId::known("ana"),
        assurance: attained(&factors).unwrap(),
        factors,
        auth_time: NOW,
        started_at: NOW,
        seen_at: NOW,
        device: "Firefox, Linux".into(),
    }
}

/// Runs `many` copies of a write at once.
pub async fn at_once<F, T>(many: usize, write: impl Fn() -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let started: Vec<_> = (0..many).map(|_| tokio::spawn(write())).collect();
    let mut results = Vec::new();
    for one in started {
        results.push(one.await.unwrap());
    }
    results
}

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
    tokens::insert_refresh(&mut write, &token, &grant.id, (None, Binding::None), NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let store = place.store.clone();
    // Nobody writes a successor: only the first use can win.
    let results = at_once(30, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let found = tokens::spend_refresh(&mut write, &token, NOW).await.unwrap();
            write.commit().await.unwrap();
            found
        }
    })
    .await;
    assert_eq!(
        results
            .iter()
            .filter(|one| matches!(one, tokens::Spent::Now(..)))
            .count(),
        1
    );

    let mut write = place.store.write().await.unwrap();
    let fresh = place.opaque().digest();
    tokens::insert_refresh(&mut write, &fresh, &grant.id, (None, Binding::None), NOW)
        .await
        .unwrap();
    assert!(matches!(
        tokens::spend_refresh(&mut write, &fresh, NOW).await.unwrap(),
        tokens::Spent::Now(..)
    ));
    tokens::insert_refresh(
        &mut write,
        &successor,
        &grant.id,
        (Some(&fresh), Binding::None),
        NOW,
    )
    .await
    .unwrap();
    let retried = tokens::spend_refresh(&mut write, &fresh, NOW.after(Seconds(30)))
        .await
        .unwrap();
    assert!(matches!(
        retried,
        tokens::Spent::Now(idp::rules::grant::Refreshed::Retried, _)
    ));
    assert!(matches!(
        tokens::spend_refresh(&mut write, &fresh, NOW).await.unwrap(),
        tokens::Spent::Again(_)
    ));
    assert!(matches!(
        tokens::spend_refresh(&mut write, &successor, NOW).await.unwrap(),
        tokens::Spent::Again(_)
    ));
    write.commit().await.unwrap();
}

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

pub async fn charges_of_many_are_all_counted(place: &Place) {
    let store = place.store.clone();
    at_once(30, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            throttles::charge(&mut write, "account").await.unwrap();
            write.commit().await.unwrap();
        }
    })
    .await;
    let mut write = place.store.write().await.unwrap();
    assert_eq!(
        throttles::charge(&mut write, "account").await.unwrap().failures,
        31
    );
    assert!(!throttles::is_trusted(&mut write, "account").await.unwrap());
    throttles::forgive(&mut write, "account", Some(NOW))
        .await
        .unwrap();
    assert!(throttles::is_trusted(&mut write, "account").await.unwrap());
    throttles::forgive(&mut write, "account", None).await.unwrap();
    assert!(throttles::is_trusted(&mut write, "account").await.unwrap());
    assert_eq!(
        throttles::charge(&mut write, "account").await.unwrap().failures,
        1
    );
    write.commit().await.unwrap();
}

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

pub async fn counters_with_failures_are_not_swept(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    throttles::charge(&mut write, "guessed at").await.unwrap();
    throttles::charge(&mut write, "forgiven").await.unwrap();
    throttles::forgive(&mut write, "forgiven", None).await.unwrap();
    throttles::forgive(&mut write, "known", Some(NOW)).await.unwrap();
    let before = NOW.before(Seconds(1));
    assert_eq!(throttles::sweep(&mut write, before).await.unwrap(), 1);
    assert!(throttles::is_trusted(&mut write, "known").await.unwrap());
    assert_eq!(throttles::sweep(&mut write, NOW).await.unwrap(), 1);
    assert_eq!(
        throttles::charge(&mut write, "guessed at")
            .await
            .unwrap()
            .failures,
        2
    );
    write.commit().await.unwrap();
}

pub async fn a_counter_of_few_failures_is_forgotten_after_a_quiet_time(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    for (counter, failures, until) in [
        ("few", 2, NOW),
        ("many", 3, NOW),
        ("recent", 1, NOW.after(Seconds(1))),
    ] {
        for _ in 0..failures {
            throttles::charge(&mut write, counter).await.unwrap();
        }
        throttles::block(&mut write, counter, until).await.unwrap();
    }
    let later = NOW.after(Seconds(1));
    throttles::forgive(&mut write, "known", Some(later))
        .await
        .unwrap();
    throttles::charge(&mut write, "known").await.unwrap();
    assert_eq!(throttles::sweep_failures(&mut write, 2, NOW).await.unwrap(), 1);
    let failures = |charged: throttles::Charged| charged.failures;
    assert_eq!(failures(throttles::charge(&mut write, "few").await.unwrap()), 1);
    assert_eq!(failures(throttles::charge(&mut write, "many").await.unwrap()), 4);
    assert!(throttles::is_trusted(&mut write, "known").await.unwrap());
    write.commit().await.unwrap();
}

pub async fn a_pause_is_noted_once(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    throttles::charge(&mut write, "guessed at").await.unwrap();
    assert!(!throttles::note(&mut write, "guessed at").await.unwrap());
    for until in [NOW, NOW.after(Seconds(9))] {
        throttles::block(&mut write, "guessed at", until).await.unwrap();
        assert!(throttles::note(&mut write, "guessed at").await.unwrap());
        assert!(!throttles::note(&mut write, "guessed at").await.unwrap());
    }
    write.commit().await.unwrap();
}

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

pub async fn what_is_not_committed_did_not_happen(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    audit::append(&mut write, &Record::new(Event::CodeIssued, Outcome::Done), NOW)
        .await
        .unwrap();
    drop(write);
    assert_eq!(place.verified().await, Ok(0));
    place.append(Event::CodeIssued).await;
    assert_eq!(place.verified().await, Ok(1));
}

pub async fn migrating_again_and_at_once_is_safe(place: &Place) {
    let store = Arc::new(place.store.clone());
    at_once(4, || {
        let store = Arc::clone(&store);
        async move { store.migrate().await.unwrap() }
    })
    .await;
    assert!(place.store.is_current().await.unwrap());
}

pub async fn what_counts_once_counts_for_exactly_one_of_many_until_it_is_too_old(place: &Place) {
    let once = || Once::new(&[b"assertion", b"agency", b"jti"], NOW.after(Seconds(60)));
    let store = place.store.clone();
    let spend = move || {
        let (store, once) = (store.clone(), once());
        async move {
            let mut write = store.write().await.unwrap();
            let first = replays::spend(&mut write, &once).await.unwrap();
            write.commit().await.unwrap();
            first
        }
    };
    let firsts = at_once(20, &spend)
        .await
        .into_iter()
        .filter(|first| *first)
        .count();
    assert_eq!(firsts, 1);
    let sweep = |now| {
        let store = place.store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let gone = replays::sweep(&mut write, now).await.unwrap();
            write.commit().await.unwrap();
            gone
        }
    };
    assert_eq!(sweep(NOW.after(Seconds(59))).await, 0);
    assert!(!spend().await, "remembered while it could still be accepted");
    assert_eq!(sweep(NOW.after(Seconds(60))).await, 1);
}
