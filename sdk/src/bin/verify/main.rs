//! `verify`: says of signed documents who signed them, when, and whether anything changed since. Needs no
//! server, and no network unless it is told to ask.

mod ask;
mod help;
mod open;
mod progress;
mod tell;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sdk::document::{Options, Progress, Report, Revocation, Source, verify, verify_cms};
use time::OffsetDateTime;

use ask::{Asked, Command, Shape};

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one clock of the command")]
    let now = OffsetDateTime::now_utc();
    let command = match ask::parse(std::env::args_os().skip(1), now) {
        Ok(Asked::Verify(command)) => command,
        Ok(Asked::Say(text)) => {
            return match print(&text) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => unwritten(&error),
            };
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
                let text = match command.shape {
                    Shape::Json => tell::as_json(&path, &report),
                    Shape::Xml => report.to_xml(),
                    Shape::Text => tell::as_text(command.language, &path, &report),
                };
                if let Err(error) = print(&text) {
                    return unwritten(&error);
                }
            }
            Err(error) => {
                unread = true;
                eprintln!("verify: {}", tell::shown(&error));
            }
        }
    }
    match (unread, invalid) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::SUCCESS,
    }
}

/// A closed pipe (`verify … | head`) is no failure of ours; an answer that is lost for another reason is.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.or_else(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

fn unwritten(error: &std::io::Error) -> ExitCode {
    eprintln!("verify: the answer cannot be written: {error}");
    ExitCode::from(2)
}

/// The error is one sentence, with the file that it is about.
fn report(command: &Command, path: &Path, progress: Option<Progress>) -> Result<Report, String> {
    let file = open::open(path).map_err(about(path))?;
    let mut options = Options::new(command.anchors.clone(), command.at);
    options.evidence = command.evidence.clone();
    options.fetch.clone_from(&command.fetch);
    options.password.clone_from(&command.password);
    options.progress = progress;
    if command.require_revocation {
        options.revocation = Revocation::Required;
    }
    if let Some(beside) = command.detached.as_ref().map(Path::new) {
        let signature = open::open(beside).and_then(|s| open::signature(s.as_ref()));
        return Ok(verify_cms(
            &signature.map_err(about(beside))?,
            Some(file),
            &options,
        ));
    }
    if open::stands_alone(file.as_ref()).map_err(about(path))? {
        let signature = open::signature(file.as_ref()).map_err(about(path))?;
        return Ok(verify_cms(&signature, None::<Arc<dyn Source>>, &options));
    }
    Ok(verify(file, &options))
}

fn about(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
