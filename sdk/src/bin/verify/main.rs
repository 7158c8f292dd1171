//! `verify`: says of signed documents who signed them, when, and whether anything changed since. Needs no
//! server, and no network unless it is told to ask.

mod ask;
mod help;
mod progress;
mod tell;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sdk::document::{File, Options, Progress, Report, Revocation, Source as _, verify, verify_cms};
use time::OffsetDateTime;

use ask::{Asked, Command, Shape};

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one clock of the command")]
    let now = OffsetDateTime::now_utc();
    let command = match ask::parse(std::env::args_os().skip(1), now) {
        Ok(Asked::Verify(command)) => command,
        Ok(Asked::Say(text)) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("verify: {}\nTry `verify --help`.", tell::shown(&wrong));
            return ExitCode::from(2);
        }
    };
    let bar = progress::Bar::new(command.files.len());
    let (mut unread, mut invalid) = (false, false);
    for (before, path) in command.files.iter().enumerate() {
        let told = report(&command, path, bar.file(before.saturating_add(1)));
        bar.clear();
        let path = path.to_string_lossy();
        match told {
            Ok(report) => {
                invalid |= !report.is_valid();
                print(&match command.shape {
                    Shape::Json => tell::as_json(&path, &report),
                    Shape::Xml => report.to_xml(),
                    Shape::Text => tell::as_text(command.language, &path, &report),
                });
            }
            Err(error) => {
                unread = true;
                eprintln!("verify: {}: {error}", tell::shown(&path));
            }
        }
    }
    match (unread, invalid) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::SUCCESS,
    }
}

/// A closed pipe (`verify … | head`) is no failure of ours.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn report(command: &Command, path: &Path, progress: Option<Progress>) -> std::io::Result<Report> {
    let file = File::open(path)?;
    let mut options = Options::new(command.anchors.clone(), command.at);
    options.evidence = command.evidence.clone();
    options.fetch.clone_from(&command.fetch);
    options.password.clone_from(&command.password);
    options.progress = progress;
    if command.require_revocation {
        options.revocation = Revocation::Required;
    }
    Ok(match (&command.detached, stands_alone(&file)?) {
        (Some(signature), _) => verify_cms(&small(&File::open(signature)?)?, Some(file), &options),
        (None, true) => verify_cms(&small(&file)?, None::<File>, &options),
        (None, false) => verify(file, &options),
    })
}

/// CMS in DER or BER begins with a SEQUENCE, in PEM with its label; a PDF with neither.
fn stands_alone(file: &File) -> std::io::Result<bool> {
    let mut head = [0; 5];
    if file.len() < 5 {
        return Ok(false);
    }
    file.read_at(0, &mut head)?;
    Ok(head[0] == 0x30 || &head == b"-----")
}

fn small(file: &File) -> std::io::Result<Vec<u8>> {
    let length = usize::try_from(file.len()).ok();
    let length = length.filter(|length| *length <= LARGEST_CMS);
    let length = length.ok_or(std::io::Error::other("the signature is too large"))?;
    let mut bytes = vec![0; length];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// With its content inside it is held in memory; base64 takes a third more.
const LARGEST_CMS: usize = 48 << 20;
