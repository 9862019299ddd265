//! What those at work do.

use std::sync::Arc;

use nango_core::{ConnectionRef, Error, ErrorKind, Nango};
use nango_tests::User;
use tokio::task::JoinHandle;

use crate::store::{ACTOR, Point, SharedStore};
use crate::world::World;

/// What one of those at work does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Takes the delivery that was sent last, once so many moves have been made.
    Newest {
        after: usize,
    },
    /// Takes the first delivery of all, once more.
    Oldest,
    /// Takes what nobody but Nango could have signed, or anybody: that the connection is somebody else's.
    Lie {
        genuine: bool,
    },
    Check,
    Disconnect,
    Sweep,
    Sync,
    /// Gives the connection to bob.
    Transfer,
}

impl Act {
    /// Whether of several in one instance one waits for the other's look.
    pub(crate) fn queues(self) -> bool {
        matches!(self, Self::Newest { .. } | Self::Oldest | Self::Lie { .. })
    }
}

impl World {
    /// Sets somebody to work; `None` when there is nothing to do.
    pub(crate) async fn set_to_work(
        &mut self,
        actor: usize,
        act: Act,
        nango: Nango,
        key: &ConnectionRef,
    ) -> Option<JoinHandle<()>> {
        let leaves = Leaves(self.store.clone());
        if act.queues() {
            let (body, signature) = self.delivery(act, key)?;
            // What is forged gets no further.
            let delivery = self.verify(&body, &signature)?;
            return Some(tokio::spawn(ACTOR.scope(actor, async move {
                let _leaves = leaves;
                nango.receive(&delivery).await.unwrap();
            })));
        }
        let (user, _) = self.freely(self.owned(key)).await?;
        let (key, store) = (key.clone(), self.store.clone());
        Some(tokio::spawn(ACTOR.scope(actor, async move {
            let _leaves = leaves;
            let theirs = nango.connections(&user).await.unwrap();
            let connection = theirs.into_iter().find(|one| *one.key() == key).unwrap();
            let incarnation = store.facts().newest(&key);
            store.pass(Point::InHand).await;
            match act {
                // Who finds that it is somebody else's by now is told so.
                Act::Check => drop(connection.check().await),
                Act::Disconnect => told_if_not_theirs(connection.disconnect().await),
                Act::Transfer => {
                    let name = (key.clone(), incarnation);
                    store.facts().may_move(&name, &user.id, "bob");
                    let moved = connection.transfer(&User::named("bob").unwrap()).await;
                    let is_bobs = store.facts().makers.get(&name).is_some_and(|owner| owner == "bob");
                    assert!(moved.is_err() || is_bobs, "it is said to be bob's, and was not written");
                    told_if_not_theirs(moved.map(drop));
                }
                Act::Sweep => drop(nango.sweep().allow_mass_removal().run().await.unwrap()),
                _ => drop(nango.sync(&user).await.unwrap()),
            }
        })))
    }

    /// Body and signature.
    fn delivery(&mut self, act: Act, key: &ConnectionRef) -> Option<(String, String)> {
        let delivery = match act {
            Act::Lie { genuine } => return Some(self.lie(key, "carol", genuine)),
            Act::Newest { .. } => self.waiting.pop(),
            _ => None,
        };
        self.delivered.extend(delivery.clone());
        let delivery = delivery.or_else(|| self.delivered.first().cloned())?;
        Some((delivery.body, delivery.hmac_sha256))
    }
}

/// Who finds that it is somebody else's by now, or gone, is told so, and of no other failure.
fn told_if_not_theirs(outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

/// Tells that somebody has finished, or panicked.
struct Leaves(Arc<SharedStore>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.changed.notify_waiters();
    }
}
