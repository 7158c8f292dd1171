//! What a run tells the world: `stack.json` for programs, a table for people.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::configure::Clients;
use super::{Addresses, Binaries, Service};
use crate::people::People;
use crate::state::{State, write_json};
use crate::{Error, totp};

/// Writes `stack.json`, whole or not at all.
///
/// # Errors
/// A fault when the state cannot be read or written.
pub fn write(
    state: &State,
    at: &Addresses,
    binaries: &Binaries,
    clients: &Clients,
    pids: &[(Service, u32)],
    ready_after: Duration,
) -> Result<(), Error> {
    let people = state.people()?;
    let pki = state.pki();
    let pids: serde_json::Map<String, Value> = pids
        .iter()
        .map(|(service, pid)| (service.name().to_owned(), json!(pid)))
        .collect();
    let stack = json!({
        "idp": { "issuer": at.url(Service::Idp), "mail": format!("{}/dev/mail", at.url(Service::Idp)) },
        "signer": { "url": at.url(Service::Signer) },
        "agency": { "url": at.url(Service::Agency) },
        "clients": [clients.agency, clients.external],
        "citizens": people.citizens,
        "officials": people.officials,
        "pki": { "root": pki.join("root.pem"), "issuing": pki.join("issuing.pem"), "crl": pki.join("issuing.crl"),
                 "flaws": pki.join("flaws") },
        "tools": { "verify": binaries.verify() },
        "state": state.path(""),
        "pids": pids,
        "ready_after_seconds": ready_after.as_secs_f64(),
    });
    write_json(&state.path("stack.json"), &stack)
}

/// Removes the `stack.json` of an earlier run.
///
/// # Errors
/// A fault when the file system refuses.
pub fn forget(folder: &Path) -> Result<(), Error> {
    let path = folder.join("stack.json");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(&path)(error)),
        _ => Ok(()),
    }
}

/// The process that `stack.json` of an earlier run names for a service, when it is still that service.
#[must_use]
pub fn survivor(folder: &Path, service: Service) -> Option<u32> {
    let stack: Value = serde_json::from_slice(&fs::read(folder.join("stack.json")).ok()?).ok()?;
    let pid = u32::try_from(stack.get("pids")?.get(service.name())?.as_u64()?).ok()?;
    let binary = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    binary
        .file_name()?
        .to_str()?
        .starts_with(service.name())
        .then_some(pid)
}

/// Prints where to go, with whom, and what to try.
///
/// # Errors
/// A fault when a seed cannot be read.
pub fn print(state: &State, at: &Addresses, people: &People, now: OffsetDateTime) -> Result<(), Error> {
    let url = |service| at.url(service);
    println!("\nAval is running. Ctrl-C stops it.\n");
    println!("  A citizen logs into an agency     {}", url(Service::Agency));
    println!("  An official signs documents       {}", url(Service::Signer));
    println!(
        "  Anyone verifies a document        {}/verify",
        url(Service::Signer)
    );
    println!(
        "  The citizen's own account         {}/account",
        url(Service::Idp)
    );
    println!(
        "  Letters that would be sent        {}/dev/mail\n",
        url(Service::Idp)
    );
    let width = people
        .everybody()
        .map(|person| person.full_name().chars().count())
        .max()
        .unwrap_or_default();
    println!(
        "  {:<12}  {:<width$}  {:<30}  code",
        "national id", "name", "password"
    );
    for person in people.everybody() {
        let code = totp::code(&person.totp_secret, now)?.digits;
        let (id, name, password) = (&person.national_id, person.full_name(), &person.password);
        let role = match (&person.position, &person.institution) {
            (Some(position), Some(institution)) => format!("  {position}, {institution}"),
            _ => String::new(),
        };
        println!("  {id:<12}  {name:<width$}  {password:<30}  {code}{role}");
    }
    let folder = state.path("");
    let folder = folder.display();
    println!(
        "\n  Codes change every 30 seconds:  cargo run --release -p keys-dev -- code NATIONAL_ID --state {folder}"
    );
    println!("  For programs: {folder}stack.json      Logs: {folder}*.log");
    if at.tls {
        println!(
            "  Browsers do not know the development root: import {} or go on past the warning.",
            state.pki().join("root.pem").display()
        );
    }
    Ok(())
}
