//! Authorization details (RFC 9396) of an access token: those that were granted, or fewer.

use serde::{Deserialize, Serialize};

use super::authorize::details::Detail;

/// One or more details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(Vec<Detail>);

impl Details {
    /// These details; `None` when there are none.
    #[must_use]
    pub fn of(details: Vec<Detail>) -> Option<Self> {
        (!details.is_empty()).then_some(Self(details))
    }

    /// Every detail of `self` is in `granted`, member for member (RFC 9396 §7: a client may ask for fewer).
    #[must_use]
    pub fn within(&self, granted: &[Detail]) -> bool {
        self.0.iter().all(|detail| granted.contains(detail))
    }

    /// The details that are for the resource `uri`: those that name it among their `locations`, and those that name none
    /// (RFC 9396 §2.2). `None` when nothing is left.
    #[must_use]
    pub fn for_location(&self, uri: &str) -> Option<Self> {
        Self::of(
            self.0
                .iter()
                .filter(|detail| detail.is_for(uri))
                .cloned()
                .collect(),
        )
    }

    /// Details as they were stored.
    ///
    /// # Errors
    /// What serde says of a text that is no list.
    pub fn stored(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text that is stored.
    ///
    /// # Errors
    /// What serde says.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The types in it, in their order.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Detail::kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(text: &str) -> Details {
        Details::stored(text).unwrap()
    }

    #[test]
    fn details_are_read_as_they_were_written() {
        let all = details(r#"[{"type":"pago","monto":{"clp":1000}},{"type":"firma"}]"#);
        assert_eq!(all.types().collect::<Vec<_>>(), ["pago", "firma"]);
        assert_eq!(details(&all.text().unwrap()), all);
    }

    #[test]
    fn fewer_is_within_and_changed_is_not() {
        let all = details(r#"[{"type":"pago","monto":1},{"type":"firma"}]"#).0;
        assert!(details(r#"[{"type":"firma"}]"#).within(&all));
        assert!(!details(r#"[{"type":"pago","monto":2}]"#).within(&all));
    }

    #[test]
    fn a_detail_goes_where_its_locations_say() {
        let all = details(r#"[{"type":"pago","locations":["https://a.example"]},{"type":"firma"}]"#);
        assert_eq!(all.for_location("https://a.example"), Some(all.clone()));
        let elsewhere = all.for_location("https://b.example").unwrap();
        assert_eq!(elsewhere.types().collect::<Vec<_>>(), ["firma"]);
        let only = details(r#"[{"type":"pago","locations":["https://a.example"]}]"#);
        assert_eq!(only.for_location("https://b.example"), None);
    }
}
