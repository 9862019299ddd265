//! Tags take what Nango takes, keep it unchanged, and never panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::{MAX_TAGS, MAX_VALUE_UNITS, TagKey, Tags};

fuzz_target!(|pairs: Vec<(String, String)>| {
    let mut tags = Tags::new();
    for (key, value) in &pairs {
        let before = tags.clone();
        if tags.insert(key, value.clone()).is_ok() {
            assert!(TagKey::new(key).is_ok());
            assert!((1..=MAX_VALUE_UNITS).contains(&value.encode_utf16().count()));
            assert_eq!(tags.get(key), Some(value.as_str()));
        } else {
            assert_eq!(tags, before, "a refused tag changes nothing");
        }
        let _ = tags.parse::<u64>(key);
    }
    assert!(tags.len() <= MAX_TAGS);
});
