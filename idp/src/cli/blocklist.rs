//! `idp blocklist`: passwords that nobody may choose, made ready for looking up.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
};

use clap::Subcommand;

use super::Problems;
use crate::blocklist::{Progress, build};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build an index from lists of common passwords; name it in `passwords.blocklists`.
    Build {
        /// Where to write it. It appears whole, in place of an older one.
        #[arg(long)]
        out: PathBuf,
        /// One password a line, or SHA-1 digests as Have I Been Pwned publishes them.
        #[arg(required = true)]
        lists: Vec<PathBuf>,
    },
}

pub fn run(command: &Command) -> Result<(), Problems> {
    let Command::Build { out, lists } = command;
    let shown = std::io::stderr().is_terminal();
    let built = build(out, lists, |progress| {
        if shown {
            show(progress);
        }
    });
    if shown {
        eprintln!();
    }
    let built = built.map_err(|problem| vec![problem])?;
    println!(
        "{}: {} passwords of {} lines, {} skipped",
        out.display(),
        built.entries,
        built.lines,
        built.skipped
    );
    Ok(())
}

fn show(progress: Progress) {
    let what = if progress.merging { "writing" } else { "reading" };
    let hundredths = progress.done.saturating_mul(100);
    let percent = hundredths.checked_div(progress.of).unwrap_or(100).min(100);
    let filled = usize::try_from(percent / 5).unwrap_or(0);
    let bar = "#".repeat(filled);
    eprint!("\r{what} [{bar:<20}] {percent:>3} %");
    // A terminal that is gone does not stop the work.
    let _ = std::io::stderr().flush();
}
