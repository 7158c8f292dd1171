//! `idp staff invite|list|end`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{Problems, input};
use crate::{
    error::Error,
    flow::staff,
    rules::{national_id::NationalId, staff::Role},
    service::Idp,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print an invitation. Whoever logs in and types it at /staff/join holds the role: the first operator comes so.
    Invite {
        /// What they shall be.
        #[arg(long, value_enum)]
        role: Named,
    },
    /// Show who holds which role.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Take a role away at once.
    End(End),
}

#[derive(Debug, Args)]
pub struct End {
    /// As people write it.
    #[arg(long)]
    national_id: String,
    /// Which one.
    #[arg(long, value_enum)]
    role: Named,
}

/// A role, as flags say it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Named {
    Registrar,
    HelpDesk,
    Auditor,
    Operator,
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::Invite { role } => {
            let token = staff::invite(idp, role.role())
                .await
                .map_err(|fault| vec![fault.to_string()])?;
            let (token, at) = (token.text(), idp.config.issuer.at("/staff/join"));
            input::say(&format!(
                "token  {}\nat     {at}\n(good once, for a day)\n",
                token.expose()
            ));
            Ok(())
        }
        Command::List { json } => list(idp, json).await,
        Command::End(end) => {
            let number = NationalId::parse(&end.national_id, &idp.people.schemes)
                .map_err(|_| vec!["national_id: not a number of a known scheme".to_owned()])?;
            match staff::end_by_number(idp, &number, end.role.role()).await {
                Ok(()) => {
                    println!("ended");
                    Ok(())
                }
                Err(Error::Refused(refused)) => Err(vec![format!("national_id: {}", refused.name())]),
                Err(Error::Fault(fault)) => Err(vec![fault.to_string()]),
            }
        }
    }
}

async fn list(idp: &Idp, json: bool) -> Result<(), Problems> {
    let holders = staff::holders(idp)
        .await
        .map_err(|fault| vec![fault.to_string()])?;
    if json {
        let told = holders
            .iter()
            .map(|one| json!({ "name": one.name, "role": one.role.name(), "since": one.since.0 }));
        input::print(told.collect(), false);
    } else if holders.is_empty() {
        input::say("nobody holds a role yet: idp staff invite --role operator\n");
    } else {
        for one in holders {
            let since = super::keys::moment(one.since.0);
            input::say(&format!("{:<10} {since}  {}\n", one.role.name(), one.name));
        }
    }
    Ok(())
}

impl Named {
    fn role(self) -> Role {
        match self {
            Self::Registrar => Role::Registrar,
            Self::HelpDesk => Role::HelpDesk,
            Self::Auditor => Role::Auditor,
            Self::Operator => Role::Operator,
        }
    }
}
