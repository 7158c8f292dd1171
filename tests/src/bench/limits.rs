//! What this machine allows: the same work without the service around it.

use std::{
    hint::black_box,
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};

use super::{
    cpu,
    load::{Act, CONNECTIONS, measure},
    wire::{Wire, get},
};
use crate::browser::Trouble;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests to an empty axum handler, per second of processor time.
    pub empty_handler: f64,
    /// ES256 signatures by ring, per second of processor time.
    pub es256: f64,
    /// RS256 signatures (2048 bits) by ring, per second of processor time.
    pub rs256: f64,
    /// Durable SQLite commits of one small row, one connection, per second of the clock.
    pub commits: f64,
}

impl Limits {
    /// Measures them all. `folder` is where the service has its database, `rsa` a private key (PKCS#8 or PKCS#1).
    pub fn measure(folder: &Path, rsa: &[u8], lasting: Duration) -> Result<Self, Trouble> {
        Ok(Self {
            empty_handler: handler(lasting)?,
            es256: es256(lasting)?,
            rs256: rs256(rsa, lasting)?,
            commits: commits(&folder.join("limit.db"), lasting)?,
        })
    }

    /// What so many requests and signatures cannot be faster than, per second of processor time.
    #[must_use]
    pub fn of(&self, requests: f64, es256: f64, rs256: f64) -> f64 {
        1.0 / (requests / self.empty_handler + es256 / self.es256 + rs256 / self.rs256)
    }
}

/// Serves one empty handler and tells its port on standard output; the bench starts itself so.
///
/// # Errors
/// When no port can be had.
pub fn empty_handler() -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "" }));
        Ok(axum::serve(listener, router).await?)
    })
}

fn handler(lasting: Duration) -> Result<f64, Trouble> {
    let mut child = cpu::on_core(cpu::SERVER, &std::env::current_exe()?)
        .arg("empty-handler")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let told = child.stdout.take().ok_or("no output")?;
    BufReader::new(told).read_line(&mut line)?;
    let request = get("/", &[]);
    let acts = (0..CONNECTIONS).map(|_| {
        let request = request.clone();
        let act: Box<dyn Act> = Box::new(move |wire: &mut Wire| wire.ask(&request)?.expect(200).map(|_| ()));
        act
    });
    let measured = measure(child.id(), line.trim().parse()?, acts.collect(), lasting);
    child.kill()?;
    child.wait()?;
    Ok(measured?.per_cpu_second)
}

fn es256(lasting: Duration) -> Result<f64, Trouble> {
    let (kind, chance) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &chance).map_err(|_| "ring made no key")?;
    let key = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &chance)?;
    rate(lasting, || {
        black_box(key.sign(&chance, MESSAGE).map_err(|_| "ring did not sign")?);
        Ok(())
    })
}

fn rs256(rsa: &[u8], lasting: Duration) -> Result<f64, Trouble> {
    let (key, chance) = (
        RsaKeyPair::from_pkcs8(rsa).or_else(|_| RsaKeyPair::from_der(rsa))?,
        SystemRandom::new(),
    );
    let mut signature = vec![0; key.public().modulus_len()];
    rate(lasting, || {
        key.sign(&RSA_PKCS1_SHA256, &chance, MESSAGE, &mut signature)
            .map_err(|_| "ring did not sign")?;
        Ok(())
    })
}

/// Times per second of this process's processor time.
fn rate(lasting: Duration, mut act: impl FnMut() -> Result<(), Trouble>) -> Result<f64, Trouble> {
    let own = std::process::id();
    let (before, begun, mut times) = (cpu::used(own)?, Instant::now(), 0_u32);
    while begun.elapsed() < lasting {
        act()?;
        times = times.saturating_add(1);
    }
    let used = cpu::used(own)?.saturating_sub(before);
    Ok(f64::from(times) / used.as_secs_f64())
}

/// Argon2id as the service runs it (19 MiB, two passes, one lane), in memory that is there already, per second of
/// processor time.
pub fn argon2id(lasting: Duration) -> Result<f64, Trouble> {
    let told = |problem: argon2::Error| problem.to_string();
    let params = Params::new(19 * 1024, 2, 1, None).map_err(told)?;
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    rate(lasting, || {
        argon2
            .hash_password_into_with_memory(MESSAGE, &[7; 16], &mut out, &mut memory)
            .map_err(told)?;
        black_box(&out);
        Ok(())
    })
}

fn commits(file: &Path, lasting: Duration) -> Result<f64, Trouble> {
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)",
    )?;
    let mut insert = connection.prepare("INSERT INTO t (v) VALUES (?1)")?;
    let (begun, mut times) = (Instant::now(), 0_u32);
    while begun.elapsed() < lasting {
        insert.execute(["as small as a token's digest"])?;
        times = times.saturating_add(1);
    }
    Ok(f64::from(times) / begun.elapsed().as_secs_f64())
}

/// As long as an id token's claims.
const MESSAGE: &[u8] = &[0x5a; 400];
