//! Makes small PDFs, signs them, and appends to them whatever an attacker would.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use sdk_document::{Bytes, Options, Report, verify};
use sdk_pki::{Certificate, DigestAlgorithm, TrustAnchors, oid};
use time::OffsetDateTime;
use time::macros::datetime;

use super::stamper::{Holder, SignedContent, Stamp, stamping_unit};

/// When the tests ask.
pub const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// An official with a certificate of an authority under a root, and a timestamping unit under the same.
pub struct Official {
    pub signer: Holder,
    pub unit: Holder,
    pub authority: Vec<u8>,
    root: Vec<u8>,
    /// Whether signatures bring the authority's certificate along.
    pub brings_authority: bool,
    /// What the next signatures are stamped with.
    pub stamp: Option<Stamp>,
    /// What they claim of their time, in `/M`.
    pub claimed: &'static str,
    /// How their revision is written.
    pub writer: Writer,
}

/// A file, and the objects of its next revision.
pub type Writer = fn(&[u8], &[(usize, String)]) -> Vec<u8>;

impl Official {
    pub fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        root.distinguished_name.push(DnType::CommonName, "Raíz de prueba");
        root.not_before = datetime!(2020-01-01 0:00 UTC);
        root.not_after = datetime!(2040-01-01 0:00 UTC);
        let root_certificate = root.self_signed(&root_key).unwrap().der().to_vec();
        let issuer = Issuer::new(root, root_key);
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.use_authority_key_identifier_extension = true;
        authority
            .distinguished_name
            .push(DnType::CommonName, "Autoridad de prueba");
        authority.not_before = datetime!(2024-01-01 0:00 UTC);
        authority.not_after = datetime!(2040-01-01 0:00 UTC);
        let authority_certificate = authority
            .signed_by(&authority_key, &issuer)
            .unwrap()
            .der()
            .to_vec();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(Vec::new()).unwrap();
        let name = &mut leaf.distinguished_name;
        name.push(DnType::CommonName, "María Muñoz del Río");
        name.push(DnType::OrganizationName, "Municipalidad de Temuco");
        name.push(
            DnType::CustomDnType(vec![2, 5, 4, 12]),
            DnValue::Utf8String("Directora de Obras".to_owned()),
        );
        leaf.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::ContentCommitment,
        ];
        leaf.not_before = datetime!(2026-01-01 0:00 UTC);
        leaf.not_after = datetime!(2028-01-01 0:00 UTC);
        leaf.use_authority_key_identifier_extension = true;
        let issuer = Issuer::new(authority, authority_key);
        let certificate = leaf.signed_by(&key, &issuer).unwrap().der().to_vec();
        Self {
            signer: Holder::new(&key, certificate),
            unit: stamping_unit(&issuer),
            authority: authority_certificate,
            root: root_certificate,
            brings_authority: true,
            stamp: None,
            claimed: "D:20261121114200Z",
            writer: append,
        }
    }

    pub fn options(&self) -> Options {
        let mut anchors = TrustAnchors::new();
        anchors.add(Certificate::from_der(&self.root).unwrap());
        Options::new(anchors, NOW)
    }

    pub fn judge(&self, file: &[u8]) -> Report {
        self.judge_at(file, NOW)
    }

    pub fn judge_at(&self, file: &[u8], at: OffsetDateTime) -> Report {
        let options = Options { at, ..self.options() };
        let report = verify(Bytes::new(file), &options);
        let folder = std::env::var_os("AVAL_MUTANTS").filter(|_| at == NOW && file.len() <= LARGEST_KEPT);
        if let Some(folder) = folder {
            self.keep(Path::new(&folder), file, &report);
        }
        report
    }

    /// For other validators to judge as well (`tests/python/test_mutants.py`): the file, our report on it, and whom we
    /// trusted, named after the test.
    fn keep(&self, folder: &Path, file: &[u8], report: &Report) {
        static KEPT: AtomicUsize = AtomicUsize::new(0);
        let number = KEPT.fetch_add(1, Ordering::Relaxed);
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default().replace("::", ".");
        let path = |ending: &str| folder.join(format!("{test}-{number:05}.{ending}"));
        std::fs::write(path("pdf"), file).unwrap();
        std::fs::write(path("der"), &self.root).unwrap();
        std::fs::write(path("json"), serde_json::to_vec(report).unwrap()).unwrap();
    }

    /// A detached CMS signature over a digest, stamped if there is a stamp.
    fn cms(&self, digest: &[u8]) -> Vec<u8> {
        let authority = self.brings_authority.then_some(&self.authority[..]);
        let along = [&self.signer.certificate[..], authority.unwrap_or_default()].concat();
        let signed = SignedContent {
            kind: oid::CMS_DATA,
            inside: None,
            algorithm: oid::SHA256,
            digest,
        };
        let stamp = |value: &[u8]| {
            let token = self.stamp.as_ref().map(|stamp| stamp.attribute(self, value));
            token.unwrap_or_default()
        };
        self.signer.sign(&signed, &along, &stamp)
    }

    /// Signs in an incremental update. `extra` goes into the signature dictionary.
    pub fn sign_with(&self, file: &[u8], extra: &str) -> Vec<u8> {
        self.sign_as(
            file,
            &format!("/ByteRange[{RANGE}]/Contents<{}>{extra}", "0".repeat(GAP)),
        )
    }

    pub fn sign(&self, file: &[u8]) -> Vec<u8> {
        self.sign_with(file, "")
    }

    /// Signs with a dictionary whose `/ByteRange` and `/Contents` are as given; placeholders are filled in.
    pub fn sign_as(&self, file: &[u8], entries: &str) -> Vec<u8> {
        let count = count(file, b"/FT/Sig");
        let (field, value) = (SIGNATURES + 2 * count, SIGNATURES + 2 * count + 1);
        let fields: String = (0..=count)
            .map(|i| format!(" {} 0 R", SIGNATURES + 2 * i))
            .collect();
        let update = [
            (3, page_with_field(file, field)),
            (
                5,
                format!("<</Fields[6 0 R{fields}]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>"),
            ),
            (
                field,
                format!(
                    "<</FT/Sig/T(Firma{count})/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 3 0 R/V {value} 0 R>>"
                ),
            ),
            (
                value,
                format!(
                    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M({}){entries}>>",
                    self.claimed
                ),
            ),
        ];
        let mut signed = (self.writer)(file, &update);
        let gap = find_last(&signed, b"/Contents<").map(|at| at + 9);
        let Some(start) = gap.filter(|_| entries.contains(&"0".repeat(GAP))) else {
            return signed;
        };
        let end = start + GAP + 2;
        if let Some(at) = find_last(&signed, RANGE.as_bytes()) {
            let range = format!("0 {start} {end} {}", signed.len() - end);
            let padded = format!("{range:<width$}", width = RANGE.len());
            signed[at..at + RANGE.len()].copy_from_slice(padded.as_bytes());
        }
        let covered = [&signed[..start], &signed[end..]].concat();
        let cms = data_encoding::HEXLOWER.encode(&self.cms(DigestAlgorithm::Sha256.of(&covered).bytes()));
        signed[start + 1..start + 1 + cms.len()].copy_from_slice(cms.as_bytes());
        signed
    }
}

/// Other validators compare every revision anew for each signature: a file that hundreds signed takes them hours.
const LARGEST_KEPT: usize = 256 << 10;

/// Placeholder for the ranges.
pub const RANGE: &str = "0 9999999999 9999999999 9999999999";
/// Digits reserved for the signature.
pub const GAP: usize = 8192;
/// The first signature's field; its value follows.
pub const SIGNATURES: usize = 20;

/// The page as the file has it (or the workshop's own), with one more annotation.
fn page_with_field(file: &[u8], field: usize) -> String {
    let written =
        find_last(file, b"\n3 0 obj\n").map(|at| String::from_utf8_lossy(&file[at + 9..]).into_owned());
    let body = written.and_then(|rest| Some(rest.split_once("\nendobj")?.0.to_owned()));
    let body = body
        .filter(|body| body.contains("/Annots["))
        .unwrap_or_else(|| page(""));
    let (before, list) = body.split_once("/Annots[").unwrap();
    let (list, behind) = list.split_once(']').unwrap();
    format!("{before}/Annots[{list} {field} 0 R]{behind}")
}

fn page(annotations: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 7 0 R>>>>/Annots[6 0 R{annotations}]>>"
    )
}

/// A page, a text, an empty text field.
pub fn base() -> Vec<u8> {
    let content = "BT /F1 24 Tf 72 720 Td (Se autoriza la obra.) Tj ET";
    let objects = [
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page("")),
        (4, format!("<</Length {}>>\nstream\n{content}\nendstream", content.len())),
        (5, "<</Fields[6 0 R]/DR<</Font<</F1 7 0 R>>>>>>".to_owned()),
        (
            6,
            "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)>>"
                .to_owned(),
        ),
        (7, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
    ];
    write(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec(), &objects, "")
}

/// An incremental update.
pub fn append(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    append_with(file, objects, "/Root 1 0 R")
}

/// An incremental update with these trailer entries.
pub fn append_with(file: &[u8], objects: &[(usize, String)], trailer: &str) -> Vec<u8> {
    let prev = startxref(file);
    write(file.to_vec(), objects, &format!("{trailer}/Prev {prev}"))
}

pub fn startxref(file: &[u8]) -> usize {
    let at = find_last(file, b"startxref\n").unwrap() + 10;
    let digits: String = file[at..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .collect();
    digits.parse().unwrap()
}

fn write(mut out: Vec<u8>, objects: &[(usize, String)], trailer: &str) -> Vec<u8> {
    let before = size_before(&out);
    let mut places = Vec::new();
    for (number, body) in objects {
        places.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let xref = out.len();
    out.extend(table(&places).bytes());
    let root = if trailer.contains("/Root") {
        ""
    } else {
        "/Root 1 0 R"
    };
    let size = places
        .iter()
        .map(|(number, _)| number + 1)
        .fold(before, usize::max);
    out.extend(format!("trailer\n<</Size {size}{root}{trailer}>>\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}

/// The newest `/Size`: no number below it is taken for a new object by others.
fn size_before(file: &[u8]) -> usize {
    let digits = |at: usize| {
        let digits = file[at + 6..].iter().take_while(|b| b.is_ascii_digit());
        digits.map(|b| char::from(*b)).collect::<String>()
    };
    find_last(file, b"/Size ").map_or(1, |at| digits(at).parse().unwrap())
}

pub fn table(places: &[(usize, usize)]) -> String {
    let mut text = "xref\n0 1\n0000000000 65535 f \n".to_owned();
    for (number, offset) in places {
        text += &format!("{number} 1\n{offset:010} 00000 n \n");
    }
    text
}

pub fn find_last(file: &[u8], needle: &[u8]) -> Option<usize> {
    file.windows(needle.len()).rposition(|w| w == needle)
}

fn count(file: &[u8], needle: &[u8]) -> usize {
    file.windows(needle.len()).filter(|w| *w == needle).count()
}

/// An incremental update whose objects are in an object stream, behind a cross-reference stream.
pub fn append_compressed(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    let prev = startxref(file);
    let (mut directory, mut bodies) = (String::new(), String::new());
    for (number, body) in objects {
        directory += &format!("{number} {} ", bodies.len());
        bodies += &format!("{body} ");
    }
    let container = format!(
        "50 0 obj\n<</Type/ObjStm/N {}/First {}/Length {}>>\nstream\n{directory}{bodies}\nendstream\nendobj\n",
        objects.len(),
        directory.len(),
        directory.len() + bodies.len()
    );
    let mut out = file.to_vec();
    let at = out.len();
    out.extend(container.bytes());
    let xref = out.len();
    let mut rows: Vec<(usize, [u8; 6])> = Vec::new();
    let row = |kind: u8, value: usize, index: usize| {
        let value = u32::try_from(value).unwrap().to_be_bytes();
        [
            kind,
            value[0],
            value[1],
            value[2],
            value[3],
            u8::try_from(index).unwrap(),
        ]
    };
    for (index, (number, _)) in objects.iter().enumerate() {
        rows.push((*number, row(2, 50, index)));
    }
    rows.push((50, row(1, at, 0)));
    rows.push((51, row(1, xref, 0)));
    rows.sort_unstable_by_key(|(number, _)| *number);
    let index: String = rows.iter().map(|(number, _)| format!("{number} 1 ")).collect();
    let data: Vec<u8> = rows.iter().flat_map(|(_, row)| *row).collect();
    out.extend(
        format!(
            "51 0 obj\n<</Type/XRef/Size 60/Root 1 0 R/Prev {prev}/W[1 4 1]/Index[{index}]/Length {}>>\nstream\n",
            data.len()
        )
        .bytes(),
    );
    out.extend(data);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}

/// A stream object.
pub fn stream(content: &str) -> String {
    format!("<</Length {}>>\nstream\n{content}\nendstream", content.len())
}
