//! From deliveries to claims.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use nango_core::{Claim, Timestamp};
use tokio::sync::OnceCell;

use crate::broker::Broker;
use crate::delivery::Delivery;
use crate::names::Stream;
use crate::record::{Kept, Record, State, Written, millis};
use crate::server::Failure;
use crate::token::Token;

/// Deliveries that were made before a time, by the server's clock. The time is asked for when it is needed,
/// and only once.
struct Batch<'a> {
    broker: &'a Broker,
    time: OnceCell<Option<Timestamp>>,
}

impl Broker {
    /// Claims the events of deliveries. Those that another worker holds, that wait, or that are about to
    /// leave the queue, give no claim. Fails only if nothing was claimed.
    pub(crate) async fn claim_all(&self, deliveries: Vec<Delivery>) -> Result<Vec<Claim>, Failure> {
        let batch = Batch { broker: self, time: OnceCell::new() };
        let (mut claims, mut failed) = (Vec::new(), None);
        for result in join_all(deliveries.into_iter().map(|delivery| batch.claim(delivery))).await {
            match result {
                Ok(claim) => claims.extend(claim),
                Err(failure) => failed = Some(failure),
            }
        }
        match failed {
            Some(failure) if claims.is_empty() => Err(failure),
            // The events of the others come again.
            _ => Ok(claims),
        }
    }
}

impl Batch<'_> {
    async fn claim(&self, delivery: Delivery) -> Result<Option<Claim>, Failure> {
        let broker = self.broker;
        // Most events have no record.
        let kept = match self.write(&delivery, 0, (0, 0)).await? {
            Ok(claim) if delivery.is_first || broker.has(Stream::Events, delivery.sequence).await? => {
                return Ok(Some(claim));
            }
            // Its worker was late, and has ended it while it came here.
            Ok(claim) => {
                let Some(token) = Token::read(&claim.token) else { return Ok(None) };
                broker.delete(Stream::Claims, token.record).await?;
                return Ok(None);
            }
            Err(Some(kept)) => kept,
            // It has just ended.
            Err(None) => return Ok(None),
        };
        let Record { event, failures, deaths, .. } = kept.record;
        if event > delivery.sequence {
            // An earlier life of the key, before a replay: a killed server has forgotten its end.
            broker.delete(Stream::Events, delivery.sequence).await?;
            broker.server.acknowledge(&delivery.reply, Bytes::from_static(b"+ACK")).await?;
            return Ok(None);
        }
        let is_anew = event < delivery.sequence;
        // Never shorter than the holder takes it for.
        let lease = broker.lease.max(Duration::from_millis(kept.record.lease));
        let (span, counts) = match &kept.record.state {
            // A killed server has brought the earlier life back, and it is held.
            State::Claimed if is_anew => (lease, (0, 0)),
            // A replay has begun anew.
            _ if is_anew => return Ok(self.write(&delivery, kept.sequence, (0, 0)).await?.ok()),
            State::Claimed => (lease, (failures, deaths.saturating_add(1))),
            State::Waiting { milliseconds } => (Duration::from_millis(*milliseconds), (failures, deaths)),
            State::Dead { .. } | State::Done => {
                broker
                    .complete(&delivery.key, &kept.record, kept.sequence, &delivery.text, &delivery.reply)
                    .await?;
                return Ok(None);
            }
        };
        // The consumer forgets pauses when its server is killed, and knows nothing of a claim that was renewed
        // while the event was on its way.
        let Some(rest) = self.rest(kept.time, span).await? else {
            return Ok(self.write(&delivery, kept.sequence, counts).await?.ok());
        };
        broker.give_back(&delivery.reply, rest).await?;
        Ok(None)
    }

    /// Returns how much of a span is left at the time of the deliveries; `None` if it is over. All of it, where the
    /// server does not know the time of a delivery: the consumer was made anew since.
    async fn rest(&self, from: Timestamp, span: Duration) -> Result<Option<Duration>, Failure> {
        let time = async || Ok(self.broker.consumer_info().await?.delivered.last_active);
        let Some(now) = *self.time.get_or_try_init(time).await? else {
            return Ok((!span.is_zero()).then_some(span));
        };
        let rest = span.saturating_sub(now.since(from));
        Ok((!rest.is_zero()).then_some(rest))
    }

    /// Writes that the event is held, if its last record has this sequence. Otherwise returns the record.
    async fn write(
        &self,
        delivery: &Delivery,
        last: u64,
        (failures, deaths): (u32, u32),
    ) -> Result<Result<Claim, Option<Kept>>, Failure> {
        let claim = format!("{:032x}", rand::random::<u128>());
        let record = Record {
            event: delivery.sequence,
            claim: claim.clone(),
            failures,
            deaths,
            lease: millis(self.broker.lease),
            state: State::Claimed,
        };
        let record = match self.broker.write_record(&delivery.key, &record, last).await? {
            Written::At(sequence) => sequence,
            Written::Conflict(kept) => return Ok(Err(kept)),
        };
        let token = Token { claim, record, event: delivery.sequence, reply: delivery.reply.clone() };
        let text: Arc<str> = String::from_utf8_lossy(&delivery.text).into();
        Ok(Ok(Claim::new(delivery.key.clone(), text, failures, deaths, token.to_string())))
    }
}
