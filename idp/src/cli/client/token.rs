//! `idp client token create|list|revoke`: initial access tokens, with which agencies register their own clients.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Problems, input, sentence, show::day, table};
use crate::{
    flow::initial_token,
    rules::{
        dynamic::{InitialToken, Policy, host},
        ids::InitialTokenId,
        scope::{Scope, Scopes},
        time::Seconds,
    },
    service::Idp,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Let an agency register its own clients at /register.
    Create(Create),
    /// Show the tokens that are still good.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Take a token back; clients that were registered with it stay.
    Revoke {
        /// Its name, as the list shows it.
        token: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// A host that is certainly the agency's, or the scheme of its app; every address of its clients must be there.
    /// Repeatable.
    #[arg(long, required = true)]
    host: Vec<String>,
    /// How many clients may be registered.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: u32,
    /// How long it is good: 90m, 12h or 7d.
    #[arg(long, default_value = "7d", value_parser = lifetime)]
    expires: Seconds,
    /// The most that the clients may ask of citizens, space-separated.
    #[arg(long, default_value = "openid profile email")]
    scope: String,
    /// The clients may leave PKCE out (for certification runs).
    #[arg(long)]
    pkce_optional: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::Create(create) => self::create(idp, &create).await,
        Command::List { json } => list(idp, json).await,
        Command::Revoke { token } => {
            initial_token::revoke(idp, &InitialTokenId::known(token.as_str()))
                .await
                .map_err(sentence)?;
            input::say(&format!("{token} is revoked\n"));
            Ok(())
        }
    }
}

async fn create(idp: &Idp, create: &Create) -> Result<(), Problems> {
    let policy = policy(create)?;
    let (token, value) = initial_token::create(idp, policy, create.uses, create.expires)
        .await
        .map_err(|fault| vec![fault.to_string()])?;
    if create.json {
        let mut told = self::value(&token);
        if let Some(object) = told.as_object_mut() {
            object.insert("initial_access_token".to_owned(), json!(value.expose()));
            let endpoint = idp.config.issuer.at("/register");
            object.insert("registration_endpoint".to_owned(), json!(endpoint));
        }
        input::print(vec![told], true);
        return Ok(());
    }
    input::say(&table(&[
        vec!["token".to_owned(), token.id.to_string()],
        vec!["register at".to_owned(), idp.config.issuer.at("/register")],
        vec![
            "bearer value".to_owned(),
            format!("{}   (told once: hand it over now)", value.expose()),
        ],
    ]));
    Ok(())
}

async fn list(idp: &Idp, json: bool) -> Result<(), Problems> {
    let tokens = initial_token::all(idp)
        .await
        .map_err(|fault| vec![fault.to_string()])?;
    if json {
        input::print(tokens.iter().map(value).collect(), false);
        return Ok(());
    }
    let head = ["TOKEN", "USES LEFT", "UNTIL", "HOSTS", "SCOPES"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(tokens.iter().map(|token| {
        vec![
            token.id.to_string(),
            token.uses_left.to_string(),
            day(token.expires_at),
            token.policy.hosts.join(" "),
            token.policy.scopes.to_string(),
        ]
    }));
    input::say(&table(&rows));
    Ok(())
}

fn policy(create: &Create) -> Result<Policy, Problems> {
    let mut hosts = Vec::new();
    for typed in &create.host {
        let host = host(typed).ok_or_else(|| {
            vec![format!(
                "--host {typed}: write a host name alone, as in tax.example"
            )]
        })?;
        hosts.push(host);
    }
    for name in create.scope.split_whitespace() {
        if !Scope::ALL.iter().any(|scope| scope.name() == name) {
            return Err(vec![format!("--scope: {name} is unknown")]);
        }
    }
    Ok(Policy {
        hosts,
        scopes: Scopes::parse(&create.scope),
        pkce_optional: create.pkce_optional,
    })
}

fn value(token: &InitialToken) -> Value {
    json!({
        "token": token.id.as_str(),
        "uses_left": token.uses_left,
        "expires_at": token.expires_at.0,
        "hosts": token.policy.hosts,
        "scope": token.policy.scopes.to_string(),
        "pkce_optional": token.policy.pkce_optional,
    })
}

/// A number with its unit.
fn lifetime(text: &str) -> Result<Seconds, String> {
    let told = || format!("{text}: write 90m, 12h or 7d, and at most 90d");
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(told()),
    };
    let number: u32 = text
        .get(..text.len().saturating_sub(1))
        .and_then(|number| number.parse().ok())
        .ok_or_else(told)?;
    let seconds = i64::from(number).saturating_mul(unit);
    if (1..=LONGEST.0).contains(&seconds) {
        Ok(Seconds(seconds))
    } else {
        Err(told())
    }
}

/// A quarter of a year: whoever needs longer asks again.
const LONGEST: Seconds = Seconds(90 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_a_unit_and_an_end() {
        assert_eq!(lifetime("90m"), Ok(Seconds(5_400)));
        assert_eq!(lifetime("7d"), Ok(Seconds(604_800)));
        for wrong in ["", "7", "d", "0d", "91d", "-1d", "1w", "ñ"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
