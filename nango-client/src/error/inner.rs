//! The parts of an error.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use super::cause::Cause;
use super::kind::ErrorKind;
use crate::tags::TagError;

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: ErrorKind,
    pub(super) attempt: Option<Attempt>,
    pub(super) code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) source: Option<Source>,
    pub(super) raw: Option<Arc<dyn StdError + Send + Sync>>,
    /// `true` if the server cannot have received the request.
    pub(super) is_unsent: bool,
}

/// The purpose of a call, and its server.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) what: &'static str,
    /// The thing that Nango does not have, where that is the failure.
    pub(super) missing: &'static str,
    pub(super) host: Arc<str>,
    /// `true` if the app has named a proxy.
    pub(super) is_proxied: bool,
}

#[derive(Clone)]
pub(super) enum Source {
    Cause(Cause),
    Tags(TagError),
}
