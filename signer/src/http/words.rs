//! Words in the reader's language, from the catalogues in `messages/`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use sdk::look::Language;
use sdk_document::{months, offset_name};

use crate::rules::Moment;
use crate::rules::document::Warning;
use crate::zone::Zone;

/// One file a room.
macro_rules! catalogue {
    ($language:literal) => {
        concat!(
            include_str!(concat!("../../messages/", $language, ".ftl")),
            "\n",
            include_str!(concat!("../../messages/", $language, "/seen.ftl")),
            "\n",
            include_str!(concat!("../../messages/", $language, "/revocation.ftl")),
        )
    };
}

const ES_TEXT: &str = catalogue!("es");
const EN_TEXT: &str = catalogue!("en");

/// One language's words.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    static ES: LazyLock<Words> = LazyLock::new(|| Words::read(Language::Es, ES_TEXT));
    static EN: LazyLock<Words> = LazyLock::new(|| Words::read(Language::En, EN_TEXT));
    match language {
        Language::Es => &ES,
        Language::En => &EN,
    }
}

impl Words {
    fn read(language: Language, text: &str) -> Self {
        // A test reads every catalogue; a broken message there is a missing key here, shown as the key.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let identifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// The language itself.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The same language, for the sentences of reports.
    pub fn of_reports(&self) -> sdk_document::Language {
        match self.language {
            Language::Es => sdk_document::Language::Es,
            Language::En => sdk_document::Language::En,
        }
    }

    /// What a message says, if there is one.
    pub fn known(&self, key: &str) -> Option<String> {
        self.bundle.has_message(key).then(|| self.say(key))
    }

    /// A message without arguments.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A message whose key is put together from a prefix and a stable code.
    pub fn named(&self, prefix: &str, code: &str) -> String {
        self.say(&format!("{prefix}{code}"))
    }

    /// As [`Words::bytes`], for templates.
    pub fn size(&self, n: &u64) -> String {
        self.bytes(*n)
    }

    /// A message with one text argument.
    pub fn with(&self, key: &str, name: &str, value: &str) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name, FluentValue::from(value));
        self.format(key, Some(&arguments))
    }

    /// A message with two text arguments.
    pub fn pair(&self, key: &str, one: (&str, &str), other: (&str, &str)) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in [one, other] {
            arguments.set(name, FluentValue::from(value));
        }
        self.format(key, Some(&arguments))
    }

    /// What is worth knowing of a document before signing it, with its page.
    pub fn warning(&self, warning: &Warning) -> String {
        let language = match self.language {
            Language::Es => sdk_document::Language::Es,
            Language::En => sdk_document::Language::En,
        };
        let text = sdk_document::warning_sentence(&warning.code, language).unwrap_or(&warning.code);
        match warning.page {
            Some(page) => format!(
                "{text} {}",
                self.with("verdict-page", "number", &page.to_string())
            ),
            None => text.to_owned(),
        }
    }

    /// A message that counts: argument `n`.
    pub fn count(&self, key: &str, n: &u32) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(*n));
        self.format(key, Some(&arguments))
    }

    /// A message of progress: arguments `n` and `of`.
    pub fn of(&self, key: &str, n: &u32, of: &u32) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(*n));
        arguments.set("of", FluentValue::from(*of));
        self.format(key, Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            return key.to_owned();
        };
        self.bundle
            .format_pattern(pattern, arguments, &mut Vec::new())
            .into_owned()
    }

    /// A size as people read it: `214 kB`, `4,1 MB`.
    pub fn bytes(&self, n: u64) -> String {
        const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
        let (mut tenths, mut unit) = (n.saturating_mul(10), 0_usize);
        while tenths >= 10_000 && unit < 3 {
            tenths = tenths.saturating_add(500) / 1000;
            unit = unit.saturating_add(1);
        }
        let name = UNITS.get(unit).unwrap_or(&"GB");
        let (whole, rest) = (tenths / 10, tenths % 10);
        if unit == 0 || whole >= 100 || rest == 0 {
            return format!("{whole} {name}");
        }
        let mark = match self.language {
            Language::Es => ',',
            Language::En => '.',
        };
        format!("{whole}{mark}{rest} {name}")
    }

    /// A day and time as clocks there show them: `21 de noviembre de 2026, 11:42 UTC-3`.
    pub fn moment(&self, zone: &Zone, at: &Moment) -> String {
        let t = zone.shows(*at);
        let month = usize::from(u8::from(t.month())).saturating_sub(1);
        let time = format!("{:02}:{:02} {}", t.hour(), t.minute(), offset_name(t.offset()));
        match self.language {
            Language::Es => format!(
                "{} de {} de {}, {time}",
                t.day(),
                months::ES.get(month).unwrap_or(&""),
                t.year()
            ),
            Language::En => format!(
                "{} {} {}, {time}",
                t.day(),
                months::EN.get(month).unwrap_or(&""),
                t.year()
            ),
        }
    }

    /// The same for a time in a report (RFC 3339); what cannot be read is shown as it is.
    pub fn rfc3339(&self, zone: &Zone, text: &str) -> String {
        match time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339) {
            Ok(at) => self.moment(zone, &Moment(at.unix_timestamp())),
            Err(_) => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::batch::Failure;

    const ES: &str = ES_TEXT;
    const EN: &str = EN_TEXT;

    fn keys(text: &str) -> BTreeSet<String> {
        let resource =
            FluentResource::try_new(text.to_owned()).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        drop(resource);
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()))
            .collect()
    }

    #[test]
    fn both_catalogues_have_the_same_keys() {
        assert_eq!(keys(ES), keys(EN));
    }

    #[test]
    fn every_key_in_the_templates_has_words() {
        let known = keys(ES);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for call in [".say(\"", ".with(\"", ".count(\"", ".of(\""] {
                for after in text.split(call).skip(1) {
                    let key = after.split('"').next().unwrap();
                    assert!(known.contains(key), "{key} in {}", path.display());
                }
            }
        }
    }

    #[test]
    fn every_error_and_reason_has_words() {
        let known = keys(ES);
        for code in super::super::error::CODES {
            for part in ["title", "what", "do"] {
                assert!(
                    known.contains(&format!("error-{code}-{part}")),
                    "error-{code}-{part}"
                );
            }
        }
        for unfit in [
            "empty",
            "not_a_pdf",
            "too_large",
            "truncated",
            "damaged",
            "encrypted",
            "too_deep",
            "no_pages",
            "certified_final",
            "dynamic_form",
        ] {
            assert!(known.contains(&format!("unfit-{unfit}")), "unfit-{unfit}");
        }
        for failure in [
            Failure::SourceChanged,
            Failure::ApprovalExpired,
            Failure::CertificateUnusable,
            Failure::CertificateRevoked,
            Failure::CertificateOnHold,
            Failure::RevocationUnknown,
            Failure::CertificateNotTrusted,
            Failure::CannotExtend,
            Failure::NotReadBack,
            Failure::BreaksEarlier,
            Failure::Interrupted,
            Failure::Fault,
        ] {
            assert!(known.contains(&format!("failure-{failure}")), "failure-{failure}");
        }
    }

    #[test]
    fn every_doubt_has_words() {
        let known = keys(ES);
        for (_, code) in crate::rules::seen::CODES {
            assert!(known.contains(&format!("seen-doubt-{code}")), "seen-doubt-{code}");
        }
    }

    #[test]
    fn a_moment_says_by_whose_clocks() {
        let (at, zone) = (Moment(1_795_293_840), Zone::named("America/Santiago").unwrap());
        let (es, en) = (words(Language::Es), words(Language::En));
        assert_eq!(es.moment(&zone, &at), "21 de noviembre de 2026, 17:44 UTC-3");
        assert_eq!(en.moment(&Zone::default(), &at), "21 November 2026, 20:44 UTC");
    }

    #[test]
    fn sizes_read_naturally() {
        assert_eq!(words(Language::Es).bytes(214_000), "214 kB");
        assert_eq!(words(Language::Es).bytes(4_120_000), "4,1 MB");
        assert_eq!(words(Language::En).bytes(4_120_000), "4.1 MB");
        assert_eq!(words(Language::Es).bytes(999), "999 B");
    }
}
