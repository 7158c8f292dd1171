//! The device grant (RFC 8628): a device asks, the citizen decides where they are logged in, the device redeems.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{Client, GrantType},
        credentials::Presented,
        device::{DEVICE_LIFETIME, DeviceRequest, Origin, POLL_INTERVAL, Polled, UserCode, told},
        grant::Grant,
        oauth::{Code, OauthError},
        parameters::Parameters,
        refusal::Refusal,
        resource::ScopeTokens,
        secret::{Opaque, Secret},
        session::Session,
        throttle::Guessed,
    },
    service::Idp,
    store::{self, Write},
    world::bytes,
};

use super::{
    client::authenticate,
    consent::Decision,
    grant::{Issue, Tokens, about, refused, revoke_replayed, tokens},
    possession::Held,
    protect::prepare,
    throttle,
};

/// A device authorization response (RFC 8628 §3.2).
#[derive(Debug)]
pub struct Waiting {
    /// For the device alone.
    pub device_code: Secret<String>,
    /// For the citizen.
    pub user_code: UserCode,
    /// Seconds.
    pub expires_in: i64,
    /// Seconds.
    pub interval: i64,
}

/// A device asks for a code to show (RFC 8628 §3.1).
///
/// # Errors
/// The error response of RFC 6749 §5.2.
pub async fn authorize(
    idp: &Idp,
    presented: &Presented,
    request: &Parameters,
    origin: Origin,
) -> Result<Waiting, Error<OauthError>> {
    if request.has_repeated() {
        return refused(OauthError::new(Code::InvalidRequest, "a parameter is repeated"));
    }
    let client = authenticate(idp, presented).await?;
    let asked = asked(idp, &client, request, origin).map_err(Error::Refused)?;
    let device_code = idp.opaque();
    for _ in 0..COLLISIONS {
        let user_code = UserCode::new(bytes(idp.chance.as_ref()));
        let mut write = idp.store.write().await?;
        let codes = (&device_code.digest(), tag(idp, &user_code));
        let sealing = (&idp.seal, idp.chance.as_ref());
        if store::devices::insert(&mut write, sealing, (codes.0, &codes.1), &asked).await? {
            write.commit().await?;
            return Ok(Waiting {
                device_code: device_code.text(),
                user_code,
                expires_in: DEVICE_LIFETIME.0,
                interval: POLL_INTERVAL.0,
            });
        }
    }
    Err(Error::Fault(Fault::plain("no free user code was found")))
}

fn asked(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    origin: Origin,
) -> Result<DeviceRequest, OauthError> {
    if !client.may_use(GrantType::DeviceCode) {
        return Err(OauthError::new(
            Code::UnauthorizedClient,
            "this client may not use the device grant",
        ));
    }
    let asked = ScopeTokens::parse(request.value("scope").unwrap_or_default());
    let resource = request
        .values("resource")
        .next()
        .map(|uri| idp.config.resources.open_to(client, uri))
        .transpose()?;
    let now = idp.now();
    Ok(DeviceRequest {
        client: client.id.clone(),
        // RFC 6749 §3.3: what the client may not ask is left out, as at the authorization endpoint.
        scopes: asked.of_citizen().and(&client.scopes),
        resources: resource.iter().map(|resource| resource.uri.clone()).collect(),
        resource_scopes: resource.map_or_else(ScopeTokens::default, |resource| asked.and(&resource.scope)),
        origin,
        created_at: now,
        expires_at: now.after(DEVICE_LIFETIME),
    })
}

/// The request that waits under the code that the citizen typed, and whose client it is.
///
/// # Errors
/// [`Refusal::NotFound`] when none waits; [`Refusal::Throttled`] after too many wrong ones.
pub async fn waiting(
    idp: &Idp,
    session: &Session,
    code: &UserCode,
) -> Result<(DeviceRequest, Client), Error> {
    let citizen = &session.citizen;
    let account = (citizen.as_str(), Some(citizen));
    let permit = throttle::admit(idp, Guessed::UserCode, account, None).await?;
    let mut read = idp.store.read().await?;
    let found = store::devices::waiting(&mut read, &idp.seal, &tag(idp, code), idp.now()).await?;
    let request = found.ok_or(Refusal::NotFound)?;
    let client = store::clients::find(&mut read, &request.client).await?;
    drop(read);
    let (client, _) = client.ok_or(Refusal::NotFound)?;
    throttle::passed(idp, permit).await?;
    Ok((request, client))
}

/// The citizen decides about the request under `code`.
///
/// # Errors
/// [`Refusal::NotFound`] when it no longer waits, [`Refusal::NotAllowed`] when the session ended.
pub async fn decide(idp: &Idp, session: &Session, code: &UserCode, decision: Decision) -> Result<(), Error> {
    let (request, client) = waiting(idp, session, code).await?;
    let (now, tag) = (idp.now(), tag(idp, code));
    let mut write = idp.store.write().await?;
    if !store::sessions::hold(&mut write, &session.sid, now).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let decided = match decision {
        Decision::Allow => allow(idp, &mut write, (&request, &client), (session, &tag)).await?,
        Decision::Deny => store::devices::deny(&mut write, &tag, now).await?,
    };
    if !decided {
        return Err(Refusal::NotFound.into());
    }
    let outcome = match decision {
        Decision::Allow => Outcome::Done,
        Decision::Deny => Outcome::Refused("citizen"),
    };
    let record = Record::new(Event::ConsentDecided, outcome)
        .citizen(&session.citizen)
        .client(&request.client)
        .session(&session.sid)
        .with("by", "device")
        .with(
            "scope",
            ScopeTokens::from(&request.scopes)
                .or(&request.resource_scopes)
                .to_string(),
        );
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

async fn allow(
    idp: &Idp,
    write: &mut Write,
    (request, client): (&DeviceRequest, &Client),
    (session, tag): (&Session, &str),
) -> Result<bool, Fault> {
    let now = idp.now();
    let before = store::consents::find(write, &session.citizen, &client.id).await?;
    let scopes = before.or(&request.scopes);
    store::consents::give(write, &session.citizen, &client.id, &scopes, now).await?;
    let grant = Grant::to_device(idp.grant_id(now), request, session, now);
    store::grants::insert_without_code(write, &grant).await?;
    store::devices::allow(write, tag, &grant.id, now).await
}

/// A device asks whether the citizen has decided, and gets its tokens once (RFC 8628 §3.4).
pub(super) async fn redeem(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    held: &Held,
) -> Result<Tokens, Error<OauthError>> {
    let Some(code) = request.value("device_code") else {
        return refused(OauthError::new(Code::InvalidRequest, "device_code is missing"));
    };
    let Some(code) = Opaque::parse(code) else {
        return refused(GONE);
    };
    // Before the transaction: it may have to fetch the client's keys.
    let id_token = prepare(idp, client, client.id_token()).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let polled = store::devices::poll(&mut write, &code.digest(), &client.id, now).await?;
    if let Polled::Again(family) = &polled
        && let Some(grant) = store::grants::any(&mut write, family).await?
    {
        revoke_replayed(idp, &mut write, &grant, Event::CodeReplayed).await?;
    }
    let family = match told(polled) {
        Ok(family) => family,
        Err(error) => {
            // The pace is kept although nothing is given.
            write.commit().await?;
            return refused(error);
        }
    };
    let Some(grant) = store::grants::find(&mut write, &family).await? else {
        write.commit().await?;
        return refused(GONE);
    };
    if !grant.outlives_session() && !store::sessions::hold(&mut write, &grant.session, now).await? {
        store::grants::revoke(&mut write, &grant.id, now).await?;
        write.commit().await?;
        return refused(GONE);
    }
    let issue = Issue::first(&grant, None, held.binding).asking(request);
    let issued = tokens(idp, &mut write, (client, &id_token), issue).await?;
    store::audit::append(&mut write, &about(Event::DeviceRedeemed, &grant), now).await?;
    write.commit().await?;
    Ok(issued)
}

/// What stands for a user code in the store: a keyed tag, for 34 bits could be tried out.
fn tag(idp: &Idp, code: &UserCode) -> String {
    idp.derived.index.tag_text(&[b"user_code", code.as_bytes()])
}

const GONE: OauthError = OauthError::new(Code::InvalidGrant, "the device code is not good, or no longer");
/// Two of a million codes that wait at once are the same with a chance of 20⁻⁸·10⁶; five times in a row never.
const COLLISIONS: usize = 5;
