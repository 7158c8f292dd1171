//! Roots from files and folders; services from trusted lists, each believed while it was granted.

use std::path::PathBuf;

use sdk_pki::{Time, TrustAnchors, TrustedList, TrustedListError};

use crate::error::Fault;

/// Reads roots and lists. A list that points to others names their signers, too, so lists are read in their order.
///
/// # Errors
/// A fault that names the file.
pub(super) fn read(
    roots: &[PathBuf],
    lists: &[PathBuf],
    signers: &[PathBuf],
    now: Time,
) -> Result<TrustAnchors, Fault> {
    let mut anchors = TrustAnchors::new();
    for path in roots {
        anchors.join(TrustAnchors::load(path).map_err(Fault::when("reading the trusted roots"))?);
    }
    let mut may_sign = Vec::new();
    for path in signers {
        let loaded = TrustedList::load_signers(path);
        may_sign.extend(loaded.map_err(Fault::when("reading who may sign trusted lists"))?);
    }
    for path in lists {
        let list = TrustedList::load(path, &may_sign, now).map_err(|error| named(path, &error))?;
        anchors.join(list.anchors());
        may_sign.extend(list.pointers.into_iter().flat_map(|pointer| pointer.signers));
    }
    Ok(anchors)
}

/// Most of these errors are about bytes, and do not know which file they came from.
fn named(path: &std::path::Path, error: &TrustedListError) -> Fault {
    let text = match error {
        TrustedListError::Unreadable { .. } => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    };
    Fault::caused("reading a trusted list", text)
}
