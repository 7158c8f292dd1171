//! A key that clients encrypt to. It is always kept here, sealed: PKCS#11 tokens agree on keys each in their own way.

use sdk_jose::jwe::DecryptionKey;
use zeroize::Zeroizing;

use crate::{
    error::Fault,
    world::{Chance, bytes},
};

/// A new private key in the encoding that [`open`] reads: the secret number of P-256, big-endian.
///
/// # Errors
/// A fault when chance gives nothing that is one.
pub fn generate(chance: &dyn Chance) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // FIPS 186-5 A.2.2: numbers that are none are thrown away. One in four thousand million is.
    for _ in 0..TRIES {
        let secret = Zeroizing::new(bytes::<32>(chance));
        if DecryptionKey::p256(&secret).is_ok() {
            return Ok(Zeroizing::new(secret.to_vec()));
        }
    }
    Err(Fault::plain("generating a key to encrypt to"))
}

/// Opens a key as [`generate`] made it.
///
/// # Errors
/// A fault when the bytes are not such a key.
pub fn open(secret: &[u8]) -> Result<DecryptionKey, Fault> {
    let secret: Zeroizing<[u8; 32]> = secret
        .try_into()
        .map(Zeroizing::new)
        .map_err(|source| Fault::of("opening a key that is encrypted to", source))?;
    DecryptionKey::p256(&secret).map_err(|source| Fault::of("opening a key that is encrypted to", source))
}

const TRIES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SystemChance;

    struct Always(u8);

    impl Chance for Always {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn what_is_made_is_opened_and_published_for_encryption() {
        let key = open(&generate(&SystemChance::default()).unwrap()).unwrap();
        let public = serde_json::to_value(key.public().unwrap()).unwrap();
        assert_eq!((&public["use"], &public["crv"]), (&"enc".into(), &"P-256".into()));
        assert_eq!(public.get("d"), None);
    }

    #[test]
    fn numbers_outside_the_curves_order_are_thrown_away() {
        assert!(generate(&Always(0)).is_err());
        assert!(generate(&Always(0xff)).is_err());
        assert!(open(&[1; 31]).is_err());
    }
}
