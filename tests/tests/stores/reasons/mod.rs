//! The texts of stores' errors, in situations that a database can be in.

mod mysql;
mod postgres;
mod sqlite;

use std::error::Error;

use nango_core::testing::store::{again, insert, live, update};
use nango_core::{ConnectionKey, ConnectionStore, Owner, Record, StoreError};

/// No server listens on port 1, and no text may have this password.
const PASSWORD: &str = "c0ffee-password";

/// Asserts the whole text, and that nothing that a log could print has a marker in it.
#[track_caller]
pub(crate) fn assert_reads(error: &StoreError, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_eq!(format!("{error:?}"), text);
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        let printed = format!("{error} {error:?} {error:#?}");
        assert!(!printed.contains("c0ffee"), "{printed}");
        next = error.source();
    }
    let cause = error.cause().unwrap();
    assert!(text.contains(&cause.to_string()), "the cause is in the text");
}

/// A row in whose every part is a marker.
fn marked() -> Record {
    live(ConnectionKey::new("slack", "c0ffee-id"), Owner::new("user", "c0ffee-owner"))
}

pub(crate) async fn insert_marked(store: &dyn ConnectionStore) -> Result<(), StoreError> {
    store.apply(&[insert(&marked())]).await.map(drop)
}

/// Inserts two rows, and gives the second one the marked owner of the first. The table allows it
/// once.
async fn duplicate_marked(store: &dyn ConnectionStore) -> StoreError {
    insert_marked(store).await.unwrap();
    let other = live(ConnectionKey::new("slack", "other"), Owner::new("user", "other"));
    store.apply(&[insert(&other)]).await.unwrap();
    let stolen = Record { owner: Some(Owner::new("user", "c0ffee-owner")), ..again(&other) };
    // Two changes: MySQL cannot say of one whether its row or another index is in the way.
    let third = live(ConnectionKey::new("slack", "third"), Owner::new("user", "third"));
    store.apply(&[update(&other, &stolen), insert(&third)]).await.unwrap_err()
}
