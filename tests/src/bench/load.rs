//! Eight connections that ask as fast as they are answered, and what that cost the one who answered.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{cpu, wire::Wire};
use crate::browser::Trouble;

/// What one connection does again and again.
pub trait Act: Send {
    /// Once, over `wire`; wrong answers are errors.
    fn once(&mut self, wire: &mut Wire) -> Result<(), Trouble>;
}

impl<F: FnMut(&mut Wire) -> Result<(), Trouble> + Send> Act for F {
    fn once(&mut self, wire: &mut Wire) -> Result<(), Trouble> {
        self(wire)
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Acts per second of processor time of the measured process.
    pub per_cpu_second: f64,
    /// Acts per second of the clock.
    pub per_second: f64,
    /// Half of the acts took at most this long, in milliseconds.
    pub p50: f64,
    /// 99 of 100 took at most this long, in milliseconds.
    pub p99: f64,
    /// Resident memory of the measured process afterwards, in megabytes.
    pub rss: f64,
}

/// Lets each act run on a connection of its own, first to warm up and then for `lasting`.
pub fn measure(
    pid: u32,
    address: SocketAddr,
    acts: Vec<Box<dyn Act>>,
    lasting: Duration,
) -> Result<Measured, Trouble> {
    let (counting, stopping) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let threads: Vec<_> = acts
            .into_iter()
            .map(|act| {
                let (counting, stopping) = (&counting, &stopping);
                scope.spawn(move || repeat(act, address, counting, stopping))
            })
            .collect();
        std::thread::sleep(WARMING_UP);
        let before = cpu::used(pid)?;
        let begun = Instant::now();
        counting.store(true, Ordering::Relaxed);
        std::thread::sleep(lasting);
        counting.store(false, Ordering::Relaxed);
        let took = begun.elapsed();
        let used = cpu::used(pid)?.saturating_sub(before);
        let rss = cpu::resident(pid)?;
        stopping.store(true, Ordering::Relaxed);
        let mut latencies = Vec::new();
        for thread in threads {
            latencies.extend(thread.join().map_err(|_| "a driver thread panicked")??);
        }
        latencies.sort_unstable();
        let acts = f64::from(u32::try_from(latencies.len())?);
        Ok(Measured {
            per_cpu_second: acts / used.as_secs_f64(),
            per_second: acts / took.as_secs_f64(),
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
            rss: f64::from(u32::try_from(rss)?) / 1024.0,
        })
    })
}

/// The time of each act that ended while counting.
fn repeat(
    mut act: Box<dyn Act>,
    address: SocketAddr,
    counting: &AtomicBool,
    stopping: &AtomicBool,
) -> Result<Vec<Duration>, Trouble> {
    let mut wire = Wire::to(address)?;
    let mut latencies = Vec::with_capacity(1 << 16);
    while !stopping.load(Ordering::Relaxed) {
        let begun = Instant::now();
        act.once(&mut wire)?;
        if counting.load(Ordering::Relaxed) {
            latencies.push(begun.elapsed());
        }
    }
    Ok(latencies)
}

/// In milliseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = sorted.len().saturating_mul(percent) / 100;
    let found = sorted.get(at).or(sorted.last()).copied().unwrap_or_default();
    found.as_secs_f64() * 1000.0
}

/// Connections, as the figures are stated.
pub const CONNECTIONS: usize = 8;
/// Caches fill, the allocator settles, the journal finds its size.
const WARMING_UP: Duration = Duration::from_millis(700);
