//! Guarantees 1 and 6: rows of connections that have ended.

use std::sync::Arc;

use super::pending::pending;
use super::rows::{
    again, assert_same, at, details, erase, fill, find, insert, key, keys, one, record, state, update,
};
use crate::owner::Owner;
use crate::record::{Applied, Record, Removal};
use crate::store::{ConnectionStore, StoreErrorKind};

/// `list` returns live rows only; `get` returns removed ones, too. Guarantee 6.
pub async fn list_leaves_removed_rows_out(store: &Arc<dyn ConnectionStore>) {
    let owner = Owner::new("user", 1);
    let live = record(0);
    let tombstone = Record { removed: true, ..again(&live) };
    fill(store, &[live.clone(), record(1)]).await;
    assert_eq!(store.list(&owner).await.unwrap().len(), 2);
    assert_eq!(one(store, update(&live, &tombstone)).await, Applied::Done);
    assert_eq!(keys(&store.list(&owner).await.unwrap()), [key(1)]);
    assert_same(find(store, &key(0)).await.as_ref(), &tombstone);
    let revived = again(&live);
    assert_eq!(one(store, update(&tombstone, &revived)).await, Applied::Done);
    assert_eq!(store.list(&owner).await.unwrap().len(), 2);
}

/// `page` returns removed rows, too. Guarantee 6.
pub async fn page_gives_removed_rows(store: &Arc<dyn ConnectionStore>) {
    let tombstone = Record { owner: None, removed: true, ..record(1) };
    fill(store, &[record(0), tombstone, record(2)]).await;
    assert_eq!(keys(&store.page(None, 10).await.unwrap()), [key(0), key(1), key(2)]);
}

/// Tombstones are pending like any other row. Guarantee 6.
pub async fn pending_gives_removed_rows(store: &Arc<dyn ConnectionStore>) {
    let gone = |n| Record { removed: true, ..record(n) };
    let unheard = Record { announced: false, ..gone(0) };
    let due = Record { owner: None, look_again_at: Some(at(1)), ..gone(1) };
    fill(store, &[unheard, due, gone(2)]).await;
    assert_eq!(pending(store, at(1)).await, [key(0), key(1)]);
}

/// After an erasure, "no row" is what the next change has to expect. Guarantee 1.
pub async fn an_erased_row_can_be_made_again(store: &Arc<dyn ConnectionStore>) {
    let (first, second) = (record(0), record(0));
    fill(store, std::slice::from_ref(&first)).await;
    assert_eq!(one(store, erase(&first)).await, Applied::Done);
    assert_eq!(one(store, update(&first, &second)).await, Applied::Stale);
    assert_eq!(one(store, insert(&second)).await, Applied::Done);
    assert_same(find(store, &key(0)).await.as_ref(), &second);
}

/// A tombstone stays until it is erased, keeps its owner until a change removes it, and can become
/// another owner's live row. Guarantees 1 and 6.
pub async fn a_tombstone_stays_until_it_is_erased_or_revived(store: &Arc<dyn ConnectionStore>) {
    let (one_owner, another) = (Owner::new("user", 1), Owner::new("user", 2));
    let live = record(0);
    let mut ended = state(1);
    ended.removal = Some(Removal::Gone);
    let tombstone = Record { removed: true, announced: false, details: ended.into(), ..again(&live) };
    let anonymous = Record { owner: None, announced: true, ..again(&tombstone) };
    let anew = Record { owner: Some(another.clone()), details: details(2), ..record(0) };
    let gone = Record { owner: None, removed: true, ..again(&anew) };

    fill(store, std::slice::from_ref(&live)).await;
    let mut before = live;
    for (next, of_one, of_another) in [(tombstone, 0, 0), (anonymous, 0, 0), (anew, 0, 1), (gone, 0, 0)] {
        assert_eq!(one(store, insert(&next)).await, Applied::Stale, "there is a row");
        assert_eq!(one(store, update(&before, &next)).await, Applied::Done);
        assert_same(find(store, &key(0)).await.as_ref(), &next);
        assert_same(store.page(None, 10).await.unwrap().first(), &next);
        assert_eq!(store.list(&one_owner).await.unwrap().len(), of_one);
        assert_eq!(store.list(&another).await.unwrap().len(), of_another);
        before = next;
    }
    assert_eq!(one(store, erase(&before)).await, Applied::Done);
    assert!(store.page(None, 10).await.unwrap().is_empty());
    let again = record(0);
    assert_eq!(one(store, insert(&again)).await, Applied::Done);
    assert_eq!(store.list(&one_owner).await.unwrap(), [again]);
}

/// A store reports an unavailable database as such and can be retried. Guarantee
/// 7.
///
/// The one guarantee that [`store_suite!`](crate::testing::store_suite) cannot test: call this with
/// a store whose database is unavailable.
pub async fn unreachable_is_retryable(store: &dyn ConnectionStore) {
    let first = key(0);
    let now = nango_client::Timestamp::now();
    let owner = Owner::new("user", 1);
    let errors = [
        store.get(std::slice::from_ref(&first)).await.err(),
        store.get(&[first.clone(), key(1)]).await.err(),
        store.apply(&[insert(&record(0))]).await.err(),
        store.apply(&[insert(&record(0)), insert(&record(1))]).await.err(),
        store.list(&owner).await.err(),
        store.page(None, 1).await.err(),
        store.page(Some(&first), 1).await.err(),
        store.pending(now, 1).await.err(),
        store.check().await.err(),
    ];
    for (call, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("call {call} worked: is the database available?"));
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "call {call}");
        assert!(error.is_retryable(), "call {call}");
        assert!(!error.to_string().contains(first.connection_id()), "call {call}");
    }
}
