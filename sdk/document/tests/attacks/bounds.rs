//! What is looked at up to a bound and no farther: beyond it nothing is explained, and so nothing is believed.

use sdk_document::{Report, Verdict};

use super::workshop::{Official, append, base, stream};

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
