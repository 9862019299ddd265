//! A dead letter without what is a customer's: neither connection id nor body.

use nango_core::{DeadLetter, EventContent, QueuedEvent};
use serde_json::{Value, json};

/// The word for an event that this version cannot read.
pub(crate) const UNREADABLE: &str = "unreadable";

/// What is shown of a dead letter.
pub(crate) struct Summary<'a> {
    pub(crate) letter: &'a DeadLetter,
    /// `None` where a newer version has written it, which has to handle it, too.
    pub(crate) event: Option<QueuedEvent>,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(letter: &'a DeadLetter) -> Self {
        Self { letter, event: QueuedEvent::from_json(&letter.event).ok() }
    }

    pub(crate) fn kind(&self) -> Option<&'static str> {
        self.event.as_ref().map(|event| event.kind().as_str())
    }

    pub(crate) fn integration(&self) -> Option<&str> {
        self.event.as_ref().map(|event| event.connection().integration())
    }

    /// Returns what names the sync of an event, each with its label.
    pub(crate) fn sync(&self) -> Vec<(&'static str, &str)> {
        match self.event.as_ref().map(QueuedEvent::content) {
            Some(EventContent::Sync(sync)) => {
                let names = [("sync", &sync.name), ("variant", &sync.variant), ("model", &sync.model)];
                names.into_iter().filter_map(|(label, name)| Some((label, name.as_deref()?))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let letter = self.letter;
        json!({
            "key": letter.key,
            "since": letter.since.to_string(),
            "readable": self.event.is_some(),
            "kind": self.kind(),
            "integration": self.integration(),
            "failures": letter.failures,
            "deaths": letter.deaths,
            "reason": letter.reason,
        })
    }
}
