//! Which certificates were signed by which keys, once computed. The same authorities stand above thousands
//! of signatures, and whether a key signed some bytes is a fact that no later question changes: trust,
//! time, revocation and the strength of algorithms are judged anew each time.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::certificate::Certificate;

/// Signatures over certificates that verified, by the whole bytes of both certificates: no digest that could
/// collide stands in for them. Cheap to clone; clones share what is known.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashSet<(Certificate, Certificate)>>>);

impl Memory {
    /// Did the key of `parent` sign `child`, as far as is known?
    pub(crate) fn knows(&self, child: &Certificate, parent: &Certificate) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !known.is_empty() && known.contains(&(child.clone(), parent.clone()))
    }

    /// Keeps the signatures of a path that led to an anchor. Nobody whom the anchors do not vouch for can
    /// fill this.
    pub(crate) fn keep(&self, path: &[Certificate], anchor: &Certificate) {
        let parents = path.iter().skip(1).chain(std::iter::once(anchor));
        for (child, parent) in path.iter().zip(parents) {
            let octets = child.der().len().saturating_add(parent.der().len());
            if octets > MOST_OCTETS || child == parent || self.knows(child, parent) {
                continue;
            }
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_PAIRS {
                known.clear();
            }
            known.insert((child.clone(), parent.clone()));
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Memory({} signatures)", known.len())
    }
}

/// Own choice: the officials of a ministry, and every authority above them; with [`MOST_OCTETS`] each, 16 MB.
const MOST_PAIRS: usize = 1024;

/// Own choice: two certificates of usual size.
const MOST_OCTETS: usize = 16 * 1024;
