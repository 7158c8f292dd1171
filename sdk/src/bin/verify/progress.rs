//! One line that counts, for what takes a while: on a terminal, and nowhere else.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sdk::document::Progress;

/// A bar on standard error, if that is a terminal.
pub struct Bar {
    shows: bool,
    files: usize,
}

impl Bar {
    /// For this many files.
    pub fn new(files: usize) -> Self {
        Self {
            shows: std::io::stderr().is_terminal(),
            files,
        }
    }

    /// What to tell while the file of this number, counted from one, is read.
    pub fn file(&self, number: usize) -> Option<Progress> {
        let files = self.files;
        if !self.shows {
            return None;
        }
        if files >= MANY {
            say(&line(
                number.saturating_sub(1),
                files,
                &format!("{number}/{files}"),
            ));
        }
        let shown = AtomicU64::new(u64::MAX);
        Some(Arc::new(move |done, all| {
            let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
            if all >= LARGE && shown.swap(percent, Ordering::Relaxed) != percent {
                let percent = usize::try_from(percent).unwrap_or(100);
                say(&line(
                    percent,
                    100,
                    &format!("{percent:3} % of {} MB", all / 1_000_000),
                ));
            }
        }))
    }

    /// Makes room for what is printed.
    pub fn clear(&self) {
        if self.shows {
            say("\r\x1b[K");
        }
    }
}

/// `[#####     ] so far`
fn line(done: usize, all: usize, so_far: &str) -> String {
    let full = done
        .saturating_mul(WIDTH)
        .checked_div(all)
        .unwrap_or(WIDTH)
        .min(WIDTH);
    let (full, rest) = ("#".repeat(full), " ".repeat(WIDTH.saturating_sub(full)));
    format!("\r\x1b[K[{full}{rest}] {so_far}")
}

/// A terminal that went away needs no progress.
fn say(text: &str) {
    let mut terminal = std::io::stderr();
    let _ = terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush());
}

/// Half of a narrow terminal.
const WIDTH: usize = 40;
/// From this size on, a file takes a second or so.
const LARGE: u64 = 64 << 20;
/// From this many on, files take a second together, or will on a slow machine.
const MANY: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_work_is_done() {
        assert!(line(0, 4, "x").ends_with(&format!("[{}] x", " ".repeat(WIDTH))));
        assert!(line(1, 2, "x").contains(&format!("[{}{}]", "#".repeat(20), " ".repeat(20))));
        assert!(line(9, 4, "x").contains(&"#".repeat(WIDTH)));
        assert!(line(0, 0, "x").contains(&"#".repeat(WIDTH)));
    }
}
