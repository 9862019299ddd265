//! The memory that bodies of strangers take.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::sync::lock;

/// The memory for all bodies that no signature has verified yet, in bytes.
const CAPACITY: usize = 32 * 1024 * 1024;

/// The shortest time over which the rate of a body is measured.
const SHORTEST: Duration = Duration::from_secs(1);

/// The bodies that are being read and are not verified yet.
///
/// While they take more memory than there is, the slowest is ended: a sender that holds bodies back
/// gives way to a newcomer.
pub(crate) struct Unverified {
    capacity: usize,
    bodies: Mutex<Bodies>,
}

#[derive(Default)]
struct Bodies {
    next: u64,
    total: usize,
    by_id: HashMap<u64, Body>,
}

struct Body {
    began: Instant,
    size: usize,
    ended: Arc<Notify>,
}

/// One of the bodies. Dropped, it does not count any more.
pub(crate) struct Unread<'a> {
    all: &'a Unverified,
    id: u64,
    ended: Arc<Notify>,
}

impl Unverified {
    pub(crate) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self { capacity, bodies: Mutex::default() }
    }

    pub(crate) fn begin(&self) -> Unread<'_> {
        let ended = Arc::new(Notify::new());
        let mut bodies = lock(&self.bodies);
        let id = bodies.next;
        bodies.next += 1;
        bodies.by_id.insert(id, Body { began: Instant::now(), size: 0, ended: ended.clone() });
        Unread { all: self, id, ended }
    }
}

impl Bodies {
    fn remove(&mut self, id: u64) -> Option<Body> {
        let body = self.by_id.remove(&id)?;
        self.total -= body.size;
        Some(body)
    }

    /// Returns the slowest of the other bodies that have a size.
    fn slowest_but(&self, id: u64) -> Option<u64> {
        let rate = |body: &Body| body.size as f64 / body.began.elapsed().max(SHORTEST).as_secs_f64();
        let others = self.by_id.iter().filter(|(other, body)| **other != id && body.size > 0);
        others.min_by(|(_, a), (_, b)| rate(a).total_cmp(&rate(b))).map(|(id, _)| *id)
    }
}

impl Unread<'_> {
    /// Sets the memory that the body takes, and ends others while all together take too much.
    pub(crate) fn set_size(&self, size: usize) {
        let mut bodies = lock(&self.all.bodies);
        let Some(body) = bodies.by_id.get_mut(&self.id) else { return };
        let before = std::mem::replace(&mut body.size, size);
        bodies.total = bodies.total - before + size;
        while bodies.total > self.all.capacity
            && let Some(slowest) = bodies.slowest_but(self.id)
            && let Some(ended) = bodies.remove(slowest)
        {
            ended.ended.notify_one();
        }
    }

    /// Waits until this body has to give way to others.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for Unread<'_> {
    fn drop(&mut self) {
        lock(&self.all.bodies).remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn has_ended(body: &Unread<'_>) -> bool {
        tokio::time::timeout(Duration::from_millis(5), body.ended()).await.is_ok()
    }

    #[tokio::test]
    async fn the_slowest_body_gives_way() {
        let all = Unverified::with_capacity(100);
        let (slow, fast, newcomer) = (all.begin(), all.begin(), all.begin());
        slow.set_size(10);
        fast.set_size(60);
        newcomer.set_size(30);
        assert!(!has_ended(&slow).await && !has_ended(&fast).await && !has_ended(&newcomer).await);
        newcomer.set_size(35);
        assert!(has_ended(&slow).await && !has_ended(&fast).await && !has_ended(&newcomer).await);
        drop(fast);
        newcomer.set_size(100);
        assert!(!has_ended(&newcomer).await);
        drop((slow, newcomer));
        assert_eq!(lock(&all.bodies).total, 0);
    }
}
