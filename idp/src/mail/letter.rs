//! How a notice reads: plain text first, and the same words as a small page without pictures or scripts.

use askama::Template;
use time::OffsetDateTime;

use crate::{
    error::Fault,
    http::pages::catalogue::{Value, say, say_with},
    rules::{
        ids::NoticeId,
        language::Language,
        notice::{About, Posted},
        person::Email,
        secret::Secret,
        time::Timestamp,
    },
    service::Idp,
};

/// A letter, ready to leave.
pub struct Letter {
    /// Whose it is: part of its `Message-ID`.
    pub id: NoticeId,
    /// When it happened.
    pub at: Timestamp,
    /// Where to.
    pub to: Email,
    /// One line.
    pub subject: String,
    /// As plain text. It carries a link that is good once.
    pub text: Secret<String>,
    /// As a page.
    pub html: Secret<String>,
}

/// The words of a letter, one paragraph each.
struct Words {
    language: Language,
    programme: String,
    greeting: String,
    told: String,
    when: String,
    objection: Objection,
    promise: String,
}

/// How to object.
enum Objection {
    /// By a link that is good once.
    Link {
        yours: String,
        not_yours: String,
        link: String,
        press: String,
    },
    /// Nothing happened yet: by doing nothing.
    Ignore(String),
}

impl Objection {
    fn of(idp: &Idp, posted: &Posted) -> Self {
        let about = About::of_kind(posted.notice.kind());
        let told = |part: &str| say(posted.language, &format!("{}-{part}", about.words()));
        let Some(token) = &posted.not_me else {
            return Self::Ignore(say(posted.language, "notice-ignore"));
        };
        let link = match about {
            About::Account | About::Recovery => format!("/not-me?token={}", token.expose()),
            About::Frozen => "/recover".to_owned(),
        };
        Self::Link {
            yours: told("yours"),
            not_yours: told("not-yours"),
            link: idp.config.issuer.at(&link),
            press: told("press"),
        }
    }
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    words: &'a Words,
    subject: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    words: &'a Words,
}

impl Letter {
    /// Words a notice.
    ///
    /// # Errors
    /// A fault of a template, which has none in practice.
    pub fn of(idp: &Idp, posted: &Posted) -> Result<Self, Fault> {
        let (language, kind) = (posted.language, posted.notice.kind());
        let values: Vec<(&str, Value<'_>)> = posted
            .notice
            .values()
            .into_iter()
            .map(|(name, value)| (name, Value::Text(value)))
            .collect();
        let programme = idp.config.programme.as_str();
        let subject = say_with(language, &format!("notice-{kind}-subject"), &values);
        let words = Words {
            language,
            programme: programme.to_owned(),
            greeting: with(language, "notice-greeting", "name", &posted.given_name),
            told: say_with(language, &format!("notice-{kind}-text"), &values),
            when: with(language, "notice-when", "when", &moment(language, posted.at)),
            objection: Objection::of(idp, posted),
            promise: with(language, "notice-promise", "programme", programme),
        };
        let faulty = |source| Fault::of("wording a letter", source);
        Ok(Self {
            id: posted.id.clone(),
            at: posted.at,
            to: posted.to.clone(),
            text: Secret::new(Text { words: &words }.render().map_err(faulty)?),
            html: Secret::new(
                Html {
                    words: &words,
                    subject: &subject,
                }
                .render()
                .map_err(faulty)?,
            ),
            subject,
        })
    }
}

fn with(language: Language, key: &str, name: &str, value: &str) -> String {
    say_with(language, key, &[(name, Value::Text(value))])
}

/// Day and minute. A letter is read anywhere, so the zone is named.
fn moment(language: Language, at: Timestamp) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at.0) else {
        return String::new();
    };
    let month = say(language, &format!("month-{}", u8::from(at.month())));
    let (day, year) = (at.day().to_string(), at.year().to_string());
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    say_with(
        language,
        "notice-moment",
        &[
            ("day", Value::Text(&day)),
            ("month", Value::Text(&month)),
            ("year", Value::Text(&year)),
            ("time", Value::Text(&time)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind that `rules/notice.rs` names has its words in both languages.
    #[test]
    fn every_kind_of_notice_has_a_subject_and_a_text() {
        let source = include_str!("../rules/notice.rs");
        let kinds = source.split("pub fn kind(").nth(1).unwrap();
        let kinds = kinds.split("pub fn").next().unwrap();
        let kinds: Vec<&str> = kinds
            .split("=> \"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(kinds.len() >= 6, "{kinds:?}");
        for kind in kinds {
            for language in Language::ALL {
                for part in ["subject", "text"] {
                    let key = format!("notice-{kind}-{part}");
                    assert_ne!(say(language, &key), key, "{}", language.tag());
                }
            }
        }
    }

    #[test]
    fn a_moment_names_its_zone() {
        let at = Timestamp(1_763_726_400);
        assert_eq!(
            moment(Language::Es, at),
            "21 de noviembre de 2025, 12:00 (hora universal)"
        );
    }
}
