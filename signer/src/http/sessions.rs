//! The sdk's login keeps its sessions in our database.

use std::sync::Arc;

use async_trait::async_trait;
use sdk::login::{HashedId, SessionStore, StoreFault, Stored, UnixTime};

use crate::rules::Moment;
use crate::service::Service;
use crate::store::Store;

/// [`SessionStore`] over [`Store`].
pub(super) struct Sessions(Store);

impl Sessions {
    pub(super) fn of(service: &Arc<Service>) -> Self {
        Self(service.store.clone())
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn put(&self, id: &HashedId, record: Stored, _now: UnixTime) -> Result<(), StoreFault> {
        let expires = Moment(record.expires.0);
        self.0
            .put_session(&id.to_hex(), &record.bytes, expires)
            .await
            .map_err(StoreFault::new)
    }

    async fn get(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        let found = self
            .0
            .session(&id.to_hex(), Moment(now.0))
            .await
            .map_err(StoreFault::new)?;
        Ok(found.map(stored))
    }

    async fn take(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        let taken = self
            .0
            .take_session(&id.to_hex(), Moment(now.0))
            .await
            .map_err(StoreFault::new)?;
        Ok(taken.map(stored))
    }

    async fn extend(&self, id: &HashedId, expires: UnixTime, now: UnixTime) -> Result<(), StoreFault> {
        self.0
            .extend_session(&id.to_hex(), Moment(expires.0), Moment(now.0))
            .await
            .map_err(StoreFault::new)
    }

    async fn remove(&self, id: &HashedId) -> Result<(), StoreFault> {
        self.0.remove_session(&id.to_hex()).await.map_err(StoreFault::new)
    }
}

fn stored((bytes, expires): (Vec<u8>, Moment)) -> Stored {
    Stored {
        bytes,
        expires: UnixTime(expires.0),
    }
}
