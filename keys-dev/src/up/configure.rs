//! Configuration files, and the clients, citizens and officials that the services' own commands create.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use ring::rand::SystemRandom;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Addresses, Binaries, Service};
use crate::hierarchy::Hierarchy;
use crate::people::{Agencies, random};
use crate::state::{State, write_private};
use crate::{Error, Refusal, issue};

/// A client of the idp as `stack.json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct Client {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where the idp may send people back.
    pub redirect_uris: Vec<String>,
    /// How it authenticates.
    pub token_endpoint_auth_method: String,
}

/// The clients of a run.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The demonstration agency.
    pub agency: Client,
    /// The signer.
    pub signer: Client,
    /// For any relying party that listens on localhost:9000.
    pub external: Client,
}

impl Clients {
    /// The clients at these addresses; secrets are drawn once and kept in the state.
    ///
    /// # Errors
    /// A fault when the state cannot be written.
    pub fn of(state: &State, at: &Addresses, chance: &SystemRandom) -> Result<Self, Error> {
        let mut agencies = state.agencies()?;
        let mut client = |client_id: String, callback: String| -> Result<Client, Error> {
            Ok(Client {
                client_secret: agencies.secret(&client_id, chance)?,
                client_id,
                redirect_uris: vec![callback],
                token_endpoint_auth_method: "client_secret_basic".into(),
            })
        };
        let callback = |service| format!("{}/login/callback", at.url(service));
        let clients = Self {
            agency: client(
                at.client_id("demo-agency", Service::Agency),
                callback(Service::Agency),
            )?,
            signer: client(at.client_id("signer", Service::Signer), callback(Service::Signer))?,
            external: client("external".into(), "http://localhost:9000/callback".into())?,
        };
        state.keep_agencies(&Agencies {
            clients: agencies.clients,
        })?;
        Ok(clients)
    }

    /// RFC 7591 metadata of each, for `idp client create`.
    fn registrations(&self, at: &Addresses) -> Value {
        let registration = |client: &Client, name: &str, uri: &str, scope: &str, grants: &[&str]| {
            json!({
                "client_id": client.client_id, "client_secret": client.client_secret,
                "client_name": name, "client_uri": uri, "redirect_uris": client.redirect_uris,
                "post_logout_redirect_uris": [uri, format!("{uri}/")], "scope": scope,
                "token_endpoint_auth_method": client.token_endpoint_auth_method,
                "id_token_signed_response_alg": "ES256", "subject_type": "pairwise", "grant_types": grants,
            })
        };
        let (agency, signer) = (at.url(Service::Agency), at.url(Service::Signer));
        let all = "openid profile email national_id offline_access";
        let code = ["authorization_code", "refresh_token"];
        json!([
            registration(
                &self.agency,
                "Servicio de Impuestos (demostración)",
                &agency,
                all,
                &code
            ),
            registration(
                &self.signer,
                "Aval Firma",
                &signer,
                "openid profile email national_id",
                &code
            ),
            registration(
                &self.external,
                "Agencia externa de pruebas",
                "http://localhost:9000",
                all,
                &[code[0], code[1], "urn:ietf:params:oauth:grant-type:device_code"]
            ),
        ])
    }
}

/// The configuration files of a run.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Writes them, and sealing keys where there are none yet.
    ///
    /// # Errors
    /// A fault when the state cannot be written.
    pub fn write(
        state: &State,
        at: &Addresses,
        clients: &Clients,
        chance: &SystemRandom,
    ) -> Result<Self, Error> {
        for service in Service::ALL {
            let folder = state.path(service.name());
            fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        }
        for service in [Service::Idp, Service::Signer] {
            let key = state.path(&format!("{}/sealing.key", service.name()));
            if !key.exists() {
                write_private(&key, BASE64.encode(&random::<32>(chance)?).as_bytes())?;
            }
        }
        for (service, client) in [
            (Service::Signer, &clients.signer),
            (Service::Agency, &clients.agency),
        ] {
            let secret = state.path(&format!("{}/client.secret", service.name()));
            write_private(&secret, client.client_secret.as_bytes())?;
        }
        let files = Self {
            folder: state.path(""),
        };
        files.write_one(Service::Idp, &idp(state, at))?;
        files.write_one(Service::Signer, &signer(state, at, &clients.signer))?;
        files.write_one(Service::Agency, &agency(state, at, &clients.agency))?;
        Ok(files)
    }

    /// The configuration file of a service.
    #[must_use]
    pub fn of(&self, service: Service) -> PathBuf {
        self.folder
            .join(service.name())
            .join(format!("{}.toml", service.name()))
    }

    fn write_one(&self, service: Service, value: &Value) -> Result<(), Error> {
        let text = toml::to_string(value).map_err(Error::fault("writing a configuration"))?;
        let head = "# Written by `keys-dev up` at every start; changes here are lost.\n";
        write_private(&self.of(service), format!("{head}{text}").as_bytes())
    }
}

fn idp(state: &State, at: &Addresses) -> Value {
    let mut value = json!({
        "issuer": at.url(Service::Idp), "listen": listen(at, Service::Idp),
        "database": database(state, Service::Idp), "sealing_key_file": state.path("idp/sealing.key"),
        "national_id_schemes": ["CL-RUN"], "programme": "Aval", "claveunica": { "enabled": true },
        "recovery": { "cooling_off_hours": 0 },
        "mail": { "from": "Aval <avisos@localhost>", "folder": state.path("idp/mail"), "show": true },
    });
    add_tls(&mut value, state, at);
    value
}

fn signer(state: &State, at: &Addresses, client: &Client) -> Value {
    let mut value = json!({
        "url": at.url(Service::Signer), "listen": listen(at, Service::Signer),
        "database": database(state, Service::Signer), "documents": state.path("signer/documents"),
        "sealing_key_file": state.path("signer/sealing.key"), "trust": [state.pki().join("root.pem")],
        "evidence": [state.pki().join("root.crl"), state.pki().join("issuing.crl")],
        // Where the people of this stack live; the machine may stand anywhere.
        "time_zone": "America/Santiago",
        "programme": "Aval", "login": login(state, at, client, "signer/client.secret"),
    });
    add_tls(&mut value, state, at);
    value
}

fn agency(state: &State, at: &Addresses, client: &Client) -> Value {
    let mut value = json!({
        "url": at.url(Service::Agency), "listen": listen(at, Service::Agency),
        "login": login(state, at, client, "agency/client.secret"),
    });
    add_tls(&mut value, state, at);
    value
}

fn listen(at: &Addresses, service: Service) -> String {
    format!("127.0.0.1:{}", at.port(service))
}

fn database(state: &State, service: Service) -> String {
    let name = service.name();
    format!("sqlite://{}", state.path(&format!("{name}/{name}.db")).display())
}

fn login(state: &State, at: &Addresses, client: &Client, secret: &str) -> Value {
    let mut login = json!({
        "issuer": at.url(Service::Idp), "client_id": client.client_id, "client_secret_file": state.path(secret),
    });
    if at.tls {
        set(&mut login, "trust", json!([state.pki().join("root.pem")]));
    }
    login
}

fn add_tls(value: &mut Value, state: &State, at: &Addresses) {
    if at.tls {
        let (chain, key) = (state.pki().join("tls.chain.pem"), state.pki().join("tls.key"));
        set(value, "tls", json!({ "certificate": chain, "key": key }));
    }
}

fn set(value: &mut Value, key: &str, member: Value) {
    if let Value::Object(members) = value {
        members.insert(key.to_owned(), member);
    }
}

/// Creates what the services need to know, through their own commands; safe to repeat.
///
/// # Errors
/// Refused with a command's own words when it fails.
pub fn register(
    state: &State,
    at: &Addresses,
    binaries: &Binaries,
    files: &Files,
    clients: &Clients,
    now: OffsetDateTime,
    chance: &SystemRandom,
) -> Result<(), Error> {
    let idp = ServiceCommand {
        binary: binaries.of(Service::Idp)?,
        config: files.of(Service::Idp),
    };
    let signer = ServiceCommand {
        binary: binaries.of(Service::Signer)?,
        config: files.of(Service::Signer),
    };
    let people = state.people()?;
    let create = ["create", "--from", "-", "--if-absent", "--json"];

    idp.run(&["migrate"], None)?;
    idp.run(
        &[&["client"], &create[..]].concat(),
        Some(&clients.registrations(at)),
    )?;
    let citizens: Vec<Value> = people
        .everybody()
        .map(|person| {
            json!({
                "national_id": person.national_id, "given_name": person.given_name,
                "family_name": person.family_name, "email": person.email, "password": person.password,
                "totp_secret": person.totp_secret, "phone_number": person.phone_number,
                "address": person.address,
            })
        })
        .collect();
    idp.run(
        &[&["citizen"], &create[..]].concat(),
        Some(&Value::Array(citizens)),
    )?;

    signer.run(&["migrate"], None)?;
    let requests = state.path("signer/requests");
    fs::create_dir_all(&requests).map_err(Error::file(&requests))?;
    let officials: Vec<Value> = people
        .officials
        .iter()
        .map(|person| {
            json!({
                "national_id": person.national_id, "given_name": person.given_name,
                "family_name": person.family_name, "institution": person.institution, "position": person.position,
            })
        })
        .collect();
    let folder = requests.display().to_string();
    let arguments = [
        "official",
        "create",
        "--from",
        "-",
        "--csr-dir",
        &folder,
        "--if-absent",
        "--json",
    ];
    signer.run(&arguments, Some(&Value::Array(officials)))?;
    certify(state, &signer, &requests, now, chance)
}

/// Certifies every request that has no certificate yet. The certificate takes its name only after the signer has
/// accepted it, so an interruption certifies again.
fn certify(
    state: &State,
    signer: &ServiceCommand,
    requests: &Path,
    now: OffsetDateTime,
    chance: &SystemRandom,
) -> Result<(), Error> {
    let (hierarchy, authority) = (Hierarchy::shipped()?, state.issuing_authority()?);
    let folder = state.pki().join("officials");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    for official in state.people()?.officials {
        let id = &official.national_id;
        let chain = folder.join(format!("{id}.pem"));
        if chain.exists() {
            continue;
        }
        let path = requests.join(format!("{id}.csr"));
        let request = fs::read_to_string(&path).map_err(Error::file(&path))?;
        let offered = folder.join(format!("{id}.offered"));
        let pem = issue::official(&hierarchy, &authority, &request, &official.subject(), now, chance)?;
        write_private(&offered, pem.as_bytes())?;
        let file = offered.display().to_string();
        signer.run(
            &["official", "certify", "--national-id", id, "--certificate", &file],
            None,
        )?;
        fs::rename(&offered, &chain).map_err(Error::file(&chain))?;
    }
    Ok(())
}

/// A service's command line.
struct ServiceCommand {
    binary: PathBuf,
    config: PathBuf,
}

impl ServiceCommand {
    fn run(&self, arguments: &[&str], input: Option<&Value>) -> Result<(), Error> {
        let mut command = Command::new(&self.binary);
        command.arg("--config").arg(&self.config).args(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let doing = format!("{} {}", self.binary.display(), arguments.join(" "));
        let mut child = command.spawn().map_err(Error::fault(doing.clone()))?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A command that fails before reading closes the pipe; its own message is the better one
            let _broken_pipe = stdin.write_all(input.to_string().as_bytes());
        }
        let output = child.wait_with_output().map_err(Error::fault(doing.clone()))?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Refusal::Command {
            command: doing,
            output: words,
        }
        .into())
    }
}
