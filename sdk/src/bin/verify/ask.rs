//! What is asked: the words of the command line, and the files that they name.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use sdk::document::{Evidence, Fetch, Language, Report, Time, TrustAnchors, TrustedList};
use time::format_description::well_known::Rfc3339;

use super::help;

/// Everything that the answers depend on beside the files.
pub struct Command {
    pub anchors: TrustAnchors,
    pub evidence: Evidence,
    pub fetch: Option<Arc<dyn Fetch>>,
    pub detached: Option<String>,
    pub password: Option<String>,
    pub at: Time,
    pub require_revocation: bool,
    pub shape: Shape,
    pub language: Language,
    pub files: Vec<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Json,
    Xml,
}

/// Verify something, or just say something.
pub enum Asked {
    Verify(Box<Command>),
    Say(String),
}

/// Words as they were given: nothing is read yet.
struct Words {
    trust: Vec<String>,
    signers: Vec<String>,
    evidence: Vec<String>,
    fetch: bool,
    fetch_private: bool,
    fetch_cache: Option<String>,
    detached: Option<String>,
    password: Option<String>,
    at: Option<Time>,
    require_revocation: bool,
    shape: Shape,
    language: Language,
    files: Vec<PathBuf>,
}

/// Reads the command and the files that its options name; `now` unless another time is asked about.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn parse(arguments: impl Iterator<Item = OsString>, now: Time) -> Result<Asked, String> {
    match words(arguments)? {
        Ok(words) => words.load(now).map(|command| Asked::Verify(Box::new(command))),
        Err(text) => Ok(Asked::Say(text)),
    }
}

/// The inner error is no mistake but a text that was asked for.
fn words(mut arguments: impl Iterator<Item = OsString>) -> Result<Result<Words, String>, String> {
    let mut words = Words {
        trust: Vec::new(),
        signers: Vec::new(),
        evidence: Vec::new(),
        fetch: false,
        fetch_private: false,
        fetch_cache: None,
        detached: None,
        password: None,
        at: None,
        require_revocation: false,
        shape: Shape::Text,
        language: environment(),
        files: Vec::new(),
    };
    let mut options = true;
    while let Some(word) = arguments.next() {
        let argument = word.to_string_lossy();
        let (name, mut given) = match argument.split_once('=') {
            Some((name, value)) if options && name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument.as_ref(), None),
        };
        let mut value = |what: &str| {
            given
                .take()
                .or_else(|| Some(arguments.next()?.to_string_lossy().into_owned()))
                .ok_or(format!("{name} needs {what}"))
        };
        match name {
            "--" if options => options = false,
            "-h" | "--help" if options => return Ok(Err(help::text(words.language).to_owned())),
            "-V" | "--version" if options => {
                return Ok(Err(concat!("verify ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            "--schema" if options => return Ok(Err(Report::SCHEMA.to_owned())),
            "--json" if options => words.shape = Shape::Json,
            "--xml" if options => words.shape = Shape::Xml,
            "--fetch" if options => words.fetch = true,
            "--fetch-private" if options => (words.fetch, words.fetch_private) = (true, true),
            "--fetch-cache" if options => {
                (words.fetch, words.fetch_cache) = (true, Some(value("a folder")?));
            }
            "--require-revocation" if options => words.require_revocation = true,
            "--trust" if options => words.trust.push(value("a file or folder")?),
            "--trust-signers" if options => words.signers.push(value("a file")?),
            "--evidence" if options => words.evidence.push(value("a file or folder")?),
            "--detached" if options => words.detached = Some(value("a signature file")?),
            "--password" if options => words.password = Some(value("a password")?),
            "--at" if options => {
                let text = value("a time")?;
                let at = Time::parse(&text, &Rfc3339);
                words.at = Some(at.map_err(|_| format!("--at {text} is no time like 2026-11-21T12:00:00Z"))?);
            }
            "--lang" if options => {
                words.language = match value("es or en")?.as_str() {
                    "es" => Language::Es,
                    "en" => Language::En,
                    other => return Err(format!("--lang {other} is neither es nor en")),
                };
            }
            unknown if options && unknown.starts_with('-') && unknown.len() > 1 => {
                return Err(format!("there is no option {unknown}"));
            }
            _ => {
                words.files.push(PathBuf::from(word));
                continue;
            }
        }
        if given.is_some() {
            return Err(format!("{name} takes no value"));
        }
    }
    if words.files.is_empty() {
        Err("no file named".to_owned())
    } else if words.detached.is_some() && words.files.len() > 1 {
        Err("--detached takes one signature and one file".to_owned())
    } else {
        Ok(Ok(words))
    }
}

impl Words {
    fn load(self, now: Time) -> Result<Command, String> {
        let at = self.at.unwrap_or(now);
        let mut evidence = Evidence::new();
        for path in &self.evidence {
            evidence.load(path).map_err(|error| error.to_string())?;
        }
        Ok(Command {
            anchors: anchors(&self.trust, &self.signers, now)?,
            evidence,
            fetch: if self.fetch {
                Some(fetcher(self.fetch_private, self.fetch_cache.as_deref(), now)?)
            } else {
                None
            },
            detached: self.detached,
            password: self.password,
            at,
            require_revocation: self.require_revocation,
            shape: self.shape,
            language: self.language,
            files: self.files,
        })
    }
}

#[cfg(feature = "fetch")]
fn fetcher(private: bool, cache: Option<&str>, now: Time) -> Result<Arc<dyn Fetch>, String> {
    use sdk::fetch::{Cache, Guarded};
    let guarded = if private {
        Guarded::including_private()
    } else {
        Guarded::new()
    };
    let guarded = guarded.map_err(|error| format!("--fetch: {error}"))?;
    Ok(match cache {
        Some(folder) => {
            let cache = Cache::open(folder, now).map_err(|error| format!("{folder}: {error}"))?;
            Arc::new(guarded.cached(cache))
        }
        None => Arc::new(guarded),
    })
}

#[cfg(not(feature = "fetch"))]
fn fetcher(_: bool, _: Option<&str>, _: Time) -> Result<Arc<dyn Fetch>, String> {
    Err("this verify was built without --fetch".to_owned())
}

/// In the order given: a list that points to others vouches for those that follow it.
fn anchors(trust: &[String], signer_files: &[String], now: Time) -> Result<TrustAnchors, String> {
    let mut signers = Vec::new();
    for path in signer_files {
        signers.extend(TrustedList::load_signers(path).map_err(|error| error.to_string())?);
    }
    let mut anchors = TrustAnchors::new();
    for path in trust {
        if !path.to_ascii_lowercase().ends_with(".xml") {
            anchors.join(TrustAnchors::load(path).map_err(|error| error.to_string())?);
            continue;
        }
        if signers.is_empty() {
            return Err(format!(
                "{path}: name who may sign this list with --trust-signers"
            ));
        }
        // The list is read today, whatever day is asked about: it tells what was granted when.
        let list = TrustedList::load(path, &signers, now).map_err(|error| match error {
            error @ sdk::document::TrustedListError::Unreadable { .. } => error.to_string(),
            error => format!("{path}: {error}"),
        })?;
        anchors.join(list.anchors());
        signers.extend(list.pointers.into_iter().flat_map(|pointer| pointer.signers));
    }
    Ok(anchors)
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

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: Time = datetime!(2026-11-21 12:00 UTC);
    const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pki/tests/trusted_lists/data/");

    fn asked(words: &[&str]) -> Result<Box<Command>, String> {
        match parse(words.iter().map(OsString::from), NOW)? {
            Asked::Verify(command) => Ok(command),
            Asked::Say(text) => Err(text),
        }
    }

    fn data(name: &str) -> String {
        format!("{DATA}{name}")
    }

    #[test]
    fn options_and_files_may_be_mixed() {
        let command = asked(&[
            "a.pdf",
            "--json",
            "--at=2026-11-20T12:00:00Z",
            "b.pdf",
            "--",
            "--json",
        ])
        .unwrap();
        assert_eq!(command.files, ["a.pdf", "b.pdf", "--json"].map(PathBuf::from));
        assert!(command.shape == Shape::Json && command.at < NOW);
    }

    #[test]
    fn mistakes_are_named() {
        let list = data("xades-rsa.xml");
        let other = data("signer-p384.pem");
        for (words, wrong) in [
            (&["--frob", "a.pdf"][..], "--frob"),
            (&["--json"], "no file"),
            (&["--json=no", "a.pdf"], "takes no value"),
            (&["--at", "yesterday", "a.pdf"], "yesterday"),
            (&["--at"], "needs"),
            (&["--trust", "/nowhere/at/all", "a.pdf"], "/nowhere/at/all"),
            (
                &[
                    "--trust",
                    "/nowhere/at/all.xml",
                    "--trust-signers",
                    &other,
                    "a.pdf",
                ],
                "/nowhere/at/all.xml",
            ),
            (&["--trust-signers", "/nowhere.pem", "a.pdf"], "/nowhere.pem"),
            (&["--trust", &list, "a.pdf"], "--trust-signers"),
            (
                &["--trust", &list, "--trust-signers", &other, "a.pdf"],
                "none of the certificates given",
            ),
            (&["--lang", "fr", "a.pdf"], "fr"),
            (&["--evidence", "/nowhere/at/all", "a.pdf"], "/nowhere/at/all"),
            (&["--detached", "a.p7s", "a.xml", "b.xml"], "--detached"),
        ] {
            let said = asked(words).err().unwrap();
            assert!(said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn a_trusted_list_is_believed_by_its_signers() {
        let (list, signer) = (data("xades-rsa.xml"), data("signer-rsa.pem"));
        let command = asked(&["--trust", &list, "a.pdf", "--trust-signers", &signer]).unwrap();
        assert_eq!(command.anchors.iter().count(), 2);
    }

    #[test]
    fn a_list_of_lists_vouches_for_those_that_follow_it() {
        let (pointers, list) = (data("pointers.xml"), data("plain-p384.xml"));
        let signer = format!("--trust-signers={}", data("signer-rsa.pem"));
        let command = asked(&["--trust", &pointers, "--trust", &list, &signer, "a.pdf"]).unwrap();
        assert_eq!(command.anchors.iter().count(), 2);
        let before = asked(&["--trust", &list, "--trust", &pointers, &signer, "a.pdf"]);
        assert!(before.err().unwrap().contains("none of the certificates given"));
    }

    #[test]
    fn help_is_in_the_language_of_the_answers() {
        let help = |language: &str| asked(&["--lang", language, "--help"]).err().unwrap();
        assert!(help("en").contains("\nExamples:\n") && help("es").contains("\nEjemplos:\n"));
    }

    #[test]
    fn the_schema_is_said_as_it_is_published() {
        let schema = asked(&["--schema"]).err().unwrap();
        assert_eq!(schema, include_str!("../../../document/report.schema.json"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_may_have_a_name_that_is_no_text() {
        use std::os::unix::ffi::OsStringExt as _;
        let name = OsString::from_vec(b"\xff.pdf".to_vec());
        let Ok(Asked::Verify(command)) = parse([name.clone()].into_iter(), NOW) else {
            panic!("a file is named");
        };
        assert_eq!(command.files, [PathBuf::from(name)]);
    }
}
