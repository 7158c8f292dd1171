//! `idp client list|show`.

use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

use super::{Problems, input, sentence, table, text};
use crate::{
    flow::{client::all, manage},
    rules::{ids::ClientId, time::Timestamp},
    service::Idp,
    store::clients::Listed,
};

pub async fn list(idp: &Idp, json: bool) -> Result<(), Problems> {
    let clients = all(idp).await.map_err(|fault| vec![fault.to_string()])?;
    if json {
        input::print(clients.iter().map(value).collect(), false);
        return Ok(());
    }
    if clients.is_empty() {
        input::say("no clients yet: idp client create --help\n");
        return Ok(());
    }
    let head = ["CLIENT_ID", "NAME", "STATE", "AUTHENTICATES BY", "PROFILE", "AT"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(clients.iter().map(row));
    input::say(&table(&rows));
    Ok(())
}

pub async fn one(idp: &Idp, id: String, json: bool) -> Result<(), Problems> {
    let listed = manage::show(idp, &ClientId::known(id)).await.map_err(sentence)?;
    let value = value(&listed);
    if json {
        input::print(vec![value], true);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| vec![name.clone(), plain(value)])
        .collect();
    input::say(&table(&rows));
    Ok(())
}

/// By the names of RFC 7591, and its standing.
fn value(listed: &Listed) -> Value {
    let mut metadata = listed.client.metadata();
    metadata.insert("client_id_issued_at".to_owned(), json!(listed.created_at.0));
    metadata.insert("enabled".to_owned(), json!(listed.disabled_at.is_none()));
    if let Some(at) = listed.disabled_at {
        metadata.insert("disabled_at".to_owned(), json!(at.0));
    }
    Value::Object(metadata)
}

fn row(listed: &Listed) -> Vec<String> {
    let client = &listed.client;
    let state = listed
        .disabled_at
        .map_or_else(|| "enabled".to_owned(), |at| format!("disabled {}", day(at)));
    vec![
        client.id.to_string(),
        client.name.clone(),
        state,
        client.authentication.name().to_owned(),
        client.profile.name().unwrap_or("-").to_owned(),
        client.host(),
    ]
}

/// A value as a person reads it: texts bare, lists with spaces between.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// `2026-11-21`, UTC.
pub fn day(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(at.0)
        .ok()
        .and_then(|at| at.format(format_description!("[year]-[month]-[day]")).ok())
        .unwrap_or_default()
}

/// What a client that has just been registered or changed is told: its id, and a secret if one was made.
pub fn print_secret(told: &Value) {
    input::say(&format!("client_id      {}\n", text(told, "client_id")));
    if told.get("client_secret").is_some() {
        let secret = text(told, "client_secret");
        input::say(&format!("client_secret  {secret}   (told once: keep it now)\n"));
    }
}
