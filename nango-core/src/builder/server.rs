//! The Nango server: its addresses, keys and environment, and the way to it.

use nango_client::{ApiKey, ConfigError as ClientConfigError, HttpOptions};

use super::NangoBuilder;

impl NangoBuilder {
    /// Sets the Nango server, if it is not `https://api.nango.dev`.
    ///
    /// One on this machine without TLS (`http://localhost:3003`) is reached directly, whatever
    /// proxy the environment names. One without TLS elsewhere causes a warning by
    /// [`build`](Self::build), unless its address is private or its name has no dot; Nango's cloud
    /// is refused without TLS.
    pub fn host(mut self, url: impl Into<String>) -> Self {
        self.host = url.into();
        self
    }

    /// Sets the address under which browsers reach the server, if it is another than the
    /// [host](Self::host), such as that of a container.
    ///
    /// It is where the callback route redirects to, and what is named to the Connect UI. A
    /// self-hosted Nango has the same setting, `NANGO_PUBLIC_SERVER_URL`.
    ///
    /// ```
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.host("http://nango-server:3003").public_host("https://nango.example.com")
    /// # }
    /// ```
    pub fn public_host(mut self, url: impl Into<String>) -> Self {
        self.public_host = Some(url.into());
        self
    }

    /// Sets the address of the Connect UI, for the links of sessions, if the server does not name the
    /// right one: that of a self-hosted Nango is `http://localhost:3009` unless it has the same
    /// setting, `NANGO_PUBLIC_CONNECT_URL`.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder
    ///     .host("http://nango-server:3003")
    ///     .public_host("https://nango.example.com")
    ///     .connect_url("https://connect.example.com")
    /// # }
    /// ```
    pub fn connect_url(mut self, url: impl Into<String>) -> Self {
        self.connect_url = Some(url.into());
        self
    }

    /// Sets the options of the HTTP client: certificates, proxy, time-outs, headers, the app's name,
    /// or another client.
    ///
    /// Time-outs of calls do not prolong the deadlines of looks, deliveries and handlers.
    ///
    /// ```
    /// use nango_core::HttpOptions;
    /// # fn configure(builder: nango_core::NangoBuilder) -> std::io::Result<nango_core::NangoBuilder> {
    /// let http = HttpOptions::new()
    ///     .root_certificates(std::fs::read("/etc/ssl/company.pem")?)
    ///     .user_agent("billing/2.1");
    /// # let builder =
    /// builder.http(http)
    /// # ;
    /// # Ok(builder)
    /// # }
    /// ```
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Sets the key that lists connections, where the API key may not: Nango advises backends to do
    /// without that scope, since with it a stolen key reveals all customers. Without a key that may
    /// list, deliveries and checks work, and [`Nango::sync`](crate::Nango::sync) and [`Nango::sweep`](crate::Nango::sweep) do
    /// not.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder, list_key: String) -> NangoBuilder {
    /// builder.list_key(list_key).environment("prod")
    /// # }
    /// ```
    pub fn list_key(mut self, key: impl TryInto<ApiKey, Error: Into<ClientConfigError>>) -> Self {
        self.list_key = Some(key.try_into().map_err(Into::into));
        self
    }

    /// Sets the name of the environment, such as `prod`. Deliveries of another one are then
    /// ignored, with a warning: a webhook URL that is entered in two environments is an easy
    /// mistake.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }
}
