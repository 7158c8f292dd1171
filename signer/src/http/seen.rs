//! What changed after signing, in words and in pictures: parts of the verdict's page.

use sdk_document::{Change, Kind, Level, Report};

use super::words::Words;
use crate::rules::seen::{Doubt, Finding, PageSeen, Picture, Since};

/// One comparison in words.
pub(super) struct Comparison<'a> {
    pub(super) lead: String,
    pub(super) pages: Vec<Side<'a>>,
    /// Some page has a frame in it.
    pub(super) framed: bool,
    /// What is known of the pages that are not shown.
    pub(super) rest: Option<String>,
    pub(super) doubt: Option<String>,
}

/// A page that differs, or of which nothing is known.
pub(super) struct Side<'a> {
    pub(super) title: String,
    /// Why nothing is known, or why there is no picture.
    pub(super) text: Option<String>,
    pub(super) pictures: Vec<Shown<'a>>,
}

/// A picture with its words, or the words alone.
pub(super) struct Shown<'a> {
    pub(super) caption: String,
    pub(super) picture: Option<&'a Picture>,
    /// What the picture shows, or why there is none.
    pub(super) text: String,
}

impl<'a> Comparison<'a> {
    pub(super) fn of(w: &Words, report: &Report, since: &'a Since) -> Self {
        let signature = report.signatures.iter().find(|s| s.field == since.signature);
        let name = signature
            .filter(|s| s.kind == Kind::Signature)
            .and_then(|s| s.signer.as_ref()?.common_name.clone());
        let lead = name.map_or_else(
            || w.say("seen-since-timestamp"),
            |n| w.with("seen-since", "name", &n),
        );
        let alike = |page: &&PageSeen| page.finding == Finding::Alike;
        let same = since
            .seen
            .untouched
            .saturating_add(since.seen.pages.iter().filter(alike).count());
        let pages: Vec<Side> = since
            .seen
            .pages
            .iter()
            .filter_map(|page| Side::of(w, page))
            .collect();
        let count = u32::try_from(same).unwrap_or(u32::MAX);
        let rest = match (same, pages.is_empty() && since.seen.doubt.is_none()) {
            (0, _) => None,
            (_, true) => Some(w.say("seen-same")),
            _ => Some(w.count("seen-others", &count)),
        };
        let framed = |page: &PageSeen| matches!(&page.finding, Finding::Different { areas, picture_before, picture_now } if *areas > 0 && (picture_before.is_some() || picture_now.is_some()));
        Self {
            lead,
            framed: since.seen.pages.iter().any(framed),
            rest,
            doubt: since.seen.doubt.map(|doubt| match doubt {
                Doubt::TooMuchWork => w.say("seen-doubt-too_much_work-all"),
                other => w.named("seen-doubt-", other.code()),
            }),
            pages,
        }
    }
}

impl<'a> Side<'a> {
    fn of(w: &Words, page: &'a PageSeen) -> Option<Self> {
        let shown = page.now.or(page.before).unwrap_or(0).to_string();
        match &page.finding {
            Finding::Alike => None,
            Finding::Unknown { doubt } => Some(Self {
                title: w.with("seen-unknown", "number", &shown),
                text: Some(w.named("seen-doubt-", doubt.code())),
                pictures: Vec::new(),
            }),
            Finding::Different {
                areas,
                picture_before: before,
                picture_now: now,
            } => {
                let title = match (page.before, page.now) {
                    (Some(was), Some(is)) if was != is && *areas == 0 => w.pair(
                        "seen-moved",
                        ("before", &was.to_string()),
                        ("now", &is.to_string()),
                    ),
                    (Some(_), Some(_)) => w.with("seen-changed", "number", &shown),
                    (None, _) => w.with("seen-added", "number", &shown),
                    (Some(_), None) => w.with("seen-removed", "number", &shown),
                };
                let missing = before.is_none() && now.is_none();
                Some(Self {
                    title,
                    text: missing.then(|| w.say("seen-no-room")),
                    pictures: if missing {
                        Vec::new()
                    } else {
                        vec![
                            picture(w, "before", page.before, before.as_ref()),
                            picture(w, "now", page.now, now.as_ref()),
                        ]
                    },
                })
            }
        }
    }
}

fn picture<'a>(w: &Words, side: &str, number: Option<usize>, picture: Option<&'a Picture>) -> Shown<'a> {
    let text = match number {
        Some(number) => w.with(&format!("seen-alt-{side}"), "number", &number.to_string()),
        None => w.named("seen-not-there-", side),
    };
    Shown {
        caption: w.named("seen-", side),
        picture,
        text,
    }
}

/// A change in words.
pub(super) struct Changed {
    pub(super) text: &'static str,
    /// Nobody signed it, and no signature permits it.
    pub(super) against: bool,
    pub(super) page: Option<String>,
    pub(super) field: Option<String>,
}

/// What followed the first signature, the gravest first, each said once; and how many more there are.
pub(super) fn changes(w: &Words, report: &Report) -> (Vec<Changed>, Option<String>) {
    let mut told: Vec<&Change> = Vec::new();
    for change in report.signatures.iter().flat_map(|s| &s.later_changes.items) {
        let alike = |t: &&Change| {
            (t.kind, t.page, &t.field, t.level) == (change.kind, change.page, &change.field, change.level)
        };
        if !told.iter().any(alike) && told.len() < MOST_COMPARED {
            told.push(change);
        }
    }
    told.sort_by_key(|change| (std::cmp::Reverse(change.level), change.revision, change.page));
    let more = told.len().checked_sub(MOST_TOLD).filter(|n| *n > 0);
    let more = more.map(|n| w.with("changed-more", "n", &n.to_string()));
    let words = told.into_iter().take(MOST_TOLD).map(|change| Changed {
        text: change.sentence(w.of_reports()),
        against: change.level == Level::Other,
        page: change
            .page
            .map(|number| w.with("changed-page", "number", &number.to_string())),
        field: change
            .field
            .as_ref()
            .filter(|_| !change.is_signature)
            .map(|name| w.with("changed-field", "name", name)),
    });
    (words.collect(), more)
}

/// What a person reads on a page.
const MOST_TOLD: usize = 20;
/// Changes are compared with each other: a bound on that.
const MOST_COMPARED: usize = 500;
