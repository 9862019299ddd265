//! Tags that cannot be set, or not read back.

/// A tag that Nango would refuse, or that does not read back.
///
/// It names the key, never the value: values are personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagError {
    /// The key breaks a rule of [`TagKey`](super::TagKey).
    #[error("tag key {key:?} is not allowed: {reason}")]
    BadKey {
        /// The key as given.
        key: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The key is set already.
    #[error("tag {key:?} is set twice")]
    Duplicate {
        /// The key.
        key: String,
    },
    /// The value is empty. Leave the tag out instead: an `Option` field that is `None` does so.
    #[error("the value of tag {key:?} is empty; leave the tag out instead")]
    EmptyValue {
        /// The key.
        key: String,
    },
    /// The value is longer than Nango allows.
    #[error("the value of tag {key:?} has {units} UTF-16 units; Nango allows 255 at most")]
    LongValue {
        /// The key.
        key: String,
        /// Its length in UTF-16 code units.
        units: usize,
    },
    /// Nango requires this one tag to be an e-mail address.
    #[error("the value of tag \"end_user_email\" is not an e-mail address")]
    NotAnEmail,
    /// The value contains U+0000, on which Nango fails with status 500.
    #[error("the value of tag {key:?} contains U+0000")]
    NulInValue {
        /// The key.
        key: String,
    },
    /// The key belongs to a library on top of this crate, such as `owner_kind` to `nango-core`.
    #[error("tag {key:?} is set by the library; use another key")]
    Reserved {
        /// The key.
        key: String,
    },
    /// The connection has as many tags as it can have.
    #[error("a connection can have at most {max} tags of its own")]
    TooMany {
        /// The number that is allowed.
        max: usize,
    },
    /// The value cannot be parsed as the type that it was written from.
    #[error("the value of tag {key:?} cannot be read back")]
    Unreadable {
        /// The key.
        key: String,
    },
}
