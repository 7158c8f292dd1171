//! Questions to other providers.

use idp::{
    rules::time::{Seconds, Timestamp},
    store::upstreams::{self, Waiting},
};

use crate::{Place, contract::NOW};

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

pub async fn an_upstreams_answer_is_taken_by_exactly_one_of_many(place: &Place) {
    let (browser, state) = (place.opaque().digest(), place.opaque().digest());
    let mut write = place.store.write().await.unwrap();
    let waiting = Waiting {
        provider: "otra",
        state: &state,
        browser: &browser,
    };
    upstreams::put(&mut write, waiting, later(600)).await.unwrap();
    write.commit().await.unwrap();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = place.store.clone();
        all.spawn(async move {
            let waiting = Waiting {
                provider: "otra",
                state: &state,
                browser: &browser,
            };
            let mut write = store.write().await.unwrap();
            let taken = upstreams::take(&mut write, waiting, NOW).await.unwrap();
            write.commit().await.unwrap();
            taken
        });
    }
    let taken = all.join_all().await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
}

pub async fn an_upstreams_answer_fits_its_question_in_everything(place: &Place) {
    let (browser, state, other) = (
        place.opaque().digest(),
        place.opaque().digest(),
        place.opaque().digest(),
    );
    let right = Waiting {
        provider: "otra",
        state: &state,
        browser: &browser,
    };
    let mut write = place.store.write().await.unwrap();
    // The newest question of a browser counts.
    let old = Waiting {
        state: &other,
        ..right
    };
    upstreams::put(&mut write, old, later(600)).await.unwrap();
    upstreams::put(&mut write, right, later(600)).await.unwrap();
    for (wrong, at) in [
        (old, NOW),
        (
            Waiting {
                browser: &other,
                ..right
            },
            NOW,
        ),
        (
            Waiting {
                provider: "segunda",
                ..right
            },
            NOW,
        ),
        (right, later(600)),
    ] {
        assert!(
            !upstreams::take(&mut write, wrong, at).await.unwrap(),
            "{wrong:?}"
        );
    }
    assert_eq!(upstreams::sweep(&mut write, later(599)).await.unwrap(), 0);
    assert!(upstreams::take(&mut write, right, later(599)).await.unwrap());
    upstreams::put(&mut write, right, later(600)).await.unwrap();
    assert_eq!(upstreams::sweep(&mut write, later(600)).await.unwrap(), 1);
}
