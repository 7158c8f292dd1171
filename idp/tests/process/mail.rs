//! Letters by the real binary: a mail server that is down, hangs up and comes back, a provider that is killed meanwhile,
//! and the letter arrives, within a minute of when it could.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use crate::{
    binary::{Browser, Service},
    run,
};

/// A letter as a mail server got it.
struct Received {
    to: String,
    bytes: String,
}

/// What a mail server does with a caller.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    HangsUp,
    SaysLater,
    Takes,
}

/// Serves the first caller that comes in time; `None` when nobody does, or when no letter was taken.
fn serve(listener: &TcpListener, manner: Manner, patience: Duration) -> Result<Option<Received>, ()> {
    listener.set_nonblocking(true).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < patience {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        return Ok(talk(stream, manner));
    }
    Err(())
}

/// RFC 5321, as much of it as a letter needs.
fn talk(mut stream: TcpStream, manner: Manner) -> Option<Received> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    say("220 mail.example ESMTP");
    let mut to = String::new();
    while let Some(Ok(line)) = lines.next() {
        match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => say("250 mail.example"),
            "MAIL" if manner == Manner::HangsUp => return None,
            "MAIL" if manner == Manner::SaysLater => say("451 4.3.0 later"),
            "MAIL" => say("250 2.1.0 yes"),
            "RCPT" => {
                to = line;
                say("250 2.1.5 yes");
            }
            "DATA" => {
                say("354 go on");
                let text: Vec<String> = lines
                    .by_ref()
                    .map_while(Result::ok)
                    .take_while(|line| line != ".")
                    .collect();
                say("250 2.0.0 taken");
                return Some(Received {
                    to,
                    bytes: text.join("\n"),
                });
            }
            _ => say("221 2.0.0 bye"),
        }
    }
    None
}

/// A citizen adds an address: a letter with a code is due.
async fn ask_for_a_letter(service: &Service) {
    let mut browser = Browser::new(service);
    let login = browser.get("/account").await;
    let typed = [("national_id", "11111111-1"), ("password", service.password())];
    let second = browser.submit(&login, "/login?", &typed).await;
    browser
        .submit(&second, "/login/code", &[("code", &service.code())])
        .await;
    let page = browser.get("/account/contacts/new").await;
    browser
        .submit(
            &page,
            "/account/contacts/new",
            &[("email", "otra@correo.example")],
        )
        .await;
}

#[test]
fn a_letter_survives_that_the_mail_server_is_down_and_the_provider_killed() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut service = Service::new();
        service.configure_more(&format!(
            "[mail]\nfrom = \"Aval <avisos@id.example>\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n"
        ));
        service.start();
        ask_for_a_letter(&service).await;
        service.kill();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        service.start();
        // At most until the claim of the dead process has run out.
        let first = serve(&listener, Manner::HangsUp, Duration::from_secs(60));
        assert!(first.expect("a caller").is_none());
        let second = serve(&listener, Manner::SaysLater, Duration::from_secs(30));
        assert!(second.expect("a caller").is_none());
        let third = serve(&listener, Manner::Takes, Duration::from_secs(30));
        let letter = third.expect("a caller").expect("a letter");
        assert!(letter.to.contains("<otra@correo.example>"), "{}", letter.to);
        for line in [
            "From: Aval <avisos@id.example>",
            "Auto-Submitted: auto-generated",
            "text/plain",
        ] {
            assert!(letter.bytes.contains(line), "{line} in {}", letter.bytes);
        }
        assert!(letter.bytes.contains("@id.example>"), "a Message-ID of our own");
        assert!(
            serve(&listener, Manner::Takes, Duration::from_secs(5)).is_err(),
            "once it is taken, it is over"
        );
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}
