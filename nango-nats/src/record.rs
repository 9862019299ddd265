//! The record of an event that was claimed before: the truth about who holds it, and its counts.
//!
//! Each change of it is a compare-and-set: a message that the server refuses unless the sequence of the
//! key's last one is the expected one.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use nango_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::broker::Broker;
use crate::names::Stream;
use crate::server::Failure;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The sequence of the event. A record of another one is left over from an earlier life of the key,
    /// before a replay.
    pub(crate) event: u64,
    /// The last claim.
    pub(crate) claim: String,
    pub(crate) failures: u32,
    pub(crate) deaths: u32,
    /// The lease of the last claim, in milliseconds, as its holder has it: an instance of a version before may have
    /// another one.
    #[serde(default)]
    pub(crate) lease: u64,
    pub(crate) state: State,
}

impl Record {
    /// Returns what a record of a newer version counts as: a claim of another worker, of an earlier life of the key.
    /// As an error, it would cost a worker all of its claims.
    fn unreadable() -> Self {
        Self { event: 0, claim: String::new(), failures: 0, deaths: 0, lease: 0, state: State::Claimed }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It is held, for the lease from the time at which this was stored.
    Claimed,
    /// It becomes a dead letter, and is then erased.
    Dead { reason: String },
    /// It is erased.
    Done,
    /// It waits, for so long from the time at which this was stored.
    Waiting { milliseconds: u64 },
}

/// A record with its place in the stream.
pub(crate) struct Kept {
    pub(crate) record: Record,
    pub(crate) sequence: u64,
    pub(crate) time: Timestamp,
}

/// A compare-and-set.
pub(crate) enum Written {
    /// It was written, and has this sequence.
    At(u64),
    /// Another writer was quicker, and this is the record.
    Conflict(Option<Kept>),
}

impl Broker {
    pub(crate) async fn record(&self, key: &str) -> Result<Option<Kept>, Failure> {
        let Some(stored) = self.get(Stream::Claims, key).await? else { return Ok(None) };
        let record = serde_json::from_slice(&stored.payload).unwrap_or_else(|_| Record::unreadable());
        Ok(Some(Kept { record, sequence: stored.sequence, time: stored.time }))
    }

    /// Writes a record, if the last one of its key has this sequence; 0 if there is none.
    pub(crate) async fn write_record(
        &self,
        key: &str,
        record: &Record,
        last: u64,
    ) -> Result<Written, Failure> {
        let payload = serde_json::to_vec(record).map_err(|error| Failure::Client(error.into()))?;
        let subject = self.names.subject(Stream::Claims, key);
        match self.server.publish(subject, expecting(last), payload.into()).await {
            Ok(sequence) => Ok(Written::At(sequence)),
            Err(failure) if failure.is_conflict() => Ok(match self.record(key).await? {
                // A request whose connection was lost is sent again, and may have been carried out before.
                Some(kept) if kept.record == *record => Written::At(kept.sequence),
                kept => Written::Conflict(kept),
            }),
            Err(failure) => Err(failure),
        }
    }
}

pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Returns headers with which the server stores a message only after this one of its subject.
pub(crate) fn expecting(last: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, last.to_string());
    headers
}
