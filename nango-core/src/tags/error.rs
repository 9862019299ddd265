//! Why a tag cannot be.

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
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// Two fields give the same key.
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
    /// The value is longer than Nango takes.
    #[error("the value of tag {key:?} has {units} UTF-16 units; Nango takes 255 at most")]
    LongValue {
        /// The key.
        key: String,
        /// Its length in UTF-16 code units.
        units: usize,
    },
    /// Nango checks this one tag to be an e-mail address.
    #[error("the value of tag \"end_user_email\" is not an e-mail address")]
    NotAnEmail,
    /// Nango answers 500 to U+0000.
    #[error("the value of tag {key:?} contains U+0000")]
    NulInValue {
        /// The key.
        key: String,
    },
    /// `owner_kind` is set by core.
    #[error("tag \"owner_kind\" is set by the library; give yours another name")]
    Reserved,
    /// Nango allows ten tags, and one of them is ours.
    #[error("a connection can have 9 tags of its own")]
    TooMany,
    /// The value is not of the type that it was made from.
    #[error("the value of tag {key:?} cannot be read back")]
    Unreadable {
        /// The key.
        key: String,
    },
}
