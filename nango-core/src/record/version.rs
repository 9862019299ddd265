//! The version of a row.

use std::num::NonZeroI64;

/// The version of a row: a random number that is not zero. Compared for equality, never for order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(NonZeroI64);

impl Version {
    /// Returns the version that a store kept; `None` for zero, which is not a version.
    #[must_use]
    pub fn from_raw(raw: i64) -> Option<Self> {
        NonZeroI64::new(raw).map(Self)
    }

    /// Returns the number to keep.
    #[must_use]
    pub fn raw(self) -> i64 {
        self.0.get()
    }

    pub(crate) fn random() -> Self {
        loop {
            if let Some(version) = Self::from_raw(rand::random()) {
                return version;
            }
        }
    }
}
