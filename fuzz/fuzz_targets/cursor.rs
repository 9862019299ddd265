//! Any text is kept as it is, and only a time with an id has a time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::Cursor;

fuzz_target!(|text: &str| {
    let cursor = Cursor::new(text);
    assert_eq!(cursor.as_str(), text);
    let json = serde_json::to_string(&cursor).expect("a text");
    assert_eq!(serde_json::from_str::<Cursor>(&json).expect("the same text"), cursor);
    if cursor.time().is_some() {
        assert!(text.len() % 4 == 0 && text.is_ascii());
    }
    let _ = format!("{cursor:?}");
});
