//! HTTP/1.1 on one kept connection, as little as the figures need: a driver that costs more than the service measures
//! itself.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::browser::Trouble;

/// A connection that is kept.
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Status line and header fields.
    pub head: String,
    /// The content.
    pub body: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn to(address: SocketAddr) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends one request and waits for its answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<Answer, Trouble> {
        self.stream.write_all(request)?;
        self.received.clear();
        let end = loop {
            if let Some(end) = find(&self.received, b"\r\n\r\n") {
                break end;
            }
            self.more()?;
        };
        let head = std::str::from_utf8(self.received.get(..end).unwrap_or_default())?.to_owned();
        let body_begins = end.saturating_add(4);
        let status = head.get(9..12).ok_or("no status")?.parse()?;
        let answer = |body| Answer {
            status,
            head: head.clone(),
            body,
        };
        if let Some(length) = field(&head, "content-length") {
            let all = body_begins.saturating_add(length.parse::<usize>()?);
            while self.received.len() < all {
                self.more()?;
            }
            return Ok(answer(
                self.received.get(body_begins..all).unwrap_or_default().to_vec(),
            ));
        }
        if field(&head, "transfer-encoding").is_some() {
            return Ok(answer(self.chunks(body_begins)?));
        }
        Ok(answer(Vec::new()))
    }

    fn chunks(&mut self, mut at: usize) -> Result<Vec<u8>, Trouble> {
        let mut body = Vec::new();
        loop {
            let rest = self.received.get(at..).unwrap_or_default();
            let Some(line) = find(rest, b"\r\n") else {
                self.more()?;
                continue;
            };
            let size = std::str::from_utf8(rest.get(..line).unwrap_or_default())?;
            let size = usize::from_str_radix(size.trim(), 16)?;
            let begins = at.saturating_add(line).saturating_add(2);
            let ends = begins.saturating_add(size);
            let next = ends.saturating_add(2);
            while self.received.len() < next {
                self.more()?;
            }
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(self.received.get(begins..ends).unwrap_or_default());
            at = next;
        }
    }

    fn more(&mut self) -> Result<(), Trouble> {
        let mut piece = [0; 16 * 1024];
        let read = self.stream.read(&mut piece)?;
        if read == 0 {
            return Err("the connection was closed".into());
        }
        self.received
            .extend_from_slice(piece.get(..read).unwrap_or_default());
        Ok(())
    }
}

impl Answer {
    /// A header field, by its name in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }

    /// The answer itself, if it has this status.
    pub fn expect(self, status: u16) -> Result<Self, Trouble> {
        if self.status == status {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(format!("{status} was due:\n{}\n\n{body}", self.head).into())
    }

    /// Every value of a header field that may come several times, by its name in lower case.
    pub fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.split("\r\n").skip(1).filter_map(move |line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The content as JSON.
    pub fn json(&self) -> Result<serde_json::Value, Trouble> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// The bytes of a GET.
pub fn get(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    head("GET", path, fields).into_bytes()
}

/// The bytes of a POST of a form.
pub fn post(path: &str, fields: &[(&str, &str)], form: &[(&str, &str)]) -> Vec<u8> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let length = body.len().to_string();
    let mut all = vec![
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", &length),
    ];
    all.extend_from_slice(fields);
    (head("POST", path, &all) + &body).into_bytes()
}

fn head(method: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|piece| piece == what)
}

/// Longer than the service itself waits for its database.
const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &'static str) -> Answer {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _asked = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
        });
        let answer = Wire::to(address).unwrap().ask(&get("/", &[])).unwrap();
        serving.join().unwrap();
        answer
    }

    #[test]
    fn content_of_a_told_length_is_read() {
        let answer = answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"{}".as_slice()));
    }

    #[test]
    fn content_in_chunks_is_read() {
        let answer = answered(
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{\"a\r\n3\r\n\":1\r\n1\r\n}\r\n0\r\n\r\n",
        );
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (201, b"{\"a\":1}".as_slice())
        );
    }
}
