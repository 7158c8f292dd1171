//! What logging people in takes, made once at start: accepted number schemes, the password hasher, the passkey
//! ceremonies.

use webauthn_rs_core::WebauthnCore;

use crate::{
    blocklist::Blocklist,
    config::Config,
    error::Fault,
    keys::{Derived, Passwords, Peppers},
    models::Kept,
    rules::{national_id::Scheme, time::Timestamp},
};

/// Made once at start.
pub struct People {
    /// Accepted national id schemes; the first names the field.
    pub schemes: Vec<Scheme>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Passwords that everybody tries.
    pub blocklist: Blocklist,
    /// Runs passkey ceremonies for exactly our origins.
    pub webauthn: WebauthnCore,
    /// Models of hardware keys that reach AAL3, as the files about them last said.
    pub models: Kept,
}

impl People {
    /// From the configuration and the derived keys.
    ///
    /// # Errors
    /// A fault that names what the configuration has wrong.
    pub fn new(config: &Config, derived: &Derived, now: Timestamp) -> Result<Self, Fault> {
        let schemes: Option<Vec<Scheme>> = config
            .national_id_schemes
            .iter()
            .map(|name| Scheme::named(name))
            .collect();
        let schemes = schemes
            .filter(|schemes| !schemes.is_empty())
            .ok_or(Fault::plain("national_id_schemes: use CL-RUN, PE-DNI or UY-CI"))?;
        let peppers = config.passwords.peppers();
        let peppers = peppers.map_err(|problem| Fault::of("opening the peppers", problem))?;
        let peppers = Peppers::new(&derived.pepper, &peppers)?;
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            schemes,
            passwords: Passwords::new(peppers, at_once)?
                .knowing_bcrypt(config.passwords.imported_bcrypt_cost),
            blocklist: Blocklist::open(&config.passwords.blocklists)
                .map_err(|problem| Fault::of("opening the lists of common passwords", problem))?,
            webauthn: webauthn(config),
            models: Kept::open(&config.passkeys, now)?,
        })
    }
}

/// The relying party id is the issuer's host and the origin is the issuer itself or a related one that the operator
/// named: no other port, no subdomain (WebAuthn §13.4.9).
fn webauthn(config: &Config) -> WebauthnCore {
    let related = config.passkeys.related_origins.iter();
    let origins = std::iter::once(&config.issuer).chain(related);
    WebauthnCore::new_unsafe_experts_only(
        &config.programme,
        config.issuer.host(),
        origins.map(|origin| origin.url().clone()).collect(),
        CEREMONY,
        Some(false),
        Some(false),
    )
}

/// WebAuthn §15.1 recommends five to ten minutes where a person may need help with the device.
const CEREMONY: std::time::Duration = std::time::Duration::from_secs(600);
