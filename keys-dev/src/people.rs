//! Who exists on the stage: citizens, officials, and the agencies' credentials.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::hierarchy::Subject;

/// Everybody: `people.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct People {
    /// Citizens who are nothing else.
    pub citizens: Vec<Person>,
    /// Officials, who are citizens too.
    pub officials: Vec<Person>,
}

/// A person with their credentials. Readable on purpose: this is a stage.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Person {
    /// A valid RUN in canonical form.
    pub national_id: String,
    /// Given names.
    pub given_name: String,
    /// Surname or surnames.
    pub family_name: String,
    /// Electronic mail.
    pub email: String,
    /// Telephone number, for some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Where they live, for some: the members of the claim `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<std::collections::BTreeMap<String, String>>,
    /// A passphrase.
    pub password: String,
    /// RFC 6238 seed in base32, drawn when the state is made.
    #[serde(default)]
    pub totp_secret: String,
    /// Where an official serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    /// As what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
}

/// Clients' credentials by client id: `agencies.json`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Agencies {
    /// One entry per client that this state has met.
    pub clients: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cast {
    citizen: Vec<Person>,
    official: Vec<Person>,
}

impl People {
    /// The people of `people.toml`, each with a seed of their own.
    ///
    /// # Errors
    /// A fault when the data do not follow [`Person`].
    pub fn shipped(chance: &SystemRandom) -> Result<Self, Error> {
        let mut cast: Cast =
            toml::from_str(include_str!("../people.toml")).map_err(Error::fault("keys-dev/people.toml"))?;
        for person in cast.citizen.iter_mut().chain(&mut cast.official) {
            person.totp_secret = totp_secret(chance)?;
        }
        Ok(Self {
            citizens: cast.citizen,
            officials: cast.official,
        })
    }

    /// Everybody who can log in.
    pub fn everybody(&self) -> impl Iterator<Item = &Person> {
        self.citizens.iter().chain(&self.officials)
    }

    /// The person with this national id, dots and case forgiven.
    #[must_use]
    pub fn by_national_id(&self, typed: &str) -> Option<&Person> {
        let plain = |text: &str| -> String {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_uppercase())
                .collect()
        };
        self.everybody()
            .find(|person| plain(&person.national_id) == plain(typed))
    }
}

impl Person {
    /// Given name and surnames.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The subject of an official's certificate (EN 319 412-1 §5.1.3 for the serial number).
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            common_name: self.full_name(),
            given_name: Some(self.given_name.clone()),
            surname: Some(self.family_name.clone()),
            serial_number: Some(format!("PNOCL-{}", self.national_id)),
            organization: self.institution.clone().unwrap_or_default(),
            title: self.position.clone(),
        }
    }
}

impl Agencies {
    /// The secret of a client, drawn at the first asking.
    ///
    /// # Errors
    /// A fault when the system gives no randomness.
    pub fn secret(&mut self, client_id: &str, chance: &SystemRandom) -> Result<String, Error> {
        if let Some(secret) = self.clients.get(client_id) {
            return Ok(secret.clone());
        }
        let secret = BASE64URL_NOPAD.encode(&random::<32>(chance)?);
        self.clients.insert(client_id.to_owned(), secret.clone());
        Ok(secret)
    }
}

/// Fresh bytes.
///
/// # Errors
/// A fault when the system gives no randomness.
pub fn random<const N: usize>(chance: &SystemRandom) -> Result<[u8; N], Error> {
    let mut bytes = [0_u8; N];
    chance.fill(&mut bytes).map_err(|_unspecified| Error::Fault {
        doing: "drawing random bytes".into(),
        cause: "the system gave none".into(),
    })?;
    Ok(bytes)
}

/// RFC 4226 §4 R6: 160 bits.
fn totp_secret(chance: &SystemRandom) -> Result<String, Error> {
    Ok(BASE32_NOPAD.encode(&random::<20>(chance)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::arithmetic_side_effects, reason = "eight digits")]
    /// Modulo 11, weights 2…7 from the right.
    fn check_digit(body: &str) -> char {
        let sum: u32 = body
            .chars()
            .rev()
            .zip((2..=7).cycle())
            .map(|(c, w)| c.to_digit(10).unwrap() * w)
            .sum();
        match 11 - sum % 11 {
            11 => '0',
            10 => 'K',
            digit => char::from_digit(digit, 10).unwrap(),
        }
    }

    fn people() -> People {
        People::shipped(&SystemRandom::new()).unwrap()
    }

    #[test]
    fn every_national_id_has_its_check_digit() {
        for person in people().everybody() {
            let (body, digit) = person.national_id.split_once('-').unwrap();
            assert_eq!(digit, check_digit(body).to_string(), "{}", person.national_id);
        }
    }

    #[test]
    fn one_citizen_has_the_check_digit_k() {
        assert!(
            people()
                .citizens
                .iter()
                .any(|person| person.national_id.ends_with("-K"))
        );
    }

    #[test]
    fn every_passphrase_stands_alone() {
        // NIST SP 800-63B-4 §3.1.1.2: fifteen characters where it is the only factor
        assert!(
            people()
                .everybody()
                .all(|person| person.password.chars().count() >= 15)
        );
    }

    #[test]
    fn two_officials_serve_two_institutions() {
        let officials = people().officials;
        assert!(officials.len() >= 2 && officials.iter().all(|official| official.position.is_some()));
        assert_ne!(officials[0].institution, officials[1].institution);
    }

    #[test]
    fn a_secret_is_drawn_once_for_a_client() {
        let (mut agencies, chance) = (Agencies::default(), SystemRandom::new());
        let first = agencies.secret("a", &chance).unwrap();
        assert_eq!(agencies.secret("a", &chance).unwrap(), first);
        assert_ne!(agencies.secret("b", &chance).unwrap(), first);
    }
}
