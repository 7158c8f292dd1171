//! People of another register: their password opens their account, and is theirs alone from the first login on.

use axum::http::StatusCode;
use idp::{
    flow::import::{NotImported, Taken, batch, checked, left},
    rules::import::{Format, Row},
};

use crate::browser::House;

const BEA: &str = "9.999.999-3";
const BEAS: &str = "una frase larga";
/// Of that, by another implementation of Argon2id.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsIGRlIG90cm8gbGFkbw$u0sYZjaY2GqlOI7DZ2eALG24az64ZJBLvcnMMuP2laM";

fn row(number: &str, hash: &str) -> Row {
    let format = Format::csv("national_id,given_name,family_name,email,password_hash").unwrap();
    format
        .row(&format!("{number},Bea,Rojas,bea@correo.example,\"{hash}\""))
        .unwrap()
}

async fn import(house: &House, rows: &[Row], codes: bool) -> Vec<Taken> {
    let newcomers: Vec<_> = rows.iter().map(|row| checked(&house.idp, row).unwrap()).collect();
    let mut batch = batch(&house.idp, &newcomers, codes).await.unwrap();
    let taken = std::mem::take(&mut batch.taken);
    batch.commit().await.unwrap();
    taken
}

async fn stored(house: &House) -> Vec<String> {
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT hash FROM passwords")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    rows.iter().map(|row| sqlx::Row::get(row, 0)).collect()
}

#[tokio::test]
async fn an_imported_password_opens_the_account_and_leads_to_a_passkey_before_anything_else() {
    let house = House::new().await;
    import(&house, &[row(BEA, HASH)], true).await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let wrong = [("national_id", BEA), ("password", "otra frase larga")];
    let refused = browser.clone().submit(&login, "/login?", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.clock.forward(60);
    let right = [("national_id", BEA), ("password", BEAS)];
    let offered = browser.submit(&login, "/login?", &right).await;
    assert_eq!(offered.path, "/account/passkeys/new", "{}", offered.body);
    for elsewhere in ["/account", "/account/contacts", "/account/data"] {
        assert_eq!(
            browser.get(elsewhere).await.path,
            "/account/passkeys/new",
            "{elsewhere}"
        );
    }
    let app = browser.get("/account/codes/new").await;
    assert_eq!(
        (app.status, app.path.as_str()),
        (StatusCode::OK, "/account/codes/new")
    );
}

#[tokio::test]
async fn row_53_an_imported_hash_is_not_readable_at_rest_and_gone_after_the_first_login() {
    let house = House::new().await;
    import(&house, &[row(BEA, HASH)], true).await;
    let before = stored(&house).await;
    assert!(
        before.iter().any(|hash| hash.starts_with("imported:")),
        "{before:?}"
    );
    assert!(
        before
            .iter()
            .all(|hash| !hash.contains("u0sYZjaY2Gql") && !hash.contains("c2FsIGRl"))
    );
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    browser
        .submit(&login, "/login?", &[("national_id", BEA), ("password", BEAS)])
        .await;
    let after = stored(&house).await;
    assert!(
        after.iter().all(|hash| hash.starts_with("$argon2id$")),
        "{after:?}"
    );
    assert!(after.iter().all(|hash| !hash.contains("u0sYZjaY2Gql")));
    house.clock.forward(60);
    let again = house.browser().get("/account").await;
    let mut browser = house.browser();
    drop(again);
    let login = browser.get("/account").await;
    let in_again = browser
        .submit(&login, "/login?", &[("national_id", BEA), ("password", BEAS)])
        .await;
    assert_eq!(
        in_again.path, "/account/passkeys/new",
        "the hash of ours is right, too"
    );
}

/// Of [`BEAS`], by the C library's crypt(3).
const BCRYPT: &str = "$2b$10$abcdefghijklmnopqrstuuH1H5h4dvPy90OjbNNMxfUMOFbNvVvHm";

async fn tried(house: &House, password: &str) -> StatusCode {
    house.clock.forward(900);
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let typed = [("national_id", BEA), ("password", password)];
    browser.submit(&login, "/login?", &typed).await.status
}

#[tokio::test]
async fn row_46_a_bcrypt_hash_opens_the_account_once_and_is_one_of_ours_from_then_on() {
    let known = "[passwords]\nimported_bcrypt_cost = 10";
    let house = House::configured("http://localhost:8080", known).await;
    import(&house, &[row(BEA, BCRYPT)], true).await;
    assert!(stored(&house).await.iter().all(|hash| !hash.contains("H1H5h4dv")));
    let waiting = left(&house.idp).await.unwrap();
    assert_eq!((waiting.argon2id, waiting.bcrypt, waiting.shut), (0, 1, 0));
    for wrong in ["una frase larg", "una frase largaa", "una frase larga otra vez"] {
        assert_eq!(
            tried(&house, wrong).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    assert!(
        stored(&house)
            .await
            .iter()
            .any(|hash| hash.starts_with("imported:"))
    );
    assert_eq!(tried(&house, BEAS).await, StatusCode::OK);
    let after = stored(&house).await;
    assert!(
        after.iter().all(|hash| hash.starts_with("$argon2id$")),
        "{after:?}"
    );
    let waiting = left(&house.idp).await.unwrap();
    assert_eq!((waiting.argon2id, waiting.bcrypt, waiting.shut), (0, 0, 0));
    assert_eq!(
        tried(&house, BEAS).await,
        StatusCode::OK,
        "the hash of ours is right, too"
    );
    assert_eq!(
        tried(&house, "una frase larg").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn row_48_without_its_cost_in_the_configuration_no_bcrypt_hash_is_taken_over() {
    let house = House::new().await;
    let why = checked(&house.idp, &row(BEA, BCRYPT)).unwrap_err();
    assert!(
        why.to_string().contains("passwords.imported_bcrypt_cost"),
        "{why}"
    );
}

#[tokio::test]
async fn row_48_a_cost_that_would_take_for_ever_is_refused_with_its_line() {
    let known = "[passwords]\nimported_bcrypt_cost = 10";
    let house = House::configured("http://localhost:8080", known).await;
    for costly in ["$31$", "$11$", "$09$", "$00$"] {
        let why = checked(&house.idp, &row(BEA, &BCRYPT.replace("$10$", costly))).unwrap_err();
        assert_eq!(why, NotImported::PasswordHash, "{costly}");
    }
}

#[tokio::test]
async fn bcrypt_hashes_whose_cost_left_the_configuration_are_counted_and_open_nothing() {
    let known = "[passwords]\nimported_bcrypt_cost = 10";
    let knowing = House::configured("http://localhost:8080", known).await;
    let newcomers =
        [row(BEA, BCRYPT), row("12.345.678-5", HASH)].map(|row| checked(&knowing.idp, &row).unwrap());
    let house = House::new().await;
    let written = batch(&house.idp, &newcomers, false).await.unwrap();
    written.commit().await.unwrap();
    let waiting = left(&house.idp).await.unwrap();
    assert_eq!((waiting.argon2id, waiting.bcrypt, waiting.shut), (1, 0, 1));
    assert_eq!(tried(&house, BEAS).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_same_people_again_change_nothing_and_get_no_second_code() {
    let house = House::new().await;
    let rows = [row(BEA, ""), row(BEA, "")];
    let first = import(&house, &rows, true).await;
    assert!(
        matches!(first.as_slice(), [Taken::New(Some(_)), Taken::Known]),
        "{first:?}"
    );
    let again = import(&house, &rows, true).await;
    assert!(
        matches!(again.as_slice(), [Taken::Known, Taken::Known]),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_code_of_an_import_opens_the_account() {
    let house = House::new().await;
    let taken = import(&house, &[row(BEA, "")], true).await;
    let [Taken::New(Some(printed))] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    let mut browser = house.browser();
    let page = browser.get("/activate").await;
    let typed = [("national_id", BEA), ("code", printed.code.expose().as_str())];
    let next = browser.submit(&page, "/activate", &typed).await;
    assert!(next.path.starts_with("/activate/passkey?"), "{}", next.path);
}

#[tokio::test]
async fn a_batch_that_is_not_committed_did_not_happen() {
    let house = House::new().await;
    let newcomer = checked(&house.idp, &row(BEA, "")).unwrap();
    drop(batch(&house.idp, &[newcomer], true).await.unwrap());
    let taken = import(&house, &[row(BEA, "")], false).await;
    assert!(matches!(taken.as_slice(), [Taken::New(None)]), "{taken:?}");
}

#[tokio::test]
async fn a_hash_of_another_cost_or_function_is_refused_by_its_field() {
    let house = House::new().await;
    let why = checked(&house.idp, &row(BEA, &HASH.replace("t=2", "t=3"))).unwrap_err();
    assert!(why.to_string().starts_with("password_hash: "), "{why}");
    let why = checked(&house.idp, &row("9.999.999-4", "")).unwrap_err();
    assert_eq!(why.to_string(), "national_id: the check digit is wrong");
}
