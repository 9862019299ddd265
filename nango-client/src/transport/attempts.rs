//! Attempts at a call: its retries, and its deadline in all.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::{Instant, sleep};
use url::Url;

use super::call_options::CallOptions;
use super::envelope::Failure;
use super::repeat::may_be_retried;
use super::sender::Sender;
use super::transport::Outgoing;
use crate::error::{Error, ErrorKind};

impl Sender {
    /// Sends a request, several times if the policy has it and it may be repeated, and reads the response.
    // No `async fn`, whose future has its arguments twice.
    pub(super) fn send<T>(
        &self,
        method: Method,
        url: Url,
        options: &CallOptions,
        body: Bytes,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Failure>> {
        let mut headers = options.headers.clone();
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let headers = self.headers(headers);
        let attempts = if options.is_made_once { 1 } else { self.policy.attempts() };
        let time_limit = options.time_limit.unwrap_or(self.total_timeout());
        let deadline = self.deadline.and_then(|span| Instant::now().checked_add(span));
        async move {
            let left = || deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
            if self.policy.spares_rate_limit()
                && method != Method::POST
                && let Some(wait) = self.rate_limit.time_to_reset()
            {
                if wait >= left() {
                    return Err(Error::new(ErrorKind::RateLimited).with_retry_after(Some(wait)).into());
                }
                sleep(wait).await;
            }
            let mut failures = 0;
            loop {
                let request = Outgoing { method: &method, url: &url, headers: &headers, body: &body };
                let outcome = self.send_once(request, time_limit.min(left()), &read).await;
                failures += 1;
                let error = match &outcome {
                    Err(failure) if failures < attempts && may_be_retried(&method, &failure.error) => {
                        &failure.error
                    }
                    _ => return outcome,
                };
                let (asked, pause) =
                    (error.retry_after(), self.policy.pause(failures - 1, error.retry_after()));
                // A pause that the deadline ends would only hide the reason.
                if self.policy.is_too_long(asked) || pause >= left() {
                    return outcome;
                }
                sleep(pause).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of_val;

    use super::super::addresses::Addresses;
    use super::super::options::HttpOptions;
    use super::*;
    use crate::api_key::ApiKey;

    /// What is larger is no block that glibc has at hand, and is copied where it is boxed.
    #[test]
    fn the_future_of_a_call_is_small() {
        let addresses =
            Addresses { host: "http://127.0.0.1:1".to_owned(), public_host: None, connect_url: None };
        let sender = Sender::new(&addresses, &ApiKey::new("key").unwrap(), &HttpOptions::new()).unwrap();
        let url = sender.url(&["connections"]).unwrap();
        let read = |body: &[u8]| Ok(body.to_vec());
        let call = size_of_val(&sender.send(Method::GET, url, CallOptions::none(), Bytes::new(), read));
        assert!(call <= 1_032, "{call} bytes");
    }
}
