//! Pure functions and states: no async, I/O, clock or chance; all arrive as arguments.

pub mod answer;
pub mod assurance;
pub mod audit;
pub mod authorize;
pub mod client;
pub mod credentials;
pub mod grant;
pub mod ids;
pub mod interaction;
pub mod logout;
pub mod national_id;
pub mod oauth;
pub mod parameters;
pub mod passkey;
pub mod password;
pub mod person;
pub mod refusal;
pub mod scope;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod time;
pub mod tokens;
pub mod totp;
pub mod visitor;
