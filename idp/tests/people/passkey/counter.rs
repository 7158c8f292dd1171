//! Row 68: counters that go back.

use super::{asserted, refused, with_passkey};

#[tokio::test]
async fn row_68_a_key_that_does_not_count_goes_on_working() {
    let (house, mut key) = with_passkey(|key| (key.synced, key.counter) = (true, 0)).await;
    for _ in 0..2 {
        key.counter = 0;
        let (mut browser, answer) = asserted(&house, &mut key).await;
        assert_eq!(answer.path, "/account", "{}", answer.body);
        assert!(browser.get("/account").await.body.contains("Sincronizada"));
    }
}

#[tokio::test]
async fn row_68_a_counter_that_goes_back_is_refused_shown_and_told_once() {
    for (seen, then) in [(2, 1), (2, 2), (2, 0)] {
        let (house, mut key) = with_passkey(|key| key.counter = 1).await;
        key.counter = seen;
        assert_eq!(asserted(&house, &mut key).await.1.path, "/account");
        for _ in 0..2 {
            key.counter = then;
            refused(&asserted(&house, &mut key).await.1);
        }
        let letters = house.letters().await;
        let copies = letters
            .iter()
            .filter(|letter| letter.subject == "Revisa una de tus llaves de acceso");
        assert_eq!(copies.count(), 1, "{letters:?}");
        let (_, account) = house.signed_in().await;
        assert!(account.body.contains("pudo ser copiada"));
    }
}
