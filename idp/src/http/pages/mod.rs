//! What every page has: language, masthead, problems to show, and the way it becomes a response.

pub mod catalogue;
pub mod consent;
pub mod error;
pub mod form_post;
pub mod logout;
pub mod qr;
pub mod text;
pub mod when;

use std::{convert::Infallible, sync::Arc};

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use self::catalogue::{Value, say, say_with};
use super::{
    assets,
    language::{Language, Reads},
    security::FormTarget,
};
use crate::{
    error::Fault,
    rules::national_id::{self, NationalId, Scheme},
    service::Idp,
};

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Page {
    /// In which language it speaks.
    pub language: Language,
    reads: Reads,
    /// The name in the masthead.
    pub programme: String,
    /// Path and query of the page to show when the language is switched.
    pub here: String,
    /// What to correct, in the order of the fields; empty when nothing is wrong.
    pub problems: Vec<Problem>,
    /// A challenge that the next attempt has to answer ([`crate::flow::effort`]).
    pub effort: Option<String>,
}

/// Something the person should correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field it belongs to, if it belongs to one.
    pub field: Option<&'static str>,
    /// What to do about it, in the person's language.
    pub text: String,
}

/// Who asks, as the box on top of a page shows it.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Registered name.
    pub name: String,
    /// Host of the address that the person will return to.
    pub host: String,
}

/// What every form of an interaction carries.
#[derive(Clone, Debug)]
pub struct Form {
    /// Which interaction.
    pub interaction: String,
    /// Proof that our page was in this browser.
    pub csrf: String,
}

impl Form {
    /// Where a form of this interaction goes.
    #[must_use]
    pub fn action(&self, path: &str) -> String {
        format!("{path}?interaction={}", self.interaction)
    }
}

/// How the national id is called here, with an example.
#[derive(Clone, Debug)]
pub struct Number {
    /// `RUN`, or `RUN / DNI` where several schemes are accepted.
    pub label: String,
    /// A well-formed one.
    pub example: &'static str,
}

impl Number {
    /// For the schemes that this service accepts.
    #[must_use]
    pub fn of(schemes: &[Scheme]) -> Self {
        Self {
            label: schemes
                .iter()
                .map(|scheme| scheme.label())
                .collect::<Vec<_>>()
                .join(" / "),
            example: schemes.first().map_or("", |scheme| scheme.example()),
        }
    }
}

impl Page {
    /// A page at `here`, with nothing wrong on it.
    #[must_use]
    pub fn new(idp: &Idp, reads: Reads, here: &str) -> Self {
        Self {
            language: reads.language,
            reads,
            programme: idp.config.programme.clone(),
            here: here.to_owned(),
            problems: Vec::new(),
            effort: None,
        }
    }

    /// Speaks what an agency suggests, unless the person chose a language.
    pub fn suggest(&mut self, tags: &[String]) {
        self.language = self.reads.or_suggested(tags).language;
    }

    /// The message `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        say(self.language, key)
    }

    /// The message `key` with one variable.
    #[must_use]
    pub fn with(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        say_with(self.language, key, &[(name, Value::Text(value.as_ref()))])
    }

    /// The message `key` with two variables.
    #[must_use]
    pub fn with_two(&self, key: &str, one: (&str, &str), two: (&str, &str)) -> String {
        say_with(
            self.language,
            key,
            &[(one.0, Value::Text(one.1)), (two.0, Value::Text(two.1))],
        )
    }

    /// The message `key` with one number.
    #[must_use]
    pub fn with_number(&self, key: &str, name: &str, value: i64) -> String {
        say_with(self.language, key, &[(name, Value::Number(value))])
    }

    /// A number as somebody typed it, or what is wrong with it on this page.
    pub fn national_id(&mut self, schemes: &[Scheme], typed: &str) -> Option<NationalId> {
        let refusal = match NationalId::parse(typed, schemes) {
            Ok(number) => return Some(number),
            Err(refusal) => refusal,
        };
        let named = Number::of(schemes);
        let key = match refusal {
            national_id::Refusal::Empty => "login-number-empty",
            national_id::Refusal::Shape => "login-number-shape",
            national_id::Refusal::CheckDigit => "login-number-check",
        };
        let problem = self.with_two(key, ("label", &named.label), ("example", named.example));
        self.problem_at("national_id", problem);
        None
    }

    /// Adds a problem.
    pub fn problem_at(&mut self, field: impl Into<Option<&'static str>>, text: String) {
        self.problems.push(Problem {
            field: field.into(),
            text,
        });
    }

    /// Something is to be corrected.
    #[must_use]
    pub fn wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    /// 422 when something is to be corrected, so that no browser takes the form for accepted.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if self.wrong() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }

    /// The problem of one field.
    #[must_use]
    pub fn problem(&self, field: &str) -> Option<&str> {
        self.problems
            .iter()
            .find(|problem| problem.field == Some(field))
            .map(|problem| problem.text.as_str())
    }

    /// Ids for `aria-describedby`: the hint if the field has one, then the error. Templates pass references.
    #[must_use]
    pub fn described(&self, field: &str, hint: &bool) -> Option<String> {
        let hint = hint.then(|| format!("{field}-hint"));
        let error = self.problem(field).map(|_| format!("{field}-error"));
        match (hint, error) {
            (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
            (one, other) => one.or(other),
        }
    }

    /// The same page in the other language.
    #[must_use]
    pub fn other_language_href(&self) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let mut pairs: Vec<String> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
            .map(str::to_owned)
            .collect();
        pairs.push(format!("lang={}", self.language.other().tag()));
        format!("{path}?{}", pairs.join("&"))
    }

    /// Address of the stylesheet.
    #[must_use]
    pub fn stylesheet(&self) -> &'static str {
        assets::stylesheet_path()
    }

    /// Address of the script.
    #[must_use]
    pub fn script(&self) -> &'static str {
        assets::script_path()
    }

    /// Address of the script that solves the challenge.
    #[must_use]
    pub fn effort_script(&self) -> &'static str {
        assets::effort_path()
    }

    /// Address of the script that shows and hides what is typed.
    #[must_use]
    pub fn reveal_script(&self) -> &'static str {
        assets::reveal_path()
    }

    /// Address of the script that takes the code of a printed page out of the address.
    #[must_use]
    pub fn activate_script(&self) -> &'static str {
        assets::activate_path()
    }

    /// Address of the script that goes on from the page that says goodbye.
    #[must_use]
    pub fn leave_script(&self) -> &'static str {
        assets::leave_script_path()
    }
}

impl FromRequestParts<Arc<Idp>> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        idp: &Arc<Idp>,
    ) -> Result<Self, Infallible> {
        let reads = Reads::from_request_parts(parts, idp).await?;
        let here = parts
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        Ok(Self::new(idp, reads, here))
    }
}

/// A rendered page. `target` is the origin that a form on it may end at, beyond our own.
pub fn html(status: StatusCode, template: &impl Template, target: Option<FormTarget>) -> Response {
    match template.render() {
        Ok(body) => {
            let mut response = (status, [(header::CONTENT_TYPE, HTML)], body).into_response();
            if let Some(target) = target {
                response.extensions_mut().insert(target);
            }
            response
        }
        // Rendering writes into memory and our templates cannot fail; if one does, nothing is shown half.
        Err(error) => Fault::of("rendering a page", error).into_response(),
    }
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn page() -> Page {
        Page {
            language: Language::Es,
            reads: Reads::default(),
            programme: "Aval".into(),
            here: "/login?interaction=x&lang=es".into(),
            problems: Vec::new(),
            effort: None,
        }
    }

    #[test]
    fn switching_the_language_keeps_the_rest_of_the_address() {
        assert_eq!(page().other_language_href(), "/login?interaction=x&lang=en");
    }

    #[test]
    fn a_field_is_described_by_its_hint_and_its_error() {
        let mut page = page();
        assert_eq!(page.described("code", &true).as_deref(), Some("code-hint"));
        page.problem_at("code", "mal".into());
        assert_eq!(
            page.described("code", &true).as_deref(),
            Some("code-hint code-error")
        );
        assert_eq!(page.described("password", &false), None);
    }
}
