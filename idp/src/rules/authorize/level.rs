//! Which level a request asks (OpenID Connect Core §3.1.2.1 `acr_values`, §5.5.1.1 `acr` as a claim).

use super::claims::Wanted;
use crate::rules::{
    assurance::{Aal, Levels},
    client::Client,
    oauth::{Code, OauthError},
    parameters::Parameters,
};

/// What has to be reached, and the names in which the client thinks of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// At least this.
    pub required: Aal,
    /// The known names that were asked, best first.
    pub names: Vec<String>,
}

/// The level that a request of `client` asks. Two factors, unless the client was registered as content with one; never
/// less than the lowest level that the request names.
///
/// # Errors
/// `unmet_authentication_requirements` when every level named is out of reach, or none that is essential can be given.
pub fn required(
    sent: &Parameters,
    client: &Client,
    wanted: &Wanted,
    levels: &Levels,
) -> Result<Level, OauthError> {
    let floor = floor(client, levels);
    if let Some(acr) = &wanted.acr
        && acr.essential
        && !acr.values.is_empty()
    {
        let names: Vec<String> = acr
            .values
            .iter()
            .filter(|name| {
                levels
                    .named(name)
                    .is_some_and(|level| level >= floor && level <= levels.highest())
            })
            .cloned()
            .collect();
        let lowest = names.iter().filter_map(|name| levels.named(name)).min();
        let required = lowest.ok_or(unmet("no level that claims asks as essential can be given"))?;
        return Ok(Level { required, names });
    }
    let named: Vec<&str> = match (sent.value("acr_values"), &wanted.acr) {
        (Some(values), _) => values.split_whitespace().collect(),
        (None, Some(acr)) if !acr.values.is_empty() => acr.values.iter().map(String::as_str).collect(),
        (None, _) => client.default_acr_values.iter().map(String::as_str).collect(),
    };
    let names: Vec<String> = named
        .into_iter()
        .filter(|name| levels.named(name).is_some())
        .map(str::to_owned)
        .collect();
    let lowest = names.iter().filter_map(|name| levels.named(name)).min();
    let required = lowest.unwrap_or(Aal::Two).max(floor);
    if required > levels.highest() {
        return Err(unmet("no factor here reaches the level that acr_values asks"));
    }
    Ok(Level { required, names })
}

/// The level that `client` was registered to ask when its requests name none: the lowest of its `default_acr_values`, two
/// factors without them.
#[must_use]
pub fn of_registration(client: &Client, levels: &Levels) -> Aal {
    let named = client.default_acr_values.iter();
    let lowest = named.filter_map(|name| levels.named(name)).min();
    lowest.unwrap_or(Aal::Two).max(floor(client, levels))
}

/// One factor is enough only for a client that an operator registered so.
fn floor(client: &Client, levels: &Levels) -> Aal {
    let content = client
        .default_acr_values
        .iter()
        .any(|name| levels.named(name) == Some(Aal::One));
    if content { Aal::One } else { Aal::Two }
}

fn unmet(description: &'static str) -> OauthError {
    OauthError::new(Code::UnmetAuthenticationRequirements, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{authorize::claims::WantedAcr, registration::tests::check};

    const ONE: &str = "urn:aval:aal1";
    const TWO: &str = "urn:aval:aal2";
    const THREE: &str = "urn:aval:aal3";

    fn asked(default: &[&str], values: &str, acr: Option<WantedAcr>) -> Result<Aal, Code> {
        let client = check(|r| {
            r.default_acr_values = default.iter().map(|name| (*name).to_owned()).collect();
        })
        .unwrap();
        let wanted = Wanted {
            acr,
            ..Wanted::default()
        };
        let sent = Parameters::of([("acr_values", values)]);
        required(&sent, &client, &wanted, &Levels::default())
            .map(|level| level.required)
            .map_err(|error| error.code)
    }

    fn claim(values: &[&str], essential: bool) -> Option<WantedAcr> {
        Some(WantedAcr {
            values: values.iter().map(|name| (*name).to_owned()).collect(),
            essential,
        })
    }

    #[test]
    fn two_factors_unless_registered_as_content_with_one() {
        assert_eq!(asked(&[], "", None), Ok(Aal::Two));
        assert_eq!(asked(&[], ONE, None), Ok(Aal::Two));
        assert_eq!(asked(&[ONE], "", None), Ok(Aal::One));
        assert_eq!(asked(&[ONE], TWO, None), Ok(Aal::Two));
        assert_eq!(asked(&[ONE], "urn:other", None), Ok(Aal::Two));
    }

    #[test]
    fn a_level_out_of_reach_is_said_and_not_lowered() {
        let unmet = Err(Code::UnmetAuthenticationRequirements);
        assert_eq!(asked(&[], THREE, None), unmet);
        assert_eq!(asked(&[], &format!("{THREE} {TWO}"), None), Ok(Aal::Two));
        assert_eq!(asked(&[], "", claim(&[THREE], true)), unmet);
        assert_eq!(asked(&[], "", claim(&["urn:sca"], true)), unmet);
        assert_eq!(asked(&[], "", claim(&[ONE], true)), unmet);
        assert_eq!(asked(&[], "", claim(&[THREE, TWO], true)), Ok(Aal::Two));
        assert_eq!(asked(&[ONE], "", claim(&[TWO], true)), Ok(Aal::Two));
    }

    #[test]
    fn where_hardware_keys_are_allowed_the_highest_level_can_be_asked() {
        let client = check(|_| {}).unwrap();
        let levels = Levels::default().up_to(Aal::Three);
        let sent = Parameters::of([("acr_values", THREE)]);
        let level = required(&sent, &client, &Wanted::default(), &levels).unwrap();
        assert_eq!(
            (level.required, level.names),
            (Aal::Three, vec![THREE.to_owned()])
        );
    }

    #[test]
    fn a_voluntary_name_that_nobody_knows_is_ignored() {
        assert_eq!(asked(&[], "", claim(&["urn:sca"], false)), Ok(Aal::Two));
        assert_eq!(asked(&[], "", claim(&[], true)), Ok(Aal::Two));
    }
}
