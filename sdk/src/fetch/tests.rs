//! Against servers on this machine that do one thing wrong at a time.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};

use sdk_document::{Certificate, Time};
use time::macros::datetime;

use super::*;

const NOW: Time = datetime!(2026-11-21 12:00 UTC);
const CA: &str = include_str!("../../pki/tests/trusted_lists/data/ca.pem");

/// Answers every request like this, `{port}` standing for its own; says how many requests came.
fn server(answer: &str) -> (u16, std::sync::Arc<AtomicU32>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = answer.replace("{port}", &port.to_string());
    let count = std::sync::Arc::new(AtomicU32::new(0));
    let counted = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            counted.fetch_add(1, Ordering::Relaxed);
            // Whoever is cut off hangs up.
            let _ = stream.write_all(answer.as_bytes());
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
    });
    (port, count)
}

/// Only 127.0.0.1 stands for the public internet here.
fn guarded() -> Guarded {
    Guarded::reaching(|address| address == Ipv4Addr::LOCALHOST)
        .unwrap()
        .patient_for(Duration::from_millis(1500))
}

fn issuer(guarded: &Guarded, address: &str) -> Result<Vec<u8>, Unfetched> {
    guarded.fetch(&Wanted::Issuer { address })
}

#[test]
fn what_is_there_is_fetched() {
    let (port, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    let found = issuer(&guarded(), &format!("http://127.0.0.1:{port}/ca.crt"));
    assert_eq!(found, Ok(b"hello".to_vec()));
}

#[test]
fn row_61_private_addresses_are_not_called() {
    let (port, count) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let public = Guarded::new().unwrap().patient_for(Duration::from_secs(2));
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "10.0.0.1",
    ] {
        let found = issuer(&public, &format!("http://{host}:{port}/"));
        assert_eq!(found, Err(Unfetched::NotPublic), "{host}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 0);
    let everywhere = Guarded::including_private().unwrap();
    assert_eq!(
        issuer(&everywhere, &format!("http://127.0.0.1:{port}/")),
        Ok(Vec::new())
    );
}

#[test]
fn row_61_other_schemes_and_credentials_are_not_called() {
    for address in [
        "ldap://127.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://a:b@127.0.0.1/",
        "no address",
    ] {
        assert_eq!(issuer(&guarded(), address), Err(Unfetched::Address), "{address}");
    }
}

#[test]
fn row_61_a_redirect_is_followed_by_the_same_rules() {
    let (there, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let redirect = |to: &str| {
        server(&format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    };
    for (to, expected) in [
        (format!("http://127.0.0.1:{there}/"), Ok(b"ok".to_vec())),
        (format!("http://127.0.0.2:{there}/"), Err(Unfetched::NotPublic)),
        (
            "http://169.254.169.254/latest".to_owned(),
            Err(Unfetched::NotPublic),
        ),
        ("file:///etc/passwd".to_owned(), Err(Unfetched::Address)),
        (
            "http://127.0.0.1:{port}/again".to_owned(),
            Err(Unfetched::Redirects),
        ),
    ] {
        let (port, count) = redirect(&to);
        assert_eq!(
            issuer(&guarded(), &format!("http://127.0.0.1:{port}/")),
            expected,
            "{to}"
        );
        assert!(
            count.load(Ordering::Relaxed) <= 4,
            "the first call and three redirects"
        );
    }
}

#[test]
fn row_61_an_answer_is_bounded_in_size_and_time() {
    let (long, _) = server(&format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        "x".repeat(300 * 1024)
    ));
    assert_eq!(
        issuer(&guarded(), &format!("http://127.0.0.1:{long}/")),
        Err(Unfetched::TooLarge)
    );
    let (slow, _) = server("");
    assert_eq!(
        issuer(&guarded(), &format!("http://127.0.0.1:{slow}/")),
        Err(Unfetched::TooSlow)
    );
    let (wrong, _) = server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert_eq!(
        issuer(&guarded(), &format!("http://127.0.0.1:{wrong}/")),
        Err(Unfetched::Status(404))
    );
}

#[test]
fn after_many_calls_there_is_an_end() {
    let guarded = guarded();
    guarded.left.store(0, Ordering::Relaxed);
    assert_eq!(issuer(&guarded, "http://127.0.0.1:1/"), Err(Unfetched::TooMany));
}

#[test]
fn what_was_fetched_is_kept_for_a_time_and_asked_for_again_after() {
    let folder = std::env::temp_dir().join(format!("aval-fetch-{}", std::process::id()));
    let certificate = Certificate::from_pem(CA).unwrap().pop().unwrap();
    let pem = CA.replace('\n', "\r\n");
    let (port, count) = server(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{pem}",
        pem.len()
    ));
    let address = format!("http://127.0.0.1:{port}/ca.crt");
    let cache = Cache::open(&folder, NOW).unwrap();
    let wanted = Wanted::Issuer { address: &address };
    // Not what was asked for (PEM is read, but not kept): fetched, and not held.
    let guarded = guarded().cached(cache.clone());
    assert!(guarded.fetch(&wanted).is_ok() && cache.held(&wanted).is_none());
    cache.keep(&wanted, certificate.der());
    assert_eq!(guarded.fetch(&wanted).unwrap(), certificate.der());
    assert_eq!(
        count.load(Ordering::Relaxed),
        1,
        "the second answer is the one that was kept"
    );
    assert!(cache.held(&Wanted::List { address: &address }).is_none());
    let soon = Cache::open(&folder, NOW.saturating_add(time::Duration::minutes(59))).unwrap();
    assert!(soon.held(&wanted).is_some());
    let later = Cache::open(&folder, NOW.saturating_add(time::Duration::minutes(61))).unwrap();
    assert!(later.held(&wanted).is_none());
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        0,
        "what is no longer good was removed"
    );
    std::fs::remove_dir(&folder).unwrap();
}
