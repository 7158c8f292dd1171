//! Where notices go: several addresses, each shown to be read, every change told to all.

use axum::http::StatusCode;
use idp::store;

use crate::{
    browser::{Answer, Browser, House},
    rescue::citizen,
};

const NEW: &str = "otra@correo.example";

fn code(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_digit());
    words
        .filter(|word| word.len() == 6)
        .map(str::to_owned)
        .next()
        .unwrap()
}

/// A citizen who asked for a further address, at the page that wants its code, and that code.
async fn asked(house: &House) -> (Browser, Answer, String) {
    let (mut browser, _) = house.signed_in().await;
    house.letters().await;
    let page = browser.get("/account/contacts/new").await;
    let page = browser
        .submit(&page, "/account/contacts/new", &[("email", NEW)])
        .await;
    assert!(
        page.path.starts_with("/account/contacts/code?contact="),
        "{} {}",
        page.path,
        page.body
    );
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to, NEW);
    assert!(
        !letters[0].text.contains("/not-me"),
        "nothing happened to object to"
    );
    let code = code(&letters[0].text);
    (browser, page, code)
}

async fn with_two(house: &House) -> (Browser, Answer) {
    let (mut browser, page, code) = asked(house).await;
    let contacts = browser
        .submit(&page, "/account/contacts/code", &[("code", &code)])
        .await;
    assert_eq!(contacts.path, "/account/contacts?done=added");
    (browser, contacts)
}

async fn wrong(browser: &mut Browser, page: &Answer, code: &str) {
    let answer = browser
        .submit(page, "/account/contacts/code", &[("code", code)])
        .await;
    assert!(
        answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("Ese código no sirve"),
        "{} {}",
        answer.status,
        answer.body
    );
}

#[tokio::test]
async fn row_64_a_new_address_is_told_to_every_address_and_gets_what_follows() {
    let house = House::new().await;
    let (mut browser, contacts) = with_two(&house).await;
    let mut told: Vec<String> = house.letters().await.into_iter().map(|one| one.to).collect();
    told.sort();
    assert_eq!(told, ["alguien@correo.example", NEW]);

    let gone = browser.submit(&contacts, "/account/contacts/remove", &[]).await;
    assert_eq!(gone.path, "/account/contacts?done=removed");
    let mut told: Vec<String> = house.letters().await.into_iter().map(|one| one.to).collect();
    told.sort();
    assert_eq!(
        told,
        ["alguien@correo.example", NEW],
        "whoever is taken away hears of it"
    );
    assert!(!gone.body.contains(NEW));
}

#[tokio::test]
async fn row_58_the_code_of_an_address_is_good_for_ten_minutes() {
    let house = House::new().await;
    let (mut browser, page, code) = asked(&house).await;
    house.clock.forward(600);
    wrong(&mut browser, &page, &code).await;
}

#[tokio::test]
async fn row_58_five_wrong_codes_close_an_address_and_a_new_letter_does_not_open_it() {
    let house = House::new().await;
    let (mut browser, page, right) = asked(&house).await;
    let other = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        wrong(&mut browser, &page, other).await;
    }
    wrong(&mut browser, &page, &right).await;
    let again = browser.get("/account/contacts/new").await;
    let page = browser
        .submit(&again, "/account/contacts/new", &[("email", NEW)])
        .await;
    let right = code(&house.letters().await[0].text);
    wrong(&mut browser, &page, &right).await;
}

#[tokio::test]
async fn row_58_a_code_is_good_once_and_for_the_citizen_who_asked() {
    let house = House::new().await;
    let (mut browser, page, code) = asked(&house).await;
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    let mut ana = house.browser();
    let second = ana.at_second_step("12.345.678-5").await;
    house.clock.forward(30);
    let account = ana
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    let csrf = account.form("/account/logout").1[0].1.clone();
    let contact = page.path.split('=').next_back().unwrap();
    let fields = [("csrf", csrf.as_str()), ("contact", contact), ("code", &code)];
    assert_eq!(
        ana.post("/account/contacts/code", &fields).await.status,
        StatusCode::NOT_FOUND
    );
    browser
        .submit(&page, "/account/contacts/code", &[("code", &code)])
        .await;
    let again = browser
        .submit(&page, "/account/contacts/code", &[("code", &code)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it waits no more");
}

#[tokio::test]
async fn of_many_guesses_at_once_five_are_looked_at() {
    let house = House::new().await;
    let (browser, page, right) = asked(&house).await;
    let wrong: Vec<String> = (0..40_u32)
        .map(|n| format!("{n:06}"))
        .filter(|guess| *guess != right)
        .collect();
    let mut guesses = tokio::task::JoinSet::new();
    for guess in wrong {
        let (mut browser, page) = (browser.clone(), page.clone());
        guesses.spawn(async move {
            browser
                .submit(&page, "/account/contacts/code", &[("code", &guess)])
                .await
                .status
        });
    }
    while let Some(status) = guesses.join_next().await {
        assert_eq!(status.unwrap(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut read = house.idp.store.read().await.unwrap();
    let query = "SELECT COUNT(*) FROM audit WHERE event = 'contact.added' AND outcome = 'refused'";
    let row = sqlx::query(query).fetch_one(&mut *read).await.unwrap();
    assert_eq!(sqlx::Row::get::<i64, _>(&row, 0), 5);
}

#[tokio::test]
async fn a_strangers_mailbox_gets_five_letters_a_day() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.letters().await;
    let page = browser.get("/account/contacts/new").await;
    let mut answer = page.clone();
    for _ in 0..6 {
        answer = browser
            .submit(&page, "/account/contacts/new", &[("email", NEW)])
            .await;
    }
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Ya enviamos varios"), "{}", answer.body);
    assert_eq!(house.letters().await.len(), 5);
}

#[tokio::test]
async fn adding_and_removing_ask_for_presence() {
    let house = House::new().await;
    let (mut browser, contacts) = with_two(&house).await;
    house.clock.forward(301);
    let asked = browser.get("/account/contacts/new").await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    let asked = browser.submit(&contacts, "/account/contacts/remove", &[]).await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    assert!(browser.get("/account/contacts").await.body.contains(NEW));
}

#[tokio::test]
async fn the_main_address_is_what_agencies_get_and_the_one_before_it_stays_for_notices() {
    let house = House::new().await;
    let (mut browser, contacts) = with_two(&house).await;
    house.letters().await;
    let changed = browser.submit(&contacts, "/account/contacts/prefer", &[]).await;
    assert_eq!(changed.path, "/account/contacts?done=preferred");
    assert_eq!(house.letters().await.len(), 2);
    let path = house.client("openid email").await;
    let consent = browser.get(&path).await;
    assert!(consent.body.contains(NEW), "{}", consent.body);
    let contacts = browser.get("/account/contacts").await;
    let (first, rest) = contacts.body.split_once("alguien@correo.example").unwrap();
    assert!(first.contains(NEW) && rest.contains("/account/contacts/remove"));
}

#[tokio::test]
async fn what_is_no_address_or_known_is_named() {
    let house = House::new().await;
    let (mut browser, _) = with_two(&house).await;
    let page = browser.get("/account/contacts/new").await;
    for (typed, said) in [
        ("ana", "Escribe un correo completo"),
        ("OTRA@correo.example", "ya recibe tus avisos"),
    ] {
        let answer = browser
            .submit(&page, "/account/contacts/new", &[("email", typed)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(said), "{}", answer.body);
    }
}

#[tokio::test]
async fn letters_are_written_in_the_language_that_the_citizen_chose() {
    let house = House::new().await;
    let (mut browser, account) = house.signed_in().await;
    let page = browser
        .submit(&account, "/account/language", &[("language", "en")])
        .await;
    assert!(page.body.contains("You changed the language."), "{}", page.body);
    house.letters().await;
    let page = browser.get("/account/contacts/new").await;
    browser
        .submit(&page, "/account/contacts/new", &[("email", NEW)])
        .await;
    assert!(house.letters().await[0].text.contains("Hello, María José:"));
}

#[tokio::test]
async fn letters_are_shown_where_the_configuration_says_so_and_nowhere_else() {
    let house = House::new().await;
    assert_eq!(
        house.browser().get("/dev/mail").await.status,
        StatusCode::NOT_FOUND
    );
    let folder = tempfile::tempdir().unwrap();
    let mail = format!(
        "[mail]\nfrom = \"a@b.example\"\nfolder = \"{}\"\nshow = true\n",
        folder.path().display()
    );
    let house = House::configured("http://localhost:8080", &mail).await;
    let shown = house.browser().get("/dev/mail").await;
    assert!(shown.body.contains("Todavía no hay cartas"));
    std::fs::write(
        folder.path().join("1-a.txt"),
        "To: x@y.example\nSubject: <Hola>\n\nUno\nhttp://localhost:8080/not-me?token=abc\n",
    )
    .unwrap();
    let shown = house.browser().get("/dev/mail").await;
    assert!(
        shown
            .body
            .contains("<a href=\"/not-me?token=abc\">/not-me?token=abc</a>")
    );
    assert!(shown.body.contains("&#60;Hola&#62;"), "{}", shown.body);
}

/// Whether agencies are told that the first address is read.
async fn confirmed(house: &House) -> bool {
    let citizen = citizen(house).await;
    let mut read = house.idp.store.read().await.unwrap();
    let person = store::citizens::person(&mut read, &house.idp.seal, &citizen).await;
    person.unwrap().unwrap().0.email_confirmed
}

#[tokio::test]
async fn the_first_address_is_confirmed_with_a_code_and_stays_one_address() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.letters().await;
    let contacts = browser.get("/account/contacts").await;
    assert!(contacts.body.contains("Confirmar correo"), "{}", contacts.body);
    let page = browser.get("/account/contacts/new?first=yes").await;
    assert!(page.body.contains("value=\"alguien@correo.example\""));
    let typed = [("email", "Alguien@Correo.example")];
    let page = browser.submit(&page, "/account/contacts/new", &typed).await;
    let letters = house.letters().await;
    let [letter] = &letters[..] else {
        panic!("{letters:?}")
    };
    assert_eq!(letter.to, "alguien@correo.example", "as the registry writes it");
    assert!(!confirmed(&house).await);
    let contacts = browser.get("/account/contacts").await;
    assert_eq!(contacts.body.matches("alguien@").count(), 1, "{}", contacts.body);
    let digits = code(&letter.text);
    let done = browser
        .submit(&page, "/account/contacts/code", &[("code", &digits)])
        .await;
    assert_eq!(done.path, "/account/contacts?done=confirmed");
    assert!(!done.body.contains("Confirmar correo"), "{}", done.body);
    assert!(confirmed(&house).await);
    assert!(house.letters().await.is_empty(), "nothing changed for anybody");
    let activity = browser.get("/account/activity").await;
    assert!(activity.body.contains("Confirmaste tu correo principal"));
    let page = browser.get("/account/contacts/new").await;
    let again = browser.submit(&page, "/account/contacts/new", &typed).await;
    assert!(again.body.contains("ya recibe tus avisos"), "{}", again.body);
}

#[tokio::test]
async fn an_address_of_the_registry_is_not_confirmed_by_being_first_twice() {
    let house = House::new().await;
    let (mut browser, contacts) = with_two(&house).await;
    let changed = browser.submit(&contacts, "/account/contacts/prefer", &[]).await;
    assert!(confirmed(&house).await, "its code was typed");
    let back = browser.submit(&changed, "/account/contacts/prefer", &[]).await;
    assert!(!confirmed(&house).await);
    browser.submit(&back, "/account/contacts/prefer", &[]).await;
    assert!(confirmed(&house).await, "that one was read all the while");
}

#[tokio::test]
async fn a_code_that_waits_for_the_first_address_does_not_keep_it_first() {
    let house = House::new().await;
    let (mut browser, contacts) = with_two(&house).await;
    let page = browser.get("/account/contacts/new?first=yes").await;
    house.letters().await;
    let typed = [("email", "alguien@correo.example")];
    let asked = browser.submit(&page, "/account/contacts/new", &typed).await;
    let digits = code(&house.letters().await[0].text);
    let changed = browser.submit(&contacts, "/account/contacts/prefer", &[]).await;
    assert_eq!(
        changed.path, "/account/contacts?done=preferred",
        "{}",
        changed.body
    );
    let late = browser
        .submit(&asked, "/account/contacts/code", &[("code", &digits)])
        .await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "its code is void");
    assert!(changed.body.contains("alguien@"), "{}", changed.body);
}
