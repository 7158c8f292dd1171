//! Which language a person reads: what they chose (`?lang=`, remembered in a cookie), else what their browser
//! prefers, else Spanish.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};

pub use crate::rules::language::Language;
use crate::service::Idp;

/// A language, and whether the person chose it themselves: what an agency suggests (`ui_locales`) gives way to that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// In which language to speak.
    pub language: Language,
    /// By the switch, now or earlier.
    pub chosen: bool,
}

impl Reads {
    /// What an agency suggests, best first (OpenID Connect Core §3.1.2.1), unless the person chose.
    #[must_use]
    pub fn or_suggested(self, tags: &[String]) -> Self {
        let suggested = tags.iter().find_map(|tag| Language::named(tag));
        match suggested {
            Some(language) if !self.chosen => Self { language, ..self },
            Some(_) | None => self,
        }
    }
}

/// Puts what the person [`Reads`] into the request and remembers a choice made with `?lang=`.
pub async fn choose<F: Future<Output = Response>>(
    idp: &Idp,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let https = idp.config.issuer.is_https();
    let asked = request.uri().query().and_then(from_query);
    let chosen = asked.or_else(|| from_cookie(request.headers(), name(https)));
    let language = chosen
        .or_else(|| from_header(request.headers()))
        .unwrap_or_default();
    request.extensions_mut().insert(Reads {
        language,
        chosen: chosen.is_some(),
    });
    let mut response = next(request).await;
    if let Some(language) = asked {
        let secure = if https { "; Secure" } else { "" };
        let (name, tag) = (name(https), language.tag());
        let cookie = format!("{name}={tag}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// What [`choose`] put there.
impl<S: Send + Sync> FromRequestParts<S> for Reads {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}

/// Named as every cookie of this service.
fn name(https: bool) -> &'static str {
    if https {
        "__Host-aval_idp_lang"
    } else {
        "aval_idp_lang"
    }
}

fn from_query(query: &str) -> Option<Language> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))
        .and_then(Language::named)
}

fn from_cookie(headers: &HeaderMap, name: &str) -> Option<Language> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
        .and_then(Language::named)
}

/// RFC 9110 §12.5.4: the known language with the highest weight; the first of equals.
fn from_header(headers: &HeaderMap) -> Option<Language> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u16, Language)> = None;
    for range in value.split(',').take(MAX_RANGES) {
        let (tag, weight) = range
            .split_once(';')
            .map_or((range, "q=1"), |(tag, weight)| (tag, weight.trim()));
        let Some(language) = Language::named(tag.trim()) else {
            continue;
        };
        let weight = thousandths(weight.strip_prefix("q=").unwrap_or("1"));
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `0.8` → 800; RFC 9110 §12.4.2 allows three decimals.
fn thousandths(weight: &str) -> u16 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, part.parse::<u16>()) {
        ("0", Ok(part)) => part,
        ("1", _) => 1000,
        _ => 0,
    }
}

/// A browser sends a handful; a longer header is not read to its end.
const MAX_RANGES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
        from_header(&headers)
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(header("es-CL,es;q=0.9,en;q=0.8"), Some(Language::Es));
        assert_eq!(header("de, en;q=0.7, es;q=0.3"), Some(Language::En));
        assert_eq!(header("en;q=0.2, es;q=0.21"), Some(Language::Es));
        assert_eq!(header("en;q=0"), None);
        assert_eq!(header("fr, *"), None);
    }

    #[test]
    fn what_an_agency_suggests_gives_way_to_a_choice() {
        let suggested = ["fr".to_owned(), "en-GB".to_owned()];
        assert_eq!(Reads::default().or_suggested(&suggested).language, Language::En);
        let chosen = Reads {
            language: Language::Es,
            chosen: true,
        };
        assert_eq!(chosen.or_suggested(&suggested), chosen);
    }

    #[test]
    fn a_choice_is_read_from_query_and_cookie() {
        assert_eq!(from_query("interaction=x&lang=en"), Some(Language::En));
        assert_eq!(from_query("lang=xx"), None);
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; aval_idp_lang=en".parse().unwrap());
        assert_eq!(from_cookie(&headers, name(false)), Some(Language::En));
    }
}
