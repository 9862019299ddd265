//! Notifications in flight.

use std::collections::HashSet;
use std::sync::Mutex;

use nango_client::ConnectionKey;

use crate::sync::lock;

/// The connections whose notification is in flight. A handler that looks at its own connection is
/// not called again for it.
#[derive(Default)]
pub(super) struct Notifying(Mutex<HashSet<ConnectionKey>>);

pub(super) struct InFlight<'a> {
    notifying: &'a Notifying,
    key: ConnectionKey,
}

impl Notifying {
    pub(super) fn begin(&self, key: &ConnectionKey) -> Option<InFlight<'_>> {
        let is_new = lock(&self.0).insert(key.clone());
        is_new.then(|| InFlight { notifying: self, key: key.clone() })
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        lock(&self.notifying.0).remove(&self.key);
    }
}
