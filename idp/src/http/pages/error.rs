//! The page that says what happened, why, and what to do.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{Page, html};
use crate::rules::refusal::Refusal;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    what: String,
    why: String,
    todo: String,
    reference: Option<String>,
    /// There is a way back in, and it is not the account's own page.
    recover: bool,
}

/// What happened, why, what to do.
type Sentences = [String; 3];

/// The page of a refusal.
#[must_use]
pub fn refused(page: &Page, status: StatusCode, refusal: Refusal, correlation: &str) -> Response {
    let key = |part: &str| format!("error-{}-{part}", refusal.name());
    let why = match refusal {
        Refusal::RequestMalformed(detail) => page.with(&key("why"), "detail", detail),
        _ => page.t(&key("why")),
    };
    let todo = match refusal {
        Refusal::Throttled { wait } | Refusal::TooMany { wait } => {
            page.with(&key("do"), "wait", page.wait(wait))
        }
        _ => page.t(&key("do")),
    };
    let recover = refusal == Refusal::AccountFrozen;
    show(
        page,
        status,
        [page.t(&key("title")), why, todo],
        recover,
        correlation,
    )
}

/// The page of a fault: one constant sentence; the rest is in the log under the same number.
#[must_use]
pub fn fault(page: &Page, status: StatusCode, correlation: &str) -> Response {
    let said = ["title", "why", "do"].map(|part| page.t(&format!("error-fault-{part}")));
    show(page, status, said, false, correlation)
}

fn show(
    page: &Page,
    status: StatusCode,
    [what, why, todo]: Sentences,
    recover: bool,
    correlation: &str,
) -> Response {
    let reference = (!correlation.is_empty()).then(|| page.with("error-reference", "id", correlation));
    html(
        status,
        &ErrorPage {
            page,
            what,
            why,
            todo,
            reference,
            recover,
        },
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::{
            language::Language,
            pages::{catalogue::say, tests::page},
        },
        rules::time::Seconds,
    };

    #[test]
    fn every_refusal_has_its_three_sentences_in_both_languages() {
        let wait = Seconds(90);
        for refusal in [
            Refusal::ClientUnknown,
            Refusal::ClientDisabled,
            Refusal::RedirectUnregistered,
            Refusal::RequestMalformed("scope"),
            Refusal::RequestExpired,
            Refusal::InteractionLost,
            Refusal::OutOfTurn,
            Refusal::Throttled { wait },
            Refusal::TooMany { wait },
            Refusal::Busy { wait },
            Refusal::Forged,
            Refusal::NotFound,
            Refusal::MethodNotAllowed,
            Refusal::NotAllowed,
            Refusal::TooLarge,
            Refusal::NotStaff,
            Refusal::AccountClosed,
            Refusal::AccountFrozen,
        ] {
            for language in Language::ALL {
                for part in ["title", "why", "do"] {
                    let key = format!("error-{}-{part}", refusal.name());
                    assert_ne!(say(language, &key), key);
                }
            }
            assert_eq!(
                refused(&page(), StatusCode::BAD_REQUEST, refusal, "r").status(),
                StatusCode::BAD_REQUEST
            );
        }
    }
}
