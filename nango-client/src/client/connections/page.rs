//! Pages of a list of connections, whose rows are read one by one.

use std::slice;
use std::vec;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::reply::object;
use crate::client::wire::{Metadata, connection_in, connections_in, key_in};
use crate::connection::{Connection, ConnectionKey};
use crate::error::{Error, ErrorKind};

/// One page of a list of connections. Iterating over it yields the connections that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct ConnectionPage {
    /// The connections, in Nango's order.
    pub connections: Vec<Connection>,
    /// The rows that could not be read. Each is a connection that Nango has, so that a caller which
    /// concludes from absence has to take them into account.
    pub unreadable: Vec<UnreadableConnection>,
    /// The number of requests: more than one where responses were too large.
    pub requests: u32,
}

/// A row of a list that is not a connection as this version reads them, or is larger than 32 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableConnection {
    /// The key, if at least that could be read.
    pub key: Option<ConnectionKey>,
}

impl ConnectionPage {
    /// Returns the number of all rows, unreadable ones included. Fewer than the limit means that
    /// this is the last page.
    #[must_use]
    pub fn len(&self) -> usize {
        self.connections.len() + self.unreadable.len()
    }

    /// Returns `true` if there is no row, not even an unreadable one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(in crate::client) fn extend(&mut self, rows: impl IntoIterator<Item = Row>) {
        let unreadable = &mut self.unreadable;
        let readable = rows.into_iter().filter_map(|row| row.map_err(|row| unreadable.push(row)).ok());
        if self.connections.is_empty() {
            // In the memory of the rows.
            self.connections = readable.collect();
        } else {
            self.connections.extend(readable);
        }
    }
}

impl IntoIterator for ConnectionPage {
    type Item = Connection;
    type IntoIter = vec::IntoIter<Connection>;

    fn into_iter(self) -> Self::IntoIter {
        self.connections.into_iter()
    }
}

impl<'a> IntoIterator for &'a ConnectionPage {
    type Item = &'a Connection;
    type IntoIter = slice::Iter<'a, Connection>;

    fn into_iter(self) -> Self::IntoIter {
        self.connections.iter()
    }
}

/// A row of a list.
pub(in crate::client) type Row = Result<Connection, UnreadableConnection>;

/// Reads the rows of a response.
///
/// # Errors
///
/// [`ErrorKind::Unavailable`] when it is not a list.
pub(in crate::client) fn rows_in(body: &[u8], metadata: Metadata) -> Result<Vec<Row>, Error> {
    #[derive(Deserialize)]
    struct Page<'a> {
        // Skipped first: one row does not make the others unreadable.
        #[serde(borrow)]
        connections: Vec<&'a RawValue>,
    }
    if let Some(connections) = connections_in(body, metadata) {
        return Ok(connections.into_iter().map(Ok).collect());
    }
    let page = object::<Page<'_>>(body);
    let Page { connections } = page.map_err(|_| Error::new(ErrorKind::Unavailable))?;
    let read = |row: &RawValue| {
        let row = row.get().as_bytes();
        connection_in(row, metadata).map_err(|_| UnreadableConnection { key: key_in(row) })
    };
    Ok(connections.into_iter().map(read).collect())
}

/// Rows of the whole list, by position, that are requested in pages of a limit.
///
/// Nango knows pages and no positions, so the first and the last page may contain other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    from: u64,
    to: u64,
    pub(super) limit: u32,
}

impl Range {
    pub(super) fn of_page(page: u32, limit: u32) -> Self {
        let from = u64::from(page) * u64::from(limit);
        Self { from, to: from + u64::from(limit), limit }
    }

    /// Returns the number of the page that contains the first row.
    pub(super) fn page(self) -> u64 {
        self.from / u64::from(self.limit)
    }

    /// Divides it into the rows of the first page and the others, if there are any.
    pub(super) fn split_first_page(self) -> (Self, Option<Self>) {
        let end = (self.page() + 1) * u64::from(self.limit);
        if end >= self.to {
            return (self, None);
        }
        (Self { to: end, ..self }, Some(Self { from: end, ..self }))
    }

    /// Returns the same rows in pages of half the limit; `None` when it is a single row.
    pub(super) fn halved(self) -> Option<Self> {
        (self.limit > 1).then_some(Self { limit: self.limit / 2, ..self })
    }

    /// Returns those of the page's rows that belong to it.
    pub(super) fn rows_of(self, rows: Vec<Row>) -> impl Iterator<Item = Row> {
        let start = self.page() * u64::from(self.limit);
        let in_page = |position: u64| usize::try_from(position - start).unwrap_or(usize::MAX);
        rows.into_iter().take(in_page(self.to)).skip(in_page(self.from))
    }
}
