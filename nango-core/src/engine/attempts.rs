//! Waiting for the outcome of an attempt: by the store, and by bounded looks at Nango.

use std::time::Duration;

use nango_client::{ConnectionKey, ErrorKind as NangoErrorKind, Timestamp};
use tokio::time::{Instant, timeout, timeout_at};

use super::budget::Spender;
use super::deadlines::LOOK;
use super::engine::Engine;
use super::parts::Trigger;
use crate::attempts::{AttemptId, AttemptText};
use crate::backoff::jittered;
use crate::error::Error;
use crate::owner::Owner;
use crate::record::Record;

/// The time between two reads of the store: another instance may have received the webhook.
const READ_EVERY: Duration = Duration::from_secs(1);

/// The connections that one look reads: the newest.
const PAGE: u32 = 100;

impl Engine {
    /// Returns the owner's connections that came from an attempt, as the store has them.
    pub(crate) async fn rows_of_attempt(&self, owner: &Owner, id: &AttemptId) -> Result<Vec<Record>, Error> {
        let mut rows = self.store.list(owner).await?;
        rows.retain(|row| row.attempts().contains(id.as_str()));
        Ok(rows)
    }

    /// Like [`rows_of_attempt`](Self::rows_of_attempt), and waits until there is one, at most until the
    /// deadline. Meanwhile it looks at Nango, for all waiting callers together.
    ///
    /// `again` is the connection that the attempt authorises again, if it does.
    pub(crate) async fn wait_for_attempt(
        &self,
        owner: &Owner,
        attempt: &AttemptText,
        again: Option<&ConnectionKey>,
        deadline: Instant,
    ) -> Result<Vec<Record>, Error> {
        let caller = self.attempts.enter(attempt);
        loop {
            // Before the store is read, so that a row that is written after it is not missed.
            let mut written = std::pin::pin!(caller.written.notified());
            written.as_mut().enable();
            let rows = self.rows_of_attempt(owner, &caller.id).await?;
            let is_over = attempt.is_expired(Timestamp::now());
            if !rows.is_empty() || is_over || deadline <= Instant::now() {
                return Ok(rows);
            }
            let next = deadline.min(Instant::now() + jittered(READ_EVERY));
            self.begin_look_for_attempts(again);
            let _ = timeout_at(next, written).await;
        }
    }

    /// Begins a look at Nango for the attempts that callers wait for, if it is time and the budget of
    /// owners has one left. In a task of its own: a look may take longer than a caller has.
    fn begin_look_for_attempts(&self, again: Option<&ConnectionKey>) {
        if self.attempts.take_look() && self.take_look(Spender::Owner) {
            let (engine, again) = (self.clone(), again.cloned());
            tokio::spawn(async move { timeout(LOOK, engine.look_for_attempts(again.as_ref())).await });
        }
    }

    /// Looks at Nango for the attempts that callers wait for. What it finds is looked at by id, which
    /// writes the row and wakes the callers.
    async fn look_for_attempts(&self, again: Option<&ConnectionKey>) {
        let mut found = Vec::new();
        // A connection that is authorised again is not among the newest.
        if let Some(key) = again
            && self.take_look(Spender::Owner)
            && let Ok(Some(listed)) = self.find_in_list(key).await
        {
            found.push(listed);
        }
        let list = self.list.connections().limit(PAGE);
        let list = match self.attempts.integrations() {
            Some(ids) => list.integration(ids),
            None => list,
        };
        match list.send().await {
            Ok(page) => found.extend(page),
            Err(error) if error.kind() == NangoErrorKind::Unauthorized => self.attempts.pause_looks(),
            Err(error) => tracing::debug!(%error, "could not look at nango for attempts that are waited for"),
        }
        for connection in found {
            let attempt = self.kinds.attempt_of(&connection.tags);
            if attempt.is_some_and(|id| self.attempts.is_waiting(id)) && self.take_look(Spender::Owner) {
                // A failure leaves it to the next look.
                let _ = self.look_and_notify(&connection.key, Trigger::Request).await;
            }
        }
    }
}
