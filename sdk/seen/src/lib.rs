//! What a reader sees of a document: pages drawn, and two revisions of them compared.
//!
//! `sdk-document` compares objects and stays small; this crate draws. Whoever asks about hostile files runs it in
//! a process with limits, as the signing service does: drawing takes time and memory that the file decides.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bytes: Arc<[u8]> = std::fs::read("permiso.pdf")?.into();
//! // The signature covers the first revision; what does the newest one show?
//! let comparison = sdk_seen::Comparison::new(bytes, 0, &sdk_seen::Limits::default())?;
//! for pair in comparison.pairs() {
//!     match comparison.look(pair) {
//!         sdk_seen::Finding::Alike => {}
//!         sdk_seen::Finding::Different(pictures) => println!("page {:?}: {} areas", pair.now, pictures.areas),
//!         sdk_seen::Finding::Unknown(doubt) => println!("page {:?}: {}", pair.now, doubt.code()),
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! The same bytes give the same findings on one machine: both revisions are drawn by the same code, and pixels are
//! compared exactly. Pages whose objects are the same in both revisions are not drawn; that proves more than pixels.

mod baseline;
mod compare;
mod covered;
mod draw;
mod plan;

pub use baseline::baselines;
pub use compare::{Doubt, Finding, Pictures};
pub use covered::covered;
pub use draw::{LARGEST_SIDE, first_page};
pub use plan::{Incomparable, Limits, Pair};

use std::sync::Arc;

use hayro::hayro_syntax::Pdf;
use sdk_document::{Bytes, Document};

/// Two revisions of a document, side by side.
pub struct Comparison {
    before: Pdf,
    now: Pdf,
    plan: plan::Plan,
}

impl Comparison {
    /// The revision with this number (oldest = 0) beside the newest one.
    ///
    /// # Errors
    /// [`Incomparable`] when nothing can be said of any page.
    pub fn new(bytes: Arc<[u8]>, signed: usize, limits: &Limits) -> Result<Self, Incomparable> {
        let document = Document::open(Bytes::new(Arc::clone(&bytes)), &sdk_document::Limits::default())
            .map_err(|_| Incomparable::Unreadable)?;
        if document.encrypted() {
            return Err(Incomparable::Encrypted);
        }
        let (plan, end) = plan::plan(&document, signed, limits)?;
        let prefix = usize::try_from(end).ok().and_then(|end| bytes.get(..end));
        let before = draw::open(prefix.ok_or(Incomparable::Unreadable)?.into())?;
        let now = draw::open(bytes)?;
        // Another reader of the same bytes: where it counts other pages, it would show other pages.
        if before.pages().len() != plan.pages_before || now.pages().len() != plan.pages_now {
            return Err(Incomparable::ReadersDisagree);
        }
        Ok(Self { before, now, plan })
    }

    /// Pages that may look different, in the order of the newest revision, those that are gone last. At most as
    /// many as [`Limits::pairs`].
    pub fn pairs(&self) -> &[Pair] {
        &self.plan.pairs
    }

    /// How many pages are the same in both revisions, object by object.
    pub fn untouched(&self) -> usize {
        self.plan.untouched
    }

    /// Pages beyond [`Limits::pairs`], of which nothing is known: their numbers in the newest revision, or in the
    /// earlier one for pages that are gone.
    pub fn beyond(&self) -> &[usize] {
        &self.plan.beyond
    }

    /// Draws both sides of a pair and compares them.
    pub fn look(&self, pair: &Pair) -> Finding {
        compare::look(&self.before, &self.now, pair)
    }
}

impl std::fmt::Debug for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Comparison")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
