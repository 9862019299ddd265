//! One event: from its claim to what becomes of it.

use std::time::Duration;

use tokio::time::timeout;
use tracing::Instrument as _;

use super::held::Hold;
use super::policy::Policy;
use super::turns::{Asked, Turns};
use crate::backoff::jittered;
use crate::engine::Count;
use crate::nango::Nango;
use crate::queue::{Claim, Outcome, QueuedEvent, Settlement};
use crate::report::{BackgroundFailure, HandlerError};

/// The pause after a failure of the store.
const STORE_FAILED: Duration = Duration::from_secs(1);

/// The longest reason of a dead letter, in characters.
const MAX_REASON: usize = 1_000;

/// What the jobs of a worker share.
#[derive(Clone)]
pub(super) struct Jobs {
    pub(super) nango: Nango,
    pub(super) policy: Policy,
    pub(super) turns: Turns,
    pub(super) lease: Duration,
}

impl Jobs {
    /// Handles the event of a claim; `None` when the claim was lost meanwhile. The claim is held until it is
    /// settled.
    pub(super) async fn run(self, claim: Claim, mut hold: Hold) -> Option<(Settlement, Hold)> {
        let outcome = tokio::select! {
            // First: a claim that is lost already is not begun with.
            biased;
            () = hold.lost() => {
                tracing::warn!("an event was broken off, since its claim was lost, or could not be prolonged; it is handled again");
                return None;
            }
            outcome = self.outcome(&claim) => outcome,
        };
        Some((Settlement::new(claim, outcome), hold))
    }

    async fn outcome(&self, claim: &Claim) -> Outcome {
        let event = match QueuedEvent::from_json(&claim.event) {
            Ok(event) => event.with_attempt(claim.failures.saturating_add(1)),
            Err(error) => {
                let error = HandlerError::failed(Box::new(error));
                return self.failed(claim, None, error);
            }
        };
        if !self.policy.one_per_connection {
            return self.handle(claim, &event).await;
        }
        let engine = self.nango.engine();
        let turn = match self.turns.take(engine, event.connection(), self.lease).await {
            Ok(Asked::Taken(turn)) => turn,
            Ok(Asked::Busy(pause)) => return Outcome::Released { retry_after: jittered(pause) },
            Err(error) => {
                let what = "take the lease of a connection";
                self.nango.report(BackgroundFailure::EventQueue { what, error: error.into() });
                return Outcome::Released { retry_after: jittered(STORE_FAILED) };
            }
        };
        let outcome = turn.keep_during(self.handle(claim, &event)).await;
        turn.end().await;
        // The store could not prolong the turn: the event is this worker's, and its connection may be another's.
        outcome.unwrap_or_else(|| Outcome::Released { retry_after: jittered(STORE_FAILED) })
    }

    async fn handle(&self, claim: &Claim, event: &QueuedEvent) -> Outcome {
        let span = tracing::debug_span!(
            "nango.event",
            otel.kind = "consumer",
            event.kind = event.kind().as_str(),
            event.attempt = event.attempt(),
            integration = event.connection().integration(),
        );
        #[cfg(feature = "metrics")]
        let began = std::time::Instant::now();
        let call = timeout(self.policy.time_limit, self.nango.handle_event(event));
        let handled = call.instrument(span).await.unwrap_or(Err(HandlerError::Deadline));
        #[cfg(feature = "metrics")]
        metrics::histogram!(
            "nango.event.duration",
            &[
                ("kind", event.kind().as_str()),
                ("outcome", if handled.is_ok() { "handled" } else { "failed" })
            ]
        )
        .record(began.elapsed());
        match handled {
            Ok(()) => {
                self.nango.engine().count(Count::EventsHandled);
                Outcome::Done
            }
            Err(error) => self.failed(claim, Some(event), error),
        }
    }

    fn failed(&self, claim: &Claim, event: Option<&QueuedEvent>, error: HandlerError) -> Outcome {
        self.nango.engine().count(Count::EventsFailed);
        let failures = claim.failures.saturating_add(1);
        if failures >= self.policy.max_failures {
            return self.dead(claim, event, failures, error.to_string());
        }
        self.nango.report(BackgroundFailure::EventHandler {
            kind: event.map(QueuedEvent::kind),
            integration: event.map(|event| event.connection().integration().to_owned()),
            attempt: failures,
            error,
        });
        Outcome::Failed { retry_after: jittered(self.policy.backoff.after(claim.failures)) }
    }

    /// Gives up an event at which workers end.
    pub(super) fn fatal(&self, claim: &Claim) -> Outcome {
        let event = QueuedEvent::from_json(&claim.event).ok();
        let reason = "its claim ended each time without an answer: the workers that held it crashed, were killed, or were cut off from \
             the queue".to_owned();
        self.dead(claim, event.as_ref(), claim.failures, reason)
    }

    fn dead(&self, claim: &Claim, event: Option<&QueuedEvent>, failures: u32, mut reason: String) -> Outcome {
        if let Some((end, _)) = reason.char_indices().nth(MAX_REASON) {
            reason.truncate(end);
        }
        self.nango.engine().count(Count::EventsDead);
        self.nango.report(BackgroundFailure::EventDead {
            key: claim.key.clone(),
            kind: event.map(QueuedEvent::kind),
            integration: event.map(|event| event.connection().integration().to_owned()),
            failures,
            deaths: claim.deaths,
            reason: reason.clone(),
        });
        Outcome::Dead { failures, reason }
    }
}
