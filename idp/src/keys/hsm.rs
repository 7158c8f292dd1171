//! Signing keys that live on a PKCS#11 token and never leave it.
//!
//! The library blocks, and a session belongs to one thread at a time: a few sessions wait in a pool, and who signs takes
//! one along to a thread where blocking is allowed (see [`super::SigningKey::token`]).

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as Pkcs11Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use ring::digest;
use sdk_jose::{Algorithm, PublicKey, SigningFault};
use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{error::Fault, rules::keys::Home};

/// `[keys] pkcs11` in the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11Settings {
    /// The library that the token's maker ships.
    pub module: PathBuf,
    /// The token, by its label.
    pub token_label: String,
    /// A file with the user's PIN, readable by its owner only.
    pub pin_file: PathBuf,
}

/// A token, logged into.
pub struct Hsm {
    context: Pkcs11,
    slot: Slot,
    mechanisms: Vec<MechanismType>,
    pin: AuthPin,
    idle: Mutex<Vec<Open>>,
    /// Who may use it now; the others wait without holding a thread.
    turns: Semaphore,
    /// A login lasts as long as one session does: this one is never used and never closed.
    _login: Mutex<Option<Session>>,
}

/// A session, and the handles of the keys that it has found: they are good in this session alone.
struct Open {
    session: Session,
    found: HashMap<String, ObjectHandle>,
}

/// A private key on a token.
pub struct HsmKey {
    hsm: Arc<Hsm>,
    kid: String,
    algorithm: Algorithm,
}

impl Pkcs11Settings {
    /// What would keep the token from being opened.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        let missing = |path: &Path, what: &str| {
            let error = std::fs::metadata(path).err()?;
            Some(format!("keys.pkcs11.{what}: {}: {error}", path.display()))
        };
        let others = missing(&self.pin_file, "pin_file").or_else(|| {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&self.pin_file).ok()?.permissions().mode();
            let name = self.pin_file.display();
            (mode & 0o077 != 0)
                .then(|| format!("keys.pkcs11.pin_file: {name}: others may read it; run: chmod 600 {name}"))
        });
        missing(&self.module, "module").into_iter().chain(others)
    }
}

impl Hsm {
    /// Loads the library, finds the token and logs in.
    ///
    /// # Errors
    /// A fault that says which of these failed.
    pub fn open(settings: &Pkcs11Settings) -> Result<Self, Fault> {
        let failed = |doing| move |source: Pkcs11Error| Fault::of(doing, source);
        let context = Pkcs11::new(&settings.module).map_err(failed("loading the PKCS#11 module"))?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // The library is one for the whole process.
            Ok(()) | Err(Pkcs11Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(Fault::of("starting the PKCS#11 module", error)),
        }
        let slot = slot(&context, &settings.token_label)?;
        let mechanisms = context
            .get_mechanism_list(slot)
            .map_err(failed("asking the PKCS#11 token what it can"))?;
        let pin = std::fs::read_to_string(&settings.pin_file)
            .map(zeroize::Zeroizing::new)
            .map_err(|source| Fault::of("reading the PIN of the PKCS#11 token", source))?;
        let hsm = Self {
            context,
            slot,
            mechanisms,
            pin: AuthPin::from(pin.trim()),
            idle: Mutex::default(),
            turns: Semaphore::new(SESSIONS),
            _login: Mutex::default(),
        };
        let login = hsm.session()?.session;
        *hsm._login.lock().unwrap_or_else(PoisonError::into_inner) = Some(login);
        Ok(hsm)
    }

    /// Waits until one more may use the token.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed; if it were, waiting would help nobody.
        self.turns.acquire().await.ok()
    }

    /// Where new keys of `algorithm` live: here, if the token can make and use them.
    #[must_use]
    pub fn home(&self, algorithm: Algorithm) -> Home {
        let needed = [generation(algorithm), mechanism(algorithm)];
        let knows = |needed: &Option<Mechanism<'_>>| {
            needed
                .as_ref()
                .is_some_and(|needed| self.mechanisms.contains(&needed.mechanism_type()))
        };
        if needed.iter().all(knows) {
            Home::Pkcs11
        } else {
            Home::Sealed
        }
    }

    /// Makes a key pair on the token: not to be read out, not to be wrapped, only to sign. Its label and its id are the
    /// thumbprint of its public half (RFC 7638).
    ///
    /// # Errors
    /// A fault of the token.
    pub fn generate(&self, algorithm: Algorithm) -> Result<PublicKey, Fault> {
        let failed = |source: Pkcs11Error| Fault::of("making a key on the PKCS#11 token", source);
        let how = generation(algorithm).ok_or(Fault::plain("a key that no PKCS#11 token makes"))?;
        self.with(|open| {
            let mut public = vec![
                Attribute::Token(true),
                Attribute::Private(false),
                Attribute::Verify(true),
            ];
            public.extend(parameters(algorithm));
            let private = [
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
            ];
            let (public, private) = open
                .session
                .generate_key_pair(&how, &public, &private)
                .map_err(failed)?;
            let key = public_half(&open.session, public, algorithm)?;
            let kid = key.thumbprint();
            for half in [public, private] {
                open.session
                    .update_attributes(half, &named(&kid))
                    .map_err(failed)?;
            }
            Ok(key)
        })
    }

    /// The private key that [`Hsm::generate`] made under this id.
    ///
    /// # Errors
    /// A fault when it is not on the token.
    pub fn key(self: &Arc<Self>, kid: &str, algorithm: Algorithm) -> Result<HsmKey, Fault> {
        self.with(|open| open.handle(kid).map(|_| ()))?;
        Ok(HsmKey {
            hsm: Arc::clone(self),
            kid: kid.to_owned(),
            algorithm,
        })
    }

    /// Destroys both halves of a key; nothing happens when they are gone.
    ///
    /// # Errors
    /// A fault of the token.
    pub fn destroy(&self, kid: &str) -> Result<(), Fault> {
        let failed = |source: Pkcs11Error| Fault::of("destroying a key on the PKCS#11 token", source);
        self.with(|open| {
            open.found.remove(kid);
            for object in open.session.find_objects(&named(kid)).map_err(failed)? {
                open.session.destroy_object(object).map_err(failed)?;
            }
            Ok(())
        })
    }

    /// Works with a session of the pool, or a new one. One with which something went wrong does not come back, and the
    /// work is tried once more with a new one: a token that was pulled out and put back is found again.
    fn with<T>(&self, work: impl Fn(&mut Open) -> Result<T, Fault>) -> Result<T, Fault> {
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut open) = waiting
            && let Ok(done) = work(&mut open)
        {
            self.put_back(open);
            return Ok(done);
        }
        let mut open = self.session()?;
        let done = work(&mut open)?;
        self.put_back(open);
        Ok(done)
    }

    fn put_back(&self, open: Open) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(open);
    }

    fn session(&self) -> Result<Open, Fault> {
        let session = self
            .context
            .open_rw_session(self.slot)
            .map_err(|source| Fault::of("opening a session with the PKCS#11 token", source))?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Pkcs11Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(Open {
                session,
                found: HashMap::new(),
            }),
            Err(error) => Err(Fault::of("logging into the PKCS#11 token", error)),
        }
    }
}

impl Open {
    fn handle(&mut self, kid: &str) -> Result<ObjectHandle, Fault> {
        if let Some(found) = self.found.get(kid) {
            return Ok(*found);
        }
        let mut wanted = named(kid).to_vec();
        wanted.push(Attribute::Class(ObjectClass::PRIVATE_KEY));
        let found = self
            .session
            .find_objects(&wanted)
            .map_err(|source| Fault::of("looking for a key on the PKCS#11 token", source))?;
        let [only] = found.as_slice() else {
            return Err(Fault::plain(
                "a signing key is not on the PKCS#11 token, or twice",
            ));
        };
        self.found.insert(kid.to_owned(), *only);
        Ok(*only)
    }
}

impl HsmKey {
    /// The signature in the shape that JWS wants; PKCS#11 gives ECDSA as r‖s already (PKCS#11 v3.1 §6.3.1). Blocks.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFault> {
        let how = mechanism(self.algorithm).ok_or_else(|| SigningFault::new("no mechanism"))?;
        let hashed = digest::digest(&digest::SHA256, message);
        // CKM_ECDSA is what every token has; it takes the digest.
        let input = if self.algorithm == Algorithm::ES256 {
            hashed.as_ref()
        } else {
            message
        };
        self.hsm
            .with(|open| {
                let key = open.handle(&self.kid)?;
                open.session
                    .sign(&how, key, input)
                    .map_err(|source| Fault::of("signing on the PKCS#11 token", source))
            })
            .map_err(SigningFault::new)
    }

    /// The token that it is on.
    pub(super) fn hsm(&self) -> &Hsm {
        &self.hsm
    }
}

fn slot(context: &Pkcs11, label: &str) -> Result<Slot, Fault> {
    let failed = |source: Pkcs11Error| Fault::of("looking for the PKCS#11 token", source);
    for slot in context.get_slots_with_token().map_err(failed)? {
        if context.get_token_info(slot).map_err(failed)?.label() == label {
            return Ok(slot);
        }
    }
    Err(Fault::plain("no PKCS#11 token has the configured token_label"))
}

fn named(kid: &str) -> [Attribute; 2] {
    [
        Attribute::Label(kid.as_bytes().to_vec()),
        Attribute::Id(kid.as_bytes().to_vec()),
    ]
}

/// How a pair is made.
fn generation(algorithm: Algorithm) -> Option<Mechanism<'static>> {
    match algorithm {
        Algorithm::ES256 => Some(Mechanism::EccKeyPairGen),
        Algorithm::EdDSA => Some(Mechanism::EccEdwardsKeyPairGen),
        Algorithm::PS256 | Algorithm::RS256 => Some(Mechanism::RsaPkcsKeyPairGen),
        Algorithm::ES384 => None,
    }
}

/// What a pair is made with.
fn parameters(algorithm: Algorithm) -> Vec<Attribute> {
    match algorithm {
        Algorithm::ES256 => vec![Attribute::EcParams(P256.to_vec())],
        Algorithm::EdDSA => vec![Attribute::EcParams(ED25519.to_vec())],
        Algorithm::PS256 | Algorithm::RS256 => vec![
            Attribute::ModulusBits(RSA_BITS.into()),
            Attribute::PublicExponent(vec![1, 0, 1]),
        ],
        Algorithm::ES384 => Vec::new(),
    }
}

/// How a signature is made.
fn mechanism(algorithm: Algorithm) -> Option<Mechanism<'static>> {
    match algorithm {
        Algorithm::ES256 => Some(Mechanism::Ecdsa),
        Algorithm::EdDSA => Some(Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure))),
        // RFC 7518 §3.5: the mask with the same hash, the salt as long as the hash.
        Algorithm::PS256 => Some(Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
            hash_alg: MechanismType::SHA256,
            mgf: PkcsMgfType::MGF1_SHA256,
            s_len: 32.into(),
        })),
        Algorithm::RS256 => Some(Mechanism::Sha256RsaPkcs),
        Algorithm::ES384 => None,
    }
}

/// The public half as the token tells it.
fn public_half(session: &Session, object: ObjectHandle, algorithm: Algorithm) -> Result<PublicKey, Fault> {
    let wanted = match algorithm {
        Algorithm::PS256 | Algorithm::RS256 => vec![AttributeType::Modulus, AttributeType::PublicExponent],
        Algorithm::ES256 | Algorithm::EdDSA | Algorithm::ES384 => vec![AttributeType::EcPoint],
    };
    let told = session
        .get_attributes(object, &wanted)
        .map_err(|source| Fault::of("reading a public key from the PKCS#11 token", source))?;
    let read = match told.as_slice() {
        [Attribute::EcPoint(point)] => PublicKey::from_point(unwrapped(point)),
        [Attribute::Modulus(n), Attribute::PublicExponent(e)] => PublicKey::from_rsa(n, e),
        _ => return Err(Fault::plain("the PKCS#11 token tells no public key")),
    };
    read.map_err(|source| Fault::of("reading a public key from the PKCS#11 token", source))
}

/// `CKA_EC_POINT` is the point in a DER OCTET STRING (PKCS#11 v3.1 §6.3.3); some tokens tell it bare.
fn unwrapped(point: &[u8]) -> &[u8] {
    match point {
        [4, length, rest @ ..] if rest.len() == usize::from(*length) => rest,
        bare => bare,
    }
}

/// As many at once as a small token signs in parallel.
const SESSIONS: usize = 8;
/// The object identifier of P-256 (RFC 5480 §2.1.1.1) in DER.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// The curve's name as a PrintableString (PKCS#11 v3.1 §6.3.10).
const ED25519: [u8; 14] = *b"\x13\x0cedwards25519";
/// RFC 7518 §3.3: at least 2048.
const RSA_BITS: u64 = 2_048;
