//! X.509 for documents: path validation, revocation evidence, timestamps, algorithm policy.
