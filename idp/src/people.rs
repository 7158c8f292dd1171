//! What logging people in takes, made once at start: accepted number schemes, the password hasher, the passkey
//! ceremonies.

use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::{
    blocklist::Blocklist,
    config::Config,
    error::Fault,
    keys::{Derived, Passwords, Peppers},
    rules::national_id::Scheme,
};

/// Made once at start.
pub struct People {
    /// Accepted national id schemes; the first names the field.
    pub schemes: Vec<Scheme>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Passwords that everybody tries.
    pub blocklist: Blocklist,
    /// Runs passkey ceremonies for exactly our origin.
    pub webauthn: Webauthn,
}

impl People {
    /// From the configuration and the derived keys.
    ///
    /// # Errors
    /// A fault that names what the configuration has wrong.
    pub fn new(config: &Config, derived: &Derived) -> Result<Self, Fault> {
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
            passwords: Passwords::new(peppers, at_once)?,
            blocklist: Blocklist::open(&config.passwords.blocklists)
                .map_err(|problem| Fault::of("opening the lists of common passwords", problem))?,
            webauthn: webauthn(config)?,
        })
    }
}

/// The relying party id is the issuer's host and the origin is the issuer itself: no other port, no subdomain
/// (WebAuthn §13.4.9).
fn webauthn(config: &Config) -> Result<Webauthn, Fault> {
    let issuer = &config.issuer;
    WebauthnBuilder::new(issuer.host(), issuer.url())
        .and_then(|builder| builder.rp_name(&config.programme).timeout(CEREMONY).build())
        .map_err(|error| Fault::of("preparing passkeys for the issuer", error))
}

/// WebAuthn §15.1 recommends five to ten minutes where a person may need help with the device.
const CEREMONY: std::time::Duration = std::time::Duration::from_secs(600);
