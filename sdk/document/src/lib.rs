//! CMS and PDF: strict reader, revisions, what changed after signing, validation, report.
