//! How long the library takes to verify a file, beside this machine's own rates of SHA-256 and of ECDSA P-256
//! verification in the same run, so that figures of two machines can be compared.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ring::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use sdk_document::{Bytes, Options, verify};
use sdk_pki::TrustAnchors;

use crate::browser::Trouble;

/// Verifies `file` against `root` for at least `seconds`, and prints JSON.
///
/// # Errors
/// When a file cannot be read.
pub fn bench(file: &str, root: &str, seconds: u64) -> Result<(), Trouble> {
    let lasting = Duration::from_secs(seconds.max(1));
    let bytes = std::fs::read(file)?;
    let options = Options::new(TrustAnchors::load(root)?, now());
    let verdict = verify(Bytes::new(bytes.clone()), &options).verdict;

    let verifying = rate(lasting, || {
        black_box(verify(Bytes::new(bytes.clone()), &options));
    });
    let megabyte = vec![0x5a_u8; 1 << 20];
    let hashing = rate(lasting, || {
        black_box(ring::digest::digest(&ring::digest::SHA256, &megabyte));
    });
    let (key, signed) = ecdsa()?;
    let checking = rate(lasting, || {
        let public = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, key.public_key());
        black_box(public.verify(MESSAGE, &signed).is_ok());
    });
    let told = serde_json::json!({
        "file_bytes": bytes.len(), "verdict": verdict,
        "verify_ms": 1000.0 / verifying, "verify_per_second": verifying,
        "sha256_mb_per_second": hashing, "ecdsa_p256_verify_per_second": checking,
    });
    println!("{told:#}");
    Ok(())
}

/// Times per second, over at least this long, on one thread.
fn rate(lasting: Duration, mut act: impl FnMut()) -> f64 {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < lasting {
        act();
        times = times.saturating_add(1);
    }
    f64::from(times) / start.elapsed().as_secs_f64()
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
fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

const MESSAGE: &[u8] =
    b"as long as a signed attribute set, about: 0123456789 0123456789 0123456789 0123456789 0123456789";
