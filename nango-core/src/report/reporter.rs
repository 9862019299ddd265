//! The way of a failure to the log and to the app's hook.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::failure::BackgroundFailure;
use super::handler_error::HandlerError;
use super::throttle::Throttle;

/// The app's hook.
pub(crate) type Hook = Box<dyn Fn(&BackgroundFailure) + Send + Sync>;

/// Reports failures.
#[derive(Default)]
pub(crate) struct Reporter {
    hook: Option<Hook>,
    throttle: Throttle<BackgroundFailure>,
}

impl Reporter {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self { hook, throttle: Throttle::default() }
    }

    /// Logs a failure, unless its kind has just been logged, and passes it to the app's hook.
    #[expect(clippy::needless_pass_by_value, reason = "callers have no use for it any more")]
    pub(crate) fn report(&self, failure: BackgroundFailure) {
        let kind = failure.kind();
        #[cfg(feature = "metrics")]
        metrics::counter!("nango.failures", "kind" => kind).increment(1);
        if let Some(left_out) = self.throttle.admit(kind, &failure, Instant::now()) {
            log(&failure, kind, left_out);
        }
        if let Some(hook) = &self.hook
            // A panic of the hook would end the sweeper, or a request.
            && catch_unwind(AssertUnwindSafe(|| hook(&failure))).is_err()
        {
            tracing::error!(kind, "the hook of `.on_failure(..)` panicked");
        }
    }

    /// Logs the latest failure of each kind that was left out half a minute ago.
    pub(crate) fn flush(&self) {
        for (failure, left_out) in self.throttle.flush(Instant::now()) {
            log(&failure, failure.kind(), left_out);
        }
    }
}

fn log(failure: &BackgroundFailure, kind: &'static str, left_out: u64) {
    let is_panic = matches!(failure, BackgroundFailure::Handler { error: HandlerError::Panicked, .. });
    match (is_panic, left_out) {
        (true, _) => tracing::error!(kind, left_out, "{failure}"),
        (false, 0) => tracing::warn!(kind, "{failure}"),
        (false, _) => tracing::warn!(kind, left_out, "{failure}"),
    }
}
