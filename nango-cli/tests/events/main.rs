//! `nango-rs events` on the queue of an app, in SQLite and in PostgreSQL.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

mod app;
mod changes;
mod places;
mod views;

/// Creates a test of each function on SQLite, and one on PostgreSQL.
macro_rules! on_each_database {
    ($($name:ident)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name($crate::app::App::on_sqlite().await).await;
                }
            )*
        }

        mod postgres {
            nango_tests::needs_postgres! {
                $(
                    #[tokio::test(flavor = "multi_thread")]
                    async fn $name() {
                        super::$name($crate::app::App::on_postgres().await).await;
                    }
                )*
            }
        }
    };
}

pub(crate) use on_each_database;
