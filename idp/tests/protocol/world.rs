//! The world as a provider reaches it: addresses with documents, and agencies that take what is posted, or do not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use idp::fetch::{Asked, Fetch, Fetched, Fetching, Unfetched, Wanted};
use url::Url;

use crate::browser::House;

/// Documents by address, an answer for whatever is posted, and everything that was posted.
#[derive(Default)]
pub struct World {
    documents: Mutex<HashMap<String, String>>,
    answer: Mutex<Option<Result<u16, Unfetched>>>,
    posted: Mutex<Vec<(String, String)>>,
}

impl House {
    /// A provider that reaches this world instead of the network.
    pub async fn reaching(world: &Arc<World>) -> Self {
        let world = Arc::<World>::clone(world);
        Self::with(("http://localhost:8080", ""), |idp| idp.fetch = world).await
    }
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn put(&self, address: &str, document: &str) {
        let mut documents = self.documents.lock().unwrap();
        documents.insert(address.to_owned(), document.to_owned());
    }

    /// From now on posts are answered so; 200 before.
    pub fn answers(&self, answer: Result<u16, Unfetched>) {
        *self.answer.lock().unwrap() = Some(answer);
    }

    /// Addresses and forms, as they were posted since this was asked last.
    pub fn posted(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.posted.lock().unwrap())
    }
}

impl Fetch for World {
    fn get<'a>(&'a self, url: &'a Url, _: Wanted) -> Fetching<'a> {
        let found = self.documents.lock().unwrap().get(url.as_str()).cloned();
        Box::pin(async move { found.map(|body| fetched(200, body)).ok_or(Unfetched::Unreachable) })
    }

    fn post<'a>(&'a self, url: &'a Url, form: String) -> Fetching<'a> {
        self.posted.lock().unwrap().push((url.to_string(), form));
        let answer = self.answer.lock().unwrap().unwrap_or(Ok(200));
        Box::pin(async move { answer.map(|status| fetched(status, String::new())) })
    }

    fn ask<'a>(&'a self, _: &'a Url, _: Asked) -> Fetching<'a> {
        Box::pin(async { Err(Unfetched::Unreachable) })
    }
}

fn fetched(status: u16, body: String) -> Fetched {
    Fetched {
        status,
        content_type: "application/json".to_owned(),
        body: body.into_bytes(),
    }
}
