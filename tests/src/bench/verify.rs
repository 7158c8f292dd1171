//! What the library needs to verify a document, beside pyHanko and this machine's own rates of SHA-256 and of ECDSA P-256
//! verification in the same run, so that figures of two machines can be compared. Times are the processor's:
//! a busy neighbour disturbs them little.

use std::hint::black_box;
use std::io::Write as _;
use std::time::Duration;

use keys_dev::hierarchy::KeyKind;
use ring::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use sdk_document::{Bytes, File, Options, Verdict, verify};
use sdk_pki::{Certificate, TrustAnchors};
use serde_json::{Value, json};

use super::sample::Signer;
use super::{checks, cpu, hostile, lists, pyhanko};
use crate::browser::Trouble;

/// Verifies documents made for the purpose, and prints JSON: one of 100 kB with a chain of three, one of a
/// gigabyte, and hostile ones.
///
/// # Errors
/// When a document cannot be made, or does not verify.
pub fn bench(seconds: u64) -> Result<(), Trouble> {
    let lasting = Duration::from_secs(seconds.max(1));
    let machine = machine(lasting)?;
    // The large one first: the peak of memory is this process's.
    let large = large(&machine)?;
    let mut told = json!({ "machine": machine.clone(), "one_gigabyte": large });
    for (name, authorities) in [("p256", KeyKind::P256), ("p384_authorities", KeyKind::P384)] {
        let signer = Signer::new(authorities, now())?;
        let mut file = Vec::new();
        signer.document(100_000, &mut |bytes| file.write_all(bytes))?;
        set(&mut told, name, document(&file, &signer.root, lasting, &machine)?);
    }
    set(&mut told, "checks", checks::bench()?);
    set(&mut told, "trusted_lists", lists::bench()?);
    set(&mut told, "hostile", hostile::bench("")?);
    println!("{told:#}");
    Ok(())
}

/// Verifies this file against this root, and prints JSON.
///
/// # Errors
/// When a file cannot be read.
pub fn bench_file(file: &str, root: &str, seconds: u64) -> Result<(), Trouble> {
    let lasting = Duration::from_secs(seconds.max(1));
    let anchors = TrustAnchors::load(root)?;
    let root = anchors.iter().next().ok_or("no root")?.certificate().clone();
    let machine = machine(lasting)?;
    let mut told = document(&std::fs::read(file)?, &root, lasting, &machine)?;
    set(&mut told, "machine", machine);
    println!("{told:#}");
    Ok(())
}

/// What each kind of check costs and what a document is charged for it, alone.
///
/// # Errors
/// When a key cannot be read.
pub fn bench_checks() -> Result<(), Trouble> {
    println!("{:#}", checks::bench()?);
    Ok(())
}

/// Trusted lists alone.
///
/// # Errors
/// When one cannot be made.
pub fn bench_lists() -> Result<(), Trouble> {
    println!("{:#}", lists::bench()?);
    Ok(())
}

/// The hostile files alone, those whose name has this in it.
///
/// # Errors
/// When a file cannot be made or measured.
pub fn bench_hostile(only: &str) -> Result<(), Trouble> {
    println!("{:#}", hostile::bench(only)?);
    Ok(())
}

/// Verifies one file against this root or folder of roots, and prints JSON with the time and the memory that this process took.
///
/// # Errors
/// When a file cannot be read.
pub fn alone(file: &str, root: &str) -> Result<(), Trouble> {
    let anchors = TrustAnchors::load(root)?;
    let file = File::open(file)?;
    let report = verify(file, &Options::new(anchors, now()));
    let own = std::process::id();
    let mut problems: Vec<&str> = report.problems.iter().map(|problem| problem.code).collect();
    problems.sort_unstable();
    problems.dedup();
    problems.truncate(MOST_TOLD);
    println!(
        "{}",
        json!({
            "verdict": report.verdict, "signatures": report.signatures.len(), "problems": problems, "file_bytes": report.file.size,
            "cpu_seconds": cpu::used(own)?.as_secs_f64(), "peak_memory_kb": cpu::peak(own)?,
        })
    );
    Ok(())
}

/// `first_time`: nothing is known of the authorities; `known_authorities`: as in a service, which has met them. The keys
/// of the authorities decide over the first: a signature on P-384 takes ring many times as long as one on P-256.
fn document(file: &[u8], root: &Certificate, lasting: Duration, machine: &Value) -> Result<Value, Trouble> {
    let fresh = || Options::new([root.clone()].into_iter().collect(), now());
    let bytes = Bytes::new(file);
    let options = fresh();
    let verdict = verify(bytes.clone(), &options).verdict;
    let first_time = rate(lasting, || {
        black_box(verify(bytes.clone(), &fresh()));
    })?;
    let known = rate(lasting, || {
        black_box(verify(bytes.clone(), &options));
    })?;
    Ok(json!({
        "file_bytes": file.len(), "verdict": verdict, "root_key": root.public_key().to_string(),
        "first_time_per_cpu_second": first_time.round(),
        "three_p256_and_one_digest_per_cpu_second": bare(machine, file.len()).map(f64::round),
        "known_authorities_per_cpu_second": known.round(),
        "pyhanko_per_cpu_second": pyhanko::rate(file, root, lasting)?,
    }))
}

/// What the cryptography alone would allow here, if a chain of three is all on P-256: its anchor is believed, so the
/// document's signature and two certificates are left (RFC 5280 §6.1), beside one digest of the file.
fn bare(machine: &Value, bytes: usize) -> Option<f64> {
    let megabytes = f64::from(u32::try_from(bytes).ok()?) / 1e6;
    let signatures = 3.0 / machine["ecdsa_p256_verify_per_cpu_second"].as_f64()?;
    let digest = megabytes / machine["sha256_mb_per_cpu_second"].as_f64()?;
    Some(1.0 / (signatures + digest))
}

fn large(machine: &Value) -> Result<Value, Trouble> {
    let path = std::env::temp_dir().join(format!("aval-bench-{}.pdf", std::process::id()));
    let result = measure_large(&path, machine);
    let _ = std::fs::remove_file(&path);
    result
}

fn measure_large(path: &std::path::Path, machine: &Value) -> Result<Value, Trouble> {
    let signer = Signer::new(KeyKind::P256, now())?;
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    signer.document(1_000_000_000, &mut |bytes| out.write_all(bytes))?;
    out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
    let file = File::open(path)?;
    let options = Options::new([signer.root].into_iter().collect(), now());
    let before = cpu::used(std::process::id())?;
    let report = verify(file, &options);
    let took = cpu::used(std::process::id())?
        .saturating_sub(before)
        .as_secs_f64();
    if report.verdict != Verdict::Valid {
        return Err(format!("the large document does not verify: {:?}", report.problems).into());
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::as_conversions,
        reason = "a figure for people"
    )]
    let rate = report.file.size as f64 / 1e6 / took;
    let share = machine["sha256_mb_per_cpu_second"].as_f64().map(|raw| rate / raw);
    Ok(json!({
        "file_bytes": report.file.size, "cpu_seconds": took, "mb_per_cpu_second": rate.round(),
        "share_of_sha256": share, "peak_memory_kb": cpu::peak(std::process::id())?,
    }))
}

/// What nobody can beat here.
fn machine(lasting: Duration) -> Result<Value, Trouble> {
    let megabyte = vec![0x5a_u8; 1_000_000];
    let hashing = rate(lasting, || {
        black_box(ring::digest::digest(&ring::digest::SHA256, &megabyte));
    })?;
    let (key, signed) = ecdsa()?;
    let checking = rate(lasting, || {
        let public = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, key.public_key());
        black_box(public.verify(MESSAGE, &signed).is_ok());
    })?;
    Ok(json!({
        "sha256_mb_per_cpu_second": hashing.round(), "ecdsa_p256_verify_per_cpu_second": checking.round(),
    }))
}

/// Times per second of processor time, over at least this long.
fn rate(lasting: Duration, mut act: impl FnMut()) -> Result<f64, Trouble> {
    let own = std::process::id();
    let (start, mut times) = (cpu::used(own)?, 0_u32);
    loop {
        for _ in 0..TURNS {
            act();
        }
        times = times.saturating_add(TURNS);
        let used = cpu::used(own)?.saturating_sub(start);
        if used >= lasting {
            return Ok(f64::from(times) / used.as_secs_f64());
        }
    }
}

fn set(told: &mut Value, name: &str, value: Value) {
    if let Some(map) = told.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

fn ecdsa() -> Result<(EcdsaKeyPair, Vec<u8>), Trouble> {
    let (kind, chance) = (
        &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        ring::rand::SystemRandom::new(),
    );
    let unexpected = |_| "ring made no key";
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &chance).map_err(unexpected)?;
    let key = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &chance)?;
    let signed = key.sign(&chance, MESSAGE).map_err(unexpected)?.as_ref().to_vec();
    Ok((key, signed))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bench's one clock: certificates are judged as of now"
)]
pub(super) fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

/// Between two looks at the kernel's counter, which counts hundredths of a second.
const TURNS: u32 = 20;

/// Problems that the report of a hostile file names.
const MOST_TOLD: usize = 10;

const MESSAGE: &[u8] =
    b"as long as a signed attribute set, about: 0123456789 0123456789 0123456789 0123456789 0123456789";
