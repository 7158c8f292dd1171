//! The house stays a house: arrows between crates, one TLS stack, and rooms that know only what they may.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who may use whom in the product (design: "Arrows").
const ARROWS: &[(&str, &[&str])] = &[
    ("sdk-jose", &[]),
    ("sdk-pki", &[]),
    ("sdk-document", &["sdk-pki"]),
    ("sdk-seen", &["sdk-document"]),
    ("sdk", &["sdk-jose", "sdk-document"]),
    ("idp", &["sdk-jose"]),
    ("signer", &["sdk", "sdk-document", "sdk-pki", "sdk-seen"]),
    ("keys-dev", &[]),
];

/// A second TLS stack, or one that needs more than a C compiler.
const BARRED: &[&str] = &[
    "openssl",
    "openssl-sys",
    "native-tls",
    "aws-lc-rs",
    "aws-lc-sys",
    "aws-lc-fips-sys",
    "boring",
    "boring-sys",
];

/// What each room of a service may not mention.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "rules",
        &[
            "async fn",
            ".await",
            "sqlx",
            "tokio",
            "axum",
            "reqwest",
            "SystemTime",
            "Instant::now",
            "now_utc",
            "SystemRandom",
            "std::fs",
            "TcpStream",
            "TcpListener",
            "ToSocketAddrs",
            "crate::flow",
            "crate::http",
            "crate::store",
            "crate::keys",
        ],
    ),
    ("flow", &["axum", "StatusCode", "crate::http"]),
    (
        "store",
        &["axum", "crate::flow", "crate::http", "crate::keys::signing"],
    ),
    (
        "keys",
        &["axum", "sqlx", "crate::flow", "crate::http", "crate::store"],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Dependencies inside the workspace, by crate: `dev` ones or those of the product.
fn arrows(metadata: &Value, dev: bool) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter(|p| p["source"].is_null())
        .map(|p| text(&p["name"]))
        .collect();
    packages
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| {
            let uses = package["dependencies"].as_array().unwrap().iter();
            let uses = uses.filter(|dependency| (text(&dependency["kind"]) == "dev") == dev);
            let uses = uses
                .map(|dependency| text(&dependency["name"]))
                .filter(|name| ours.contains(name));
            (
                text(&package["name"]).to_owned(),
                uses.map(str::to_owned).collect(),
            )
        })
        .collect()
}

/// Everything that reaches the product's binaries, by package name.
fn product_tree(metadata: &Value) -> BTreeSet<String> {
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (text(&p["id"]), text(&p["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut open: Vec<&str> = nodes
        .keys()
        .copied()
        .filter(|id| ARROWS.iter().any(|(name, _)| names[id] == *name))
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for edge in nodes[id]["deps"].as_array().unwrap() {
            if edge["dep_kinds"]
                .as_array()
                .unwrap()
                .iter()
                .any(|kind| text(&kind["kind"]) != "dev")
            {
                open.push(text(&edge["pkg"]));
            }
        }
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

/// Lines of code that mention what their room may not; comments and the tests below `#[cfg(test)]` do not count.
fn trespasses(source: &str, barred: &[&str]) -> Vec<String> {
    let product = source.split("#[cfg(test)]").next().unwrap_or_default();
    product
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .filter(|line| barred.iter().any(|word| line.contains(word)))
        .map(|line| line.trim().to_owned())
        .collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn product_crates_use_each_other_only_along_the_arrows() {
    let drawn: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for (name, uses) in arrows(&metadata(), false) {
        if name == "tests" {
            continue;
        }
        let allowed = drawn
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is not in the drawing"));
        for used in uses {
            assert!(
                allowed.contains(&used.as_str()),
                "{name} → {used} is not in the drawing"
            );
        }
    }
}

#[test]
fn nothing_but_tests_uses_the_services_or_keys_dev_even_for_testing() {
    for (name, uses) in arrows(&metadata(), true) {
        for used in uses {
            let service = ["idp", "signer", "keys-dev"].contains(&used.as_str());
            assert!(
                !service || name == "tests" || name == used,
                "{name} → {used}, for testing"
            );
        }
    }
}

#[test]
fn the_product_has_one_tls_stack() {
    let tree = product_tree(&metadata());
    assert!(
        tree.contains("ring") && tree.contains("rustls"),
        "the tree was not read"
    );
    let barred: Vec<_> = BARRED.iter().filter(|name| tree.contains(**name)).collect();
    assert!(barred.is_empty(), "{barred:?} reached the product");
}

#[test]
fn rooms_mention_only_what_they_may() {
    let mut found = Vec::new();
    for service in ["idp", "signer"] {
        for (room, barred) in ROOMS {
            let mut files = Vec::new();
            rust_files(&root().join(service).join("src").join(room), &mut files);
            assert!(!files.is_empty(), "{service} has no {room}");
            // By the house's habit these are declared under `#[cfg(test)]` and hold nothing else.
            files.retain(|file| !file.ends_with("tests.rs"));
            for file in files {
                for line in trespasses(&std::fs::read_to_string(&file).unwrap(), barred) {
                    found.push(format!(
                        "{}: {line}",
                        file.strip_prefix(root()).unwrap().display()
                    ));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_trespass_is_seen_and_a_comment_is_not() {
    let source = "// axum is not here\nuse axum::Router;\n#[cfg(test)]\nuse axum::Json;";
    assert_eq!(trespasses(source, &["axum"]), ["use axum::Router;"]);
}
