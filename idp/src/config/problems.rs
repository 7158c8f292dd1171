//! What would keep the service from starting, or make it start wrongly: all of it, in one go.

use std::path::Path;

use super::Config;
use crate::{keys::Pkcs11Settings, rules::client::is_loopback};

impl Config {
    /// Everything that would keep the service from starting, or make it start wrongly.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(self.sealing_key().err());
        problems.extend(self.assurance.problems());
        problems.extend(self.activation.problems());
        problems.extend(self.passkeys.problems());
        problems.extend(self.schemes());
        problems.extend(self.engine());
        problems.extend(self.resources.problems(self.issuer.as_str()));
        problems.extend(self.keys.pkcs11.iter().flat_map(Pkcs11Settings::problems));
        problems.extend(self.passwords.problems());
        problems.extend(self.listeners());
        let development = is_loopback(self.issuer.url());
        problems.extend(self.mail.iter().flat_map(|mail| mail.problems(development)));
        problems.extend(self.recovery.problem(development));
        problems.extend(self.upstream.problems(development, &self.national_id_schemes));
        problems.extend(self.upstream.all().filter_map(|(name, provider)| {
            let problem = crate::fetch::secret(&provider.client_secret_file).err()?;
            Some(format!("upstream.{name}.client_secret_file: {problem}"))
        }));
        let roots = self.fetch.trust_roots.as_deref();
        problems.extend(roots.and_then(|file| unread("fetch.trust_roots", file)));
        problems
    }

    fn schemes(&self) -> Vec<String> {
        let schemes = &self.national_id_schemes;
        let mut problems = Vec::new();
        if schemes.is_empty() {
            problems.push("national_id_schemes: name at least one of CL-RUN, PE-DNI, UY-CI".to_owned());
        }
        let unknown = schemes.iter().filter(|one| !SCHEMES.contains(&one.as_str()));
        problems.extend(unknown.map(|scheme| {
            format!("national_id_schemes: {scheme} is unknown; known are CL-RUN, PE-DNI, UY-CI")
        }));
        if self.claveunica.enabled && !schemes.iter().any(|scheme| scheme == "CL-RUN") {
            problems
                .push("claveunica: its clients ask for a RUN; add CL-RUN to national_id_schemes".to_owned());
        }
        problems
    }

    fn engine(&self) -> Option<String> {
        let known = self.database.starts_with("sqlite:") || self.database.starts_with("postgres");
        (!known).then(|| "database: must begin with sqlite: or postgres:".to_owned())
    }

    fn listeners(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.tls.is_some() && !self.issuer.is_https() {
            problems.push("issuer: is http, but [tls] serves https; write the issuer with https".to_owned());
        }
        for file in self.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]) {
            problems.extend(unread("tls", file));
        }
        if let Some(mtls) = &self.mtls {
            if self.tls.is_none() && self.proxy.certificate_header.is_none() {
                problems.push(
                    "mtls: needs [tls], where clients show us certificates, or proxy.certificate_header"
                        .to_owned(),
                );
            }
            let authorities = mtls.authorities.as_deref();
            problems.extend(authorities.and_then(|file| unread("mtls.authorities", file)));
        }
        problems
    }
}

/// The problem of a file that is not there.
fn unread(setting: &str, file: &Path) -> Option<String> {
    let error = std::fs::metadata(file).err()?;
    Some(format!("{setting}: {}: {error}", file.display()))
}

const SCHEMES: [&str; 3] = ["CL-RUN", "PE-DNI", "UY-CI"];
