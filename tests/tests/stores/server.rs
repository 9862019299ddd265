//! Tests that the stores on a server have in common.

/// Creates the tests of a server's store, beside the suite. The module has the store as `Store`,
/// `url`, `pool`, and `Tables`.
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
                unreachable_is_retryable(&store).await;
            }
        }
        $crate::server::server_tests! {
            @test $attributes a_missing_server_is_unreachable {
                let error = Store::connect(UNREACHABLE).await.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                assert!(std::error::Error::source(&error).is_some());
            }
        }
        $crate::server::server_tests! {
            @test $attributes concurrent_and_repeated_migrations_succeed {
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
            @test $attributes tables_can_be_created_by_hand {
                let tables = Tables::new();
                let by_hand = tables.options().migrate(false);
                Store::connect_with(&url(), &by_hand).await.unwrap_err();
                let file = MIGRATION.replace("nango_", tables.prefix());
                sqlx::raw_sql(sqlx::AssertSqlSafe(file)).execute(&pool().await).await.unwrap();
                let store = Store::connect_with(&url(), &by_hand).await.unwrap();
                store.check().await.unwrap();
                assert!(store.page(None, 1).await.unwrap().is_empty());
                // A store that may migrate finds the tables made.
                let store = Store::connect_with(&url(), &tables.options()).await.unwrap();
                assert!(store.page(None, 1).await.unwrap().is_empty());
            }
        }
        $crate::server::server_tests! {
            @test $attributes an_invalid_prefix_is_refused {
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

/// Creates `Tables`: a table prefix of one test, whose tables are dropped with it.
macro_rules! tables {
    ($Pool:ident) => {
        pub(crate) struct Tables(String);

        impl Tables {
            pub(crate) fn new() -> Self {
                Self(format!("{}_", nango_tests::unique_name()))
            }

            pub(crate) fn prefix(&self) -> &str {
                &self.0
            }

            pub(crate) fn options(&self) -> Options {
                Options::new().table_prefix(self.prefix())
            }
        }

        impl Drop for Tables {
            fn drop(&mut self) {
                let prefix = self.0.clone();
                nango_tests::block_on_thread(async move {
                    let tables = ["connections", "leases", "migrations", "events_queue", "events_migrations"];
                    for table in tables {
                        nango_tests::execute(&url(), format!("DROP TABLE IF EXISTS {prefix}{table}")).await;
                    }
                });
            }
        }

        pub(crate) async fn pool() -> sqlx::$Pool {
            sqlx::$Pool::connect(&url()).await.unwrap()
        }

        pub(crate) async fn fresh() -> (Store, Tables) {
            let tables = Tables::new();
            (Store::connect_with(&url(), &tables.options()).await.unwrap(), tables)
        }
    };
}

pub(crate) use tables;
