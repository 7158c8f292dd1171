//! npm `oidc-provider` under the same scenarios: what another good implementation costs on this machine.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use url::Url;

use super::{
    cpu,
    load::CONNECTIONS,
    prepare::REDIRECT,
    scenarios::{Client, Paths, Seat, Target, question},
};
use crate::browser::{Browser, Page, Trouble};

/// The running provider; stopped when dropped.
pub struct Peer {
    child: Child,
    /// Kept open: it may say more, and would end if nobody could hear it.
    _told: BufReader<ChildStdout>,
    /// What to ask it.
    pub target: Target,
}

/// Starts it and logs in once for each connection. The conformance suite has it among its packages.
pub fn start() -> Result<Peer, Trouble> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tests.join("conformance");
    if !folder.join("node_modules/oidc-provider").exists() {
        let done = std::process::Command::new("npm")
            .arg("ci")
            .current_dir(&folder)
            .status()?;
        if !done.success() {
            return Err("npm ci in tests/conformance failed".into());
        }
    }
    let mut child = cpu::on_core(cpu::SERVER, Path::new("node"))
        .args(["provider.mjs", REDIRECT])
        .current_dir(tests.join("bench"))
        .env("NODE_ENV", "production")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    let mut told = BufReader::new(child.stdout.take().ok_or("no output")?);
    told.read_line(&mut line)?;
    let issuer = Url::parse(line.trim())?;
    let address = format!("127.0.0.1:{}", issuer.port().unwrap_or(80)).parse()?;
    let client = |id: &str| Client {
        id: id.to_owned(),
        secret: "a-secret-of-the-bench-and-of-nobody-else".to_owned(),
    };
    let web = client("web");
    let mut seats = Vec::new();
    for _ in 0..CONNECTIONS {
        let browser = Browser::stopping_at(REDIRECT)?;
        match browser.open(&issuer.join(&question("/auth", &web))?)? {
            Page::Gone(_) => {}
            Page::Here { markup, .. } => return Err(format!("the peer asks something: {markup}").into()),
        }
        let cookie = browser.cookies(&issuer.join("/auth")?).ok_or("no cookies")?;
        seats.push(Seat { cookie });
    }
    let pid = child.id();
    Ok(Peer {
        child,
        _told: told,
        target: Target {
            address,
            pid,
            paths: Paths {
                discovery: "/.well-known/openid-configuration",
                jwks: "/jwks",
                authorize: "/auth",
                token: "/token",
                userinfo: "/me",
                introspect: "/token/introspection",
            },
            web,
            machine_es256: Some(client("machine-es256")),
            machine_rs256: Some(client("machine-rs256")),
            seats,
        },
    })
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
