//! Reconciliation of a row with an observation.

use std::cmp::Ordering;
use std::time::Duration;

use nango_client::{Connection, Timestamp};

use super::edits::{anonymous, earliest, erase, put, touch};
use super::health::assess;
use super::observation::{Context, Finding, FoundConnection, Observation, Origin, Reconciled, Repair};
use super::repair::Kept;
use crate::owner::Attribution;
use crate::record::{
    Change, Health, HealthState, Record, Removal, Repaired, State, Transition, UnknownHealth, Version,
};

/// The longest time by which a list may lag behind.
const LAG: Duration = Duration::from_secs(5);

impl Context<'_> {
    /// Brings a row in line with an observation.
    pub(crate) fn reconcile(&self, row: Option<&Record>, observation: &Observation) -> Reconciled {
        match (observation, row) {
            (Observation::Found(found), row) => self.reconcile_found(row, &self.with_attempt(found)),
            (Observation::Missing | Observation::UnknownIntegration, None) => Reconciled::nothing(None),
            (Observation::Missing | Observation::UnknownIntegration, Some(row)) if row.is_mark() => {
                Reconciled::nothing(Some(erase(row)))
            }
            (Observation::Missing, Some(row)) => self.remove(row, Removal::Gone),
            (Observation::UnknownIntegration, Some(row)) if row.removed => {
                Reconciled::nothing(Some(touch(row)))
            }
            (Observation::UnknownIntegration, Some(row)) => {
                let health = Health::Unknown(UnknownHealth::Integration);
                let health = HealthState::continued(Some(&row.state().health), health, self.now);
                let state = State { health, ..row.state().clone() };
                self.update_live(row, state, None)
            }
        }
    }

    fn reconcile_found(&self, row: Option<&Record>, found: &FoundConnection) -> Reconciled {
        let Some(row) = row else { return self.reconcile_new(None, found) };
        match found.connection.incarnation.cmp(&row.state().incarnation) {
            // rule: lower-incarnation
            // The observation is older than the row: an old page of a list, or a Nango that was
            // restored.
            Ordering::Less if found.origin.may_lag() => Reconciled::nothing(None),
            Ordering::Less => Reconciled::nothing(Some(touch(row))),
            // rule: higher-incarnation
            Ordering::Greater => self.reconcile_new(Some(row), found),
            Ordering::Equal => self.reconcile_known(row, found),
        }
    }

    /// A connection, or an incarnation of it, that is observed for the first time. Its tags name
    /// its owner.
    fn reconcile_new(&self, row: Option<&Record>, found: &FoundConnection) -> Reconciled {
        let FoundConnection { connection, credentials, origin, attempt, reported } = found;
        let owner = match self.kinds.attribute(&connection.tags) {
            Attribution::Owner(owner) => owner,
            Attribution::Failed(why) => {
                let change = row.and_then(|row| match row.is_mark() {
                    true => Some(erase(row)),
                    // The old incarnation has ended, whatever owner has the new one.
                    false => self.remove(row, Removal::Gone).change,
                });
                return Reconciled { change, finding: Finding::Quarantined(why), repair: None };
            }
        };
        let (health, look_again_at) = assess(None, connection, *credentials, reported.as_ref(), self.now);
        let look_again_at = self.again_when_lagging(look_again_at, *origin == Origin::List);
        let Connection { incarnation, provider, created_at, .. } = connection;
        let named = self.kinds.with_app_name(&connection.tags);
        let state = State {
            tags: named.as_ref().unwrap_or(&connection.tags).as_map().clone(),
            metadata: self.remembered(&connection.metadata),
            // The app knows the key, whatever connection has it.
            notified: row.and_then(|row| row.state().notified.clone()),
            ..State::new(*incarnation, provider.clone(), *created_at, health)
        };
        let state = self.with_account(None, state, attempt.as_deref());
        let look_again_at = self.again_for_label(None, &state, *origin, look_again_at);
        let next = Record {
            key: connection.key.clone(),
            version: Version::random(),
            owner: Some(owner),
            removed: false,
            announced: !self.notify,
            look_again_at,
            details: state.changed().into(),
        };
        let repair = named.map(|tags| Repair { incarnation: *incarnation, tags: Some(tags), metadata: None });
        let change = Change::put(row.map(|row| row.version), next).with_transition(Some(Transition::Made));
        Reconciled { repair, ..Reconciled::changed(change) }
    }

    /// The incarnation of a connection that the row has.
    fn reconcile_known(&self, row: &Record, found: &FoundConnection) -> Reconciled {
        let FoundConnection { connection, credentials, origin, attempt, reported } = found;
        let owner = match (row.state().removal, &row.owner) {
            // rule: disconnected
            // An observation that has it still is old, or forged.
            (Some(Removal::Disconnected), _) => return Reconciled::nothing(Some(touch(row))),
            // rule: gone
            // It was not gone after all.
            (Some(Removal::Gone | Removal::Unseen), _) | (None, None) => return self.revive(row, found),
            (None, Some(owner)) => owner,
        };
        let Kept { tags, metadata, finding, repair, maybe_stale } = self.keep(owner, row, found);
        let before = Some(&row.state().health);
        let (health, look_again_at) = assess(before, connection, *credentials, reported.as_ref(), self.now);
        let is_hint = *origin == Origin::List;
        let changed = is_hint && row.state().health.health != health.health;
        let mut look_again_at = self.again_when_lagging(look_again_at, changed || maybe_stale);
        // An observation that may lag does not replace a marked look. A sweep replaces the due
        // ones: it reads twice, and comes again.
        let stays = |marked: &Timestamp| match origin {
            Origin::List => true,
            Origin::Resource => false,
            Origin::Sweep => *marked > self.now,
        };
        if let Some(marked) = row.look_again_at.filter(stays) {
            look_again_at = earliest(look_again_at, marked);
        }
        // A refresh that is in flight can write the wiped row back (observed on 0.71.4).
        let repaired = match (repair.is_empty(), row.state().repaired) {
            (false, before) => Some(Repaired::again(before, self.now)),
            (true, before) => before.filter(|repaired| self.now < repaired.look_again_at()),
        };
        // rule: second-look
        if let Some(repaired) = repaired {
            look_again_at = earliest(look_again_at, repaired.look_again_at());
        }
        // rule: second-look.2
        let provider = connection.provider.clone();
        let state = State { health, provider, tags, metadata, repaired, ..row.state().without_copies() };
        let state = self.with_account(Some(row.state()), state, attempt.as_deref());
        let look_again_at = self.again_for_label(Some(row), &state, *origin, look_again_at);
        // rule: owner-moves
        let mut reconciled = self.update_live(row, state, look_again_at);
        if finding != Finding::Nothing {
            reconciled.finding = finding;
        }
        Reconciled { repair: (!repair.is_empty()).then_some(repair), ..reconciled }
    }

    fn revive(&self, row: &Record, found: &FoundConnection) -> Reconciled {
        match &row.owner {
            // The owner is not erased yet and stays, whatever has become of the tags.
            Some(_) => {
                let state = State { removal: None, ..row.state().clone() };
                self.reconcile_known(&Record { removed: false, details: state.into(), ..row.clone() }, found)
            }
            None => self.reconcile_new(Some(row), found),
        }
    }

    pub(super) fn remove(&self, row: &Record, removal: Removal) -> Reconciled {
        let disconnected = row.state().removal == Some(Removal::Disconnected);
        if disconnected || row.state().removal == Some(removal) {
            return Reconciled::nothing(Some(touch(row)));
        }
        let state = State {
            health: HealthState::continued(Some(&row.state().health), Health::Gone, self.now),
            removal: Some(removal),
            ..row.state().clone()
        };
        let announced = !self.notify || row.owner.is_none();
        let owner_kind = row.owner.as_ref().map(|owner| owner.kind().to_owned());
        let transition = (!row.removed).then_some(Transition::Ended { removal, owner_kind });
        let details = state.changed().into();
        let next = Record { removed: true, announced, look_again_at: None, details, ..row.clone() };
        let next = if announced { anonymous(next) } else { next };
        Reconciled::changed(put(row, next).with_transition(transition))
    }

    /// Repeats a look that may lag behind, when it changed something.
    fn again_when_lagging(&self, look_again_at: Option<Timestamp>, repeat: bool) -> Option<Timestamp> {
        // rule: lag
        if repeat { earliest(look_again_at, self.now.saturating_add(LAG)) } else { look_again_at }
    }

    /// Updates a live row. A change of its health is notified.
    fn update_live(&self, row: &Record, state: State, look_again_at: Option<Timestamp>) -> Reconciled {
        let changed = row.removed || row.state().health.health != state.health.health;
        let announced = if changed { !self.notify } else { row.announced };
        let state = State { failures: 0, ..state };
        let state = if changed { state.changed() } else { state };
        // rule: pending
        let next = Record { announced, look_again_at, details: state.into(), ..row.clone() };
        let finding = if changed { Finding::Changed } else { Finding::Nothing };
        let transition = changed.then(|| match row.state().health.health {
            Health::Gone => Transition::Made,
            from => Transition::HealthChanged { from },
        });
        Reconciled { change: Some(put(row, next).with_transition(transition)), finding, repair: None }
    }
}
