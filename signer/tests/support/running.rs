//! The real program, serving in a process of its own, and asked over the wire.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A service that is killed when it goes out of scope.
pub struct Running {
    child: Child,
    address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// As sent, in small letters.
    pub head: String,
    pub body: String,
}

impl Running {
    /// Serves by this configuration, in which `listen` is replaced; waits until it is ready.
    pub fn start(folder: &Path, configuration: &str) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let file = folder.join(format!("signer-{}.toml", address.port()));
        std::fs::write(
            &file,
            configuration.replace("\"127.0.0.1:0\"", &format!("\"{address}\"")),
        )
        .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_signer"))
            .args(["serve", "--config"])
            .arg(file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Self { child, address };
        let begun = Instant::now();
        while !running.answers() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "the service does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    fn answers(&self) -> bool {
        TcpStream::connect(self.address).is_ok() && self.ask("GET", "/readyz", "", &[]).status == 200
    }

    /// `headers` are whole lines, each with its end.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:8081\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
            body.len()
        );
        // Whoever is refused may be cut off while sending; the answer is there all the same.
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        let told = String::from_utf8(told).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap_or((&told, ""));
        Answer {
            status: head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// The report on a document.
    pub fn report(&self, document: &[u8]) -> Value {
        let answer = self.ask("POST", "/api/verify", "", document);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The page on a document, in Spanish.
    pub fn page(&self, document: &[u8]) -> String {
        let mut body =
            b"--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.pdf\"\r\n\r\n".to_vec();
        body.extend_from_slice(document);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let headers = "Content-Type: multipart/form-data; boundary=x\r\nAccept: text/html\r\n";
        self.ask("POST", "/verify", headers, &body).body
    }

    /// Asks again and again until the first signature's report has this value.
    pub fn until(&self, document: &[u8], name: &str, value: &str) -> Value {
        let begun = Instant::now();
        loop {
            let report = self.report(document);
            if report["signatures"][0][name] == value {
                return report;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{report}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
