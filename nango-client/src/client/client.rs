//! The client that all resources hang off.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::wire::Metadata;
use crate::api_key::ApiKey;
use crate::api_key::ConfigError;
use crate::transport::{RateLimitState, RetryPolicy, Sender};

/// Calls to one environment of a Nango server, with one API key. Cloning it is cheap; clones share
/// connections and what is known of the rate limit.
///
/// Each call waits at most 5 s to connect and 20 s in all, reads at most 32 MiB and follows no
/// redirect. It is made once; if the connection is closed under it, once more, unless it is a POST
/// that Nango may have received. Ids are percent-encoded. [`HttpOptions`](crate::HttpOptions) change
/// the time-outs, the proxy and the like.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use nango_client::Client;
///
/// let client = Client::new("https://api.nango.dev", std::env::var("NANGO_SECRET_KEY")?)?;
/// for integration in client.integrations().await? {
///     println!("{} ({})", integration.id, integration.provider);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) transport: Sender,
    pub(super) metadata: Metadata,
    /// The addresses that proxied calls may be sent to, beside the providers' own.
    pub(super) base_urls: Arc<[Url]>,
}

impl Client {
    /// Returns a client for the same server with another key of the same account, hence with a
    /// shared rate limit.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConfigError};
    /// # fn run(client: Client, list_key: &str) -> Result<(), ConfigError> {
    /// let lists = client.with_key(list_key)?; // the app's own key may not list
    /// # let _ = lists;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the key is empty or cannot be in a header.
    pub fn with_key(&self, key: impl TryInto<ApiKey, Error: Into<ConfigError>>) -> Result<Self, ConfigError> {
        let transport = self.transport.with_key(&key.try_into().map_err(Into::into)?)?;
        Ok(Self { transport, ..self.clone() })
    }

    /// Returns a client for background calls: idempotent ones are tried up to four times, with
    /// growing pauses or those that Nango asks for, and others while no connection can be made. While little is left of the rate limit, such a
    /// call waits for the next window, at most a minute.
    #[must_use]
    pub fn background(&self) -> Self {
        self.with_retries(RetryPolicy::BACKGROUND)
    }

    /// Returns a client with another policy of retries.
    #[must_use]
    pub fn with_retries(&self, policy: RetryPolicy) -> Self {
        Self { transport: self.transport.with_policy(policy), ..self.clone() }
    }

    /// Returns a client whose calls end after this time in all, with their retries and pauses. Each attempt
    /// has [a time-out of its own](crate::HttpOptions::timeout), too.
    ///
    /// [Proxied calls](Self::proxy) have no retries here, and so their own
    /// [time-out](crate::ProxyRequest::timeout) only.
    #[must_use]
    pub fn with_deadline(&self, span: Duration) -> Self {
        Self { transport: self.transport.with_deadline(span), ..self.clone() }
    }

    /// Returns a client whose lists and look-ups skip the metadata of connections:
    /// [`Connection::metadata`](crate::Connection::metadata) is then empty, whatever Nango has.
    ///
    /// Metadata is the app's own JSON of any depth. With this client a connection can be read even
    /// if its metadata cannot, because it is nested too deep. [`metadata`](Self::metadata) still
    /// reads it.
    #[must_use]
    pub fn without_metadata(&self) -> Self {
        Self { metadata: Metadata::Skip, ..self.clone() }
    }

    /// Returns `true` if the API key leaves this machine's network unencrypted: the host is
    /// `http://`, and neither loopback, a private or link-local address, nor a name without a dot,
    /// such as that of a service in a compose file.
    ///
    /// Such a host may be meant, since a tunnel can be in between, so that it is not refused. An app
    /// should log a warning; nango-core does.
    #[must_use]
    pub fn sends_key_in_the_clear(&self) -> bool {
        self.transport.sends_key_in_the_clear()
    }

    /// Returns `true` while so little is left of the rate limit that background calls should be put
    /// off.
    #[must_use]
    pub fn is_near_rate_limit(&self) -> bool {
        self.transport.is_near_rate_limit()
    }

    /// Returns the account's limit of requests per minute; `None` until a response has named it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<u32> {
        self.transport.rate_limit()
    }

    /// Returns what the last response has said of the rate limit; `None` until one has.
    #[must_use]
    pub fn rate_limit_state(&self) -> Option<RateLimitState> {
        self.transport.rate_limit_state()
    }

    /// Returns the time for which Nango refuses further calls: until the rate limit resets, while
    /// nothing is left of it, or as long as the last response asked for; a minute at most.
    #[must_use]
    pub fn rate_limit_pause(&self) -> Option<Duration> {
        self.transport.pause()
    }

    /// Returns the address at Nango that a provider's callback has to arrive at, for browsers.
    #[must_use]
    pub fn callback_url(&self) -> String {
        self.transport.public_url(&["oauth", "callback"]).map(String::from).unwrap_or_default()
    }

    /// Returns Nango's address for browsers, without a slash at its end: the `apiURL` of the Connect
    /// UI and the `host` of Nango's frontend SDK.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.transport.public_base().as_str()
    }

    /// Returns `true` if browsers are sent to a name without a dot that is not this machine's, such as
    /// that of a container, which only machines of one network know.
    ///
    /// [`ClientBuilder::public_host`](crate::ClientBuilder::public_host) sets another. It is not refused, since such a network may have
    /// browsers.
    #[must_use]
    pub fn sends_browsers_to_internal_name(&self) -> bool {
        self.transport.public_base().is_internal_name()
    }
}

crate::__debug_only!(Client {});

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = {
        const fn is_shared_freely<T: Clone + Send + Sync>() {}
        is_shared_freely::<Client>();
    };
}
