//! The Rust program of the agency's guide: the same as the example of the sdk, and it works.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tests::browser::{Browser, Page, Trouble};
use tests::stack::Stack;
use url::Url;

const GUIDE: &str = include_str!("../../idp/src/manual/agency.md");
const EXAMPLE: &str = include_str!("../../sdk/examples/first_day.rs");

/// The guide's program, without the line that says where it stands.
fn program() -> &'static str {
    let after = GUIDE
        .split("<!-- first_day.rs -->\n```rust,ignore\n")
        .nth(1)
        .unwrap();
    after.split("```").next().unwrap()
}

#[test]
fn the_guide_shows_the_example_letter_by_letter() {
    let (_, code) = EXAMPLE.split_once("\n\n").unwrap();
    assert_eq!(program(), code);
}

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Where `cargo test` puts examples: beside the folder of this test.
fn built() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let example = here.parent()?.parent()?.join("examples/first_day");
    example.exists().then_some(example)
}

/// Registers a client that comes back to `url`, by the idp's own command; gives its id and secret.
fn client(stack: &Stack, url: &str) -> Result<(String, String), Trouble> {
    let name = format!("guide-{}", std::process::id());
    let secret = "a-secret-of-the-guides-test-only";
    let registration = json!({
        "client_id": name, "client_secret": secret, "client_name": "Agencia de la guía", "client_uri": url,
        "redirect_uris": [format!("{url}/login/callback")], "post_logout_redirect_uris": [format!("{url}/")],
        "scope": "openid profile national_id",
    });
    let idp = Path::new(stack.text("/tools/verify"))
        .parent()
        .unwrap()
        .join("idp");
    let config = Path::new(stack.text("/state")).join("idp/idp.toml");
    let mut command = Command::new(idp);
    command.arg("--config").arg(config);
    command.args(["client", "create", "--from", "-", "--if-absent", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(registration.to_string().as_bytes())?;
    if !child.wait()?.success() {
        return Err("idp client create failed".into());
    }
    Ok((name, secret.to_owned()))
}

/// Opens an address as soon as somebody listens there.
fn open(browser: &Browser, url: &Url) -> Result<Page, Trouble> {
    for _ in 0..100 {
        if let Ok(page) = browser.open(url) {
            return Ok(page);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    browser.open(url)
}

#[test]
fn a_citizen_logs_into_the_guides_program() -> Result<(), Trouble> {
    let Some(stack) = Stack::running() else {
        return Ok(());
    };
    let Some(example) = built() else {
        println!("skipped: the sdk's examples are not built (cargo test --workspace builds them)");
        return Ok(());
    };
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let url = format!("http://localhost:{port}");
    let (id, secret) = client(&stack, &url)?;
    let mut command = Command::new(example);
    command
        .env("AVAL_ISSUER", stack.text("/idp/issuer"))
        .env("AGENCY_URL", &url);
    command
        .env("AVAL_CLIENT_ID", id)
        .env("AVAL_CLIENT_SECRET", secret);
    let _running = Running(command.spawn()?);

    let browser = Browser::stopping_at("nowhere:")?;
    let mut page = open(&browser, &Url::parse(&url)?)?;
    let (number, password) = (
        stack.text("/citizens/0/national_id"),
        stack.text("/citizens/0/password"),
    );
    for _ in 0..6 {
        page = match page {
            page if page.asks("password") => browser.submit(
                &page,
                "password",
                &[("national_id", number), ("password", password)],
            )?,
            page if page.asks("code") => browser.submit(&page, "code", &[("code", &stack.code(0)?)])?,
            page if page.asks("decision") => browser.submit(&page, "decision", &[("decision", "allow")])?,
            page => {
                let Page::Here { markup, .. } = &page else {
                    return Err("sent away".into());
                };
                let given = stack.text("/citizens/0/given_name");
                let family = stack.text("/citizens/0/family_name");
                assert_eq!(markup.trim(), format!("Hola, {given} {family} ({number})"));
                return Ok(());
            }
        };
    }
    Err("asked six times".into())
}
