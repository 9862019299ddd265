//! What is sent again: at once, after a connection was closed under a request, and later, by
//! background calls.
//!
//! A connection that closes before the response proves nothing about a request that was written: the
//! server may have closed it before it had read anything, and may have done everything but answer. So
//! a POST is repeated only after errors that come before the first byte of it: those to connect, and
//! those with which hyper returns a request that it has not begun to write. Of these, hyper itself
//! repeats what meets a closed connection of its pool.

use http::Method;

use super::transport::TransportError;
use crate::error::Error;

/// What may be repeated at once, on another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// A request that has the same effect when it arrives twice.
    WhenBroken,
    /// Any other: only if the server cannot have received it.
    WhenUnsent,
}

impl Repeat {
    /// Returns what may be repeated of calls of Nango's own API.
    pub(super) fn of(method: &Method) -> Self {
        if is_idempotent(method) { Self::WhenBroken } else { Self::WhenUnsent }
    }

    /// Returns what may be repeated of calls of a provider, which may count deletions and the like.
    pub(super) fn of_proxied(method: &Method) -> Self {
        if method.is_safe() { Self::WhenBroken } else { Self::WhenUnsent }
    }

    /// Returns `true` if a request that failed so is sent once more.
    pub(super) fn covers(self, error: &TransportError) -> bool {
        error.is_broken_connection() && (error.is_unsent() || self == Self::WhenBroken)
    }
}

/// Returns `true` for calls of Nango's own API that have the same effect when they arrive twice. Its
/// PATCH sets values and adds none, so that only POST is left.
fn is_idempotent(method: &Method) -> bool {
    method != Method::POST
}

/// Returns `true` if a background call may be made again after a pause: always if it is idempotent,
/// and otherwise only if the server cannot have received it.
pub(super) fn may_be_retried(method: &Method, error: &Error) -> bool {
    error.is_retryable() && (is_idempotent(method) || error.is_unsent())
}
