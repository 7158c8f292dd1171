//! The page on which a citizen decides what an agency gets.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{Agency, Form, Page, html};
use crate::{
    http::{language::Language, security::FormTarget},
    rules::{
        authorize::{
            AuthorizeRequest,
            details::{Detail, DetailTypes, Label},
        },
        client::About,
        contact::masked,
        grant::FAMILY_LIFETIME,
        mask,
        person::Person,
        scope::{Scope, Scopes},
    },
};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    page: &'a Page,
    agency: Agency,
    form: Form,
    data: Vec<Datum>,
    details: Vec<Deed>,
    resources: Vec<String>,
    purpose: Option<String>,
    policy: Option<String>,
    /// How long the agency may come back without the citizen; nothing where it asked for no such thing.
    lasting: Option<String>,
}

/// One authorization detail in words.
#[derive(Debug, PartialEq, Eq)]
struct Deed {
    label: String,
    fields: Vec<Datum>,
}

/// One datum with its actual value.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) struct Datum {
    pub(in crate::http) label: String,
    /// As it is, or masked where others may look on.
    pub(in crate::http) value: String,
    /// As it is, where the value is masked.
    pub(in crate::http) whole: Option<String>,
}

/// The page; `decision` (`allow` or `deny`) comes back to `/consent?interaction=…`.
#[must_use]
pub fn show(
    page: &Page,
    (agency, form, about): (Agency, Form, About),
    (request, person): (&AuthorizeRequest, &Person),
    (types, resources): (&DetailTypes, Vec<String>),
    target: Option<FormTarget>,
) -> Response {
    let status = if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let data = data(page, &request.releases(), person);
    let details = request.asked.details.iter();
    let details = details.map(|detail| deed(page, detail, types)).collect();
    html(
        status,
        &ConsentPage {
            page,
            agency,
            form,
            data,
            details,
            resources,
            purpose: in_words(page.language, &about),
            policy: about.policy_uri,
            lasting: days(&request.releases()).map(|days| page.with_number("consent-days", "days", days)),
        },
        target,
    )
}

/// How many days what was allowed once goes on after the citizen has left (`offline_access`).
fn days(scopes: &Scopes) -> Option<i64> {
    scopes
        .contains(Scope::OfflineAccess)
        .then(|| FAMILY_LIFETIME.0.div_euclid(A_DAY))
}

/// What the agency says that it asks for, in this language if it said so.
fn in_words(language: Language, about: &About) -> Option<String> {
    match language {
        Language::Es => about.purpose.clone(),
        Language::En => about.purpose_en.clone().or_else(|| about.purpose.clone()),
    }
}

/// What each scope releases, with the value it releases.
pub(in crate::http) fn data(page: &Page, scopes: &Scopes, person: &Person) -> Vec<Datum> {
    let plain = |value: String| (value, None);
    let number = |whole: String| (mask::number(&whole), Some(whole));
    let value = |scope| match scope {
        Scope::Openid => plain(page.t("consent-subject-value")),
        Scope::Profile => plain(person.full_name()),
        Scope::NationalId => number(person.national_id.display()),
        Scope::Email => (masked(&person.email), Some(person.email.as_str().to_owned())),
        Scope::Phone => match &person.phone {
            Some(phone) => number(phone.as_str().to_owned()),
            None => plain(page.t("consent-unknown")),
        },
        Scope::Address => {
            let address = person.address.as_ref().map(|address| address.lines().join(", "));
            plain(address.unwrap_or_else(|| page.t("consent-unknown")))
        }
        Scope::OfflineAccess => plain(page.t("consent-offline-value")),
    };
    let datum = |scope| {
        let (value, whole) = value(scope);
        Datum {
            label: label(page, scope, person),
            value,
            whole,
        }
    };
    scopes.iter().map(datum).collect()
}

/// A detail in the words of its type; a type that was taken away since is shown by its own names.
fn deed(page: &Page, detail: &Detail, types: &DetailTypes) -> Deed {
    let kind = types.of(detail);
    let say = |label: Option<&Label>, name: &str| match (label, page.language) {
        (Some(label), Language::Es) => label.es.clone(),
        (Some(label), Language::En) => label.en.clone(),
        (None, _) => name.to_owned(),
    };
    let field = |(name, value): (&str, String)| Datum {
        label: say(kind.and_then(|kind| kind.fields.get(name)), name),
        value,
        whole: None,
    };
    Deed {
        label: say(kind.map(|kind| &kind.label), detail.kind()),
        fields: detail.fields().map(field).collect(),
    }
}

/// What the datum of a scope is called.
pub(in crate::http) fn label(page: &Page, scope: Scope, person: &Person) -> String {
    match scope {
        Scope::Openid => page.t("consent-subject"),
        Scope::Profile => page.t("consent-name"),
        Scope::NationalId => person.national_id.scheme().label().to_owned(),
        Scope::Email => page.t("consent-email"),
        Scope::Phone => page.t("consent-phone"),
        Scope::Address => page.t("consent-address"),
        Scope::OfflineAccess => page.t("consent-offline"),
    }
}

const A_DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::pages::tests::page,
        rules::{
            national_id::{NationalId, Scheme},
            person::{Email, Name, Phone},
        },
    };

    fn ana() -> Person {
        Person {
            national_id: NationalId::parse("111111111", &[Scheme::ClRun]).unwrap(),
            given_name: Name::parse("Ana").unwrap(),
            family_name: Name::parse("Núñez Peña").unwrap(),
            email: Email::parse("ana@correo.example").unwrap(),
            email_confirmed: false,
            phone: Some(Phone::parse("+56 2 2690 4000").unwrap()),
            address: None,
        }
    }

    #[test]
    fn each_scope_is_shown_with_the_value_it_releases_and_numbers_masked() {
        let shown = data(
            &page(),
            &Scopes::parse("openid profile email national_id phone address"),
            &ana(),
        );
        let values: Vec<&str> = shown.iter().skip(1).map(|datum| datum.value.as_str()).collect();
        assert_eq!(
            values,
            [
                "Ana Núñez Peña",
                "••.•••.111-1",
                masked(&ana().email).as_str(),
                "+•••••••4000",
                "Sin registro por ahora"
            ]
        );
        let wholes: Vec<&str> = shown.iter().filter_map(|datum| datum.whole.as_deref()).collect();
        assert_eq!(wholes, ["11.111.111-1", "ana@correo.example", "+56226904000"]);
    }

    #[test]
    fn how_long_an_agency_may_come_back_is_told_only_where_it_asked_to() {
        assert_eq!(days(&Scopes::parse("openid profile")), None);
        assert_eq!(days(&Scopes::parse("openid offline_access")), Some(30));
    }

    #[test]
    fn a_detail_is_shown_in_the_words_of_its_type() {
        let detail = serde_json::from_str(r#"{"type":"signature","documents":["a","b"]}"#).unwrap();
        let shown = deed(
            &page(),
            &detail,
            &crate::rules::authorize::details::tests::types(),
        );
        assert_eq!(shown.label, "Firmar documentos");
        assert_eq!(shown.fields[0].label, "Documentos");
        assert_eq!(shown.fields[0].value, "a, b");
    }

    #[test]
    fn a_purpose_is_told_in_the_readers_language_or_the_only_one_there_is() {
        let both = About {
            purpose: Some("Calcular tu impuesto".into()),
            purpose_en: Some("To work out your tax".into()),
            ..About::default()
        };
        assert_eq!(
            in_words(Language::En, &both).as_deref(),
            Some("To work out your tax")
        );
        let one = About {
            purpose_en: None,
            ..both
        };
        assert_eq!(
            in_words(Language::En, &one).as_deref(),
            Some("Calcular tu impuesto")
        );
        assert_eq!(in_words(Language::Es, &About::default()), None);
    }

    #[test]
    fn what_is_not_asked_is_not_shown() {
        assert_eq!(data(&page(), &Scopes::parse("openid"), &ana()).len(), 1);
    }
}
