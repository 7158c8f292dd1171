//! A transaction on PostgreSQL that stands being taken back.
//!
//! Two transactions may each wait for what the other one holds; then the engine takes one of them back, whole. It is
//! begun again here, and everything that was asked in it is asked again, word for word. As long as each answer is the one
//! of before, whoever asked cannot tell the difference: every decision that they took on the way holds, what they drew by
//! chance is still the same, and the use case goes on where it stood. So no use case has to know of it.
//!
//! Where an answer has become another one, somebody changed the very thing that is being decided here, and only a new
//! request can decide it anew: nothing happened, and the caller is told to come back (503).

use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::{
    Any, AnyPool, Either, Error, Execute, Executor as _, SqlStr,
    any::{AnyArguments, AnyRow},
};
use sqlx_core::any::AnyValueKind;

use super::sqlite::Rows;

/// A transaction, and everything that was asked in it.
pub(super) struct Transaction {
    pool: AnyPool,
    /// None when none could be begun again: then it is over.
    open: Option<sqlx::Transaction<'static, Any>>,
    asked: Vec<(Statement, Answer)>,
    /// Too much was asked to be remembered.
    long: bool,
    begun: u32,
}

/// One statement as it was asked.
struct Statement {
    text: SqlStr,
    arguments: Option<Vec<AnyValueKind>>,
    wanted: Rows,
}

/// What the database said.
#[derive(Clone)]
pub(super) struct Answer {
    /// The rows that were wanted.
    pub rows: Vec<AnyRow>,
    /// How many rows it changed.
    pub changed: u64,
}

impl Transaction {
    /// Begins one.
    ///
    /// # Errors
    /// When no connection becomes free in time.
    pub async fn begin(pool: &AnyPool) -> Result<Self, Error> {
        Ok(Self {
            open: Some(pool.begin().await?),
            pool: pool.clone(),
            asked: Vec::new(),
            long: false,
            begun: 1,
        })
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What PostgreSQL says; a collision only when carrying out again did not help.
    pub async fn run<'q>(&mut self, query: impl Execute<'q, Any>, wanted: Rows) -> Result<Answer, Error> {
        let statement = Statement::of(query, wanted)?;
        loop {
            match ask(&mut self.open, &statement).await {
                Ok(answer) => {
                    self.remember(statement, &answer);
                    return Ok(answer);
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When it is not: then nothing of it happened.
    pub async fn commit(mut self) -> Result<(), Error> {
        loop {
            let open = self.open.take().ok_or(Error::PoolClosed)?;
            match open.commit().await {
                Ok(()) => return Ok(()),
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// Begins again after a collision, and asks everything again. Goes on only if nothing has changed.
    async fn again(&mut self, mut met: Error) -> Result<(), Error> {
        while is_collision(&met) && self.begun < TIMES && !self.long {
            if let Some(taken_back) = self.open.take() {
                taken_back.rollback().await?;
            }
            tokio::time::sleep(BETWEEN.saturating_mul(self.begun)).await;
            self.open = Some(self.pool.begin().await?);
            self.begun = self.begun.saturating_add(1);
            match self.repeat().await {
                Ok(true) => {
                    tracing::info!(begun = self.begun, "two transactions met; this one goes on");
                    return Ok(());
                }
                Ok(false) => {
                    tracing::info!("two transactions met, and the other one changed what this one had read");
                    return Err(met);
                }
                Err(error) => met = error,
            }
        }
        Err(met)
    }

    /// Asks everything again; false when something is not as it was.
    async fn repeat(&mut self) -> Result<bool, Error> {
        for (statement, before) in &self.asked {
            if !before.is(&ask(&mut self.open, statement).await?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn remember(&mut self, statement: Statement, answer: &Answer) {
        if self.asked.len() >= REMEMBERED {
            self.long = true;
            self.asked.clear();
        }
        if !self.long {
            self.asked.push((statement, answer.clone()));
        }
    }
}

async fn ask(
    open: &mut Option<sqlx::Transaction<'static, Any>>,
    statement: &Statement,
) -> Result<Answer, Error> {
    let open = open.as_mut().ok_or(Error::PoolClosed)?;
    let mut arguments = statement.arguments.clone().map(|values| {
        let mut arguments = AnyArguments::default();
        arguments.values.0 = values;
        arguments
    });
    let query = (statement.text.clone(), arguments.take());
    let mut answer = Answer {
        rows: Vec::new(),
        changed: 0,
    };
    if statement.wanted == Rows::One {
        answer.rows.extend((&mut **open).fetch_optional(query).await?);
        return Ok(answer);
    }
    let mut said = (&mut **open).fetch_many(query);
    while let Some(said) = said.try_next().await? {
        match said {
            Either::Left(done) => answer.changed = answer.changed.saturating_add(done.rows_affected()),
            Either::Right(row) => answer.rows.push(row),
        }
    }
    Ok(answer)
}

impl Statement {
    fn of<'q>(mut query: impl Execute<'q, Any>, wanted: Rows) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?;
        Ok(Self {
            arguments: arguments.map(|arguments| arguments.values.0),
            text: query.sql(),
            wanted,
        })
    }
}

impl Answer {
    fn is(&self, other: &Self) -> bool {
        let alike = |(one, other): (&AnyRow, &AnyRow)| {
            one.values.len() == other.values.len()
                && one
                    .values
                    .iter()
                    .zip(&other.values)
                    .all(|(one, other)| same(&one.kind, &other.kind))
        };
        self.changed == other.changed
            && self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(alike)
    }
}

/// The same value. What is not known to be is taken for another one.
fn same(one: &AnyValueKind, other: &AnyValueKind) -> bool {
    use AnyValueKind as Value;
    match (one, other) {
        (Value::Null(_), Value::Null(_)) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::SmallInt(one), Value::SmallInt(other)) => one == other,
        (Value::Integer(one), Value::Integer(other)) => one == other,
        (Value::BigInt(one), Value::BigInt(other)) => one == other,
        (Value::Real(one), Value::Real(other)) => one.to_bits() == other.to_bits(),
        (Value::Double(one), Value::Double(other)) => one.to_bits() == other.to_bits(),
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::TextSlice(one), Value::TextSlice(other)) => one == other,
        (Value::Blob(one), Value::Blob(other)) => one == other,
        _ => false,
    }
}

/// The engine took the transaction back, because it met another one.
fn is_collision(error: &Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| COLLISIONS.contains(&code.as_ref()))
}

/// PostgreSQL's appendix A: serialization failure and deadlock.
const COLLISIONS: [&str; 2] = ["40001", "40P01"];
/// Whoever loses so often in a row stands in a crowd that is better told to come back.
const TIMES: u32 = 4;
/// The winner of a collision needs a few milliseconds to its end.
const BETWEEN: Duration = Duration::from_millis(10);
/// No request of a person or a client asks so much; what does is a sweep or an import, which comes by again by itself.
const REMEMBERED: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::any::{AnyTypeInfo, AnyTypeInfoKind, AnyValue};
    use sqlx_core::any::AnyColumn;
    use std::sync::Arc;

    fn answer(rows: &[&[AnyValueKind]], changed: u64) -> Answer {
        let row = |values: &&[AnyValueKind]| AnyRow {
            column_names: Arc::default(),
            columns: vec![AnyColumn {
                ordinal: 0,
                name: "".into(),
                type_info: AnyTypeInfo {
                    kind: AnyTypeInfoKind::Null,
                },
            }],
            values: values
                .iter()
                .map(|kind| AnyValue { kind: kind.clone() })
                .collect(),
        };
        Answer {
            rows: rows.iter().map(row).collect(),
            changed,
        }
    }

    fn text(text: &str) -> AnyValueKind {
        AnyValueKind::Text(Arc::new(text.to_owned()))
    }

    #[test]
    fn an_answer_is_the_same_in_every_value_or_another_one() {
        let null = AnyValueKind::Null(AnyTypeInfoKind::Null);
        let blob = |byte| AnyValueKind::Blob(Arc::new(vec![byte]));
        let row = [text("a"), AnyValueKind::BigInt(1), null.clone(), blob(1)];
        let before = answer(&[&row], 0);
        assert!(before.is(&answer(&[&row], 0)));
        for (at, other) in [
            (0, text("b")),
            (0, null.clone()),
            (1, AnyValueKind::BigInt(2)),
            (1, AnyValueKind::Integer(1)),
            (2, text("")),
            (3, blob(2)),
        ] {
            let mut changed = row.clone();
            changed[at] = other;
            assert!(!before.is(&answer(&[&changed], 0)), "{at}");
        }
        assert!(!before.is(&answer(&[&row], 1)), "another number of changed rows");
        assert!(!before.is(&answer(&[], 0)), "a row less");
        assert!(!before.is(&answer(&[&row, &row], 0)), "a row more");
        assert!(!before.is(&answer(&[&row[..3]], 0)), "a value less");
    }
}
