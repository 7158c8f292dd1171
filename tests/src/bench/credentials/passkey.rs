//! A passkey in software: answers as a browser and a device would together (WebAuthn Level 3 §5.8.1, §6.1, §6.5).

use data_encoding::BASE64URL_NOPAD as B64;
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

use crate::browser::Trouble;

/// One passkey of one person.
pub struct Passkey {
    pair: EcdsaKeyPair,
    chance: SystemRandom,
    id: Vec<u8>,
    handle: String,
    counter: u32,
    origin: String,
    rp: Vec<u8>,
}

impl Passkey {
    /// A new one for the service at `origin`, and its answer to the options of a registration.
    pub fn create(origin: &str, options: &str) -> Result<(Self, String), Trouble> {
        let (kind, chance) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(kind, &chance).map_err(|_| "ring made no key")?;
        let pair = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &chance)?;
        let options: Value = serde_json::from_str(options)?;
        let host = url::Url::parse(origin)?.host_str().ok_or("no host")?.to_owned();
        let handle = options.pointer("/publicKey/user/id").and_then(Value::as_str);
        let mut id = digest(&SHA256, pair.public_key().as_ref()).as_ref().to_vec();
        id.truncate(16);
        let mut made = Self {
            pair,
            chance,
            id,
            handle: handle.ok_or("no user handle")?.to_owned(),
            counter: 0,
            origin: origin.to_owned(),
            rp: digest(&SHA256, host.as_bytes()).as_ref().to_vec(),
        };
        let answer = made.attested(&options);
        Ok((made, answer))
    }

    fn attested(&mut self, options: &Value) -> String {
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(PRESENT | VERIFIED | ATTESTED);
        data.extend_from_slice(&[0; 16]);
        // Sixteen bytes of credential id, then the key: COSE_Key of EC2, ES256, P-256 (RFC 9053 §7.1.1)
        data.extend_from_slice(&[0, 16]);
        data.extend_from_slice(&self.id);
        let point = self.pair.public_key().as_ref();
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.iter().skip(1).take(32));
        data.extend_from_slice(&[0x22, 0x58, 0x20]);
        data.extend(point.iter().skip(33).take(32));
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        object.extend_from_slice(&data);
        let id = B64.encode(&self.id);
        let response = json!({
            "clientDataJSON": B64.encode(client_data.as_bytes()),
            "attestationObject": B64.encode(&object), "transports": ["internal"],
        });
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// The answer to the options of a login.
    pub fn answer(&mut self, options: &str) -> Result<String, Trouble> {
        let options: Value = serde_json::from_str(options)?;
        let client_data = self.client_data("webauthn.get", &options);
        let data = self.data(PRESENT | VERIFIED);
        let signed = [data.as_slice(), digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.pair.sign(&self.chance, &signed);
        let signature = signature.map_err(|_| "ring did not sign")?;
        let id = B64.encode(&self.id);
        let response = json!({
            "clientDataJSON": B64.encode(client_data.as_bytes()),
            "authenticatorData": B64.encode(&data),
            "signature": B64.encode(signature.as_ref()), "userHandle": self.handle,
        });
        Ok(json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string())
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> String {
        let challenge = options.pointer("/publicKey/challenge");
        json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        })
        .to_string()
    }

    /// Authenticator data up to the counter, which grows with each.
    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter = self.counter.saturating_add(1);
        let mut data = self.rp.clone();
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }
}

/// WebAuthn §6.1: bit 0.
const PRESENT: u8 = 0x01;
/// Bit 2.
const VERIFIED: u8 = 0x04;
/// Bit 6.
const ATTESTED: u8 = 0x40;
