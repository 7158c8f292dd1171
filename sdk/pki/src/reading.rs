//! Files that a caller names: read once, up to a bound, whatever they are (pipes and devices state no length).

use std::io::{self, Read};
use std::path::Path;

/// All bytes of a file, if they are no more than `most`.
///
/// # Errors
/// What the file system says; `FileTooLarge`.
pub(crate) fn bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        let why = format!("larger than is read at once ({} MB)", most / 1_000_000);
        Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
    }
}

/// The largest national trusted lists have some 20 MB; a folder of all roots of a system less than one.
pub(crate) const MOST_TRUST: u64 = 64_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_is_refused() {
        let error = bounded(Path::new("/dev/zero"), 1000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(bounded(Path::new("/dev/null"), 0).unwrap(), b"");
    }
}
