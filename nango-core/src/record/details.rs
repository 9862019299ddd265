//! The part of a row that is opaque to a store.

use std::sync::Arc;

use super::state::State;

/// The part of a row that only this library reads. To a store it is a JSON text.
///
/// Fields that a newer version of this library wrote are kept when an older one writes the row, so
/// that both can run on one database while a new version is rolled out.
///
/// Clones share it: a look hands its row through several steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Details(Arc<State>);

impl Details {
    pub(crate) fn state(&self) -> &State {
        &self.0
    }

    /// Returns the state to change it. It is copied first where a clone shares it.
    pub(crate) fn edit(&mut self) -> &mut State {
        Arc::make_mut(&mut self.0)
    }

    /// Returns the text to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every key of a map in here is a string, so serialisation cannot fail.
        // rule: unknown-fields
        serde_json::to_string(&*self.0).unwrap_or_default()
    }

    /// Reads a text that [`to_json`](Self::to_json) returned, of this version or of an older one.
    ///
    /// # Errors
    ///
    /// When the text is something else. `?` turns the error into a
    /// [`StoreError`](crate::StoreError).
    pub fn from_json(json: &str) -> Result<Self, DetailsError> {
        serde_json::from_str::<State>(json).map(Self::from).map_err(|source| DetailsError(Arc::new(source)))
    }
}

impl From<State> for Details {
    fn from(state: State) -> Self {
        Self(Arc::new(state))
    }
}

/// A text that is not the details of a row. The parser's own error, which can quote the text, is
/// the source.
#[derive(Clone, thiserror::Error)]
#[error("the details of a row cannot be read: they were not written by this library")]
pub struct DetailsError(#[source] Arc<serde_json::Error>);

nango_client::__debug_only!(DetailsError {});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owner::Owner;
    use crate::record::{Health, Removal};

    /// The details that each version of this library wrote. They must stay readable.
    const FIRST: &str = r#"{"incarnation":7,"provider":"slack","created_at":"2026-11-23T09:02:01.5Z",
        "health":{"health":"degraded","since":"2026-11-24T10:00:00Z","failing":{"at":"2026-11-24T10:00:00Z","log_id":"l"}},
        "tags":{"end_user_id":"a"},"metadata":{"channel":"general"},"removal":"gone",
        "forced_at":"2026-11-24T10:01:00Z","repaired":{"at":"2026-11-24T10:02:00Z","before":2}}"#;
    const NOTIFIED: &str = r#"{"format":1,"incarnation":7,"provider":"slack","created_at":"2026-11-23T09:02:01.5Z",
        "health":{"health":"needs_reconnect","since":"2026-11-24T10:00:00Z","failing":{"at":"2026-11-24T09:00:00Z"},
            "cause":{"kind":"refresh_token_external_error","description":"invalid_grant","log_id":"l"}},
        "tags":{"end_user_id":"a"},"written_as":5,"changed_as":-6,
        "notified":{"removed":false,"incarnation":7,"health":"degraded",
            "owner":{"kind":"user","id":"a","scope":null}}}"#;
    const LABELLED: &str = r#"{"format":1,"incarnation":7,"provider":"google","created_at":"2026-11-23T09:02:01.5Z",
        "health":{"health":"healthy","since":"2026-11-24T10:00:00Z"},"tags":{"end_user_id":"a"},
        "attempts":[{"id":"b","at":"2026-11-24T10:00:00Z"},{"id":"c","at":"2026-11-24T10:20:00Z"}],
        "label":{"text":"anna@example.com","is_by_app":true},"labelling":{"is_done":true,"failures":0}}"#;
    const UNKNOWN_INTEGRATION: &str = r#"{"incarnation":7,"provider":"slack","created_at":"2026-11-23T09:02:01Z",
        "health":{"health":{"unknown":"integration"},"since":"2026-11-24T10:00:00Z"},"tags":{}}"#;

    #[test]
    fn details_of_every_format_are_read() {
        let first = Details::from_json(FIRST).unwrap();
        let state = first.state();
        assert_eq!((state.format, state.incarnation, state.removal), (1, 7, Some(Removal::Gone)));
        assert_eq!(state.health.health, Health::Degraded);
        assert!(state.health.failing.is_some() && state.repaired.is_some() && state.forced_at.is_some());
        let unknown = Details::from_json(UNKNOWN_INTEGRATION).unwrap();
        assert!(matches!(unknown.state().health.health, Health::Unknown(_)));
        let notified = Details::from_json(NOTIFIED).unwrap();
        let state = notified.state();
        let before = state.notified.as_ref().unwrap();
        assert_eq!(
            (before.health, before.owner.as_ref()),
            (Health::Degraded, Some(&Owner::new("user", "a")))
        );
        assert_eq!(
            (state.changed_as, state.health.cause().unwrap().description()),
            (-6, Some("invalid_grant"))
        );
        assert!(!format!("{notified:?}").contains("invalid_grant"));
        let labelled = Details::from_json(LABELLED).unwrap();
        let state = labelled.state();
        assert_eq!(state.attempts.ids().collect::<Vec<_>>(), ["b", "c"]);
        assert!(state.labelling.is_done && state.label.as_ref().is_some_and(|label| label.is_by_app));
        assert!(!format!("{labelled:?}").contains("anna"));
        for details in [first, notified, labelled, unknown] {
            assert_eq!(Details::from_json(&details.to_json()).unwrap(), details);
        }
    }

    #[test]
    fn an_older_writer_keeps_what_a_newer_one_wrote() {
        let newer = FIRST.replacen('{', r#"{"format":9,"visits":[{"id":"x"}],"colour":"red","#, 1);
        let read = Details::from_json(&newer).unwrap();
        let rewritten =
            Details::from(State { provider: "slack-2".to_owned(), ..read.state().clone() }).to_json();
        let rewritten: serde_json::Value = serde_json::from_str(&rewritten).unwrap();
        assert_eq!(rewritten["visits"][0]["id"], "x");
        assert_eq!((&rewritten["colour"], &rewritten["format"]), (&"red".into(), &9.into()));
        assert_eq!(rewritten["provider"], "slack-2");
    }

    #[test]
    fn a_copy_without_copies_lacks_these_alone() {
        let newer = FIRST.replacen('{', r#"{"format":9,"visits":[{"id":"x"}],"failures":3,"#, 1);
        for text in [&newer, NOTIFIED, LABELLED] {
            let details = Details::from_json(text).unwrap();
            let State { provider, tags, metadata, .. } = details.state().clone();
            let copy = State { provider, tags, metadata, ..details.state().without_copies() };
            assert_eq!(Details::from(copy), details, "{text}");
        }
    }

    #[test]
    fn what_is_not_ours_is_refused_without_being_quoted() {
        for text in ["", "{}", "[]", r#"{"incarnation":"c0ffee"}"#] {
            let error = Details::from_json(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("c0ffee"), "{text}");
        }
    }
}
