//! Two agencies with interfaces of their own, and a third that uses them.

use serde_json::{Value, json};

use crate::{agency::Agency, browser::House};

pub const HEALTH: &str = "https://api.salud.example";
pub const TAX: &str = "https://api.impuestos.example/v1";

/// A provider that knows both interfaces.
pub async fn house() -> House {
    let more = format!(
        "[[resources]]\nuri = \"{HEALTH}\"\nname = \"Salud\"\nclient = \"salud\"\n\
         scope = \"salud:leer profile\"\n\
         [[resources]]\nuri = \"{TAX}\"\nname = \"Impuestos\"\nclient = \"impuestos\"\n\
         scope = \"renta:leer renta:enviar\"\naccess_token_format = \"jwt\"\n\
         [authorization_details.ficha]\nes = \"Ficha\"\nen = \"Record\"\n\
         [authorization_details.ficha.fields.id]\nes = \"Número\"\nen = \"Number\"\n"
    );
    House::configured("http://localhost:8080", &more).await
}

/// The client of an agency that runs an interface and does nothing else.
pub async fn server(house: &House, id: &str) -> Agency {
    let change = json!({
        "client_id": id, "client_name": id, "redirect_uris": [], "post_logout_redirect_uris": [],
        "grant_types": ["client_credentials"],
    });
    Agency::with(house, change).await
}

/// A client that may do everything at both interfaces.
pub async fn user(house: &House, change: Value) -> Agency {
    let mut all = json!({
        "grant_types": ["authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:token-exchange"],
        "resources": [HEALTH, TAX],
    });
    all.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    Agency::with(house, all).await
}

/// What introspection says of a token to `caller`.
pub async fn introspected(caller: &Agency, token: &str) -> Value {
    let reply = caller.post("/introspect", &[("token", token)]).await;
    assert_eq!(reply.status, 200, "{:?}", reply.json);
    assert_eq!(reply.headers["cache-control"], "no-store");
    reply.json
}

/// The payload of a JWT; its signature is checked elsewhere.
pub fn payload(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD.decode(middle.as_bytes()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
