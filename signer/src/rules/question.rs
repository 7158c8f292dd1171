//! What is asked about a document, beside the document itself.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use super::Moment;

/// What a judgement depends on beside the document and the operator's files. By default: now, and no password.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The time for which the answer holds; without one, now.
    pub at: Option<Moment>,
    /// Opens an encrypted document, if it is the right one.
    pub password: Option<Password>,
}

/// The password of somebody's document: it goes to the cell that reads the document, and nowhere else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// None for an empty one, which every document is tried with anyway (ISO 32000-2 §7.6.4.3), and for one that
    /// no document can have.
    #[must_use]
    pub fn of(text: String) -> Option<Self> {
        (!text.is_empty() && text.len() <= LONGEST_PASSWORD).then_some(Self(text))
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Bytes. ISO 32000-2 §7.6.4.3.3 cuts passwords off at 127; readers differ in what they make of longer ones.
pub const LONGEST_PASSWORD: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_print() {
        let question = Question {
            at: None,
            password: Password::of("hunter2".to_owned()),
        };
        assert!(!format!("{question:?}").contains("hunter2"));
    }

    #[test]
    fn an_empty_password_is_none() {
        assert!(Password::of(String::new()).is_none());
    }
}
