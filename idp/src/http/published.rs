//! Metadata and keys as they are sent: written once for each state of the keys, and then handed out as bytes.
//!
//! Every client and every script asks for these, over and over, and all get the same. They pass by what other requests
//! need: no language, no error page, no limit of time, no line in the log.

use std::sync::{Arc, PoisonError, RwLock};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::{MethodRouter, get},
};
use serde::Serialize;

use super::{
    discovery::{CACHED, document},
    security,
};
use crate::{
    error::Fault,
    flow,
    keys::{SigningKey, SigningKeys},
    service::Idp,
};

/// The documents of the keys that were read last.
#[derive(Default)]
pub struct Published(RwLock<Option<Arc<Documents>>>);

struct Documents {
    /// Written for these keys and no others,
    keys: Arc<SigningKeys>,
    /// while this one signs.
    signer: Option<Arc<SigningKey>>,
    metadata: Document,
    jwks: Document,
}

struct Document {
    headers: HeaderMap,
    body: Bytes,
}

impl Published {
    /// `GET` of the metadata (OpenID Connect Discovery §4, RFC 8414 §3).
    pub fn metadata(self: &Arc<Self>) -> MethodRouter<Arc<Idp>> {
        self.route(|documents| &documents.metadata)
    }

    /// `GET` of the keys (RFC 7517 §5).
    pub fn jwks(self: &Arc<Self>) -> MethodRouter<Arc<Idp>> {
        self.route(|documents| &documents.jwks)
    }

    fn route(self: &Arc<Self>, which: fn(&Documents) -> &Document) -> MethodRouter<Arc<Idp>> {
        let published = Arc::clone(self);
        get(move |State(idp): State<Arc<Idp>>| {
            let published = Arc::clone(&published);
            async move {
                let all = published.documents(&idp).await;
                all.map(|all| which(&all).response())
            }
        })
    }

    async fn documents(&self, idp: &Idp) -> Result<Arc<Documents>, Fault> {
        let keys = idp.signing.now();
        let signer = idp.signing.signer(flow::metadata::ALGORITHM, idp.now());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known
            && Arc::ptr_eq(&known.keys, &keys)
            && same(known.signer.as_ref(), signer.as_ref())
        {
            return Ok(known);
        }
        let mut metadata = document(idp);
        let token = flow::metadata::as_token(idp, &metadata).await?;
        if let Some(members) = metadata.as_object_mut() {
            members.insert("signed_metadata".to_owned(), token.into());
        }
        let written = Arc::new(Documents {
            metadata: Document::of(idp, &metadata)?,
            jwks: Document::of(idp, &*idp.signing.public())?,
            keys,
            signer,
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&written));
        Ok(written)
    }
}

/// The same key signs.
fn same(one: Option<&Arc<SigningKey>>, other: Option<&Arc<SigningKey>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

impl Document {
    fn of(idp: &Idp, value: &impl Serialize) -> Result<Self, Fault> {
        let body =
            serde_json::to_vec(value).map_err(|source| Fault::of("writing a public document", source))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHED));
        security::protect(&mut headers, idp, security::home_only());
        Ok(Self {
            headers,
            body: body.into(),
        })
    }

    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}
