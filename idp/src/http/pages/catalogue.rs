//! The words of the pages, by language: Fluent catalogues in `messages/`.

use std::sync::LazyLock;

use crate::http::language::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// The message `key`.
#[must_use]
pub fn say(language: Language, key: &str) -> String {
    format(language, key, None)
}

/// The message `key` with its variables; numbers choose the plural.
#[must_use]
pub fn say_with(language: Language, key: &str, values: &[(&str, Value<'_>)]) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in values {
        match value {
            Value::Text(text) => args.set(*name, FluentValue::from(*text)),
            // Without grouping: 2026 is a year, and no count here reaches a thousand.
            Value::Number(number) => args.set(*name, FluentValue::from(*number)),
        }
    }
    format(language, key, Some(&args))
}

/// The value of a variable.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Words.
    Text(&'a str),
    /// A count.
    Number(i64),
}

fn format(language: Language, key: &str, args: Option<&FluentArgs<'_>>) -> String {
    let bundle = match language {
        Language::Es => &*ES,
        Language::En => &*EN,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        // A test walks every key of every template; a page must still appear if one slips through.
        tracing::error!(key, language = language.tag(), "no such message");
        return key.to_owned();
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(
            key,
            language = language.tag(),
            ?errors,
            "a message did not format"
        );
    }
    text
}

static ES: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Es, SPANISH));
static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::En, ENGLISH));

/// The catalogues of a language, one file a room of pages.
macro_rules! catalogues {
    ($language:literal) => {
        &[
            include_str!(concat!("../../../messages/", $language, "/everywhere.ftl")),
            include_str!(concat!("../../../messages/", $language, "/login.ftl")),
            include_str!(concat!("../../../messages/", $language, "/factors.ftl")),
            include_str!(concat!("../../../messages/", $language, "/consent.ftl")),
            include_str!(concat!("../../../messages/", $language, "/device.ftl")),
            include_str!(concat!("../../../messages/", $language, "/account.ftl")),
            include_str!(concat!("../../../messages/", $language, "/activity.ftl")),
            include_str!(concat!("../../../messages/", $language, "/passkeys.ftl")),
            include_str!(concat!("../../../messages/", $language, "/leaving.ftl")),
            include_str!(concat!("../../../messages/", $language, "/recovery.ftl")),
            include_str!(concat!("../../../messages/", $language, "/secrets.ftl")),
            include_str!(concat!("../../../messages/", $language, "/activation.ftl")),
            include_str!(concat!("../../../messages/", $language, "/staff.ftl")),
            include_str!(concat!("../../../messages/", $language, "/errors.ftl")),
            include_str!(concat!("../../../messages/", $language, "/texts.ftl")),
            include_str!(concat!("../../../messages/", $language, "/notices.ftl")),
            include_str!(concat!("../../../messages/", $language, "/contacts.ftl")),
            include_str!(concat!("../../../messages/", $language, "/own.ftl")),
            include_str!(concat!("../../../messages/", $language, "/operations.ftl")),
            include_str!(concat!("../../../messages/", $language, "/upstream.ftl")),
        ]
    };
}

const SPANISH: &[&str] = catalogues!("es");
const ENGLISH: &[&str] = catalogues!("en");

fn bundle(language: Language, sources: &[&str]) -> FluentBundle<FluentResource> {
    // The locale chooses plural rules.
    let mut bundle = FluentBundle::new_concurrent(language.tag().parse().into_iter().collect());
    // Isolation marks are invisible characters around names; every language here runs left to right.
    bundle.set_use_isolating(false);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(?errors, "a catalogue has errors");
            resource
        });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const LANGUAGES: [&[&str]; 2] = [SPANISH, ENGLISH];

    fn messages(sources: &[&str]) -> BTreeMap<String, String> {
        let mut out: BTreeMap<String, String> = BTreeMap::new();
        let mut last = String::new();
        for line in sources
            .iter()
            .flat_map(|source| source.lines())
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            match line.split_once(" = ") {
                Some((key, text)) if !line.starts_with(' ') => {
                    assert!(
                        out.insert(key.to_owned(), text.to_owned()).is_none(),
                        "{key} twice"
                    );
                    key.clone_into(&mut last);
                }
                _ => out.get_mut(&last).unwrap().push_str(line),
            }
        }
        out
    }

    fn variables(text: &str) -> BTreeSet<String> {
        text.split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
            .collect()
    }

    #[test]
    fn both_catalogues_parse_and_say_the_same_things_with_the_same_variables() {
        for source in LANGUAGES.into_iter().flatten() {
            FluentResource::try_new((*source).to_owned()).unwrap();
        }
        let [es, en] = LANGUAGES.map(messages);
        assert_eq!(es.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for (key, text) in &es {
            assert_eq!(variables(text), variables(&en[key]), "{key}");
        }
    }

    #[test]
    fn every_message_that_a_template_or_a_handler_names_exists() {
        let keys = messages(SPANISH);
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        let mut files = Vec::new();
        let mut folders = vec![format!("{root}templates"), format!("{root}src/http")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.display().to_string());
                } else {
                    files.push(path);
                }
            }
        }
        let mut named = 0;
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for opening in [".t(\"", ".with(\"", ".with_number(\""] {
                for rest in text.split(opening).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(keys.contains_key(key), "{key} in {}", file.display());
                    named += 1;
                }
            }
        }
        assert!(named > 60, "{named}");
    }

    /// Lenguaje simple: no sentence beyond twenty words.
    #[test]
    fn no_sentence_is_longer_than_twenty_words() {
        for sources in LANGUAGES {
            for (key, text) in messages(sources) {
                for sentence in text.split(['.', ':', ';']) {
                    let words = sentence
                        .split_whitespace()
                        .filter(|w| w.chars().any(char::is_alphanumeric))
                        .count();
                    assert!(words <= 20, "{key}: {sentence}");
                }
            }
        }
    }

    #[test]
    fn a_number_chooses_the_plural() {
        let wait = |n| say_with(Language::Es, "wait-minutes", &[("n", Value::Number(n))]);
        assert_eq!([wait(1), wait(15)], ["un minuto", "15 minutos"]);
    }

    #[test]
    fn a_name_is_inserted_without_invisible_marks() {
        assert_eq!(
            say_with(Language::En, "account-hello", &[("name", Value::Text("Ana"))]),
            "Hello, Ana"
        );
    }
}
