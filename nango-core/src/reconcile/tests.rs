//! The rules one by one, and the invariants of every history.

use proptest::prelude::*;

use nango_client::{Connection, ConnectionError, ConnectionKey, TagError, Tags, Timestamp};
use serde_json::Map;

use super::health::Credentials;
use super::observation::{FoundConnection, Origin};
use super::*;
use crate::owner::{AttributionFailure, Owner, OwnerKinds, TagMapper};
use crate::record::{Change, Health, Record, Removal, Transition, UnknownHealth};

struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];
    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }
    fn to_tags(&self) -> Result<Tags, TagError> {
        Ok(Tags::new())
    }
}

fn kinds() -> OwnerKinds {
    let mut kinds = OwnerKinds::default();
    kinds.register::<User>();
    kinds
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

/// Returns a connection of `user`, or one without tags.
fn connection(incarnation: i64, user: Option<&str>) -> Connection {
    let tags = user.map(|user| ("end_user_id".to_owned(), user.to_owned()));
    let mut connection = Connection::new(ConnectionKey::new("slack", "c"), incarnation, "slack", at(0));
    connection.tags = Tags::from_nango(tags.into_iter().collect());
    connection
}

fn seen(incarnation: i64, user: Option<&str>) -> Observation {
    found(connection(incarnation, user), Origin::Resource)
}

fn found(connection: Connection, origin: Origin) -> Observation {
    Observation::Found(Box::new(FoundConnection {
        connection,
        credentials: Credentials::NotRefused,
        origin,
        attempt: None,
        reported: None,
    }))
}

fn broken(log_id: &str) -> Observation {
    let mut connection = connection(1, Some("alice"));
    connection.errors.push(ConnectionError::new("auth", log_id));
    found(connection, Origin::Resource)
}

fn reconcile(row: Option<&Record>, seen: &Observation) -> Reconciled {
    Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false }
        .reconcile(row, seen)
}

/// Returns the row after these observations, the first one without a row.
fn after(looks: &[Observation]) -> Option<Record> {
    let mut row: Option<Record> = None;
    for seen in looks {
        if let Some(change) = reconcile(row.as_ref(), seen).change {
            assert_eq!(change.expected(), row.as_ref().map(|row| row.version));
            row = change.next().cloned();
        }
    }
    row
}

fn owner(row: &Record) -> Option<&str> {
    row.owner.as_ref().map(Owner::id)
}

fn disconnected(row: &Record) -> Record {
    let change = Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false }
        .disconnected(row);
    change.next().cloned().unwrap()
}

#[test]
fn a_new_connection_belongs_to_the_owner_that_its_tags_name() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    assert_eq!(owner(&row), Some("alice"));
    assert_eq!(row.state().health.health, Health::Healthy);
    assert!(!row.announced && !row.removed);
}

#[test]
fn a_connection_without_identifying_tags_is_not_stored() {
    let Reconciled { change, finding, .. } = reconcile(None, &seen(1, None));
    assert!(change.is_none());
    assert_eq!(finding, Finding::Quarantined(AttributionFailure::NoIdentity));
}

#[test]
fn a_missing_connection_without_a_row_creates_none() {
    assert!(after(&[Observation::Missing]).is_none());
    assert!(after(&[Observation::UnknownIntegration]).is_none());
}

#[test]
fn wiped_tags_keep_the_owner_and_are_restored() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let Reconciled { change, finding, repair } = reconcile(Some(&row), &seen(1, None));
    assert_eq!(owner(change.unwrap().next().unwrap()), Some("alice"));
    assert_eq!(finding, Finding::Nothing);
    let Repair { tags, metadata, .. } = repair.unwrap();
    assert_eq!((tags.unwrap().get("end_user_id"), metadata), (Some("alice"), None));
}

#[test]
fn metadata_that_a_reconnect_emptied_is_restored_where_the_app_wants_it_kept() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), notify: true, keep_metadata: true, labels: false };
    let general: Map<_, _> = [("channel".to_owned(), "general".into())].into_iter().collect();
    let with = |metadata: &Map<String, serde_json::Value>, user, origin| {
        let mut connection = connection(1, user);
        connection.metadata.clone_from(metadata);
        found(connection, origin)
    };
    let row = context.reconcile(None, &with(&general, Some("alice"), Origin::Resource)).change.unwrap();
    let row = row.next().unwrap();
    let wiped = context.reconcile(Some(row), &with(&Map::new(), Some("alice"), Origin::Resource));
    assert_eq!(wiped.repair, Some(Repair { incarnation: 1, tags: None, metadata: Some(general.clone()) }));
    let next = wiped.change.unwrap().next().cloned().unwrap();
    assert_eq!((next.look_again_at, &next.state().metadata), (Some(at(31)), &general));

    let both = context.reconcile(Some(row), &with(&Map::new(), None, Origin::Resource)).repair.unwrap();
    assert_eq!((both.tags.unwrap().len(), both.metadata), (1, Some(general.clone())));
    let foreign = context.reconcile(Some(row), &with(&Map::new(), Some("bob"), Origin::Resource));
    assert_eq!((foreign.finding, foreign.repair), (Finding::OwnerConflict, None));

    let emptied = context.metadata_set(row, &Map::new()).next().cloned().unwrap();
    assert_eq!(
        context.reconcile(Some(&emptied), &with(&Map::new(), Some("alice"), Origin::Resource)).repair,
        None
    );
    let random: Map<_, _> = [("channel".to_owned(), "random".into())].into_iter().collect();
    for list in [Origin::List, Origin::Sweep] {
        let old = context.reconcile(Some(row), &with(&random, Some("alice"), list)).change.unwrap();
        let old = old.next().unwrap();
        assert_eq!((&old.state().metadata, old.look_again_at), (&general, Some(at(6))), "a list may lag");
    }
    let newer = context.reconcile(Some(row), &with(&random, Some("alice"), Origin::Resource)).change.unwrap();
    assert_eq!(newer.next().unwrap().state().metadata, random);

    let not_asked = Context { keep_metadata: false, ..context };
    let row = not_asked.reconcile(None, &with(&general, Some("alice"), Origin::Resource)).change.unwrap();
    assert!(row.next().unwrap().state().metadata.is_empty(), "the app did not ask for it");
}

#[test]
fn a_transfer_is_notified_under_the_new_owner() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), notify: true, keep_metadata: false, labels: false };
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let notified = context.acknowledged(&row).next().cloned().unwrap();
    let tags = connection(1, Some("bob")).tags;
    let change = context.transferred(&notified, &Owner::new("user", "bob"), &tags);
    let next = change.next().unwrap();
    assert_eq!(
        (change.expected(), owner(next), next.announced),
        (Some(notified.version), Some("bob"), false)
    );
    let looked = context.reconcile(Some(next), &seen(1, Some("bob")));
    assert_eq!((looked.finding, looked.repair), (Finding::Nothing, None));
}

#[test]
fn tags_that_name_another_owner_are_reported_and_neither_believed_nor_overwritten() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let Reconciled { change, finding, repair } = reconcile(Some(&row), &seen(1, Some("bob")));
    let next = change.unwrap().next().cloned().unwrap();
    assert_eq!(owner(&next), Some("alice"));
    assert_eq!(next.state().tags["end_user_id"], "alice");
    assert_eq!(finding, Finding::OwnerConflict);
    assert!(repair.is_none());
}

#[test]
fn a_higher_incarnation_is_a_new_connection_and_a_lower_one_is_stale() {
    let row = after(&[seen(1, Some("alice")), seen(2, Some("bob"))]).unwrap();
    assert_eq!((owner(&row), row.state().incarnation), (Some("bob"), 2));
    let Reconciled { change, finding, .. } = reconcile(Some(&row), &seen(1, Some("alice")));
    let next = change.unwrap().next().cloned().unwrap();
    assert_eq!((owner(&next), next.state().incarnation, finding), (Some("bob"), 2, Finding::Nothing));
    let unowned = after(&[seen(1, Some("alice")), seen(2, None)]).unwrap();
    assert!(unowned.removed, "the old connection has ended, whatever owner has the new one");
}

#[test]
fn gone_may_come_back_and_disconnected_may_not() {
    let gone = after(&[seen(1, Some("alice")), Observation::Missing]).unwrap();
    assert!(gone.removed && gone.state().health.health == Health::Gone);
    assert!(!after(&[seen(1, Some("alice")), Observation::Missing, seen(1, None)]).unwrap().removed);

    let row = disconnected(&after(&[seen(1, Some("alice"))]).unwrap());
    for look in [seen(1, Some("alice")), seen(1, None), Observation::Missing, Observation::UnknownIntegration]
    {
        let next = reconcile(Some(&row), &look).change.unwrap().next().cloned().unwrap();
        assert!(next.removed && next.state().removal == Some(Removal::Disconnected), "{look:?}");
    }
    let anew = reconcile(Some(&row), &seen(2, Some("alice"))).change.unwrap();
    assert!(!anew.next().unwrap().removed, "made again under the same id");
}

#[test]
fn disconnecting_wins_over_gone() {
    let gone = after(&[seen(1, Some("alice")), Observation::Missing]).unwrap();
    assert_eq!(disconnected(&gone).state().removal, Some(Removal::Disconnected));
}

#[test]
fn a_renamed_integration_is_not_the_connections_fault() {
    let row = after(&[seen(1, Some("alice")), Observation::UnknownIntegration]).unwrap();
    assert_eq!(row.state().health.health, Health::Unknown(UnknownHealth::Integration));
    assert!(!row.removed);
    let healed =
        after(&[seen(1, Some("alice")), Observation::UnknownIntegration, seen(1, Some("alice"))]).unwrap();
    assert_eq!(healed.state().health.health, Health::Healthy);
}

#[test]
fn only_changes_are_notified_and_every_look_renews_the_version() {
    let context = Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false };
    let first = after(&[seen(1, Some("alice"))]).unwrap();
    let notified = context.acknowledged(&first).next().cloned().unwrap();
    assert!(notified.announced);
    let same = context.reconcile(Some(&notified), &seen(1, Some("alice"))).change.unwrap();
    assert!(same.next().unwrap().announced);
    assert_ne!(same.next().unwrap().version, notified.version);
    let worse = context.reconcile(Some(&notified), &broken("1")).change.unwrap();
    assert!(!worse.next().unwrap().announced);
    assert!(worse.next().unwrap().look_again_at.is_some());
}

#[test]
fn a_tombstone_drops_its_owner_once_it_was_notified() {
    let context = Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false };
    let gone = after(&[seen(1, Some("alice")), Observation::Missing]).unwrap();
    assert_eq!(owner(&gone), Some("alice"));
    let notified = context.acknowledged(&gone).next().cloned().unwrap();
    assert!(notified.owner.is_none() && notified.state().tags.is_empty(), "tags are personal data, too");
    let quiet = Context { notify: false, ..context };
    let live = after(&[seen(1, Some("alice"))]).unwrap();
    let ended = quiet.disconnected(&live).next().cloned().unwrap();
    assert!(ended.owner.is_none() && ended.state().tags.is_empty());
}

#[test]
fn a_mark_becomes_a_connection_or_nothing() {
    let context = Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false };
    let key = ConnectionKey::new("slack", "c");
    let mark = Record::mark(key.clone(), at(1));
    assert!(mark.removed && mark.announced && mark.look_again_at == Some(at(1)));
    let made = context.reconcile(Some(&mark), &seen(1, Some("alice"))).change.unwrap();
    assert_eq!((owner(made.next().unwrap()), made.next().unwrap().look_again_at), (Some("alice"), None));
    for look in [Observation::Missing, Observation::UnknownIntegration, seen(1, None)] {
        let change = context.reconcile(Some(&mark), &look).change.unwrap();
        assert!(change.next().is_none() && change.expected() == Some(mark.version), "{look:?}");
    }
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let marked = Change::mark(&row, at(1)).next().cloned().unwrap();
    assert_eq!((marked.look_again_at, marked.owner == row.owner), (Some(at(1)), true));
}

#[test]
fn an_observation_that_may_lag_is_repeated_when_it_changed_something() {
    let lagging = found(connection(1, Some("alice")), Origin::List);
    let row = after(std::slice::from_ref(&lagging)).unwrap();
    assert_eq!(row.look_again_at, Some(at(6)));
    let twice = after(&[lagging.clone(), lagging.clone()]).unwrap();
    assert_eq!(twice.look_again_at, Some(at(6)), "an observation that may lag does not replace that look");
    let swept = found(connection(1, Some("alice")), Origin::Sweep);
    assert_eq!(
        after(&[lagging.clone(), swept.clone()]).unwrap().look_again_at,
        Some(at(6)),
        "nor is a sweep"
    );
    let context = Context { kinds: &kinds(), now: at(6), notify: true, keep_metadata: false, labels: false };
    let due = context.reconcile(Some(&twice), &swept).change.unwrap();
    assert_eq!(due.next().unwrap().look_again_at, None, "except for a look that is due");
    assert_eq!(after(&[lagging, seen(1, Some("alice"))]).unwrap().look_again_at, None);
    let wiped = after(&[seen(1, Some("alice")), seen(1, None)]).unwrap();
    assert_eq!(wiped.look_again_at, Some(at(31)), "tags were restored");
}

#[test]
fn another_look_does_not_replace_the_one_after_a_repair() {
    let kinds = kinds();
    let look = |row: &Record, seconds, seen| {
        let context =
            Context { kinds: &kinds, now: at(seconds), notify: true, keep_metadata: false, labels: false };
        context.reconcile(Some(row), &seen).change.unwrap().next().cloned().unwrap()
    };
    let wiped = after(&[seen(1, Some("alice")), seen(1, None)]).unwrap();
    let soon = look(&wiped, 6, seen(1, Some("alice")));
    assert_eq!(soon.look_again_at, Some(at(31)));
    let due = look(&soon, 31, seen(1, Some("alice")));
    assert_eq!((due.look_again_at, due.state().repaired), (None, None));
}

#[test]
fn a_repair_that_does_not_last_is_repeated_with_growing_pauses() {
    let kinds = kinds();
    let mut row = after(&[seen(1, Some("alice"))]).unwrap();
    let mut pauses = Vec::new();
    let mut seconds = 1;
    for _ in 0..10 {
        let context =
            Context { kinds: &kinds, now: at(seconds), notify: true, keep_metadata: false, labels: false };
        let Reconciled { change, repair, .. } = context.reconcile(Some(&row), &seen(1, None));
        assert!(repair.is_some());
        row = change.unwrap().next().cloned().unwrap();
        let again = row.look_again_at.unwrap().as_micros() / 1_000_000;
        pauses.push(again - seconds);
        seconds = again;
    }
    assert_eq!(pauses[..4], [30, 60, 120, 240]);
    assert_eq!(pauses[9], 3_600);
}

#[test]
fn a_mark_is_cleared_by_an_older_incarnation() {
    let context = Context { kinds: &kinds(), now: at(1), notify: true, keep_metadata: false, labels: false };
    let row = after(&[seen(2, Some("alice"))]).unwrap();
    let marked = Change::mark(&row, at(1)).next().cloned().unwrap();
    let looked = reconcile(Some(&marked), &seen(1, Some("bob"))).change.unwrap();
    let next = looked.next().unwrap();
    assert_eq!((next.look_again_at, owner(next), next.state().incarnation), (None, Some("alice"), 2));
    for list in [Origin::List, Origin::Sweep] {
        assert!(reconcile(Some(&marked), &found(connection(1, Some("bob")), list)).change.is_none());
    }
    assert_eq!(context.unmarked(&marked).next().unwrap().look_again_at, None);
    let mark = Record::mark(row.key.clone(), at(1));
    assert!(context.unmarked(&mark).next().is_none());
}

#[test]
fn a_row_remembers_the_state_of_which_the_app_was_notified_until_it_is_notified_of_the_next() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), notify: true, keep_metadata: false, labels: false };
    let made = after(&[seen(1, Some("alice"))]).unwrap();
    assert_eq!(made.state().notified, None);
    let row = context.acknowledged(&made).next().cloned().unwrap();
    assert_eq!(row.state().notified, Some(made.notified_state()));
    let failed = reconcile(Some(&row), &broken("1")).change.unwrap().next().cloned().unwrap();
    assert!(!failed.announced && failed.state().notified == row.state().notified);
    let recreated = reconcile(Some(&failed), &seen(2, Some("bob"))).change.unwrap().next().cloned().unwrap();
    assert_eq!(recreated.state().notified, Some(made.notified_state()), "the app knows the key");
    let revoked = context.ack_revoked(&recreated, &failed).next().cloned().unwrap();
    assert_eq!(revoked.state().notified, Some(failed.notified_state()));
    let gone = context.acknowledged(&disconnected(&failed)).next().cloned().unwrap();
    let state = gone.state().notified.clone().unwrap();
    assert_eq!(
        (state.removed, state.health, state.owner),
        (true, Health::Gone, None),
        "nothing personal stays"
    );
    assert_eq!(context.owner_erased(&failed).next().unwrap().state().health.cause(), None);
}

#[test]
fn a_change_has_one_key_whatever_else_is_written() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), notify: true, keep_metadata: false, labels: false };
    let made = after(&[seen(1, Some("alice"))]).unwrap();
    let looked = reconcile(Some(&made), &seen(1, Some("alice"))).change.unwrap().next().cloned().unwrap();
    let acknowledged = context.acknowledged(&looked).next().cloned().unwrap();
    let key = made.notification_key();
    assert_eq!((looked.notification_key(), acknowledged.notification_key()), (key.clone(), key.clone()));
    let bob = Owner::new("user", "bob");
    let transferred = context.transferred(&made, &bob, &Tags::new()).next().cloned().unwrap();
    let back = context.transferred(&transferred, made.owner.as_ref().unwrap(), &Tags::new());
    let revoked = context.ack_revoked(&made, &transferred);
    for other in [&transferred, back.next().unwrap(), revoked.next().unwrap()] {
        assert_ne!(other.notification_key(), key);
    }
}

#[test]
fn a_change_says_what_it_means() {
    let transition = |row: Option<&Record>, seen: &Observation| {
        let change = reconcile(row, seen).change.unwrap();
        (change.transition().cloned(), change.next().cloned())
    };
    let (made, row) = transition(None, &seen(1, Some("alice")));
    assert_eq!((made, transition(row.as_ref(), &seen(1, Some("alice"))).0), (Some(Transition::Made), None));
    let (failed, row) = transition(row.as_ref(), &broken("1"));
    assert_eq!(failed, Some(Transition::HealthChanged { from: Health::Healthy }));
    let (ended, row) = transition(row.as_ref(), &Observation::Missing);
    let owner_kind = Some("user".to_owned());
    assert_eq!(ended, Some(Transition::Ended { removal: Removal::Gone, owner_kind }));
    let row = row.unwrap();
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), notify: true, keep_metadata: false, labels: false };
    assert_eq!(context.disconnected(&row).transition(), None, "it has ended before");
    assert_eq!(transition(Some(&row), &seen(1, Some("alice"))).0, Some(Transition::Made), "it is back");
}

#[test]
fn a_tombstone_is_erased_after_an_hour() {
    let kinds = kinds();
    let context = |seconds| Context {
        kinds: &kinds,
        now: at(seconds),
        notify: true,
        keep_metadata: false,
        labels: false,
    };
    let gone = after(&[seen(1, Some("alice")), Observation::Missing]).unwrap();
    assert!(context(5_000).expired(&gone).is_none(), "the app was not notified of it");
    let notified = context(1).acknowledged(&gone).next().cloned().unwrap();
    assert!(context(3_600).expired(&notified).is_none());
    assert!(context(3_602).expired(&notified).is_some_and(|change| change.next().is_none()));
    assert!(context(5_000).expired(&after(&[seen(1, Some("alice"))]).unwrap()).is_none());
}

/// Returns one observation, from a small world in which everything collides.
fn any_look() -> impl Strategy<Value = Observation> {
    let any = (1_i64..4, prop::option::of(prop::sample::select(vec!["alice", "bob"])));
    prop_oneof![
        6 => any.prop_map(|(incarnation, user)| seen(incarnation, user)),
        1 => Just(broken("1")),
        1 => Just(broken("2")),
        1 => Just(Observation::Missing),
        1 => Just(Observation::UnknownIntegration),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_owner_changes_only_with_the_incarnation(looks in prop::collection::vec(any_look(), 1..20)) {
        let mut row: Option<Record> = None;
        for look in &looks {
            let next = reconcile(row.as_ref(), look).change.and_then(|change| change.next().cloned());
            if let (Some(before), Some(after)) = (&row, &next) {
                if before.state().incarnation == after.state().incarnation && !before.removed && !after.removed {
                    prop_assert_eq!(&before.owner, &after.owner);
                }
                prop_assert!(after.state().incarnation >= before.state().incarnation);
                prop_assert_ne!(before.version, after.version);
            }
            row = next.or(row);
        }
    }

    #[test]
    fn the_last_look_decides_whether_a_connection_exists(looks in prop::collection::vec(any_look(), 1..20)) {
        let newest = looks.iter().filter_map(|look| match look {
            Observation::Found(found) => Some(found.connection.incarnation),
            _ => None,
        }).max();
        let truth = seen(newest.unwrap_or(1), Some("alice"));
        let live = after(&[&looks[..], &[truth]].concat()).unwrap();
        prop_assert!(!live.removed);
        let gone = after(&[&looks[..], &[Observation::Missing]].concat());
        prop_assert!(gone.is_none_or(|row| row.removed));
    }

    #[test]
    fn a_repeated_look_changes_nothing_but_the_version(looks in prop::collection::vec(any_look(), 1..20)) {
        let once = after(&looks);
        let last = looks.last().cloned().unwrap();
        let Some(once) = once else { return Ok(()) };
        let twice = reconcile(Some(&once), &last).change.and_then(|change| change.next().cloned());
        let Some(twice) = twice else { return Ok(()) };
        prop_assert!(twice.state().written_as != once.state().written_as, "a look, and not a mark");
        prop_assert!(twice.is_renewal_of(&once), "{twice:?} {once:?}");
    }
}
