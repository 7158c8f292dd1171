//! Clients as they were last read: the text comes from the database each time, its meaning only when it changed.
//!
//! A client's metadata is some forty fields, and every token request needs them; reading the text takes three
//! millionths of a second, understanding it ten times that. Nothing here can be out of date: what is remembered is
//! used only for the very same text.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    error::Fault,
    rules::{client::Client, ids::ClientId},
};

/// What texts of clients mean.
#[derive(Default)]
pub struct Parsed(Mutex<HashMap<ClientId, (String, Client)>>);

impl Parsed {
    /// The client that `text` describes.
    ///
    /// # Errors
    /// A fault when it describes none.
    pub fn client(&self, id: &ClientId, text: String) -> Result<Client, Fault> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, client)) = known.get(id)
            && *before == text
        {
            return Ok(client.clone());
        }
        let client: Client =
            serde_json::from_str(&text).map_err(|source| Fault::of("reading a client", source))?;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(id.clone(), (text, client.clone()));
        Ok(client)
    }
}

/// More than a country has agencies; four kilobytes each.
const MOST: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::registration::tests::registration;

    #[test]
    fn a_changed_text_is_read_anew() {
        let (parsed, id) = (Parsed::default(), ClientId::known("a"));
        let mut client = registration().check(id.clone()).unwrap();
        let text = |client: &Client| serde_json::to_string(client).unwrap();
        assert_eq!(parsed.client(&id, text(&client)).unwrap(), client);
        client.name = "Otro nombre".to_owned();
        assert_eq!(parsed.client(&id, text(&client)).unwrap().name, "Otro nombre");
        assert!(parsed.client(&id, "{}".to_owned()).is_err());
    }
}
