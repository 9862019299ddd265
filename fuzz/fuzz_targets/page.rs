//! A page of a list has as many rows as its JSON says, read or not, and no row disturbs another.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::read_page;
use serde_json::Value;

const GOOD: &str = r#"{"connection_id":"c","provider_config_key":"openai","provider":"openai","created":"2026-11-24T10:00:00.000Z","id":7,"tags":{},"metadata":null,"errors":[]}"#;

fuzz_target!(|body: &[u8]| {
    for with_metadata in [false, true] {
        let page = read_page(body, with_metadata);
        // serde_json's own reader gives up at a depth that the skipping reader does not mind.
        if let Ok(Value::Object(fields)) = serde_json::from_slice(body)
            && let Some(Value::Array(rows)) = fields.get("connections")
            && let Ok(page) = &page
        {
            assert_eq!(page.len(), rows.len());
        }
        // A row of any JSON at all stands beside a good one.
        if let Ok(row) = std::str::from_utf8(body)
            && serde_json::from_str::<Value>(row).is_ok()
        {
            let page = read_page(format!(r#"{{"connections":[{row},{GOOD}]}}"#).as_bytes(), with_metadata);
            let page = page.expect("a list of two rows");
            assert_eq!(page.len(), 2);
            assert_eq!(page.connections.last().map(|one| one.key.connection_id()), Some("c"));
        }
    }
});
