//! From which signature on it is worth looking.

use sdk_document::{Level, Report, SignatureReport};

/// Positions in [`Report::signatures`] whose revisions are worth drawing beside the newest one: the newest
/// signature that something unsigned followed (what the last of them did not see), and the oldest that anything
/// followed which may be seen (everything since). At most two, none when nothing that can be seen followed.
#[must_use]
pub fn baselines(report: &Report) -> Vec<usize> {
    let signatures = &report.signatures;
    let unsigned = signatures.iter().rposition(|s| followed(s, false));
    let anything = signatures.iter().position(|s| followed(s, true));
    let mut chosen: Vec<usize> = unsigned.into_iter().collect();
    let revision = |at: usize| signatures.get(at).and_then(|s| s.revision);
    chosen.extend(anything.filter(|at| !chosen.iter().any(|known| revision(*known) == revision(*at))));
    chosen
}

fn followed(signature: &SignatureReport, by_signatures_too: bool) -> bool {
    let later = &signature.later_changes;
    let unknown = later.level == Level::Other && later.items.is_empty();
    let visible = later
        .items
        .iter()
        .any(|change| change.level > Level::LongTerm && (by_signatures_too || !change.is_signature));
    signature.revision.is_some() && (unknown || visible)
}
