//! The app's database. The command never creates or alters tables.

use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore};
use nango_sqlx::{MySqlStore, Options, PostgresStore, SqliteStore};

use crate::args::DatabaseArgs;

/// Opens the store.
pub(crate) async fn open(args: &DatabaseArgs) -> Result<Arc<dyn ConnectionStore>, BoxError> {
    let (url, options) = (&args.url, options(args));
    Ok(match scheme(url) {
        Some("sqlite") => Arc::new(SqliteStore::connect_with(url, &options).await?),
        Some("postgres" | "postgresql") => Arc::new(PostgresStore::connect_with(url, &options).await?),
        Some("mysql" | "mariadb") => Arc::new(MySqlStore::connect_with(url, &options).await?),
        // Without the text, which may contain a password.
        _ => {
            return Err(
                "--database takes sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME".into(),
            );
        }
    })
}

/// Returns the options of a command: it never creates or alters tables.
pub(crate) fn options(args: &DatabaseArgs) -> Options {
    // A pooler may stand in front of PostgreSQL. Without one, the option costs a command little.
    Options::new().table_prefix(&args.table_prefix).migrate(false).transaction_pooling(true)
}

/// Returns the scheme of a URL.
pub(crate) fn scheme(url: &str) -> Option<&str> {
    url.split_once(':').map(|(scheme, _)| scheme)
}
