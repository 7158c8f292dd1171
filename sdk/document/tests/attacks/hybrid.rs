//! Row 55: files with two tables of contents (hybrid-reference files, ISO 32000-2 §7.5.8.4) that tell two stories. Old
//! readers see the classic table, newer ones the cross-reference stream beside it as well: what only one of them names
//! is a change like any other, and what both name must be the same.

use sdk_document::Verdict;

use super::later::page_with;
use super::workshop::{Official, SIGNATURES, append, base, find_last, startxref, stream, table};

/// Where an entry says that an object is.
#[derive(Clone, Copy)]
enum Place {
    At(usize),
    Free,
    In(usize, usize),
}

/// An update with both tables, written piece by piece.
struct Hybrid {
    bytes: Vec<u8>,
    previous: usize,
    shown: Vec<(usize, Place)>,
    hidden: Vec<(usize, Place)>,
    /// Further entries of the cross-reference stream's dictionary.
    beside: String,
    /// What the trailer says of the stream, if not where it is.
    points_to: Option<String>,
}

impl Hybrid {
    fn after(file: &[u8]) -> Self {
        Self {
            bytes: file.to_vec(),
            previous: startxref(file),
            shown: Vec::new(),
            hidden: Vec::new(),
            beside: String::new(),
            points_to: None,
        }
    }

    /// Writes an object that no table names yet.
    fn write(&mut self, number: usize, body: &str) -> Place {
        let place = Place::At(self.bytes.len());
        self.bytes
            .extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        place
    }

    fn show(mut self, number: usize, body: &str) -> Self {
        let place = self.write(number, body);
        self.shown.push((number, place));
        self
    }

    fn hide(mut self, number: usize, body: &str) -> Self {
        let place = self.write(number, body);
        self.hidden.push((number, place));
        self
    }

    fn show_at(mut self, number: usize, place: Place) -> Self {
        self.shown.push((number, place));
        self
    }

    fn hide_at(mut self, number: usize, place: Place) -> Self {
        self.hidden.push((number, place));
        self
    }

    fn beside(mut self, entries: &str) -> Self {
        self.beside = entries.to_owned();
        self
    }

    fn points_to(mut self, where_to: &str) -> Self {
        self.points_to = Some(where_to.to_owned());
        self
    }

    fn done(mut self) -> Vec<u8> {
        let at = self.bytes.len();
        let body = cross_references(&self.hidden, &self.beside);
        self.bytes.extend(b"49 0 obj\n");
        self.bytes.extend(body);
        self.bytes.extend(b"\nendobj\n");
        let xref = self.bytes.len();
        let mut section = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, place) in &self.shown {
            section += &match place {
                Place::At(offset) => format!("{number} 1\n{offset:010} 00000 n \n"),
                _ => format!("{number} 1\n0000000000 00001 f \n"),
            };
        }
        let points_to = self.points_to.unwrap_or_else(|| at.to_string());
        section += &format!(
            "trailer\n<</Size 60/Root 1 0 R/Prev {}/XRefStm {points_to}>>\nstartxref\n{xref}\n%%EOF\n",
            self.previous
        );
        self.bytes.extend(section.bytes());
        self.bytes
    }
}

/// A cross-reference stream, without its object's first and last words.
fn cross_references(rows: &[(usize, Place)], entries: &str) -> Vec<u8> {
    let index: String = rows.iter().map(|(number, _)| format!("{number} 1 ")).collect();
    let data: Vec<u8> = rows
        .iter()
        .flat_map(|(_, place)| {
            let (kind, one, two) = match place {
                Place::Free => (0, 0, 0),
                Place::At(offset) => (1, *offset, 0),
                Place::In(container, at) => (2, *container, *at),
            };
            let one = u32::try_from(one).unwrap().to_be_bytes();
            [kind, one[0], one[1], one[2], one[3], u8::try_from(two).unwrap()]
        })
        .collect();
    let head = format!(
        "<</Type/XRef/Size 60/W[1 4 1]/Index[{index}]/Length {}{entries}>>\nstream\n",
        data.len()
    );
    [head.as_bytes(), &data, b"\nendstream"].concat()
}

fn words(text: &str) -> String {
    stream(&format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET"))
}

const FILLED: &str = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(Ana)>>";

/// Signed files: with classic tables; after a hybrid section of which nothing is to be said; and in a hybrid section
/// themselves, the signature where every reader sees it, or only where newer ones do.
fn signed(official: &mut Official) -> [(&'static str, Vec<u8>); 4] {
    let hybrid = Hybrid::after(&base())
        .show_at(44, Place::Free)
        .hide(44, "(nada)")
        .done();
    let mut sign = |file: &[u8], writer| {
        official.writer = writer;
        official.sign(file)
    };
    let files = [
        ("classic", sign(&base(), append)),
        ("hybrid", sign(&hybrid, append)),
        ("signed in the table", sign(&base(), beside_nothing)),
        ("signed in the stream", sign(&base(), hidden_signature)),
    ];
    official.writer = append;
    for (name, file) in &files {
        let report = official.judge(file);
        assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:#?}");
    }
    files
}

/// A hybrid update that names in its stream what nobody uses.
fn beside_nothing(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    let update = objects
        .iter()
        .fold(Hybrid::after(file), |update, (number, body)| {
            update.show(*number, body)
        });
    update.show_at(44, Place::Free).hide(44, "(nada)").done()
}

/// A hybrid update whose new objects only newer readers see: to old ones the field has no value (§7.5.8.4).
fn hidden_signature(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    let update = objects
        .iter()
        .fold(Hybrid::after(file), |update, (number, body)| {
            if *number < SIGNATURES {
                update.show(*number, body)
            } else {
                update.show_at(*number, Place::Free).hide(*number, body)
            }
        });
    update.done()
}

#[test]
fn row_55_what_was_signed_in_a_hybrid_section_is_judged_as_elsewhere() {
    let mut official = Official::new();
    for (name, file) in signed(&mut official) {
        let filled = append(&file, &[(6, FILLED.to_owned())]);
        assert_eq!(
            official.judge(&filled).verdict,
            Verdict::ValidWithLaterChanges,
            "{name}"
        );
        assert_eq!(
            official.judge(&official.sign(&file)).verdict,
            Verdict::Valid,
            "{name}"
        );
        let changed = append(&file, &[(4, words("Se deniega la obra."))]);
        assert_eq!(official.judge(&changed).verdict, Verdict::Invalid, "{name}");
        let mut broken = file;
        let at = find_last(&broken, b"autoriza").unwrap();
        broken[at] = b'A';
        assert_eq!(official.judge(&broken).verdict, Verdict::Invalid, "{name}");
    }
}

fn first(file: &[u8], object: &[u8]) -> Place {
    Place::At(file.windows(object.len()).position(|w| w == object).unwrap())
}

#[test]
fn row_55_what_only_one_of_two_tables_names_is_a_change() {
    let mut official = Official::new();
    let no = words("Se deniega la obra.");
    let turned = page_with("/Annots[6 0 R 20 0 R]/Rotate 180");
    let catalog = "<</Type/Catalog/Pages 40 0 R/AcroForm 5 0 R>>";
    let pages = "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>";
    let with_store = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 31 0 R>>";
    for (name, file) in signed(&mut official) {
        let after = || Hybrid::after(&file);
        let mut compressed = after();
        let directory = "3 0 ";
        let container = format!(
            "<</Type/ObjStm/N 1/First {}/Length {}>>\nstream\n{directory}{turned}\nendstream",
            directory.len(),
            directory.len() + turned.len()
        );
        let at = compressed.write(48, &container);
        let compressed = compressed.hide_at(48, at).hide_at(3, Place::In(48, 0));
        for (update, bytes) in [
            ("content in the stream", after().hide(4, &no)),
            (
                "a field in the table, content in the stream",
                after().show(6, FILLED).hide(4, &no),
            ),
            (
                "content in the table, a field in the stream",
                after().show(4, &no).hide(6, FILLED),
            ),
            (
                "freed in the table, content in the stream",
                after().show_at(4, Place::Free).hide(4, &no),
            ),
            ("freed in the stream", after().hide_at(4, Place::Free)),
            (
                "freed in the stream, a field in the table",
                after().show(6, FILLED).hide_at(4, Place::Free),
            ),
            ("a page in the stream", after().hide(3, &turned)),
            ("a page in an object stream", compressed),
            (
                "a catalogue in the stream",
                after().hide(1, catalog).hide(40, pages),
            ),
            (
                "evidence in the table, content in the stream",
                after().show(1, with_store).show(31, "<</Type/DSS>>").hide(4, &no),
            ),
            (
                "evidence in the stream, content in the table",
                after().hide(1, with_store).hide(31, "<</Type/DSS>>").show(4, &no),
            ),
            (
                "the signature in the stream",
                after().hide(21, "<</Type/Sig/Filter/X>>"),
            ),
            (
                "the signature's field in the stream",
                after().hide(20, "<</FT/Sig/T(Firma0)/Rect[0 0 595 842]/V 21 0 R>>"),
            ),
            (
                "the font in the stream",
                after().hide(7, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"),
            ),
        ] {
            let report = official.judge(&bytes.done());
            assert!(!report.is_valid(), "{update} after {name}: {report:#?}");
            assert_ne!(report.verdict, Verdict::Unsigned, "{update} after {name}");
        }
    }
}

#[test]
fn row_55_two_tables_that_disagree_about_an_object_are_not_believed() {
    let mut official = Official::new();
    let no = words("Se deniega la obra.");
    for (name, file) in signed(&mut official) {
        let old = first(&file, b"4 0 obj");
        let after = || Hybrid::after(&file);
        let mut again = after();
        let (new, other) = (again.write(4, &no), again.write(4, &words("Nada.")));
        let again = again.show_at(4, new).hide_at(4, other);
        for (update, bytes) in [
            (
                "old in the table, new in the stream",
                after().show_at(4, old).hide(4, &no),
            ),
            (
                "new in the table, old in the stream",
                after().show(4, &no).hide_at(4, old),
            ),
            ("new in both, at two places", again),
            ("a field at two places", after().show(6, FILLED).hide(6, FILLED)),
            (
                "in the table, freed in the stream",
                after().show(6, FILLED).hide_at(6, Place::Free),
            ),
            (
                "twice in the stream, new last",
                after().hide_at(4, old).hide(4, &no),
            ),
            (
                "twice in the stream, new first",
                after().hide(4, &no).hide_at(4, old),
            ),
        ] {
            let report = official.judge(&bytes.done());
            assert!(!report.is_valid(), "{update} after {name}: {report:#?}");
        }
    }
}

/// Signed as it is: whoever signed did not see what the other half of the readers shows.
#[test]
fn row_55_two_tables_that_disagreed_already_when_it_was_signed_are_not_believed() {
    let official = Official::new();
    let ambiguous = Hybrid::after(&base())
        .show(4, &words("Se autoriza."))
        .hide(4, &words("Se deniega."))
        .done();
    let report = official.judge(&official.sign(&ambiguous));
    assert_ne!(report.verdict, Verdict::Valid, "{report:#?}");
    assert!(
        report.problems.iter().any(|p| p.code == "hybrid_conflict"),
        "{report:#?}"
    );
}

#[test]
fn row_55_a_stream_prepared_before_signing_names_nothing_afterwards() {
    let official = Official::new();
    let mut prepared = base();
    let hidden = prepared.len();
    prepared.extend(format!("4 0 obj\n{}\nendobj\n", words("Se deniega la obra.")).bytes());
    let waiting = prepared.len();
    let rows = cross_references(&[(4, Place::At(hidden))], "");
    prepared.extend([&b"49 0 obj\n"[..], &rows, b"\nendobj\n"].concat());
    let signed = official.sign(&prepared);
    assert_eq!(official.judge(&signed).verdict, Verdict::Valid);
    let at = waiting.to_string();
    for (name, update) in [
        ("alone", Hybrid::after(&signed)),
        ("beside a field", Hybrid::after(&signed).show(6, FILLED)),
        (
            "beside a freed entry",
            Hybrid::after(&signed).show_at(4, Place::Free),
        ),
    ] {
        let report = official.judge(&update.points_to(&at).done());
        assert!(!report.is_valid(), "{name}: {report:#?}");
    }
}

#[test]
fn row_55_what_the_second_table_says_beside_its_rows_changes_nothing() {
    let mut official = Official::new();
    let catalog = "<</Type/Catalog/Pages 41 0 R/AcroForm 5 0 R>>";
    let pages = "<</Type/Pages/Kids[]/Count 0>>";
    for (name, file) in signed(&mut official) {
        let previous = startxref(&file);
        for entries in [
            "/Root 40 0 R".to_owned(),
            format!("/Root 40 0 R/Prev {previous}"),
            "/Prev 0".to_owned(),
            "/Encrypt<</Filter/Standard>>".to_owned(),
            "/XRefStm 0".to_owned(),
        ] {
            let update = Hybrid::after(&file)
                .hide(40, catalog)
                .hide(41, pages)
                .beside(&entries);
            let report = official.judge(&update.done());
            assert!(!report.is_valid(), "{entries} after {name}: {report:#?}");
        }
    }
}

#[test]
fn row_55_a_pointer_to_no_second_table_is_not_valid() {
    let mut official = Official::new();
    for (name, file) in signed(&mut official) {
        let (old, end) = (startxref(&file), file.len());
        for pointer in [
            "0",
            "-1",
            "1.5",
            "99999999",
            "18446744073709551616",
            "(0)",
            "/Here",
            "49 0 R",
            "[0]",
            "true",
            "<<>>",
            &old.to_string(),
            &end.to_string(),
        ] {
            let update = Hybrid::after(&file)
                .show(6, FILLED)
                .hide(4, &words("No"))
                .points_to(pointer);
            let report = official.judge(&update.done());
            assert!(!report.is_valid(), "{pointer} after {name}: {report:#?}");
        }
    }
}

#[test]
fn row_55_a_hybrid_update_behind_a_permitted_one_is_not_valid() {
    let mut official = Official::new();
    for (name, file) in signed(&mut official) {
        let filled = append(&file, &[(6, FILLED.to_owned())]);
        assert!(
            official.judge(&filled).verdict == Verdict::ValidWithLaterChanges,
            "{name}"
        );
        let update = Hybrid::after(&filled).hide(4, &words("Se deniega la obra."));
        assert!(!official.judge(&update.done()).is_valid(), "{name}");
    }
}

/// The hidden table of the signed revision, named again by an update that speaks of the same objects.
#[test]
fn row_55_a_second_table_that_is_named_again_cannot_hide_a_newer_object() {
    let mut official = Official::new();
    let [_, (_, file), ..] = signed(&mut official);
    let text = String::from_utf8_lossy(&file).into_owned();
    let beside = text
        .split("/XRefStm ")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap()
        .to_owned();
    let changed = append(&file, &[(44, words("Se deniega la obra.")), (4, words("No"))]);
    let again = format!(
        "{}trailer\n<</Size 60/Root 1 0 R/Prev {}/XRefStm {beside}>>\nstartxref\n{}\n%%EOF\n",
        table(&[]),
        startxref(&changed),
        changed.len()
    );
    let attacked = [changed.as_slice(), again.as_bytes()].concat();
    assert!(find_last(&attacked, b"/XRefStm").is_some());
    assert!(!official.judge(&attacked).is_valid());
}
