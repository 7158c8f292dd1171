//! A token of a login that was good once and is not enough today (RFC 9470): what its client is told to ask for.
//!
//! A registration says how sure a client wants us to be of the citizen (`default_acr_values`) and how recent their
//! proof is to be (`default_max_age`). When an agency raises them, tokens that were given before open nothing more until
//! the citizen logs in once as well as is asked now.

use super::{
    assurance::Levels,
    authorize::level,
    client::{Client, GrantType},
    grant::Grant,
    interaction,
    oauth::{Code, OauthError},
    time::Seconds,
};

/// What a login must be so that a resource opens (RFC 9470 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Any of these levels, when the token's is lower.
    pub acr_values: Vec<String>,
    /// A proof of presence at most this old, when the token's was older.
    pub max_age: Option<Seconds>,
}

impl Challenge {
    /// The machine's and the developer's part.
    #[must_use]
    pub fn error(&self) -> OauthError {
        let description = if self.acr_values.is_empty() {
            "the proof of presence is older than the client's registration allows"
        } else {
            "the login was of a lower level than the client's registration asks"
        };
        OauthError::new(Code::InsufficientUserAuthentication, description)
    }

    /// The parameters of the challenge beside the error (RFC 9470 §3). The names of levels are the configuration's, which
    /// holds none with a quote.
    #[must_use]
    pub fn parameters(&self) -> String {
        let levels =
            (!self.acr_values.is_empty()).then(|| format!(", acr_values=\"{}\"", self.acr_values.join(" ")));
        let age = self
            .max_age
            .map(|Seconds(seconds)| format!(", max_age=\"{seconds}\""));
        [levels, age].into_iter().flatten().collect()
    }
}

/// Whether the login behind `grant` would be enough for its client as it is registered today.
///
/// # Errors
/// What to ask the citizen for.
pub fn enough(grant: &Grant, client: &Client, levels: &Levels) -> Result<(), Challenge> {
    let required = level::of_registration(client, levels);
    let named = client.default_acr_values.iter();
    let good = |name: &&String| levels.named(name).is_some_and(|level| level >= required);
    let mut acr_values: Vec<String> = Vec::new();
    if grant.assurance.aal < required {
        acr_values.extend(named.filter(good).cloned());
        if acr_values.is_empty() {
            acr_values.push(levels.told(required, &[]).to_owned());
        }
    }
    let max_age = client
        .default_max_age
        .filter(|most| was_old(grant, client, *most));
    if acr_values.is_empty() && max_age.is_none() {
        return Ok(());
    }
    Err(Challenge { acr_values, max_age })
}

/// The citizen's proof was older than `most` already when the grant was given: judged by what is asked now, it would
/// not have been. How long ago the grant itself was given does not matter: that is what lifetimes are for.
fn was_old(grant: &Grant, client: &Client, most: Seconds) -> bool {
    // A device has no browser to bring a fresher proof with (RFC 8628).
    if client.grant_types.contains(&GrantType::DeviceCode) {
        return false;
    }
    // Who has just proven presence may still take as long as any request lives to read the consent page.
    let age = grant.created_at.since(grant.auth_time);
    age.0 > most.0.saturating_add(interaction::LIFETIME.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        assurance::{Aal, Factor, attained},
        grant::tests::grant,
        registration::tests::check,
        time::Timestamp,
    };

    fn client(acr_values: &[&str], max_age: Option<i64>) -> Client {
        check(|r| {
            r.default_acr_values = acr_values.iter().map(|name| (*name).to_owned()).collect();
            r.default_max_age = max_age;
        })
        .unwrap()
    }

    fn with_a_password() -> Grant {
        Grant {
            assurance: attained(&[Factor::Password]).unwrap(),
            ..grant()
        }
    }

    fn judged(grant: &Grant, client: &Client) -> Result<(), Challenge> {
        enough(grant, client, &Levels::default())
    }

    #[test]
    fn what_is_enough_today_is_not_asked_about() {
        assert_eq!(judged(&grant(), &client(&[], None)), Ok(()));
        assert_eq!(judged(&grant(), &client(&["urn:aval:aal2"], Some(0))), Ok(()));
        assert_eq!(
            judged(&with_a_password(), &client(&["urn:aval:aal1"], None)),
            Ok(())
        );
    }

    #[test]
    fn a_level_that_was_raised_is_asked_for_by_its_names() {
        let challenge = judged(&with_a_password(), &client(&["urn:aval:aal2"], None)).unwrap_err();
        assert_eq!(challenge.acr_values, ["urn:aval:aal2"]);
        assert_eq!(challenge.parameters(), ", acr_values=\"urn:aval:aal2\"");
        assert_eq!(challenge.error().code.name(), "insufficient_user_authentication");
    }

    #[test]
    fn a_registration_that_is_content_with_one_factor_no_longer_asks_for_two() {
        let challenge = judged(&with_a_password(), &client(&[], None)).unwrap_err();
        assert_eq!(challenge.acr_values, [Aal::Two.acr()]);
    }

    #[test]
    fn an_age_that_was_lowered_is_asked_for() {
        let mut old = grant();
        old.created_at = Timestamp(old.auth_time.0 + 10_000);
        let challenge = judged(&old, &client(&[], Some(300))).unwrap_err();
        assert_eq!(challenge.parameters(), ", max_age=\"300\"");
        assert_eq!(judged(&old, &client(&[], Some(9_000))), Ok(()));
    }

    #[test]
    fn reading_the_consent_page_slowly_is_no_reason_to_prove_presence_again() {
        let mut slow = grant();
        slow.created_at = Timestamp(slow.auth_time.0 + interaction::LIFETIME.0);
        assert_eq!(judged(&slow, &client(&[], Some(0))), Ok(()));
    }
}
