//! The stores' contract, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the one that `AVAL_POSTGRES` names (`postgres://…`), else a throw-away server; where none is installed
//! those tests say that they skip.
#![expect(clippy::arithmetic_side_effects, reason = "tests count small numbers")]

use super::*;
use crate::keys::{Keyring, Secret};
use crate::rules::audit::{Event, Head};
use crate::rules::batch::{Failure, ItemState, Proposal, SignedCopy};
use crate::rules::document::{Document, DocumentState, Facts};
use crate::rules::filename::FileName;
use crate::rules::official::{Official, Profile, Standing};
use crate::rules::policy::{Presence, authorise};
use crate::rules::stamp::Stamp;
use crate::rules::{BatchId, Digest, DocumentId, Moment, OfficialId};

const NOW: Moment = Moment(1_800_000_000);

/// A migrated store of its own; `None` when the engine is not at hand.
async fn store(engine: Engine) -> Option<(Store, Option<tempfile::TempDir>)> {
    let sealing = Sealing::new(&Secret::new([7; 32]));
    let (url, folder) = match engine {
        Engine::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            (
                format!("sqlite://{}/signer.db", folder.path().display()),
                Some(folder),
            )
        }
        Engine::Postgres => (postgres().await?, None),
    };
    let store = Store::connect(&url, sealing, Chance::system()).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap(); // again changes nothing
    Some((store, folder))
}

/// A schema of its own on the server that the environment names, else on a throw-away one.
async fn postgres() -> Option<String> {
    let named = std::env::var("AVAL_POSTGRES").ok();
    let started = || throwaway::server().map(str::to_owned);
    let Some(url) = named.or_else(started) else {
        eprintln!("skipped: PostgreSQL is not installed");
        return None;
    };
    sqlx::any::install_default_drivers();
    let schema = format!(
        "t{}",
        data_encoding::HEXLOWER.encode(&Chance::system().bytes::<8>().unwrap())
    );
    let mut attempts = 0;
    let pool = loop {
        // The port answers a moment before the server does.
        match AnyPoolOptions::new().max_connections(1).connect(&url).await {
            Ok(pool) => break pool,
            Err(error) => assert!(attempts < 100, "{error}"),
        }
        attempts += 1;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&pool)
        .await
        .unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{mark}options=-c%20search_path%3D{schema}"))
}

/// One contract, two tests.
macro_rules! contract {
    ($($(#[$doc:meta])* async fn $name:ident($store:ident: Store) $body:block)*) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some((store, _folder)) = super::store(super::Engine::Sqlite).await else { return };
                super::$name(store).await;
            })*
        }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some((store, _folder)) = super::store(super::Engine::Postgres).await else { return };
                super::$name(store).await;
            })*
        }
        $($(#[$doc])* async fn $name($store: Store) $body)*
    };
}

fn profile(national_id: &str) -> Profile {
    Profile {
        national_id: national_id.parse().unwrap(),
        ..crate::keys::tests::profile()
    }
}

async fn official(store: &Store, national_id: &str) -> Official {
    let (profile, chance) = (profile(national_id), Chance::system());
    let id = OfficialId::from_chance(chance.bytes().unwrap());
    let key = Keyring::new(store.sealing.clone())
        .generate(id, &profile, "CL", &chance)
        .unwrap();
    let ca = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.not_before = Moment(NOW.0 - 1000).utc();
    params.not_after = Moment(NOW.0 + 100_000).utc();
    let chain =
        crate::rules::certificate::Chain::from_der(vec![params.self_signed(&ca).unwrap().der().to_vec()])
            .unwrap();
    let mut work = store.begin().await.unwrap();
    assert!(work.register(id, &profile, &key, NOW).await.unwrap());
    work.certify(id, &chain).await.unwrap();
    work.commit().await.unwrap();
    store.official(id).await.unwrap().unwrap()
}

async fn document(store: &Store, official: OfficialId, name: &str) -> Document {
    let bytes = Chance::system().bytes::<16>().unwrap();
    let document = Document {
        id: DocumentId::from_chance(bytes),
        official,
        received_at: NOW,
        name: FileName::clean(name),
        size: 1234,
        digest: Digest::of(&bytes),
        state: DocumentState::Ready(Facts {
            pages: 3,
            signatures: vec![],
            annotated: false,
            warnings: vec![],
        }),
    };
    let mut work = store.begin().await.unwrap();
    work.put_document(&document, 0).await.unwrap();
    work.commit().await.unwrap();
    document
}

async fn proposed(store: &Store, official: &Official, documents: &[&Document]) -> Proposal {
    let chance = Chance::system();
    let proposal = Proposal {
        batch: BatchId::from_chance(chance.bytes().unwrap()),
        official: official.id,
        key: official.key,
        documents: documents.iter().map(|d| (d.id, d.digest)).collect(),
        stamp: Stamp::None,
        nonce: chance.bytes().unwrap(),
        proposed_at: NOW,
    };
    let mut work = store.begin().await.unwrap();
    work.propose(&proposal).await.unwrap();
    work.commit().await.unwrap();
    proposal
}

async fn authorised(store: &Store, official: &Official, proposal: &Proposal) -> bool {
    let presence = Presence {
        binding: proposal.binding(),
        auth_time: NOW,
        assurance: 2,
        national_id: official.profile.national_id.clone(),
    };
    let authorisation = authorise(proposal.clone(), official, &presence, NOW).unwrap();
    let mut work = store.begin().await.unwrap();
    let granted = work.authorise(authorisation, NOW).await.unwrap();
    if granted {
        work.commit().await.unwrap();
    }
    granted
}

/// An approved document, ready for its signature.
async fn queued(store: &Store) -> (Official, Document, Approved) {
    let official = official(store, "11111111-1").await;
    let document = document(store, official.id, "a.pdf").await;
    let proposal = proposed(store, &official, &[&document]).await;
    assert!(authorised(store, &official, &proposal).await);
    let approved = store.next_approved().await.unwrap().unwrap();
    (official, document, approved)
}

contract! {
    async fn an_official_is_found_by_national_id_only(store: Store) {
        let one = official(&store, "11111111-1").await;
        let found = store.official_by_person(&"11111111-1".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((found.id, &found.profile), (one.id, &one.profile));
        assert!(matches!(found.standing, Standing::Certified(_)));
        assert!(store.official_by_person(&"22222222-2".parse().unwrap()).await.unwrap().is_none());
    }

    async fn a_person_is_registered_once(store: Store) {
        official(&store, "11111111-1").await;
        let (profile, chance) = (profile("11111111-1"), Chance::system());
        let id = OfficialId::from_chance(chance.bytes().unwrap());
        let key = Keyring::new(store.sealing.clone()).generate(id, &profile, "CL", &chance).unwrap();
        let mut work = store.begin().await.unwrap();
        assert!(!work.register(id, &profile, &key, NOW).await.unwrap());
    }

    async fn the_desk_shows_nobody_elses_documents(store: Store) {
        let (one, other) = (official(&store, "11111111-1").await, official(&store, "22222222-2").await);
        let mine = document(&store, one.id, "mía.pdf").await;
        assert_eq!(store.desk(one.id).await.unwrap().len(), 1);
        assert!(store.desk(other.id).await.unwrap().is_empty());
        assert!(store.document(other.id, mine.id).await.unwrap().is_none());
        assert_eq!(store.document(one.id, mine.id).await.unwrap().unwrap().name.as_str(), "mía.pdf");
    }

    async fn nobody_else_removes_a_document(store: Store) {
        let (one, other) = (official(&store, "11111111-1").await, official(&store, "22222222-2").await);
        let mine = document(&store, one.id, "a.pdf").await;
        let mut work = store.begin().await.unwrap();
        assert!(!work.remove_document(other.id, mine.id).await.unwrap());
        assert!(work.remove_document(one.id, mine.id).await.unwrap());
        work.commit().await.unwrap();
        assert!(!store.document_known(mine.id).await.unwrap());
    }

    async fn an_approved_document_cannot_be_removed(store: Store) {
        let (official, document, _) = queued(&store).await;
        let mut work = store.begin().await.unwrap();
        assert!(!work.remove_document(official.id, document.id).await.unwrap());
    }

    async fn a_proposal_is_spent_once(store: Store) {
        let official = official(&store, "11111111-1").await;
        let document = document(&store, official.id, "a.pdf").await;
        let proposal = proposed(&store, &official, &[&document]).await;
        assert_eq!(store.proposal(official.id, proposal.batch).await.unwrap().unwrap().binding(), proposal.binding());
        assert!(authorised(&store, &official, &proposal).await);
        assert!(!authorised(&store, &official, &proposal).await);
        assert!(store.proposal(official.id, proposal.batch).await.unwrap().is_none());
    }

    async fn of_forty_authorisations_at_once_one_counts(store: Store) {
        let official = official(&store, "11111111-1").await;
        let document = document(&store, official.id, "a.pdf").await;
        let proposal = proposed(&store, &official, &[&document]).await;
        let attempts = (0..40).map(|_| {
            let (store, official, proposal) = (store.clone(), official.clone(), proposal.clone());
            tokio::spawn(async move { authorised(&store, &official, &proposal).await })
        });
        let granted = futures_util::future::join_all(attempts).await;
        assert_eq!(granted.into_iter().filter(|g| *g.as_ref().unwrap()).count(), 1);
    }

    async fn one_document_is_not_in_two_approvals(store: Store) {
        let official = official(&store, "11111111-1").await;
        let (one, two) = (document(&store, official.id, "a.pdf").await, document(&store, official.id, "b.pdf").await);
        let first = proposed(&store, &official, &[&one]).await;
        let second = proposed(&store, &official, &[&two, &one]).await;
        assert!(authorised(&store, &official, &first).await);
        assert!(!authorised(&store, &official, &second).await);
        // Nothing of the refused approval counts, not even for its other document.
        let desk = store.desk(official.id).await.unwrap();
        assert!(desk.iter().any(|d| d.id == two.id && matches!(d.state, DocumentState::Ready(_))));
    }

    async fn a_warrant_is_given_once(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let value = Digest::of(b"attributes");
        let mut work = store.begin().await.unwrap();
        assert_eq!(work.intend(&approved, value, NOW).await.unwrap().unwrap().to_be_signed(), value);
        assert!(work.intend(&approved, value, NOW).await.unwrap().is_none());
        work.commit().await.unwrap();
        assert!(store.next_approved().await.unwrap().is_none());
        assert_eq!(store.intended().await.unwrap().len(), 1);
    }

    async fn of_forty_intents_at_once_one_gets_the_warrant(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let attempts = (0..40u8).map(|n| {
            let (store, approved) = (store.clone(), approved.clone());
            tokio::spawn(async move {
                let mut work = store.begin().await.unwrap();
                let warrant = work.intend(&approved, Digest::of(&[n]), NOW).await.unwrap();
                work.commit().await.unwrap();
                warrant.is_some()
            })
        });
        let given = futures_util::future::join_all(attempts).await;
        assert_eq!(given.into_iter().filter(|g| *g.as_ref().unwrap()).count(), 1);
    }

    async fn no_warrant_after_the_approval_has_expired(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let late = Moment(approved.expires_at.0 + 1);
        let mut work = store.begin().await.unwrap();
        assert!(work.intend(&approved, Digest::of(b"x"), late).await.unwrap().is_none());
    }

    async fn no_warrant_for_another_digest_than_approved(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let other = Approved { digest: Digest::of(b"other"), ..approved };
        let mut work = store.begin().await.unwrap();
        assert!(work.intend(&other, Digest::of(b"x"), NOW).await.unwrap().is_none());
    }

    async fn no_warrant_for_another_key(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let other = Approved { key: crate::rules::KeyId([0; 32]), ..approved };
        let mut work = store.begin().await.unwrap();
        assert!(work.intend(&other, Digest::of(b"x"), NOW).await.unwrap().is_none());
    }

    async fn an_intent_is_resumed_for_the_same_value_only(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let value = Digest::of(b"attributes");
        let mut work = store.begin().await.unwrap();
        work.intend(&approved, value, NOW).await.unwrap().unwrap();
        work.commit().await.unwrap();
        let mut work = store.begin().await.unwrap();
        assert!(work.resume(&approved, Digest::of(b"other"), NOW).await.unwrap().is_none());
        assert!(work.resume(&approved, value, NOW).await.unwrap().is_some());
        let late = Moment(approved.expires_at.0 + 1);
        assert!(work.resume(&approved, value, late).await.unwrap().is_none());
    }

    async fn an_outcome_is_written_once(store: Store) {
        let (official, document, approved) = queued(&store).await;
        let copy = SignedCopy { digest: Digest::of(b"signed"), size: 5 };
        let mut work = store.begin().await.unwrap();
        assert!(!work.release(&approved, &copy).await.unwrap(), "released without an intent");
        drop(work);
        let mut work = store.begin().await.unwrap();
        work.intend(&approved, Digest::of(b"x"), NOW).await.unwrap().unwrap();
        assert!(work.release(&approved, &copy).await.unwrap());
        assert!(!work.release(&approved, &copy).await.unwrap());
        assert!(!work.fail(&approved, Failure::Fault, NOW).await.unwrap());
        work.commit().await.unwrap();
        let (summary, items) = store.batch(official.id, approved.batch).await.unwrap().unwrap();
        assert!((summary.documents, summary.signed, summary.failed) == (1, 1, 0) && !summary.running());
        assert_eq!(items[0].state, ItemState::Signed(copy));
        assert!(store.desk(official.id).await.unwrap().is_empty());
        assert!(matches!(
            store.document(official.id, document.id).await.unwrap().unwrap().state,
            DocumentState::Signed(_)
        ));
    }

    async fn a_failed_document_is_back_on_the_desk(store: Store) {
        let (official, document, approved) = queued(&store).await;
        let mut work = store.begin().await.unwrap();
        assert!(work.fail(&approved, Failure::SourceChanged, NOW).await.unwrap());
        work.commit().await.unwrap();
        let desk = store.desk(official.id).await.unwrap();
        assert!(desk.len() == 1 && desk[0].id == document.id && matches!(desk[0].state, DocumentState::Ready(_)));
        let batches = store.batches(official.id, 10).await.unwrap();
        assert_eq!((batches.len(), batches[0].failed), (1, 1));
    }

    async fn another_officials_batch_does_not_exist(store: Store) {
        let (_, _, approved) = queued(&store).await;
        let other = official(&store, "22222222-2").await;
        assert!(store.batch(other.id, approved.batch).await.unwrap().is_none());
        assert!(store.batches(other.id, 10).await.unwrap().is_empty());
    }

    async fn a_session_is_taken_once(store: Store) {
        store.put_session("a", b"content", Moment(NOW.0 + 10)).await.unwrap();
        assert_eq!(store.session("a", NOW).await.unwrap().unwrap().0, b"content");
        let attempts = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_session("a", NOW).await.unwrap().is_some() })
        });
        let taken = futures_util::future::join_all(attempts).await;
        assert_eq!(taken.into_iter().filter(|t| *t.as_ref().unwrap()).count(), 1);
    }

    async fn a_session_that_is_over_does_not_exist(store: Store) {
        store.put_session("a", b"content", NOW).await.unwrap();
        assert!(store.session("a", NOW).await.unwrap().is_none());
        assert!(store.take_session("a", NOW).await.unwrap().is_none());
        store.extend_session("a", Moment(NOW.0 + 10), NOW).await.unwrap();
        assert!(store.session("a", NOW).await.unwrap().is_none(), "revived");
        assert_eq!(store.sweep_sessions(NOW).await.unwrap(), 1);
    }

    async fn a_session_is_replaced_extended_and_removed(store: Store) {
        store.put_session("a", b"one", Moment(NOW.0 + 10)).await.unwrap();
        store.put_session("a", b"two", Moment(NOW.0 + 10)).await.unwrap();
        store.extend_session("a", Moment(NOW.0 + 99), NOW).await.unwrap();
        let (content, expires) = store.session("a", NOW).await.unwrap().unwrap();
        assert_eq!((content.as_slice(), expires), (b"two".as_slice(), Moment(NOW.0 + 99)));
        store.remove_session("a").await.unwrap();
        assert!(store.session("a", NOW).await.unwrap().is_none());
    }

    async fn audit_records_written_at_once_form_one_chain(store: Store) {
        let writers = (0..20).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut work = store.begin().await.unwrap();
                let event = Event::DocumentRemoved { official: "o".into(), document: n.to_string() };
                work.audit(NOW, &event).await.unwrap();
                work.commit().await.unwrap();
            })
        });
        for written in futures_util::future::join_all(writers).await {
            written.unwrap();
        }
        let mut head = Head { seq: 0, hash: "0".repeat(64) };
        store
            .audit_records(|record| {
                assert!(record.follows(&head));
                head = record.head();
            })
            .await
            .unwrap();
        assert_eq!(head.seq, 20);
    }

    async fn work_that_is_dropped_leaves_nothing(store: Store) {
        let official = official(&store, "11111111-1").await;
        let mut work = store.begin().await.unwrap();
        let event = Event::DocumentRemoved { official: "o".into(), document: "d".into() };
        work.audit(NOW, &event).await.unwrap();
        drop(work);
        let mut count = 0;
        store.audit_records(|_| count += 1).await.unwrap();
        assert_eq!(count, 0);
        assert!(store.official(official.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_dump_tells_no_names_and_no_national_ids() {
    let (store, folder) = store(Engine::Sqlite).await.unwrap();
    let official = official(&store, "11111111-1").await;
    document(&store, official.id, "denuncia-de-juan.pdf").await;
    store
        .put_session("a", b"session of maria", Moment(NOW.0 + 10))
        .await
        .unwrap();
    store.pool.close().await;
    let mut dump = Vec::new();
    for entry in std::fs::read_dir(folder.unwrap().path()).unwrap() {
        dump.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let dump = String::from_utf8_lossy(&dump);
    for secret in [
        "11111111",
        "Muñoz",
        "Temuco",
        "denuncia",
        "session of maria",
        "PRIVATE KEY",
    ] {
        assert!(!dump.contains(secret), "{secret}");
    }
}
