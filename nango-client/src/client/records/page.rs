//! Pages of records, and the walk over all of them.

use std::slice;
use std::vec;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::cursor::Cursor;
use super::record::Record;
use super::row::record_in;
use crate::client::reply::object;
use crate::error::{Error, ErrorKind};

/// One page of records, in the order of their last change.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[must_use]
pub struct RecordPage<T> {
    /// The records. A page may be shorter than the limit, and even then another may follow.
    pub records: Vec<Record<T>>,
    /// The position at which the next page begins; `None` if there is no more at the moment.
    pub next: Option<Cursor>,
}

impl<T> RecordPage<T> {
    /// Returns the position after the page's last record, to be stored and read on from; `None` if
    /// there is no record, so that the position before stays right.
    ///
    /// It is there on the last page, too, which has no [`next`](Self::next).
    #[must_use]
    pub fn position(&self) -> Option<&Cursor> {
        self.records.last().map(Record::cursor)
    }
}

impl<T> IntoIterator for RecordPage<T> {
    type Item = Record<T>;
    type IntoIter = vec::IntoIter<Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a RecordPage<T> {
    type Item = &'a Record<T>;
    type IntoIter = slice::Iter<'a, Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

/// Reads a page.
///
/// # Errors
///
/// [`ErrorKind::Unavailable`] when it is not a page, [`ErrorKind::Decode`] when a row has no position.
pub(in crate::client) fn page_in<T: DeserializeOwned>(body: &[u8]) -> Result<RecordPage<T>, Error> {
    #[derive(Deserialize)]
    struct Wire<'a> {
        next_cursor: Option<Cursor>,
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let page = object(body).map_err(|_| Error::new(ErrorKind::Unavailable))?;
    let Wire { next_cursor, records } = page;
    let records = records.into_iter().map(|row| record_in(row.get())).collect::<Result<_, _>>()?;
    Ok(RecordPage { records, next: next_cursor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_an_object_with_records() {
        assert!(page_in::<()>(br#" {"next_cursor":null,"records":[]}"#).is_ok());
        for other in [r#"["",[]]"#, r#"[null,[]]"#, "{}", "[]", "null", ""] {
            let error = page_in::<()>(other.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{other}");
        }
    }
}
