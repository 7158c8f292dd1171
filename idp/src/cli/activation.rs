//! `idp activation create`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{Problems, input};
use crate::{
    error::Error,
    flow::{
        activation::issue::{self, By, NotIssued, Printed, Terms},
        enrol::Described,
    },
    rules::{
        activation::{Handed, Proofing},
        national_id::NationalId,
    },
    service::Idp,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a code that opens an account. With names and an address the account is made if there is none.
    Create(Create),
}

/// How a person was proven, as flags say it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// Taken over from another register.
    Imported,
    /// By a credential that they had before.
    ExistingCredential,
    /// In person, with a document.
    InPerson,
    /// In person, with a biometric comparison.
    InPersonBiometric,
}

#[derive(Debug, Args)]
pub struct Create {
    /// As people write it.
    #[arg(long)]
    national_id: String,
    /// Given names, for somebody new.
    #[arg(long, requires = "family_name", requires = "email")]
    given_name: Option<String>,
    /// Family names, for somebody new.
    #[arg(long, requires = "given_name")]
    family_name: Option<String>,
    /// Address for notices, for somebody new.
    #[arg(long, requires = "given_name")]
    email: Option<String>,
    /// How you made sure of the person.
    #[arg(long, value_enum, default_value = "in-person")]
    proofing: How,
    /// The person types the code from a screen now: it is good for ten minutes.
    #[arg(long)]
    on_screen: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    let Command::Create(create) = command;
    let printed = issue(idp, &create).await.map_err(|error| match error {
        Error::Refused(why) => vec![said(why)],
        Error::Fault(fault) => vec![fault.to_string()],
    })?;
    if create.json {
        let told = json!({
            "national_id": printed.person.national_id.as_str(),
            "code": printed.code.expose(),
            "expires_at": printed.expires_at.0,
            "activate_at": idp.config.issuer.at("/activate"),
        });
        input::print(vec![told], true);
    } else {
        input::say(&sheet(idp, &printed));
    }
    Ok(())
}

async fn issue(idp: &Idp, create: &Create) -> Result<Printed, Error<NotIssued>> {
    let terms = Terms {
        proofing: create.proofing.proofing(),
        handed: if create.on_screen {
            Handed::OnScreen
        } else {
            Handed::OnPaper
        },
    };
    match (&create.given_name, &create.family_name, &create.email) {
        (Some(given_name), Some(family_name), Some(email)) => {
            let new = Described {
                national_id: &create.national_id,
                given_name,
                family_name,
                email,
                ..Described::default()
            };
            issue::to_newcomer(idp, &new, terms, By::Operator).await
        }
        _ => {
            let number = NationalId::parse(&create.national_id, &idp.people.schemes)
                .map_err(|_| Error::Refused(NotIssued::Unknown))?;
            issue::again(idp, &number, terms, By::Operator).await
        }
    }
}

/// What is handed over.
fn sheet(idp: &Idp, printed: &Printed) -> String {
    format!(
        "{}\n{}\n\n  code     {}\n  at       {}\n  until    {}\n\n(told once: hand it over now)\n",
        printed.person.full_name(),
        printed.person.national_id.display(),
        printed.code.expose(),
        idp.config.issuer.at("/activate"),
        super::keys::moment(printed.expires_at.0),
    )
}

fn said(why: NotIssued) -> String {
    match why {
        NotIssued::Field(field) => field.to_string(),
        NotIssued::Unknown => {
            "national_id: nobody has this number; add --given-name, --family-name and --email".to_owned()
        }
        NotIssued::Active => {
            "national_id: this account is active; its owner logs in or recovers it".to_owned()
        }
    }
}

impl How {
    fn proofing(self) -> Proofing {
        match self {
            Self::Imported => Proofing::Imported,
            Self::ExistingCredential => Proofing::ExistingCredential,
            Self::InPerson => Proofing::InPerson,
            Self::InPersonBiometric => Proofing::InPersonBiometric,
        }
    }
}
