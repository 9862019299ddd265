//! The tables, described once for all databases.
//!
//! `migrations/` has the rendered templates, for apps that run migrations with a tool of their own.

use super::sql::{Sql, Tables};

/// Brings the tables from the previous version to this one, and records itself in the table of
/// migrations, last.
///
/// Never changed once it is published: another one is added instead. Instances of the previous
/// version may still run when it is applied.
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

/// All migrations, oldest first.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration::new(1, include_str!("0001_connections.sql"))];

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

    /// Queries the version of the last applied migration. Fails when the table of migrations does
    /// not exist.
    pub(crate) fn applied(&self) -> Sql {
        self.tables.sql("SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations")
    }

    /// Creates the table of migrations.
    pub(crate) fn prepare(&self) -> Sql {
        self.tables.sql(
            "CREATE TABLE IF NOT EXISTS {prefix}migrations (version {integer} NOT NULL PRIMARY KEY){table}",
        )
    }

    /// The statements of the migrations after this version.
    pub(crate) fn after(&self, applied: i64) -> impl Iterator<Item = Sql> {
        self.migrations
            .iter()
            .filter(move |migration| migration.version > applied)
            .flat_map(|migration| migration.template.split_inclusive(';'))
            .filter(|statement| !statement.trim().is_empty())
            .map(|statement| self.tables.sql(statement))
    }

    /// Returns true if migrations are missing, given the result of [`applied`](Self::applied). A
    /// database that is ahead is not behind: a newer instance has migrated it.
    pub(crate) fn is_behind(&self, applied: sqlx::Result<i64>) -> sqlx::Result<bool> {
        match applied {
            Ok(applied) => Ok(self.migrations.iter().any(|migration| migration.version > applied)),
            Err(sqlx::Error::Database(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
const FILES: &[&str] = &["0001_connections.sql"];

/// Asserts that a folder of `migrations/` has the rendered templates.
///
/// `UPDATE_MIGRATIONS=1 cargo test -p nango-sqlx --all-features` writes the files instead.
#[cfg(test)]
pub(crate) fn assert_published(dialect: &super::sql::Dialect, folder: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_in_order_and_record_themselves() {
        assert_eq!(MIGRATIONS.len(), FILES.len());
        for ((n, migration), file) in (1..).zip(MIGRATIONS).zip(FILES) {
            assert_eq!(migration.version, n);
            let record = format!("INSERT INTO {{prefix}}migrations (version) VALUES ({n});\n");
            assert!(migration.template.ends_with(&record));
            assert!(file.starts_with(&format!("{n:04}_")));
        }
    }
}
