//! "Log in with Aval" for an axum application.
//!
//! [`Login`] is a layer. It answers `/login`, `/login/callback` and `/logout` and lets handlers take a
//! [`Citizen`] (sends whoever has not logged in to the idp and back), an `Option<Citizen>`, or a
//! [`RequireAal`] (asks for more assurance when there is not enough).
//!
//! Add it last: what is merged into a router after a layer is not within it, and axum then also forgets
//! the layer's own paths.
//!
//! Always on, without a switch: PKCE with S256, state, nonce, the issuer check of RFC 9207, one use of
//! every answer, a new session id at every login, sealed session records, key rotation.
//!
//! The application starts without its idp: what the idp says about itself is fetched when needed and
//! again when it is old. Until then people see a page that says what is wrong.
//!
//! A digest that must be confirmed by the person who is logged in, now:
//!
//! ```no_run
//! use axum::response::{IntoResponse, Response};
//! use sdk::login::{Binding, Citizen, Login};
//! use sdk::look::Language;
//!
//! async fn confirm(login: Login, citizen: Citizen, language: Language) -> Response {
//!     let binding = Binding([0x5a; 32]);
//!     match login.take_presence(&citizen, &binding).await {
//!         Ok(Some(presence)) => format!("confirmed at {}", presence.auth_time().0).into_response(),
//!         Ok(None) => login.reauthenticate(&citizen, binding, "/confirm", language).await,
//!         Err(error) => login.explain(error, "/", language),
//!     }
//! }
//! ```
#![doc = include_str!("../manual/divergences.md")]

mod assurance;
mod begin;
mod callback;
mod citizen;
mod clock;
mod config;
mod cookies;
mod error;
mod layer;
mod logout;
mod outgoing;
mod presence;
mod provider;
mod rejection;
mod return_path;
mod secret;
mod step_up;
mod store;
mod words;

use std::fmt;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use ring::rand::{SecureRandom, SystemRandom};
use sdk_jose::Seconds;

pub use assurance::Assurance;
pub use citizen::{Citizen, RequireAal};
pub use clock::{Clock, SystemClock};
pub use config::{ConfigRefusal, LoginConfig, LoginSettings};
pub use error::{Fault, LoginError, Refusal};
pub use layer::LoginService;
pub use outgoing::{MAX_BODY_BYTES, OutgoingFault};
pub use presence::{Binding, Presence};
pub use rejection::{Asker, Rejection};
pub use sdk_jose::UnixTime;
pub use step_up::StepUp;
pub use store::{HashedId, MemoryStore, SessionStore, StoreFault, Stored};

use cookies::Cookies;
use outgoing::Outgoing;
use provider::Provider;
use return_path::ReturnPath;

use crate::look::Language;

/// The layer, and a handle for handlers. Cheap to clone.
#[derive(Clone)]
pub struct Login(Arc<Inner>);

struct Inner {
    config: LoginConfig,
    issuer_origin: String,
    cookies: Cookies,
    provider: Provider,
    chance: SystemRandom,
}

impl Login {
    /// A login that asks the idp about itself when the first person comes.
    ///
    /// # Errors
    /// [`ConfigRefusal`] says what cannot work.
    pub fn new(config: LoginConfig) -> Result<Self, ConfigRefusal> {
        let issuer = config.check()?;
        let http = Outgoing::new(&issuer, &config.trust)?;
        Ok(Self(Arc::new(Inner {
            issuer_origin: issuer.origin().ascii_serialization(),
            cookies: Cookies::new(&config.cookie, config.url.starts_with("https:")),
            provider: Provider::new(config.issuer.clone(), http),
            chance: SystemRandom::new(),
            config,
        })))
    }

    /// The same, and asks at once. An idp that is away is no error: it is asked again later.
    ///
    /// # Errors
    /// [`ConfigRefusal`] says what cannot work.
    pub async fn discover(config: LoginConfig) -> Result<Self, ConfigRefusal> {
        let login = Self::new(config)?;
        if let Err(fault) = login.idp_answers().await {
            tracing::warn!(%fault, "the idp does not answer yet; it will be asked again");
        }
        Ok(login)
    }

    /// Whether the idp can be used now. For a health page: an application is ready without it.
    ///
    /// # Errors
    /// [`Fault`] says why not.
    pub async fn idp_answers(&self) -> Result<(), Fault> {
        self.provider().known(self.config().clock.now()).await.map(|_| ())
    }

    /// A page that tells a person what went wrong, with a way back to `page`.
    #[must_use]
    pub fn explain(&self, error: LoginError, page: &str, language: Language) -> Response {
        Rejection::failed(error, Asker::person(self, ReturnPath::new(page), language)).into_response()
    }

    /// The idp's origin. A page with a logout form needs it in its `form-action`, since browsers apply
    /// that to where the form leads in the end.
    #[must_use]
    pub fn issuer_origin(&self) -> &str {
        &self.0.issuer_origin
    }

    fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.config().url)
    }

    fn config(&self) -> &LoginConfig {
        &self.0.config
    }

    fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    fn provider(&self) -> &Provider {
        &self.0.provider
    }

    fn chance(&self) -> &dyn SecureRandom {
        &self.0.chance
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Login").field(&self.0.config).finish()
    }
}

/// Begins a login; `?return_to=/path` says where to go afterwards.
pub const LOGIN_PATH: &str = "/login";

/// The redirect URI to register, after the application's origin.
pub const CALLBACK_PATH: &str = "/login/callback";

/// Ends the session; a form sends a POST here.
pub const LOGOUT_PATH: &str = "/logout";

/// Ours: how often a session's end is moved.
const SELDOM: Seconds = Seconds(5 * 60);
