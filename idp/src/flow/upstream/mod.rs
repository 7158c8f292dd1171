//! A credential from elsewhere opens an account that nothing opens yet: its owner is sent to a provider that the operator
//! trusts, comes back with its word, and goes on as after a code. Nobody is ever logged in by it.
//!
//! ```text
//! begin ─ question ─▶ (the other provider) ─ answer ─▶ exchange::vouched ─▶ admit ─ ticket ─▶ activation::secure
//! ```

mod admit;
mod exchange;

use self::{admit::admit, exchange::vouched};
use crate::{
    error::{Error, Fault},
    fetch::Upstream,
    rules::{
        audit::{Event, Outcome, Record},
        refusal::Refusal,
        secret::{Digest, Opaque},
        upstream::{AWAY, Answer, Question, Unproven},
        visitor::Visitor,
    },
    service::Idp,
    store::{self, upstreams::Waiting},
};

/// What came of it.
#[derive(Debug)]
pub enum Came {
    /// The person is known and nothing opens their account yet: this browser goes on under this ticket.
    Opened(Opaque),
    /// It opened nothing.
    Not(NotOpened),
}

/// Why nothing was opened. Told to whoever came back: it is about whom they proved to be and about nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// They went back, or said no there.
    Declined,
    /// The provider's word proves nothing.
    Unproven,
    /// The provider cannot be reached, or does not know us any more.
    Away,
    /// Nobody here has the number that they proved to have.
    Unregistered,
    /// They have a way of logging in already.
    Active,
}

/// Why there is no word.
#[derive(Debug)]
enum Unvouched {
    Declined,
    Unproven(Unproven),
    Away,
}

/// Where to send the browser; `None` while the provider cannot be reached.
///
/// # Errors
/// [`Refusal::Forged`] from a browser that has not seen our page; a fault of the database.
pub async fn begin(idp: &Idp, visitor: &Visitor, upstream: &Upstream) -> Result<Option<String>, Error> {
    let browser = visitor.browser.as_ref().ok_or(Refusal::Forged)?;
    let now = idp.now();
    let Some(endpoints) = upstream.endpoints(idp.fetch.as_ref(), now).await else {
        return Ok(None);
    };
    let question = Question::new(&idp.derived.upstream, &upstream.name, idp.opaque());
    let mut write = idp.store.write().await?;
    let (state, browser) = (question.state.digest(), browser.digest());
    store::upstreams::put(&mut write, waiting(upstream, &state, &browser), now.after(AWAY)).await?;
    write.commit().await?;
    Ok(Some(question.address(
        &upstream.provider,
        &endpoints,
        &redirect_uri(idp, upstream),
    )))
}

/// The browser is back.
///
/// # Errors
/// [`Refusal::InteractionLost`] where nothing was asked, or it was answered, or another browser asked;
/// [`Refusal::AccountClosed`] and [`Refusal::AccountFrozen`], told to whoever has just been proved to be the citizen; a
/// fault of the database.
pub async fn come_back(
    idp: &Idp,
    visitor: &Visitor,
    upstream: &Upstream,
    answer: &Answer,
) -> Result<Came, Error> {
    let browser = visitor.browser.as_ref().ok_or(Refusal::InteractionLost)?;
    let question = taken(idp, browser, upstream, answer).await?;
    match vouched(idp, upstream, question, answer).await {
        Ok(vouched) => admit(idp, browser, upstream, vouched).await,
        Err(why) => {
            note(idp, upstream, &why).await?;
            Ok(Came::Not(match why {
                Unvouched::Declined => NotOpened::Declined,
                Unvouched::Unproven(_) => NotOpened::Unproven,
                Unvouched::Away => NotOpened::Away,
            }))
        }
    }
}

/// The question that this answer answers: asked by this browser, of this provider, not long ago, and not answered yet.
async fn taken(idp: &Idp, browser: &Opaque, upstream: &Upstream, answer: &Answer) -> Result<Question, Error> {
    let state = answer.state().ok_or(Refusal::InteractionLost)?;
    let (digest, browser) = (state.digest(), browser.digest());
    let mut write = idp.store.write().await?;
    if !store::upstreams::take(&mut write, waiting(upstream, &digest, &browser), idp.now()).await? {
        return Err(Refusal::InteractionLost.into());
    }
    write.commit().await?;
    Ok(Question::new(&idp.derived.upstream, &upstream.name, state))
}

/// Writes down that nobody was vouched for. Whom it would have been about is not known.
async fn note(idp: &Idp, upstream: &Upstream, why: &Unvouched) -> Result<(), Fault> {
    let reason = match why {
        Unvouched::Declined => "declined",
        Unvouched::Unproven(unproven) => unproven.name(),
        Unvouched::Away => "away",
    };
    tracing::info!(upstream = upstream.name, ?why, "nobody was vouched for");
    let record = told(upstream, Outcome::Refused(reason));
    let mut write = idp.store.write().await?;
    store::audit::append(&mut write, &record, idp.now()).await?;
    write.commit().await
}

fn told(upstream: &Upstream, outcome: Outcome) -> Record {
    Record::new(Event::ActivationVouched, outcome).with("upstream", upstream.name.as_str())
}

/// One address for each provider: an answer that was meant for another never arrives here (RFC 9700 §4.4.2.2).
fn redirect_uri(idp: &Idp, upstream: &Upstream) -> String {
    idp.config
        .issuer
        .at(&format!("/activate/with/{}/return", upstream.name))
}

fn waiting<'a>(upstream: &'a Upstream, state: &'a Digest, browser: &'a Digest) -> Waiting<'a> {
    Waiting {
        provider: &upstream.name,
        state,
        browser,
    }
}
