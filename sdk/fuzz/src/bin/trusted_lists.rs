//! A trusted list (TS 119 612): XML, its canonical form and its signature. The seeds are signed lists, and their
//! signers may sign: whatever is made of them says what one of them said, or is refused.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::{STRUCTURE, within};
use sdk_pki::{AlgorithmPolicy, Certificate, TrustedList, TrustedListError, UnverifiedList};
use time::macros::datetime;

macro_rules! list {
    ($name:literal) => {
        include_bytes!(concat!("../../../pki/tests/trusted_lists/data/", $name)).as_slice()
    };
}

fuzz_target!(|bytes: &[u8]| {
    let said = LazyLock::force(&SAID);
    if let Ok(list) = within(STRUCTURE, || read(bytes)) {
        assert!(said.contains(&list), "nobody signed this: {list:?}");
    }
});

fn read(bytes: &[u8]) -> Result<TrustedList, TrustedListError> {
    UnverifiedList::parse(bytes)?.verify(
        &SIGNERS,
        &AlgorithmPolicy::default(),
        datetime!(2026-11-21 12:00 UTC),
    )
}

static SIGNERS: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let texts = [list!("signer-rsa.pem"), list!("signer-p384.pem")];
    let read = |text: &[u8]| Certificate::from_pem(std::str::from_utf8(text).expect("PEM")).expect("PEM");
    texts.into_iter().flat_map(read).collect()
});

/// What the tests' own lists say: the seeds.
static SAID: LazyLock<Vec<TrustedList>> = LazyLock::new(|| {
    [
        list!("by-identifier.xml"),
        list!("closed.xml"),
        list!("plain-p384.xml"),
        list!("pointers.xml"),
        list!("web-only.xml"),
        list!("xades-pss.xml"),
        list!("xades-rsa.xml"),
    ]
    .into_iter()
    .map(|bytes| read(bytes).expect("a list of the tests"))
    .collect()
});
