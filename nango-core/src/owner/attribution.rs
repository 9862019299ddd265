//! Attribution: the owner that the tags of a connection name.

use std::fmt;

use super::owner::Owner;

/// The owner that tags name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribution {
    Owner(Owner),
    Failed(AttributionFailure),
}

/// The reason why tags do not name an owner that the app knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributionFailure {
    /// The tag `owner_kind` names a kind, or an app, that is not registered here.
    ForeignKind,
    /// The app has a name, and the tag `owner_kind`, which would have it, is missing: another app of
    /// the environment may have made the connection.
    MissingKind,
    /// No tag identifies an owner of any kind.
    NoIdentity,
    /// Several kinds claim the tags, and none is more specific than the others.
    SeveralKinds,
    /// The identity tag is not an id, or not its one spelling.
    UnreadableId,
}

impl AttributionFailure {
    /// Returns whether the tags do not name any owner at all, as is the case after a reconnect
    /// wiped them.
    pub(crate) fn is_unnamed(self) -> bool {
        self == Self::NoIdentity
    }
}

impl fmt::Display for AttributionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignKind => "the tag owner_kind names a kind or an app that is not registered",
            Self::MissingKind => {
                "the tag owner_kind is missing, and so the app's name; see NangoBuilder::adopt_unnamed"
            }
            Self::NoIdentity => "no tag identifies an owner",
            Self::SeveralKinds => "the tags identify owners of several kinds",
            Self::UnreadableId => "the identity tag is not an id",
        })
    }
}
