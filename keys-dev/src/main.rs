//! A throw-away PKI, people and agencies; up runs the whole stack.
fn main() {}
