//! Names of files that people send us, and how they go back.

/// A document's name, made safe to show, to store in an archive and to send in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// Keeps the last path component; drops control and bidirectional-override characters and what file systems
    /// treat specially; bounds the length. A name with nothing left becomes `documento.pdf`.
    #[must_use]
    pub fn clean(raw: &str) -> Self {
        let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
        let mut name: String = last.chars().filter(|c| keeps(*c)).take(MOST_CHARACTERS).collect();
        while name.len() > MOST_BYTES {
            name.pop();
        }
        let trimmed = name.trim_matches(|c: char| c.is_whitespace() || c == '.');
        if trimmed.is_empty() {
            Self("documento.pdf".to_owned())
        } else {
            Self(trimmed.to_owned())
        }
    }

    /// The name as shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `permiso.pdf` → `permiso-firmado.pdf`
    #[must_use]
    pub fn signed(&self) -> Self {
        let stem = self.stem();
        Self(format!("{stem}-firmado.pdf"))
    }

    /// `permiso.pdf`, 2 → `permiso (2).pdf`: for a second file of the same name in one archive.
    #[must_use]
    pub fn numbered(&self, n: usize) -> Self {
        Self(format!("{} ({n}).pdf", self.stem()))
    }

    /// A `Content-Disposition` value for downloading (RFC 6266 §4): an ASCII fallback and the UTF-8 name by
    /// RFC 8187.
    #[must_use]
    pub fn attachment(&self) -> String {
        let fallback: String = self
            .0
            .chars()
            .map(|c| {
                if c.is_ascii_graphic() && c != '"' && c != '%' || c == ' ' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let mut encoded = String::new();
        for byte in self.0.bytes() {
            // RFC 8187 §3.2.1 attr-char
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
        format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
    }

    fn stem(&self) -> &str {
        match self
            .0
            .len()
            .checked_sub(4)
            .and_then(|at| self.0.split_at_checked(at))
        {
            Some((stem, extension)) if extension.eq_ignore_ascii_case(".pdf") && !stem.is_empty() => stem,
            _ => &self.0,
        }
    }
}

/// Whether a character may stand in a name: no controls, no bidirectional formatting (a name must read as it is),
/// none that Windows or a shell gives a meaning.
fn keeps(c: char) -> bool {
    let bidirectional =
        matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(
        c,
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}'
    );
    !(c.is_control() || bidirectional || invisible || r#"<>:"|?*\/"#.contains(c))
}

/// A name that a person can read in one line.
const MOST_CHARACTERS: usize = 120;
/// Common file systems hold 255 bytes; this leaves room for what we append.
const MOST_BYTES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_last_component_of_a_path_stays() {
        assert_eq!(FileName::clean("../../etc/passwd").as_str(), "passwd");
        assert_eq!(FileName::clean(r"C:\papeles\oficio.pdf").as_str(), "oficio.pdf");
    }

    #[test]
    fn line_breaks_and_quotes_cannot_reach_a_header() {
        let value = FileName::clean("a\r\nSet-Cookie: x=1\".pdf").attachment();
        assert!(!value.contains('\r') && !value.contains('\n'));
        assert_eq!(value.matches('"').count(), 2);
    }

    #[test]
    fn a_reversed_extension_reads_as_it_is() {
        assert_eq!(FileName::clean("oficio\u{202E}fdp.exe").as_str(), "oficiofdp.exe");
    }

    #[test]
    fn diacritics_travel_by_rfc_8187() {
        let value = FileName::clean("resolución.pdf").attachment();
        assert_eq!(
            value,
            "attachment; filename=\"resoluci_n.pdf\"; filename*=UTF-8''resoluci%C3%B3n.pdf"
        );
    }

    #[test]
    fn the_signed_copy_keeps_the_name() {
        assert_eq!(
            FileName::clean("Oficio.PDF").signed().as_str(),
            "Oficio-firmado.pdf"
        );
        assert_eq!(FileName::clean("oficio").signed().as_str(), "oficio-firmado.pdf");
    }

    #[test]
    fn an_empty_name_gets_one() {
        assert_eq!(FileName::clean(" .. ").as_str(), "documento.pdf");
    }

    proptest! {
        #[test]
        fn any_name_gives_a_legal_header(raw in ".{0,400}") {
            let name = FileName::clean(&raw);
            prop_assert!(http::HeaderValue::from_str(&name.attachment()).is_ok());
            prop_assert!(name.as_str().len() <= MOST_BYTES.max("documento.pdf".len()));
            prop_assert!(!name.as_str().contains(['/', '\\']));
        }
    }
}
