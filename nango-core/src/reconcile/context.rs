//! The circumstances of a change.

use nango_client::Timestamp;

use crate::owner::OwnerKinds;

/// The circumstances under which rows are changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) kinds: &'a OwnerKinds,
    pub(crate) now: Timestamp,
    /// `true` if there is a handler to notify of changes.
    pub(crate) notify: bool,
    /// `true` if metadata is remembered, to restore it.
    pub(crate) keep_metadata: bool,
}
