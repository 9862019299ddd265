//! The account behind a connection: the attempt in which a person chose it, and when its label is due.

use std::borrow::Cow;
use std::time::Duration;

use nango_client::Timestamp;

use super::edits::{earliest, put};
use super::observation::{Context, FoundConnection, Origin};
use crate::backoff::Backoff;
use crate::record::{Change, Health, Label, Labelling, Record, State};

/// The pauses after the provider could not be asked for a label.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(60), Duration::from_secs(60 * 60));

/// The failures after which the provider is not asked again before the next reconnect.
const MAX_FAILURES: u32 = 8;

impl Context<'_> {
    /// Takes the attempt from the tags: nothing that compares, keeps or restores tags knows of it, so
    /// that none is ever written back.
    pub(super) fn with_attempt<'f>(&self, found: &'f FoundConnection) -> Cow<'f, FoundConnection> {
        let tags = &found.connection.tags;
        let Some(attempt) = self.kinds.attempt_of(tags).map(str::to_owned) else {
            return Cow::Borrowed(found);
        };
        let tags = self.kinds.without_attempt(tags).into_owned();
        let mut found = found.clone();
        found.connection.tags = tags;
        found.attempt = Some(attempt);
        Cow::Owned(found)
    }

    /// Adds the attempt to the state that follows `before`. Where a person may have chosen another
    /// account, the label is asked for again.
    pub(super) fn with_account(&self, before: Option<&State>, state: State, attempt: Option<&str>) -> State {
        let is_new = |id: &&str| !state.attempts.contains(id);
        let attempt = attempt.filter(is_new);
        let attempts = attempt.map(|id| state.attempts.with(id, self.now));
        let came_back = before.is_some_and(|before| {
            before.health.health == Health::NeedsReconnect && state.health.health == Health::Healthy
        });
        let labelling = if attempts.is_some() || came_back { Labelling::default() } else { state.labelling };
        // rule: attempt-kept
        let attempts = attempts.unwrap_or_else(|| state.attempts.clone());
        State { attempts, labelling, ..state }
    }

    /// Returns the time of the next look, where a sweep has found a connection whose label is due: it
    /// only lists, and a look is what leads to the label.
    pub(super) fn again_for_label(
        &self,
        row: Option<&Record>,
        state: &State,
        origin: Origin,
        look_again_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        if !self.labels || origin != Origin::Sweep || state.labelling.is_done {
            return look_again_at;
        }
        let is_new = row
            .is_none_or(|row| (row.attempts(), row.state().labelling) != (&state.attempts, state.labelling));
        // A sweep replaces marks that are due, as if it had looked.
        let retry = row.filter(|_| state.labelling.failures > 0).and_then(|row| row.look_again_at);
        match retry.or_else(|| is_new.then_some(self.now)) {
            Some(at) => earliest(look_again_at, at),
            None => look_again_at,
        }
    }

    /// The provider has answered with a label, or with none.
    pub(crate) fn labelled(&self, row: &Record, text: Option<&str>) -> Change {
        let label = text.and_then(|text| Label::new(text, false));
        let label = row.state().label.clone().filter(|label| label.is_by_app).or(label);
        let labelling = Labelling { is_done: true, failures: 0 };
        let state = State { label, labelling, ..row.state().clone() };
        put(row, Record { details: state.into(), ..row.clone() })
    }

    /// The provider could not be asked: it is asked again with the next look, which comes after a pause.
    pub(crate) fn not_labelled(&self, row: &Record) -> Change {
        let failures = row.state().labelling.failures.saturating_add(1);
        let state = State {
            labelling: Labelling { is_done: failures >= MAX_FAILURES, failures },
            ..row.state().clone()
        };
        self.label_postponed(&Record { details: state.into(), ..row.clone() })
    }

    /// The provider is asked with the next look, after a pause, unless it is not asked again.
    pub(crate) fn label_postponed(&self, row: &Record) -> Change {
        let Labelling { is_done, failures } = row.state().labelling;
        let again = self.now.saturating_add(PAUSES.after(failures.saturating_sub(1)));
        let look_again_at = if is_done { row.look_again_at } else { earliest(row.look_again_at, again) };
        put(row, Record { look_again_at, ..row.clone() })
    }

    /// The app sets the label, or leaves it to the provider again.
    pub(crate) fn label_set(&self, row: &Record, text: Option<&str>) -> Change {
        let label = text.and_then(|text| Label::new(text, true));
        let labelling = Labelling { is_done: label.is_some(), failures: 0 };
        let state = State { label, labelling, ..row.state().clone() };
        put(row, Record { details: state.into(), ..row.clone() })
    }
}
