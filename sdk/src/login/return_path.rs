//! Where a person goes back to: a page of this application, never another site.

use serde::{Deserialize, Serialize};
use url::Url;

/// A path with its query on our own origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReturnPath(String);

impl ReturnPath {
    /// Takes what somebody asked for; anything that could lead elsewhere becomes the home page.
    pub(crate) fn new(asked: &str) -> Self {
        Self::within(asked).unwrap_or_else(Self::home)
    }

    pub(crate) fn home() -> Self {
        Self("/".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A URL parser, the WHATWG one that browsers follow, has the last word on where a text leads.
    fn within(asked: &str) -> Option<Self> {
        let suspicious = |c: char| c == '\\' || c.is_control();
        if asked.len() > MAX_LENGTH || !asked.starts_with('/') || asked.contains(suspicious) {
            return None;
        }
        let here = Url::parse(ANYWHERE).ok()?;
        let there = here.join(asked).ok()?;
        let query = there.query().map(|q| format!("?{q}")).unwrap_or_default();
        let path = format!("{}{query}", there.path());
        let leads_on = OWN_ROUTES.iter().any(|own| there.path() == *own);
        (there.origin() == here.origin() && !path.starts_with("//") && !leads_on).then_some(Self(path))
    }
}

/// Back to one of these would be a loop.
const OWN_ROUTES: [&str; 3] = [super::LOGIN_PATH, super::CALLBACK_PATH, super::LOGOUT_PATH];

/// A stand-in for our origin: a name that nobody can own (RFC 6761 §6.4).
const ANYWHERE: &str = "https://here.invalid";

/// Ours: a longer query is rather data than an address.
const MAX_LENGTH: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        assert_eq!(ReturnPath::new("/a/b?c=%2F&d=ñ").as_str(), "/a/b?c=%2F&d=%C3%B1");
    }

    #[test]
    fn whatever_leads_elsewhere_leads_home() {
        for asked in [
            "https://evil.example/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n//evil.example",
            "javascript:alert(1)",
            "",
            "evil",
            "/.//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "http:/evil.example",
            "@evil.example",
            "/\r\nset-cookie: a",
        ] {
            assert_eq!(ReturnPath::new(asked).as_str(), "/", "{asked:?}");
        }
    }

    #[test]
    fn the_login_does_not_lead_to_itself() {
        assert_eq!(ReturnPath::new("/login?return_to=/x").as_str(), "/");
        assert_eq!(ReturnPath::new("/logout").as_str(), "/");
    }

    #[test]
    fn a_very_long_path_leads_home() {
        assert_eq!(ReturnPath::new(&format!("/{}", "a".repeat(5000))).as_str(), "/");
    }
}
