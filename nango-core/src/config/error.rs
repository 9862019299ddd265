//! Why a configuration cannot be.

/// A configuration that would not work, found before anything is served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The app's name goes before a slash in the tag `owner_kind`.
    #[error("the app's name is empty or contains a slash")]
    AppName,
    /// Two entity types have the same kind.
    #[error("the kind {kind:?} is registered twice; give one entity another `#[nango(kind = \"..\")]`")]
    DuplicateKind {
        /// The kind.
        kind: &'static str,
    },
    /// The key for handles is empty.
    #[error("the handle key is empty")]
    EmptyHandleKey,
    /// The host is not the address of a server.
    #[error("the Nango host must be an http or https address without query, such as https://api.nango.dev")]
    Host,
    /// A kind whose tags contain another kind's identity tag has to be registered before it.
    #[error("register the entity of kind {first:?} before {then:?}, whose identity tag it also carries")]
    KindOrder {
        /// The more specific kind.
        first: &'static str,
        /// The more general one.
        then: &'static str,
    },
    /// An environment variable is missing.
    #[error("the environment variable {name} is not set")]
    MissingVariable {
        /// Its name.
        name: &'static str,
    },
    /// No entity type is registered.
    #[error("no entity is registered; call `.entity::<User>()`")]
    NoEntity,
    /// No integration is allowed. To Nango an empty list means all of them.
    #[error("no integration is allowed; name them with `.allowed_integrations([..])`")]
    NoIntegration,
    /// A browser's origin is scheme, host and port.
    #[error("a trusted origin must look like https://app.example.com")]
    Origin,
    /// A key is empty, or has characters that no HTTP header can have.
    #[error("the {what} is empty or has characters that a key cannot have")]
    UnusableKey {
        /// Which key.
        what: &'static str,
    },
    /// The HTTP client cannot be made, because of the system's TLS set-up.
    #[error("the HTTP client cannot be set up")]
    HttpClient,
}
