//! The second step, and presence again: a one-time code. Each step of a seed is spent in the write.

use crate::{
    error::Error,
    flow::{
        interaction::factor_verified,
        login::{Tried, about},
        throttle,
    },
    rules::{
        assurance::{Factor, Verified},
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        interaction::{Interaction, Stage},
        refusal::Refusal,
        throttle::Guessed,
        totp::Code,
        visitor::Visitor,
    },
    service::Idp,
    store,
};

/// Tries a code.
///
/// # Errors
/// [`Refusal::OutOfTurn`] when no code is asked for; [`Refusal::Throttled`].
pub async fn code(
    idp: &Idp,
    visitor: &Visitor,
    interaction: Interaction,
    code: &Code,
) -> Result<Tried, Error> {
    let citizen = asked(&interaction).ok_or(Refusal::OutOfTurn)?.clone();
    let permit = throttle::admit(
        idp,
        Guessed::Totp,
        (citizen.as_str(), Some(&citizen)),
        visitor.browser.as_ref(),
    )
    .await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let outcome = match spend(idp, &mut write, &citizen, code).await? {
        true => Outcome::Done,
        false => Outcome::Refused("wrong-or-used"),
    };
    let record = about(
        visitor.place(Record::new(Event::LoginTotp, outcome)),
        Some(&citizen),
        &interaction,
    );
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    if outcome != Outcome::Done {
        return Ok(Tried::Wrong);
    }
    throttle::passed(idp, permit).await?;
    let verified = Verified::new(citizen, Factor::Totp, now);
    Ok(Tried::Right(
        factor_verified(idp, visitor, interaction, verified).await?,
    ))
}

/// Whose code is asked for at this stage, if one is.
#[must_use]
pub fn asked(interaction: &Interaction) -> Option<&CitizenId> {
    match &interaction.stage {
        Stage::SecondFactor { citizen, .. } | Stage::Reauthenticate { citizen, .. } => Some(citizen),
        Stage::Identify | Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done => None,
    }
}

/// The code belongs to a step of one of the citizen's seeds, and nobody was faster.
pub(super) async fn spend(
    idp: &Idp,
    write: &mut store::Write,
    citizen: &CitizenId,
    code: &Code,
) -> Result<bool, Error> {
    let (now, mut found) = (idp.now().0, None);
    // Every app is compared, whichever matches: how long a wrong code takes tells nothing of it.
    for (id, seed) in store::totp::of_citizen(write, &idp.seal, citizen).await? {
        let step = seed.matching_step(code, now);
        found = found.or(step.map(|step| (id, step)));
    }
    match found {
        Some((id, step)) => Ok(store::totp::spend_step(write, &id, step).await?),
        None => Ok(false),
    }
}
