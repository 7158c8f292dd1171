//! Log in with Aval, sign, verify: what everybody else uses.
//!
//! * [`login`] (feature `login`): an axum layer and extractors with which an existing application
//!   lets citizens in.
//! * [`document`] (feature `document`): verification of signed documents, offline; the command `verify`.
//! * [`look`] (feature `login`): the stylesheet and the frame of a page.
//!
//! # Log in with Aval
//!
//! The whole of it, in an application that already has a router:
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use sdk::login::{Citizen, Login, LoginConfig};
//!
//! async fn home(citizen: Option<Citizen>) -> String {
//!     match citizen {
//!         Some(citizen) => format!("Hola, {}", citizen.display_name()),
//!         None => "Hola. /mine es tuyo.".to_owned(),
//!     }
//! }
//!
//! async fn mine(citizen: Citizen) -> String {
//!     format!("{} {:?}", citizen.display_name(), citizen.assurance())
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Login::discover(
//!     LoginConfig::new("https://id.example.gob", "taxes", "secret", "https://taxes.example.gob")
//!         .scopes(["openid", "profile", "email", "national_id"]),
//! )
//! .await?;
//! let app: Router = Router::new().route("/", get(home)).route("/mine", get(mine)).layer(login);
//! axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8082").await?, app).await?;
//! # Ok(()) }
//! ```
//!
//! # Verify a document
//!
//! Without a server and without a network; [`document`] has the whole of it.
//!
//! ```no_run
//! use sdk::document::{File, Language, Options, Time, TrustAnchors, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let options = Options::new(TrustAnchors::load("roots.pem")?, Time::now_utc());
//! let report = verify(File::open("permiso.pdf")?, &options);
//! println!("{}. {}", report.headline(Language::Es), report.sentence(Language::Es));
//! # Ok(()) }
//! ```

#[cfg(feature = "document")]
pub mod document;
#[cfg(feature = "fetch")]
pub mod fetch;
#[cfg(feature = "login")]
pub mod login;
#[cfg(feature = "login")]
pub mod look;
