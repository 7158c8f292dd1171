//! The passwords that nobody may choose, as many as the great collections hold: an index on disk, asked one by one.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    time::Instant,
};

use idp::{
    blocklist::{Blocklist, build},
    rules::password::{Common, Typed},
};

use super::crowd::Names;
use crate::{bench::cpu, browser::Trouble};

/// What asking costs.
#[derive(Debug)]
pub struct Asking {
    /// Microseconds of the clock for one password, on average, when the pages of the index are in the kernel's memory.
    pub microseconds: f64,
    /// How many megabytes the process grew by since before the index was opened.
    pub megabytes: f64,
}

/// Builds an index of so many entries in `folder` and asks it for passwords, of which few are there.
pub fn ask(folder: &Path, entries: u32) -> Result<Asking, Trouble> {
    let (digests, words, index) = (
        folder.join("digests.txt"),
        folder.join("words.txt"),
        folder.join("words.idx"),
    );
    let mut names = Names::new();
    let mut list = BufWriter::new(File::create(&digests)?);
    for _ in 0..entries {
        let (name, more) = (names.next(), names.half() >> 32);
        writeln!(list, "{name:032X}{more:08X}:1")?;
    }
    list.flush()?;
    let listed: Vec<String> = (0..FEW).map(|nth| format!("frase de la lista {nth}")).collect();
    std::fs::write(&words, listed.join("\n"))?;
    build(&index, &[digests, words], |_| {})?;

    let before = cpu::resident(std::process::id())?;
    let blocklist = Blocklist::open(&[index])?;
    let others = (0..MANY).map(|nth| format!("frase de nadie {nth}"));
    let asked: Result<Vec<Typed>, _> = listed
        .iter()
        .cloned()
        .chain(others)
        .map(|text| Typed::read(&text))
        .collect();
    let asked = asked.map_err(|problem| format!("{problem:?}"))?;
    let (begun, mut found) = (Instant::now(), 0_u32);
    for typed in &asked {
        let common = blocklist.lists(typed).map_err(|fault| fault.to_string())?;
        found = found.saturating_add(u32::from(common == Common::Listed));
    }
    let lasted = begun.elapsed().as_secs_f64();
    if found != FEW {
        return Err(format!("{found} of {FEW} were found").into());
    }
    let grown = cpu::resident(std::process::id())?.saturating_sub(before);
    Ok(Asking {
        microseconds: lasted * 1e6 / f64::from(u32::try_from(asked.len())?),
        megabytes: f64::from(u32::try_from(grown)?) / 1024.0,
    })
}

/// Of the list.
const FEW: u32 = 1_000;
/// Not of the list.
const MANY: u32 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_list_is_found_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("aval-words-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let asking = ask(&folder, 10_000);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(asking.unwrap().microseconds > 0.0);
    }
}
