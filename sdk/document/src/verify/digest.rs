//! One pass over the file: its own digest and every signature's. A signature's first range starts with
//! the file, so its digest is a copy of the running one, and a file of a gigabyte is digested once.

use std::io;

use sdk_pki::{Digest, DigestAlgorithm, Hasher};

use super::Options;
use super::subject::Subject;
use crate::source::Source;

/// A digest under way for one subject.
struct Task {
    subject: usize,
    algorithm: DigestAlgorithm,
    gap: [u64; 2],
    end: u64,
    hasher: Option<Hasher>,
}

/// Digests the file and fills in each subject's digest; hands back the file's, hexadecimal.
pub(super) fn file(source: &dyn Source, options: &Options, subjects: &mut [Subject]) -> io::Result<String> {
    let len = source.len();
    let mut tasks = tasks(subjects, len);
    let mut running: Vec<(DigestAlgorithm, Hasher)> =
        vec![(DigestAlgorithm::Sha256, Hasher::new(DigestAlgorithm::Sha256))];
    for task in &tasks {
        if !running.iter().any(|(algorithm, _)| *algorithm == task.algorithm) {
            running.push((task.algorithm, Hasher::new(task.algorithm)));
        }
    }
    let mut stops: Vec<u64> = tasks.iter().flat_map(|t| [t.gap[0], t.gap[1], t.end]).collect();
    stops.push(len);
    stops.sort_unstable();
    stops.dedup();
    let mut position = 0;
    for stop in stops.into_iter().filter(|s| *s <= len) {
        let others = running.len() > 1 && tasks.iter().any(|t| t.gap[0] >= stop);
        stretch(source, options, position..stop, |bytes| {
            for (place, (_, hasher)) in running.iter_mut().enumerate() {
                if place == 0 || others {
                    hasher.update(bytes);
                }
            }
            for task in tasks.iter_mut().filter(|t| t.gap[1] <= position && stop <= t.end) {
                if let Some(hasher) = &mut task.hasher {
                    hasher.update(bytes);
                }
            }
        })?;
        position = stop;
        for task in tasks.iter_mut() {
            if task.gap[0] == position {
                task.hasher = running
                    .iter()
                    .find(|(a, _)| *a == task.algorithm)
                    .map(|(_, h)| h.clone());
            }
            if task.end == position
                && let (Some(hasher), Some(subject)) = (task.hasher.take(), subjects.get_mut(task.subject))
            {
                subject.digest = Some(hasher.finish());
            }
        }
    }
    let digest = running.into_iter().next().map(|(_, hasher)| hasher.finish());
    Ok(digest.map_or_else(String::new, |d| data_encoding::HEXLOWER.encode(d.bytes())))
}

/// Digests all of a file twice in one pass: by SHA-256 (hexadecimal), and as its signature asks.
pub(super) fn whole(
    source: &dyn Source,
    options: &Options,
    algorithm: Option<DigestAlgorithm>,
) -> io::Result<(String, Option<Digest>)> {
    let mut own = Hasher::new(DigestAlgorithm::Sha256);
    let mut asked = algorithm
        .filter(|a| *a != DigestAlgorithm::Sha256)
        .map(Hasher::new);
    stretch(source, options, 0..source.len(), |bytes| {
        own.update(bytes);
        if let Some(asked) = &mut asked {
            asked.update(bytes);
        }
    })?;
    let own = own.finish();
    let hexadecimal = data_encoding::HEXLOWER.encode(own.bytes());
    Ok((hexadecimal, asked.map(Hasher::finish).or(algorithm.map(|_| own))))
}

/// What is to be digested. A revision is digested for one signature, and signatures that cover less share what is
/// left: otherwise a few hundred of them would make us digest a file as often.
fn tasks(subjects: &[Subject], len: u64) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut room = len.saturating_mul(MOST_OVER_AGAIN);
    for (position, subject) in subjects.iter().enumerate() {
        let covered = &subject.found.covered;
        let (Some([first, second]), Some(algorithm)) = (covered.ranges(), subject.digest_algorithm()) else {
            continue;
        };
        if covered.revision().is_none() {
            match room.checked_sub(second.end.saturating_sub(second.start)) {
                Some(left) => room = left,
                None => continue,
            }
        }
        tasks.push(Task {
            subject: position,
            algorithm,
            gap: [first.end, second.start],
            end: second.end,
            hasher: None,
        });
    }
    tasks
}

fn stretch(
    source: &dyn Source,
    options: &Options,
    range: std::ops::Range<u64>,
    mut take: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut position = range.start;
    let mut buffer = Vec::new();
    while position < range.end {
        let length = usize::try_from(range.end.saturating_sub(position))
            .unwrap_or(CHUNK)
            .min(CHUNK);
        let start = usize::try_from(position).unwrap_or(usize::MAX);
        match source
            .as_slice()
            .and_then(|all| all.get(start..start.checked_add(length)?))
        {
            Some(bytes) => take(bytes),
            None => {
                buffer.resize(length, 0);
                source.read_at(position, &mut buffer)?;
                take(&buffer);
            }
        }
        position = position.saturating_add(u64::try_from(length).unwrap_or(0));
        if let Some(progress) = &options.progress {
            progress(position, source.len());
        }
    }
    Ok(())
}

/// Own choice: large enough for the disk, small enough for the cache.
const CHUNK: usize = 256 * 1024;

/// Own choice: honest files hold no signature that covers less than a revision; one or two are judged wholly.
const MOST_OVER_AGAIN: u64 = 2;
