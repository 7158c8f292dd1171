//! Figures: `cargo run --release -p tests --bin bench -- verify`.
fn main() {}
