//! What a guess costs where many were wrong: never in a browser that the citizen has logged in with, never as the only
//! rule. It slows down whoever tries one password on many accounts, whom no account's own counter sees.

use std::net::IpAddr;

use super::throttle;
use crate::{
    error::Fault,
    rules::{
        effort::{Challenge, Worth},
        interaction::Interaction,
        national_id::NationalId,
        replay::Once,
        throttle::Guessed,
        visitor::Visitor,
    },
    service::Idp,
    store,
    world::bytes,
};

/// What an attempt owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owed {
    /// Nothing, or it was paid.
    Nothing,
    /// An answer to this challenge.
    Effort {
        /// What the page holds.
        challenge: String,
    },
}

/// Judges what the form of this conversation brought, for a password of `number`.
///
/// # Errors
/// A fault of the database.
pub async fn judge(
    idp: &Idp,
    (visitor, interaction): (&Visitor, &Interaction),
    (number, from): (&NationalId, Option<IpAddr>),
    (challenge, answer): (&str, &str),
) -> Result<Owed, Fault> {
    if !besieged(idp, from) || knows(idp, visitor, number).await? {
        return Ok(Owed::Nothing);
    }
    let now = idp.now();
    let Some(known) = ours(idp, interaction, challenge) else {
        return Ok(new(idp, interaction));
    };
    match known.worth(challenge, answer, now) {
        Worth::Enough => {
            let once = Once::new(&[b"effort", &known.nonce], known.until);
            let mut write = idp.store.write().await?;
            let paid = store::replays::spend(&mut write, &once).await?;
            write.commit().await?;
            // Paid once: the next guess pays again.
            Ok(if paid {
                Owed::Nothing
            } else {
                new(idp, interaction)
            })
        }
        // The same again: who waits has not waited in vain.
        Worth::Wait(_) => Ok(Owed::Effort {
            challenge: challenge.to_owned(),
        }),
        Worth::Nothing => Ok(new(idp, interaction)),
    }
}

/// What the next attempt from here will owe, so that the script can begin while the person types.
#[must_use]
pub fn ahead(idp: &Idp, interaction: &Interaction, from: Option<IpAddr>) -> Owed {
    if besieged(idp, from) {
        new(idp, interaction)
    } else {
        Owed::Nothing
    }
}

/// A guess from here was wrong.
pub fn wrong(idp: &Idp, from: Option<IpAddr>) {
    if let Some(address) = from {
        idp.limits.wrong_guess(address, idp.now());
    }
}

/// The citizen whose number this is has logged in with this browser before.
async fn knows(idp: &Idp, visitor: &Visitor, number: &NationalId) -> Result<bool, Fault> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, number).await?;
    drop(read);
    let citizen = found.map(|(citizen, _)| citizen);
    let whose = super::login::whose(number, citizen.as_ref());
    throttle::knows(idp, Guessed::Password, &whose, visitor).await
}

fn besieged(idp: &Idp, from: Option<IpAddr>) -> bool {
    from.is_some_and(|address| idp.limits.guesses_used_up(address, idp.now()))
}

fn new(idp: &Idp, interaction: &Interaction) -> Owed {
    let text = Challenge::new(bytes(idp.chance.as_ref()), idp.now()).text();
    let tag = tag(idp, interaction, &text);
    Owed::Effort {
        challenge: format!("{text}.{tag}"),
    }
}

/// The challenge, if it was made here for this conversation.
fn ours(idp: &Idp, interaction: &Interaction, shown: &str) -> Option<Challenge> {
    use subtle::ConstantTimeEq as _;
    let (text, given) = shown.rsplit_once('.')?;
    let right = tag(idp, interaction, text);
    bool::from(right.as_bytes().ct_eq(given.as_bytes()))
        .then(|| Challenge::parse(text))
        .flatten()
}

fn tag(idp: &Idp, interaction: &Interaction, text: &str) -> String {
    let id = interaction.id.digest();
    idp.derived
        .csrf
        .tag_text(&[b"effort", id.bytes(), text.as_bytes()])
}
