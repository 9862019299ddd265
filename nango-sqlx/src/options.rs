//! Options of a store.

use nango_core::{StoreCause, StoreError, StoreErrorKind};

/// Leaves room for our names in the 63 characters that every database allows.
const MAX_PREFIX_LENGTH: usize = 32;

/// Options of a store: the names of its tables, whether it migrates them, and what stands between
/// it and its database.
///
/// ```
/// use nango_sqlx::Options;
///
/// let options = Options::new().table_prefix("billing_nango_").migrate(false);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    prefix: String,
    migrate: bool,
    transaction_pooling: bool,
}

impl Options {
    /// Creates the default options: tables named `nango_connections` and so on, migrated by the
    /// store.
    #[must_use]
    pub fn new() -> Self {
        Self { prefix: "nango_".to_owned(), migrate: true, transaction_pooling: false }
    }

    /// Sets the prefix of the names of all tables and indexes: 1 to 32 of the characters `a-z`,
    /// `0-9` and `_`, not a digit first. The constructors of a store refuse any other prefix.
    ///
    /// Apps that share a database each need a prefix of their own; instances of one app need the
    /// same.
    #[must_use]
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets whether the store migrates its tables. With `false` it neither creates nor alters any,
    /// nor creates the file of a SQLite database:
    /// apply the files of the crate's folder `migrations` before you start a new version. The
    /// constructors of a store fail, and name the files, if one has not been applied.
    ///
    /// Tables that a newer version has migrated are accepted with either setting: a migration
    /// keeps instances of the previous version working.
    #[must_use]
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Sets whether a pooler that gives each transaction another connection stands in front of
    /// PostgreSQL, such as pgbouncer with `pool_mode = transaction`. The default is `false`.
    ///
    /// Prepared statements belong to one connection of the server. Without this option the store
    /// prepares them, and behind such a pooler it fails, or even executes a statement that another
    /// client has prepared. With it every statement is in a transaction of its own and has no name,
    /// which costs three more round trips. A pool of the app, whatever its statement cache, needs
    /// the option as well as a URL does.
    ///
    /// The store keeps no other state in a session: migrations take their lock in a transaction,
    /// and leases are rows. SQLite and MySQL ignore the option.
    #[must_use]
    pub fn transaction_pooling(mut self, transaction_pooling: bool) -> Self {
        self.transaction_pooling = transaction_pooling;
        self
    }

    pub(crate) fn migrates(&self) -> bool {
        self.migrate
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn pools_transactions(&self) -> bool {
        self.transaction_pooling
    }

    /// Returns the prefix of the queue's tables.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn checked_event_prefix(&self) -> Result<String, StoreError> {
        Ok(format!("{}events_", self.checked_prefix()?))
    }

    /// Returns the prefix if it can be part of SQL.
    pub(crate) fn checked_prefix(&self) -> Result<&str, StoreError> {
        let mut characters = self.prefix.chars();
        let first = characters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_');
        let rest = characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if first && rest && self.prefix.len() <= MAX_PREFIX_LENGTH {
            Ok(&self.prefix)
        } else {
            let cause = StoreCause::new("the table prefix is invalid");
            Err(StoreError::new(StoreErrorKind::Other, cause)
                .with_attempt("name the tables")
                .with_remedy("use 1 to 32 of a-z, 0-9 and _, not a digit first"))
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_prefixes_other_than_plain_words_are_refused() {
        for prefix in ["nango_", "a", "_1", &"x".repeat(32)] {
            assert!(Options::new().table_prefix(prefix).checked_prefix().is_ok(), "{prefix}");
        }
        for prefix in ["", "1a", "Nango_", "a b", "a\"", "a;--", "ä", "a.b", &"x".repeat(33)] {
            assert!(Options::new().table_prefix(prefix).checked_prefix().is_err(), "{prefix}");
        }
    }
}
