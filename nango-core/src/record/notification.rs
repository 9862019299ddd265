//! The parts of a row that a notification has.

use sha2::{Digest as _, Sha256};

use super::notified::NotifiedState;
use super::row::Record;

/// The number of bytes of the hash that a key shows.
const KEY_BYTES: usize = 16;

impl Record {
    /// Returns the part of the row of which the app is notified.
    pub(crate) fn notified_state(&self) -> NotifiedState {
        let state = self.state();
        NotifiedState {
            removed: self.removed,
            incarnation: state.incarnation,
            health: state.health.health,
            owner: self.owner.clone(),
        }
    }

    /// Returns the text that [`ConnectionChanged::key`](crate::ConnectionChanged::key) documents.
    pub(crate) fn notification_key(&self) -> String {
        let state = self.state();
        let mut hash = Sha256::new();
        // Lengths keep texts apart.
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        text(self.key.integration());
        text(self.key.connection_id());
        text(self.state().health.health.as_str());
        if let Some(owner) = &self.owner {
            text(owner.kind());
            text(owner.id());
            text(owner.scope().unwrap_or_default());
        }
        for number in [
            i64::from(self.removed),
            i64::from(self.owner.is_some()),
            i64::from(self.owner.as_ref().is_some_and(|owner| owner.scope().is_some())),
            state.incarnation,
            state.health.since.as_micros(),
            state.changed_as,
        ] {
            hash.update(number.to_be_bytes());
        }
        hex::encode(&hash.finalize()[..KEY_BYTES])
    }
}

#[cfg(test)]
mod tests {
    use nango_client::{ConnectionKey, Timestamp};

    use super::*;
    use crate::owner::Owner;
    use crate::record::{Health, HealthState, State, Version};

    fn row() -> Record {
        let at = Timestamp::from_micros(1).unwrap();
        let health = HealthState::new(Health::Healthy, at);
        let state = State { changed_as: 7, ..State::new(1, "slack".to_owned(), at, health) };
        Record {
            key: ConnectionKey::new("slack", "c"),
            version: Version::random(),
            owner: Some(Owner::new("user", "alice")),
            removed: false,
            announced: false,
            look_again_at: None,
            details: state.into(),
        }
    }

    fn with(edit: impl Fn(&mut State)) -> Record {
        let mut state = row().state().clone();
        edit(&mut state);
        Record { details: state.into(), ..row() }
    }

    #[test]
    fn a_key_is_of_one_change() {
        let key = row().notification_key();
        assert_eq!(key.len(), 32);
        let looked_at = with(|state| state.failures = 3);
        let marked = Record { look_again_at: Some(Timestamp::now()), announced: true, ..looked_at };
        assert_eq!(marked.notification_key(), key, "whatever else was written to the row");
        let others = [
            Record { key: ConnectionKey::new("slackc", ""), ..row() },
            Record { owner: Some(Owner::new("user", "bob")), ..row() },
            Record { owner: Some(Owner::new("user", "alice").with_scope(Some(""))), ..row() },
            Record { owner: None, ..row() },
            Record { removed: true, ..row() },
            with(|state| state.incarnation = 2),
            with(|state| state.health.health = Health::Degraded),
            with(|state| state.health.since = Timestamp::from_micros(2).unwrap()),
            with(|state| state.changed_as = 8),
        ];
        let mut keys: Vec<_> = others.iter().map(Record::notification_key).chain([key]).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
    }
}
