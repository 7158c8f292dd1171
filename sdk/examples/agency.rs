//! A demo agency.
fn main() {}
