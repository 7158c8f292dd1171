//! Pure functions and states: no async, I/O, clock or chance; all arrive as arguments.

pub mod assurance;
pub mod audit;
pub mod authorize;
pub mod ids;
pub mod interaction;
pub mod national_id;
pub mod passkey;
pub mod password;
pub mod person;
pub mod refusal;
pub mod scope;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod time;
pub mod totp;
pub mod visitor;
