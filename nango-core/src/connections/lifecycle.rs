//! Checks and reconnects of one connection, and its end.

use std::time::Duration;

use nango_client::{ErrorKind as NangoErrorKind, Tags, Timestamp};

use super::attempt::{BegunAttempt, Session};
use super::owned::OwnedConnection;
use crate::engine::{Trigger, Update};
use crate::error::{Error, ErrorKind};
use crate::owner::IntoOwner as _;
use crate::record::{Health, Record};

/// The shortest time between two forced refreshes of a connection.
const FORCE_PERIOD: Duration = Duration::from_secs(30);

/// When a disconnect that was interrupted is looked at: after the deletion has taken place, or not.
const FOLLOW_UP: Duration = Duration::from_secs(30);

impl OwnedConnection {
    /// Looks at Nango and returns the connection in its current state. One that is gone has the
    /// health [`Gone`](Health::Gone).
    ///
    /// A connection that is degraded or needs a reconnect has its refresh forced, at most every 30
    /// s: it may heal.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Health, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// let now = slack.check().await?;
    /// if now.health() == Health::NeedsReconnect {
    ///     let session = now.reconnect().await?;
    ///     # let _ = session;
    ///     // its token goes to the owner's page
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When Nango or the store is unavailable. The stored health stays then.
    /// [`ErrorKind::NotFound`] when the connection is another owner's by now.
    pub async fn check(&self) -> Result<Self, Error> {
        let trigger =
            if self.record_forced_refresh().await? { Trigger::ForcedRefresh } else { Trigger::Request };
        let row = self.engine().look_and_notify(self.key(), trigger).await?.row;
        let row = row.filter(|row| row.removed || row.is_owned_by(self.owner()));
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

    /// Opens a session in which the owner authorises the connection again.
    ///
    /// The session carries the owner's tags, since Nango wipes tags that a reconnect does not
    /// repeat.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when Nango does not have the connection any more,
    /// [`ErrorKind::Tags`] when a tag that is part of an owner breaks a rule, and every failure of a
    /// call to Nango.
    pub async fn reconnect(&self) -> Result<Session, Error> {
        let mut tags = match self.identity.entity_tags(&self.engine().kinds) {
            Some(tags) => tags?,
            None => {
                let tags = Tags::from_nango(self.state().tags.clone());
                self.engine().kinds.without_attempt(&tags).into_owned()
            }
        };
        self.engine().report_left_out(&tags);
        if self.engine().keep_metadata {
            // Remembers the current metadata. If the look fails, the metadata of the last one is
            // restored.
            let _ = self.engine().look_and_notify(self.key(), Trigger::Request).await;
        }
        let keys = self.shared.settings.attempt_keys.as_ref();
        let attempt = keys.map(|keys| keys.begin_reconnect(self.owner(), self.key()));
        let attempt = BegunAttempt::new(attempt, &mut tags);
        let defaults = (self.shared.settings.session_defaults)(self.owner());
        let client = &self.engine().client;
        match client.create_reconnect_session(self.key(), &tags, &defaults).await {
            // To Nango a missing connection is one more invalid body (observed on 0.71.4).
            Err(error) if error.kind() == NangoErrorKind::Refused => {
                let is_gone = self.check().await?.health() == Health::Gone;
                Err(if is_gone { Error::new(ErrorKind::NotFound) } else { error.into() })
            }
            session => Ok(attempt.complete(&self.shared, self.owner().into_owner(), session?)),
        }
    }

    /// Ends the connection: at Nango first, then in the store. It does not come back, whatever is
    /// still in flight.
    ///
    /// Idempotent: a connection that Nango does not have any more is not an error.
    ///
    /// What Nango has ended is a success, even when the store fails afterwards: a mark that was
    /// written before makes the sweeper's task complete it.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// nango.connection(&user, "slack").await?.disconnect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when it was [transferred](Self::transfer) and is another owner's
    /// now. When Nango is unavailable, or the store before Nango was asked: retry then.
    pub async fn disconnect(&self) -> Result<(), Error> {
        let is_successor = |row: &Record| row.state().incarnation > self.state().incarnation;
        // rule: stale-owner
        let is_transferred = |row: &Record| row.owner.as_ref().is_some_and(|owner| owner != self.owner());
        // rule: transferred
        let engine = self.engine();
        // Keeps transfers of this process out.
        let waiter = engine.join_looks(self.key());
        let guard = waiter.lock().await;
        // The key may be another owner's connection by now, which is not this owner's to end.
        match engine.row(self.key()).await? {
            Some(row) if is_successor(&row) => return Ok(()),
            Some(row) if is_transferred(&row) => return Err(Error::new(ErrorKind::NotFound)),
            _ => {}
        }
        // For whatever may interrupt this before the end.
        engine.mark_known(self.key(), FOLLOW_UP).await?;
        match engine.client.delete_connection(self.key()).await {
            Err(error) if error.kind() != NangoErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let update = engine.update(self.key(), None, |row| {
            row.filter(|row| !is_successor(row)).map(|row| engine.context().disconnected(row))
        });
        let update = update.await.and_then(Update::settled);
        drop(guard);
        let completed = match update {
            // A successor has just come, and may be what was deleted: Nango does not say which of
            // the two was.
            Ok(Update::Unchanged(Some(_))) => {
                engine.mark_known(self.key(), Duration::ZERO).await?;
                engine.look_and_notify(self.key(), Trigger::Request).await.map(drop)
            }
            Ok(update) => {
                engine.notify(update.into_row().as_ref());
                Ok(())
            }
            Err(error) => Err(error),
        };
        completed.or_else(|error| {
            let integration = self.key().integration();
            engine.leave_to_sweeper();
            tracing::warn!(integration, %error, "nango has ended a connection, and the store does not have that yet; the sweeper's next look writes it");
            Ok(())
        })
    }
}
