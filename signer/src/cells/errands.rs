//! Errands: a cell has no network, so it asks the service to fetch what a judgement lacks, waits, and goes on. What may
//! be called is up to the service's [`Fetch`]; how often and how long for one document is bounded here.

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sdk_document::{Fetch, Unfetched, Wanted};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::task::Answer;
use super::wire;

/// What is asked for, without the bytes of an OCSP request: they follow as an answer's second part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// [`Wanted::Issuer`].
    Issuer(String),
    /// [`Wanted::List`].
    List(String),
    /// [`Wanted::Answer`].
    Answer(String),
}

/// The service's side: who runs errands for one document.
pub struct Runner {
    fetch: Arc<dyn Fetch>,
    left: u32,
    until: Instant,
}

impl Runner {
    /// For one document, from now on.
    pub fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self {
            fetch,
            left: MOST_ERRANDS,
            until: Instant::now().checked_add(LONGEST).unwrap_or_else(Instant::now),
        }
    }

    /// What is sent back to the cell: nothing, or [`FOUND`] and what was found.
    pub(super) async fn run(&mut self, errand: Errand, request: Vec<u8>) -> Vec<u8> {
        let Some(left) = self.left.checked_sub(1).filter(|_| Instant::now() < self.until) else {
            return Vec::new();
        };
        self.left = left;
        let fetch = Arc::clone(&self.fetch);
        let found = tokio::task::spawn_blocking(move || fetch.fetch(&errand.wanted(&request))).await;
        match found {
            Ok(Ok(bytes)) => [&[FOUND], bytes.as_slice()].concat(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }
}

impl Errand {
    fn of(wanted: &Wanted<'_>) -> Self {
        let address = wanted.address().to_owned();
        match wanted {
            Wanted::Issuer { .. } => Self::Issuer(address),
            Wanted::List { .. } => Self::List(address),
            Wanted::Answer { .. } => Self::Answer(address),
        }
    }

    fn wanted<'w>(&'w self, request: &'w [u8]) -> Wanted<'w> {
        match self {
            Self::Issuer(address) => Wanted::Issuer { address },
            Self::List(address) => Wanted::List { address },
            Self::Answer(address) => Wanted::Answer { address, request },
        }
    }
}

/// The cell's side: asks over the socket on which it is to answer.
#[derive(Debug)]
pub(super) struct Asking(Mutex<UnixStream>);

impl Asking {
    pub fn over(socket: UnixStream) -> Self {
        Self(Mutex::new(socket))
    }

    fn ask(&self, wanted: &Wanted<'_>) -> std::io::Result<Option<Vec<u8>>> {
        let json = serde_json::to_vec(&Answer::Wants(Errand::of(wanted)))?;
        let request = match wanted {
            Wanted::Answer { request, .. } => *request,
            Wanted::Issuer { .. } | Wanted::List { .. } => &[],
        };
        let mut socket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wire::reply(&mut socket, &json, request)?;
        let (told, _) = wire::question(&mut socket)?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok(told.split_first().map(|(_, found)| found.to_vec()))
    }
}

impl Fetch for Asking {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        self.ask(wanted).ok().flatten().ok_or(Unfetched::Unreachable)
    }
}

const FOUND: u8 = 1;
/// Own choice, as is the next: a signer, a timestamp and two authorities, each asked for at two places.
const MOST_ERRANDS: u32 = 12;
/// Somebody waits, and a cell is taken. The last errand may take its own patience more.
const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    struct Gives(&'static [u8]);

    impl Fetch for Gives {
        fn fetch(&self, _: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
            Ok(self.0.to_vec())
        }
    }

    fn list() -> Errand {
        Errand::List("http://ca.example/list.crl".to_owned())
    }

    #[tokio::test]
    async fn one_document_sends_out_twelve_times() {
        let mut runner = Runner::new(Arc::new(Gives(b"x")));
        for _ in 0..MOST_ERRANDS {
            assert_eq!(runner.run(list(), Vec::new()).await, [FOUND, b'x']);
        }
        assert!(runner.run(list(), Vec::new()).await.is_empty());
    }

    #[tokio::test]
    async fn after_ten_seconds_nobody_is_sent_out() {
        let mut runner = Runner::new(Arc::new(Gives(b"x")));
        runner.until = Instant::now();
        assert!(runner.run(list(), Vec::new()).await.is_empty());
    }

    #[test]
    fn every_errand_asks_for_what_was_wanted() {
        let (address, request) = ("http://ca.example/", b"request".as_slice());
        for wanted in [
            Wanted::Issuer { address },
            Wanted::List { address },
            Wanted::Answer { address, request },
        ] {
            assert_eq!(Errand::of(&wanted).wanted(request), wanted);
        }
    }
}
