//! The derive's rules for tag keys beside those of nango-core.
//!
//! A macro's crate that depends on nango-core for its tests has cargo build nango-core, and all that it needs, a second time for the
//! compiler's own machine.

use nango_core::{MAX_ENTITY_TAGS, OWNER_KIND, TagKey};

#[expect(dead_code, reason = "the rules for kinds, and case styles")]
#[path = "../../nango-derive/src/key.rs"]
mod rules;

#[test]
fn tag_keys_have_the_rules_and_reasons_of_nango_core() {
    let names = ["", "end_user_id", "a-b.c/d", "constructor", "constructors", OWNER_KIND, "owner_kinds"];
    let lengths = [64, 65].map(|length| "k".repeat(length));
    let characters = (0..0x180).filter_map(char::from_u32);
    let characters =
        characters.flat_map(|c| [format!("{c}"), format!("{c}k"), format!("k{c}"), format!("K{c}")]);
    for key in names.map(str::to_owned).into_iter().chain(lengths).chain(characters) {
        let fault = rules::tag_key_fault(&key);
        match TagKey::new(&key) {
            Ok(_) => assert_eq!(fault.is_some(), key == OWNER_KIND, "{key:?}: {fault:?}"),
            Err(reason) => {
                let rule = reason.split(": ").next().unwrap();
                assert!(fault.as_ref().is_some_and(|fault| fault.starts_with(rule)), "{key:?}: {fault:?}");
            }
        }
    }
    assert_eq!(rules::MAX_TAGS, MAX_ENTITY_TAGS);
    assert_eq!(rules::MAX_LEN, (1..99).rev().find(|n| TagKey::new(&"k".repeat(*n)).is_ok()).unwrap());
}
