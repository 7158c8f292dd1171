//! What is looked at up to a bound and no farther: beyond it nothing is explained, and so nothing is believed.

use sdk_document::{Report, Verdict};

use super::workshop::{Official, append, base, find_last, stream};

/// A signed file to which a security store with so many pieces of evidence was added.
fn with_evidence(pieces: usize) -> Report {
    let official = Official::new();
    let numbers = || 100..100 + pieces;
    let certificates: String = numbers().map(|number| format!("{number} 0 R ")).collect();
    let mut objects = vec![
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 40 0 R>>".to_owned(),
        ),
        (40, format!("<</Type/DSS/Certs[{certificates}]>>")),
    ];
    objects.extend(numbers().map(|number| (number, stream(""))));
    official.judge(&append(&official.sign(&base()), &objects))
}

#[test]
fn row_56_evidence_in_pieces_is_permitted() {
    assert_eq!(with_evidence(500).verdict, Verdict::Valid);
}

#[test]
fn row_56_evidence_in_more_pieces_than_are_followed_is_not_permitted() {
    let report = with_evidence(20_100);
    assert_eq!(report.verdict, Verdict::Invalid, "{:?}", report.problems);
    assert!(report.problems.iter().any(|p| p.code == "changed_after_signing"));
}

/// The page that a change is told of: many pages share resources of a thousand objects each, then the last page's
/// content is replaced.
fn page_of_a_change(pages: usize) -> Option<usize> {
    let official = Official::new();
    let numbers = || 2_000..2_000 + pages;
    let kids: String = numbers().map(|number| format!("{number} 0 R ")).collect();
    let shared: String = (100..1_100)
        .map(|number| format!("/X{number} {number} 0 R"))
        .collect();
    let mut objects = vec![
        (
            2,
            format!("<</Type/Pages/Kids[3 0 R {kids}]/Count {}>>", pages + 1),
        ),
        (40, format!("<</XObject<<{shared}>>>>")),
        (41, stream("BT (Se autoriza) Tj ET")),
    ];
    objects.extend((100..1_100).map(|number| (number, "[]".to_owned())));
    objects.extend(numbers().map(|number| {
        let content = if number + 1 == 2_000 + pages {
            "/Contents 41 0 R"
        } else {
            ""
        };
        let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources 40 0 R{content}>>");
        (number, page)
    }));
    let signed = official.sign(&append(&base(), &objects));
    assert_eq!(official.judge(&signed).verdict, Verdict::Valid);
    let report = official.judge(&append(&signed, &[(41, stream("BT (Se deniega) Tj ET"))]));
    assert_eq!(report.verdict, Verdict::Invalid);
    report
        .problems
        .iter()
        .find(|p| p.code == "changed_after_signing")
        .unwrap()
        .page
}

#[test]
fn row_51_a_change_behind_shared_resources_is_told_with_its_page() {
    assert_eq!(page_of_a_change(20), Some(21));
}

#[test]
fn row_51_a_change_behind_more_shared_resources_than_are_followed_is_told_without_its_page() {
    assert_eq!(page_of_a_change(120), None);
}

fn says(report: &Report, code: &str) -> bool {
    report.problems.iter().any(|p| p.code == code)
}

/// A signature without the authority's certificate, which is the last of so many pieces in the security store.
fn with_authority_at(place: usize) -> Report {
    let mut official = Official::new();
    official.brings_authority = false;
    let numbers = || 1_000..1_000 + place;
    let certificates: String = numbers().map(|number| format!("{number} 0 R ")).collect();
    let mut objects = vec![
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 900 0 R>>".to_owned(),
        ),
        (900, format!("<</Type/DSS/Certs[{certificates}]>>")),
    ];
    objects.extend(numbers().map(|number| (number, stream("no certificate"))));
    let room = "@".repeat(official.authority.len());
    objects.last_mut().unwrap().1 = stream(&room);
    let mut file = append(&base(), &objects);
    let at = find_last(&file, room.as_bytes()).unwrap();
    file[at..at + room.len()].copy_from_slice(&official.authority);
    official.judge(&official.sign(&file))
}

#[test]
fn row_60_a_certificate_among_as_many_pieces_as_are_read_is_found() {
    assert_eq!(with_authority_at(1_000).verdict, Verdict::Valid);
}

#[test]
fn row_60_a_certificate_behind_more_pieces_than_are_read_is_not_found() {
    let report = with_authority_at(1_001);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(says(&report, "no_path"), "{:?}", report.problems);
}

/// A save whose first object stands behind so much white space.
fn with_gap(length: usize) -> Report {
    let official = Official::new();
    let file = [official.sign(&base()), vec![b' '; length]].concat();
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned();
    official.judge(&append(&file, &[(7, font)]))
}

#[test]
fn row_51_a_gap_as_long_as_writers_leave_is_no_change() {
    assert_eq!(with_gap(4_096).verdict, Verdict::Valid);
}

#[test]
fn row_51_a_gap_longer_than_writers_leave_is_a_change() {
    let report = with_gap(4_097);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(
        report.signatures[0].later_changes.items[0].kind,
        "unexplained_bytes"
    );
}

#[test]
fn a_reason_is_told_up_to_its_longest() {
    let official = Official::new();
    for (written, told) in [(500, 500), (501, 500)] {
        let file = official.sign_with(&base(), &format!("/Reason({})", "a".repeat(written)));
        let report = official.judge(&file);
        let reason = report.signatures[0].reason.as_deref();
        assert_eq!(reason.map(str::len), Some(told));
    }
}

/// A field of so long a name, its own behind that of a group.
fn with_name(length: usize) -> Report {
    let objects = [
        (5, "<</Fields[40 0 R]>>".to_owned()),
        (
            40,
            format!("<</T({})/Kids[41 0 R]>>", "a".repeat(length - ".b".len())),
        ),
        (41, "<</FT/Tx/T(b)>>".to_owned()),
    ];
    Official::new().judge(&append(&base(), &objects))
}

#[test]
fn row_68_a_name_as_long_as_is_read_is_read() {
    let report = with_name(4_096);
    assert_eq!(report.verdict, Verdict::Unsigned, "{:?}", report.problems);
}

#[test]
fn row_68_a_longer_name_is_not_read() {
    let report = with_name(4_097);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(says(&report, "too_large"), "{:?}", report.problems);
}

/// So many fields, each with a signature of its own that covers nothing.
fn with_signatures(count: usize) -> Report {
    let numbers = || 1_000..1_000 + count;
    let fields: String = numbers().map(|number| format!("{number} 0 R ")).collect();
    let mut objects = vec![(5, format!("<</Fields[{fields}]>>"))];
    objects.extend(numbers().flat_map(|number| {
        let value = number + 2_000;
        let signature = "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3000>>>";
        [
            (number, format!("<</FT/Sig/T(s{number})/V {value} 0 R>>")),
            (value, signature.to_owned()),
        ]
    }));
    Official::new().judge(&append(&base(), &objects))
}

#[test]
fn row_68_as_many_signatures_as_are_judged_are_told_of() {
    let report = with_signatures(1_000);
    assert_eq!(report.signatures.len(), 1_000);
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn row_68_more_signatures_are_not_judged() {
    let report = with_signatures(1_001);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(says(&report, "too_large"), "{:?}", report.problems);
}
