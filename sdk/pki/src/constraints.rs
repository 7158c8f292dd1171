//! Name constraints (RFC 5280 §4.2.1.10, §6.1.3 b and c): what an authority may certify.

use crate::certificate::Certificate;
use crate::effort::Effort;
use crate::extensions::NameConstraints;
use crate::failure::Reason;
use crate::general_name::GeneralName;
use crate::name::Name;
use crate::oid;

/// The subtrees gathered on the way down a path.
#[derive(Default)]
pub(crate) struct Subtrees {
    /// One list per authority that permits anything: a name must fit each list of its kind.
    permitted: Vec<Vec<GeneralName>>,
    excluded: Vec<GeneralName>,
    comparisons: u32,
}

impl Subtrees {
    /// §6.1.4 g: an authority narrows what those below it may certify.
    pub(crate) fn narrow(&mut self, constraints: &NameConstraints) {
        if !constraints.permitted.is_empty() {
            self.permitted.push(
                constraints
                    .permitted
                    .iter()
                    .map(|subtree| subtree.0.clone())
                    .collect(),
            );
        }
        self.excluded
            .extend(constraints.excluded.iter().map(|subtree| subtree.0.clone()));
    }

    /// What it costs at most to [`Self::allow`] a certificate.
    pub(crate) fn effort(&self, certificate: &Certificate) -> Effort {
        let names = certificate.extensions().subject_alt_names.len();
        let names = names.saturating_add(certificate.subject().attributes().len());
        Effort::comparisons(names.saturating_add(1).saturating_mul(self.count()))
    }

    fn count(&self) -> usize {
        let permitted = self.permitted.iter().map(Vec::len);
        permitted.sum::<usize>().saturating_add(self.excluded.len())
    }

    /// §6.1.3 b, c: every name of the certificate lies inside.
    pub(crate) fn allow(&mut self, certificate: &Certificate) -> Result<(), Reason> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Ok(());
        }
        let subject = certificate.subject();
        if !subject.is_empty() {
            self.allow_name(&GeneralName::Directory(subject.clone()))?;
        }
        let names = &certificate.extensions().subject_alt_names;
        // §4.2.1.10: addresses in the subject count when there is no alternative name of that kind.
        if !names.iter().any(|name| matches!(name, GeneralName::Email(_))) {
            for email in emails(subject) {
                self.allow_name(&GeneralName::Email(email))?;
            }
        }
        names.iter().try_for_each(|name| self.allow_name(name))
    }

    fn allow_name(&mut self, name: &GeneralName) -> Result<(), Reason> {
        self.comparisons = self
            .comparisons
            .saturating_add(u32::try_from(self.count()).unwrap_or(u32::MAX));
        if self.comparisons > MAX_COMPARISONS {
            return Err(Reason::WorkLimit);
        }
        for list in &self.permitted {
            let mut of_kind = list.iter().filter(|base| base.same_kind(name)).peekable();
            if of_kind.peek().is_some() && !(comparable(name) && of_kind.any(|base| within(name, base))) {
                return Err(Reason::NameConstraint);
            }
        }
        for base in self.excluded.iter().filter(|base| base.same_kind(name)) {
            // What cannot be compared cannot be shown to lie outside either.
            if !comparable(name) || !well_formed(base) || within(name, base) || wildcard_covers(name, base) {
                return Err(Reason::NameConstraint);
            }
        }
        Ok(())
    }
}

fn emails(subject: &Name) -> Vec<String> {
    let attributes = subject
        .attributes()
        .iter()
        .filter(|attribute| attribute.oid().is(oid::EMAIL_ADDRESS));
    attributes
        .filter_map(|attribute| attribute.text().map(str::to_owned))
        .collect()
}

fn within(name: &GeneralName, base: &GeneralName) -> bool {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => name.is_within(base),
        (GeneralName::Email(name), GeneralName::Email(base)) => email_within(name, base),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => dns_within(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => {
            host(name).is_some_and(|host| host_within(host, base))
        }
        (GeneralName::Ip(name), GeneralName::Ip(base)) => ip_within(name, base),
        _ => false,
    }
}

/// Can this name be compared with a constraint of its kind? §4.2.1.10: a URI without a host must be
/// refused; so is whatever is malformed, and what is not interpreted here.
fn comparable(name: &GeneralName) -> bool {
    match name {
        GeneralName::Uri(uri) => host(uri).is_some_and(is_host),
        GeneralName::Email(address) => address
            .split_once('@')
            .is_some_and(|(mailbox, host)| !mailbox.is_empty() && is_host(host)),
        GeneralName::Dns(name) => is_host(name.strip_prefix("*.").unwrap_or(name)),
        GeneralName::Ip(octets) => matches!(octets.len(), 4 | 16),
        GeneralName::Directory(_) => true,
        GeneralName::Other { .. } => false,
    }
}

/// §4.2.1.10: a leading period is for hosts in URIs and addresses; a domain is a preferred name, or empty for all.
fn well_formed(base: &GeneralName) -> bool {
    match base {
        GeneralName::Dns(domain) => domain.is_empty() || is_host(domain),
        GeneralName::Uri(host) => is_host(host.strip_prefix('.').unwrap_or(host)),
        GeneralName::Email(base) => match base.rsplit_once('@') {
            Some((mailbox, host)) => !mailbox.is_empty() && is_host(host),
            None => is_host(base.strip_prefix('.').unwrap_or(base)),
        },
        _ => true,
    }
}

/// RFC 1123 §2.1, with the underscore that names in use have.
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.split('.').all(label)
}

/// A wildcard stands for names that lie in the excluded domain, even when it does not itself
/// (CVE-2025-61727).
fn wildcard_covers(name: &GeneralName, base: &GeneralName) -> bool {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => name
            .strip_prefix("*.")
            .is_some_and(|domain| dns_within(base, domain)),
        _ => false,
    }
}

/// A mailbox, a host, or with a leading dot all hosts below a domain.
fn email_within(name: &str, base: &str) -> bool {
    let Some((mailbox, host)) = name.rsplit_once('@') else {
        return false;
    };
    match base.rsplit_once('@') {
        Some((base_mailbox, base_host)) => mailbox == base_mailbox && host.eq_ignore_ascii_case(base_host),
        None => host_within(host, base),
    }
}

/// Zero or more labels added to the left. Nothing lies within a base that is not [`well_formed`].
fn dns_within(name: &str, base: &str) -> bool {
    let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
    base.is_empty()
        || name
            .strip_suffix(&base)
            .is_some_and(|left| left.is_empty() || left.ends_with('.'))
}

/// Exactly that host, or with a leading dot one or more labels added to the left.
fn host_within(host: &str, base: &str) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    if base.starts_with('.') {
        host.len() > base.len() && host.ends_with(&base)
    } else {
        host == base
    }
}

/// RFC 3986 §3.2: the host of the authority; an IP literal is not a host name.
fn host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    // Browsers read a backslash as a slash, so two readers would find two hosts.
    let is_name = !authority.contains('\\')
        && !host.is_empty()
        && !host.starts_with('[')
        && host.parse::<std::net::Ipv4Addr>().is_err();
    is_name.then_some(host)
}

fn ip_within(name: &[u8], base: &[u8]) -> bool {
    let (address, mask) = base.split_at(base.len() / 2);
    let inside = |((name, address), mask): ((&u8, &u8), &u8)| name & mask == address & mask;
    name.len() == address.len() && name.iter().zip(address).zip(mask).all(inside)
}

/// The bound that rustls-webpki settled on for the same loop.
const MAX_COMPARISONS: u32 = 250_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_constraint_covers_the_domain_and_what_lies_below() {
        assert!(dns_within("a.gob.cl", "gob.cl") && dns_within("GOB.cl", "gob.cl"));
        assert!(!dns_within("xgob.cl", "gob.cl") && !dns_within("cl", "gob.cl"));
        assert!(!dns_within("a.gob.cl", ".gob.cl"), "a leading period is for URIs");
    }

    #[test]
    fn a_host_constraint_covers_that_host_alone_unless_it_begins_with_a_dot() {
        assert!(host_within("gob.cl", "gob.cl") && !host_within("a.gob.cl", "gob.cl"));
        assert!(host_within("a.gob.cl", ".gob.cl") && !host_within("gob.cl", ".gob.cl"));
    }

    #[test]
    fn a_mailbox_constraint_compares_the_local_part_exactly() {
        assert!(email_within("ana@GOB.cl", "ana@gob.cl") && !email_within("Ana@gob.cl", "ana@gob.cl"));
        assert!(email_within("ana@gob.cl", "gob.cl") && !email_within("ana@gob.cl", ".gob.cl"));
    }

    #[test]
    fn the_host_of_a_uri_is_found_behind_user_and_port() {
        assert_eq!(host("https://ana@gob.cl:8443/x"), Some("gob.cl"));
        assert_eq!(host("urn:x"), None);
        assert_eq!(host("https://[::1]/"), None);
    }

    #[test]
    fn a_malformed_name_is_not_comparable() {
        for bad in ["", ".gob.cl", "a..cl", "a b", "*.*.cl"] {
            assert!(!comparable(&GeneralName::Dns(bad.to_owned())), "{bad}");
        }
        assert!(!comparable(&GeneralName::Email("a@b@gob.cl".to_owned())));
        assert!(comparable(&GeneralName::Dns("*.gob.cl".to_owned())));
    }

    #[test]
    fn a_domain_with_a_leading_period_permits_nothing_and_excludes_everything() {
        let domain = |text: &str| GeneralName::Dns(text.to_owned());
        let judged = |permitted: &[&str], excluded: &[&str]| {
            let mut subtrees = Subtrees {
                permitted: vec![permitted.iter().map(|text| domain(text)).collect()],
                excluded: excluded.iter().map(|text| domain(text)).collect(),
                comparisons: 0,
            };
            subtrees.allow_name(&domain("a.gob.cl")).is_ok()
        };
        assert!(judged(&["gob.cl"], &["com"]));
        assert!(!judged(&[".gob.cl"], &[]));
        assert!(!judged(&[], &[".com"]));
    }

    #[test]
    fn a_host_that_is_written_in_an_odd_way_does_not_escape_an_exclusion() {
        let subtrees = |base: GeneralName| Subtrees {
            permitted: Vec::new(),
            excluded: vec![base],
            comparisons: 0,
        };
        let uri = |text: &str| GeneralName::Uri(text.to_owned());
        for (base, name, allowed) in [
            ("evil.com", "https://good.com/", true),
            ("evil.com", "https://evil.com/", false),
            ("evil.com", "https://evil.com./", false),
            ("evil.com", "https://%65vil.com/", false),
            ("evil.com", r"https://evil.com\@good.com/", false),
            ("evil.com.", "https://evil.com/", false),
            ("https://evil.com/", "https://evil.com/", false),
        ] {
            let judged = subtrees(uri(base)).allow_name(&uri(name));
            assert_eq!(judged.is_ok(), allowed, "{base} {name}");
        }
        let email = |text: &str| GeneralName::Email(text.to_owned());
        for (base, allowed) in [("com", true), ("evil.com.", false), ("@evil.com", false)] {
            let judged = subtrees(email(base)).allow_name(&email("ana@evil.com"));
            assert_eq!(judged.is_ok(), allowed, "{base}");
        }
    }

    #[test]
    fn a_wildcard_over_an_excluded_host_is_excluded() {
        let name = |text: &str| GeneralName::Dns(text.to_owned());
        assert!(wildcard_covers(&name("*.gob.cl"), &name("bad.gob.cl")));
        assert!(!wildcard_covers(&name("*.gob.cl"), &name("bad.com")));
    }

    #[test]
    fn an_address_lies_in_a_range_of_its_own_family_only() {
        assert!(ip_within(&[10, 1, 2, 3], &[10, 0, 0, 0, 255, 0, 0, 0]));
        assert!(!ip_within(&[11, 1, 2, 3], &[10, 0, 0, 0, 255, 0, 0, 0]));
        assert!(!ip_within(&[10; 16], &[10, 0, 0, 0, 255, 0, 0, 0]));
    }
}
