//! Bytes that no honest client sends, over TCP: refused or hung up on, and the next visitor is served at once.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::binary::Service;

/// Sends and reads until the other side hangs up or says nothing for a while.
fn exchange(service: &Service, sent: &[u8]) -> String {
    let mut stream = service.connect();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    // The other side may hang up while we are still sending.
    let _sent = stream.write_all(sent);
    read(&mut stream)
}

fn read(stream: &mut TcpStream) -> String {
    let (mut answer, mut part) = (Vec::new(), [0; 4_096]);
    while let Ok(read @ 1..) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn is_well(service: &Service) {
    let begun = Instant::now();
    let answer = exchange(
        service,
        b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // A hundred milliseconds on a machine of its own; tests share theirs.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

fn started() -> Service {
    let mut service = Service::new();
    service.start();
    service
}

/// How many answers came on one connection.
fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

#[test]
fn row_88_no_second_request_is_read_out_of_the_body_of_the_first() {
    let service = started();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let hidden = "GET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let post = format!("POST /token HTTP/1.1\r\nHost: localhost\r\n{form}");
    let length = hidden.len() + 5;
    for (name, head, body) in [
        (
            "CL.TE",
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "TE.CL",
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "two lengths",
            "Content-Length: 0\r\nContent-Length: 5\r\n".to_owned(),
            hidden.to_owned(),
        ),
        (
            "a length with a sign",
            "Content-Length: +0\r\n".to_owned(),
            hidden.to_owned(),
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: xchunked\r\n".to_owned(),
            hidden.to_owned(),
        ),
        (
            "a coding before the last",
            "Transfer-Encoding: chunked, identity\r\n".to_owned(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "a space before the colon",
            "Transfer-Encoding : chunked\r\n".to_owned(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "a folded line",
            "X: y\r\n Transfer-Encoding: chunked\r\n".to_owned(),
            String::new(),
        ),
    ] {
        let answer = exchange(&service, format!("{post}{head}\r\n{body}").as_bytes());
        assert!(answers(&answer) <= 1, "{name}: {answer}");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{name}: {answer}"
        );
        assert!(!answer.contains("\"keys\""), "{name}: {answer}");
    }
    is_well(&service);
}

#[test]
fn row_88_whoever_says_nothing_is_hung_up_on() {
    let service = started();
    let begun = Instant::now();
    let silent: Vec<(TcpStream, &str)> = ["", "PRI * HTTP/2", "GET / HTTP/1.1\r\n"]
        .map(|said| {
            let mut stream = service.connect();
            stream.write_all(said.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
            (stream, said)
        })
        .into();
    for (mut stream, said) in silent {
        let end = stream.read(&mut [0; 512]);
        let timed_out = matches!(&end, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!timed_out, "{said:?} is still connected");
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    is_well(&service);
}

#[test]
fn row_88_ten_megabytes_and_deep_json_cost_nothing() {
    let mut service = started();
    let before = service.memory_kb();
    for (path, field, value) in [
        ("/token", "code", "x".repeat(10 << 20)),
        ("/login?interaction=x", "password", "x".repeat(10 << 20)),
        ("/login/passkey?interaction=x", "credential", "[".repeat(60_000)),
    ] {
        let length = field.len() + 1 + value.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{field}={value}"
        );
        let answer = exchange(&service, request.as_bytes());
        // Who is still sending may not see the answer: the connection is gone by then.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{path}: {answer}"
        );
    }
    let grown = service.memory_kb().saturating_sub(before);
    assert!(grown < 32_768, "{grown} kB");
    is_well(&service);
    assert!(service.stop());
}

#[test]
fn row_88_streams_that_are_reset_as_soon_as_they_are_opened_end_the_connection() {
    const FRAME_HEADERS: u8 = 1;
    const FRAME_RESET: u8 = 3;
    let service = started();
    let mut stream = service.connect();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).unwrap();
    let mut flood = Vec::new();
    for id in (1_u32..20_001).step_by(2) {
        // RFC 7541 appendix A: ":method GET", ":scheme http", ":path /" are entries 2, 6 and 4 of the static table.
        for (kind, flags, payload) in [
            (FRAME_HEADERS, 5_u8, &[0x82_u8, 0x86, 0x84][..]),
            (FRAME_RESET, 0, &[0, 0, 0, 8][..]),
        ] {
            flood.extend_from_slice(&[0, 0, u8::try_from(payload.len()).unwrap(), kind, flags]);
            flood.extend_from_slice(&id.to_be_bytes());
            flood.extend_from_slice(payload);
        }
    }
    let _sent = stream.write_all(&flood);
    // Ended by the other side (GOAWAY and the end of the stream, or a reset), not by our patience.
    let (mut part, mut patience) = ([0; 4_096], false);
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                patience = error.kind() == std::io::ErrorKind::WouldBlock;
                break;
            }
        }
    }
    assert!(!patience, "the connection goes on");
    is_well(&service);
}
