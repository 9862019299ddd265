//! The tables, described once for all databases.
//!
//! `migrations/` has the rendered templates, for apps that run migrations with a tool of their own.

use nango_core::StoreErrorKind;

use super::diagnosis::{Diagnose, Diagnosis};
use super::meaning::UNDEFINED_TABLE;
use super::sql::{Sql, Tables};

/// Brings the tables from the previous version to this one, and records itself in the table of
/// migrations, last.
///
/// Never changed once it is published: another one is added instead. Instances of the previous
/// version may still run when it is applied.
#[derive(Clone)]
pub(crate) struct Migration {
    version: i64,
    /// Its file in a folder of `migrations/`.
    file: &'static str,
    template: &'static str,
}

impl Migration {
    pub(crate) const fn new(version: i64, file: &'static str, template: &'static str) -> Self {
        Self { version, file, template }
    }
}

/// All migrations, oldest first.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration::new(1, "0001_connections.sql", include_str!("0001_connections.sql"))];

/// All migrations of the queue of events, oldest first. Its tables have a prefix of their own, and exist
/// only where an app uses the queue.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const EVENT_MIGRATIONS: &[Migration] =
    &[Migration::new(1, "events_0001_queue.sql", include_str!("events_0001_queue.sql"))];

/// Migrations of a store's tables.
#[derive(Clone)]
pub(crate) struct Schema {
    tables: Tables,
    migrations: &'static [Migration],
}

impl Schema {
    pub(crate) fn new(tables: &Tables, migrations: &'static [Migration]) -> Self {
        Self { tables: tables.clone(), migrations }
    }

    /// Counts the tables of migrations: one, or none before the first migration. A query of a
    /// missing table would be an error in the server's log, and in PostgreSQL it would end the
    /// transaction.
    pub(crate) fn exists(&self) -> Sql {
        self.tables.sql("{count of migrations}")
    }

    /// Queries the version of the last applied migration. Fails when the table of migrations does
    /// not exist.
    pub(crate) fn applied(&self) -> Sql {
        self.tables.sql("SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations")
    }

    /// The statements of the migrations after this version. The first one creates the table of
    /// migrations.
    pub(crate) fn after(&self, applied: i64) -> impl Iterator<Item = Sql> {
        self.migrations
            .iter()
            .filter(move |migration| migration.version > applied)
            .flat_map(|migration| migration.template.split_inclusive(';'))
            .filter(|statement| !statement.trim().is_empty())
            .map(|statement| self.tables.sql(statement))
    }

    /// Returns true if migrations after this version are missing. A database that is ahead is not
    /// behind: a newer instance has migrated it.
    pub(crate) fn is_behind(&self, applied: i64) -> bool {
        self.newest() > applied
    }

    /// Describes which migrations are missing, given the result of [`applied`](Self::applied).
    /// `None` if none is, or if the result does not say so.
    pub(crate) fn missing<DB: Diagnose>(&self, applied: &sqlx::Result<i64>) -> Option<Diagnosis> {
        let (version, cause) = match applied {
            Ok(version) => (
                *version,
                format!("the tables are at version {version}, and version {} is needed", self.newest()),
            ),
            Err(sqlx::Error::Database(error)) if DB::meaning(error.as_ref()) == Some(UNDEFINED_TABLE) => {
                (0, "the tables are missing".to_owned())
            }
            Err(_) => return None,
        };
        let files: Vec<_> = self
            .migrations
            .iter()
            .filter(|migration| migration.version > version)
            .map(|migration| format!("`migrations/{}/{}`", self.tables.folder(), migration.file))
            .collect();
        let remedy = format!("apply {} of nango-sqlx, or let the store migrate", files.join(", "));
        (!files.is_empty()).then(|| Diagnosis::new(StoreErrorKind::Other, cause, remedy))
    }

    fn newest(&self) -> i64 {
        self.migrations.iter().map(|migration| migration.version).max().unwrap_or_default()
    }
}

/// Asserts that a folder of `migrations/` has the rendered templates.
///
/// `UPDATE_MIGRATIONS=1 cargo test -p nango-sqlx --all-features` writes the files instead.
#[cfg(test)]
pub(crate) fn assert_published(dialect: &super::sql::Dialect, prefix: &str, migrations: &[Migration]) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect.folder);
    for migration in migrations {
        let file = folder.join(migration.file);
        let sql = dialect.render(migration.template, prefix);
        if std::env::var_os("UPDATE_MIGRATIONS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &sql).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), sql, "{}", file.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_in_order_and_record_themselves() {
        let mut lists = vec![(MIGRATIONS, "")];
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        lists.push((EVENT_MIGRATIONS, "events_"));
        for (migrations, prefix) in lists {
            for (n, migration) in (1..).zip(migrations) {
                assert_eq!(migration.version, n);
                let record = format!("INSERT INTO {{prefix}}migrations (version) VALUES ({n});\n");
                assert!(migration.template.ends_with(&record));
                assert!(migration.file.starts_with(&format!("{prefix}{n:04}_")));
            }
        }
    }
}
