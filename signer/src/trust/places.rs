//! Which files there are, and whether they are still those of the last look.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What tells one content of a file from the next without reading it: where it lies, when it was written, how long it
/// is. A file that is replaced lies elsewhere; one that is written over has another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    device: u64,
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
    pub length: u64,
}

/// Files and their marks, and folders that could not be looked into.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub files: BTreeMap<PathBuf, Mark>,
    /// The first thing that could not be looked at.
    pub wrong: Option<String>,
}

impl Seen {
    /// Looks at these files, and at every file in these folders.
    pub fn look<'p>(places: impl Iterator<Item = &'p PathBuf>) -> Self {
        let mut seen = Self::default();
        for place in places {
            if let Err(error) = seen.add(place) {
                seen.wrong
                    .get_or_insert_with(|| format!("{}: {error}", place.display()));
            }
        }
        seen
    }

    fn add(&mut self, place: &Path) -> io::Result<()> {
        let about = std::fs::metadata(place)?;
        if !about.is_dir() {
            self.files.insert(place.to_owned(), Mark::of(&about));
            return Ok(());
        }
        for entry in std::fs::read_dir(place)? {
            let path = entry?.path();
            match std::fs::metadata(&path) {
                Ok(about) if about.is_file() => {
                    self.files.insert(path, Mark::of(&about));
                }
                Ok(_) => {}
                // Removed between the two questions: it is not there.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Mark {
    fn of(about: &std::fs::Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
            seconds: about.mtime(),
            nanoseconds: about.mtime_nsec(),
            length: about.len(),
        }
    }
}
