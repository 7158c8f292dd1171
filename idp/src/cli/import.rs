//! `idp citizen import`: a register is read line by line, however long it is, and read again where it was interrupted.

use std::{
    fs::File,
    io::{BufRead, BufReader, IsTerminal as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::Problems;
use crate::{
    flow::import::{self as flow, AT_ONCE, Left, Newcomer, Taken, batch, checked},
    rules::import::Format,
    service::Idp,
};

#[derive(Debug, Args)]
pub struct Import {
    /// The register: .csv with a header line, or .jsonl with an object a line. Columns: national_id, given_name,
    /// family_name, email; also phone_number and password_hash (Argon2id); in .jsonl an address, too.
    file: PathBuf,
    /// Check every line, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Give everybody who is new and brings no password an activation code, and write the codes to this file, readable
    /// by its owner only. Lines are added to a file that is there.
    #[arg(long, value_name = "OUT.csv")]
    codes: Option<PathBuf>,
    /// Write what is wrong with which line to this file, instead of standard error.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// What was done so far.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    new: u64,
    known: u64,
    wrong: u64,
}

/// Where an import stands.
struct Run<'a> {
    idp: &'a Idp,
    import: &'a Import,
    tally: Tally,
    waiting: Vec<Newcomer>,
    codes: Option<File>,
    errors: Box<dyn std::io::Write + Send>,
    /// Bytes of the whole file, for the share that is done; none where it is not known.
    size: u64,
}

pub async fn run(idp: &Idp, import: &Import) -> Result<(), Problems> {
    let file = File::open(&import.file).map_err(|error| told(&import.file, &error))?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut lines = Lines::new(BufReader::new(file));
    let mut run = Run {
        idp,
        import,
        tally: Tally::default(),
        waiting: Vec::with_capacity(AT_ONCE),
        codes: import
            .codes
            .as_deref()
            .filter(|_| !import.dry_run)
            .map(private)
            .transpose()?,
        errors: match &import.errors {
            Some(file) => Box::new(File::create(file).map_err(|error| told(file, &error))?),
            None => Box::new(std::io::stderr()),
        },
        size,
    };
    let format = run.format(&mut lines)?;
    while let Some(line) = lines.next().map_err(|error| told(&import.file, &error))? {
        run.line(&format, line, lines.number)?;
        if run.waiting.len() >= AT_ONCE {
            run.flush().await?;
            run.progress(lines.read);
        }
    }
    run.flush().await?;
    run.finish()
}

/// Says how many imported passwords wait, and what to do about it.
pub async fn left(idp: &Idp) -> Result<(), Problems> {
    let left = flow::left(idp).await.map_err(|fault| vec![fault.to_string()])?;
    let Left {
        argon2id,
        bcrypt,
        shut,
    } = left;
    println!("waiting for their citizen's first login: {argon2id} by Argon2id, {bcrypt} by bcrypt");
    if shut > 0 {
        return Err(vec![format!(
            "{shut} more are by bcrypt of another cost than passwords.imported_bcrypt_cost and open nothing: put the cost \
             of their register back"
        )]);
    }
    if bcrypt == 0 && idp.config.passwords.imported_bcrypt_cost.is_some() {
        println!("nobody needs passwords.imported_bcrypt_cost: without it every wrong guess costs less");
    }
    Ok(())
}

impl Run<'_> {
    /// How the file is to be read, by its name and its first line.
    fn format(&self, lines: &mut Lines<impl BufRead>) -> Result<Format, Problems> {
        let file = &self.import.file;
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => Ok(Format::JsonLines),
            Some("csv") => {
                let header = lines.next().map_err(|error| told(file, &error))?;
                let Some(Line::Text(header)) = header else {
                    return Err(vec![format!("{}: has no header line", file.display())]);
                };
                Format::csv(&header).map_err(|why| vec![format!("{}: {why}", file.display())])
            }
            Some(_) | None => Err(vec![format!("{}: name it .csv or .jsonl", file.display())]),
        }
    }

    fn line(&mut self, format: &Format, line: Line, number: u64) -> Result<(), Problems> {
        let text = match line {
            Line::Text(text) if text.trim().is_empty() => return Ok(()),
            Line::Text(text) => text,
            Line::TooLong => return self.wrong(number, "is longer than a person needs"),
            Line::NotText => return self.wrong(number, "is not UTF-8"),
        };
        self.tally.lines = self.tally.lines.saturating_add(1);
        let row = match format.row(&text) {
            Ok(row) => row,
            Err(why) => return self.wrong(number, &why.to_string()),
        };
        match checked(self.idp, &row) {
            Ok(newcomer) => self.waiting.push(newcomer),
            Err(why) => return self.wrong(number, &why.to_string()),
        }
        Ok(())
    }

    /// Reports a line by its number and a reason: nothing of what stands in it.
    fn wrong(&mut self, number: u64, why: &str) -> Result<(), Problems> {
        self.tally.wrong = self.tally.wrong.saturating_add(1);
        writeln!(self.errors, "line {number}: {why}").map_err(|error| vec![format!("the report: {error}")])
    }

    /// Writes what waits. Codes are on the disk before the accounts they open: nobody has an account and no code. After
    /// an interruption between the two, the next run gives them another code; the last line of a person counts.
    async fn flush(&mut self) -> Result<(), Problems> {
        let waiting = std::mem::take(&mut self.waiting);
        if self.import.dry_run || waiting.is_empty() {
            return Ok(());
        }
        let fault = |fault: crate::error::Fault| vec![fault.to_string()];
        let batch = batch(self.idp, &waiting, self.codes.is_some())
            .await
            .map_err(fault)?;
        let (mut new, mut known) = (0_u64, 0_u64);
        let mut text = String::new();
        for taken in &batch.taken {
            match taken {
                Taken::Known => known = known.saturating_add(1),
                Taken::New(printed) => {
                    new = new.saturating_add(1);
                    if let Some(printed) = printed {
                        let number = printed.person.national_id.as_str();
                        let until = super::keys::moment(printed.expires_at.0);
                        text.push_str(&format!("{number},{},{until}\n", printed.code.expose()));
                    }
                }
            }
        }
        if let (Some(file), false) = (&mut self.codes, text.is_empty()) {
            let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
            written.map_err(|error| vec![format!("the codes: {error}")])?;
        }
        batch.commit().await.map_err(fault)?;
        self.tally.new = self.tally.new.saturating_add(new);
        self.tally.known = self.tally.known.saturating_add(known);
        // A service that runs beside this has its turn now.
        tokio::time::sleep(BETWEEN).await;
        Ok(())
    }

    /// On a terminal: one line that is written over.
    fn progress(&self, read: u64) {
        if !std::io::stderr().is_terminal() || self.size == 0 {
            return;
        }
        let share = read
            .saturating_mul(100)
            .checked_div(self.size)
            .unwrap_or(100)
            .min(100);
        let filled = usize::try_from(share.div_euclid(5)).unwrap_or(20);
        let bar = format!(
            "{}{}",
            "█".repeat(filled),
            "░".repeat(20_usize.saturating_sub(filled))
        );
        let Tally { lines, wrong, .. } = self.tally;
        // Nothing depends on whether somebody sees it.
        let _shown = write!(
            std::io::stderr(),
            "\r{bar} {share:>3} %  {lines} people, {wrong} wrong "
        );
    }

    fn finish(mut self) -> Result<(), Problems> {
        self.progress(self.size);
        if std::io::stderr().is_terminal() {
            let _shown = writeln!(std::io::stderr());
        }
        self.errors
            .flush()
            .map_err(|error| vec![format!("the report: {error}")])?;
        let Tally {
            lines,
            new,
            known,
            wrong,
        } = self.tally;
        if self.import.dry_run {
            println!("{lines} people read, {wrong} lines wrong; nothing was written");
        } else {
            println!("{new} new, {known} known before, {wrong} lines wrong");
        }
        if wrong == 0 {
            Ok(())
        } else {
            Err(vec![format!(
                "{wrong} lines were left out; correct them and read the file again"
            )])
        }
    }
}

/// A line of the register.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Text(String),
    TooLong,
    NotText,
}

/// Lines of at most [`MOST_LINE`] bytes: what is longer is skipped and said to be.
struct Lines<R> {
    from: R,
    /// Which line was read last, from one on.
    number: u64,
    /// Bytes read so far.
    read: u64,
}

impl<R: BufRead> Lines<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            number: 0,
            read: 0,
        }
    }

    fn next(&mut self) -> std::io::Result<Option<Line>> {
        let (mut line, mut long, mut any) = (Vec::new(), false, false);
        loop {
            let ready = self.from.fill_buf()?;
            if ready.is_empty() {
                break;
            }
            any = true;
            let end = ready.iter().position(|byte| *byte == b'\n');
            let part = ready.get(..end.unwrap_or(ready.len())).unwrap_or_default();
            long = long || line.len().saturating_add(part.len()) > MOST_LINE;
            if !long {
                line.extend_from_slice(part);
            }
            let used = part.len().saturating_add(usize::from(end.is_some()));
            self.from.consume(used);
            self.read = self.read.saturating_add(u64::try_from(used).unwrap_or(u64::MAX));
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        if long {
            return Ok(Some(Line::TooLong));
        }
        let text = String::from_utf8(line).ok().map(|text| {
            let text = text.strip_suffix('\r').unwrap_or(&text);
            // Spreadsheets begin their files with a byte order mark.
            let text = if self.number == 1 {
                text.trim_start_matches('\u{feff}')
            } else {
                text
            };
            text.to_owned()
        });
        Ok(Some(text.map_or(Line::NotText, Line::Text)))
    }
}

/// A file of codes that only its owner reads, with a header where it is new.
fn private(file: &Path) -> Result<File, Problems> {
    let mut options = File::options();
    let opened = options.append(true).create(true).mode(0o600).open(file);
    let mut opened = opened.map_err(|error| told(file, &error))?;
    let metadata = opened.metadata().map_err(|error| told(file, &error))?;
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()).trailing_zeros() < 6 {
        return Err(vec![format!(
            "{}: others can read it; chmod 600 it first",
            file.display()
        )]);
    }
    if metadata.len() == 0 {
        let header = opened.write_all(b"national_id,code,expires_at\n");
        header.map_err(|error| told(file, &error))?;
    }
    Ok(opened)
}

fn told(file: &Path, error: &std::io::Error) -> Problems {
    vec![format!("{}: {error}", file.display())]
}

/// Names, an address and a hash are a tenth of it.
const MOST_LINE: usize = 16 * 1024;
/// Longer than SQLite waits before it asks for its lock again, when it has not waited long.
const BETWEEN: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        // A small buffer: lines lie across its ends.
        let mut lines = Lines::new(BufReader::with_capacity(7, bytes));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line);
        }
        assert_eq!(lines.read, u64::try_from(bytes.len()).unwrap());
        all
    }

    #[test]
    fn lines_end_as_every_system_ends_them() {
        let text = |text: &str| Line::Text(text.to_owned());
        assert_eq!(
            lines(b"\xef\xbb\xbfone\r\ntwo\n\nlast one"),
            [text("one"), text("two"), text(""), text("last one")]
        );
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_one_read() {
        let mut bytes = vec![b'x'; MOST_LINE + 1];
        bytes.extend_from_slice(b"\nshort\n\xff\n");
        assert_eq!(
            lines(&bytes),
            [Line::TooLong, Line::Text("short".to_owned()), Line::NotText]
        );
        assert_eq!(lines(&vec![b'x'; MOST_LINE]).len(), 1);
    }

    #[test]
    fn codes_are_not_written_where_others_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("codes.csv");
        private(&file).unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(private(&file).is_err());
    }
}
