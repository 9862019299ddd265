//! The attempts that a connection came from.

use std::time::Duration;

use nango_client::Timestamp;
use serde::{Deserialize, Serialize};

/// The time for which an attempt is kept after another one: its life of half an hour, and an hour in
/// which it may be asked for.
const KEPT: Duration = Duration::from_secs(90 * 60);

/// The largest number of attempts that are kept.
const MAX: usize = 16;

/// The attempts in which a connection was made, and authorised again, oldest first. The last one is kept
/// for good: Nango has its tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Attempts(Vec<AttemptSeen>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AttemptSeen {
    id: String,
    at: Timestamp,
}

nango_client::__debug_only!(AttemptSeen { at });

impl Attempts {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|seen| seen.id == id)
    }

    #[cfg(test)]
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|seen| seen.id.as_str())
    }

    /// Adds an attempt. Old ones are dropped only then, so that no row is written for that alone.
    pub(crate) fn with(&self, id: &str, now: Timestamp) -> Self {
        if self.contains(id) {
            return self.clone();
        }
        let kept = self.0.iter().filter(|seen| now.since(seen.at) < KEPT).cloned();
        let mut seen: Vec<_> = kept.chain([AttemptSeen { id: id.to_owned(), at: now }]).collect();
        seen.drain(..seen.len().saturating_sub(MAX));
        Self(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_kept_for_a_while_and_the_last_one_for_good() {
        let now = Timestamp::now();
        let later = |minutes: u64| now.saturating_add(Duration::from_secs(60 * minutes));
        let ids = |attempts: &Attempts| attempts.ids().map(str::to_owned).collect::<Vec<_>>();
        let two = Attempts::default().with("a", now).with("b", later(60)).with("a", later(61));
        assert_eq!(ids(&two), ["a", "b"]);
        assert_eq!(two.with("b", later(10_000)), two, "nothing is dropped without a new one");
        assert_eq!(ids(&two.with("c", later(91))), ["b", "c"]);
        let many = (0..40).fold(Attempts::default(), |all, n| all.with(&n.to_string(), now));
        assert_eq!((ids(&many).len(), ids(&many)[15].as_str()), (16, "39"));
    }
}
