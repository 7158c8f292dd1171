//! An index of passwords on disk, asked without holding it in memory.
//!
//! ```text
//! "AVALPWD1" ‖ entries u64 ‖ bits u64 ‖ SHA-256 of these and of the table
//! table: 2^bits + 1 rows of (first entry u64 ‖ first eight bytes of the bucket's SHA-256)
//! entries: the first eight bytes of SHA-1 of each password, sorted, without repetition
//! ```
//!
//! Numbers are big-endian. The first `bits` bits of an entry are its bucket, so a question reads two rows and one bucket
//! of some two hundred entries. What was changed or cut off is a fault, never an answer: the head and the table are
//! checked at start, each bucket whenever it is read.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use ring::digest;

use crate::{error::Fault, rules::password::Prefix};

/// An open index.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    file: File,
    shape: Shape,
}

/// How many entries in how many buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub entries: u64,
    pub bits: u32,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub first: u64,
    pub check: [u8; 8],
}

impl Index {
    /// Opens an index and checks its head and its table.
    ///
    /// # Errors
    /// One sentence that names the file, what is wrong and what to do.
    pub fn open(path: &Path) -> Result<Self, String> {
        let told = |problem: &str| {
            let name = path.display();
            format!("passwords.blocklists: {name}: {problem}; build it again with idp blocklist build")
        };
        let mut file = File::open(path).map_err(|error| told(&error.to_string()))?;
        let length = file.metadata().map_err(|error| told(&error.to_string()))?.len();
        let mut head = [0; HEAD];
        file.read_exact(&mut head)
            .map_err(|_| told("it is shorter than its head"))?;
        let (shape, promised) = Shape::read(&head).ok_or_else(|| told("it is no index of passwords"))?;
        if shape.length() != Some(length) {
            return Err(told("its length is not what its head says"));
        }
        let table = std::io::BufReader::with_capacity(64 * 1024, &file);
        shape.check(table, &promised).map_err(|problem| told(&problem))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            shape,
        })
    }

    /// Whether a password of this prefix is in it.
    ///
    /// # Errors
    /// A fault when the file cannot be read or was changed since it was built.
    pub fn holds(&self, prefix: Prefix) -> Result<bool, Fault> {
        let bucket = self.shape.bucket(prefix);
        let mut rows = [0; 2 * ROW];
        let at = bucket.saturating_mul(wide(ROW)).saturating_add(wide(HEAD));
        self.read(&mut rows, at)?;
        let (one, next) = rows.split_at(ROW);
        let (Some(row), Some(next)) = (Row::read(one), Row::read(next)) else {
            return Err(self.broken());
        };
        let many = next.first.checked_sub(row.first).filter(|many| *many <= LARGEST);
        let many = many.and_then(|many| usize::try_from(many).ok());
        let mut entries = vec![0; many.ok_or_else(|| self.broken())?.saturating_mul(ENTRY)];
        let offset = self.shape.offset(row.first).ok_or_else(|| self.broken())?;
        self.read(&mut entries, offset)?;
        if row.check != check(&entries) {
            return Err(self.broken());
        }
        let wanted = prefix.0.to_be_bytes();
        let (entries, _) = entries.as_chunks::<ENTRY>();
        Ok(entries.binary_search(&wanted).is_ok())
    }

    fn read(&self, into: &mut [u8], at: u64) -> Result<(), Fault> {
        self.file
            .read_exact_at(into, at)
            .map_err(|error| Fault::of("reading an index of passwords", error))
    }

    fn broken(&self) -> Fault {
        let told = format!("{}: changed since it was built", self.path.display());
        Fault::of("reading an index of passwords", told)
    }
}

impl Shape {
    /// So many buckets that each holds some two hundred of `entries`.
    pub(super) fn for_entries(entries: u64) -> Self {
        let buckets = (entries / WANTED_IN_BUCKET).max(1);
        let bits = u64::BITS
            .saturating_sub(buckets.leading_zeros())
            .saturating_sub(1);
        Self {
            entries,
            bits: bits.min(MOST_BITS),
        }
    }

    pub(super) fn buckets(self) -> u64 {
        1_u64.checked_shl(self.bits).unwrap_or(u64::MAX)
    }

    pub(super) fn bucket(self, prefix: Prefix) -> u64 {
        let below = u64::BITS.saturating_sub(self.bits);
        prefix.0.checked_shr(below).unwrap_or_default()
    }

    /// Where an entry begins in the file.
    pub(super) fn offset(self, entry: u64) -> Option<u64> {
        let table = self.buckets().checked_add(1)?.checked_mul(wide(ROW))?;
        let before = table.checked_add(wide(HEAD))?;
        entry.checked_mul(wide(ENTRY))?.checked_add(before)
    }

    fn length(self) -> Option<u64> {
        self.offset(self.entries)
    }

    /// The head without its digest.
    pub(super) fn head(self) -> [u8; HEAD - DIGEST] {
        let mut head = [0; HEAD - DIGEST];
        let parts = [
            *MAGIC,
            self.entries.to_be_bytes(),
            u64::from(self.bits).to_be_bytes(),
        ];
        head.copy_from_slice(parts.as_flattened());
        head
    }

    fn read(head: &[u8; HEAD]) -> Option<(Self, [u8; DIGEST])> {
        let (magic, rest) = head.split_first_chunk::<8>()?;
        let (entries, rest) = rest.split_first_chunk::<8>()?;
        let (bits, digest) = rest.split_first_chunk::<8>()?;
        let bits = u32::try_from(u64::from_be_bytes(*bits)).ok()?;
        let shape = Self {
            entries: u64::from_be_bytes(*entries),
            bits,
        };
        (magic == MAGIC && bits <= MOST_BITS).then_some((shape, digest.try_into().ok()?))
    }

    /// The table begins at nothing, never goes back, ends at the last entry, and is what the head promises.
    fn check(self, mut table: impl std::io::Read, promised: &[u8; DIGEST]) -> Result<(), String> {
        let mut digest = digest::Context::new(&digest::SHA256);
        digest.update(&self.head());
        let mut before = 0;
        for bucket in 0..=self.buckets() {
            let mut bytes = [0; ROW];
            table.read_exact(&mut bytes).map_err(|error| error.to_string())?;
            digest.update(&bytes);
            let row = Row::read(&bytes).ok_or("its table is broken")?;
            let many = row.first.checked_sub(before);
            let first = bucket > 0 || row.first == 0;
            if !first || many.is_none_or(|many| many > LARGEST) {
                return Err("its table is broken".to_owned());
            }
            before = row.first;
        }
        if before != self.entries || digest.finish().as_ref() != promised {
            return Err("its table is broken".to_owned());
        }
        Ok(())
    }
}

impl Row {
    pub(super) fn bytes(self) -> [u8; ROW] {
        let mut bytes = [0; ROW];
        bytes.copy_from_slice([self.first.to_be_bytes(), self.check].as_flattened());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (first, check) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            first: u64::from_be_bytes(*first),
            check: check.try_into().ok()?,
        })
    }
}

/// What a row keeps of its bucket: 64 bits find every accident.
pub(super) fn check(entries: &[u8]) -> [u8; 8] {
    let whole = digest::digest(&digest::SHA256, entries);
    whole.as_ref().first_chunk().copied().unwrap_or_default()
}

/// A length in the file.
pub(super) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

const MAGIC: &[u8; 8] = b"AVALPWD1";
/// SHA-256.
pub(super) const DIGEST: usize = 32;
pub(super) const HEAD: usize = 24 + DIGEST;
pub(super) const ROW: usize = 16;
/// 64 bits of SHA-1: of a thousand million entries one in eighteen thousand million passwords meets one by accident.
pub(super) const ENTRY: usize = 8;
/// A page of memory and a half: one read, and hashed in a microsecond.
const WANTED_IN_BUCKET: u64 = 128;
/// 2^26 rows are a gigabyte of table, for eight thousand million entries.
const MOST_BITS: u32 = 26;
/// Digests spread evenly: a bucket never holds ten times its share. Half a megabyte is what a broken table could make us read.
const LARGEST: u64 = 65_536;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocklist::build;

    /// An index of a thousand words.
    fn built() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (list, out) = (folder.path().join("list"), folder.path().join("index"));
        let words: Vec<String> = (0..1_000).map(|n| format!("palabra {n}")).collect();
        std::fs::write(&list, words.join("\n")).unwrap();
        build(&out, &[list], |_| {}).unwrap();
        (folder, out)
    }

    #[test]
    fn what_was_built_in_is_found_and_nothing_else() {
        let (_folder, out) = built();
        let index = Index::open(&out).unwrap();
        assert_eq!(index.shape.entries, 1_000);
        for n in 0..1_000 {
            assert!(index.holds(Prefix::of_word(&format!("palabra {n}"))).unwrap());
            assert!(!index.holds(Prefix::of_word(&format!("otra {n}"))).unwrap());
        }
        for edge in [0, u64::MAX] {
            assert!(!index.holds(Prefix(edge)).unwrap());
        }
    }

    #[test]
    fn a_file_that_is_no_index_is_told_at_start() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", "123456\npassword\n", &"x".repeat(4_096)] {
            std::fs::write(file.path(), text).unwrap();
            let problem = Index::open(file.path()).unwrap_err();
            assert!(problem.contains("idp blocklist build"), "{problem}");
        }
        assert!(Index::open(Path::new("/nowhere")).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// One byte changed anywhere, or some cut off or added: no question is answered wrongly.
        #[test]
        fn a_broken_index_is_a_fault_and_never_an_answer(at: proptest::sample::Index, by in 1_u8.., cut in 1_usize..64) {
            let (_folder, out) = built();
            let whole = std::fs::read(&out).unwrap();
            let mut changed = whole.clone();
            changed[at.index(whole.len())] ^= by;
            std::fs::write(&out, &changed).unwrap();
            if let Ok(index) = Index::open(&out) {
                let mut faults = false;
                for n in 0..1_000 {
                    match index.holds(Prefix::of_word(&format!("palabra {n}"))) {
                        Ok(found) => prop_assert!(found),
                        Err(_) => faults = true,
                    }
                }
                prop_assert!(faults);
            }
            std::fs::write(&out, &whole[..whole.len().saturating_sub(cut)]).unwrap();
            prop_assert!(Index::open(&out).is_err());
            std::fs::write(&out, [whole.as_slice(), &[by]].concat()).unwrap();
            prop_assert!(Index::open(&out).is_err());
        }

        #[test]
        fn any_bytes_are_opened_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [MAGIC.as_slice(), &bytes].concat()).unwrap();
            prop_assert!(Index::open(file.path()).is_err());
        }
    }

    #[test]
    fn buckets_stay_small_however_many_entries_there_are() {
        for (entries, bits) in [
            (0, 0),
            (100, 0),
            (1_000, 2),
            (10_000_000, 16),
            (1_000_000_000, 22),
        ] {
            assert_eq!(Shape::for_entries(entries).bits, bits, "{entries}");
        }
    }
}
