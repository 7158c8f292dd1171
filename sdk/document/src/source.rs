//! Where a document's bytes come from. A document is read in windows: a file of a gigabyte is read in
//! megabytes of memory, and bytes that are in memory already are not copied.

use std::io;
use std::sync::Arc;

/// Random access to bytes that do not change while they are read.
pub trait Source: Send + Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` wholly from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` when the range reaches beyond the end; whatever the medium reports.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// All bytes at once, when they are in memory anyway.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }
}

impl<S: Source + ?Sized> Source for Arc<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, buffer)
    }
    fn as_slice(&self) -> Option<&[u8]> {
        (**self).as_slice()
    }
}

/// A document in memory.
#[derive(Clone, Debug)]
pub struct Bytes(Arc<[u8]>);

impl Bytes {
    /// Takes the bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }
}

impl Source for Bytes {
    fn len(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|s| Some(s..s.checked_add(buffer.len())?));
        match range.and_then(|r| self.0.get(r)) {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

/// A document on disk. Its length is taken when it is opened; bytes appended later are not seen.
#[derive(Debug)]
pub struct File {
    file: std::fs::File,
    len: u64,
    #[cfg(not(unix))]
    seek: std::sync::Mutex<()>,
}

impl File {
    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// What the file system says; `InvalidInput` for a directory or a device.
    pub fn open(path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        Self::new(std::fs::File::open(path)?)
    }

    /// Takes a file that is open for reading.
    ///
    /// # Errors
    /// As [`File::open`].
    pub fn new(file: std::fs::File) -> io::Result<Self> {
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Self {
            len: about.len(),
            file,
            #[cfg(not(unix))]
            seek: std::sync::Mutex::new(()),
        })
    }
}

impl Source for File {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let _alone = self
            .seek
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_bytes_read_alike() {
        let content: Vec<u8> = (0..=255).collect();
        let mut path = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut path, &content).unwrap();
        let (file, bytes) = (File::open(path.path()).unwrap(), Bytes::new(content));
        assert_eq!(file.len(), bytes.len());
        let sources: [&dyn Source; 2] = [&file, &bytes];
        for source in sources {
            let mut window = [0; 4];
            source.read_at(252, &mut window).unwrap();
            assert_eq!(window, [252, 253, 254, 255]);
            assert!(source.read_at(253, &mut window).is_err());
            assert!(source.read_at(u64::MAX, &mut window).is_err());
        }
    }

    #[test]
    fn a_directory_is_refused() {
        assert!(File::open(std::env::temp_dir()).is_err());
    }
}
