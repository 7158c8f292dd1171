//! A client proves to be itself (RFC 6749 §2.3, RFC 7523, RFC 8705 §2), by the one method that it registered.

use sdk_jose::{Expected, Refusal, Typ, mac::SharedSecret};

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{Authentication, Client, TlsSubject},
        credentials::{
            By, Presented,
            assertion::{Claims, algorithms, check},
        },
        oauth::{Code, OauthError},
        secret::Digest,
    },
    service::Idp,
    store,
};

/// The client that presents itself, if it is the one it says.
///
/// # Errors
/// `invalid_client`, the same for an unknown client and a wrong secret. Whoever signed with the client's own key is
/// told what else is wrong.
pub async fn authenticate(idp: &Idp, presented: &Presented) -> Result<Client, Error<OauthError>> {
    let mut read = idp.store.read().await?;
    let found = store::clients::find(&mut read, &presented.client).await?;
    drop(read);
    let Some((client, secret)) = found else {
        // An unknown client's secret is compared, too: it takes as long.
        let _same_time = presented.has_secret(&Digest::of(b"nobody"));
        return Err(Error::Refused(UNPROVEN.told()));
    };
    let now = idp.now();
    match proven(idp, &client, secret.as_ref(), presented).await {
        // Counted only now: a stranger who names the client cannot use up what it may ask.
        Ok(()) => match idp.limits.client(&client.id, now) {
            Ok(()) => Ok(client),
            Err(_) => Err(Error::Refused(TOO_MANY)),
        },
        Err(Error::Fault(fault)) => Err(fault.into()),
        Err(Error::Refused(unproven)) => {
            if idp.limits.failure(&client.id, now).is_err() {
                // Anybody can make these: they must not fill the audit log. Whoever succeeds is never kept out by them.
                tracing::warn!(client = %client.id, why = unproven.why, "client refused, one of many");
                return Err(Error::Refused(TOO_MANY));
            }
            let record = Record::new(Event::ClientRefused, Outcome::Refused(unproven.why)).client(&client.id);
            super::audit::record(idp, &record).await?;
            Err(Error::Refused(unproven.told()))
        }
    }
}

/// Why a client is not believed.
#[derive(Debug, Clone, Copy)]
struct Unproven {
    /// In the log.
    why: &'static str,
    /// To the client.
    description: &'static str,
}

impl Unproven {
    fn told(self) -> OauthError {
        OauthError::new(Code::InvalidClient, self.description)
    }

    /// The client hears no more than a stranger would.
    const fn silently(why: &'static str) -> Self {
        Self { why, ..UNPROVEN }
    }
}

const TOO_MANY: OauthError = OauthError::new(
    Code::TemporarilyUnavailable,
    "too many requests of this client: slow down",
);

const UNPROVEN: Unproven = Unproven {
    why: "secret",
    description: "client authentication failed",
};

/// Only the registered method counts: a client that signs is not let in by anything weaker.
async fn proven(
    idp: &Idp,
    client: &Client,
    secret: Option<&Digest>,
    presented: &Presented,
) -> Result<(), Error<Unproven>> {
    match (&client.authentication, &presented.by) {
        (Authentication::None, By::Nothing) => Ok(()),
        (Authentication::Secret, By::Secret(_)) => {
            let now = secret.is_some_and(|stored| presented.has_secret(stored));
            if now || overlaps(idp, client, presented).await? {
                Ok(())
            } else {
                Err(Error::Refused(UNPROVEN))
            }
        }
        (Authentication::SecretJwt, By::Assertion(assertion)) => {
            let claims = by_secret(idp, client, assertion.expose()).await?;
            Box::pin(spend(idp, client, &claims)).await
        }
        (Authentication::PrivateKeyJwt { .. }, By::Assertion(assertion)) => {
            let claims = Box::pin(by_key(idp, client, assertion.expose())).await?;
            Box::pin(spend(idp, client, &claims)).await
        }
        (Authentication::TlsClientAuth { subject }, By::Nothing) => by_authority(subject, presented),
        (Authentication::SelfSignedTlsClientAuth, By::Nothing) => {
            Box::pin(by_certificate(idp, client, presented)).await
        }
        (_, By::Secret(_) | By::Assertion(_) | By::Nothing) => {
            Err(Error::Refused(Unproven::silently("method")))
        }
    }
}

/// It presents the secret from before a change, which is still good.
async fn overlaps(idp: &Idp, client: &Client, presented: &Presented) -> Result<bool, Fault> {
    let mut read = idp.store.read().await?;
    let before = store::clients::previous_secret(&mut read, &client.id, idp.now()).await?;
    Ok(before.is_some_and(|before| presented.has_secret(&before)))
}

/// `private_key_jwt`: the signature by one of the client's keys, with an algorithm that counts for it.
async fn by_key(idp: &Idp, client: &Client, assertion: &str) -> Result<Claims, Error<Unproven>> {
    let algorithms = algorithms(client);
    let expected = Expected {
        algorithms: &algorithms,
        typ: Typ::JwtOrAbsent,
    };
    let verified = super::client_keys::verify(idp, client, assertion, &expected).await?;
    verified
        .and_then(sdk_jose::Verified::claims)
        .map_err(|refusal| Error::Refused(unsigned(refusal)))
}

/// `client_secret_jwt`: HS256 under the client's secret, which is sealed for this alone, or under the one before a
/// change, while that is still good.
async fn by_secret(idp: &Idp, client: &Client, assertion: &str) -> Result<Claims, Error<Unproven>> {
    let mut read = idp.store.read().await?;
    let sealed = store::clients::sealed_secrets(&mut read, &client.id, idp.now()).await?;
    drop(read);
    let mut refused = Unproven::silently("no-sealed-secret");
    for sealed in sealed {
        let secret = idp.seal.open(&secret_place(client), &sealed)?;
        let secret = SharedSecret::new(secret.expose())
            .map_err(|source| Fault::of("reading a client's secret", source))?;
        match secret.verify(assertion, "JWT") {
            Ok(claims) => return Ok(claims),
            Err(refusal) => refused = unsigned(refusal),
        }
    }
    Err(Error::Refused(refused))
}

/// RFC 7523 §3: what the assertion says, and that it says so for the first time.
async fn spend(idp: &Idp, client: &Client, claims: &Claims) -> Result<(), Error<Unproven>> {
    let said = |description| {
        Error::Refused(Unproven {
            why: "assertion",
            description,
        })
    };
    let issuer = &idp.config.issuer;
    let endpoints: Vec<String> = ENDPOINTS
        .iter()
        .flat_map(|path| issuer.everywhere(path, idp.config.mtls.as_ref()))
        .collect();
    let once = check(claims, client, (issuer.as_str(), &endpoints), idp.now()).map_err(said)?;
    let mut write = idp.store.write().await?;
    if !store::replays::spend(&mut write, &once).await? {
        return Err(said("client_assertion was used before (jti)"));
    }
    Ok(write.commit().await?)
}

/// RFC 8705 §2.1: a certificate of an authority that the operator named, with the name that the client registered.
fn by_authority(subject: &TlsSubject, presented: &Presented) -> Result<(), Error<Unproven>> {
    let Some(certificate) = &presented.arrival.certificate else {
        return Err(Error::Refused(NO_CERTIFICATE));
    };
    if !certificate.is_trusted() {
        return Err(Error::Refused(Unproven::silently("certificate-authority")));
    }
    if certificate.names(subject) {
        Ok(())
    } else {
        Err(Error::Refused(Unproven::silently("certificate-name")))
    }
}

/// RFC 8705 §2.2: any certificate about one of the client's keys. Who signed it does not matter: the handshake proved
/// the key, and the key is registered.
async fn by_certificate(idp: &Idp, client: &Client, presented: &Presented) -> Result<(), Error<Unproven>> {
    let Some(certificate) = presented.arrival.certificate.as_ref() else {
        return Err(Error::Refused(NO_CERTIFICATE));
    };
    if super::client_keys::holds(idp, client, certificate).await? {
        Ok(())
    } else {
        Err(Error::Refused(Unproven::silently("certificate-key")))
    }
}

/// What a stranger may hear of a token that is not signed as it must be: nothing that tells whether the client exists.
fn unsigned(refusal: Refusal) -> Unproven {
    match refusal {
        // Signed with the client's own key.
        Refusal::Claims => Unproven {
            why: "assertion",
            description: "client_assertion: iss, sub, aud, exp and jti must be there",
        },
        Refusal::TooLong
        | Refusal::Shape
        | Refusal::Header
        | Refusal::Critical
        | Refusal::Algorithm
        | Refusal::Typ
        | Refusal::UnknownKey
        | Refusal::Signature => Unproven::silently("assertion-signature"),
    }
}

/// Where a client's secret is sealed.
pub(super) fn secret_place(client: &Client) -> String {
    format!("clients:secret:{}", client.id)
}

const NO_CERTIFICATE: Unproven = Unproven {
    why: "no-certificate",
    description: "this client authenticates by its TLS certificate, and the connection showed none",
};
/// RFC 7523 §3 No. 3 and RFC 9126 §2: what a client without a profile may call us.
const ENDPOINTS: [&str; 4] = ["/token", "/par", "/introspect", "/revoke"];
