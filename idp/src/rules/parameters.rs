//! The parameters of a protocol request, before anybody believes them.

use std::collections::{BTreeMap, btree_map::Entry};

/// Named values of a query or form body: each name once (RFC 6749 §3.1, §3.2), empty values left out (the same). The
/// few names that may come several times keep all their values.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<String>>,
    repeated: Vec<String>,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`; more than `MOST` parameters are as good as repeated ones.
    #[must_use]
    pub fn parse(encoded: &[u8]) -> Self {
        Self::of(url::form_urlencoded::parse(encoded))
    }

    /// Names and values that were read elsewhere (a request object), under the same rules.
    #[must_use]
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut parameters = Self::default();
        for (at, (name, value)) in pairs.into_iter().enumerate() {
            if at >= MOST {
                parameters.repeated.push(String::from("too many"));
                break;
            }
            let (name, value) = (name.into(), value.into());
            if value.is_empty() {
                continue;
            }
            if Self::may_repeat(&name) {
                parameters.lists.entry(name).or_default().push(value);
                continue;
            }
            match parameters.values.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(known) => parameters.repeated.push(known.key().clone()),
            }
        }
        parameters
    }

    /// This name may come several times.
    #[must_use]
    pub fn may_repeat(name: &str) -> bool {
        LISTS.contains(&name)
    }

    /// Every value of `name`, in the order sent.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let one = self.value(name).into_iter();
        let many = self.lists.get(name).into_iter().flatten();
        one.chain(many.map(String::as_str))
    }

    /// The value of `name`; none when it is missing, empty or repeated.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        if self.repeated.iter().any(|repeated| repeated == name) {
            return None;
        }
        self.values.get(name).map(String::as_str)
    }

    /// Some parameter came more than once.
    #[must_use]
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }

    /// This parameter came more than once.
    #[must_use]
    pub fn repeats(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }
}

/// RFC 8707 §2 and RFC 8693 §2.1: a request may name several resources and audiences.
const LISTS: [&str; 2] = ["resource", "audience"];
/// The longest honest request has about thirty; each costs an allocation.
const MOST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_has_no_value() {
        let parameters = Parameters::parse(b"a=1&b=2&a=3");
        assert_eq!(parameters.value("a"), None);
        assert_eq!(parameters.value("b"), Some("2"));
        assert!(parameters.has_repeated() && parameters.repeats("a") && !parameters.repeats("b"));
    }

    #[test]
    fn resources_may_be_several() {
        let parameters = Parameters::parse(b"resource=a&x=1&resource=b");
        assert_eq!(parameters.values("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(parameters.values("x").collect::<Vec<_>>(), ["1"]);
        assert!(!parameters.has_repeated());
    }

    #[test]
    fn an_empty_value_is_no_value() {
        assert_eq!(Parameters::parse(b"a=").value("a"), None);
        assert!(!Parameters::parse(b"a=&a=1").has_repeated());
    }

    #[test]
    fn more_than_a_hundred_are_refused() {
        let many: Vec<String> = (0..101).map(|n| format!("p{n}=1")).collect();
        assert!(Parameters::parse(many.join("&").as_bytes()).has_repeated());
    }
}
