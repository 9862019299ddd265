//! Statements with their parameters.

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};

use crate::shared::{Sql, Value};

pub(super) fn query(sql: &Sql, values: Vec<Value<'_>>) -> Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(sql.text()), |query, value| match value {
        Value::Bytes(text) => query.bind(text),
        Value::Flag(flag) => query.bind(flag),
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}
