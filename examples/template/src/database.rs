//! The database: the pool that everything shares, and the migrations.

use std::time::Duration;

use nango_core::BoxError;
use nango_sqlx::{Options, PostgresStore};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, SqlSafeStr as _};

/// The files of `migrations`, in order. A file that was applied once is never changed again.
const MIGRATIONS: &[(i64, &str)] = &[(1, include_str!("../migrations/1_app.sql"))];

/// The connections of an instance to the database.
const CONNECTIONS: u32 = 10;

/// The longest wait for one of them.
const WAIT: Duration = Duration::from_secs(5);

/// Connects to the database.
///
/// # Errors
///
/// When it cannot be reached, or refuses the login.
pub async fn open(url: &str) -> Result<PgPool, BoxError> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(WAIT);
    let pool = pool.connect(url).await;
    pool.map_err(|error| format!("cannot open the database of DATABASE_URL: {error}").into())
}

/// Creates or migrates the tables of the app and those of nango-sqlx. Several instances may do so at once.
///
/// # Errors
///
/// When a migration fails.
pub async fn migrate(pool: &PgPool) -> Result<(), BoxError> {
    let migration = |&(version, sql): &(i64, &'static str)| {
        Migration::new(version, "app".into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let migrator = Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect());
    migrator.run(pool).await.map_err(|error| format!("cannot migrate the tables of the app: {error}"))?;
    let options = Options::new();
    let _ = PostgresStore::new_with(pool.clone(), &options).await?.event_queue(&options).await?;
    Ok(())
}
