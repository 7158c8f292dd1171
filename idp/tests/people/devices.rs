//! A login from a browser that is new to the account is told, and what happened is listed with how and roughly where.

use axum::http::header;

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/// Logs in with password and code in `browser`, on the way to `path`.
async fn log_in(house: &House, browser: &mut Browser, path: &str) -> Answer {
    house.clock.forward(60);
    let login = browser.get(path).await;
    let typed = [("national_id", NUMBER), ("password", crate::browser::PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await
}

async fn log_out(browser: &mut Browser) {
    let account = browser.get("/account").await;
    browser.submit(&account, "/account/logout", &[]).await;
}

fn from(house: &House, address: &str) -> Browser {
    let mut browser = house.browser();
    browser
        .headers
        .push((header::USER_AGENT.as_str(), FIREFOX.to_owned()));
    browser.peer = Some(format!("{address}:4000").parse().unwrap());
    browser
}

#[tokio::test]
async fn the_very_first_login_is_not_told() {
    let house = House::new().await;
    house.signed_in().await;
    assert!(house.letters().await.is_empty());
}

#[tokio::test]
async fn a_login_from_a_second_browser_is_told_once_with_device_network_and_agency() {
    let house = House::new().await;
    let agency = house.client("openid").await;
    house.signed_in().await;
    let mut second = from(&house, "190.45.7.9");
    log_in(&house, &mut second, &agency).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].subject, "Ingreso desde un equipo nuevo");
    let told = "Equipo: Firefox, Linux. Red: 190.45.0.0/16. Entró a: Servicio de <Impuestos>.";
    assert!(letters[0].text.contains(told), "{}", letters[0].text);
    assert!(!letters[0].text.contains("190.45.7"));
    assert!(letters[0].link("/not-me?token=").len() > 50);

    log_out(&mut second).await;
    log_in(&house, &mut second, "/account").await;
    assert!(house.letters().await.is_empty(), "known by now");
}

#[tokio::test]
async fn what_is_not_known_of_a_new_browser_is_said_to_be_unknown() {
    let house = House::new().await;
    house.signed_in().await;
    house.signed_in().await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    let told = "Equipo: sin identificar. Red: desconocida. Entró a: tu cuenta.";
    assert!(letters[0].text.contains(told), "{}", letters[0].text);
}

#[tokio::test]
async fn a_login_with_a_passkey_makes_a_browser_known_too() {
    let house = House::new().await;
    let (mut first, _) = house.signed_in().await;
    let page = first.get("/account/passkeys/new").await;
    let mut key = Authenticator::new("http://localhost:8080");
    let credential = key.create(&page.options());
    let typed = [("name", "Teléfono"), ("credential", credential.as_str())];
    first.submit(&page, "/account/passkeys/new", &typed).await;
    let mut second = house.browser();
    house.letters().await;
    for letters in [1, 0] {
        let page = second.get("/account").await;
        let credential = key.get(&page.options());
        let account = second
            .submit(&page, "/login/passkey", &[("credential", &credential)])
            .await;
        assert_eq!(account.path, "/account", "{}", account.body);
        assert_eq!(house.letters().await.len(), letters);
        log_out(&mut second).await;
    }
}

#[tokio::test]
async fn a_browser_that_was_away_for_half_a_year_is_new_again() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.clock.forward(181 * 86_400);
    log_in(&house, &mut browser, "/account").await;
    assert_eq!(house.letters().await.len(), 1);
}

#[tokio::test]
async fn activity_tells_when_how_with_what_roughly_where_and_towards_whom() {
    let house = House::new().await;
    let agency = house.client("openid").await;
    let mut browser = from(&house, "190.45.7.9");
    log_in(&house, &mut browser, &agency).await;
    house.clock.forward(120);
    let page = browser.get("/account/activity").await;
    let told = "<li>Ingresaste para entrar a Servicio de &#60;Impuestos&#62;<small>hace 2 minutos · con contraseña y \
                aplicación de códigos · Firefox, Linux · tu red de ahora</small>";
    assert!(page.body.contains(told), "{}", page.body);
    let elsewhere = Some("200.1.2.3:9".parse().unwrap());
    browser.peer = elsewhere;
    let page = browser.get("/account/activity").await;
    assert!(
        page.body.contains("Firefox, Linux · red 190.45.0.0/16"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("190.45.7"));
}

#[tokio::test]
async fn a_wrong_password_is_listed_with_where_it_was_tried() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let mut thief = from(&house, "200.9.8.7");
    let login = thief.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", "una frase equivocada")];
    thief.submit(&login, "/login?", &typed).await;
    let page = browser.get("/account").await;
    let told = "Contraseña equivocada<small>hace un momento · Firefox, Linux · red 200.9.0.0/16";
    assert!(page.body.contains(told), "{}", page.body);
}

#[tokio::test]
async fn an_app_is_listed_as_an_app() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account").await;
    let row = page.body.split("/account/codes/remove?app=").nth(1).unwrap();
    let remove = format!("/account/codes/remove?app={}", row.split('"').next().unwrap());
    let asked = browser.get("/account/passkeys/new").await;
    let credential = Authenticator::new("http://localhost:8080").create(&asked.options());
    let typed = [("name", "Teléfono"), ("credential", credential.as_str())];
    browser.submit(&asked, "/account/passkeys/new", &typed).await;
    let asked = browser.get(&remove).await;
    browser.submit(&asked, "/account/codes/remove", &[]).await;
    let page = browser.get("/account/activity").await;
    assert!(
        page.body.contains("<li>Agregaste una llave de acceso<small>"),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("<li>Quitaste una aplicación de códigos<small>"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_long_history_is_read_in_twenties_and_none_is_left_out_or_told_twice() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let mut write = house.idp.store.write().await.unwrap();
    let row = sqlx::query("SELECT id FROM citizens")
        .fetch_one(&mut *write)
        .await;
    let citizen = idp::rules::ids::CitizenId::known(sqlx::Row::get::<String, _>(&row.unwrap(), 0));
    for at in 0..47 {
        let event = idp::rules::audit::Event::DataExported;
        let record =
            idp::rules::audit::Record::new(event, idp::rules::audit::Outcome::Done).citizen(&citizen);
        let when = house
            .idp
            .now()
            .before(idp::rules::time::Seconds((50 - at) * 3_600));
        idp::store::audit::append(&mut write, &record, when)
            .await
            .unwrap();
        // What says nothing lies between.
        let event = idp::rules::audit::Event::NoticeSent;
        let record =
            idp::rules::audit::Record::new(event, idp::rules::audit::Outcome::Done).citizen(&citizen);
        idp::store::audit::append(&mut write, &record, when)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let (mut path, mut seen) = ("/account/activity".to_owned(), Vec::new());
    loop {
        let page = browser.get(&path).await;
        let lines: Vec<&str> = page.body.split("<li>").skip(1).collect();
        assert!(lines.len() <= 20);
        seen.push(
            lines
                .iter()
                .filter(|line| line.starts_with("Descargaste tus datos"))
                .count(),
        );
        let Some(older) = page.body.split("quiet\" href=\"/account/activity?before=").nth(1) else {
            break;
        };
        path = format!("/account/activity?before={}", older.split('"').next().unwrap());
    }
    assert_eq!((seen.len(), seen.iter().sum::<usize>()), (3, 47), "{seen:?}");
}
