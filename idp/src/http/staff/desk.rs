//! `/staff/search`, `/staff/cases…`: a citizen's record, by exact number and with a reason.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{Staff, home};
use crate::{
    error::Error,
    flow::{self, cases::Opened},
    http::{
        interaction::see_other,
        pages::{Page, html},
        security::{Fields, ours},
    },
    rules::{
        ids::CaseId,
        national_id::NationalId,
        refusal::Refusal,
        staff::{Action, Reason, Reference},
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "staff_case.html")]
struct CasePage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    case: String,
    reason: String,
    name: String,
    number_label: &'static str,
    number: String,
    email: String,
    proofing: String,
    active: bool,
    sessions: i64,
    may_end: bool,
    may_freeze: bool,
    may_start: bool,
    may_recover: bool,
}

/// What the search sends.
#[derive(Deserialize)]
pub struct Searched {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    reference: String,
}

/// What a form on a record sends.
#[derive(Deserialize)]
pub struct Acted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    case: String,
}

/// `?done=`: what the last form did.
#[derive(Deserialize)]
pub struct Noticed {
    #[serde(default)]
    done: String,
}

/// `POST /staff/search`.
pub async fn search(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<Searched>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    staff.official.permit(Action::OpenRecord)?;
    let number = NationalId::parse(&sent.national_id, &idp.people.schemes);
    if number.is_err() {
        page.problem_at("national_id", page.t("staff-number-wrong"));
    }
    let why = why(&mut page, &sent.reason, &sent.reference);
    if let (Ok(number), Some(why)) = (number, why) {
        match flow::cases::open(&idp, &staff.official, &number, why).await {
            Ok(case) => return Ok(see_other(&format!("/staff/cases/{case}"))),
            Err(Error::Refused(Refusal::NotFound)) => {
                page.problem_at("national_id", page.t("staff-nobody"));
            }
            Err(error) => return Err(error),
        }
    }
    home::render(&idp, &staff, page, "").await
}

/// The reason and its reference, or what is wrong with them on the page.
pub(super) fn why(page: &mut Page, reason: &str, reference: &str) -> Option<(Reason, Reference)> {
    let reason = Reason::named(reason);
    if reason.is_none() {
        page.problem_at("reason", page.t("staff-reason-missing"));
    }
    let reference = Reference::parse(reference);
    if reference.is_none() {
        page.problem_at("reference", page.t("staff-reference-wrong"));
    }
    Some((reason?, reference?))
}

/// `GET /staff/cases/{case}`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Path(case): Path<String>,
    Query(noticed): Query<Noticed>,
    mut page: Page,
) -> Result<Response, Error> {
    let opened = flow::cases::read(&idp, &staff.official, &CaseId::known(case)).await?;
    page.here = format!("/staff/cases/{}", opened.case.id);
    Ok(render(&idp, &staff, &page, &opened, &noticed.done))
}

/// `POST /staff/cases/end-sessions`.
pub async fn end_sessions(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Fields(sent): Fields<Acted>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    flow::cases::end_sessions(&idp, &staff.official, &CaseId::known(sent.case.as_str())).await?;
    Ok(back(&sent.case, "sessions-ended"))
}

/// `POST /staff/cases/freeze`.
pub async fn freeze(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Fields(sent): Fields<Acted>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    flow::cases::stop(&idp, &staff.official, &CaseId::known(sent.case.as_str())).await?;
    Ok(back(&sent.case, "frozen"))
}

/// `POST /staff/cases/recover`: proposes; another official decides.
pub async fn recover(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Fields(sent): Fields<Acted>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    let case = CaseId::known(sent.case.as_str());
    flow::approvals::propose_recovery(&idp, &staff.official, &case).await?;
    Ok(back(&sent.case, "recovery-proposed"))
}

/// `POST /staff/cases/start-recovery`: a letter to the citizen, and nothing more.
pub async fn start_recovery(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Fields(sent): Fields<Acted>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    let case = CaseId::known(sent.case.as_str());
    flow::cases::start_recovery(&idp, &staff.official, &case).await?;
    Ok(back(&sent.case, "recovery-started"))
}

/// `case` was found: 32 hexadecimal digits.
fn back(case: &str, done: &str) -> Response {
    see_other(&format!("/staff/cases/{case}?done={done}"))
}

fn render(idp: &Idp, staff: &Staff, page: &Page, opened: &Opened, done: &str) -> Response {
    let (person, official) = (&opened.person, &staff.official);
    let reason = home::reasons(page)
        .into_iter()
        .find(|(name, _)| *name == opened.case.reason.name())
        .map_or_else(String::new, |(_, words)| words);
    let template = CasePage {
        page,
        csrf: staff.csrf(idp),
        done: notice(page, done),
        case: opened.case.id.as_str().to_owned(),
        reason: format!("{reason} {}", opened.case.reference.as_str()),
        name: person.full_name(),
        number_label: person.national_id.scheme().label(),
        number: person.national_id.display(),
        email: masked(person.email.as_str()),
        proofing: opened
            .proofing
            .map_or_else(String::new, |proofing| proofing.ial().name().to_uppercase()),
        active: opened.active,
        sessions: i64::try_from(opened.sessions).unwrap_or(i64::MAX),
        may_end: official.may(Action::EndSessions),
        may_freeze: official.may(Action::Freeze),
        may_start: official.may(Action::StartRecovery),
        may_recover: official.may(Action::ProposeRecovery),
    };
    html(StatusCode::OK, &template, None)
}

fn notice(page: &Page, done: &str) -> Option<String> {
    match done {
        "sessions-ended" => Some(page.t("staff-done-sessions-ended")),
        "recovery-started" => Some(page.t("staff-done-recovery-started")),
        "frozen" => Some(page.t("staff-done-frozen")),
        "recovery-proposed" => Some(page.t("staff-done-recovery-proposed")),
        _ => None,
    }
}

/// Enough of an address to ask its owner whether it is theirs: the first letter and the domain.
fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_told_whole() {
        assert_eq!(masked("ana.soto@correo.example"), "a…@correo.example");
        assert_eq!(masked("ñ@x.example"), "ñ…@x.example");
    }
}
