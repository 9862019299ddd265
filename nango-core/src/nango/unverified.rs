//! The memory that bodies of strangers take.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::Notify;

use crate::sync::lock;

/// The memory for all bodies that no signature has verified yet, in bytes.
const CAPACITY: usize = 32 * 1024 * 1024;

/// The bodies that are being read and are not verified yet.
///
/// While they take more memory than there is, the one that has cost the most is ended: the product of
/// its size and its age. So who holds bodies back gives way to a newcomer, and a flood of large
/// bodies to the deliveries beside it, which are small or soon whole.
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
        self.begin_at(Instant::now())
    }

    fn begin_at(&self, began: Instant) -> Unread<'_> {
        let ended = Arc::new(Notify::new());
        let mut bodies = lock(&self.bodies);
        let id = bodies.next;
        bodies.next += 1;
        bodies.by_id.insert(id, Body { began, size: 0, ended: ended.clone() });
        Unread { all: self, id, ended }
    }
}

impl Bodies {
    fn remove(&mut self, id: u64) -> Option<Body> {
        let body = self.by_id.remove(&id)?;
        self.total -= body.size;
        Some(body)
    }

    /// Returns the one of the other bodies that has taken the most memory for the longest.
    fn costliest_but(&self, id: u64) -> Option<u64> {
        let cost = |body: &Body| body.size as f64 * body.began.elapsed().as_secs_f64();
        let others = self.by_id.iter().filter(|(other, body)| **other != id && body.size > 0);
        others.max_by(|(_, a), (_, b)| cost(a).total_cmp(&cost(b))).map(|(id, _)| *id)
    }
}

impl Unread<'_> {
    /// Sets the memory that the body takes, and ends others while all together take too much. Returns
    /// `false` for one that was ended itself.
    pub(crate) fn set_size(&self, size: usize) -> bool {
        let mut bodies = lock(&self.all.bodies);
        let Some(body) = bodies.by_id.get_mut(&self.id) else { return false };
        let before = std::mem::replace(&mut body.size, size);
        bodies.total = bodies.total - before + size;
        while bodies.total > self.all.capacity
            && let Some(costliest) = bodies.costliest_but(self.id)
            && let Some(ended) = bodies.remove(costliest)
        {
            ended.ended.notify_one();
        }
        true
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
    use std::time::Duration;

    use super::*;

    async fn has_ended(body: &Unread<'_>) -> bool {
        tokio::time::timeout(Duration::from_millis(5), body.ended()).await.is_ok()
    }

    #[tokio::test]
    async fn what_has_taken_the_most_for_the_longest_gives_way() {
        let all = Unverified::with_capacity(100);
        let before = |seconds| Instant::now() - Duration::from_secs(seconds);
        let (held, large) = (all.begin_at(before(10)), all.begin_at(before(1)));
        let (small, newcomer) = (all.begin_at(before(2)), all.begin());
        held.set_size(20);
        large.set_size(60);
        small.set_size(1);
        newcomer.set_size(19);
        assert!(!has_ended(&held).await && !has_ended(&large).await);
        newcomer.set_size(20);
        assert!(has_ended(&held).await && !has_ended(&large).await && !has_ended(&small).await);
        newcomer.set_size(50);
        assert!(has_ended(&large).await && !has_ended(&small).await && !has_ended(&newcomer).await);
        assert!(!large.set_size(1) && small.set_size(1), "one that was ended stays so");
        drop((held, large, small));
        newcomer.set_size(200);
        assert!(!has_ended(&newcomer).await, "there is no other");
        drop(newcomer);
        assert_eq!(lock(&all.bodies).total, 0);
    }
}
