//! An authorization request in whichever way it comes: plain, signed, by reference, or pushed before.

use std::borrow::Cow;

use sdk_jose::{
    Expected, Typ, Unverified,
    json::Object,
    jwe::{self, Encrypted, is_jwe},
};
use url::Url;

use crate::{
    error::{Error, Fault},
    fetch::REQUEST_OBJECT,
    rules::{
        authorize::{AuthorizeRequest, Offer, Refused, Way, check, object, pushed::RequestUri, return_to},
        client::{Client, Encryption},
        oauth::{Code, OauthError},
        parameters::Parameters,
        refusal::Refusal,
    },
    service::Idp,
    store,
};

use super::{client_keys, hint};

/// The request that a browser brings to `client`'s name.
///
/// # Errors
/// What is wrong with it, and who hears it.
pub(super) async fn brought(
    idp: &Idp,
    client: &Client,
    sent: &Parameters,
) -> Result<AuthorizeRequest, Error<Refused>> {
    for name in ["request_uri", "request"] {
        if sent.repeats(name) {
            return here(Refusal::RequestMalformed(name));
        }
    }
    let object = match (sent.value("request_uri"), sent.value("request")) {
        (Some(uri), _) if RequestUri::is_shaped(uri) => return Box::pin(entered(idp, client, uri)).await,
        (Some(_), Some(_)) => Err(OauthError::new(
            Code::InvalidRequest,
            "request and request_uri at once",
        )),
        (Some(uri), None) => Box::pin(fetched(idp, client, uri)).await,
        (None, Some(token)) => Ok(token.to_owned()),
        (None, None) => return checked(idp, client, sent, BROUGHT).map_err(Error::Refused),
    };
    let inside = match object {
        Ok(token) => Box::pin(opened(idp, client, &token)).await?,
        Err(error) => Err(error),
    };
    match inside {
        Ok(inside) => {
            let way = Way {
                signed: true,
                ..BROUGHT
            };
            checked(idp, client, &inside, way).map_err(Error::Refused)
        }
        Err(error) => there(sent, client, error),
    }
}

/// The request that `client` itself sends (RFC 9126 §2.1, §3).
///
/// # Errors
/// What is wrong with it.
pub(super) async fn pushed(
    idp: &Idp,
    client: &Client,
    sent: &Parameters,
) -> Result<AuthorizeRequest, Error<OauthError>> {
    let told = |refused| match refused {
        Refused::There { error, .. } => Error::Refused(error),
        Refused::Here(_) => Error::Refused(OauthError::new(
            Code::InvalidRequest,
            "redirect_uri is missing or not registered",
        )),
    };
    let Some(token) = sent.value("request") else {
        return checked(idp, client, sent, PUSHED).map_err(told);
    };
    let inside = opened(idp, client, token).await?.map_err(Error::Refused)?;
    let way = Way {
        signed: true,
        ..PUSHED
    };
    checked(idp, client, &inside, way).map_err(told)
}

/// RFC 9126 §4: by its reference, and nothing beside it counts. Another client's is as good as none.
async fn entered(idp: &Idp, client: &Client, uri: &str) -> Result<AuthorizeRequest, Error<Refused>> {
    let Some(uri) = RequestUri::parse(uri) else {
        return here(Refusal::RequestExpired);
    };
    let digest = uri.opaque().digest();
    let mut read = idp.store.read().await?;
    let found = store::pushed::find(&mut read, &idp.seal, &digest, &client.id, idp.now()).await?;
    let Some(request) = found else {
        return here(Refusal::RequestExpired);
    };
    Ok(AuthorizeRequest {
        pushed: Some(digest),
        ..request
    })
}

/// RFC 9101 §5.2: an object at one of the addresses that the client registered, byte for byte; never kept, since it is
/// what the client wants now.
async fn fetched(idp: &Idp, client: &Client, uri: &str) -> Result<String, OauthError> {
    let wrong = |description| OauthError::new(Code::InvalidRequestUri, description);
    if !client.request_objects.uris.iter().any(|known| known == uri) {
        return Err(wrong("request_uri is neither pushed nor registered"));
    }
    let url = Url::parse(uri).map_err(|_| wrong("request_uri is not an address"))?;
    let found = idp.fetch.get(&url, REQUEST_OBJECT).await;
    let found = found.map_err(|unfetched| {
        tracing::info!(client = client.id.as_str(), %unfetched, "no request object");
        wrong("nothing could be read at request_uri")
    })?;
    let text = String::from_utf8(found.body).map_err(|_| wrong("what is at request_uri is not a JWT"))?;
    Ok(text.trim().to_owned())
}

fn checked(idp: &Idp, client: &Client, sent: &Parameters, way: Way) -> Result<AuthorizeRequest, Refused> {
    let offer = Offer {
        levels: &idp.config.assurance,
        details: &idp.config.authorization_details,
    };
    hinted(idp, sent, client, check(sent, client, way, offer)?)
}

/// The parameters inside a request object, if `client` signed it for us and now (RFC 9101 §6).
async fn opened(idp: &Idp, client: &Client, token: &str) -> Result<Result<Parameters, OauthError>, Fault> {
    let wrong = |description| Ok(Err(OauthError::new(Code::InvalidRequestObject, description)));
    let token = match decrypted(idp, client, token) {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    let token = token.as_ref();
    let algorithms = object::algorithms(client);
    let Ok(unverified) = Unverified::parse(token) else {
        return wrong("the request object is not a JWS with an algorithm that we know");
    };
    // RFC 9101 §10.8: explicit typing, or the type that older clients write.
    let typ = match unverified.typ() {
        Some(typ) if typ.to_ascii_lowercase().ends_with("oauth-authz-req+jwt") => {
            Typ::Required("oauth-authz-req+jwt")
        }
        Some(_) | None => Typ::JwtOrAbsent,
    };
    let expected = Expected {
        algorithms: &algorithms,
        typ,
    };
    let verified = client_keys::verify(idp, client, token, &expected).await?;
    let Ok(claims) = verified.and_then(sdk_jose::Verified::claims::<Object>) else {
        return wrong("the request object's signature, key, algorithm or typ is not good");
    };
    let issuer = idp.config.issuer.named_to(client.profile);
    Ok(object::parameters(&claims, client, issuer, idp.now()))
}

/// The signed object inside an encrypted one (RFC 9101 §6.1); an object that was not encrypted is what it is. What is
/// inside is a JWS and must be signed like any other: anybody can encrypt to us.
fn decrypted<'a>(idp: &Idp, client: &Client, token: &'a str) -> Result<Cow<'a, str>, OauthError> {
    if !is_jwe(token) {
        return Ok(Cow::Borrowed(token));
    }
    let wrong = |description| OauthError::new(Code::InvalidRequestObject, description);
    let encrypted = Encrypted::parse(token).map_err(|refusal| match refusal {
        jwe::Refusal::TooLong => wrong("the encrypted request object is too long"),
        jwe::Refusal::Algorithm => {
            wrong("the request object is encrypted by an algorithm that is not offered")
        }
        jwe::Refusal::Shape
        | jwe::Refusal::Header
        | jwe::Refusal::Critical
        | jwe::Refusal::Undecryptable
        | jwe::Refusal::Content => wrong("the encrypted request object is not a JWE as RFC 7516 writes it"),
    })?;
    let sent = Encryption {
        alg: encrypted.alg(),
        enc: encrypted.enc(),
    };
    object::encrypted_as_registered(client, sent)?;
    let inside = idp.signing.decrypt(encrypted);
    let inside = inside.map_err(|_| wrong("the request object is not encrypted to a key of ours"))?;
    String::from_utf8(inside.into_content())
        .map(Cow::Owned)
        .map_err(|_| wrong("what was encrypted is not a request object"))
}

/// OpenID Connect Core §3.1.2.1 `id_token_hint`: nobody but its subject may be answered about. It must be one that we
/// issued to this client.
fn hinted(
    idp: &Idp,
    sent: &Parameters,
    client: &Client,
    request: AuthorizeRequest,
) -> Result<AuthorizeRequest, Refused> {
    let Some(token) = sent.value("id_token_hint") else {
        return Ok(request);
    };
    let to = request.return_to();
    let hinted = match hint::read(idp, token).filter(|hint| hint.aud == client.id.as_str()) {
        Some(hint) => request.about(hint.sub),
        None => Err(OauthError::new(
            Code::InvalidRequest,
            "id_token_hint is not an id token of this client",
        )),
    };
    hinted.map_err(|error| Refused::There { to, error })
}

/// An error about a request whose inside cannot be believed: told at the address beside it, if that one is good.
fn there<T>(sent: &Parameters, client: &Client, error: OauthError) -> Result<T, Error<Refused>> {
    Err(Error::Refused(match return_to(sent, client) {
        Ok(to) => Refused::There { to, error },
        Err(_) => Refused::Here(Refusal::RequestMalformed(error.description)),
    }))
}

fn here<T>(refusal: Refusal) -> Result<T, Error<Refused>> {
    Err(Error::Refused(Refused::Here(refusal)))
}

/// A browser brings it.
const BROUGHT: Way = Way {
    pushed: false,
    signed: false,
};
/// The client pushes it.
const PUSHED: Way = Way {
    pushed: true,
    signed: false,
};
