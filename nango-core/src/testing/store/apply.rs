//! Guarantees 1, 2 and 3: what a change does.

use std::sync::Arc;

use super::rows::{
    again, assert_same, at, details, erase, fill, find, insert, key, one, record, state, update,
};
use crate::owner::Owner;
use crate::record::{Applied, Health, HealthState, Record, Removal, Version};
use crate::store::ConnectionStore;

/// A change is done if and only if the row has the version that it expects. Guarantee 1.
pub async fn done_only_on_the_expected_version(store: &Arc<dyn ConnectionStore>) {
    let (first, second, other) = (record(0), record(0), record(0));

    assert_eq!(one(store, update(&other, &first)).await, Applied::Stale, "no row to update");
    assert_eq!(one(store, erase(&other)).await, Applied::Stale, "no row to erase");
    assert!(find(store, &key(0)).await.is_none(), "a stale change writes nothing");

    assert_eq!(one(store, insert(&first)).await, Applied::Done, "no row, as expected");
    assert_eq!(one(store, insert(&other)).await, Applied::Stale, "there is a row");
    assert_eq!(one(store, update(&other, &second)).await, Applied::Stale, "another version");
    assert_eq!(one(store, erase(&other)).await, Applied::Stale, "another version to erase");
    assert_same(find(store, &key(0)).await.as_ref(), &first);

    assert_eq!(one(store, update(&first, &second)).await, Applied::Done, "the version expected");
    assert_eq!(one(store, update(&first, &other)).await, Applied::Stale, "the version before");
    assert_eq!(one(store, erase(&first)).await, Applied::Stale, "the version before, to erase");
    assert_same(find(store, &key(0)).await.as_ref(), &second);

    assert_eq!(one(store, erase(&second)).await, Applied::Done, "the version to erase");
    assert!(find(store, &key(0)).await.is_none(), "an erased row is gone");
}

/// A change that is applied a second time is stale. Guarantees 1 and 2.
pub async fn a_change_is_done_once(store: &Arc<dyn ConnectionStore>) {
    let first = record(0);
    let second = again(&first);
    for change in [insert(&first), update(&first, &second), erase(&second)] {
        assert_eq!(one(store, change.clone()).await, Applied::Done);
        assert_eq!(one(store, change.clone()).await, Applied::Stale);
        // Together with another one, it may take another way through the store.
        let applied = store.apply(&[change, insert(&record(1))]).await.unwrap();
        assert_eq!(applied[0], Applied::Stale);
    }
}

/// A row comes back as it was written, whatever its fields hold. Guarantee 1.
pub async fn keeps_every_field(store: &Arc<dyn ConnectionStore>) {
    let rich = Record {
        owner: Some(
            Owner::new("acme-prod/user", "a \u{1F980} 'quoted' \\ \"id\"").with_scope(Some("org; --")),
        ),
        removed: true,
        announced: false,
        look_again_at: Some(at(1_764_000_000_000_001)),
        ..record(0)
    };
    let mut state = state(i64::MAX);
    state.provider = "gøøgle \u{0}\u{7f}\u{2028}".to_owned();
    state.health = HealthState::new(Health::NeedsReconnect, at(-1));
    state.removal = Some(Removal::Gone);
    state.forced_at = Some(at(7));
    state.tags.insert("plan".to_owned(), "\u{1F980}'\"\\\n".repeat(60));
    let plain = Record { owner: None, details: state.into(), ..record(1) };
    let scoped = Record { owner: Some(Owner::new("user", "").with_scope(Some(""))), ..record(2) };
    let records = [rich, plain, scoped, record(3)];
    for record in &records {
        assert_eq!(one(store, insert(record)).await, Applied::Done);
        assert_same(find(store, &record.key).await.as_ref(), record);
    }
    let updated: Vec<_> = records.iter().map(again).collect();
    let changes: Vec<_> = records.iter().zip(&updated).map(|(a, b)| update(a, b)).collect();
    assert_eq!(store.apply(&changes).await.unwrap(), vec![Applied::Done; 4]);
    for record in &updated {
        assert_same(find(store, &record.key).await.as_ref(), record);
    }
    let page = store.page(None, 10).await.unwrap();
    for (found, expected) in page.iter().zip(&updated) {
        assert_same(Some(found), expected);
    }
}

/// Nothing of the row before is left. Guarantee 1.
pub async fn a_change_replaces_the_whole_row(store: &Arc<dyn ConnectionStore>) {
    let full = |n| Record {
        owner: Some(Owner::new("user", 1).with_scope(Some("acme"))),
        removed: true,
        announced: false,
        look_again_at: Some(at(1)),
        details: details(2),
        ..record(n)
    };
    let bare = |n| Record { owner: None, ..record(n) };
    let (before, after) = ([full(0), full(1), full(2)], [bare(0), bare(1), bare(2)]);
    fill(store, &before).await;
    assert_eq!(one(store, update(&before[0], &after[0])).await, Applied::Done);
    let rest = [update(&before[1], &after[1]), update(&before[2], &after[2])];
    assert_eq!(store.apply(&rest).await.unwrap(), [Applied::Done; 2]);
    for after in &after {
        assert_same(find(store, &after.key).await.as_ref(), after);
    }
}

/// An insert never takes an existing row over, from whomever it is. Guarantee 1.
pub async fn an_insert_does_not_replace_a_row(store: &Arc<dyn ConnectionStore>) {
    let mallory = Owner::new("user", "mallory");
    let theirs = [record(0), record(1)];
    fill(store, &theirs).await;
    let taken = theirs.clone().map(|record| Record { owner: Some(mallory.clone()), ..again(&record) });
    assert_eq!(one(store, insert(&taken[0])).await, Applied::Stale);
    let both = [insert(&taken[0]), insert(&taken[1])];
    assert_eq!(store.apply(&both).await.unwrap(), [Applied::Stale; 2]);
    assert!(store.list(&mallory).await.unwrap().is_empty());
    for record in &theirs {
        assert_same(find(store, &record.key).await.as_ref(), record);
    }
}

/// Every number but zero is a version. Guarantee 2.
pub async fn every_version_is_kept(store: &Arc<dyn ConnectionStore>) {
    let raw = [i64::MIN, i64::MIN + 1, -1, 1, 1 << 53, (1 << 53) + 1, i64::MAX - 1, i64::MAX];
    let mut records: Vec<_> = raw
        .iter()
        .enumerate()
        .map(|(n, raw)| Record { version: Version::from_raw(*raw).unwrap(), ..record(n) })
        .collect();
    fill(store, &records).await;
    for record in &mut records {
        let found = find(store, &record.key).await;
        assert_same(found.as_ref(), record);
        let near = Record { version: Version::from_raw(record.version.raw() ^ 2).unwrap(), ..record.clone() };
        assert_eq!(one(store, erase(&near)).await, Applied::Stale, "{near:?}");
    }
    let changes: Vec<_> = records.iter().map(erase).collect();
    assert_eq!(store.apply(&changes).await.unwrap(), vec![Applied::Done; raw.len()]);
}

/// Each change of a slice is for itself, and the results come in its order. Guarantee 3.
pub async fn a_stale_change_does_not_stop_the_others(store: &Arc<dyn ConnectionStore>) {
    use Applied::{Done, Stale};

    let before: Vec<_> = (0..6).map(record).collect();
    fill(store, &before).await;
    let after: Vec<_> = before.iter().map(again).collect();
    let unknown = |n: usize| Record { ..again(&before[n]) };
    let changes = [
        insert(&record(9)),
        update(&before[5], &after[5]),
        erase(&unknown(4)),
        insert(&after[3]),
        erase(&before[2]),
        update(&unknown(1), &after[1]),
        insert(&record(7)),
        update(&before[0], &after[0]),
        erase(&record(8)),
    ];
    let applied = store.apply(&changes).await.unwrap();
    assert_eq!(applied, [Done, Done, Stale, Stale, Done, Stale, Done, Done, Stale]);
    assert!(store.apply(&[]).await.unwrap().is_empty());

    let expected =
        [Some(&after[0]), Some(&before[1]), None, Some(&before[3]), Some(&before[4]), Some(&after[5])];
    for (n, expected) in expected.into_iter().enumerate() {
        let found = find(store, &key(n)).await;
        assert_eq!(found.map(|row| row.version), expected.map(|row| row.version), "row {n}");
    }
    assert!(find(store, &key(7)).await.is_some());
    assert!(find(store, &key(8)).await.is_none());
    assert!(find(store, &key(9)).await.is_some());
}

/// A sweep writes a page at once. Guarantee 3.
pub async fn a_batch_may_be_thousands_of_rows(store: &Arc<dyn ConnectionStore>) {
    const ROWS: usize = 3000;

    let before: Vec<_> = (0..ROWS).map(record).collect();
    // Some of the rows are there already, and stay as they are.
    let is_there = |n: usize| n.is_multiple_of(7);
    fill(store, &before.iter().step_by(7).cloned().collect::<Vec<_>>()).await;
    let new = |(n, row): (usize, &Record)| insert(&if is_there(n) { again(row) } else { row.clone() });
    let changes: Vec<_> = before.iter().enumerate().map(new).collect();
    let expected: Vec<_> =
        (0..ROWS).map(|n| if is_there(n) { Applied::Stale } else { Applied::Done }).collect();
    assert_eq!(store.apply(&changes).await.unwrap(), expected);
    let after: Vec<_> = before.iter().map(again).collect();
    // Backwards: what order the store writes in is its own affair.
    let changes: Vec<_> = before.iter().zip(&after).map(|(a, b)| update(a, b)).rev().collect();
    assert_eq!(store.apply(&changes).await.unwrap(), vec![Applied::Done; ROWS]);
    let keys: Vec<_> = (0..ROWS).map(key).collect();
    let found = store.get(&keys).await.unwrap();
    assert_eq!(found.len(), ROWS);
    for (found, expected) in found.iter().zip(&after) {
        assert_same(found.as_ref(), expected);
    }
    let changes: Vec<_> = after.iter().map(erase).collect();
    assert_eq!(store.apply(&changes).await.unwrap(), vec![Applied::Done; ROWS]);
    assert!(store.page(None, 1).await.unwrap().is_empty());
}
