//! Adoption: connections that come to an owner by the app's word, and not by a session of the
//! owner.

use nango_client::{Connection, ConnectionKey};

use super::owned::OwnedConnection;
use super::shared::Shared;
use crate::engine::{Engine, Trigger};
use crate::error::{Error, ErrorKind};
use crate::owner::{Attribution, AttributionFailure, OwnerIdentity};
use crate::record::Removal;

/// Gives an owner a connection that Nango has and that is not another owner's.
pub(crate) async fn adopt(
    shared: &Shared,
    identity: &OwnerIdentity,
    key: &ConnectionKey,
) -> Result<OwnedConnection, Error> {
    let engine = &shared.engine;
    let not_found = || Error::new(ErrorKind::NotFound);
    if !key.is_possible() {
        return Err(not_found());
    }
    let waiter = engine.join_looks(key);
    let guard = waiter.lock().await;
    let found = engine.fetch(key).await?.ok_or_else(not_found)?;
    check_row(engine, identity, &found).await?;
    let is_named = match engine.kinds().attribute(&found.tags) {
        Attribution::Owner(named) if named == *identity.owner() => true,
        // Another app's, or another owner's.
        Attribution::Owner(_) | Attribution::Failed(AttributionFailure::ForeignKind) => {
            return Err(Error::new(ErrorKind::OwnerConflict));
        }
        Attribution::Failed(_) => false,
    };
    if !is_named {
        let tags = identity.session_tags(engine.kinds())?.merged_over(&found.tags)?;
        engine.client().set_tags(key, &tags).await?;
    }
    drop(guard);
    let row = engine.look_and_notify(key, Trigger::Request).await?.row.filter(|row| !row.removed);
    // Another owner may have been quicker.
    OwnedConnection::new(shared, row.ok_or_else(not_found)?, identity)
        .ok_or_else(|| Error::new(ErrorKind::OwnerConflict))
}

/// Checks that the store does not have this incarnation for another owner, nor as disconnected.
async fn check_row(engine: &Engine, identity: &OwnerIdentity, found: &Connection) -> Result<(), Error> {
    match engine.row(&found.key).await? {
        Some(row) if row.state().incarnation < found.incarnation => Ok(()),
        // Also when it is gone for the moment: it would come back as the other owner's.
        Some(row) if row.owner.as_ref().is_some_and(|owner| owner != identity.owner()) => {
            Err(Error::new(ErrorKind::OwnerConflict))
        }
        Some(row) if row.state().removal == Some(Removal::Disconnected) => {
            Err(Error::new(ErrorKind::NotFound))
        }
        _ => Ok(()),
    }
}
