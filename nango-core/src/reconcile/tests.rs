//! The rules, one by one, and what holds for every history.

use proptest::prelude::*;

use super::*;
use crate::connection::{ConnectionError, ConnectionRef};
use crate::entity::TagMapper;
use crate::tags::TagError;

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

fn kinds() -> Kinds {
    let mut kinds = Kinds::default();
    kinds.register::<User>();
    kinds
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

/// A connection of `user`, or with no tags at all.
fn connection(incarnation: i64, user: Option<&str>) -> Connection {
    let tags = user.map(|user| ("end_user_id".to_owned(), user.to_owned()));
    Connection {
        key: ConnectionRef::new("slack", "c"),
        incarnation,
        provider: "slack".to_owned(),
        tags: Tags::received(tags.into_iter().collect()),
        errors: Vec::new(),
        created_at: at(0),
        metadata: Map::new(),
    }
}

fn seen(incarnation: i64, user: Option<&str>) -> Seen {
    found(connection(incarnation, user), Origin::Resource)
}

fn found(connection: Connection, origin: Origin) -> Seen {
    Seen::Found(Box::new(Found { connection, credentials: Credentials::Unrefused, origin }))
}

fn broken(log_id: &str) -> Seen {
    let errors = vec![ConnectionError { kind: "auth".to_owned(), log_id: log_id.to_owned() }];
    found(Connection { errors, ..connection(1, Some("alice")) }, Origin::Resource)
}

fn reconcile(row: Option<&Record>, seen: &Seen) -> Reconciled {
    Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false }.reconcile(row, seen)
}

/// The row after looks at all of these, the first one without a row.
fn after(looks: &[Seen]) -> Option<Record> {
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
    let change =
        Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false }.disconnected(row);
    change.next().cloned().unwrap()
}

#[test]
fn a_new_connection_belongs_to_whom_its_tags_name() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    assert_eq!(owner(&row), Some("alice"));
    assert_eq!(row.details.health.health, Health::Healthy);
    assert!(!row.announced && !row.removed);
}

#[test]
fn a_connection_of_nobody_is_not_stored() {
    let Reconciled { change, finding, .. } = reconcile(None, &seen(1, None));
    assert!(change.is_none());
    assert_eq!(finding, Finding::Quarantined(Unattributed::NoIdentity));
}

#[test]
fn what_nango_does_not_have_is_not_made_up() {
    assert!(after(&[Seen::Missing]).is_none());
    assert!(after(&[Seen::UnknownIntegration]).is_none());
}

#[test]
fn wiped_tags_keep_the_owner_and_are_given_back() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let Reconciled { change, finding, repair } = reconcile(Some(&row), &seen(1, None));
    assert_eq!(owner(change.unwrap().next().unwrap()), Some("alice"));
    assert_eq!(finding, Finding::Nothing);
    let Repair { tags, metadata, .. } = repair.unwrap();
    assert_eq!((tags.unwrap().get("end_user_id"), metadata), (Some("alice"), None));
}

#[test]
fn metadata_that_a_reconnect_emptied_is_given_back_where_the_app_wants_it_kept() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), announce: true, keep_metadata: true };
    let general: Map<_, _> = [("channel".to_owned(), "general".into())].into_iter().collect();
    let with = |metadata: &Map<String, Value>, user, origin| {
        found(Connection { metadata: metadata.clone(), ..connection(1, user) }, origin)
    };
    let row = context.reconcile(None, &with(&general, Some("alice"), Origin::Resource)).change.unwrap();
    let row = row.next().unwrap();
    let wiped = context.reconcile(Some(row), &with(&Map::new(), Some("alice"), Origin::Resource));
    assert_eq!(wiped.repair, Some(Repair { incarnation: 1, tags: None, metadata: Some(general.clone()) }));
    let next = wiped.change.unwrap().next().cloned().unwrap();
    assert_eq!((next.look_again_at, &next.details.metadata), (Some(at(31)), &general));

    let both = context.reconcile(Some(row), &with(&Map::new(), None, Origin::Resource)).repair.unwrap();
    assert_eq!((both.tags.unwrap().len(), both.metadata), (1, Some(general.clone())));
    let foreign = context.reconcile(Some(row), &with(&Map::new(), Some("bob"), Origin::Resource));
    assert_eq!((foreign.finding, foreign.repair), (Finding::OwnerConflict, None));

    let emptied = context.told(row, &Map::new()).next().cloned().unwrap();
    assert_eq!(
        context.reconcile(Some(&emptied), &with(&Map::new(), Some("alice"), Origin::Resource)).repair,
        None
    );
    let random: Map<_, _> = [("channel".to_owned(), "random".into())].into_iter().collect();
    for list in [Origin::List, Origin::Sweep] {
        let old = context.reconcile(Some(row), &with(&random, Some("alice"), list)).change.unwrap();
        let old = old.next().unwrap();
        assert_eq!((&old.details.metadata, old.look_again_at), (&general, Some(at(6))), "a list may lag");
    }
    let newer = context.reconcile(Some(row), &with(&random, Some("alice"), Origin::Resource)).change.unwrap();
    assert_eq!(newer.next().unwrap().details.metadata, random);

    let not_asked = Context { keep_metadata: false, ..context };
    let row = not_asked.reconcile(None, &with(&general, Some("alice"), Origin::Resource)).change.unwrap();
    assert!(row.next().unwrap().details.metadata.is_empty(), "the app has not asked for it");
}

#[test]
fn a_transfer_is_announced_under_the_new_owner() {
    let kinds = kinds();
    let context = Context { kinds: &kinds, now: at(1), announce: true, keep_metadata: false };
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let heard = context.announced(&row).next().cloned().unwrap();
    let tags = connection(1, Some("bob")).tags;
    let change = context.transferred(&heard, &Owner::new("user", "bob"), &tags);
    let next = change.next().unwrap();
    assert_eq!((change.expected(), owner(next), next.announced), (Some(heard.version), Some("bob"), false));
    let looked = context.reconcile(Some(next), &seen(1, Some("bob")));
    assert_eq!((looked.finding, looked.repair), (Finding::Nothing, None));
}

#[test]
fn tags_that_name_another_owner_are_reported_and_neither_believed_nor_overwritten() {
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let Reconciled { change, finding, repair } = reconcile(Some(&row), &seen(1, Some("bob")));
    let next = change.unwrap().next().cloned().unwrap();
    assert_eq!(owner(&next), Some("alice"));
    assert_eq!(next.details.tags["end_user_id"], "alice");
    assert_eq!(finding, Finding::OwnerConflict);
    assert!(repair.is_none());
}

#[test]
fn a_higher_incarnation_is_a_new_connection_and_a_lower_one_is_old_news() {
    let row = after(&[seen(1, Some("alice")), seen(2, Some("bob"))]).unwrap();
    assert_eq!((owner(&row), row.details.incarnation), (Some("bob"), 2));
    let Reconciled { change, finding, .. } = reconcile(Some(&row), &seen(1, Some("alice")));
    let next = change.unwrap().next().cloned().unwrap();
    assert_eq!((owner(&next), next.details.incarnation, finding), (Some("bob"), 2, Finding::Nothing));
    let nobodys = after(&[seen(1, Some("alice")), seen(2, None)]).unwrap();
    assert!(nobodys.removed, "the old connection is over, whoever has the new one");
}

#[test]
fn gone_may_come_back_and_disconnected_may_not() {
    let gone = after(&[seen(1, Some("alice")), Seen::Missing]).unwrap();
    assert!(gone.removed && gone.details.health.health == Health::Gone);
    assert!(!after(&[seen(1, Some("alice")), Seen::Missing, seen(1, None)]).unwrap().removed);

    let row = disconnected(&after(&[seen(1, Some("alice"))]).unwrap());
    for look in [seen(1, Some("alice")), seen(1, None), Seen::Missing, Seen::UnknownIntegration] {
        let next = reconcile(Some(&row), &look).change.unwrap().next().cloned().unwrap();
        assert!(next.removed && next.details.removal == Some(Removal::Disconnected), "{look:?}");
    }
    let anew = reconcile(Some(&row), &seen(2, Some("alice"))).change.unwrap();
    assert!(!anew.next().unwrap().removed, "made again under the same id");
}

#[test]
fn disconnecting_wins_over_gone() {
    let gone = after(&[seen(1, Some("alice")), Seen::Missing]).unwrap();
    assert_eq!(disconnected(&gone).details.removal, Some(Removal::Disconnected));
}

#[test]
fn a_renamed_integration_is_not_the_connections_fault() {
    let row = after(&[seen(1, Some("alice")), Seen::UnknownIntegration]).unwrap();
    assert_eq!(row.details.health.health, Health::Unknown(UnknownHealth::Integration));
    assert!(!row.removed);
    let healed = after(&[seen(1, Some("alice")), Seen::UnknownIntegration, seen(1, Some("alice"))]).unwrap();
    assert_eq!(healed.details.health.health, Health::Healthy);
}

#[test]
fn only_changes_are_announced_and_every_look_renews_the_version() {
    let context = Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false };
    let first = after(&[seen(1, Some("alice"))]).unwrap();
    let heard = context.announced(&first).next().cloned().unwrap();
    assert!(heard.announced);
    let same = context.reconcile(Some(&heard), &seen(1, Some("alice"))).change.unwrap();
    assert!(same.next().unwrap().announced);
    assert_ne!(same.next().unwrap().version, heard.version);
    let worse = context.reconcile(Some(&heard), &broken("1")).change.unwrap();
    assert!(!worse.next().unwrap().announced);
    assert!(worse.next().unwrap().look_again_at.is_some());
}

#[test]
fn a_tombstone_forgets_its_owner_when_the_app_has_heard_of_it() {
    let context = Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false };
    let gone = after(&[seen(1, Some("alice")), Seen::Missing]).unwrap();
    assert_eq!(owner(&gone), Some("alice"));
    let heard = context.announced(&gone).next().cloned().unwrap();
    assert!(heard.owner.is_none() && heard.details.tags.is_empty(), "tags are personal data, too");
    let quiet = Context { announce: false, ..context };
    let live = after(&[seen(1, Some("alice"))]).unwrap();
    let ended = quiet.disconnected(&live).next().cloned().unwrap();
    assert!(ended.owner.is_none() && ended.details.tags.is_empty());
}

#[test]
fn a_mark_becomes_a_connection_or_nothing() {
    let context = Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false };
    let key = ConnectionRef::new("slack", "c");
    let mark = context.marked(&key, None).next().cloned().unwrap();
    assert!(mark.removed && mark.announced && mark.look_again_at == Some(at(1)));
    let made = context.reconcile(Some(&mark), &seen(1, Some("alice"))).change.unwrap();
    assert_eq!((owner(made.next().unwrap()), made.next().unwrap().look_again_at), (Some("alice"), None));
    for look in [Seen::Missing, Seen::UnknownIntegration, seen(1, None)] {
        let change = context.reconcile(Some(&mark), &look).change.unwrap();
        assert!(change.next().is_none() && change.expected() == Some(mark.version), "{look:?}");
    }
    let row = after(&[seen(1, Some("alice"))]).unwrap();
    let marked = context.marked(&key, Some(&row)).next().cloned().unwrap();
    assert_eq!((marked.look_again_at, marked.owner == row.owner), (Some(at(1)), true));
}

#[test]
fn what_may_lag_is_looked_at_again_when_it_changed_something() {
    let lagging = found(connection(1, Some("alice")), Origin::List);
    let row = after(std::slice::from_ref(&lagging)).unwrap();
    assert_eq!(row.look_again_at, Some(at(6)));
    let twice = after(&[lagging.clone(), lagging.clone()]).unwrap();
    assert_eq!(twice.look_again_at, Some(at(6)), "what may lag is no substitute for that look");
    let swept = found(connection(1, Some("alice")), Origin::Sweep);
    assert_eq!(
        after(&[lagging.clone(), swept.clone()]).unwrap().look_again_at,
        Some(at(6)),
        "nor is a sweep"
    );
    let context = Context { kinds: &kinds(), now: at(6), announce: true, keep_metadata: false };
    let due = context.reconcile(Some(&twice), &swept).change.unwrap();
    assert_eq!(due.next().unwrap().look_again_at, None, "but for a look that is due");
    assert_eq!(after(&[lagging, seen(1, Some("alice"))]).unwrap().look_again_at, None);
    let wiped = after(&[seen(1, Some("alice")), seen(1, None)]).unwrap();
    assert_eq!(wiped.look_again_at, Some(at(31)), "tags that were given back");
}

#[test]
fn another_look_does_not_replace_the_one_after_a_repair() {
    let kinds = kinds();
    let look = |row: &Record, seconds, seen| {
        let context = Context { kinds: &kinds, now: at(seconds), announce: true, keep_metadata: false };
        context.reconcile(Some(row), &seen).change.unwrap().next().cloned().unwrap()
    };
    let wiped = after(&[seen(1, Some("alice")), seen(1, None)]).unwrap();
    let soon = look(&wiped, 6, seen(1, Some("alice")));
    assert_eq!(soon.look_again_at, Some(at(31)));
    let due = look(&soon, 31, seen(1, Some("alice")));
    assert_eq!((due.look_again_at, due.details.repaired), (None, None));
}

#[test]
fn what_does_not_stay_is_given_back_less_and_less_often() {
    let kinds = kinds();
    let mut row = after(&[seen(1, Some("alice"))]).unwrap();
    let mut waits = Vec::new();
    let mut seconds = 1;
    for _ in 0..10 {
        let context = Context { kinds: &kinds, now: at(seconds), announce: true, keep_metadata: false };
        let Reconciled { change, repair, .. } = context.reconcile(Some(&row), &seen(1, None));
        assert!(repair.is_some());
        row = change.unwrap().next().cloned().unwrap();
        let again = row.look_again_at.unwrap().as_micros() / 1_000_000;
        waits.push(again - seconds);
        seconds = again;
    }
    assert_eq!(waits[..4], [30, 60, 120, 240]);
    assert_eq!(waits[9], 3_600);
}

#[test]
fn a_mark_on_what_nango_has_only_in_an_older_incarnation_is_looked_after() {
    let context = Context { kinds: &kinds(), now: at(1), announce: true, keep_metadata: false };
    let row = after(&[seen(2, Some("alice"))]).unwrap();
    let marked = context.marked(&row.key, Some(&row)).next().cloned().unwrap();
    let looked = reconcile(Some(&marked), &seen(1, Some("bob"))).change.unwrap();
    let next = looked.next().unwrap();
    assert_eq!((next.look_again_at, owner(next), next.details.incarnation), (None, Some("alice"), 2));
    for list in [Origin::List, Origin::Sweep] {
        assert!(reconcile(Some(&marked), &found(connection(1, Some("bob")), list)).change.is_none());
    }
    assert_eq!(context.unmarked(&marked).next().unwrap().look_again_at, None);
    let mark = context.marked(&row.key, None).next().cloned().unwrap();
    assert!(context.unmarked(&mark).next().is_none());
}

#[test]
fn a_tombstone_is_erased_after_an_hour() {
    let kinds = kinds();
    let context = |seconds| Context { kinds: &kinds, now: at(seconds), announce: true, keep_metadata: false };
    let gone = after(&[seen(1, Some("alice")), Seen::Missing]).unwrap();
    assert!(context(5_000).forgotten(&gone).is_none(), "the app has not heard of it");
    let heard = context(1).announced(&gone).next().cloned().unwrap();
    assert!(context(3_600).forgotten(&heard).is_none());
    assert!(context(3_602).forgotten(&heard).is_some_and(|change| change.next().is_none()));
    assert!(context(5_000).forgotten(&after(&[seen(1, Some("alice"))]).unwrap()).is_none());
}

/// One thing that a look can give, from a small world in which everything collides.
fn any_look() -> impl Strategy<Value = Seen> {
    let any = (1_i64..4, prop::option::of(prop::sample::select(vec!["alice", "bob"])));
    prop_oneof![
        6 => any.prop_map(|(incarnation, user)| seen(incarnation, user)),
        1 => Just(broken("1")),
        1 => Just(broken("2")),
        1 => Just(Seen::Missing),
        1 => Just(Seen::UnknownIntegration),
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
                if before.details.incarnation == after.details.incarnation && !before.removed && !after.removed {
                    prop_assert_eq!(&before.owner, &after.owner);
                }
                prop_assert!(after.details.incarnation >= before.details.incarnation);
                prop_assert_ne!(before.version, after.version);
            }
            row = next.or(row);
        }
    }

    #[test]
    fn the_last_look_decides_whether_it_is_there(looks in prop::collection::vec(any_look(), 1..20)) {
        let newest = looks.iter().filter_map(|look| match look {
            Seen::Found(found) => Some(found.connection.incarnation),
            _ => None,
        }).max();
        let truth = seen(newest.unwrap_or(1), Some("alice"));
        let live = after(&[&looks[..], &[truth]].concat()).unwrap();
        prop_assert!(!live.removed);
        let gone = after(&[&looks[..], &[Seen::Missing]].concat());
        prop_assert!(gone.is_none_or(|row| row.removed));
    }

    #[test]
    fn a_repeated_look_changes_nothing_but_the_version(looks in prop::collection::vec(any_look(), 1..20)) {
        let once = after(&looks);
        let last = looks.last().cloned().unwrap();
        let twice = after(&[&looks[..], &[last]].concat());
        let (Some(once), Some(twice)) = (once, twice) else { return Ok(()) };
        prop_assert_eq!(Record { version: once.version, ..twice }, once);
    }
}
