//! The browsers that a citizen is known by.

use idp::{
    rules::{
        ids::CitizenId,
        time::{Seconds, Timestamp},
        visitor::Met,
    },
    store::browsers,
};

use crate::Place;

const NOW: Timestamp = Timestamp(1_795_260_000);

async fn meet(place: &Place, citizen: &CitizenId, browser: &str, after: i64) -> Met {
    let now = NOW.after(Seconds(after));
    let mut write = place.store.write().await.unwrap();
    let met = browsers::meet(&mut write, (citizen, browser), (now, now.before(Seconds(1_000)))).await;
    write.commit().await.unwrap();
    met.unwrap()
}

pub async fn a_browser_is_first_then_known_until_it_was_away_too_long(place: &Place) {
    let ana = place.enrolled().await;
    assert_eq!(meet(place, &ana, "one", 0).await, Met::First);
    assert_eq!(meet(place, &ana, "one", 999).await, Met::Known);
    assert_eq!(meet(place, &ana, "two", 999).await, Met::New);
    assert_eq!(meet(place, &ana, "one", 1_999).await, Met::New);
    assert_eq!(meet(place, &ana, "one", 2_000).await, Met::Known);
    let mut write = place.store.write().await.unwrap();
    browsers::forget(&mut write, &ana).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(meet(place, &ana, "one", 2_001).await, Met::First);
}

pub async fn of_many_browsers_the_last_twenty_are_kept(place: &Place) {
    let ana = place.enrolled().await;
    for at in 0..30 {
        meet(place, &ana, &format!("browser {at}"), at).await;
    }
    let mut read = place.store.read().await.unwrap();
    let row = sqlx::query("SELECT COUNT(*), MIN(seen_at) FROM browsers")
        .fetch_one(&mut *read)
        .await
        .unwrap();
    let kept: (i64, i64) = (sqlx::Row::get(&row, 0), sqlx::Row::get(&row, 1));
    assert_eq!(kept, (20, NOW.0 + 10));
}
