//! Checks of one connection.

use std::time::Duration;

use nango_client::Timestamp;

use super::owned::OwnedConnection;
use crate::engine::{Trigger, Update};
use crate::error::{Error, ErrorKind};
use crate::record::{Health, Record};

/// The shortest time between two forced refreshes of a connection.
const FORCE_PERIOD: Duration = Duration::from_secs(30);

impl OwnedConnection {
    /// Looks at Nango and returns the connection in its current state. One that is gone has the
    /// health [`Gone`](Health::Gone).
    ///
    /// A connection that is degraded or needs a reconnect has its refresh forced, at most every 30
    /// s: it may heal.
    ///
    /// # Errors
    ///
    /// When Nango or the store is unavailable. The stored health stays then.
    /// [`ErrorKind::NotFound`] when the connection is another owner's by now.
    pub async fn check(&self) -> Result<Self, Error> {
        let trigger =
            if self.record_forced_refresh().await? { Trigger::ForcedRefresh } else { Trigger::Request };
        let row = self.engine().look_and_notify(self.key(), trigger).await?.row;
        let row = row.filter(|row| row.removed || row.is_owned_by(&self.owner));
        let row = row.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
        Ok(Self { row: Box::new(row), ..self.clone() })
    }

    /// Decides on a forced refresh. It is recorded before it is made, so that many requests force
    /// one.
    async fn record_forced_refresh(&self) -> Result<bool, Error> {
        let may_force = |row: &Record| {
            let broken = matches!(row.state().health.health, Health::Degraded | Health::NeedsReconnect);
            let is_recent = |at| Timestamp::now().since(at) < FORCE_PERIOD;
            !row.removed && broken && !row.state().forced_at.is_some_and(is_recent)
        };
        let engine = self.engine();
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| may_force(row)).map(|row| engine.context().refresh_forced(row))
        });
        Ok(matches!(update.await?, Update::Written(_)))
    }
}
