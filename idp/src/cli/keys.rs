//! `idp keys list|rotate|revoke`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Problems, input};
use crate::{
    error::Error,
    flow::keys::{revoke, rotate},
    rules::keys::{KeyRecord, KeyUse, Stage},
    service::Idp,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show every key: prepublished, active, in grace, retired, revoked.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Make a successor now; it takes its turn as soon as every verifier can have it.
    Rotate {
        /// ES256, EdDSA, PS256 or RS256 to sign, ECDH-ES for what clients encrypt; every one when missing.
        #[arg(long)]
        alg: Option<KeyUse>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Take a key back: nothing that it signed is accepted any more. Another signs at once.
    Revoke {
        /// Its id, as `idp keys list` shows it.
        #[arg(long)]
        kid: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::List { json } => {
            list(idp, json);
            Ok(())
        }
        Command::Rotate { alg, json } => rotate_all(idp, alg, json).await,
        Command::Revoke { kid, json } => take_back(idp, &kid, json).await,
    }
}

fn list(idp: &Idp, json: bool) {
    let (keys, now) = (idp.signing.now(), idp.now());
    let all = keys.records();
    if json {
        let told = all.iter().map(|key| value(key, key.stage(all, now)));
        input::print(told.collect(), false);
        return;
    }
    for key in all {
        print(key, key.stage(all, now));
    }
}

async fn rotate_all(idp: &Idp, alg: Option<KeyUse>, json: bool) -> Result<(), Problems> {
    let uses = match alg {
        Some(alg) if KeyUse::every().any(|known| known == alg) => vec![alg],
        Some(alg) => return Err(vec![format!("{alg}: we do not sign with it")]),
        None => KeyUse::every().collect(),
    };
    let mut told = Vec::new();
    for key_use in uses {
        let rotated = rotate(idp, key_use)
            .await
            .map_err(|fault| vec![fault.to_string()])?;
        if json {
            told.push(value(&rotated.to, Stage::Prepublished));
        } else {
            print(&rotated.to, Stage::Prepublished);
        }
    }
    if json {
        input::print(told, alg.is_some());
    }
    Ok(())
}

async fn take_back(idp: &Idp, kid: &str, json: bool) -> Result<(), Problems> {
    let revoked = match revoke(idp, kid).await {
        Ok(revoked) => revoked,
        Err(Error::Refused(refused)) => return Err(vec![format!("{kid}: {refused}")]),
        Err(Error::Fault(fault)) => return Err(vec![fault.to_string()]),
    };
    if json {
        input::print(vec![value(&revoked, Stage::Revoked)], true);
    } else {
        print(&revoked, Stage::Revoked);
    }
    Ok(())
}

fn value(key: &KeyRecord, stage: Stage) -> Value {
    json!({
        "kid": key.kid,
        "alg": key.key_use.name(),
        "stage": stage.name(),
        "home": key.home.name(),
        "created_at": key.created_at.0,
        "active_from": key.active_from.0,
        "revoked_at": key.revoked_at.map(|at| at.0),
    })
}

fn print(key: &KeyRecord, stage: Stage) {
    println!(
        "{}\t{}\t{}\t{}\tin its turn from {}",
        key.kid,
        key.key_use,
        stage.name(),
        key.home.name(),
        moment(key.active_from.0)
    );
}

/// The moment as RFC 3339 writes it.
pub(super) fn moment(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}
