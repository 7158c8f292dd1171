//! Rates: how much one caller may ask in a while, counted in memory that does not grow.
//!
//! One number a caller (the generic cell rate algorithm, ATM Forum TM 4.0 §4.4): the moment at which everything it was
//! allowed so far would be used up at the steady rate. A caller who is quiet is forgotten without being treated worse.

use std::collections::HashMap;

use serde::Deserialize;

use super::time::{Seconds, Timestamp};

/// So many in a minute, and the same number at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PerMinute(pub u32);

/// Counters of one kind, by the tag of the caller. Not shared between nodes: each allows the whole rate.
#[derive(Debug)]
pub struct Rates {
    rate: PerMinute,
    /// Microseconds since 1970 at which the caller has nothing left over.
    used_until: HashMap<u64, i64>,
}

impl Rates {
    /// Nobody has asked anything yet.
    #[must_use]
    pub fn new(rate: PerMinute) -> Self {
        Self {
            rate,
            used_until: HashMap::new(),
        }
    }

    /// Takes one from `caller`'s allowance.
    ///
    /// # Errors
    /// How long to wait until there is one again, at least a second. Nothing is taken then.
    pub fn take(&mut self, caller: u64, now: Timestamp) -> Result<(), Seconds> {
        // A rate of zero is none.
        let Some(each) = MINUTE.checked_div(i64::from(self.rate.0)) else {
            return Ok(());
        };
        let now = now.0.saturating_mul(SECOND);
        self.make_room(now);
        let used = self.used_until.entry(caller).or_insert(now);
        let then = (*used).max(now).saturating_add(each);
        let beyond = then.saturating_sub(now).saturating_sub(MINUTE);
        if beyond > 0 {
            return Err(Seconds(beyond.saturating_add(SECOND - 1).saturating_div(SECOND)));
        }
        *used = then;
        Ok(())
    }

    /// `caller` has nothing left over. Nothing is taken.
    #[must_use]
    pub fn used_up(&self, caller: u64, now: Timestamp) -> bool {
        let Some(each) = MINUTE.checked_div(i64::from(self.rate.0)) else {
            return false;
        };
        let now = now.0.saturating_mul(SECOND);
        let used = self.used_until.get(&caller).copied().unwrap_or(now).max(now);
        used.saturating_add(each).saturating_sub(now) > MINUTE
    }

    /// Forgets callers that have their whole allowance again; if all of [`MOST`] are busy, forgets everybody: callers
    /// without end must not use memory without end, and honest ones must not pay for them.
    fn make_room(&mut self, now: i64) {
        if self.used_until.len() < MOST {
            return;
        }
        self.used_until.retain(|_, used| *used > now);
        if self.used_until.len() >= MOST / 2 {
            self.used_until.clear();
        }
    }
}

/// Sixteen bytes each: a megabyte.
pub const MOST: usize = 65_536;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);

    fn taken(rates: &mut Rates, caller: u64, now: Timestamp, times: usize) -> usize {
        (0..times).filter(|_| rates.take(caller, now).is_ok()).count()
    }

    #[test]
    fn a_whole_minute_is_there_at_once_and_not_more() {
        let mut rates = Rates::new(PerMinute(60));
        assert_eq!(taken(&mut rates, 1, NOW, 100), 60);
        assert_eq!(rates.take(1, NOW), Err(Seconds(1)));
    }

    #[test]
    fn it_comes_back_at_its_rate_and_does_not_pile_up() {
        let mut rates = Rates::new(PerMinute(60));
        taken(&mut rates, 1, NOW, 60);
        assert_eq!(taken(&mut rates, 1, NOW.after(Seconds(10)), 100), 10);
        assert_eq!(taken(&mut rates, 1, NOW.after(Seconds(3_600)), 100), 60);
    }

    #[test]
    fn being_refused_costs_nothing() {
        let mut rates = Rates::new(PerMinute(6));
        taken(&mut rates, 1, NOW, 1_000);
        assert_eq!(rates.take(1, NOW), Err(Seconds(10)));
        assert_eq!(rates.take(1, NOW.after(Seconds(10))), Ok(()));
    }

    #[test]
    fn callers_do_not_use_each_others_allowance() {
        let mut rates = Rates::new(PerMinute(2));
        taken(&mut rates, 1, NOW, 2);
        assert!(rates.take(1, NOW).is_err());
        assert!(rates.take(2, NOW).is_ok());
    }

    #[test]
    fn asking_what_is_left_takes_nothing() {
        let mut rates = Rates::new(PerMinute(2));
        assert!(!rates.used_up(1, NOW));
        taken(&mut rates, 1, NOW, 2);
        assert!(rates.used_up(1, NOW) && !rates.used_up(2, NOW));
        assert!(!rates.used_up(1, NOW.after(Seconds(30))));
        assert!(!Rates::new(PerMinute(0)).used_up(1, NOW));
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(taken(&mut Rates::new(PerMinute(0)), 1, NOW, 10_000), 10_000);
    }

    #[test]
    fn callers_without_end_do_not_use_memory_without_end() {
        let mut rates = Rates::new(PerMinute(60));
        for caller in 0..200_000 {
            assert!(rates.take(caller, NOW).is_ok());
            assert!(rates.used_until.len() <= MOST);
        }
    }

    #[test]
    fn a_clock_that_goes_back_does_not_lock_anybody_out_for_long() {
        let mut rates = Rates::new(PerMinute(60));
        taken(&mut rates, 1, NOW, 60);
        assert_eq!(rates.take(1, NOW.before(Seconds(5))), Err(Seconds(6)));
    }
}
