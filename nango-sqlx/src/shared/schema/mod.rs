//! The tables, described once for all databases.
//!
//! What a database makes of a template is kept in `migrations/`, for those who run migrations with a tool of their own.

use super::dialect::Dialect;
use super::statements::Sql;

/// Brings the tables from the version before to this one, and says so in the table of migrations, last.
///
/// Never changed once it is published: add another. Instances of the version before may still run when it does.
#[derive(Clone)]
pub(crate) struct Migration {
    version: i64,
    template: &'static str,
}

impl Migration {
    pub(crate) const fn new(version: i64, template: &'static str) -> Self {
        Self { version, template }
    }
}

/// Oldest first.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration::new(1, include_str!("0001_connections.sql"))];

/// Some migrations for one database and one prefix.
#[derive(Clone)]
pub(crate) struct Schema {
    dialect: Dialect,
    prefix: String,
    migrations: &'static [Migration],
}

impl Schema {
    pub(crate) fn new(dialect: Dialect, prefix: &str, migrations: &'static [Migration]) -> Self {
        Self { dialect, prefix: prefix.to_owned(), migrations }
    }

    /// Asks for the last migration that has run. Fails when none has.
    pub(crate) fn applied(&self) -> Sql {
        Sql::new(self.dialect, &self.prefix, "SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations")
    }

    /// Makes the table that [`applied`](Self::applied) asks.
    pub(crate) fn prepare(&self) -> Sql {
        Sql::new(
            self.dialect,
            &self.prefix,
            "CREATE TABLE IF NOT EXISTS {prefix}migrations (version {integer} NOT NULL PRIMARY KEY){table}",
        )
    }

    /// The statements of the migrations after this one.
    pub(crate) fn after(&self, applied: i64) -> impl Iterator<Item = Sql> {
        self.migrations
            .iter()
            .filter(move |migration| migration.version > applied)
            .flat_map(|migration| migration.template.split_inclusive(';'))
            .filter(|statement| !statement.trim().is_empty())
            .map(|statement| Sql::new(self.dialect, &self.prefix, statement))
    }

    /// Whether some of them have not run, given what the database said to [`applied`](Self::applied). One that is ahead
    /// of us is fine: a newer instance has been here.
    pub(crate) fn is_behind(&self, applied: Result<i64, sqlx::Error>) -> Result<bool, sqlx::Error> {
        match applied {
            Ok(applied) => Ok(self.migrations.iter().any(|migration| migration.version > applied)),
            Err(sqlx::Error::Database(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What the published files are called.
    const FILES: &[&str] = &["0001_connections.sql"];

    /// `UPDATE_MIGRATIONS=1 cargo test -p nango-sqlx --all-features` writes the files anew.
    fn assert_published(dialect: Dialect, folder: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        for (migration, file) in MIGRATIONS.iter().zip(FILES) {
            let file = folder.join(file);
            let sql = dialect.render(migration.template, "nango_");
            if std::env::var_os("UPDATE_MIGRATIONS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &sql).unwrap();
            }
            assert_eq!(std::fs::read_to_string(&file).unwrap(), sql, "{}", file.display());
        }
    }

    #[test]
    fn the_files_are_what_runs() {
        #[cfg(feature = "mysql")]
        assert_published(Dialect::MySql, "mysql");
        #[cfg(feature = "postgres")]
        assert_published(Dialect::Postgres, "postgres");
        #[cfg(feature = "sqlite")]
        assert_published(Dialect::Sqlite, "sqlite");
    }

    #[test]
    fn migrations_are_in_order_and_say_that_they_ran() {
        assert_eq!(MIGRATIONS.len(), FILES.len());
        for ((n, migration), file) in (1..).zip(MIGRATIONS).zip(FILES) {
            assert_eq!(migration.version, n);
            let says = format!("INSERT INTO {{prefix}}migrations (version) VALUES ({n});\n");
            assert!(migration.template.ends_with(&says));
            assert!(file.starts_with(&format!("{n:04}_")));
        }
    }
}
