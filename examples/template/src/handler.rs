//! Reactions to what Nango reports.

use nango_core::{
    BoxError, ConnectionChanged, ErrorKind, Health, Nango, Owner, Received, SyncEvent, WebhookHandler,
    async_trait,
};
use sqlx::PgPool;
use tokio::sync::Semaphore;

use crate::mail::Mailer;
use crate::product::name_of;
use crate::sync_runs;
use crate::users::User;

/// The mails that are sent at the same time. Each holds a connection to the database meanwhile, and many
/// connections break at once when a provider has an outage.
const MAILS_AT_A_TIME: usize = 2;

/// The app's handler.
pub(crate) struct Handler {
    pool: PgPool,
    mailer: Mailer,
    public_url: String,
    turns: Semaphore,
}

impl Handler {
    pub(crate) fn new(pool: PgPool, mailer: Mailer, public_url: String) -> Self {
        Self { pool, mailer, public_url, turns: Semaphore::new(MAILS_AT_A_TIME) }
    }

    /// Finds the user that an owner is, unless it has left meanwhile.
    async fn user(&self, owner: &Owner) -> Result<Option<User>, BoxError> {
        Ok(User::find(&self.pool, owner.id().parse()?).await?)
    }
}

#[async_trait]
impl WebhookHandler for Handler {
    /// Sends a mail when a connection has to be authorised again: one for each change, however often and on
    /// however many instances this is called for it.
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        if event.connection.health() != Health::NeedsReconnect {
            return Ok(());
        }
        let Some(user) = self.user(event.connection.owner()).await? else { return Ok(()) };
        let _turn = self.turns.acquire().await?;
        let mut transaction = self.pool.begin().await?;
        let insert = sqlx::query("INSERT INTO mails (change_key) VALUES ($1) ON CONFLICT DO NOTHING");
        // Waits for another instance that is sending it, and then finds its row.
        if insert.bind(&event.key).execute(&mut *transaction).await?.rows_affected() > 0 {
            let name = name_of(event.connection.integration());
            let text = format!(
                "Your connection to {name} does not work any more.\n\nReconnect it here: {}/\n",
                self.public_url
            );
            // A mail that fails leaves no row, so that the next call sends it.
            self.mailer.send(&user.email, &format!("Please reconnect {name}"), text).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Keeps a row for each run of a sync. The event says that there may be records; an app reads them here,
    /// from a position that it has stored.
    async fn sync_completed(&self, nango: &Nango, event: Received<SyncEvent>) -> Result<(), BoxError> {
        if !event.success {
            return Ok(());
        }
        match nango.connection_of(&event).await {
            Ok(connection) => {
                let user = connection.owner().id().parse()?;
                Ok(sync_runs::insert(&self.pool, &event.key, user, &event).await?)
            }
            // Of another app in the same environment of Nango.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
