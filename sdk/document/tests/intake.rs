//! Row 25: what is told of a document before it is signed. One file for each warning, made here; and files of common
//! writers, of which nothing is told.

#![expect(
    clippy::unwrap_used,
    reason = "makes files for tests; a surprise shall stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use sdk_document::{Bytes, Document, Language, Limits, Warning, warning_sentence, warnings};

const CATALOG: &str = "/Type/Catalog/Pages 2 0 R";
const PAGE: &str =
    "/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>";

struct Paper {
    bytes: Vec<u8>,
}

impl Paper {
    /// One page of text; further entries of the catalogue, the resources, the page; further objects.
    fn new(catalog: &str, resources: &str, page: &str, more: &[(u32, &str)]) -> Self {
        let mut objects = vec![
            (1, format!("<<{CATALOG}{catalog}>>")),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, format!("<<{PAGE}{resources}>>{page}>>")),
            (4, text("Autoriza la obra.")),
            (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
        ];
        objects.extend(more.iter().map(|(number, body)| (*number, (*body).to_owned())));
        let mut paper = Self {
            bytes: b"%PDF-1.7\n".to_vec(),
        };
        paper.save(&objects, "/Root 1 0 R", None);
        paper
    }

    fn plain() -> Self {
        Self::new("", "", "", &[])
    }

    fn later(mut self, root: &str, objects: &[(u32, &str)]) -> Self {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let (_, tail) = text.rsplit_once("startxref\n").unwrap();
        let previous = tail.lines().next().unwrap().parse().unwrap();
        let objects: Vec<_> = objects.iter().map(|(n, body)| (*n, (*body).to_owned())).collect();
        self.save(&objects, root, Some(previous));
        self
    }

    fn save(&mut self, objects: &[(u32, String)], root: &str, previous: Option<usize>) {
        let mut offsets = BTreeMap::new();
        for (number, body) in objects {
            offsets.insert(*number, self.bytes.len());
            self.bytes
                .extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        let at = self.bytes.len();
        let mut table = "xref\n0 1\n0000000000 65535 f\r\n".to_owned();
        for (number, offset) in offsets {
            write!(table, "{number} 1\n{offset:010} 00000 n\r\n").unwrap();
        }
        let previous = previous.map_or(String::new(), |p| format!("/Prev {p}"));
        write!(
            table,
            "trailer\n<</Size 40{root}{previous}>>\nstartxref\n{at}\n%%EOF\n"
        )
        .unwrap();
        self.bytes.extend(table.bytes());
    }

    fn told(self) -> Vec<(&'static str, Option<usize>)> {
        let document = Document::open(Bytes::new(self.bytes), &Limits::default()).unwrap();
        warnings(&document)
            .into_iter()
            .map(|w| (w.code, w.page))
            .collect()
    }
}

fn text(words: &str) -> String {
    stream("", &format!("BT /F1 24 Tf 72 720 Td ({words}) Tj ET"))
}

fn stream(entries: &str, content: &str) -> String {
    format!(
        "<<{entries}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

#[test]
fn row_25_of_a_plain_document_nothing_is_told() {
    assert_eq!(Paper::plain().told(), []);
}

#[test]
fn row_25_a_layer_that_is_off_is_told_with_its_page() {
    let layers = |usual: &str| format!("/OCProperties<</OCGs[10 0 R]/D<<{usual}>>>>");
    let with = |usual: &str, layer: &str| {
        let resources = "/Properties<</L 10 0 R>>";
        Paper::new(&layers(usual), resources, "", &[(10, layer)]).told()
    };
    let plain = "<</Type/OCG/Name(Anexo)>>";
    let hidden = [("hidden_layer", Some(1))];
    assert_eq!(with("", plain), []);
    assert_eq!(with("/OFF[10 0 R]", plain), hidden);
    assert_eq!(with("/BaseState/OFF", plain), hidden);
    assert_eq!(with("/BaseState/OFF/ON[10 0 R]", plain), []);
    let paper_only = "<</Type/OCG/Name(Anexo)/Usage<</View<</ViewState/OFF>>>>>>";
    assert_eq!(
        with("/AS[<</Event/View/OCGs[10 0 R]/Category[/View]>>]", paper_only),
        hidden
    );
    assert_eq!(with("", paper_only), [], "nobody switches it");
}

#[test]
fn row_25_a_script_is_told_wherever_it_is() {
    let script = "<</S/JavaScript/JS(app.alert(1))>>";
    let opening = Paper::new("/OpenAction 10 0 R", "", "", &[(10, script)]).told();
    assert_eq!(opening, [("script", None)]);
    let names = Paper::new(
        "/Names<</JavaScript<</Names[(x)10 0 R]>>>>",
        "",
        "",
        &[(10, script)],
    )
    .told();
    assert_eq!(names, [("script", None)]);
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[0 0 9 9]/AA<</K 11 0 R>>>>";
    let on_page = Paper::new("", "", "/Annots[10 0 R]", &[(10, field), (11, script)]).told();
    assert_eq!(on_page, [("script", Some(1))]);
}

#[test]
fn row_25_programs_forms_and_addresses_are_told() {
    let click = |action: &str| {
        let link = format!("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<<{action}>>>>");
        Paper::new("", "", "/Annots[10 0 R]", &[(10, &link)]).told()
    };
    assert_eq!(click("/S/Launch/F(calc.exe)"), [("launch", Some(1))]);
    assert_eq!(
        click("/S/SubmitForm/F(https://example.org/)"),
        [("submit", Some(1))]
    );
    assert_eq!(click("/S/URI/URI(https://example.org/)"), [], "a link is a link");
    let open = |action: &str| Paper::new(&format!("/OpenAction<<{action}>>"), "", "", &[]).told();
    assert_eq!(
        open("/S/URI/URI(https://example.org/)"),
        [("opens_by_itself", None)]
    );
    assert_eq!(open("/S/GoTo/D[3 0 R/Fit]"), [], "where to begin reading");
    assert_eq!(open("/S/Hide/T(x)"), [("acts_by_itself", None)]);
}

#[test]
fn row_25_content_from_elsewhere_is_told() {
    let image = stream(
        "/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/F(http://x/)",
        "",
    );
    let told = Paper::new("", "/XObject<</I 10 0 R>>", "", &[(10, &image)]).told();
    assert_eq!(told, [("external_content", Some(1))]);
    let form = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Ref<</F(x.pdf)/Page 0>>",
        "",
    );
    let told = Paper::new("", "/XObject<</I 10 0 R>>", "", &[(10, &form)]).told();
    assert_eq!(told, [("external_content", Some(1))]);
}

#[test]
fn row_25_files_inside_are_told() {
    let inside = "/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>";
    let file = "<</Type/Filespec/F(a.xml)/EF<</F 11 0 R>>>>";
    let content = stream("/Type/EmbeddedFile", "<a/>");
    let told = Paper::new(inside, "", "", &[(10, file), (11, &content)]).told();
    assert_eq!(told, [("attachment", None)]);
}

#[test]
fn row_25_pages_and_texts_that_nothing_uses_are_told() {
    let page = format!("<<{PAGE}>>>>");
    assert_eq!(
        Paper::new("", "", "", &[(10, &page)]).told(),
        [("unused_page", None)]
    );
    let content = text("Se deniega la obra.");
    assert_eq!(
        Paper::new("", "", "", &[(10, &content)]).told(),
        [("unused_page", None)]
    );
    let harmless = stream("", "q Q");
    assert_eq!(Paper::new("", "", "", &[(10, &harmless)]).told(), []);
}

/// Two revisions of a new file, as Word saves it: what only newer readers need is named by the second.
#[test]
fn row_25_a_file_that_its_writer_saved_in_two_parts_is_not_told() {
    let saved = |catalog: &str, resources: &str, number: u32, body: &str| {
        let mut file = Paper::new(catalog, resources, "", &[]).bytes;
        let text = String::from_utf8_lossy(&file).into_owned();
        let previous = text
            .rsplit_once("startxref\n")
            .unwrap()
            .1
            .lines()
            .next()
            .unwrap()
            .to_owned();
        let object = u32::try_from(file.len()).unwrap().to_be_bytes();
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        let beside = file.len();
        file.extend(
            format!("21 0 obj\n<</Type/XRef/Size 40/W[1 4 1]/Index[{number} 1]/Length 6>>\nstream\n").bytes(),
        );
        file.extend([&[1], &object[..], &[0]].concat());
        file.extend(b"\nendstream\nendobj\n");
        let at = file.len();
        file.extend(
            format!(
                "xref\n0 0\ntrailer\n<</Size 40/Root 1 0 R/Prev {previous}/XRefStm {beside}>>\nstartxref\n{at}\n%%EOF\n"
            )
            .bytes(),
        );
        Paper { bytes: file }.told()
    };
    let structure = "<</Type/StructTreeRoot>>";
    assert_eq!(saved("/StructTreeRoot 20 0 R", "", 20, structure), []);
    let content = text("Se deniega la obra.");
    assert_eq!(saved("", "", 4, &content), [("earlier_content", Some(1))]);
    let drawn = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 9 9 re f");
    let awaited = saved("", "/XObject<</I 20 0 R>>", 20, &drawn);
    assert_eq!(awaited, [("earlier_content", None)]);
}

/// A field whose earlier appearance is left behind when it is filled in again.
#[test]
fn row_25_what_a_field_showed_before_it_was_filled_in_again_is_told_with_its_page() {
    let form = "/AcroForm<</Fields[10 0 R]>>";
    let field = |appearance: u32| {
        format!(
            "<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/F 4/Rect[0 0 9 9]/P 3 0 R/AP<</N {appearance} 0 R>>>>"
        )
    };
    let drawn = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]",
        "BT /F1 9 Tf (Temuco) Tj ET",
    );
    let filled = |appearance: u32| {
        let objects = [(10, field(11)), (11, drawn.clone()), (12, drawn.clone())];
        let objects: Vec<_> = objects.iter().map(|(n, body)| (*n, body.as_str())).collect();
        let paper = Paper::new(form, "", "/Annots[10 0 R]", &objects[..2]);
        paper
            .later("/Root 1 0 R", &[(10, &field(appearance)), objects[2]])
            .told()
    };
    assert_eq!(filled(12), [("earlier_content", Some(1))]);
    assert_eq!(filled(11), [("unused_page", None)], "this one nobody showed");
}

#[test]
fn row_25_another_catalogue_is_told() {
    let second = format!("<<{CATALOG}>>");
    assert_eq!(
        Paper::new("", "", "", &[(10, &second)]).told(),
        [("several_catalogs", None)]
    );
    let exchanged = Paper::plain().later("/Root 10 0 R", &[(10, &second)]).told();
    assert!(exchanged.contains(&("several_catalogs", None)), "{exchanged:?}");
}

#[test]
fn row_25_a_font_that_was_exchanged_is_told() {
    let other = "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>";
    let told = Paper::plain().later("/Root 1 0 R", &[(5, other)]).told();
    assert_eq!(told, [("font_replaced", Some(1))]);
}

#[test]
fn row_25_an_earlier_version_that_showed_something_else_is_told() {
    let told = Paper::plain()
        .later("/Root 1 0 R", &[(4, &text("Se deniega la obra."))])
        .told();
    assert_eq!(told, [("earlier_content", Some(1))]);
}

#[test]
fn an_earlier_version_with_an_empty_form_is_not_told() {
    let form = "/AcroForm<</Fields[10 0 R]>>";
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/F 4/Rect[0 0 9 9]/P 3 0 R>>";
    let filled = "<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/F 4/Rect[0 0 9 9]/P 3 0 R/V(Temuco)>>";
    let told = Paper::new(form, "", "/Annots[10 0 R]", &[(10, field)])
        .later("/Root 1 0 R", &[(10, filled)])
        .told();
    assert_eq!(told, []);
}

#[test]
fn what_cannot_be_examined_is_told() {
    // As much work as opening takes, and a little more.
    let opened = (1_u64..1_000).find_map(|thousands| {
        let limits = Limits {
            work: thousands * 1_000,
            work_per_byte: 0,
            ..Limits::default()
        };
        Document::open(Bytes::new(Paper::plain().bytes), &limits).ok()
    });
    let told = warnings(&opened.unwrap());
    assert!(told.iter().any(|w| w.code == "not_examined"), "{told:?}");
}

#[test]
fn every_warning_has_its_words() {
    let paper = Paper::new("/OpenAction<</S/JavaScript/JS(x)>>", "", "", &[]);
    for (code, _) in paper.told() {
        for language in [Language::Es, Language::En] {
            assert!(warning_sentence(code, language).is_some());
        }
    }
    assert_eq!(warning_sentence("nothing", Language::Es), None);
}

/// Written by LibreOffice, Chromium and Ghostscript.
#[test]
fn of_what_offices_write_nothing_is_told() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/office");
    let mut examined = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let document = Document::open(Bytes::new(bytes), &Limits::default()).unwrap();
        assert_eq!(warnings(&document), [], "{}", path.display());
        examined += 1;
    }
    assert_eq!(examined, 3);
}

/// Files of others, many of them made to break validators: what is told of them is listed in `intake.txt` with its
/// reason, so that a warning that cries wolf is seen.
#[test]
fn row_25_every_warning_about_the_files_of_others_is_explained() {
    let shared = std::env::var_os("AVAL_SHARED").map(PathBuf::from);
    let Some(corpora) = shared.map(|s| s.join("corpora")).filter(|c| c.is_dir()) else {
        eprintln!("skipped: no corpora; set AVAL_SHARED to the folder that holds them");
        return;
    };
    let lines = include_str!("intake.txt").lines().filter(|l| !l.starts_with('#'));
    let explained: BTreeSet<String> = lines
        .filter_map(|line| Some(line.rsplit_once(": ")?.0.to_owned()))
        .collect();
    let (mut told, mut examined) = (BTreeSet::new(), 0_usize);
    for folder in ["pyhanko-tests/pdf", "dss/dss-pades"] {
        for entry in std::fs::read_dir(corpora.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Ok(document) = Document::open(sdk_document::File::open(&path).unwrap(), &Limits::default())
            else {
                continue;
            };
            examined += 1;
            for Warning { code, .. } in warnings(&document) {
                told.insert(format!("{code} {name}"));
            }
        }
    }
    assert!(examined > 300, "the corpus is not all there");
    let unexplained: Vec<_> = told.difference(&explained).collect();
    assert!(unexplained.is_empty(), "told, and not listed: {unexplained:#?}");
    let silent: Vec<_> = explained.difference(&told).collect();
    assert!(silent.is_empty(), "listed, and not told: {silent:#?}");
}
