//! Options of a queue.

use std::time::Duration;

use nango_core::{StoreCause, StoreError, StoreErrorKind};

/// Leaves room for our names in what a file system allows.
const MAX_PREFIX_LENGTH: usize = 64;

/// A shorter lease could end between two renewals of a worker on a busy machine.
const MIN_LEASE: Duration = Duration::from_secs(1);

/// Options of a queue: the names of its streams, the lease of its claims, and the copies that a cluster
/// keeps.
///
/// ```
/// use nango_nats::NatsOptions;
///
/// let options = NatsOptions::new().prefix("billing_events").replicas(3);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsOptions {
    pub(crate) prefix: String,
    pub(crate) lease: Duration,
    pub(crate) replicas: u8,
    pub(crate) creates: bool,
}

impl NatsOptions {
    /// Creates the default options: streams whose names begin with `nango_events`, claims that hold for
    /// 30 seconds, and one copy of everything.
    #[must_use]
    pub fn new() -> Self {
        Self { prefix: "nango_events".to_owned(), lease: Duration::from_secs(30), replicas: 1, creates: true }
    }

    /// Sets the prefix of the names of all streams and subjects: 1 to 64 of the characters `a-z`, `A-Z`,
    /// `0-9`, `_` and `-`. The constructors refuse any other prefix.
    ///
    /// Apps that share an account of NATS each need a prefix of their own; instances of one app need the
    /// same.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the time for which a claim holds without being renewed, at least a second: so long it takes
    /// until another worker takes over the events of one that has ended. Workers renew it every third of
    /// the time. Instances of one app need the same; while a change is rolled out, a claim holds for the lease of its
    /// holder.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(MIN_LEASE);
        self
    }

    /// Sets the number of servers of a cluster that keep each event: 1, 3 or 5. Used when the streams are
    /// created; later, change it with NATS's own tools.
    #[must_use]
    pub fn replicas(mut self, servers: u8) -> Self {
        self.replicas = servers;
        self
    }

    /// Sets whether the queue creates its streams, and sets its lease at the server. With `false` it changes
    /// nothing there but events, and the constructors fail if a stream is missing: for tools that look at an
    /// app's queue. It is not for workers: the consumer is not repaired after a crash of the server, either. The
    /// default is `true`.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.creates = create;
        self
    }

    /// Checks that the prefix can be part of a subject, and the name of a folder.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let length = 1..=MAX_PREFIX_LENGTH;
        if length.contains(&self.prefix.len()) && self.prefix.chars().all(is_plain) {
            return Ok(());
        }
        let cause = StoreCause::new("the prefix is invalid");
        Err(StoreError::new(StoreErrorKind::Other, cause)
            .with_attempt("name the streams")
            .with_remedy("use 1 to 64 of a-z, A-Z, 0-9, _ and -"))
    }
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_that_cannot_name_streams_are_refused() {
        for prefix in ["nango_events", "a", "-", "A1", &"x".repeat(64)] {
            assert!(NatsOptions::new().prefix(prefix).check().is_ok(), "{prefix}");
        }
        for prefix in ["", "a.b", "a b", "*", ">", "a/b", "$JS", "ä", &"x".repeat(65)] {
            assert!(NatsOptions::new().prefix(prefix).check().is_err(), "{prefix}");
        }
    }
}
