//! A code is given out: to somebody new, or to somebody whose account nothing opens yet.

use crate::{
    error::{Error, Fault},
    flow::enrol::{Described, NotEnrolled, described},
    rules::{
        activation::{ActivationCode, Handed, Kind, Proofing},
        audit::{Event, Outcome, Record},
        ids::{ActivationId, CitizenId},
        national_id::NationalId,
        person::Person,
        secret::Secret,
        time::Timestamp,
    },
    service::Idp,
    store::{self, Write, activations::New},
    world::bytes,
};

/// Who gives it.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Whoever runs the command line.
    Operator,
    /// This official.
    Staff(&'a CitizenId),
}

/// What the code says.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How the person was proven.
    pub proofing: Proofing,
    /// How it reaches them.
    pub handed: Handed,
}

/// Told once, to whoever hands it over: it is not stored readable.
pub struct Printed {
    /// Whose.
    pub person: Person,
    /// The code in groups of four.
    pub code: Secret<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Printed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Printed(…)")
    }
}

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIssued {
    /// A field is wrong.
    Field(NotEnrolled),
    /// Nobody has this number.
    Unknown,
    /// The account is open: its owner logs in, or recovers it.
    Active,
}

/// Somebody new gets an account and a code for it; somebody who is known and has not come in gets a new code, and what
/// is known of them stays.
///
/// # Errors
/// [`NotIssued`]; a fault of the database.
pub async fn to_newcomer(
    idp: &Idp,
    new: &Described<'_>,
    terms: Terms,
    by: By<'_>,
) -> Result<Printed, Error<NotIssued>> {
    let person = described(idp, new).map_err(|why| Error::Refused(NotIssued::Field(why)))?;
    let citizen = CitizenId::new(idp.id());
    let mut write = idp.store.write().await?;
    let keys = (&idp.seal, &idp.derived.index);
    let chance = idp.chance.as_ref();
    if store::citizens::insert(&mut write, keys, chance, (&citizen, &person), idp.now()).await? {
        let record = by.told(Record::new(Event::CitizenCreated, Outcome::Done).citizen(&citizen));
        store::audit::append(&mut write, &record, idp.now()).await?;
        let printed = give(idp, &mut write, (&citizen, person), (Kind::Enrol, terms), by).await?;
        write.commit().await?;
        return Ok(printed);
    }
    drop(write);
    again(idp, &person.national_id, terms, by).await
}

/// Somebody who is known and has not come in gets a new code; the one before opens nothing any more.
///
/// # Errors
/// [`NotIssued::Unknown`], [`NotIssued::Active`]; a fault of the database.
pub async fn again(
    idp: &Idp,
    national_id: &NationalId,
    terms: Terms,
    by: By<'_>,
) -> Result<Printed, Error<NotIssued>> {
    let mut write = idp.store.write().await?;
    let printed = give_known(idp, &mut write, national_id, (terms, by)).await?;
    write.commit().await?;
    Ok(printed)
}

async fn give_known(
    idp: &Idp,
    write: &mut Write,
    national_id: &NationalId,
    (terms, by): (Terms, By<'_>),
) -> Result<Printed, Error<NotIssued>> {
    let (citizen, person) = known(idp, write, national_id).await?;
    if store::activations::is_active(write, &citizen).await? {
        return Err(Error::Refused(NotIssued::Active));
    }
    Ok(give(idp, write, (&citizen, person), (Kind::Enrol, terms), by).await?)
}

/// Writes a code in the caller's transaction.
pub(in crate::flow) async fn give(
    idp: &Idp,
    write: &mut Write,
    (citizen, person): (&CitizenId, Person),
    (kind, terms): (Kind, Terms),
    by: By<'_>,
) -> Result<Printed, Fault> {
    let now = idp.now();
    let code = ActivationCode::new(bytes(idp.chance.as_ref()));
    let (id, expires_at) = (
        ActivationId::new(idp.id()),
        now.after(terms.handed.lifetime(idp.config.activation.on_paper())),
    );
    let new = New {
        id: &id,
        citizen,
        kind,
        proofing: terms.proofing,
        code_tag: &super::tag(idp, &person.national_id, &code),
        issued_by: by.staff(),
        issued_at: now,
        expires_at,
    };
    store::activations::replace(write, &new).await?;
    let record = Record::new(Event::ActivationIssued, Outcome::Done)
        .citizen(citizen)
        .with("activation", id.as_str())
        .with("kind", kind.name())
        .with("proofing", terms.proofing.name())
        .with("ial", terms.proofing.ial().name());
    store::audit::append(write, &by.told(record), now).await?;
    Ok(Printed {
        person,
        code: code.shown(),
        expires_at,
    })
}

async fn known(
    idp: &Idp,
    write: &mut Write,
    national_id: &NationalId,
) -> Result<(CitizenId, Person), Error<NotIssued>> {
    let found = store::citizens::find(write, &idp.derived.index, national_id).await?;
    let (citizen, _) = found.ok_or(Error::Refused(NotIssued::Unknown))?;
    let person = store::citizens::person(write, &idp.seal, &citizen).await?;
    let (person, _) = person.ok_or(Error::Refused(NotIssued::Unknown))?;
    Ok((citizen, person))
}

impl By<'_> {
    fn staff(&self) -> Option<&CitizenId> {
        match self {
            Self::Operator => None,
            Self::Staff(citizen) => Some(citizen),
        }
    }

    /// The record also says who.
    pub(in crate::flow) fn told(&self, record: Record) -> Record {
        record.with("by", self.staff().map_or("command-line", CitizenId::as_str))
    }
}
