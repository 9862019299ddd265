//! Guarantees 4 and 6: what is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rows::{
    again, assert_same, at, erase, fill, find, insert, key, keys, one, record, record_of, update,
};
use crate::owner::Owner;
use crate::record::{Applied, Record};
use crate::store::ConnectionStore;
use nango_client::{ConnectionKey, Timestamp};

/// A change that was done is visible to the next reader, on any connection to the database.
/// Guarantee 4.
pub async fn get_sees_what_was_done(store: &Arc<dyn ConnectionStore>) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            let mut current = record(n);
            assert_eq!(one(&store, insert(&current)).await, Applied::Done);
            for _ in 0..10 {
                assert_same(find(&store, &key(n)).await.as_ref(), &current);
                let next = again(&current);
                assert_eq!(one(&store, update(&current, &next)).await, Applied::Done);
                current = next;
            }
            let theirs = store.list(&Owner::new("user", 1)).await.unwrap();
            assert!(theirs.contains(&current));
            assert_eq!(one(&store, erase(&current)).await, Applied::Done);
            assert!(find(&store, &key(n)).await.is_none());
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

/// One answer for each key, in their order. Guarantee 4.
pub async fn get_answers_in_the_order_of_the_keys(store: &Arc<dyn ConnectionStore>) {
    let records = [record(0), record(2)];
    fill(store, &records).await;
    let found = store.get(&[key(2), key(1), key(0), key(2), key(3)]).await.unwrap();
    let found: Vec<_> = found.iter().map(|row| row.as_ref().map(|row| row.version)).collect();
    let [zero, two] = records.map(|row| Some(row.version));
    assert_eq!(found, [two, None, zero, two, None]);
    assert!(store.get(&[]).await.unwrap().is_empty());
    assert_eq!(store.get(&[key(1)]).await.unwrap(), [None]);
}

/// An owner is its kind, its id and its scope; no row of another is listed. Guarantee 6.
pub async fn owners_are_isolated(store: &Arc<dyn ConnectionStore>) {
    let acme = |owner: Owner| owner.with_scope(Some("acme"));
    let owners = [
        Owner::new("user", 1),
        Owner::new("user", 2),
        Owner::new("organization", 1),
        acme(Owner::new("user", 1)),
        Owner::new("user", 1).with_scope(Some("globex")),
        Owner::new("user", 1).with_scope(Some("")),
    ];
    let mut records = Vec::new();
    for round in 0..3 {
        for (n, owner) in owners.iter().enumerate() {
            records.push(Record { owner: Some(owner.clone()), ..record(round * 10 + n) });
        }
    }
    records.push(Record { owner: None, ..record(99) });
    fill(store, &records).await;
    for owner in &owners {
        let theirs = store.list(owner).await.unwrap();
        assert_eq!(theirs.len(), 3, "{owner:?}");
        assert!(theirs.iter().all(|row| row.owner.as_ref() == Some(owner)), "{owner:?}");
    }
    for stranger in [Owner::new("user", 3), Owner::new("", ""), acme(Owner::new("user", 2))] {
        assert!(store.list(&stranger).await.unwrap().is_empty());
    }
    // A row that changes hands is in one list only.
    let moved = Record { owner: Some(owners[1].clone()), ..again(&records[0]) };
    assert_eq!(one(store, update(&records[0], &moved)).await, Applied::Done);
    assert_eq!(store.list(&owners[0]).await.unwrap().len(), 2);
    assert!(store.list(&owners[1]).await.unwrap().contains(&moved));
}

/// A list is sorted by key. Guarantees 5 and 6.
pub async fn list_is_sorted_by_key(store: &Arc<dyn ConnectionStore>) {
    let mut records: Vec<_> = (0..20).map(|n| record((n * 7) % 20)).collect();
    records.push(record_of(ConnectionKey::new("a", "z")));
    records.push(record_of(ConnectionKey::new("z", "a")));
    fill(store, &records).await;
    let mut sorted = keys(&records);
    sorted.sort();
    assert_eq!(keys(&store.list(&Owner::new("user", 1)).await.unwrap()), sorted);
}

/// A page starts after a key, is as long as it can be, and the last one is shorter. Guarantees 5
/// and 6.
pub async fn page_is_ordered_and_resumable(store: &Arc<dyn ConnectionStore>) {
    assert!(store.page(None, 10).await.unwrap().is_empty());
    let mut records: Vec<_> = (0..25).map(|n| record((n * 11) % 25)).collect();
    records.extend((0..5).map(|n| record_of(ConnectionKey::new("hubspot", key(n).connection_id()))));
    fill(store, &records).await;
    let mut sorted = keys(&records);
    sorted.sort();

    let mut seen = Vec::new();
    loop {
        let page = store.page(seen.last(), 7).await.unwrap();
        assert_eq!(page.len(), 7.min(sorted.len().saturating_sub(seen.len())));
        if page.is_empty() {
            break;
        }
        seen.extend(keys(&page));
    }
    assert_eq!(seen, sorted);
    let missing = ConnectionKey::new("hubspot", "connection-000002-no-such-row");
    assert_eq!(keys(&store.page(Some(&missing), 1).await.unwrap()), sorted[3..4]);
    assert!(store.page(None, 0).await.unwrap().is_empty());
}

/// A key with an empty connection id is before all rows of its integration, and after all rows of the
/// integrations before it, also of one whose name it begins with. Guarantee 6.
pub async fn page_begins_at_an_integration(store: &Arc<dyn ConnectionStore>) {
    let integrations = ["a", "slack", "slack ", "slack-2", "slacks", "z"];
    let keys_of = |integration| ["!", "0", "~"].map(|id| ConnectionKey::new(integration, id));
    let records: Vec<_> = integrations.into_iter().flat_map(keys_of).map(record_of).collect();
    fill(store, &records).await;
    for (n, integration) in integrations.into_iter().enumerate() {
        let page = store.page(Some(&ConnectionKey::new(integration, "")), 4).await.unwrap();
        let expected = &records[n * 3..records.len().min(n * 3 + 4)];
        assert_eq!(keys(&page), keys(expected), "{integration:?}");
    }
    let none = store.page(Some(&ConnectionKey::new("zz", "")), 4).await.unwrap();
    assert!(none.is_empty());
}

/// A walk over all pages sees every row that stayed all the time, once, whatever happens to the
/// others. Guarantee 6.
pub async fn page_is_stable_while_rows_change(store: &Arc<dyn ConnectionStore>) {
    let even: Vec<_> = (0..40).map(|n| record(n * 2)).collect();
    fill(store, &even).await;
    let mut rows: Vec<_> = even.iter().map(|row| (row.clone(), true)).collect();
    let mut seen = Vec::new();
    let mut step = 0;
    loop {
        let page = keys(&store.page(seen.last(), 5).await.unwrap());
        let Some(last) = page.last().cloned() else { break };
        seen.extend(page);
        assert!(seen.len() < 100, "the pages have no end");
        // The very row that the next page starts after goes, one ahead goes, one before and one
        // ahead come, and some are written.
        for (row, stays) in &mut rows {
            let ahead = row.key == key(step * 20 + 30);
            if *stays && (row.key == last || ahead) {
                assert_eq!(one(store, erase(row)).await, Applied::Done);
                *stays = false;
            } else if *stays {
                let next = again(row);
                assert_eq!(one(store, update(row, &next)).await, Applied::Done);
                *row = next;
            }
        }
        one(store, insert(&record(step * 2 + 1))).await;
        one(store, insert(&record(71 - step * 2))).await;
        step += 1;
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "a row was given twice");
    assert!(seen.is_sorted(), "a page was out of order");
    let missed = rows.iter().filter(|(row, stays)| *stays && !distinct.contains(&row.key));
    assert_eq!(missed.count(), 0, "rows that were there all the time were not given");
}

/// A time comes back to the microsecond, from the first one to the last.
pub async fn timestamps_are_kept_to_the_microsecond(store: &Arc<dyn ConnectionStore>) {
    let first = "-009999-01-02T01:59:59Z".parse::<Timestamp>();
    let times = [
        first.ok(),
        Some(at(-1)),
        Some(at(0)),
        Some(at(1)),
        Some(at(1_764_000_000_999_999)),
        Some(at(1_764_000_001_000_000)),
        "9999-12-30T22:00:00.999999Z".parse().ok(),
    ];
    for (n, time) in times.into_iter().enumerate() {
        let record = Record { look_again_at: time, ..record(n) };
        fill(store, std::slice::from_ref(&record)).await;
        let found = find(store, &record.key).await;
        assert_eq!(found.and_then(|row| row.look_again_at), time);
    }
}
