//! SQL that is rendered once per store.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::COLUMNS;

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

    /// Renders a template.
    pub(crate) fn sql(&self, template: &str) -> Sql {
        let template = template.replace("{columns}", COLUMNS);
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
