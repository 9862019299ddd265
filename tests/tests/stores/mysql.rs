//! MySQL or MariaDB, at `NANGO_TEST_MYSQL_URL`.

use std::time::Duration;

use nango_core::testing::store::unreachable_is_retryable;
use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::{MySqlStore as Store, Options};
use sqlx::Row;

use crate::server::{server_tests, tables};

const MIGRATION: &str = include_str!("../../../nango-sqlx/migrations/mysql/0001_connections.sql");

/// No server listens on this port.
const UNREACHABLE: &str = "mysql://root@127.0.0.1:1/test";

nango_core::testing::store_suite!(
    #[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
    fresh
);

server_tests!(#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]);

tables!(MySqlPool);

pub(crate) fn url() -> String {
    nango_tests::service_url("NANGO_TEST_MYSQL_URL")
}

#[tokio::test]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
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
            "(integration = 'a' AND connection_id > 'b') OR integration > 'a' \
             ORDER BY integration, connection_id LIMIT 5",
            "PRIMARY",
        ),
    ];
    let pool = pool().await;
    for (condition, index) in plans {
        let prefix = tables.prefix();
        let plan = format!("EXPLAIN SELECT * FROM {prefix}connections WHERE {condition}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&pool).await.unwrap();
        let key: Option<String> = rows[0].get("key");
        assert!(key.is_some_and(|key| key.ends_with(index)), "{condition}");
        let extra: Option<String> = rows[0].get("Extra");
        assert!(!extra.is_some_and(|extra| extra.contains("filesort")), "{condition}");
    }
}
