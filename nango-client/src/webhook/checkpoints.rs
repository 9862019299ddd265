//! Checkpoints of syncs.

use serde_json::{Map, Value};

/// The checkpoints of a run. Its sync defines their fields.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SyncCheckpoints {
    /// The checkpoint that the run began with; `None` if there was none.
    pub from: Option<Map<String, Value>>,
    /// The last checkpoint that the run has saved.
    pub to: Option<Map<String, Value>>,
}

crate::__debug_only!(SyncCheckpoints {});

impl SyncCheckpoints {
    pub(super) fn read(mut found: Map<String, Value>) -> Self {
        let mut take = |name| match found.remove(name) {
            Some(Value::Object(checkpoint)) => Some(checkpoint),
            _ => None,
        };
        Self { from: take("from"), to: take("to") }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(found: &Value) -> SyncCheckpoints {
        SyncCheckpoints::read(found.as_object().unwrap().clone())
    }

    #[test]
    fn the_first_run_begins_without_a_checkpoint() {
        let found = read(&json!({"from": null, "to": {"page": 3}}));
        assert_eq!((found.from, found.to.unwrap()["page"].as_u64()), (None, Some(3)));
    }

    #[test]
    fn one_of_another_type_leaves_the_other_readable_and_debug_shows_none() {
        let found = read(&json!({"from": {"cursor": "c0ffee"}, "to": "c0ffee"}));
        assert_eq!((found.from.as_ref().unwrap()["cursor"].as_str(), &found.to), (Some("c0ffee"), &None));
        assert!(!format!("{found:?}").contains("c0ffee"));
    }
}
