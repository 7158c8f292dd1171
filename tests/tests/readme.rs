//! The table in the README of what is supported: each row names tests that exist.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

const README: &str = include_str!("../../README.md");

/// The rows of the table, as their cells.
fn rows() -> Vec<Vec<&'static str>> {
    let table = README.split("## What is supported").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_row_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    assert!(rows().len() > 20);
    for row in rows() {
        let tests: Vec<&str> = row.last().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "{row:?} names no test");
        for test in tests {
            assert!(root.join(test).exists(), "{row:?}: there is no {test}");
        }
    }
}
