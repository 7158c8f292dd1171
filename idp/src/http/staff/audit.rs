//! `/staff/audit…`: an auditor searches the log, takes it away, and walks its chain.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value};
use time::{Date, OffsetDateTime, macros::format_description};

use super::{Staff, desk, home};
use crate::{
    error::Error,
    flow::audit_log,
    http::{
        pages::{Number, Page, html},
        security::{Fields, ours},
    },
    rules::{audit::Entry, national_id::NationalId, refusal::Refusal, staff::Action, time::Timestamp},
    service::Idp,
    store::audit::Asked,
};

#[derive(Template)]
#[template(path = "staff_audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    csrf: String,
    number: Number,
    reasons: Vec<(&'static str, String)>,
    asked: &'a Question,
    said: Option<String>,
    rows: Vec<Row>,
    searched: bool,
}

/// A record as an auditor reads it: nothing of it is left out.
struct Row {
    what: String,
    when: String,
    told: Vec<String>,
}

/// What the forms of this page send.
#[derive(Default, Deserialize)]
pub struct Question {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
}

/// `GET /staff/audit`.
pub async fn show(State(idp): State<Arc<Idp>>, staff: Staff, page: Page) -> Result<Response, Error> {
    staff.official.permit(Action::SearchAudit)?;
    Ok(render(&idp, &staff, &page, (&Question::default(), None, None)))
}

/// `POST /staff/audit`.
pub async fn search(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<Question>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    staff.official.permit(Action::SearchAudit)?;
    page.here = "/staff/audit".to_owned();
    let span = span(&mut page, &sent);
    let subject = if sent.national_id.trim().is_empty() {
        Some(None)
    } else {
        let number = NationalId::parse(&sent.national_id, &idp.people.schemes).ok();
        if number.is_none() {
            page.problem_at("national_id", page.t("staff-number-wrong"));
        }
        let why = desk::why(&mut page, &sent.reason, &sent.reference);
        number.zip(why).map(Some)
    };
    let (Some((since, until)), Some(subject)) = (span, subject) else {
        return Ok(render(&idp, &staff, &page, (&sent, None, None)));
    };
    let asked = Asked {
        citizen: None,
        event: sent.event.trim().to_owned(),
        since,
        until,
    };
    let subject = subject.as_ref();
    let subject = subject.map(|(number, (reason, reference))| (number, *reason, reference));
    match audit_log::search(&idp, &staff.official, subject, asked).await {
        Ok(entries) => Ok(render(&idp, &staff, &page, (&sent, None, Some(entries)))),
        Err(Error::Refused(Refusal::NotFound)) => {
            page.problem_at("national_id", page.t("staff-nobody"));
            Ok(render(&idp, &staff, &page, (&sent, None, None)))
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/audit/verify`.
pub async fn verify(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<Question>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    page.here = "/staff/audit".to_owned();
    let said = match audit_log::verify_for(&idp, &staff.official).await? {
        Ok(head) => Some(page.with("staff-audit-unbroken", "n", head.seq.to_string())),
        Err(broken) => {
            page.problem_at(None, page.with("staff-audit-broken", "why", broken.to_string()));
            None
        }
    };
    Ok(render(&idp, &staff, &page, (&Question::default(), said, None)))
}

/// `POST /staff/audit/export`: one JSON object a line, as long as it takes.
pub async fn export(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    mut page: Page,
    Fields(sent): Fields<Question>,
) -> Result<Response, Error> {
    ours(&staff.csrf(&idp), &sent.csrf)?;
    staff.official.permit(Action::ExportAudit)?;
    page.here = "/staff/audit".to_owned();
    let Some(span) = span(&mut page, &sent) else {
        return Ok(render(&idp, &staff, &page, (&sent, None, None)));
    };
    audit_log::export_for(&idp, &staff.official, span).await?;
    let lines = stream::unfold((idp, 0), move |(idp, after)| async move {
        match audit_log::lines(&idp, span, after).await {
            Ok(Some((text, last))) => Some((Ok(text), (idp, last))),
            Ok(None) => None,
            // The connection breaks off: half a file must not pass for a whole one.
            Err(fault) => Some((Err(std::io::Error::other(fault)), (idp, i64::MAX))),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.jsonl\"",
        ),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// From the first day's beginning to the last day's end, UTC; an empty field is no bound.
fn span(page: &mut Page, sent: &Question) -> Option<(Timestamp, Timestamp)> {
    let mut read = |field: &'static str, text: &str, otherwise: Timestamp| {
        if text.trim().is_empty() {
            return Some(otherwise);
        }
        let day = Date::parse(text.trim(), format_description!("[year]-[month]-[day]"));
        if day.is_err() {
            page.problem_at(field, page.t("staff-day-wrong"));
        }
        day.ok()
            .map(|day| Timestamp(day.midnight().assume_utc().unix_timestamp()))
    };
    let since = read("since", &sent.since, Timestamp(0));
    let until = read("until", &sent.until, Timestamp(i64::MAX));
    let next_day = |day: Timestamp| Timestamp(day.0.saturating_add(86_400));
    Some((since?, until.map(next_day)?))
}

fn render(
    idp: &Idp,
    staff: &Staff,
    page: &Page,
    (asked, said, entries): (&Question, Option<String>, Option<Vec<Entry>>),
) -> Response {
    let template = AuditPage {
        page,
        csrf: staff.csrf(idp),
        number: Number::of(&idp.people.schemes),
        reasons: home::reasons(page),
        asked,
        said,
        searched: entries.is_some(),
        rows: entries.unwrap_or_default().iter().map(row).collect(),
    };
    html(home::status(page), &template, None)
}

fn row(entry: &Entry) -> Row {
    let named = [
        ("citizen", &entry.citizen),
        ("client", &entry.client),
        ("session", &entry.session),
    ];
    let named = named.into_iter().filter(|(_, value)| !value.is_empty());
    let mut told: Vec<String> = named.map(|(name, value)| format!("{name}: {value}")).collect();
    match serde_json::from_str::<Map<String, Value>>(&entry.detail) {
        Ok(detail) => told.extend(detail.iter().map(|(name, value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            other => format!("{name}: {other}"),
        })),
        // Never what we wrote: an auditor sees it as it is.
        Err(_) => told.push(entry.detail.clone()),
    }
    let what = [&entry.event, &entry.outcome, &entry.reason].map(String::as_str);
    Row {
        what: format!("{} · {}", entry.seq, what.join(" ").trim_end()),
        when: moment(entry.at),
        told,
    }
}

/// `2026-11-22 13:05:09 UTC`: officials of several places read the same.
fn moment(at: Timestamp) -> String {
    let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let moment = OffsetDateTime::from_unix_timestamp(at.0).ok();
    let said = moment.and_then(|moment| moment.format(shape).ok());
    said.unwrap_or_else(|| at.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_told_whole_and_with_a_moment_that_people_read() {
        let entry = Entry {
            seq: 7,
            at: Timestamp(1_795_305_601),
            event: "role.given".to_owned(),
            outcome: "done".to_owned(),
            reason: String::new(),
            citizen: "ana".to_owned(),
            client: String::new(),
            session: String::new(),
            detail: "{\"by\":\"eva\",\"role\":\"auditor\"}".to_owned(),
        };
        let row = row(&entry);
        assert_eq!(row.what, "7 · role.given done");
        assert_eq!(row.when, "2026-11-22 00:00:01 UTC");
        assert_eq!(row.told, ["citizen: ana", "by: eva", "role: auditor"]);
    }

    #[test]
    fn a_record_that_somebody_garbled_is_shown_as_it_is() {
        let entry = Entry {
            seq: 1,
            at: Timestamp(0),
            event: "x".to_owned(),
            outcome: "done".to_owned(),
            reason: String::new(),
            citizen: String::new(),
            client: String::new(),
            session: String::new(),
            detail: "{{".to_owned(),
        };
        assert_eq!(row(&entry).told, ["{{"]);
    }
}
