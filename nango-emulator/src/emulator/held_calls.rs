//! Holding replies back in a test, so that other replies overtake them.

use std::pin::pin;

use super::instance::Emulator;
use crate::model::HeldCall;

impl Emulator {
    /// Returns the calls whose replies are [held back](crate::CallFaults::hold), in the order in
    /// which the replies were computed.
    pub fn held_calls(&self) -> Vec<HeldCall> {
        self.app.faults().held_calls.all()
    }

    /// Waits until at least `count` replies are held back. Returns their calls.
    pub async fn wait_for_held_calls(&self, count: usize) -> Vec<HeldCall> {
        let changed = self.app.faults().held_calls.changed();
        loop {
            // Registered before the calls are counted, so that a call in between is not missed.
            let mut change = pin!(changed.notified());
            change.as_mut().enable();
            let held = self.held_calls();
            if held.len() >= count {
                return held;
            }
            change.await;
        }
    }

    /// Releases a held reply. Returns false if the call is not held, for example because its client
    /// disconnected.
    pub fn release_call(&self, id: u64) -> bool {
        self.app.faults().held_calls.release(id)
    }

    /// Releases all held replies, oldest first. Returns their number.
    pub fn release_calls(&self) -> usize {
        self.app.faults().held_calls.release_all()
    }
}
