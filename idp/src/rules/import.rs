//! A register that is taken over, line by line: CSV (RFC 4180, one record a line) or JSON Lines. What is read here is
//! unchecked; [`crate::flow::import`] checks it.

use std::fmt;

use serde::Deserialize;

use super::{person::Written, secret::Secret};

/// One person of the register, unchecked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// As people write it.
    pub national_id: String,
    /// Given names.
    pub given_name: String,
    /// Family names.
    pub family_name: String,
    /// Address for notices.
    pub email: String,
    /// A telephone number with its country's code, where one is known.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// Where they live, where it is known; in JSON only.
    #[serde(default)]
    pub address: Option<Written>,
    /// The hash of the password that they have, in PHC string format.
    #[serde(default)]
    pub password_hash: Option<Secret<String>>,
}

/// How lines are read.
#[derive(Debug, Clone)]
pub enum Format {
    /// Columns, in the order of the header.
    Csv(Vec<Column>),
    /// An object a line.
    JsonLines,
}

/// A column of a CSV file, by the name in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `national_id`
    NationalId,
    /// `given_name`
    GivenName,
    /// `family_name`
    FamilyName,
    /// `email`
    Email,
    /// `phone_number`
    PhoneNumber,
    /// `password_hash`
    PasswordHash,
}

impl Column {
    /// Every column; the first four must be there.
    pub const ALL: [Self; 6] = [
        Self::NationalId,
        Self::GivenName,
        Self::FamilyName,
        Self::Email,
        Self::PhoneNumber,
        Self::PasswordHash,
    ];

    /// Its name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NationalId => "national_id",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::PasswordHash => "password_hash",
        }
    }

    fn is_required(self) -> bool {
        !matches!(self, Self::PhoneNumber | Self::PasswordHash)
    }
}

/// Why a line is no person. It repeats nothing of the line: reports are read by others than the register's keepers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// A column of the header is unknown, or named twice.
    Column(usize),
    /// The header lacks a column.
    Missing(Column),
    /// A quoted field does not end on its line, or goes on after its end.
    Quote,
    /// The line has another number of fields than the header.
    Fields {
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// It is no such object; where.
    Json {
        /// The column of the line.
        column: usize,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(at) => write!(f, "header: column {at} is unknown or there twice"),
            Self::Missing(column) => write!(f, "header: {} is missing", column.name()),
            Self::Quote => f.write_str("a quoted field does not end where it must"),
            Self::Fields { found, expected } => write!(f, "has {found} fields, the header has {expected}"),
            Self::Json { column } => write!(
                f,
                "is no JSON object with national_id, given_name, family_name and email (column {column})"
            ),
        }
    }
}

impl Format {
    /// The format that a header line announces.
    ///
    /// # Errors
    /// A column that is not known, is there twice, or is missing.
    pub fn csv(header: &str) -> Result<Self, Unreadable> {
        let mut columns = Vec::new();
        for (at, name) in fields(header)?.iter().enumerate() {
            let known = Column::ALL
                .into_iter()
                .find(|column| column.name() == name.trim());
            match known {
                Some(column) if !columns.contains(&column) => columns.push(column),
                Some(_) | None => return Err(Unreadable::Column(at.saturating_add(1))),
            }
        }
        let missing = Column::ALL
            .into_iter()
            .find(|one| one.is_required() && !columns.contains(one));
        match missing {
            Some(column) => Err(Unreadable::Missing(column)),
            None => Ok(Self::Csv(columns)),
        }
    }

    /// Reads one line.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn row(&self, line: &str) -> Result<Row, Unreadable> {
        match self {
            Self::Csv(columns) => {
                let fields = fields(line)?;
                if fields.len() != columns.len() {
                    return Err(Unreadable::Fields {
                        found: fields.len(),
                        expected: columns.len(),
                    });
                }
                let mut row = Row::default();
                for (column, field) in columns.iter().zip(fields) {
                    row.put(*column, field);
                }
                Ok(row)
            }
            Self::JsonLines => serde_json::from_str(line).map_err(|error| Unreadable::Json {
                column: error.column(),
            }),
        }
    }
}

impl Row {
    fn put(&mut self, column: Column, field: String) {
        let unless_empty = |field: String| Some(field).filter(|field| !field.is_empty());
        match column {
            Column::NationalId => self.national_id = field,
            Column::GivenName => self.given_name = field,
            Column::FamilyName => self.family_name = field,
            Column::Email => self.email = field,
            Column::PhoneNumber => self.phone_number = unless_empty(field),
            Column::PasswordHash => self.password_hash = unless_empty(field).map(Secret::new),
        }
    }
}

/// The fields of a line (RFC 4180 §2, rules 5 to 7): quoted where they hold a comma or a quote, which is doubled. A
/// field with a line break is not read: no name, number or address has one, and a quote that was left open must not
/// swallow the rest of the file.
fn fields(line: &str) -> Result<Vec<String>, Unreadable> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner)?,
            None => plain(rest)?,
        };
        fields.push(field);
        match after {
            Some(after) if fields.len() < MOST_FIELDS => rest = after,
            Some(_) | None => return Ok(fields),
        }
    }
}

/// A field up to its comma, and what follows that.
fn plain(rest: &str) -> Result<(String, Option<&str>), Unreadable> {
    let (field, after) = match rest.split_once(',') {
        Some((field, after)) => (field, Some(after)),
        None => (rest, None),
    };
    if field.contains('"') {
        return Err(Unreadable::Quote);
    }
    Ok((field.to_owned(), after))
}

/// A field up to its closing quote, and what follows the comma after that.
fn quoted(inner: &str) -> Result<(String, Option<&str>), Unreadable> {
    let (mut field, mut rest) = (String::new(), inner);
    loop {
        let (part, after) = rest.split_once('"').ok_or(Unreadable::Quote)?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(doubled) => {
                field.push('"');
                rest = doubled;
            }
            None if after.is_empty() => return Ok((field, None)),
            None => {
                let after = after.strip_prefix(',').ok_or(Unreadable::Quote)?;
                return Ok((field, Some(after)));
            }
        }
    }
}

/// More than there are columns: a line of commas is not read to its end.
const MOST_FIELDS: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "national_id,given_name,family_name,email,phone_number";

    fn row(line: &str) -> Result<Row, Unreadable> {
        Format::csv(HEADER).unwrap().row(line)
    }

    #[test]
    fn a_line_is_read_by_the_order_of_its_header() {
        let format = Format::csv("email,national_id,family_name,given_name").unwrap();
        let row = format
            .row("ana@x.example,1-9,\"Soto, \"\"la\"\" mayor\",Ana")
            .unwrap();
        assert_eq!(
            (row.national_id.as_str(), row.given_name.as_str()),
            ("1-9", "Ana")
        );
        assert_eq!(row.family_name, "Soto, \"la\" mayor");
        assert_eq!(row.phone_number, None);
    }

    #[test]
    fn an_empty_field_that_may_be_missing_is_missing() {
        assert_eq!(row("1-9,Ana,Soto,a@x.example,").unwrap().phone_number, None);
    }

    #[test]
    fn a_header_with_an_unknown_a_double_or_a_missing_column_is_refused() {
        assert_eq!(
            Format::csv("national_id,role").unwrap_err(),
            Unreadable::Column(2)
        );
        assert_eq!(Format::csv("email,email").unwrap_err(), Unreadable::Column(2));
        assert_eq!(
            Format::csv("national_id,given_name,family_name").unwrap_err(),
            Unreadable::Missing(Column::Email)
        );
    }

    #[test]
    fn a_line_of_another_length_is_refused() {
        assert_eq!(
            row("1-9,Ana,Soto").unwrap_err(),
            Unreadable::Fields {
                found: 3,
                expected: 5
            }
        );
    }

    #[test]
    fn a_quote_that_is_left_open_or_stands_inside_is_refused() {
        for line in [
            "\"1-9,Ana,Soto,a@x.example,",
            "1-9,A\"na,Soto,a@x.example,",
            "\"1\"-9,Ana,Soto,a@x.example,",
        ] {
            assert_eq!(row(line).unwrap_err(), Unreadable::Quote, "{line}");
        }
    }

    #[test]
    fn an_object_with_a_field_that_nobody_knows_is_refused() {
        let line = r#"{"national_id":"1-9","given_name":"Ana","family_name":"Soto","email":"a@x.example","role":"operator"}"#;
        assert!(matches!(
            Format::JsonLines.row(line),
            Err(Unreadable::Json { .. })
        ));
        let line = line.replace(",\"role\":\"operator\"", "");
        assert_eq!(Format::JsonLines.row(&line).unwrap().email, "a@x.example");
    }

    #[test]
    fn a_report_repeats_nothing_of_the_line() {
        let told = Format::JsonLines
            .row("{\"national_id\":\"11111111-1\"")
            .unwrap_err()
            .to_string();
        assert!(!told.contains("11111111"), "{told}");
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in "\\PC{0,80}", quoted in "[\",a]{0,40}") {
            let _ = row(&line);
            let _ = row(&quoted);
            let _ = Format::csv(&line);
            let _ = Format::JsonLines.row(&line);
        }

        #[test]
        fn what_is_written_by_the_rules_is_read_back(all in proptest::collection::vec("\\PC{0,20}", 5)) {
            let quoted: Vec<String> = all.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            prop_assert_eq!(fields(&quoted.join(",")).unwrap(), all);
        }
    }
}
