//! Scopes: what an agency asks to know, and the claims each one releases (OpenID Connect Core §5.4).

use serde::{Deserialize, Serialize};

/// A scope that this provider knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A pairwise identifier and how the citizen logged in. Every request has it.
    Openid,
    /// Names.
    Profile,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Postal address.
    Address,
    /// The national id and its scheme.
    NationalId,
    /// A refresh token: access while the citizen is away (OpenID Connect Core §11).
    OfflineAccess,
}

impl Scope {
    /// Every scope, in the order of the consent page.
    pub const ALL: [Self; 7] = [
        Self::Openid,
        Self::Profile,
        Self::NationalId,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::OfflineAccess,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::NationalId => "national_id",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// The scope that releases this claim, beside the subject.
    #[must_use]
    pub fn releasing(claim: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().filter(|scope| *scope != Self::Openid);
        all.find(|scope| scope.claims().contains(&claim))
    }

    /// It releases what finds a person elsewhere: their national id, where they live, their telephone.
    #[must_use]
    pub fn is_sensitive(self) -> bool {
        match self {
            Self::NationalId | Self::Phone | Self::Address => true,
            Self::Openid | Self::Profile | Self::Email | Self::OfflineAccess => false,
        }
    }

    /// The claims it releases.
    #[must_use]
    pub fn claims(self) -> &'static [&'static str] {
        match self {
            Self::Openid => &["sub"],
            Self::Profile => &["name", "given_name", "family_name"],
            Self::Email => &["email", "email_verified"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::Address => &["address"],
            Self::NationalId => &["national_id", "national_id_scheme"],
            Self::OfflineAccess => &[],
        }
    }
}

/// A set of scopes, without duplicates and in [`Scope::ALL`]'s order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The known scopes of a space-separated list; unknown ones are left out (RFC 6749 §3.3 lets the server ignore).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let asked: Vec<&str> = text.split(' ').collect();
        Scope::ALL
            .into_iter()
            .filter(|scope| asked.contains(&scope.name()))
            .collect()
    }

    /// Holds `scope`.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Every scope of `self` is in `other`.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.contains(*scope))
    }

    /// Scopes in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .copied()
                .filter(|scope| other.contains(*scope))
                .collect(),
        )
    }

    /// Scopes in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Scope::ALL
            .into_iter()
            .filter(|scope| self.contains(*scope) || other.contains(*scope))
            .collect()
    }

    /// Scopes of `self` that `other` lacks.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .copied()
                .filter(|scope| !other.contains(*scope))
                .collect(),
        )
    }

    /// No scope at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let wanted: Vec<Scope> = scopes.into_iter().collect();
        Self(
            Scope::ALL
                .into_iter()
                .filter(|scope| wanted.contains(scope))
                .collect(),
        )
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.name()).collect();
        out.write_str(&names.join(" "))
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl From<String> for Scopes {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_duplicates_do_not_matter() {
        assert_eq!(Scopes::parse("email openid email"), Scopes::parse("openid email"));
    }

    #[test]
    fn unknown_scopes_are_left_out() {
        assert_eq!(Scopes::parse("openid admin").to_string(), "openid");
    }

    #[test]
    fn growth_is_seen() {
        assert!(Scopes::parse("openid").within(&Scopes::parse("openid email")));
        assert!(!Scopes::parse("openid email").within(&Scopes::parse("openid")));
    }
}
