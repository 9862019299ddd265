//! The tables, described once for all databases.
//!
//! What a database makes of a template is kept in `migrations/`, for those who run migrations with a tool of their own.

use crate::dialect::Dialect;

/// Brings the tables from the version before to this one. Never changed once it is published: add another.
pub(crate) struct Migration {
    pub(crate) version: i64,
    template: &'static str,
}

/// Oldest first.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, template: include_str!("0001_connections.sql") }];

/// Remembers which migrations have run.
const APPLIED: &str =
    "CREATE TABLE IF NOT EXISTS {prefix}migrations (version {integer} NOT NULL PRIMARY KEY){table}";

impl Migration {
    pub(crate) fn sql(&self, dialect: Dialect, prefix: &str) -> String {
        dialect.render(self.template, prefix)
    }
}

/// Makes the table of the migrations that have run.
pub(crate) fn create_applied(dialect: Dialect, prefix: &str) -> String {
    dialect.render(APPLIED, prefix)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dialect::PREFIX;

    /// `UPDATE_MIGRATIONS=1 cargo test -p nango-sqlx --all-features` writes the files anew.
    fn published(dialect: Dialect, folder: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let file = folder.join("0001_connections.sql");
        let sql = MIGRATIONS[0].sql(dialect, PREFIX);
        if std::env::var_os("UPDATE_MIGRATIONS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &sql).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), sql, "{}", file.display());
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn the_files_for_sqlite_are_what_runs() {
        published(Dialect::Sqlite, "sqlite");
    }
}
