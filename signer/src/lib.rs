//! A signing service: an official approves exactly these documents.
