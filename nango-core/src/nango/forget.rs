//! Erasure of an owner.

use nango_client::ConnectionKey;

use crate::connections::{Shared, list};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::owner::OwnerIdentity;

/// The outcome of [`Nango::forget`](crate::Nango::forget).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct ForgetReport {
    /// Connections that could not be ended. Retry.
    pub failed: usize,
    /// Connections that were ended at Nango and in the store.
    pub removed: usize,
    /// `true` if Nango was searched for connections that the store does not have. It is not, when
    /// the key may not list: a connection whose webhook was lost may then remain.
    pub searched_nango: bool,
}

pub(super) async fn forget(shared: &Shared, identity: &OwnerIdentity) -> Result<ForgetReport, Error> {
    let searched_nango = match shared.engine.look_at_owner(identity.owner()).await {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::Store => return Err(error),
        Err(error) => {
            tracing::warn!(%error, "could not search nango for the connections of an owner to forget; only stored ones are ended");
            false
        }
    };
    let mut report = ForgetReport { searched_nango, ..ForgetReport::default() };
    for connection in list(shared, identity).await? {
        match connection.disconnect().await {
            Ok(()) => {
                erase_owner(&shared.engine, connection.key()).await?;
                report.removed += 1;
            }
            Err(error) if error.kind() == ErrorKind::Store => return Err(error),
            // It was transferred meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => report.failed += 1,
        }
    }
    Ok(report)
}

/// Removes owner and tags from a tombstone.
async fn erase_owner(engine: &Engine, key: &ConnectionKey) -> Result<(), Error> {
    let update = engine.update(key, None, |row| {
        row.filter(|row| row.removed && row.owner.is_some()).map(|row| engine.context().owner_erased(row))
    });
    update.await?.settled().map(drop)
}
