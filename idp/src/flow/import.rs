//! A register is taken over: people who are not known yet get an account, the others stay as they are, so that the same
//! file may be read again after an interruption. Who brings no password gets an activation code.

use crate::{
    error::Fault,
    flow::{
        activation::issue::{By, Printed, Terms, give},
        enrol::{Described, NotEnrolled, described},
    },
    keys::{Imported, NotOurs, imported},
    rules::{
        activation::{Handed, Kind, Proofing},
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        import::Row,
        person::Person,
    },
    service::Idp,
    store::{self, Write},
};

/// One person of a register, checked.
#[derive(Debug)]
pub struct Newcomer {
    person: Person,
    password: Option<Imported>,
}

/// Why somebody cannot be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotImported {
    /// A field is wrong.
    Field(NotEnrolled),
    /// The hash cannot be checked here.
    PasswordHash,
}

impl std::fmt::Display for NotImported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(why) => write!(f, "{why}"),
            Self::PasswordHash => f.write_str(
                "password_hash: only $argon2id$v=19$m=19456,t=2,p=1$… can be checked here, and bcrypt of the cost in \
                 passwords.imported_bcrypt_cost; leave it out",
            ),
        }
    }
}

/// What became of somebody.
#[derive(Debug)]
pub enum Taken {
    /// They have an account now, and a code where one was asked for and they bring no password.
    New(Option<Box<Printed>>),
    /// They had one before; it is as it was.
    Known,
}

/// A batch that is written and not durable yet: first whoever hands the codes out makes sure of them.
#[must_use = "a batch that is not committed did not happen"]
pub struct Batch {
    write: Write,
    /// What became of each, in the order of the register.
    pub taken: Vec<Taken>,
}

impl Batch {
    /// Makes the batch durable.
    ///
    /// # Errors
    /// A fault of the database: then nothing of it happened.
    pub async fn commit(self) -> Result<(), Fault> {
        self.write.commit().await
    }
}

/// Passwords of other registers that wait for their citizen's first login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// By Argon2id.
    pub argon2id: u64,
    /// By bcrypt of the cost in `passwords.imported_bcrypt_cost`.
    pub bcrypt: u64,
    /// By bcrypt of another cost: they open nothing as it is configured.
    pub shut: u64,
}

/// Counts them. It reads every password's mark: an operator asks now and then, nobody else.
///
/// # Errors
/// A fault of the database.
pub async fn left(idp: &Idp) -> Result<Left, Fault> {
    let mut read = idp.store.read().await?;
    let all = store::passwords::beginning(&mut read, imported::MARK).await?;
    let all_bcrypt = store::passwords::beginning(&mut read, imported::BCRYPT_MARK).await?;
    let bcrypt = match idp.config.passwords.imported_bcrypt_cost {
        Some(cost) => store::passwords::beginning(&mut read, &imported::bcrypt_mark(cost)).await?,
        None => 0,
    };
    Ok(Left {
        argon2id: all.saturating_sub(all_bcrypt),
        bcrypt,
        shut: all_bcrypt.saturating_sub(bcrypt),
    })
}

/// Checks a row.
///
/// # Errors
/// The first field that is wrong.
pub fn checked(idp: &Idp, row: &Row) -> Result<Newcomer, NotImported> {
    let new = Described {
        national_id: &row.national_id,
        given_name: &row.given_name,
        family_name: &row.family_name,
        email: &row.email,
        phone_number: row.phone_number.as_deref(),
        address: row.address.as_ref(),
    };
    let person = described(idp, &new).map_err(NotImported::Field)?;
    let password = row
        .password_hash
        .as_ref()
        .map(|hash| Imported::parse(hash.expose(), idp.config.passwords.imported_bcrypt_cost));
    let password = password
        .transpose()
        .map_err(|NotOurs| NotImported::PasswordHash)?;
    Ok(Newcomer { person, password })
}

/// Writes a batch of at most [`AT_ONCE`].
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn batch(idp: &Idp, newcomers: &[Newcomer], codes: bool) -> Result<Batch, Fault> {
    let mut write = idp.store.write().await?;
    let mut taken = Vec::with_capacity(newcomers.len());
    for newcomer in newcomers {
        taken.push(take(idp, &mut write, newcomer, codes).await?);
    }
    Ok(Batch { write, taken })
}

async fn take(idp: &Idp, write: &mut Write, newcomer: &Newcomer, codes: bool) -> Result<Taken, Fault> {
    let (now, citizen) = (idp.now(), CitizenId::new(idp.id()));
    let (keys, chance) = ((&idp.seal, &idp.derived.index), idp.chance.as_ref());
    if !store::citizens::insert(write, keys, chance, (&citizen, &newcomer.person), now).await? {
        return Ok(Taken::Known);
    }
    let record = Record::new(Event::CitizenCreated, Outcome::Done)
        .citizen(&citizen)
        .with("proofing", Proofing::Imported.name());
    store::audit::append(write, &By::Operator.told(record), now).await?;
    if let Some(password) = &newcomer.password {
        let hash = password.sealed(&idp.seal, chance, &citizen)?;
        store::passwords::set(write, &citizen, &hash, now).await?;
        return Ok(Taken::New(None));
    }
    if !codes {
        return Ok(Taken::New(None));
    }
    let terms = Terms {
        proofing: Proofing::Imported,
        handed: Handed::OnPaper,
    };
    let to = (&citizen, newcomer.person.clone());
    let printed = give(idp, write, to, (Kind::Enrol, terms), By::Operator).await?;
    Ok(Taken::New(Some(Box::new(printed))))
}

/// So few that a running service waits for its turn no longer than for a slow disk.
pub const AT_ONCE: usize = 200;
