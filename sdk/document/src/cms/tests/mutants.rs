//! Whatever bytes arrive: no panic, no hang, and nothing else is called intact.

use proptest::prelude::*;
use sdk_pki::DigestAlgorithm;

use super::openssl::{CONTENT, data};
use crate::cms::{Content, Integrity, SignedData, Token};

const SEEDS: [&[u8]; 4] = [
    data!("detached.p7s"),
    data!("indefinite.p7s"),
    data!("pss.p7s"),
    data!("token.tst"),
];

/// Reads and judges; if the answer is "intact", what the verdict rests on must be untouched.
fn judge(bytes: &[u8], original: &[u8]) {
    let _ = Token::parse_padded(bytes).map(|token| token.verify(&DigestAlgorithm::Sha256.of(CONTENT), &[]));
    let Ok(signed) = SignedData::parse_padded(bytes) else {
        return;
    };
    let digest = DigestAlgorithm::Sha256.of(CONTENT);
    let content = if signed.content().is_some() {
        Content::Embedded
    } else {
        Content::Detached(&digest)
    };
    let verdict = signed.verify(content, &[]);
    let _ = (
        signed.claimed_time(),
        signed.evidence(),
        signed.signature_timestamps().count(),
    );
    if verdict.integrity == Integrity::Intact {
        let before = SignedData::parse_padded(original).unwrap();
        assert_eq!(signed.content(), before.content());
        assert_eq!(verdict.signer, before.verify(content, &[]).signer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn row_59_changed_bytes_never_panic_and_never_pass(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        judge(&bytes, SEEDS[seed]);
    }

    #[test]
    fn row_59_cut_and_spliced_bytes_never_panic(
        seed in 0..SEEDS.len(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        insert in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        let (one, two) = (from.index(bytes.len()), to.index(bytes.len()));
        bytes.splice(one.min(two)..one.max(two), insert);
        judge(&bytes, SEEDS[seed]);
    }

    #[test]
    fn row_59_arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = (SignedData::parse_padded(&bytes), Token::parse(&bytes));
    }
}

#[test]
fn every_single_flipped_bit_of_a_signature_leaves_the_verdict_honest() {
    let original = SEEDS[0];
    for at in 0..original.len() {
        let mut bytes = original.to_vec();
        bytes[at] ^= 1;
        judge(&bytes, original);
    }
}

#[test]
fn row_59_ten_thousand_levels_are_refused_at_once() {
    let deep = [0x30_u8, 0x80].repeat(10_000);
    assert!(SignedData::parse_padded(&deep).is_err());
    let mut nested = vec![0x05, 0x00];
    for _ in 0..10_000 {
        nested = sdk_pki::der::encode(0x30, &nested);
    }
    assert!(SignedData::parse_padded(&nested).is_err());
}
