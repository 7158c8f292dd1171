//! What a cell is asked, and what it answers.

use data_encoding::BASE64;
use sdk_document::Report;
use sdk_pki::{Certificate, TrustAnchors};
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::rules::document::Facts;
use crate::rules::seen::Seen;

/// Told once, when a cell opens.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Setup {
    /// Trusted roots: base64 of DER.
    roots: Vec<String>,
}

impl Setup {
    /// With these roots.
    #[must_use]
    pub fn new(trust: &TrustAnchors) -> Self {
        let roots = trust
            .iter()
            .map(|anchor| BASE64.encode(anchor.certificate().der()));
        Self {
            roots: roots.collect(),
        }
    }

    /// The roots again.
    ///
    /// # Errors
    /// A fault when one is none: the two sides are the same program, so this is a mistake of ours.
    pub fn trust(&self) -> Result<TrustAnchors, Fault> {
        let doing = "reading the roots that a cell was told";
        let mut trust = TrustAnchors::new();
        for root in &self.roots {
            let der = BASE64.decode(root.as_bytes()).map_err(Fault::when(doing))?;
            trust.add(Certificate::from_der(&der).map_err(Fault::when(doing))?);
        }
        Ok(trust)
    }
}

/// What is to be done with a document. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Verify its signatures as of a time, under the roots of [`Setup`].
    Judge {
        /// The time for which the question is answered.
        at: i64,
    },
    /// See whether it can be signed.
    Inspect {
        /// Now.
        at: i64,
    },
    /// Draw its first page.
    FirstPage,
    /// Draw pages with and without their fields and annotations.
    Covered,
    /// Draw and compare two revisions.
    Compare {
        /// The earlier one, oldest = 0.
        revision: usize,
    },
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Task::Judge`].
    Judged(Box<Report>),
    /// To [`Task::Inspect`]: it can be signed.
    Fit(Facts),
    /// To [`Task::Inspect`]: the code of [`crate::rules::intake::Unfit`].
    Unfit(String),
    /// To [`Task::FirstPage`]: a PNG follows.
    Picture,
    /// To [`Task::FirstPage`]: it cannot be drawn.
    NoPicture,
    /// To [`Task::Covered`]: pages on which something is hidden.
    Covered(Vec<usize>),
    /// To [`Task::Compare`].
    Compared(Seen),
    /// Something of ours failed; for the log.
    Failed(String),
    /// The work panicked, at this place in our source; the cell ends.
    Panicked(String),
}

/// An answer, and the bytes that go with it.
pub type Reply = (Answer, Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_arrive_as_they_were_sent() {
        let key = rcgen::KeyPair::generate().unwrap();
        let made = rcgen::CertificateParams::new(Vec::new())
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let trust: TrustAnchors = [Certificate::from_der(made.der()).unwrap()].into_iter().collect();
        let told = serde_json::to_vec(&Setup::new(&trust)).unwrap();
        let heard: Setup = serde_json::from_slice(&told).unwrap();
        let heard = heard.trust().unwrap();
        assert!(heard.iter().eq(trust.iter()));
    }
}
