//! What a known citizen can show at this step of a conversation, and how high they can get at all.

use crate::{
    error::{Error, Fault},
    rules::{
        assurance::{Aal, Factor},
        ids::CitizenId,
        interaction::{Interaction, Purpose, Stage},
        mfa::{Kind, Means, goal},
        passkey::Listed,
        session::{FRESH, Session},
    },
    service::Idp,
    store::{self, Connection, passkeys::StoredPasskey},
};

/// The ways to go on from this step.
#[derive(Debug, Default)]
pub struct Methods {
    /// A one-time code helps.
    pub code: bool,
    /// Keys that help, the one used last first.
    pub keys: Vec<Listed>,
    /// Only hardware that reaches AAL3 helps.
    pub hardware: bool,
}

/// The ways to go on for the known citizen of this step; none where nobody is known.
///
/// # Errors
/// A fault of the database.
pub async fn methods(idp: &Idp, interaction: &Interaction) -> Result<Methods, Fault> {
    let Some(citizen) = known(&interaction.stage) else {
        return Ok(Methods::default());
    };
    let mut read = idp.store.read().await?;
    let means = means(idp, &mut read, citizen, None).await?;
    let helping = helping(idp, &mut read, interaction, &means).await?;
    let mut keys: Vec<Listed> = helping.iter().map(|stored| listed(idp, stored)).collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.used_at));
    let hardware = goal(required(interaction, &means), &means) == Aal::Three;
    let shown = shown(&interaction.stage);
    Ok(Methods {
        code: !hardware && means.has.contains(&Factor::Totp) && !shown.contains(&Factor::Totp),
        keys,
        hardware,
    })
}

/// What a citizen has, and what the live session at hand rests on, if it is theirs.
pub(super) async fn means(
    idp: &Idp,
    connection: &mut Connection,
    citizen: &CitizenId,
    session: Option<&Session>,
) -> Result<Means, Fault> {
    let session = session.filter(|session| session.citizen == *citizen);
    Ok(Means {
        has: store::passkeys::factors(connection, citizen, |model| idp.people.models.allows(model)).await?,
        session: session.map(|session| session.factors.clone()).unwrap_or_default(),
    })
}

/// The level that this step needs. On an own page presence is asked again before something is changed that opens the
/// account: at the highest level that its citizen can reach (SP 800-63B-4 §4.1.2.1).
pub(super) fn required(interaction: &Interaction, means: &Means) -> Aal {
    match (&interaction.purpose, &interaction.stage) {
        (Purpose::Account { .. }, Stage::Reauthenticate { .. }) => {
            means.reach().unwrap_or(Aal::Two).max(Aal::Two)
        }
        (purpose, _) => purpose.required(),
    }
}

/// The keys that lead on from this step.
pub(super) async fn helping(
    idp: &Idp,
    connection: &mut Connection,
    interaction: &Interaction,
    means: &Means,
) -> Result<Vec<StoredPasskey>, Fault> {
    let Some(citizen) = known(&interaction.stage) else {
        return Ok(Vec::new());
    };
    let goal = goal(required(interaction, means), means);
    let mut keys = store::passkeys::of_citizen(connection, &idp.seal, citizen).await?;
    keys.retain(|stored| {
        let factor = factor(idp, stored, stored.credential.user_verified);
        let hardware = matches!(Kind::of(factor), Kind::HardwareKey | Kind::HardwarePasskey);
        hardware || goal < Aal::Three
    });
    Ok(keys)
}

/// What using this key shows.
pub(super) fn factor(idp: &Idp, stored: &StoredPasskey, user_verified: bool) -> Factor {
    let attested = stored.model.is_some_and(|model| idp.people.models.allows(model));
    crate::rules::passkey::factor(user_verified, stored.backup_eligible, attested)
}

/// A key as its owner sees it.
pub(super) fn listed(idp: &Idp, stored: &StoredPasskey) -> Listed {
    stored.listed(|model| idp.people.models.allows(model))
}

/// How high a citizen can get.
///
/// # Errors
/// A fault of the database.
pub async fn reach(idp: &Idp, citizen: &CitizenId) -> Result<Option<Aal>, Fault> {
    let mut read = idp.store.read().await?;
    Ok(means(idp, &mut read, citizen, None).await?.reach())
}

/// Presence was proven just now, at the highest level that this citizen can reach: what opens the account may be
/// changed (identity row 64).
///
/// # Errors
/// A fault of the database.
pub async fn proven(idp: &Idp, session: &Session) -> Result<bool, Error> {
    let high = Some(session.assurance.aal) >= reach(idp, &session.citizen).await?;
    Ok(high && session.fresh(idp.now(), FRESH))
}

/// Who must be there at this stage, where somebody is known and not there yet.
#[must_use]
pub fn known(stage: &Stage) -> Option<&CitizenId> {
    match stage {
        Stage::SecondFactor { citizen, .. } | Stage::Reauthenticate { citizen, .. } => Some(citizen),
        Stage::Identify | Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done => None,
    }
}

fn shown(stage: &Stage) -> &[Factor] {
    match stage {
        Stage::SecondFactor { shown, .. } => shown,
        Stage::Identify
        | Stage::Reauthenticate { .. }
        | Stage::Consent { .. }
        | Stage::Unmet { .. }
        | Stage::Done => &[],
    }
}
