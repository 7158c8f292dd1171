//! Building an index from lists of any size: sorted runs on disk, then one merge, in memory that does not grow with them.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use ring::digest;

use super::index::{DIGEST, ENTRY, HEAD, Row, Shape, check, wide};
use crate::rules::password::Prefix;

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Different passwords.
    pub entries: u64,
    /// Lines that were read.
    pub lines: u64,
    /// Lines that are no text or longer than any password.
    pub skipped: u64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the lists that were read, then entries that were written.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// The lists are read; what is left is the merge.
    pub merging: bool,
}

/// Builds an index from lists: one password a line, or SHA-1 digests in hexadecimal with a count after a colon, as
/// Have I Been Pwned publishes them. The first line of a list says which. `out` appears whole or not at all.
///
/// # Errors
/// One sentence that names the file, and the line where there is one.
pub fn build(out: &Path, lists: &[PathBuf], mut tell: impl FnMut(Progress)) -> Result<Built, String> {
    let mut runs = Runs::new(out);
    let mut total = 0_u64;
    for list in lists {
        let length = std::fs::metadata(list).map_err(|error| told(list, error))?.len();
        total = total.saturating_add(length);
    }
    let (mut lines, mut skipped, mut done) = (0_u64, 0_u64, 0_u64);
    for list in lists {
        let mut lines_of = Lines::open(list)?;
        while let Some(read) = lines_of.next()? {
            lines = lines.saturating_add(1);
            match read {
                Some(prefix) => runs.push(prefix)?,
                None => skipped = skipped.saturating_add(1),
            }
            if lines.is_multiple_of(TELL_EVERY) {
                let done = done.saturating_add(lines_of.bytes);
                tell(Progress {
                    done,
                    of: total,
                    merging: false,
                });
            }
        }
        done = done.saturating_add(lines_of.bytes);
    }
    runs.flush()?;
    let entries = write(out, &runs, &mut tell)?;
    Ok(Built {
        entries,
        lines,
        skipped,
    })
}

/// The lines of one list, as prefixes.
struct Lines<'a> {
    list: &'a Path,
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
    digests: bool,
}

impl<'a> Lines<'a> {
    fn open(list: &'a Path) -> Result<Self, String> {
        let file = File::open(list).map_err(|error| told(list, error))?;
        Ok(Self {
            list,
            reader: BufReader::with_capacity(BUFFER, file),
            line: Vec::new(),
            number: 0,
            bytes: 0,
            digests: false,
        })
    }

    /// The next line that is not empty; `Some(None)` is one to skip.
    fn next(&mut self) -> Result<Option<Option<Prefix>>, String> {
        loop {
            let Some(whole) = self.read()? else {
                return Ok(None);
            };
            let line = self.line.trim_ascii_end();
            if whole && line.is_empty() {
                continue;
            }
            if !whole {
                return Ok(Some(None));
            }
            let digest = hexadecimal(line);
            if self.number == 1 {
                self.digests = digest.is_some();
            }
            if self.digests && digest.is_none() {
                let problem = format!("line {}: not a SHA-1 digest as the first line is", self.number);
                return Err(told(self.list, problem));
            }
            // A word is what its whole line says, spaces at its end included.
            let word = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            let word = word.strip_suffix(b"\r").unwrap_or(word);
            let prefix = match digest {
                Some(prefix) if self.digests => Some(prefix),
                _ => std::str::from_utf8(word).ok().map(Prefix::of_word),
            };
            return Ok(Some(prefix));
        }
    }

    /// Reads a line into `line`; false when it is longer than any password, and skipped whole.
    fn read(&mut self) -> Result<Option<bool>, String> {
        self.line.clear();
        let limit = wide(LONGEST_LINE);
        let failed = |error| told(self.list, error);
        let mut bounded = self.reader.by_ref().take(limit);
        let count = bounded.read_until(b'\n', &mut self.line).map_err(failed)?;
        if count == 0 {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        self.bytes = self.bytes.saturating_add(wide(count));
        if self.line.ends_with(b"\n") || count < LONGEST_LINE {
            return Ok(Some(true));
        }
        let rest = self.reader.skip_until(b'\n').map_err(failed)?;
        self.bytes = self.bytes.saturating_add(wide(rest));
        Ok(Some(false))
    }
}

/// `40 hexadecimal digits`, or the same with `:count`.
fn hexadecimal(line: &[u8]) -> Option<Prefix> {
    let (digits, count) = match line.iter().position(|byte| *byte == b':') {
        Some(at) => (line.get(..at)?, line.get(at.checked_add(1)?..)?),
        None => (line, b"".as_slice()),
    };
    if !count.iter().all(u8::is_ascii_digit) || digits.len() != 40 {
        return None;
    }
    let digest = data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?;
    digest
        .first_chunk()
        .map(|first| Prefix(u64::from_be_bytes(*first)))
}

/// Sorted runs beside the index, removed when they are done with.
struct Runs {
    out: PathBuf,
    files: Vec<PathBuf>,
    current: Vec<Prefix>,
    total: u64,
}

impl Runs {
    fn new(out: &Path) -> Self {
        Self {
            out: out.to_owned(),
            files: Vec::new(),
            current: Vec::new(),
            total: 0,
        }
    }

    fn push(&mut self, prefix: Prefix) -> Result<(), String> {
        self.current.push(prefix);
        if self.current.len() >= IN_A_RUN {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), String> {
        self.current.sort_unstable();
        self.current.dedup();
        let file = beside(&self.out, &format!("run{}", self.files.len()));
        self.files.push(file.clone());
        let wrong = |error| told(&file, error);
        let mut writer = BufWriter::with_capacity(BUFFER, create(&file)?);
        for prefix in &self.current {
            writer.write_all(&prefix.0.to_be_bytes()).map_err(wrong)?;
        }
        writer.flush().map_err(wrong)?;
        self.total = self.total.saturating_add(wide(self.current.len()));
        self.current.clear();
        Ok(())
    }

    /// Every prefix of every run, in order.
    fn merged(&self) -> Result<Merged<'_>, String> {
        let mut merged = Merged {
            runs: Vec::new(),
            heap: BinaryHeap::new(),
        };
        for (at, file) in self.files.iter().enumerate() {
            let reader =
                BufReader::with_capacity(BUFFER, File::open(file).map_err(|error| told(file, error))?);
            merged.runs.push((file, reader));
            merged.take(at)?;
        }
        Ok(merged)
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        for file in &self.files {
            // Left behind, it wastes room and does no harm.
            let _ = std::fs::remove_file(file);
        }
    }
}

struct Merged<'a> {
    runs: Vec<(&'a Path, BufReader<File>)>,
    heap: BinaryHeap<Reverse<(Prefix, usize)>>,
}

impl Merged<'_> {
    fn next(&mut self) -> Result<Option<Prefix>, String> {
        let Some(Reverse((prefix, run))) = self.heap.pop() else {
            return Ok(None);
        };
        self.take(run)?;
        Ok(Some(prefix))
    }

    /// The next of one run goes into the heap.
    fn take(&mut self, run: usize) -> Result<(), String> {
        let Some((file, reader)) = self.runs.get_mut(run) else {
            return Ok(());
        };
        if reader.fill_buf().map_err(|error| told(file, error))?.is_empty() {
            return Ok(());
        }
        let mut bytes = [0; ENTRY];
        reader.read_exact(&mut bytes).map_err(|error| told(file, error))?;
        self.heap.push(Reverse((Prefix(u64::from_be_bytes(bytes)), run)));
        Ok(())
    }
}

/// Merges the runs into a file beside `out` and gives it that name when it is whole; how many entries.
fn write(out: &Path, runs: &Runs, tell: &mut impl FnMut(Progress)) -> Result<u64, String> {
    let new = beside(out, "new");
    let wrong = |error| told(&new, error);
    // How many are the same is known at the end; the number of buckets must be known before.
    let planned = Shape::for_entries(runs.total);
    let mut file = create(&new)?;
    let begin = planned.offset(0).ok_or("too many entries")?;
    file.seek(SeekFrom::Start(begin)).map_err(wrong)?;
    let mut writer = BufWriter::with_capacity(BUFFER, &file);
    let mut table = Table::default();
    let (mut merged, mut last, mut done) = (runs.merged()?, None, 0_u64);
    while let Some(prefix) = merged.next()? {
        done = done.saturating_add(1);
        if done.is_multiple_of(TELL_EVERY) {
            tell(Progress {
                done,
                of: runs.total,
                merging: true,
            });
        }
        if last.replace(prefix) == Some(prefix) {
            continue;
        }
        table.fill(planned.bucket(prefix));
        table.add(prefix);
        writer.write_all(&prefix.0.to_be_bytes()).map_err(wrong)?;
    }
    writer.flush().map_err(wrong)?;
    drop(writer);
    table.fill(planned.buckets());
    let shape = Shape {
        entries: table.entries,
        ..planned
    };
    head_and_table(&file, shape, &table.rows).map_err(wrong)?;
    file.sync_all().map_err(wrong)?;
    std::fs::rename(&new, out).map_err(|error| told(out, error))?;
    Ok(table.entries)
}

/// The table as it grows: sixteen bytes for some two hundred entries.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    bucket: Vec<u8>,
    entries: u64,
}

impl Table {
    fn add(&mut self, prefix: Prefix) {
        self.bucket.extend_from_slice(&prefix.0.to_be_bytes());
        self.entries = self.entries.saturating_add(1);
    }

    /// Closes every bucket before `until`.
    fn fill(&mut self, until: u64) {
        while wide(self.rows.len()) < until {
            let inside = wide(self.bucket.len() / ENTRY);
            self.rows.push(Row {
                first: self.entries.saturating_sub(inside),
                check: check(&self.bucket),
            });
            self.bucket.clear();
        }
    }
}

fn head_and_table(file: &File, shape: Shape, rows: &[Row]) -> std::io::Result<()> {
    let end = Row {
        first: shape.entries,
        check: [0; 8],
    };
    let rows: Vec<u8> = rows.iter().chain([&end]).flat_map(|row| row.bytes()).collect();
    let head = shape.head();
    let mut digest = digest::Context::new(&digest::SHA256);
    digest.update(&head);
    digest.update(&rows);
    let digest = digest.finish();
    file.write_all_at(&head, 0)?;
    file.write_all_at(digest.as_ref(), wide(HEAD - DIGEST))?;
    file.write_all_at(&rows, wide(HEAD))
}

fn create(file: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    options.open(file).map_err(|error| told(file, error))
}

fn beside(out: &Path, what: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}

fn told(file: &Path, problem: impl std::fmt::Display) -> String {
    format!("{}: {problem}", file.display())
}

/// Sorted at a time: 64 MiB. A thousand million entries are 120 runs.
const IN_A_RUN: usize = 8 * 1024 * 1024;
/// 256 code points of four bytes, and the end of the line.
const LONGEST_LINE: usize = 1_026;
const BUFFER: usize = 64 * 1024;
const TELL_EVERY: u64 = 500_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocklist::Index;

    fn built(lists: &[&[u8]]) -> Result<(Built, Index), String> {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("index");
        let files: Vec<PathBuf> = lists
            .iter()
            .enumerate()
            .map(|(at, text)| {
                let file = folder.path().join(format!("list{at}"));
                std::fs::write(&file, text).unwrap();
                file
            })
            .collect();
        let built = build(&out, &files, |_| {})?;
        let index = Index::open(&out)?;
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left.saturating_sub(lists.len()), 1, "runs stay behind");
        Ok((built, index))
    }

    #[test]
    fn words_and_digests_meet_in_one_index() {
        // SHA-1 of "password" and of "12345678", as Have I Been Pwned writes them.
        let digests = b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\n7C222FB2927D828AF22F592134E8932480637C0D:1\r\n";
        let (built, index) = built(&[b"Una Frase\npassword\n\nuna-frase\n", digests]).unwrap();
        assert_eq!(
            built,
            Built {
                entries: 3,
                lines: 5,
                skipped: 0
            }
        );
        for word in ["unafrase", "password", "12345678"] {
            assert!(index.holds(Prefix::of_word(word)).unwrap(), "{word}");
        }
        assert!(!index.holds(Prefix::of_word("frase")).unwrap());
    }

    #[test]
    fn a_list_of_digests_with_another_line_in_it_is_refused_by_its_number() {
        let problem = built(&[b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1\npassword\n"]).unwrap_err();
        assert!(problem.contains("line 2"), "{problem}");
    }

    #[test]
    fn lines_that_are_no_text_or_endless_are_skipped_and_counted() {
        let endless = [b"x".repeat(5_000).as_slice(), b"\n"].concat();
        let list = [b"bien\n\xff\xfe\n".as_slice(), &endless, b"ultima"].concat();
        let (built, index) = built(&[&list]).unwrap();
        assert_eq!((built.entries, built.lines, built.skipped), (2, 4, 2));
        assert!(index.holds(Prefix::of_word("ultima")).unwrap());
    }

    #[test]
    fn an_empty_list_makes_an_index_that_holds_nothing() {
        let (built, index) = built(&[b""]).unwrap();
        assert_eq!(built.entries, 0);
        assert!(!index.holds(Prefix::of_word("password")).unwrap());
    }
}
