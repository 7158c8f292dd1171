//! A document written by hand, right or wrong: objects, streams, tables.

use std::collections::BTreeMap;
use std::io::Write as _;

/// What was written so far.
pub struct Draft {
    out: Vec<u8>,
    /// Since the last table.
    places: Vec<(usize, usize)>,
    highest: usize,
    before: Option<usize>,
}

impl Draft {
    /// The header alone.
    pub fn new() -> Self {
        Self {
            out: b"%PDF-1.7\n".to_vec(),
            places: Vec::new(),
            highest: 0,
            before: None,
        }
    }

    /// A catalogue with this beside its pages (one) and its form, with a signature field whose value is object 6.
    /// Free from 10 on.
    pub fn signed(catalog: &str) -> Self {
        let mut draft = Self::new();
        draft.object(
            1,
            &format!("<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R{catalog}>>"),
        );
        draft.object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>");
        draft.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>");
        draft.object(4, "<</Fields[5 0 R]/SigFlags 3>>");
        draft.object(5, "<</FT/Sig/T(a)/V 6 0 R/Rect[0 0 0 0]>>");
        draft.object(
            6,
            "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00ff>>>",
        );
        draft
    }

    /// How long it is by now.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// `N 0 obj … endobj`. When a number comes again before the next table, the last one counts.
    pub fn object(&mut self, number: usize, body: &str) {
        self.bytes(number, body.as_bytes());
    }

    /// The same with any bytes.
    pub fn bytes(&mut self, number: usize, body: &[u8]) {
        self.places.push((number, self.out.len()));
        self.highest = self.highest.max(number);
        self.put(format!("{number} 0 obj\n").as_bytes());
        self.put(body);
        self.put(b"\nendobj\n");
    }

    /// A stream with this in its dictionary.
    pub fn stream(&mut self, number: usize, about: &str, data: &[u8]) {
        let mut body = format!("<<{about}/Length {}>>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.bytes(number, &body);
    }

    /// A table of what came since the one before, a trailer with this beside the root, and the end.
    pub fn save(&mut self, trailer: &str) {
        let (at, size) = (self.out.len(), self.highest.saturating_add(1));
        let mut table = b"xref\n".to_vec();
        if self.before.is_none() {
            table.extend_from_slice(b"0 1\n0000000000 65535 f \n");
        }
        let places: Vec<(usize, usize)> = std::mem::take(&mut self.places)
            .into_iter()
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect();
        for run in places.chunk_by(|(one, _), (two, _)| one.saturating_add(1) == *two) {
            let first = run.first().map_or(0, |(number, _)| *number);
            let _ = writeln!(table, "{first} {}", run.len());
            for (_, offset) in run {
                let _ = writeln!(table, "{offset:010} 00000 n ");
            }
        }
        let before = self
            .before
            .map_or_else(String::new, |before| format!("/Prev {before}"));
        let _ = write!(
            table,
            "trailer\n<</Size {size}/Root 1 0 R{before}{trailer}>>\nstartxref\n{at}\n%%EOF\n"
        );
        self.put(&table);
        self.before = Some(at);
    }

    /// The same as a cross-reference stream of this number, with what lies in object streams: number, stream, place in it.
    pub fn save_as_stream(&mut self, number: usize, contained: &[(usize, usize, usize)]) {
        let at = self.out.len();
        let mut rows: BTreeMap<usize, (u8, usize, usize)> = std::mem::take(&mut self.places)
            .into_iter()
            .map(|(number, offset)| (number, (1, offset, 0)))
            .collect();
        rows.extend(
            contained
                .iter()
                .map(|(number, stream, place)| (*number, (2, *stream, *place))),
        );
        rows.insert(number, (1, at, 0));
        let (mut index, mut data) = (String::new(), Vec::new());
        for (number, (kind, second, third)) in rows {
            index.push_str(&format!("{number} 1 "));
            data.push(kind);
            data.extend_from_slice(&u32::try_from(second).unwrap_or(0).to_be_bytes());
            data.extend_from_slice(&u32::try_from(third).unwrap_or(0).to_be_bytes());
        }
        self.section(number, &format!("/W[1 4 4]/Index[{index}]"), &data);
    }

    /// A cross-reference stream that says this, and the end.
    pub fn section(&mut self, number: usize, about: &str, data: &[u8]) {
        let at = self.out.len();
        let before = self
            .before
            .map_or_else(String::new, |before| format!("/Prev {before}"));
        self.stream(
            number,
            &format!("/Type/XRef/Size {SIZE_STATED}/Root 1 0 R{before}{about}"),
            data,
        );
        self.places.clear();
        self.put(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        self.before = Some(at);
    }

    /// What was written so far.
    pub fn so_far(&self) -> &[u8] {
        &self.out
    }

    /// Writes over something.
    pub fn replace(&mut self, at: usize, bytes: &[u8]) {
        let places = self.out.iter_mut().skip(at).zip(bytes);
        places.for_each(|(old, new)| *old = *new);
    }

    /// As it is.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Its bytes, saved.
    pub fn finish(mut self) -> Vec<u8> {
        self.save("");
        self.out
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

/// More objects than any file here has.
const SIZE_STATED: usize = 3_000_000;
