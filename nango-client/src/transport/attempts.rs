//! Attempts at a call: its retries, and its deadline in all.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::call_options::CallOptions;
use super::envelope::Failure;
use super::repeat::may_be_retried;
use super::sender::Sender;
use crate::error::{Cause, Error, ErrorKind};

impl Sender {
    /// Sends a request, several times if the policy has it and it may be repeated, and reads the response.
    pub(super) async fn send<T>(
        &self,
        method: Method,
        url: Url,
        options: &CallOptions,
        body: Bytes,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let policy = self.policy;
        let deadline = self.deadline.and_then(|span| Instant::now().checked_add(span));
        let left = || deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        if policy.spares_rate_limit()
            && method != Method::POST
            && let Some(wait) = self.rate_limit.time_to_reset()
        {
            if wait >= left() {
                return Err(Error::new(ErrorKind::RateLimited).with_retry_after(Some(wait)).into());
            }
            sleep(wait).await;
        }
        let attempts = if options.is_made_once { 1 } else { policy.attempts() };
        let mut failures = 0;
        loop {
            // Boxed: the compiler measures a future with all futures in it, to a depth that an app has to share.
            let attempt = Box::pin(self.send_once(&method, &url, options, body.clone(), &read));
            let timed_out = |_| Error::new(ErrorKind::Unavailable).with_cause(Cause::TimedOut);
            let outcome = match deadline {
                Some(_) => timeout(left(), attempt).await.map_err(timed_out)?,
                None => attempt.await,
            };
            failures += 1;
            let error = match &outcome {
                Err(failure) if failures < attempts && may_be_retried(&method, &failure.error) => {
                    &failure.error
                }
                _ => return outcome,
            };
            let (asked, pause) = (error.retry_after(), policy.pause(failures - 1, error.retry_after()));
            // A pause that the deadline ends would only hide the reason.
            if policy.is_too_long(asked) || pause >= left() {
                return outcome;
            }
            sleep(pause).await;
        }
    }
}
