//! Rows and changes to test with.

use std::collections::BTreeMap;

use crate::owner::Owner;
use crate::record::{Applied, Change, Details, Health, HealthState, Record, State, Version};
use crate::store::ConnectionStore;
use nango_client::{ConnectionKey, Timestamp};

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// Returns a key. Keys sort as their numbers do.
pub(super) fn key(n: usize) -> ConnectionKey {
    ConnectionKey::new("slack", format!("connection-{n:06}"))
}

/// Returns a live row without pending work, owned by `user 1`.
pub(super) fn record(n: usize) -> Record {
    record_of(key(n))
}

pub(super) fn record_of(key: ConnectionKey) -> Record {
    live(key, Owner::new("user", 1))
}

/// Returns a live row without pending work, for a test or a benchmark of your own.
#[must_use]
pub fn live(key: ConnectionKey, owner: Owner) -> Record {
    Record {
        key,
        version: Version::random(),
        owner: Some(owner),
        removed: false,
        announced: true,
        look_again_at: None,
        details: details(1),
    }
}

pub(super) fn details(incarnation: i64) -> Details {
    state(incarnation).into()
}

pub(super) fn state(incarnation: i64) -> State {
    let health = HealthState::new(Health::Healthy, at(1_700_000_001_654_321));
    State {
        tags: BTreeMap::from([("end_user_id".to_owned(), "1".to_owned())]),
        ..State::new(incarnation, "slack".to_owned(), at(1_700_000_000_123_456), health)
    }
}

/// Returns the row with a new version.
#[must_use]
pub fn again(record: &Record) -> Record {
    Record { version: Version::random(), ..record.clone() }
}

/// Returns the change that inserts a row.
#[must_use]
pub fn insert(next: &Record) -> Change {
    Change::replace(None, next.clone())
}

/// Returns the change from one version of a row to another.
#[must_use]
pub fn update(previous: &Record, next: &Record) -> Change {
    Change::replace(Some(previous.version), next.clone())
}

/// Returns the change that erases a row at this version.
#[must_use]
pub fn erase(previous: &Record) -> Change {
    Change::erase(previous.key.clone(), previous.version)
}

/// Applies one change.
pub(super) async fn one(store: &dyn ConnectionStore, change: Change) -> Applied {
    let applied = store.apply(&[change]).await.unwrap();
    assert_eq!(applied.len(), 1, "one change has one result");
    applied[0]
}

/// Inserts new rows.
pub(super) async fn fill(store: &dyn ConnectionStore, records: &[Record]) {
    let changes: Vec<_> = records.iter().map(insert).collect();
    let applied = store.apply(&changes).await.unwrap();
    assert_eq!(applied, vec![Applied::Done; records.len()]);
}

pub(super) async fn find(store: &dyn ConnectionStore, key: &ConnectionKey) -> Option<Record> {
    let mut found = store.get(std::slice::from_ref(key)).await.unwrap();
    assert_eq!(found.len(), 1, "one key has one answer");
    found.pop().flatten()
}

pub(super) fn keys(records: &[Record]) -> Vec<ConnectionKey> {
    records.iter().map(|record| record.key.clone()).collect()
}

/// Compares the parts that `Debug` leaves out, too.
#[track_caller]
pub(super) fn assert_same(found: Option<&Record>, expected: &Record) {
    let Some(found) = found else {
        panic!("the row is missing");
    };
    let text = |record: &Record| {
        let owner = record.owner.as_ref();
        (
            record.key.connection_id().to_owned(),
            record.version,
            owner.map(|owner| (owner.id().to_owned(), owner.scope().map(str::to_owned))),
            record.look_again_at,
            record.details.to_json(),
        )
    };
    assert_eq!(text(found), text(expected));
    assert_eq!(found, expected);
}
