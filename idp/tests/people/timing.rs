//! A stranger's number and a citizen's take the same time: nobody learns who has an account by a clock.

use std::time::Instant;

use axum::http::StatusCode;
use idp::rules::{
    import::Format,
    national_id::{NationalId, Scheme},
};

use crate::browser::{House, NUMBER};

/// Samples of each kind in a round.
pub const SAMPLES: usize = 200;
/// Guesses at one number before it is forgiven, or exchanged for another: far from the hundred that close it.
pub const AT_ONE: usize = 40;
/// Two-sided p = 0.01 of the normal distribution.
pub const CRITICAL: f64 = 2.576;
/// One round in a hundred fails by chance, three in a row one time in a million; a hash that is left out fails each.
pub const ROUNDS: usize = 3;

/// The standardised rank sum of Mann and Whitney: how far `one` stands above `other`, in standard deviations. Where both
/// come from the same distribution it is normal, whatever that distribution is.
pub fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = |many: usize| f64::from(u32::try_from(many).unwrap());
    let ranks: f64 = all
        .iter()
        .enumerate()
        .filter(|(_, (_, of_one))| *of_one)
        .map(|(rank, _)| count(rank + 1))
        .sum();
    let (n, m) = (count(one.len()), count(other.len()));
    let above = ranks - n * (n + 1.0) / 2.0;
    (above - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

/// How long a wrong guess at this number takes, from the form to the page, in seconds.
async fn guess(house: &House, number: &str) -> f64 {
    house.clock.forward(900);
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let typed = [("national_id", number), ("password", "una frase equivocada")];
    let begun = Instant::now();
    let answer = browser.submit(&page, "/login?", &typed).await;
    let taken = begun.elapsed().as_secs_f64();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    taken
}

/// The `at`th number that nobody has.
pub fn stranger(at: usize) -> String {
    let body = 12_000_000 + at;
    let digit = "0123456789K".chars();
    digit
        .map(|digit| format!("{body}-{digit}"))
        .find(|number| NationalId::parse(number, &[Scheme::ClRun]).is_ok())
        .unwrap()
}

#[tokio::test]
async fn row_48_a_wrong_password_and_an_unknown_number_take_the_same_time() {
    // As many as the requirement says where there is time for them.
    let quick = std::env::var_os("AVAL_QUICK").is_some();
    let samples = if quick { SAMPLES } else { 500 };
    let house = House::new().await;
    let number = NationalId::parse(NUMBER, &[Scheme::ClRun]).unwrap();
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for at in 0..samples {
            if at % AT_ONE == 0 {
                idp::flow::throttle::unlock(&house.idp, &number).await.unwrap();
            }
            let nobody = stranger(round * samples + at / AT_ONE);
            // Interleaved, each first in turn: what else the machine does meets both alike.
            if at % 2 == 0 {
                known.push(guess(&house, NUMBER).await);
                unknown.push(guess(&house, &nobody).await);
            } else {
                unknown.push(guess(&house, &nobody).await);
                known.push(guess(&house, NUMBER).await);
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

/// Somebody of another register, whose password was hashed by bcrypt there.
const TAKEN_OVER: &str = "9.999.999-3";
const BCRYPT: &str = "$2b$08$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";

#[tokio::test]
async fn row_48_while_bcrypt_hashes_are_known_a_wrong_guess_at_anybody_takes_as_long() {
    let known = "[passwords]\nimported_bcrypt_cost = 8";
    let house = House::configured("http://localhost:8080", known).await;
    let format = Format::csv("national_id,given_name,family_name,email,password_hash").unwrap();
    let row = format
        .row(&format!("{TAKEN_OVER},Bea,Rojas,bea@correo.example,{BCRYPT}"))
        .unwrap();
    let newcomer = idp::flow::import::checked(&house.idp, &row).unwrap();
    let batch = idp::flow::import::batch(&house.idp, &[newcomer], false).await;
    batch.unwrap().commit().await.unwrap();
    let numbers = [NUMBER, TAKEN_OVER].map(|number| NationalId::parse(number, &[Scheme::ClRun]).unwrap());
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        let [mut ours, mut theirs, mut nobodys] = [Vec::new(), Vec::new(), Vec::new()];
        for at in 0..FEW {
            if at % AT_ONE == 0 {
                for number in &numbers {
                    idp::flow::throttle::unlock(&house.idp, number).await.unwrap();
                }
            }
            ours.push(guess(&house, NUMBER).await);
            theirs.push(guess(&house, TAKEN_OVER).await);
            nobodys.push(guess(&house, &stranger(round * FEW + at / AT_ONE)).await);
        }
        let apart = [
            rank_test(&ours, &theirs),
            rank_test(&theirs, &nobodys),
            rank_test(&nobodys, &ours),
        ];
        if apart.iter().all(|apart| apart.abs() < CRITICAL) {
            return;
        }
        seen.push(apart);
    }
    panic!("three rounds, each further apart than chance allows: {seen:?}");
}

/// A bcrypt that is left out is a third of a guess: fewer samples show it.
const FEW: usize = 60;

#[test]
fn the_rank_test_sees_a_difference_and_none_where_there_is_none() {
    // A congruential sequence: as good as any for two samples of one distribution.
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap())
    };
    let (one, other): (Vec<f64>, Vec<f64>) = (0..SAMPLES).map(|_| (next(), next())).unzip();
    assert!(rank_test(&one, &other).abs() < CRITICAL);
    let later: Vec<f64> = other.iter().map(|time| time * 1.3).collect();
    assert!(rank_test(&later, &one) > CRITICAL);
}
