//! The error of a call that did not end in time.

use crate::store::{StoreError, StoreErrorKind};

pub(super) fn late(attempt: &'static str) -> StoreError {
    let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
    StoreError::new(StoreErrorKind::Unavailable, late).with_attempt(attempt)
}
