//! Paths and evidence made for the occasion: everything in order, one thing broken, one answer
//! expected.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "what is made for a test is well made"
)]

mod asn1;
mod bounds;
mod chains;
mod gathering;
mod lists;
mod maker;
mod mutants;
mod responses;
mod work;
