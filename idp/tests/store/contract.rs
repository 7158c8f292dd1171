//! What every engine must hold, one file for each store; here what all of them build on.

use std::sync::Arc;

use idp::{
    rules::{
        assurance::{Factor, attained},
        audit::{Event, Outcome, Record},
        authorize::{Asked, AuthorizeRequest, Prompt, ResponseMode},
        grant::Grant,
        ids::{CitizenId, ClientId, GrantId, Sid},
        scope::Scopes,
        secret::Opaque,
        session::Session,
        time::{Seconds, Timestamp},
    },
    store::{audit, grants, sessions},
    world::bytes,
};

use crate::Place;
pub use crate::{
    agencies::*, audit_log::*, browsers::*, conversations::*, counters::*, doors::*, grants::*, issued::*,
    leaving::*, notices::*, officials::*, people::*, rescue::*, session::*, signing::*, upstreams::*,
};

pub const NOW: Timestamp = Timestamp(1_795_260_000);

impl Place {
    pub fn opaque(&self) -> Opaque {
        Opaque::new(bytes(self.chance.as_ref()))
    }

    pub async fn append(&self, event: Event) {
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

    pub async fn verified(&self) -> Result<i64, i64> {
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

pub fn request() -> AuthorizeRequest {
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

pub fn session() -> Session {
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
