//! A citizen is enrolled: identity data, a password, a one-time-code seed. Missing secrets are made and told once.

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    keys::SALT,
    rules::{
        audit::{Event, Outcome, Record},
        ids::{AuthenticatorId, CitizenId},
        national_id::{self, NationalId},
        password::{self, Beside, OwnData, Typed},
        person::{self, Address, Email, Name, Person, Phone, Written},
        refusal::Refusal,
        secret::Secret,
        time::Seconds,
        totp::{BadSeed, Seed},
    },
    service::Idp,
    store,
    world::bytes,
};

/// A citizen as an operator describes one: unchecked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCitizen {
    /// As people write it.
    pub national_id: String,
    /// Given names.
    pub given_name: String,
    /// Family names.
    pub family_name: String,
    /// Address for notices.
    pub email: String,
    /// A telephone number with its country's code, where one is known.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// Where they live, where it is known, by the names of the claim (OpenID Connect Core §5.1.1).
    #[serde(default)]
    pub address: Option<Written>,
    /// Made when missing.
    #[serde(default)]
    pub password: Option<Secret<String>>,
    /// Base32; made when missing.
    #[serde(default)]
    pub totp_secret: Option<Secret<String>>,
}

/// What is told once, to whoever enrols: it is not stored readable and cannot be told again.
#[derive(Serialize)]
pub struct Enrolled {
    /// Canonical form.
    pub national_id: String,
    /// Made or repeated.
    pub password: String,
    /// Base32, made or repeated.
    pub totp_secret: String,
    /// For an authenticator app (de facto `otpauth` scheme).
    pub otpauth_uri: String,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolled(…)")
    }
}

/// Why a citizen was not enrolled; each names the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEnrolled {
    /// The number is wrong.
    NationalId(national_id::Refusal),
    /// The given name is wrong.
    GivenName(person::Refusal),
    /// The family name is wrong.
    FamilyName(person::Refusal),
    /// The address is wrong.
    Email(person::Refusal),
    /// The telephone number is wrong.
    PhoneNumber(person::Refusal),
    /// A part of the postal address is wrong.
    Address(person::Refusal),
    /// The password may not be used.
    Password(password::Refusal),
    /// The seed is no seed.
    TotpSecret(BadSeed),
    /// Somebody with this number exists.
    Exists,
    /// Anything else that the service refuses (too busy to hash).
    Other(Refusal),
}

impl std::fmt::Display for NotEnrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NationalId(national_id::Refusal::Empty) => f.write_str("national_id: is empty"),
            Self::NationalId(national_id::Refusal::Shape) => {
                f.write_str("national_id: has the shape of no accepted scheme (see national_id_schemes)")
            }
            Self::NationalId(national_id::Refusal::CheckDigit) => {
                f.write_str("national_id: the check digit is wrong")
            }
            Self::GivenName(why) => write!(f, "given_name: {}", why),
            Self::FamilyName(why) => write!(f, "family_name: {}", why),
            Self::Email(why) => write!(f, "email: {}", why),
            Self::PhoneNumber(why) => write!(f, "phone_number: {why}"),
            Self::Address(why) => write!(f, "address: a part {why}"),
            Self::Password(password::Refusal::TooShort { least }) => {
                write!(f, "password: takes at least {least} characters")
            }
            Self::Password(password::Refusal::TooLong) => {
                write!(f, "password: takes at most {} characters", password::MOST)
            }
            Self::Password(password::Refusal::Common) => f.write_str("password: is one that everybody tries"),
            Self::Password(password::Refusal::OwnData) => {
                f.write_str("password: is the person's own name, number or address")
            }
            Self::TotpSecret(BadSeed::Encoding) => f.write_str("totp_secret: is not base32"),
            Self::TotpSecret(BadSeed::Length) => {
                write!(
                    f,
                    "totp_secret: takes {} to {} bytes in base32",
                    Seed::MIN,
                    Seed::MAX
                )
            }
            Self::Exists => f.write_str("national_id: somebody with this number is enrolled"),
            Self::Other(refusal) => f.write_str(refusal.name()),
        }
    }
}

/// A person as somebody typed them: unchecked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Described<'a> {
    /// As people write it.
    pub national_id: &'a str,
    /// Given names.
    pub given_name: &'a str,
    /// Family names.
    pub family_name: &'a str,
    /// Address for notices.
    pub email: &'a str,
    /// A telephone number with its country's code, where one is known.
    pub phone_number: Option<&'a str>,
    /// Where they live, where it is known.
    pub address: Option<&'a Written>,
}

/// The person, checked.
///
/// # Errors
/// The first field that is wrong.
pub fn described(idp: &Idp, new: &Described<'_>) -> Result<Person, NotEnrolled> {
    Ok(Person {
        national_id: NationalId::parse(new.national_id, &idp.people.schemes)
            .map_err(NotEnrolled::NationalId)?,
        given_name: Name::parse(new.given_name).map_err(NotEnrolled::GivenName)?,
        family_name: Name::parse(new.family_name).map_err(NotEnrolled::FamilyName)?,
        email: Email::parse(new.email).map_err(NotEnrolled::Email)?,
        email_confirmed: false,
        phone: new
            .phone_number
            .map(Phone::parse)
            .transpose()
            .map_err(NotEnrolled::PhoneNumber)?,
        address: new
            .address
            .cloned()
            .map(Address::try_from)
            .transpose()
            .map_err(NotEnrolled::Address)?,
    })
}

/// Enrols one citizen.
///
/// # Errors
/// [`NotEnrolled`] names the first field that is wrong; a fault of the database.
pub async fn enrol(idp: &Idp, new: &NewCitizen) -> Result<Enrolled, Error<NotEnrolled>> {
    let refused = Error::Refused;
    let described = Described {
        national_id: &new.national_id,
        given_name: &new.given_name,
        family_name: &new.family_name,
        email: &new.email,
        phone_number: new.phone_number.as_deref(),
        address: new.address.as_ref(),
    };
    let person = self::described(idp, &described).map_err(refused)?;
    let seed = match &new.totp_secret {
        Some(text) => {
            Seed::from_base32(text.expose()).map_err(|why| refused(NotEnrolled::TotpSecret(why)))?
        }
        None => Seed::from_random(bytes(idp.chance.as_ref())),
    };
    let password = match &new.password {
        Some(text) => text.clone(),
        None => Secret::new(phrase(bytes(idp.chance.as_ref()))),
    };
    let typed = Typed::read(password.expose())
        .map_err(|password::TooLong| refused(NotEnrolled::Password(password::Refusal::TooLong)))?;
    let common = idp.people.blocklist.lists(&typed)?;
    let acceptable = typed
        .judge(&OwnData::of(&person), Beside::SecondFactor, common)
        .map_err(|why| refused(NotEnrolled::Password(why)))?;
    let hash = idp
        .people
        .passwords
        .hash(&acceptable, bytes::<SALT>(idp.chance.as_ref()))
        .await?;
    let hash = hash.map_err(|_| refused(NotEnrolled::Other(Refusal::Busy { wait: Seconds(1) })))?;
    write(idp, &person, &hash, &seed).await?;
    Ok(Enrolled {
        national_id: person.national_id.as_str().to_owned(),
        otpauth_uri: otpauth(idp, &person, &seed),
        password: password.expose().clone(),
        totp_secret: seed.to_base32().to_string(),
    })
}

async fn write(idp: &Idp, person: &Person, hash: &str, seed: &Seed) -> Result<(), Error<NotEnrolled>> {
    let (now, chance) = (idp.now(), idp.chance.as_ref());
    let (citizen, totp) = (CitizenId::new(idp.id()), AuthenticatorId::new(idp.id()));
    let mut write = idp.store.write().await?;
    let keys = (&idp.seal, &idp.derived.index);
    if !store::citizens::insert(&mut write, keys, chance, (&citizen, person), now).await? {
        return Err(Error::Refused(NotEnrolled::Exists));
    }
    store::passwords::set(&mut write, &citizen, hash, now).await?;
    store::totp::insert(&mut write, (&idp.seal, chance), (&totp, &citizen), seed, now).await?;
    let record = Record::new(Event::CitizenCreated, Outcome::Done).citizen(&citizen);
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

/// Sixteen characters of base32 in fours: 80 bits, easy to read out and to type.
fn phrase(chance: [u8; 10]) -> String {
    let text = BASE32_NOPAD.encode(&chance).to_lowercase();
    let (mut out, mut left) = (String::new(), 4_u8);
    for character in text.chars() {
        if left == 0 {
            out.push('-');
            left = 4;
        }
        out.push(character);
        left = left.saturating_sub(1);
    }
    out
}

/// The address that opens an authenticator app with this seed (de facto `otpauth` scheme).
#[must_use]
pub fn otpauth(idp: &Idp, person: &Person, seed: &Seed) -> String {
    seed.uri(&idp.config.programme, &person.national_id.display())
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_eighty_bits_in_fours() {
        assert_eq!(phrase([0; 10]), "aaaa-aaaa-aaaa-aaaa");
    }
}
