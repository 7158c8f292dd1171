//! `idp client …`: agencies' clients, and who may register their own.

mod change;
mod create;
mod show;
mod token;

use clap::Subcommand;
use serde_json::Value;

use super::{Problems, input};
use crate::{error::Error, service::Idp};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register one client by flags, or one or many from JSON (RFC 7591 names).
    Create(Box<create::Create>),
    /// Show every client.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Show everything that one client registered.
    Show {
        /// Its client_id.
        id: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Change what a client registered.
    Update(change::Update),
    /// Give a client another secret; the one before stays good for a while.
    RotateSecret(change::Rotate),
    /// Forbid a client everything, at once: logins, tokens, refreshing.
    Disable(change::Named),
    /// Allow a disabled client again.
    Enable(change::Named),
    /// Let agencies register their own clients (RFC 7591).
    #[command(subcommand)]
    Token(token::Command),
}

pub async fn run(idp: &Idp, command: Command) -> Result<(), Problems> {
    match command {
        Command::Create(create) => create::run(idp, *create).await,
        Command::List { json } => show::list(idp, json).await,
        Command::Show { id, json } => show::one(idp, id, json).await,
        Command::Update(update) => change::update(idp, &update).await,
        Command::RotateSecret(rotate) => change::rotate(idp, &rotate).await,
        Command::Disable(named) => change::disable(idp, &named).await,
        Command::Enable(named) => change::enable(idp, &named).await,
        Command::Token(command) => token::run(idp, command).await,
    }
}

/// What went wrong, as one sentence.
fn sentence<R: std::fmt::Display>(error: Error<R>) -> Problems {
    match error {
        Error::Refused(refused) => vec![refused.to_string()],
        Error::Fault(fault) => vec![fault.to_string()],
    }
}

/// A text field of what is told, or nothing.
fn text<'a>(told: &'a Value, name: &str) -> &'a str {
    told.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Columns as wide as their widest cell.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            table(&[row(["a", "Ñandú", "x"]), row(["bb", "c", ""])]),
            "a   Ñandú  x\nbb  c\n"
        );
    }
}
