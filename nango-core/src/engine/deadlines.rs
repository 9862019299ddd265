//! Deadlines of a delivery, from the inside out.

use std::time::Duration;

/// One look at Nango.
pub(super) const LOOK: Duration = Duration::from_secs(5);

/// The app's handler, for one notification. No reply waits for it.
pub(super) const HANDLER: Duration = Duration::from_secs(5);

/// A delivery's wait for a look, its own or a shared one. The rest of the time is for the mark.
pub(super) const LOOK_WAIT: Duration = Duration::from_secs(7);

/// The queue of events, which takes one of a delivery.
pub(super) const PUSH: Duration = Duration::from_secs(8);

/// The webhook route, which answers 503 then.
pub(crate) const WEBHOOK_DEADLINE: Duration = Duration::from_secs(10);

/// Nango's own time-out for a delivery (observed on 0.71.4).
const NANGO_DEADLINE: Duration = Duration::from_secs(20);

const _: () = {
    let order = [LOOK, LOOK_WAIT, PUSH, WEBHOOK_DEADLINE, NANGO_DEADLINE];
    let mut i = 1;
    while i < order.len() {
        assert!(order[i - 1].as_millis() < order[i].as_millis(), "each deadline leaves time to the next one");
        i += 1;
    }
};
