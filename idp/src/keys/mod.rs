//! Where keys are. One sealing key comes from a file; everything else is derived from it or sealed under it.
//! Passwords are hashed here, too: they are worth nothing without the pepper.

mod bcrypt;
pub mod decryption;
mod derived;
mod hsm;
pub mod imported;
mod keyring;
mod passwords;
mod peppers;
mod seal;
mod signing;

pub use derived::{Derived, DerivedKey};
pub use hsm::{Hsm, HsmKey, Pkcs11Settings};
pub use imported::{BCRYPT_COSTS, Imported, NotOurs};
pub use keyring::{Held, Keyring, OpenKey, SigningKeys};
pub use passwords::{Busy, Checked, Passwords, SALT};
pub use peppers::Peppers;
pub use seal::{Seal, SealingKey};
pub use signing::{SigningKey, generate};
