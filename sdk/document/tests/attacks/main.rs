//! Attacks on signed documents: none is believed. Numbers are those of the requirements for the verifier.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the workshop that makes files for tests is not itself a test function"
)]

mod borrowed;
mod bounds;
mod hybrid;
mod later;
mod many;
mod mutants;
mod prepared;
mod ranges;
mod stamped;
mod stamper;
mod workshop;

use proptest::prelude::*;
use sdk_document::{Integrity, Language, Level, Revocation, Trust, Verdict};
use sdk_pki::TrustAnchors;
use workshop::{NOW, Official, append, base};

#[test]
fn an_honest_signature_is_valid() {
    let official = Official::new();
    let report = official.judge(&official.sign(&base()));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let signature = &report.signatures[0];
    assert_eq!(
        (signature.integrity, signature.trust),
        (Integrity::Intact, Trust::Trusted)
    );
    assert_eq!(signature.level, "PAdES-B-B");
    assert_eq!(signature.page, Some(1));
}

#[test]
fn row_67_the_sentence_says_who_in_which_position_and_when() {
    let official = Official::new();
    let report = official.judge(&official.sign(&base()));
    assert_eq!(
        report.sentence_at(Language::Es, |_| time::UtcOffset::UTC),
        "Lo firmó María Muñoz del Río, Directora de Obras, Municipalidad de Temuco, el 21 de noviembre de 2026 \
         a las 11:42 UTC (hora declarada). Nadie lo ha modificado desde entonces."
    );
    assert_eq!(
        report.sentence(Language::En),
        "It was signed by María Muñoz del Río, Directora de Obras, Municipalidad de Temuco, on 21 November \
         2026 at 11:42 UTC (time as claimed). Nobody has changed it since."
    );
}

#[test]
fn row_67_the_same_file_gives_the_same_report() {
    let official = Official::new();
    let file = official.sign(&official.sign(&base()));
    assert_eq!(official.judge(&file), official.judge(&file));
}

#[test]
fn row_51_the_sentence_says_that_somebody_changed_it() {
    let official = Official::new();
    let signed = official.sign(&base());
    let content = workshop::stream("BT /F1 24 Tf 72 720 Td (Se deniega la obra.) Tj ET");
    let changed = official.judge(&append(&signed, &[(4, content)]));
    assert_eq!(
        changed.sentence(Language::Es),
        "Alguien modificó este documento (página 1) después de que lo firmara María Muñoz del Río, \
         Directora de Obras, Municipalidad de Temuco."
    );
    let mut broken = signed;
    let at = workshop::find_last(&broken, b"autoriza").unwrap();
    broken[at] = b'A';
    assert_eq!(
        official.judge(&broken).sentence(Language::En),
        "The signature is not valid: the content is not what María Muñoz del Río, Directora de Obras, \
         Municipalidad de Temuco signed."
    );
}

#[test]
fn row_51_the_sentence_does_not_blame_the_content_for_a_signature_of_something_else() {
    let official = Official::new();
    let signed = official.sign(&base());
    let start = workshop::find_last(&signed, b"/Contents<").unwrap() + 10;
    let zeros = signed[start..].windows(64).position(|w| w == [b'0'; 64]).unwrap();
    let told = |at: usize| {
        let mut file = signed.clone();
        file[at] = if file[at] == b'1' { b'2' } else { b'1' };
        let report = official.judge(&file);
        (
            report.sentence(Language::En),
            report.sentence(Language::Es),
            report.signatures[0].integrity,
        )
    };
    // In the middle of the signature value, which is the last of it.
    let (english, spanish, integrity) = told(start + zeros - 40);
    assert_eq!(integrity, Integrity::Broken);
    assert_eq!(
        english,
        "The signature does not belong to this document, or María Muñoz del Río, Directora de Obras, \
         Municipalidad de Temuco did not make it."
    );
    assert!(spanish.starts_with("La firma no corresponde a este documento, o no la hizo María"));
    // In its first byte.
    let (english, spanish, integrity) = told(start);
    assert_eq!(integrity, Integrity::Unknown);
    assert_eq!(english, "The signature is damaged: it cannot be read.");
    assert_eq!(spanish, "La firma está dañada: no se puede leer.");
}

#[test]
fn row_64_a_field_name_cannot_steer_a_terminal() {
    let official = Official::new();
    let signed = official.sign_with(&base(), "/Reason<FEFF001B005B0032004A>");
    let report = official.judge(&signed);
    assert_eq!(report.signatures[0].reason.as_deref(), Some("\u{FFFD}[2J"));
}

#[test]
fn row_26_a_second_signature_leaves_the_first_valid() {
    let official = Official::new();
    let report = official.judge(&official.sign(&official.sign(&base())));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.signatures.len(), 2);
    assert_eq!(report.signatures[0].later_changes.level, Level::FormFill);
}

#[test]
fn an_unsigned_document_says_so() {
    let official = Official::new();
    assert_eq!(official.judge(&base()).verdict, Verdict::Unsigned);
    assert_eq!(official.judge(b"GIF89a").verdict, Verdict::Unsigned);
    assert_eq!(official.judge(b"").verdict, Verdict::Unsigned);
}

#[test]
fn row_61_without_anchors_nobody_is_trusted() {
    let official = Official::new();
    let mut options = official.options();
    options.anchors = TrustAnchors::new();
    let report = sdk_document::verify(sdk_document::Bytes::new(official.sign(&base())), &options);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert_eq!(report.signatures[0].trust, Trust::Unknown);
    assert_eq!(report.signatures[0].integrity, Integrity::Intact);
    assert!(report.problems.iter().any(|p| p.code == "no_trust_anchors"));
}

#[test]
fn row_61_another_root_with_the_same_name_is_not_trusted() {
    let (one, other) = (Official::new(), Official::new());
    let report = other.judge(&one.sign(&base()));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert_eq!(report.signatures[0].trust, Trust::Untrusted);
}

#[test]
fn row_62_an_expired_certificate_without_a_timestamp_proves_nothing() {
    let official = Official::new();
    let mut options = official.options();
    options.at = NOW + time::Duration::days(3650);
    let report = sdk_document::verify(sdk_document::Bytes::new(official.sign(&base())), &options);
    assert_eq!(report.signatures[0].sub_indication, Some("OUT_OF_BOUNDS_NO_POE"));
}

#[test]
fn row_63_required_evidence_that_is_missing_may_come_later() {
    let official = Official::new();
    let mut options = official.options();
    options.revocation = Revocation::Required;
    let report = sdk_document::verify(sdk_document::Bytes::new(official.sign(&base())), &options);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert_eq!(report.signatures[0].sub_indication, Some("TRY_LATER"));
}

#[test]
fn row_51_a_field_filled_in_later_is_told() {
    let official = Official::new();
    let filled = fill(&official.sign(&base()), "Ana");
    let report = official.judge(&filled);
    assert_eq!(report.verdict, Verdict::ValidWithLaterChanges, "{report:#?}");
    assert!(report.sentence(Language::Es).contains("se llenaron campos"));
}

#[test]
fn row_53_a_field_filled_in_twice_is_not_valid() {
    let official = Official::new();
    let signed = official.sign(&fill(&base(), "Ana"));
    let report = official.judge(&fill(&signed, "Luis"));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(report.problems.iter().any(|p| p.code == "form_overwritten"));
}

#[test]
fn row_54_a_certification_that_permits_nothing_forbids_filling_in() {
    let official = Official::new();
    let certified = official.sign_with(&base(), &certification(1));
    assert_eq!(official.judge(&certified).verdict, Verdict::Valid);
    let report = official.judge(&fill(&certified, "Ana"));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(report.problems.iter().any(|p| p.code == "docmdp_violated"));
    assert_eq!(
        official
            .judge(&fill(&official.sign_with(&base(), &certification(2)), "Ana"))
            .verdict,
        Verdict::ValidWithLaterChanges
    );
}

#[test]
fn row_54_marks_need_a_certification_that_permits_them() {
    let official = Official::new();
    for (signed, verdict) in [
        (official.sign(&base()), Verdict::Invalid),
        (official.sign_with(&base(), &certification(2)), Verdict::Invalid),
        (
            official.sign_with(&base(), &certification(3)),
            Verdict::ValidWithLaterChanges,
        ),
    ] {
        let marked = append(
            &signed,
            &[
                (3, later::page_with("/Annots[6 0 R 20 0 R 40 0 R]")),
                (
                    40,
                    "<</Type/Annot/Subtype/Highlight/Rect[72 700 300 720]/P 3 0 R>>".to_owned(),
                ),
            ],
        );
        assert_eq!(official.judge(&marked).verdict, verdict);
    }
}

fn certification(level: u8) -> String {
    format!(
        "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P {level}>>>>]"
    )
}

fn fill(file: &[u8], name: &str) -> Vec<u8> {
    let field = format!(
        "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V({name})>>"
    );
    append(file, &[(6, field)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Rows 50 to 52: whatever byte is changed outside the signature value, the file is not valid.
    #[test]
    fn row_52_a_changed_byte_is_never_valid(at in 0_usize..1 << 20, to in any::<u8>()) {
        let (official, file) = signed();
        let start = workshop::find_last(file, b"/Contents<").unwrap() + 9;
        let gap = workshop::GAP + 2;
        let at = at % (file.len() - gap);
        let at = if at < start { at } else { at + gap };
        prop_assume!(file[at] != to);
        let mut changed = file.clone();
        changed[at] = to;
        prop_assert!(!official.judge(&changed).is_valid());
    }

    /// Row 59: no splice of a signed file makes the verifier panic, and none is valid.
    #[test]
    fn row_59_a_spliced_file_is_never_valid(from in 0_usize..9000, to in 0_usize..9000, into in 0_usize..9000) {
        let (official, file) = signed();
        let (from, to, into) = (from % file.len(), to % file.len(), into % file.len());
        let piece = file[from.min(to)..from.max(to)].to_vec();
        prop_assume!(!piece.is_empty());
        let mut changed = file.clone();
        changed.splice(into..into, piece);
        prop_assert!(!official.judge(&changed).is_valid());
        let cut = &file[..into];
        prop_assert!(!official.judge(cut).is_valid());
    }
}

fn signed() -> &'static (Official, Vec<u8>) {
    static FILE: std::sync::OnceLock<(Official, Vec<u8>)> = std::sync::OnceLock::new();
    FILE.get_or_init(|| {
        let official = Official::new();
        let file = official.sign(&base());
        (official, file)
    })
}
