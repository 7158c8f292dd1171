//! A software authenticator whose every field can be bent: it answers as a browser and a device would together
//! (WebAuthn Level 3 §5.8.1, §6.1, §6.5), or falsely.

use data_encoding::BASE64URL_NOPAD as B64;
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// One passkey, and the lies it tells.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    pub credential_id: Vec<u8>,
    pub handle: Vec<u8>,
    pub counter: u32,
    pub origin: String,
    pub rp_id: String,
    pub user_present: bool,
    pub user_verified: bool,
    pub synced: bool,
    /// Overrides `webauthn.create` or `webauthn.get`.
    pub ceremony: Option<&'static str>,
    pub cross_origin: bool,
    /// Appended to the attestation object.
    pub trailing: Vec<u8>,
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let chance = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &chance).unwrap();
        let credential_id = digest(&SHA256, pair.public_key().as_ref()).as_ref()[..16].to_vec();
        let host = url::Url::parse(origin).unwrap().host_str().unwrap().to_owned();
        Self {
            pair,
            credential_id,
            handle: Vec::new(),
            counter: 1,
            origin: origin.to_owned(),
            rp_id: host,
            user_present: true,
            user_verified: true,
            synced: false,
            ceremony: None,
            cross_origin: false,
            trailing: Vec::new(),
        }
    }

    /// The answer to a registration challenge, as the script sends it.
    pub fn create(&mut self, options: &Value) -> String {
        let options = &options["publicKey"];
        self.handle = B64
            .decode(options["user"]["id"].as_str().unwrap().as_bytes())
            .unwrap();
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(0x40);
        self.counter += 1;
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.credential_id);
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend_from_slice(x);
        data.extend_from_slice(&[0x22, 0x58, 0x20]);
        data.extend_from_slice(y);
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend_from_slice(&data);
        object.extend_from_slice(&self.trailing);
        let id = B64.encode(&self.credential_id);
        let response = json!({ "clientDataJSON": B64.encode(client_data.as_bytes()),
            "attestationObject": B64.encode(&object), "transports": ["internal"] });
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// The answer to an authentication challenge.
    pub fn get(&mut self, options: &Value) -> String {
        let client_data = self.client_data("webauthn.get", &options["publicKey"]);
        let data = self.data(0);
        self.counter += 1;
        let signed = [data.as_slice(), digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        let id = B64.encode(&self.credential_id);
        let response = json!({ "clientDataJSON": B64.encode(client_data.as_bytes()),
            "authenticatorData": B64.encode(&data), "signature": B64.encode(signature.as_ref()),
            "userHandle": B64.encode(&self.handle) });
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> String {
        let ceremony = self.ceremony.unwrap_or(ceremony);
        json!({ "type": ceremony, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.cross_origin })
            .to_string()
    }

    /// Authenticator data up to the counter.
    fn data(&self, more: u8) -> Vec<u8> {
        let flags = u8::from(self.user_present)
            | (u8::from(self.user_verified) << 2)
            | if self.synced { 0x18 } else { 0 }
            | more;
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }
}
