//! What is asked of `POST /api/verify` beside the document: by the address, and by `Accept`.

use axum::extract::Query;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, Uri};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Refusal;
use crate::rules::Moment;

/// A question that was understood, wholly: what we do not know is refused, since an answer to another question would
/// look like one to this.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// For which time; without it, now.
    pub(super) at: Option<Moment>,
    /// Whether the pages of the signed revisions are drawn beside today's.
    pub(super) compare: bool,
    pub(super) shape: Shape,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Json,
    Xml,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    at: Option<String>,
    pages: Option<Pages>,
    /// Read by [`sdk::look::Language`]: of the errors.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pages {
    Compare,
}

impl Asked {
    /// # Errors
    /// [`Refusal::BadQuestion`] for what is not in the description of the API.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Result<Self, Refusal> {
        let Query(words) = Query::<Words>::try_from_uri(uri).map_err(|_| Refusal::BadQuestion)?;
        let at = words.at.map(|text| OffsetDateTime::parse(&text, &Rfc3339));
        let at = at.transpose().map_err(|_| Refusal::BadQuestion)?;
        let (compare, shape) = (words.pages.is_some(), shape(headers));
        // TS 119 102-2 has no place for what is seen.
        if compare && shape == Shape::Xml {
            return Err(Refusal::BadQuestion);
        }
        Ok(Self {
            at: at.map(|at| Moment(at.unix_timestamp())),
            compare,
            shape,
        })
    }
}

/// RFC 9110 §12.5.1, without weights: the first that we can write; JSON for who takes anything.
fn shape(headers: &HeaderMap) -> Shape {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let kinds = accept.flat_map(|line| line.split(','));
    let known = |kind: &str| match kind.split(';').next()?.trim() {
        "application/json" | "application/*" | "*/*" => Some(Shape::Json),
        "application/xml" | "text/xml" => Some(Shape::Xml),
        _ => None,
    };
    kinds
        .map(str::to_ascii_lowercase)
        .find_map(|kind| known(&kind))
        .unwrap_or(Shape::Json)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(query: &str, accept: &'static str) -> Result<Asked, Refusal> {
        let uri: Uri = format!("/api/verify?{query}").parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        Asked::of(&uri, &headers)
    }

    #[test]
    fn a_time_with_any_distance_from_utc_is_understood() {
        for text in ["2026-11-21T12:00:00Z", "2026-11-21T09:00:00-03:00"] {
            let at = asked(&format!("at={text}"), "*/*").unwrap().at;
            assert_eq!(at, Some(Moment(1_795_262_400)), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_not_left_out() {
        for query in [
            "at=hoy",
            "at=2026-11-21",
            "at=",
            "pages=all",
            "pages=compare&pages=compare",
            "password=x",
            "when=2026-11-21T12:00:00Z",
        ] {
            assert_eq!(asked(query, "*/*"), Err(Refusal::BadQuestion), "{query}");
        }
    }

    #[test]
    fn the_shape_is_the_first_that_is_accepted() {
        for (accept, shape) in [
            ("*/*", Shape::Json),
            ("application/xml", Shape::Xml),
            ("Text/XML; charset=utf-8", Shape::Xml),
            ("application/json, application/xml", Shape::Json),
            ("application/xml;q=0.9, */*;q=0.1", Shape::Xml),
            ("text/html", Shape::Json),
        ] {
            assert_eq!(asked("", accept).unwrap().shape, shape, "{accept}");
        }
    }

    #[test]
    fn pages_are_compared_in_json_alone() {
        assert!(asked("pages=compare", "application/json").unwrap().compare);
        assert_eq!(
            asked("pages=compare", "application/xml"),
            Err(Refusal::BadQuestion)
        );
    }
}
