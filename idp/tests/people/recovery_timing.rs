//! A recovery of a stranger's number and one of a citizen's take the same time.

use std::time::Instant;

use axum::http::StatusCode;
use idp::rules::national_id::{NationalId, Scheme};

use crate::{
    browser::{House, NUMBER},
    timing::{AT_ONE, CRITICAL, ROUNDS, SAMPLES, rank_test, stranger},
};

/// How long it takes to begin a recovery, to ask for a letter and to show a wrong code, in seconds.
async fn tried(house: &House, number: &str) -> f64 {
    house.clock.forward(900);
    let mut browser = house.browser();
    let asked = browser.get("/recover/begin").await;
    let begun = Instant::now();
    let page = browser
        .submit(&asked, "/recover/begin", &[("national_id", number)])
        .await;
    let page = browser.submit(&page, "/recover/proof/ask", &[]).await;
    let answer = browser
        .submit(&page, "/recover/proof/code", &[("code", "0000-0000")])
        .await;
    let taken = begun.elapsed().as_secs_f64();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_48_a_recovery_takes_the_same_time_for_a_citizen_and_a_stranger() {
    let house = House::new().await;
    let number = NationalId::parse(NUMBER, &[Scheme::ClRun]).unwrap();
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for at in 0..SAMPLES {
            if at % AT_ONE == 0 {
                idp::flow::throttle::unlock(&house.idp, &number).await.unwrap();
            }
            let nobody = stranger(round * SAMPLES + at / AT_ONE);
            if at % 2 == 0 {
                known.push(tried(&house, NUMBER).await);
                unknown.push(tried(&house, &nobody).await);
            } else {
                unknown.push(tried(&house, &nobody).await);
                known.push(tried(&house, NUMBER).await);
            }
        }
        let apart = rank_test(&known, &unknown);
        if apart.abs() < CRITICAL {
            return;
        }
        seen.push(apart);
    }
    panic!("three rounds, each further apart than chance allows: {seen:?}");
}
