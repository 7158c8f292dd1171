//! How Aval looks: one stylesheet, the mark, and the frame of a page, in two languages.
//!
//! [`crate::login::Login`] serves the stylesheet by itself; without it, merge [`router`].

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;

/// The stylesheet. It needs nothing else: system fonts, no images, no script.
pub const STYLESHEET: &str = include_str!("../assets/aval.css");

/// The mark: a shield with a signature in it. An inline SVG in the colour of the text.
pub const MARK: &str = concat!(
    r#"<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" "#,
    r#"stroke-linejoin="round" aria-hidden="true"><path d="M16 3 5 7.5v8C5 22 9.6 26.9 16 29c6.4-2.1 11-7 "#,
    r#"11-13.5v-8z"/><path d="M10.5 18.5c2-5 4-7 5-6s-2.5 6.5-1 7 4-4.5 5.5-4 .5 2 1.5 2"/></svg>"#
);

/// Where the stylesheet is: its name changes with its content, so that it can be cached for ever.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let digest = ring::digest::digest(&ring::digest::SHA256, STYLESHEET.as_bytes());
        let (short, _) = digest.as_ref().split_at(8);
        format!("/assets/aval-{}.css", HEXLOWER.encode(short))
    });
    &PATH
}

/// One route: the stylesheet.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(stylesheet_path(), get(|| async { stylesheet() }))
}

/// The stylesheet as a response.
#[must_use]
pub fn stylesheet() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLESHEET).into_response()
}

/// The reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
}

impl Language {
    /// The tag for `lang`, `hreflang` and `ui_locales` (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The one to switch to, and how it calls itself.
    #[must_use]
    pub const fn other(self) -> (Self, &'static str) {
        match self {
            Self::Es => (Self::En, "English"),
            Self::En => (Self::Es, "Español"),
        }
    }

    /// The language with this tag, its region left aside.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim();
        [Self::Es, Self::En]
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The reader's preference among ours (RFC 9110 §12.5.4); the order of the list stands for equal weights.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best: Option<(f32, Self)> = None;
        for item in accept.split(',').take(MAX_LANGUAGES) {
            let mut parts = item.split(';');
            let language = parts.next().and_then(Self::from_tag);
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0_f32);
            if let Some(language) = language.filter(|_| weight > 0.0 && best.is_none_or(|(w, _)| weight > w))
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// Picks the Spanish or the English text.
    #[must_use]
    pub const fn pick<'a>(self, es: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Es => es,
            Self::En => en,
        }
    }
}

/// Ours: more than any person reads.
const MAX_LANGUAGES: usize = 16;

/// A page in the frame of Aval. Text goes in escaped; `main`, `nav` and `foot` are HTML.
#[derive(Debug, Clone, Default)]
pub struct Page<'a> {
    /// Its language.
    pub language: Language,
    /// What it is, for the title and for who listens to it.
    pub title: &'a str,
    /// Whose service it is, for the masthead.
    pub service: &'a str,
    /// Links in the masthead.
    pub nav: &'a str,
    /// The content.
    pub main: &'a str,
    /// The line at the foot.
    pub foot: &'a str,
    /// Another origin to which a form on the page may lead, `https://id.example`.
    pub form_action: Option<&'a str>,
}

impl Page<'_> {
    /// The whole page as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        format!(
            concat!(
                "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">",
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
                "<meta name=\"color-scheme\" content=\"light dark\"><title>{title} · {service}</title>",
                "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{css}\"></head>\n",
                "<body><a class=\"skip\" href=\"#main\">{skip}</a>\n",
                "<header class=\"masthead\"><div><a class=\"mark\" href=\"/\">{mark}{service}</a>{nav}</div></header>\n",
                "<main id=\"main\" tabindex=\"-1\">{main}</main>\n",
                "{foot}</body></html>\n"
            ),
            lang = self.language.tag(),
            title = escape(self.title),
            service = escape(self.service),
            css = stylesheet_path(),
            skip = self.language.pick("Saltar al contenido", "Skip to the content"),
            mark = MARK,
            nav = if self.nav.is_empty() {
                String::new()
            } else {
                format!("<nav>{}</nav>", self.nav)
            },
            main = self.main,
            foot = match self.foot {
                "" => String::new(),
                foot => format!("<footer class=\"foot\"><div>{foot}</div></footer>"),
            },
        )
    }

    /// The page with its headers: never cached, never framed, no script from anywhere.
    #[must_use]
    pub fn respond(&self, status: StatusCode) -> Response {
        let elsewhere = self
            .form_action
            .map(|origin| format!(" {origin}"))
            .unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             form-action 'self'{elsewhere}; base-uri 'none'; frame-ancestors 'none'"
        );
        let headers: [(HeaderName, &str); 5] = [
            (header::CONTENT_SECURITY_POLICY, &policy),
            (CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::CONTENT_LANGUAGE, self.language.tag()),
        ];
        (status, headers, Html(self.html())).into_response()
    }
}

/// Text made safe for HTML, in an element or in a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
        Language::from_headers(&headers)
    }

    #[test]
    fn the_first_language_we_have_is_taken() {
        assert_eq!(accepting("qu-PE, es-PE, en;q=0.8"), Some(Language::Es));
    }

    #[test]
    fn a_weight_counts_more_than_the_order() {
        assert_eq!(accepting("es;q=0.3, en-GB;q=0.9"), Some(Language::En));
    }

    #[test]
    fn a_refused_language_is_not_taken() {
        assert_eq!(accepting("en;q=0, es;q=0.1"), Some(Language::Es));
        assert_eq!(accepting("fr, de"), None);
    }

    #[test]
    fn markup_in_text_is_text() {
        assert_eq!(escape(r#"<b a="x">&'"#), "&lt;b a=&#34;x&#34;&gt;&amp;&#39;");
        let page = Page {
            title: "<script>",
            service: "<img>",
            ..Page::default()
        }
        .html();
        assert!(!page.contains("<script>") && !page.contains("<img>"));
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(hex: &str) -> f64 {
        let channel =
            |place: std::ops::Range<usize>| f64::from(u8::from_str_radix(&hex[place], 16).unwrap()) / 255.0;
        let linear = |c: f64| {
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(channel(0..2)) + 0.7152 * linear(channel(2..4)) + 0.0722 * linear(channel(4..6))
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Success criteria 1.4.3 (text, 4.5) and 1.4.11 (the border of a field, 3).
    #[test]
    fn colours_contrast_in_both_schemes() {
        let (light, dark) = STYLESHEET.split_once("prefers-color-scheme: dark").unwrap();
        for scheme in [light, dark] {
            let colour = |name: &str| {
                let (_, rest) = scheme.split_once(&format!("--{name}: #")).unwrap();
                &rest[..6]
            };
            let grounds = ["paper", "ground"];
            let text = ["ink", "ink-soft", "brand", "brand-dark", "good", "warn", "bad"];
            let mut pairs: Vec<(&str, &str, f64)> = text
                .iter()
                .flat_map(|t| grounds.iter().map(move |g| (*t, *g, 4.5)))
                .collect();
            pairs.extend([
                ("good", "good-tint", 4.5),
                ("warn", "warn-tint", 4.5),
                ("bad", "bad-tint", 4.5),
            ]);
            pairs.extend([
                ("brand-dark", "brand-tint", 4.5),
                ("brand", "brand-tint", 4.5),
                ("ink-soft", "brand-tint", 4.5),
            ]);
            pairs.extend([("on-brand", "brand", 4.5), ("on-brand", "brand-dark", 4.5)]);
            pairs.extend([
                ("ink", "good-tint", 4.5),
                ("ink", "warn-tint", 4.5),
                ("ink", "bad-tint", 4.5),
            ]);
            pairs.extend([("control", "paper", 3.0), ("control", "ground", 3.0)]);
            for (front, back, least) in pairs {
                let found = contrast(colour(front), colour(back));
                assert!(found >= least, "{front} on {back}: {found:.2}");
            }
        }
    }

    #[test]
    fn the_stylesheet_is_small() {
        assert!(STYLESHEET.len() < 16 * 1024);
    }
}
