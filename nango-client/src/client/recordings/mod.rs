//! A walk over everything that was recorded of a Nango server: each reply is read by the type that the
//! client reads it with, and no field is lost; each failure becomes the right kind of error. Those of
//! webhooks are walked over in `webhook::recordings`.

mod exchange;
mod failures;
mod replies;

use std::cell::RefCell;

use serde_json::{Map, Value};

pub(crate) use exchange::webhooks;

thread_local! {
    static UNKNOWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes the fields that a type did not know.
pub(super) fn note_unknown(fields: &Map<String, Value>) {
    UNKNOWN.with_borrow_mut(|noted| noted.extend(fields.keys().cloned()));
}

/// Returns the fields that were noted, and forgets them.
fn take_unknown() -> Vec<String> {
    UNKNOWN.take()
}
