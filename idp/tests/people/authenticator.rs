//! A software authenticator whose every field can be bent: it answers as a browser and a device would together
//! (WebAuthn Level 3 §5.8.1, §6.1, §6.5), or falsely.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD as B64;
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// What a maker puts into its keys: a certificate, the key that it is about, and which model they are.
#[derive(Clone)]
pub struct Attestation {
    pub aaguid: [u8; 16],
    /// Leaf first.
    pub chain: Vec<Vec<u8>>,
    pub key: Arc<EcdsaKeyPair>,
}

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
    /// Its maker's word (WebAuthn §8.2), given when the page asks for it; none by default.
    pub attestation: Option<Attestation>,
    /// The algorithm of its public key (COSE): ES256.
    pub algorithm: i64,
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
            attestation: None,
            algorithm: -7,
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
        let attestation = self
            .attestation
            .clone()
            .filter(|_| options["attestation"] == "direct");
        data.extend_from_slice(&attestation.as_ref().map_or([0; 16], |maker| maker.aaguid));
        data.extend_from_slice(&u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.credential_id);
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let algorithm = cbor_number(self.algorithm);
        let key = [
            &[0xa5, 0x01, 0x02, 0x03],
            algorithm.as_slice(),
            &[0x20, 0x01, 0x21],
            &cbor(0x40, x),
            &[0x22],
            &cbor(0x40, y),
        ];
        data.extend_from_slice(&key.concat());
        let (format, statement) = match attestation {
            None => ("none", vec![0xa0]),
            Some(maker) => ("packed", packed(&maker, &data, client_data.as_bytes())),
        };
        let mut object = [
            vec![0xa3],
            cbor(0x60, b"fmt"),
            cbor(0x60, format.as_bytes()),
            cbor(0x60, b"attStmt"),
            statement,
            cbor(0x60, b"authData"),
            cbor(0x40, &data),
        ]
        .concat();
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

/// The statement of §8.2: signature and certificates.
fn packed(maker: &Attestation, data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let signed = [data, digest(&SHA256, client_data).as_ref()].concat();
    let signature = maker.key.sign(&SystemRandom::new(), &signed).unwrap();
    let chain: Vec<u8> = maker.chain.iter().flat_map(|der| cbor(0x40, der)).collect();
    [
        vec![0xa3],
        cbor(0x60, b"alg"),
        cbor_number(-7),
        cbor(0x60, b"sig"),
        cbor(0x40, signature.as_ref()),
        cbor(0x60, b"x5c"),
        vec![0x80 | u8::try_from(maker.chain.len()).unwrap()],
        chain,
    ]
    .concat()
}

/// A string of CBOR (RFC 8949 §3.1): `kind` 0x40 for bytes, 0x60 for text.
fn cbor(kind: u8, value: &[u8]) -> Vec<u8> {
    let mut out = match value.len() {
        short @ 0..24 => vec![kind | u8::try_from(short).unwrap()],
        some @ 24..256 => vec![kind | 24, u8::try_from(some).unwrap()],
        many => {
            let [high, low] = u16::try_from(many).unwrap().to_be_bytes();
            vec![kind | 25, high, low]
        }
    };
    out.extend_from_slice(value);
    out
}

/// A small negative number of CBOR.
fn cbor_number(number: i64) -> Vec<u8> {
    match -1 - number {
        small @ 0..24 => vec![0x20 | u8::try_from(small).unwrap()],
        some @ 24..256 => vec![0x38, u8::try_from(some).unwrap()],
        many => {
            let [high, low] = u16::try_from(many).unwrap().to_be_bytes();
            vec![0x39, high, low]
        }
    }
}
