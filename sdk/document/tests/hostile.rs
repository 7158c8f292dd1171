//! Files made to take time or memory: each is answered soon, whatever the answer.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test fails loudly, and counts its cases"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber};
use sdk_document::{Bytes, Options, Report, TrustAnchors, Verdict, verify};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, Effort, oid};

const FORM: &str = "<</Fields[5 0 R]>>";
const FIELD: &str = "<</FT/Sig/T(a)/V 6 0 R/Rect[0 0 0 0]>>";
const VALUE: &str = "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00ff>>>";

/// Objects from 1 on, then one table.
fn file(objects: &[String]) -> Vec<u8> {
    let (mut out, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (number, body) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        write!(out, "{} 0 obj\n{body}\nendobj\n", number + 1).unwrap();
    }
    let (at, size) = (out.len(), objects.len() + 1);
    write!(
        out,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n"
    )
    .unwrap();
    out.into_bytes()
}

fn page() -> [String; 2] {
    [
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_owned(),
    ]
}

/// Optimised, each takes a tenth of this: two seconds on one core are what the service allows.
fn soon(what: &str, bytes: Vec<u8>) {
    let begin = Instant::now();
    let options = Options::new(TrustAnchors::new(), time::macros::datetime!(2026-11-21 12:00 UTC));
    let report = verify(Bytes::new(bytes), &options);
    assert_ne!(report.verdict, Verdict::Valid, "{what}");
    let bound = if cfg!(debug_assertions) { 60 } else { 15 };
    assert!(
        begin.elapsed() < Duration::from_secs(bound),
        "{what}: {:?}",
        begin.elapsed()
    );
}

#[test]
fn row_68_a_catalogue_of_four_hundred_thousand_keys() {
    let mut catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R".to_owned();
    for key in 0..400_000 {
        write!(catalog, "/K{key} {key}").unwrap();
    }
    catalog.push_str(">>");
    let [pages, page] = page();
    soon(
        "catalogue",
        file(&[catalog, pages, page, FORM.into(), FIELD.into(), VALUE.into()]),
    );
}

#[test]
fn row_68_an_array_without_an_end() {
    let [pages, page] = page();
    soon("array", file(&["[".repeat(2_000_000), pages, page]));
}

#[test]
fn row_68_a_form_of_ninety_thousand_fields() {
    let [pages, page] = page();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>".to_owned(),
        pages,
        page,
    ];
    let kids = (5..90_005).fold(String::new(), |mut kids, number| {
        write!(kids, "{number} 0 R ").unwrap();
        kids
    });
    objects.push(format!("<</Fields[{kids}]>>"));
    objects.extend((5..90_005).map(|_| "<</FT/Tx/T(a)>>".to_owned()));
    soon("fields", file(&objects));
}

#[test]
fn row_68_a_string_of_nine_megabytes() {
    let [pages, page] = page();
    let catalog = format!("<</Type/Catalog/Pages 2 0 R/X<{}>>>", "4 ".repeat(4_500_000));
    soon("string", file(&[catalog, pages, page]));
}

const NOW: time::OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

/// Authorities of one name, and somebody whom another one of that name certified.
struct Crowd {
    authorities: Vec<Vec<u8>>,
    leaf: Vec<u8>,
}

/// Stands in the leaf, and is replaced.
const SERIAL: [u8; 8] = [0x2a; 8];

impl Crowd {
    fn new(count: usize) -> Self {
        let params = |name: &str| {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let authority = || {
            let mut params = params("Authority");
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
        };
        let made = |params: &CertificateParams| {
            let own = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            own.der().to_vec()
        };
        let mut leaf = params("Ana");
        leaf.serial_number = Some(SerialNumber::from_slice(&SERIAL));
        let (issuer, key) = (authority(), KeyPair::generate().unwrap());
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &Issuer::from_params(&issuer, &key));
        Self {
            authorities: (0..count).map(|_| made(&authority())).collect(),
            leaf: leaf.unwrap().der().to_vec(),
        }
    }

    /// A signature value that nobody computed, with a leaf of its own: one that no path search has met.
    fn cms(&self, number: usize) -> Vec<u8> {
        let sequence = |parts: &[&[u8]]| encode(der::SEQUENCE, &parts.concat());
        let at = self.leaf.windows(8).position(|window| window == SERIAL).unwrap();
        let mut leaf = self.leaf.clone();
        leaf[at + 4..at + 8].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        let certificate = Certificate::from_der(&leaf).unwrap();
        let algorithm = |oid: &[u8]| sequence(&[&encode(der::OID, oid)]);
        let along = if number == 0 {
            self.authorities.concat()
        } else {
            Vec::new()
        };
        let signer = sequence(&[
            &encode(der::INTEGER, &[1]),
            &sequence(&[
                certificate.issuer().der(),
                &encode(der::INTEGER, certificate.serial()),
            ]),
            &algorithm(oid::SHA256),
            &algorithm(oid::ECDSA_WITH_SHA256),
            &encode(der::OCTET_STRING, &sequence(&[&[2, 1, 1], &[2, 1, 1]])),
        ]);
        let data = sequence(&[
            &encode(der::INTEGER, &[1]),
            &encode(der::SET, &algorithm(oid::SHA256)),
            &sequence(&[&encode(der::OID, oid::CMS_DATA)]),
            &encode(der::context(0), &[leaf, along].concat()),
            &encode(der::SET, &signer),
        ]);
        sequence(&[
            &encode(der::OID, oid::CMS_SIGNED_DATA),
            &encode(der::context(0), &data),
        ])
    }

    /// So many signatures, each over the file up to itself and a byte behind it; the first brings the authorities.
    fn file(&self, signatures: usize) -> Vec<u8> {
        let first = 5;
        let references = |from: usize, count: usize| {
            (from..from + count).fold(String::new(), |all, number| format!("{all}{number} 0 R "))
        };
        let [pages, page] = page();
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>".to_owned(),
            pages,
            page,
            format!("<</Fields[{}]>>", references(first, signatures)),
        ];
        for one in 0..signatures {
            let value = first + signatures + one;
            objects.push(format!("<</FT/Sig/T(s{one})/V {value} 0 R/Rect[0 0 0 0]>>"));
        }
        // The numbers of the ranges have ten digits, so that a second pass can state them.
        for one in 0..signatures {
            let contents = data_encoding::HEXLOWER.encode(&self.cms(one));
            objects.push(format!(
                "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 ---------- ---------- 1]/Contents <{contents}>>>"
            ));
        }
        let mut bytes = file(&objects);
        let mut from = 0;
        while let Some(at) = bytes[from..]
            .windows(21)
            .position(|w| w == b"---------- ----------")
        {
            let (at, gap) = (from + at, from + at + 34);
            let end = gap + bytes[gap..].iter().position(|byte| *byte == b'>').unwrap() + 1;
            let stated = format!("{gap:010} {end:010}");
            bytes[at..at + 21].copy_from_slice(stated.as_bytes());
            from = at + 21;
        }
        bytes
    }

    /// Judged by somebody who trusts one more of that name.
    fn judge(&self, bytes: Vec<u8>) -> (Report, Duration) {
        let anchor = Certificate::from_der(&self.authorities[0]).unwrap();
        let options = Options::new([anchor].into_iter().collect(), NOW);
        let begin = Instant::now();
        (verify(Bytes::new(bytes), &options), begin.elapsed())
    }
}

#[test]
fn row_60_many_signatures_under_a_crowd_of_issuers_of_one_name_come_to_an_end() {
    let crowd = Crowd::new(90);
    let (report, took) = crowd.judge(crowd.file(130));
    assert_eq!(report.signatures.len(), 130);
    let told = |one: &&sdk_document::SignatureReport| {
        let about = |p: &&sdk_document::Problem| p.field.as_deref() == Some(&one.field);
        report
            .problems
            .iter()
            .filter(about)
            .any(|p| p.code == "too_many_checks")
    };
    let cut_short = report.signatures.iter().filter(told).count();
    assert!((5..60).contains(&cut_short), "{cut_short} of 130");
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn row_60_a_few_signatures_under_a_crowd_of_issuers_of_one_name_are_all_judged() {
    let crowd = Crowd::new(90);
    let (report, _) = crowd.judge(crowd.file(5));
    assert!(!report.problems.iter().any(|p| p.code == "too_many_checks"));
    assert!(
        report
            .signatures
            .iter()
            .all(|one| one.trust == sdk_document::Trust::Untrusted)
    );
}

#[test]
fn row_60_a_signature_is_not_valid_when_nobody_paid_for_its_checks() {
    let anchors = TrustAnchors::from_pem(include_str!("data/cms/root.pem")).unwrap();
    let at = anchors.iter().next().unwrap().certificate().not_before() + time::Duration::minutes(1);
    let judged = |checks| {
        let mut options = Options::new(anchors.clone(), at);
        options.limits.checks = Effort::checks(checks);
        let content = Bytes::new(b"Ordenanza 42\n".to_vec());
        sdk_document::verify_cms(include_bytes!("data/cms/detached.p7s"), Some(content), &options)
    };
    assert_eq!(judged(30).verdict, Verdict::Valid);
    for checks in [0, 1] {
        let report = judged(checks);
        assert_eq!(report.verdict, Verdict::Indeterminate, "{report:#?}");
        assert_eq!(report.signatures[0].indication, "INDETERMINATE");
        assert!(report.problems.iter().any(|p| p.code == "too_many_checks"));
    }
}

/// A tenth of what a document may cost is enough for the longest of those that people and tools have made.
#[test]
fn row_60_honest_files_cost_a_small_part_of_what_a_document_may() {
    let Some(shared) = std::env::var_os("AVAL_SHARED") else {
        return;
    };
    let corpora = std::path::Path::new(&shared).join("corpora");
    let mut files = Vec::new();
    let mut folders = vec![corpora.join("pyhanko-tests"), corpora.join("dss")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|e| e == "pdf") {
                files.push((entry.metadata().unwrap().len(), entry.path()));
            }
        }
    }
    files.sort();
    assert!(files.len() > 100, "{} files", files.len());
    for (_, path) in files.iter().rev().take(40) {
        let bytes = std::fs::read(path).unwrap();
        let anyone = TrustAnchors::from_pem(include_str!("data/cms/root.pem")).unwrap();
        let mut options = Options::new(anyone, NOW);
        options.limits.checks = Effort::checks(1_000);
        let report = verify(Bytes::new(bytes), &options);
        let cut_short = report.problems.iter().any(|p| p.code == "too_many_checks");
        assert!(!cut_short, "{}", path.display());
    }
}
