//! SQL that is rendered once per store, in the words of its database.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::row::{COLUMNS, OWNED_COLUMNS};

/// The names of a store's tables, in its database's dialect.
#[derive(Clone)]
pub(crate) struct Tables {
    dialect: &'static Dialect,
    prefix: String,
}

impl Tables {
    /// The prefix has been checked: it becomes part of SQL.
    pub(crate) fn new(dialect: &'static Dialect, prefix: &str) -> Self {
        Self { dialect, prefix: prefix.to_owned() }
    }

    /// The folder of `migrations/` for this database.
    pub(crate) fn folder(&self) -> &'static str {
        self.dialect.folder
    }

    /// Returns true if one statement inserts a row, or updates the one that is there on a condition.
    pub(crate) fn has_conditional_upserts(&self) -> bool {
        self.dialect.tokens.iter().any(|(token, text)| *token == "{or prolong}" && !text.is_empty())
    }

    /// Renders a template.
    pub(crate) fn sql(&self, template: &str) -> Sql {
        let template = template.replace("{columns}", COLUMNS).replace("{owned columns}", OWNED_COLUMNS);
        Sql(self.dialect.render(&template, &self.prefix).into())
    }
}

/// A statement made of nothing but literals and a checked prefix.
#[derive(Clone)]
pub(crate) struct Sql(Arc<str>);

impl Sql {
    pub(crate) fn text(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(Arc::clone(&self.0))
    }
}

/// A database's words for the tokens of a template.
pub(crate) struct Dialect {
    /// The folder of `migrations/` for this database.
    pub(crate) folder: &'static str,
    /// A token in braces, and its text.
    pub(crate) tokens: &'static [(&'static str, &'static str)],
    /// Parameters are `$1`, `$2` and so on as in the templates, or else `?`.
    pub(crate) numbers_parameters: bool,
}

impl Dialect {
    /// Turns a template into this database's SQL.
    pub(crate) fn render(&self, template: &str, prefix: &str) -> String {
        let tokens = self.tokens.iter().copied().chain([("{prefix}", prefix)]);
        let sql = tokens.fold(template.to_owned(), |sql, (token, text)| sql.replace(token, text));
        if self.numbers_parameters { sql } else { positional(&sql) }
    }
}

// For databases that have partial indexes.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const LIVE: &str = "\n    WHERE removed = FALSE";
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const PENDING: &str = "\n    WHERE announced = FALSE OR look_again_at IS NOT NULL";

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const OR_NOTHING: &str = " ON CONFLICT DO NOTHING";

/// Of the lease `l`: its holder keeps it, and another holder gets it once it has ended.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const OR_PROLONG: &str = " ON CONFLICT (name) DO UPDATE \
     SET holder = excluded.holder, ends_at = excluded.ends_at WHERE l.holder = excluded.holder OR l.ends_at <= {now}";

/// Replaces `$1` and so on by `?`: every template names its parameters in order, each once. The `$`
/// of a JSON path stays.
fn positional(sql: &str) -> String {
    let mut parts = sql.split('$');
    let mut positional = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        positional.push(if rest.len() < part.len() { '?' } else { '$' });
        positional.push_str(rest);
    }
    positional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_lose_their_numbers() {
        assert_eq!(positional("a = $1 AND b = $10"), "a = ? AND b = ?");
        assert_eq!(positional("JSON($1, '$[0]')"), "JSON(?, '$[0]')");
        assert_eq!(positional("SELECT 1"), "SELECT 1");
    }
}
