//! An OpenID provider: one credential for every agency.
fn main() {}
