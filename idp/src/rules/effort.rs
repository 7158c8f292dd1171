//! What an attempt costs while somebody guesses from the same network: a puzzle that a small script solves while the
//! person types, or a wait of some seconds where there is no script. Nobody is asked to read pictures, and nobody outside
//! is asked anything.

use ring::digest;

use super::time::{Seconds, Timestamp};

/// A challenge, bound by its tag to one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Makes it this one.
    pub nonce: [u8; 16],
    /// From here on having waited is enough.
    pub waited_at: Timestamp,
    /// Worth nothing any more.
    pub until: Timestamp,
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Solved, or waited for.
    Enough,
    /// Not yet: so long.
    Wait(Seconds),
    /// Too late: another one is needed.
    Nothing,
}

impl Challenge {
    /// A new one.
    #[must_use]
    pub fn new(nonce: [u8; 16], now: Timestamp) -> Self {
        Self {
            nonce,
            waited_at: now.after(WAIT),
            until: now.after(LIFETIME),
        }
    }

    /// What the page holds, before its tag.
    #[must_use]
    pub fn text(&self) -> String {
        let nonce = data_encoding::HEXLOWER.encode(&self.nonce);
        format!("{nonce}.{}.{}", self.waited_at.0, self.until.0)
    }

    /// What a form brought back, before its tag was checked; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let nonce = data_encoding::HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        let mut moment = || parts.next()?.parse().ok().map(Timestamp);
        Some(Self {
            nonce: nonce.try_into().ok()?,
            waited_at: moment()?,
            until: moment()?,
        })
    }

    /// What `answer` to the `shown` challenge (its text with its tag) is worth at this moment.
    #[must_use]
    pub fn worth(&self, shown: &str, answer: &str, now: Timestamp) -> Worth {
        if self.until.reached(now) {
            Worth::Nothing
        } else if solves(shown, answer) || self.waited_at.reached(now) {
            Worth::Enough
        } else {
            Worth::Wait(self.waited_at.since(now))
        }
    }
}

/// SHA-256 of the challenge, a dot and the answer begins with sixteen zero bits.
fn solves(shown: &str, answer: &str) -> bool {
    if answer.is_empty() || answer.len() > LONGEST_ANSWER {
        return false;
    }
    let digest = digest::digest(&digest::SHA256, format!("{shown}.{answer}").as_bytes());
    digest.as_ref().starts_with(&[0, 0])
}

/// What a person needs to type a password, and a guesser has to pay for each.
const WAIT: Seconds = Seconds(8);
/// As long as the conversation lives.
const LIFETIME: Seconds = super::interaction::LIFETIME;
/// Digits of a counter.
const LONGEST_ANSWER: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);

    fn solution(shown: &str) -> String {
        let answers = (0_u32..).map(|answer| answer.to_string());
        answers.into_iter().find(|answer| solves(shown, answer)).unwrap()
    }

    #[test]
    fn a_solved_challenge_is_enough_at_once_and_an_unsolved_one_after_its_wait() {
        let challenge = Challenge::new([7; 16], NOW);
        let shown = format!("{}.tag", challenge.text());
        let answer = solution(&shown);
        assert_eq!(challenge.worth(&shown, &answer, NOW), Worth::Enough);
        assert_eq!(challenge.worth(&shown, "", NOW), Worth::Wait(WAIT));
        assert_eq!(challenge.worth(&shown, "", NOW.after(WAIT)), Worth::Enough);
    }

    #[test]
    fn the_answer_to_another_challenge_is_worth_nothing() {
        let [one, other] = [1, 2].map(|byte| Challenge::new([byte; 16], NOW));
        let answer = solution(&one.text());
        assert_eq!(other.worth(&other.text(), &answer, NOW), Worth::Wait(WAIT));
    }

    #[test]
    fn it_ends_with_the_conversation() {
        let challenge = Challenge::new([7; 16], NOW);
        assert_eq!(
            challenge.worth(&challenge.text(), "", NOW.after(LIFETIME)),
            Worth::Nothing
        );
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_panic_and_what_was_written_is_read(text in "\\PC{0,80}", nonce: [u8; 16]) {
            let _ = Challenge::parse(&text);
            let challenge = Challenge::new(nonce, NOW);
            prop_assert_eq!(Challenge::parse(&challenge.text()), Some(challenge));
        }
    }
}
