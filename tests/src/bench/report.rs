//! What was measured, as a table for people and as JSON for machines.

use serde_json::{Value, json};

use super::{
    limits::Limits,
    load::Measured,
    scenarios::{Scenario, Wanted},
};

/// One scenario's row: this program, the one it is compared with, another provider.
pub struct Row {
    /// Which.
    pub scenario: Scenario,
    /// What this program reached; `None` where it does not offer it.
    pub now: Option<Measured>,
    /// What the program before reached.
    pub before: Option<Measured>,
    /// What npm `oidc-provider` reached.
    pub peer: Option<Measured>,
}

impl Row {
    /// What cannot be beaten on this machine.
    fn limit(&self, limits: &Limits) -> f64 {
        let (requests, es256, rs256) = self.scenario.costs;
        limits.of(requests, es256, rs256)
    }

    /// What should be reached.
    fn wanted(&self, limits: &Limits) -> f64 {
        match self.scenario.wanted {
            Wanted::AtLeast(figure) => figure,
            Wanted::OfSignatures(part) => part * limits.rs256,
        }
    }
}

/// For people.
pub fn print(limits: &Limits, rows: &[Row], load: f64) {
    println!("Per second of processor time of the service, one core, eight connections.");
    println!(
        "This machine: empty axum handler {:.0}, ES256 {:.0}, RS256 {:.0}; durable SQLite commits {:.0} per second of the \
         clock; load {load:.1} by others when this began.\n",
        limits.empty_handler, limits.es256, limits.rs256, limits.commits
    );
    println!(
        "{:<26}{:>9}{:>9}{:>8}{:>9}{:>9}{:>8}{:>9}{:>9}{:>10}{:>9}",
        "", "reached", "wanted", "", "limit", "per s", "RSS MB", "p50 ms", "p99 ms", "before", "npm"
    );
    for row in rows {
        let Some(now) = row.now else {
            println!("{:<26}{:>9}", row.scenario.name, "-");
            continue;
        };
        let (wanted, limit) = (row.wanted(limits), row.limit(limits));
        let reached = if now.per_cpu_second >= wanted { "yes" } else { "no" };
        let beside = |other: Option<Measured>| {
            other.map_or_else(String::new, |other| {
                format!("×{:.1}", now.per_cpu_second / other.per_cpu_second)
            })
        };
        println!(
            "{:<26}{:>9.0}{:>9.0}{:>8}{:>9.0}{:>9.0}{:>8.1}{:>9.2}{:>9.2}{:>10}{:>9}",
            row.scenario.name,
            now.per_cpu_second,
            wanted,
            reached,
            limit,
            now.per_second,
            now.rss,
            now.p50,
            now.p99,
            beside(row.before),
            beside(row.peer),
        );
    }
}

/// For machines.
pub fn json(limits: &Limits, rows: &[Row], load: f64) -> Value {
    let told = |measured: Option<Measured>| {
        measured.map(|m| {
            json!({
                "per_cpu_second": m.per_cpu_second, "per_second": m.per_second,
                "p50_ms": m.p50, "p99_ms": m.p99, "rss_mb": m.rss,
            })
        })
    };
    let scenarios: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.scenario.name, "wanted": row.wanted(limits), "limit": row.limit(limits),
                "now": told(row.now), "before": told(row.before), "npm_oidc_provider": told(row.peer),
            })
        })
        .collect();
    json!({
        "limits": {
            "empty_handler_per_cpu_second": limits.empty_handler,
            "es256_per_cpu_second": limits.es256,
            "rs256_per_cpu_second": limits.rs256,
            "durable_commits_per_second": limits.commits,
        },
        "load_by_others": load,
        "scenarios": scenarios,
    })
}
