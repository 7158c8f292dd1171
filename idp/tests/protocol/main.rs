//! What clients speak, over the whole router: a valid story, then one thing broken per test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails by panicking"
)]

mod agency;
mod assertion;
mod assurance;
mod audience;
#[expect(
    clippy::arithmetic_side_effects,
    reason = "shared with the tests of what people do, which use all of it"
)]
#[path = "../people/authenticator.rs"]
mod authenticator;
mod authorize;
mod backchannel;
#[expect(
    clippy::expect_used,
    dead_code,
    reason = "shared with the tests of what people do, which use all of it"
)]
#[path = "../people/browser.rs"]
mod browser;
mod claims;
mod claveunica;
mod client_credentials;
mod closing;
mod code;
mod collisions;
mod device;
mod discovery;
mod dpop;
mod exchange;
mod fapi;
mod freezing;
mod frontchannel;
mod headers;
mod highest;
mod hostile;
mod introspection;
mod keys;
mod limits;
mod logout;
#[path = "../people/maker.rs"]
mod maker;
mod mtls;
mod operator;
#[path = "../store/postgres.rs"]
mod postgres;
mod protected;
mod pushed;
mod redirect;
mod refresh;
mod register;
mod request_object;
mod resources;
mod response;
mod session_management;
mod signing;
mod throttle;
mod token;
mod world;
