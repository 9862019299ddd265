//! Errors of a configuration.

/// A configuration that would not work, found before anything is served.
///
/// `Debug` shows the text of `Display`, so that an error that `main` returns is readable.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The client cannot be made: its host, its key or the system's TLS set-up does not work.
    #[error(transparent)]
    Client(#[from] nango_client::ConfigError),
    /// Two entity types have the same kind.
    #[error("the kind {kind:?} is registered twice; give one entity another `#[nango(kind = \"..\")]`")]
    DuplicateKind {
        /// The kind.
        kind: &'static str,
    },
    /// A key for handles is empty.
    #[error("a handle key is empty; name keys with text in `.handle_keys([..])` or `NANGO_HANDLE_KEY`")]
    EmptyHandleKey,
    /// The app's name goes before a slash in the tag `owner_kind`.
    #[error("the app's name is empty or contains a slash; write it like `.app(\"billing\")`")]
    InvalidAppName,
    /// A guarded callback is at an address that browsers reach.
    #[error(
        "the address of the guarded callback is neither https nor http on this machine; write it like \
         `.guard_callback(\"https://app.example.com/nango/oauth-callback\")`"
    )]
    InvalidCallbackUrl,
    /// The share of the rate limit that looks may take.
    #[error(
        "the share of the rate limit for looks is not above 0 and at most 0.5; write it like `.look_share(0.3)`"
    )]
    InvalidLookShare,
    /// A browser's origin is scheme, host and port.
    #[error(
        "the trusted origin in place {position} is not an origin; write it like https://app.example.com, \
         https://*.preview.example.com or capacitor://localhost, in lower case and without a slash at its end"
    )]
    InvalidOrigin {
        /// Its place in the list, from 1.
        position: usize,
    },
    /// A kind whose tags contain another kind's identity tag has to be registered before it.
    #[error("register the entity of kind {first:?} before {then:?}, whose identity tag it also carries")]
    KindOrder {
        /// The more specific kind.
        first: &'static str,
        /// The more general one.
        then: &'static str,
    },
    /// While attempts are tracked, `attempt_id` is the library's.
    #[error(
        "the entity of kind {kind:?} has a tag `attempt_id`, which is the library's while attempts are tracked; rename the \
         field, or remove `.track_attempts()`"
    )]
    ReservedTag {
        /// The kind.
        kind: &'static str,
    },
    /// While attempts are tracked, an entity has at most eight tags: Nango takes ten, and two are the
    /// library's.
    #[error(
        "the entity of kind {kind:?} has more than 8 tags, which is too many while attempts are tracked, since Nango takes ten; \
         keep those that tell connections apart, or remove `.track_attempts()`"
    )]
    TooManyTags {
        /// The kind.
        kind: &'static str,
    },
    /// No entity type is registered.
    #[error("no entity is registered; call `.entity::<User>()`")]
    MissingEntity,
    /// A worker of events has no handler to run.
    #[error(
        "the event worker has no handler to run; set it with `.handler(..)` on the builder of the handle"
    )]
    MissingHandler,
    /// No integration is allowed. To Nango an empty list means all of them.
    #[error("no integration is allowed; name them with `.allowed_integrations([..])`")]
    MissingIntegration,
    /// An environment variable is missing.
    #[error(
        "the environment variable {name} is not set; Nango's dashboard has its value, under Environment settings"
    )]
    MissingVariable {
        /// Its name.
        name: &'static str,
    },
}

nango_client::__debug_as_display!(ConfigError);
