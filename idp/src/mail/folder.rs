//! Development: letters become files in a folder and go nowhere.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Carrier, Carrying, Letter};
use crate::rules::notice::Heard;

/// A folder of letters, each a file named by its time and id.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// A letter as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
}

impl Folder {
    /// The folder at `path`, made when the first letter comes.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The latest letters, the latest first, no more than `most`.
    ///
    /// # Errors
    /// When the folder or a letter cannot be read.
    pub fn latest(&self, most: usize) -> io::Result<Vec<Kept>> {
        let mut names = Vec::new();
        match fs::read_dir(&self.0) {
            Ok(entries) => {
                for entry in entries {
                    names.push(entry?.path());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        names.retain(|name| name.extension().is_some_and(|extension| extension == "txt"));
        names.sort();
        names.iter().rev().take(most).map(|name| read(name)).collect()
    }

    fn keep(&self, letter: &Letter) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        fs::create_dir_all(&self.0)?;
        // Under another name until it is whole: readers see letters, not halves of them.
        let whole = self.0.join(format!("{:012}-{}.txt", letter.at.0, letter.id));
        let half = whole.with_extension("part");
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&half)?;
        let (to, subject) = (letter.to.as_str(), letter.subject.replace(['\r', '\n'], " "));
        write!(file, "To: {to}\nSubject: {subject}\n\n{}", letter.text.expose())?;
        drop(file);
        fs::rename(half, whole)
    }
}

impl Carrier for Folder {
    fn carry<'a>(&'a self, letter: &'a Letter) -> Carrying<'a> {
        Box::pin(async move {
            match self.keep(letter) {
                Ok(()) => Heard::Taken,
                Err(error) => {
                    tracing::warn!(%error, folder = %self.0.display(), "a letter could not be kept");
                    Heard::Nothing
                }
            }
        })
    }
}

fn read(file: &Path) -> io::Result<Kept> {
    let whole = fs::read_to_string(file)?;
    let (head, text) = whole.split_once("\n\n").unwrap_or((&whole, ""));
    let field = |name: &str| {
        let value = head.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or_default().to_owned()
    };
    Ok(Kept {
        to: field("To: "),
        subject: field("Subject: "),
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{ids::NoticeId, person::Email, secret::Secret, time::Timestamp};

    fn letter(id: u8, at: i64, text: &str) -> Letter {
        Letter {
            id: NoticeId::new([id; 16]),
            at: Timestamp(at),
            to: Email::parse("ana@correo.example").unwrap(),
            subject: "Aviso\nBcc: x".into(),
            text: Secret::new(text.into()),
            html: Secret::new(String::new()),
        }
    }

    #[test]
    fn letters_are_read_as_they_were_kept_the_latest_first() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(&place.path().join("mail"));
        assert!(folder.latest(9).unwrap().is_empty());
        folder.keep(&letter(1, 10, "Hola\n\nUno")).unwrap();
        folder.keep(&letter(2, 20, "Dos")).unwrap();
        folder.keep(&letter(2, 20, "Dos")).unwrap();
        let kept = folder.latest(9).unwrap();
        let texts: Vec<&str> = kept.iter().map(|kept| kept.text.as_str()).collect();
        assert_eq!(texts, ["Dos", "Hola\n\nUno"], "the same letter twice is one");
        assert_eq!(
            (kept[0].to.as_str(), kept[0].subject.as_str()),
            ("ana@correo.example", "Aviso Bcc: x")
        );
        assert_eq!(folder.latest(1).unwrap().len(), 1);
    }
}
