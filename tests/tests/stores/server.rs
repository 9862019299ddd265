//! What the stores on a server have in common.

use std::sync::atomic::{AtomicU32, Ordering};

/// The address of a service, which has to be there when a test that is not ignored asks for it.
pub(crate) fn url(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set, and services are required"))
}

/// A prefix for tables that nobody else has.
pub(crate) fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test_{:x}_{next}_", std::process::id())
}

/// The tests of a server's store, beside the suite. The module has `Database`, the store as `Store`, `pool`, and
/// `Tables`, which are dropped with it.
macro_rules! server_tests {
    ($(#[$attribute:meta])*) => {
        $crate::server::server_tests! { @with [$(#[$attribute])*] }
    };
    (@with $attributes:tt) => {
        $crate::server::server_tests! {
            @test $attributes a_closed_pool_is_unreachable {
                let tables = Tables::new();
                let pool = pool().await;
                let store = Store::new_with(pool.clone(), &tables.options()).await.unwrap();
                pool.close().await;
                unreachable_is_retryable(Arc::new(store)).await;
            }
        }
        $crate::server::server_tests! {
            @test $attributes a_server_that_is_not_there_is_unreachable {
                let error = Store::connect(NOBODY).await.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                assert!(std::error::Error::source(&error).is_some());
            }
        }
        $crate::server::server_tests! {
            @test $attributes many_may_start_at_once_and_again {
                let tables = Tables::new();
                for _ in 0..3 {
                    let starts: Vec<_> = (0..8)
                        .map(|_| {
                            let options = tables.options();
                            tokio::spawn(async move { Store::connect_with(&url(), &options).await })
                        })
                        .collect();
                    for start in starts {
                        start.await.unwrap().unwrap();
                    }
                }
            }
        }
        $crate::server::server_tests! {
            @blocking $attributes two_instances_are_one_store {
                $crate::pair::two_instances_are_one_store(async || {
                    let tables = Tables::new();
                    let first = Store::connect_with(&url(), &tables.options()).await.unwrap();
                    let second = Store::connect_with(&url(), &tables.options()).await.unwrap();
                    ([first, second], tables)
                });
            }
        }
        $crate::server::server_tests! {
            @test $attributes prefixes_keep_apps_apart {
                let (one, other) = (Tables::new(), Tables::new());
                let lease = async |tables: &Tables| {
                    let store = Store::connect_with(&url(), &tables.options()).await.unwrap();
                    let lease = store.lease().unwrap();
                    lease.acquire("sweep", tables.prefix(), Duration::from_secs(60)).await.unwrap()
                };
                assert!(lease(&one).await);
                assert!(lease(&other).await);
                assert!(lease(&one).await);
            }
        }
        $crate::server::server_tests! {
            @test $attributes tables_may_be_made_by_hand {
                let tables = Tables::new();
                let by_hand = tables.options().migrate(false);
                let store = Store::connect_with(&url(), &by_hand).await.unwrap();
                let error = store.page(None, 1).await.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Other, "there are no tables");
                let file = MIGRATION.replace("nango_", tables.prefix());
                sqlx::raw_sql(sqlx::AssertSqlSafe(file)).execute(&pool().await).await.unwrap();
                assert!(store.page(None, 1).await.unwrap().is_empty());
                // Whoever lets the store do it from now on, finds it done.
                let store = Store::connect_with(&url(), &tables.options()).await.unwrap();
                assert!(store.page(None, 1).await.unwrap().is_empty());
            }
        }
        $crate::server::server_tests! {
            @test $attributes a_prefix_that_is_none_is_refused {
                let options = Options::new().table_prefix("x; DROP TABLE users --");
                let error = Store::connect_with(&url(), &options).await.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Other);
            }
        }
    };
    (@blocking [$(#[$attribute:meta])*] $name:ident $body:block) => {
        #[test]
        $(#[$attribute])*
        fn $name() $body
    };
    (@test [$(#[$attribute:meta])*] $name:ident $body:block) => {
        #[tokio::test(flavor = "multi_thread")]
        $(#[$attribute])*
        async fn $name() $body
    };
}

pub(crate) use server_tests;

/// The tables of one test, dropped at its end.
macro_rules! tables {
    ($Pool:ident) => {
        pub(super) struct Tables(String);

        impl Tables {
            fn new() -> Self {
                Self($crate::server::prefix())
            }

            fn prefix(&self) -> &str {
                &self.0
            }

            fn options(&self) -> Options {
                Options::new().table_prefix(self.prefix())
            }
        }

        impl Drop for Tables {
            fn drop(&mut self) {
                let prefix = self.0.clone();
                let drop = async move {
                    let Ok(pool) = sqlx::$Pool::connect(&url()).await else { return };
                    for table in ["connections", "leases", "migrations"] {
                        let drop = format!("DROP TABLE IF EXISTS {prefix}{table}");
                        let dropped = sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&pool).await;
                        dropped.unwrap();
                    }
                };
                // Tests drop it inside of a runtime, which cannot be blocked.
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let thread = std::thread::spawn(move || runtime.unwrap().block_on(drop));
                thread.join().unwrap();
            }
        }

        async fn pool() -> sqlx::$Pool {
            sqlx::$Pool::connect(&url()).await.unwrap()
        }

        async fn fresh() -> (Store, Tables) {
            let tables = Tables::new();
            (Store::connect_with(&url(), &tables.options()).await.unwrap(), tables)
        }
    };
}

pub(crate) use tables;
