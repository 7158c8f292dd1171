//! What followed each signature, and whether it was permitted.

use sdk_pki::SubIndication;

use super::assessor::Findings;
use super::judge::Judge;
use super::note;
use super::subject::Subject;
use crate::changes::{self, Change, Level};
use crate::pdf::error::ReadError;
use crate::report::{LaterChanges, Problem};

impl Judge<'_> {
    /// What followed the oldest signed revision, told once and read for each signature.
    pub fn changes(&self, subjects: &[Subject]) -> Result<Vec<Change>, ReadError> {
        let oldest = subjects.iter().filter_map(|s| s.found.covered.revision()).min();
        oldest.map_or(Ok(Vec::new()), |signed| changes::since(self.document, signed))
    }

    pub fn later(
        &self,
        subject: &Subject,
        changes: &Result<Vec<Change>, ReadError>,
        findings: &mut Findings,
        problems: &mut Vec<Problem>,
        reports: usize,
    ) -> LaterChanges {
        let nothing = LaterChanges {
            level: Level::None,
            items: Vec::new(),
        };
        let Some(signed) = subject.found.covered.revision() else {
            return nothing;
        };
        let lost = changes::evidence_lost(self.document, signed);
        let (changes, lost) = match (changes, &lost) {
            (Ok(changes), Ok(lost)) => (changes, lost),
            _ => {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, "changes_unknown"));
                return LaterChanges {
                    level: Level::Other,
                    items: Vec::new(),
                };
            }
        };
        let mut items: Vec<Change> = changes.iter().filter(|c| c.revision > signed).cloned().collect();
        items.extend(lost.clone());
        for change in &items {
            let broken = match &subject.permissions {
                Some(permissions) => permissions.broken_by(change),
                None => Some("changes_unknown"),
            };
            if let Some(code) = broken {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, code));
                let mut problem = note(code, &subject.found.field);
                problem.page = change.page;
                if problems.len() < MOST_PROBLEMS && !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        let level = items.iter().map(|c| c.level).max().unwrap_or(Level::None);
        let most = MOST_IN_ALL
            .checked_div(reports)
            .map_or(MOST_ITEMS, |share| share.min(MOST_ITEMS));
        if items.len() > most {
            // A further signature is judged by itself; of the same level, what is judged nowhere else comes first.
            items.sort_by_key(|c| (std::cmp::Reverse(c.level), c.is_signature));
            items.truncate(most);
        }
        LaterChanges { level, items }
    }
}

/// Changes told of one signature, the farthest first. Own choice: what a person reads.
const MOST_ITEMS: usize = 200;

/// And of all signatures of a document together, each its share. Own choice: some megabytes of report.
const MOST_IN_ALL: usize = 20_000;

/// Own choice, so that a report stays one.
const MOST_PROBLEMS: usize = 1_000;
