//! From what we remember and what we saw to what we write.
//!
//! Pure: no clock, no store, no network. It is the only producer of a [`Change`], and the one place that knows the rules of
//! owners, incarnations and tombstones. The caller reads the row, **then** looks, then applies the change, which carries the
//! row's version: so a look that began before somebody else's write never overwrites it.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use crate::connection::Connection;
use crate::entity::Owner;
use crate::health::{Credentials, Health, HealthState, UnknownHealth};
use crate::kinds::{Attribution, Kinds, Unattributed};
use crate::store::{Change, Details, Record, Removal, Version};
use crate::tags::Tags;
use crate::time::Timestamp;

/// What a look at Nango gave.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// Nango has the connection.
    Found(Box<Connection>, Credentials),
    /// Nango says that it has no such connection.
    Missing,
    /// Nango does not know the integration.
    UnknownIntegration,
}

/// What follows from a look.
#[derive(Debug)]
pub(crate) struct Reconciled {
    /// What to apply. Also there when nothing changes: a new version tells older looks that they are older.
    pub(crate) change: Option<Change>,
    pub(crate) finding: Finding,
    /// Tags to give back to Nango, where somebody's reconnect has wiped them.
    pub(crate) repair: Option<Tags>,
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
}

impl Context<'_> {
    /// Brings what we remember in line with what we saw.
    pub(crate) fn reconcile(&self, remembered: Option<&Record>, seen: &Seen) -> Reconciled {
        match (seen, remembered) {
            (Seen::Found(found, credentials), None) => self.first(None, found, *credentials),
            (Seen::Found(found, credentials), Some(row)) => {
                match found.incarnation.cmp(&row.details.incarnation) {
                    // What we saw is older than what we know.
                    Ordering::Less => Reconciled::nothing(None),
                    Ordering::Greater => self.first(Some(row), found, *credentials),
                    Ordering::Equal => self.again(row, found, *credentials),
                }
            }
            (Seen::Missing | Seen::UnknownIntegration, None) => Reconciled::nothing(None),
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
        // A tombstone needs its owner only to tell whose connection has gone.
        let owner = row.owner.clone().filter(|_| !row.removed);
        put(row, Record { announced: true, owner, ..row.clone() })
    }

    /// The row as it is, with the note that a refresh was forced.
    pub(crate) fn forced(&self, row: &Record) -> Change {
        let details = Details { forced_at: Some(self.now), ..row.details.clone() };
        put(row, Record { details, ..row.clone() })
    }

    /// A connection, or an incarnation of it, that we see for the first time. Its owner is whom its tags name.
    fn first(&self, row: Option<&Record>, found: &Connection, credentials: Credentials) -> Reconciled {
        let owner = match self.kinds.attribute(&found.tags) {
            Attribution::Owner(owner) => owner,
            Attribution::Nobody(why) => {
                // The old incarnation is over, whoever has the new one.
                let change = row.and_then(|row| self.ended(row, Removal::Gone).change);
                return Reconciled { change, finding: Finding::Quarantined(why), repair: None };
            }
        };
        let (health, look_again_at) = HealthState::assess(None, found, credentials, self.now);
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
                removal: None,
                forced_at: None,
            },
        };
        let change = Some(Change::put(row.map(|row| row.version), next));
        Reconciled { change, finding: Finding::Changed, repair: None }
    }

    /// A connection that we know, in the incarnation that we know.
    fn again(&self, row: &Record, found: &Connection, credentials: Credentials) -> Reconciled {
        let owner = match (row.details.removal, &row.owner) {
            // Whoever says that it is back has an old answer, or plays with us.
            (Some(Removal::Disconnected), _) => return Reconciled::nothing(Some(renewed(row))),
            // It was not gone after all.
            (Some(Removal::Gone), _) | (None, None) => return self.revived(row, found, credentials),
            (None, Some(owner)) => owner,
        };
        let (tags, finding, repair) = self.tags(owner, row, found);
        let (health, look_again_at) =
            HealthState::assess(Some(&row.details.health), found, credentials, self.now);
        let details = Details { health, provider: found.provider.clone(), tags, ..row.details.clone() };
        let mut reconciled = self.kept(row, details, look_again_at);
        if finding != Finding::Nothing {
            reconciled.finding = finding;
        }
        Reconciled { repair, ..reconciled }
    }

    fn revived(&self, row: &Record, found: &Connection, credentials: Credentials) -> Reconciled {
        match &row.owner {
            // The owner is not forgotten yet, and stays the owner, whatever has become of the tags.
            Some(owner) => {
                let live = Record { removed: false, owner: Some(owner.clone()), ..row.clone() };
                let live = Record { details: Details { removal: None, ..live.details.clone() }, ..live };
                self.again(&live, found, credentials)
            }
            None => self.first(Some(row), found, credentials),
        }
    }

    /// The tags to remember, what they mean, and what Nango has to get back.
    fn tags(&self, owner: &Owner, row: &Record, found: &Connection) -> (TagMap, Finding, Option<Tags>) {
        let ours = || row.details.tags.clone();
        match self.kinds.attribute(&found.tags) {
            Attribution::Owner(named) if named == *owner => {
                (found.tags.as_map().clone(), Finding::Nothing, None)
            }
            Attribution::Nobody(Unattributed::NoIdentity) => {
                let wiped = Tags::received(ours());
                (ours(), Finding::Nothing, (!wiped.is_empty()).then_some(wiped))
            }
            // Not ours to overwrite: two apps would do so for ever.
            Attribution::Owner(_) | Attribution::Nobody(_) => (ours(), Finding::OwnerConflict, None),
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
        let owner = row.owner.clone().filter(|_| !announced);
        let next = Record { removed: true, announced, owner, look_again_at: None, details, ..row.clone() };
        Reconciled { change: Some(put(row, next)), finding: Finding::Changed, repair: None }
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

type TagMap = std::collections::BTreeMap<String, String>;

impl Reconciled {
    fn nothing(change: Option<Change>) -> Self {
        Self { change, finding: Finding::Nothing, repair: None }
    }
}

fn put(row: &Record, next: Record) -> Change {
    Change::put(Some(row.version), Record { version: Version::draw(), ..next })
}

fn renewed(row: &Record) -> Change {
    put(row, row.clone())
}
