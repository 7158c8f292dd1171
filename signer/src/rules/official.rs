//! An official: a person, in a position, of an institution, with one signing key.

use super::certificate::Chain;
use super::ids::{KeyId, OfficialId};
use super::national_id::NationalId;
use super::refusal::Refusal;

/// Who an official is, as printed in the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The person.
    pub national_id: NationalId,
    /// Given names.
    pub given_name: String,
    /// Surnames.
    pub family_name: String,
    /// The institution for which they sign.
    pub institution: String,
    /// The position in which they sign.
    pub position: String,
}

impl Profile {
    /// Checks each field's presence and length (X.520 upper bounds: 64 characters for names and titles, RFC 5280
    /// appendix A).
    ///
    /// # Errors
    /// [`Refusal::BadField`] with the first field that will not do.
    pub fn checked(self) -> Result<Self, Refusal> {
        for (name, value) in [
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("institution", &self.institution),
            ("position", &self.position),
        ] {
            let good = !value.trim().is_empty()
                && value.chars().count() <= UPPER_BOUND
                && !value.chars().any(char::is_control);
            if !good {
                return Err(Refusal::BadField(name));
            }
        }
        if self.full_name().chars().count() > UPPER_BOUND {
            return Err(Refusal::BadField("given_name and family_name together"));
        }
        Ok(self)
    }

    /// Given names and surnames.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// An official with a key.
#[derive(Clone, Debug)]
pub struct Official {
    /// Our identifier.
    pub id: OfficialId,
    /// Who they are.
    pub profile: Profile,
    /// Their key.
    pub key: KeyId,
    /// What the key is good for.
    pub standing: Standing,
}

/// Whether an official's key has a certificate.
#[derive(Clone, Debug)]
pub enum Standing {
    /// The key exists, its certificate does not yet.
    Registered,
    /// The key is certified.
    Certified(Chain),
}

impl Official {
    /// The certificates to sign with.
    ///
    /// # Errors
    /// [`Refusal::NotCertified`] before certification.
    pub fn chain(&self) -> Result<&Chain, Refusal> {
        match &self.standing {
            Standing::Registered => Err(Refusal::NotCertified),
            Standing::Certified(chain) => Ok(chain),
        }
    }
}

/// RFC 5280 appendix A: ub-common-name, ub-organization-name and ub-title are 64; ub-name is larger.
const UPPER_BOUND: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            national_id: "11111111-1".parse().unwrap(),
            given_name: "María José".into(),
            family_name: "Muñoz del Río".into(),
            institution: "Municipalidad de Temuco".into(),
            position: "Directora de Obras".into(),
        }
    }

    #[test]
    fn a_whole_profile_is_accepted() {
        assert_eq!(
            profile().checked().unwrap().full_name(),
            "María José Muñoz del Río"
        );
    }

    #[test]
    fn an_empty_position_is_refused() {
        let profile = Profile {
            position: " ".into(),
            ..profile()
        };
        assert_eq!(profile.checked(), Err(Refusal::BadField("position")));
    }

    #[test]
    fn an_overlong_institution_is_refused() {
        let profile = Profile {
            institution: "x".repeat(65),
            ..profile()
        };
        assert_eq!(profile.checked(), Err(Refusal::BadField("institution")));
    }

    #[test]
    fn a_line_break_in_a_name_is_refused() {
        let profile = Profile {
            given_name: "Ma\nría".into(),
            ..profile()
        };
        assert_eq!(profile.checked(), Err(Refusal::BadField("given_name")));
    }
}
