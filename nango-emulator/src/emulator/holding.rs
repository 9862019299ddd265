//! Answers that a test holds back, to let others overtake them.

use std::pin::pin;

use super::Emulator;
use crate::control::held::HeldCall;

impl Emulator {
    /// The calls whose answers are [held back](crate::CallFaults::hold), in the order in which they were computed.
    pub fn held_calls(&self) -> Vec<HeldCall> {
        self.app.faults().held_calls.all()
    }

    /// Waits until at least `count` answers are held back, and gives these calls.
    pub async fn calls_held(&self, count: usize) -> Vec<HeldCall> {
        let changed = self.app.faults().held_calls.changed();
        loop {
            // Armed before the calls are counted: one that comes in between must not be missed.
            let mut change = pin!(changed.notified());
            change.as_mut().enable();
            let held = self.held_calls();
            if held.len() >= count {
                return held;
            }
            change.await;
        }
    }

    /// Lets an answer go that is held back. False when it is not, or no more: its client may have hung up.
    pub fn release_call(&self, id: u64) -> bool {
        self.app.faults().held_calls.release(id)
    }

    /// Lets all answers go that are held back, oldest first. Gives their number.
    pub fn release_calls(&self) -> usize {
        self.app.faults().held_calls.release_all()
    }
}
