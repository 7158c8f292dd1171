//! The audit chain against somebody who can write to the database (identity rows 93 and 94).

use idp::{
    flow::audit_log::{checkpoint, verify},
    rules::checkpoint::Broken,
};

use crate::browser::House;

async fn run(house: &House, statement: &'static str) {
    let mut write = house.idp.store.write().await.unwrap();
    sqlx::query(statement).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
}

/// A house with a dozen records.
async fn house() -> House {
    let house = House::new().await;
    house.signed_in().await;
    house.signed_in().await;
    let whole = verify(&house.idp, None).await.unwrap().unwrap();
    assert!(whole.seq > 8, "{whole:?}");
    house
}

#[tokio::test]
async fn row_93_each_way_of_tampering_is_found_at_its_first_record() {
    for (statement, broken) in [
        ("UPDATE audit SET outcome = 'done' || outcome WHERE seq = 4", 4),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 3", 3),
        // Two records change places.
        (
            "UPDATE audit SET seq = CASE seq WHEN 2 THEN -2 WHEN 5 THEN -5 END WHERE seq IN (2, 5)",
            2,
        ),
        // One more, a copy of the last with another number, is beyond what the head knows.
        (
            "INSERT INTO audit SELECT seq + 1, at, event, outcome, reason, citizen, client, session, detail, hash \
             FROM audit ORDER BY seq DESC LIMIT 1",
            0,
        ),
    ] {
        let house = house().await;
        let end = verify(&house.idp, None).await.unwrap().unwrap().seq;
        run(&house, statement).await;
        if statement.contains("CASE seq") {
            run(
                &house,
                "UPDATE audit SET seq = CASE seq WHEN -2 THEN 5 WHEN -5 THEN 2 END WHERE seq < 0",
            )
            .await;
        }
        let expected = if broken == 0 { end + 1 } else { broken };
        let walked = verify(&house.idp, None).await.unwrap();
        assert_eq!(walked, Err(Broken::At(expected)), "{statement}");
    }
}

#[tokio::test]
async fn row_93_a_tail_that_was_cut_off_is_found_by_the_last_checkpoint() {
    let house = house().await;
    let published = checkpoint(&house.idp).await.unwrap();
    assert!(verify(&house.idp, Some(&published)).await.unwrap().is_ok());
    // Cleanly: the head is put back to what it was then.
    run(&house, "DELETE FROM audit WHERE seq > 5").await;
    run(
        &house,
        "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)",
    )
    .await;
    assert_eq!(verify(&house.idp, None).await.unwrap().unwrap().seq, 5);
    let walked = verify(&house.idp, Some(&published)).await.unwrap();
    assert_eq!(walked, Err(Broken::CutBefore(6)));
    // Grown again past the checkpoint, it is another chain.
    for _ in 0..4 {
        house.signed_in().await;
    }
    let walked = verify(&house.idp, Some(&published)).await.unwrap();
    assert!(matches!(walked, Err(Broken::NotAsSeen(_))), "{walked:?}");
}

#[tokio::test]
async fn a_checkpoint_that_we_did_not_sign_is_none() {
    let house = house().await;
    let published = checkpoint(&house.idp).await.unwrap();
    let (signed, signature) = published.rsplit_once('.').unwrap();
    let mut other: Vec<char> = signature.chars().collect();
    other[3] = if other[3] == 'A' { 'B' } else { 'A' };
    let other: String = other.into_iter().collect();
    assert!(
        verify(&house.idp, Some(&format!("{signed}.{other}")))
            .await
            .is_err()
    );
    assert!(verify(&house.idp, Some("")).await.is_err());
}
