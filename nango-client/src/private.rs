//! Items for generated code and for `nango-core`. Not covered by semantic versioning.

use bytes::Bytes;

use crate::tags::{Tag, TagError, TagValue, Tags};
use crate::webhook::Delivery;

/// Reads the body of a delivery that was verified before it was put where only the app writes.
#[must_use]
pub fn trusted_delivery(body: &Bytes) -> Delivery {
    Delivery::read(body)
}

/// Returns a value as the text of a tag.
#[inline]
#[must_use]
pub fn text<T: TagValue + ?Sized>(value: &T) -> String {
    value.to_tag()
}

/// Sets tags up to the first error. A value that Nango would refuse is none: its tag is left out.
///
/// A `?` for each field would do the same, and add a branch and a conversion for the compiler to
/// check for each.
#[derive(Debug)]
pub struct TagWriter<'a> {
    tags: &'a mut Tags,
    outcome: Result<(), TagError>,
}

impl<'a> TagWriter<'a> {
    /// Creates a writer that has set no tag yet.
    #[inline]
    #[must_use]
    pub fn new(tags: &'a mut Tags) -> Self {
        Self { tags, outcome: Ok(()) }
    }

    /// Sets a tag, unless there was an error before. The derive has checked the key.
    #[inline]
    pub fn insert(&mut self, key: &'static str, value: String) {
        if self.outcome.is_ok() {
            self.outcome = self.tags.__insert_with_checked_key(key, value);
        }
    }

    /// Lends the tags to a flattened part, whose outcome goes to [`record`](Self::record).
    pub fn tags(&mut self) -> &mut Tags {
        self.tags
    }

    /// Records the outcome of a flattened part.
    pub fn record(&mut self, outcome: Result<(), TagError>) {
        if self.outcome.is_ok() {
            self.outcome = outcome;
        }
    }

    /// Returns the first error.
    ///
    /// # Errors
    ///
    /// Those of [`Tags::insert_or_leave_out`].
    #[inline]
    pub fn finish(self) -> Result<(), TagError> {
        self.outcome
    }
}

/// Returns one tag for reading back.
pub fn tag<'a, T: ?Sized>(tags: &'a Tags, key: &'static str) -> Tag<'a, T> {
    Tag::of(tags, key)
}
