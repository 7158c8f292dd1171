//! What the verification of one document may cost, however many signatures, time-stamps, lists and responses it brings,
//! and however many issuers stand by for each: one budget for all of it, and what was computed once is not paid twice.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::certificate::Certificate;
use crate::crl::{Crl, CrlEntry};
use crate::effort::Effort;
use crate::failure::Reason;
use crate::ocsp::OcspResponse;

/// Shared by all questions about one document, see [`Question::budget`](crate::Question::budget). Once it cannot pay for
/// something it pays for nothing more and says so: an answer that was cut short must not pass for one that was not.
pub struct Budget {
    left: AtomicU64,
    exhausted: AtomicBool,
    known: Mutex<Known>,
}

/// There is no budget left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more work than any honest document causes")]
pub struct Exhausted;

impl Budget {
    /// What a document may cost: ten thousand verifications of ECDSA P-256, or nearly nine hundred of P-384: less
    /// than a second. Own choice: a signature with its chain, its time-stamp and their evidence takes about ten, and each
    /// further one by the same authorities half of that.
    pub const DOCUMENT: Effort = Effort::checks(10_000);

    /// One document's.
    pub fn new() -> Self {
        Self::of(Self::DOCUMENT)
    }

    /// Another one.
    pub fn of(effort: Effort) -> Self {
        Self {
            left: AtomicU64::new(effort.thousandths()),
            exhausted: AtomicBool::new(false),
            known: Mutex::default(),
        }
    }

    /// Pays, before the work is done.
    ///
    /// # Errors
    /// There is not enough left, now or since an earlier time.
    pub fn spend(&self, effort: Effort) -> Result<(), Exhausted> {
        let paid = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(effort.thousandths())
            });
        if paid.is_err() {
            self.exhausted.store(true, Ordering::Relaxed);
        }
        if self.is_exhausted() {
            Err(Exhausted)
        } else {
            Ok(())
        }
    }

    /// Something was not done for want of budget.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.left.load(Ordering::Relaxed);
        write!(f, "Budget({left} left)")
    }
}

/// What was computed already. Certificates and evidence are told apart by where they are kept, not by their bytes:
/// that costs nothing, and a copy elsewhere is only computed, and paid for, once more. What is kept here is held, so
/// that nothing else comes to be in its place.
#[derive(Default)]
pub(crate) struct Known {
    /// Did the second certificate's key sign the first?
    pub certificates: Facts<Certificate, Result<(), Reason>>,
    /// Did the certificate's key sign the list?
    pub lists: Facts<Crl, bool>,
    /// The same of a response.
    pub responses: Facts<OcspResponse, bool>,
    /// What a list says of a certificate; none when the list cannot be read.
    pub entries: Facts<Crl, Option<Option<CrlEntry>>>,
}

/// Something with a place of its own in memory, the same for all its clones.
pub(crate) trait Kept: Clone {
    fn place(&self) -> usize;
}

/// What is known of pairs.
pub(crate) struct Facts<K, V>(HashMap<(usize, usize), (K, Certificate, V)>);

impl<K: Kept, V: Clone> Facts<K, V> {
    pub fn of(&self, one: &K, other: &Certificate) -> Option<V> {
        let (.., fact) = self.0.get(&(one.place(), other.place()))?;
        Some(fact.clone())
    }

    pub fn learn(&mut self, one: &K, other: &Certificate, fact: V) {
        let places = (one.place(), other.place());
        self.0.insert(places, (one.clone(), other.clone(), fact));
    }
}

impl<K, V> Default for Facts<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_once_is_refused_from_then_on() {
        let budget = Budget::of(Effort::checks(2));
        assert_eq!(budget.spend(Effort::checks(1)), Ok(()));
        assert!(!budget.is_exhausted());
        assert_eq!(budget.spend(Effort::checks(2)), Err(Exhausted));
        assert_eq!(budget.spend(Effort::checks(1)), Err(Exhausted));
        assert!(budget.is_exhausted());
    }

    #[test]
    fn a_budget_is_spent_to_its_end() {
        let budget = Budget::of(Effort::checks(2));
        assert_eq!(budget.spend(Effort::checks(2)), Ok(()));
        assert!(!budget.is_exhausted());
    }
}
