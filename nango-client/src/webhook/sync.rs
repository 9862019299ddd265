//! Runs of syncs.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::checkpoints::SyncCheckpoints;
use super::failure::SyncFailure;
use super::lenient::Lenient;
use crate::client::SyncCounts;
use crate::client::reply::{Reply, words};
use crate::connection::ConnectionKey;
use crate::timestamp::Timestamp;

/// A sync has run. Nango sends one event for each model of a successful run, and one for a failed run.
///
/// An event is a hint to read the records on from the stored [position](crate::Cursor): events get lost,
/// and neither the times nor the counts say which records an app has not read yet. A failed run keeps
/// what it has saved.
///
/// A field that the delivery does not have, or that is not of the expected type, is `None`, and disturbs
/// no other. JSON of any size stays in `body`: [`checkpoints`](Self::checkpoints) and
/// [`failure`](Self::failure) read it from there. The `Debug` output has neither names nor contents.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncEvent {
    /// The connection.
    pub connection: ConnectionKey,
    /// The name of the sync.
    pub name: Option<String>,
    /// The variant, mostly `base`. A failed run for a webhook of the provider does not name it (observed
    /// on 0.71.4).
    pub variant: Option<String>,
    /// The model that the run wrote, or several with commas between; [`models`](Self::models) separates
    /// them.
    pub model: Option<String>,
    /// The kind of the run.
    pub kind: Option<SyncRunKind>,
    /// `true` if the run succeeded, `false` if it failed or the delivery does not say.
    pub success: bool,
    /// The changes that a successful run made to the records of the model. All are 0 where nothing has
    /// changed, which Nango reports, too, unless it is configured not to.
    pub counts: Option<SyncCounts>,
    /// The start of a successful run. Not a position to read from: what a failed run before it has saved
    /// is older, and is in the counts of no event (observed on 0.71.4).
    pub modified_after: Option<Timestamp>,
    /// The start of a successful run: the same as `modified_after` (observed on 0.71.4).
    pub query_timestamp: Option<Timestamp>,
    /// The start of the last successful run, not that of the failed one that the event is about; where
    /// there was none, a time close to `failed_at` (observed on 0.71.4).
    pub started_at: Option<Timestamp>,
    /// The end of a failed run.
    pub failed_at: Option<Timestamp>,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

crate::__debug_only!(SyncEvent { connection, kind, success, counts });

words! {
    /// The kind of a run of a sync.
    SyncRunKind {
        /// A run that goes on after an earlier one.
        Incremental = "INCREMENTAL",
        /// A first run, or one after a reset: the sync has read everything from the beginning.
        Initial = "INITIAL",
        /// A run for a webhook of the provider (`onWebhook`). Nango forwards that webhook as well, before
        /// or after this event.
        Webhook = "WEBHOOK",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default)]
    failed_at: Lenient<Timestamp>,
    #[serde(default)]
    model: Lenient<String>,
    #[serde(default)]
    modified_after: Lenient<Timestamp>,
    #[serde(default, rename = "queryTimeStamp")]
    query_timestamp: Lenient<Timestamp>,
    #[serde(default)]
    response_results: Lenient<Reply<SyncCounts>>,
    #[serde(default)]
    started_at: Lenient<Timestamp>,
    #[serde(default)]
    success: Lenient<bool>,
    #[serde(default)]
    sync_name: Lenient<String>,
    #[serde(default)]
    sync_type: Lenient<Reply<SyncRunKind>>,
    #[serde(default)]
    sync_variant: Lenient<String>,
}

/// The fields that are read on demand.
#[derive(Default, Deserialize)]
struct LargeFields {
    #[serde(default)]
    checkpoints: Lenient<Map<String, Value>>,
    #[serde(default)]
    error: Lenient<Value>,
}

impl SyncEvent {
    pub(super) fn read(connection: ConnectionKey, body: &Bytes) -> Option<Self> {
        let fields: Fields = serde_json::from_slice(body).ok()?;
        Some(Self {
            connection,
            name: fields.sync_name.0,
            variant: fields.sync_variant.0,
            model: fields.model.0,
            kind: fields.sync_type.0.map(|Reply(kind)| kind),
            success: fields.success.0.unwrap_or_default(),
            counts: fields.response_results.0.map(|Reply(counts)| counts),
            modified_after: fields.modified_after.0,
            query_timestamp: fields.query_timestamp.0,
            started_at: fields.started_at.0,
            failed_at: fields.failed_at.0,
            body: body.clone(),
        })
    }

    /// Returns the models whose records may have changed, to be read on from the stored positions. The
    /// failure of a sync names all of its models, and none if the run was ended or timed out (observed on
    /// 0.71.4).
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.model.iter().flat_map(|models| models.split(',')).filter(|model| !model.is_empty())
    }

    /// Returns `true` if the run has read everything from the beginning. Its records may have been deleted
    /// without a trace before, so that an app that mirrors them
    /// [compares all](crate::ListRecords::read_all).
    #[must_use]
    pub fn is_initial(&self) -> bool {
        self.kind == Some(SyncRunKind::Initial)
    }

    /// Returns the checkpoints, if the run has read or saved one. A failed run has them, too: they say how
    /// far it came (observed on 0.71.4).
    #[must_use]
    pub fn checkpoints(&self) -> Option<SyncCheckpoints> {
        self.large_fields().checkpoints.0.map(SyncCheckpoints::read)
    }

    /// Returns the reason for a failure.
    ///
    /// ```
    /// use nango_client::{SyncEvent, SyncFailureCause};
    ///
    /// fn log_failure(event: &SyncEvent) {
    ///     match event.failure().map(|failure| failure.cause) {
    ///         Some(SyncFailureCause::Http { reply, .. }) => println!("the provider replied {}", reply.status),
    ///         Some(SyncFailureCause::Thrown(error)) => println!("the sync threw a {:?}", error.name),
    ///         Some(SyncFailureCause::Text(_)) => println!("Nango ended the run"),
    ///         _ => println!("no reason is known"),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn failure(&self) -> Option<SyncFailure> {
        self.large_fields().error.0.and_then(SyncFailure::read)
    }

    fn large_fields(&self) -> LargeFields {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Delivery;
    use super::*;

    /// Reads an event with these fields beside those that say what it is about.
    fn event(fields: &Value) -> SyncEvent {
        let mut body =
            json!({"connectionId": "c", "from": "nango", "providerConfigKey": "p", "type": "sync"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let Delivery::Sync(event) = Delivery::read(&Bytes::from(body.to_string())) else { panic!("{body}") };
        event
    }

    fn whole() -> Value {
        let time = "2026-11-28T01:04:43.132Z";
        json!({
            "checkpoints": {"from": null, "to": {"page": 3}}, "error": {"type": "script_error"}, "failedAt": time,
            "model": "Ticket,Comment", "modifiedAfter": time, "queryTimeStamp": time,
            "responseResults": {"added": 1, "deleted": 2, "updated": 3}, "startedAt": time, "success": true,
            "syncName": "tickets", "syncType": "INITIAL", "syncVariant": "base",
        })
    }

    /// Says of each field of [`whole`], in its order, if the event has it.
    fn present(event: &SyncEvent) -> [bool; 12] {
        [
            event.checkpoints().is_some(),
            event.failure().is_some_and(|failure| failure.kind.is_some()),
            event.failed_at.is_some(),
            event.model.is_some(),
            event.modified_after.is_some(),
            event.query_timestamp.is_some(),
            event.counts.is_some(),
            event.started_at.is_some(),
            event.success,
            event.name.is_some(),
            event.kind.is_some(),
            event.variant.is_some(),
        ]
    }

    #[test]
    fn a_field_of_another_type_disturbs_no_other() {
        assert_eq!(present(&event(&whole())), [true; 12]);
        assert_eq!(present(&event(&json!({}))), [false; 12]);
        for (at, name) in whole().as_object().unwrap().keys().enumerate() {
            for odd in [json!(null), json!([7]), json!(-1.5)] {
                let mut fields = whole();
                fields[name] = odd.clone();
                let mut expected = [true; 12];
                expected[at] = false;
                assert_eq!(present(&event(&fields)), expected, "{name}: {odd}");
            }
            let mut fields = whole();
            fields.as_object_mut().unwrap().remove(name);
            assert!(!present(&event(&fields))[at], "{name}");
        }
    }

    #[test]
    fn a_field_that_is_nested_too_deep_disturbs_no_other() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let body = format!(
            r#"{{"checkpoints":{{"to":{deep}}},"connectionId":"c","error":{deep},"from":"nango","model":{deep},
            "providerConfigKey":"p","syncName":"tickets","type":"sync"}}"#
        );
        let Delivery::Sync(event) = Delivery::read(&Bytes::from(body)) else { panic!() };
        assert_eq!((event.name.as_deref(), &event.model), (Some("tickets"), &None));
        assert!(event.checkpoints().is_none() && event.failure().is_none());
    }

    #[test]
    fn an_event_names_the_models_to_read() {
        let tickets = event(&whole());
        assert_eq!(tickets.models().collect::<Vec<_>>(), ["Ticket", "Comment"]);
        assert_eq!(tickets.variant.as_deref(), Some("base"));
        assert_eq!(event(&json!({"model": ""})).models().count(), 0);
        assert_eq!(event(&json!({"model": ["A"]})).models().count(), 0);
    }

    #[test]
    fn kinds_are_known_or_kept() {
        let kinds = [
            ("INCREMENTAL", SyncRunKind::Incremental),
            ("INITIAL", SyncRunKind::Initial),
            ("WEBHOOK", SyncRunKind::Webhook),
            ("initial", SyncRunKind::Other("initial".to_owned())),
        ];
        for (word, kind) in kinds {
            let event = event(&json!({"syncType": word}));
            assert_eq!(event.is_initial(), word == "INITIAL");
            assert_eq!(
                (event.kind.as_ref().map(SyncRunKind::as_str), &event.kind),
                (Some(word), &Some(kind))
            );
        }
    }

    #[test]
    fn debug_shows_numbers_and_no_name() {
        let shown = format!("{:?}", event(&whole()));
        assert!(shown.contains("Initial") && shown.contains("added: 1"), "{shown}");
        assert!(!shown.contains("tickets") && !shown.contains("Ticket"), "{shown}");
    }
}
