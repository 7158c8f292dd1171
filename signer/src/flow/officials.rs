//! Registering officials and certifying their keys: an operator's work, by command.

use crate::error::{Error, Fault, Refusal};
use crate::rules::audit::Event;
use crate::rules::certificate::Chain;
use crate::rules::national_id::NationalId;
use crate::rules::official::{Official, Profile};
use crate::rules::{Digest, OfficialId};
use crate::service::Service;

/// A new official, and the request for their certificate.
#[derive(Debug)]
pub struct Registered {
    /// The official.
    pub id: OfficialId,
    /// PKCS#10 in PEM.
    pub request: String,
}

/// Registers an official: a key is made here and stays here, sealed.
///
/// # Errors
/// [`Refusal::BadField`], [`Refusal::OfficialExists`], or a fault.
pub async fn register(service: &Service, profile: Profile) -> Result<Registered, Error> {
    let profile = profile.checked()?;
    let id = OfficialId::from_chance(service.chance.bytes()?);
    let key = service
        .keyring
        .generate(id, &profile, &service.config.country, &service.chance)?;
    let now = service.clock.now();
    let mut work = service.store.begin().await?;
    if !work.register(id, &profile, &key, now).await? {
        return Err(Refusal::OfficialExists.into());
    }
    work.audit(now, &Event::registered(id, key.id)).await?;
    work.commit().await?;
    Ok(Registered {
        id,
        request: key.request,
    })
}

/// The request for an official's certificate once more: the first one may have been lost before it was certified.
///
/// # Errors
/// A fault when the key cannot be opened.
pub async fn request_again(service: &Service, official: &Official) -> Result<String, Fault> {
    let sealed = service.store.private_key(official.id).await?;
    service
        .keyring
        .request(official, &sealed, &service.config.country)
}

/// Takes the certificates of an official's key, leaf first.
///
/// # Errors
/// [`Refusal::OfficialUnknown`], [`Refusal::Certificate`] with what does not fit, or a fault.
pub async fn certify(service: &Service, person: &NationalId, pem: &[u8]) -> Result<Official, Error> {
    let official = service
        .store
        .official_by_person(person)
        .await?
        .ok_or(Refusal::OfficialUnknown)?;
    let serial_number = person.subject_serial_number(&service.config.country);
    let chain = Chain::read(pem, &official.key, &serial_number).map_err(Refusal::from)?;
    let now = service.clock.now();
    chain.valid_at(now).map_err(Refusal::from)?;
    let leaf = chain
        .der()
        .first()
        .map(|der| Digest::of(der))
        .ok_or_else(|| Fault::new("a chain without a leaf"))?;
    let mut work = service.store.begin().await?;
    work.certify(official.id, &chain).await?;
    let event = Event::OfficialCertified {
        official: official.id.to_string(),
        certificate: leaf.to_string(),
    };
    work.audit(now, &event).await?;
    work.commit().await?;
    Ok(official)
}
