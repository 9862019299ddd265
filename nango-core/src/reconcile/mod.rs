//! From what we remember and what we saw to what we write.
//!
//! Pure: no clock, no store, no network. It is the only producer of a [`Change`], and the one place that knows the rules of
//! owners, incarnations and tombstones. The caller reads the row, **then** looks, then applies the change, which carries the
//! row's version: so a look that began before somebody else's write never overwrites it.

mod repair;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

pub(crate) use repair::{Repair, Repaired};

use crate::connection::{Connection, ConnectionRef};
use crate::entity::Owner;
use crate::health::{Credentials, Health, HealthState, UnknownHealth};
use crate::kinds::{Attribution, Kinds, Unattributed};
use crate::store::{Change, Details, Record, Removal, Version};
use crate::tags::Tags;
use crate::time::Timestamp;
use repair::Kept;

/// How far a list may lag behind.
const LAG: Duration = Duration::from_secs(5);

/// How long the row of a connection that has ended is kept, so that no old answer makes a new one of it.
const TOMBSTONE: Duration = Duration::from_secs(60 * 60);

/// What a look at Nango gave.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// Nango has the connection.
    Found(Box<Found>),
    /// Nango says that it has no such connection.
    Missing,
    /// Nango does not know the integration.
    UnknownIntegration,
}

impl Seen {
    /// What a list says.
    pub(crate) fn listed(connection: Connection) -> Self {
        Self::Found(Box::new(Found { connection, credentials: Credentials::Unrefused, origin: Origin::List }))
    }

    /// What a list says that is read again and again: if it lags behind, the next one does not.
    pub(crate) fn swept(connection: Connection) -> Self {
        Self::Found(Box::new(Found {
            connection,
            credentials: Credentials::Unrefused,
            origin: Origin::Sweep,
        }))
    }

    /// What the connection's own resource says.
    pub(crate) fn looked_up(connection: Connection, credentials: Credentials) -> Self {
        Self::Found(Box::new(Found { connection, credentials, origin: Origin::Resource }))
    }
}

/// A connection that Nango has.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) connection: Connection,
    pub(crate) credentials: Credentials,
    pub(crate) origin: Origin,
}

/// Where a connection was seen. Lists can come from a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In a list.
    List,
    /// In its own resource.
    Resource,
    /// In a list that is read again and again.
    Sweep,
}

impl Origin {
    /// Whether it may be older than what we know.
    pub(crate) fn may_lag(self) -> bool {
        self != Self::Resource
    }
}

/// What follows from a look.
#[derive(Debug)]
pub(crate) struct Reconciled {
    /// What to apply. Also there when nothing changes: a new version tells older looks that they are older.
    pub(crate) change: Option<Change>,
    pub(crate) finding: Finding,
    /// What to give back to Nango, where somebody's reconnect has wiped it.
    pub(crate) repair: Option<Repair>,
}

/// What a look means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing that the app would want to hear of.
    Nothing,
    /// The app's view of the connection changed.
    Changed,
    /// The tags name another owner than ours. Ours stays.
    OwnerConflict,
    /// It is not ours to store.
    Quarantined(Unattributed),
}

/// What every row is made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) kinds: &'a Kinds,
    pub(crate) now: Timestamp,
    /// Whether somebody has to hear of changes.
    pub(crate) announce: bool,
    /// Whether metadata is remembered, to give it back.
    pub(crate) keep_metadata: bool,
}

impl Context<'_> {
    /// Brings what we remember in line with what we saw.
    pub(crate) fn reconcile(&self, remembered: Option<&Record>, seen: &Seen) -> Reconciled {
        match (seen, remembered) {
            (Seen::Found(found), None) => self.first(None, found),
            (Seen::Found(found), Some(row)) => {
                match found.connection.incarnation.cmp(&row.details.incarnation) {
                    // What we saw is older than what we know: an old page of a list, or a Nango that was restored.
                    Ordering::Less if found.origin.may_lag() => Reconciled::nothing(None),
                    Ordering::Less => Reconciled::nothing(Some(renewed(row))),
                    Ordering::Greater => self.first(Some(row), found),
                    Ordering::Equal => self.again(row, found),
                }
            }
            (Seen::Missing | Seen::UnknownIntegration, None) => Reconciled::nothing(None),
            (Seen::Missing | Seen::UnknownIntegration, Some(row)) if row.is_mark() => {
                Reconciled::nothing(Some(erased(row)))
            }
            (Seen::Missing, Some(row)) => self.ended(row, Removal::Gone),
            (Seen::UnknownIntegration, Some(row)) if row.removed => Reconciled::nothing(Some(renewed(row))),
            (Seen::UnknownIntegration, Some(row)) => {
                let health = Health::Unknown(UnknownHealth::Integration);
                let health = HealthState::or_since(Some(&row.details.health), health, self.now);
                let details = Details { health, ..row.details.clone() };
                self.kept(row, details, None)
            }
        }
    }

    /// We end the connection. Nango has deleted it already.
    pub(crate) fn disconnected(&self, row: &Record) -> Change {
        let Reconciled { change, .. } = self.ended(row, Removal::Disconnected);
        change.unwrap_or_else(|| renewed(row))
    }

    /// The app has heard of the row's state.
    pub(crate) fn announced(&self, row: &Record) -> Change {
        let heard = Record { announced: true, ..row.clone() };
        // A tombstone needs its owner only to tell whose connection has gone.
        put(row, if row.removed { anonymous(heard) } else { heard })
    }

    /// The app has heard something older since it heard of the row's state.
    pub(crate) fn unheard(&self, row: &Record) -> Change {
        put(row, Record { announced: !self.announce, ..row.clone() })
    }

    /// Nobody is to be told, and nothing is to be remembered, of whose this was.
    pub(crate) fn disowned(&self, row: &Record) -> Change {
        put(row, anonymous(Record { announced: true, ..row.clone() }))
    }

    /// The row as it is, with the note that a refresh was forced.
    pub(crate) fn forced(&self, row: &Record) -> Change {
        let details = Details { forced_at: Some(self.now), ..row.details.clone() };
        put(row, Record { details, ..row.clone() })
    }

    /// The app has set the metadata, also to nothing.
    pub(crate) fn told(&self, row: &Record, metadata: &Map<String, Value>) -> Change {
        let details = Details { metadata: self.remembered(metadata), ..row.details.clone() };
        put(row, Record { details, ..row.clone() })
    }

    /// The app has given the connection to another owner, whose tags Nango has already.
    pub(crate) fn transferred(&self, row: &Record, to: &Owner, tags: &Tags) -> Change {
        let details = Details { tags: tags.as_map().clone(), ..row.details.clone() };
        put(row, Record { owner: Some(to.clone()), announced: !self.announce, details, ..row.clone() })
    }

    /// Somebody has to look again, since a look did not work. A connection that we do not know gets a row for the mark.
    pub(crate) fn marked(&self, key: &ConnectionRef, row: Option<&Record>) -> Change {
        match row {
            Some(row) => put(row, Record { look_again_at: Some(self.now), ..row.clone() }),
            None => Change::put(None, Record::mark(key.clone(), self.now)),
        }
    }

    /// Nobody has to look any more: Nango would not answer.
    pub(crate) fn unmarked(&self, row: &Record) -> Change {
        if row.is_mark() { erased(row) } else { renewed(row) }
    }

    /// The row of a connection that ended long ago, and of which nobody has to hear any more.
    pub(crate) fn forgotten(&self, row: &Record) -> Option<Change> {
        let over = row.removed && row.announced && row.look_again_at.is_none();
        (over && self.now.since(row.details.health.since) > TOMBSTONE).then(|| erased(row))
    }

    /// A connection, or an incarnation of it, that we see for the first time. Its owner is whom its tags name.
    fn first(&self, row: Option<&Record>, seen: &Found) -> Reconciled {
        let Found { connection: found, credentials, origin } = seen;
        let owner = match self.kinds.attribute(&found.tags) {
            Attribution::Owner(owner) => owner,
            Attribution::Nobody(why) => {
                let change = row.and_then(|row| match row.is_mark() {
                    true => Some(erased(row)),
                    // The old incarnation is over, whoever has the new one.
                    false => self.ended(row, Removal::Gone).change,
                });
                return Reconciled { change, finding: Finding::Quarantined(why), repair: None };
            }
        };
        let (health, look_again_at) = HealthState::assess(None, found, *credentials, self.now);
        let look_again_at = self.again_when_lagging(look_again_at, *origin == Origin::List);
        let next = Record {
            key: found.key.clone(),
            version: Version::draw(),
            owner: Some(owner),
            removed: false,
            announced: !self.announce,
            look_again_at,
            details: Details {
                incarnation: found.incarnation,
                provider: found.provider.clone(),
                created_at: found.created_at,
                health,
                tags: found.tags.as_map().clone(),
                metadata: self.remembered(&found.metadata),
                removal: None,
                forced_at: None,
                repaired: None,
            },
        };
        let change = Some(Change::put(row.map(|row| row.version), next));
        Reconciled { change, finding: Finding::Changed, repair: None }
    }

    /// A connection that we know, in the incarnation that we know.
    fn again(&self, row: &Record, seen: &Found) -> Reconciled {
        let Found { connection: found, credentials, origin } = seen;
        let owner = match (row.details.removal, &row.owner) {
            // Whoever says that it is back has an old answer, or plays with us.
            (Some(Removal::Disconnected), _) => return Reconciled::nothing(Some(renewed(row))),
            // It was not gone after all.
            (Some(Removal::Gone | Removal::Unseen), _) | (None, None) => return self.revived(row, seen),
            (None, Some(owner)) => owner,
        };
        let Kept { tags, metadata, finding, repair, doubtful } = self.keep(owner, row, seen);
        let (health, look_again_at) =
            HealthState::assess(Some(&row.details.health), found, *credentials, self.now);
        let is_hint = *origin == Origin::List;
        let changed = is_hint && row.details.health.health != health.health;
        let mut look_again_at = self.again_when_lagging(look_again_at, changed || doubtful);
        // What may lag does not stand for the look that somebody has marked. A sweep stands for those that are due: it reads
        // twice, and comes again.
        let stands = |marked: &Timestamp| match origin {
            Origin::List => true,
            Origin::Resource => false,
            Origin::Sweep => *marked > self.now,
        };
        if let Some(marked) = row.look_again_at.filter(stands) {
            look_again_at = sooner(look_again_at, marked);
        }
        // A refresh that is under way can write the wiped row back (observed on 0.71.4).
        let repaired = match (repair.is_empty(), row.details.repaired) {
            (false, before) => Some(Repaired::again(before, self.now)),
            (true, before) => before.filter(|repaired| self.now < repaired.look_again_at()),
        };
        if let Some(repaired) = repaired {
            look_again_at = sooner(look_again_at, repaired.look_again_at());
        }
        let provider = found.provider.clone();
        let details = Details { health, provider, tags, metadata, repaired, ..row.details.clone() };
        let mut reconciled = self.kept(row, details, look_again_at);
        if finding != Finding::Nothing {
            reconciled.finding = finding;
        }
        Reconciled { repair: (!repair.is_empty()).then_some(repair), ..reconciled }
    }

    fn revived(&self, row: &Record, seen: &Found) -> Reconciled {
        match &row.owner {
            // The owner is not forgotten yet, and stays the owner, whatever has become of the tags.
            Some(owner) => {
                let live = Record { removed: false, owner: Some(owner.clone()), ..row.clone() };
                let live = Record { details: Details { removal: None, ..live.details.clone() }, ..live };
                self.again(&live, seen)
            }
            None => self.first(Some(row), seen),
        }
    }

    fn ended(&self, row: &Record, removal: Removal) -> Reconciled {
        let disconnected = row.details.removal == Some(Removal::Disconnected);
        if disconnected || row.details.removal == Some(removal) {
            return Reconciled::nothing(Some(renewed(row)));
        }
        let details = Details {
            health: HealthState::or_since(Some(&row.details.health), Health::Gone, self.now),
            removal: Some(removal),
            ..row.details.clone()
        };
        let announced = !self.announce || row.owner.is_none();
        let next = Record { removed: true, announced, look_again_at: None, details, ..row.clone() };
        let next = if announced { anonymous(next) } else { next };
        Reconciled { change: Some(put(row, next)), finding: Finding::Changed, repair: None }
    }

    /// A look that may lag behind the truth is repeated, when it changed something.
    fn again_when_lagging(&self, look_again_at: Option<Timestamp>, repeat: bool) -> Option<Timestamp> {
        if repeat { sooner(look_again_at, self.now.saturating_add(LAG)) } else { look_again_at }
    }

    /// A live row with new details. The app hears of it when its health is another one.
    fn kept(&self, row: &Record, details: Details, look_again_at: Option<Timestamp>) -> Reconciled {
        let changed = row.removed || row.details.health.health != details.health.health;
        let announced = if changed { !self.announce } else { row.announced };
        let next = Record { announced, look_again_at, details, ..row.clone() };
        let finding = if changed { Finding::Changed } else { Finding::Nothing };
        Reconciled { change: Some(put(row, next)), finding, repair: None }
    }
}

impl Reconciled {
    fn nothing(change: Option<Change>) -> Self {
        Self { change, finding: Finding::Nothing, repair: None }
    }
}

fn put(row: &Record, next: Record) -> Change {
    Change::put(Some(row.version), Record { version: Version::draw(), ..next })
}

/// A tombstone without anything personal.
fn anonymous(row: Record) -> Record {
    let details = Details { tags: BTreeMap::new(), metadata: Map::new(), ..row.details };
    Record { owner: None, details, ..row }
}

/// The row as it was, after a look that found nothing to change.
fn renewed(row: &Record) -> Change {
    put(row, Record { look_again_at: None, ..row.clone() })
}

fn erased(row: &Record) -> Change {
    Change::erase(row.key.clone(), row.version)
}

fn sooner(one: Option<Timestamp>, other: Timestamp) -> Option<Timestamp> {
    Some(one.map_or(other, |one| one.min(other)))
}
