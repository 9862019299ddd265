//! Options that Nango itself acts on.

use http::{HeaderName, HeaderValue, StatusCode};
use url::Url;

use super::request::ProxyRequest;
use crate::client::headers::header_value;
use crate::error::Error;

const BASE_URL_OVERRIDE: HeaderName = HeaderName::from_static("base-url-override");
const DECOMPRESS: HeaderName = HeaderName::from_static("decompress");
const FORWARD_ON_REDIRECT: HeaderName = HeaderName::from_static("forward-headers-on-redirect");
const RETRIES: HeaderName = HeaderName::from_static("retries");
const RETRY_ON: HeaderName = HeaderName::from_static("retry-on");

impl ProxyRequest {
    /// Sets the address of the provider's API, in place of the one that Nango knows. The client has to
    /// [allow](crate::ClientBuilder::allow_base_urls) it: the call carries a user's credentials there.
    pub fn base_url(self, url: &str) -> Self {
        let is_allowed = Url::parse(url).is_ok_and(|url| self.client.base_urls.contains(&url));
        self.with(|call, _| {
            if !is_allowed {
                let reason =
                    "the base address is not one that the client allows (`ClientBuilder::allow_base_urls`)";
                return Err(Error::invalid_request(reason));
            }
            call.headers.insert(BASE_URL_OVERRIDE, header_value(url)?);
            Ok(())
        })
    }

    /// Lets Nango decompress the reply, if the provider's is compressed and says so in no header.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, http::StatusCode};
    /// # use std::time::Duration;
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let report = client
    ///     .proxy(&key)
    ///     .get("/reports/7")
    ///     .decompress()
    ///     .forward_headers_on_redirect()
    ///     .retries(2)
    ///     .retry_on([StatusCode::CONFLICT])
    ///     .timeout(Duration::from_secs(30))
    ///     .send()
    ///     .await?;
    /// # let _ = report;
    /// # Ok(())
    /// # }
    /// ```
    pub fn decompress(self) -> Self {
        self.with(|call, _| {
            call.headers.insert(DECOMPRESS, HeaderValue::from_static("true"));
            Ok(())
        })
    }

    /// Lets Nango send the headers, credentials among them, to wherever the provider redirects the call.
    pub fn forward_headers_on_redirect(self) -> Self {
        self.with(|call, _| {
            call.headers.insert(FORWARD_ON_REDIRECT, HeaderValue::from_static("true"));
            Ok(())
        })
    }

    /// Sets further statuses of the provider after which Nango [retries](Self::retries).
    pub fn retry_on(self, statuses: impl IntoIterator<Item = StatusCode>) -> Self {
        let statuses: Vec<_> = statuses.into_iter().map(|status| status.as_u16().to_string()).collect();
        self.with(|call, _| {
            call.headers.insert(RETRY_ON, header_value(&statuses.join(","))?);
            Ok(())
        })
    }

    /// Sets the number of retries by Nango after a 5xx or 429 of the provider: after 3 s, 6 s and
    /// so on, so allow for them with [`timeout`](Self::timeout). None by default: not every call is
    /// idempotent.
    pub fn retries(self, times: u32) -> Self {
        self.with(|call, _| {
            call.headers.insert(RETRIES, times.into());
            Ok(())
        })
    }
}
