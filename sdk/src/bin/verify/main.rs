//! `verify`: says of signed documents who signed them, when, and whether anything changed since. Needs no
//! server and no network.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sdk::document::{
    Evidence, File, Language, Level, Options, Report, Revocation, Revoked, SignatureReport, Source as _,
    Time, TimeSource, Trust, TrustAnchors, Verdict, verify, verify_cms,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const HELP: &str = "\
verify: who signed a PDF (or a CMS file), when, and whether anything changed since. Offline.

Usage: verify [OPTIONS] FILE...

Options:
  --trust PATH          A root to trust: a PEM or DER file, or a folder of them. May be repeated.
                        Without any, signatures are checked but nobody is trusted.
  --evidence PATH       A revocation list or OCSP response in PEM or DER, or a folder of them. May be repeated.
  --detached SIGNATURE  FILE is what this signature (CMS: .p7s) is about.
  --password PASSWORD   Opens encrypted files.
  --at TIME             Answer for this time instead of now (RFC 3339: 2026-11-21T12:00:00Z).
  --require-revocation  A certificate of which nothing says whether it was revoked does not pass.
  --json                One JSON document per file, one per line.
  --xml                 One validation report per file by ETSI TS 119 102-2.
  --lang es|en          Language of the sentences. By default that of the environment.
  -h, --help            This text.
  -V, --version         The version.

Exit status: 0 when every file is validly signed, 1 when some file is not, 2 when the command or a file
could not be read.

Examples:
  verify --trust roots.pem permiso.pdf
  verify --trust /etc/aval/roots --json *.pdf | jq 'select(.verdict != \"valid\") | .path'
  verify --trust roots.pem --detached acta.xml.p7s acta.xml
  verify --trust roots.pem --at 2026-11-21T12:00:00Z permiso.pdf
";

struct Command {
    anchors: TrustAnchors,
    evidence: Evidence,
    detached: Option<String>,
    password: Option<String>,
    at: Option<Time>,
    require_revocation: bool,
    shape: Shape,
    language: Language,
    files: Vec<String>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Json,
    Xml,
}

enum Asked {
    Verify(Command),
    Say(String),
}

fn main() -> ExitCode {
    let asked = parse(
        std::env::args_os()
            .skip(1)
            .map(|a| a.to_string_lossy().into_owned()),
    );
    let command = match asked {
        Ok(Asked::Verify(command)) => command,
        Ok(Asked::Say(text)) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("verify: {wrong}\nTry `verify --help`.");
            return ExitCode::from(2);
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the one clock of the command")]
    let now = OffsetDateTime::now_utc();
    let at = command.at.unwrap_or(now);
    let (mut unread, mut invalid) = (false, false);
    for path in &command.files {
        match report(&command, path, at) {
            Ok(report) => {
                invalid |= !report.is_valid();
                print(&match command.shape {
                    Shape::Json => as_json(path, &report),
                    Shape::Xml => report.to_xml(),
                    Shape::Text => as_text(&command, path, &report),
                });
            }
            Err(error) => {
                unread = true;
                eprintln!("verify: {path}: {error}");
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

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut command = Command {
        anchors: TrustAnchors::new(),
        evidence: Evidence::new(),
        detached: None,
        password: None,
        at: None,
        require_revocation: false,
        shape: Shape::Text,
        language: environment(),
        files: Vec::new(),
    };
    let mut options = true;
    while let Some(argument) = arguments.next() {
        let (name, mut given) = match argument.split_once('=') {
            Some((name, value)) if options && name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        let mut value = |what: &str| {
            given
                .take()
                .or_else(|| arguments.next())
                .ok_or(format!("{name} needs {what}"))
        };
        match name {
            "--" if options => options = false,
            "-h" | "--help" if options => return Ok(Asked::Say(HELP.to_owned())),
            "-V" | "--version" if options => {
                return Ok(Asked::Say(
                    concat!("verify ", env!("CARGO_PKG_VERSION"), "\n").to_owned(),
                ));
            }
            "--json" if options => command.shape = Shape::Json,
            "--xml" if options => command.shape = Shape::Xml,
            "--require-revocation" if options => command.require_revocation = true,
            "--trust" if options => {
                let loaded = TrustAnchors::load(value("a file or folder")?).map_err(|e| e.to_string())?;
                loaded
                    .iter()
                    .for_each(|anchor| command.anchors.add(anchor.certificate().clone()));
            }
            "--evidence" if options => command
                .evidence
                .load(value("a file or folder")?)
                .map_err(|e| e.to_string())?,
            "--detached" if options => command.detached = Some(value("a signature file")?),
            "--password" if options => command.password = Some(value("a password")?),
            "--at" if options => {
                let text = value("a time")?;
                let at = Time::parse(&text, &Rfc3339);
                command.at =
                    Some(at.map_err(|_| format!("--at {text} is no time like 2026-11-21T12:00:00Z"))?);
            }
            "--lang" if options => {
                command.language = match value("es or en")?.as_str() {
                    "es" => Language::Es,
                    "en" => Language::En,
                    other => return Err(format!("--lang {other} is neither es nor en")),
                };
            }
            unknown if options && unknown.starts_with('-') && unknown.len() > 1 => {
                return Err(format!("there is no option {unknown}"));
            }
            _ => command.files.push(argument),
        }
    }
    if command.files.is_empty() {
        Err("no file named".to_owned())
    } else if command.detached.is_some() && command.files.len() > 1 {
        Err("--detached takes one signature and one file".to_owned())
    } else {
        Ok(Asked::Verify(command))
    }
}

/// By POSIX: the first of these that is set.
fn environment() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok());
    match set.into_iter().find(|value| !value.is_empty()) {
        Some(value) if value.starts_with("es") => Language::Es,
        _ => Language::En,
    }
}

fn report(command: &Command, path: &str, at: Time) -> std::io::Result<Report> {
    let file = File::open(path)?;
    let mut options = Options::new(command.anchors.clone(), at);
    options.evidence = command.evidence.clone();
    options.password = command.password.clone();
    if command.require_revocation {
        options.revocation = Revocation::Required;
    }
    let show = std::io::stderr().is_terminal();
    if show {
        options.progress = Some(progress());
    }
    let report = match (&command.detached, stands_alone(&file)?) {
        (Some(signature), _) => verify_cms(&small(&File::open(signature)?)?, Some(file), &options),
        (None, true) => verify_cms(&small(&file)?, None::<File>, &options),
        (None, false) => verify(file, &options),
    };
    if show && report.file.size >= LARGE {
        eprint!("\r\x1b[K");
    }
    Ok(report)
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

/// One line that counts, for files that take a while.
fn progress() -> sdk::document::Progress {
    let shown = AtomicU64::new(u64::MAX);
    Arc::new(move |done, all| {
        let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
        if all >= LARGE && shown.swap(percent, Ordering::Relaxed) != percent {
            eprint!("\r{percent:3} % of {} MB", all / 1_000_000);
        }
    })
}

fn as_json(path: &str, report: &Report) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        path: &'a str,
        #[serde(flatten)]
        report: &'a Report,
    }
    // A report holds strings, numbers and lists: nothing that JSON cannot say.
    serde_json::to_string(&Line { path, report })
        .map(|line| line + "\n")
        .unwrap_or_default()
}

fn as_text(command: &Command, path: &str, report: &Report) -> String {
    let mark = match report.verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => "✓",
        Verdict::Indeterminate => "?",
        Verdict::Invalid => "✗",
        Verdict::Unsigned => "–",
    };
    let mut text = format!("{mark} {path}\n  {}\n", report.sentence(command.language));
    let mut line = |words: String| {
        text.push_str("    ");
        text.push_str(&words);
        text.push('\n');
    };
    for signature in &report.signatures {
        describe(command.language, signature, &mut line);
    }
    for problem in &report.problems {
        let about = problem.field.as_ref().map_or(String::new(), |f| format!("{f}: "));
        let page = problem.page.map_or(String::new(), |p| format!(" (page {p})"));
        line(format!("! {about}{} [{}]{page}", problem.text, problem.code));
    }
    text
}

fn describe(language: Language, signature: &SignatureReport, line: &mut dyn FnMut(String)) {
    let say = |es: &'static str, en: &'static str| if language == Language::Es { es } else { en };
    let why = signature
        .sub_indication
        .map_or(String::new(), |s| format!(" ({s})"));
    line(format!(
        "{} · {} · {}{why}",
        signature.field, signature.level, signature.indication
    ));
    if let Some(signer) = &signature.signer {
        let parts = [
            &signer.common_name,
            &signer.position,
            &signer.institution,
            &signer.serial_number,
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        line(format!(
            "  {}: {}",
            say("certificado", "certificate"),
            parts.join(", ")
        ));
        line(format!(
            "  {}: {}",
            say("emitido por", "issued by"),
            signer.issuer
        ));
    }
    let trust = match signature.trust {
        Trust::Trusted => say("de confianza", "trusted"),
        Trust::Untrusted => say("no es de confianza", "not trusted"),
        Trust::Unknown => say("confianza desconocida", "trust unknown"),
    };
    let revocation = match signature.revocation {
        Revoked::Good => say("no revocado", "not revoked"),
        Revoked::Revoked => say("revocado", "revoked"),
        Revoked::Unknown => say("revocación desconocida", "revocation unknown"),
    };
    line(format!("  {trust}, {revocation}"));
    let time = match (signature.time_source, &signature.claimed_time) {
        (TimeSource::Verification, Some(claimed)) => {
            format!("{claimed} ({})", say("hora declarada", "time as claimed"))
        }
        (TimeSource::Verification, None) => say("sin hora", "no time").to_owned(),
        _ => format!(
            "{} ({})",
            signature.best_time,
            say("sello de tiempo", "timestamp")
        ),
    };
    line(format!("  {}: {time}", say("firmado", "signed")));
    for change in signature
        .later_changes
        .items
        .iter()
        .filter(|c| c.level > Level::LongTerm)
    {
        let page = change
            .page
            .map_or(String::new(), |p| format!(", {} {p}", say("página", "page")));
        let field = change.field.as_ref().map_or(String::new(), |f| format!(", {f}"));
        line(format!(
            "  {}: {}{field}{page}",
            say("después", "later"),
            change.kind
        ));
    }
}

/// With its content inside it is held in memory; base64 takes a third more.
const LARGEST_CMS: usize = 48 << 20;

/// From this size on, a terminal sees progress: a second or so.
const LARGE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Command, String> {
        match parse(words.iter().map(|w| (*w).to_owned()))? {
            Asked::Verify(command) => Ok(command),
            Asked::Say(text) => Err(text),
        }
    }

    #[test]
    fn options_and_files_may_be_mixed() {
        let command = asked(&[
            "a.pdf",
            "--json",
            "--at=2026-11-21T12:00:00Z",
            "b.pdf",
            "--",
            "--json",
        ])
        .unwrap();
        assert_eq!(command.files, ["a.pdf", "b.pdf", "--json"]);
        assert!(command.shape == Shape::Json && command.at.is_some());
    }

    #[test]
    fn mistakes_are_named() {
        for (words, wrong) in [
            (&["--frob", "a.pdf"][..], "--frob"),
            (&["--json"], "no file"),
            (&["--at", "yesterday", "a.pdf"], "yesterday"),
            (&["--at"], "needs"),
            (&["--trust", "/nowhere/at/all", "a.pdf"], "/nowhere/at/all"),
            (&["--lang", "fr", "a.pdf"], "fr"),
            (&["--evidence", "/nowhere/at/all", "a.pdf"], "/nowhere/at/all"),
            (&["--detached", "a.p7s", "a.xml", "b.xml"], "--detached"),
        ] {
            let said = asked(words).err().unwrap();
            assert!(said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn help_has_examples() {
        assert!(asked(&["--help"]).err().unwrap().contains("Examples:"));
    }
}
