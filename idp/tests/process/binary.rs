//! The binary in a folder of its own, spoken to over TCP in plain HTTP/1.1: no client library between us and the bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub const CALLBACK: &str = "http://localhost:9000/callback";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The command that makes an activation code for somebody new.
pub const NEWCOMER: [&str; 10] = [
    "activation",
    "create",
    "--national-id",
    "22.222.222-2",
    "--given-name",
    "Ana",
    "--family-name",
    "Soto",
    "--email",
    "ana@correo.example",
];

pub struct Service {
    folder: Arc<tempfile::TempDir>,
    port: u16,
    issuer: String,
    database: String,
    tls: bool,
    log: &'static str,
    running: Option<Child>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Service {
    /// A configured service with a client and a citizen, not running.
    pub fn new() -> Self {
        Self::on("")
    }

    /// The same on another database than the usual file.
    pub fn on(database: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let port = free_port();
        let key = folder.path().join("idp.key");
        std::fs::write(&key, data_encoding::BASE64.encode(&[9; 32])).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let service = Self {
            issuer: format!("http://localhost:{port}"),
            database: database.to_owned(),
            tls: false,
            log: "debug,sqlx=debug",
            folder,
            port,
            running: None,
        };
        service.configure();
        let told = service.enrol();
        assert!(told.iter().all(|told| told[0]["created"] == true), "{told:?}");
        service
    }

    /// Another process of the same service, on the same files and the same database, not running.
    pub fn beside(&self) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            port: free_port(),
            issuer: self.issuer.clone(),
            database: self.database.clone(),
            tls: self.tls,
            log: self.log,
            running: None,
        }
    }

    /// The same service on a host that has nothing but its configuration, its key and this copy of its database; not
    /// running.
    pub fn on_an_empty_host(&self, copy: &Path) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        std::fs::copy(self.path("idp.key"), folder.path().join("idp.key")).unwrap();
        std::fs::copy(copy, folder.path().join("idp.db")).unwrap();
        let mut service = self.beside();
        service.folder = folder;
        service.configure();
        service
    }

    /// With a log of this detail.
    pub fn with_log(mut self, log: &'static str) -> Self {
        self.log = log;
        self
    }

    pub fn with_issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self.configure();
        self
    }

    /// Behind https with a certificate of its own making.
    pub fn with_tls(mut self) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(self.path("tls.pem"), made.cert.pem()).unwrap();
        std::fs::write(self.path("tls.key"), made.signing_key.serialize_pem()).unwrap();
        self.tls = true;
        let issuer = format!("https://localhost:{}", self.port);
        self.with_issuer(&issuer)
    }

    fn configure(&self) {
        let path = self.folder.path().display();
        let file = format!("sqlite://{path}/idp.db");
        let database = if self.database.is_empty() {
            &file
        } else {
            &self.database
        };
        let tls = if self.tls {
            format!("[tls]\ncertificate = \"{path}/tls.pem\"\nkey = \"{path}/tls.key\"\n")
        } else {
            String::new()
        };
        let text = format!(
            "issuer = \"{}\"\nlisten = \"127.0.0.1:{}\"\ndatabase = \"{database}\"\n\
             sealing_key_file = \"{path}/idp.key\"\n{tls}",
            self.issuer, self.port
        );
        std::fs::write(self.path("idp.toml"), text).unwrap();
    }

    /// Adds to the configuration file.
    pub fn configure_more(&self, more: &str) {
        let text = std::fs::read_to_string(self.path("idp.toml")).unwrap();
        std::fs::write(self.path("idp.toml"), format!("{text}{more}")).unwrap();
    }

    /// Creates client and citizen if they are absent; what the commands told.
    pub fn enrol(&self) -> Vec<Value> {
        let client = json!([{
            "client_id": "external", "client_secret": self.client_secret(), "client_name": "Externa",
            "redirect_uris": [CALLBACK], "scope": "openid profile email national_id",
        }]);
        let citizen = json!([{
            "national_id": "11111111-1", "given_name": "María", "family_name": "Ñancupil",
            "email": "maria@correo.example", "password": self.password(), "totp_secret": self.totp_secret(),
        }]);
        let create = |what: &str, input: &Value| {
            let told = self.told(
                &[what, "create", "--from", "-", "--if-absent", "--json"],
                &input.to_string(),
            );
            serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}"))
        };
        vec![create("client", &client), create("citizen", &citizen)]
    }

    pub fn password(&self) -> &'static str {
        "lluvia sobre el techo"
    }

    pub fn totp_secret(&self) -> &'static str {
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    }

    pub fn client_secret(&self) -> &'static str {
        "Zm9yIHRoZSB0ZXN0cyBvbmx5IQ"
    }

    /// The code that an app shows now.
    pub fn code(&self) -> String {
        let now = idp::world::Clock::now(&idp::world::SystemClock);
        idp::rules::totp::Seed::from_base32(self.totp_secret())
            .unwrap()
            .code_for(now.0)
    }

    /// The code of the next step, as soon as it counts: the one of this step may be spent.
    pub async fn next_code(&self) -> String {
        let last = self.code();
        loop {
            let code = self.code();
            if code != last {
                return code;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// A valid authorization request.
    pub fn request(&self) -> String {
        let pairs = [
            ("client_id", "external"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email national_id"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        format!("/authorize?{}", form(&pairs))
    }

    /// What an endpoint for clients answers to a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let (head, body) = exchange(self.port, "POST", path, &[], Some(&form(fields))).await;
        if body.is_empty() {
            return json!({ "head": head });
        }
        serde_json::from_str(&body).unwrap_or_else(|_| panic!("{head} {body}"))
    }

    pub async fn redeem(&self, code: &str) -> Value {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", "external"),
            ("client_secret", self.client_secret()),
        ];
        self.post("/token", &fields).await
    }

    /// The published keys, as they are sent.
    pub async fn published(&self) -> String {
        exchange(self.port, "GET", "/jwks", &[], None).await.1
    }

    pub async fn userinfo(&self, token: &str) -> String {
        let bearer = format!("Authorization: Bearer {token}");
        exchange(self.port, "GET", "/userinfo", &[bearer], None).await.1
    }

    pub fn start(&mut self) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let child = self
            .program()
            .arg("serve")
            .env("IDP_LOG", self.log)
            .stderr(log)
            .spawn()
            .unwrap();
        self.running = Some(child);
        for _ in 0..300 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "did not start: {}",
            std::fs::read_to_string(self.path("log")).unwrap()
        );
    }

    /// Its resident memory in kB.
    pub fn memory_kb(&self) -> u64 {
        let id = self.running.as_ref().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.unwrap().split_whitespace().next().unwrap().parse().unwrap()
    }

    /// A connection to it.
    pub fn connect(&self) -> std::net::TcpStream {
        std::net::TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGTERM; true when it left with success.
    pub fn stop(&mut self) -> bool {
        let mut child = self.running.take().unwrap();
        assert!(
            Command::new("kill")
                .arg(child.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        child.wait().unwrap().success()
    }

    /// Output and errors of a command.
    pub fn command(&self, arguments: &[&str]) -> String {
        let output = self.program().args(arguments).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    /// What a command said, and how it ended.
    pub fn outcome(&self, arguments: &[&str]) -> Outcome {
        let output = self.program().args(arguments).output().unwrap();
        Outcome {
            code: output.status.code(),
            told: String::from_utf8(output.stdout).unwrap(),
            complained: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Keeps a file beside the others; its path.
    pub fn keep(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Where the usual database is.
    pub fn database_file(&self) -> PathBuf {
        self.path("idp.db")
    }

    /// The head of its answer to whoever asks how it is.
    pub async fn health(&self) -> String {
        exchange(self.port, "GET", "/livez", &[], None).await.0
    }

    pub fn told(&self, arguments: &[&str], input: &str) -> String {
        let mut child = self
            .program()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_idp"));
        command.arg("--config").arg(self.path("idp.toml"));
        command.env("IDP__LISTEN", format!("127.0.0.1:{}", self.port));
        command
    }

    /// Every byte it left behind, except its own key and configuration.
    pub fn everything_left(&self) -> Vec<u8> {
        let mut left = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            // Letters are in the citizens' hands, not in ours.
            if path.is_file()
                && path
                    .extension()
                    .is_none_or(|extension| extension != "key" && extension != "toml")
            {
                left.extend(std::fs::read(path).unwrap());
            }
        }
        left
    }

    /// A file of this host.
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit status.
    pub code: Option<i32>,
    /// Its standard output.
    pub told: String,
    /// Its standard error.
    pub complained: String,
}

/// A browser without script that keeps cookies and follows redirects on this service.
pub struct Browser {
    port: u16,
    pub cookies: BTreeMap<String, String>,
    /// Everything that it was ever given to prove itself by: cookies, conversations, tokens of forms.
    pub given: BTreeSet<String>,
}

/// A page after its redirects; the address it would leave to, when it leaves.
#[derive(Debug)]
pub struct Page {
    pub path: String,
    pub body: String,
}

impl Browser {
    pub fn new(service: &Service) -> Self {
        Self {
            port: service.port,
            cookies: BTreeMap::new(),
            given: BTreeSet::new(),
        }
    }

    /// The next request goes to another process of the service.
    pub fn turn_to(&mut self, service: &Service) {
        self.port = service.port;
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.go("GET", path.to_owned(), None).await
    }

    /// Its cookies, as a header.
    pub fn cookie(&self) -> String {
        let jar: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("Cookie: {}", jar.join("; "))
    }

    /// Sends the form whose action begins with `action`, hidden fields included.
    pub async fn submit(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let (action, mut fields) = fields_of(page, action);
        let tokens = fields.iter().filter(|(name, _)| name == "csrf");
        self.given.extend(tokens.map(|(_, value)| value.clone()));
        fields.extend(
            typed
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.go("POST", action, Some(form(&pairs))).await
    }

    async fn go(&mut self, method: &str, path: String, body: Option<String>) -> Page {
        let (mut method, mut path, mut body) = (method.to_owned(), path, body);
        loop {
            self.given.extend(parameter(&path, "interaction"));
            let cookies = self.cookie();
            let (head, text) = exchange(self.port, &method, &path, &[cookies], body.as_deref()).await;
            for line in head.lines() {
                let Some(("set-cookie", cookie)) = line.split_once(": ") else {
                    continue;
                };
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
                // Shorter ones remember a language.
                self.given.extend((value.len() > 16).then(|| value.to_owned()));
            }
            let location = head.lines().find_map(|line| line.strip_prefix("location: "));
            match location {
                Some(next) if next.starts_with('/') => {
                    (method, path, body) = ("GET".to_owned(), next.to_owned(), None)
                }
                Some(next) => {
                    return Page {
                        path: next.to_owned(),
                        body: text,
                    };
                }
                None => return Page { path, body: text },
            }
        }
    }
}

/// Address and hidden fields of the form whose action begins with `action`.
pub fn fields_of(page: &Page, action: &str) -> (String, Vec<(String, String)>) {
    let opening = format!("action=\"{action}");
    let form_text = page.body.split("<form").find(|text| text.contains(&opening));
    let form_text = form_text.unwrap_or_else(|| panic!("no form {action} in {}", page.body));
    let form_text = form_text.split("</form>").next().unwrap();
    let inputs = form_text.split("<input").skip(1);
    let hidden = inputs.filter(|input| input.contains("type=\"hidden\""));
    let fields = hidden.map(|input| (attribute(input, "name"), attribute(input, "value")));
    (attribute(form_text, "action"), fields.collect())
}

/// Sends a form once and follows nothing; the head of the answer.
pub async fn ask(service: &Service, action: &str, cookie: &str, fields: &[(String, String)]) -> String {
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let cookies = [cookie.to_owned()];
    exchange(service.port, "POST", action, &cookies, Some(&form(&pairs)))
        .await
        .0
}

/// The value that stands behind a label on a line of its own.
pub fn labelled(told: &str, label: &str) -> String {
    let line = told
        .lines()
        .find(|line| line.trim_start().starts_with(label))
        .unwrap_or_else(|| panic!("no {label}: {told}"));
    let value = line.trim_start().strip_prefix(label).unwrap();
    value.trim().to_owned()
}

/// One request; head and body of its answer.
async fn exchange(
    port: u16,
    method: &str,
    path: &str,
    headers: &[String],
    body: Option<&str>,
) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n");
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    if let Some(body) = body {
        let length = body.len();
        request.push_str(&format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        ));
    }
    request.push_str("\r\n");
    request.push_str(body.unwrap_or_default());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{answer}"));
    (head.to_owned(), body.to_owned())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name)?;
    Some(found.1.into_owned())
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn attribute(text: &str, name: &str) -> String {
    let value = text
        .split_once(&format!(" {name}=\""))
        .map_or("", |(_, rest)| rest.split('"').next().unwrap_or_default());
    value
        .replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#61;", "=")
}
