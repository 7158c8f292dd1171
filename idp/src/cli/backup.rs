//! `idp backup`.

use std::path::PathBuf;

use clap::Args;

use super::Problems;
use crate::store::backup::{Copied, copy};

#[derive(Debug, Args)]
pub struct Backup {
    /// The new file; one that exists is left alone.
    #[arg(long)]
    to: PathBuf,
}

pub fn run(database: &str, asked: &Backup) -> Result<(), Problems> {
    let to = asked.to.display();
    match copy(database, &asked.to) {
        Ok(Copied::Whole) => {
            println!(
                "{to}: whole and sound\n(it is worth nothing without the sealing key: keep that too, and elsewhere)"
            );
            Ok(())
        }
        Ok(Copied::Elsewhere) => Err(vec![
            "database: this is a PostgreSQL; copy it with pg_dump, or keep its write-ahead log".to_owned(),
        ]),
        Err(fault) => Err(vec![format!("{to}: {fault}")]),
    }
}
