//! The files that are verified: on disk, or through a pipe.

use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;
use std::sync::Arc;

use sdk::document::{Bytes, File, Source};

/// A file, read where it is asked for. A pipe (`verify <(curl …)`) or standard input (`-`) has to be held in memory.
///
/// # Errors
/// What the file system says; a folder; a pipe that does not end.
pub fn open(path: &Path) -> Result<Arc<dyn Source>> {
    if path == Path::new("-") {
        return held(std::io::stdin().lock());
    }
    let file = std::fs::File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        let why = "this is a folder; name the files in it";
        return Err(Error::new(ErrorKind::IsADirectory, why));
    }
    if about.is_file() {
        Ok(Arc::new(File::new(file)?))
    } else {
        held(file)
    }
}

/// A whole file in memory, if it is not too large to be a signature.
///
/// # Errors
/// As [`open`].
pub fn signature(source: &dyn Source) -> Result<Vec<u8>> {
    let length = usize::try_from(source.len()).ok();
    let length = length.filter(|length| *length <= LARGEST_CMS);
    let length = length.ok_or(Error::other("the signature is too large"))?;
    let mut bytes = vec![0; length];
    source.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// CMS in DER or BER begins with a SEQUENCE, in PEM with its label; a PDF with neither.
///
/// # Errors
/// What the file system says.
pub fn stands_alone(source: &dyn Source) -> Result<bool> {
    let mut head = [0; 5];
    if source.len() < 5 {
        return Ok(false);
    }
    source.read_at(0, &mut head)?;
    Ok(head[0] == 0x30 || &head == b"-----")
}

fn held(pipe: impl Read) -> Result<Arc<dyn Source>> {
    let mut bytes = Vec::new();
    pipe.take(LARGEST_PIPE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST_PIPE) {
        Ok(Arc::new(Bytes::new(bytes)))
    } else {
        let why = "more comes through this pipe than is held in memory (128 MB); name a file";
        Err(Error::new(ErrorKind::FileTooLarge, why))
    }
}

/// With its content inside it is held in memory; base64 takes a third more.
const LARGEST_CMS: usize = 48 << 20;

/// Own choice: a file of any size can be named instead.
const LARGEST_PIPE: u64 = 128_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_as_one() {
        let error = open(Path::new(env!("CARGO_MANIFEST_DIR"))).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_end_is_refused_and_one_without_bytes_is_empty() {
        let error = open(Path::new("/dev/zero")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(open(Path::new("/dev/null")).unwrap().len(), 0);
    }
}
