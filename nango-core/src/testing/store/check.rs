//! Guarantee 9: checks.

use std::sync::Arc;
use std::time::Duration;

use super::rows::{fill, record};
use crate::store::ConnectionStore;

/// A check of a store that works succeeds, changes no row, and leaves each lease to its holder.
/// Guarantee 9.
pub async fn a_check_leaves_no_trace(store: &Arc<dyn ConnectionStore>) {
    store.check().await.unwrap();
    assert!(store.page(None, 10).await.unwrap().is_empty(), "a check adds no row");
    fill(store, &[record(0), record(1)]).await;
    if let Some(lease) = store.lease() {
        assert!(lease.acquire("sweep", "a", Duration::from_secs(60)).await.unwrap());
    }
    let before = store.page(None, 10).await.unwrap();
    let (one, other) = tokio::join!(store.check(), store.check());
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(store.page(None, 10).await.unwrap(), before, "a check changes no row");
    if let Some(lease) = store.lease() {
        assert!(!lease.acquire("sweep", "b", Duration::from_secs(60)).await.unwrap());
    }
}
