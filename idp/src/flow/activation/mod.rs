//! An account comes to life: a code is given out, somebody types it with their national id, and sets up how they will
//! log in. Nobody is logged in before two factors stand.
//!
//! ```text
//! issue::to_newcomer ─ code ─▶ open::with_code ─ ticket ─▶ secure::by_passkey      ─▶ session at AAL2
//!                                                        └▶ secure::by_password     ─▶ session at AAL2
//! ```

pub mod issue;
pub mod open;
pub mod secure;

use crate::rules::{
    activation::{ActivationCode, SLOT},
    national_id::NationalId,
    time::Timestamp,
};
use crate::service::Idp;

/// What stands for a code in the store: a keyed tag over the national id and the code, so that one question finds both
/// right or nothing.
fn tag(idp: &Idp, national_id: &NationalId, code: &ActivationCode) -> String {
    idp.derived.index.tag_text(&[
        b"activation",
        national_id.scheme().name().as_bytes(),
        national_id.as_str().as_bytes(),
        code.expose().as_bytes(),
    ])
}

/// The slot of time in which wrong codes of everybody are counted.
pub(super) fn slot(now: Timestamp) -> i64 {
    now.0.div_euclid(SLOT.0)
}
