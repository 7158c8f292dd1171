//! What a citizen has at hand on their worst day: their mailbox and their sheet of codes. And what a thief has.

use idp::{
    flow,
    rules::{
        ids::{CitizenId, RecoverySetId},
        national_id::NationalId,
        notice::{Fate, Notice, Posted},
        recovery_code::{IN_A_SET, RecoveryCode},
    },
    store,
    world::bytes,
};

use crate::browser::{Answer, Browser, House, NUMBER};

/// The citizen of the house.
pub async fn citizen(house: &House) -> CitizenId {
    let number = NationalId::parse(NUMBER, &house.idp.people.schemes).unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    let found = store::citizens::find(&mut read, &house.idp.derived.index, &number).await;
    found.unwrap().unwrap().0
}

/// A sheet of codes, made while everything was well.
pub async fn sheet(house: &House) -> Vec<String> {
    let chance = house.idp.chance.as_ref();
    let codes: Vec<RecoveryCode> = (0..IN_A_SET).map(|_| RecoveryCode::new(bytes(chance))).collect();
    let (owner, set) = (citizen(house).await, RecoverySetId::new(house.idp.id()));
    let mut write = house.idp.store.write().await.unwrap();
    let index = &house.idp.derived.index;
    let saved = store::recovery_codes::saved(&mut write, &owner).await.unwrap();
    let before = saved.map(|saved| saved.set);
    let new = (&set, codes.as_slice());
    let replaced =
        store::recovery_codes::replace(&mut write, index, (&owner, before.as_ref()), new, house.idp.now())
            .await;
    assert!(replaced.unwrap());
    write.commit().await.unwrap();
    codes.iter().map(|code| code.text().to_string()).collect()
}

/// Every letter that came since the last look.
pub async fn letters(house: &House) -> Vec<Posted> {
    let mut all = Vec::new();
    loop {
        let some = flow::notify::claim(&house.idp).await.unwrap();
        if some.is_empty() {
            return all;
        }
        for letter in &some {
            flow::notify::settle(&house.idp, letter, Fate::Sent)
                .await
                .unwrap();
        }
        all.extend(some);
    }
}

/// The kinds of the letters that came.
pub async fn kinds(house: &House) -> Vec<&'static str> {
    letters(house)
        .await
        .iter()
        .map(|letter| letter.notice.kind())
        .collect()
}

/// The code of the letter that comes in a moment.
pub async fn mailed(house: &House) -> String {
    for _ in 0..200 {
        for letter in letters(house).await {
            if let Notice::RecoveryCode { code } = letter.notice {
                return code.expose().to_owned();
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no letter with a code came");
}

/// A recovery of this number, begun in this browser.
pub async fn begin(browser: &mut Browser, number: &str) -> Answer {
    let asked = browser.get("/recover/begin").await;
    let proof = browser
        .submit(&asked, "/recover/begin", &[("national_id", number)])
        .await;
    assert_eq!(proof.path, "/recover/proof", "{}", proof.body);
    proof
}

/// Asks for a code by mail and shows it.
pub async fn show_mailed(house: &House, browser: &mut Browser, page: &Answer) -> Answer {
    let asked = browser.submit(page, "/recover/proof/ask", &[]).await;
    let code = mailed(house).await;
    browser
        .submit(&asked, "/recover/proof/code", &[("code", &code)])
        .await
}

/// Everything that is needed, by the mailbox and this password: the page of the wait.
pub async fn waiting(house: &House, browser: &mut Browser, password: &str) -> Answer {
    let proof = begin(browser, NUMBER).await;
    let second = show_mailed(house, browser, &proof).await;
    browser
        .submit(&second, "/recover/proof/password", &[("password", password)])
        .await
}
