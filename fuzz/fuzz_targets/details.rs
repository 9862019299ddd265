//! A connection is read whatever its credentials are, and no text of it contains them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::{Credentials, read_details};
use serde_json::Value;

const SECRET: &str = "c0ffeec0ffee";

fuzz_target!(|body: &[u8]| {
    let _ = read_details(body);
    let Ok(text) = std::str::from_utf8(body) else { return };
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(text) else { return };
    fields.insert("access_token".to_owned(), SECRET.into());
    let kind = fields.get("type").and_then(Value::as_str).map(str::to_owned);
    let credentials = Value::Object(fields);
    let body = format!(
        r#"{{"id":7,"connection_id":"c","provider_config_key":"p","provider":"p","created_at":"2026-11-24T10:00:00.000Z",
        "updated_at":"2026-11-24T10:00:00.000Z","credentials":{credentials}}}"#
    );
    let Ok(found) = read_details(body.as_bytes()) else { return };
    assert!(!format!("{found:?} {found:#?}").contains(SECRET));
    if let Some(kind) = kind
        && let Credentials::Other(other) = &found.credentials
    {
        assert_eq!(other.auth_mode.as_str(), kind);
        assert_eq!(other.json.json::<Value>().ok(), Some(credentials));
    }
});
