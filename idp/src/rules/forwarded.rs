//! A client's certificate as a proxy hands it on: the TLS connection ended there.

use data_encoding::{BASE64, Specification};

/// The certificate (DER) in a header's value: a byte sequence of RFC 9440 §2.1 (`:MIIB…:`), or PEM in percent-encoding
/// as nginx writes it. `None` when it is neither.
#[must_use]
pub fn certificate(value: &str) -> Option<Vec<u8>> {
    if value.len() > LONGEST {
        return None;
    }
    let value = value.trim();
    if let Some(inner) = value.strip_prefix(':') {
        return BASE64.decode(inner.strip_suffix(':')?.as_bytes()).ok();
    }
    // A plus is a plus here, and the parser would take it for a space.
    let pair = format!("={}", value.replace('+', "%2B").replace('&', "%26"));
    let (_, pem) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    let base64 = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    lenient()?.decode(base64.as_bytes()).ok()
}

/// RFC 7468 §2: base64 with line breaks.
fn lenient() -> Option<data_encoding::Encoding> {
    let mut specification: Specification = BASE64.specification();
    specification.ignore.push_str("\r\n\t ");
    specification.encoding().ok()
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// Ours: the longest certificate that is read, in base64 and percent-encoding.
const LONGEST: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DER: [u8; 70] = [0xfb; 70];

    fn pem() -> String {
        let base64 = BASE64.encode(&DER);
        let (first, second) = base64.split_at(64);
        format!("{BEGIN}\n{first}\n{second}\n{END}\n")
    }

    #[test]
    fn the_byte_sequence_of_rfc_9440_is_read() {
        let value = format!(":{}:", BASE64.encode(&DER));
        assert_eq!(certificate(&value).unwrap(), DER);
    }

    #[test]
    fn pem_in_percent_encoding_is_read() {
        let all: String = pem().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let some = pem().replace('\n', "%0A").replace(' ', "%20");
        assert!(some.contains('+'), "a plus that is left as it is");
        for value in [all, some] {
            assert_eq!(certificate(&value).unwrap(), DER);
        }
    }

    #[test]
    fn anything_else_is_no_certificate() {
        let base64 = BASE64.encode(&DER);
        for value in [
            "",
            ":",
            "::::",
            "(null)",
            &base64,
            &format!(":{base64}"),
            &format!("{base64}:"),
            BEGIN,
        ] {
            assert!(certificate(value).is_none_or(|der| der.is_empty()), "{value}");
        }
        assert!(certificate(&format!(":{}:", "A".repeat(LONGEST))).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in ".{0,200}") {
            let _ = certificate(&text);
        }
    }
}
