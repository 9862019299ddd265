//! Dead letters: one message for each, under its key.

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use nango_core::{Claim, DeadLetter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::broker::{Broker, Stored};
use crate::names::{Stream, is_key, key_of};
use crate::record::{Record, expecting};
use crate::server::Failure;

const HEADER: &str = "Nango-Dead";

/// The longest reason, in characters, so that a dead letter fits where its event did.
const MAX_REASON: usize = 1_000;

/// The letters that are read at a time.
const AT_ONCE: usize = 32;

/// What the header says of a letter.
#[derive(Default, Serialize, Deserialize)]
struct Facts {
    /// The sequence of the event that became the letter.
    #[serde(default)]
    event: u64,
    failures: u32,
    deaths: u32,
    reason: String,
}

#[derive(Deserialize)]
struct SubjectsReply {
    #[serde(default)]
    total: usize,
    state: Subjects,
}

#[derive(Deserialize)]
struct Subjects {
    #[serde(default)]
    subjects: Option<HashMap<String, u64>>,
}

impl Broker {
    /// Writes a letter. Once only, for two minutes: it may have been replayed or discarded meanwhile.
    pub(crate) async fn write_letter(
        &self,
        key: &str,
        record: &Record,
        reason: &str,
        text: Bytes,
    ) -> Result<(), Failure> {
        let reason = reason.chars().take(MAX_REASON).collect();
        let Record { event, failures, deaths, .. } = *record;
        let facts = Facts { event, failures, deaths, reason };
        let facts = serde_json::to_string(&facts).map_err(|error| Failure::Client(error.into()))?;
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, facts.as_str());
        headers.insert(NATS_MESSAGE_ID, record.claim.as_str());
        self.server.publish(self.names.subject(Stream::Dead, key), headers, text).await.map(drop)
    }

    /// Returns letters with keys after `after`, sorted by key.
    pub(crate) async fn letters(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, Failure> {
        let mut keys = self.letter_keys().await?;
        keys.retain(|key| after.is_none_or(|after| key.as_str() > after));
        keys.sort_unstable();
        let read =
            async |key: String| Ok(self.get(Stream::Dead, &key).await?.map(|stored| letter(key, &stored)));
        let mut read = stream::iter(keys.into_iter().take(limit)).map(read).buffered(AT_ONCE);
        let mut letters = Vec::new();
        while let Some(letter) = read.next().await {
            // One that is missing was replayed or discarded meanwhile.
            letters.extend(letter?);
        }
        Ok(letters)
    }

    async fn letter_keys(&self) -> Result<Vec<String>, Failure> {
        let call = format!("STREAM.INFO.{}", self.names.stream(Stream::Dead));
        let mut keys = Vec::new();
        loop {
            let page = json!({ "subjects_filter": self.names.subjects(Stream::Dead), "offset": keys.len() });
            let SubjectsReply { total, state } = self.server.api(&call, &page).await?;
            let subjects = state.subjects.unwrap_or_default();
            let is_last = subjects.is_empty() || keys.len() + subjects.len() >= total;
            keys.extend(subjects.keys().map(|subject| key_of(subject).to_owned()));
            if is_last {
                return Ok(keys);
            }
        }
    }

    /// Lets the event of a letter wait again.
    pub(crate) async fn replay_letter(&self, key: &str) -> Result<bool, Failure> {
        if !is_key(key) {
            return Ok(false);
        }
        let Some(stored) = self.get(Stream::Dead, key).await? else { return Ok(false) };
        // Two replays at a time, of which the first has been handled already, must not make two events.
        let mut headers = expecting(0);
        headers.insert(NATS_MESSAGE_ID, format!("replay {key} {}", stored.sequence).as_str());
        let subject = self.names.subject(Stream::Events, key);
        let (event, text) = (facts(&stored).event, Bytes::from(stored.payload));
        loop {
            match self.server.publish(subject.clone(), headers.clone(), text.clone()).await {
                Err(failure) if failure.is_conflict() => {}
                result => {
                    result?;
                    break;
                }
            }
            match self.last_event(key).await? {
                // The event that became this letter is still there, and would take the new one's place.
                Some(last) if last == event => {
                    self.delete(Stream::Events, event).await?;
                }
                // An earlier replay got as far as this.
                Some(_) => break,
                // Its worker has erased it in between.
                None => {}
            }
        }
        self.delete(Stream::Dead, stored.sequence).await
    }

    /// Erases a letter.
    pub(crate) async fn discard_letter(&self, key: &str) -> Result<bool, Failure> {
        if !is_key(key) {
            return Ok(false);
        }
        match self.get(Stream::Dead, key).await? {
            Some(stored) => {
                let event = facts(&stored).event;
                if self.last_event(key).await? == Some(event) {
                    // Its next delivery would write the letter again.
                    self.delete(Stream::Events, event).await?;
                }
                self.delete(Stream::Dead, stored.sequence).await
            }
            None => Ok(false),
        }
    }
}

fn letter(key: String, stored: &Stored) -> DeadLetter {
    let Facts { failures, deaths, reason, .. } = facts(stored);
    let text: Arc<str> = String::from_utf8_lossy(&stored.payload).into();
    DeadLetter::new(Claim::new(key, text, failures, deaths, String::new()), reason, stored.time)
}

fn facts(letter: &Stored) -> Facts {
    let headers = String::from_utf8_lossy(&letter.headers);
    let facts = headers.lines().find_map(|line| line.strip_prefix(HEADER)?.strip_prefix(':'));
    facts.and_then(|facts| serde_json::from_str(facts.trim()).ok()).unwrap_or_default()
}
