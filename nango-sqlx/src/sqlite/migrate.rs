//! Migration of the tables.

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Connection as _, raw_sql};

use crate::shared::{Schema, Sql};

/// Applies missing migrations in one transaction. A concurrent call waits, and finds them applied.
pub(super) async fn run(pool: &SqlitePool, schema: &Schema) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    if !schema.is_behind(applied(&mut connection, schema).await?) {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let applied = applied(&mut transaction, schema).await?;
    for statement in schema.after(applied) {
        raw_sql(statement.text()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// The version of the last applied migration, zero if there is none.
async fn applied(connection: &mut SqliteConnection, schema: &Schema) -> sqlx::Result<i64> {
    let number = async |connection: &mut SqliteConnection, sql: Sql| -> sqlx::Result<i64> {
        sqlx::query_scalar(sql.text()).fetch_one(connection).await
    };
    match number(connection, schema.exists()).await? {
        0 => Ok(0),
        _ => number(connection, schema.applied()).await,
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;
    use crate::shared::schema::Migration;
    use crate::shared::{MIGRATIONS, Tables};
    use crate::sqlite::dialect::DIALECT;

    const SECOND: &str = "ALTER TABLE {prefix}connections ADD COLUMN note {bytes};\n\
         INSERT INTO {prefix}migrations (version) VALUES (2);\n";
    const BROKEN: &str = "ALTER TABLE {prefix}connections ADD COLUMN note {bytes};\nNOT SQL;\n";

    fn schema(second: Option<&'static str>) -> Schema {
        let first = MIGRATIONS.iter().take(1).cloned();
        let second = second.map(|template| Migration::new(2, "0002_note.sql", template));
        Schema::new(&Tables::new(&DIALECT, "nango_"), first.chain(second).collect::<Vec<_>>().leak())
    }

    async fn first_version() -> SqlitePool {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        run(&pool, &schema(None)).await.unwrap();
        raw_sql(
            "INSERT INTO nango_connections (integration, connection_id, version, removed, announced, details) \
             VALUES ('slack', 'c', 7, 0, 1, '{}')",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool
    }

    async fn notes(pool: &SqlitePool) -> sqlx::Result<Vec<Option<String>>> {
        sqlx::query_scalar("SELECT note FROM nango_connections").fetch_all(pool).await
    }

    #[tokio::test]
    async fn a_migration_keeps_the_rows_and_the_previous_version_still_starts() {
        let pool = first_version().await;
        for _ in 0..2 {
            run(&pool, &schema(Some(SECOND))).await.unwrap();
            assert_eq!(notes(&pool).await.unwrap(), [None]);
        }
        run(&pool, &schema(None)).await.unwrap();
    }

    #[tokio::test]
    async fn a_failed_migration_leaves_no_trace() {
        let pool = first_version().await;
        run(&pool, &schema(Some(BROKEN))).await.unwrap_err();
        notes(&pool).await.unwrap_err();
        run(&pool, &schema(Some(SECOND))).await.unwrap();
        assert_eq!(notes(&pool).await.unwrap(), [None]);
    }
}
