//! What must not be readable afterwards: every secret that was made, typed or mailed in a long day, and whom it was
//! about. The real binary tells as much as it can (`trace`), and everything that it leaves on the disk is searched.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use idp::rules::totp::Seed;
use serde_json::{Value, json};

use crate::{
    binary::{Browser, CALLBACK, NEWCOMER, Page, Service, VERIFIER, labelled, parameter},
    run,
};

const TELEVISION: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A day at the service: what happened in it that nobody else may read.
struct Day {
    service: Service,
    secrets: BTreeSet<String>,
}

#[test]
fn row_86_no_secret_of_a_whole_day_is_readable_in_the_database_or_in_the_most_talkative_log() {
    run(async {
        let mut day = Day::new();
        let mut browser = day.at_an_agency().await;
        let sheet = day.on_the_own_page(&mut browser).await;
        day.on_a_television(&mut browser).await;
        day.recovering(&sheet).await;
        day.opening_an_account().await;
        day.at_the_command_line();
        day.service.kill();
        let left = day.service.everything_left();
        assert!(left.len() > 100_000, "there is something to search in");
        assert!(day.secrets.len() > 60, "{}", day.secrets.len());
        for secret in &day.secrets {
            assert!(secret.len() >= 8, "{secret} could be there by chance");
            assert!(!contains(&left, secret), "{secret} is readable");
        }
        // The search itself works: what may be there is found.
        assert!(contains(&left, CALLBACK));
    });
}

#[test]
fn row_97_no_number_name_or_address_is_readable_in_the_database_or_the_log() {
    run(async {
        let mut day = Day::new();
        day.at_an_agency().await;
        day.service.kill();
        let left = day.service.everything_left();
        for personal in [
            "11111111",
            "11.111.111",
            "María",
            "Ñancupil",
            "maria@correo.example",
        ] {
            assert!(!contains(&left, personal), "{personal} is readable");
        }
        assert!(contains(&left, CALLBACK), "the search itself works");
    });
}

fn contains(left: &[u8], text: &str) -> bool {
    left.windows(text.len()).any(|window| window == text.as_bytes())
}

impl Day {
    fn new() -> Self {
        let mut service = Service::new().with_log("trace");
        let folder = service.path("letters");
        service.configure_more(&format!(
            "[mail]\nfrom = \"Aval <avisos@id.example>\"\nfolder = \"{}\"\n",
            folder.display()
        ));
        service.start();
        let secrets = [
            service.password(),
            service.totp_secret(),
            service.client_secret(),
            VERIFIER,
        ];
        Self {
            secrets: secrets.map(str::to_owned).into(),
            service,
        }
    }

    fn keep(&mut self, secret: &str) -> String {
        self.secrets.insert(secret.to_owned());
        secret.to_owned()
    }

    fn keep_all(&mut self, browser: &Browser) {
        self.secrets.extend(browser.given.iter().cloned());
    }

    /// Wrong, then right; consent, tokens, data, a refresh, a token given back.
    async fn at_an_agency(&mut self) -> Browser {
        let mut browser = Browser::new(&self.service);
        let wrong = self.keep("equivocada a propósito");
        let login = browser.get(&self.service.request()).await;
        let typed = [("national_id", "11.111.111-1"), ("password", wrong.as_str())];
        browser.submit(&login, "/login?", &typed).await;
        let login = browser.get(&login.path).await;
        let typed = [
            ("national_id", "11111111-1"),
            ("password", self.service.password()),
        ];
        let second = browser.submit(&login, "/login?", &typed).await;
        let code = self.service.code();
        let consent = browser.submit(&second, "/login/code", &[("code", &code)]).await;
        let answer = browser
            .submit(&consent, "/consent?", &[("decision", "allow")])
            .await;
        let code = self.keep(&parameter(&answer.path, "code").unwrap());
        let tokens = self.service.redeem(&code).await;
        let access = self.keep(text(&tokens, "access_token"));
        self.keep(text(&tokens, "id_token"));
        self.service.userinfo(&access).await;
        let refresh = self.keep(text(&tokens, "refresh_token"));
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        let tokens = self.asked("/token", &fields).await;
        self.keep(text(&tokens, "access_token"));
        let refresh = self.keep(text(&tokens, "refresh_token"));
        self.asked("/revoke", &[("token", &refresh)]).await;
        self.keep_all(&browser);
        browser
    }

    /// What an endpoint tells the agency.
    async fn asked(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let own = [
            ("client_id", "external"),
            ("client_secret", self.service.client_secret()),
        ];
        self.service.post(path, &[fields, &own].concat()).await
    }

    /// A sheet of codes, another app, another address, another password; the sheet.
    async fn on_the_own_page(&mut self, browser: &mut Browser) -> Vec<String> {
        let page = browser.get("/account/recovery-codes").await;
        let told = browser.submit(&page, "/account/recovery-codes", &[]).await;
        let sheet: Vec<String> = told.body.split("<samp>").skip(1).map(until_tag).collect();
        assert_eq!(sheet.len(), 10);
        for code in &sheet {
            self.keep(code);
            self.keep(&code.replace('-', ""));
        }
        let page = browser.get("/account/codes/new").await;
        let seed = self.keep(&until_tag(page.body.split("<samp>").nth(1).unwrap()));
        let typed = [("name", "Tableta"), ("code", &*shown_by(&seed))];
        browser.submit(&page, "/account/codes/new", &typed).await;
        let page = browser.get("/account/contacts/new").await;
        let typed = [("email", "otra@correo.example")];
        let page = browser.submit(&page, "/account/contacts/new", &typed).await;
        let letter = self.letter(|text| text.contains("Escribe ")).await;
        let code = letter.split("Escribe ").nth(1).unwrap();
        let typed = [("code", &code[..6])];
        browser.submit(&page, "/account/contacts/code", &typed).await;
        let page = browser.get("/account/password").await;
        let new = self.keep("otra lluvia sobre otro techo");
        let done = browser
            .submit(&page, "/account/password", &[("password", &new)])
            .await;
        assert!(done.body.contains("Cambiaste tu contraseña."), "{}", done.body);
        self.keep_all(browser);
        sheet
    }

    /// A device that shows a code.
    async fn on_a_television(&mut self, browser: &mut Browser) {
        let client = json!([{
            "client_id": "television", "client_name": "Televisión", "token_endpoint_auth_method": "none",
            "grant_types": [TELEVISION, "refresh_token"], "scope": "openid profile", "redirect_uris": [],
            "client_uri": "https://canal.example",
        }]);
        let arguments = ["client", "create", "--from", "-", "--json"];
        let told = self.service.told(&arguments, &client.to_string());
        assert!(told.contains("television"), "{told}");
        let own = ("client_id", "television");
        let fields = [own, ("scope", "openid profile")];
        let waiting = self.service.post("/device_authorization", &fields).await;
        let device = self.keep(text(&waiting, "device_code"));
        let typed = self.keep(text(&waiting, "user_code"));
        let page = browser.get("/device").await;
        let page = browser.submit(&page, "/device", &[("user_code", &typed)]).await;
        browser
            .submit(&page, "/device/decide", &[("decision", "allow")])
            .await;
        let fields = [own, ("grant_type", TELEVISION), ("device_code", &device)];
        let tokens = self.service.post("/token", &fields).await;
        self.keep(text(&tokens, "access_token"));
        self.keep(text(&tokens, "refresh_token"));
        self.keep_all(browser);
    }

    /// A mailed code, a saved one, the wait and the code that takes it up again.
    async fn recovering(&mut self, sheet: &[String]) {
        let mut browser = Browser::new(&self.service);
        let page = browser.get("/recover/begin").await;
        let typed = [("national_id", "11.111.111-1")];
        let page = browser.submit(&page, "/recover/begin", &typed).await;
        let page = browser.submit(&page, "/recover/proof/ask", &[]).await;
        let letter = self.letter(|text| code_in(text).is_some()).await;
        let mailed = self.keep(code_in(&letter).unwrap());
        let page = browser
            .submit(&page, "/recover/proof/code", &[("code", &mailed)])
            .await;
        let wait = browser
            .submit(&page, "/recover/proof/code", &[("code", &sheet[0])])
            .await;
        assert_eq!(wait.path, "/recover/wait", "{}", wait.body);
        let resume = wait.body.split("id=\"resume-code\">").nth(1).unwrap();
        self.keep(&until_tag(resume));
        self.letter(|text| text.contains("Con él la detienes")).await;
        self.keep_all(&browser);
    }

    /// Somebody new, with a code that was handed to them.
    async fn opening_an_account(&mut self) {
        let told = self.service.command(&[&NEWCOMER[..], &["--on-screen"]].concat());
        let code = self.keep(&labelled(&told, "code"));
        let mut browser = Browser::new(&self.service);
        let door = browser.get("/activate").await;
        let typed = [("national_id", "22.222.222-2"), ("code", code.as_str())];
        let first = browser.submit(&door, "/activate", &typed).await;
        self.keep(&parameter(&first.path, "activation").unwrap_or_else(|| panic!("{}", first.path)));
        let path = first.path.replace("/activate/passkey", "/activate/password");
        let page: Page = browser.get(&path).await;
        let seed = page.body.split("secret=").nth(1).unwrap();
        let seed = self.keep(seed.split(['&', '"']).next().unwrap());
        let password = self.keep("agua que corre bajo el puente");
        let typed = [("password", password.as_str()), ("code", &*shown_by(&seed))];
        let done = browser.submit(&page, "/activate/password", &typed).await;
        assert!(done.path.starts_with("/activate/done"), "{}", done.body);
        self.keep_all(&browser);
    }

    /// What operators are told once.
    fn at_the_command_line(&mut self) {
        for (arguments, label) in [
            (&["staff", "invite", "--role", "operator"][..], "token"),
            (&["client", "rotate-secret", "external"], "client_secret"),
            (
                &["client", "token", "create", "--host", "agency.example"],
                "bearer value",
            ),
        ] {
            let told = self.service.command(arguments);
            let value = labelled(&told, label);
            let mut words = value.split_whitespace();
            self.keep(words.next().unwrap());
        }
    }

    /// The text of the first letter that is asked for; the secrets of the links in all of them are kept.
    async fn letter(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let mut found = None;
            let letters = std::fs::read_dir(self.service.path("letters"));
            let mut names: Vec<_> = letters
                .map(|all| all.map(|one| one.unwrap().path()).collect())
                .unwrap_or_default();
            names.sort();
            for name in &names {
                let Ok(letter) = std::fs::read_to_string(name) else {
                    continue;
                };
                for word in letter.split_whitespace() {
                    for name in ["token", "t", "c", "code"] {
                        let secret = parameter(word, name);
                        self.secrets.extend(secret.filter(|secret| secret.len() >= 8));
                    }
                }
                found = found.or(wanted(&letter).then_some(letter));
            }
            if let Some(letter) = found {
                return letter;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no such letter");
    }
}

/// The first thing that looks like a code of two groups of four.
fn code_in(letter: &str) -> Option<&str> {
    let mut words = letter.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_code = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        let plain = |group: &&str| {
            group.len() == 4
                && group
                    .chars()
                    .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        };
        groups.len() == 2 && groups.iter().all(plain)
    };
    words.find(is_code)
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name}: {answer}"))
}

fn until_tag(text: &str) -> String {
    text.split('<').next().unwrap().trim().to_owned()
}

/// What an app with this seed shows now.
fn shown_by(seed: &str) -> String {
    let now = idp::world::Clock::now(&idp::world::SystemClock);
    Seed::from_base32(&seed.replace(' ', "")).unwrap().code_for(now.0)
}
