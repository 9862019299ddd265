//! The operations that an instance of the app makes on the connection.

use std::sync::Arc;

use nango_core::{ConnectionKey, Error, ErrorKind, Nango};
use nango_tests::User;
use tokio::task::JoinHandle;

use crate::footprint::Footprint;
use crate::harness::Harness;
use crate::store::{ACTOR, Point, SharedStore};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Check,
    Disconnect,
    /// Receives a delivery that names another owner, with Nango's signature or with another one.
    ReceiveFalse {
        signed: bool,
    },
    /// Receives the delivery that was sent last, after so many events.
    ReceiveNewest {
        after: usize,
    },
    /// Receives the first delivery once more.
    ReceiveOldest,
    Sweep,
    Sync,
    /// Transfers the connection to bob.
    Transfer,
}

impl Operation {
    /// Returns whether several of these in one instance wait for each other's looks.
    pub(crate) fn queues(self) -> bool {
        matches!(self, Self::ReceiveFalse { .. } | Self::ReceiveNewest { .. } | Self::ReceiveOldest)
    }

    /// Predicts the accesses of each step, up to the first that may write, where it stops at
    /// [`Point::READS`].
    ///
    /// The accesses that a step makes are recorded. Where a prediction turns out too narrow, the
    /// orders of the scenario are played again without it, so a change of the library leaves no
    /// order out.
    pub(crate) fn footprints(self) -> &'static [Footprint] {
        use Footprint::{Anything, Changes, Looks, Reads, TakesDelivery};
        match self {
            Self::Check => &[Looks, Looks, Reads, Looks],
            Self::Disconnect => &[Looks, Reads, Changes, Reads],
            Self::ReceiveFalse { .. } => &[],
            Self::ReceiveNewest { .. } => &[TakesDelivery, Looks],
            Self::ReceiveOldest => &[Reads, Looks],
            Self::Sweep | Self::Sync => &[Anything, Looks, Reads, Looks],
            Self::Transfer => &[Looks, Reads, Looks, Changes, Reads],
        }
    }
}

impl Harness {
    /// Begins an operation, which ends with the notifications that it causes; returns `None` when there
    /// is nothing to do.
    pub(crate) async fn spawn(
        &mut self,
        actor: usize,
        operation: Operation,
        nango: Nango,
        key: &ConnectionKey,
    ) -> Option<JoinHandle<()>> {
        let notify = NotifyOnDrop(self.store.clone());
        if operation.queues() {
            let (body, signature) = self.delivery(operation, key)?;
            // A route refuses a delivery that does not verify.
            let delivery = self.verify(&body, &signature)?;
            let store = self.store.clone();
            return Some(tokio::spawn(ACTOR.scope(actor, async move {
                let _notify = notify;
                nango.receive(&delivery).await.unwrap();
                store.settle(actor);
                nango.settled().await;
            })));
        }
        let (user, _) = self.unheld(self.owned(key)).await?;
        let (key, store) = (key.clone(), self.store.clone());
        Some(tokio::spawn(ACTOR.scope(actor, async move {
            let _notify = notify;
            let owned = nango.connections(&user).await.unwrap();
            let connection = owned.into_iter().find(|one| *one.key() == key).unwrap();
            let incarnation = (key.clone(), store.oracle().newest(&key));
            store.pass(Point::LookedUp).await;
            match operation {
                // An error: the connection belongs to another owner by now.
                Operation::Check => drop(connection.check().await),
                Operation::Disconnect => {
                    store.oracle().may_disconnect(&incarnation);
                    assert_no_error_but_not_found(connection.disconnect().await);
                }
                Operation::Transfer => {
                    store.oracle().may_transfer(&incarnation, &user.id, "bob");
                    let transferred = connection.transfer(&User::named("bob").unwrap()).await;
                    let is_bobs = store.oracle().owners.get(&incarnation).is_some_and(|owner| owner == "bob");
                    assert!(transferred.is_err() || is_bobs, "a transfer succeeded and was not written");
                    assert_no_error_but_not_found(transferred.map(drop));
                }
                Operation::Sweep => drop(nango.sweep().allow_mass_removal().run().await.unwrap()),
                _ => drop(nango.sync(&user).await.unwrap()),
            }
            store.settle(actor);
            nango.settled().await;
        })))
    }

    /// Returns a delivery's body and signature.
    fn delivery(&mut self, operation: Operation, key: &ConnectionKey) -> Option<(String, String)> {
        let delivery = match operation {
            Operation::ReceiveFalse { signed } => return Some(self.false_delivery(key, "carol", signed)),
            Operation::ReceiveNewest { .. } => self.waiting.pop(),
            _ => None,
        };
        self.delivered.extend(delivery.clone());
        let delivery = delivery.or_else(|| self.delivered.first().cloned())?;
        Some((delivery.body, delivery.hmac_sha256))
    }
}

/// A connection that belongs to another owner by now, or is gone, is not found. Nothing else may
/// fail.
fn assert_no_error_but_not_found(outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

/// Wakes the executor when an operation ends, or panics.
struct NotifyOnDrop(Arc<SharedStore>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.changed.notify_waiters();
    }
}
