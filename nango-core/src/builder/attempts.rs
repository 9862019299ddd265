//! Attempts, the guarded callback and labels.

use super::NangoBuilder;
use crate::boxed::BoxError;
use crate::connections::OwnedConnection;
use crate::nango::RefusalPage;

impl NangoBuilder {
    /// Tracks attempts: each session is one, and a page can ask what became of it, with the text
    /// `"attempt"` of the token routes and `GET /attempts/{attempt}`, or [`Nango::attempt`](crate::Nango::attempt).
    ///
    /// The id of the attempt goes to Nango as the tag `attempt_id`, so that an entity has at most eight
    /// tags of its own. It is kept with the connection and nowhere else: no table is needed. The texts
    /// are signed with keys that are derived from the [`handle_keys`](Self::handle_keys).
    pub fn track_attempts(mut self) -> Self {
        self.kinds.track_attempts();
        self.track_attempts = true;
        self
    }

    /// Guards the callback, for apps whose callback URL at the provider is `GET /oauth-callback` of the
    /// app: a code is passed on to Nango only if the browser that brings it has begun an attempt here.
    ///
    /// Without it, one can begin a session for oneself and send the provider's link to another person,
    /// whose account then is connected to the sender. No signature of Nango shows that.
    ///
    /// `url` is the public address of the callback. The token routes set a cookie for it: with https,
    /// `__Host-nango_attempt`; with http, which is for this machine only, `nango_attempt`. So they have
    /// to be on the callback's host, and called by the browser itself with its cookies. It is not for
    /// pages on another site, for web views that hand over to the system's browser, or for apps in a
    /// foreign frame. The cookie proves that an attempt was begun in this browser in the last half hour,
    /// and not that the code belongs to it.
    ///
    /// Any other browser gets a page that says so; [`callback_refusal`](Self::callback_refusal) sets its
    /// words. Sessions that the app creates by itself have no cookie.
    pub fn guard_callback(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Sets the words of the page that a browser gets whose callback is not passed on.
    ///
    /// ```
    /// # use nango_core::{NangoBuilder, RefusalPage};
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// let page = RefusalPage::new("en", "This sign-in was not started here").paragraph("Begin again in the app.");
    /// builder
    ///     .track_attempts()
    ///     .guard_callback("https://app.example.com/nango/oauth-callback")
    ///     .callback_refusal(page)
    /// # }
    /// ```
    pub fn callback_refusal(mut self, page: RefusalPage) -> Self {
        self.refusal_page = page;
        self
    }

    /// Sets a function that asks the provider for the name of a connection's account, such as
    /// `anna@example.com`, through the proxy. [`OwnedConnection::label`] returns it, and the list of
    /// connections has it.
    ///
    /// It is called once after a connect, and after a reconnect: where the connection has come back from
    /// [`NeedsReconnect`](crate::Health::NeedsReconnect), and, while attempts are
    /// [tracked](Self::track_attempts), each time. It has five seconds. After a failure the label is
    /// asked for again with growing pauses, eight times. The label is kept in the store and not sent to
    /// Nango.
    ///
    /// ```
    /// # use nango_core::OwnedConnection;
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.label_with(|connection: OwnedConnection| async move {
    ///     let (path, field) = match connection.provider() {
    ///         "google" | "google-mail" => ("/oauth2/v3/userinfo", "/email"),
    ///         "slack" => ("/auth.test", "/team"),
    ///         "github" => ("/user", "/login"),
    ///         _ => return Ok(None),
    ///     };
    ///     let reply = connection.proxy().get(path).send().await?;
    ///     let account: serde_json::Value = reply.json()?;
    ///     Ok(account.pointer(field).and_then(|text| text.as_str()).map(str::to_owned))
    /// })
    /// # }
    /// ```
    pub fn label_with<F, Fut>(mut self, label: F) -> Self
    where
        F: Fn(OwnedConnection) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, BoxError>> + Send + 'static,
    {
        self.label = Some(Box::new(move |connection| Box::pin(label(connection))));
        self
    }
}
