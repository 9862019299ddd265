//! Notifications in flight: at most one of each connection, and the end of all of them.

use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex};

use nango_client::ConnectionKey;
use tokio::sync::Notify;

use crate::record::{Record, Version};
use crate::sync::lock;

/// The notifications of this process that have begun and have not ended.
#[derive(Default)]
pub(super) struct InFlight {
    all: Mutex<Numbered>,
    connections: Mutex<HashMap<ConnectionKey, Current>>,
    /// Notified when one of `all` ends.
    ended: Notify,
}

#[derive(Default)]
struct Numbered {
    next: u64,
    running: BTreeSet<u64>,
}

/// The notification of a connection.
struct Current {
    /// The version of the row that began it.
    version: Version,
    /// `true` if another row of the connection was to be notified meanwhile.
    was_requested: bool,
}

/// A notification in flight. It ends when this is dropped.
pub(super) struct Flight {
    in_flight: Arc<InFlight>,
    number: u64,
}

/// The only notification of its connection that is in flight. A handler that looks at its own
/// connection is not called again for it before it has returned.
pub(super) struct ConnectionFlight {
    flight: Flight,
    key: ConnectionKey,
    is_over: bool,
}

impl InFlight {
    pub(super) fn begin(self: &Arc<Self>) -> Flight {
        let mut all = lock(&self.all);
        let number = all.next;
        all.next += 1;
        all.running.insert(number);
        Flight { in_flight: Arc::clone(self), number }
    }

    /// Begins the notification of a row; `None` when one of its connection is in flight, which then
    /// [ends](ConnectionFlight::end_unless_requested) only after it has read the row anew.
    pub(super) fn begin_of(self: &Arc<Self>, row: &Record) -> Option<ConnectionFlight> {
        let mut connections = lock(&self.connections);
        if let Some(current) = connections.get_mut(&row.key) {
            // Callers that share a look have the same row.
            current.was_requested |= current.version != row.version;
            return None;
        }
        connections.insert(row.key.clone(), Current { version: row.version, was_requested: false });
        drop(connections);
        Some(ConnectionFlight { flight: self.begin(), key: row.key.clone(), is_over: false })
    }

    pub(super) fn contains(&self, key: &ConnectionKey) -> bool {
        lock(&self.connections).contains_key(key)
    }

    /// Waits until all that have begun before this call have ended.
    pub(super) async fn settled(&self) {
        let next = lock(&self.all).next;
        loop {
            let mut ended = pin!(self.ended.notified());
            ended.as_mut().enable();
            if lock(&self.all).running.first().is_none_or(|first| *first >= next) {
                return;
            }
            ended.await;
        }
    }
}

impl ConnectionFlight {
    pub(super) fn key(&self) -> &ConnectionKey {
        &self.key
    }

    /// Ends the notification and returns `true`, unless another row of the connection was to be
    /// notified since it began, or since the last call. Without this step, a change that is written
    /// after the last look at the row, and before the end, would wait for the sweeper.
    pub(super) fn end_unless_requested(&mut self) -> bool {
        let mut connections = lock(&self.flight.in_flight.connections);
        if let Some(current) = connections.get_mut(&self.key)
            && std::mem::take(&mut current.was_requested)
        {
            return false;
        }
        connections.remove(&self.key);
        self.is_over = true;
        true
    }
}

impl Drop for ConnectionFlight {
    fn drop(&mut self) {
        // After its end the entry is that of another notification.
        if !self.is_over {
            lock(&self.flight.in_flight.connections).remove(&self.key);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        lock(&self.in_flight.all).running.remove(&self.number);
        self.in_flight.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nango_client::Timestamp;
    use tokio::time::timeout;

    use super::*;

    fn row(id: &str) -> Record {
        Record::mark(ConnectionKey::new("slack", id), Timestamp::now())
    }

    #[test]
    fn one_notification_of_a_connection_is_in_flight_and_learns_of_another_request() {
        let in_flight = Arc::new(InFlight::default());
        let (first, second) = (row("c"), row("c"));
        let mut flight = in_flight.begin_of(&first).unwrap();
        assert!(in_flight.begin_of(&row("other")).is_some());
        assert!(in_flight.begin_of(&first).is_none());
        assert!(in_flight.begin_of(&second).is_none());
        assert!(!flight.end_unless_requested(), "for the second row, and not for the first one again");
        assert!(flight.end_unless_requested());
        let successor = in_flight.begin_of(&second);
        drop(flight);
        assert!(successor.is_some() && in_flight.begin_of(&second).is_none(), "the successor's entry stays");
        drop(successor);
        assert!(lock(&in_flight.connections).is_empty() && lock(&in_flight.all).running.is_empty());
    }

    #[tokio::test]
    async fn settled_waits_for_what_has_begun_before() {
        let in_flight = Arc::new(InFlight::default());
        in_flight.settled().await;
        let (one, other) = (in_flight.begin(), in_flight.begin());
        let mut settled = pin!(in_flight.settled());
        let a_moment = Duration::from_millis(20);
        assert!(timeout(a_moment, settled.as_mut()).await.is_err());
        let _later = in_flight.begin();
        drop(other);
        assert!(timeout(a_moment, settled.as_mut()).await.is_err());
        drop(one);
        timeout(a_moment, settled).await.unwrap_or_else(|_| panic!("it waits for one that has begun later"));
    }
}
