//! PostgreSQL, at `NANGO_TEST_POSTGRES_URL`.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use nango_core::testing::store::unreachable_is_retryable;
use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::{Options, PostgresStore as Store};
use sqlx::Row;

use crate::server::{server_tests, tables};

const MIGRATION: &str = include_str!("../../../nango-sqlx/migrations/postgres/0001_connections.sql");

/// No server listens on this port.
const UNREACHABLE: &str = "postgres://root@127.0.0.1:1/test";

nango_core::testing::store_suite!(
    #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
    fresh
);

server_tests!(#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]);

tables!(PgPool);

pub(crate) fn url() -> String {
    nango_tests::service_url("NANGO_TEST_POSTGRES_URL")
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn every_query_has_its_index() {
    let (_store, tables) = fresh().await;
    let plans = [
        ("owner_id = 'x' AND owner_kind = 'y' AND removed = FALSE", "connections_owner"),
        ("announced = TRUE AND look_again_at <= 5 ORDER BY look_again_at", "connections_pending"),
        ("announced = FALSE AND look_again_at <= 5 ORDER BY look_again_at", "connections_pending"),
        (
            "announced = FALSE AND (look_again_at IS NULL OR look_again_at > 5) ORDER BY look_again_at",
            "connections_pending",
        ),
        (
            "(integration, connection_id) > ('a', 'b') ORDER BY integration, connection_id LIMIT 5",
            "connections_pkey",
        ),
    ];
    let mut connection = pool().await.acquire().await.unwrap();
    // The table is empty: a scan would be cheaper than any index.
    for switch in ["enable_seqscan", "enable_bitmapscan"] {
        let off = sqlx::AssertSqlSafe(format!("SET {switch} = off"));
        sqlx::raw_sql(off).execute(&mut *connection).await.unwrap();
    }
    for (condition, index) in plans {
        let prefix = tables.prefix();
        let plan = format!("EXPLAIN SELECT * FROM {prefix}connections WHERE {condition}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&mut *connection).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let expected = format!("Index Scan using {prefix}{index}");
        assert!(steps.iter().any(|step| step.contains(&expected)), "{condition}: {steps:#?}");
        assert!(!steps.iter().any(|step| step.contains("Sort")), "{condition}: {steps:#?}");
    }
}

/// Runs the guide's command on a file of migrations by hand.
fn psql(file: &Path) -> Output {
    let guide = include_str!("../../../docs/src/instances.md");
    let command = guide.lines().find_map(|line| line.strip_prefix("psql \"$OWNER_URL\" --set "));
    let options = command.and_then(|line| line.split_once(" --file ")).unwrap().0;
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", &url(), "--set"]).args(options.split(' ')).arg("--file").arg(file);
    command.output().unwrap_or_else(|error| panic!("psql, the client of PostgreSQL: {error}"))
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_file_by_hand_is_applied_whole_or_not_at_all() {
    let (tables, folder) = (Tables::new(), tempfile::tempdir().unwrap());
    let prefix = tables.prefix();
    let file = folder.path().join("0001_connections.sql");
    std::fs::write(&file, MIGRATION.replace("nango_", prefix)).unwrap();
    // The last table of the file is in the way.
    nango_tests::execute(&url(), format!("CREATE TABLE {prefix}leases (name TEXT)")).await;
    let stopped = psql(&file);
    assert!(!stopped.status.success());
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("leases\" already exists"), "{stopped:?}");
    nango_tests::execute(&url(), format!("DROP TABLE {prefix}leases")).await;
    let applied = psql(&file);
    assert!(applied.status.success(), "{applied:?}");
    let by_hand = tables.options().migrate(false);
    Store::connect_with(&url(), &by_hand).await.unwrap().check().await.unwrap();
    assert!(!psql(&file).status.success(), "each file is applied once");
    Store::connect_with(&url(), &by_hand).await.unwrap().check().await.unwrap();
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn connections_that_the_server_has_closed_fail_one_call() {
    let (tables, app) = (Tables::new(), nango_tests::unique_name());
    let named = format!("{}?application_name={app}", url());
    let store = Store::connect_with(&named, &tables.options()).await.unwrap();
    // As many connections as calls at a time.
    futures_util::future::join_all((0..5).map(|_| store.page(None, 1))).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let kill =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{app}'");
    nango_tests::execute(&url(), kill).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut failures = 0;
    for _ in 0..10 {
        if let Err(error) = store.page(None, 1).await {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            failures += 1;
        }
    }
    assert!(failures <= 1, "{failures}");
}
