//! `idp audit verify|checkpoint|export`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::{Problems, input};
use crate::{error::Fault, flow::audit_log, rules::time::Timestamp, service::Idp};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the hash chain and say whether a record was changed, removed, added or moved.
    Verify {
        /// A checkpoint that was published: records cut off the end are found by it.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
    },
    /// Sign the end of the chain, to be kept elsewhere.
    Checkpoint,
    /// Write records to standard output, the oldest first.
    Export(Export),
}

#[derive(Debug, Args)]
pub struct Export {
    /// From this day or moment on (2026-11-22, or as RFC 3339 writes it).
    #[arg(long)]
    since: Option<String>,
    /// Up to this day or moment, without it.
    #[arg(long)]
    until: Option<String>,
    /// One JSON object a line.
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::Verify { checkpoint } => verify(idp, checkpoint).await,
        Command::Checkpoint => {
            let signed = audit_log::checkpoint(idp).await.map_err(told)?;
            input::say(&format!("{signed}\n"));
            Ok(())
        }
        Command::Export(export) => self::export(idp, &export).await,
    }
}

async fn verify(idp: &Idp, checkpoint: Option<PathBuf>) -> Result<(), Problems> {
    let published = checkpoint
        .map(|file| {
            std::fs::read_to_string(&file).map_err(|error| vec![format!("{}: {error}", file.display())])
        })
        .transpose()?;
    match audit_log::verify(idp, published.as_deref()).await.map_err(told)? {
        Ok(head) => {
            println!("{} records, unbroken", head.seq);
            Ok(())
        }
        Err(broken) => Err(vec![broken.to_string()]),
    }
}

async fn export(idp: &Idp, export: &Export) -> Result<(), Problems> {
    let Format::Jsonl = export.format;
    let since = moment(export.since.as_deref(), "since", Timestamp(0))?;
    let until = moment(export.until.as_deref(), "until", Timestamp(i64::MAX))?;
    let mut after = 0;
    while let Some((text, last)) = audit_log::lines(idp, (since, until), after).await.map_err(told)? {
        input::say(&text);
        after = last;
    }
    Ok(())
}

/// A day (its beginning, UTC) or a moment.
fn moment(text: Option<&str>, flag: &str, otherwise: Timestamp) -> Result<Timestamp, Problems> {
    let Some(text) = text else { return Ok(otherwise) };
    day(text)
        .or_else(|| {
            let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            Some(Timestamp(moment.unix_timestamp()))
        })
        .ok_or_else(|| {
            vec![format!(
                "--{flag} {text}: write 2026-11-22 or 2026-11-22T13:00:00Z"
            )]
        })
}

/// The beginning of a day.
fn day(text: &str) -> Option<Timestamp> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    Some(Timestamp(date.midnight().assume_utc().unix_timestamp()))
}

fn told(fault: Fault) -> Problems {
    vec![fault.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_or_exact() {
        let read = |text| moment(Some(text), "since", Timestamp(0));
        assert_eq!(read("2026-11-22").unwrap(), Timestamp(1_795_305_600));
        assert_eq!(
            read("2026-11-22T01:00:00+01:00").unwrap(),
            Timestamp(1_795_305_600)
        );
        for bad in ["", "22-11-2026", "2026-13-01", "yesterday"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
