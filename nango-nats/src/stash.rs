//! What a pull brought while a worker waited.
//!
//! A worker's wait may be dropped at any time, and an event that is delivered to a pull that is not read
//! any more would come again only after a lease. So the pull is a task of its own, and what it brings is
//! kept until the next claim takes it, for a moment.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::broker::Broker;
use crate::delivery::Delivery;

/// The time after which a delivery that no claim has taken goes back: the worker has other things to do,
/// or has stopped.
const KEPT: Duration = Duration::from_secs(1);

/// The shortest wait that brings nothing: a server that refuses a pull, as one that has too many, must not be asked
/// again and again.
const SOONEST: Duration = Duration::from_millis(250);

/// A pull shorter than this is not worth its request.
const SHORTEST: Duration = Duration::from_millis(10);

#[derive(Default)]
pub(crate) struct Stash {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    deliveries: VecDeque<Delivery>,
    is_pulling: bool,
}

/// A pull that runs. Ends when this is dropped, also with its runtime.
struct Pull(Arc<Stash>);

impl Stash {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes at most so many deliveries.
    pub(crate) fn take(&self, limit: usize) -> Vec<Delivery> {
        let deliveries = &mut self.state().deliveries;
        let taken = limit.min(deliveries.len());
        deliveries.drain(..taken).collect()
    }

    /// Waits until something was delivered, or a pull has ended without.
    pub(crate) async fn wait(self: &Arc<Self>, broker: &Broker, longest: Duration) {
        let arrived = self.arrived.notified();
        {
            let mut state = self.state();
            if !state.deliveries.is_empty() {
                return;
            }
            if !state.is_pulling && longest >= SHORTEST {
                state.is_pulling = true;
                tokio::spawn(pull(Pull(Arc::clone(self)), broker.clone(), longest));
            }
        }
        // Whether something came or the time is over, the next claim finds out.
        let _ = timeout(longest, arrived).await;
    }
}

async fn pull(pull: Pull, broker: Broker, longest: Duration) {
    let stash = Arc::clone(&pull.0);
    // After a failure, the next claim finds out whether the server is unavailable. To wait on would leave what is
    // pushed after an interruption alone.
    let soonest = Instant::now() + SOONEST.min(longest);
    let deliveries = broker.pull(1, Some(longest)).await.map(|pulled| pulled.deliveries).unwrap_or_default();
    let replies: Vec<_> = deliveries.iter().map(|delivery| delivery.reply.clone()).collect();
    if deliveries.is_empty() {
        sleep_until(soonest).await;
    }
    stash.state().deliveries.extend(deliveries);
    drop(pull);
    stash.arrived.notify_waiters();
    if replies.is_empty() {
        return;
    }
    sleep(KEPT).await;
    let is_left = |delivery: &Delivery| replies.contains(&delivery.reply);
    let left: VecDeque<_> = {
        let deliveries = &mut stash.state().deliveries;
        let (left, others) = deliveries.drain(..).partition(is_left);
        *deliveries = others;
        left
    };
    for Delivery { reply, .. } in left {
        // If this fails, it comes again after a lease.
        let _ = broker.give_back(&reply, Duration::ZERO).await;
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        self.0.state().is_pulling = false;
    }
}
