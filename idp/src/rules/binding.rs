//! Whose hands a token works in: anybody's, or only those that hold a key (RFC 9449) or a certificate (RFC 8705).

use serde_json::{Value, json};

use super::{
    oauth::{Code, OauthError},
    secret::Digest,
};

/// What a token is bound to. A thumbprint is a SHA-256: of the key as RFC 7638 writes it, or of the certificate's DER.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: a bearer token (RFC 6750).
    #[default]
    None,
    /// A key that each request proves with a DPoP proof (`jkt`).
    Key(Digest),
    /// A certificate that each request's TLS connection shows (`x5t#S256`).
    Certificate(Digest),
}

/// What the sender of one request proved to hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// The key of its DPoP proof, checked.
    pub key: Option<Digest>,
    /// The certificate of its TLS connection.
    pub certificate: Option<Digest>,
}

/// What a client registered about its tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demanded {
    /// `dpop_bound_access_tokens` (RFC 9449 §5.2).
    pub key: bool,
    /// `tls_client_certificate_bound_access_tokens` (RFC 8705 §3.4).
    pub certificate: bool,
}

/// How an access token is sent (RFC 6750 §2, RFC 9449 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// By the `Bearer` scheme, or in the body.
    Bearer,
    /// By the `DPoP` scheme.
    Dpop,
}

impl Binding {
    /// What tokens for `shown` are bound to: to the key if one was proven, else to the certificate if the client wants
    /// that.
    ///
    /// # Errors
    /// `invalid_grant` when something demanded was not shown; nothing was spent yet.
    pub fn of(shown: &Shown, demanded: Demanded) -> Result<Self, OauthError> {
        let missing = |description| Err(OauthError::new(Code::InvalidGrant, description));
        match (shown.key, shown.certificate) {
            (Some(key), _) => Ok(Self::Key(key)),
            (None, _) if demanded.key => missing("this client must send a DPoP proof"),
            (None, Some(certificate)) if demanded.certificate => Ok(Self::Certificate(certificate)),
            (None, None) if demanded.certificate => missing("this client must show its TLS certificate"),
            (None, _) => Ok(Self::None),
        }
    }

    /// `shown` is whom a token bound so works for.
    #[must_use]
    pub fn holds(&self, shown: &Shown) -> bool {
        match self {
            Self::None => true,
            Self::Key(key) => shown.key.as_ref() == Some(key),
            Self::Certificate(certificate) => shown.certificate.as_ref() == Some(certificate),
        }
    }

    /// A token bound so, sent by `scheme`, opens something for whoever showed this.
    ///
    /// # Errors
    /// `invalid_token`: a bound token is nobody's bearer token, and a bearer token does not become a bound one (RFC 9449
    /// §7.2).
    pub fn opens(&self, scheme: Scheme, shown: &Shown) -> Result<(), OauthError> {
        let right_scheme = match self {
            Self::Key(_) => scheme == Scheme::Dpop,
            Self::None | Self::Certificate(_) => scheme == Scheme::Bearer,
        };
        if right_scheme && self.holds(shown) {
            Ok(())
        } else {
            Err(NOT_HELD)
        }
    }

    /// Reads a `cnf` claim of ours.
    #[must_use]
    pub fn confirmed(cnf: Option<&Value>) -> Self {
        let member = |name: &str| {
            let text = cnf?.get(name)?.as_str()?;
            Digest::try_from(text.to_owned()).ok()
        };
        let certificate = || member("x5t#S256").map(Self::Certificate);
        member("jkt")
            .map(Self::Key)
            .or_else(certificate)
            .unwrap_or_default()
    }

    /// The `cnf` claim (RFC 7800 §3.1); none for a bearer token.
    #[must_use]
    pub fn confirmation(&self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::Key(key) => Some(json!({ "jkt": key.text() })),
            Self::Certificate(certificate) => Some(json!({ "x5t#S256": certificate.text() })),
        }
    }

    /// `token_type` (RFC 6749 §7.1, RFC 9449 §5); a certificate-bound token is a `Bearer` one (RFC 8705 §3).
    #[must_use]
    pub fn token_type(&self) -> &'static str {
        match self {
            Self::None | Self::Certificate(_) => "Bearer",
            Self::Key(_) => "DPoP",
        }
    }

    /// What is stored; nothing for a bearer token.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Key(key) => Some(format!("{JKT}{}", key.text())),
            Self::Certificate(certificate) => Some(format!("{X5T}{}", certificate.text())),
        }
    }

    /// Reads what [`Self::text`] wrote.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn stored(text: Option<&str>) -> Result<Self, &'static str> {
        let Some(text) = text else { return Ok(Self::None) };
        if let Some(key) = text.strip_prefix(JKT) {
            return Ok(Self::Key(Digest::try_from(key.to_owned())?));
        }
        let certificate = text.strip_prefix(X5T).ok_or("an unknown binding")?;
        Ok(Self::Certificate(Digest::try_from(certificate.to_owned())?))
    }
}

/// A code that was asked for with `dpop_jkt` (RFC 9449 §10) works only with that key.
///
/// # Errors
/// `invalid_grant`.
pub fn code_is_held(dpop_jkt: Option<&Digest>, shown: &Shown) -> Result<(), OauthError> {
    match (dpop_jkt, &shown.key) {
        (None, _) => Ok(()),
        (Some(jkt), Some(key)) if jkt == key => Ok(()),
        (Some(_), _) => Err(OauthError::new(
            Code::InvalidGrant,
            "the code is bound to another key (dpop_jkt)",
        )),
    }
}

/// The access token is good, in other hands or by another scheme.
pub const NOT_HELD: OauthError = OauthError::new(
    Code::InvalidToken,
    "the access token is bound to what was not shown, or sent by the wrong scheme",
);
const JKT: &str = "jkt:";
const X5T: &str = "x5t#S256:";

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: Option<&[u8]>, certificate: Option<&[u8]>) -> Shown {
        Shown {
            key: key.map(Digest::of),
            certificate: certificate.map(Digest::of),
        }
    }

    const NOTHING: Demanded = Demanded {
        key: false,
        certificate: false,
    };

    #[test]
    fn a_binding_is_read_as_it_was_written() {
        for binding in [
            Binding::None,
            Binding::Key(Digest::of(b"k")),
            Binding::Certificate(Digest::of(b"c")),
        ] {
            assert_eq!(Binding::stored(binding.text().as_deref()).unwrap(), binding);
        }
        assert!(Binding::stored(Some("jkt:short")).is_err());
        assert!(Binding::stored(Some("other")).is_err());
    }

    #[test]
    fn a_proven_key_binds_whether_demanded_or_not() {
        let shown = shown(Some(b"k"), Some(b"c"));
        for demanded in [NOTHING, Demanded { key: true, ..NOTHING }] {
            assert_eq!(
                Binding::of(&shown, demanded).unwrap(),
                Binding::Key(Digest::of(b"k"))
            );
        }
    }

    #[test]
    fn a_certificate_binds_where_that_is_wanted() {
        let shown = shown(None, Some(b"c"));
        let bound = Binding::Certificate(Digest::of(b"c"));
        assert_eq!(Binding::of(&shown, NOTHING).unwrap(), Binding::None);
        assert_eq!(
            Binding::of(
                &shown,
                Demanded {
                    certificate: true,
                    ..NOTHING
                }
            )
            .unwrap(),
            bound
        );
        assert_eq!(
            Binding::of(
                &shown,
                Demanded {
                    certificate: true,
                    ..NOTHING
                }
            )
            .unwrap(),
            bound
        );
        assert!(Binding::of(&shown, Demanded { key: true, ..NOTHING }).is_err());
    }

    #[test]
    fn what_is_demanded_must_be_shown() {
        let nothing = shown(None, None);
        for demanded in [
            Demanded { key: true, ..NOTHING },
            Demanded {
                certificate: true,
                ..NOTHING
            },
        ] {
            assert_eq!(
                Binding::of(&nothing, demanded).unwrap_err().code,
                Code::InvalidGrant
            );
        }
        assert_eq!(Binding::of(&nothing, NOTHING).unwrap(), Binding::None);
    }

    #[test]
    fn a_bound_token_works_for_its_holder_only() {
        let key = Binding::Key(Digest::of(b"k"));
        assert!(key.holds(&shown(Some(b"k"), None)));
        assert!(!key.holds(&shown(Some(b"other"), None)));
        assert!(!key.holds(&shown(None, Some(b"k"))));
        let certificate = Binding::Certificate(Digest::of(b"c"));
        assert!(certificate.holds(&shown(None, Some(b"c"))));
        assert!(!certificate.holds(&shown(Some(b"c"), None)));
        assert!(Binding::None.holds(&shown(None, None)));
    }

    #[test]
    fn each_token_is_sent_by_its_own_scheme() {
        let shown = shown(Some(b"k"), Some(b"c"));
        for (binding, scheme) in [
            (Binding::None, Scheme::Bearer),
            (Binding::Certificate(Digest::of(b"c")), Scheme::Bearer),
            (Binding::Key(Digest::of(b"k")), Scheme::Dpop),
        ] {
            let other = if scheme == Scheme::Bearer {
                Scheme::Dpop
            } else {
                Scheme::Bearer
            };
            assert!(binding.opens(scheme, &shown).is_ok());
            assert_eq!(binding.opens(other, &shown).unwrap_err().code, Code::InvalidToken);
        }
    }

    #[test]
    fn a_confirmation_is_read_as_it_was_written() {
        for binding in [
            Binding::None,
            Binding::Key(Digest::of(b"k")),
            Binding::Certificate(Digest::of(b"c")),
        ] {
            assert_eq!(Binding::confirmed(binding.confirmation().as_ref()), binding);
        }
    }

    #[test]
    fn a_code_asked_with_a_key_needs_it() {
        let jkt = Digest::of(b"k");
        assert!(code_is_held(Some(&jkt), &shown(Some(b"k"), None)).is_ok());
        assert!(code_is_held(Some(&jkt), &shown(Some(b"other"), None)).is_err());
        assert!(code_is_held(Some(&jkt), &shown(None, None)).is_err());
        assert!(code_is_held(None, &shown(Some(b"k"), None)).is_ok());
    }
}
