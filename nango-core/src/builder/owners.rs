//! The app's owners, and the connections that they make.

use nango_client::SessionDefaults;

use super::NangoBuilder;
use crate::owner::{Owner, TagMapper, Unnamed};

impl NangoBuilder {
    /// Registers a kind of owner. A kind whose tags contain another's identity tag goes before it:
    /// users before the organisations that they name.
    pub fn entity<E: TagMapper>(mut self) -> Self {
        self.kinds.register::<E>();
        self
    }

    /// Registers a kind of owner by its name and its tags, for tools that do not have the app's types.
    /// An app uses [`entity`](Self::entity).
    ///
    /// `tags` are the keys of all tags that the kind has, the identity tag among them.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.untyped_entity("user", "end_user_id", Some("organization_id"), &["end_user_id", "organization_id", "end_user_email"])
    /// # }
    /// ```
    pub fn untyped_entity(
        mut self,
        kind: &'static str,
        id_tag: &'static str,
        scope_tag: Option<&'static str>,
        tags: &'static [&'static str],
    ) -> Self {
        self.kinds.register_untyped(kind, id_tag, scope_tag, tags);
        self
    }

    /// Sets the name of the app, where several apps share one environment of Nango: none sees the
    /// others' connections then.
    ///
    /// Connections that were made under another name, or without one, do not belong to an owner of
    /// this app. [`adopt_unnamed`](Self::adopt_unnamed) claims the latter.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.kinds.name_app(name.into());
        self
    }

    /// Claims connections that do not have the app's [name](Self::app), for an app that got its name
    /// later, and writes the name into their tag `owner_kind`.
    ///
    /// Without it they are not this app's: in an environment that several apps share, another one
    /// may have made them. Set it only while no other app has such connections there, and remove it
    /// once a sweep has run.
    ///
    /// ```
    /// # use nango_core::{NangoBuilder, Unnamed};
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.app("billing").adopt_unnamed(Unnamed::OlderNames)
    /// # }
    /// ```
    pub fn adopt_unnamed(mut self, which: Unnamed) -> Self {
        self.kinds.adopt_unnamed(which);
        self
    }

    /// Sets the keys of connection handles: the first makes them, all are accepted. By default a
    /// key is derived from the API key, so that all handles change when that is rotated.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder, new: String, old: String) -> NangoBuilder {
    /// builder.handle_keys([new, old]) // the old one until no page has its handles
    /// # }
    /// ```
    pub fn handle_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.handle_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the defaults of every session, reconnects included.
    ///
    /// ```
    /// # use nango_core::{IntegrationDefaults, NangoBuilder, SessionDefaults};
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// let slack = IntegrationDefaults::new().user_scopes("channels:read");
    /// builder.session_defaults(SessionDefaults::new().integration("slack", slack))
    /// # }
    /// ```
    pub fn session_defaults(self, defaults: SessionDefaults) -> Self {
        self.session_defaults_with(move |_| defaults.clone())
    }

    /// Sets a function that returns the defaults of a session by its owner: for scopes that depend
    /// on the plan, or a subdomain that the app knows already.
    ///
    /// ```
    /// # use nango_core::{IntegrationDefaults, NangoBuilder, SessionDefaults};
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.session_defaults_with(|owner| match owner.kind() {
    ///     "organization" => SessionDefaults::new().integration("slack", IntegrationDefaults::new().user_scopes("chat:write")),
    ///     _ => SessionDefaults::new(),
    /// })
    /// # }
    /// ```
    pub fn session_defaults_with(
        mut self,
        defaults: impl Fn(&Owner) -> SessionDefaults + Send + Sync + 'static,
    ) -> Self {
        self.session_defaults = Box::new(defaults);
        self
    }

    /// Remembers the metadata of connections, and restores it where a reconnect has emptied it:
    /// Nango does that to connections by API key, basic auth and the like (observed on 0.71.4).
    ///
    /// The store then has a copy of it. It is as new as the last look, or the last
    /// [`metadata().set(..)`](crate::MetadataClient::set). To empty metadata for good, set it
    /// through [`MetadataClient`](crate::MetadataClient): one that is emptied elsewhere is taken
    /// for wiped.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.keep_metadata()
    /// # }
    /// ```
    pub fn keep_metadata(mut self) -> Self {
        self.keep_metadata = true;
        self
    }

    /// Sets the integrations that sessions may be created for. Required: to Nango, an empty list
    /// means all integrations.
    pub fn allowed_integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.allowed_integrations = ids.into_iter().map(Into::into).collect();
        self
    }
}
