//! Signatures by OpenSSL are judged as they should be; signatures made here break one rule each.

mod confusion;
mod forge;
mod mutants;
mod openssl;
mod rules;
