//! What a check of each kind costs on this machine, beside what [`Effort`] charges for it: a budget that charges too
//! little lets a document take longer than it may.

use std::hint::black_box;

use sdk_pki::der;
use sdk_pki::{AlgorithmIdentifier, DigestAlgorithm, Effort, PublicKey, SignatureAlgorithm};
use serde_json::{Value, json};

use super::cpu;
use super::keys::{self, Kind};
use crate::browser::Trouble;

/// A line for each kind of key, in verifications of ECDSA P-256: `costs` is measured, `charged` is what the budget
/// takes, `share` the first of the second. Below one the budget is on the safe side.
///
/// # Errors
/// When a key cannot be read, or the kernel's counter.
pub fn bench() -> Result<Value, Trouble> {
    let mut unit = None;
    let mut told = Vec::new();
    for kind in keys::all()? {
        let check = Check::of(&kind)?;
        let took = seconds(|| check.run())?;
        let unit = *unit.get_or_insert(took);
        told.push(line(kind.name, took / unit, check.charged(), took));
        // As for a document that is signed directly, of which only the digest is at hand.
        if let Some(took) = check.over_digest()? {
            let name = format!("{}, over a digest", kind.name);
            let charged = Effort::over_digest(&check.key);
            told.push(line(&name, took / unit, charged, took));
        }
    }
    let unit = unit.ok_or("no key")?;
    let long = vec![0x5a_u8; 10_000_000];
    for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
        let took = seconds(|| {
            black_box(digest.of(&long));
        })?;
        let charged = Effort::digest(long.len());
        told.push(line(&format!("{digest} of 10 MB"), took / unit, charged, took));
    }
    let most = told.iter().max_by(|one, two| share(one).total_cmp(&share(two)));
    Ok(json!({ "unit": "verifications of ECDSA P-256", "most_undercharged": most, "kinds": told }))
}

fn line(name: &str, costs: f64, charged: Effort, took: f64) -> Value {
    let charged = f64::from(u32::try_from(charged.thousandths()).unwrap_or(u32::MAX)) / 1e3;
    let rounded = |figure: f64| (figure * 1e3).round() / 1e3;
    json!({
        "kind": name, "costs": rounded(costs), "charged": rounded(charged), "share": rounded(costs / charged),
        "microseconds": (took * 1e6).round(),
    })
}

fn share(line: &Value) -> f64 {
    line["share"].as_f64().unwrap_or(f64::MAX)
}

struct Check {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
}

impl Check {
    fn of(kind: &Kind) -> Result<Self, Trouble> {
        let identifier = AlgorithmIdentifier::parse(&der::whole(&kind.algorithm, der::SEQUENCE)?)?;
        Ok(Self {
            key: PublicKey::parse(&der::whole(&kind.key, der::SEQUENCE)?)?,
            algorithm: SignatureAlgorithm::from_identifier(&identifier)?,
            value: kind.value.clone(),
        })
    }

    fn run(&self) {
        let _ = black_box(self.algorithm.verify(&self.key, &MESSAGE, &self.value));
    }

    fn charged(&self) -> Effort {
        Effort::signature(self.algorithm, &self.key, MESSAGE.len())
    }

    /// Seconds; none for what signs no digests.
    fn over_digest(&self) -> Result<Option<f64>, Trouble> {
        let Some(digest) = self.algorithm.digest() else {
            return Ok(None);
        };
        let digest = digest.of(&MESSAGE);
        seconds(|| {
            let _ = black_box(self.algorithm.verify_digest(&self.key, &digest, &self.value));
        })
        .map(Some)
    }
}

/// Of processor time for one act.
fn seconds(mut act: impl FnMut()) -> Result<f64, Trouble> {
    let own = std::process::id();
    let (start, mut times) = (cpu::used(own)?, 0_u32);
    loop {
        act();
        times = times.saturating_add(1);
        // The kernel is asked seldom: asking takes as long as a quick check.
        if times.is_power_of_two() || times.is_multiple_of(1024) {
            let used = cpu::used(own)?.saturating_sub(start);
            if used >= LONG_ENOUGH {
                return Ok(used.as_secs_f64() / f64::from(times));
            }
        }
    }
}

/// The kernel counts hundredths of a second.
const LONG_ENOUGH: std::time::Duration = std::time::Duration::from_millis(300);
/// As long as a signed attribute set, about.
const MESSAGE: [u8; 100] = [0x5a; 100];
