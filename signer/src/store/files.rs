//! The folder with documents. Whole files only: written beside their place, made durable, then renamed.
//!
//! `source/<document>.pdf` what arrived · `signed/<batch>-<document>.pdf` what was released ·
//! `picture/<document>.png` first pages · `work/` unfinished, emptied at start.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Fault;
use crate::rules::{BatchId, DocumentId};

/// The documents' folder.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

/// A file that is being written. Dropped without [`Unfinished::keep`], it disappears.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Files {
    /// Uses (and makes) the folder at `root`, readable by its owner only.
    ///
    /// # Errors
    /// A fault when it cannot be made.
    pub fn at(root: &Path) -> Result<Self, Fault> {
        for part in ["source", "signed", "picture", "work"] {
            make_private(&root.join(part)).map_err(Fault::when("making the documents' folder"))?;
        }
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// Removes what an earlier run left unfinished.
    ///
    /// # Errors
    /// A fault of the file system.
    pub fn clear_unfinished(&self) -> Result<(), Fault> {
        let doing = "clearing unfinished files";
        for entry in fs::read_dir(self.root.join("work")).map_err(Fault::when(doing))? {
            fs::remove_file(entry.map_err(Fault::when(doing))?.path()).map_err(Fault::when(doing))?;
        }
        Ok(())
    }

    /// The documents for which a source is kept.
    ///
    /// # Errors
    /// A fault of the file system.
    pub fn sources(&self) -> Result<Vec<DocumentId>, Fault> {
        let doing = "listing documents";
        let mut found = Vec::new();
        for entry in fs::read_dir(self.root.join("source")).map_err(Fault::when(doing))? {
            let name = entry.map_err(Fault::when(doing))?.file_name();
            if let Some(id) = name
                .to_str()
                .and_then(|n| n.strip_suffix(".pdf"))
                .and_then(|n| n.parse().ok())
            {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// What arrived.
    #[must_use]
    pub fn source(&self, document: DocumentId) -> PathBuf {
        self.root.join("source").join(format!("{document}.pdf"))
    }

    /// What was released.
    #[must_use]
    pub fn signed(&self, batch: BatchId, document: DocumentId) -> PathBuf {
        self.root.join("signed").join(format!("{batch}-{document}.pdf"))
    }

    /// The picture of the first page.
    #[must_use]
    pub fn picture(&self, document: DocumentId) -> PathBuf {
        self.root.join("picture").join(format!("{document}.png"))
    }

    /// Begins a file that is not in anyone's way until it is whole. `name` must be unique.
    ///
    /// # Errors
    /// A fault of the file system.
    pub fn unfinished(&self, name: &str) -> Result<Unfinished, Fault> {
        let path = self.root.join("work").join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        private(&mut options);
        let file = options.open(&path).map_err(Fault::when("beginning a file"))?;
        Ok(Unfinished {
            path,
            file,
            kept: false,
        })
    }

    /// A file without a name: gone when it is closed, whatever happens.
    ///
    /// # Errors
    /// A fault of the file system.
    pub fn nameless(&self, name: &str) -> Result<File, Fault> {
        let unfinished = self.unfinished(name)?;
        let file = unfinished
            .file
            .try_clone()
            .map_err(Fault::when("beginning a file"))?;
        drop(unfinished); // unlinks
        Ok(file)
    }

    /// A small file without a name that nobody can change any more: in memory, where the system has such files.
    ///
    /// # Errors
    /// A fault of the system.
    pub fn brief(&self, name: &str, bytes: &[u8]) -> Result<File, Fault> {
        let doing = "holding a file";
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
            let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
            let mut file = File::from(memfd_create(name, flags).map_err(Fault::when(doing))?);
            file.write_all(bytes).map_err(Fault::when(doing))?;
            let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
            fcntl_add_seals(&file, seals).map_err(Fault::when(doing))?;
            Ok(file)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let mut file = self.nameless(name)?;
            file.write_all(bytes).map_err(Fault::when(doing))?;
            Ok(file)
        }
    }

    /// Removes what is kept of a document that left the desk.
    ///
    /// # Errors
    /// A fault of the file system.
    pub fn remove(&self, document: DocumentId) -> Result<(), Fault> {
        for path in [self.source(document), self.picture(document)] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Fault::caused("removing a document", e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the folder can be written to.
    ///
    /// # Errors
    /// A fault when it cannot.
    pub fn answers(&self) -> Result<(), Fault> {
        fs::metadata(self.root.join("work"))
            .map(|_| ())
            .map_err(Fault::when("looking at the documents' folder"))
    }
}

impl Unfinished {
    /// The open file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where it lies until it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the bytes durable without giving them their place yet.
    ///
    /// # Errors
    /// A fault of the file system; the file disappears.
    pub fn sync(&self) -> Result<(), Fault> {
        self.file
            .sync_data()
            .map_err(Fault::when("making a file durable"))
    }

    /// Makes the file durable and gives it its place: bytes first, then the name, then the folder.
    ///
    /// # Errors
    /// A fault of the file system; the file disappears.
    pub fn keep(mut self, place: &Path) -> Result<(), Fault> {
        let doing = "keeping a file";
        self.file.sync_all().map_err(Fault::when(doing))?;
        fs::rename(&self.path, place).map_err(Fault::when(doing))?;
        self.kept = true;
        if let Some(folder) = place.parent() {
            File::open(folder)
                .and_then(|f| f.sync_all())
                .map_err(Fault::when(doing))?;
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing to do about a failure here: the next start clears the folder.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};

    use super::*;

    #[test]
    fn row_66_a_brief_file_has_no_name_on_the_disk_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path()).unwrap();
        let mut file = files.brief("one", b"Se autoriza").unwrap();
        assert_eq!(fs::read_dir(folder.path().join("work")).unwrap().count(), 0);
        let mut read = String::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_string(&mut read).unwrap();
        assert_eq!(read, "Se autoriza");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn row_66_a_brief_file_cannot_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Files::at(folder.path())
            .unwrap()
            .brief("one", b"Se autoriza")
            .unwrap();
        assert!(file.write_all(b" no").is_err());
        assert!(file.set_len(0).is_err());
    }
}
