//! What is written down: who, what, when, with which outcome; each record carries the hash of the one before.

mod event;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ids::{CitizenId, ClientId, Sid},
    secret::Digest,
    time::Timestamp,
};

pub use event::Event;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// About to happen; written before an act that cannot be undone.
    Intent,
    /// It happened.
    Done,
    /// It was refused, and why (a stable name, never what the caller typed).
    Refused(&'static str),
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Record {
    /// What.
    pub event: Event,
    /// How it ended.
    pub outcome: Outcome,
    /// Whose account.
    pub citizen: Option<CitizenId>,
    /// Which agency's client.
    pub client: Option<ClientId>,
    /// In which session.
    pub session: Option<Sid>,
    /// More, as names and values; never a secret, never personal data.
    pub detail: Vec<(&'static str, String)>,
}

impl Record {
    /// A record that says only what happened and how it ended.
    #[must_use]
    pub fn new(event: Event, outcome: Outcome) -> Self {
        Self {
            event,
            outcome,
            citizen: None,
            client: None,
            session: None,
            detail: Vec::new(),
        }
    }

    /// Whose account it was.
    #[must_use]
    pub fn citizen(mut self, citizen: &CitizenId) -> Self {
        self.citizen = Some(citizen.clone());
        self
    }

    /// Which client it was.
    #[must_use]
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// In which session it was.
    #[must_use]
    pub fn session(mut self, session: &Sid) -> Self {
        self.session = Some(session.clone());
        self
    }

    /// One more detail.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.detail.push((name, value.into()));
        self
    }
}

/// A record with its place in the chain: exactly the bytes that are hashed, one JSON line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    seq: i64,
    at: i64,
    event: &'a str,
    outcome: &'a str,
    reason: &'a str,
    citizen: &'a str,
    client: &'a str,
    session: &'a str,
    detail: &'a str,
    previous: String,
}

/// A record as it is stored: text fields, empty where there is nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in the chain, from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: String,
    /// `intent`, `done` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    pub reason: String,
    /// Whose account.
    pub citizen: String,
    /// Which client.
    pub client: String,
    /// In which session.
    pub session: String,
    /// A JSON object.
    pub detail: String,
}

impl Entry {
    /// The stored form of `record` at its place in the chain.
    #[must_use]
    pub fn of(record: &Record, seq: i64, at: Timestamp) -> Self {
        let (outcome, reason) = match record.outcome {
            Outcome::Intent => ("intent", ""),
            Outcome::Done => ("done", ""),
            Outcome::Refused(reason) => ("refused", reason),
        };
        let detail: BTreeMap<&str, &str> = record
            .detail
            .iter()
            .map(|(name, value)| (*name, bounded(value)))
            .collect();
        Self {
            seq,
            at,
            event: record.event.name().to_owned(),
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
            citizen: record
                .citizen
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            client: record
                .client
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            session: record
                .session
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            detail: serde_json::to_string(&detail).unwrap_or_default(),
        }
    }

    /// One line of an export: a JSON object with the record's own hash. Control characters are escaped by JSON, so a
    /// line is a line whatever somebody typed.
    #[must_use]
    pub fn line(&self, hash: &str) -> String {
        let detail: serde_json::Value = serde_json::from_str(&self.detail).unwrap_or_default();
        serde_json::json!({
            "seq": self.seq, "at": self.at.0, "event": self.event, "outcome": self.outcome, "reason": self.reason,
            "citizen": self.citizen, "client": self.client, "session": self.session, "detail": detail,
            "hash": hash,
        })
        .to_string()
    }

    /// The hash that the next record carries: over this record and the hash before it.
    #[must_use]
    pub fn hash(&self, previous: &Digest) -> Digest {
        let line = Line {
            seq: self.seq,
            at: self.at.0,
            event: &self.event,
            outcome: &self.outcome,
            reason: &self.reason,
            citizen: &self.citizen,
            client: &self.client,
            session: &self.session,
            detail: &self.detail,
            previous: previous.text(),
        };
        Digest::of(&serde_json::to_vec(&line).unwrap_or_default())
    }
}

/// No more of a value than a reader needs: what a caller sends must not fill the log (identity row 96).
fn bounded(value: &str) -> &str {
    value
        .get(..value.floor_char_boundary(LONGEST_VALUE))
        .unwrap_or(value)
}

/// Longer than any scope list of an honest request.
const LONGEST_VALUE: usize = 2_048;

/// The chain begins here.
#[must_use]
pub fn genesis() -> Digest {
    Digest::of(b"aval idp audit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::of(
            &Record::new(Event::CodeIssued, Outcome::Done).with("a", "b"),
            1,
            Timestamp(5),
        )
    }

    #[test]
    fn every_field_is_hashed() {
        let whole = entry().hash(&genesis());
        let mut changed = entry();
        changed.detail.push(' ');
        assert_ne!(whole, changed.hash(&genesis()));
        let mut changed = entry();
        changed.at = Timestamp(6);
        assert_ne!(whole, changed.hash(&genesis()));
        assert_ne!(whole, entry().hash(&whole));
    }

    #[test]
    fn row_96_line_breaks_escapes_and_megabytes_stay_one_short_line() {
        for typed in ["a\r\nb", "\u{1b}[2Jx", "\"}\n{\"seq\":2", &"ñ".repeat(1 << 20)] {
            let record = Record::new(Event::CodeIssued, Outcome::Done).with("typed", typed);
            let line = Entry::of(&record, 1, Timestamp(5)).line("h");
            assert!(line.len() < 4_096, "{}", line.len());
            assert!(line.chars().all(|c| !c.is_control()));
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert!(typed.starts_with(read["detail"]["typed"].as_str().unwrap()));
        }
    }

    #[test]
    fn a_line_break_cannot_forge_a_record() {
        let forged = Record::new(Event::CodeIssued, Outcome::Done).with("x", "a\"}\n{\"seq\":2");
        assert!(!Entry::of(&forged, 1, Timestamp(5)).detail.contains('\n'));
    }
}
