//! The app's database. The command never creates or alters tables.

use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore};
use nango_sqlx::{MySqlStore, Options, PostgresStore, SqliteStore};

use crate::args::DatabaseArgs;

/// Opens the store.
pub(crate) async fn open(args: &DatabaseArgs) -> Result<Arc<dyn ConnectionStore>, BoxError> {
    let DatabaseArgs { url, table_prefix } = args;
    // A pooler may stand in front of PostgreSQL. Without one, the option costs a command little.
    let options = Options::new().table_prefix(table_prefix).migrate(false).transaction_pooling(true);
    Ok(match url.split_once(':').map(|(scheme, _)| scheme) {
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
