//! One statement: sqlx's arguments in, sqlx's rows out, so that every function of the store has one text for both
//! engines.

use std::{io, sync::Arc};

use rusqlite::{
    CachedStatement, ErrorCode, Row,
    types::{Null, ValueRef},
};
use sqlx::{
    Error,
    any::{AnyArguments, AnyRow, AnyTypeInfo, AnyTypeInfoKind, AnyValue},
};
use sqlx_core::any::{AnyColumn, AnyValueKind};

/// How many rows the caller wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// None: it was asked for its effect.
    None,
    /// The first.
    One,
    /// Every one.
    All,
}

/// Runs `sql`; the rows that were wanted and how many rows it changed. Without arguments it may be several statements.
///
/// Values are found by their place in the row; rows have no names here.
///
/// # Errors
/// What SQLite says.
pub fn run(
    connection: &rusqlite::Connection,
    sql: &str,
    arguments: Option<AnyArguments>,
    wanted: Rows,
) -> Result<(Vec<AnyRow>, u64), Error> {
    let Some(arguments) = arguments else {
        connection.execute_batch(sql).map_err(told)?;
        return Ok((Vec::new(), connection.changes()));
    };
    let mut statement = connection.prepare_cached(sql).map_err(told)?;
    bind(&mut statement, &arguments.values.0)?;
    let columns = statement.column_count();
    if columns == 0 {
        let changed = statement.raw_execute().map_err(told)?;
        return Ok((Vec::new(), u64::try_from(changed).unwrap_or(u64::MAX)));
    }
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(told)? {
        match wanted {
            // Its effect is whole with the first row (SQLite, RETURNING §3).
            Rows::None => break,
            Rows::One => {
                found.push(copy(row, columns)?);
                break;
            }
            Rows::All => found.push(copy(row, columns)?),
        }
    }
    drop(rows);
    Ok((found, connection.changes()))
}

/// `$2` is the second argument, wherever and however often it stands; SQLite numbers names by their first appearance.
fn bind(statement: &mut CachedStatement<'_>, arguments: &[AnyValueKind]) -> Result<(), Error> {
    for place in 1..=statement.parameter_count() {
        let named = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$'));
        let number = named.map_or(Some(place), |digits| digits.parse().ok());
        let argument = number.and_then(|number: usize| arguments.get(number.checked_sub(1)?));
        let argument =
            argument.ok_or_else(|| Error::Protocol("a statement without its argument".to_owned()))?;
        let bound = match argument {
            AnyValueKind::Null(_) => statement.raw_bind_parameter(place, Null),
            AnyValueKind::Bool(value) => statement.raw_bind_parameter(place, i64::from(*value)),
            AnyValueKind::SmallInt(value) => statement.raw_bind_parameter(place, i64::from(*value)),
            AnyValueKind::Integer(value) => statement.raw_bind_parameter(place, i64::from(*value)),
            AnyValueKind::BigInt(value) => statement.raw_bind_parameter(place, *value),
            AnyValueKind::Real(value) => statement.raw_bind_parameter(place, f64::from(*value)),
            AnyValueKind::Double(value) => statement.raw_bind_parameter(place, *value),
            AnyValueKind::Text(value) => statement.raw_bind_parameter(place, value.as_str()),
            AnyValueKind::TextSlice(value) => statement.raw_bind_parameter(place, &**value),
            AnyValueKind::Blob(value) => statement.raw_bind_parameter(place, value.as_slice()),
            _ => return Err(Error::Protocol("an argument of an unknown kind".to_owned())),
        };
        bound.map_err(told)?;
    }
    Ok(())
}

fn copy(row: &Row<'_>, columns: usize) -> Result<AnyRow, Error> {
    let mut copied = AnyRow {
        column_names: Arc::default(),
        columns: Vec::with_capacity(columns),
        values: Vec::with_capacity(columns),
    };
    for ordinal in 0..columns {
        let (kind, value) = match row.get_ref(ordinal).map_err(told)? {
            ValueRef::Null => (AnyTypeInfoKind::Null, AnyValueKind::Null(AnyTypeInfoKind::Null)),
            ValueRef::Integer(value) => (AnyTypeInfoKind::BigInt, AnyValueKind::BigInt(value)),
            ValueRef::Real(value) => (AnyTypeInfoKind::Double, AnyValueKind::Double(value)),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|problem| Error::Decode(problem.into()))?;
                (
                    AnyTypeInfoKind::Text,
                    AnyValueKind::Text(Arc::new(text.to_owned())),
                )
            }
            ValueRef::Blob(bytes) => (
                AnyTypeInfoKind::Blob,
                AnyValueKind::Blob(Arc::new(bytes.to_vec())),
            ),
        };
        copied.columns.push(AnyColumn {
            ordinal,
            name: "".into(),
            type_info: AnyTypeInfo { kind },
        });
        copied.values.push(AnyValue { kind: value });
    }
    Ok(copied)
}

/// Another process that holds the database passes; anything else is an error of ours.
fn told(problem: rusqlite::Error) -> Error {
    match problem.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => Error::Io(io::Error::new(io::ErrorKind::WouldBlock, problem)),
        _ => Error::AnyDriverError(problem.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Arguments as _, Row as _};

    fn opened() -> rusqlite::Connection {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (a TEXT, b BIGINT, c BLOB)")
            .unwrap();
        connection
    }

    fn arguments(text: Option<&str>, number: i64, bytes: &[u8]) -> Option<AnyArguments> {
        let mut arguments = AnyArguments::default();
        arguments.add(text.map(ToOwned::to_owned)).unwrap();
        arguments.add(number).unwrap();
        arguments.add(bytes.to_vec()).unwrap();
        Some(arguments)
    }

    #[test]
    fn what_was_written_is_read_in_its_kind() {
        let connection = opened();
        let insert = "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)";
        let (_, changed) = run(
            &connection,
            insert,
            arguments(Some("ñ"), i64::MIN, &[0, 1]),
            Rows::None,
        )
        .unwrap();
        assert_eq!(changed, 1);
        run(&connection, insert, arguments(None, 7, &[]), Rows::None).unwrap();
        let none = Some(AnyArguments::default());
        let (rows, _) = run(&connection, "SELECT a, b, c FROM t ORDER BY b", none, Rows::All).unwrap();
        assert_eq!(rows[0].get::<String, _>(0), "ñ");
        assert_eq!(rows[0].get::<i64, _>(1), i64::MIN);
        assert_eq!(rows[0].get::<Vec<u8>, _>(2), [0, 1]);
        assert_eq!(rows[1].get::<Option<String>, _>(0), None);
    }

    #[test]
    fn arguments_go_by_their_number_and_not_by_their_place_in_the_text() {
        let connection = opened();
        let insert = "INSERT INTO t (c, b, a) VALUES ($3, $2, $1)";
        run(&connection, insert, arguments(Some("x"), 5, &[9]), Rows::None).unwrap();
        let select = "SELECT a FROM t WHERE c = $3 AND b = $2 AND b = $2 AND a = $1";
        let (rows, _) = run(&connection, select, arguments(Some("x"), 5, &[9]), Rows::One).unwrap();
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn a_missing_argument_is_an_error_and_not_null() {
        let connection = opened();
        let short = Some(AnyArguments::default());
        assert!(run(&connection, "SELECT a FROM t WHERE a = $1", short, Rows::All).is_err());
    }

    #[test]
    fn a_write_that_returns_is_whole_with_its_first_row() {
        let connection = opened();
        connection
            .execute_batch("INSERT INTO t (b) VALUES (1), (1)")
            .unwrap();
        let none = Some(AnyArguments::default());
        let (rows, _) = run(&connection, "UPDATE t SET b = 2 RETURNING b", none, Rows::One).unwrap();
        assert_eq!(rows.len(), 1);
        let none = Some(AnyArguments::default());
        let (rows, _) = run(&connection, "SELECT COUNT(*) FROM t WHERE b = 2", none, Rows::One).unwrap();
        assert_eq!(rows[0].get::<i64, _>(0), 2);
    }
}
