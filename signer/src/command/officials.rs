//! Commands about officials.

use serde::{Deserialize, Serialize};

use super::{Certify, Create, Outcome, read};
use crate::error::{Error, Refusal};
use crate::flow::{in_force, officials};
use crate::rules::certificate::CertificateRefusal;
use crate::rules::official::{Official, Profile, Standing};
use crate::service::Service;

/// An official as an operator writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    national_id: String,
    given_name: String,
    family_name: String,
    institution: String,
    position: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Given>),
    One(Given),
}

/// An official as a command prints it.
#[derive(Debug, Serialize)]
struct Shown {
    national_id: String,
    name: String,
    institution: String,
    position: String,
    key_id: String,
    certified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_until: Option<String>,
    /// Why nothing is signed with it now: a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_problem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<bool>,
}

pub(super) async fn create(service: &Service, create: &Create) -> Outcome {
    let text = read(&create.from)?;
    let given = match serde_json::from_slice(&text).map_err(|e| {
        format!(
            "{}: one object or an array of objects was expected: {e}",
            create.from.display()
        )
    })? {
        OneOrMany::Many(many) => many,
        OneOrMany::One(one) => vec![one],
    };
    std::fs::create_dir_all(&create.csr_dir)?;
    let mut shown = Vec::with_capacity(given.len());
    for one in given {
        let who = one.national_id.clone();
        let profile = Profile {
            national_id: one.national_id.parse().map_err(|e| format!("{who}: {e}"))?,
            given_name: one.given_name,
            family_name: one.family_name,
            institution: one.institution,
            position: one.position,
        };
        let person = profile.national_id.clone();
        let path = create.csr_dir.join(format!("{}.csr", person.as_str()));
        let created = match officials::register(service, profile).await {
            Ok(registered) => {
                std::fs::write(&path, registered.request)?;
                true
            }
            Err(Error::Refused(Refusal::OfficialExists)) if create.if_absent => false,
            Err(error) => return Err(format!("{who}: {error}").into()),
        };
        let official = service
            .store
            .official_by_person(&person)
            .await?
            .ok_or("the official is not there")?;
        let waiting = matches!(official.standing, Standing::Registered);
        if waiting && !path.exists() {
            std::fs::write(&path, officials::request_again(service, &official).await?)?;
        }
        let mut line = show(&official);
        line.created = Some(created);
        line.csr = waiting.then(|| path.display().to_string());
        shown.push(line);
    }
    print(&shown, create.json)
}

pub(super) async fn certify(service: &Service, certify: &Certify) -> Outcome {
    let person = certify
        .national_id
        .parse()
        .map_err(|e| format!("{}: {e}", certify.national_id))?;
    let pem = read(&certify.certificate)?;
    officials::certify(service, &person, &pem)
        .await
        .map_err(|e| format!("{}: {e}", certify.national_id))?;
    let official = service
        .store
        .official_by_person(&person)
        .await?
        .ok_or("the official is not there")?;
    let shown = show(&official);
    if certify.json {
        println!("{}", serde_json::to_string(&shown)?);
        Ok(())
    } else {
        print(&[shown], false)
    }
}

pub(super) async fn list(service: &Service, json: bool) -> Outcome {
    let mut shown = Vec::new();
    for official in service.store.officials().await? {
        let mut line = show(&official);
        if let Standing::Certified(chain) = official.standing {
            let asked = in_force::ask(service, chain).await?;
            line.certificate_problem = asked.err().map(CertificateRefusal::code);
        }
        shown.push(line);
    }
    print(&shown, json)
}

fn show(official: &Official) -> Shown {
    let until = match &official.standing {
        Standing::Registered => None,
        Standing::Certified(chain) => Some(chain.not_after().to_string()),
    };
    Shown {
        national_id: official.profile.national_id.as_str().to_owned(),
        name: official.profile.full_name(),
        institution: official.profile.institution.clone(),
        position: official.profile.position.clone(),
        key_id: official.key.to_string(),
        certified: until.is_some(),
        certificate_until: until,
        certificate_problem: None,
        csr: None,
        created: None,
    }
}

fn print(shown: &[Shown], json: bool) -> Outcome {
    if json {
        println!("{}", serde_json::to_string(shown)?);
        return Ok(());
    }
    for one in shown {
        let state = match (&one.certificate_until, &one.csr) {
            (Some(until), _) => match one.certificate_problem {
                Some(problem) => format!("certified until {until}, but cannot sign: {problem}"),
                None => format!("certified until {until}"),
            },
            (None, Some(csr)) => format!("to be certified: {csr}"),
            (None, None) => "not certified".to_owned(),
        };
        println!(
            "{}  {}  {}, {}  {state}",
            one.national_id, one.name, one.position, one.institution
        );
    }
    Ok(())
}
