//! `keys-dev up` from outside, with stand-ins for the three services: what it writes, when it stops, what it says.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

/// Answers every command as the services do; `serve` listens where its configuration says.
const STAND_IN: &str = r#"#!/usr/bin/env python3
import http.server, pathlib, ssl, sys, tomllib
config = tomllib.load(open(sys.argv[sys.argv.index("--config") + 1], "rb"))
here = pathlib.Path(sys.argv[0]).resolve().parent
if "--csr-dir" in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--csr-dir") + 1])
    for request in here.glob("*.csr"):
        (folder / request.name).write_bytes(request.read_bytes())
if len(sys.argv) > 3 and sys.argv[3] != "serve":
    sys.exit(0)
if (here / "die").exists() and "signer" in sys.argv[0]:
    print("the roof fell in", file=sys.stderr)
    sys.exit(3)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
host, port = config["listen"].rsplit(":", 1)
server = http.server.HTTPServer((host, int(port)), Ready)
if "tls" in config:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(config["tls"]["certificate"], config["tls"]["key"])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"#;

/// A folder with the real `keys-dev` and three stand-ins beside it.
struct Stage {
    folder: tempfile::TempDir,
    ports: [u16; 3],
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        place(
            Path::new(env!("CARGO_BIN_EXE_keys-dev")),
            &folder.path().join("keys-dev"),
        );
        let script = folder.path().join("stand-in");
        fs::write(&script, STAND_IN).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("examples")).unwrap();
        for name in ["idp", "signer", "examples/agency"] {
            place(&script, &folder.path().join(name));
        }
        for official in ["15482937-7", "9876543-3"] {
            let key = rcgen::KeyPair::generate().unwrap();
            let request = rcgen::CertificateParams::default()
                .serialize_request(&key)
                .unwrap();
            fs::write(
                folder.path().join(format!("{official}.csr")),
                request.pem().unwrap(),
            )
            .unwrap();
        }
        Self {
            folder,
            ports: [(); 3].map(|()| free_port()),
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.folder.path().join("keys-dev"));
        command
            .arg("up")
            .arg("--no-build")
            .arg("--state")
            .arg(self.state());
        command
            .arg("--ports")
            .arg(self.ports.map(|port| port.to_string()).join(","));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts and waits for `stack.json`.
    fn up(&self) -> (Child, Value) {
        self.up_with(&[])
    }

    fn up_with(&self, options: &[&str]) -> (Child, Value) {
        let path = self.state().join("stack.json");
        let before = fs::metadata(&path).and_then(|file| file.modified()).ok();
        let mut child = self.command().args(options).spawn().unwrap();
        let start = Instant::now();
        while fs::metadata(&path).and_then(|file| file.modified()).ok() == before || !path.exists() {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended: {:?}",
                child.wait_with_output()
            );
            assert!(start.elapsed() < Duration::from_secs(30), "no stack.json");
            std::thread::sleep(Duration::from_millis(20));
        }
        (child, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())
    }
}

/// Copies a program in a process of its own: had this one the copy open for writing, a child that another test starts
/// at that moment would hold it too, and the copy could not be run yet.
fn place(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
}

/// A port that is free and that no other test of this run is given. Below the ephemeral range: a connection that
/// somebody opens does not take it away between two starts.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 1_000).unwrap() * 10;
    std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}

fn stop(child: Child, signal: Signal) -> Output {
    kill_process(Pid::from_child(&child), signal).unwrap();
    child.wait_with_output().unwrap()
}

fn alive(stack: &Value, service: &str) -> bool {
    let pid = stack
        .pointer(&format!("/pids/{service}"))
        .and_then(Value::as_i64)
        .unwrap();
    test_kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()).is_ok()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn certificate(state: &Path) -> String {
    fs::read_to_string(state.join("pki/officials/15482937-7.pem")).unwrap()
}

#[test]
fn stack_json_has_the_keys_that_harnesses_read() {
    let stage = Stage::set();
    let (child, stack) = stage.up();
    stop(child, Signal::INT);
    for pointer in [
        "/idp/issuer",
        "/signer/url",
        "/agency/url",
        "/clients/0/client_id",
        "/clients/0/client_secret",
        "/clients/0/redirect_uris/0",
        "/clients/0/token_endpoint_auth_method",
        "/citizens/2/national_id",
        "/citizens/0/password",
        "/citizens/0/totp_secret",
        "/citizens/0/given_name",
        "/citizens/0/family_name",
        "/citizens/0/email",
        "/officials/1/institution",
        "/officials/1/position",
        "/pki/root",
    ] {
        assert!(
            stack.pointer(pointer).is_some_and(Value::is_string),
            "{pointer} in {stack}"
        );
    }
    assert_eq!(stack.pointer("/clients/1/client_id").unwrap(), "external");
    assert_eq!(
        stack.pointer("/clients/1/redirect_uris/0").unwrap(),
        "http://localhost:9000/callback"
    );
}

#[test]
fn ctrl_c_and_sigterm_stop_all_three_and_count_as_success() {
    let stage = Stage::set();
    for signal in [Signal::INT, Signal::TERM] {
        let (child, stack) = stage.up();
        assert!(
            ["idp", "signer", "agency"]
                .iter()
                .all(|service| alive(&stack, service))
        );
        let output = stop(child, signal);
        assert!(output.status.success(), "{}", said(&output));
        assert!(
            !["idp", "signer", "agency"]
                .iter()
                .any(|service| alive(&stack, service))
        );
    }
}

#[test]
fn a_second_start_keeps_people_clients_and_certificates() {
    let stage = Stage::set();
    let (child, first) = stage.up();
    let issued = certificate(&stage.state());
    stop(child, Signal::TERM);
    let (child, second) = stage.up();
    stop(child, Signal::TERM);
    for part in ["citizens", "officials", "clients"] {
        assert_eq!(first.get(part), second.get(part), "{part}");
    }
    assert_eq!(certificate(&stage.state()), issued);
}

#[test]
fn the_same_state_starts_with_https_under_its_own_root() {
    let stage = Stage::set();
    let (child, plain) = stage.up();
    stop(child, Signal::TERM);
    let (child, tls) = stage.up_with(&["--tls"]);
    stop(child, Signal::TERM);
    assert!(
        tls.pointer("/idp/issuer")
            .and_then(Value::as_str)
            .is_some_and(|issuer| issuer.starts_with("https://"))
    );
    assert_ne!(
        plain.pointer("/clients/0/client_id"),
        tls.pointer("/clients/0/client_id"),
        "another address, another client"
    );
    assert_eq!(plain.get("citizens"), tls.get("citizens"));
}

#[test]
fn a_service_that_dies_at_start_is_named_with_the_end_of_its_log() {
    let stage = Stage::set();
    fs::write(stage.folder.path().join("die"), "").unwrap();
    let output = stage.command().output().unwrap();
    let words = said(&output);
    assert!(
        !output.status.success() && words.contains("signer") && words.contains("the roof fell in"),
        "{words}"
    );
}

#[test]
fn a_service_that_dies_later_is_named_and_the_others_are_stopped() {
    let stage = Stage::set();
    let (child, stack) = stage.up();
    let pid = stack.pointer("/pids/idp").and_then(Value::as_i64).unwrap();
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        !output.status.success() && said(&output).contains("idp stopped by itself"),
        "{}",
        said(&output)
    );
    assert!(!alive(&stack, "signer") && !alive(&stack, "agency"));
}

#[test]
fn a_taken_port_is_named_before_anything_is_made() {
    let stage = Stage::set();
    let [_, signer, _] = stage.ports;
    let _held = TcpListener::bind((Ipv4Addr::LOCALHOST, signer)).unwrap();
    let output = stage.command().output().unwrap();
    let words = said(&output);
    assert!(
        words.contains(&signer.to_string()) && words.contains("signer") && words.contains("--ports"),
        "{words}"
    );
    assert!(!stage.state().join("people.json").exists());
}

#[test]
fn two_at_once_on_one_state_are_refused() {
    let stage = Stage::set();
    let (child, _stack) = stage.up();
    let output = stage.command().output().unwrap();
    stop(child, Signal::TERM);
    assert!(
        !output.status.success() && said(&output).contains("another `keys-dev up`"),
        "{}",
        said(&output)
    );
}
