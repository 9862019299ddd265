//! The ends of claims.
//!
//! First the record says what becomes of the event, in a compare-and-set that fails if the claim is lost.
//! Then that is done. Whatever ends this in between, the next delivery of the event, or the same
//! settlement again, completes it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{join_all, try_join, try_join_all};
use nango_core::{Claim, Outcome, Settlement};

use crate::broker::Broker;
use crate::names::Stream;
use crate::record::{Kept, Record, State, Written, millis};
use crate::server::{Failure, code};
use crate::token::Token;

/// The settlements that are in flight at a time.
const AT_ONCE: usize = 64;

/// The attempts at a compare-and-set that the claim's own renewals overtake.
const ATTEMPTS: usize = 5;

impl Broker {
    pub(crate) async fn settle_all(&self, settlements: &[Settlement]) -> Result<(), Failure> {
        self.erase_tombstones().await;
        let mut result = Ok(());
        for chunk in settlements.chunks(AT_ONCE) {
            for settled in join_all(chunk.iter().map(|settlement| self.settle_one(settlement))).await {
                result = result.and(settled);
            }
        }
        result
    }

    async fn settle_one(&self, Settlement { claim, outcome, .. }: &Settlement) -> Result<(), Failure> {
        let Some(token) = Token::read(&claim.token) else { return Ok(()) };
        let record = ended(claim, &token, outcome);
        let mut last = token.record;
        for _ in 0..ATTEMPTS {
            match self.write_record(&claim.key, &record, last).await? {
                Written::At(sequence) => return self.carry_out(claim, &token, &record, sequence).await,
                // It was renewed meanwhile.
                Written::Conflict(Some(kept)) if holds(&kept.record, &token) => last = kept.sequence,
                // An earlier settlement was carried out up to here, with another outcome.
                Written::Conflict(Some(Kept { record, sequence, .. })) if record.claim == token.claim => {
                    return self.carry_out(claim, &token, &record, sequence).await;
                }
                Written::Conflict(_) => return Ok(()),
            }
        }
        Err(Failure::Api { code: code::WRONG_LAST_SEQUENCE, text: "renewed again and again".to_owned() })
    }

    /// Does what a record says.
    async fn carry_out(
        &self,
        claim: &Claim,
        token: &Token,
        record: &Record,
        sequence: u64,
    ) -> Result<(), Failure> {
        match record.state {
            State::Claimed => Ok(()),
            State::Waiting { milliseconds } => {
                self.give_back(&token.reply, Duration::from_millis(milliseconds)).await
            }
            State::Dead { .. } | State::Done => {
                let text = Bytes::copy_from_slice(claim.event.as_bytes());
                self.complete(&claim.key, record, sequence, &text, &token.reply).await
            }
        }
    }

    /// Erases an event that is done, or makes a dead letter of it. The record is left for a while.
    pub(crate) async fn complete(
        &self,
        key: &str,
        record: &Record,
        sequence: u64,
        text: &Bytes,
        reply: &str,
    ) -> Result<(), Failure> {
        // Once the event is gone, its letter may have been replayed or discarded.
        if let State::Dead { reason } = &record.state
            && self.last_event(key).await? == Some(record.event)
        {
            self.write_letter(key, record, reason, text.clone()).await?;
        }
        let erased = self.delete(Stream::Events, record.event);
        let acknowledged = self.server.acknowledge(reply, Bytes::from_static(b"+ACK"));
        try_join(erased, acknowledged).await?;
        self.tombstones.add(sequence);
        Ok(())
    }

    /// Erases the records that were kept long enough. What fails is left to the next start.
    pub(crate) async fn erase_tombstones(&self) {
        join_all(self.tombstones.due().into_iter().map(|sequence| self.delete(Stream::Claims, sequence)))
            .await;
    }

    /// Begins the leases of claims anew. Returns for each whether it is still held.
    pub(crate) async fn renew_all(&self, claims: &[Claim]) -> Result<Vec<bool>, Failure> {
        let mut held = Vec::with_capacity(claims.len());
        for chunk in claims.chunks(AT_ONCE) {
            held.extend(try_join_all(chunk.iter().map(|claim| self.renew_one(claim))).await?);
        }
        Ok(held)
    }

    /// Begins the lease of a claim anew. Returns whether it is still held.
    async fn renew_one(&self, claim: &Claim) -> Result<bool, Failure> {
        let Some(token) = Token::read(&claim.token) else { return Ok(false) };
        for _ in 0..ATTEMPTS {
            let Some(Kept { record, sequence, .. }) = self.record(&claim.key).await? else {
                return Ok(false);
            };
            if !holds(&record, &token) {
                return Ok(false);
            }
            if let Written::At(_) = self.write_record(&claim.key, &record, sequence).await? {
                self.server.acknowledge(&token.reply, Bytes::from_static(b"+WPI")).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn holds(record: &Record, token: &Token) -> bool {
    record.claim == token.claim && record.state == State::Claimed
}

/// Returns the record of the event of a claim that ends.
fn ended(claim: &Claim, token: &Token, outcome: &Outcome) -> Record {
    let mut record = Record {
        event: token.event,
        claim: token.claim.clone(),
        failures: claim.failures,
        deaths: claim.deaths,
        lease: 0,
        state: State::Done,
    };
    let waiting = |pause: &Duration| State::Waiting { milliseconds: millis(*pause) };
    match outcome {
        Outcome::Dead { failures, reason } => {
            record.failures = *failures;
            record.state = State::Dead { reason: reason.clone() };
        }
        Outcome::Failed { retry_after } => {
            record.failures = record.failures.saturating_add(1);
            record.state = waiting(retry_after);
        }
        Outcome::Released { retry_after } => record.state = waiting(retry_after),
        Outcome::Done => {}
        // A variant of a newer nango-core: the event must not be lost.
        _ => record.state = State::Waiting { milliseconds: 0 },
    }
    record
}
