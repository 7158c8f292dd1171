//! `idp client update|rotate-secret|disable|enable`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Problems, input, sentence, show::print_secret};
use crate::{
    flow::manage,
    rules::{ids::ClientId, registration::Registration, secret::Secret, time::Seconds},
    service::Idp,
};

#[derive(Debug, Args)]
pub struct Update {
    /// Its client_id.
    id: String,
    /// A JSON object with the fields to change (RFC 7591 names); null takes one away. - is standard input.
    #[arg(long, required_unless_present = "set")]
    from: Option<PathBuf>,
    /// One field as name=value; a value that reads as JSON is JSON. Repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Accept that citizens become strangers to this client (its sector changes).
    #[arg(long)]
    new_subjects: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Rotate {
    /// Its client_id.
    id: String,
    /// Hours for which the secret before stays good; 0 when it leaked.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=720))]
    keep_old: u16,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Named {
    /// Its client_id.
    id: String,
    /// For machines.
    #[arg(long)]
    json: bool,
}

pub async fn update(idp: &Idp, update: &Update) -> Result<(), Problems> {
    let id = ClientId::known(update.id.as_str());
    let before = manage::show(idp, &id).await.map_err(sentence)?;
    let mut metadata = before.client.metadata();
    for (name, value) in changes(update)? {
        if value.is_null() {
            metadata.remove(&name);
        } else {
            metadata.insert(name, value);
        }
    }
    let registration: Registration =
        serde_json::from_value(Value::Object(metadata)).map_err(|problem| vec![problem.to_string()])?;
    if registration.client_id.as_deref() != Some(id.as_str()) {
        return Err(vec!["client_id: cannot be changed".to_owned()]);
    }
    let (client, secret) = manage::update(idp, &id, &registration, update.new_subjects)
        .await
        .map_err(sentence)?;
    let mut told = client.metadata();
    if let Some(secret) = secret.as_ref().map(Secret::expose) {
        told.insert("client_secret".to_owned(), json!(secret));
    }
    tell(Value::Object(told), update.json, "changed");
    Ok(())
}

pub async fn rotate(idp: &Idp, rotate: &Rotate) -> Result<(), Problems> {
    let overlap = Seconds(i64::from(rotate.keep_old).saturating_mul(3_600));
    let secret = manage::rotate_secret(idp, &ClientId::known(rotate.id.as_str()), overlap)
        .await
        .map_err(sentence)?;
    let told = json!({ "client_id": rotate.id, "client_secret": secret.expose() });
    tell(
        told,
        rotate.json,
        &format!("the secret before is good for {} more hours", rotate.keep_old),
    );
    Ok(())
}

pub async fn disable(idp: &Idp, named: &Named) -> Result<(), Problems> {
    manage::disable(idp, &ClientId::known(named.id.as_str()))
        .await
        .map_err(sentence)?;
    let told = json!({ "client_id": named.id, "enabled": false });
    tell(told, named.json, "disabled; everything issued to it is revoked");
    Ok(())
}

pub async fn enable(idp: &Idp, named: &Named) -> Result<(), Problems> {
    manage::enable(idp, &ClientId::known(named.id.as_str()))
        .await
        .map_err(sentence)?;
    tell(
        json!({ "client_id": named.id, "enabled": true }),
        named.json,
        "enabled",
    );
    Ok(())
}

/// The fields to change, those of the file first.
fn changes(update: &Update) -> Result<Map<String, Value>, Problems> {
    let mut changes = Map::new();
    if let Some(file) = &update.from {
        let (mut objects, one) = input::read::<Map<String, Value>>(file)?;
        match (objects.pop(), one) {
            (Some(object), true) => changes = object,
            _ => return Err(vec!["--from: one JSON object is wanted".to_owned()]),
        }
    }
    for pair in &update.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| vec![format!("--set {pair}: write NAME=VALUE")])?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        changes.insert(name.to_owned(), value);
    }
    Ok(changes)
}

fn tell(told: Value, json: bool, done: &str) {
    if json {
        input::print(vec![told], true);
    } else {
        print_secret(&told);
        input::say(&format!("{done}\n"));
    }
}
