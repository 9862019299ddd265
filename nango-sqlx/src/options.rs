//! What an app may decide about the tables.

use nango_core::{StoreError, StoreErrorKind};

/// The longest prefix that leaves room for our names in every database's 63 characters.
const LONGEST: usize = 32;

/// What the tables are called, and who makes them.
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
}

impl Options {
    /// Tables called `nango_connections` and so on, made by the store.
    #[must_use]
    pub fn new() -> Self {
        Self { prefix: "nango_".to_owned(), migrate: true }
    }

    /// Lets the names of all tables and indexes begin with this: 1 to 32 of the characters `a-z`, `0-9` and `_`, not a
    /// digit first. Anything else is refused when the store is made.
    ///
    /// Apps that share a database each need a prefix of their own; instances of one app need the same.
    #[must_use]
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// With `false`, the store makes no tables and changes none: you run what is in the crate's folder `migrations`
    /// before you start a new version.
    #[must_use]
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    pub(crate) fn migrates(&self) -> bool {
        self.migrate
    }

    /// The prefix, which becomes part of SQL.
    pub(crate) fn checked_prefix(&self) -> Result<&str, StoreError> {
        let mut characters = self.prefix.chars();
        let first = characters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_');
        let rest = characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if first && rest && self.prefix.len() <= LONGEST {
            Ok(&self.prefix)
        } else {
            Err(StoreError::new(
                StoreErrorKind::Other,
                "a table prefix is 1 to 32 of a-z, 0-9 and _, not a digit first",
            ))
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
    fn a_prefix_is_a_plain_word() {
        for prefix in ["nango_", "a", "_1", &"x".repeat(32)] {
            assert!(Options::new().table_prefix(prefix).checked_prefix().is_ok(), "{prefix}");
        }
        for prefix in ["", "1a", "Nango_", "a b", "a\"", "a;--", "ä", "a.b", &"x".repeat(33)] {
            assert!(Options::new().table_prefix(prefix).checked_prefix().is_err(), "{prefix}");
        }
    }
}
