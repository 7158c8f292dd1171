//! Verifies signed documents, offline.
fn main() {}
