//! Which certificates were signed by which keys, once computed. The same authorities stand above thousands
//! of signatures, and whether a key signed some bytes is a fact that no later question changes: trust,
//! time, revocation and the strength of algorithms are judged anew each time.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::certificate::Certificate;

/// Signatures over certificates that verified, by the whole bytes of both certificates: no digest that could
/// collide stands in for them. Cheap to clone; clones share what is known.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashSet<(Certificate, Certificate)>>>);

impl Memory {
    /// Did the key of `parent` sign `child`, as far as is known?
    pub(crate) fn knows(&self, child: &Certificate, parent: &Certificate) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !known.is_empty() && known.contains(&(child.clone(), parent.clone()))
    }

    /// Keeps the signatures of a path that led to an anchor. Nobody whom the anchors do not vouch for can
    /// fill this.
    pub(crate) fn keep(&self, path: &[Certificate], anchor: &Certificate) {
        let parents = path.iter().skip(1).chain(std::iter::once(anchor));
        for (child, parent) in path.iter().zip(parents) {
            let octets = child.der().len().saturating_add(parent.der().len());
            if octets > MOST_OCTETS || child == parent || self.knows(child, parent) {
                continue;
            }
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_PAIRS {
                known.clear();
            }
            known.insert((child.clone(), parent.clone()));
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Memory({} signatures)", known.len())
    }
}

/// Own choice: the officials of a ministry, and every authority above them; with [`MOST_OCTETS`] each, 16 MB.
const MOST_PAIRS: usize = 1024;

/// Own choice: two certificates of usual size.
const MOST_OCTETS: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: usize, padding: usize) -> Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![format!("{name}.test")]).unwrap();
        let room = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![0; padding]);
        params.custom_extensions = vec![room];
        Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap()
    }

    #[test]
    fn signatures_are_kept_up_to_their_bound_and_then_forgotten() {
        let all: Vec<Certificate> = (0..33).map(|name| certificate(name, 1)).collect();
        let pairs = || {
            let of = |parent: usize| {
                (0..33)
                    .filter(move |child| *child != parent)
                    .map(move |child| (child, parent))
            };
            (0..33).flat_map(of)
        };
        let memory = Memory::default();
        let known = || {
            pairs()
                .filter(|(child, parent)| memory.knows(&all[*child], &all[*parent]))
                .count()
        };
        for (child, parent) in pairs().take(MOST_PAIRS) {
            memory.keep(&all[child..=child], &all[parent]);
        }
        assert_eq!(known(), MOST_PAIRS);
        let (child, parent) = pairs().nth(MOST_PAIRS).unwrap();
        memory.keep(&all[child..=child], &all[parent]);
        assert_eq!(known(), 1, "the newest");
        assert!(memory.knows(&all[child], &all[parent]));
    }

    #[test]
    fn a_pair_of_unusual_size_is_not_kept() {
        let (parent, one) = (certificate(0, 1), certificate(1, 8_000));
        let room = MOST_OCTETS - parent.der().len() - one.der().len() + 8_000;
        let memory = Memory::default();
        for (padding, kept) in [(room, true), (room + 1, false)] {
            // A signature by ECDSA is some octets longer or shorter each time.
            let exact = (0..200).map(|_| certificate(1, padding));
            let size = MOST_OCTETS - parent.der().len() + usize::from(!kept);
            let child = exact.into_iter().find(|child| child.der().len() == size).unwrap();
            memory.keep(std::slice::from_ref(&child), &parent);
            assert_eq!(memory.knows(&child, &parent), kept);
        }
    }
}
