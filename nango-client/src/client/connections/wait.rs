//! Waiting for a connection.

use std::time::Duration;

use super::list::ListConnections;
use crate::client::pace::{Pace, Waited};
use crate::connection::Connection;
use crate::error::Error;

impl ListConnections<'_> {
    /// Waits until a connection passes every filter and a condition, for at most `limit`: for programs without
    /// webhooks. Nango is asked at first twice a second, and then more slowly; failures of it that may pass do
    /// not end the wait. Dropping the future does.
    ///
    /// Of each list only the newest page is read.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_client::{Client, Error, SessionDefaults, Tags, Timestamp, Waited};
    /// # async fn run(client: Client, tags: Tags) -> Result<(), Error> {
    /// let began = Timestamp::now();
    /// let session = client.create_connect_session(&tags, &["slack"], &SessionDefaults::new()).await?;
    /// println!("{}", session.connect_link.as_ref().map_or("", |link| link.expose()));
    ///
    /// let list = client.connections().integration("slack").tag("end_user_id", "alice");
    /// match list.wait_for(Duration::from_secs(600), |found| found.created_at > began).await? {
    ///     Waited::Done(connection) => println!("connected: {:?}", connection.key),
    ///     Waited::TimedOut => println!("not connected"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub async fn wait_for(
        &self,
        limit: Duration,
        mut condition: impl FnMut(&Connection) -> bool,
    ) -> Result<Waited<Connection>, Error> {
        let mut pace = Pace::new(limit);
        loop {
            let failure = match self.send().await {
                Ok(page) => match page.into_iter().find(&mut condition) {
                    Some(found) => return Ok(Waited::Done(found)),
                    None => None,
                },
                Err(error) if error.is_retryable() => Some(error),
                Err(error) => return Err(error),
            };
            if !pace.pause(failure.as_ref().and_then(Error::retry_after)).await {
                return failure.map_or(Ok(Waited::TimedOut), Err);
            }
        }
    }
}
