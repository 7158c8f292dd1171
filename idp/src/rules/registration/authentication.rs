//! How a client says it will prove itself, and its keys.

use sdk_jose::{Algorithm, JwkSet};

use super::{Authentication, Invalid, Registration, invalid, one_of, uris};
use crate::rules::client::{ClientKeys, TlsSubject};

impl Registration {
    /// `token_endpoint_auth_method` with what belongs to it.
    pub(super) fn authentication(&self) -> Result<Authentication, Invalid> {
        let alg = self.assertion_alg()?;
        let method = one_of(
            METHOD,
            self.token_endpoint_auth_method.as_deref(),
            &[
                ("client_secret_basic", Method::Secret),
                ("client_secret_post", Method::Secret),
                ("client_secret_jwt", Method::SecretJwt),
                ("private_key_jwt", Method::PrivateKeyJwt),
                ("tls_client_auth", Method::Tls),
                ("self_signed_tls_client_auth", Method::SelfSignedTls),
                ("none", Method::None),
            ],
        )?;
        let subject = self.tls_subject()?;
        if subject.is_some() && method != Method::Tls {
            return Err(invalid(
                METHOD,
                "a certificate's name is for tls_client_auth only",
            ));
        }
        Ok(match method {
            Method::Secret => Authentication::Secret,
            Method::SecretJwt => Authentication::SecretJwt,
            Method::PrivateKeyJwt => Authentication::PrivateKeyJwt { alg },
            Method::Tls => Authentication::TlsClientAuth {
                subject: subject.ok_or_else(|| {
                    invalid(
                        "tls_client_auth_subject_dn",
                        "this or one of tls_client_auth_san_* is needed",
                    )
                })?,
            },
            Method::SelfSignedTls => Authentication::SelfSignedTlsClientAuth,
            Method::None => Authentication::None,
        })
    }

    /// HS256 is the only one for `client_secret_jwt` and need not be kept.
    fn assertion_alg(&self) -> Result<Option<Algorithm>, Invalid> {
        let field = "token_endpoint_auth_signing_alg";
        match (
            self.token_endpoint_auth_method.as_deref(),
            self.token_endpoint_auth_signing_alg.as_deref(),
        ) {
            (_, None) | (Some("client_secret_jwt"), Some("HS256")) => Ok(None),
            (Some("private_key_jwt"), Some(name)) => algorithm(field, Some(name)),
            (Some("client_secret_jwt"), Some(_)) => {
                Err(invalid(field, "must be HS256 for client_secret_jwt"))
            }
            (_, Some(_)) => Err(invalid(field, "is for private_key_jwt and client_secret_jwt")),
        }
    }

    fn tls_subject(&self) -> Result<Option<TlsSubject>, Invalid> {
        let given = [
            self.tls_client_auth_subject_dn.clone().map(TlsSubject::SubjectDn),
            self.tls_client_auth_san_dns.clone().map(TlsSubject::SanDns),
            self.tls_client_auth_san_uri.clone().map(TlsSubject::SanUri),
            self.tls_client_auth_san_ip.clone().map(TlsSubject::SanIp),
            self.tls_client_auth_san_email.clone().map(TlsSubject::SanEmail),
        ];
        let mut given = given.into_iter().flatten();
        let first = given.next();
        if given.next().is_some() {
            return Err(invalid(
                "tls_client_auth_subject_dn",
                "exactly one of the five names (RFC 8705 §2.1.2)",
            ));
        }
        if first.as_ref().is_some_and(|subject| subject.field().1.is_empty()) {
            return Err(invalid("tls_client_auth_subject_dn", "must not be empty"));
        }
        Ok(first)
    }

    /// `jwks` or `jwks_uri`, never both (RFC 7591 §2).
    pub(super) fn keys(&self) -> Result<Option<ClientKeys>, Invalid> {
        match (&self.jwks, &self.jwks_uri) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(invalid("jwks", "jwks and jwks_uri must not both be there")),
            (None, Some(uri)) => {
                let uri = uris::optional_web_uri("jwks_uri", Some(uri))?;
                Ok(uri.map(ClientKeys::JwksUri))
            }
            (Some(set), None) => {
                let set_text = set.to_string();
                JwkSet::parse(set_text.as_bytes()).map_err(|refusal| invalid("jwks", refusal.to_string()))?;
                Ok(Some(ClientKeys::Jwks(set.clone())))
            }
        }
    }

    pub(super) fn secret_ok(&self, authentication: &Authentication) -> Result<(), Invalid> {
        match (&self.client_secret, authentication) {
            (None, _) => Ok(()),
            (Some(_), method) if !method.has_secret() => {
                Err(invalid("client_secret", "this client has none"))
            }
            (Some(secret), _) => {
                let length = secret.expose().len();
                if *authentication == Authentication::SecretJwt && length < SHORTEST_SHARED {
                    return Err(invalid(
                        "client_secret",
                        "a client that signs with its secret needs 32 characters or more (RFC 7518 §3.2)",
                    ));
                }
                if (SHORTEST_SECRET..=LONGEST_SECRET).contains(&length) && secret.expose().is_ascii() {
                    Ok(())
                } else {
                    Err(invalid(
                        "client_secret",
                        "22 to 256 ASCII characters of chance (128 bits); leave it out to get one",
                    ))
                }
            }
        }
    }
}

/// An algorithm of a key pair, if one is named.
pub(super) fn algorithm(field: &'static str, name: Option<&str>) -> Result<Option<Algorithm>, Invalid> {
    let Some(name) = name else { return Ok(None) };
    let known = name.parse::<Algorithm>();
    known.map(Some).map_err(|_| {
        let names = Algorithm::ALL.map(Algorithm::as_str).join(", ");
        invalid(field, format!("one of {names}"))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Secret,
    SecretJwt,
    PrivateKeyJwt,
    Tls,
    SelfSignedTls,
    None,
}

const METHOD: &str = "token_endpoint_auth_method";
/// 22 base64url characters hold 128 bits (RFC 6749 §10.10).
const SHORTEST_SECRET: usize = 22;
/// RFC 7518 §3.2: a key for HS256 is as long as its hash.
const SHORTEST_SHARED: usize = 32;
/// Nobody types more.
const LONGEST_SECRET: usize = 256;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::registration::tests::check;

    #[test]
    fn a_certificate_is_named_exactly_once() {
        let by_tls = |r: &mut Registration| r.token_endpoint_auth_method = Some("tls_client_auth".to_owned());
        assert!(check(by_tls).is_err());
        assert!(
            check(|r| {
                by_tls(r);
                r.tls_client_auth_san_dns = Some("agency.example".to_owned());
            })
            .is_ok()
        );
        assert!(
            check(|r| {
                by_tls(r);
                r.tls_client_auth_san_dns = Some("agency.example".to_owned());
                r.tls_client_auth_subject_dn = Some("CN=agency".to_owned());
            })
            .is_err()
        );
    }

    #[test]
    fn a_client_that_signs_registers_its_keys() {
        let by_key = |r: &mut Registration| r.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        assert!(check(by_key).is_err());
        assert!(
            check(|r| {
                by_key(r);
                r.jwks_uri = Some("https://agency.example/jwks".to_owned());
            })
            .is_ok()
        );
    }

    #[test]
    fn a_private_key_is_not_registered() {
        let private = json!({"keys": [{"kty": "EC", "crv": "P-256", "d": "AA", "x": "AA", "y": "AA"}]});
        assert!(check(|r| r.jwks = Some(private)).is_err());
    }

    #[test]
    fn keys_have_one_home() {
        assert!(
            check(|r| {
                r.jwks = Some(json!({"keys": []}));
                r.jwks_uri = Some("https://agency.example/jwks".to_owned());
            })
            .is_err()
        );
    }

    #[test]
    fn a_secret_is_for_clients_that_use_one() {
        assert!(
            check(|r| {
                r.token_endpoint_auth_method = Some("none".to_owned());
                r.client_secret = Some(crate::rules::secret::Secret::new("x".repeat(30)));
            })
            .is_err()
        );
    }
}
