//! A page of records has as many as its JSON says, none of which disturbs another, and no text of them
//! contains their data.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::{RecordData, read_records};
use serde_json::Value;

const GOOD: &str = r#"{"id":"good","n":1,"_nango_metadata":{"first_seen_at":"2026-11-28T01:04:52+00:00","last_modified_at":"2026-11-28T01:04:52+00:00","last_action":"ADDED","deleted_at":null,"pruned_at":null,"cursor":"c"}}"#;

fuzz_target!(|body: &[u8]| {
    if let Ok(page) = read_records(body)
        && let Ok(whole) = serde_json::from_slice::<Value>(body)
    {
        assert_eq!(whole["records"].as_array().map(Vec::len), Some(page.records.len()));
        assert_eq!(page.next.as_ref().map(|cursor| cursor.as_str()), whole["next_cursor"].as_str());
    }
    // The fields of a record are the app's: whatever they are, the record beside it is read, and so is this one.
    let Ok(field) = std::str::from_utf8(body) else { return };
    if serde_json::from_str::<Value>(field).is_err() {
        return;
    }
    let row = GOOD.replace(r#""n":1"#, &format!(r#""n":{field}"#));
    let page = read_records(format!(r#"{{"next_cursor":null,"records":[{row},{GOOD}]}}"#).as_bytes())
        .expect("two records");
    assert!(page.records.iter().all(|record| record.id == "good" && record.cursor().as_str() == "c"));
    match &page.records[0].data {
        RecordData::Present(data) => assert!(data.get("_nango_metadata").is_none()),
        // Nested too deep beside the record.
        RecordData::Unreadable(found) => assert_eq!(found.json(), row),
        other => panic!("{other:?}"),
    }
    assert_eq!(page.records[1].data.clone(), RecordData::Present(serde_json::json!({"id": "good", "n": 1})));
});
