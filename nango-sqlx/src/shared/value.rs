//! Parameters of statements.

use nango_core::ConnectionKey;

/// A parameter of a statement, by the type of its column.
pub(crate) enum Value<'a> {
    /// A text that compares and sorts by its bytes.
    Bytes(Option<&'a str>),
    Flag(bool),
    Integer(Option<i64>),
    Text(String),
}

impl<'a> Value<'a> {
    pub(crate) fn bytes(text: &'a str) -> Self {
        Self::Bytes(Some(text))
    }

    pub(crate) fn integer(number: i64) -> Self {
        Self::Integer(Some(number))
    }

    /// A number of rows, as `LIMIT` takes it.
    pub(crate) fn limit(rows: usize) -> Self {
        Self::integer(i64::try_from(rows).unwrap_or(i64::MAX))
    }

    /// The two columns of the primary key.
    pub(crate) fn key(key: &'a ConnectionKey) -> [Self; 2] {
        [Self::bytes(key.integration()), Self::bytes(key.connection_id())]
    }
}
