//! `idp citizen create|import|imported|unlock|close|reopen|freeze|unfreeze|end-sessions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Problems,
    import::{self, Import},
    input,
};
use crate::{
    error::Error,
    flow::{
        closing,
        enrol::{NewCitizen, NotEnrolled, enrol},
        freeze, throttle,
    },
    rules::{national_id::NationalId, standing::By},
    service::Idp,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Enrol one citizen by flags, or one or many from JSON. Missing secrets are made and told once.
    Create(Create),
    /// Take over a register: people who are not known yet, from a .csv or .jsonl file of any length. The same file again
    /// changes nothing.
    Import(Import),
    /// Say how many passwords of other registers wait for their citizen's first login.
    Imported,
    /// Open an account that guessing has closed, after making sure of the citizen by other means.
    Unlock(Whose),
    /// Close an account: nobody logs in, its sessions end, every token given in its name is dead.
    Close(Whose),
    /// Open a closed account again.
    Reopen(Whose),
    /// Stop an account until its citizen is made sure of: nobody logs in, its sessions end, every token is dead.
    Freeze(Whose),
    /// Open a stopped account again, after making sure of the citizen by other means.
    Unfreeze(Whose),
    /// End every session of an account.
    EndSessions(Whose),
}

/// Whose account.
#[derive(Debug, Args)]
pub struct Whose {
    /// As people write it.
    #[arg(long)]
    national_id: String,
}

#[derive(Debug, Args)]
pub struct Create {
    /// A JSON object or array; - is standard input. Secrets belong here, not in flags.
    #[arg(long, conflicts_with = "national_id")]
    from: Option<PathBuf>,
    /// Leave a citizen who exists as they are.
    #[arg(long)]
    if_absent: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
    /// As people write it.
    #[arg(long, required_unless_present = "from")]
    national_id: Option<String>,
    /// Given names.
    #[arg(long, required_unless_present = "from")]
    given_name: Option<String>,
    /// Family names.
    #[arg(long, required_unless_present = "from")]
    family_name: Option<String>,
    /// Address for notices.
    #[arg(long, required_unless_present = "from")]
    email: Option<String>,
}

impl Create {
    fn citizen(&self) -> NewCitizen {
        NewCitizen {
            national_id: self.national_id.clone().unwrap_or_default(),
            given_name: self.given_name.clone().unwrap_or_default(),
            family_name: self.family_name.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            phone_number: None,
            address: None,
            password: None,
            totp_secret: None,
        }
    }
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::Create(create) => self::create(idp, create).await,
        Command::Import(import) => import::run(idp, &import).await,
        Command::Imported => import::left(idp).await,
        Command::Unlock(whose) => {
            let number = whose.number(idp)?;
            told(throttle::unlock(idp, &number).await, "unlocked")
        }
        Command::Close(whose) => {
            let number = whose.number(idp)?;
            told(closing::close(idp, &number).await, "closed")
        }
        Command::Reopen(whose) => {
            let number = whose.number(idp)?;
            told(closing::reopen(idp, &number).await, "open")
        }
        Command::Freeze(whose) => {
            let number = whose.number(idp)?;
            told(freeze::freeze_number(idp, &number, By::Operator).await, "frozen")
        }
        Command::Unfreeze(whose) => {
            let number = whose.number(idp)?;
            told(freeze::unfreeze_number(idp, &number, By::Operator).await, "open")
        }
        Command::EndSessions(whose) => {
            let number = whose.number(idp)?;
            told(closing::end_sessions(idp, &number).await, "ended")
        }
    }
}

impl Whose {
    fn number(&self, idp: &Idp) -> Result<NationalId, Problems> {
        NationalId::parse(&self.national_id, &idp.people.schemes)
            .map_err(|_| vec!["national_id: not a number of a known scheme".to_owned()])
    }
}

/// Says that it is done, or why it is not.
fn told(done: Result<(), Error>, word: &str) -> Result<(), Problems> {
    match done {
        Ok(()) => {
            println!("{word}");
            Ok(())
        }
        Err(Error::Refused(refused)) => Err(vec![format!("national_id: {}", refused.name())]),
        Err(Error::Fault(fault)) => Err(vec![fault.to_string()]),
    }
}

async fn create(idp: &Idp, create: Create) -> Result<(), Problems> {
    let (citizens, one) = match &create.from {
        Some(file) => input::read::<NewCitizen>(file)?,
        None => (vec![create.citizen()], true),
    };
    let mut told = Vec::new();
    for (at, citizen) in citizens.iter().enumerate() {
        match enrol(idp, citizen).await {
            Ok(enrolled) => {
                let mut value = serde_json::to_value(&enrolled).map_err(|error| vec![error.to_string()])?;
                if let Some(object) = value.as_object_mut() {
                    object.insert("created".to_owned(), json!(true));
                }
                told.push(value);
            }
            Err(Error::Refused(NotEnrolled::Exists)) if create.if_absent => {
                told.push(json!({ "national_id": citizen.national_id, "created": false }));
            }
            // The number stays out of the message: terminals and logs keep it.
            Err(Error::Refused(refused)) => {
                return Err(vec![format!("citizen {}: {refused}", at.saturating_add(1))]);
            }
            Err(Error::Fault(fault)) => return Err(vec![fault.to_string()]),
        }
    }
    if create.json {
        input::print(told, one);
    } else {
        told.iter().for_each(print_plainly);
    }
    Ok(())
}

fn print_plainly(told: &Value) {
    let text = |name: &str| {
        told.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if told.get("created") == Some(&Value::Bool(false)) {
        println!("{} was enrolled before", text("national_id"));
        return;
    }
    for name in ["national_id", "password", "totp_secret", "otpauth_uri"] {
        println!("{name:<12} {}", text(name));
    }
    println!("(told once: hand it over now)");
}
