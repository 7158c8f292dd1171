//! `idp client create`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{Problems, input, show::print_secret, text};
use crate::{
    error::Error,
    flow::client::{NotRegistered, Registered, register},
    rules::{registration::Registration, secret::Secret},
    service::Idp,
};

#[derive(Debug, Args)]
pub struct Create {
    /// A JSON object or array; - is standard input.
    #[arg(long, conflicts_with_all = ["name", "redirect_uri"])]
    from: Option<PathBuf>,
    /// Leave a client that exists as it is.
    #[arg(long)]
    if_absent: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
    /// The name that citizens see.
    #[arg(long, required_unless_present = "from")]
    name: Option<String>,
    /// Where codes may go; repeatable.
    #[arg(long, required_unless_present = "from")]
    redirect_uri: Vec<String>,
    /// Where a browser may go after logout; repeatable.
    #[arg(long)]
    post_logout_redirect_uri: Vec<String>,
    /// Chosen id; generated when missing.
    #[arg(long)]
    id: Option<String>,
    /// The agency's home page.
    #[arg(long)]
    uri: Option<String>,
    /// Space-separated scopes; all but offline_access when missing.
    #[arg(long)]
    scope: Option<String>,
    /// client_secret_basic, client_secret_post or none.
    #[arg(long)]
    auth_method: Option<String>,
    /// ES256, EdDSA, PS256 or RS256.
    #[arg(long)]
    id_token_alg: Option<String>,
    /// pairwise or public.
    #[arg(long)]
    subject_type: Option<String>,
    /// An app on a device: its loopback port may vary.
    #[arg(long)]
    native: bool,
}

impl Create {
    fn registration(&self) -> Registration {
        Registration {
            client_id: self.id.clone(),
            client_name: self.name.clone().unwrap_or_default(),
            client_uri: self.uri.clone(),
            redirect_uris: self.redirect_uri.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uri.clone(),
            scope: self.scope.clone(),
            token_endpoint_auth_method: self.auth_method.clone(),
            id_token_signed_response_alg: self.id_token_alg.clone(),
            subject_type: self.subject_type.clone(),
            application_type: self.native.then(|| "native".to_owned()),
            ..Registration::default()
        }
    }
}

pub async fn run(idp: &Idp, create: Create) -> Result<(), Problems> {
    let (registrations, one) = match &create.from {
        Some(file) => input::read::<Registration>(file)?,
        None => (vec![create.registration()], true),
    };
    let mut told = Vec::new();
    for registration in &registrations {
        match register(idp, registration).await {
            Ok(registered) => told.push(registered_value(&registered)),
            Err(Error::Refused(NotRegistered::Exists(id))) if create.if_absent => {
                told.push(json!({ "client_id": id.as_str(), "created": false }));
            }
            Err(Error::Refused(refused)) => {
                return Err(vec![format!("{}: {refused}", registration.client_name)]);
            }
            Err(Error::Fault(fault)) => return Err(vec![fault.to_string()]),
        }
    }
    if create.json {
        input::print(told, one);
    } else {
        told.iter().for_each(print_plainly);
    }
    Ok(())
}

fn registered_value(registered: &Registered) -> Value {
    let mut value = Value::Object(registered.client.metadata());
    if let Some(object) = value.as_object_mut() {
        object.insert("created".to_owned(), json!(true));
        if let Some(secret) = registered.secret.as_ref().map(Secret::expose) {
            object.insert("client_secret".to_owned(), json!(secret));
        }
    }
    value
}

fn print_plainly(told: &Value) {
    if told.get("created") == Some(&Value::Bool(false)) {
        input::say(&format!("{} was registered before\n", text(told, "client_id")));
        return;
    }
    print_secret(told);
}
