//! Breaks files in every way at hand and verifies what is left: whatever the bytes are, there must be an answer,
//! soon, and no panic.
//!
//! `cargo run --release -p sdk-document --example fuzz -- SECONDS SEED FOLDER…` takes PDFs, CMS signatures,
//! timestamps, certificates, lists and responses from the folders. The same seed breaks them the same way. What
//! panics or takes long is written beside, named after its target, and the exit status is 1.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the terminal"
)]

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sdk_document::cms::{SignedData, Token};
use sdk_document::{Bytes, Certificate, Options, TrustAnchors, verify, verify_cms};
use sdk_pki::{Crl, OcspResponse};

/// What a file is given to.
#[derive(Clone, Copy, Debug)]
enum Target {
    Pdf,
    Cms,
    Certificate,
    Crl,
    Ocsp,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let number = |text: Option<String>| text.and_then(|t| t.parse::<u64>().ok());
    let (Some(seconds), Some(seed)) = (number(arguments.next()), number(arguments.next())) else {
        eprintln!("usage: fuzz SECONDS SEED FOLDER…");
        return ExitCode::from(2);
    };
    let mut seeds = Vec::new();
    arguments.for_each(|folder| collect(Path::new(&folder), &mut seeds));
    seeds.sort_by(|one, two| one.0.cmp(&two.0));
    if seeds.is_empty() {
        eprintln!("fuzz: no file to break in these folders");
        return ExitCode::from(2);
    }
    let (begin, mut chance, mut runs, mut found) = (Instant::now(), Chance(seed | 1), 0_u64, 0_u32);
    while begin.elapsed() < Duration::from_secs(seconds) && found < MOST_FINDINGS {
        let (Some((_, target, bytes)), Some((_, _, other))) = (chance.one_of(&seeds), chance.one_of(&seeds))
        else {
            break;
        };
        let broken = chance.broken(bytes, other);
        let started = Instant::now();
        let answered = catch_unwind(|| judge(*target, &broken)).is_ok();
        let took = started.elapsed();
        runs = runs.saturating_add(1);
        if !answered || took > SLOW {
            found = found.saturating_add(1);
            let path = format!("fuzz-{target:?}-{seed}-{runs}").to_lowercase();
            eprintln!(
                "{path}: {} after {took:?}",
                if answered { "slow" } else { "panicked" }
            );
            if let Err(error) = std::fs::write(&path, &broken) {
                eprintln!("{path}: {error}");
            }
        }
    }
    println!("{} files, {runs} broken, {found} findings", seeds.len());
    if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn judge(target: Target, bytes: &[u8]) {
    let options = || Options::new(TrustAnchors::new(), time::macros::datetime!(2026-11-21 12:00 UTC));
    match target {
        Target::Pdf => {
            let report = verify(Bytes::new(bytes), &options());
            // The other shapes of a report are made of the same strings.
            let _ = (report.to_xml(), report.sentence(sdk_document::Language::Es));
        }
        Target::Cms => {
            let _ = verify_cms(bytes, None::<Bytes>, &options());
            let _ = (SignedData::parse_padded(bytes), Token::parse(bytes));
        }
        Target::Certificate => {
            let _ = Certificate::from_der(bytes).map(|c| c.subject().to_string());
        }
        Target::Crl => {
            let _ = Crl::from_der(bytes);
        }
        Target::Ocsp => {
            let _ = OcspResponse::from_der(bytes);
        }
    }
}

/// Files that break quickly: a large one is broken seldom and tells no more.
fn collect(folder: &Path, into: &mut Vec<(PathBuf, Target, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
            continue;
        }
        let target = match path.extension().and_then(|e| e.to_str()) {
            Some("pdf") => Target::Pdf,
            Some("p7s" | "p7m" | "tst") => Target::Cms,
            Some("crt" | "cer" | "der") => Target::Certificate,
            Some("crl") => Target::Crl,
            Some("ors") => Target::Ocsp,
            _ => continue,
        };
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let base64: Vec<u8> = bytes
            .iter()
            .copied()
            .filter(|b| !b.is_ascii_whitespace())
            .collect();
        let bytes = data_encoding::BASE64.decode(&base64).unwrap_or(bytes);
        if (1..=LARGEST).contains(&bytes.len()) {
            into.push((path, target, bytes));
        }
    }
}

/// xorshift64*: the same seed, the same run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: usize) -> usize {
        let most = u64::try_from(most).unwrap_or(1).max(1);
        usize::try_from(self.next().checked_rem(most).unwrap_or(0)).unwrap_or(0)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// One to eight wounds.
    fn broken(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..self.below(8).saturating_add(1) {
            let at = self.below(out.len());
            let until = at.saturating_add(self.below(64)).min(out.len());
            match self.below(8) {
                0 | 1 => {
                    let bit = 1_u8 << self.below(8);
                    if let Some(byte) = out.get_mut(at) {
                        *byte ^= bit;
                    }
                }
                2 => drop(out.drain(at..until)),
                3 => {
                    let again = out.get(at..until).unwrap_or_default().to_vec();
                    drop(out.splice(at..at, again));
                }
                4 => {
                    let from = self.below(other.len());
                    let until = from.saturating_add(self.below(512)).min(other.len());
                    let piece = other.get(from..until).unwrap_or_default().to_vec();
                    drop(out.splice(at..at, piece));
                }
                5 => {
                    let token = self.one_of(&TOKENS).copied().unwrap_or_default();
                    drop(out.splice(at..until, token.iter().copied()));
                }
                6 => self.number(&mut out, at),
                _ => out.truncate(until.max(1)),
            }
        }
        out
    }

    /// The next digits of the file say something else.
    fn number(&mut self, out: &mut Vec<u8>, from: usize) {
        let rest = out.get(from..).unwrap_or_default();
        let Some(start) = rest.iter().position(u8::is_ascii_digit) else {
            return;
        };
        let digits = rest.iter().skip(start).take_while(|b| b.is_ascii_digit()).count();
        let start = from.saturating_add(start);
        let other = self.one_of(&NUMBERS).copied().unwrap_or_default();
        drop(out.splice(start..start.saturating_add(digits), other.bytes()));
    }
}

const NUMBERS: [&str; 9] = [
    "0",
    "1",
    "-1",
    "65535",
    "65536",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "99999999999999999999",
];

/// Words of both languages: PDF and DER.
const TOKENS: [&[u8]; 22] = [
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b"endobj",
    b"stream\n",
    b"endstream",
    b"xref\n",
    b"trailer",
    b"/Prev ",
    b"/Encrypt ",
    b"/Length ",
    b"/Kids[1 0 R]",
    b"1 0 R",
    b"/ByteRange[0 1 2 3]",
    b"#00",
    b"\x30\x80",
    b"\x00\x00",
    b"\x30\x84\xff\xff\xff\xff",
    b"\xff\xff\xff\xff",
];

/// Of the clock; what the service allows is two seconds of the processor's.
const SLOW: Duration = Duration::from_secs(10);
const LARGEST: usize = 256 << 10;
const MOST_FINDINGS: u32 = 20;
