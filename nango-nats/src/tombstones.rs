//! Records of events that have ended, until they are erased.
//!
//! A server that is killed forgets deletions of its last seconds (observed on 2.9.10: less than ten, and
//! none where no older message is left), so that handled events come back. As long as their records are
//! there, they are not handled again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time for which a record is kept.
const KEPT: Duration = Duration::from_secs(15);

/// The records that are erased at a time.
const AT_ONCE: usize = 128;

#[derive(Default)]
pub(crate) struct Tombstones(Mutex<VecDeque<(Instant, u64)>>);

impl Tombstones {
    fn records(&self) -> MutexGuard<'_, VecDeque<(Instant, u64)>> {
        // A panic cannot leave the queue half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, sequence: u64) {
        self.records().push_back((Instant::now(), sequence));
    }

    /// Takes records that were kept long enough.
    pub(crate) fn due(&self) -> Vec<u64> {
        let mut records = self.records();
        let due = records.iter().take(AT_ONCE).take_while(|(since, _)| since.elapsed() >= KEPT).count();
        records.drain(..due).map(|(_, sequence)| sequence).collect()
    }
}
