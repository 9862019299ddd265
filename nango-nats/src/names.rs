//! Names of streams, subjects and the consumer.

/// The durable consumer that all workers share.
pub(crate) const CONSUMER: &str = "workers";

/// A stream of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Each event that is not handled yet, once, under its key.
    Events,
    /// The record of each event that was claimed before, under its key.
    Claims,
    /// Dead letters, each under its key.
    Dead,
}

impl Stream {
    pub(crate) const ALL: [Self; 3] = [Self::Events, Self::Claims, Self::Dead];

    fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Claims => "claims",
            Self::Dead => "dead",
        }
    }
}

/// The names under a prefix.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// Returns the name of a stream.
    pub(crate) fn stream(&self, stream: Stream) -> String {
        format!("{}_{}", self.prefix, stream.as_str())
    }

    /// Returns the subject of a key. The key has to be one that [`is_key`] accepts.
    pub(crate) fn subject(&self, stream: Stream, key: &str) -> String {
        format!("{}.{}.{key}", self.prefix, stream.as_str())
    }

    /// Returns the subjects of all keys.
    pub(crate) fn subjects(&self, stream: Stream) -> String {
        self.subject(stream, "*")
    }
}

/// Returns the key in a subject.
pub(crate) fn key_of(subject: &str) -> &str {
    subject.rsplit('.').next().unwrap_or_default()
}

/// Returns whether a text is one token of a subject, as the keys of events are.
pub(crate) fn is_key(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=128).contains(&text.len()) && text.chars().all(is_plain)
}
