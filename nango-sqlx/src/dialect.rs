//! What differs between the databases in a text of SQL.

/// A database's way to say things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
}

/// What all names of tables and indexes begin with.
pub(crate) const PREFIX: &str = "nango_";

impl Dialect {
    /// Turns a template into this database's SQL.
    pub(crate) fn render(self, template: &str, prefix: &str) -> String {
        let tokens = self.tokens().iter().copied();
        tokens
            .chain([("{prefix}", prefix)])
            .fold(template.to_owned(), |sql, (token, text)| sql.replace(token, text))
    }

    fn tokens(self) -> &'static [(&'static str, &'static str)] {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &[
                ("{bytes}", "TEXT"),
                ("{integer}", "INTEGER"),
                ("{flag}", "INTEGER"),
                ("{text}", "TEXT"),
                ("{table}", " STRICT"),
                ("{where owned}", " WHERE removed = FALSE"),
                ("{where pending}", " WHERE announced = FALSE OR look_again_at IS NOT NULL"),
            ],
        }
    }
}
