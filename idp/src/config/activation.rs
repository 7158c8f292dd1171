//! `[activation]`: codes that open accounts.

use serde::Deserialize;

use crate::rules::{
    activation::{LONGEST_ON_PAPER, ON_PAPER_DAYS},
    time::Seconds,
};

/// How long codes live.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Activation {
    /// A code that is handed over on paper is good for so many days: 1 to 21.
    pub days: u32,
}

impl Default for Activation {
    fn default() -> Self {
        Self { days: ON_PAPER_DAYS }
    }
}

impl Activation {
    /// The life of a code on paper.
    #[must_use]
    pub fn on_paper(&self) -> Seconds {
        Seconds(i64::from(self.days).saturating_mul(86_400))
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> Option<String> {
        let good = self.days > 0 && self.on_paper() <= LONGEST_ON_PAPER;
        (!good).then(|| "activation.days: must be 1 to 21".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_on_paper_lives_a_day_to_three_weeks() {
        for (days, good) in [(0, false), (1, true), (21, true), (22, false), (u32::MAX, false)] {
            assert_eq!(Activation { days }.problems().is_none(), good, "{days}");
        }
    }
}
