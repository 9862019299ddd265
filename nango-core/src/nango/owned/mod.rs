//! A connection, reached through its owner.

mod metadata;
mod proxy;
mod token;
mod transfer;

use std::fmt;
use std::time::Duration;

pub use metadata::Metadata;
pub use proxy::{Proxy, ProxyReply, ProxyRequest};
pub use token::Token;

use super::look::{Observed, Reason};
use super::{Caller, Nango};
use crate::client::ConnectSession;
use crate::connection::ConnectionRef;
use crate::entity::Owner;
use crate::error::{Error, ErrorKind};
use crate::health::Health;
use crate::store::{Applied, Record};
use crate::tags::{TagError, Tags};
use crate::time::Timestamp;

/// How far apart refreshes are forced.
const FORCE_PERIOD: Duration = Duration::from_secs(30);

/// How often a write is repeated because somebody else wrote meanwhile.
const TRIES: usize = 8;

/// A connection of an owner, as the store knew it when it was asked.
///
/// Only a look-up by owner makes one: [`Nango::connection`], [`Nango::connections`]. So whoever has one may use it, and
/// code that takes one cannot be given somebody else's connection by mistake.
#[derive(Clone)]
pub struct OwnedConnection {
    nango: Nango,
    owner: Owner,
    tags: Option<Result<Tags, TagError>>,
    row: Box<Record>,
}

impl OwnedConnection {
    /// `None` when the row names no owner, or another one than the caller.
    pub(super) fn new(nango: &Nango, row: Record, caller: &Caller) -> Option<Self> {
        let owner = row.owner.clone().filter(|owner| owner == caller.owner())?;
        let tags = caller.entity_tags(&nango.0.kinds);
        Some(Self { nango: nango.clone(), owner, tags, row: Box::new(row) })
    }

    /// The connection of a row, for its own owner.
    pub(super) fn of_row(nango: &Nango, row: &Record) -> Option<Self> {
        let owner = row.owner.clone()?;
        Some(Self { nango: nango.clone(), owner, tags: None, row: Box::new(row.clone()) })
    }

    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The integration, such as `slack`.
    #[must_use]
    pub fn integration(&self) -> &str {
        self.row.key.integration()
    }

    /// The provider, such as `slack`, which several integrations may share.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.row.details.provider
    }

    /// Whether it worked when it was last looked at.
    #[must_use]
    pub fn health(&self) -> Health {
        self.row.details.health.health
    }

    /// Since when it has that health.
    #[must_use]
    pub fn health_since(&self) -> Timestamp {
        self.row.details.health.since
    }

    /// When it was first made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.row.details.created_at
    }

    /// What a browser may call it by: 22 characters that tell nothing, and mean something only together with the owner.
    #[must_use]
    pub fn handle(&self) -> String {
        self.nango.0.handle_keys.handle(&self.row.key)
    }

    /// Its name at Nango. Keep the id on the server.
    #[must_use]
    pub fn key(&self) -> &ConnectionRef {
        &self.row.key
    }

    /// Opens a session in which its owner authorises it again.
    ///
    /// The owner's tags go with it, since Nango wipes tags that a reconnect does not repeat.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when Nango has the connection no more, [`ErrorKind::Tags`] when the entity's tags break a
    /// rule, and what any call can fail with.
    pub async fn reconnect(&self) -> Result<ConnectSession, Error> {
        let tags = match &self.tags {
            Some(tags) => tags.clone()?,
            None => Tags::received(self.row.details.tags.clone()),
        };
        if self.nango.0.keep_metadata {
            // To remember what is there now. Without it, what was last seen is given back.
            let _ = self.nango.observe(self.key(), Reason::Asked).await;
        }
        let client = &self.nango.0.client;
        let defaults = (self.nango.0.session_defaults)(&self.owner);
        let session = client.create_reconnect_session(self.key(), &tags, &defaults).await;
        match session {
            // To Nango a missing connection is one more invalid body (observed on 0.71.4).
            Err(error) if error.kind() == ErrorKind::Refused => {
                let now = self.check().await?;
                Err(if now.health() == Health::Gone { Error::new(ErrorKind::NotFound) } else { error })
            }
            session => session,
        }
    }

    /// Looks at Nango, and gives the connection as it is now. One that is gone has the health [`Gone`](Health::Gone).
    ///
    /// A connection that is degraded or needs a reconnect has its refresh forced, at most every 30 s: it may heal.
    ///
    /// # Errors
    ///
    /// When Nango or the store cannot be asked. The stored health stays then.
    pub async fn check(&self) -> Result<Self, Error> {
        let reason = if self.may_force().await? { Reason::Forced } else { Reason::Asked };
        let Observed { row, .. } = self.nango.observe(self.key(), reason).await?;
        let ours = |row: &Record| row.removed || row.owner.as_ref() == Some(&self.owner);
        let row = row.filter(ours).ok_or_else(|| Error::new(ErrorKind::NotFound))?;
        Ok(Self { row: Box::new(row), ..self.clone() })
    }

    /// Ends the connection: at Nango first, then here. It does not come back, whatever is still under way.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when it was [transferred](Self::transfer) and is somebody else's now. When Nango or the store
    /// cannot be asked: call it again then, a connection that Nango has no more is fine.
    pub async fn disconnect(&self) -> Result<(), Error> {
        let succeeded = |row: &Record| row.details.incarnation > self.row.details.incarnation;
        let given_away = |row: &Record| row.owner.as_ref().is_some_and(|owner| *owner != self.owner);
        let ticket = self.nango.0.turns.queue(self.key());
        // Nobody in this process gives it away meanwhile.
        let turn = ticket.alone().await;
        // The same name may have been given to somebody else since, and theirs is not ours to end.
        match self.nango.row(self.key()).await? {
            Some(row) if succeeded(&row) => return Ok(()),
            Some(row) if given_away(&row) => return Err(Error::new(ErrorKind::NotFound)),
            _ => {}
        }
        match self.nango.0.client.delete_connection(self.key()).await {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for _ in 0..TRIES {
            let Some(row) = self.nango.row(self.key()).await? else {
                return Ok(());
            };
            if succeeded(&row) {
                // It came just now, and may be what was deleted: Nango tells nobody that.
                drop(turn);
                self.nango.observe(self.key(), Reason::Asked).await?;
                return Ok(());
            }
            let change = self.nango.context().disconnected(&row);
            if self.nango.apply(&change).await? == Applied::Done {
                drop(turn);
                self.nango.announce(change.next().cloned()).await?;
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Unavailable))
    }

    /// The row as it is now, if it is still about this connection and this owner's.
    async fn still_ours(&self) -> Result<Option<Record>, Error> {
        let row = self.nango.row(self.key()).await?;
        let same = |row: &Record| row.details.incarnation == self.row.details.incarnation;
        let ours = |row: &Record| !row.removed && row.owner.as_ref() == Some(&self.owner);
        Ok(row.filter(|row| same(row) && ours(row)))
    }

    /// Whether a refresh is to be forced. The note of it is written first, so that many requests force one.
    async fn may_force(&self) -> Result<bool, Error> {
        let Some(row) = self.nango.row(self.key()).await? else {
            return Ok(false);
        };
        let broken = matches!(row.details.health.health, Health::Degraded | Health::NeedsReconnect);
        let lately = |at| Timestamp::now().since(at) < FORCE_PERIOD;
        if row.removed || !broken || row.details.forced_at.is_some_and(lately) {
            return Ok(false);
        }
        let change = self.nango.context().forced(&row);
        Ok(self.nango.apply(&change).await? == Applied::Done)
    }
}

impl fmt::Debug for OwnedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedConnection")
            .field("owner", &self.owner)
            .field("integration", &self.integration())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
