//! The filter of a list of records.

/// The records that a list keeps.
///
/// Nango's filter is a list of words, but with `deleted` and another one it leaves the deleted records
/// out (observed on 0.71.4), so that only the lists that mean what they say are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordFilter {
    /// Records that have not changed since they were added.
    Added,
    /// Records that were deleted.
    Deleted,
    /// Records that were not deleted.
    Live,
    /// Records that have changed since they were added, and were not deleted.
    Updated,
}

impl RecordFilter {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Deleted => "deleted",
            Self::Live => "added,updated",
            Self::Updated => "updated",
        }
    }
}
