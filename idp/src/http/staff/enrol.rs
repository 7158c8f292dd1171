//! `/staff/enrol`: a registrar, with the person and their document in front of them, opens an account and prints the
//! code for it.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{Staff, home::status};
use crate::{
    error::{Error, Fault},
    flow::{
        activation::issue::{By, NotIssued, Printed, Terms, to_newcomer},
        enrol::{Described, NotEnrolled},
    },
    http::{
        pages::{Number, Page, html, qr},
        security::{Fields, ours},
    },
    rules::{
        activation::{Handed, Proofing},
        staff::Action,
        time::{Seconds, Timestamp},
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "staff_enrol.html")]
struct EnrolPage<'a> {
    page: &'a Page,
    csrf: String,
    number: Number,
    typed: &'a New,
}

#[derive(Template)]
#[template(path = "staff_code.html")]
struct CodePage<'a> {
    page: &'a Page,
    name: String,
    number_label: &'static str,
    number: String,
    code: &'a str,
    address: String,
    /// A link with the code after its `#`, drawn.
    qr: String,
    /// What the next says: for how long, or until which day.
    valid: String,
    until: String,
}

/// What the form sends.
#[derive(Default, Deserialize)]
pub struct New {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    #[serde(default)]
    given_name: String,
    #[serde(default)]
    family_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    proofing: String,
    #[serde(default)]
    handed: String,
}

/// `GET /staff/enrol`.
pub async fn ask(State(idp): State<Arc<Idp>>, staff: Staff, page: Page) -> Result<Response, Error> {
    staff.official.permit(Action::GiveCode)?;
    Ok(render(&idp, &staff, &page, &New::default()))
}

/// `POST /staff/enrol`: the answer is the only place where the code is told.
pub async fn enrol(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<New>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    let permit = staff.official.permit(Action::GiveCode)?;
    page.here = "/staff/enrol".to_owned();
    let proofing = match sent.proofing.as_str() {
        "in_person" => Proofing::InPerson,
        "in_person_biometric" => Proofing::InPersonBiometric,
        _ => {
            page.problem_at("proofing", page.t("staff-enrol-proofing-missing"));
            return Ok(render(&idp, &staff, &page, &sent));
        }
    };
    let handed = match sent.handed.as_str() {
        "screen" => Handed::OnScreen,
        _ => Handed::OnPaper,
    };
    let new = Described {
        national_id: &sent.national_id,
        given_name: &sent.given_name,
        family_name: &sent.family_name,
        email: &sent.email,
        ..Described::default()
    };
    let by = By::Staff(permit.official());
    match to_newcomer(&idp, &new, Terms { proofing, handed }, by).await {
        Ok(printed) => Ok(code_page(&idp, &page, &printed)?),
        Err(Error::Refused(why)) => {
            let (field, key) = wrong(why);
            page.problem_at(field, page.t(key));
            Ok(render(&idp, &staff, &page, &sent))
        }
        Err(Error::Fault(fault)) => Err(fault.into()),
    }
}

/// What is printed and handed over.
///
/// # Errors
/// A fault when the link cannot be drawn.
pub(super) fn code_page(idp: &Idp, page: &Page, printed: &Printed) -> Result<Response, Fault> {
    let person = &printed.person;
    let (valid, until) = good_for(page, printed.expires_at, idp.now());
    let address = idp.config.issuer.at("/activate");
    // After the #: a code in a query would lie in histories and in the logs of proxies.
    let link = format!("{address}#{}", printed.code.expose());
    let template = CodePage {
        page,
        qr: qr::svg(&link, &page.t("activate-qr-label"))?,
        name: person.full_name(),
        number_label: person.national_id.scheme().label(),
        number: person.national_id.display(),
        code: printed.code.expose(),
        address,
        valid,
        until,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// How long a code is good: what is read now by the clock, what is printed by the calendar.
fn good_for(page: &Page, expires_at: Timestamp, now: Timestamp) -> (String, String) {
    if expires_at.since(now) > Seconds(86_400) {
        (page.t("staff-code-until"), page.last_day(expires_at))
    } else {
        (page.t("staff-code-valid"), page.wait(expires_at.since(now)))
    }
}

/// The field and what is wrong with it.
fn wrong(why: NotIssued) -> (Option<&'static str>, &'static str) {
    match why {
        NotIssued::Field(NotEnrolled::NationalId(_)) | NotIssued::Unknown => {
            (Some("national_id"), "staff-number-wrong")
        }
        NotIssued::Field(NotEnrolled::GivenName(_)) => (Some("given_name"), "staff-enrol-name-wrong"),
        NotIssued::Field(NotEnrolled::FamilyName(_)) => (Some("family_name"), "staff-enrol-name-wrong"),
        NotIssued::Field(NotEnrolled::Email(_)) => (Some("email"), "staff-enrol-email-wrong"),
        NotIssued::Field(_) => (None, "staff-enrol-wrong"),
        NotIssued::Active => (Some("national_id"), "staff-enrol-active"),
    }
}

fn render(idp: &Idp, staff: &Staff, page: &Page, typed: &New) -> Response {
    let template = EnrolPage {
        page,
        csrf: staff.csrf(idp),
        number: Number::of(&idp.people.schemes),
        typed,
    };
    html(status(page), &template, None)
}
