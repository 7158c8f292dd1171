//! Is an official's certificate in force now? By what the operator's files say at this moment.

use crate::error::{Error, Fault, Refusal};
use crate::rules::Digest;
use crate::rules::audit::Event;
use crate::rules::certificate::{CertificateRefusal, Chain};
use crate::rules::in_force::{self, InForce, Known};
use crate::rules::official::Official;
use crate::service::Service;

/// Asks, and writes down a refusal.
///
/// # Errors
/// [`Refusal::NotCertified`], [`Refusal::Certificate`], or a fault.
pub async fn required(service: &Service, official: &Official) -> Result<InForce, Error> {
    let chain = official.chain()?.clone();
    let certificate = chain.der().first().map(|leaf| Digest::of(leaf));
    let refusal = match ask(service, chain).await? {
        Ok(found) => return Ok(found),
        Err(refusal) => refusal,
    };
    let event = Event::SigningRefused {
        official: official.id.to_string(),
        certificate: certificate.map(|digest| digest.to_string()).unwrap_or_default(),
        reason: refusal.code(),
    };
    let mut work = service.store.begin().await?;
    work.audit(service.clock.now(), &event).await?;
    work.commit().await?;
    Err(Refusal::from(refusal).into())
}

/// Asks, for whoever shows or records the answer. Verifies some signatures, so not on a thread of requests.
///
/// # Errors
/// The outer error is a fault of ours.
pub async fn ask(service: &Service, chain: Chain) -> Result<Result<InForce, CertificateRefusal>, Fault> {
    let (basis, now) = (service.basis(), service.clock.now());
    let without_news = service.config.signing.unknown_revocation;
    super::blocking(move || {
        let known = Known {
            anchors: &basis.anchors,
            certificates: &basis.certificates,
            evidence: &basis.evidence,
        };
        in_force::in_force(chain, &known, now, without_news)
    })
    .await
}
