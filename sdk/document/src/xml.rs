//! The report as ETSI TS 119 102-2 V1.2.1 writes it. What the schema has no place for is told as additional
//! report data, by the codes of the JSON report.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};

use crate::report::{Kind, Report, SignatureReport, TimeSource};

impl Report {
    /// A validation report in XML, one element for each signature. For a file without any signature there is one
    /// element that says so, since the schema wants at least one.
    pub fn to_xml(&self) -> String {
        let mut xml = Xml::default();
        xml.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let spaces = [
            ("xmlns", "http://uri.etsi.org/19102/v1.2.1#"),
            ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
            ("xmlns:xs", "http://www.w3.org/2001/XMLSchema"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ];
        xml.element("ValidationReport", &spaces, |xml| {
            for (place, signature) in self.signatures.iter().enumerate() {
                xml.element("SignatureValidationReport", &[], |xml| {
                    self.signature(xml, place, signature)
                });
            }
            if self.signatures.is_empty() {
                xml.element("SignatureValidationReport", &[], |xml| {
                    self.time(xml, None);
                    xml.element("SignatureValidationStatus", &[], |xml| {
                        xml.leaf("MainIndication", &[], &indication("INDETERMINATE"));
                        self.told(xml, None);
                    });
                });
            }
            let mut known = self
                .signatures
                .iter()
                .enumerate()
                .filter(|(_, s)| s.signer.is_some())
                .peekable();
            if known.peek().is_some() {
                xml.element("SignatureValidationObjects", &[], |xml| {
                    known.for_each(|(place, signature)| certificate(xml, place, signature));
                });
            }
        });
        xml.text
    }

    /// §4.3: in the order of the schema.
    fn signature(&self, xml: &mut Xml, place: usize, signature: &SignatureReport) {
        xml.element("SignatureIdentifier", &[("id", &format!("S-{place}"))], |xml| {
            xml.leaf("HashOnly", &[], "false");
            xml.leaf("DocHashOnly", &[], "false");
        });
        self.time(xml, Some(signature));
        if let Some(signer) = &signature.signer {
            xml.element("SignerInformation", &[], |xml| {
                let reference = format!("C-{place}");
                xml.leaf("SignerCertificate", &[("VOReference", &reference)], "");
                xml.leaf(
                    "Signer",
                    &[],
                    signer.common_name.as_deref().unwrap_or(&signer.serial),
                );
            });
        }
        xml.element("SignatureValidationProcess", &[], |xml| {
            // §4.3.11: with proofs of existence it is that of EN 319 102-1 §5.6, without the basic one of §5.3.
            let process = match (signature.kind, signature.time_source) {
                (Kind::Signature, TimeSource::Verification) => "Basic",
                (Kind::Signature, TimeSource::SignatureTimestamp) => "LTVM",
                _ => "LTA",
            };
            let process = format!("urn:etsi:019102:validationprocess:{process}");
            xml.leaf("SignatureValidationProcessID", &[], &process);
        });
        xml.element("SignatureValidationStatus", &[], |xml| {
            xml.leaf("MainIndication", &[], &indication(signature.indication));
            if let Some(sub) = signature.sub_indication {
                xml.leaf(
                    "SubIndication",
                    &[],
                    &format!("urn:etsi:019102:subindication:{sub}"),
                );
            }
            self.told(xml, Some(&signature.field));
        });
    }

    fn time(&self, xml: &mut Xml, signature: Option<&SignatureReport>) {
        xml.element("ValidationTimeInfo", &[], |xml| {
            xml.leaf("ValidationTime", &[], &self.at);
            xml.element("BestSignatureTime", &[], |xml| {
                xml.leaf("POETime", &[], signature.map_or(&self.at, |s| &s.best_time));
                xml.leaf("TypeOfProof", &[], "urn:etsi:019102:poetype:validation");
            });
        });
    }

    /// Every problem about this signature or the whole file, by its code.
    fn told(&self, xml: &mut Xml, field: Option<&str>) {
        let about =
            |problem: &&crate::report::Problem| problem.field.is_none() || problem.field.as_deref() == field;
        let mut codes: Vec<&str> = self.problems.iter().filter(about).map(|p| p.code).collect();
        codes.dedup();
        if codes.is_empty() {
            return;
        }
        xml.element("AssociatedValidationReportData", &[], |xml| {
            xml.element("AdditionalValidationReportData", &[], |xml| {
                for code in codes {
                    xml.element("ReportData", &[], |xml| {
                        xml.leaf("Type", &[], "urn:aval:problem");
                        xml.leaf("Value", &[("xsi:type", "xs:string")], code);
                    });
                }
            });
        });
    }
}

/// §4.4: the signer's certificate, by its digest.
fn certificate(xml: &mut Xml, place: usize, signature: &SignatureReport) {
    let digest = signature.signer.as_ref().map_or("", |s| &s.sha256);
    let digest = HEXLOWER.decode(digest.as_bytes()).unwrap_or_default();
    xml.element("ValidationObject", &[("id", &format!("C-{place}"))], |xml| {
        xml.leaf("ObjectType", &[], "urn:etsi:019102:validationObject:certificate");
        xml.element("ValidationObjectRepresentation", &[], |xml| {
            xml.element("DigestAlgAndValue", &[], |xml| {
                xml.leaf(
                    "ds:DigestMethod",
                    &[("Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256")],
                    "",
                );
                xml.leaf("ds:DigestValue", &[], &BASE64.encode(&digest));
            });
        });
    });
}

/// §4.3.4.2.
fn indication(name: &str) -> String {
    format!("urn:etsi:019102:mainindication:{}", name.to_ascii_lowercase())
}

#[derive(Default)]
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn element(&mut self, name: &str, attributes: &[(&str, &str)], inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        self.text.push_str(">\n");
        self.depth = self.depth.saturating_add(1);
        inside(self);
        self.depth = self.depth.saturating_sub(1);
        let _ = writeln!(self.text, "{:1$}</{name}>", "", self.depth.saturating_mul(2));
    }

    fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        if text.is_empty() {
            self.text.push_str("/>\n");
        } else {
            let _ = writeln!(self.text, ">{}</{name}>", escaped(text));
        }
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.text, "{:1$}<{name}", "", self.depth.saturating_mul(2));
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"{}\"", escaped(value));
        }
    }
}

/// XML 1.0 §2.2, §2.4: what would be markup, and what no document may hold.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(
            escaped("</Signer>&\"\u{0}ñ"),
            "&lt;/Signer&gt;&amp;&quot;\u{fffd}ñ"
        );
    }
}
