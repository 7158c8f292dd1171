//! `[mail]` in the configuration: who sends, and through which mail server; or a folder, in development.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// How letters leave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The sender's address, with or without a name: `Aval <avisos@id.example.org>`.
    pub from: String,
    /// The mail server.
    pub host: Option<String>,
    /// Its port; by default 465 with `implicit`, 587 with `starttls`, 25 with `none`.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Encryption,
    /// A PEM file of the certification authorities to trust instead of the system's.
    pub trust_roots: Option<PathBuf>,
    /// Who we are to the mail server.
    pub user: Option<String>,
    /// A file with the password, readable by its owner only.
    pub password_file: Option<PathBuf>,
    /// In development: letters become files here and go nowhere.
    pub folder: Option<PathBuf>,
    /// In development: the folder is shown at `/dev/mail`, to everybody. Only where the issuer is on a loopback host.
    #[serde(default)]
    pub show: bool,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// TLS from the first byte (RFC 8314 §3).
    #[default]
    Implicit,
    /// TLS after `STARTTLS`; a server that does not offer it gets nothing.
    StartTls,
    /// None: for a mail server on this machine only.
    None,
}

impl Settings {
    /// What would keep letters from leaving; `development` where the issuer is on a loopback host.
    #[must_use]
    pub fn problems(&self, development: bool) -> Vec<String> {
        let mut problems = Vec::new();
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            problems.push("mail.from: is not an address; write Name <local@domain>".to_owned());
        }
        match (&self.host, &self.folder) {
            (None, None) => {
                problems.push("mail: name a host, or a folder in development".to_owned());
            }
            (Some(_), Some(_)) => {
                problems.push("mail: host and folder exclude each other; remove one".to_owned());
            }
            (Some(host), None) if self.tls == Encryption::None && !is_loopback(host) => {
                problems.push(
                    "mail.tls: none is for localhost, 127.0.0.1 and ::1; use implicit or starttls".to_owned(),
                );
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        if self.show && (!development || self.folder.is_none()) {
            problems.push(
                "mail.show: shows everybody's letters; only with a folder, and an issuer on a loopback host"
                    .to_owned(),
            );
        }
        if self.user.is_some() != self.password_file.is_some() {
            problems.push("mail: user and password_file go together".to_owned());
        }
        if let Some(file) = &self.password_file {
            problems.extend(private(file).err());
        }
        if let Some(Err(error)) = self.trust_roots.as_ref().map(std::fs::metadata) {
            problems.push(format!("mail.trust_roots: {error}"));
        }
        problems
    }

    /// The mail server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Encryption::Implicit => 465,
            Encryption::StartTls => 587,
            Encryption::None => 25,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

/// Nobody else reads it.
fn private(file: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let name = file.display();
    let metadata = std::fs::metadata(file).map_err(|error| format!("mail.password_file {name}: {error}"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!(
            "mail.password_file {name}: others may read it; run: chmod 600 {name}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    fn problem(text: &str, development: bool) -> String {
        let mut problems = read(text).problems(development);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    }

    #[test]
    fn a_server_and_a_sender_are_enough() {
        let settings = read("from = \"Aval <avisos@id.example.org>\"\nhost = \"smtp.example.org\"");
        assert!(settings.problems(false).is_empty());
        assert_eq!((settings.tls, settings.port()), (Encryption::Implicit, 465));
    }

    #[test]
    fn a_plain_connection_leaves_the_machine_for_nobody() {
        let plain = |host| format!("from = \"a@b.example\"\nhost = \"{host}\"\ntls = \"none\"");
        assert!(read(&plain("127.0.0.1")).problems(false).is_empty());
        assert!(problem(&plain("smtp.example.org"), false).starts_with("mail.tls: none is for localhost"));
    }

    #[test]
    fn letters_are_shown_on_a_developers_machine_only() {
        let shown = "from = \"a@b.example\"\nfolder = \"/tmp\"\nshow = true";
        assert!(read(shown).problems(true).is_empty());
        assert!(problem(shown, false).starts_with("mail.show"));
    }

    #[test]
    fn a_password_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        let text = format!(
            "from = \"a@b.example\"\nhost = \"h\"\nuser = \"u\"\npassword_file = \"{}\"",
            file.path().display()
        );
        assert!(problem(&text, false).contains("chmod 600"));
    }

    #[test]
    fn a_sender_that_is_no_address_is_refused() {
        assert!(problem("from = \"Aval\"\nhost = \"h\"", false).starts_with("mail.from"));
    }
}
