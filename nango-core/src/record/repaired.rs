//! The schedule of repairs that do not last.

use std::time::Duration;

use nango_client::Timestamp;
use serde::{Deserialize, Serialize};

use crate::backoff::Backoff;

/// The pauses between a repair and the look that confirms it. A refresh that was in flight can
/// write the wiped row back within half a minute (observed on 0.71.4).
const PAUSES: Backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(60 * 60));

/// The time of the last repair, and the number of repairs before it that did not last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repaired {
    at: Timestamp,
    #[serde(default)]
    before: u32,
}

impl Repaired {
    /// Counts one more repair. One that never lasts, perhaps because the API key may not write, is
    /// looked at less and less often.
    pub(crate) fn again(last: Option<Self>, now: Timestamp) -> Self {
        match last {
            None => Self { at: now, before: 0 },
            Some(last) if now < last.look_again_at() => last,
            Some(last) => Self { at: now, before: last.before.saturating_add(1) },
        }
    }

    pub(crate) fn look_again_at(self) -> Timestamp {
        self.at.saturating_add(PAUSES.after(self.before))
    }
}
