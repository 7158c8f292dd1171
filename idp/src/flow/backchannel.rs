//! Back-channel logout: notices leave the outbox, each at least once, one client's silence holding up no other's.
//!
//! A notice is claimed, its token made (with the time of this very attempt), carried, and then settled: taken out when
//! the agency took it, put back for later when not. A node that dies in between leaves a claim that runs out.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::task::JoinSet;
use url::Url;

use super::protect;
use crate::{
    error::{Error, Fault},
    fetch::Unfetched,
    rules::{
        audit::{Event, Outcome, Record},
        backchannel::{Fate, Heard, LogoutToken, fate},
        client::{Client, Protection},
        ids::ClientId,
        oauth::OauthError,
        time::Seconds,
        tokens::subject,
    },
    service::Idp,
    store::{self, outbox::Notice},
    world::bytes,
};

/// Carries notices as long as the service runs: at once when this node ended a session, and every second what another
/// node or a command put there or what is due again.
pub async fn forever(idp: Arc<Idp>) {
    let mut busy: HashSet<ClientId> = HashSet::new();
    let mut working: JoinSet<ClientId> = JoinSet::new();
    loop {
        match due(&idp).await {
            Ok(clients) => {
                for client in clients {
                    if working.len() < MOST_CLIENTS && busy.insert(client.clone()) {
                        let idp = Arc::clone(&idp);
                        working.spawn(async move {
                            if let Err(fault) = work(&idp, &client).await {
                                tracing::warn!(%fault, %client, "carrying logout notices");
                            }
                            client
                        });
                    }
                }
            }
            Err(fault) => tracing::warn!(%fault, "reading the outbox"),
        }
        tokio::select! {
            () = idp.outbox.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            Some(done) = working.join_next() => match done {
                Ok(client) => {
                    busy.remove(&client);
                }
                // Whose task it was is not known any more: all of them may be looked at again.
                Err(_) => busy.clear(),
            },
        }
    }
}

/// Carries what is due now and comes back; how many notices were settled. What fails is due again later.
///
/// # Errors
/// A fault of the database.
pub async fn once(idp: &Arc<Idp>) -> Result<usize, Fault> {
    let mut settled = 0_usize;
    for client in due(idp).await? {
        settled = settled.saturating_add(work(idp, &client).await?);
    }
    Ok(settled)
}

async fn due(idp: &Idp) -> Result<Vec<ClientId>, Fault> {
    let mut read = idp.store.read().await?;
    store::outbox::due(&mut read, idp.now(), MOST_DUE).await
}

/// Works through what is due for one client, a handful at a time, until nothing is left or the client stops taking.
async fn work(idp: &Arc<Idp>, client: &ClientId) -> Result<usize, Fault> {
    let mut settled = 0_usize;
    loop {
        let now = idp.now();
        let mut write = idp.store.write().await?;
        let claimed = store::outbox::claim(&mut write, client, (now, now.after(CLAIM)), AT_ONCE).await?;
        write.commit().await?;
        if claimed.is_empty() {
            return Ok(settled);
        }
        let mut carrying = JoinSet::new();
        for notice in claimed {
            let idp = Arc::clone(idp);
            carrying.spawn(async move { carry(&idp, &notice).await });
        }
        let mut taken = true;
        while let Some(carried) = carrying.join_next().await {
            let fate = carried.map_err(|source| Fault::of("carrying a logout notice", source))??;
            settled = settled.saturating_add(1);
            taken &= !matches!(fate, Fate::Again(_));
        }
        if !taken {
            return Ok(settled);
        }
    }
}

/// Carries one claimed notice and settles it.
async fn carry(idp: &Idp, notice: &Notice) -> Result<Fate, Fault> {
    let mut read = idp.store.read().await?;
    let client = store::clients::find(&mut read, &notice.client).await?;
    drop(read);
    let to = client.as_ref().and_then(|(client, _)| {
        let logout = client.backchannel_logout.as_ref()?;
        Some((client, Url::parse(&logout.uri).ok()?))
    });
    let Some((client, to)) = to else {
        // It was removed, or wants no notices any more.
        return settle(idp, notice, Fate::GivenUp("unregistered")).await;
    };
    let heard = match token(idp, client, notice).await {
        Ok(token) => post(idp, &to, &token).await,
        Err(Error::Fault(fault)) => return Err(fault),
        // It wants tokens encrypted to a key that cannot be had now.
        Err(Error::Refused(_)) => Heard::Nothing,
    };
    let [jitter] = bytes::<1>(idp.chance.as_ref());
    let fate = fate(heard, notice.attempts, notice.created_at, idp.now(), jitter);
    if !matches!(fate, Fate::Delivered) {
        tracing::warn!(client = %notice.client, attempts = notice.attempts, ?heard, ?fate, "logout notice");
    }
    settle(idp, notice, fate).await
}

/// A logout token made now (§2.4), signed and encrypted like this client's id tokens (§2.6).
async fn token(idp: &Idp, client: &Client, notice: &Notice) -> Result<String, Error<OauthError>> {
    let protection = Protection {
        signed: Some(client.id_token_alg),
        encrypted: client.id_token_encryption,
    };
    let prepared = protect::prepare(idp, client, protection).await?;
    let sub = subject(&idp.derived.pairwise, client, &notice.citizen);
    let claims = LogoutToken::new(
        idp.config.issuer.named_to(client.profile),
        client.id.as_str(),
        (&sub, &notice.sid),
        idp.id(),
        idp.now(),
    );
    Ok(prepared.token(idp, "logout+jwt", &claims).await?)
}

/// §2.5: a form with the token. The fetcher follows no redirect and looks at where the address leads.
async fn post(idp: &Idp, to: &Url, token: &str) -> Heard {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    match idp.fetch.post(to, body).await {
        Ok(answer) => Heard::Status(answer.status),
        Err(Unfetched::Redirected) => Heard::Status(302),
        Err(problem) => {
            tracing::warn!(%problem, host = to.host_str().unwrap_or_default(), "logout notice not delivered");
            Heard::Nothing
        }
    }
}

/// Writes what came of it, and the audit record in the same transaction.
async fn settle(idp: &Idp, notice: &Notice, fate: Fate) -> Result<Fate, Fault> {
    let outcome = match fate {
        Fate::Delivered => Outcome::Done,
        Fate::GivenUp(why) => Outcome::Refused(why),
        Fate::Again(next) => {
            let mut write = idp.store.write().await?;
            store::outbox::put_back(&mut write, notice, next).await?;
            write.commit().await?;
            return Ok(fate);
        }
    };
    let mut write = idp.store.write().await?;
    if store::outbox::remove(&mut write, notice).await? {
        let record = Record::new(Event::LogoutNotified, outcome)
            .citizen(&notice.citizen)
            .client(&notice.client)
            .session(&notice.sid)
            .with("attempts", notice.attempts.to_string());
        store::audit::append(&mut write, &record, idp.now()).await?;
        write.commit().await?;
    }
    Ok(fate)
}

/// What another process put there is found this soon.
const EVERY: Duration = Duration::from_secs(1);
/// Longer than the fetcher tries; after that the node that claimed must have gone.
const CLAIM: Seconds = Seconds(15);
/// Connections to one agency at a time.
const AT_ONCE: i64 = 8;
/// Agencies told at the same time by one node.
const MOST_CLIENTS: usize = 32;
/// Agencies found due at one look.
const MOST_DUE: i64 = 128;
