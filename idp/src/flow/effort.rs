//! What a guess costs where many were wrong: a password, the code that opens an account, what a recovery asks for. Never in
//! a browser that the citizen has logged in with, never as the only rule. It slows down whoever tries one secret on many
//! accounts, whom no account's own counter sees.

use std::net::IpAddr;

use super::throttle;
use crate::{
    error::Fault,
    rules::{
        effort::{Challenge, Worth},
        interaction::Interaction,
        national_id::NationalId,
        recovery::Recovery,
        replay::Once,
        secret::{Digest, Opaque},
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

impl Owed {
    /// What the page has to hold, if anything.
    #[must_use]
    pub fn challenge(self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Effort { challenge } => Some(challenge),
        }
    }
}

/// Where a challenge is shown. It pays for a guess there and nowhere else.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// The page that asks for a password.
    Login(&'a Interaction),
    /// The page that asks for an activation code, in this browser.
    Activation(&'a Opaque),
    /// The pages of one recovery.
    Recovery(&'a Recovery),
    /// The page that blocks an account with what its owner still knows, in this browser.
    Block(&'a Opaque),
}

impl Place<'_> {
    /// What makes it this one and no other.
    fn name(self) -> (&'static [u8], Digest) {
        match self {
            Self::Login(interaction) => (b"effort", interaction.id.digest()),
            Self::Activation(browser) => (b"effort activation", browser.digest()),
            Self::Recovery(recovery) => (b"effort recovery", Digest::of(recovery.id.as_str().as_bytes())),
            Self::Block(browser) => (b"effort block", browser.digest()),
        }
    }
}

/// Judges what a form brought along with a guess at what `number` has.
///
/// # Errors
/// A fault of the database.
pub async fn judge(
    idp: &Idp,
    (visitor, place): (&Visitor, Place<'_>),
    (number, from): (&NationalId, Option<IpAddr>),
    (challenge, answer): (&str, &str),
) -> Result<Owed, Fault> {
    if !besieged(idp, from) || knows(idp, visitor, number).await? {
        return Ok(Owed::Nothing);
    }
    let now = idp.now();
    let Some(known) = ours(idp, place, challenge) else {
        return Ok(new(idp, place));
    };
    match known.worth(challenge, answer, now) {
        Worth::Enough => {
            let once = Once::new(&[b"effort", &known.nonce], known.until);
            let mut write = idp.store.write().await?;
            let paid = store::replays::spend(&mut write, &once).await?;
            write.commit().await?;
            // Paid once: the next guess pays again.
            Ok(if paid { Owed::Nothing } else { new(idp, place) })
        }
        // The same again: who waits has not waited in vain.
        Worth::Wait(_) => Ok(Owed::Effort {
            challenge: challenge.to_owned(),
        }),
        Worth::Nothing => Ok(new(idp, place)),
    }
}

/// What the next attempt from here will owe, so that the script can begin while the person types.
#[must_use]
pub fn ahead(idp: &Idp, place: Place<'_>, from: Option<IpAddr>) -> Owed {
    if besieged(idp, from) {
        new(idp, place)
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

fn new(idp: &Idp, place: Place<'_>) -> Owed {
    let text = Challenge::new(bytes(idp.chance.as_ref()), idp.now()).text();
    let tag = tag(idp, place, &text);
    Owed::Effort {
        challenge: format!("{text}.{tag}"),
    }
}

/// The challenge, if it was made by us for this place.
fn ours(idp: &Idp, place: Place<'_>, shown: &str) -> Option<Challenge> {
    use subtle::ConstantTimeEq as _;
    let (text, given) = shown.rsplit_once('.')?;
    let right = tag(idp, place, text);
    bool::from(right.as_bytes().ct_eq(given.as_bytes()))
        .then(|| Challenge::parse(text))
        .flatten()
}

fn tag(idp: &Idp, place: Place<'_>, text: &str) -> String {
    let (kind, id) = place.name();
    idp.derived.csrf.tag_text(&[kind, id.bytes(), text.as_bytes()])
}
