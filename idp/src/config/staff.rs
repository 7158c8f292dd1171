//! `[staff]`: officials of the programme.

use serde::Deserialize;

/// What their pages ask for.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// A security key known by its attestation (AAL3), rather than any two factors.
    pub require_aal3: bool,
}
