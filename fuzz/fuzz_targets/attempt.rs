//! No text but one that the app has given an owner is an attempt, signed or not, and none makes it panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_core::{ErrorKind, MemoryStore, Nango, Owner, SigningKeys, TagError, TagMapper, Tags};

/// A handle needs an entity.
struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];

    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }

    fn to_tags(&self) -> Result<Tags, TagError> {
        Ok(Tags::new())
    }
}

thread_local! {
    static NANGO: Nango = Nango::builder("key", SigningKeys::new(["fuzz"]).expect("a key"), MemoryStore::new())
        .host("http://127.0.0.1:1")
        .entity::<User>()
        .allowed_integrations(["openai"])
        .track_attempts()
        .build()
        .expect("a handle");
}

fuzz_target!(|bytes: &[u8]| {
    NANGO.with(|nango| {
        let refused = |text: &str| {
            let error = nango.attempt(&User, text).expect_err("it is not an attempt of the owner");
            assert_eq!(error.kind(), ErrorKind::NotFound);
        };
        refused(&String::from_utf8_lossy(bytes));
        // With a right signature the bytes themselves are read. The code of the owner cannot be guessed.
        refused(&nango.sign_attempt(bytes).expect("attempts are tracked"));
    });
});
