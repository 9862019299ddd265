//! Events that no row remembers.

use bytes::Bytes;
use nango_client::{AsyncActionEvent, AuthEvent, ForwardEvent, SyncEvent};

use crate::owner::AttributionFailure;
use crate::record::Record;

/// An event of which the app is notified at most once: no row remembers it.
#[derive(Debug)]
pub(crate) enum Notice {
    ActionCompleted(AsyncActionEvent),
    ConnectFailed { event: AuthEvent, live: Option<Record> },
    OtherEnvironment { integration: String, environment: String },
    OwnerConflict(Record),
    Quarantined { integration: String, why: AttributionFailure },
    SyncCompleted(SyncEvent),
    Unrecognized(Bytes),
    WebhookForwarded(ForwardEvent),
}
