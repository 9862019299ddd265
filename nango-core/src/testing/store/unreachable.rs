//! Guarantee 7: an unavailable database.

use std::sync::Arc;

use super::rows::{insert, key, record};
use crate::owner::Owner;
use crate::store::{ConnectionStore, StoreErrorKind};

/// A store reports an unavailable database as such, keeps the reason, and can be retried. Guarantee
/// 7.
///
/// The one guarantee that [`store_suite!`](crate::testing::store_suite) cannot test: call this with
/// a store whose database is unavailable.
pub async fn unreachable_is_retryable(store: Arc<dyn ConnectionStore>) {
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
    ];
    for (call, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("call {call} worked: is the database available?"));
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "call {call}");
        assert!(error.is_retryable(), "call {call}");
        assert!(std::error::Error::source(&error).is_some(), "call {call}");
        assert!(!error.to_string().contains(first.connection_id()), "call {call}");
    }
}
