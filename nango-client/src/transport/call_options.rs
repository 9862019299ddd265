//! Options of one call.

use std::sync::LazyLock;
use std::time::Duration;

use http::HeaderMap;

/// Options of one call, beside those of the client.
#[derive(Default)]
pub(crate) struct CallOptions {
    pub(crate) headers: HeaderMap,
    /// The time-out of each attempt, if it is not the client's.
    pub(crate) time_limit: Option<Duration>,
    /// `true` if the call is made once, also by a background client.
    pub(crate) is_made_once: bool,
}

impl CallOptions {
    /// Returns those of a call without any.
    pub(super) fn none() -> &'static Self {
        static NONE: LazyLock<CallOptions> = LazyLock::new(CallOptions::default);
        &NONE
    }
}
