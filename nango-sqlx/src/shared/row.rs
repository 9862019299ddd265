//! A record as the columns of a row, and the parameters of a statement.

use nango_core::{ConnectionKey, Details, Owner, Record, StoreCause, Timestamp, Version};
use sqlx::{ColumnIndex, Decode, Type};

pub(super) const COLUMNS: &str = "integration, connection_id, version, announced, look_again_at, details, \
     removed, owner_kind, owner_id, owner_scope";

/// The first of [`COLUMNS`]: without those that are known of the rows that an owner has.
pub(super) const OWNED_COLUMNS: &str =
    "integration, connection_id, version, announced, look_again_at, details";

/// Decodes a row of [`COLUMNS`], or one of [`OWNED_COLUMNS`] that is known to be this owner's. `Bytes` is
/// the type in which the database returns texts that compare by their bytes.
pub(crate) fn record<'r, Bytes, R>(row: &'r R, known: Option<&Owner>) -> sqlx::Result<Record>
where
    Bytes: Decode<'r, R::Database> + Type<R::Database> + AsRef<[u8]>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    usize: ColumnIndex<R>,
    R: sqlx::Row,
{
    let optional = |column| row.try_get::<Option<Bytes>, usize>(column);
    let (removed, owner) = match known {
        Some(owner) => (false, Some(owner.clone())),
        None => (row.try_get(6)?, owner([optional(7)?, optional(8)?, optional(9)?])?),
    };
    let (integration, connection_id) = (row.try_get::<Bytes, usize>(0)?, row.try_get::<Bytes, usize>(1)?);
    let look_again_at = match row.try_get(4)? {
        Some(micros) => {
            Some(Timestamp::from_micros(micros).ok_or_else(|| corrupt("look_again_at is out of range"))?)
        }
        None => None,
    };
    Ok(Record {
        key: ConnectionKey::new(utf8(&integration)?, utf8(&connection_id)?),
        version: Version::from_raw(row.try_get(2)?).ok_or_else(|| corrupt("version is zero"))?,
        owner,
        removed,
        announced: row.try_get(3)?,
        look_again_at,
        details: Details::from_json(row.try_get::<&str, _>(5)?)
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}

/// The owner in the columns of its kind, id and scope.
fn owner<Bytes: AsRef<[u8]>>([kind, id, scope]: [Option<Bytes>; 3]) -> sqlx::Result<Option<Owner>> {
    match (kind, id) {
        (Some(kind), Some(id)) => {
            let scope = scope.as_ref().map(utf8).transpose()?;
            Ok(Some(Owner::new(utf8(&kind)?, utf8(&id)?).with_scope(scope)))
        }
        (None, None) => Ok(None),
        _ => Err(corrupt("only one of owner_kind and owner_id is set")),
    }
}

fn utf8(bytes: &impl AsRef<[u8]>) -> sqlx::Result<&str> {
    std::str::from_utf8(bytes.as_ref()).map_err(|_| corrupt("a text is not UTF-8"))
}

fn corrupt(cause: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(StoreCause::new(format!("a row cannot be read: {cause}")).into())
}

/// Returns the name of a column that sqlx names by its position, if it is one of [`COLUMNS`].
pub(super) fn column_name(index: &str) -> Option<&'static str> {
    COLUMNS.split(", ").nth(index.parse().ok()?)
}

/// The columns that a record is written to, besides those of its key.
pub(crate) fn columns(record: &Record) -> [Value<'_>; 8] {
    // Names every field, so that a new one cannot be forgotten here.
    let Record { key: _, version, owner, removed, announced, look_again_at, details } = record;
    let owner = owner.as_ref();
    [
        Value::integer(version.raw()),
        Value::Flag(*announced),
        Value::Integer(look_again_at.map(Timestamp::as_micros)),
        Value::Text(details.to_json()),
        Value::Flag(*removed),
        Value::Bytes(owner.map(Owner::kind)),
        Value::Bytes(owner.map(Owner::id)),
        Value::Bytes(owner.and_then(Owner::scope)),
    ]
}

/// `[[integration, connection id]]`
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn json_keys(keys: &[ConnectionKey]) -> String {
    let pair = |key: &ConnectionKey| serde_json::json!([key.integration(), key.connection_id()]);
    serde_json::Value::Array(keys.iter().map(pair).collect()).to_string()
}

/// A parameter of a statement, by the type of its column.
#[derive(Clone)]
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

    /// Copies it. A text that compares by its bytes becomes another text, which is the same in SQLite.
    #[cfg(feature = "sqlite")]
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Bytes(text) => text.map_or(Value::Bytes(None), |text| Value::Text(text.to_owned())),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text),
        }
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
