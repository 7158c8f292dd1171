//! What is asked: the words of the command line, and the files that they name.

use std::sync::Arc;

use sdk::document::{Evidence, Fetch, Language, Time, TrustAnchors, TrustedList};
use time::format_description::well_known::Rfc3339;

const HELP: &str = "\
verify: who signed a PDF (or a CMS file), when, and whether anything changed since. Offline.

Usage: verify [OPTIONS] FILE...

Whom to trust:
  --trust PATH          A root to trust: a PEM or DER file, or a folder of them. Or a trusted list
                        (ETSI TS 119 612, XML), whose signers are named. May be repeated.
                        Without any, signatures are checked but nobody is trusted.
  --trust-signers PATH  Certificates (PEM) of those who may sign trusted lists. May be repeated. A list
                        that points to others names their signers, too: give it first.

What is known of revocation:
  --evidence PATH       A revocation list or OCSP response in PEM or DER, or a folder of them. May be repeated.
  --fetch               Asks for what is missing where certificates say that it is, over http and https, on
                        the public internet only. Authorities then see that somebody verifies, and when.
  --fetch-cache FOLDER  Keeps what was fetched there, up to an hour, and looks there first.
  --fetch-private       For development: fetches from private addresses and this machine, too.
  --require-revocation  A certificate of which nothing says whether it was revoked does not pass.

What is verified:
  --detached SIGNATURE  FILE is what this signature (CMS: .p7s) is about.
  --password PASSWORD   Opens encrypted files.
  --at TIME             Answer for this time instead of now (RFC 3339: 2026-11-21T12:00:00Z).

How the answer is told:
  --json                One JSON document per file, one per line.
  --xml                 One validation report per file by ETSI TS 119 102-2.
  --lang es|en          Language of the sentences. By default that of the environment.
  -h, --help            This text.
  -V, --version         The version.

Marks: ✓ valid, ✗ not valid, ? not known, – not signed. A line that begins with ! names a problem and, in
brackets, its code, which does not change between versions.

Exit status: 0 when every file is validly signed, 1 when some file is not, 2 when the command or a file
could not be read.

Examples:
  One permit, by the roots of the state:
    verify --trust roots.pem permiso.pdf
  A folder, and which files of it are not valid:
    verify --trust /etc/aval/roots --json *.pdf | jq 'select(.verdict != \"valid\") | .path'
  By the trusted list of a country, which the list of lists vouches for:
    verify --trust-signers lotl-signers.pem --trust lotl.xml --trust list.xml contrato.pdf
  A signature beside the file that it is about:
    verify --trust roots.pem --detached acta.xml.p7s acta.xml
  With what authorities say today of the certificates:
    verify --trust roots.pem --fetch --require-revocation permiso.pdf
  As it was on a day, with the revocation lists kept since:
    verify --trust roots.pem --evidence crls/ --at 2026-11-21T12:00:00Z permiso.pdf
";

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
    pub files: Vec<String>,
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
    files: Vec<String>,
}

/// Reads the command and the files that its options name; `now` unless another time is asked about.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn parse(arguments: impl Iterator<Item = String>, now: Time) -> Result<Asked, String> {
    match words(arguments)? {
        Ok(words) => words.load(now).map(|command| Asked::Verify(Box::new(command))),
        Err(text) => Ok(Asked::Say(text)),
    }
}

/// The inner error is no mistake but a text that was asked for.
fn words(mut arguments: impl Iterator<Item = String>) -> Result<Result<Words, String>, String> {
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
            "-h" | "--help" if options => return Ok(Err(HELP.to_owned())),
            "-V" | "--version" if options => {
                return Ok(Err(concat!("verify ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
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
            _ => words.files.push(argument),
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
        match parse(words.iter().map(|w| (*w).to_owned()), NOW)? {
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
        assert_eq!(command.files, ["a.pdf", "b.pdf", "--json"]);
        assert!(command.shape == Shape::Json && command.at < NOW);
    }

    #[test]
    fn mistakes_are_named() {
        let list = data("xades-rsa.xml");
        let other = data("signer-p384.pem");
        for (words, wrong) in [
            (&["--frob", "a.pdf"][..], "--frob"),
            (&["--json"], "no file"),
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
    fn help_has_examples() {
        assert!(asked(&["--help"]).err().unwrap().contains("Examples:"));
    }
}
