//! All connections of an owner.

use super::owned::OwnedConnection;
use super::shared::Shared;
use crate::error::Error;
use crate::owner::OwnerIdentity;

/// Returns all connections of an owner, as the store has them, sorted by key.
pub(crate) async fn list(shared: &Shared, identity: &OwnerIdentity) -> Result<Vec<OwnedConnection>, Error> {
    let rows = shared.engine.store().list(identity.owner()).await?;
    Ok(rows.into_iter().filter_map(|row| OwnedConnection::new(shared, row, identity)).collect())
}
