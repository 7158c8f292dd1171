//! A code becomes tokens, once (RFC 6749 §4.1.3).

use crate::{
    error::Error,
    rules::{
        audit::{Event, Outcome, Record},
        binding::code_is_held,
        client::Client,
        grant::{Grant, code_fits},
        oauth::{Code, OauthError},
        parameters::Parameters,
        secret::Opaque,
    },
    service::Idp,
    store::{self, grants::Redeemed},
};

use super::{
    grant::{Issue, Tokens, about, refused, revoke_replayed, tokens},
    possession::Held,
    protect::prepare,
};

/// Redeems a code. The write decides who is first; whoever is first and wrong has spent it all the same, because a
/// code in wrong hands has leaked. Whoever comes later revokes everything that came of it (RFC 6749 §4.1.2).
pub(super) async fn redeem(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    held: &Held,
) -> Result<Tokens, Error<OauthError>> {
    let unknown = OauthError::new(Code::InvalidGrant, "the code is not good, or no longer");
    let Some(code) = request.value("code") else {
        return refused(OauthError::new(Code::InvalidRequest, "code is missing"));
    };
    let Some(code) = Opaque::parse(code) else {
        return refused(unknown);
    };
    // Before the transaction: it may have to fetch the client's keys.
    let id_token = prepare(idp, client, client.id_token()).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let (spent, grant) = match store::grants::redeem(&mut write, &code.digest(), now).await? {
        Redeemed::Now(spent, grant) => (spent, grant),
        Redeemed::Again(grant) => {
            revoke_replayed(idp, &mut write, &grant, Event::CodeReplayed).await?;
            write.commit().await?;
            return refused(unknown);
        }
        Redeemed::Unknown => return refused(unknown),
    };
    let fits = code_fits(&spent, &grant, &client.id, request, now)
        .and_then(|()| code_is_held(spent.dpop_jkt.as_ref(), &held.shown));
    if let Err(error) = fits {
        store::grants::revoke(&mut write, &grant.id, now).await?;
        store::audit::append(&mut write, &misfit(&grant, client), now).await?;
        write.commit().await?;
        return refused(error);
    }
    if !store::sessions::hold(&mut write, &grant.session, now).await? {
        // The citizen left between the answer and its redemption: nobody is told that they are here.
        store::grants::revoke(&mut write, &grant.id, now).await?;
        store::audit::append(&mut write, &refusal(&grant, "session-ended"), now).await?;
        write.commit().await?;
        return refused(unknown);
    }
    let issue = Issue::first(&grant, spent.nonce.as_deref(), held.binding).asking(request);
    let issued = tokens(idp, &mut write, (client, &id_token), issue).await?;
    store::audit::append(&mut write, &about(Event::CodeRedeemed, &grant), now).await?;
    write.commit().await?;
    Ok(issued)
}

/// The code was spent by a request that it does not fit; the client that brought it may be another.
fn misfit(grant: &Grant, client: &Client) -> Record {
    refusal(grant, "misfit").with("brought_by", client.id.as_str())
}

fn refusal(grant: &Grant, why: &'static str) -> Record {
    Record {
        outcome: Outcome::Refused(why),
        ..about(Event::CodeRedeemed, grant)
    }
}
