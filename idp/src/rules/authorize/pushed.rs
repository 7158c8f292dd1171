//! Pushed requests (RFC 9126): kept whole for a minute, entered by reference, answered once.

use crate::rules::{
    secret::{Opaque, Secret},
    time::Seconds,
};

/// The reference that a client gets and a browser brings (RFC 9126 §2.2).
#[derive(Debug, Clone)]
pub struct RequestUri(Opaque);

impl RequestUri {
    /// A new reference from chance.
    #[must_use]
    pub fn new(chance: Opaque) -> Self {
        Self(chance)
    }

    /// A reference as a browser brings it; `None` when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Opaque::parse(text.strip_prefix(PREFIX)?).map(Self)
    }

    /// `text` has the shape of a pushed request's reference, whoever's.
    #[must_use]
    pub fn is_shaped(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// What is found by it.
    #[must_use]
    pub fn opaque(&self) -> &Opaque {
        &self.0
    }

    /// The text that is handed out.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(format!("{PREFIX}{}", self.0.text().expose()))
    }
}

/// RFC 9126 §2.2: "relatively short"; FAPI 2.0 Security Profile §5.3.2.2: less than 600 seconds. A browser is sent here
/// at once, so a minute is long.
pub const REQUEST_URI_LIFETIME: Seconds = Seconds(60);

/// RFC 9126 §2.2 proposes this form.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_survives_its_text() {
        let uri = RequestUri::new(Opaque::new([3; 32]));
        let again = RequestUri::parse(uri.text().expose()).unwrap();
        assert_eq!(again.opaque().digest(), uri.opaque().digest());
    }

    #[test]
    fn an_address_is_not_a_reference() {
        assert!(!RequestUri::is_shaped("https://agency.example/r"));
        assert!(RequestUri::parse("urn:ietf:params:oauth:request_uri:short").is_none());
    }
}
