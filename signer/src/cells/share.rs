//! One address does not take every cell: each has a share, and a queue of its own before it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::pool::{LONGEST_WAIT, WAITING_FOR_EACH};
use crate::error::Refusal;

/// What each address may have at the same time. Addresses that ask for nothing are not remembered.
#[derive(Clone, Debug)]
pub struct Shares {
    turns: usize,
    queues: Arc<Mutex<HashMap<IpAddr, Arc<Queue>>>>,
}

#[derive(Debug)]
struct Queue {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A place in an address's queue, until it goes out of scope.
#[derive(Debug)]
pub struct Place(Option<Held>);

#[derive(Debug)]
struct Held {
    shares: Shares,
    address: IpAddr,
    queue: Arc<Queue>,
    _place: OwnedSemaphorePermit,
}

impl Shares {
    /// Of so many cells: half of them for whoever asks, so that the other half is there for everybody else.
    #[must_use]
    pub fn of(at_once: usize) -> Self {
        Self {
            turns: at_once.div_ceil(2).max(1),
            queues: Arc::default(),
        }
    }

    /// A place for one document of this address; nobody's documents are counted together.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when so many of the same address wait already.
    pub fn place(&self, address: Option<IpAddr>) -> Result<Place, Refusal> {
        let Some(address) = address.map(network) else {
            return Ok(Place(None));
        };
        let queue = Arc::clone(self.queues().entry(address).or_insert_with(|| {
            Arc::new(Queue {
                places: Arc::new(Semaphore::new(self.turns.saturating_mul(WAITING_FOR_EACH))),
                turns: Arc::new(Semaphore::new(self.turns)),
            })
        }));
        let place = Arc::clone(&queue.places).try_acquire_owned();
        Ok(Place(Some(Held {
            shares: self.clone(),
            address,
            queue,
            _place: place.map_err(|_| Refusal::Busy)?,
        })))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<IpAddr, Arc<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until it is this document's turn among those of its address. The turn ends with what is returned.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when that takes too long.
    pub async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, Refusal> {
        let Some(held) = &self.0 else { return Ok(None) };
        let turn = Arc::clone(&held.queue.turns).acquire_owned();
        match timeout(LONGEST_WAIT, turn).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            Ok(Err(_)) | Err(_) => Err(Refusal::Busy),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut queues = self.shares.queues();
        // Ours and the map's: nobody else of this address waits. Nobody can join while the map is locked.
        if Arc::strong_count(&self.queue) <= 2 {
            queues.remove(&self.address);
        }
    }
}

/// RFC 6177 §2: an IPv6 customer is given a block of 64 bits at least, and could take another address for each document.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn row_68_an_address_that_takes_more_than_its_share_is_told_to_come_back_and_others_are_not() {
        let shares = Shares::of(2);
        let taken: Vec<Place> = (0..WAITING_FOR_EACH)
            .map(|_| shares.place(address("192.0.2.1")).unwrap())
            .collect();
        assert_eq!(shares.place(address("192.0.2.1")).map(drop), Err(Refusal::Busy));
        assert!(shares.place(address("192.0.2.2")).is_ok() && shares.place(None).is_ok());
        drop(taken);
        assert!(shares.place(address("192.0.2.1")).is_ok());
    }

    #[test]
    fn row_68_addresses_of_one_ipv6_block_share() {
        let shares = Shares::of(1);
        let taken: Vec<Place> = (0..WAITING_FOR_EACH)
            .map(|n| shares.place(address(&format!("2001:db8::{n}"))).unwrap())
            .collect();
        assert!(shares.place(address("2001:db8::ffff:1")).is_err());
        assert!(shares.place(address("2001:db8:0:1::1")).is_ok());
        drop(taken);
    }

    #[test]
    fn addresses_that_ask_for_nothing_are_forgotten() {
        let shares = Shares::of(4);
        let (one, other) = (
            shares.place(address("192.0.2.1")),
            shares.place(address("192.0.2.1")),
        );
        drop(one);
        assert_eq!(shares.queues().len(), 1);
        drop(other);
        assert_eq!(shares.queues().len(), 0);
    }

    #[tokio::test]
    async fn row_68_half_of_the_cells_are_one_addresss_and_no_more() {
        let shares = Shares::of(4);
        let place = shares.place(address("192.0.2.1")).unwrap();
        let first = place.turn().await.unwrap();
        let second = place.turn().await.unwrap();
        let third = timeout(std::time::Duration::from_millis(50), place.turn());
        assert!(third.await.is_err());
        drop((first, second));
        assert!(place.turn().await.is_ok());
    }
}
