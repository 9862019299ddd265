//! Stores that break the contract, each in one way, and the test that says so.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use nango_core::testing::store::{Case, cases};
use nango_core::{
    Applied, Change, ConnectionKey, ConnectionStore, Lease, MemoryStore, Owner, Record, StoreError,
    Timestamp, Version, async_trait,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    DropsAnUpdate,
    IgnoresTheOwner,
    IgnoresTheScope,
    AppliesInTwoSteps,
    StartsOverWhenARowIsGone,
    TakesAnEmptyIdForNoKey,
    SortsByIdAlone,
    TakesARowByInsertingIt,
    KeepsTheOldOwner,
    AllOrNothing,
    FoldsCase,
    TrimsSpaces,
    CountsMilliseconds,
    ListsRemovedRows,
    PendsLiveRowsOnly,
    PendsByKey,
    PendsUnheardRowsFirst,
    PagesLiveRowsOnly,
    KeepsNoTombstones,
    WritesInTwoParts,
    ForgetsTheLimit,
    ReadsACopy,
    ComparesWithTheNewVersion,
    LeasesForEver,
    LetsAnyoneRelease,
    LeasesToAnyone,
    ForgetsALeasesName,
    MarksWithTheOldVersion,
    MarksForALaterTime,
    MarksInTwoSteps,
    ChecksByMarking,
}

struct Broken {
    fault: Fault,
    rows: Mutex<BTreeMap<ConnectionKey, Record>>,
    /// What `rows` were when they were last read.
    copy: Mutex<BTreeMap<ConnectionKey, Record>>,
    leases: MemoryStore,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        let (rows, copy, leases) = Default::default();
        Self { fault, rows, copy, leases }
    }

    fn key(&self, key: &ConnectionKey) -> ConnectionKey {
        let id = key.connection_id();
        match self.fault {
            Fault::FoldsCase => ConnectionKey::new(key.integration(), id.to_lowercase()),
            Fault::TrimsSpaces => ConnectionKey::new(key.integration(), id.trim_end_matches(' ')),
            _ => key.clone(),
        }
    }

    fn record(&self, mut record: Record) -> Record {
        if self.fault == Fault::CountsMilliseconds {
            let at = record.look_again_at.map(|at| at.as_micros() / 1000 * 1000);
            record.look_again_at = at.and_then(Timestamp::from_micros);
        }
        record
    }

    fn write(&self, change: &Change) -> Applied {
        let mut rows = self.rows.lock().unwrap();
        let key = self.key(change.key());
        let there = rows.get(&key).cloned();
        let is_expected = match self.fault {
            Fault::TakesARowByInsertingIt if change.expected().is_none() => true,
            Fault::ComparesWithTheNewVersion if change.next().is_some() => {
                let version = there.as_ref().map(|row| row.version);
                version == change.expected() || version == change.next().map(|next| next.version)
            }
            _ => there.as_ref().map(|row| row.version) == change.expected(),
        };
        if !is_expected {
            return Applied::Stale;
        }
        match change.next() {
            None => drop(rows.remove(&key)),
            Some(next) if next.removed && self.fault == Fault::KeepsNoTombstones => drop(rows.remove(&key)),
            Some(_) if there.is_some() && self.fault == Fault::DropsAnUpdate => {}
            Some(next) => {
                let mut next = self.record(next.clone());
                if let (Some(there), Fault::KeepsTheOldOwner) = (there, self.fault) {
                    next.owner = there.owner;
                }
                rows.insert(key, next);
            }
        }
        Applied::Done
    }

    fn all(&self) -> Vec<Record> {
        let mut all: Vec<_> = self.rows.lock().unwrap().values().cloned().collect();
        if self.fault == Fault::SortsByIdAlone {
            all.sort_by_key(|row| row.key.connection_id().to_owned());
        }
        all
    }
}

#[async_trait]
impl ConnectionStore for Broken {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        let rows = self.rows.lock().unwrap().clone();
        let rows = match self.fault {
            Fault::ReadsACopy => std::mem::replace(&mut *self.copy.lock().unwrap(), rows),
            _ => rows,
        };
        Ok(keys.iter().map(|key| rows.get(&self.key(key)).cloned()).collect())
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let before = self.rows.lock().unwrap().clone();
        let mut applied = Vec::new();
        for change in changes {
            if self.fault == Fault::AppliesInTwoSteps {
                let version = self.rows.lock().unwrap().get(change.key()).map(|row| row.version);
                tokio::task::yield_now().await;
                let mut rows = self.rows.lock().unwrap();
                match change.next() {
                    _ if version != change.expected() => applied.push(Applied::Stale),
                    Some(next) => {
                        rows.insert(change.key().clone(), next.clone());
                        applied.push(Applied::Done);
                    }
                    None => {
                        rows.remove(change.key());
                        applied.push(Applied::Done);
                    }
                }
            } else if let (Fault::WritesInTwoParts, Some(next), Some(old)) =
                (self.fault, change.next(), before.get(change.key()))
            {
                let half = Record { version: next.version, owner: next.owner.clone(), ..old.clone() };
                let half = self.rows.lock().unwrap().insert(change.key().clone(), half);
                tokio::time::sleep(Duration::from_micros(200)).await;
                let mut rows = self.rows.lock().unwrap();
                let done = half.map(|row| row.version) == change.expected();
                rows.insert(change.key().clone(), if done { next.clone() } else { old.clone() });
                applied.push(if done { Applied::Done } else { Applied::Stale });
            } else {
                applied.push(self.write(change));
            }
        }
        if self.fault == Fault::AllOrNothing && applied.contains(&Applied::Stale) {
            *self.rows.lock().unwrap() = before;
            return Ok(vec![Applied::Stale; changes.len()]);
        }
        Ok(applied)
    }

    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        let mut marked = Vec::new();
        for key in keys.iter().map(|key| self.key(key)) {
            let there = self.rows.lock().unwrap().get(&key).cloned();
            if self.fault == Fault::MarksInTwoSteps {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            let mut rows = self.rows.lock().unwrap();
            let there = if self.fault == Fault::MarksInTwoSteps { there } else { rows.get(&key).cloned() };
            marked.push(there.is_some());
            let Some(row) = there else { continue };
            let version = match self.fault {
                Fault::MarksWithTheOldVersion => row.version,
                _ => Version::random(),
            };
            let at = match self.fault {
                Fault::MarksForALaterTime => at,
                _ => row.look_again_at.map_or(at, |due| due.min(at)),
            };
            let next = self.record(Record { version, look_again_at: Some(at), ..row });
            rows.insert(key, next);
        }
        Ok(marked)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let theirs = |row: &Record| match (self.fault, &row.owner) {
            (Fault::IgnoresTheOwner, _) => true,
            (Fault::IgnoresTheScope, Some(theirs)) => {
                (theirs.kind(), theirs.id()) == (owner.kind(), owner.id())
            }
            (_, theirs) => theirs.as_ref() == Some(owner),
        };
        let live = |row: &Record| !row.removed || self.fault == Fault::ListsRemovedRows;
        Ok(self.all().into_iter().filter(|row| live(row) && theirs(row)).collect())
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let mut all = self.all();
        all.retain(|row| !row.removed || self.fault != Fault::PagesLiveRowsOnly);
        let start = match (self.fault, after) {
            (_, None) => 0,
            (Fault::TakesAnEmptyIdForNoKey, Some(key)) if key.connection_id().is_empty() => 0,
            (Fault::StartsOverWhenARowIsGone | Fault::SortsByIdAlone, Some(key)) => {
                all.iter().position(|row| &row.key == key).map_or(0, |at| at + 1)
            }
            (_, Some(key)) => all.partition_point(|row| &row.key <= key),
        };
        Ok(all.into_iter().skip(start).take(limit).collect())
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        let is_pending = |row: &Record| {
            (!row.announced || row.look_again_at.is_some_and(|at| at <= now))
                && (!row.removed || self.fault != Fault::PendsLiveRowsOnly)
        };
        let limit = if self.fault == Fault::ForgetsTheLimit { usize::MAX } else { limit };
        let mut pending: Vec<_> = self.all().into_iter().filter(is_pending).collect();
        let due = |row: &Record| row.look_again_at.filter(|at| *at <= now);
        match self.fault {
            Fault::PendsByKey => {}
            Fault::PendsUnheardRowsFirst => pending.sort_by_key(|row| (row.announced, due(row))),
            _ => pending.sort_by_key(|row| (due(row).is_none(), due(row))),
        }
        pending.truncate(limit);
        Ok(pending)
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.fault == Fault::ChecksByMarking {
            let keys: Vec<_> = self.all().into_iter().map(|row| row.key).collect();
            self.mark(&keys, Timestamp::now()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Lease for Broken {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        let span = if self.fault == Fault::LeasesForEver { Duration::from_secs(3600) } else { span };
        let name = if self.fault == Fault::ForgetsALeasesName { "lease" } else { name };
        let holder = if self.fault == Fault::LeasesToAnyone { "anyone" } else { holder };
        self.leases.lease().unwrap().acquire(name, holder, span).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let lease = self.leases.lease().unwrap();
        if self.fault == Fault::LetsAnyoneRelease {
            for anyone in ["a", "b"] {
                lease.release(name, anyone).await?;
            }
        }
        lease.release(name, holder).await
    }
}

/// The cases that fail.
fn failures(fault: Fault) -> BTreeSet<&'static str> {
    let fails = |case: &Case| {
        let run = || case.run(async || Broken::new(fault));
        catch_unwind(AssertUnwindSafe(run)).is_err()
    };
    cases().iter().filter(|case| fails(case)).map(Case::name).collect()
}

#[test]
fn each_fault_fails_the_test_that_is_named_for_it() {
    // The cases are to panic, a hundred times over. Nothing else is in this binary.
    std::panic::set_hook(Box::new(|_| {}));
    let faults = [
        (Fault::None, None),
        (Fault::DropsAnUpdate, Some("concurrent_writers_lose_no_update")),
        (Fault::IgnoresTheOwner, Some("owners_are_isolated")),
        (Fault::IgnoresTheScope, Some("owners_are_isolated")),
        (Fault::AppliesInTwoSteps, Some("concurrent_writers_lose_no_update")),
        (Fault::StartsOverWhenARowIsGone, Some("page_is_stable_while_rows_change")),
        (Fault::TakesAnEmptyIdForNoKey, Some("page_begins_at_an_integration")),
        (Fault::SortsByIdAlone, Some("page_is_ordered_and_resumable")),
        (Fault::TakesARowByInsertingIt, Some("an_insert_does_not_replace_a_row")),
        (Fault::KeepsTheOldOwner, Some("a_change_replaces_the_whole_row")),
        (Fault::AllOrNothing, Some("a_stale_change_does_not_stop_the_others")),
        (Fault::FoldsCase, Some("keys_compare_byte_by_byte")),
        (Fault::TrimsSpaces, Some("keys_compare_byte_by_byte")),
        (Fault::CountsMilliseconds, Some("timestamps_are_kept_to_the_microsecond")),
        (Fault::ListsRemovedRows, Some("list_leaves_removed_rows_out")),
        (Fault::PendsLiveRowsOnly, Some("pending_gives_removed_rows")),
        (Fault::PendsByKey, Some("pending_gives_due_looks_first")),
        (Fault::PendsUnheardRowsFirst, Some("pending_gives_due_looks_first")),
        (Fault::PagesLiveRowsOnly, Some("page_gives_removed_rows")),
        (Fault::KeepsNoTombstones, Some("a_tombstone_stays_until_it_is_erased_or_revived")),
        (Fault::WritesInTwoParts, Some("concurrent_readers_see_whole_rows")),
        (Fault::ForgetsTheLimit, Some("pending_gives_no_more_than_the_limit")),
        (Fault::ReadsACopy, Some("get_sees_what_was_done")),
        (Fault::ComparesWithTheNewVersion, Some("a_change_is_done_once")),
        (Fault::LeasesForEver, Some("a_lease_ends_by_itself")),
        (Fault::LetsAnyoneRelease, Some("a_lease_is_released_by_its_holder_only")),
        (Fault::LeasesToAnyone, Some("a_lease_has_one_holder")),
        (Fault::ForgetsALeasesName, Some("leases_have_names")),
        (Fault::MarksWithTheOldVersion, Some("a_mark_changes_the_version_and_the_time_of_the_look")),
        (Fault::MarksForALaterTime, Some("a_mark_changes_the_version_and_the_time_of_the_look")),
        (Fault::MarksInTwoSteps, Some("marks_and_writers_do_not_lose_each_other")),
        (Fault::ChecksByMarking, Some("a_check_leaves_no_trace")),
    ];
    // At once: the leases' cases spend their time asleep.
    let failures: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            faults.map(|(fault, _)| scope.spawn(move || failures(fault))).into_iter().collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    drop(std::panic::take_hook());
    let caught: BTreeSet<_> = failures.iter().flatten().copied().collect();
    let all: BTreeSet<_> = cases().iter().map(Case::name).collect();
    assert_eq!(caught, all, "every case fails on some store");
    for ((fault, named), failures) in faults.into_iter().zip(failures) {
        match named {
            Some(named) => assert!(failures.contains(named), "{fault:?} fails {failures:?}"),
            None => assert!(failures.is_empty(), "a sound store fails {failures:?}"),
        }
    }
}
