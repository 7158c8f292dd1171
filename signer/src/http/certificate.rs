//! Why an official's certificate is not signed with, in the official's words.

use super::words::Words;
use crate::rules::certificate::CertificateRefusal;
use crate::zone::Zone;

/// What happened and what to do about it.
pub(super) struct Told {
    pub what: String,
    pub then: String,
}

pub(super) fn told(w: &Words, zone: &Zone, refusal: &CertificateRefusal) -> Told {
    use CertificateRefusal as Why;
    let (what, then) = match refusal {
        Why::Expired => (w.say("error-certificate-expired"), "error-certificate-do"),
        Why::NotYetValid => (w.say("error-certificate-not-yet"), "error-certificate-do"),
        Why::Revoked { since } => (
            w.with("error-certificate-revoked", "at", &w.moment(zone, since)),
            "error-certificate-do",
        ),
        Why::OnHold { since } => (
            w.with("error-certificate-on-hold", "at", &w.moment(zone, since)),
            "error-certificate-on-hold-do",
        ),
        Why::AuthorityRevoked => (
            w.say("error-certificate-authority-revoked"),
            "error-certificate-do",
        ),
        Why::NoNews => (w.say("error-certificate-no-news"), "error-certificate-tell"),
        Why::NotTrusted => (w.say("error-certificate-not-trusted"), "error-certificate-tell"),
        Why::NoCertificate
        | Why::TooMany
        | Why::Unreadable
        | Why::AnotherKey
        | Why::AnotherPerson
        | Why::KeyUsage
        | Why::Authority
        | Why::BrokenChain => (w.say("error-certificate-what"), "error-certificate-do"),
    };
    Told {
        what,
        then: w.say(then),
    }
}
