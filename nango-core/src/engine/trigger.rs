//! The trigger of a look, and its outcome.

use nango_client::{AuthEvent, Connection};

use crate::reconcile::{Finding, Observation};
use crate::record::Record;

/// The trigger of a look.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trigger<'a> {
    /// A delivery. The list answers without touching the credentials, and is believed where it does
    /// not contradict.
    Webhook(&'a AuthEvent),
    /// A mark that is due. No caller waits for it.
    Mark,
    /// A caller asks for the current state.
    Request,
    /// A caller asks Nango to refresh the credentials.
    ForcedRefresh,
}

/// The outcome of a look.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    /// The row after the look, if there is one.
    pub(crate) row: Option<Record>,
    pub(crate) finding: Finding,
    pub(super) observation: Observation,
}

impl Trigger<'_> {
    /// Returns whether another caller's look, which began after this trigger, is an answer to it.
    pub(super) fn is_answered_by(self, looked: &Looked) -> bool {
        match (self, &looked.observation) {
            (Trigger::ForcedRefresh, _) => false,
            (Trigger::Webhook(event), Observation::Found(found)) => {
                !found.origin.may_lag() || agrees(event, &found.connection)
            }
            (Trigger::Request, Observation::Found(found)) => !found.origin.may_lag(),
            (Trigger::Mark | Trigger::Webhook(_) | Trigger::Request, _) => true,
        }
    }
}

/// Returns whether the list's answer can be the state that the event is about.
pub(super) fn agrees(event: &AuthEvent, found: &Connection) -> bool {
    let broken = found.errors.iter().any(|error| error.kind == "auth");
    let same_tag = |(key, value): (&String, &String)| found.tags.get(key) == Some(value.as_str());
    let tags = event.tags.as_ref().is_none_or(|tags| tags.iter().all(same_tag));
    tags && broken != event.success
}
